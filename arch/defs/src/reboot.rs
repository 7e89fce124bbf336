//! The `reboot=` option: how the machine is to be reset.
//!
//! `reboot=<method>[,warm|cold]`; only a method's first letter counts, and its case: `p` is `pci`, `P`
//! is `Power`. Machines differ in what works, so a method is where the chain of attempts begins, not all
//! that is tried: the rest of [`ResetMethod::CHAIN`] follows.

/// A way to reset the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetMethod {
    /// The reset register of the FADT.
    Acpi,
    /// Reset control register, port 0xcf9, full reset without power cycle.
    Pci,
    /// The same with a power cycle.
    Power,
    /// Keyboard controller, port 0x64.
    Keyboard,
    /// A fault that the processor can't deliver.
    TripleFault,
}

impl ResetMethod {
    /// The order of attempts.
    pub const CHAIN: [Self; 4] = [Self::Acpi, Self::Keyboard, Self::Pci, Self::TripleFault];

    /// This method first, then the others of the chain.
    pub fn then_others(self) -> impl Iterator<Item = Self> {
        let others = Self::CHAIN.into_iter().filter(move |m| *m != self);
        core::iter::once(self).chain(others)
    }
}

/// What the option says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RebootOption {
    /// Where to begin; `None` leaves the choice to us.
    pub method: Option<ResetMethod>,
    /// Halt instead of resetting (`reboot=no`).
    pub never: bool,
    /// A part is unknown, or a method (`efi`) that we haven't got.
    pub unknown: bool,
}

impl RebootOption {
    /// Reads the value of a `reboot=` option.
    pub fn parse(option: &str) -> Self {
        let mut parsed = Self::default();
        for part in option.split(',') {
            match part.as_bytes().first() {
                Some(b'a') => parsed.method = Some(ResetMethod::Acpi),
                Some(b'p') => parsed.method = Some(ResetMethod::Pci),
                Some(b'P') => parsed.method = Some(ResetMethod::Power),
                Some(b'k') => parsed.method = Some(ResetMethod::Keyboard),
                Some(b't') => parsed.method = Some(ResetMethod::TripleFault),
                Some(b'n') => parsed.never = true,
                // Warm and cold told a BIOS whether to test memory.
                Some(b'w' | b'c') | None => {}
                Some(_) => parsed.unknown = true,
            }
        }
        parsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_by_first_letter() {
        let method = |s| RebootOption::parse(s).method;
        assert_eq!(method("acpi"), Some(ResetMethod::Acpi));
        assert_eq!(method("k"), Some(ResetMethod::Keyboard));
        assert_eq!(method("kbd,warm"), Some(ResetMethod::Keyboard));
        assert_eq!(method("Power"), Some(ResetMethod::Power));
        assert_eq!(method("pci"), Some(ResetMethod::Pci));
        assert_eq!(method("triple"), Some(ResetMethod::TripleFault));
        assert_eq!(method("cold"), None);
        assert!(RebootOption::parse("no").never);
        assert!(RebootOption::parse("efi").unknown);
        assert!(!RebootOption::parse("").unknown);
    }

    #[test]
    fn the_chain_tries_everything_once_and_ends_in_a_triple_fault() {
        assert!(ResetMethod::Pci.then_others().eq([
            ResetMethod::Pci,
            ResetMethod::Acpi,
            ResetMethod::Keyboard,
            ResetMethod::TripleFault,
        ]));
        assert_eq!(ResetMethod::Power.then_others().count(), 5);
    }
}
