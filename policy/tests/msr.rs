//! `rdmsr` and `wrmsr` as guests execute them.

mod models;

use models::{FULL, epyc, haswell, qemu64, skylake};
use policy::msr::{Accessor, MsrRead, MsrWrite, VcpuMsr, index::*};
use policy::{CpuPolicy, Mechanism};
use proptest::prelude::*;

const DOM0: Accessor = Accessor {
    hardware_domain: true,
    vcpu: 0,
};
const GUEST: Accessor = Accessor {
    hardware_domain: false,
    vcpu: 1,
};

fn dom0(model: models::Model) -> CpuPolicy {
    CpuPolicy::read(&model).host(&FULL).dom0()
}

#[test]
fn reads() {
    use MsrRead::*;
    let (intel, amd) = (dom0(haswell()), dom0(epyc()));
    let host = Host {
        mask: u64::MAX,
        set: 0,
    };
    for (msr, on_intel, on_amd) in [
        (FS_BASE, Vcpu(VcpuMsr::FsBase), Vcpu(VcpuMsr::FsBase)),
        (
            KERNEL_GS_BASE,
            Vcpu(VcpuMsr::KernelGsBase),
            Vcpu(VcpuMsr::KernelGsBase),
        ),
        (TSC, Vcpu(VcpuMsr::Tsc), Vcpu(VcpuMsr::Tsc)),
        (TSC_AUX, Vcpu(VcpuMsr::TscAux), Vcpu(VcpuMsr::TscAux)),
        (SPEC_CTRL, Vcpu(VcpuMsr::SpecCtrl), Fault),
        (EFER, Value(0xd01), Value(0xd01)),
        (PAT, Value(0x0501_0007_0406), Value(0x0501_0007_0406)),
        (APIC_BASE, Value(0xfee0_0900), Value(0xfee0_0900)),
        (PLATFORM_INFO, Value(1 << 31), Value(1 << 31)),
        (ARCH_CAPABILITIES, Fault, Fault),
        (FEATURE_CONTROL, Value(1), Fault),
        (UCODE_REV, host, host),
        (PLATFORM_ID, host, Fault),
        (FAM10H_MMIO_CONF_BASE, Fault, host),
        (MCG_CAP, Value(2 | 1 << 24), Value(2)),
        (MC0_CTL + 7, Value(0), Value(0)),
        (MC0_CTL + 8, Fault, Fault),
        (HWCR, Fault, Value(1 << 24)),
        (DE_CFG, Fault, Value(2)),
        (PERFCTR0, Value(0), Fault),
        (K7_EVNTSEL0, Fault, Value(0)),
        (DR0_ADDRESS_MASK, Fault, Vcpu(VcpuMsr::DrMask(0))),
        (DR1_ADDRESS_MASK, Fault, Vcpu(VcpuMsr::DrMask(1))),
        (DR3_ADDRESS_MASK, Fault, Vcpu(VcpuMsr::DrMask(3))),
        // SYSENTER_CS, MTRRcap, x2APIC id, LSTAR, XSS.
        (0x174, Fault, Fault),
        (0xfe, Fault, Fault),
        (0x802, Fault, Fault),
        (0xc000_0082, Fault, Fault),
        (0xda0, Fault, Fault),
        (u32::MAX, Fault, Fault),
    ] {
        assert_eq!(intel.rdmsr(msr, DOM0), on_intel, "Intel {msr:#x}");
        assert_eq!(amd.rdmsr(msr, DOM0), on_amd, "AMD {msr:#x}");
    }
    assert_eq!(amd.rdmsr(FAM10H_MMIO_CONF_BASE, GUEST), Fault);
    assert_eq!(intel.rdmsr(APIC_BASE, GUEST), Value(0xfee0_0800));
    assert_eq!(dom0(qemu64()).rdmsr(HWCR, DOM0), Value(0), "family 15");
    let caps = dom0(skylake()).rdmsr(ARCH_CAPABILITIES, DOM0);
    assert!(matches!(caps, Value(v) if v != 0));
    let MsrRead::Host { mask, set } = intel.rdmsr(MISC_ENABLE, DOM0) else {
        panic!("not the host's");
    };
    assert_eq!(
        (mask & (1 << 18 | 1 << 7), set),
        (0, 1 << 11 | 1 << 12 | 1 << 23)
    );
}

#[test]
fn writes() {
    use MsrWrite::*;
    let (intel, amd) = (dom0(skylake()), dom0(epyc()));
    for (msr, value, on_intel, on_amd) in [
        (
            FS_BASE,
            0x7fff_ffff_f000,
            Vcpu(VcpuMsr::FsBase, 0x7fff_ffff_f000),
            Vcpu(VcpuMsr::FsBase, 0x7fff_ffff_f000),
        ),
        (GS_BASE, 0x8000_0000_0000, Fault, Fault),
        (KERNEL_GS_BASE, 0xffff_7fff_ffff_ffff, Fault, Fault),
        (TSC, 0, Fault, Fault),
        (TSC_AUX, 1 << 32, Fault, Fault),
        (
            TSC_AUX,
            5,
            Vcpu(VcpuMsr::TscAux, 5),
            Vcpu(VcpuMsr::TscAux, 5),
        ),
        (SPEC_CTRL, 7, Vcpu(VcpuMsr::SpecCtrl, 7), Fault),
        (SPEC_CTRL, 8, Fault, Fault),
        (PRED_CMD, 1, PredictionBarrier, PredictionBarrier),
        (PRED_CMD, 0, Ignored, Ignored),
        (PRED_CMD, 2, Fault, Fault),
        (
            MISC_FEATURES_ENABLES,
            1,
            Vcpu(VcpuMsr::MiscFeatures, 1),
            Vcpu(VcpuMsr::MiscFeatures, 1),
        ),
        (MISC_FEATURES_ENABLES, 2, Fault, Fault),
        (EFER, 0xd01, Ignored, Ignored),
        (EFER, 0x501, Fault, Fault),
        (PAT, PV_PAT, Ignored, Ignored),
        (PAT, 0x0007_0406_0007_0406, Fault, Fault),
        (UCODE_REV, 0, Ignored, Fault),
        (MC0_CTL, u64::MAX, Ignored, Ignored),
        (
            DR1_ADDRESS_MASK,
            0xfff,
            Fault,
            Vcpu(VcpuMsr::DrMask(1), 0xfff),
        ),
        (
            XEN_HYPERCALL_PAGE,
            0x1234_5000,
            HypercallPage(0x12345),
            HypercallPage(0x12345),
        ),
        (XEN_HYPERCALL_PAGE, 0x1234_5001, Fault, Fault),
        (APIC_BASE, 0xfee0_0800, Fault, Fault),
        (0x79, 0x1000, Fault, Fault),
        (0xc000_0082, 0, Fault, Fault),
        (0x1b01, 0, Fault, Fault),
    ] {
        assert_eq!(intel.wrmsr(msr, value, DOM0), on_intel, "Intel {msr:#x}");
        assert_eq!(amd.wrmsr(msr, value, DOM0), on_amd, "AMD {msr:#x}");
    }
}

#[test]
fn faulting_of_cpuid_needs_the_host() {
    let none = Mechanism {
        cpuid_faulting: false,
        ..FULL
    };
    let policy = CpuPolicy::read(&haswell()).host(&none).dom0();
    assert_eq!(policy.rdmsr(PLATFORM_INFO, DOM0), MsrRead::Value(0));
    assert_eq!(
        policy.wrmsr(MISC_FEATURES_ENABLES, 1, DOM0),
        MsrWrite::Fault
    );
    let zero = MsrWrite::Vcpu(VcpuMsr::MiscFeatures, 0);
    assert_eq!(policy.wrmsr(MISC_FEATURES_ENABLES, 0, DOM0), zero);
}

proptest! {
    /// What a guest writes to a register of its own it can read there, and nobody but the
    /// hardware domain reaches a register of the host except by the few named.
    #[test]
    fn writable_is_readable_and_the_host_is_shielded(
        model in prop::sample::select(vec![0usize, 1, 2, 3]),
        msr in prop_oneof![any::<u32>(), 0u32..0x1000, 0xc000_0000u32..0xc000_0200, 0xc001_0000u32..0xc001_2000],
        value in prop_oneof![any::<u64>(), 0u64..16],
    ) {
        let policy = dom0(models::all()[model].1.clone());
        let read = policy.rdmsr(msr, GUEST);
        if let MsrWrite::Vcpu(register, kept) = policy.wrmsr(msr, value, GUEST) {
            prop_assert_eq!(kept, value);
            prop_assert_eq!(read, MsrRead::Vcpu(register));
        }
        if let MsrRead::Host { .. } = read {
            prop_assert!([MISC_ENABLE, UCODE_REV, PLATFORM_ID].contains(&msr));
        }
    }
}
