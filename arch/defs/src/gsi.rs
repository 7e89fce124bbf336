//! Which global system interrupt an ISA interrupt arrives on, and how its line behaves.
//!
//! ACPI numbers every I/O APIC pin of the machine consecutively (global system interrupts, GSIs).
//! ISA interrupt `n` is GSI `n`, edge-triggered and active high, unless a MADT override says otherwise;
//! on nearly every PC the timer, ISA 0, is GSI 2, and the ACPI interrupt, ISA 9, is level-triggered.
//! GSIs from 16 up are PCI lines: level-triggered, active low.

use crate::apic::{Polarity, Trigger};

/// The behaviour of an interrupt line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The global system interrupt.
    pub gsi: u32,
    /// Trigger mode.
    pub trigger: Trigger,
    /// Polarity.
    pub polarity: Polarity,
}

/// The sixteen ISA interrupts' lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IsaLines([Line; 16]);

impl Default for IsaLines {
    fn default() -> Self {
        Self(core::array::from_fn(|irq| Line {
            gsi: irq as u32,
            trigger: Trigger::Edge,
            polarity: Polarity::High,
        }))
    }
}

/// Decodes the MPS INTI flags of a MADT entry (ACPI 6.5, table 5.26) with the bus's defaults.
pub fn inti_flags(flags: u16, trigger: Trigger, polarity: Polarity) -> (Trigger, Polarity) {
    let trigger = match flags >> 2 & 3 {
        1 => Trigger::Edge,
        3 => Trigger::Level,
        _ => trigger,
    };
    let polarity = match flags & 3 {
        1 => Polarity::High,
        3 => Polarity::Low,
        _ => polarity,
    };
    (trigger, polarity)
}

impl IsaLines {
    /// Applies a MADT interrupt source override. Sources above 15 don't exist on ISA and are ignored
    /// (false).
    pub fn apply(&mut self, source: u8, gsi: u32, flags: u16) -> bool {
        let Some(line) = self.0.get_mut(usize::from(source)) else {
            return false;
        };
        // An override of ISA 9 that says "conforms" means the ACPI interrupt's own way: level, low.
        let (trigger, polarity) = match (source, flags & 0xf) {
            (9, 0) => (Trigger::Level, Polarity::Low),
            _ => inti_flags(flags, Trigger::Edge, Polarity::High),
        };
        *line = Line {
            gsi,
            trigger,
            polarity,
        };
        true
    }

    /// The line of ISA interrupt `irq`; `None` above 15.
    pub fn isa(&self, irq: u8) -> Option<Line> {
        self.0.get(usize::from(irq)).copied()
    }

    /// The line that `gsi` is by default: that of the ISA interrupt routed to it, else a PCI line.
    pub fn gsi(&self, gsi: u32) -> Line {
        let overridden = |irq: usize| self.0.get(irq).is_some_and(|l| l.gsi != irq as u32);
        let is_isa = |(irq, line): &(usize, &Line)| {
            // ISA 2 is the cascade: it never asserts, and GSI 2 is usually the timer's.
            line.gsi == gsi && (*irq != 2 || overridden(2))
        };
        let isa = self.0.iter().enumerate().find(is_isa);
        match isa {
            Some((_, line)) => *line,
            None => Line {
                gsi,
                trigger: if gsi < 16 {
                    Trigger::Edge
                } else {
                    Trigger::Level
                },
                polarity: if gsi < 16 {
                    Polarity::High
                } else {
                    Polarity::Low
                },
            },
        }
    }

    /// The ISA interrupt that arrives on `gsi`, if one does.
    pub fn irq_of(&self, gsi: u32) -> Option<u8> {
        let overridden_to = self
            .0
            .iter()
            .enumerate()
            .position(|(irq, l)| l.gsi == gsi && irq as u32 != gsi);
        overridden_to
            .or_else(|| self.0.iter().position(|l| l.gsi == gsi))
            .map(|irq| irq as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_pc() {
        let mut lines = IsaLines::default();
        assert!(lines.apply(0, 2, 0));
        assert!(lines.apply(9, 9, 0xd));
        assert!(!lines.apply(16, 20, 0));
        assert_eq!(lines.isa(0).unwrap().gsi, 2);
        assert_eq!(lines.irq_of(2), Some(0));
        assert_eq!(lines.irq_of(0), None);
        assert_eq!(lines.irq_of(4), Some(4));
        let sci = lines.isa(9).unwrap();
        assert_eq!(
            (sci.trigger, sci.polarity),
            (Trigger::Level, Polarity::High)
        );
        assert_eq!(lines.gsi(9), sci);
        assert_eq!(lines.gsi(2).trigger, Trigger::Edge);
        assert_eq!(lines.isa(16), None);
    }

    #[test]
    fn pci_lines_are_level_low() {
        let lines = IsaLines::default();
        let line = lines.gsi(16);
        assert_eq!(
            (line.trigger, line.polarity),
            (Trigger::Level, Polarity::Low)
        );
        assert_eq!(lines.gsi(u32::MAX).gsi, u32::MAX);
    }

    #[test]
    fn flags_override_defaults_only_where_they_speak() {
        let d = (Trigger::Edge, Polarity::High);
        assert_eq!(inti_flags(0, d.0, d.1), d);
        assert_eq!(inti_flags(0xf, d.0, d.1), (Trigger::Level, Polarity::Low));
        assert_eq!(inti_flags(0x3, d.0, d.1), (Trigger::Edge, Polarity::Low));
        assert_eq!(inti_flags(0xa, d.0, d.1), d, "reserved values conform");
    }
}
