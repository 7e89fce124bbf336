//! CPU features as numbers (`arch-x86/cpufeatureset.h`).
//!
//! A feature set is an array of 32-bit words, each an output register of CPUID. A feature's number is
//! 32 times its word plus its bit. `XEN_SYSCTL_GET_CPU_FEATURESET` passes such arrays to the tools, and
//! later releases only append words.
//! `FEATURESET` says where each word comes from.

use Register::{Eax, Ebx, Ecx, Edx};

/// An output register of CPUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// The first output.
    Eax,
    /// The second output.
    Ebx,
    /// The third output.
    Ecx,
    /// The fourth output.
    Edx,
}

/// Where a word of a feature set comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureWord {
    /// An output of CPUID.
    Cpuid {
        /// What goes in by eax.
        leaf: u32,
        /// What goes in by ecx, where the leaf minds.
        subleaf: u32,
        /// The output register.
        register: Register,
    },
    /// One half of an MSR.
    Msr {
        /// MSR number.
        index: u32,
        /// Its upper half.
        high: bool,
    },
}

const fn number(word: u32, bit: u32) -> u32 {
    word * 32 + bit
}

const fn cpuid(leaf: u32, subleaf: u32, register: Register) -> FeatureWord {
    FeatureWord::Cpuid {
        leaf,
        subleaf,
        register,
    }
}

/// The words of a feature set, in order.
pub const FEATURESET: [FeatureWord; 19] = [
    cpuid(1, 0, Edx),
    cpuid(1, 0, Ecx),
    cpuid(0x8000_0001, 0, Edx),
    cpuid(0x8000_0001, 0, Ecx),
    cpuid(0xd, 1, Eax),
    cpuid(7, 0, Ebx),
    cpuid(7, 0, Ecx),
    cpuid(0x8000_0007, 0, Edx),
    cpuid(0x8000_0008, 0, Ebx),
    cpuid(7, 0, Edx),
    cpuid(7, 1, Eax),
    cpuid(0x8000_0021, 0, Eax),
    cpuid(7, 1, Ebx),
    cpuid(7, 2, Edx),
    cpuid(7, 1, Ecx),
    cpuid(7, 1, Edx),
    FeatureWord::Msr {
        index: 0x10a,
        high: false,
    },
    FeatureWord::Msr {
        index: 0x10a,
        high: true,
    },
    cpuid(0x8000_0021, 0, Ecx),
];

// Word 0: leaf 1 edx.

/// Onboard FPU.
pub const XEN_X86_FEATURE_FPU: u32 = number(0, 0);
/// Virtual Mode Extensions.
pub const XEN_X86_FEATURE_VME: u32 = number(0, 1);
/// Debugging Extensions.
pub const XEN_X86_FEATURE_DE: u32 = number(0, 2);
/// Page Size Extensions.
pub const XEN_X86_FEATURE_PSE: u32 = number(0, 3);
/// Time Stamp Counter.
pub const XEN_X86_FEATURE_TSC: u32 = number(0, 4);
/// Model-Specific Registers, RDMSR, WRMSR.
pub const XEN_X86_FEATURE_MSR: u32 = number(0, 5);
/// Physical Address Extensions.
pub const XEN_X86_FEATURE_PAE: u32 = number(0, 6);
/// Machine Check Architecture.
pub const XEN_X86_FEATURE_MCE: u32 = number(0, 7);
/// CMPXCHG8 instruction.
pub const XEN_X86_FEATURE_CX8: u32 = number(0, 8);
/// Onboard APIC.
pub const XEN_X86_FEATURE_APIC: u32 = number(0, 9);
/// SYSENTER/SYSEXIT.
pub const XEN_X86_FEATURE_SEP: u32 = number(0, 11);
/// Memory Type Range Registers.
pub const XEN_X86_FEATURE_MTRR: u32 = number(0, 12);
/// Page Global Enable.
pub const XEN_X86_FEATURE_PGE: u32 = number(0, 13);
/// Machine Check Architecture.
pub const XEN_X86_FEATURE_MCA: u32 = number(0, 14);
/// CMOV instruction (FCMOVCC and FCOMI too if FPU present).
pub const XEN_X86_FEATURE_CMOV: u32 = number(0, 15);
/// Page Attribute Table.
pub const XEN_X86_FEATURE_PAT: u32 = number(0, 16);
/// 36-bit PSEs.
pub const XEN_X86_FEATURE_PSE36: u32 = number(0, 17);
/// CLFLUSH instruction.
pub const XEN_X86_FEATURE_CLFLUSH: u32 = number(0, 19);
/// Debug Store.
pub const XEN_X86_FEATURE_DS: u32 = number(0, 21);
/// ACPI via MSR.
pub const XEN_X86_FEATURE_ACPI: u32 = number(0, 22);
/// Multimedia Extensions.
pub const XEN_X86_FEATURE_MMX: u32 = number(0, 23);
/// FXSAVE and FXRSTOR instructions.
pub const XEN_X86_FEATURE_FXSR: u32 = number(0, 24);
/// Streaming SIMD Extensions.
pub const XEN_X86_FEATURE_SSE: u32 = number(0, 25);
/// Streaming SIMD Extensions-2.
pub const XEN_X86_FEATURE_SSE2: u32 = number(0, 26);
/// CPU self snoop.
pub const XEN_X86_FEATURE_SS: u32 = number(0, 27);
/// Hyper-Threading Technology.
pub const XEN_X86_FEATURE_HTT: u32 = number(0, 28);
/// Thermal Monitor 1.
pub const XEN_X86_FEATURE_TM1: u32 = number(0, 29);
/// Pending Break Enable.
pub const XEN_X86_FEATURE_PBE: u32 = number(0, 31);

// Word 1: leaf 1 ecx.

/// Streaming SIMD Extensions-3.
pub const XEN_X86_FEATURE_SSE3: u32 = number(1, 0);
/// Carry-less multiplication.
pub const XEN_X86_FEATURE_PCLMULQDQ: u32 = number(1, 1);
/// 64-bit Debug Store.
pub const XEN_X86_FEATURE_DTES64: u32 = number(1, 2);
/// Monitor/Mwait support.
pub const XEN_X86_FEATURE_MONITOR: u32 = number(1, 3);
/// CPL Qualified Debug Store.
pub const XEN_X86_FEATURE_DSCPL: u32 = number(1, 4);
/// Virtual Machine Extensions.
pub const XEN_X86_FEATURE_VMX: u32 = number(1, 5);
/// Safer Mode Extensions.
pub const XEN_X86_FEATURE_SMX: u32 = number(1, 6);
/// Enhanced SpeedStep.
pub const XEN_X86_FEATURE_EIST: u32 = number(1, 7);
/// Thermal Monitor 2.
pub const XEN_X86_FEATURE_TM2: u32 = number(1, 8);
/// Supplemental Streaming SIMD Extensions-3.
pub const XEN_X86_FEATURE_SSSE3: u32 = number(1, 9);
/// Fused Multiply Add.
pub const XEN_X86_FEATURE_FMA: u32 = number(1, 12);
/// CMPXCHG16B.
pub const XEN_X86_FEATURE_CX16: u32 = number(1, 13);
/// Send Task Priority Messages.
pub const XEN_X86_FEATURE_XTPR: u32 = number(1, 14);
/// Perf/Debug Capability MSR.
pub const XEN_X86_FEATURE_PDCM: u32 = number(1, 15);
/// Process Context ID.
pub const XEN_X86_FEATURE_PCID: u32 = number(1, 17);
/// Direct Cache Access.
pub const XEN_X86_FEATURE_DCA: u32 = number(1, 18);
/// Streaming SIMD Extensions 4.1.
pub const XEN_X86_FEATURE_SSE4_1: u32 = number(1, 19);
/// Streaming SIMD Extensions 4.2.
pub const XEN_X86_FEATURE_SSE4_2: u32 = number(1, 20);
/// Extended xAPIC.
pub const XEN_X86_FEATURE_X2APIC: u32 = number(1, 21);
/// Movbe instruction.
pub const XEN_X86_FEATURE_MOVBE: u32 = number(1, 22);
/// POPCNT instruction.
pub const XEN_X86_FEATURE_POPCNT: u32 = number(1, 23);
/// TSC Deadline Timer.
pub const XEN_X86_FEATURE_TSC_DEADLINE: u32 = number(1, 24);
/// AES instructions.
pub const XEN_X86_FEATURE_AESNI: u32 = number(1, 25);
/// XSAVE/XRSTOR/XSETBV/XGETBV.
pub const XEN_X86_FEATURE_XSAVE: u32 = number(1, 26);
/// OSXSAVE.
pub const XEN_X86_FEATURE_OSXSAVE: u32 = number(1, 27);
/// Advanced Vector Extensions.
pub const XEN_X86_FEATURE_AVX: u32 = number(1, 28);
/// Half-precision convert instruction.
pub const XEN_X86_FEATURE_F16C: u32 = number(1, 29);
/// Digital Random Number Generator.
pub const XEN_X86_FEATURE_RDRAND: u32 = number(1, 30);
/// Running under some hypervisor.
pub const XEN_X86_FEATURE_HYPERVISOR: u32 = number(1, 31);

// Word 2: leaf 80000001 edx.

/// SYSCALL/SYSRET.
pub const XEN_X86_FEATURE_SYSCALL: u32 = number(2, 11);
/// Execute Disable.
pub const XEN_X86_FEATURE_NX: u32 = number(2, 20);
/// AMD MMX extensions.
pub const XEN_X86_FEATURE_MMXEXT: u32 = number(2, 22);
/// FFXSR instruction optimizations.
pub const XEN_X86_FEATURE_FFXSR: u32 = number(2, 25);
/// 1Gb large page support.
pub const XEN_X86_FEATURE_PAGE1GB: u32 = number(2, 26);
/// RDTSCP.
pub const XEN_X86_FEATURE_RDTSCP: u32 = number(2, 27);
/// Long Mode (x86-64).
pub const XEN_X86_FEATURE_LM: u32 = number(2, 29);
/// AMD 3DNow! extensions.
pub const XEN_X86_FEATURE_3DNOWEXT: u32 = number(2, 30);
/// 3DNow!.
pub const XEN_X86_FEATURE_3DNOW: u32 = number(2, 31);

// Word 3: leaf 80000001 ecx.

/// LAHF/SAHF in long mode.
pub const XEN_X86_FEATURE_LAHF_LM: u32 = number(3, 0);
/// If yes HyperThreading not valid.
pub const XEN_X86_FEATURE_CMP_LEGACY: u32 = number(3, 1);
/// Secure virtual machine.
pub const XEN_X86_FEATURE_SVM: u32 = number(3, 2);
/// Extended APIC space.
pub const XEN_X86_FEATURE_EXTAPIC: u32 = number(3, 3);
/// CR8 in 32-bit mode.
pub const XEN_X86_FEATURE_CR8_LEGACY: u32 = number(3, 4);
/// Advanced bit manipulation.
pub const XEN_X86_FEATURE_ABM: u32 = number(3, 5);
/// SSE-4A.
pub const XEN_X86_FEATURE_SSE4A: u32 = number(3, 6);
/// Misaligned SSE mode.
pub const XEN_X86_FEATURE_MISALIGNSSE: u32 = number(3, 7);
/// 3DNow prefetch instructions.
pub const XEN_X86_FEATURE_3DNOWPREFETCH: u32 = number(3, 8);
/// OS Visible Workaround.
pub const XEN_X86_FEATURE_OSVW: u32 = number(3, 9);
/// Instruction Based Sampling.
pub const XEN_X86_FEATURE_IBS: u32 = number(3, 10);
/// Extended AVX instructions.
pub const XEN_X86_FEATURE_XOP: u32 = number(3, 11);
/// SKINIT/STGI instructions.
pub const XEN_X86_FEATURE_SKINIT: u32 = number(3, 12);
/// Watchdog timer.
pub const XEN_X86_FEATURE_WDT: u32 = number(3, 13);
/// Light Weight Profiling.
pub const XEN_X86_FEATURE_LWP: u32 = number(3, 15);
/// 4 operands MAC instructions.
pub const XEN_X86_FEATURE_FMA4: u32 = number(3, 16);
/// NodeId MSR.
pub const XEN_X86_FEATURE_NODEID_MSR: u32 = number(3, 19);
/// Trailing bit manipulations.
pub const XEN_X86_FEATURE_TBM: u32 = number(3, 21);
/// Topology extensions CPUID leafs.
pub const XEN_X86_FEATURE_TOPOEXT: u32 = number(3, 22);
/// Data breakpoint extension.
pub const XEN_X86_FEATURE_DBEXT: u32 = number(3, 26);
/// MONITOR extension (MONITORX/MWAITX).
pub const XEN_X86_FEATURE_MONITORX: u32 = number(3, 29);

// Word 4: leaf d:1 eax.

/// XSAVEOPT instruction.
pub const XEN_X86_FEATURE_XSAVEOPT: u32 = number(4, 0);
/// XSAVEC/XRSTORC instructions.
pub const XEN_X86_FEATURE_XSAVEC: u32 = number(4, 1);
/// XGETBV with %ecx=1.
pub const XEN_X86_FEATURE_XGETBV1: u32 = number(4, 2);
/// XSAVES/XRSTORS instructions.
pub const XEN_X86_FEATURE_XSAVES: u32 = number(4, 3);

// Word 5: leaf 7:0 ebx.

/// {RD,WR}{FS,GS}BASE instructions.
pub const XEN_X86_FEATURE_FSGSBASE: u32 = number(5, 0);
/// TSC_ADJUST MSR available.
pub const XEN_X86_FEATURE_TSC_ADJUST: u32 = number(5, 1);
/// Software Guard extensions.
pub const XEN_X86_FEATURE_SGX: u32 = number(5, 2);
/// 1st bit manipulation extensions.
pub const XEN_X86_FEATURE_BMI1: u32 = number(5, 3);
/// Hardware Lock Elision.
pub const XEN_X86_FEATURE_HLE: u32 = number(5, 4);
/// AVX2 instructions.
pub const XEN_X86_FEATURE_AVX2: u32 = number(5, 5);
/// X87 FDP only updated on exception.
pub const XEN_X86_FEATURE_FDP_EXCP_ONLY: u32 = number(5, 6);
/// Supervisor Mode Execution Protection.
pub const XEN_X86_FEATURE_SMEP: u32 = number(5, 7);
/// 2nd bit manipulation extensions.
pub const XEN_X86_FEATURE_BMI2: u32 = number(5, 8);
/// Enhanced REP MOVSB/STOSB.
pub const XEN_X86_FEATURE_ERMS: u32 = number(5, 9);
/// Invalidate Process Context ID.
pub const XEN_X86_FEATURE_INVPCID: u32 = number(5, 10);
/// Restricted Transactional Memory.
pub const XEN_X86_FEATURE_RTM: u32 = number(5, 11);
/// Platform QoS Monitoring.
pub const XEN_X86_FEATURE_PQM: u32 = number(5, 12);
/// FPU CS/DS stored as zero.
pub const XEN_X86_FEATURE_NO_FPU_SEL: u32 = number(5, 13);
/// Memory Protection Extensions.
pub const XEN_X86_FEATURE_MPX: u32 = number(5, 14);
/// Platform QoS Enforcement.
pub const XEN_X86_FEATURE_PQE: u32 = number(5, 15);
/// AVX-512 Foundation Instructions.
pub const XEN_X86_FEATURE_AVX512F: u32 = number(5, 16);
/// AVX-512 Doubleword & Quadword Instrs.
pub const XEN_X86_FEATURE_AVX512DQ: u32 = number(5, 17);
/// RDSEED instruction.
pub const XEN_X86_FEATURE_RDSEED: u32 = number(5, 18);
/// ADCX, ADOX instructions.
pub const XEN_X86_FEATURE_ADX: u32 = number(5, 19);
/// Supervisor Mode Access Prevention.
pub const XEN_X86_FEATURE_SMAP: u32 = number(5, 20);
/// AVX-512 Integer Fused Multiply Add.
pub const XEN_X86_FEATURE_AVX512_IFMA: u32 = number(5, 21);
/// CLFLUSHOPT instruction.
pub const XEN_X86_FEATURE_CLFLUSHOPT: u32 = number(5, 23);
/// CLWB instruction.
pub const XEN_X86_FEATURE_CLWB: u32 = number(5, 24);
/// Processor Trace.
pub const XEN_X86_FEATURE_PROC_TRACE: u32 = number(5, 25);
/// AVX-512 Prefetch Instructions.
pub const XEN_X86_FEATURE_AVX512PF: u32 = number(5, 26);
/// AVX-512 Exponent & Reciprocal Instrs.
pub const XEN_X86_FEATURE_AVX512ER: u32 = number(5, 27);
/// AVX-512 Conflict Detection Instrs.
pub const XEN_X86_FEATURE_AVX512CD: u32 = number(5, 28);
/// SHA1 & SHA256 instructions.
pub const XEN_X86_FEATURE_SHA: u32 = number(5, 29);
/// AVX-512 Byte and Word Instructions.
pub const XEN_X86_FEATURE_AVX512BW: u32 = number(5, 30);
/// AVX-512 Vector Length Extensions.
pub const XEN_X86_FEATURE_AVX512VL: u32 = number(5, 31);

// Word 6: leaf 7:0 ecx.

/// PREFETCHWT1 instruction.
pub const XEN_X86_FEATURE_PREFETCHWT1: u32 = number(6, 0);
/// AVX-512 Vector Byte Manipulation Instrs.
pub const XEN_X86_FEATURE_AVX512_VBMI: u32 = number(6, 1);
/// User Mode Instruction Prevention.
pub const XEN_X86_FEATURE_UMIP: u32 = number(6, 2);
/// Protection Keys for Userspace.
pub const XEN_X86_FEATURE_PKU: u32 = number(6, 3);
/// OS Protection Keys Enable.
pub const XEN_X86_FEATURE_OSPKE: u32 = number(6, 4);
/// Additional AVX-512 Vector Byte Manipulation Instrs.
pub const XEN_X86_FEATURE_AVX512_VBMI2: u32 = number(6, 6);
/// CET - Shadow Stacks.
pub const XEN_X86_FEATURE_CET_SS: u32 = number(6, 7);
/// Galois Field Instrs.
pub const XEN_X86_FEATURE_GFNI: u32 = number(6, 8);
/// Vector AES Instrs.
pub const XEN_X86_FEATURE_VAES: u32 = number(6, 9);
/// Vector Carry-less Multiplication Instrs.
pub const XEN_X86_FEATURE_VPCLMULQDQ: u32 = number(6, 10);
/// Vector Neural Network Instrs.
pub const XEN_X86_FEATURE_AVX512_VNNI: u32 = number(6, 11);
/// Support for VPOPCNTB and VPOPCNTW and VPSHUFBITQMB.
pub const XEN_X86_FEATURE_AVX512_BITALG: u32 = number(6, 12);
/// POPCNT for vectors of DW/QW.
pub const XEN_X86_FEATURE_AVX512_VPOPCNTDQ: u32 = number(6, 14);
/// RDPID instruction.
pub const XEN_X86_FEATURE_RDPID: u32 = number(6, 22);
/// CLDEMOTE instruction.
pub const XEN_X86_FEATURE_CLDEMOTE: u32 = number(6, 25);
/// MOVDIRI instruction.
pub const XEN_X86_FEATURE_MOVDIRI: u32 = number(6, 27);
/// MOVDIR64B instruction.
pub const XEN_X86_FEATURE_MOVDIR64B: u32 = number(6, 28);
/// ENQCMD{,S} instructions.
pub const XEN_X86_FEATURE_ENQCMD: u32 = number(6, 29);

// Word 7: leaf 80000007 edx.

/// Hardware Pstates.
pub const XEN_X86_FEATURE_HW_PSTATE: u32 = number(7, 7);
/// Invariant TSC.
pub const XEN_X86_FEATURE_ITSC: u32 = number(7, 8);
/// Core Performance Boost (Turbo).
pub const XEN_X86_FEATURE_CPB: u32 = number(7, 9);
/// APERF/MPERF Read Only interface.
pub const XEN_X86_FEATURE_EFRO: u32 = number(7, 10);

// Word 8: leaf 80000008 ebx.

/// CLZERO instruction.
pub const XEN_X86_FEATURE_CLZERO: u32 = number(8, 0);
/// (F)X{SAVE,RSTOR} always saves/restores FPU Error pointers.
pub const XEN_X86_FEATURE_RSTR_FP_ERR_PTRS: u32 = number(8, 2);
/// WBNOINVD instruction.
pub const XEN_X86_FEATURE_WBNOINVD: u32 = number(8, 9);
/// IBPB support only (no IBRS, used by AMD).
pub const XEN_X86_FEATURE_IBPB: u32 = number(8, 12);
/// MSR_SPEC_CTRL.IBRS.
pub const XEN_X86_FEATURE_IBRS: u32 = number(8, 14);
/// MSR_SPEC_CTRL.STIBP.
pub const XEN_X86_FEATURE_AMD_STIBP: u32 = number(8, 15);
/// IBRS preferred always on.
pub const XEN_X86_FEATURE_IBRS_ALWAYS: u32 = number(8, 16);
/// STIBP preferred always on.
pub const XEN_X86_FEATURE_STIBP_ALWAYS: u32 = number(8, 17);
/// IBRS preferred over software options.
pub const XEN_X86_FEATURE_IBRS_FAST: u32 = number(8, 18);
/// IBRS provides same-mode protection.
pub const XEN_X86_FEATURE_IBRS_SAME_MODE: u32 = number(8, 19);
/// EFER.LMSLE no longer supported.
pub const XEN_X86_FEATURE_NO_LMSL: u32 = number(8, 20);
/// Protected Processor Inventory Number.
pub const XEN_X86_FEATURE_AMD_PPIN: u32 = number(8, 23);
/// MSR_SPEC_CTRL.SSBD available.
pub const XEN_X86_FEATURE_AMD_SSBD: u32 = number(8, 24);
/// MSR_VIRT_SPEC_CTRL.SSBD.
pub const XEN_X86_FEATURE_VIRT_SSBD: u32 = number(8, 25);
/// Hardware not vulnerable to SSB.
pub const XEN_X86_FEATURE_SSB_NO: u32 = number(8, 26);
/// MSR_SPEC_CTRL.PSFD.
pub const XEN_X86_FEATURE_PSFD: u32 = number(8, 28);
/// Hardware not vulnerable to Branch Type Confusion.
pub const XEN_X86_FEATURE_BTC_NO: u32 = number(8, 29);
/// IBPB clears RSB/RAS too.
pub const XEN_X86_FEATURE_IBPB_RET: u32 = number(8, 30);

// Word 9: leaf 7:0 edx.

/// AVX512 Neural Network Instructions.
pub const XEN_X86_FEATURE_AVX512_4VNNIW: u32 = number(9, 2);
/// AVX512 Multiply Accumulation Single Precision.
pub const XEN_X86_FEATURE_AVX512_4FMAPS: u32 = number(9, 3);
/// Fast Short REP MOVS.
pub const XEN_X86_FEATURE_FSRM: u32 = number(9, 4);
/// VP2INTERSECT{D,Q} insns.
pub const XEN_X86_FEATURE_AVX512_VP2INTERSECT: u32 = number(9, 8);
/// MSR_MCU_OPT_CTRL and RNGDS_MITG_DIS.
pub const XEN_X86_FEATURE_SRBDS_CTRL: u32 = number(9, 9);
/// VERW clears microarchitectural buffers.
pub const XEN_X86_FEATURE_MD_CLEAR: u32 = number(9, 10);
/// RTM disabled (but XBEGIN wont fault).
pub const XEN_X86_FEATURE_RTM_ALWAYS_ABORT: u32 = number(9, 11);
/// MSR_TSX_FORCE_ABORT.RTM_ABORT.
pub const XEN_X86_FEATURE_TSX_FORCE_ABORT: u32 = number(9, 13);
/// SERIALIZE insn.
pub const XEN_X86_FEATURE_SERIALIZE: u32 = number(9, 14);
/// Heterogeneous platform.
pub const XEN_X86_FEATURE_HYBRID: u32 = number(9, 15);
/// TSX load tracking suspend/resume insns.
pub const XEN_X86_FEATURE_TSXLDTRK: u32 = number(9, 16);
/// CET - Indirect Branch Tracking.
pub const XEN_X86_FEATURE_CET_IBT: u32 = number(9, 20);
/// AVX512 FP16 instructions.
pub const XEN_X86_FEATURE_AVX512_FP16: u32 = number(9, 23);
/// IBRS and IBPB support (used by Intel).
pub const XEN_X86_FEATURE_IBRSB: u32 = number(9, 26);
/// STIBP.
pub const XEN_X86_FEATURE_STIBP: u32 = number(9, 27);
/// MSR_FLUSH_CMD and L1D flush.
pub const XEN_X86_FEATURE_L1D_FLUSH: u32 = number(9, 28);
/// IA32_ARCH_CAPABILITIES MSR.
pub const XEN_X86_FEATURE_ARCH_CAPS: u32 = number(9, 29);
/// IA32_CORE_CAPABILITIES MSR.
pub const XEN_X86_FEATURE_CORE_CAPS: u32 = number(9, 30);
/// MSR_SPEC_CTRL.SSBD available.
pub const XEN_X86_FEATURE_SSBD: u32 = number(9, 31);

// Word 10: leaf 7:1 eax.

/// AVX-VNNI Instructions.
pub const XEN_X86_FEATURE_AVX_VNNI: u32 = number(10, 4);
/// AVX512 BFloat16 Instructions.
pub const XEN_X86_FEATURE_AVX512_BF16: u32 = number(10, 5);
/// Fast Zero-length REP MOVSB.
pub const XEN_X86_FEATURE_FZRM: u32 = number(10, 10);
/// Fast Short REP STOSB.
pub const XEN_X86_FEATURE_FSRS: u32 = number(10, 11);
/// Fast Short REP CMPSB/SCASB.
pub const XEN_X86_FEATURE_FSRCS: u32 = number(10, 12);

// Word 11: leaf 80000021 eax.

/// LFENCE always serializing.
pub const XEN_X86_FEATURE_LFENCE_DISPATCH: u32 = number(11, 2);
/// VERW clears microarchitectural buffers.
pub const XEN_X86_FEATURE_VERW_CLEAR: u32 = number(11, 5);
/// Null Selector Clears Base (and limit too).
pub const XEN_X86_FEATURE_NSCB: u32 = number(11, 6);
/// Automatic IBRS.
pub const XEN_X86_FEATURE_AUTO_IBRS: u32 = number(11, 8);
/// Selective Branch Predictor Barrier.
pub const XEN_X86_FEATURE_SBPB: u32 = number(11, 27);
/// IBPB flushes Branch Type predictions too.
pub const XEN_X86_FEATURE_IBPB_BRTYPE: u32 = number(11, 28);
/// Hardware not vulnerable to Speculative Return Stack Overflow.
pub const XEN_X86_FEATURE_SRSO_NO: u32 = number(11, 29);
/// Hardware not vulnerable to SRSO across the User/Supervisor boundary.
pub const XEN_X86_FEATURE_SRSO_US_NO: u32 = number(11, 30);
/// MSR_BP_CFG.BP_SPEC_REDUCE available.
pub const XEN_X86_FEATURE_SRSO_MSR_FIX: u32 = number(11, 31);

// Word 12: leaf 7:1 ebx.

/// Protected Processor Inventory Number.
pub const XEN_X86_FEATURE_INTEL_PPIN: u32 = number(12, 0);

// Word 13: leaf 7:2 edx.

/// MSR_SPEC_CTRL.PSFD.
pub const XEN_X86_FEATURE_INTEL_PSFD: u32 = number(13, 0);
/// MSR_SPEC_CTRL.IPRED_DIS_*.
pub const XEN_X86_FEATURE_IPRED_CTRL: u32 = number(13, 1);
/// MSR_SPEC_CTRL.RRSBA_DIS_*.
pub const XEN_X86_FEATURE_RRSBA_CTRL: u32 = number(13, 2);
/// MSR_SPEC_CTRL.BHI_DIS_S.
pub const XEN_X86_FEATURE_BHI_CTRL: u32 = number(13, 4);
/// MCDT_NO.
pub const XEN_X86_FEATURE_MCDT_NO: u32 = number(13, 5);

// Word 15: leaf 7:1 edx.

/// CET Supervisor Shadow Stacks safe to use.
pub const XEN_X86_FEATURE_CET_SSS: u32 = number(15, 18);

// Words 16 and 17: MSR 0x10a, ARCH_CAPABILITIES.

/// No Rogue Data Cache Load (Meltdown).
pub const XEN_X86_FEATURE_RDCL_NO: u32 = number(16, 0);
/// Enhanced IBRS.
pub const XEN_X86_FEATURE_EIBRS: u32 = number(16, 1);
/// RSB Alternative (Retpoline not safe).
pub const XEN_X86_FEATURE_RSBA: u32 = number(16, 2);
/// Don't need to flush L1D on VMEntry.
pub const XEN_X86_FEATURE_SKIP_L1DFL: u32 = number(16, 3);
/// No Speculative Store Bypass.
pub const XEN_X86_FEATURE_INTEL_SSB_NO: u32 = number(16, 4);
/// No Microarchitectural Data Sampling.
pub const XEN_X86_FEATURE_MDS_NO: u32 = number(16, 5);
/// No Instruction fetch #MC.
pub const XEN_X86_FEATURE_IF_PSCHANGE_MC_NO: u32 = number(16, 6);
/// MSR_TSX_CTRL.
pub const XEN_X86_FEATURE_TSX_CTRL: u32 = number(16, 7);
/// No TSX Async Abort.
pub const XEN_X86_FEATURE_TAA_NO: u32 = number(16, 8);
/// MSR_MCU_CTRL.
pub const XEN_X86_FEATURE_MCU_CTRL: u32 = number(16, 9);
/// MSR_MISC_PKG_CTRL.
pub const XEN_X86_FEATURE_MISC_PKG_CTRL: u32 = number(16, 10);
/// MSR_MISC_PKG_CTRL.ENERGY_FILTERING.
pub const XEN_X86_FEATURE_ENERGY_FILTERING: u32 = number(16, 11);
/// Data Operand Invariant Timing Mode.
pub const XEN_X86_FEATURE_DOITM: u32 = number(16, 12);
/// No Shared Buffer Data Read or Sideband Stale Data Propagation.
pub const XEN_X86_FEATURE_SBDR_SSDP_NO: u32 = number(16, 13);
/// No Fill Buffer Stale Data Propagation.
pub const XEN_X86_FEATURE_FBSDP_NO: u32 = number(16, 14);
/// No Primary Stale Data Propagation.
pub const XEN_X86_FEATURE_PSDP_NO: u32 = number(16, 15);
/// Fill Buffers cleared by VERW.
pub const XEN_X86_FEATURE_FB_CLEAR: u32 = number(16, 17);
/// MSR_OPT_CPU_CTRL.FB_CLEAR_DIS.
pub const XEN_X86_FEATURE_FB_CLEAR_CTRL: u32 = number(16, 18);
/// Restricted RSB Alternative.
pub const XEN_X86_FEATURE_RRSBA: u32 = number(16, 19);
/// No Branch History Injection.
pub const XEN_X86_FEATURE_BHI_NO: u32 = number(16, 20);
/// MSR_XAPIC_DISABLE_STATUS.
pub const XEN_X86_FEATURE_XAPIC_STATUS: u32 = number(16, 21);
/// MSR_OVERCLOCKING_STATUS.
pub const XEN_X86_FEATURE_OVRCLK_STATUS: u32 = number(16, 23);
/// No Post-Barrier RSB predictions.
pub const XEN_X86_FEATURE_PBRSB_NO: u32 = number(16, 24);
/// MCU_OPT_CTRL.GDS_MIT_{DIS,LOCK}.
pub const XEN_X86_FEATURE_GDS_CTRL: u32 = number(16, 25);
/// No Gather Data Sampling.
pub const XEN_X86_FEATURE_GDS_NO: u32 = number(16, 26);
/// No Register File Data Sampling.
pub const XEN_X86_FEATURE_RFDS_NO: u32 = number(16, 27);
/// Register File(s) cleared by VERW.
pub const XEN_X86_FEATURE_RFDS_CLEAR: u32 = number(16, 28);
/// No Indirect Target Selection.
pub const XEN_X86_FEATURE_ITS_NO: u32 = number(16, 62);

// Word 18: leaf 80000021 ecx.

/// No Store Queue Transitive Scheduler Attacks.
pub const XEN_X86_FEATURE_TSA_SQ_NO: u32 = number(18, 1);
/// No L1D Transitive Scheduler Attacks.
pub const XEN_X86_FEATURE_TSA_L1_NO: u32 = number(18, 2);
