//! The frame ledger: references, ownership, sharing of hypervisor frames, and the M2P table.
//!
//! Life of a frame:
//!
//! ```text
//! not RAM -- FrameAllocator::add_region --> free -- alloc --> fresh -- DomainPages::assign --> owned
//!                                            ^                 |                                 |
//!                                            |                 +-- take_hypervisor --> hypervisor|
//!                                            +--- free <--- fresh <--- release <--- last reference
//! ```
//!
//! *Fresh* is nobody's: no owner, no reference, off every list.

use core::cell::Cell;
use core::sync::atomic::{AtomicU64, Ordering};

use units::{DomId, Mfn, Pfn};

use crate::error::MmError;
use crate::frame::{FrameInfo, FrameType, Kind, NIL, Refs};

/// The ledger entries of all machine frames and the machine-to-physical table.
#[derive(Clone, Copy)]
pub struct Ledger<'a> {
    frames: &'a [FrameInfo],
    m2p: &'a [AtomicU64],
}

impl<'a> Ledger<'a> {
    /// A ledger over `frames` and `m2p`, both indexed by machine frame number. Frames from
    /// 2^32 - 1 on (16 TiB) are ignored.
    pub fn new(frames: &'a [FrameInfo], m2p: &'a [AtomicU64]) -> Self {
        Self {
            frames: frames.get(..NIL as usize).unwrap_or(frames),
            m2p,
        }
    }

    /// Frames that the ledger has entries for, RAM or not.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// True for a ledger of nothing.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The entry of `mfn`, unless it lies beyond the ledger.
    #[inline(always)]
    pub fn frame(&self, mfn: Mfn) -> Option<&'a FrameInfo> {
        self.frames.get(mfn.index())
    }

    pub(crate) fn at(&self, index: u32) -> Option<&'a FrameInfo> {
        self.frames.get(index as usize)
    }

    /// The entry of `mfn` if that is RAM.
    #[inline(always)]
    pub fn ram(&self, mfn: Mfn) -> Option<&'a FrameInfo> {
        self.frame(mfn).filter(|f| f.refs().has(Refs::RAM))
    }

    /// The owner of `mfn`: none for what isn't RAM, and for free frames.
    pub fn owner(&self, mfn: Mfn) -> Option<DomId> {
        let refs = self.ram(mfn)?.refs();
        (!refs.has(Refs::FREE) && refs.owner() != DomId::INVALID).then(|| refs.owner())
    }

    /// True for frames of the hypervisor, shared or not.
    pub fn is_hypervisor(&self, mfn: Mfn) -> bool {
        self.frame(mfn)
            .is_some_and(|f| f.refs().has(Refs::HYPERVISOR))
    }

    /// Takes a reference to `mfn` if `owner` owns it.
    #[inline]
    pub fn get_page(&self, mfn: Mfn, owner: DomId) -> Result<&'a FrameInfo, MmError> {
        let frame = self.frame(mfn).ok_or(MmError::NoSuchFrame)?;
        if frame.get_ref(owner) {
            Ok(frame)
        } else if frame.refs().has(Refs::RAM) {
            Err(MmError::NotOwner)
        } else {
            Err(MmError::NoSuchFrame)
        }
    }

    /// Takes a reference to `mfn` whoever owns it, and tells who.
    pub fn get_page_any(&self, mfn: Mfn) -> Result<DomId, MmError> {
        let frame = self.ram(mfn).ok_or(MmError::NoSuchFrame)?;
        let mut x = frame.refs();
        while x.count() != 0 {
            match frame.swap_refs(x, Refs(x.0 + 1)) {
                Ok(()) => return Ok(x.owner()),
                Err(now) => x = now,
            }
        }
        Err(MmError::NotOwner)
    }

    /// Returns a reference. True where it was the last: the frame is then the caller's to pass to
    /// [`DomainPages::release`](crate::DomainPages::release) and the allocator. `relax` is called
    /// while another processor finishes an update inside the frame.
    #[inline]
    #[must_use]
    pub fn put_page(&self, mfn: Mfn, relax: impl Fn()) -> bool {
        let Some(frame) = self.frame(mfn) else {
            return false;
        };
        if !frame.put_ref() {
            return false;
        }
        // An L1 update holds a type reference without a frame reference; let it finish.
        while frame.kind().count() != 0 {
            relax();
        }
        true
    }

    /// Returns the owner's own reference of `mfn`, which the caller must hold another reference to.
    /// A shared hypervisor frame isn't its domain's to give up.
    pub fn drop_allocated(&self, mfn: Mfn) -> Result<(), MmError> {
        let frame = self.frame(mfn).ok_or(MmError::NoSuchFrame)?;
        let mut x = frame.refs();
        loop {
            if x.has(Refs::HYPERVISOR) {
                return Err(MmError::NotOwner);
            }
            if !x.has(Refs::ALLOCATED) || x.count() < 2 {
                return Err(MmError::NotAllocated);
            }
            // SeqCst: pairs with pinning, see `Mmu::pin`.
            match frame.refs.compare_exchange(
                x.0,
                (x.0 & !Refs::ALLOCATED) - 1,
                Ordering::SeqCst,
                Ordering::Acquire,
            ) {
                Ok(_) => return Ok(()),
                Err(now) => x = Refs(now),
            }
        }
    }

    /// Makes a fresh frame the hypervisor's own. No domain can reference it until it is shared.
    pub fn take_hypervisor(&self, mfn: Mfn) -> Result<(), MmError> {
        let frame = self.ram(mfn).ok_or(MmError::NoSuchFrame)?;
        let old = fresh(frame)?;
        frame.kind.store(Kind::FRESH.0, Ordering::Relaxed);
        frame
            .swap_refs(
                old,
                Refs::new(
                    old.0 & Refs::DIRTY | Refs::RAM | Refs::HYPERVISOR,
                    DomId::XEN,
                    0,
                ),
            )
            .map_err(|_| MmError::NotFresh)
    }

    /// Makes an unshared hypervisor frame fresh again, to be freed.
    pub fn return_hypervisor(&self, mfn: Mfn) -> Result<(), MmError> {
        let frame = self.ram(mfn).ok_or(MmError::NoSuchFrame)?;
        let old = frame.refs();
        if !old.has(Refs::HYPERVISOR) {
            return Err(MmError::NotHypervisor);
        }
        if old.count() != 0 {
            return Err(MmError::StillReferenced);
        }
        frame
            .swap_refs(old, Refs::new(Refs::RAM | Refs::DIRTY, DomId::INVALID, 0))
            .map_err(|_| MmError::StillReferenced)
    }

    /// Marks RAM that the allocator never gets (the hypervisor's image, boot-time tables) as the
    /// hypervisor's.
    pub fn add_hypervisor(&self, start: Mfn, end: Mfn) -> Result<(), MmError> {
        let frames = self
            .frames
            .get(start.index()..end.index())
            .ok_or(MmError::BadRange)?;
        for frame in frames {
            let refs = Refs::new(Refs::RAM | Refs::HYPERVISOR, DomId::XEN, 0);
            frame
                .swap_refs(Refs(0), refs)
                .map_err(|_| MmError::BadRange)?;
        }
        Ok(())
    }

    /// Lets `domain` map a scrubbed hypervisor frame, read-only or writable, as if it owned it
    /// ([`DomId::XEN`]: lets the privileged name it as that domain's). A frame that was shared before
    /// and not freed since may still be in TLBs: flush every processor first.
    pub fn share(&self, mfn: Mfn, domain: DomId, writable: bool) -> Result<(), MmError> {
        let frame = self.ram(mfn).ok_or(MmError::NoSuchFrame)?;
        let old = frame.refs();
        if !old.has(Refs::HYPERVISOR) || old.count() != 0 {
            return Err(MmError::NotHypervisor);
        }
        if old.has(Refs::DIRTY) {
            return Err(MmError::NotScrubbed);
        }
        let ty = if writable {
            FrameType::Writable
        } else {
            FrameType::Shared
        };
        // With no reference on the frame nobody else touches the type word.
        frame
            .kind
            .store(Kind::new(ty, 1).with(Kind::VALIDATED).0, Ordering::Relaxed);
        let flags = Refs::RAM | Refs::HYPERVISOR | Refs::ALLOCATED;
        frame
            .swap_refs(old, Refs::new(flags, domain, 1))
            .map_err(|_| MmError::NotHypervisor)
    }

    /// Takes a shared frame back, now dirty. True where nobody maps it any more, so that the caller may
    /// [`return_hypervisor`](Self::return_hypervisor) it; otherwise the last mapping to go reports
    /// it freed.
    pub fn unshare(&self, mfn: Mfn, relax: impl Fn()) -> Result<bool, MmError> {
        let frame = self.ram(mfn).ok_or(MmError::NoSuchFrame)?;
        let before = Refs(frame.refs.fetch_and(!Refs::ALLOCATED, Ordering::AcqRel));
        if !before.has(Refs::HYPERVISOR | Refs::ALLOCATED) {
            if before.has(Refs::ALLOCATED) {
                frame.refs.fetch_or(Refs::ALLOCATED, Ordering::AcqRel);
            }
            return Err(MmError::NotHypervisor);
        }
        frame.refs.fetch_or(Refs::DIRTY, Ordering::AcqRel);
        // Writable and Shared have nothing to undo, and the frame stays the hypervisor's.
        frame.kind.fetch_sub(1, Ordering::AcqRel);
        Ok(self.put_page(mfn, relax))
    }

    /// The pseudo-physical number that the M2P table holds for `mfn`.
    pub fn m2p(&self, mfn: Mfn) -> Pfn {
        self.m2p
            .get(mfn.index())
            .map_or(Pfn::INVALID, |e| Pfn::new(e.load(Ordering::Relaxed)))
    }

    /// Stores `pfn` for `mfn` in the M2P table; beyond its end, nothing happens.
    #[inline]
    pub fn set_m2p(&self, mfn: Mfn, pfn: Pfn) {
        if let Some(entry) = self.m2p.get(mfn.index()) {
            entry.store(pfn.get(), Ordering::Relaxed);
        }
    }
}

/// The reference word of a fresh frame.
pub(crate) fn fresh(frame: &FrameInfo) -> Result<Refs, MmError> {
    let refs = frame.refs();
    let used = Refs::FREE | Refs::HYPERVISOR | Refs::ALLOCATED;
    if refs.0 & used == 0
        && refs.has(Refs::RAM)
        && refs.count() == 0
        && refs.owner() == DomId::INVALID
    {
        Ok(refs)
    } else {
        Err(MmError::NotFresh)
    }
}

/// Frames that lost their last reference in the course of an operation, threaded through the
/// ledger. [`Space::freed`](crate::Space::freed) runs deep inside page-table code, where the owner's
/// page list and the allocator may be locked; so it only pushes here, and whoever started the
/// operation releases the frames when it is over.
pub struct FreedList(Cell<u32>);

impl Default for FreedList {
    fn default() -> Self {
        Self::new()
    }
}

impl FreedList {
    /// An empty list.
    pub const fn new() -> Self {
        Self(Cell::new(NIL))
    }

    /// Adds a frame that has no reference left.
    pub fn push(&self, ledger: &Ledger<'_>, mfn: Mfn) {
        if let Some(frame) = ledger.frame(mfn) {
            frame.link.store(self.0.get(), Ordering::Relaxed);
            self.0.set(mfn.get() as u32);
        }
    }

    /// Takes a frame off.
    pub fn pop(&self, ledger: &Ledger<'_>) -> Option<Mfn> {
        let head = self.0.get();
        let frame = ledger.at(head)?;
        self.0.set(frame.link.load(Ordering::Relaxed));
        Some(Mfn::new(head.into()))
    }

    /// True where nothing waits.
    pub fn is_empty(&self) -> bool {
        self.0.get() == NIL
    }
}
