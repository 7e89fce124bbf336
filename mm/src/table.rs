//! Checking whole tables, and undoing that.
//!
//! Both run while the table is busy, so nobody else writes it: guests can't (it isn't
//! [`FrameType::Writable`](crate::FrameType)), and updates need it validated. The entries from the
//! first on that hold references are always a contiguous run, `0..n`: validation extends it upward,
//! undoing shortens it downward, and `n` is all that must be remembered of an interruption.
//!
//! Preemption is only considered after some work, so that even with a preemption request always
//! pending a call gets somewhere, and never inside a level-1 table, whose 512 entries take a few
//! microseconds.
//!
//! When undoing is interrupted inside the table that the topmost entry of the run points to, that
//! entry keeps its references, to a table that is no longer whole. So validation, before it
//! extends a run, makes the topmost entry's table whole again. Without that a validated table could
//! point to one that isn't.

use core::sync::atomic::Ordering;

use arch_defs::layout::HYPERVISOR_SLOTS;
use arch_defs::pte::{ENTRIES, Level, Pte};
use units::{FrameAccess, Mfn, TlbFlush};

use crate::error::MmError;
use crate::space::{Mmu, Space};

impl<F: FrameAccess, T: TlbFlush, S: Space> Mmu<'_, F, T, S> {
    /// Checks entries from `start` and takes their references. On an error, entries below the
    /// number returned hold theirs.
    pub(crate) fn validate(
        &self,
        table: Mfn,
        level: Level,
        start: usize,
    ) -> Result<(), (usize, MmError)> {
        if level == Level::L1 {
            return self.validate_leaves(table, start);
        }
        if let Some(last) = start.checked_sub(1) {
            self.complete(table, level, last).map_err(|e| (start, e))?;
        }
        for index in start..ENTRIES {
            if level == Level::L4 && HYPERVISOR_SLOTS.contains(&index) {
                continue;
            }
            let word = self.frames.word(table, index);
            let raw = word.load(Ordering::Relaxed);
            if raw & Pte::P == 0 {
                continue;
            }
            let entry = self.check_pointer(raw).map_err(|e| (index, e))?;
            self.take_pointer(level, entry).map_err(|e| (index, e))?;
            if entry != raw {
                word.store(entry, Ordering::Relaxed);
            }
            if index + 1 < ENTRIES && self.space.preempt() {
                return Err((index + 1, MmError::Preempted));
            }
        }
        if level == Level::L4 {
            self.fill_slots(table);
        }
        Ok(())
    }

    /// Validates the rest of the table that entry `index`, which holds its references, points to.
    fn complete(&self, table: Mfn, level: Level, index: usize) -> Result<(), MmError> {
        let entry = self.frames.word(table, index).load(Ordering::Relaxed);
        let slot = level == Level::L4 && HYPERVISOR_SLOTS.contains(&index);
        if slot || entry & Pte::P == 0 {
            return Ok(());
        }
        // A second reference validates the table; it is never the last.
        self.take_pointer(level, entry)?;
        self.drop_pointer(entry, false)
    }

    fn validate_leaves(&self, table: Mfn, start: usize) -> Result<(), (usize, MmError)> {
        let owner = self.space.id();
        for index in start..ENTRIES {
            let word = self.frames.word(table, index);
            let raw = word.load(Ordering::Relaxed);
            if raw & Pte::P == 0 {
                continue;
            }
            let entry = self
                .check_leaf(raw)
                .and_then(|entry| self.take_leaf(entry, owner))
                .map_err(|e| (index, e))?;
            if entry != raw {
                word.store(entry, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// Overwrites what the guest left in the hypervisor's slots.
    fn fill_slots(&self, table: Mfn) {
        let slots = self.space.slots();
        for slot in HYPERVISOR_SLOTS {
            let entry = slots
                .iter()
                .find(|(s, _)| usize::from(*s) == slot)
                .map_or(0, |(_, e)| *e);
            self.frames
                .word(table, slot)
                .store(entry, Ordering::Relaxed);
        }
    }

    /// Returns the references of entries below `held`, from the top. On an error, entries below the
    /// number returned still hold theirs. Never interrupted at level 1.
    pub(crate) fn devalidate(&self, table: Mfn, level: Level, held: usize) -> Result<(), usize> {
        if level == Level::L1 {
            for index in (0..held).rev() {
                self.drop_leaf(self.frames.word(table, index).load(Ordering::Relaxed));
            }
            return Ok(());
        }
        for index in (0..held).rev() {
            if level == Level::L4 && HYPERVISOR_SLOTS.contains(&index) {
                continue;
            }
            let entry = self.frames.word(table, index).load(Ordering::Relaxed);
            if entry & Pte::P == 0 {
                continue;
            }
            self.drop_pointer(entry, true).map_err(|_| index + 1)?;
            if index > 0 && self.space.preempt() {
                return Err(index);
            }
        }
        Ok(())
    }
}
