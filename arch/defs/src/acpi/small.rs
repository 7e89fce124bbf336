//! HPET (IA-PC HPET 1.0a §3.2.4) and MCFG (PCI Firmware 3.3 §4.1.2).

use units::MAddr;

use super::{AcpiError, Fault, RegisterAt, Table};

/// A high precision event timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hpet {
    /// Address of its registers.
    pub addr: MAddr,
    /// Its number, by which AML names it.
    pub number: u8,
}

/// Reads a table of name `HPET`.
pub fn hpet(table: Table<'_>) -> Result<Hpet, AcpiError> {
    let table = table.expect(b"HPET")?;
    let Some(RegisterAt::Memory(addr)) = table.gas(40)?.place() else {
        return Err(table.error(40, Fault::Value));
    };
    Ok(Hpet {
        addr,
        number: table.u8(52)?,
    })
}

/// Memory-mapped configuration space of some buses of a PCI segment: 1 MiB a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mcfg {
    /// Address of bus 0's space, even where `first_bus` isn't 0.
    pub base: MAddr,
    /// Segment.
    pub segment: u16,
    /// First bus.
    pub first_bus: u8,
    /// Last bus, not below `first_bus`.
    pub last_bus: u8,
}

/// Reads the regions of a table of name `MCFG`.
pub fn mcfg<'a>(
    table: Table<'a>,
) -> Result<impl Iterator<Item = Result<Mcfg, AcpiError>> + use<'a>, AcpiError> {
    let table = table.expect(b"MCFG")?;
    let len = table.bytes().len();
    let entry = move |at: usize| {
        let base = table.u64(at)?;
        let (first_bus, last_bus) = (table.u8(at + 10)?, table.u8(at + 11)?);
        let end = base.checked_add((u64::from(last_bus) + 1) << 20);
        if base == 0 || base & 0xf_ffff != 0 || end.is_none_or(|end| end > 1 << 52) {
            return Err(table.error(at, Fault::Value));
        }
        if first_bus > last_bus {
            return Err(table.error(at + 10, Fault::Value));
        }
        Ok(Mcfg {
            base: MAddr::new(base),
            segment: table.u16(at + 8)?,
            first_bus,
            last_bus,
        })
    };
    Ok((44..len).step_by(16).map(entry))
}
