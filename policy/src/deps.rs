//! Which features need which.
//!
//! The manuals define most extensions on top of others, and guests test only the outermost. Each row
//! gives a feature and those that make no sense without it; rows need no order.

use crate::feature::{Feature, FeatureSet};

type F = Feature;

static NEEDED_BY: &[(Feature, &[Feature])] = &[
    (F::FPU, &[F::MMX, F::FXSR]),
    (
        F::TSC,
        &[F::TSC_DEADLINE, F::RDTSCP, F::TSC_ADJUST, F::ITSC],
    ),
    (F::MSR, &[F::ARCH_CAPS]),
    (F::APIC, &[F::X2APIC, F::TSC_DEADLINE, F::EXTAPIC]),
    (F::PSE, &[F::PSE36]),
    (F::PAE, &[F::LM, F::NX]),
    (F::CX8, &[F::CX16]),
    (F::MCE, &[F::MCA]),
    (F::CLFLUSH, &[F::CLFLUSHOPT, F::CLWB]),
    (F::MMX, &[F::MMXEXT, F::AMD_3DNOW]),
    (F::AMD_3DNOW, &[F::AMD_3DNOWEXT]),
    (F::FXSR, &[F::FFXSR, F::SSE, F::XSAVE]),
    (F::SSE, &[F::SSE2, F::MISALIGNSSE]),
    (
        F::SSE2,
        &[F::SSE3, F::LM, F::AESNI, F::PCLMULQDQ, F::SHA, F::GFNI],
    ),
    (F::SSE3, &[F::SSSE3, F::SSE4A]),
    (F::SSSE3, &[F::SSE4_1]),
    (F::SSE4_1, &[F::SSE4_2]),
    (
        F::LM,
        &[
            F::CX16,
            F::PCID,
            F::LAHF_LM,
            F::PAGE1GB,
            F::PKU,
            F::FSGSBASE,
            F::SYSCALL,
            F::MOVDIR64B,
        ],
    ),
    (F::PKU, &[F::OSPKE]),
    (F::PCID, &[F::INVPCID]),
    (
        F::XSAVE,
        &[
            F::XSAVEOPT,
            F::XSAVEC,
            F::XGETBV1,
            F::XSAVES,
            F::AVX,
            F::MPX,
            F::LWP,
            F::OSXSAVE,
        ],
    ),
    (F::XSAVEC, &[F::XSAVES]),
    (
        F::AVX,
        &[
            F::FMA,
            F::FMA4,
            F::F16C,
            F::AVX2,
            F::XOP,
            F::VAES,
            F::VPCLMULQDQ,
        ],
    ),
    (F::AESNI, &[F::VAES]),
    (F::PCLMULQDQ, &[F::VPCLMULQDQ]),
    (F::AVX2, &[F::AVX512F, F::AVX_VNNI]),
    (
        F::AVX512F,
        &[
            F::AVX512DQ,
            F::AVX512_IFMA,
            F::AVX512PF,
            F::AVX512ER,
            F::AVX512CD,
            F::AVX512BW,
            F::AVX512VL,
            F::AVX512_4VNNIW,
            F::AVX512_4FMAPS,
            F::AVX512_VNNI,
            F::AVX512_VPOPCNTDQ,
            F::AVX512_VP2INTERSECT,
        ],
    ),
    (
        F::AVX512BW,
        &[
            F::AVX512_VBMI,
            F::AVX512_VBMI2,
            F::AVX512_BITALG,
            F::AVX512_BF16,
            F::AVX512_FP16,
        ],
    ),
    (F::RTM, &[F::TSXLDTRK]),
    (F::SVM, &[F::SKINIT]),
    (F::CET_SS, &[F::CET_SSS]),
    (
        F::IBRSB,
        &[
            F::STIBP,
            F::SSBD,
            F::INTEL_PSFD,
            F::EIBRS,
            F::IPRED_CTRL,
            F::RRSBA_CTRL,
            F::BHI_CTRL,
        ],
    ),
    (
        F::IBRS,
        &[
            F::AMD_STIBP,
            F::AMD_SSBD,
            F::PSFD,
            F::AUTO_IBRS,
            F::IBRS_ALWAYS,
            F::STIBP_ALWAYS,
            F::IBRS_FAST,
            F::IBRS_SAME_MODE,
        ],
    ),
    (F::IBPB, &[F::IBPB_RET, F::SBPB, F::IBPB_BRTYPE]),
];

/// The two words of IA32_ARCH_CAPABILITIES.
const ARCH_CAPS_WORDS: [usize; 2] = [Feature::RDCL_NO.word(), Feature::ITS_NO.word()];

impl FeatureSet {
    /// Removes every feature that lacks one that it needs.
    pub fn sanitise(&mut self) {
        loop {
            let before = *self;
            for (needed, dependents) in NEEDED_BY {
                if !self.has(*needed) {
                    dependents.iter().for_each(|feature| self.clear(*feature));
                }
            }
            if !self.has(Feature::ARCH_CAPS) {
                for index in ARCH_CAPS_WORDS {
                    if let Some(word) = self.0.get_mut(index) {
                        *word = 0;
                    }
                }
            }
            if *self == before {
                return;
            }
        }
    }

    /// The first feature without one that it needs, and that one.
    pub fn first_conflict(&self) -> Option<(Feature, Feature)> {
        NEEDED_BY.iter().find_map(|(needed, dependents)| {
            let orphan = dependents.iter().find(|feature| self.has(**feature))?;
            (!self.has(*needed)).then_some((*orphan, *needed))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::FEATURE_WORDS;

    #[test]
    fn losing_xsave_loses_all_of_avx() {
        let mut set = FeatureSet([u32::MAX; FEATURE_WORDS]);
        set.clear(Feature::XSAVE);
        set.sanitise();
        for lost in [
            Feature::AVX,
            Feature::AVX2,
            Feature::AVX512_VBMI,
            Feature::VAES,
            Feature::XSAVES,
        ] {
            assert!(!set.has(lost), "{lost:?}");
        }
        assert!(set.has(Feature::SSE4_2) && set.has(Feature::AESNI));
    }

    #[test]
    fn no_feature_needs_itself() {
        let mut set = FeatureSet([u32::MAX; FEATURE_WORDS]);
        let before = set;
        set.sanitise();
        assert_eq!(set, before);
        for feature in Feature::all() {
            let mut without = before;
            without.clear(feature);
            without.sanitise();
            assert!(without.has(Feature::FPU) || feature == Feature::FPU);
        }
    }

    proptest! {
        #[test]
        fn what_is_left_is_consistent_and_was_there(words in any::<[u32; FEATURE_WORDS]>()) {
            let before = FeatureSet(words);
            let mut after = before;
            after.sanitise();
            prop_assert!(after.within(&before));
            prop_assert_eq!(after.first_conflict(), None);
            let mut again = after;
            again.sanitise();
            prop_assert_eq!(again, after);
        }
    }
}
