//! Policies as lists of leaves and MSRs, in which form they cross to the toolstack and back
//! (`xen_cpuid_leaf_t`, `xen_msr_entry_t` in `arch-x86/xen.h`; domctl `{get,set}_cpu_policy`, sysctl
//! `get_cpu_policy`).

use abi::Errno;
use abi::arch_x86::{XEN_CPUID_NO_SUBLEAF, XenCpuidLeaf, XenMsrEntry};

use crate::leaves::{LAST_BASIC, LAST_CACHE, LAST_EXTD, LAST_FEAT, LAST_TOPO, LAST_XSTATE};
use crate::msr::index;
use crate::{CpuPolicy, Regs};

/// Most leaves that a policy has as a list.
pub const MAX_LEAVES: u32 = 14 - 4
    + (LAST_CACHE + 1)
    + (LAST_FEAT + 1)
    + (LAST_TOPO + 1)
    + (LAST_XSTATE + 1)
    + 2
    + (LAST_EXTD - 0x8000_0000 + 1);

/// MSRs that a policy has as a list.
pub const MAX_MSRS: u32 = 2;

const HV_LEAF: u32 = 0x4000_0000;
const HV2_LEAF: u32 = 0x4000_0100;

/// The part of a policy that is not acceptable (`err_leaf`, `err_subleaf`, `err_msr`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLeaf {
    /// The leaf, or all ones.
    pub leaf: u32,
    /// Its subleaf, or all ones.
    pub subleaf: u32,
    /// The MSR, or all ones.
    pub msr: u32,
}

/// Why a policy is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// No such leaf or subleaf can be stored.
    LeafOutOfRange(BadLeaf),
    /// No such MSR is part of a policy.
    MsrOutOfRange(BadLeaf),
    /// An MSR entry with flags.
    MsrFlags(BadLeaf),
    /// A value with bits that the MSR can't have.
    MsrValue(BadLeaf),
    /// The policy claims more than this host can give.
    Incompatible(BadLeaf),
}

impl PolicyError {
    /// What it is about.
    pub const fn at(self) -> BadLeaf {
        match self {
            Self::LeafOutOfRange(bad)
            | Self::MsrOutOfRange(bad)
            | Self::MsrFlags(bad)
            | Self::MsrValue(bad)
            | Self::Incompatible(bad) => bad,
        }
    }
}

impl From<PolicyError> for Errno {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::LeafOutOfRange(_) | PolicyError::MsrOutOfRange(_) => Errno::ERANGE,
            PolicyError::MsrFlags(_) | PolicyError::Incompatible(_) => Errno::EINVAL,
            PolicyError::MsrValue(_) => Errno::EOVERFLOW,
        }
    }
}

const fn bad_leaf(leaf: u32, subleaf: u32) -> BadLeaf {
    BadLeaf {
        leaf,
        subleaf,
        msr: u32::MAX,
    }
}

const fn bad_msr(msr: u32) -> BadLeaf {
    BadLeaf {
        leaf: u32::MAX,
        subleaf: u32::MAX,
        msr,
    }
}

const fn entry(leaf: u32, subleaf: u32, [a, b, c, d]: Regs) -> XenCpuidLeaf {
    XenCpuidLeaf {
        leaf,
        subleaf,
        a,
        b,
        c,
        d,
    }
}

impl CpuPolicy {
    /// The leaves of the policy in rising order.
    pub fn leaves(&self) -> impl Iterator<Item = XenCpuidLeaf> + '_ {
        let basic = (0..=self.max_basic().min(LAST_BASIC)).flat_map(move |leaf| {
            (0..self.subleaves(leaf)).filter_map(move |subleaf| {
                let regs = *self.slot(leaf, subleaf)?;
                let empty = leaf == 0xd && subleaf >= 2 && regs == [0; 4];
                let shown = match leaf {
                    4 | 7 | 0xb | 0xd => subleaf,
                    _ => XEN_CPUID_NO_SUBLEAF,
                };
                (!empty).then_some(entry(leaf, shown, regs))
            })
        });
        let hypervisor = [(HV_LEAF, self.hv_limit), (HV2_LEAF, self.hv2_limit)]
            .into_iter()
            .map(|(leaf, limit)| entry(leaf, XEN_CPUID_NO_SUBLEAF, [limit, 0, 0, 0]));
        let last = match self.max_extd() {
            max @ 0x8000_0000.. => max.min(LAST_EXTD),
            _ => 0x8000_0000,
        };
        let extended = (0x8000_0000..=last)
            .filter_map(|leaf| Some(entry(leaf, XEN_CPUID_NO_SUBLEAF, *self.slot(leaf, 0)?)));
        basic.chain(hypervisor).chain(extended)
    }

    /// How many subleaves of a basic leaf are listed: caches and topology up to and with the
    /// first empty one.
    fn subleaves(&self, leaf: u32) -> u32 {
        let until_empty = |slots: &[Regs], field: fn(&Regs) -> u32| {
            let full = slots.iter().take_while(|regs| field(regs) != 0).count();
            (full.saturating_add(1)).min(slots.len()) as u32
        };
        match leaf {
            4 => until_empty(&self.cache, |[a, ..]| a & 0x1f),
            7 => self.feat[0][0].min(LAST_FEAT).saturating_add(1),
            0xb => until_empty(&self.topo, |[_, _, c, _]| c & 0xff00),
            0xd => LAST_XSTATE.saturating_add(1),
            _ => 1,
        }
    }

    /// The MSRs of the policy.
    pub fn msrs(&self) -> [XenMsrEntry; MAX_MSRS as usize] {
        let msr = |idx, val| XenMsrEntry { idx, flags: 0, val };
        [
            msr(index::PLATFORM_INFO, self.platform_info),
            msr(index::ARCH_CAPABILITIES, self.arch_caps),
        ]
    }

    /// Stores a leaf that a toolstack sent. It takes effect with [`Self::constrain`].
    pub fn set_leaf(&mut self, leaf: &XenCpuidLeaf) -> Result<(), PolicyError> {
        let bad = PolicyError::LeafOutOfRange(bad_leaf(leaf.leaf, leaf.subleaf));
        let subleaved = matches!(leaf.leaf, 4 | 7 | 0xb | 0xd);
        match leaf.leaf {
            HV_LEAF | HV2_LEAF if leaf.subleaf != XEN_CPUID_NO_SUBLEAF => return Err(bad),
            HV_LEAF => self.hv_limit = leaf.a,
            HV2_LEAF => self.hv2_limit = leaf.a,
            _ if subleaved == (leaf.subleaf == XEN_CPUID_NO_SUBLEAF) => return Err(bad),
            number => {
                let slot = self.slot_mut(number, leaf.subleaf).ok_or(bad)?;
                *slot = [leaf.a, leaf.b, leaf.c, leaf.d];
            }
        }
        Ok(())
    }

    /// Stores an MSR that a toolstack sent.
    pub fn set_msr(&mut self, msr: &XenMsrEntry) -> Result<(), PolicyError> {
        let bad = bad_msr(msr.idx);
        if msr.flags != 0 {
            return Err(PolicyError::MsrFlags(bad));
        }
        match msr.idx {
            index::PLATFORM_INFO if msr.val >> 32 != 0 => Err(PolicyError::MsrValue(bad)),
            index::PLATFORM_INFO => {
                self.platform_info = msr.val;
                Ok(())
            }
            index::ARCH_CAPABILITIES => {
                self.arch_caps = msr.val;
                Ok(())
            }
            _ => Err(PolicyError::MsrOutOfRange(bad)),
        }
    }

    /// Checks that a guest with this policy can run under `max`, as before a migration: leaf limits and MSR
    /// bits must not exceed it. Features that do are dropped by [`Self::constrain`] instead.
    pub fn check_compatible(&self, max: &CpuPolicy) -> Result<(), PolicyError> {
        let leaf = |leaf, subleaf| Err(PolicyError::Incompatible(bad_leaf(leaf, subleaf)));
        let msr = |idx| Err(PolicyError::Incompatible(bad_msr(idx)));
        if self.max_basic() > max.max_basic() {
            return leaf(0, XEN_CPUID_NO_SUBLEAF);
        }
        if self.feat[0][0] > max.feat[0][0] {
            return leaf(7, 0);
        }
        if self.max_extd() > max.max_extd() {
            return leaf(0x8000_0000, XEN_CPUID_NO_SUBLEAF);
        }
        if self.platform_info & !max.platform_info != 0 {
            return msr(index::PLATFORM_INFO);
        }
        if self.arch_caps & !max.arch_caps != 0 {
            return msr(index::ARCH_CAPABILITIES);
        }
        Ok(())
    }
}
