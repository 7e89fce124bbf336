//! One walker and mapper for every radix tree of 512-entry tables.
//!
//! Long-mode tables, EPT and NPT are the same tree with different leaves, so the tree is walked
//! here once and the entry is a type parameter ([`Format`]). Tables are reached by frame number
//! through [`FrameAccess`], never by pointer.
//!
//! The mapper serves the hypervisor's own tables. It refuses to overwrite: a silent remap is how a
//! hypervisor loses track of who can see a frame. It never frees tables, and it doesn't flush:
//! after [`unmap`] or [`protect`] that is the caller's duty. Tables that guests own go through the
//! ledger of crate `mm` instead.

use core::sync::atomic::Ordering;

use units::{FrameAccess, Mfn};

use crate::pte::{ENTRIES, Level, Pte};

/// What an entry looks like.
pub trait Format {
    /// True where the entry maps something or points to a table.
    fn present(entry: u64) -> bool;
    /// True where a present entry ends the walk at `level`.
    fn leaf(entry: u64, level: Level) -> bool;
    /// The frame that a present entry names: of a table, or the first of a leaf.
    fn frame(entry: u64, level: Level) -> Mfn;
    /// An entry that points to a table, with every right (leaves restrict).
    fn table(frame: Mfn) -> u64;
    /// A leaf at `level` with `flags` in the format's own terms.
    fn make_leaf(frame: Mfn, flags: u64, level: Level) -> u64;
}

/// Long-mode entries. `flags` are those of [`Pte`]; P and PSE are added.
pub struct LongMode;

impl Format for LongMode {
    #[inline(always)]
    fn present(entry: u64) -> bool {
        Pte(entry).present()
    }
    #[inline(always)]
    fn leaf(entry: u64, level: Level) -> bool {
        Pte(entry).leaf(level)
    }
    #[inline(always)]
    fn frame(entry: u64, level: Level) -> Mfn {
        if Pte(entry).leaf(level) {
            Pte(entry).leaf_addr(level).mfn()
        } else {
            Pte(entry).frame()
        }
    }
    #[inline(always)]
    fn table(frame: Mfn) -> u64 {
        // US too: rights are decided at the leaf.
        Pte::new(frame, Pte::P | Pte::RW | Pte::US | Pte::A).0
    }
    #[inline(always)]
    fn make_leaf(frame: Mfn, flags: u64, level: Level) -> u64 {
        let size = if level == Level::L1 { 0 } else { Pte::PSE };
        Pte::new(frame, Pte::P | size | flags).0
    }
}

/// Where a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The entry there: a leaf, or one that isn't present.
    pub entry: u64,
    /// Level of the table that holds it.
    pub level: Level,
    /// That table.
    pub table: Mfn,
    /// Index in the table.
    pub index: usize,
}

impl Slot {
    /// The 4 KiB frame that `va` reaches through this slot, if it is a leaf.
    pub fn frame_of<F: Format>(&self, va: u64) -> Option<Mfn> {
        F::present(self.entry).then(|| {
            let inside = (va & (self.level.span() - 1)) >> 12;
            F::frame(self.entry, self.level).add(inside)
        })
    }
}

/// A refused change to a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapError {
    /// Something is mapped there already.
    Occupied(Slot),
    /// Nothing is mapped there at the size asked for.
    NotMapped(Slot),
    /// Address or frame isn't aligned to the page size, or the level can't hold leaves.
    BadSize,
    /// The allocator has no frame for a table.
    NoMemory,
}

/// Follows `va` from the 4-level tree at `root` to a leaf or the first absent entry.
#[inline]
pub fn walk<F: Format, A: FrameAccess>(access: &A, root: Mfn, va: u64) -> Slot {
    walk_to::<F, A>(access, root, va, Level::L1)
}

/// As [`walk`], but stops at the entry of `stop` at the latest, whatever it is.
#[inline]
pub fn walk_to<F: Format, A: FrameAccess>(access: &A, root: Mfn, va: u64, stop: Level) -> Slot {
    let mut table = root;
    let mut level = Level::L4;
    loop {
        let index = level.index(va);
        let entry = access.word(table, index).load(Ordering::Relaxed);
        match level.below() {
            Some(below) if level > stop && F::present(entry) && !F::leaf(entry, level) => {
                table = F::frame(entry, level);
                level = below;
            }
            _ => {
                return Slot {
                    entry,
                    level,
                    table,
                    index,
                };
            }
        }
    }
}

/// Maps the page of size `level` (4 KiB, 2 MiB, 1 GiB) at `va` to `frame`. `alloc` supplies frames
/// for missing tables; they are zeroed here. Tables made before a failure stay.
pub fn map<F: Format, A: FrameAccess>(
    access: &A,
    root: Mfn,
    va: u64,
    frame: Mfn,
    flags: u64,
    level: Level,
    alloc: &mut dyn FnMut() -> Option<Mfn>,
) -> Result<(), MapError> {
    let frames = level.span() >> 12;
    if level == Level::L4 || va & (level.span() - 1) != 0 || frame.get() & (frames - 1) != 0 {
        return Err(MapError::BadSize);
    }
    let slot = ensure::<F, A>(access, root, va, level, alloc)?;
    access
        .word(slot.table, slot.index)
        .compare_exchange(
            slot.entry,
            F::make_leaf(frame, flags, level),
            Ordering::Release,
            Ordering::Relaxed,
        )
        .map(drop)
        .map_err(|entry| MapError::Occupied(Slot { entry, ..slot }))
}

/// Makes the tables down to the one that holds the absent entry of `level` for `va`, and returns
/// that slot.
pub fn ensure<F: Format, A: FrameAccess>(
    access: &A,
    root: Mfn,
    va: u64,
    level: Level,
    alloc: &mut dyn FnMut() -> Option<Mfn>,
) -> Result<Slot, MapError> {
    loop {
        let slot = walk_to::<F, A>(access, root, va, level);
        if F::present(slot.entry) {
            return Err(MapError::Occupied(slot));
        }
        if slot.level == level {
            return Ok(slot);
        }
        let table = alloc().ok_or(MapError::NoMemory)?;
        access.zero(table);
        access
            .word(slot.table, slot.index)
            .store(F::table(table), Ordering::Release);
    }
}

/// Unmaps the page of size `level` at `va` and returns the slot as it was.
pub fn unmap<F: Format, A: FrameAccess>(
    access: &A,
    root: Mfn,
    va: u64,
    level: Level,
) -> Result<Slot, MapError> {
    replace::<F, A>(access, root, va, level, |_| 0)
}

/// Gives the page of size `level` at `va` other flags and returns the slot as it was.
pub fn protect<F: Format, A: FrameAccess>(
    access: &A,
    root: Mfn,
    va: u64,
    flags: u64,
    level: Level,
) -> Result<Slot, MapError> {
    replace::<F, A>(access, root, va, level, |entry| {
        F::make_leaf(F::frame(entry, level), flags, level)
    })
}

fn replace<F: Format, A: FrameAccess>(
    access: &A,
    root: Mfn,
    va: u64,
    level: Level,
    new: impl FnOnce(u64) -> u64,
) -> Result<Slot, MapError> {
    let slot = walk_to::<F, A>(access, root, va, level);
    if slot.level != level || !F::present(slot.entry) || !F::leaf(slot.entry, level) {
        return Err(MapError::NotMapped(slot));
    }
    let entry = access
        .word(slot.table, slot.index)
        .swap(new(slot.entry), Ordering::AcqRel);
    Ok(Slot { entry, ..slot })
}

/// Maps `[va, va + bytes)` to the frames from `frame` on, with the largest pages up to `largest`
/// that alignment allows. Addresses, sizes: multiples of 4 KiB.
#[allow(clippy::too_many_arguments)]
pub fn map_range<F: Format, A: FrameAccess>(
    access: &A,
    root: Mfn,
    va: u64,
    frame: Mfn,
    bytes: u64,
    flags: u64,
    largest: Level,
    alloc: &mut dyn FnMut() -> Option<Mfn>,
) -> Result<(), MapError> {
    let mut done = 0;
    while done < bytes {
        let at = va.wrapping_add(done);
        let from = frame.add(done >> 12);
        let level = [Level::L3, Level::L2]
            .into_iter()
            .filter(|l| *l <= largest)
            .find(|l| (at | from.get() << 12) & (l.span() - 1) == 0 && l.span() <= bytes - done)
            .unwrap_or(Level::L1);
        map::<F, A>(access, root, at, from, flags, level, alloc)?;
        done += level.span();
    }
    Ok(())
}

/// Calls `visit` with the virtual address (not sign-extended) and slot of every leaf under `root`.
pub fn for_each_leaf<F: Format, A: FrameAccess>(
    access: &A,
    root: Mfn,
    visit: &mut dyn FnMut(u64, Slot),
) {
    each::<F, A>(access, root, Level::L4, 0, visit);
}

fn each<F: Format, A: FrameAccess>(
    access: &A,
    table: Mfn,
    level: Level,
    base: u64,
    visit: &mut dyn FnMut(u64, Slot),
) {
    for index in 0..ENTRIES {
        let entry = access.word(table, index).load(Ordering::Relaxed);
        if !F::present(entry) {
            continue;
        }
        let va = base | (index as u64) << level.shift();
        match level.below() {
            Some(below) if !F::leaf(entry, level) => {
                each::<F, A>(access, F::frame(entry, level), below, va, visit);
            }
            _ => visit(
                va,
                Slot {
                    entry,
                    level,
                    table,
                    index,
                },
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use core::sync::atomic::AtomicU64;
    use std::vec::Vec;

    struct Ram(Vec<AtomicU64>);
    impl FrameAccess for Ram {
        fn word(&self, frame: Mfn, index: usize) -> &AtomicU64 {
            &self.0[frame.index() * ENTRIES + index]
        }
    }

    fn ram(frames: usize) -> Ram {
        Ram((0..frames * ENTRIES)
            .map(|_| AtomicU64::new(u64::MAX))
            .collect())
    }

    #[test]
    fn maps_walks_and_unmaps_all_sizes() {
        let ram = ram(16);
        let root = Mfn::new(0);
        ram.zero(root);
        let mut next = 1;
        let mut alloc = || {
            next += 1;
            (next <= 16).then(|| Mfn::new(next - 1))
        };
        let cases = [
            (0xffff_8000_0000_1000, 0x123, Level::L1),
            (0x20_0000, 0x200 * 7, Level::L2),
            (0x40_0000_0000, 0x4_0000 * 3, Level::L3),
        ];
        for (va, mfn, level) in cases {
            let mfn = Mfn::new(mfn);
            map::<LongMode, _>(&ram, root, va, mfn, Pte::RW, level, &mut alloc).unwrap();
            let at = va + level.span() - 1;
            let slot = walk::<LongMode, _>(&ram, root, at);
            assert_eq!(slot.level, level);
            assert_eq!(
                slot.frame_of::<LongMode>(at),
                mfn.checked_add((level.span() >> 12) - 1)
            );
            assert!(matches!(
                map::<LongMode, _>(&ram, root, va, mfn, 0, level, &mut alloc),
                Err(MapError::Occupied(_))
            ));
            assert_eq!(
                map::<LongMode, _>(&ram, root, va + 8, mfn, 0, level, &mut alloc),
                Err(MapError::BadSize)
            );
        }
        let mut seen = Vec::new();
        for_each_leaf::<LongMode, _>(&ram, root, &mut |va, slot| seen.push((va, slot.level)));
        assert_eq!(
            seen,
            [
                (0x20_0000, Level::L2),
                (0x40_0000_0000, Level::L3),
                (0x8000_0000_1000, Level::L1)
            ]
        );
        for (va, _, level) in cases {
            let before = protect::<LongMode, _>(&ram, root, va, 0, level).unwrap();
            assert!(Pte(before.entry).writable());
            let before = unmap::<LongMode, _>(&ram, root, va, level).unwrap();
            assert!(!Pte(before.entry).writable());
            assert!(matches!(
                unmap::<LongMode, _>(&ram, root, va, level),
                Err(MapError::NotMapped(_))
            ));
        }
    }

    #[test]
    fn ranges_use_the_largest_pages_that_fit() {
        let ram = ram(16);
        let root = Mfn::new(0);
        ram.zero(root);
        let mut next = 1;
        let mut alloc = || {
            next += 1;
            (next <= 16).then(|| Mfn::new(next - 1))
        };
        map_range::<LongMode, _>(
            &ram,
            root,
            0x1f_f000,
            Mfn::new(0x1ff),
            0x20_3000,
            0,
            Level::L3,
            &mut alloc,
        )
        .unwrap();
        let mut sizes = Vec::new();
        for_each_leaf::<LongMode, _>(&ram, root, &mut |va, slot| {
            assert_eq!(slot.frame_of::<LongMode>(va), Some(Mfn::new(va >> 12)));
            sizes.push(slot.level);
        });
        assert_eq!(sizes, [Level::L1, Level::L2, Level::L1, Level::L1]);
    }

    #[test]
    fn running_out_of_tables_is_an_error() {
        let ram = ram(2);
        ram.zero(Mfn::new(0));
        let r = map::<LongMode, _>(&ram, Mfn::new(0), 0, Mfn::new(1), 0, Level::L1, &mut || {
            None
        });
        assert_eq!(r, Err(MapError::NoMemory));
    }
}
