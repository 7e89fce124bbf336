//! Policies on their way to the toolstack and back.

mod models;

use abi::Errno;
use abi::arch_x86::{XEN_CPUID_NO_SUBLEAF, XenCpuidLeaf, XenMsrEntry};
use models::{FULL, all, epyc, haswell, skylake};
use policy::{CpuPolicy, Feature, MAX_LEAVES, PolicyError};

fn leaf(leaf: u32, subleaf: u32) -> XenCpuidLeaf {
    XenCpuidLeaf {
        leaf,
        subleaf,
        a: 1,
        b: 2,
        c: 3,
        d: 4,
    }
}

#[test]
fn a_policy_survives_the_journey() {
    for (name, model) in all() {
        let max = CpuPolicy::read(&model).host(&FULL).pv_max();
        let mut copy = CpuPolicy::EMPTY;
        let list: Vec<_> = max.leaves().collect();
        assert!(list.len() <= MAX_LEAVES as usize);
        for entry in &list {
            copy.set_leaf(entry).unwrap();
        }
        for entry in &max.msrs() {
            copy.set_msr(entry).unwrap();
        }
        assert_eq!(copy, max, "{name}");
        assert!(list.is_sorted_by_key(|l| (l.leaf, l.subleaf)));
        assert_eq!(copy.check_compatible(&max), Ok(()));
        copy.constrain(&max);
        assert_eq!(copy, max, "{name}");
    }
}

#[test]
fn caches_are_listed_up_to_the_first_empty_one() {
    let max = CpuPolicy::read(&haswell()).host(&FULL).pv_max();
    let caches = max.leaves().filter(|l| l.leaf == 4);
    assert!(
        caches
            .map(|l| (l.subleaf, l.a & 0x1f))
            .eq([(0, 1), (1, 2), (2, 3), (3, 3), (4, 0)])
    );
    let states = max.leaves().filter(|l| l.leaf == 0xd).map(|l| l.subleaf);
    assert!(states.eq([0, 1, 2]));
}

#[test]
fn what_has_no_place_is_out_of_range() {
    let mut policy = CpuPolicy::EMPTY;
    for (l, s) in [
        (0xe, XEN_CPUID_NO_SUBLEAF),
        (0x8000_0022, XEN_CPUID_NO_SUBLEAF),
        (0x4000_0001, XEN_CPUID_NO_SUBLEAF),
        (0xc000_0000, XEN_CPUID_NO_SUBLEAF),
        (4, 6),
        (7, 3),
        (0xb, 2),
        (0xd, 63),
        (4, XEN_CPUID_NO_SUBLEAF),
        (1, 0),
        (0x4000_0000, 0),
    ] {
        let error = policy.set_leaf(&leaf(l, s)).unwrap_err();
        assert!(matches!(error, PolicyError::LeafOutOfRange(_)));
        assert_eq!((error.at().leaf, error.at().subleaf), (l, s));
        assert_eq!(Errno::from(error), Errno::ERANGE);
    }
    assert_eq!(policy, CpuPolicy::EMPTY);
}

#[test]
fn msrs_are_checked() {
    let mut policy = CpuPolicy::EMPTY;
    let mut set = |idx, flags, val| {
        policy
            .set_msr(&XenMsrEntry { idx, flags, val })
            .map_err(Errno::from)
    };
    assert_eq!(set(0xce, 1, 0), Err(Errno::EINVAL));
    assert_eq!(set(0xce, 0, 1 << 32), Err(Errno::EOVERFLOW));
    assert_eq!(set(0xcf, 0, 0), Err(Errno::ERANGE));
    assert_eq!(set(0xce, 0, 1 << 31), Ok(()));
    assert_eq!(policy.msrs()[0].val, 1 << 31);
}

#[test]
fn a_policy_of_a_richer_host_is_refused() {
    let max = |model| CpuPolicy::read(&model).host(&FULL).pv_max();
    let (amd, intel, rich) = (max(epyc()), max(haswell()), max(skylake()));
    let at = |policy: &CpuPolicy, over: &CpuPolicy| {
        let error = policy.check_compatible(over).unwrap_err();
        assert_eq!(Errno::from(error), Errno::EINVAL);
        (error.at().leaf, error.at().msr)
    };
    assert_eq!(at(&amd, &intel), (0x8000_0000, u32::MAX));
    assert_eq!(at(&rich, &intel), (u32::MAX, 0x10a));
    let mut deeper = intel.clone();
    let mut first = deeper.leaves().next().unwrap();
    first.a = 0xe;
    deeper.set_leaf(&first).unwrap();
    assert_eq!(at(&deeper, &intel), (0, u32::MAX));
    assert_eq!(intel.check_compatible(&rich), Ok(()));
}

#[test]
fn an_opt_in_is_kept_and_a_wish_beyond_the_maximum_is_not() {
    let host = CpuPolicy::read(&skylake()).host(&FULL);
    let (max, mut policy) = (host.pv_max(), host.pv_default());
    let itsc = XenCpuidLeaf {
        leaf: 0x8000_0007,
        subleaf: XEN_CPUID_NO_SUBLEAF,
        a: u32::MAX,
        b: u32::MAX,
        c: u32::MAX,
        d: u32::MAX,
    };
    policy.set_leaf(&itsc).unwrap();
    policy.constrain(&max);
    assert!(policy.has(Feature::ITSC) && !policy.has(Feature::CPB));
    let stored = policy.leaves().find(|l| l.leaf == 0x8000_0007).unwrap();
    assert_eq!((stored.a, stored.b, stored.c, stored.d), (0, 0, 0, 0x100));
}
