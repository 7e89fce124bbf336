//! The stored leaves of a policy.
//!
//! As many leaves and subleaves are kept as the toolstack of Xen 4.17 knows; its library refuses a
//! policy with more. A leaf with subleaves has an array of its own.

use abi::cpufeatureset::{FEATURESET, FeatureWord, Register};

use crate::feature::{FEATURE_WORDS, FeatureSet};
use crate::msr::index;
use crate::{Feature, Vendor};

/// eax, ebx, ecx, edx.
pub type Regs = [u32; 4];

/// Last basic leaf that guests see.
pub(crate) const LAST_BASIC: u32 = 0xd;
/// Last subleaf of leaf 4 (caches).
pub(crate) const LAST_CACHE: u32 = 5;
/// Last subleaf of leaf 7 (features).
pub(crate) const LAST_FEAT: u32 = 2;
/// Last subleaf of leaf 0xb (topology).
pub(crate) const LAST_TOPO: u32 = 1;
/// Last subleaf of leaf 0xd (extended state).
pub(crate) const LAST_XSTATE: u32 = 62;
/// Last extended leaf.
pub(crate) const LAST_EXTD: u32 = 0x8000_0021;

/// The processor that the hypervisor runs on.
pub trait Host {
    /// Executes `cpuid`.
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Regs;

    /// Reads an MSR, or says that it isn't there.
    fn rdmsr(&self, msr: u32) -> Option<u64> {
        let _ = msr;
        None
    }
}

/// What the hardware domain's kernel alone sees of the host, outside its stored leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Leaks {
    pub mtrr: bool,
    pub monitor: bool,
    pub eist: bool,
    pub monitor_leaf: Regs,
}

/// All that a domain (or the host) says of its processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuPolicy {
    pub(crate) basic: [Regs; LAST_BASIC as usize + 1],
    pub(crate) cache: [Regs; LAST_CACHE as usize + 1],
    pub(crate) feat: [Regs; LAST_FEAT as usize + 1],
    pub(crate) topo: [Regs; LAST_TOPO as usize + 1],
    pub(crate) xstate: [Regs; LAST_XSTATE as usize + 1],
    pub(crate) extd: [Regs; (LAST_EXTD & 0xffff) as usize + 1],
    /// Highest hypervisor leaf that the toolstack allows, or 0.
    pub(crate) hv_limit: u32,
    /// The same of the second range, which belongs to another interface.
    pub(crate) hv2_limit: u32,
    /// IA32_ARCH_CAPABILITIES.
    pub(crate) arch_caps: u64,
    /// MSR_PLATFORM_INFO: bit 31, `cpuid` can be made to fault.
    pub(crate) platform_info: u64,
    pub(crate) leaks: Leaks,
}

impl CpuPolicy {
    /// A processor without any leaf.
    pub const EMPTY: Self = Self {
        basic: [[0; 4]; LAST_BASIC as usize + 1],
        cache: [[0; 4]; LAST_CACHE as usize + 1],
        feat: [[0; 4]; LAST_FEAT as usize + 1],
        topo: [[0; 4]; LAST_TOPO as usize + 1],
        xstate: [[0; 4]; LAST_XSTATE as usize + 1],
        extd: [[0; 4]; (LAST_EXTD & 0xffff) as usize + 1],
        hv_limit: 0,
        hv2_limit: 0,
        arch_caps: 0,
        platform_info: 0,
        leaks: Leaks {
            mtrr: false,
            monitor: false,
            eist: false,
            monitor_leaf: [0; 4],
        },
    };

    /// The leaves of `host` as they are: the raw policy.
    pub fn read(host: &impl Host) -> Self {
        let mut policy = Self::EMPTY;
        policy.fill(host);
        policy
    }

    /// As [`Self::read`], in place.
    pub fn fill(&mut self, host: &impl Host) {
        let [max_basic, ..] = host.cpuid(0, 0);
        for (leaf, regs) in (0..=max_basic).zip(&mut self.basic) {
            if !matches!(leaf, 4 | 7 | 0xb | 0xd) {
                *regs = host.cpuid(leaf, 0);
            }
        }
        if max_basic >= 4 && Vendor::of(host.cpuid(0, 0)) != Vendor::Amd {
            for (subleaf, regs) in (0..).zip(&mut self.cache) {
                *regs = host.cpuid(4, subleaf);
                if regs[0] & 0x1f == 0 {
                    break;
                }
            }
        }
        if max_basic >= 7 {
            let [max_sub, ..] = host.cpuid(7, 0);
            for (subleaf, regs) in (0..=max_sub).zip(&mut self.feat) {
                *regs = host.cpuid(7, subleaf);
            }
        }
        if max_basic >= 0xb {
            for (subleaf, regs) in (0..).zip(&mut self.topo) {
                *regs = host.cpuid(0xb, subleaf);
            }
        }
        if max_basic >= 0xd {
            self.fill_xstate(host);
        }
        let [max_extd, ..] = host.cpuid(0x8000_0000, 0);
        if max_extd >> 16 == 0x8000 {
            for (leaf, regs) in (0x8000_0000..=max_extd).zip(&mut self.extd) {
                *regs = host.cpuid(leaf, 0);
            }
        }
        if self.has(Feature::ARCH_CAPS) {
            self.arch_caps = host.rdmsr(index::ARCH_CAPABILITIES).unwrap_or(0);
        }
    }

    fn fill_xstate(&mut self, host: &impl Host) {
        let ([a, _, _, d], [_, _, xss, _]) = (host.cpuid(0xd, 0), host.cpuid(0xd, 1));
        let states = u64::from(d) << 32 | u64::from(a | xss);
        for (subleaf, regs) in (0u32..).zip(&mut self.xstate) {
            if subleaf < 2 || states >> subleaf & 1 != 0 {
                *regs = host.cpuid(0xd, subleaf);
            }
        }
    }

    /// The stored leaf, whatever the policy's own limits say. `None` for one that has no place.
    pub(crate) fn slot(&self, leaf: u32, subleaf: u32) -> Option<&Regs> {
        let sub = subleaf as usize;
        match leaf {
            4 => self.cache.get(sub),
            7 => self.feat.get(sub),
            0xb => self.topo.get(sub),
            0xd => self.xstate.get(sub),
            0..=LAST_BASIC => self.basic.get(leaf as usize),
            0x8000_0000..=LAST_EXTD => self.extd.get((leaf & 0xffff) as usize),
            _ => None,
        }
    }

    /// The same, to write.
    pub(crate) fn slot_mut(&mut self, leaf: u32, subleaf: u32) -> Option<&mut Regs> {
        let sub = subleaf as usize;
        match leaf {
            4 => self.cache.get_mut(sub),
            7 => self.feat.get_mut(sub),
            0xb => self.topo.get_mut(sub),
            0xd => self.xstate.get_mut(sub),
            0..=LAST_BASIC => self.basic.get_mut(leaf as usize),
            0x8000_0000..=LAST_EXTD => self.extd.get_mut((leaf & 0xffff) as usize),
            _ => None,
        }
    }

    pub(crate) fn reg(&self, leaf: u32, subleaf: u32, reg: Register) -> u32 {
        self.slot(leaf, subleaf)
            .and_then(|regs| regs.get(reg as usize))
            .copied()
            .unwrap_or(0)
    }

    pub(crate) fn set_reg(&mut self, leaf: u32, subleaf: u32, reg: Register, value: u32) {
        if let Some(slot) = self
            .slot_mut(leaf, subleaf)
            .and_then(|regs| regs.get_mut(reg as usize))
        {
            *slot = value;
        }
    }

    /// The vendor.
    pub fn vendor(&self) -> Vendor {
        let [leaf, ..] = self.basic;
        Vendor::of(leaf)
    }

    /// The display family (leaf 1).
    pub fn family(&self) -> u32 {
        let signature = self.reg(1, 0, Register::Eax);
        let base = signature >> 8 & 0xf;
        let extended = signature >> 20 & 0xff;
        match base {
            0xf => base.wrapping_add(extended),
            _ => base,
        }
    }

    /// Highest basic leaf.
    pub fn max_basic(&self) -> u32 {
        self.reg(0, 0, Register::Eax)
    }

    /// Highest extended leaf, or 0.
    pub fn max_extd(&self) -> u32 {
        self.reg(0x8000_0000, 0, Register::Eax)
    }

    /// Bits of a physical address.
    pub fn phys_bits(&self) -> u32 {
        match self.reg(0x8000_0008, 0, Register::Eax) & 0xff {
            0 => 36,
            bits => bits,
        }
    }

    fn word(&self, source: FeatureWord) -> u32 {
        match source {
            FeatureWord::Cpuid {
                leaf,
                subleaf,
                register,
            } => self.reg(leaf, subleaf, register),
            FeatureWord::Msr { index, high } if index == index::ARCH_CAPABILITIES => {
                (self.arch_caps >> if high { 32 } else { 0 }) as u32
            }
            FeatureWord::Msr { .. } => 0,
        }
    }

    /// All features.
    pub fn features(&self) -> FeatureSet {
        let mut words = [0; FEATURE_WORDS];
        for (word, source) in words.iter_mut().zip(FEATURESET) {
            *word = self.word(source);
        }
        FeatureSet(words)
    }

    /// Replaces all features.
    pub(crate) fn set_features(&mut self, set: &FeatureSet) {
        for (word, source) in set.0.iter().zip(FEATURESET) {
            match source {
                FeatureWord::Cpuid {
                    leaf,
                    subleaf,
                    register,
                } => self.set_reg(leaf, subleaf, register, *word),
                FeatureWord::Msr { index, high } if index == index::ARCH_CAPABILITIES => {
                    let shift = if high { 32 } else { 0 };
                    self.arch_caps &= !(0xffff_ffff << shift);
                    self.arch_caps |= u64::from(*word) << shift;
                }
                FeatureWord::Msr { .. } => {}
            }
        }
    }

    /// True where the policy has `feature`.
    #[inline]
    pub fn has(&self, feature: Feature) -> bool {
        FEATURESET
            .get(feature.word())
            .is_some_and(|source| self.word(*source) & feature.mask() != 0)
    }
}
