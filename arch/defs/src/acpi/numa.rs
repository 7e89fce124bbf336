//! Which memory is near which processor: SRAT (ACPI 6.5 §5.2.16) and SLIT (§5.2.17).

extern crate alloc;

use alloc::vec::Vec;

use super::{AcpiError, Entry, Fault, Table};

/// Proximity domains that a SLIT may have at most.
const MAX_DOMAINS: u64 = 256;

/// A processor's proximity domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuAffinity {
    /// APIC ID.
    pub apic_id: u32,
    /// Proximity domain.
    pub domain: u32,
}

/// A memory range's proximity domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryAffinity {
    /// First address.
    pub start: u64,
    /// Address behind the last; greater than `start`.
    pub end: u64,
    /// Proximity domain.
    pub domain: u32,
    /// Memory may be plugged in here later.
    pub hot_plug: bool,
}

/// An enabled entry of the SRAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affinity {
    /// Of a processor.
    Cpu(CpuAffinity),
    /// Of memory.
    Memory(MemoryAffinity),
}

/// The enabled entries of a table of name `SRAT`.
pub fn srat<'a>(
    table: Table<'a>,
) -> Result<impl Iterator<Item = Result<Affinity, AcpiError>> + use<'a>, AcpiError> {
    let table = table.expect(b"SRAT")?;
    let entries = table.entries(48);
    Ok(entries.filter_map(|e| e.and_then(|e| decode(&e)).transpose()))
}

fn decode(e: &Entry<'_>) -> Result<Option<Affinity>, AcpiError> {
    let (flags, affinity) = match e.kind {
        0 => {
            let high = u32::from(e.u16(9)?) << 8 | u32::from(e.u8(11)?) << 24;
            let cpu = CpuAffinity {
                apic_id: e.u8(3)?.into(),
                domain: u32::from(e.u8(2)?) | high,
            };
            (e.u32(4)?, Affinity::Cpu(cpu))
        }
        1 => {
            let flags = e.u32(28)?;
            if flags & 1 == 0 {
                return Ok(None);
            }
            let (start, len) = (e.u64(8)?, e.u64(16)?);
            if len == 0 {
                return Ok(None);
            }
            let end = start.checked_add(len).ok_or(e.error(16, Fault::Value))?;
            let memory = MemoryAffinity {
                start,
                end,
                domain: e.u32(2)?,
                hot_plug: flags & 2 != 0,
            };
            (flags, Affinity::Memory(memory))
        }
        2 => {
            let cpu = CpuAffinity {
                apic_id: e.u32(8)?,
                domain: e.u32(4)?,
            };
            (e.u32(12)?, Affinity::Cpu(cpu))
        }
        _ => return Ok(None),
    };
    Ok((flags & 1 != 0).then_some(affinity))
}

/// Relative distances between proximity domains; 10 is "here".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slit {
    domains: usize,
    distances: Vec<u8>,
}

impl Slit {
    /// Reads a table of name `SLIT`.
    pub fn parse(table: Table<'_>) -> Result<Self, AcpiError> {
        let table = table.expect(b"SLIT")?;
        let domains = table.u64(36)?;
        if domains == 0 || domains > MAX_DOMAINS {
            return Err(table.error(36, Fault::Value));
        }
        let domains = domains as usize;
        let matrix = table.bytes().get(44..44 + domains * domains);
        let matrix = matrix.ok_or(table.error(4, Fault::Length))?;
        // A distance below 10, or another than 10 to itself, would break whoever computes with it.
        let sound = |(i, d): (usize, &u8)| {
            let here = i / domains == i % domains;
            if here { *d == 10 } else { *d >= 10 }
        };
        if let Some(bad) = matrix.iter().enumerate().position(|x| !sound(x)) {
            return Err(table.error(44 + bad, Fault::Value));
        }
        Ok(Self {
            domains,
            distances: matrix.to_vec(),
        })
    }

    /// Number of proximity domains.
    pub fn domains(&self) -> usize {
        self.domains
    }

    /// Distance of two proximity domains; 255 means "unreachable", `None` "unknown".
    pub fn distance(&self, from: usize, to: usize) -> Option<u8> {
        if from >= self.domains || to >= self.domains {
            return None;
        }
        self.distances.get(from * self.domains + to).copied()
    }
}
