//! One entry: what it may hold, and the references that it stands for.
//!
//! A present L1 entry holds a reference to its frame if that is RAM, and a type reference to
//! [`FrameType::Writable`] if it is writable. A present entry of a higher level holds both kinds of
//! reference to the table that it points to.
//!
//! Guests run in ring 3 altogether, kernel included, so the hypervisor sets US everywhere. A guest
//! kernel that left it clear in an L1 entry finds [`Pte::GUEST_KERNEL`] instead.

use arch_defs::pte::{Level, Pte};
use units::{DomId, FrameAccess, Mfn, TlbFlush};

use crate::error::MmError;
use crate::frame::{FrameInfo, FrameType, Refs};
use crate::space::{IoRight, LEAF_ONLY, Mmu, Space};

impl<F: FrameAccess, T: TlbFlush, S: Space> Mmu<'_, F, T, S> {
    /// What a present L1 entry `raw` of the guest becomes.
    #[inline(always)]
    pub(crate) fn check_leaf(&self, raw: u64) -> Result<u64, MmError> {
        let allowed = self.space.allowed() | Pte::GUEST_KERNEL;
        if raw & !(allowed | Pte::G) != 0 {
            return Err(MmError::ReservedBits);
        }
        let entry = raw & allowed;
        Ok(if entry & Pte::US == 0 {
            entry | Pte::US | Pte::GUEST_KERNEL
        } else {
            entry
        })
    }

    /// Takes the references of a present, checked L1 entry to a frame of `owner`. The answer is the
    /// entry to write.
    #[inline(always)]
    pub(crate) fn take_leaf(&self, entry: u64, owner: DomId) -> Result<u64, MmError> {
        let mfn = Pte(entry).frame();
        let frame = match self.ledger.frame(mfn) {
            Some(frame) if frame.get_ref(owner) => frame,
            other => return self.take_io(other, entry, owner),
        };
        if entry & Pte::RW != 0 {
            let foreign = owner != self.space.id();
            if let Err(e) = self.get_type(frame, mfn, FrameType::Writable, foreign) {
                self.put_page(mfn);
                return Err(e);
            }
        }
        Ok(entry)
    }

    #[inline(never)]
    fn take_io(&self, frame: Option<&FrameInfo>, entry: u64, owner: DomId) -> Result<u64, MmError> {
        if frame.is_some_and(|f| f.refs().has(Refs::RAM)) {
            return Err(MmError::NotOwner);
        }
        match self.space.io_right(owner, Pte(entry).frame()) {
            IoRight::Full => Ok(entry),
            IoRight::ReadOnly => Ok(entry & !Pte::RW),
            IoRight::None => Err(MmError::IoDenied),
        }
    }

    /// Returns the references of an L1 entry.
    #[inline(always)]
    pub(crate) fn drop_leaf(&self, entry: u64) {
        if entry & Pte::P == 0 {
            return;
        }
        let mfn = Pte(entry).frame();
        let Some(frame) = self.ledger.ram(mfn) else {
            return;
        };
        if entry & Pte::RW != 0 {
            // A writable frame has nothing to undo.
            let _ = self.drop_type(frame, mfn, false);
        }
        self.put_page(mfn);
    }

    /// What a present entry `raw` of an L2 to L4 table becomes.
    #[inline(always)]
    pub(crate) fn check_pointer(&self, raw: u64) -> Result<u64, MmError> {
        if raw & Pte::PSE != 0 {
            return Err(MmError::Superpage);
        }
        let allowed = self.space.allowed() & !LEAF_ONLY;
        if raw & !allowed != 0 {
            return Err(MmError::ReservedBits);
        }
        Ok(raw | Pte::US)
    }

    /// Takes the references of a present, checked entry in a table of `level`, which is above 1.
    pub(crate) fn take_pointer(&self, level: Level, entry: u64) -> Result<(), MmError> {
        let below = level.below().ok_or(MmError::NotTable)?;
        let mfn = Pte(entry).frame();
        let frame = self.ledger.get_page(mfn, self.space.id())?;
        self.get_type(frame, mfn, FrameType::table(below), false)
            .map_err(|e| {
                let found = frame.kind().ty().level();
                self.put_page(mfn);
                match e {
                    MmError::TypeConflict if found >= Some(level) => MmError::LinearTable,
                    e => e,
                }
            })
    }

    /// Returns the references of a present entry in a table above level 1. On an error with `keep`
    /// they are still held, and the call must be repeated.
    pub(crate) fn drop_pointer(&self, entry: u64, keep: bool) -> Result<(), MmError> {
        let mfn: Mfn = Pte(entry).frame();
        let Some(frame) = self.ledger.ram(mfn) else {
            return Ok(());
        };
        let dropped = self.drop_type(frame, mfn, keep);
        if dropped.is_ok() || !keep {
            self.put_page(mfn);
        }
        dropped
    }
}
