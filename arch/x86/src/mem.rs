//! The hypervisor's own view of machine memory.

use core::ptr::NonNull;
use units::MAddr;

/// Start of the direct map of RAM: machine address `a` of RAM is at `DIRECT_MAP + a`.
pub const DIRECT_MAP: u64 = 0xffff_8300_0000_0000;

/// The hypervisor's pointer to byte `addr` of RAM.
pub fn direct(addr: MAddr) -> *mut u8 {
    (DIRECT_MAP + addr.get()) as *mut u8
}

/// Maps `len` bytes of device memory from `addr` uncached, read-write, for good. The pointer keeps
/// `addr`'s offset in its page.
pub fn map_mmio(addr: MAddr, len: usize) -> Option<NonNull<u8>> {
    let _ = (addr, len);
    None
}

/// Maps `len` bytes from `addr` write-combining (a framebuffer), for good.
pub fn map_framebuffer(addr: MAddr, len: usize) -> Option<NonNull<u8>> {
    let _ = (addr, len);
    None
}

/// Maps `len` bytes of firmware tables from `addr` (RAM, reserved or ACPI memory) cached and read-only, for good.
pub fn map_firmware(addr: MAddr, len: usize) -> Option<NonNull<u8>> {
    let _ = (addr, len);
    None
}
