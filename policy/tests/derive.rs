//! Policies derived from four processors and from arbitrary leaves.

mod models;

use abi::arch_x86::{XEN_CPUID_NO_SUBLEAF, XenCpuidLeaf};
use models::{FULL, Model, all, epyc, haswell, qemu64, skylake};
use policy::{Audience, CpuPolicy, Feature, FeatureSet, Host, Mechanism, Regs};
use proptest::prelude::*;

fn cases() -> u32 {
    std::env::var("XENOLITH_PROPTEST_CASES")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(256)
}

fn host(model: &Model) -> CpuPolicy {
    CpuPolicy::read(model).host(&FULL)
}

/// Names of the features that `from` has and `to` hasn't.
fn lost(from: &CpuPolicy, to: &CpuPolicy) -> String {
    let names: Vec<_> = from
        .features()
        .iter()
        .filter(|feature| !to.has(*feature))
        .map(Feature::name)
        .collect();
    names.join(" ")
}

#[test]
fn what_the_hardware_domain_loses() {
    for (model, expected) in [
        (qemu64(), "PSE MTRR PGE PSE36 SVM"),
        (
            epyc(),
            "VME PSE MTRR PGE PSE36 MONITOR OSXSAVE PAGE1GB SVM EXTAPIC CR8_LEGACY OSVW SKINIT WDT \
             TOPOEXT MONITORX XSAVES SMEP SMAP HW_PSTATE CPB EFRO",
        ),
        (
            haswell(),
            "VME PSE MTRR PGE PSE36 DS TM1 PBE DTES64 MONITOR DSCPL VMX SMX EIST TM2 XTPR PDCM PCID \
             X2APIC TSC_DEADLINE OSXSAVE PAGE1GB TSC_ADJUST SMEP INVPCID SRBDS_CTRL L1D_FLUSH",
        ),
        (
            skylake(),
            "VME PSE MTRR PGE PSE36 DS TM1 PBE DTES64 MONITOR DSCPL VMX SMX EIST TM2 XTPR PDCM PCID \
             DCA X2APIC TSC_DEADLINE OSXSAVE PAGE1GB XSAVES TSC_ADJUST HLE SMEP INVPCID PQM MPX PQE \
             SMAP PROC_TRACE PKU L1D_FLUSH MCU_CTRL MISC_PKG_CTRL ENERGY_FILTERING",
        ),
    ] {
        let raw = CpuPolicy::read(&model);
        let dom0 = host(&model).dom0();
        assert_eq!(lost(&raw, &dom0), expected);
        let won = lost(&dom0, &raw);
        assert!(matches!(&won[..], "" | "HYPERVISOR"), "{won}");
        assert!(dom0.has(Feature::HYPERVISOR));
    }
}

#[test]
fn a_guest_loses_what_could_not_migrate() {
    for (name, model) in all() {
        let host = host(&model);
        let (dom0, guest, max) = (host.dom0(), host.pv_default(), host.pv_max());
        let itsc = if host.has(Feature::ITSC) { "ITSC" } else { "" };
        assert_eq!(lost(&dom0, &guest), itsc, "{name}");
        assert!(guest.features().within(&max.features()), "{name}");
    }
    let max = host(&skylake()).pv_max();
    assert!(max.has(Feature::HLE) && !host(&skylake()).dom0().has(Feature::HLE));
}

#[test]
fn features_go_with_the_mechanism() {
    let raw = CpuPolicy::read(&skylake());
    let none = Mechanism {
        xcr0: 0,
        fsgsbase: false,
        spec_ctrl: false,
        tsc_aux: false,
        dr_masks: false,
        cpuid_faulting: false,
    };
    let dom0 = raw.host(&none).dom0();
    for feature in [
        Feature::XSAVE,
        Feature::AVX,
        Feature::AVX512F,
        Feature::FSGSBASE,
        Feature::IBRSB,
        Feature::STIBP,
        Feature::SSBD,
        Feature::RDTSCP,
    ] {
        assert!(raw.has(feature) && !dom0.has(feature), "{feature:?}");
    }
    assert_eq!((dom0.xcr0_max(), dom0.xsave_size(0)), (0, 576));
    let avx = raw.host(&Mechanism { xcr0: 7, ..FULL }).dom0();
    assert!(avx.has(Feature::AVX2) && !avx.has(Feature::AVX512F));
    assert_eq!(avx.xcr0_max(), 7);
    let sse = raw.host(&Mechanism { xcr0: 3, ..FULL }).dom0();
    assert!(sse.has(Feature::XSAVE) && !sse.has(Feature::AVX));
}

#[test]
fn extended_state_of_skylake() {
    let dom0 = host(&skylake()).dom0();
    assert_eq!(dom0.xcr0_max(), 0xe7);
    assert_eq!(dom0.xsave_size(3), 576);
    assert_eq!(dom0.xsave_size(7), 832);
    assert_eq!(dom0.xsave_size(0xe7), 0xa80);
    assert_eq!(dom0.xsavec_size(0xe7), 576 + 256 + 64 + 512 + 1024);
    for (xcr0, valid) in [
        (1, true),
        (3, true),
        (7, true),
        (0xe7, true),
        (0, false),
        (2, false),
        (5, false),
        (0xe3, false),
        (0x67, false),
        (0x207, false),
        (1 << 62 | 7, false),
    ] {
        assert_eq!(dom0.xcr0_valid(xcr0), valid, "{xcr0:#x}");
    }
    assert!(!host(&qemu64()).dom0().xcr0_valid(1));
}

/// What must hold of any policy of a PV guest.
fn check(policy: &CpuPolicy, over: &CpuPolicy) -> Result<(), TestCaseError> {
    let set = policy.features();
    prop_assert_eq!(set.first_conflict(), None);
    for feature in set.iter() {
        let special = [
            Feature::HYPERVISOR,
            Feature::FDP_EXCP_ONLY,
            Feature::NO_FPU_SEL,
            Feature::RSBA,
            Feature::RRSBA,
        ];
        let own = matches!(feature.audience(), Audience::All | Audience::AllOptIn);
        prop_assert!(
            own || special.contains(&feature),
            "{:?} is not for PV guests",
            feature
        );
        prop_assert!(
            over.has(feature) || feature == Feature::HYPERVISOR,
            "{:?} came from nowhere",
            feature
        );
    }
    prop_assert!(policy.max_basic() <= over.max_basic().min(0xd));
    prop_assert!(policy.max_extd() <= over.max_extd());
    prop_assert!(policy.xcr0_max() & !over.xcr0_max() == 0);
    prop_assert_eq!(policy.xcr0_max() & !0xe7, 0);
    prop_assert_eq!(policy.has(Feature::XSAVE), policy.xcr0_max() != 0);
    prop_assert_eq!(policy.has(Feature::AVX), policy.xcr0_max() & 4 != 0);
    prop_assert_eq!(policy.has(Feature::AVX512F), policy.xcr0_max() & 0xe0 != 0);
    prop_assert!(policy.phys_bits() <= over.phys_bits() || policy.max_extd() < 0x8000_0008);
    prop_assert!(policy.leaves().count() <= policy::MAX_LEAVES as usize);
    Ok(())
}

/// A host that answers anything at all.
#[derive(Clone, Debug)]
struct Noise {
    seed: u64,
    vendor: Option<[u32; 3]>,
    max: [u32; 2],
}

impl Host for Noise {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Regs {
        let mut state = self.seed ^ u64::from(leaf) << 32 ^ u64::from(subleaf);
        let mut regs = [(); 4].map(|()| {
            state = state
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(0x1405_7b7e_f767_814f);
            (state ^ state >> 29 >> 8) as u32
        });
        match (leaf, self.vendor) {
            (0, Some([b, c, d])) => regs = [self.max[0], b, c, d],
            (0, None) => regs[0] = self.max[0],
            (0x8000_0000, _) => regs[0] = self.max[1],
            // Half of the hosts have everything.
            _ if self.seed & 1 != 0 && matches!(leaf, 1 | 7 | 0xd | 0x8000_0001) => {
                regs = [2, u32::MAX, u32::MAX, u32::MAX];
            }
            _ => {}
        }
        regs
    }

    fn rdmsr(&self, msr: u32) -> Option<u64> {
        Some(self.seed.rotate_left(msr))
    }
}

fn noise() -> impl Strategy<Value = Noise> {
    let vendor = prop_oneof![
        Just(None),
        Just(Some([0x756e_6547, 0x6c65_746e, 0x4965_6e69])),
        Just(Some([0x6874_7541, 0x444d_4163, 0x6974_6e65])),
    ];
    let basic = prop_oneof![0u32..0x20, Just(u32::MAX)];
    let extd = prop_oneof![0x8000_0000u32..0x8000_0030, any::<u32>()];
    (any::<u64>(), vendor, basic, extd).prop_map(|(seed, vendor, basic, extd)| Noise {
        seed,
        vendor,
        max: [basic, extd],
    })
}

fn mechanism() -> impl Strategy<Value = Mechanism> {
    (any::<u64>(), any::<[bool; 5]>()).prop_map(|(xcr0, on)| Mechanism {
        xcr0,
        fsgsbase: on[0],
        spec_ctrl: on[1],
        tsc_aux: on[2],
        dr_masks: on[3],
        cpuid_faulting: on[4],
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn any_host_gives_consistent_policies(noise in noise(), mechanism in mechanism()) {
        let host = CpuPolicy::read(&noise).host(&mechanism);
        for policy in [host.pv_max(), host.pv_default(), host.dom0()] {
            check(&policy, &host)?;
        }
    }

    #[test]
    fn a_toolstack_can_not_break_a_policy(
        model in prop::sample::select(vec![0usize, 1, 2, 3]),
        leaves in prop::collection::vec(
            (prop_oneof![0u32..0x10, 0x8000_0000u32..0x8000_0024], 0u32..4, any::<Regs>(), any::<bool>()),
            0..30,
        ),
    ) {
        let max = host(&all()[model].1).pv_max();
        let mut policy = max.clone();
        for (leaf, subleaf, [a, b, c, d], full) in leaves {
            let subleaf = if matches!(leaf, 4 | 7 | 0xb | 0xd) { subleaf } else { XEN_CPUID_NO_SUBLEAF };
            let [a, b, c, d] = if full { [0xd, u32::MAX, u32::MAX, u32::MAX] } else { [a, b, c, d] };
            let _ = policy.set_leaf(&XenCpuidLeaf { leaf, subleaf, a, b, c, d });
        }
        policy.constrain(&max);
        check(&policy, &max)?;
        let mut again = policy.clone();
        again.constrain(&max);
        prop_assert_eq!(again, policy, "settled at once");
    }

    #[test]
    fn sets_agree_with_bits(words in any::<[u32; policy::FEATURE_WORDS]>()) {
        let set = FeatureSet::from_words(words);
        for feature in Feature::all() {
            prop_assert_eq!(set.has(feature), words[feature.word()] & feature.mask() != 0);
        }
    }
}
