//! The paravirtual clock: nanoseconds from TSC ticks by one multiplication.
//!
//! A guest computes system time as
//! `system_time + (((tsc - tsc_timestamp) << tsc_shift) * tsc_to_system_mul >> 32)`
//! (`vcpu_time_info` in `xen.h`; a negative shift goes right). The hypervisor must read its own
//! clock with the very same formula, factors and origin. If it used the exact frequency instead,
//! the two clocks would drift apart by up to half a nanosecond a second, and a guest that
//! compares a deadline it set with the time it reads would see timers fire early.
//!
//! For the same reason the origin should stay the same for all vCPUs where the TSC is invariant:
//! every new origin rounds down once more, and two vCPUs with different origins could see time step
//! back by a nanosecond between them, which the "stable" flag promises not to happen.

use units::Nanos;

const NANOS_PER_SEC: u128 = 1_000_000_000;

/// Fraction bits of the inverse factor.
const INVERSE_BITS: u32 = 62;

/// The factor pair of `vcpu_time_info`: `tsc_to_system_mul` and `tsc_shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TscScale {
    mul: u32,
    shift: i8,
    /// `2^(32 + INVERSE_BITS) / mul`, rounded up.
    inverse: u64,
}

impl TscScale {
    /// The factors for a TSC of `hz` ticks a second; `None` for zero. `mul` uses all of its 32 bits,
    /// so the relative error is below 2^-31 and never makes time run fast.
    pub const fn from_hz(hz: u64) -> Option<Self> {
        if hz == 0 {
            return None;
        }
        // After the shift the rate lies above 1 GHz and not above 2 GHz; that puts `mul` into
        // 2^31..2^32.
        let mut shift: i32 = 0;
        while ratio(hz, shift) > u32::MAX as u128 {
            shift += 1;
        }
        while ratio(hz, shift) < 1 << 31 {
            shift -= 1;
        }
        let mul = ratio(hz, shift) as u32;
        let inverse = (1u128 << (32 + INVERSE_BITS)).div_ceil(mul as u128);
        Some(Self {
            mul,
            shift: shift as i8,
            inverse: inverse as u64,
        })
    }

    /// `tsc_to_system_mul`, in `2^31..2^32`.
    pub const fn mul(self) -> u32 {
        self.mul
    }

    /// `tsc_shift`; positive shifts the tick count left.
    pub const fn shift(self) -> i8 {
        self.shift
    }

    /// Ticks to nanoseconds with the guest's arithmetic, rounded down. Wraps only beyond 2^64 ns.
    #[inline]
    pub const fn scale_delta(self, ticks: u64) -> u64 {
        let shifted = if self.shift < 0 {
            ticks >> (-self.shift) as u32
        } else {
            ticks << self.shift as u32
        };
        ((shifted as u128 * self.mul as u128) >> 32) as u64
    }

    /// The fewest ticks, or one rounding step more, after which [`Self::scale_delta`] has reached
    /// `ns`: a timer set with it never fires early by the guest's reckoning. Saturates.
    #[inline]
    pub const fn ticks_for(self, ns: u64) -> u64 {
        let product = ns as u128 * self.inverse as u128;
        let shifted = (product + ((1 << INVERSE_BITS) - 1)) >> INVERSE_BITS;
        let ticks = if self.shift < 0 {
            shifted << (-self.shift) as u32
        } else {
            (shifted + ((1 << self.shift as u32) - 1)) >> self.shift as u32
        };
        if ticks > u64::MAX as u128 {
            u64::MAX
        } else {
            ticks as u64
        }
    }
}

/// 2^32 times nanoseconds per shifted tick.
const fn ratio(hz: u64, shift: i32) -> u128 {
    if shift <= 32 {
        (NANOS_PER_SEC << (32 - shift)) / hz as u128
    } else {
        (NANOS_PER_SEC >> (shift - 32)) / hz as u128
    }
}

/// System time as a function of the TSC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TscClock {
    scale: TscScale,
    hz: u64,
    tsc_origin: u64,
    ns_origin: Nanos,
}

impl TscClock {
    /// The clock that shows `ns_origin` when the TSC reads `tsc_origin`, at `hz` ticks a second;
    /// `None` for zero `hz`. The origin should lie at or before the TSC of every processor, because
    /// guests compute the distance to it modulo 2^64.
    pub const fn new(hz: u64, tsc_origin: u64, ns_origin: Nanos) -> Option<Self> {
        match TscScale::from_hz(hz) {
            Some(scale) => Some(Self {
                scale,
                hz,
                tsc_origin,
                ns_origin,
            }),
            None => None,
        }
    }

    /// System time at TSC `tsc`. A TSC before the origin (a processor a few ticks behind) reads as
    /// the origin, so time never jumps by 2^64.
    #[inline]
    pub const fn at(&self, tsc: u64) -> Nanos {
        let ticks = tsc.saturating_sub(self.tsc_origin);
        Nanos(
            self.ns_origin
                .0
                .saturating_add(self.scale.scale_delta(ticks)),
        )
    }

    /// The TSC at which [`Self::at`] reaches `deadline`, for a TSC-deadline timer; the origin for
    /// deadlines before it, `u64::MAX` for [`Nanos::NEVER`].
    #[inline]
    pub const fn tsc_at(&self, deadline: Nanos) -> u64 {
        if deadline.0 == u64::MAX {
            return u64::MAX;
        }
        let ns = deadline.0.saturating_sub(self.ns_origin.0);
        self.tsc_origin.saturating_add(self.scale.ticks_for(ns))
    }

    /// The number of ticks in a span of `ns` nanoseconds, rounded up.
    #[inline]
    pub const fn ticks_for(&self, ns: Nanos) -> u64 {
        self.scale.ticks_for(ns.0)
    }

    /// The same clock with its origin moved to `tsc`, for processors whose TSC rate changes: continue
    /// at `hz` (`None` for zero) from what the clock shows at `tsc`.
    pub const fn rebased(&self, tsc: u64, hz: u64) -> Option<Self> {
        Self::new(hz, tsc, self.at(tsc))
    }

    /// The factors in use.
    pub const fn scale(&self) -> TscScale {
        self.scale
    }

    /// The TSC's rate in ticks a second.
    pub const fn hz(&self) -> u64 {
        self.hz
    }

    /// The TSC at the origin.
    pub const fn tsc_origin(&self) -> u64 {
        self.tsc_origin
    }

    /// System time at the origin.
    pub const fn ns_origin(&self) -> Nanos {
        self.ns_origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn factors_of_common_rates() {
        let one = TscScale::from_hz(1_000_000_000).unwrap();
        // At exactly 1 GHz the factor 2^32 would not fit: one shift, half the factor.
        assert_eq!((one.mul(), one.shift()), (1 << 31, 1));
        let two = TscScale::from_hz(2_000_000_000).unwrap();
        assert_eq!((two.mul(), two.shift()), (1 << 31, 0));
        let four = TscScale::from_hz(4_000_000_000).unwrap();
        assert_eq!((four.mul(), four.shift()), (1 << 31, -1));
        assert_eq!(TscScale::from_hz(0), None);
    }

    #[test]
    fn a_year_at_3_ghz_stays_within_a_second() {
        let scale = TscScale::from_hz(2_995_200_000).unwrap();
        let secs = 365 * 86_400u64;
        let ns = scale.scale_delta(2_995_200_000 * secs);
        assert!(ns <= secs * 1_000_000_000 && ns > secs * 1_000_000_000 - 1_000_000_000);
    }

    #[test]
    fn a_tsc_behind_the_origin_reads_as_the_origin() {
        let clock = TscClock::new(2_000_000_000, 1000, Nanos(77)).unwrap();
        assert_eq!(clock.at(999), Nanos(77));
        assert_eq!(clock.at(1002), Nanos(78));
        assert_eq!(clock.tsc_at(Nanos(5)), 1000);
        assert_eq!(clock.tsc_at(Nanos::NEVER), u64::MAX);
    }

    proptest! {
        #![proptest_config(crate::proptest_config())]

        #[test]
        fn mul_is_normalised_and_time_is_close(hz in 1u64..=u64::MAX, ticks in 0u64..1 << 40) {
            let scale = TscScale::from_hz(hz).unwrap();
            prop_assert!(scale.mul() >= 1 << 31);
            // Wrapping of the guest's formula is for spans of centuries only.
            let exact = u128::from(ticks) * NANOS_PER_SEC / u128::from(hz);
            prop_assume!(exact < 1 << 62);
            let got = u128::from(scale.scale_delta(ticks));
            prop_assert!(got <= exact);
            // Lost: 2^-31 of the whole, plus the ticks that a right shift drops, plus one rounding.
            let dropped = if scale.shift() < 0 { 1u128 } else { 0 };
            prop_assert!(exact - got <= (exact >> 31) + dropped + 2);
        }

        #[test]
        fn clock_is_monotonic(hz in 1_000_000u64..10_000_000_000, origin in 0u64..1 << 60,
                              a in 0u64..1 << 61, step in 0u64..1 << 40) {
            let clock = TscClock::new(hz, origin, Nanos(123)).unwrap();
            prop_assert!(clock.at(a) <= clock.at(a + step));
        }

        #[test]
        fn rebasing_never_steps_back(hz in 1_000_000u64..10_000_000_000, hz2 in 1_000_000u64..10_000_000_000,
                                     at in 0u64..1 << 50, later in 0u64..1 << 40) {
            let clock = TscClock::new(hz, 0, Nanos::ZERO).unwrap();
            let next = clock.rebased(at, hz2).unwrap();
            prop_assert_eq!(clock.at(at), next.at(at));
            prop_assert!(next.at(at + later) >= clock.at(at));
        }

        #[test]
        fn deadlines_are_reached_and_not_by_far(hz in 1_000u64..20_000_000_000, ns in 0u64..1 << 55) {
            let scale = TscScale::from_hz(hz).unwrap();
            let ticks = scale.ticks_for(ns);
            prop_assert!(scale.scale_delta(ticks) >= ns);
            // Two rounding steps earlier it isn't reached yet.
            let step = if scale.shift() < 0 { 1u64 << -scale.shift() } else { 1 };
            if let Some(before) = ticks.checked_sub(2 * step) {
                prop_assert!(scale.scale_delta(before) < ns);
            }
        }

        #[test]
        fn nothing_overflows(hz in 1u64..=u64::MAX, a in any::<u64>(), b in any::<u64>(), ns in any::<u64>()) {
            let clock = TscClock::new(hz, a, Nanos(ns)).unwrap();
            let _ = clock.at(b);
            let _ = clock.tsc_at(Nanos(ns ^ a));
            let _ = clock.ticks_for(Nanos(ns));
        }
    }
}
