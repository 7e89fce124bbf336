//! Taking a dead domain's memory back.
//!
//! A table can't refer to itself by a type reference (linear tables are refused), so once no
//! processor uses any of the domain's tables and all pins are gone, type references run out from
//! the top, tables are undone, and the references in their entries are returned. What then remains
//! are mappings by others: such frames are freed when the last of those goes.

use units::{FrameAccess, TlbFlush};

use crate::error::MmError;
use crate::pages::DomainPages;
use crate::space::{Mmu, Space};

impl<F: FrameAccess, T: TlbFlush, S: Space> Mmu<'_, F, T, S> {
    /// Unpins the domain's tables and gives up its own reference to every frame. The domain must be
    /// dying, its virtual CPUs have no CR3 any more, and its descriptor tables, grants and shared
    /// hypervisor frames be returned. `Preempted`: release the frames
    /// [`freed`](Space::freed) so far, then call again. Afterwards `pages` holds what others still
    /// map.
    pub fn relinquish(&self, pages: &mut DomainPages) -> Result<(), MmError> {
        while pages.swept < pages.total() {
            let Some(mfn) = pages.first() else {
                return Ok(());
            };
            // No reference to be had: freed already, and about to be released.
            let worked = if self.ledger.get_page(mfn, pages.domain()).is_ok() {
                let given_up = self.ledger.drop_allocated(mfn).is_ok();
                let unpinned = self.take_pin(mfn);
                if unpinned {
                    self.put_page_and_type(mfn);
                }
                let finished = self.finish(mfn);
                self.put_page(mfn);
                finished?;
                given_up || unpinned
            } else {
                false
            };
            pages.swept = if worked { 0 } else { pages.swept + 1 };
            pages.rotate(&self.ledger);
            if self.space.preempt() {
                return Err(MmError::Preempted);
            }
        }
        Ok(())
    }
}
