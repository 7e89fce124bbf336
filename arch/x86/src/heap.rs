//! The hypervisor's heap.
//!
//! Before the frame allocator runs, a small fixed block serves (`linked_list_allocator`). Afterwards small objects
//! come from free lists by size class, cut from single frames, and large ones are whole runs of frames
//! from the direct map. Memory that was served early goes back to the early block.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{NonNull, null_mut};

use linked_list_allocator::Heap;
use spin::Mutex;
use units::{MAddr, Mfn, Order};

use crate::mem;

/// Where the heap gets runs of frames from and returns them to.
#[derive(Clone, Copy)]
pub struct FrameSource {
    /// A run of `2^order` frames in the direct map.
    pub alloc: fn(Order) -> Option<Mfn>,
    /// Takes a run back.
    pub free: fn(Mfn, Order),
}

const EARLY_SIZE: usize = 192 * 1024;

#[repr(C, align(4096))]
struct EarlyBlock([u8; EARLY_SIZE]);

static mut EARLY_BLOCK: EarlyBlock = EarlyBlock([0; EARLY_SIZE]);

/// Size classes: powers of two from 16 to 2048 bytes.
const CLASSES: usize = 8;

struct Lists {
    early: Heap,
    started: bool,
    frames: Option<FrameSource>,
    free: [*mut u8; CLASSES],
}

// SAFETY: the raw pointers are free memory that only the lock's holder touches.
unsafe impl Send for Lists {}

/// The global allocator.
pub struct XenHeap(Mutex<Lists>);

impl XenHeap {
    /// An allocator with only the early block behind it.
    pub const fn new() -> Self {
        Self(Mutex::new(Lists {
            early: Heap::empty(),
            started: false,
            frames: None,
            free: [null_mut(); CLASSES],
        }))
    }

    /// Serves from frames from now on.
    pub fn attach(&self, frames: FrameSource) {
        self.0.lock().frames = Some(frames);
    }
}

impl Default for XenHeap {
    fn default() -> Self {
        Self::new()
    }
}

fn class_of(layout: &Layout) -> Option<usize> {
    let size = layout
        .size()
        .max(layout.align())
        .max(16)
        .next_power_of_two();
    (size <= 2048).then(|| size.trailing_zeros() as usize - 4)
}

fn is_early(p: *mut u8) -> bool {
    let start = (&raw const EARLY_BLOCK) as usize;
    (start..start + EARLY_SIZE).contains(&(p as usize))
}

// SAFETY: every block handed out is disjoint, large and aligned enough: classes are powers of two cut from
// page-aligned frames, so a block is aligned to its size, which covers the layout's alignment; larger
// requests get a run of frames that covers size, page-aligned, and alignments above a page are refused.
unsafe impl GlobalAlloc for XenHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut lists = self.0.lock();
        let Some(frames) = lists.frames else {
            if !lists.started {
                lists.started = true;
                // SAFETY: the block is used by nobody else, once.
                unsafe { lists.early.init((&raw mut EARLY_BLOCK).cast(), EARLY_SIZE) };
            }
            return lists
                .early
                .allocate_first_fit(layout)
                .map_or(null_mut(), NonNull::as_ptr);
        };
        match class_of(&layout) {
            Some(class) => {
                if lists.free[class].is_null() {
                    let Some(frame) = (frames.alloc)(Order::PAGE) else {
                        return null_mut();
                    };
                    let size = 16usize << class;
                    for at in (0..4096).step_by(size) {
                        let block = mem::direct(MAddr::new(frame.addr().get() + at as u64));
                        // SAFETY: inside the fresh frame, at least 16 bytes.
                        unsafe { block.cast::<*mut u8>().write(lists.free[class]) };
                        lists.free[class] = block;
                    }
                }
                let block = lists.free[class];
                // SAFETY: blocks on the list hold the next pointer.
                lists.free[class] = unsafe { block.cast::<*mut u8>().read() };
                block
            }
            None if layout.align() > 4096 => null_mut(),
            None => {
                drop(lists);
                (frames.alloc)(Order::holding(layout.size().div_ceil(4096) as u64))
                    .map_or(null_mut(), |f| mem::direct(f.addr()))
            }
        }
    }

    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        let mut lists = self.0.lock();
        if is_early(p) {
            if let Some(p) = NonNull::new(p) {
                // SAFETY: came from this heap with this layout.
                unsafe { lists.early.deallocate(p, layout) };
            }
            return;
        }
        match (class_of(&layout), lists.frames) {
            (Some(class), _) => {
                // SAFETY: a dead block of at least 16 bytes.
                unsafe { p.cast::<*mut u8>().write(lists.free[class]) };
                lists.free[class] = p;
            }
            (None, Some(frames)) => {
                drop(lists);
                let frame = Mfn::new((p as u64 - arch_defs::layout::DIRECT_MAP) >> 12);
                (frames.free)(frame, Order::holding(layout.size().div_ceil(4096) as u64));
            }
            (None, None) => {}
        }
    }
}
