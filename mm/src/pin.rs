//! Tables that stay tables: pinned ones, and those that a processor's CR3 names
//! (`HYPERVISOR_mmuext_op` in `xen.h`).

use core::sync::atomic::Ordering;

use arch_defs::pte::Level;
use units::{FrameAccess, Mfn, TlbFlush};

use crate::error::MmError;
use crate::frame::{FrameType, Kind, Refs};
use crate::space::{Mmu, Space};

impl<F: FrameAccess, T: TlbFlush, S: Space> Mmu<'_, F, T, S> {
    /// Validates a frame of the domain as a table of `level` and keeps it one until
    /// [`unpin`](Self::unpin).
    pub fn pin(&self, level: Level, mfn: Mfn) -> Result<(), MmError> {
        self.get_page_and_type(mfn, self.space.id(), FrameType::table(level))?;
        let frame = self.ledger.frame(mfn).ok_or(MmError::NoSuchFrame)?;
        let before = Kind(frame.kind.fetch_or(Kind::PINNED, Ordering::SeqCst));
        if before.has(Kind::PINNED) {
            self.put_page_and_type(mfn);
            return Err(MmError::AlreadyPinned);
        }
        // Pairs with teardown, which clears ALLOCATED before it looks for pins: one of the two sees
        // the other.
        if !Refs(frame.refs.load(Ordering::SeqCst)).has(Refs::ALLOCATED) && self.take_pin(mfn) {
            self.put_page_and_type(mfn);
            return Err(MmError::Dying);
        }
        Ok(())
    }

    /// Undoes [`pin`](Self::pin). The table may be [`pending`](Space::pending) afterwards.
    pub fn unpin(&self, mfn: Mfn) -> Result<(), MmError> {
        self.ledger.get_page(mfn, self.space.id())?;
        let pinned = self.take_pin(mfn);
        if pinned {
            self.put_page_and_type(mfn);
        }
        self.put_page(mfn);
        if pinned {
            Ok(())
        } else {
            Err(MmError::NotPinned)
        }
    }

    /// Clears the pin; true for the one caller that must return its references.
    pub(crate) fn take_pin(&self, mfn: Mfn) -> bool {
        self.ledger.frame(mfn).is_some_and(|frame| {
            Kind(frame.kind.load(Ordering::SeqCst)).has(Kind::PINNED)
                && Kind(frame.kind.fetch_and(!Kind::PINNED, Ordering::SeqCst)).has(Kind::PINNED)
        })
    }

    /// Holds a frame of the domain as an L4 table for a virtual CPU's CR3 (`MMUEXT_NEW_BASEPTR`,
    /// `MMUEXT_NEW_USER_BASEPTR`, initial state). Returned by [`put_root`](Self::put_root), once no
    /// processor has it in CR3.
    #[inline]
    pub fn get_root(&self, mfn: Mfn) -> Result<(), MmError> {
        self.get_page_and_type(mfn, self.space.id(), FrameType::L4)
    }

    /// Lets go of an L4 table.
    #[inline]
    pub fn put_root(&self, mfn: Mfn) {
        self.put_page_and_type(mfn);
    }
}
