//! The hypervisor's own view of machine memory.
//!
//! RAM is in the direct map for good. Device registers and firmware tables are mapped on request in
//! the vmap area, also for good: there are few of them, and a mapping that never goes away can be a
//! plain pointer.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

use arch_defs::layout;
use spin::Mutex;
use units::{FrameAccess, MAddr, Mfn, PAGE_SIZE};

use crate::paging::{self, Attr};

/// The hypervisor's pointer to byte `addr` of RAM.
#[inline]
pub fn direct(addr: MAddr) -> *mut u8 {
    (layout::DIRECT_MAP + addr.get()) as *mut u8
}

/// First frame behind RAM. Frames from here on have no direct mapping.
static RAM_END: AtomicU64 = AtomicU64::new(0);

/// What [`Direct::word`] gives for frames that aren't RAM.
static VOID: AtomicU64 = AtomicU64::new(0);

pub(crate) fn set_ram_end(frame: u64) {
    RAM_END.store(frame, Ordering::Relaxed);
}

/// First frame number behind all RAM.
pub fn ram_end() -> Mfn {
    Mfn::new(RAM_END.load(Ordering::Relaxed))
}

/// RAM through the direct map.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

impl Direct {
    /// Pointer to `len` bytes at `offset` of `frame`, if they are inside the frame and below the end
    /// of RAM.
    #[inline]
    fn bytes(frame: Mfn, offset: usize, len: usize) -> Option<*mut u8> {
        let inside =
            offset.checked_add(len)? <= PAGE_SIZE && frame.get() < RAM_END.load(Ordering::Relaxed);
        inside.then(|| (layout::DIRECT_MAP + (frame.get() << 12) + offset as u64) as *mut u8)
    }
}

impl FrameAccess for Direct {
    #[inline]
    fn word(&self, frame: Mfn, index: usize) -> &AtomicU64 {
        match Self::bytes(frame, index.wrapping_mul(8), 8) {
            // SAFETY: aligned, inside the direct map, and always accessed atomically.
            Some(p) => unsafe { AtomicU64::from_ptr(p.cast()) },
            None => &VOID,
        }
    }

    fn read_bytes(&self, frame: Mfn, offset: usize, to: &mut [u8]) {
        let len = to.len().min(PAGE_SIZE.saturating_sub(offset));
        if let Some(p) = Self::bytes(frame, offset, len) {
            // SAFETY: `len` bytes at `p` are mapped; `to` is hypervisor memory and can't overlap a
            // frame that a caller may name, and a guest's concurrent writes can only change values.
            unsafe { copy(to.as_mut_ptr(), p, len) }
        }
    }

    fn write_bytes(&self, frame: Mfn, offset: usize, from: &[u8]) {
        let len = from.len().min(PAGE_SIZE.saturating_sub(offset));
        if let Some(p) = Self::bytes(frame, offset, len) {
            // SAFETY: as in `read_bytes`.
            unsafe { copy(p, from.as_ptr(), len) }
        }
    }

    fn zero(&self, frame: Mfn) {
        if let Some(p) = Self::bytes(frame, 0, PAGE_SIZE) {
            // SAFETY: the whole frame is mapped.
            unsafe {
                core::arch::asm!("rep stosq", inout("rdi") p => _, inout("rcx") 512usize => _, in("rax") 0u64, options(nostack, preserves_flags));
            }
        }
    }

    fn copy_frame(&self, to: Mfn, from: Mfn) {
        if let (Some(to), Some(from)) = (
            Self::bytes(to, 0, PAGE_SIZE),
            Self::bytes(from, 0, PAGE_SIZE),
        ) {
            // SAFETY: both frames are mapped whole.
            unsafe { copy(to, from, PAGE_SIZE) }
        }
    }
}

/// A copy the compiler can't reason about, because a guest may write either side meanwhile.
///
/// # Safety
/// Both ranges must be mapped, `to` writable.
unsafe fn copy(to: *mut u8, from: *const u8, len: usize) {
    // SAFETY: the caller's promise; the direction flag is clear in all hypervisor code.
    unsafe {
        core::arch::asm!(
            "rep movsq",
            "mov ecx, {tail:e}",
            "rep movsb",
            tail = in(reg) len & 7,
            inout("rdi") to => _, inout("rsi") from => _, inout("rcx") len / 8 => _,
            options(nostack, preserves_flags),
        );
    }
}

/// `len` bytes of RAM at `addr` as a slice.
///
/// # Safety
/// The range must be RAM in the direct map that no guest and no device writes while the slice lives, and
/// to which no mutable reference exists.
pub unsafe fn ram_slice<'a>(addr: MAddr, len: usize) -> &'a [u8] {
    // SAFETY: the caller's promise.
    unsafe { core::slice::from_raw_parts(direct(addr), len) }
}

/// Next free page of the vmap area.
static VMAP_NEXT: Mutex<u64> = Mutex::new(layout::VMAP);
/// End of the vmap area: its L4 slot.
const VMAP_END: u64 = layout::VMAP + (1 << 39);

fn map(addr: MAddr, len: usize, attr: Attr) -> Option<NonNull<u8>> {
    let first = addr.get() & !0xfff;
    let end = addr
        .get()
        .checked_add(len as u64)?
        .checked_next_multiple_of(4096)?;
    if end > 1 << 52 {
        return None;
    }
    let mut next = VMAP_NEXT.lock();
    let at = *next;
    // One page stays unmapped behind each mapping.
    let behind = at.checked_add(end - first)?.checked_add(4096)?;
    if behind > VMAP_END {
        return None;
    }
    let mut pa = first;
    while pa < end {
        paging::map_page(at + (pa - first), Mfn::new(pa >> 12), attr)?;
        pa += 4096;
    }
    *next = behind;
    NonNull::new((at + (addr.get() - first)) as *mut u8)
}

/// Maps `len` bytes of device memory from `addr` uncached, read-write, for good. The pointer keeps
/// `addr`'s offset in its page.
pub fn map_mmio(addr: MAddr, len: usize) -> Option<NonNull<u8>> {
    map(addr, len, Attr::DEVICE)
}

/// Maps `len` bytes from `addr` write-combining (a framebuffer), for good.
pub fn map_framebuffer(addr: MAddr, len: usize) -> Option<NonNull<u8>> {
    map(addr, len, Attr::WRITE_COMBINING)
}

/// Maps `len` bytes of firmware tables from `addr` (RAM, reserved or ACPI memory) cached and read-only, for good.
pub fn map_firmware(addr: MAddr, len: usize) -> Option<NonNull<u8>> {
    map(addr, len, Attr::READ_ONLY)
}
