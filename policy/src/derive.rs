//! From the host's leaves to those of a domain.

use abi::cpufeatureset::{FEATURESET, FeatureWord, Register};

use crate::feature::{FeatureSet, Pick};
use crate::leaves::{CpuPolicy, LAST_BASIC, LAST_EXTD, LAST_FEAT, Leaks};
use crate::msr::index;
use crate::{Feature, Regs, Vendor};

const PV_MAX: FeatureSet = FeatureSet::of(Pick::PvMax);
const PV_DEFAULT: FeatureSet = FeatureSet::of(Pick::PvDefault);

/// Bits of leaf 1 edx that AMD repeats in leaf 0x80000001 edx.
const AMD_COMMON_EDX: u32 = 0x0183_f3ff;

/// What the hypervisor itself has enabled. A feature that needs its help is offered only with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// State components that are switched with a vCPU; 0 where CR4.OSXSAVE is off.
    pub xcr0: u64,
    /// CR4.FSGSBASE is on.
    pub fsgsbase: bool,
    /// A guest's SPEC_CTRL is loaded on the way to it.
    pub spec_ctrl: bool,
    /// TSC_AUX is switched with a vCPU.
    pub tsc_aux: bool,
    /// The four address-mask registers of AMD's data breakpoints are.
    pub dr_masks: bool,
    /// `cpuid` of guests can be made to fault.
    pub cpuid_faulting: bool,
}

impl Mechanism {
    /// Drops what needs help that isn't there.
    fn restrict(&self, set: &mut FeatureSet) {
        for (there, feature) in [
            (self.fsgsbase, Feature::FSGSBASE),
            (self.spec_ctrl, Feature::IBRSB),
            (self.spec_ctrl, Feature::IBRS),
            (self.tsc_aux, Feature::RDTSCP),
            (self.tsc_aux, Feature::RDPID),
            (self.dr_masks, Feature::DBEXT),
        ] {
            if !there {
                set.clear(feature);
            }
        }
    }
}

impl CpuPolicy {
    /// The host as the hypervisor uses it: `self`, the raw policy, without contradictions and without
    /// what is not enabled.
    #[must_use]
    pub fn host(&self, mechanism: &Mechanism) -> Self {
        let mut policy = self.clone();
        let mut set = self.features();
        let states = self.xcr0_max() & mechanism.xcr0;
        policy.set_reg(0xd, 0, Register::Eax, states as u32);
        policy.set_reg(0xd, 0, Register::Edx, (states >> 32) as u32);
        CpuPolicy::drop_stateless(&mut set, states);
        mechanism.restrict(&mut set);
        set.sanitise();
        policy.set_features(&set);
        policy.platform_info = if mechanism.cpuid_faulting {
            index::PLATFORM_INFO_CPUID_FAULTING
        } else {
            0
        };
        policy
    }

    /// The most that a PV guest can have; `self` is the host policy.
    #[must_use]
    pub fn pv_max(&self) -> Self {
        self.pv(&PV_MAX)
    }

    /// What a PV guest has unless its configuration says otherwise; `self` is the host policy.
    #[must_use]
    pub fn pv_default(&self) -> Self {
        self.pv(&PV_DEFAULT)
    }

    /// The hardware domain's; `self` is the host policy. Beside the default it has an invariant TSC,
    /// since it can't be migrated, and its kernel sees what it needs to drive memory types and sleep
    /// states for the whole machine.
    #[must_use]
    pub fn dom0(&self) -> Self {
        let mut allowed = PV_DEFAULT;
        allowed.set(Feature::ITSC);
        let mut policy = self.pv(&allowed);
        let [_, _, _, _, _, monitor_leaf, ..] = self.basic;
        policy.leaks = Leaks {
            mtrr: self.has(Feature::MTRR),
            monitor: self.has(Feature::MONITOR),
            eist: self.has(Feature::EIST),
            monitor_leaf,
        };
        policy
    }

    fn pv(&self, allowed: &FeatureSet) -> Self {
        let mut policy = self.clone();
        policy.leaks = Leaks::default();
        policy.settle(&self.features().and(allowed), self);
        policy
    }

    /// Makes a consistent PV policy of one that a toolstack has changed: no feature beyond `max`
    /// (from [`Self::pv_max`]), nothing without what it needs, sizes and limits that fit.
    pub fn constrain(&mut self, max: &CpuPolicy) {
        let wanted = self.features().and(&max.features());
        self.settle(&wanted, max);
    }

    /// Gives the policy the features `wanted` and everything else that follows from them; `over` is
    /// the policy whose limits and state layout bound it.
    fn settle(&mut self, wanted: &FeatureSet, over: &CpuPolicy) {
        self.limit(over);
        let mut set = *wanted;
        self.drop_unreachable(&mut set);
        set.set(Feature::HYPERVISOR);
        let host = over.features();
        // Bad news is passed on whatever anyone wishes: how the FPU of this host behaves.
        for fact in [Feature::FDP_EXCP_ONLY, Feature::NO_FPU_SEL] {
            set.put(fact, host.has(fact));
        }
        let states = match self.max_basic() {
            0xd.. => over.xcr0_max(),
            _ => 0,
        };
        CpuPolicy::drop_stateless(&mut set, states);
        set.sanitise();
        // The same of return prediction, for a guest that is told about vulnerabilities at all.
        if set.has(Feature::ARCH_CAPS) {
            for fact in [Feature::RSBA, Feature::RRSBA] {
                set.put(fact, host.has(fact));
            }
        }
        if self.vendor() == Vendor::Amd && self.max_extd() > 0x8000_0000 {
            let common = set.words()[0] & AMD_COMMON_EDX;
            let [_, _, extended, ..] = &mut set.0;
            *extended |= common;
        }
        self.hide();
        self.set_features(&set);
        self.platform_info &= over.platform_info;
        self.fit_xstate(over);
    }

    /// Limits: no leaf beyond the last of `over`, of what is stored, or of what the vendor has, and none
    /// of what lies beyond is left; no wider addresses and no other cache lines than `over` has.
    fn limit(&mut self, over: &CpuPolicy) {
        let clamp = |value: u32, limit: u32, last: u32| value.min(limit).min(last);
        let basic = clamp(self.max_basic(), over.max_basic(), LAST_BASIC);
        self.set_reg(0, 0, Register::Eax, basic);
        let feat = |policy: &CpuPolicy| policy.reg(7, 0, Register::Eax);
        let subleaf = clamp(feat(self), feat(over), LAST_FEAT);
        self.set_reg(7, 0, Register::Eax, subleaf);
        let last = match self.vendor() {
            Vendor::Amd => LAST_EXTD,
            _ => 0x8000_0008,
        };
        let extd = clamp(self.max_extd(), over.max_extd(), last);
        self.set_reg(0x8000_0000, 0, Register::Eax, extd);

        let bits = self.phys_bits().min(over.phys_bits());
        let sizes = self.reg(0x8000_0008, 0, Register::Eax);
        self.set_reg(0x8000_0008, 0, Register::Eax, sizes & !0xff | bits);
        let line = over.reg(1, 0, Register::Ebx) & 0xff00;
        let misc = self.reg(1, 0, Register::Ebx);
        self.set_reg(1, 0, Register::Ebx, misc & !0xff00 | line);

        let beyond = |first: u32, max: u32| max.wrapping_sub(first).saturating_add(1) as usize;
        let clear = |slots: &mut [Regs]| slots.fill([0; 4]);
        self.basic
            .iter_mut()
            .skip(beyond(0, basic))
            .for_each(|r| *r = [0; 4]);
        self.feat
            .iter_mut()
            .skip(beyond(0, subleaf))
            .for_each(|r| *r = [0; 4]);
        match extd {
            0x8000_0000.. => {
                let used = beyond(0x8000_0000, extd);
                self.extd.iter_mut().skip(used).for_each(|r| *r = [0; 4]);
            }
            _ => clear(&mut self.extd),
        }
        if basic < 4 {
            clear(&mut self.cache);
        }
        if basic < 7 {
            clear(&mut self.feat);
        }
    }

    /// Drops the features of leaves beyond the limits.
    fn drop_unreachable(&self, set: &mut FeatureSet) {
        for (word, source) in set.0.iter_mut().zip(FEATURESET) {
            let FeatureWord::Cpuid { leaf, subleaf, .. } = source else {
                continue;
            };
            let reached = match leaf {
                7 => self.max_basic() >= 7 && subleaf <= self.reg(7, 0, Register::Eax),
                0x8000_0000.. => leaf <= self.max_extd(),
                _ => leaf <= self.max_basic(),
            };
            if !reached {
                *word = 0;
            }
        }
    }

    /// Clears what describes the machine rather than the virtual processor: sleep states, power and
    /// performance monitoring, topology, and registers that the vendor reserves.
    fn hide(&mut self) {
        const NONE: Regs = [0; 4];
        let vendor = self.vendor();
        let mut keep = |leaf: u32, masks: Regs| {
            if let Some(regs) = self.slot_mut(leaf, 0) {
                regs.iter_mut().zip(masks).for_each(|(r, m)| *r &= m);
            }
        };
        const ALL: u32 = u32::MAX;
        // Processor type; APIC id and processor count come with the query.
        keep(1, [0x0fff_0fff, 0x00ff_ffff, ALL, ALL]);
        for leaf in [5, 6, 8, 0xa, 0xc] {
            keep(leaf, NONE);
        }
        // Of power and reliability only the invariant TSC remains, a feature.
        keep(0x8000_0007, [0, 0, 0, ALL]);
        match vendor {
            Vendor::Amd => {
                for leaf in [2, 3, 9] {
                    keep(leaf, NONE);
                }
                keep(0x8000_0001, [ALL, 0xff00_ffff, ALL, ALL]);
                keep(0x8000_0008, [0xffff, ALL, 0x0003_f0ff, 0]);
                keep(0x8000_0009, NONE);
                for leaf in (0x8000_000a..=0x8000_0018).chain(0x8000_001b..=0x8000_0020) {
                    keep(leaf, NONE);
                }
                keep(0x8000_0021, [ALL, 0, ALL, 0]);
                self.cache = [NONE; _];
            }
            _ => {
                for leaf in [3, 9] {
                    keep(leaf, NONE);
                }
                keep(0x8000_0000, [ALL, 0, 0, 0]);
                keep(0x8000_0001, [0, 0, ALL, ALL]);
                keep(0x8000_0005, NONE);
                keep(0x8000_0006, [0, 0, ALL, 0]);
                keep(0x8000_0008, [0xffff, ALL, 0, 0]);
                for leaf in 0x8000_0009..=LAST_EXTD {
                    keep(leaf, NONE);
                }
                // One query of leaf 2 tells all.
                if let Some([eax @ (1..), ..]) = self.slot_mut(2, 0) {
                    *eax = *eax & !0xff | 1;
                }
            }
        }
        self.topo = [NONE; _];
        // Registers beside the feature words.
        for (subleaf, masks) in [(1, [ALL; 4]), (2, [0, 0, 0, ALL])] {
            if let Some(regs) = self.slot_mut(7, subleaf) {
                regs.iter_mut().zip(masks).for_each(|(r, m)| *r &= m);
            }
        }
    }
}
