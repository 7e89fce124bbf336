//! Free-running hardware counters: their formats, widening them to 64 bits, and measuring one
//! against another with an honest error bound.
//!
//! The TSC has no architectural frequency on most machines, so it is measured against a counter that
//! has one: HPET, ACPI PM timer, or PIT. A measurement is only as good as the knowledge of *when* the
//! reference was read, since an SMI or a preempting host can strike between any two instructions. So
//! each end of the interval is an [`Edge`]: two TSC values between which the reference stepped to the
//! value recorded. The widths of the two brackets are the error; no quantization error is left,
//! because the step itself was caught.

use units::Nanos;

/// What is known of a counter: rate and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterSpec {
    /// Rate in Hz as a fraction: numerator.
    pub num: u64,
    /// Denominator, not 0.
    pub den: u64,
    /// Width in bits, 1 to 63; the counter wraps to 0.
    pub bits: u8,
}

impl CounterSpec {
    /// The 8254: 105/88 MHz, 16 bits, so it wraps every 54.9 ms.
    pub const PIT: Self = Self {
        num: 13_125_000,
        den: 11,
        bits: 16,
    };

    /// The ACPI PM timer (ACPI 6.5 §4.8.3.3); 32 bits where the FADT says so, else 24.
    pub const fn pm_timer(extended: bool) -> Self {
        Self {
            num: 3_579_545,
            den: 1,
            bits: if extended { 32 } else { 24 },
        }
    }

    /// The low 32 bits of an HPET that ticks every `period` femtoseconds. `None` where the period
    /// breaks the HPET specification's limit of 100 ns, or is below 0.1 ns, which none is.
    pub const fn hpet(period: u32) -> Option<Self> {
        if period < 100_000 || period > 100_000_000 {
            return None;
        }
        Some(Self {
            num: 1_000_000_000_000_000,
            den: period as u64,
            bits: 32,
        })
    }

    /// The values that the counter takes.
    pub const fn mask(self) -> u64 {
        (1 << self.bits) - 1
    }

    /// Ticks from `from` to `to`, less than one wrap apart.
    pub const fn elapsed(self, from: u64, to: u64) -> u64 {
        to.wrapping_sub(from) & self.mask()
    }

    /// The time that `ticks` take, rounded down.
    pub const fn nanos(self, ticks: u64) -> Nanos {
        let ns = ticks as u128 * self.den as u128 * 1_000_000_000 / self.num as u128;
        Nanos(if ns > u64::MAX as u128 {
            u64::MAX
        } else {
            ns as u64
        })
    }

    /// The ticks that fit into `span`, saturating.
    pub const fn ticks(self, span: Nanos) -> u64 {
        let ticks = span.0 as u128 * self.num as u128 / (self.den as u128 * 1_000_000_000);
        if ticks > u64::MAX as u128 {
            u64::MAX
        } else {
            ticks as u64
        }
    }
}

/// A narrow counter's readings joined to 64 bits. Feed it more often than the counter wraps.
#[derive(Clone, Copy, Debug)]
pub struct Widened {
    spec: CounterSpec,
    total: u64,
    last: u64,
}

impl Widened {
    /// Starts at 0 with the counter reading `now`.
    pub const fn new(spec: CounterSpec, now: u64) -> Self {
        Self {
            spec,
            total: 0,
            last: now,
        }
    }

    /// Ticks since the start, given the counter's reading.
    pub const fn update(&mut self, now: u64) -> u64 {
        self.total = self.total.wrapping_add(self.spec.elapsed(self.last, now));
        self.last = now;
        self.total
    }

    /// Time since the start, given the counter's reading.
    pub const fn nanos(&mut self, now: u64) -> Nanos {
        let ticks = self.update(now);
        self.spec.nanos(ticks)
    }
}

/// The reference stepped to `value` at some moment between TSC `before` and TSC `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// TSC before the last read that gave another value.
    pub before: u64,
    /// TSC after the first read that gave `value`.
    pub after: u64,
    /// The reference's value.
    pub value: u64,
}

impl Edge {
    /// How far the moment of the step is uncertain, in TSC ticks.
    pub const fn width(&self) -> u64 {
        self.after.saturating_sub(self.before)
    }
}

/// A frequency with its error bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frequency {
    /// Hz.
    pub hz: u64,
    /// The true frequency is within `hz` * (1 ± error / 10^9), provided the reference runs true.
    pub error_ppb: u64,
}

/// The TSC's frequency from two edges of one reference, less than a wrap apart. `None` where no time
/// passed on either counter.
pub fn measure(spec: CounterSpec, first: Edge, last: Edge) -> Option<Frequency> {
    let middle = |e: &Edge| e.before.wrapping_add(e.width() / 2);
    let cycles = middle(&last)
        .checked_sub(middle(&first))
        .filter(|c| *c != 0)?;
    let ticks = spec.elapsed(first.value, last.value);
    let hz = (u128::from(cycles) * u128::from(spec.num))
        .checked_div(u128::from(spec.den) * u128::from(ticks))?;
    // Each middle is off by at most half its bracket, plus the rounding above.
    let uncertain = u128::from(first.width().saturating_add(last.width()) / 2 + 2);
    let error = uncertain * 1_000_000_000 / u128::from(cycles);
    Some(Frequency {
        hz: u64::try_from(hz).ok()?,
        error_ppb: u64::try_from(error).unwrap_or(u64::MAX),
    })
}

impl Frequency {
    /// Whether `hz`, a value that somebody claims, agrees with this measurement to `slack_ppb` beyond
    /// its own error.
    pub const fn agrees(&self, hz: u64, slack_ppb: u64) -> bool {
        let allowed = self.hz as u128 * (self.error_ppb.saturating_add(slack_ppb)) as u128;
        self.hz.abs_diff(hz) as u128 * 1_000_000_000 <= allowed
    }
}

/// The TSC's frequency from CPUID leaf 0x15: `crystal_hz * numerator / denominator`; `None` where
/// any of the three is not enumerated.
pub const fn tsc_from_crystal(denominator: u32, numerator: u32, crystal_hz: u32) -> Option<u64> {
    if denominator == 0 || numerator == 0 || crystal_hz == 0 {
        return None;
    }
    Some(crystal_hz as u64 * numerator as u64 / denominator as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates() {
        assert_eq!(CounterSpec::PIT.nanos(65_536).0, 54_925_409);
        assert_eq!(
            CounterSpec::pm_timer(false).nanos(3_579_545),
            Nanos(1_000_000_000)
        );
        let hpet = CounterSpec::hpet(10_000_000).unwrap();
        assert_eq!(hpet.nanos(100), Nanos(1000));
        assert_eq!(hpet.ticks(Nanos(1000)), 100);
        assert_eq!(CounterSpec::hpet(0), None);
        assert_eq!(CounterSpec::hpet(100_000_001), None);
    }

    #[test]
    fn widening_survives_wraps() {
        let mut wide = Widened::new(CounterSpec::PIT, 0xfff0);
        assert_eq!(wide.update(0x10), 0x20);
        assert_eq!(wide.update(0x0f), 0x1_001f);
        assert_eq!(wide.update(0x0f), 0x1_001f);
    }

    #[test]
    fn no_time_is_no_frequency() {
        let edge = Edge {
            before: 5,
            after: 7,
            value: 1,
        };
        assert_eq!(measure(CounterSpec::PIT, edge, edge), None);
        let later = Edge {
            before: 500,
            after: 700,
            value: 1,
        };
        assert_eq!(measure(CounterSpec::PIT, edge, later), None);
        assert_eq!(measure(CounterSpec::PIT, later, edge), None);
    }

    #[test]
    fn crystal_needs_all_three() {
        assert_eq!(tsc_from_crystal(2, 176, 24_000_000), Some(2_112_000_000));
        assert_eq!(tsc_from_crystal(2, 176, 0), None);
        assert_eq!(tsc_from_crystal(0, 176, 1), None);
    }

    proptest! {
        /// A synthetic TSC of known rate, read around true edges with random brackets: the result's
        /// own error bound must cover the truth.
        #[test]
        fn error_bound_covers_the_truth(
            hz in 500_000_000u64..6_000_000_000,
            ticks in 10_000u64..60_000,
            start in 0u64..0xffff,
            w in prop::array::uniform4(0u64..20_000),
            origin in 1_000_000u64..1 << 60,
        ) {
            let spec = CounterSpec::PIT;
            let cycles = (u128::from(hz) * u128::from(ticks) * u128::from(spec.den)
                / u128::from(spec.num)) as u64;
            let first = Edge { before: origin - w[0], after: origin + w[1], value: start };
            let end = origin + cycles;
            let value = (start + ticks) & spec.mask();
            let last = Edge { before: end - w[2], after: end + w[3], value };
            let f = measure(spec, first, last).unwrap();
            prop_assert!(f.agrees(hz, 1), "{f:?} against {hz}");
        }
    }
}
