//! Names for addresses, from the symbol table that GRUB loads beside the image.

use core::fmt;

/// A hypervisor address that prints as `symbol+offset`.
pub struct Symbol(pub u64);

/// Size of an ELF64 symbol.
const ENTRY: usize = 24;

/// The symbol that covers `addr`, its offset in it, if any.
fn lookup(addr: u64) -> Option<(&'static str, u64)> {
    let (symbols, strings) = crate::raw::symbol_tables()?;
    let word = |s: &[u8], at: usize| Some(u64::from_le_bytes(s.get(at..at + 8)?.try_into().ok()?));
    let (name, value) = symbols
        .chunks_exact(ENTRY)
        .filter_map(|s| {
            let function = s.get(4)? & 15 <= 2;
            let value = word(s, 8)?;
            (function && value <= addr && value >= arch_defs::layout::IMAGE)
                .then(|| (u32::from_le_bytes([s[0], s[1], s[2], s[3]]), value))
        })
        .max_by_key(|(_, value)| *value)?;
    let rest = strings.get(name as usize..)?;
    let end = rest.iter().position(|b| *b == 0)?;
    Some((core::str::from_utf8(rest.get(..end)?).ok()?, addr - value))
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match lookup(self.0) {
            Some((name, offset)) => write!(
                f,
                "{:016x} {:#}+{offset:#x}",
                self.0,
                rustc_demangle::demangle(name)
            ),
            None => write!(f, "{:016x}", self.0),
        }
    }
}
