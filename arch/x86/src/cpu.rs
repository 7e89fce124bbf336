//! What this processor can do, and its control registers.
//!
//! Features are looked at once, on the boot processor. Protections that exist are switched on: pages
//! that are writable never execute, supervisor code executes no user pages (SMEP) and touches them only
//! inside guest copies (SMAP), user code can't read descriptor-table addresses (UMIP).

use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering};

use bitflags::bitflags;
use raw_cpuid::CpuId;

bitflags! {
    /// Processor features that change what the hypervisor does.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Features: u32 {
        /// Supervisor-mode execution prevention.
        const SMEP = 1 << 0;
        /// Supervisor-mode access prevention.
        const SMAP = 1 << 1;
        /// User-mode instruction prevention.
        const UMIP = 1 << 2;
        /// RDFSBASE and kin.
        const FSGSBASE = 1 << 3;
        /// Process-context identifiers.
        const PCID = 1 << 4;
        /// 1 GiB pages.
        const PAGE_1G = 1 << 5;
        /// XSAVE.
        const XSAVE = 1 << 6;
        /// XSAVEOPT.
        const XSAVEOPT = 1 << 7;
        /// Local APIC in MSR mode.
        const X2APIC = 1 << 8;
        /// TSC-deadline timer.
        const TSC_DEADLINE = 1 << 9;
        /// RDTSCP and TSC_AUX.
        const RDTSCP = 1 << 10;
        /// TSC rate is constant in all power states.
        const INVARIANT_TSC = 1 << 11;
        /// A VMM is below us.
        const HYPERVISOR = 1 << 12;
        /// AMD or Hygon: `syscall` also from compatibility mode, no `sysenter` in long mode.
        const AMD = 1 << 13;
        /// Fault-on-CPUID by MISC_FEATURES_ENABLES.
        const CPUID_FAULTING = 1 << 14;
    }
}

static FEATURES: AtomicU32 = AtomicU32::new(0);

/// The features of the boot processor, empty before [`detect`].
#[inline]
pub fn features() -> Features {
    Features::from_bits_retain(FEATURES.load(Ordering::Relaxed))
}

/// Reads CPUID once.
pub fn detect() -> Features {
    let id = CpuId::new();
    let mut f = Features::empty();
    if let Some(x) = id.get_extended_feature_info() {
        f.set(Features::SMEP, x.has_smep());
        f.set(Features::SMAP, x.has_smap());
        f.set(Features::UMIP, x.has_umip());
        f.set(Features::FSGSBASE, x.has_fsgsbase());
    }
    if let Some(x) = id.get_feature_info() {
        f.set(Features::PCID, x.has_pcid());
        f.set(Features::XSAVE, x.has_xsave());
        f.set(Features::X2APIC, x.has_x2apic());
        f.set(Features::TSC_DEADLINE, x.has_tsc_deadline());
        f.set(Features::HYPERVISOR, x.has_hypervisor());
    }
    if let Some(x) = id.get_extended_state_info() {
        f.set(Features::XSAVEOPT, x.has_xsaveopt());
    }
    if let Some(x) = id.get_extended_processor_and_feature_identifiers() {
        f.set(Features::PAGE_1G, x.has_1gib_pages());
        f.set(Features::RDTSCP, x.has_rdtscp());
    }
    if let Some(x) = id.get_advanced_power_mgmt_info() {
        f.set(Features::INVARIANT_TSC, x.has_invariant_tsc());
    }
    if let Some(v) = id.get_vendor_info() {
        f.set(
            Features::AMD,
            matches!(v.as_str(), "AuthenticAMD" | "HygonGenuine"),
        );
    }
    FEATURES.store(f.bits(), Ordering::Relaxed);
    f
}

/// One CPUID leaf as the processor gives it.
pub fn cpuid(leaf: u32, subleaf: u32) -> [u32; 4] {
    let r = core::arch::x86_64::__cpuid_count(leaf, subleaf);
    [r.eax, r.ebx, r.ecx, r.edx]
}

/// Reads the time-stamp counter.
#[inline]
pub fn rdtsc() -> u64 {
    // SAFETY: RDTSC has no effect on memory, and CR4.TSD doesn't bind ring 0.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Bits of CR4 that the hypervisor runs with, always the same while guests run.
pub fn cr4() -> u64 {
    let f = features();
    let mut cr4 = CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_DE;
    for (feature, bit) in [
        (Features::SMEP, CR4_SMEP),
        (Features::SMAP, CR4_SMAP),
        (Features::UMIP, CR4_UMIP),
        (Features::FSGSBASE, CR4_FSGSBASE),
        (Features::XSAVE, CR4_OSXSAVE),
    ] {
        if f.contains(feature) {
            cr4 |= bit;
        }
    }
    cr4
}

/// CR4 as it is on this processor.
pub fn read_cr4() -> u64 {
    let cr4;
    // SAFETY: reading CR4 has no effect.
    unsafe { asm!("mov {}, cr4", out(reg) cr4, options(nomem, nostack, preserves_flags)) };
    cr4
}

const CR4_DE: u64 = 1 << 3;
const CR4_PAE: u64 = 1 << 5;
const CR4_MCE: u64 = 1 << 6;
const CR4_PGE: u64 = 1 << 7;
const CR4_OSFXSR: u64 = 1 << 9;
const CR4_OSXMMEXCPT: u64 = 1 << 10;
const CR4_UMIP: u64 = 1 << 11;
const CR4_FSGSBASE: u64 = 1 << 16;
const CR4_OSXSAVE: u64 = 1 << 18;
const CR4_SMEP: u64 = 1 << 20;
const CR4_SMAP: u64 = 1 << 21;

/// Loads CR0, CR4 and EFER as the hypervisor wants them on this processor.
pub fn init_this_cpu() {
    // PG AM WP NE ET MP PE: alignment checks stay possible for guests, write protection binds us too.
    let cr0: u64 = 0x8005_0033;
    // SAFETY: the bits keep paging, long mode and protection as boot set them; every CR4 bit was
    // checked against CPUID; no code depends on the bits that get newly set before this point.
    unsafe {
        asm!("mov cr0, {}", in(reg) cr0, options(nostack, preserves_flags));
        asm!("mov cr4, {}", in(reg) cr4(), options(nostack, preserves_flags));
    }
}

/// Reads a model-specific register, `None` where it faults.
pub fn rdmsr(msr: u32) -> Option<u64> {
    let (lo, hi, ok): (u32, u32, u32);
    // SAFETY: a #GP is caught by the exception table entry, which resumes behind with eax = 0 in `ok`.
    unsafe {
        asm!(
            "mov {ok:e}, 1",
            "2: rdmsr",
            "3:",
            ".pushsection .fixup_text, \"ax\"",
            "4: xor {ok:e}, {ok:e}",
            "xor eax, eax",
            "xor edx, edx",
            "jmp 3b",
            ".popsection",
            ".pushsection .ex_table, \"a\"",
            ".long 2b - ., 4b - .",
            ".popsection",
            in("ecx") msr, out("eax") lo, out("edx") hi, ok = out(reg) ok,
            options(nostack, nomem),
        );
    }
    (ok != 0).then_some(u64::from(hi) << 32 | u64::from(lo))
}

/// Writes a model-specific register; false where it faults.
///
/// # Safety
/// The value must not break what the hypervisor relies on (long mode, entry points, protections).
pub unsafe fn wrmsr(msr: u32, value: u64) -> bool {
    let ok: u32;
    // SAFETY: the caller answers for the effect; a #GP is caught as in `rdmsr`.
    unsafe {
        asm!(
            "mov {ok:e}, 1",
            "2: wrmsr",
            "3:",
            ".pushsection .fixup_text, \"ax\"",
            "4: xor {ok:e}, {ok:e}",
            "jmp 3b",
            ".popsection",
            ".pushsection .ex_table, \"a\"",
            ".long 2b - ., 4b - .",
            ".popsection",
            in("ecx") msr, in("eax") value as u32, in("edx") (value >> 32) as u32, ok = out(reg) ok,
            options(nostack),
        );
    }
    ok != 0
}

/// Model-specific registers by the vendors' names.
#[allow(missing_docs)]
pub mod msr {
    pub const EFER: u32 = 0xc000_0080;
    pub const STAR: u32 = 0xc000_0081;
    pub const LSTAR: u32 = 0xc000_0082;
    pub const CSTAR: u32 = 0xc000_0083;
    pub const SFMASK: u32 = 0xc000_0084;
    pub const FS_BASE: u32 = 0xc000_0100;
    pub const GS_BASE: u32 = 0xc000_0101;
    pub const KERNEL_GS_BASE: u32 = 0xc000_0102;
    pub const TSC_AUX: u32 = 0xc000_0103;
    pub const SYSENTER_CS: u32 = 0x174;
    pub const SYSENTER_ESP: u32 = 0x175;
    pub const SYSENTER_EIP: u32 = 0x176;
    pub const PAT: u32 = 0x277;
}

/// The page attribute table that Xen gives PV guests: WB WT UC- UC WC WP UC UC.
pub const PAT: u64 = 0x0000_0501_0007_0406;

/// Stops this processor for good.
pub fn halt() -> ! {
    loop {
        // SAFETY: stopping with interrupts off touches nothing.
        unsafe { asm!("cli", "hlt", options(nomem, nostack)) }
    }
}

/// Waits for an interrupt with interrupts on, and comes back with them off. The `sti` shadow makes an
/// interrupt that is already pending end the `hlt`.
pub fn idle_wait() {
    // SAFETY: interrupt handlers run on this stack and keep all registers.
    unsafe { asm!("sti", "hlt", "cli", options(nostack)) }
}

/// Lets pending interrupts in, here and now: a preemption point.
pub fn poll_interrupts() {
    // SAFETY: as in `idle_wait`; the `nop` ends the `sti` shadow.
    unsafe { asm!("sti", "nop", "cli", options(nostack)) }
}
