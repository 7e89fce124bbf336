//! Where a vCPU's `vcpu_info` lies, and its upcall flags (`xen.h`).
//!
//! `evtchn_upcall_pending` is byte 0: the hypervisor sets it, the guest clears it *before* it looks for
//! work. `evtchn_upcall_mask` is byte 1: the guest's interrupt-enable flag upside down, which only
//! the vCPU itself and the hypervisor on its behalf change. All is done by atomic operations on the
//! 64-bit word that holds both, so that neither side undoes the other's bytes.

use core::sync::atomic::Ordering;

use units::{FrameAccess, Mfn, PAGE_SIZE};

use crate::error::Error;
use crate::two_level::Layout;

/// Bytes of `vcpu_info`.
pub const VCPU_INFO_SIZE: usize = size_of::<abi::xen::VcpuInfo>();
/// vCPUs that have a place in `shared_info`.
pub const LEGACY_MAX_VCPUS: u32 = abi::arch_x86::XEN_LEGACY_MAX_VCPUS as u32;

const PENDING: u64 = 1;
const PENDING_BYTE: u64 = 0xff;
const MASK: u64 = 1 << 8;
const MASK_BYTE: u64 = 0xff << 8;

/// The place of one `vcpu_info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VcpuInfo {
    frame: Mfn,
    /// In 64-bit words.
    first: u16,
}

impl VcpuInfo {
    /// The one at byte `offset` of `frame`; refused where it would be misaligned or cross the
    /// page's end.
    pub const fn new(frame: Mfn, offset: u32) -> Result<Self, Error> {
        if offset as usize > PAGE_SIZE - VCPU_INFO_SIZE || !offset.is_multiple_of(8) {
            return Err(Error::BadOffset);
        }
        Ok(Self {
            frame,
            first: (offset / 8) as u16,
        })
    }

    /// The frame that holds it.
    pub const fn frame(self) -> Mfn {
        self.frame
    }

    /// Its byte offset in the frame.
    pub const fn offset(self) -> usize {
        self.first as usize * 8
    }

    /// True where an upcall is wanted.
    #[inline]
    pub fn is_pending(self, mem: &impl FrameAccess) -> bool {
        self.flags(mem) & PENDING_BYTE != 0
    }

    /// True where the guest holds upcalls off.
    #[inline]
    pub fn is_masked(self, mem: &impl FrameAccess) -> bool {
        self.flags(mem) & MASK_BYTE != 0
    }

    /// True where an upcall is wanted and not held off.
    #[inline]
    pub fn wants_upcall(self, mem: &impl FrameAccess) -> bool {
        let flags = self.flags(mem);
        flags & PENDING_BYTE != 0 && flags & MASK_BYTE == 0
    }

    /// Holds upcalls off, as the hypervisor does when it delivers one.
    #[inline]
    pub fn mask(self, mem: &impl FrameAccess) {
        self.word(mem, 0).fetch_or(MASK, Ordering::SeqCst);
    }

    /// Lets upcalls through, as blocking and returning from an upcall do. Look at
    /// [`Self::is_pending`] afterwards: an event may have come in between.
    #[inline]
    pub fn unmask(self, mem: &impl FrameAccess) {
        self.word(mem, 0).fetch_and(!MASK_BYTE, Ordering::SeqCst);
    }

    /// Wants an upcall; true if none was wanted before. Sequentially consistent, after the event's
    /// own bits: pairs with the guest clearing the byte before it looks for those.
    #[inline]
    pub(crate) fn mark_pending(self, mem: &impl FrameAccess) -> bool {
        self.word(mem, 0).fetch_or(PENDING, Ordering::SeqCst) & PENDING == 0
    }

    /// Sets the selector bit of the 2-level ABI that covers `port`; true if it was clear.
    #[inline]
    pub(crate) fn select(self, mem: &impl FrameAccess, layout: Layout, port: u32) -> bool {
        let (index, bit) = layout.selector(port);
        let bit = 1 << bit;
        self.word(mem, index).fetch_or(bit, Ordering::SeqCst) & bit == 0
    }

    /// Fills a fresh structure from `old`, or as that of a vCPU that never ran, and marks every event
    /// as possibly pending: what was signalled in between is found again at the price of one spurious
    /// upcall.
    pub(crate) fn take_over(self, mem: &impl FrameAccess, old: Option<Self>, layout: Layout) {
        for index in 0..VCPU_INFO_SIZE / 8 {
            let value = match old {
                Some(old) => old.word(mem, index).load(Ordering::SeqCst),
                None if index == 0 => MASK,
                None => 0,
            };
            self.word(mem, index).store(value, Ordering::SeqCst);
        }
        let (index, all) = match layout {
            Layout::Bits64 => (1, u64::MAX),
            Layout::Bits32 => (0, u64::MAX << 32),
        };
        self.word(mem, index).fetch_or(all, Ordering::SeqCst);
        self.mark_pending(mem);
    }

    #[inline]
    fn flags(self, mem: &impl FrameAccess) -> u64 {
        self.word(mem, 0).load(Ordering::SeqCst)
    }

    #[inline]
    fn word<M: FrameAccess>(self, mem: &M, index: usize) -> &core::sync::atomic::AtomicU64 {
        mem.word(self.frame, self.first as usize + index)
    }
}
