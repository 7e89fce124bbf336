//! Finding the ACPI tables in this machine's memory; what they mean is in [`arch_defs::acpi`].
//!
//! Tables lie anywhere the firmware likes, also outside what the memory map calls RAM, so they are
//! read through read-only firmware mappings. Each table is mapped twice, first its header and then
//! all of it, and stays mapped: there are some dozens of small ones.

use arch_defs::acpi::rsdp::{BIOS_AREA, BIOS_AREA_LEN, EBDA_LEN, EBDA_SEGMENT, Rsdp, parse, scan};
use arch_defs::acpi::{AcpiError, AcpiInfo, Fault, Signature};
use units::MAddr;

use crate::mem;

/// Maps `len` bytes of firmware data, for those who parse further tables
/// ([`AcpiInfo::table`](arch_defs::acpi::AcpiInfo::table)).
///
/// # Safety
/// Nothing may write these bytes while the hypervisor runs. Firmware data lies in memory that no
/// guest is given for writing (ACPI reclaimable, reserved, BIOS area).
pub unsafe fn firmware(addr: MAddr, len: usize) -> Option<&'static [u8]> {
    let at = mem::map_firmware(addr, len)?;
    // SAFETY: the mapping is `len` bytes long and permanent; the caller vouches that they don't change.
    Some(unsafe { core::slice::from_raw_parts(at.as_ptr(), len) })
}

/// Looks for the root pointer where a BIOS leaves it.
///
/// # Safety
/// As for [`firmware`], of the memory below 1 MiB. On an EFI machine there may be nothing to find.
pub unsafe fn scan_bios() -> Option<Rsdp> {
    // SAFETY: the caller vouches for low memory.
    let read = |addr, len| unsafe { firmware(addr, len) };
    let segment = read(EBDA_SEGMENT, 2).and_then(|b| b.first_chunk().copied());
    let ebda = u64::from(u16::from_le_bytes(segment.unwrap_or([0, 0]))) << 4;
    // The EBDA ends at 640 KiB; another place means that there is none.
    let ebda = (0x8_0000..0xa_0000 - EBDA_LEN as u64)
        .contains(&ebda)
        .then_some((MAddr::new(ebda), EBDA_LEN));
    ebda.into_iter()
        .chain([(BIOS_AREA, BIOS_AREA_LEN)])
        .find_map(|(addr, len)| scan(read(addr, len)?))
}

/// Finds and reads the tables. `rsdp` is the boot loader's copy of the root pointer, if it gave one;
/// without a sound one the BIOS areas are searched.
///
/// # Safety
/// As for [`firmware`], of every ACPI table.
pub unsafe fn discover(rsdp: Option<&[u8]>) -> Result<AcpiInfo, AcpiError> {
    let absent = AcpiError {
        table: Signature(*b"RSDP"),
        offset: 0,
        fault: Fault::Absent,
    };
    let given = rsdp.map_or(Err(absent), parse);
    let root = given.or_else(|error| {
        // SAFETY: passed on to the caller.
        unsafe { scan_bios() }.ok_or(error)
    })?;
    // SAFETY: passed on to the caller.
    arch_defs::acpi::discover(&root, &|addr, len| unsafe { firmware(addr, len) })
}
