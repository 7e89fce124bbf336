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
use bitflags::bitflags;
use spin::Mutex;
use units::Mfn;

use crate::cpu::{self, Features};

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
        /// An entry that points to a table: its leaves decide.
        const TABLE = 1 | 1 << 1 | 1 << 2 | 1 << 5;
    }
}

const ADDR: u64 = 0x000f_ffff_ffff_f000;

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

/// Entry `index` of the table in `frame`.
fn entry(frame: u64, index: usize) -> &'static AtomicU64 {
    debug_assert!(index < 512);
    // SAFETY: tables are RAM frames below the end of the direct map (of the boot tables' 4 GiB while they
    // are being built) and are only accessed through atomics.
    unsafe {
        AtomicU64::from_ptr((layout::DIRECT_MAP + (frame << 12) + index as u64 * 8) as *mut u64)
    }
}

/// Walks from `root` to the table of `level` (1 is the leaf table) that covers `va`, making tables on the way.
fn table_for(root: u64, va: u64, level: u32) -> Option<u64> {
    let mut frame = root;
    for at in (level + 1..=4).rev() {
        let slot = entry(frame, (va >> (12 + 9 * (at - 1)) & 511) as usize);
        let old = slot.load(Ordering::Relaxed);
        frame = if old & 1 == 0 {
            let new = (*SOURCE.lock())()?;
            slot.store(new.get() << 12 | Attr::TABLE.bits(), Ordering::Relaxed);
            new.get()
        } else if old & Attr::LARGE.bits() != 0 {
            return None;
        } else {
            (old & ADDR) >> 12
        };
    }
    Some(frame)
}

fn map_at(root: u64, va: u64, frame: u64, attr: Attr, level: u32) -> Option<()> {
    let table = table_for(root, va, level)?;
    let large = if level > 1 { Attr::LARGE.bits() } else { 0 };
    entry(table, (va >> (12 + 9 * (level - 1)) & 511) as usize)
        .store(frame << 12 | attr.bits() | large, Ordering::Relaxed);
    Some(())
}

/// Maps one page of the hypervisor's area. `None` where no frame for a table is left.
pub(crate) fn map_page(va: u64, frame: Mfn, attr: Attr) -> Option<()> {
    map_at(ROOT.load(Ordering::Relaxed), va, frame.get(), attr, 1)
}

/// Replaces or removes (`attr` empty) the mapping of one page and drops the old translation here.
pub(crate) fn remap_page(va: u64, frame: Mfn, attr: Attr) -> Option<()> {
    map_page(va, frame, attr)?;
    // SAFETY: dropping a translation is always allowed.
    unsafe { core::arch::asm!("invlpg [{}]", in(reg) va, options(nostack, preserves_flags)) };
    Some(())
}

/// The L4 entries of the hypervisor's slots, as every guest L4 must hold them.
pub fn hypervisor_slots() -> impl Iterator<Item = (usize, u64)> {
    let root = ROOT.load(Ordering::Relaxed);
    layout::HYPERVISOR_SLOTS.map(move |i| (i, entry(root, i).load(Ordering::Relaxed)))
}

/// The frames that hold the M2P table, the first of each 2 MiB of it.
pub fn m2p_frames() -> alloc::vec::Vec<Mfn> {
    let root = ROOT.load(Ordering::Relaxed);
    let frames = crate::mem::ram_end().get();
    (0..frames.div_ceil(1 << 18))
        .filter_map(|chunk| {
            let va = layout::M2P + chunk * (2 << 20);
            let table = table_for(root, va, 2)?;
            let entry_at = entry(table, (va >> 21 & 511) as usize).load(Ordering::Relaxed);
            let frame = (entry_at & ADDR) >> 12;
            if entry_at & Attr::LARGE.bits() != 0 {
                Some(Mfn::new(frame & !511))
            } else {
                Some(Mfn::new(
                    (entry(frame, 0).load(Ordering::Relaxed) & ADDR) >> 12,
                ))
            }
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

/// Frames taken from the memory map before the frame allocator exists: top down from the highest RAM
/// below 4 GiB, which the boot tables map.
pub struct EarlyFrames {
    map: &'static Mutex<MemoryMap>,
}

static EARLY: Mutex<Option<EarlyFrames>> = Mutex::new(None);

impl EarlyFrames {
    /// Takes `count` contiguous frames, aligned to `align` frames, out of RAM.
    fn take(&mut self, count: u64, align: u64) -> Option<Mfn> {
        let mut map = self.map.lock();
        let found = map
            .ram_pages()
            .filter_map(|(start, end)| {
                let end = end.min(1 << 20);
                let first = end.checked_sub(count)? & !(align - 1);
                (first >= start.max(256)).then_some(first)
            })
            .max()?;
        map.take(found << 12, (found + count) << 12).ok()?;
        Some(Mfn::new(found))
    }
}

/// Takes contiguous zeroed frames before the frame allocator runs.
pub fn early_frames(count: u64, align: u64) -> Option<Mfn> {
    let first = EARLY.lock().as_mut()?.take(count, align)?;
    // SAFETY: the frames were RAM that nobody uses, below 4 GiB, which every root so far maps.
    unsafe {
        core::ptr::write_bytes(
            (layout::DIRECT_MAP + first.addr().get()) as *mut u8,
            0,
            (count as usize) << 12,
        )
    };
    Some(first)
}

/// One zeroed frame for a page table.
fn early_frame() -> Option<Mfn> {
    // Single frames come from a batch, so that the memory map doesn't fragment.
    static BATCH: Mutex<(u64, u64)> = Mutex::new((0, 0));
    let mut batch = BATCH.lock();
    if batch.0 == batch.1 {
        let first = early_frames(16, 1)?.get();
        *batch = (first, first + 16);
    }
    batch.0 += 1;
    Some(Mfn::new(batch.0 - 1))
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
    *EARLY.lock() = Some(EarlyFrames { map });
    set_frame_source(early_frame);
    // SAFETY: the caller's promise.
    unsafe { build(map) }.ok_or(OutOfMemory)
}

/// # Safety
/// As for [`init`].
unsafe fn build(map: &'static Mutex<MemoryMap>) -> Option<()> {
    let root = early_frame()?.get();
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
            map_at(root, va, image_addr(va).get() >> 12, attr, 1)?;
        }
        va += 4096;
    }

    // RAM and what was taken from it is mapped in the largest pages that fit.
    let snapshot = map.lock().clone();
    let huge = cpu::features().contains(Features::PAGE_1G);
    let mut ram_end = 0;
    for (first, last) in snapshot.memory_frames() {
        ram_end = ram_end.max(last);
        let mut frame = first.max(LOW_FRAMES);
        while frame < last {
            let va = layout::DIRECT_MAP + (frame << 12);
            let level = if huge && frame % (1 << 18) == 0 && last - frame >= 1 << 18 {
                3
            } else if frame % 512 == 0 && last - frame >= 512 {
                2
            } else {
                1
            };
            map_at(root, va, frame, Attr::READ_WRITE, level)?;
            frame += 1 << (9 * (level - 1));
        }
    }
    // Low memory: the first MiB is needed for the processors' start-up page, firmware data and VGA.
    for frame in 0..LOW_FRAMES {
        map_at(
            root,
            layout::DIRECT_MAP + (frame << 12),
            frame,
            Attr::READ_WRITE,
            1,
        )?;
    }
    // Every slot that may be used later gets its L3 now, because guests' L4 tables copy these entries.
    for slot in layout::HYPERVISOR_SLOTS {
        let used = slot < 262 || (slot as u64 - 262) << 27 < ram_end;
        if used {
            table_for(root, 0xffff << 48 | (slot as u64) << 39, 3)?;
        }
    }
    // Guests read the M2P table through one slot, the hypervisor writes it through another: same tables below,
    // different rights above.
    let m2p = table_for(root, layout::M2P, 3)?;
    entry(root, 256).store(
        m2p << 12 | 1 | Attr::USER.bits() | 1 << 5 | Attr::NX.bits(),
        Ordering::Relaxed,
    );
    entry(root, 258).store(m2p << 12 | 3 | 1 << 5 | Attr::NX.bits(), Ordering::Relaxed);

    ROOT.store(root, Ordering::Relaxed);
    crate::mem::set_ram_end(ram_end);
    // SAFETY: the new root maps the running image and stack at the same addresses, and the direct map.
    unsafe { load_cr3(root << 12) };
    Some(())
}

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
    let run = || {
        let root = ROOT.load(Ordering::Relaxed);
        let frames = crate::mem::ram_end().get();
        let snapshot = map.lock().clone();
        let per_page = 4096 / entry_size;
        let has_ram = |a: u64, b: u64| snapshot.memory_frames().any(|(s, e)| s < b && a < e);
        let empty = early_frame()?;
        // SAFETY: a fresh frame in the direct map.
        unsafe {
            core::ptr::write_bytes(
                (layout::DIRECT_MAP + empty.addr().get()) as *mut u8,
                hole,
                4096,
            )
        };
        let read_only = attr.difference(Attr::WRITE);
        let hole_table = early_frame()?;
        for i in 0..512 {
            entry(hole_table.get(), i)
                .store(empty.get() << 12 | read_only.bits(), Ordering::Relaxed);
        }
        let mut first = 0;
        while first < frames {
            let chunk = per_page * 512;
            let at = va + first * entry_size;
            if !has_ram(first, first + chunk) {
                let l2 = table_for(root, at, 2)?;
                entry(l2, (at >> 21 & 511) as usize).store(
                    hole_table.get() << 12 | Attr::TABLE.bits(),
                    Ordering::Relaxed,
                );
            } else if frames - first >= chunk
                && has_ram(first, first + chunk / 2)
                && has_ram(first + chunk / 2, first + chunk)
            {
                let frame = early_frames(512, 512)?;
                // SAFETY: fresh frames in the direct map.
                unsafe {
                    core::ptr::write_bytes(
                        (layout::DIRECT_MAP + frame.addr().get()) as *mut u8,
                        hole,
                        512 << 12,
                    )
                };
                map_at(root, at, frame.get(), attr, 2)?;
            } else {
                let mut f = first;
                while f < (first + chunk).min(frames) {
                    if has_ram(f, f + per_page) {
                        let frame = early_frame()?;
                        // SAFETY: as above.
                        unsafe {
                            core::ptr::write_bytes(
                                (layout::DIRECT_MAP + frame.addr().get()) as *mut u8,
                                hole,
                                4096,
                            )
                        };
                        map_at(root, va + f * entry_size, frame.get(), attr, 1)?;
                    } else {
                        map_at(root, va + f * entry_size, empty.get(), read_only, 1)?;
                    }
                    f += per_page;
                }
            }
            first += chunk;
        }
        Some(())
    };
    run().ok_or(OutOfMemory)
}
