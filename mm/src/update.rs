//! Changing entries of tables in use: `HYPERVISOR_mmu_update`, `HYPERVISOR_update_va_mapping`, and
//! emulated writes.
//!
//! An update takes the references of the new entry first, then exchanges the entries in one atomic
//! operation, then returns the references of the old entry. Whoever exchanges an entry out owns its
//! references, so updates of one table by several processors need no lock. What they do need is that
//! the table stays one: for the moment of the exchange the update *holds* it by a type reference. A
//! hold on an L1 table takes no frame reference (the hottest path there is); instead the last
//! reference to a frame waits for holds to go, which is why nothing that waits may happen under a
//! hold.

use core::sync::atomic::Ordering;

use arch_defs::layout::{HYPERVISOR_SLOTS, guest_range_ok};
use arch_defs::pte::{Level, Pte};
use units::{DomId, FrameAccess, MAddr, Mfn, Pfn, TlbFlush};

use crate::error::MmError;
use crate::frame::{FrameInfo, FrameType, Kind, Refs};
use crate::space::{Mmu, Space};

/// Bits that the processor sets by itself.
const ACCESSED_DIRTY: u64 = Pte::A | Pte::D;

/// How an entry is to be replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Set,
    /// Keep A and D of the old entry.
    KeepAd,
    /// Only if the old entry is this one.
    Expect(u64),
}

impl How {
    /// What to store over `old`; none to leave it.
    #[inline(always)]
    fn apply(self, old: u64, new: u64) -> Option<u64> {
        match self {
            Self::Set => Some(new),
            Self::KeepAd => Some(new | old & ACCESSED_DIRTY),
            Self::Expect(expected) => (old == expected).then_some(new),
        }
    }
}

impl<F: FrameAccess, T: TlbFlush, S: Space> Mmu<'_, F, T, S> {
    /// One request of `HYPERVISOR_mmu_update` (`xen.h`): `ptr` is a machine address with the command
    /// in its low two bits. `owner` is the foreign domain of the call, or this one.
    #[inline]
    pub fn mmu_update(&self, ptr: u64, val: u64, owner: DomId) -> Result<(), MmError> {
        let at = MAddr::new(ptr & !3);
        match ptr & 3 {
            1 => return self.set_machphys(at.mfn(), Pfn::new(val), owner),
            _ if at.get() & 7 != 0 => return Err(MmError::Misaligned),
            _ => {}
        }
        let how = if ptr & 3 == 2 { How::KeepAd } else { How::Set };
        let (mfn, index) = (at.mfn(), at.offset() / 8);
        let frame = self.ledger.frame(mfn).ok_or(MmError::NoSuchFrame)?;
        if frame.kind().ready(FrameType::L1) {
            self.update_l1(frame, mfn, index, val, owner, how).map(drop)
        } else {
            self.update_other(mfn, index, val, how)
        }
    }

    /// Replaces the L1 entry that translates `va` under the L4 table `root`
    /// (`HYPERVISOR_update_va_mapping`). The caller holds `root`. Flushing is the caller's business.
    #[inline]
    pub fn update_va_mapping(
        &self,
        root: Mfn,
        va: u64,
        val: u64,
        owner: DomId,
    ) -> Result<(), MmError> {
        let (table, index) = self.find_l1(root, va)?;
        let frame = self.ledger.frame(table).ok_or(MmError::NotTable)?;
        self.update_l1(frame, table, index, val, owner, How::Set)
            .map(drop)
    }

    /// The L1 table and index that translate guest address `va` under the L4 table `root`.
    ///
    /// The tables aren't held while they are followed, so another processor may pull one away; the
    /// answer is then some frame number, and whatever is done with it must check what it is.
    #[inline]
    pub fn find_l1(&self, root: Mfn, va: u64) -> Result<(Mfn, usize), MmError> {
        if !guest_range_ok(va, 1) {
            return Err(MmError::BadAddress);
        }
        let mut table = root;
        for level in [Level::L4, Level::L3, Level::L2] {
            let entry = Pte(self
                .frames
                .word(table, level.index(va))
                .load(Ordering::Relaxed));
            if !entry.present() || self.ledger.frame(entry.frame()).is_none() {
                return Err(MmError::NotMapped);
            }
            table = entry.frame();
        }
        Ok((table, Level::L1.index(va)))
    }

    /// If `va` maps an L1 table of this domain read-only, that table: a write fault there is a
    /// page-table write to emulate with [`exchange_l1`](Self::exchange_l1).
    pub fn writes_l1(&self, root: Mfn, va: u64) -> Option<Mfn> {
        let (table, index) = self.find_l1(root, va).ok()?;
        let entry = Pte(self.frames.word(table, index).load(Ordering::Relaxed));
        let target = self.ledger.frame(entry.frame())?;
        let ours = target.refs().live(self.space.id());
        (entry.present() && !entry.writable() && ours && target.kind().ready(FrameType::L1))
            .then(|| entry.frame())
    }

    /// Emulates a write of `new` to an entry of L1 table `table`, with `expected` as `cmpxchg` does.
    /// The answer is the entry before; if it isn't the one expected, nothing was written.
    pub fn exchange_l1(
        &self,
        table: Mfn,
        index: usize,
        expected: Option<u64>,
        new: u64,
    ) -> Result<u64, MmError> {
        let frame = self.ledger.frame(table).ok_or(MmError::NotTable)?;
        let how = expected.map_or(How::Set, How::Expect);
        self.update_l1(frame, table, index, new, self.space.id(), how)
    }

    /// Writes an L1 entry whose references the caller took beforehand and hands over (grant
    /// mappings; the rules are the grant table's). The old entry's are returned. On an error the
    /// caller still has the new entry's.
    pub fn install_l1(&self, table: Mfn, index: usize, entry: u64) -> Result<(), MmError> {
        let frame = self.ledger.frame(table).ok_or(MmError::NotTable)?;
        let entry = if entry & Pte::P == 0 {
            entry
        } else {
            self.check_leaf(entry)?
        };
        self.hold_l1(frame, table)?;
        let old = self.frames.word(table, index).swap(entry, Ordering::AcqRel);
        self.release_l1(frame, table);
        self.drop_leaf(old);
        Ok(())
    }

    /// Replaces an L1 entry that maps `mapped`, returning its references, by `new`, whose references
    /// the caller hands over (zero to unmap a grant). An entry that maps something else stays.
    pub fn remove_l1(
        &self,
        table: Mfn,
        index: usize,
        mapped: Mfn,
        new: u64,
    ) -> Result<(), MmError> {
        let frame = self.ledger.frame(table).ok_or(MmError::NotTable)?;
        let word = self.frames.word(table, index);
        self.hold_l1(frame, table)?;
        let old = word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |old| {
            (Pte(old).present() && Pte(old).frame() == mapped).then_some(new)
        });
        self.release_l1(frame, table);
        self.drop_leaf(old.map_err(|_| MmError::EntryChanged)?);
        Ok(())
    }

    /// `MMU_MACHPHYS_UPDATE`.
    fn set_machphys(&self, mfn: Mfn, pfn: Pfn, owner: DomId) -> Result<(), MmError> {
        self.ledger.get_page(mfn, owner)?;
        self.ledger.set_m2p(mfn, pfn);
        self.put_page(mfn);
        Ok(())
    }

    /// Replaces one L1 entry and answers the old one.
    #[inline]
    fn update_l1(
        &self,
        frame: &FrameInfo,
        table: Mfn,
        index: usize,
        val: u64,
        owner: DomId,
        how: How,
    ) -> Result<u64, MmError> {
        let word = self.frames.word(table, index);
        let mut new = val;
        if val & Pte::P != 0 {
            new = self.check_leaf(val)?;
            let old = word.load(Ordering::Relaxed);
            let same_frame = old & Pte::P != 0 && (old ^ new) & Pte::FRAME == 0;
            if same_frame && new & !old & Pte::RW == 0 {
                // No right is gained, so no reference is needed: they stay with the entry.
                if let Some(old) = self.lower_l1(frame, table, index, old, new, how)? {
                    return Ok(old);
                }
            }
            new = self.take_leaf(new, owner)?;
        }
        let held = self.hold_l1(frame, table);
        if let Err(e) = held {
            self.drop_leaf(new);
            return Err(e);
        }
        let old = match how {
            How::Set => Ok(word.swap(new, Ordering::AcqRel)),
            _ => word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |old| {
                how.apply(old, new)
            }),
        };
        self.release_l1(frame, table);
        match old {
            Ok(old) => {
                self.drop_leaf(old);
                Ok(old)
            }
            Err(found) => {
                self.drop_leaf(new);
                Ok(found)
            }
        }
    }

    /// Exchanges `old` for `new`, which maps the same frame with no more rights; none where the
    /// entry has changed meanwhile.
    #[inline]
    fn lower_l1(
        &self,
        frame: &FrameInfo,
        table: Mfn,
        index: usize,
        old: u64,
        new: u64,
        how: How,
    ) -> Result<Option<u64>, MmError> {
        self.hold_l1(frame, table)?;
        let Some(put) = how.apply(old, new) else {
            self.release_l1(frame, table);
            return Ok(Some(old));
        };
        let done = self
            .frames
            .word(table, index)
            .compare_exchange(old, put, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok();
        if done && old & !new & Pte::RW != 0 {
            // The entry lost a right. Its frame reference stays, but another processor may take
            // that away at any moment: the type reference must go while it can't be the last.
            let mfn = Pte(old).frame();
            if let Some(target) = self.ledger.ram(mfn) {
                let _ = self.drop_type(target, mfn, false);
            }
        }
        self.release_l1(frame, table);
        Ok(done.then_some(old))
    }

    /// Takes a hold on an L1 table of this domain.
    #[inline(always)]
    fn hold_l1(&self, frame: &FrameInfo, table: Mfn) -> Result<(), MmError> {
        let mut x = frame.kind();
        loop {
            // Validated means in use, except after the last reference; then the count is zero.
            if !x.ready(FrameType::L1) || x.count() == 0 || x.count() == u32::MAX {
                return Err(MmError::NotTable);
            }
            match frame.swap_kind(x, Kind(x.0 + 1)) {
                Ok(()) => break,
                Err(now) => x = now,
            }
        }
        // The owner can't change under the hold.
        if frame.refs().owner() == self.space.id() {
            Ok(())
        } else {
            self.release_l1(frame, table);
            Err(MmError::NotOwner)
        }
    }

    #[inline(always)]
    fn release_l1(&self, frame: &FrameInfo, table: Mfn) {
        let x = frame.kind();
        if x.count() > 1 && frame.swap_kind(x, Kind(x.0 - 1)).is_ok() {
            return;
        }
        self.release_l1_slow(frame, table);
    }

    /// Others let go meanwhile, so ours may be the reference that keeps the frame a table. While
    /// it is undone, entries of it that refer to itself must not make a last reference that waits
    /// for this very hold; if there is none to be had, no entry refers to it either.
    #[inline(never)]
    fn release_l1_slow(&self, frame: &FrameInfo, table: Mfn) {
        let extra = self.ledger.get_page_any(table).is_ok();
        self.put_type(frame, table);
        if extra {
            self.put_page(table);
        }
    }

    /// A request for a frame that isn't an L1 table: a table of higher level, or plain memory.
    #[inline(never)]
    fn update_other(&self, mfn: Mfn, index: usize, val: u64, how: How) -> Result<(), MmError> {
        let frame = self.ledger.get_page(mfn, self.space.id())?;
        let kind = frame.kind();
        let done = match kind.ty().level() {
            Some(Level::L1) if kind.has(Kind::VALIDATED) => self
                .update_l1(frame, mfn, index, val, self.space.id(), how)
                .map(drop),
            Some(level) if kind.has(Kind::VALIDATED) => {
                self.update_pointer(frame, mfn, level, index, val, how)
            }
            _ => self.write_plain(frame, mfn, index, val),
        };
        self.put_page(mfn);
        done
    }

    /// Writes a word of plain memory.
    fn write_plain(
        &self,
        frame: &FrameInfo,
        mfn: Mfn,
        index: usize,
        val: u64,
    ) -> Result<(), MmError> {
        self.get_type(frame, mfn, FrameType::Writable, false)?;
        self.frames.word(mfn, index).store(val, Ordering::Release);
        self.put_type(frame, mfn);
        Ok(())
    }

    /// Replaces an entry of an L2 to L4 table, which the caller holds a frame reference to.
    fn update_pointer(
        &self,
        frame: &FrameInfo,
        table: Mfn,
        level: Level,
        index: usize,
        val: u64,
        how: How,
    ) -> Result<(), MmError> {
        if level == Level::L4 && HYPERVISOR_SLOTS.contains(&index) {
            return Err(MmError::HypervisorSlot);
        }
        // With a frame reference this hold is an ordinary type reference.
        let ty = FrameType::table(level);
        if !frame.kind().ready(ty) {
            return Err(MmError::NotTable);
        }
        self.get_type(frame, table, ty, false)?;
        let done = self.exchange_pointer(table, level, index, val, how);
        self.put_type(frame, table);
        done
    }

    fn exchange_pointer(
        &self,
        table: Mfn,
        level: Level,
        index: usize,
        val: u64,
        how: How,
    ) -> Result<(), MmError> {
        let word = self.frames.word(table, index);
        let mut new = val;
        if val & Pte::P != 0 {
            new = self.check_pointer(val)?;
            let old = word.load(Ordering::Relaxed);
            if old & Pte::P != 0 && (old ^ new) & Pte::FRAME == 0 {
                let put = how.apply(old, new).ok_or(MmError::EntryChanged)?;
                let swapped = word.compare_exchange(old, put, Ordering::AcqRel, Ordering::Relaxed);
                if swapped.is_ok() {
                    return Ok(());
                }
            }
            self.take_pointer(level, new)?;
        }
        let swapped = word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |old| {
            how.apply(old, new)
        });
        let (gone, done) = match swapped {
            Ok(old) => (old, Ok(())),
            Err(_) => (new, Err(MmError::EntryChanged)),
        };
        if gone & Pte::P != 0 && self.drop_pointer(gone, false).is_err() {
            self.space.pending(Pte(gone).frame());
        }
        done
    }

    /// Zeroes a frame of the domain (`MMUEXT_CLEAR_PAGE`).
    pub fn clear_page(&self, mfn: Mfn, owner: DomId) -> Result<(), MmError> {
        self.get_page_and_type(mfn, owner, FrameType::Writable)?;
        self.frames.zero(mfn);
        self.put_page_and_type(mfn);
        Ok(())
    }

    /// Copies a frame of the domain to another (`MMUEXT_COPY_PAGE`).
    pub fn copy_page(&self, to: Mfn, from: Mfn, owner: DomId) -> Result<(), MmError> {
        self.ledger.get_page(from, owner)?;
        let got = self.get_page_and_type(to, owner, FrameType::Writable);
        if got.is_ok() {
            self.frames.copy_frame(to, from);
            self.put_page_and_type(to);
        }
        self.put_page(from);
        got
    }

    /// True for frames of this domain that may be written now without changing what they are.
    pub fn is_writable(&self, mfn: Mfn) -> bool {
        self.ledger.frame(mfn).is_some_and(|f| {
            f.refs().has(Refs::RAM)
                && f.refs().owner() == self.space.id()
                && f.kind().ready(FrameType::Writable)
        })
    }
}
