//! One execution of `cpuid` by a guest.

use crate::leaves::{LAST_BASIC, LAST_EXTD, LAST_TOPO};
use crate::{CpuPolicy, Feature, HypervisorInfo, Regs, Vendor, control};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Context {
    /// The guest's kernel, not its user code.
    pub kernel: bool,
    /// By the forced-emulation prefix, not by a faulting `cpuid`.
    pub forced: bool,
    /// CR4 as the guest has set it.
    pub cr4: u64,
    /// XCR0 as the guest has set it.
    pub xcr0: u64,
}

const NONE: Regs = [0; 4];

impl CpuPolicy {
    /// The registers that the guest gets.
    pub fn cpuid(&self, leaf: u32, subleaf: u32, by: &Context, info: &HypervisorInfo) -> Regs {
        match leaf {
            0..=LAST_BASIC => self.basic_leaf(leaf, subleaf, by),
            0x4000_0000..=0x4000_00ff => self.hypervisor_leaf(leaf, subleaf, info),
            0x8000_0000..=LAST_EXTD if leaf <= self.max_extd() => self.extended_leaf(leaf, by),
            _ => NONE,
        }
    }

    fn basic_leaf(&self, leaf: u32, subleaf: u32, by: &Context) -> Regs {
        if leaf > self.max_basic() {
            return NONE;
        }
        // Leaves without subleaves ignore the argument.
        let beyond = match leaf {
            7 => subleaf > self.feat[0][0],
            0xb => subleaf > LAST_TOPO,
            _ => false,
        };
        let mut regs = match self.slot(leaf, subleaf) {
            Some(regs) if !beyond => *regs,
            _ => return NONE,
        };
        let [a, b, c, d] = &mut regs;
        match (leaf, subleaf) {
            (1, _) => {
                if self.osxsave_seen(by) {
                    *c |= Feature::OSXSAVE.mask();
                }
                if by.kernel && self.leaks.mtrr {
                    *d |= Feature::MTRR.mask();
                }
                // Linux looks natively for the power management that it drives for all of us.
                if by.kernel && !by.forced {
                    if self.leaks.monitor {
                        *c |= Feature::MONITOR.mask();
                    }
                    if self.leaks.eist {
                        *c |= Feature::EIST.mask();
                    }
                }
            }
            (5, _) if by.kernel && !by.forced && self.leaks.monitor => {
                regs = self.leaks.monitor_leaf;
            }
            (0xd, 0) if *a | *d != 0 => *b = self.xsave_size(by.xcr0),
            (0xd, 1) if self.has(Feature::XSAVEC) => *b = self.xsavec_size(by.xcr0),
            _ => {}
        }
        regs
    }

    /// OSXSAVE mirrors the guest's CR4. A kernel that asks by the prefix sees it set whenever it may
    /// be: Linux decides by it at boot whether to use XSAVE at all, before it sets CR4.
    fn osxsave_seen(&self, by: &Context) -> bool {
        by.cr4 & control::cr4::OSXSAVE != 0 || self.has(Feature::XSAVE) && by.kernel && by.forced
    }

    fn extended_leaf(&self, leaf: u32, by: &Context) -> Regs {
        let Some(regs) = self.slot(leaf, 0) else {
            return NONE;
        };
        let mut regs = *regs;
        if leaf == 0x8000_0001 && by.kernel && self.leaks.mtrr && self.vendor() == Vendor::Amd {
            let [_, _, _, d] = &mut regs;
            *d |= Feature::MTRR.mask();
        }
        regs
    }
}
