//! The board's free-running counters, and how fast the TSC runs.
//!
//! PIT, ACPI PM timer and HPET are all reduced to [`Counter`]: a value, a rate, a width. They serve
//! once, at boot, to measure the TSC ([`calibrate_tsc`]), and again if the administrator chooses
//! one of them as the clock (`clocksource=`), through [`arch_defs::counter::Widened`].
//!
//! Calibration takes 10 ms where the reference is fast (HPET) and at most 50 ms where it is slow to
//! read: it ends as soon as the error bound is below 20 ppm. A frequency that CPUID or an outer
//! hypervisor tells exactly is preferred to the measurement if the two agree; a claim that
//! the measurement refutes is dropped, because a wrong TSC rate skews every guest's clock.

use arch_defs::counter::{CounterSpec, Edge, Frequency, measure, tsc_from_crystal};
use core::arch::x86_64::{__cpuid, _mm_lfence, _rdtsc};
use raw_cpuid::CpuId as Cpuid;
use units::{MAddr, Nanos};

use super::io::{self, Mmio};

/// A counter that runs at a known rate.
pub trait Counter {
    /// The name that the `clocksource=` option has for it.
    fn name(&self) -> &'static str;
    /// Rate and width.
    fn spec(&self) -> CounterSpec;
    /// The present value, `0..=spec().mask()`, rising.
    fn read(&self) -> u64;
}

const PIT_CHANNEL2: u16 = 0x42;
const PIT_COMMAND: u16 = 0x43;
const PORT_B: u16 = 0x61;

/// Channel 2 of the 8254, the one that nothing else depends on: its output goes to the speaker, and
/// its gate is ours.
#[derive(Debug)]
pub struct Pit(());

impl Pit {
    /// Starts channel 2, counting the full 65536, with the speaker off, and stops channel 0's periodic
    /// interrupt that the firmware left running.
    ///
    /// # Safety
    /// Nobody else may drive the 8254 and port 0x61 while the result lives.
    pub unsafe fn start() -> Self {
        // SAFETY: the timer's ports, which the caller gave us; they don't touch memory.
        unsafe {
            // Gate on, speaker off; the NMI-enable bits above are kept, the status bits are zero.
            let port_b = io::in8(PORT_B) & 0x0c;
            io::out8(PORT_B, port_b | 1);
            // Channel 2, both bytes, mode 2 (rate generator), binary; count 0 means 65536.
            io::out8(PIT_COMMAND, 0xb4);
            io::out8(PIT_CHANNEL2, 0);
            io::out8(PIT_CHANNEL2, 0);
            // Channel 0 in mode 0 without a count never fires.
            io::out8(PIT_COMMAND, 0x30);
        }
        Self(())
    }
}

impl Counter for Pit {
    fn name(&self) -> &'static str {
        "pit"
    }

    fn spec(&self) -> CounterSpec {
        CounterSpec::PIT
    }

    fn read(&self) -> u64 {
        // SAFETY: as in `start`. Latching freezes a value until both bytes are read.
        let down = unsafe {
            io::out8(PIT_COMMAND, 0x80);
            let low = io::in8(PIT_CHANNEL2);
            u16::from(low) | u16::from(io::in8(PIT_CHANNEL2)) << 8
        };
        down.wrapping_neg().into()
    }
}

/// The ACPI power management timer.
#[derive(Debug)]
pub struct PmTimer {
    at: PmAccess,
    extended: bool,
}

#[derive(Debug)]
enum PmAccess {
    Port(u16),
    Memory(Mmio),
}

impl PmTimer {
    /// The timer at an I/O port; `extended` is the FADT's flag that it has 32 bits.
    ///
    /// # Safety
    /// `port` must be the PM timer's, as the FADT tells.
    pub unsafe fn at_port(port: u16, extended: bool) -> Self {
        Self {
            at: PmAccess::Port(port),
            extended,
        }
    }

    /// The timer in memory, on machines without the I/O port. `None` where it can't be mapped.
    ///
    /// # Safety
    /// `addr` must be the PM timer's, as the FADT tells.
    pub unsafe fn at_memory(addr: MAddr, extended: bool) -> Option<Self> {
        // SAFETY: the caller vouches for the address.
        let regs = unsafe { Mmio::map(addr, 4) }?;
        Some(Self {
            at: PmAccess::Memory(regs),
            extended,
        })
    }
}

impl Counter for PmTimer {
    fn name(&self) -> &'static str {
        "acpi"
    }

    fn spec(&self) -> CounterSpec {
        CounterSpec::pm_timer(self.extended)
    }

    #[inline]
    fn read(&self) -> u64 {
        let value = match &self.at {
            // SAFETY: the constructor's caller vouched for the port; reading it has no effect.
            PmAccess::Port(port) => unsafe { io::in32(*port) },
            PmAccess::Memory(regs) => regs.read32(0),
        };
        u64::from(value) & self.spec().mask()
    }
}

/// The high precision event timer's main counter (IA-PC HPET 1.0a §2.3).
#[derive(Debug)]
pub struct Hpet {
    regs: Mmio,
    spec: CounterSpec,
}

const HPET_CAPS: usize = 0x000;
const HPET_PERIOD: usize = 0x004;
const HPET_CONFIG: usize = 0x010;
const HPET_COUNTER: usize = 0x0f0;
const HPET_TIMER0: usize = 0x100;
const HPET_ENABLE: u32 = 1;
const HPET_LEGACY: u32 = 2;

impl Hpet {
    /// Maps the HPET and lets its counter run, with its interrupts and the legacy replacement route
    /// off. `None` where nothing usable is there.
    ///
    /// # Safety
    /// `addr` must be the HPET's, as its ACPI table tells, and nobody else may drive it.
    pub unsafe fn start(addr: MAddr) -> Option<Self> {
        // SAFETY: the caller vouches for the address.
        let regs = unsafe { Mmio::map(addr, 0x400) }?;
        let caps = regs.read32(HPET_CAPS);
        if caps == !0 {
            return None;
        }
        let spec = CounterSpec::hpet(regs.read32(HPET_PERIOD))?;
        for timer in 0..=(caps >> 8 & 0x1f) as usize {
            let config = HPET_TIMER0 + timer * 0x20;
            regs.write32(config, regs.read32(config) & !(1 << 2));
        }
        let config = regs.read32(HPET_CONFIG) & !HPET_LEGACY;
        regs.write32(HPET_CONFIG, config | HPET_ENABLE);
        Some(Self { regs, spec })
    }
}

impl Counter for Hpet {
    fn name(&self) -> &'static str {
        "hpet"
    }

    fn spec(&self) -> CounterSpec {
        self.spec
    }

    #[inline]
    fn read(&self) -> u64 {
        self.regs.read32(HPET_COUNTER).into()
    }
}

/// The TSC, not before earlier loads have completed.
#[inline]
pub fn tsc() -> u64 {
    // SAFETY: every 64-bit processor has both instructions.
    unsafe {
        _mm_lfence();
        _rdtsc()
    }
}

/// The TSC's frequency and where it is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TscFrequency {
    /// Hz.
    pub hz: u64,
    /// Bound of the relative error in 10^-9; for a claim, of the measurement that confirmed it.
    pub error_ppb: u64,
    /// `cpuid`, `hypervisor`, or a counter's name.
    pub source: &'static str,
}

/// No counter runs, and nothing tells the TSC's frequency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTimeSource;

const SHORTEST: Nanos = Nanos::from_millis(10);
const LONGEST: Nanos = Nanos::from_millis(50);
const GOOD_PPB: u64 = 20_000;
/// Crystals and firmware claims are good to 100 ppm or so.
const CLAIM_SLACK_PPB: u64 = 500_000;

/// Finds the TSC's frequency, trying `counters` in order, best first, until one runs.
///
/// Interrupts should be off. Takes 10 to 50 ms; a counter that stands still costs below one more.
pub fn calibrate_tsc(counters: &[&dyn Counter]) -> Result<TscFrequency, NoTimeSource> {
    let claim = claimed_frequency();
    let measured = counters
        .iter()
        .find_map(|c| Some((measure_against(*c)?, c.name())));
    match (claim, measured) {
        (Some((hz, source)), Some((f, _))) if f.agrees(hz, CLAIM_SLACK_PPB) => Ok(TscFrequency {
            hz,
            error_ppb: f.error_ppb,
            source,
        }),
        (_, Some((f, source))) => Ok(TscFrequency {
            hz: f.hz,
            error_ppb: f.error_ppb,
            source,
        }),
        (Some((hz, source)), None) => Ok(TscFrequency {
            hz,
            error_ppb: CLAIM_SLACK_PPB,
            source,
        }),
        (None, None) => Err(NoTimeSource),
    }
}

/// What an outer hypervisor or the processor says of the TSC's frequency.
fn claimed_frequency() -> Option<(u64, &'static str)> {
    let cpuid = Cpuid::new();
    let hypervisor = cpuid.get_feature_info().is_some_and(|f| f.has_hypervisor());
    // Leaf 0x40000010, a convention that VMware began and KVM follows: EAX is the TSC's kHz.
    if hypervisor && __cpuid(0x4000_0000).eax >= 0x4000_0010 {
        let khz = __cpuid(0x4000_0010).eax;
        if khz != 0 {
            return Some((u64::from(khz) * 1000, "hypervisor"));
        }
    }
    let tsc = cpuid.get_tsc_info()?;
    let hz = tsc_from_crystal(tsc.denominator(), tsc.numerator(), tsc.nominal_frequency())?;
    Some((hz, "cpuid"))
}

fn measure_against(counter: &dyn Counter) -> Option<Frequency> {
    let spec = counter.spec();
    let once = || {
        let first = best_edge(counter)?;
        let mut total = 0;
        let mut at = first.value;
        loop {
            // Waiting reads the reference itself, so that the time is right whatever the TSC does.
            let now = counter.read();
            total += spec.elapsed(at, now);
            at = now;
            let waited = spec.nanos(total);
            if waited >= SHORTEST {
                let f = measure(spec, first, best_edge(counter)?);
                if waited >= LONGEST || f.is_some_and(|f| f.error_ppb <= GOOD_PPB) {
                    return f;
                }
            }
            core::hint::spin_loop();
        }
    };
    let f = once()?;
    if spec.bits > 16 {
        return Some(f);
    }
    // A host that stopped us for a whole wrap of the PIT makes the TSC look faster, never slower.
    let again = once()?;
    Some(if again.hz < f.hz { again } else { f })
}

/// The sharpest of a few steps of the counter; `None` where it doesn't step.
fn best_edge(counter: &dyn Counter) -> Option<Edge> {
    let mut best = next_edge(counter)?;
    for _ in 0..15 {
        let edge = next_edge(counter)?;
        if edge.width() < best.width() {
            best = edge;
        }
    }
    Some(best)
}

fn next_edge(counter: &dyn Counter) -> Option<Edge> {
    /// Reads of a slow port take a microsecond, of an emulated one at least a nanosecond of virtual
    /// time: enough for a tick of the slowest counter either way.
    const READS: u32 = 4000;
    let mut before = tsc();
    let old = counter.read();
    for _ in 0..READS {
        let between = tsc();
        let value = counter.read();
        if value != old {
            let after = tsc();
            return Some(Edge {
                before,
                after,
                value,
            });
        }
        before = between;
    }
    None
}
