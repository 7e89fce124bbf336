//! The root pointer (ACPI 6.5 §5.2.5): where the list of tables is.
//!
//! The boot loader hands us a copy; without one, BIOS machines have it on a 16-byte boundary in the
//! first KiB of the EBDA or in `0xe0000..0x100000`.

use units::MAddr;

use super::{AcpiError, Fault, Signature, sums_to_zero};

/// Start of the BIOS area to scan.
pub const BIOS_AREA: MAddr = MAddr::new(0xe_0000);
/// Its length.
pub const BIOS_AREA_LEN: usize = 0x2_0000;
/// Where the BIOS keeps the real-mode segment of its extended data area (EBDA), 16 bits.
pub const EBDA_SEGMENT: MAddr = MAddr::new(0x40e);
/// How much of the EBDA to scan.
pub const EBDA_LEN: usize = 0x400;

/// Where the tables are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rsdp {
    /// List with 64-bit addresses, from ACPI 2.0.
    pub xsdt: Option<MAddr>,
    /// List with 32-bit addresses.
    pub rsdt: Option<MAddr>,
    /// Revision: 0 for ACPI 1.0, 2 since.
    pub revision: u8,
}

/// Reads a root pointer. One whose extended part is damaged still counts, with the 32-bit list.
pub fn parse(bytes: &[u8]) -> Result<Rsdp, AcpiError> {
    let error = |offset, fault| AcpiError {
        table: Signature(*b"RSDP"),
        offset,
        fault,
    };
    let v1: &[u8; 20] = bytes.first_chunk().ok_or(error(0, Fault::Length))?;
    if !v1.starts_with(b"RSD PTR ") {
        return Err(error(0, Fault::Signature));
    }
    if !sums_to_zero(v1) {
        return Err(error(8, Fault::Checksum));
    }
    let &[.., revision, r0, r1, r2, r3] = v1;
    let xsdt = (|| {
        if revision < 2 {
            return None;
        }
        let len = u32::from_le_bytes(*bytes.get(20..24)?.first_chunk()?) as usize;
        let v2 = bytes.get(..len).filter(|b| sums_to_zero(b))?;
        let addr = u64::from_le_bytes(*v2.get(24..32)?.first_chunk()?);
        (addr != 0).then_some(MAddr::new(addr))
    })();
    let rsdt = u32::from_le_bytes([r0, r1, r2, r3]);
    let rsdt = (rsdt != 0).then_some(MAddr::new(rsdt.into()));
    if xsdt.is_none() && rsdt.is_none() {
        return Err(error(16, Fault::Value));
    }
    Ok(Rsdp {
        xsdt,
        rsdt,
        revision,
    })
}

/// Finds the first sound root pointer in memory that starts on a 16-byte boundary.
pub fn scan(memory: &[u8]) -> Option<Rsdp> {
    let starts = (0..memory.len()).step_by(16);
    starts
        .filter_map(|at| memory.get(at..))
        .find_map(|tail| parse(tail).ok())
}
