//! The one thing that we need of AML: the sleep types of soft-off.
//!
//! What must be written to the PM1 control registers to turn the machine off is the package `\_S5` in
//! the DSDT (or an SSDT), ACPI 6.5 §7.4.2.7. AML is a byte code whose interpreter is dom0's; but
//! the package is always a literal, so finding its name and decoding the two integers behind it is
//! enough. A false match must fit name, opcode, package length and integers, and then costs a
//! shutdown that falls back to halting.

/// Sleep types for PM1a and PM1b control, 0 to 7 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SleepTypes {
    /// For PM1a control.
    pub a: u8,
    /// For PM1b control.
    pub b: u8,
}

const NAME_OP: u8 = 0x08;
const PACKAGE_OP: u8 = 0x12;

/// Finds the sleep types of state `state` (0 to 5) in AML, a table's bytes behind its header.
pub fn sleep_types(aml: &[u8], state: u8) -> Option<SleepTypes> {
    let digit = b'0'.checked_add(state).filter(u8::is_ascii_digit)?;
    let name = [b'_', b'S', digit, b'_'];
    let found = aml.windows(4).enumerate().filter(|(_, w)| *w == name);
    found.map(|(at, _)| at).find_map(|at| {
        // The name may be given as `_S5_` or from the root, `\_S5_`.
        let before = aml.get(..at)?;
        let before = before.strip_suffix(b"\\").unwrap_or(before);
        if before.last() != Some(&NAME_OP) {
            return None;
        }
        package(aml.get(at + 4..)?)
    })
}

/// Decodes a literal package of at least one integer; a missing second one counts as the first.
fn package(aml: &[u8]) -> Option<SleepTypes> {
    let (&op, rest) = aml.split_first()?;
    let (&lead, _) = rest.split_first()?;
    // The two top bits of the length's first byte tell how many bytes follow it.
    let mut rest = rest.get(1 + usize::from(lead >> 6)..)?;
    let (&count, tail) = rest.split_first()?;
    rest = tail;
    if op != PACKAGE_OP || count == 0 {
        return None;
    }
    let mut integer = || {
        let (&op, tail) = rest.split_first()?;
        let (value, len) = match op {
            0x00 | 0x01 => (op, 0),
            0x0a => (*tail.first()?, 1),
            0x0b => (*tail.first()?, 2),
            0x0c => (*tail.first()?, 4),
            0x0e => (*tail.first()?, 8),
            _ => return None,
        };
        rest = tail.get(len..)?;
        Some(value & 7)
    };
    let a = integer()?;
    let b = if count > 1 { integer()? } else { a };
    Some(SleepTypes { a, b })
}
