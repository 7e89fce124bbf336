//! Port I/O and register blocks in memory, the two ways to reach a device.
//!
//! Port I/O is `unsafe` because a port may start DMA or reset the machine: whoever names a port
//! answers for it. A register block is checked once, when it is mapped; then every access is
//! bounds-checked and volatile, so drivers built on [`Mmio`] need no further `unsafe`.

use core::ptr::NonNull;

use units::MAddr;
use x86_64::instructions::port::Port;

/// Reads a byte from `port`.
///
/// # Safety
/// Reading `port` must have no effect that breaks memory safety, and the caller must own the device.
#[inline]
pub unsafe fn in8(port: u16) -> u8 {
    // SAFETY: passed on to the caller.
    unsafe { Port::new(port).read() }
}

/// Reads 16 bits from `port`.
///
/// # Safety
/// As for [`in8`].
#[inline]
pub unsafe fn in16(port: u16) -> u16 {
    // SAFETY: passed on to the caller.
    unsafe { Port::new(port).read() }
}

/// Reads 32 bits from `port`.
///
/// # Safety
/// As for [`in8`].
#[inline]
pub unsafe fn in32(port: u16) -> u32 {
    // SAFETY: passed on to the caller.
    unsafe { Port::new(port).read() }
}

/// Writes a byte to `port`.
///
/// # Safety
/// Writing `value` to `port` must have no effect that breaks memory safety, and the caller must
/// own the device.
#[inline]
pub unsafe fn out8(port: u16, value: u8) {
    // SAFETY: passed on to the caller.
    unsafe { Port::new(port).write(value) }
}

/// Writes 16 bits to `port`.
///
/// # Safety
/// As for [`out8`].
#[inline]
pub unsafe fn out16(port: u16, value: u16) {
    // SAFETY: passed on to the caller.
    unsafe { Port::new(port).write(value) }
}

/// Writes 32 bits to `port`.
///
/// # Safety
/// As for [`out8`].
#[inline]
pub unsafe fn out32(port: u16, value: u32) {
    // SAFETY: passed on to the caller.
    unsafe { Port::new(port).write(value) }
}

/// A device's register block, mapped uncached for good.
///
/// Reads outside the block give all ones, as an empty bus does; writes outside it are dropped.
#[derive(Clone, Copy, Debug)]
pub struct Mmio {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: the mapping lives for ever on every processor, and all access is volatile; ordering between
// processors is the business of whoever shares the device.
unsafe impl Send for Mmio {}
// SAFETY: as for Send.
unsafe impl Sync for Mmio {}

impl Mmio {
    /// Maps `len` bytes of registers at `addr`; `None` where they can't be mapped or `addr` isn't
    /// 4-byte aligned.
    ///
    /// # Safety
    /// The range must be the registers of a device that the caller owns, not RAM, and no access to
    /// them through this block may break memory safety.
    pub unsafe fn map(addr: MAddr, len: usize) -> Option<Self> {
        if !addr.get().is_multiple_of(4) {
            return None;
        }
        let base = crate::mem::map_mmio(addr, len)?;
        Some(Self { base, len })
    }

    /// As [`Self::map`], write-combining, for video memory.
    ///
    /// # Safety
    /// The range must be video memory that the caller owns.
    pub unsafe fn map_framebuffer(addr: MAddr, len: usize) -> Option<Self> {
        let base = crate::mem::map_framebuffer(addr, len)?;
        Some(Self { base, len })
    }

    /// Writes a run of 64-bit words from `offset` on, if all of it lies in the block and is aligned.
    #[inline]
    pub fn write64s<const N: usize>(&self, offset: usize, words: [u64; N]) {
        if let Some(p) = self.at::<[u64; N]>(offset) {
            for (i, word) in words.into_iter().enumerate() {
                // SAFETY: `at` has checked the whole run.
                unsafe { p.cast::<u64>().add(i).write_volatile(word) }
            }
        }
    }

    fn at<T>(&self, offset: usize) -> Option<*mut T> {
        let (size, align) = (size_of::<T>(), align_of::<T>());
        let aligned = (self.base.addr().get().wrapping_add(offset)).is_multiple_of(align);
        let fits = aligned && offset.checked_add(size)? <= self.len;
        // SAFETY: `offset` lies inside the mapped block.
        fits.then(|| unsafe { self.base.as_ptr().add(offset).cast() })
    }

    #[inline]
    fn read<T>(&self, offset: usize) -> Option<T> {
        // SAFETY: `at` gives aligned pointers into a live mapping; `map`'s caller vouched for access.
        self.at(offset)
            .map(|p: *mut T| unsafe { p.read_volatile() })
    }

    #[inline]
    fn write<T>(&self, offset: usize, value: T) {
        if let Some(p) = self.at::<T>(offset) {
            // SAFETY: as in `read`.
            unsafe { p.write_volatile(value) }
        }
    }

    /// Reads the byte at `offset`.
    #[inline]
    pub fn read8(&self, offset: usize) -> u8 {
        self.read(offset).unwrap_or(!0)
    }

    /// Reads the 16 bits at `offset`, a multiple of 2.
    #[inline]
    pub fn read16(&self, offset: usize) -> u16 {
        self.read(offset).unwrap_or(!0)
    }

    /// Reads the 32 bits at `offset`, a multiple of 4.
    #[inline]
    pub fn read32(&self, offset: usize) -> u32 {
        self.read(offset).unwrap_or(!0)
    }

    /// Writes the byte at `offset`.
    #[inline]
    pub fn write8(&self, offset: usize, value: u8) {
        self.write(offset, value);
    }

    /// Writes the 16 bits at `offset`, a multiple of 2.
    #[inline]
    pub fn write16(&self, offset: usize, value: u16) {
        self.write(offset, value);
    }

    /// Writes the 32 bits at `offset`, a multiple of 4.
    #[inline]
    pub fn write32(&self, offset: usize, value: u32) {
        self.write(offset, value);
    }
}
