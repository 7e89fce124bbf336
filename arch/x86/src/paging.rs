//! The hypervisor's own page tables.
//!
//! Boot code made tables that suffice to start Rust. [`init`] replaces them by the final ones: the
//! image with W^X, the direct map of exactly the RAM there is, room for the M2P table and the frame
//! ledger, no identity mapping. The L4 entries for the hypervisor's slots are fixed from then on
//! ([`hypervisor_slots`]); every guest L4 gets a copy, so later mappings below them show up in every
//! address space at once.

use core::sync::atomic::{AtomicU64, Ordering};

use arch_defs::layout;
use arch_defs::memmap::MemoryMap;
use arch_defs::ptab::{self, Format, LongMode};
use arch_defs::pte::{Level, Pte};
use bitflags::bitflags;
use spin::Mutex;
use units::{FrameAccess, Mfn};

use crate::cpu::{self, Features};
use crate::mem::Direct;

bitflags! {
    /// Rights and memory type of a hypervisor mapping, as page-table bits.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Attr: u64 {
        /// Present.
        const PRESENT = 1;
        /// Writable.
        const WRITE = 1 << 1;
        /// Reachable from ring 3.
        const USER = 1 << 2;
        /// PWT: PAT index bit 0.
        const PWT = 1 << 3;
        /// PCD: PAT index bit 1.
        const PCD = 1 << 4;
        /// Leaf of 2 MiB or 1 GiB; in a 4 KiB entry PAT index bit 2.
        const LARGE = 1 << 7;
        /// Survives CR3 loads.
        const GLOBAL = 1 << 8;
        /// No execution.
        const NX = 1 << 63;

        /// Hypervisor data.
        const READ_WRITE = 1 | 1 << 1 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 63;
        /// Hypervisor constants.
        const READ_ONLY = 1 | 1 << 5 | 1 << 8 | 1 << 63;
        /// Hypervisor code.
        const EXECUTE = 1 | 1 << 5 | 1 << 8;
        /// Device registers: PAT entry 3, uncached.
        const DEVICE = 1 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 63;
        /// Framebuffer: PAT entry 4, write-combining.
        const WRITE_COMBINING = 1 | 1 << 1 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 63;
    }
}

unsafe extern "C" {
    static image_start: u8;
    static text_end: u8;
    static rodata_end: u8;
    static image_end: u8;
    static boot_stack: u8;
}

/// Where the image was loaded, and its L4 root once built.
static IMAGE_PHYS: AtomicU64 = AtomicU64::new(0);
static ROOT: AtomicU64 = AtomicU64::new(0);

/// Source of frames for tables. Boot gives [`early_frame`]; the frame allocator takes over later.
type FrameSource = fn() -> Option<Mfn>;
static SOURCE: Mutex<FrameSource> = Mutex::new(no_frames);

fn no_frames() -> Option<Mfn> {
    None
}

/// Changes where page-table frames come from. They must be zeroed.
pub fn set_frame_source(source: fn() -> Option<Mfn>) {
    *SOURCE.lock() = source;
}

/// Machine address of a byte of the hypervisor image.
pub fn image_addr(va: u64) -> units::MAddr {
    units::MAddr::new(va - layout::IMAGE + IMAGE_PHYS.load(Ordering::Relaxed))
}

/// The root table with only the hypervisor's mappings, which idle processors run on.
pub fn idle_root() -> Mfn {
    Mfn::new(ROOT.load(Ordering::Relaxed))
}

fn new_table() -> Option<Mfn> {
    (*SOURCE.lock())()
}

/// The table of `level` (1 is the leaf table) that covers `va`, made if it is missing. `None` without a frame
/// for it, or where a larger page is in the way.
fn table_for(root: Mfn, va: u64, level: Level) -> Option<Mfn> {
    let slot = ptab::walk_to::<LongMode, _>(&Direct, root, va, level);
    if slot.level == level {
        return Some(slot.table);
    }
    match ptab::ensure::<LongMode, _>(&Direct, root, va, level, &mut new_table) {
        Ok(slot) => Some(slot.table),
        Err(_) => None,
    }
}

fn map_at(root: Mfn, va: u64, frame: Mfn, attr: Attr, level: Level) -> Option<()> {
    ptab::map::<LongMode, _>(&Direct, root, va, frame, attr.bits(), level, &mut new_table).ok()
}

/// Stores an entry of the table of `level` for `va`, whatever was there.
fn set(root: Mfn, va: u64, level: Level, value: u64) -> Option<()> {
    let table = table_for(root, va, level)?;
    Direct
        .word(table, level.index(va))
        .store(value, Ordering::Release);
    Some(())
}

/// Maps one unmapped page of the hypervisor's area. `None` where no frame for a table is left.
pub(crate) fn map_page(va: u64, frame: Mfn, attr: Attr) -> Option<()> {
    map_at(idle_root(), va, frame, attr, Level::L1)
}

/// Makes the tables for the page at `va`, so that [`remap_page`] there can't fail.
pub(crate) fn prepare_page(va: u64) -> Option<()> {
    table_for(idle_root(), va, Level::L1).map(drop)
}

/// Replaces or removes (`attr` empty) the mapping of one page and drops the old translation here.
pub(crate) fn remap_page(va: u64, frame: Mfn, attr: Attr) -> Option<()> {
    let value = if attr.is_empty() {
        0
    } else {
        Pte::new(frame, attr.bits()).0
    };
    set(idle_root(), va, Level::L1, value)?;
    // SAFETY: dropping a translation is always allowed.
    unsafe { core::arch::asm!("invlpg [{}]", in(reg) va, options(nostack, preserves_flags)) };
    Some(())
}

/// The L4 entries of the hypervisor's slots, as every guest L4 must hold them.
pub fn hypervisor_slots() -> impl Iterator<Item = (usize, u64)> {
    let root = idle_root();
    layout::HYPERVISOR_SLOTS.map(move |i| (i, Direct.word(root, i).load(Ordering::Relaxed)))
}

/// The frames that hold the M2P table, the first of each 2 MiB of it.
pub fn m2p_frames() -> alloc::vec::Vec<Mfn> {
    let frames = crate::mem::ram_end().get();
    (0..frames.div_ceil(1 << 18))
        .filter_map(|chunk| {
            let va = layout::M2P + chunk * (2 << 20);
            ptab::walk::<LongMode, _>(&Direct, idle_root(), va).frame_of::<LongMode>(va)
        })
        .collect()
}

/// Loads a root table.
///
/// # Safety
/// `cr3` must name an L4 table that holds [`hypervisor_slots`].
pub unsafe fn load_cr3(cr3: u64) {
    // SAFETY: the hypervisor's mappings are the same in every such table.
    unsafe { core::arch::asm!("mov cr3, {}", in(reg) cr3, options(nostack, preserves_flags)) };
}

/// The root table in use.
pub fn read_cr3() -> u64 {
    let cr3;
    // SAFETY: reading CR3 has no effect.
    unsafe {
        core::arch::asm!("mov {}, cr3", out(reg) cr3, options(nostack, nomem, preserves_flags))
    };
    cr3
}

/// Frames taken from the memory map before the frame allocator exists, top down.
struct EarlyFrames {
    map: &'static Mutex<MemoryMap>,
    /// Frames from here on have no mapping yet: at first the boot tables' 4 GiB.
    limit: u64,
    /// What is left of the last batch of single frames, which keeps the memory map from fragmenting.
    batch: (u64, u64),
}

/// Single frames taken at once.
const BATCH: u64 = 16;

static EARLY: Mutex<Option<EarlyFrames>> = Mutex::new(None);

impl EarlyFrames {
    /// Takes `count` contiguous frames, aligned to `align` frames, out of RAM.
    fn take(&mut self, count: u64, align: u64) -> Option<Mfn> {
        let mut map = self.map.lock();
        let found = map
            .ram_pages()
            .filter_map(|(start, end)| {
                let first = end.min(self.limit).checked_sub(count)? & !(align - 1);
                (first >= start.max(LOW_FRAMES)).then_some(first)
            })
            .max()?;
        map.take(found << 12, (found + count) << 12).ok()?;
        Some(Mfn::new(found))
    }

    fn single(&mut self) -> Option<Mfn> {
        if self.batch.0 == self.batch.1 {
            let first = self.take(BATCH, 1)?.get();
            self.batch = (first, first + BATCH);
        }
        self.batch.0 += 1;
        Some(Mfn::new(self.batch.0 - 1))
    }
}

/// Takes contiguous frames and fills them.
fn early_filled(count: u64, align: u64, byte: u8) -> Option<Mfn> {
    let mut guard = EARLY.lock();
    let early = guard.as_mut()?;
    let first = if count == 1 {
        early.single()?
    } else {
        early.take(count, align)?
    };
    // SAFETY: the frames were RAM that nobody uses, below the limit up to which RAM is mapped.
    unsafe {
        core::ptr::write_bytes(
            crate::mem::direct(first.addr()),
            byte,
            (count as usize) << 12,
        );
    }
    Some(first)
}

/// Takes one zeroed frame before the frame allocator runs.
pub fn early_frame() -> Option<Mfn> {
    early_filled(1, 1, 0)
}

/// What went wrong while building the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

/// Builds the final tables from the memory map, in which the image, modules and boot data are
/// reserved already, and switches to them. Frames that it takes become reserved in `map`.
///
/// # Safety
/// Once, on the boot processor, with the image at machine address `load` as boot code mapped it.
pub unsafe fn init(map: &'static Mutex<MemoryMap>, load: u64) -> Result<(), OutOfMemory> {
    IMAGE_PHYS.store(load, Ordering::Relaxed);
    let end = map.lock().memory_frames().map(|(_, end)| end).max();
    let end = end.unwrap_or(0).min(layout::DIRECT_MAP_SIZE >> 12);
    crate::mem::set_ram_end(end);
    *EARLY.lock() = Some(EarlyFrames {
        map,
        limit: end.min(BOOT_FRAMES),
        batch: (0, 0),
    });
    set_frame_source(early_frame);
    // SAFETY: the caller's promise.
    unsafe { build(map, end) }.ok_or(OutOfMemory)?;
    if let Some(early) = EARLY.lock().as_mut() {
        early.limit = end;
    }
    Ok(())
}

/// # Safety
/// As for [`init`].
#[inline(never)]
unsafe fn build(map: &'static Mutex<MemoryMap>, ram_end: u64) -> Option<()> {
    let root = early_frame()?;
    let at = |p: *const u8| p as u64;
    let (start, text, rodata, end, guard) = (
        at(&raw const image_start),
        at(&raw const text_end),
        at(&raw const rodata_end),
        at(&raw const image_end),
        at(&raw const boot_stack) - 4096,
    );
    let mut va = start;
    while va < end {
        let attr = match va {
            va if va < text => Attr::EXECUTE,
            va if va < rodata => Attr::READ_ONLY,
            _ => Attr::READ_WRITE,
        };
        if va != guard {
            map_at(root, va, image_addr(va).mfn(), attr, Level::L1)?;
        }
        va += 4096;
    }

    // The first MiB whole (the processors' start-up page, firmware data, VGA), then RAM and what was taken from
    // it, in the largest pages that fit.
    let snapshot = map.lock().clone();
    let largest = if cpu::features().contains(Features::PAGE_1G) {
        Level::L3
    } else {
        Level::L2
    };
    map_ram(root, 0, LOW_FRAMES, Level::L1)?;
    let mut done = LOW_FRAMES;
    let mut run = (LOW_FRAMES, LOW_FRAMES);
    for (first, last) in snapshot.memory_frames() {
        let (first, last) = (first.max(done), last.min(ram_end));
        if first >= last {
            continue;
        }
        if first != run.1 {
            map_ram(root, run.0, run.1, largest)?;
            run.0 = first;
        }
        run.1 = last;
        done = last;
    }
    map_ram(root, run.0, run.1, largest)?;
    // Every slot that may be used later gets its L3 now, because guests' L4 tables copy these entries.
    for slot in layout::HYPERVISOR_SLOTS {
        let used = slot < 262 || (slot as u64 - 262) << 27 < ram_end;
        if used {
            table_for(root, 0xffff << 48 | (slot as u64) << 39, Level::L3)?;
        }
    }
    // Guests read the M2P table through one slot, the hypervisor writes it through another: same tables below,
    // different rights above.
    let m2p = table_for(root, layout::M2P, Level::L3)?;
    set(
        root,
        layout::M2P_GUEST,
        Level::L4,
        Pte::new(m2p, Pte::P | Pte::US | Pte::A | Pte::NX).0,
    )?;
    set(
        root,
        layout::M2P,
        Level::L4,
        Pte::new(m2p, Pte::P | Pte::RW | Pte::A | Pte::NX).0,
    )?;

    ROOT.store(root.get(), Ordering::Relaxed);
    // SAFETY: the new root maps the running image and stack at the same addresses, and the direct map.
    unsafe { load_cr3(root.addr().get()) };
    Some(())
}

/// Maps the frames `first..last` in the direct map.
fn map_ram(root: Mfn, first: u64, last: u64, largest: Level) -> Option<()> {
    ptab::map_range::<LongMode, _>(
        &Direct,
        root,
        layout::DIRECT_MAP + (first << 12),
        Mfn::new(first),
        (last - first) << 12,
        Attr::READ_WRITE.bits(),
        largest,
        &mut new_table,
    )
    .ok()
}

/// Frames that the boot tables map.
const BOOT_FRAMES: u64 = 1 << 20;

/// Frames of the first MiB.
const LOW_FRAMES: u64 = 256;

/// Backs a per-frame table (M2P or ledger) of `entry_size` bytes a frame for all frames below the
/// end of RAM. Parts that describe only holes share one page filled with `hole`.
///
/// # Safety
/// Once for each table, after [`init`]; `va` must be [`layout::M2P`] or [`layout::LEDGER`].
pub unsafe fn back_frame_table(
    map: &Mutex<MemoryMap>,
    va: u64,
    entry_size: u64,
    hole: u8,
    attr: Attr,
) -> Result<(), OutOfMemory> {
    let snapshot = map.lock().clone();
    back(&snapshot, va, entry_size, hole, attr).ok_or(OutOfMemory)
}

#[inline(never)]
fn back(map: &MemoryMap, va: u64, entry_size: u64, hole: u8, attr: Attr) -> Option<()> {
    let root = idle_root();
    let frames = crate::mem::ram_end().get();
    let per_page = 4096 / entry_size;
    let chunk = per_page * 512;
    let has_ram = |a: u64, b: u64| map.memory_frames().any(|(s, e)| s < b && a < e);
    let empty = early_filled(1, 1, hole)?;
    let read_only = attr.difference(Attr::WRITE);
    let hole_table = early_frame()?;
    for i in 0..512 {
        Direct
            .word(hole_table, i)
            .store(Pte::new(empty, read_only.bits()).0, Ordering::Relaxed);
    }
    for first in (0..frames).step_by(chunk as usize) {
        let at = va + first * entry_size;
        let middle = first + chunk / 2;
        if !has_ram(first, first + chunk) {
            set(root, at, Level::L2, LongMode::table(hole_table))?;
            continue;
        }
        let dense =
            frames - first >= chunk && has_ram(first, middle) && has_ram(middle, first + chunk);
        // Tools are told the M2P table as runs of 2 MiB (`XENMEM_machphys_mfn_list`).
        if (dense || va == layout::M2P)
            && let Some(frame) = early_filled(512, 512, hole)
        {
            map_at(root, at, frame, attr, Level::L2)?;
            continue;
        }
        for f in (first..(first + chunk).min(frames)).step_by(per_page as usize) {
            let page = va + f * entry_size;
            if has_ram(f, f + per_page) {
                map_at(root, page, early_filled(1, 1, hole)?, attr, Level::L1)?;
            } else {
                map_at(root, page, empty, read_only, Level::L1)?;
            }
        }
    }
    Some(())
}
