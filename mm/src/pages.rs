//! What a domain owns.

use core::sync::atomic::Ordering;

use units::{DomId, Mfn, Pfn};

use crate::error::MmError;
use crate::frame::{FrameInfo, Kind, NIL, Refs};
use crate::ledger::{Ledger, fresh};

/// The list of a domain's frames, threaded through the ledger, and its limit. The domain's page
/// lock guards it. A frame stays listed until its last reference goes, wherever that is held.
pub struct DomainPages {
    domain: DomId,
    head: u32,
    total: u64,
    max: u64,
    /// Frames at the head's end of the circle that teardown found finished in a row.
    pub(crate) swept: u64,
}

impl DomainPages {
    /// No pages, at most `max`, for `domain`.
    pub const fn new(domain: DomId, max: u64) -> Self {
        Self {
            domain,
            head: NIL,
            total: 0,
            max,
            swept: 0,
        }
    }

    /// The owner.
    pub const fn domain(&self) -> DomId {
        self.domain
    }

    /// Frames owned.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The limit, in frames.
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// Changes the limit; it may be below what the domain has.
    pub const fn set_max(&mut self, max: u64) {
        self.max = max;
    }

    /// Gives the domain a fresh, scrubbed frame, with one reference: its owner's own. `over` lets it
    /// exceed the limit. The caller has flushed what the allocator told it to
    /// ([`Block::stamp`](crate::Block::stamp)), or `stamp` of a stolen frame.
    pub fn assign(&mut self, ledger: &Ledger<'_>, mfn: Mfn, over: bool) -> Result<(), MmError> {
        let frame = ledger.frame(mfn).ok_or(MmError::NoSuchFrame)?;
        let old = fresh(frame)?;
        if old.has(Refs::DIRTY) {
            return Err(MmError::NotScrubbed);
        }
        if self.total >= self.max && !over {
            return Err(MmError::OverLimit);
        }
        frame.kind.store(Kind::FRESH.0, Ordering::Relaxed);
        let flags = Refs::RAM | Refs::ALLOCATED;
        frame
            .swap_refs(old, Refs::new(flags, self.domain, 1))
            .map_err(|_| MmError::NotFresh)?;
        self.link(ledger, mfn, frame);
        Ok(())
    }

    /// Makes a frame without references (reported by [`Space::freed`](crate::Space::freed) or
    /// [`Ledger::put_page`]) fresh, so that it can be freed. `Ok` holds the number of frames left.
    pub fn release(&mut self, ledger: &Ledger<'_>, mfn: Mfn) -> Result<u64, MmError> {
        let frame = self.own(ledger, mfn)?;
        let old = frame.refs();
        if old.count() != 0 || old.has(Refs::FREE) {
            return Err(MmError::StillReferenced);
        }
        frame
            .swap_refs(old, Refs::new(Refs::RAM | Refs::DIRTY, DomId::INVALID, 0))
            .map_err(|_| MmError::StillReferenced)?;
        self.unlink(ledger, mfn, frame);
        ledger.set_m2p(mfn, Pfn::INVALID);
        Ok(self.total)
    }

    /// Takes a frame that only its owner references away with its contents, to assign it to another
    /// domain or free it. It comes back fresh. Stale translations may still reach it: flush every
    /// processor that hasn't since now before anyone else gets it, or free it with a stamp of now.
    pub fn steal(&mut self, ledger: &Ledger<'_>, mfn: Mfn) -> Result<(), MmError> {
        let frame = self.own(ledger, mfn)?;
        let only = Refs::new(Refs::RAM | Refs::ALLOCATED, self.domain, 1);
        // No reference can be had from here on; one to the type may be going away just now.
        frame
            .swap_refs(only, Refs::new(Refs::RAM, self.domain, 0))
            .map_err(|_| MmError::StillReferenced)?;
        if frame.kind().count() != 0 {
            frame.refs.store(only.0, Ordering::Release);
            return Err(MmError::StillReferenced);
        }
        frame.kind.store(Kind::FRESH.0, Ordering::Relaxed);
        frame
            .refs
            .store(Refs::new(Refs::RAM, DomId::INVALID, 0).0, Ordering::Release);
        self.unlink(ledger, mfn, frame);
        ledger.set_m2p(mfn, Pfn::INVALID);
        Ok(())
    }

    /// The first frame of the list.
    pub fn first(&self) -> Option<Mfn> {
        (self.head != NIL).then(|| Mfn::new(self.head.into()))
    }

    /// The frames, in no particular order.
    pub fn iter<'l>(&self, ledger: &'l Ledger<'_>) -> impl Iterator<Item = Mfn> + use<'l> {
        let (mut next, mut left) = (self.head, self.total);
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let mfn = next;
            next = ledger.at(mfn)?.next.load(Ordering::Relaxed);
            Some(Mfn::new(mfn.into()))
        })
    }

    /// Moves on to the next frame of the circle.
    pub(crate) fn rotate(&mut self, ledger: &Ledger<'_>) {
        if let Some(frame) = ledger.at(self.head) {
            self.head = frame.next.load(Ordering::Relaxed);
        }
    }

    fn own<'a>(&self, ledger: &Ledger<'a>, mfn: Mfn) -> Result<&'a FrameInfo, MmError> {
        let frame = ledger.ram(mfn).ok_or(MmError::NoSuchFrame)?;
        let refs = frame.refs();
        if refs.owner() != self.domain || refs.has(Refs::HYPERVISOR) {
            return Err(MmError::NotOwner);
        }
        Ok(frame)
    }

    fn link(&mut self, ledger: &Ledger<'_>, mfn: Mfn, frame: &FrameInfo) {
        let new = mfn.get() as u32;
        self.total += 1;
        self.swept = 0;
        let Some(head) = ledger.at(self.head) else {
            frame.next.store(new, Ordering::Relaxed);
            frame.prev.store(new, Ordering::Relaxed);
            self.head = new;
            return;
        };
        let last = head.prev.swap(new, Ordering::Relaxed);
        frame.next.store(self.head, Ordering::Relaxed);
        frame.prev.store(last, Ordering::Relaxed);
        if let Some(last) = ledger.at(last) {
            last.next.store(new, Ordering::Relaxed);
        }
    }

    fn unlink(&mut self, ledger: &Ledger<'_>, mfn: Mfn, frame: &FrameInfo) {
        let next = frame.next.load(Ordering::Relaxed);
        let prev = frame.prev.load(Ordering::Relaxed);
        self.total -= 1;
        self.swept = 0;
        if next == mfn.get() as u32 {
            self.head = NIL;
            return;
        }
        if let (Some(n), Some(p)) = (ledger.at(next), ledger.at(prev)) {
            n.prev.store(prev, Ordering::Relaxed);
            p.next.store(next, Ordering::Relaxed);
        }
        if self.head == mfn.get() as u32 {
            self.head = next;
        }
    }
}
