//! What the rules need to know of a domain, and the object that applies them.

use arch_defs::pte::Pte;
use units::{CpuMask, DomId, FrameAccess, Mfn, TlbFlush};

use crate::error::MmError;
use crate::frame::{FrameInfo, FrameType, Kind};
use crate::ledger::Ledger;

/// What a domain may do with I/O memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoRight {
    /// Nothing.
    None,
    /// Map it; a writable mapping silently becomes a read-only one.
    ReadOnly,
    /// Map it as it likes.
    Full,
}

/// The domain whose page tables an operation works on, and the circumstances of the call.
pub trait Space {
    /// The domain.
    fn id(&self) -> DomId;

    /// Bits that present L1 entries of this domain may have, frame number bits of the processor's
    /// physical address width included. [`Pte::guest_bits`] is the usual answer. G is special: without it here,
    /// it is cleared rather than refused. L2 to L4 entries may have no PAT, PCD or PWT at all.
    fn allowed(&self) -> u64;

    /// What a caller that names `owner` as the frame's owner may do with I/O memory `mfn`, a frame
    /// that isn't RAM. `owner` is this domain, another real one, or [`DomId::IO`].
    fn io_right(&self, owner: DomId, mfn: Mfn) -> IoRight;

    /// What goes into L4 slots 256 to 271, as (slot, entry); slots not named become zero.
    fn slots(&self) -> &[(u16, u64)];

    /// Processors that may hold translations of this domain.
    fn cpus(&self) -> CpuMask;

    /// True where the operation should stop at the next preemption point. Every call makes some
    /// progress, even if this is always true.
    fn preempt(&self) -> bool;

    /// The last reference to `mfn` is gone: release and free it once the operation is over. No lock
    /// that the caller of the operation holds may be taken here; see
    /// [`FreedList`](crate::FreedList).
    fn freed(&self, mfn: Mfn);

    /// An operation succeeded (or failed for good), but undoing `table` was interrupted: call
    /// [`Mmu::finish`] for it until done, before the guest or another operation of it runs. Nothing
    /// is lost otherwise, but frames below stay tables until `table` is used as something else.
    fn pending(&self, table: Mfn) {
        let _ = table;
    }

    /// Called over and over while another processor finishes with a frame. That processor may be
    /// flushing TLBs, so if interrupts are off, requests to flush must be served here.
    fn relax(&self) {
        core::hint::spin_loop();
    }
}

/// The memory operations of one domain at one moment: ledger, RAM, TLBs and circumstances. Cheap to
/// make for every call.
pub struct Mmu<'a, F, T, S> {
    /// The frame ledger.
    pub ledger: Ledger<'a>,
    /// All RAM.
    pub frames: &'a F,
    /// The TLBs.
    pub tlb: &'a T,
    /// The domain.
    pub space: &'a S,
}

impl<F: FrameAccess, T: TlbFlush, S: Space> Mmu<'_, F, T, S> {
    /// Takes a frame reference and a type reference, validating the frame if it must become a table
    /// or descriptor page. `owner` must own it.
    pub fn get_page_and_type(&self, mfn: Mfn, owner: DomId, ty: FrameType) -> Result<(), MmError> {
        let frame = self.ledger.get_page(mfn, owner)?;
        let foreign = owner != self.space.id();
        self.get_type(frame, mfn, ty, foreign).inspect_err(|_| {
            self.put_page(mfn);
        })
    }

    /// Returns what [`get_page_and_type`](Self::get_page_and_type) took.
    pub fn put_page_and_type(&self, mfn: Mfn) {
        if let Some(frame) = self.ledger.frame(mfn) {
            self.put_type(frame, mfn);
            self.put_page(mfn);
        }
    }

    /// Takes a type reference to a frame that the caller holds a reference to. `foreign`: for
    /// someone other than the owner.
    pub fn get_page_type(&self, mfn: Mfn, ty: FrameType, foreign: bool) -> Result<(), MmError> {
        let frame = self.ledger.ram(mfn).ok_or(MmError::NoSuchFrame)?;
        self.get_type(frame, mfn, ty, foreign)
    }

    /// Returns a type reference; the caller still holds the frame.
    pub fn put_page_type(&self, mfn: Mfn) {
        if let Some(frame) = self.ledger.frame(mfn) {
            self.put_type(frame, mfn);
        }
    }

    /// Returns a frame reference.
    #[inline]
    pub fn put_page(&self, mfn: Mfn) {
        if self.ledger.put_page(mfn, || self.space.relax()) {
            self.space.freed(mfn);
        }
    }

    /// Returns a type reference; what can't be undone at once becomes an orphan.
    pub(crate) fn put_type(&self, frame: &FrameInfo, mfn: Mfn) {
        if self.drop_type(frame, mfn, false).is_err() {
            self.space.pending(mfn);
        }
    }

    /// Undoes `table` if it is an orphan, that is, interrupted and wanted by nobody. Anything else is
    /// left alone, so this is safe to call for any frame at any time.
    pub fn finish(&self, table: Mfn) -> Result<(), MmError> {
        let Some(frame) = self.ledger.ram(table) else {
            return Ok(());
        };
        if !frame.kind().has(Kind::PARTIAL) || self.ledger.get_page_any(table).is_err() {
            return Ok(());
        }
        let done = self.undo_orphan(frame, table);
        self.put_page(table);
        done
    }

    /// Gives the owner's own reference up (`XENMEM_decrease_reservation`). The frame is freed when
    /// nothing else refers to it.
    pub fn remove_page(&self, mfn: Mfn) -> Result<(), MmError> {
        self.ledger.get_page(mfn, self.space.id())?;
        let done = self.ledger.drop_allocated(mfn);
        self.put_page(mfn);
        done
    }
}

/// Bits of [`Space::allowed`] that only leaves may have.
pub(crate) const LEAF_ONLY: u64 = Pte::PAT | Pte::PCD | Pte::PWT | Pte::G;
