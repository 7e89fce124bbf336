//! Register formats of the local APIC and the I/O APIC (Intel SDM vol. 3 ch. 11 "APIC"; 82093AA data
//! sheet; AMD APM vol. 2 ch. 16).
//!
//! A local APIC is programmed either through a 4 KiB page of memory (xAPIC) or through MSRs
//! (x2APIC). The registers are the same but for the interrupt command register, which is two 32-bit
//! words with an 8-bit destination in the one and a single 64-bit word with a 32-bit destination in
//! the other. Everything here is a value; nothing touches hardware.

/// Registers by their offset in the xAPIC page; the x2APIC MSR is `0x800 + offset / 16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
#[allow(missing_docs)] // the manual's names
pub enum Reg {
    Id = 0x20,
    Version = 0x30,
    Tpr = 0x80,
    Ppr = 0xa0,
    Eoi = 0xb0,
    Ldr = 0xd0,
    /// Destination format; xAPIC only.
    Dfr = 0xe0,
    Spurious = 0xf0,
    /// First of eight in-service words, 0x10 apart.
    Isr = 0x100,
    /// First of eight trigger-mode words.
    Tmr = 0x180,
    /// First of eight request words.
    Irr = 0x200,
    Esr = 0x280,
    LvtCmci = 0x2f0,
    IcrLow = 0x300,
    /// xAPIC only; in x2APIC mode the destination is the upper half of `IcrLow`.
    IcrHigh = 0x310,
    LvtTimer = 0x320,
    LvtThermal = 0x330,
    LvtPerf = 0x340,
    LvtLint0 = 0x350,
    LvtLint1 = 0x360,
    LvtError = 0x370,
    TimerInitial = 0x380,
    TimerCurrent = 0x390,
    TimerDivide = 0x3e0,
    /// x2APIC only.
    SelfIpi = 0x3f0,
}

impl Reg {
    /// Byte offset in the xAPIC page.
    pub const fn offset(self) -> usize {
        self as usize
    }

    /// MSR number in x2APIC mode.
    pub const fn msr(self) -> u32 {
        0x800 + (self as u32 >> 4)
    }
}

/// `IA32_APIC_BASE`.
pub const MSR_APIC_BASE: u32 = 0x1b;
/// [`MSR_APIC_BASE`]: this is the bootstrap processor.
pub const APIC_BASE_BSP: u64 = 1 << 8;
/// [`MSR_APIC_BASE`]: x2APIC mode.
pub const APIC_BASE_X2APIC: u64 = 1 << 10;
/// [`MSR_APIC_BASE`]: the APIC is on.
pub const APIC_BASE_ENABLE: u64 = 1 << 11;
/// [`MSR_APIC_BASE`]: address bits of the register page.
pub const APIC_BASE_ADDR: u64 = 0x000f_ffff_ffff_f000;
/// `IA32_TSC_DEADLINE`.
pub const MSR_TSC_DEADLINE: u32 = 0x6e0;

/// Spurious-vector register: the APIC accepts interrupts.
pub const SPURIOUS_ENABLE: u32 = 1 << 8;
/// Divide-configuration value for "divide by 1".
pub const TIMER_DIVIDE_BY_1: u32 = 0b1011;

/// When an interrupt line counts as asserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// On a transition.
    Edge,
    /// As long as the level holds.
    Level,
}

/// Which level of an interrupt line means "asserted".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// High, or the rising edge.
    High,
    /// Low, or the falling edge.
    Low,
}

/// How an interrupt message is delivered: bits 10:8 of ICR, LVT, RTE and MSI data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// To the destination, with the vector.
    Fixed = 0,
    /// To the destination with the lowest priority.
    Lowest = 1,
    /// System management interrupt.
    Smi = 2,
    /// Non-maskable interrupt.
    Nmi = 4,
    /// Reset to the wait-for-SIPI state.
    Init = 5,
    /// Start at the real-mode page that the vector field names.
    Startup = 6,
    /// The vector comes from the 8259.
    ExtInt = 7,
}

impl Delivery {
    /// Decodes the three-bit field; 3 is reserved.
    pub const fn from_bits(bits: u32) -> Option<Self> {
        Some(match bits & 7 {
            0 => Self::Fixed,
            1 => Self::Lowest,
            2 => Self::Smi,
            4 => Self::Nmi,
            5 => Self::Init,
            6 => Self::Startup,
            7 => Self::ExtInt,
            _ => return None,
        })
    }
}

/// What an inter-processor interrupt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipi {
    /// An interrupt with this vector, 16 to 255.
    Fixed(u8),
    /// A non-maskable interrupt.
    Nmi,
    /// INIT: the target waits for a start-up IPI.
    Init,
    /// Start-up at physical address `page << 12`.
    Startup(u8),
}

/// Whom an inter-processor interrupt goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpiDest {
    /// The processor with this physical APIC ID.
    Apic(u32),
    /// The sender.
    Myself,
    /// Every processor with a running APIC, the sender too.
    All,
    /// Every processor but the sender, those that were never started included.
    Others,
}

/// ICR low word: a message is on its way (xAPIC only).
pub const ICR_PENDING: u32 = 1 << 12;

/// The low and the destination word of the interrupt command register. The destination is a plain
/// APIC ID: xAPIC wants it in bits 31:24, x2APIC as the whole upper word.
pub const fn icr(ipi: Ipi, dest: IpiDest) -> (u32, u32) {
    let (delivery, vector) = match ipi {
        Ipi::Fixed(vector) => (Delivery::Fixed, vector),
        Ipi::Nmi => (Delivery::Nmi, 0),
        Ipi::Init => (Delivery::Init, 0),
        Ipi::Startup(page) => (Delivery::Startup, page),
    };
    let (shorthand, id) = match dest {
        IpiDest::Apic(id) => (0, id),
        IpiDest::Myself => (1, 0),
        IpiDest::All => (2, 0),
        IpiDest::Others => (3, 0),
    };
    const ASSERT: u32 = 1 << 14;
    let low = vector as u32 | (delivery as u32) << 8 | ASSERT | shorthand << 18;
    (low, id)
}

/// A local vector table entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lvt(pub u32);

impl Lvt {
    const MASK: u32 = 1 << 16;
    /// Off.
    pub const MASKED: Self = Self(Self::MASK);

    /// An interrupt with `vector`; for [`Reg::LvtTimer`] the one-shot timer.
    pub const fn fixed(vector: u8) -> Self {
        Self(vector as u32)
    }

    /// The timer in TSC-deadline mode; for [`Reg::LvtTimer`] only.
    pub const fn tsc_deadline(vector: u8) -> Self {
        Self(vector as u32 | 0b10 << 17)
    }

    /// A LINT pin that delivers `delivery` without a vector.
    pub const fn lint(delivery: Delivery, trigger: Trigger, polarity: Polarity) -> Self {
        // The manual requires edge for NMI and ExtINT ignores the bit.
        let level = matches!(trigger, Trigger::Level) && matches!(delivery, Delivery::Fixed);
        let low = matches!(polarity, Polarity::Low);
        Self((delivery as u32) << 8 | (low as u32) << 13 | (level as u32) << 15)
    }

    /// The entry with its mask bit set or cleared.
    pub const fn masked(self, masked: bool) -> Self {
        Self(self.0 & !Self::MASK | if masked { Self::MASK } else { 0 })
    }
}

/// A redirection table entry of an I/O APIC, all 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rte(pub u64);

/// Where an interrupt line goes, for an I/O APIC pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Vector, 16 to 255.
    pub vector: u8,
    /// Physical APIC ID, 0 to 254: without interrupt remapping an entry has eight bits for it.
    pub dest: u8,
    /// Trigger mode of the line.
    pub trigger: Trigger,
    /// Polarity of the line.
    pub polarity: Polarity,
    /// Whether the pin is masked.
    pub masked: bool,
}

impl Rte {
    const LOW: u64 = 1 << 13;
    const REMOTE_IRR: u64 = 1 << 14;
    const LEVEL: u64 = 1 << 15;
    const MASK: u64 = 1 << 16;
    const LOGICAL: u64 = 1 << 11;

    /// A masked entry that routes nowhere, the reset value.
    pub const MASKED: Self = Self(Self::MASK);

    /// The entry for a fixed interrupt with physical destination.
    pub const fn new(route: Route) -> Self {
        let mut bits = route.vector as u64 | (route.dest as u64) << 56;
        if matches!(route.polarity, Polarity::Low) {
            bits |= Self::LOW;
        }
        if matches!(route.trigger, Trigger::Level) {
            bits |= Self::LEVEL;
        }
        Self(bits).with_masked(route.masked)
    }

    /// Puts an entry together from its two registers.
    pub const fn from_words(low: u32, high: u32) -> Self {
        Self(low as u64 | (high as u64) << 32)
    }

    /// The register at `0x10 + 2 * pin`.
    pub const fn low(self) -> u32 {
        self.0 as u32
    }

    /// The register at `0x11 + 2 * pin`.
    pub const fn high(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The vector field.
    pub const fn vector(self) -> u8 {
        self.0 as u8
    }

    /// The destination field, an APIC ID unless [`Self::is_logical`].
    pub const fn dest(self) -> u8 {
        (self.0 >> 56) as u8
    }

    /// True where the destination is a logical set.
    pub const fn is_logical(self) -> bool {
        self.0 & Self::LOGICAL != 0
    }

    /// The delivery mode; `None` for the reserved one.
    pub const fn delivery(self) -> Option<Delivery> {
        Delivery::from_bits((self.0 >> 8) as u32)
    }

    /// The trigger mode.
    pub const fn trigger(self) -> Trigger {
        if self.0 & Self::LEVEL != 0 {
            Trigger::Level
        } else {
            Trigger::Edge
        }
    }

    /// The polarity.
    pub const fn polarity(self) -> Polarity {
        if self.0 & Self::LOW != 0 {
            Polarity::Low
        } else {
            Polarity::High
        }
    }

    /// True where the pin is masked.
    pub const fn is_masked(self) -> bool {
        self.0 & Self::MASK != 0
    }

    /// True while a level interrupt was accepted and its EOI hasn't come.
    pub const fn remote_irr(self) -> bool {
        self.0 & Self::REMOTE_IRR != 0
    }

    /// The entry with its mask bit set or cleared.
    pub const fn with_masked(self, masked: bool) -> Self {
        Self(self.0 & !Self::MASK | if masked { Self::MASK } else { 0 })
    }

    /// The entry with another trigger mode.
    pub const fn with_trigger(self, trigger: Trigger) -> Self {
        let level = matches!(trigger, Trigger::Level);
        Self(self.0 & !Self::LEVEL | if level { Self::LEVEL } else { 0 })
    }

    /// The entry aimed at another vector and physical APIC ID.
    pub const fn with_target(self, vector: u8, dest: u8) -> Self {
        let keep = self.0 & !(0xff | Self::LOGICAL | 0xff << 56);
        Self(keep | vector as u64 | (dest as u64) << 56)
    }
}

/// Conversion of time to counts of the one-shot timer: a 32.32 fixed-point count per nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerScale(u64);

impl TimerScale {
    /// For a timer that counts at `hz`, up to 2^63/10^9 GHz, which is beyond any.
    pub const fn new(hz: u64) -> Self {
        Self((((hz as u128) << 32) / 1_000_000_000) as u64)
    }

    /// The initial count that expires at or just before `ns` from now, at least 1. A time beyond the
    /// counter's range gives the largest count: the timer fires early and the caller arms it again.
    pub const fn count(self, ns: u64) -> u32 {
        let count = (ns as u128 * self.0 as u128) >> 32;
        if count == 0 {
            1
        } else if count > u32::MAX as u128 {
            u32::MAX
        } else {
            count as u32
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x2apic_msr_numbers() {
        assert_eq!(Reg::Id.msr(), 0x802);
        assert_eq!(Reg::IcrLow.msr(), 0x830);
        assert_eq!(Reg::SelfIpi.msr(), 0x83f);
    }

    #[test]
    fn icr_encodings_match_the_manual() {
        assert_eq!(icr(Ipi::Init, IpiDest::Apic(3)), (0x4500, 3));
        assert_eq!(icr(Ipi::Startup(0x9f), IpiDest::Apic(3)), (0x469f, 3));
        assert_eq!(icr(Ipi::Nmi, IpiDest::Others), (0xc_4400, 0));
        assert_eq!(icr(Ipi::Fixed(0xf1), IpiDest::Myself), (0x4_40f1, 0));
        assert_eq!(icr(Ipi::Fixed(0xf1), IpiDest::All).0, 0x8_40f1);
    }

    #[test]
    fn lvt_encodings() {
        assert_eq!(
            Lvt::lint(Delivery::Nmi, Trigger::Level, Polarity::High).0,
            0x400
        );
        assert_eq!(
            Lvt::lint(Delivery::ExtInt, Trigger::Edge, Polarity::Low)
                .masked(true)
                .0,
            0x1_2700
        );
        assert_eq!(Lvt::tsc_deadline(0xf0).0, 0x4_00f0);
    }

    #[test]
    fn rte_fields_round_trip() {
        for vector in [0x20, 0xef] {
            for dest in [0, 1, 254] {
                for trigger in [Trigger::Edge, Trigger::Level] {
                    for polarity in [Polarity::High, Polarity::Low] {
                        for masked in [false, true] {
                            let route = Route {
                                vector,
                                dest,
                                trigger,
                                polarity,
                                masked,
                            };
                            let rte = Rte::new(route);
                            let back = Route {
                                vector: rte.vector(),
                                dest: rte.dest(),
                                trigger: rte.trigger(),
                                polarity: rte.polarity(),
                                masked: rte.is_masked(),
                            };
                            assert_eq!(back, route);
                            assert_eq!(Rte::from_words(rte.low(), rte.high()), rte);
                            assert_eq!(rte.delivery(), Some(Delivery::Fixed));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn rte_bits_match_the_data_sheet() {
        let rte = Rte::new(Route {
            vector: 0x31,
            dest: 2,
            trigger: Trigger::Level,
            polarity: Polarity::Low,
            masked: true,
        });
        assert_eq!(rte.0, 0x0200_0000_0001_a031);
        assert_eq!(rte.with_masked(false).low(), 0xa031);
        assert_eq!(rte.with_target(0x40, 7).0, 0x0700_0000_0001_a040);
        assert!(Rte(1 << 14).remote_irr() && !rte.remote_irr());
        assert!(Rte(1 << 11).is_logical());
        assert_eq!(Rte(3 << 8).delivery(), None);
        assert_eq!(rte.with_trigger(Trigger::Edge).low(), 0x1_2031);
    }

    #[test]
    fn timer_counts_never_overshoot_and_saturate() {
        let scale = TimerScale::new(1_000_000_000);
        assert_eq!(scale.count(1000), 1000);
        assert_eq!(scale.count(0), 1);
        assert_eq!(scale.count(u64::MAX), u32::MAX);
        let scale = TimerScale::new(24_999_999);
        for ns in [50, 1_000, 123_456, 10_000_000, 1_000_000_000] {
            let exact = (ns as u128 * 24_999_999 / 1_000_000_000) as u32;
            assert!(exact.saturating_sub(scale.count(ns)) <= 1, "{ns}");
            assert!(scale.count(ns) <= exact.max(1));
        }
    }
}
