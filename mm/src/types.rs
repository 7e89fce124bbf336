//! Taking and returning type references.
//!
//! The interesting transitions go through *busy* (see the table in `frame`): the processor that
//! moves a frame there alone decides what comes of it. Who wants the same type waits, who wants
//! another is refused. The TLB flush of a change of type happens in busy too, so nobody gets a
//! reference to the new type while a stale translation gives access of the old.

use core::sync::atomic::Ordering;

use arch_defs::pte::{ENTRIES, Level};
use units::{CpuMask, FrameAccess, Mfn, TlbFlush};

use crate::error::MmError;
use crate::frame::{FrameInfo, FrameType, Kind};
use crate::space::{Mmu, Space};

impl<F: FrameAccess, T: TlbFlush, S: Space> Mmu<'_, F, T, S> {
    /// Takes a reference to `want`; the caller holds a frame reference.
    #[inline]
    pub(crate) fn get_type(
        &self,
        frame: &FrameInfo,
        mfn: Mfn,
        want: FrameType,
        foreign: bool,
    ) -> Result<(), MmError> {
        let x = frame.kind();
        if x.ready(want)
            && x.count() < u32::MAX
            && (!foreign || x.has(Kind::FOREIGN))
            && frame.swap_kind(x, Kind(x.0 + 1)).is_ok()
        {
            return Ok(());
        }
        self.get_type_slow(frame, mfn, want, foreign)
    }

    #[inline(never)]
    fn get_type_slow(
        &self,
        frame: &FrameInfo,
        mfn: Mfn,
        want: FrameType,
        foreign: bool,
    ) -> Result<(), MmError> {
        let mark = if foreign { Kind::FOREIGN } else { 0 };
        loop {
            let x = frame.kind();
            let same = x.ty() == want;
            if x.count() == u32::MAX {
                return Err(MmError::CountOverflow);
            }
            if x.has(Kind::PARTIAL) {
                if !same && x.count() != 0 {
                    return Err(MmError::TypeConflict);
                }
                if !same {
                    self.undo_orphan(frame, mfn)?;
                    continue;
                }
                let busy = Kind::new(want, x.count() + 1);
                if frame.swap_kind(x, busy).is_ok() {
                    return self.make(frame, mfn, want, x.progress(), true);
                }
            } else if x.ready(want) {
                if frame.swap_kind(x, Kind((x.0 | mark) + 1)).is_ok() {
                    return Ok(());
                }
            } else if x.count() != 0 {
                if !same {
                    return Err(MmError::TypeConflict);
                }
                self.space.relax();
            } else {
                let stale = x.ty() != FrameType::None && !same;
                let busy = Kind::new(want, 1).with(mark);
                if want == FrameType::Writable && !stale {
                    if frame.swap_kind(x, busy.with(Kind::VALIDATED)).is_ok() {
                        return Ok(());
                    }
                } else if frame.swap_kind(x, busy).is_ok() {
                    if stale {
                        self.flush_stale(frame, x);
                    }
                    return self.make(frame, mfn, want, 0, false);
                }
            }
        }
    }

    /// Makes processors forget translations of the frame's former use.
    fn flush_stale(&self, frame: &FrameInfo, old: Kind) {
        let known = !old.has(Kind::FOREIGN) && frame.refs().owner() == self.space.id();
        let cpus = if known {
            self.space.cpus()
        } else {
            CpuMask::ALL
        };
        self.tlb
            .flush_since(&cpus, frame.stamp.load(Ordering::Relaxed));
    }

    /// Takes a busy frame to VALIDATED, from entry `start` on, or back.
    fn make(
        &self,
        frame: &FrameInfo,
        mfn: Mfn,
        want: FrameType,
        start: usize,
        was_partial: bool,
    ) -> Result<(), MmError> {
        let checked = match want.level() {
            Some(level) => self
                .validate(mfn, level, start)
                .map_err(|(held, e)| (level, held, e)),
            None if want == FrameType::SegDesc => self
                .validate_descriptors(mfn)
                .map_err(|e| (Level::L1, 0, e)),
            None => Ok(()),
        };
        let Err((level, held, error)) = checked else {
            frame.kind.fetch_or(Kind::VALIDATED, Ordering::AcqRel);
            if was_partial {
                self.put_page(mfn);
            }
            return Ok(());
        };
        let preempted = error == MmError::Preempted;
        let held = if preempted {
            held
        } else {
            self.devalidate(mfn, level, held).err().unwrap_or(0)
        };
        // PARTIAL's own reference must be there before anyone can see PARTIAL.
        if !was_partial {
            frame.add_ref();
        }
        self.touch(frame);
        let mut x = frame.kind();
        let partial = loop {
            let others = x.count().saturating_sub(1);
            let partial = held != 0 || others != 0;
            let mut new = Kind::new(want, others);
            if partial {
                new = new.partial(held);
            }
            match frame.swap_kind(x, new) {
                Ok(()) => break partial,
                Err(now) => x = now,
            }
        };
        if !partial {
            self.put_page(mfn);
        } else if !preempted {
            self.space.pending(mfn);
        }
        Err(error)
    }

    /// Notes that the frame has just lost a use.
    #[inline(always)]
    fn touch(&self, frame: &FrameInfo) {
        frame.stamp.store(self.tlb.stamp(), Ordering::Relaxed);
    }

    /// Returns a type reference. If a table's entries can't all be returned now, the answer is an
    /// error: with `keep` the caller still holds the reference and must repeat the call, without it
    /// the table became an orphan.
    #[inline]
    pub(crate) fn drop_type(&self, frame: &FrameInfo, mfn: Mfn, keep: bool) -> Result<(), MmError> {
        let mut x = frame.kind();
        loop {
            if x.count() > 1 {
                match frame.swap_kind(x, Kind(x.0 - 1)) {
                    Ok(()) => return Ok(()),
                    Err(now) => x = now,
                }
            } else if x.ready(FrameType::Writable) && x.count() == 1 {
                self.touch(frame);
                match frame.swap_kind(x, Kind(x.0 - 1)) {
                    Ok(()) => return Ok(()),
                    Err(now) => x = now,
                }
            } else {
                return self.drop_last_type(frame, mfn, keep);
            }
        }
    }

    #[inline(never)]
    fn drop_last_type(&self, frame: &FrameInfo, mfn: Mfn, keep: bool) -> Result<(), MmError> {
        loop {
            let x = frame.kind();
            let ty = x.ty();
            if x.count() > 1 {
                if frame.swap_kind(x, Kind(x.0 - 1)).is_ok() {
                    return Ok(());
                }
                continue;
            }
            debug_assert!(x.count() == 1, "type reference returned twice: {frame:?}");
            if x.count() == 0 {
                return Ok(());
            }
            let Some(level) = ty.level() else {
                self.touch(frame);
                let keep_valid = if ty == FrameType::SegDesc {
                    0
                } else {
                    x.0 & (Kind::VALIDATED | Kind::FOREIGN)
                };
                if frame
                    .swap_kind(x, Kind::new(ty, 0).with(keep_valid))
                    .is_ok()
                {
                    return Ok(());
                }
                continue;
            };
            let was_partial = x.has(Kind::PARTIAL);
            let held = if was_partial {
                x.progress()
            } else if x.has(Kind::VALIDATED) {
                ENTRIES
            } else {
                // Another processor is amidst it. It doesn't count on our reference.
                self.space.relax();
                continue;
            };
            if frame.swap_kind(x, Kind::new(ty, 1)).is_ok() {
                return self.undo(frame, mfn, level, held, was_partial, keep);
            }
        }
    }

    /// Undoes a table that only PARTIAL itself holds. Anything else is left alone.
    pub(crate) fn undo_orphan(&self, frame: &FrameInfo, mfn: Mfn) -> Result<(), MmError> {
        loop {
            let x = frame.kind();
            let (Some(level), true, 0) = (x.ty().level(), x.has(Kind::PARTIAL), x.count()) else {
                return Ok(());
            };
            if frame.swap_kind(x, Kind::new(x.ty(), 1)).is_ok() {
                return self.undo(frame, mfn, level, x.progress(), true, false);
            }
        }
    }

    /// Takes a busy table with a single type reference to "last used as this", or to PARTIAL.
    fn undo(
        &self,
        frame: &FrameInfo,
        mfn: Mfn,
        level: Level,
        held: usize,
        was_partial: bool,
        keep: bool,
    ) -> Result<(), MmError> {
        let ty = FrameType::table(level);
        // The reference that PARTIAL would need. A level-1 table is never interrupted here.
        let guard = was_partial || level != Level::L1;
        if guard && !was_partial {
            frame.add_ref();
        }
        let left = self.devalidate(mfn, level, held);
        self.touch(frame);
        let (next, done) = match left {
            Ok(()) => (Kind::new(ty, 0), Ok(())),
            Err(left) => (
                Kind::new(ty, keep.into()).partial(left),
                Err(MmError::Preempted),
            ),
        };
        // Busy with our reference only: nobody else changes the word. Release: pairs with the
        // Acquire of whoever takes the frame next.
        frame.kind.store(next.0, Ordering::Release);
        if guard && done.is_ok() {
            self.put_page(mfn);
        }
        done
    }
}
