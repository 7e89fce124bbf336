//! Records of HVM state (`arch-x86/hvm/save.h`, `hvm/save.h`).
//!
//! A context is a sequence of `HvmSaveDescriptor`s, each followed by `length` bytes, from a header
//! record to an end record. Bit fields of the header are bytes or words here.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// `HvmSaveHeader::magic`.
pub const HVM_FILE_MAGIC: u32 = 0x54381286;
/// `HvmSaveHeader::version`.
pub const HVM_FILE_VERSION: u32 = 1;

// Record types.

/// Ends a context: no contents.
pub const HVM_SAVE_CODE_END: u16 = 0;
/// `HvmSaveHeader`.
pub const HVM_SAVE_CODE_HEADER: u16 = 1;
/// `HvmHwCpu`, by vcpu.
pub const HVM_SAVE_CODE_CPU: u16 = 2;
/// `HvmHwVpic`, 0 for the master, 1 for the slave.
pub const HVM_SAVE_CODE_PIC: u16 = 3;
/// `HvmHwVioapic`.
pub const HVM_SAVE_CODE_IOAPIC: u16 = 4;
/// `HvmHwLapic`, by vcpu.
pub const HVM_SAVE_CODE_LAPIC: u16 = 5;
/// `HvmHwLapicRegs`, by vcpu.
pub const HVM_SAVE_CODE_LAPIC_REGS: u16 = 6;
/// `HvmHwPciIrqs`.
pub const HVM_SAVE_CODE_PCI_IRQ: u16 = 7;
/// `HvmHwIsaIrqs`.
pub const HVM_SAVE_CODE_ISA_IRQ: u16 = 8;
/// `HvmHwPciLink`.
pub const HVM_SAVE_CODE_PCI_LINK: u16 = 9;
/// `HvmHwPit`.
pub const HVM_SAVE_CODE_PIT: u16 = 10;
/// `HvmHwRtc`.
pub const HVM_SAVE_CODE_RTC: u16 = 11;
/// `HvmHwHpet`.
pub const HVM_SAVE_CODE_HPET: u16 = 12;
/// `HvmHwPmtimer`.
pub const HVM_SAVE_CODE_PMTIMER: u16 = 13;
/// `HvmHwMtrr`, by vcpu.
pub const HVM_SAVE_CODE_MTRR: u16 = 14;
/// `HvmViridianDomainContext`.
pub const HVM_SAVE_CODE_VIRIDIAN_DOMAIN: u16 = 15;
/// `HvmViridianVcpuContext`, by vcpu.
pub const HVM_SAVE_CODE_VIRIDIAN_VCPU: u16 = 17;
/// `HvmVmceVcpu`, by vcpu.
pub const HVM_SAVE_CODE_VMCE_VCPU: u16 = 18;
/// `HvmTscAdjust`, by vcpu.
pub const HVM_SAVE_CODE_TSC_ADJUST: u16 = 19;
/// `HvmHwCpuXsave`, with more of the XSAVE area, by vcpu.
pub const CPU_XSAVE_CODE: u16 = 16;
/// `HvmMsr` and its MSRs, by vcpu.
pub const CPU_MSR_CODE: u16 = 20;
/// The highest type.
pub const HVM_SAVE_CODE_MAX: u16 = 20;

/// The head of a record.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmSaveDescriptor {
    /// Record type.
    pub typecode: u16,
    /// Vcpu, or which device.
    pub instance: u16,
    /// Bytes that follow.
    pub length: u32,
}

/// The first record.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmSaveHeader {
    /// `HVM_FILE_MAGIC`.
    pub magic: u32,
    /// `HVM_FILE_VERSION`.
    pub version: u32,
    /// Source revision of the saver.
    pub changeset: u64,
    /// Eax of CPUID leaf 1 of the saver's CPU.
    pub cpuid: u32,
    /// KHz of the guest's TSC.
    pub gtsc_khz: u32,
}

/// In `HvmHwCpu::flags`: the FPU was used.
pub const XEN_X86_FPU_INITIALISED: u32 = 1;

/// Registers of a vcpu.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwCpu {
    /// FXSAVE image.
    pub fpu_regs: [u8; 512],
    /// Rax.
    pub rax: u64,
    /// Rbx.
    pub rbx: u64,
    /// Rcx.
    pub rcx: u64,
    /// Rdx.
    pub rdx: u64,
    /// Rbp.
    pub rbp: u64,
    /// Rsi.
    pub rsi: u64,
    /// Rdi.
    pub rdi: u64,
    /// Rsp.
    pub rsp: u64,
    /// R8.
    pub r8: u64,
    /// R9.
    pub r9: u64,
    /// R10.
    pub r10: u64,
    /// R11.
    pub r11: u64,
    /// R12.
    pub r12: u64,
    /// R13.
    pub r13: u64,
    /// R14.
    pub r14: u64,
    /// R15.
    pub r15: u64,
    /// Instruction pointer.
    pub rip: u64,
    /// Flags.
    pub rflags: u64,
    /// CR0.
    pub cr0: u64,
    /// CR2.
    pub cr2: u64,
    /// CR3.
    pub cr3: u64,
    /// CR4.
    pub cr4: u64,
    /// DR0.
    pub dr0: u64,
    /// DR1.
    pub dr1: u64,
    /// DR2.
    pub dr2: u64,
    /// DR3.
    pub dr3: u64,
    /// DR6.
    pub dr6: u64,
    /// DR7.
    pub dr7: u64,
    /// Selector of cs.
    pub cs_sel: u32,
    /// Selector of ds.
    pub ds_sel: u32,
    /// Selector of es.
    pub es_sel: u32,
    /// Selector of fs.
    pub fs_sel: u32,
    /// Selector of gs.
    pub gs_sel: u32,
    /// Selector of ss.
    pub ss_sel: u32,
    /// Selector of tr.
    pub tr_sel: u32,
    /// Selector of the LDT.
    pub ldtr_sel: u32,
    /// Limit of cs.
    pub cs_limit: u32,
    /// Limit of ds.
    pub ds_limit: u32,
    /// Limit of es.
    pub es_limit: u32,
    /// Limit of fs.
    pub fs_limit: u32,
    /// Limit of gs.
    pub gs_limit: u32,
    /// Limit of ss.
    pub ss_limit: u32,
    /// Limit of tr.
    pub tr_limit: u32,
    /// Limit of the LDT.
    pub ldtr_limit: u32,
    /// Limit of the IDT.
    pub idtr_limit: u32,
    /// Limit of the GDT.
    pub gdtr_limit: u32,
    /// Base of cs.
    pub cs_base: u64,
    /// Base of ds.
    pub ds_base: u64,
    /// Base of es.
    pub es_base: u64,
    /// Base of fs.
    pub fs_base: u64,
    /// Base of gs.
    pub gs_base: u64,
    /// Base of ss.
    pub ss_base: u64,
    /// Base of tr.
    pub tr_base: u64,
    /// Base of the LDT.
    pub ldtr_base: u64,
    /// Base of the IDT.
    pub idtr_base: u64,
    /// Base of the GDT.
    pub gdtr_base: u64,
    /// Attributes of cs.
    pub cs_arbytes: u32,
    /// Attributes of ds.
    pub ds_arbytes: u32,
    /// Attributes of es.
    pub es_arbytes: u32,
    /// Attributes of fs.
    pub fs_arbytes: u32,
    /// Attributes of gs.
    pub gs_arbytes: u32,
    /// Attributes of ss.
    pub ss_arbytes: u32,
    /// Attributes of tr.
    pub tr_arbytes: u32,
    /// Attributes of the LDT.
    pub ldtr_arbytes: u32,
    /// SYSENTER_CS.
    pub sysenter_cs: u64,
    /// SYSENTER_ESP.
    pub sysenter_esp: u64,
    /// SYSENTER_EIP.
    pub sysenter_eip: u64,
    /// KERNEL_GS_BASE.
    pub shadow_gs: u64,
    /// Obsolete, zero.
    pub msr_flags: u64,
    /// LSTAR.
    pub msr_lstar: u64,
    /// STAR.
    pub msr_star: u64,
    /// CSTAR.
    pub msr_cstar: u64,
    /// SFMASK.
    pub msr_syscall_mask: u64,
    /// EFER.
    pub msr_efer: u64,
    /// TSC_AUX.
    pub msr_tsc_aux: u64,
    /// The guest's TSC.
    pub tsc: u64,
    /// Event to be injected: vector bits 0 to 7, type 8 to 10, error code valid 11, valid 31.
    pub pending_event: u32,
    /// Its error code.
    pub error_code: u32,
    /// `XEN_X86_FPU_INITIALISED`.
    pub flags: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// An 8259.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwVpic {
    /// Requests.
    pub irr: u8,
    /// Masks.
    pub imr: u8,
    /// In service.
    pub isr: u8,
    /// First vector.
    pub irq_base: u8,
    /// Initialization state in bits 0 to 3, lowest priority in bits 4 to 7.
    pub init_state_priority: u8,
    /// Bit 0 ISR selected, 1 poll, 2 automatic EOI, 3 rotation, 4 special fully nested, 5 special mask, 6 master.
    pub mode: u8,
    /// Level-triggered lines.
    pub elcr: u8,
    /// Output asserted.
    pub int_output: u8,
}

/// Pins of the I/O APIC.
pub const VIOAPIC_NUM_PINS: usize = 48;

/// An I/O APIC.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwVioapic {
    /// Physical address.
    pub base_address: u64,
    /// Index register.
    pub ioregsel: u32,
    /// Number.
    pub id: u32,
    /// Redirection entries.
    pub redirtbl: [u64; 48],
}

/// A local APIC, but for its registers.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwLapic {
    /// APIC_BASE.
    pub apic_base_msr: u64,
    /// Bit 0 by the MSR, bit 1 by software.
    pub disabled: u32,
    /// Timer divisor.
    pub timer_divisor: u32,
    /// TSC_DEADLINE.
    pub tdt_msr: u64,
}

/// The register page of a local APIC.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwLapicRegs {
    /// Registers.
    pub data: [u8; 1024],
}

/// PCI lines.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwPciIrqs {
    /// Bit of each line that is asserted, 4 a device.
    pub i: [u64; 2],
}

/// ISA lines.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwIsaIrqs {
    /// Bit of each line that is asserted.
    pub i: [u64; 1],
}

/// PCI interrupt links.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwPciLink {
    /// ISA line of each link, 0 for none.
    pub route: [u8; 4],
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// A channel of an 8254.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwPitChannel {
    /// Initial count, up to 65536.
    pub count: u32,
    /// Latched count.
    pub latched_count: u16,
    /// A count is latched.
    pub count_latched: u8,
    /// A status is latched.
    pub status_latched: u8,
    /// Latched status.
    pub status: u8,
    /// Which byte is read next.
    pub read_state: u8,
    /// Which byte is written next.
    pub write_state: u8,
    /// First byte written.
    pub write_latch: u8,
    /// Access mode.
    pub rw_mode: u8,
    /// Counting mode.
    pub mode: u8,
    /// Counts in decimal; not supported.
    pub bcd: u8,
    /// Gate input.
    pub gate: u8,
}

/// An 8254.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwPit {
    /// Its channels.
    pub channels: [HvmHwPitChannel; 3],
    /// Bit 1 of port 0x61.
    pub speaker_data_on: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// Bytes of CMOS memory that are saved.
pub const RTC_CMOS_SIZE: usize = 14;

/// A CMOS clock.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwRtc {
    /// Its registers.
    pub cmos_data: [u8; 14],
    /// Index register.
    pub cmos_index: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    /// The guest's clock less the host's, s.
    pub rtc_offset: i64,
}

/// Timers of an HPET.
pub const HPET_TIMER_NUM: usize = 3;

/// An HPET.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwHpet {
    /// Capabilities.
    pub capability: u64,
    #[doc(hidden)]
    pub _pad0: u64,
    /// Configuration.
    pub config: u64,
    #[doc(hidden)]
    pub _pad1: u64,
    /// Interrupt status.
    pub isr: u64,
    #[doc(hidden)]
    pub _pad2: [u64; 25],
    /// Main counter.
    pub mc64: u64,
    #[doc(hidden)]
    pub _pad3: u64,
    /// Timers.
    pub timers: [HvmHwHpetTimer; 3],
    #[doc(hidden)]
    pub _pad4: [u64; 84],
    /// Last value written to each comparator.
    pub period: [u64; 3],
}

/// A timer of an HPET.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwHpetTimer {
    /// Configuration and capabilities.
    pub config: u64,
    /// Comparator.
    pub cmp: u64,
    /// Message address and data; not supported.
    pub fsb: u64,
    #[doc(hidden)]
    pub _pad0: u64,
}

/// The ACPI timer and event block.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwPmtimer {
    /// Timer.
    pub tmr_val: u32,
    /// Status.
    pub pm1a_sts: u16,
    /// Enabled events.
    pub pm1a_en: u16,
}

/// Variable MTRRs.
pub const MTRR_VCNT: usize = 8;
/// Fixed MTRRs.
pub const NUM_FIXED_MSR: usize = 11;

/// MTRRs of a vcpu.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwMtrr {
    /// PAT.
    pub msr_pat_cr: u64,
    /// Variable MTRRs: bases and masks by turns.
    pub msr_mtrr_var: [u64; 16],
    /// Fixed MTRRs.
    pub msr_mtrr_fixed: [u64; 11],
    /// MTRRCAP.
    pub msr_mtrr_cap: u64,
    /// MTRR_DEF_TYPE.
    pub msr_mtrr_def_type: u64,
}

/// XSAVE state of a vcpu; the rest of the area follows.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwCpuXsave {
    /// Features that the saver's CPU had; ignored.
    pub xfeature_mask: u64,
    /// XCR0.
    pub xcr0: u64,
    /// All features ever set in XCR0.
    pub xcr0_accum: u64,
    /// Legacy region and header.
    pub save_area: HvmHwCpuXsaveArea,
}

/// The fixed part of an XSAVE area.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmHwCpuXsaveArea {
    /// Legacy region.
    pub fpu_sse: [u8; 512],
    /// Components that are there.
    pub xstate_bv: u64,
    /// Components of a compacted area.
    pub xcomp_bv: u64,
    #[doc(hidden)]
    pub _pad0: [u64; 6],
}

/// Hyper-V state of a domain.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmViridianDomainContext {
    /// Hypercall page.
    pub hypercall_gpa: u64,
    /// The guest's system.
    pub guest_os_id: u64,
    /// Reference counter.
    pub time_ref_count: u64,
    /// Reference TSC page.
    pub reference_tsc: u64,
}

/// Hyper-V state of a vcpu.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmViridianVcpuContext {
    /// Assist page.
    pub vp_assist_msr: u64,
    /// An EOI may be skipped.
    pub apic_assist_pending: u8,
    #[doc(hidden)]
    pub _pad: [u8; 7],
    /// Message page.
    pub simp_msr: u64,
    /// Synthetic interrupts.
    pub sint_msr: [u64; 16],
    /// Configuration of synthetic timers.
    pub stimer_config_msr: [u64; 4],
    /// Counts of synthetic timers.
    pub stimer_count_msr: [u64; 4],
}

/// Machine-check state of a vcpu.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmVmceVcpu {
    /// MCG_CAP.
    pub caps: u64,
    /// MC0_CTL2.
    pub mci_ctl2_bank0: u64,
    /// MC1_CTL2.
    pub mci_ctl2_bank1: u64,
    /// MCG_EXT_CTL.
    pub mcg_ext_ctl: u64,
}

/// TSC_ADJUST of a vcpu.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmTscAdjust {
    /// Contents.
    pub tsc_adjust: u64,
}

/// Head of a record of MSRs, followed by `count` `HvmOneMsr`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmMsr {
    /// MSRs.
    pub count: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// An MSR.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmOneMsr {
    /// MSR number.
    pub index: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Contents.
    pub val: u64,
}

crate::assert_sizes! {
    HvmSaveDescriptor = 8,
    HvmSaveHeader = 24,
    HvmHwCpu = 1032,
    HvmHwVpic = 8,
    HvmHwVioapic = 400,
    HvmHwLapic = 24,
    HvmHwLapicRegs = 1024,
    HvmHwPciIrqs = 16,
    HvmHwIsaIrqs = 8,
    HvmHwPciLink = 8,
    HvmHwPitChannel = 16,
    HvmHwPit = 56,
    HvmHwRtc = 24,
    HvmHwHpet = 1048,
    HvmHwHpetTimer = 32,
    HvmHwPmtimer = 8,
    HvmHwMtrr = 240,
    HvmHwCpuXsave = 600,
    HvmHwCpuXsaveArea = 576,
    HvmViridianDomainContext = 32,
    HvmViridianVcpuContext = 216,
    HvmVmceVcpu = 32,
    HvmTscAdjust = 8,
    HvmMsr = 8,
    HvmOneMsr = 16,
}
