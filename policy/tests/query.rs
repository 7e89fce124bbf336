//! `cpuid` as guests execute it.

mod models;

use models::{FULL, epyc, haswell, qemu64, skylake};
use policy::{Context, CpuPolicy, Feature, HypervisorInfo, Regs, TimeInfo, control};

const INFO: HypervisorInfo = HypervisorInfo {
    version: (4, 17),
    machine_address_bits: 46,
    time: TimeInfo {
        emulated: false,
        reliable: true,
        mode: 2,
        khz: 2_000_000,
        incarnation: 3,
        offset: 0x1_0000_0002,
        mul_frac: 0x8000_0000,
        shift: -1,
        host_khz: 2_100_000,
    },
};

const USER: Context = Context {
    kernel: false,
    forced: false,
    cr4: 0,
    xcr0: 1,
};
const KERNEL: Context = Context {
    kernel: true,
    ..USER
};
const FORCED: Context = Context {
    forced: true,
    ..KERNEL
};

fn host(model: &models::Model) -> CpuPolicy {
    CpuPolicy::read(model).host(&FULL)
}

fn ask(policy: &CpuPolicy, leaf: u32, subleaf: u32, by: &Context) -> Regs {
    policy.cpuid(leaf, subleaf, by, &INFO)
}

fn sees(policy: &CpuPolicy, feature: Feature, by: &Context) -> bool {
    let regs = ask(policy, 1, 0, by);
    let register = if feature.word() == 0 {
        regs[3]
    } else {
        regs[2]
    };
    register & feature.mask() != 0
}

#[test]
fn the_hypervisors_leaves() {
    let policy = host(&haswell()).dom0();
    let [max, b, c, d] = ask(&policy, 0x4000_0000, 0, &USER);
    let name: Vec<u8> = [b, c, d].iter().flat_map(|w| w.to_le_bytes()).collect();
    assert_eq!((max, &name[..]), (0x4000_0005, &b"XenVMMXenVMM"[..]));
    assert_eq!(ask(&policy, 0x4000_0001, 9, &USER), [0x0004_0011, 0, 0, 0]);
    assert_eq!(ask(&policy, 0x4000_0002, 0, &USER), [1, 0x4000_0000, 1, 0]);
    assert_eq!(ask(&policy, 0x4000_0003, 0, &USER), [6, 2, 2_000_000, 3]);
    assert_eq!(
        ask(&policy, 0x4000_0003, 1, &USER),
        [2, 1, 0x8000_0000, u32::MAX]
    );
    assert_eq!(ask(&policy, 0x4000_0003, 2, &USER), [2_100_000, 0, 0, 0]);
    assert_eq!(ask(&policy, 0x4000_0004, 0, &USER), [0; 4], "HVM only");
    assert_eq!(ask(&policy, 0x4000_0005, 0, &USER), [0, 46, 0, 0]);
    for (leaf, subleaf) in [
        (0x4000_0005, 1),
        (0x4000_0003, 3),
        (0x4000_0006, 0),
        (0x4000_0100, 0),
    ] {
        assert_eq!(ask(&policy, leaf, subleaf, &USER), [0; 4], "{leaf:#x}");
    }
}

#[test]
fn osxsave_follows_the_guests_own_cr4() {
    let policy = host(&skylake()).pv_default();
    let enabled = Context {
        cr4: control::cr4::OSXSAVE,
        ..USER
    };
    assert!(!sees(&policy, Feature::OSXSAVE, &USER));
    assert!(!sees(&policy, Feature::OSXSAVE, &KERNEL));
    assert!(sees(&policy, Feature::OSXSAVE, &FORCED));
    assert!(sees(&policy, Feature::OSXSAVE, &enabled));
    assert!(
        !sees(&host(&qemu64()).dom0(), Feature::OSXSAVE, &FORCED),
        "without XSAVE"
    );
}

#[test]
fn only_the_hardware_domains_kernel_sees_power_and_memory_types() {
    let host = host(&haswell());
    let (dom0, guest) = (host.dom0(), host.pv_default());
    for (feature, by, seen) in [
        (Feature::MTRR, &FORCED, true),
        (Feature::MTRR, &KERNEL, true),
        (Feature::MTRR, &USER, false),
        (Feature::MONITOR, &KERNEL, true),
        (Feature::MONITOR, &FORCED, false),
        (Feature::MONITOR, &USER, false),
        (Feature::EIST, &KERNEL, true),
    ] {
        assert_eq!(sees(&dom0, feature, by), seen, "{feature:?} {by:?}");
        assert!(!sees(&guest, feature, by), "{feature:?} {by:?}");
    }
    assert_eq!(ask(&dom0, 5, 0, &KERNEL), [0x40, 0x40, 3, 0x4_2120]);
    assert_eq!(ask(&dom0, 5, 0, &FORCED), [0; 4]);
    assert_eq!(ask(&guest, 5, 0, &KERNEL), [0; 4]);
}

#[test]
fn sizes_of_state_follow_xcr0() {
    let policy = host(&skylake()).dom0();
    for (xcr0, standard, compact) in [(1, 576, 576), (7, 832, 832), (0xe7, 0xa80, 0x980)] {
        let by = Context { xcr0, ..KERNEL };
        assert_eq!(ask(&policy, 0xd, 0, &by), [0xe7, standard, 0xa80, 0]);
        assert_eq!(ask(&policy, 0xd, 1, &by), [7, compact, 0, 0]);
    }
    assert_eq!(ask(&policy, 0xd, 2, &KERNEL), [0x100, 0x240, 0, 0]);
    for absent in [3, 4, 8, 9, 62, 63, u32::MAX] {
        assert_eq!(ask(&policy, 0xd, absent, &KERNEL), [0; 4], "{absent}");
    }
    let none = host(&qemu64()).dom0();
    assert_eq!(ask(&none, 0xd, 0, &KERNEL), [0; 4]);
}

#[test]
fn leaves_that_describe_the_machine_are_empty() {
    let (intel, amd) = (host(&haswell()).dom0(), host(&epyc()).dom0());
    for leaf in [
        3,
        5,
        6,
        8,
        9,
        0xa,
        0xb,
        0xc,
        0xe,
        0x15,
        0x8000_0005,
        0x8000_0009,
        0xc000_0000,
    ] {
        assert_eq!(ask(&intel, leaf, 0, &FORCED), [0; 4], "{leaf:#x}");
    }
    for leaf in [
        2,
        3,
        4,
        6,
        0x8000_000a,
        0x8000_001b,
        0x8000_001d,
        0x8000_001e,
        0x8000_001f,
    ] {
        assert_eq!(ask(&amd, leaf, 0, &FORCED), [0; 4], "{leaf:#x}");
    }
    // The APIC id is gone, size of the cache line stays.
    assert_eq!(ask(&intel, 1, 0, &FORCED)[1], 0x0010_0800);
}

#[test]
fn brand_caches_and_addresses_pass() {
    for (model, name) in [
        (haswell(), "Intel(R) Core(TM) i7-4770"),
        (epyc(), "AMD EPYC 7401P"),
    ] {
        let policy = host(&model).pv_default();
        let text: Vec<u8> = (0x8000_0002..=0x8000_0004)
            .flat_map(|leaf| ask(&policy, leaf, 0, &USER))
            .flat_map(u32::to_le_bytes)
            .collect();
        assert!(text.starts_with(name.as_bytes()));
    }
    let (intel, amd) = (host(&haswell()).dom0(), host(&epyc()).dom0());
    assert_eq!(
        ask(&intel, 4, 3, &USER),
        [0x1c03_c163, 0x03c0_003f, 0x1fff, 6]
    );
    assert_eq!(ask(&intel, 4, 4, &USER), [0; 4]);
    assert_eq!(ask(&intel, 0x8000_0008, 0, &USER)[0], 0x3027);
    assert_eq!(ask(&intel, 0x8000_0007, 0, &USER), [0, 0, 0, 0x100]);
    assert_eq!(ask(&amd, 0x8000_0005, 0, &USER)[2], 0x2008_0140);
    // AMD repeats common features in the extended leaf.
    let (basic, extended) = (
        ask(&amd, 1, 0, &FORCED)[3],
        ask(&amd, 0x8000_0001, 0, &FORCED)[3],
    );
    assert_eq!((basic ^ extended) & 0x0183_f3ff, 0);
}

#[test]
fn subleaves_beyond_the_last_are_empty() {
    let policy = host(&skylake()).dom0();
    assert_ne!(ask(&policy, 7, 0, &USER), [0; 4]);
    assert_eq!(ask(&policy, 7, 1, &USER), [0; 4]);
    assert_eq!(ask(&policy, 7, u32::MAX, &USER), [0; 4]);
    // Elsewhere the subleaf doesn't matter.
    assert_eq!(ask(&policy, 1, 77, &USER), ask(&policy, 1, 0, &USER));
}

#[test]
fn a_toolstack_may_hide_hypervisor_leaves() {
    let host = host(&haswell());
    let (max, mut policy) = (host.pv_max(), host.pv_default());
    let mut limit = policy.leaves().find(|l| l.leaf == 0x4000_0000).unwrap();
    limit.a = 0x4000_0003;
    policy.set_leaf(&limit).unwrap();
    policy.constrain(&max);
    assert_eq!(ask(&policy, 0x4000_0000, 0, &USER)[0], 0x4000_0003);
    assert_eq!(ask(&policy, 0x4000_0005, 0, &USER), [0; 4]);
}

#[test]
fn control_registers() {
    use control::cr4::*;
    let policy = host(&skylake()).dom0();
    let shown = PAE | MCE | OSFXSR | OSXMMEXCPT;
    let hypervisor = shown | FSGSBASE | OSXSAVE | 1 << 7 | 1 << 20;
    assert_eq!(policy.guest_cr4(0, hypervisor), shown);
    assert_eq!(policy.guest_cr4(u64::MAX, hypervisor), shown | GUEST);
    let poor = host(&qemu64()).dom0();
    assert_eq!(poor.guest_cr4(u64::MAX, hypervisor), shown | TSD | DE);
    assert_eq!(CpuPolicy::real_cr4(TSD, hypervisor), hypervisor | TSD);
    assert_eq!(CpuPolicy::real_cr4(0, hypervisor | DE), hypervisor);
    let cr0 = 0x8005_0033;
    assert_eq!(control::guest_cr0(cr0, true), cr0 | 8);
    assert_eq!(control::write_cr0(cr0 | 8, cr0), Some(true));
    assert_eq!(control::write_cr0(cr0, cr0 | 8), Some(false));
    assert_eq!(control::write_cr0(cr0 & !(1 << 16), cr0), None);
}
