//! Control registers as a PV guest sees and sets them.
//!
//! A PV kernel doesn't own CR0 and CR4; the hypervisor's values are in force. It sees of them what it
//! could rely upon, and may change the few bits that concern only itself. A write of another bit to
//! CR4 is ignored, since kernels set what they find useful without asking; to CR0 it is a fault.

use crate::{CpuPolicy, Feature};

/// Bits of CR0.
pub mod cr0 {
    /// Task switched: FPU instructions trap.
    pub const TS: u64 = 1 << 3;
}

/// Bits of CR4.
pub mod cr4 {
    /// `rdtsc` traps in user mode.
    pub const TSD: u64 = 1 << 2;
    /// DR4 and DR5 don't exist.
    pub const DE: u64 = 1 << 3;
    /// Physical address extension.
    pub const PAE: u64 = 1 << 5;
    /// Machine checks are on.
    pub const MCE: u64 = 1 << 6;
    /// `fxsave` and SSE.
    pub const OSFXSR: u64 = 1 << 9;
    /// SIMD exceptions.
    pub const OSXMMEXCPT: u64 = 1 << 10;
    /// `rdfsbase` and kin work.
    pub const FSGSBASE: u64 = 1 << 16;
    /// `xsave` works.
    pub const OSXSAVE: u64 = 1 << 18;

    /// The bits that a PV guest may change.
    pub const GUEST: u64 = TSD | DE | FSGSBASE | OSXSAVE;
    /// The bits of the hypervisor's own value that a PV guest sees.
    pub const SHOWN: u64 = PAE | MCE | OSFXSR | OSXMMEXCPT;
}

impl CpuPolicy {
    /// What the guest's CR4 becomes by writing `wanted`, where the hypervisor runs with `host`.
    pub fn guest_cr4(&self, wanted: u64, host: u64) -> u64 {
        let mut own = wanted & cr4::GUEST;
        for (feature, bit) in [
            (Feature::TSC, cr4::TSD),
            (Feature::DE, cr4::DE),
            (Feature::FSGSBASE, cr4::FSGSBASE),
            (Feature::XSAVE, cr4::OSXSAVE),
        ] {
            if !self.has(feature) {
                own &= !bit;
            }
        }
        own | host & cr4::SHOWN
    }

    /// The CR4 to run a guest with whose own is `guest`, where the hypervisor's is `host`. FSGSBASE stays
    /// on: the kernel may use its instructions only as its own bit says, but the hypervisor does.
    pub const fn real_cr4(guest: u64, host: u64) -> u64 {
        host & !(cr4::TSD | cr4::DE) | guest & (cr4::TSD | cr4::DE)
    }
}

/// CR0 as a guest sees it, where the hypervisor runs with `host` and the guest has set TS or not.
pub const fn guest_cr0(host: u64, ts: bool) -> u64 {
    host & !cr0::TS | if ts { cr0::TS } else { 0 }
}

/// The new TS of a guest that writes `wanted` to CR0, or `None` where it tries to change anything else.
pub const fn write_cr0(wanted: u64, host: u64) -> Option<bool> {
    if (wanted ^ host) & !cr0::TS != 0 {
        return None;
    }
    Some(wanted & cr0::TS != 0)
}
