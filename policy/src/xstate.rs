//! Extended processor state (leaf 0xd): which parts a guest may enable, and how much room they need.

use abi::cpufeatureset::Register;

use crate::Feature;
use crate::leaves::CpuPolicy;

/// Bits of XCR0.
pub(crate) mod bit {
    /// x87.
    pub const X87: u64 = 1 << 0;
    /// XMM registers and MXCSR.
    pub const SSE: u64 = 1 << 1;
    /// Upper halves of YMM0 to 15.
    pub const YMM: u64 = 1 << 2;
    /// Opmasks, upper halves of ZMM0 to 15, ZMM16 to 31.
    pub const AVX512: u64 = 7 << 5;
}

/// The legacy area and the header.
const MIN_SIZE: u32 = 512 + 64;

/// The state that features need beyond the legacy area.
const NEEDS: [(Feature, u64); 2] = [(Feature::AVX, bit::YMM), (Feature::AVX512F, bit::AVX512)];

impl CpuPolicy {
    /// The bits of XCR0 that the guest may set.
    pub fn xcr0_max(&self) -> u64 {
        let [[low, _, _, high], ..] = self.xstate;
        u64::from(high) << 32 | u64::from(low)
    }

    /// True for a value that `xsetbv` may load: x87 always on, no bit without those it builds upon, none
    /// beyond the policy (Intel SDM volume 1, 13.3).
    pub fn xcr0_valid(&self, xcr0: u64) -> bool {
        let avx512 = xcr0 & bit::AVX512;
        self.has(Feature::XSAVE)
            && xcr0 & !self.xcr0_max() == 0
            && xcr0 & bit::X87 != 0
            && (xcr0 & bit::YMM == 0 || xcr0 & bit::SSE != 0)
            && (avx512 == 0 || avx512 == bit::AVX512 && xcr0 & bit::YMM != 0)
    }

    /// Drops the features whose state is not among `states`, and those of XSAVE if `states` is empty.
    pub(crate) fn drop_stateless(set: &mut crate::FeatureSet, states: u64) {
        if states & (bit::X87 | bit::SSE) != bit::X87 | bit::SSE {
            set.clear(Feature::XSAVE);
        }
        for (feature, needs) in NEEDS {
            if states & needs != needs {
                set.clear(feature);
            }
        }
    }

    /// Makes leaf 0xd fit the features, with the layout that `layout` has.
    pub(crate) fn fit_xstate(&mut self, layout: &CpuPolicy) {
        let features = self.features();
        let mut states = 0;
        if features.has(Feature::XSAVE) {
            states = bit::X87 | bit::SSE;
            for (feature, needs) in NEEDS {
                if features.has(feature) {
                    states |= needs;
                }
            }
        }
        for (index, (to, from)) in (0u32..).zip(self.xstate.iter_mut().zip(&layout.xstate)) {
            let [size, offset, flags, _] = *from;
            let wanted = index >= 2 && states >> index & 1 != 0;
            *to = if wanted {
                [size, offset, flags & 2, 0]
            } else {
                [0; 4]
            };
        }
        let size = if states == 0 {
            0
        } else {
            self.xsave_size(states)
        };
        self.set_reg(0xd, 0, Register::Eax, states as u32);
        self.set_reg(0xd, 0, Register::Ecx, size);
        self.set_reg(0xd, 0, Register::Edx, (states >> 32) as u32);
        if states != 0 {
            self.set_features(&features);
        }
    }

    /// Bytes that `xsave` writes for `states`.
    pub fn xsave_size(&self, states: u64) -> u32 {
        self.components(states)
            .map(|[size, offset, ..]| size.saturating_add(*offset))
            .fold(MIN_SIZE, u32::max)
    }

    /// Bytes that `xsavec` writes for `states`.
    pub fn xsavec_size(&self, states: u64) -> u32 {
        self.components(states)
            .fold(MIN_SIZE, |at, [size, _, flags, _]| {
                let start = if flags & 2 != 0 {
                    at.checked_next_multiple_of(64).unwrap_or(at)
                } else {
                    at
                };
                start.saturating_add(*size)
            })
    }

    fn components(&self, states: u64) -> impl Iterator<Item = &crate::Regs> {
        (0u32..)
            .zip(&self.xstate)
            .skip(2)
            .filter(move |(index, _)| states >> index & 1 != 0)
            .map(|(_, regs)| regs)
    }
}
