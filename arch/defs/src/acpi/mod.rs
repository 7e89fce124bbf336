//! The ACPI tables that a hypervisor reads (ACPI 6.5 ch. 5), parsed with every byte in doubt.
//!
//! A dom0 kernel runs the AML; we read static tables only: processors and interrupt controllers
//! (MADT), power management registers (FADT), timers (HPET), PCI configuration space (MCFG) and the
//! memory topology (SRAT, SLIT). Firmware gets them wrong in every way: lengths beyond the table,
//! entries of length 0, bad checksums, pointers to nowhere. A length that is believed is an access
//! outside the table, and an entry of length 0 an endless loop, before there is a console to tell it.
//! So all reading goes through [`Table`], which checks each access and answers [`AcpiError`] with the
//! table's name, the offset and the reason; [`discover`](discover::discover) turns these into a list
//! of complaints and keeps whatever else made sense.
//!
//! The `acpi` crate is not used for this. It trusts a table's own length when it maps it, hands
//! out references to packed structures in the mapping, and has `assert!`, `panic!` and `unwrap` on
//! paths that a malformed table reaches (revision of the RSDP, UTF-8 of an OEM name, access sizes of
//! a generic address).
//!
//! Tables are reached through a caller's function from address and length to bytes, so that the whole
//! discovery runs on the host over made-up memory.

pub mod aml;
pub mod discover;
pub mod fadt;
pub mod madt;
pub mod numa;
pub mod rsdp;
mod small;

pub use discover::{AcpiInfo, discover};
pub use fadt::Fadt;
pub use small::{Hpet, Mcfg, hpet, mcfg};

use core::fmt;

use units::MAddr;

/// A table's four-letter name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 4]);

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| {
            let printable = b.is_ascii_graphic();
            fmt::Write::write_char(f, if printable { char::from(*b) } else { '?' })
        })
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wrong with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such table.
    Absent,
    /// The address that it should have can't be read.
    Unreadable(MAddr),
    /// Another name stands where this table's should.
    Signature,
    /// A length is too small for what it must hold, or larger than what holds it.
    Length,
    /// The bytes don't sum to 0.
    Checksum,
    /// A field has a value that makes no sense.
    Value,
    /// More entries than we keep.
    TooMany,
}

/// A fault, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcpiError {
    /// The table.
    pub table: Signature,
    /// Byte offset in it.
    pub offset: usize,
    /// The fault.
    pub fault: Fault,
}

impl fmt::Display for AcpiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ACPI table {} at +{:#x}: ", self.table, self.offset)?;
        match self.fault {
            Fault::Absent => f.write_str("absent"),
            Fault::Unreadable(addr) => write!(f, "nothing readable at {addr}"),
            Fault::Signature => f.write_str("wrong signature"),
            Fault::Length => f.write_str("bad length"),
            Fault::Checksum => f.write_str("bad checksum"),
            Fault::Value => f.write_str("senseless value"),
            Fault::TooMany => f.write_str("too many entries"),
        }
    }
}

/// Gives the bytes at a machine address, or nothing where they can't be read.
pub type Reader<'r, 'a> = &'r dyn Fn(MAddr, usize) -> Option<&'a [u8]>;

/// Bytes of the header that every table but RSDP and FACS begins with (ACPI 6.5 §5.2.6).
pub const HEADER: usize = 36;
/// Longest table read. The largest in the field, DSDTs, have a few hundred KiB.
pub const MAX_TABLE: usize = 4 << 20;

/// True where the bytes sum to 0 modulo 256.
pub fn sums_to_zero(bytes: &[u8]) -> bool {
    bytes.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)) == 0
}

/// A table, header and all, of sound length and checksum. Offsets count from its first byte.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    name: Signature,
    bytes: &'a [u8],
}

impl<'a> Table<'a> {
    /// Reads and checks the table at `addr`, whatever its name.
    pub fn load(addr: MAddr, read: Reader<'_, 'a>) -> Result<Self, AcpiError> {
        let unknown = Signature(*b"????");
        let unreadable = |table| AcpiError {
            table,
            offset: 0,
            fault: Fault::Unreadable(addr),
        };
        if addr == MAddr::new(0) {
            return Err(unreadable(unknown));
        }
        let head = read(addr, HEADER).ok_or(unreadable(unknown))?;
        let head = Self {
            name: unknown,
            bytes: head,
        };
        let name = Signature(head.array(0)?);
        let len = head.u32(4)? as usize;
        if !(HEADER..=MAX_TABLE).contains(&len) {
            return Err(AcpiError {
                table: name,
                offset: 4,
                fault: Fault::Length,
            });
        }
        Self::checked(name, read(addr, len).ok_or(unreadable(name))?)
    }

    /// Checks a table that is at hand. Bytes behind its length are ignored.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, AcpiError> {
        let whole = Self {
            name: Signature(*b"????"),
            bytes,
        };
        let name = Signature(whole.array(0)?);
        Self::checked(name, bytes)
    }

    fn checked(name: Signature, bytes: &'a [u8]) -> Result<Self, AcpiError> {
        let whole = Self { name, bytes };
        let len = whole.u32(4)? as usize;
        if len < HEADER {
            return Err(whole.error(4, Fault::Length));
        }
        let bytes = bytes.get(..len).ok_or(whole.error(4, Fault::Length))?;
        if !sums_to_zero(bytes) {
            return Err(whole.error(9, Fault::Checksum));
        }
        Ok(Self { name, bytes })
    }

    /// The name in the header.
    pub fn name(&self) -> Signature {
        self.name
    }

    /// All bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Refuses a table of another name.
    pub fn expect(self, name: &[u8; 4]) -> Result<Self, AcpiError> {
        if self.name.0 == *name {
            Ok(self)
        } else {
            Err(AcpiError {
                table: Signature(*name),
                offset: 0,
                fault: Fault::Signature,
            })
        }
    }

    /// An error of this table.
    pub fn error(&self, offset: usize, fault: Fault) -> AcpiError {
        AcpiError {
            table: self.name,
            offset,
            fault,
        }
    }

    fn array<const N: usize>(&self, offset: usize) -> Result<[u8; N], AcpiError> {
        self.bytes
            .get(offset..)
            .and_then(|tail| tail.first_chunk::<N>())
            .copied()
            .ok_or(self.error(offset, Fault::Length))
    }

    /// The byte at `offset`.
    pub fn u8(&self, offset: usize) -> Result<u8, AcpiError> {
        Ok(u8::from_le_bytes(self.array(offset)?))
    }

    /// The 16-bit number at `offset`.
    pub fn u16(&self, offset: usize) -> Result<u16, AcpiError> {
        Ok(u16::from_le_bytes(self.array(offset)?))
    }

    /// The 32-bit number at `offset`.
    pub fn u32(&self, offset: usize) -> Result<u32, AcpiError> {
        Ok(u32::from_le_bytes(self.array(offset)?))
    }

    /// The 64-bit number at `offset`.
    pub fn u64(&self, offset: usize) -> Result<u64, AcpiError> {
        Ok(u64::from_le_bytes(self.array(offset)?))
    }

    /// The generic address at `offset`.
    pub fn gas(&self, offset: usize) -> Result<Gas, AcpiError> {
        Ok(Gas {
            space: self.u8(offset)?,
            bits: self.u8(offset + 1)?,
            addr: self.u64(offset + 4)?,
        })
    }

    /// The entries from `first` to the table's end, each a type byte, a length byte and contents, as
    /// MADT and SRAT have them. After a length that makes no sense nothing can be found any more, so
    /// that error is the last item.
    pub fn entries(self, first: usize) -> impl Iterator<Item = Result<Entry<'a>, AcpiError>> {
        let mut at = first;
        core::iter::from_fn(move || {
            if at >= self.bytes.len() {
                return None;
            }
            let offset = at;
            let entry = self.u8(offset).and_then(|kind| {
                let len = usize::from(self.u8(offset + 1)?);
                let bad = self.error(offset + 1, Fault::Length);
                if len < 2 {
                    return Err(bad);
                }
                let bytes = self.bytes.get(offset..offset + len).ok_or(bad)?;
                at = offset + len;
                Ok(Entry {
                    kind,
                    offset,
                    inner: Self {
                        name: self.name,
                        bytes,
                    },
                })
            });
            if entry.is_err() {
                at = self.bytes.len();
            }
            Some(entry)
        })
    }
}

/// An entry of a table; offsets count from its type byte, those in errors from the table's start.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Type.
    pub kind: u8,
    /// Where it is in the table.
    pub offset: usize,
    inner: Table<'a>,
}

impl Entry<'_> {
    fn shift<T>(&self, result: Result<T, AcpiError>) -> Result<T, AcpiError> {
        result.map_err(|e| AcpiError {
            offset: e.offset + self.offset,
            ..e
        })
    }

    /// An error at this entry.
    pub fn error(&self, offset: usize, fault: Fault) -> AcpiError {
        self.inner.error(self.offset + offset, fault)
    }

    /// The byte at `offset`.
    pub fn u8(&self, offset: usize) -> Result<u8, AcpiError> {
        self.shift(self.inner.u8(offset))
    }

    /// The 16-bit number at `offset`.
    pub fn u16(&self, offset: usize) -> Result<u16, AcpiError> {
        self.shift(self.inner.u16(offset))
    }

    /// The 32-bit number at `offset`.
    pub fn u32(&self, offset: usize) -> Result<u32, AcpiError> {
        self.shift(self.inner.u32(offset))
    }

    /// The 64-bit number at `offset`.
    pub fn u64(&self, offset: usize) -> Result<u64, AcpiError> {
        self.shift(self.inner.u64(offset))
    }
}

/// A generic address: where a register is (ACPI 6.5 §5.2.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Gas {
    /// 0 memory, 1 I/O port, 2 PCI configuration space; others exist.
    pub space: u8,
    /// Width in bits.
    pub bits: u8,
    /// Address in that space; 0 means that there is no register.
    pub addr: u64,
}

/// A register's place, if it is one that we can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterAt {
    /// An I/O port.
    Port(u16),
    /// Memory.
    Memory(MAddr),
    /// Bus 0's PCI configuration space.
    PciConfig {
        /// Device number.
        device: u8,
        /// Function number.
        function: u8,
        /// Register offset.
        offset: u16,
    },
}

impl Gas {
    /// Where the register is; `None` where there is none or it is in a space that we don't reach.
    pub fn place(&self) -> Option<RegisterAt> {
        match self.space {
            _ if self.addr == 0 => None,
            0 => (self.addr < 1 << 52).then_some(RegisterAt::Memory(MAddr::new(self.addr))),
            1 => u16::try_from(self.addr).ok().map(RegisterAt::Port),
            2 => Some(RegisterAt::PciConfig {
                device: u8::try_from(self.addr >> 32 & 0xffff)
                    .ok()
                    .filter(|d| *d < 32)?,
                function: u8::try_from(self.addr >> 16 & 0xffff)
                    .ok()
                    .filter(|f| *f < 8)?,
                offset: self.addr as u16,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
