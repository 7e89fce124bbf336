//! Translation caches.
//!
//! A flush clock ticks at every flush; each processor remembers the tick of its last one. A frame that loses a
//! mapping is stamped with the clock, and when it is reused only processors that haven't flushed since
//! need to. Guest mappings are never global, so loading CR3 drops them all.

use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering};

use arch_defs::layout;
use units::{CpuMask, GuestAddr, MAX_CPUS, TlbFlush};

use crate::{paging, percpu};

static CLOCK: AtomicU32 = AtomicU32::new(1);
static LAST: [AtomicU32; MAX_CPUS] = [const { AtomicU32::new(0) }; MAX_CPUS];

/// The processors' translation caches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tlb;

/// Notes that this processor has just loaded CR3.
#[inline]
pub fn flushed_here() {
    let now = CLOCK.fetch_add(1, Ordering::AcqRel).wrapping_add(1);
    if let Some(last) = LAST.get(percpu::this_cpu().0 as usize) {
        last.store(now, Ordering::Release);
    }
}

/// Drops all guest translations on this processor.
pub fn flush_local() {
    // SAFETY: the same root again.
    unsafe { paging::load_cr3(paging::read_cr3()) };
    flushed_here();
}

impl TlbFlush for Tlb {
    fn stamp(&self) -> u32 {
        CLOCK.load(Ordering::Acquire)
    }

    fn flush_since(&self, cpus: &CpuMask, stamp: u32) {
        let here = percpu::this_cpu();
        let last = LAST
            .get(here.0 as usize)
            .map_or(0, |l| l.load(Ordering::Acquire));
        if cpus.contains(here) && (last.wrapping_sub(stamp) as i32) <= 0 {
            flush_local();
        }
    }

    fn flush(&self, cpus: &CpuMask) {
        if cpus.contains(percpu::this_cpu()) {
            flush_local();
        }
    }

    fn flush_page(&self, cpus: &CpuMask, addr: GuestAddr) {
        if cpus.contains(percpu::this_cpu()) && layout::guest_range_ok(addr.get(), 1) {
            // SAFETY: dropping a guest translation is always allowed.
            unsafe { asm!("invlpg [{}]", in(reg) addr.get(), options(nostack, preserves_flags)) };
        }
    }
}
