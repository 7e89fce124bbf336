//! The seams between safe policy and unsafe mechanism.
//!
//! Policy crates never name `arch`. What they need of the machine is spelled out here as six small
//! traits; `arch` implements them over hardware, tests over plain memory. Every method is safe to
//! call with any argument: an implementation that can't honour a call must fail it, not trust the
//! caller.
//!
//! [`FrameAccess`] rests on one primitive, a reference to an aligned 64-bit word of a machine frame.
//! Frames are shared with guests that write them at any moment, so all access is atomic; everything
//! else (bit operations on event words, PTE compare-exchange, byte copies) derives from it.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::{CpuId, CpuMask, GuestAddr, MAddr, Mfn, Nanos, PAGE_SIZE};

/// A guest-supplied address could not be accessed; calls answer `-EFAULT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault;

/// Access to RAM by machine frame number.
pub trait FrameAccess {
    /// Word `index` (`0..512`) of `frame`. `frame` must be RAM that the frame ledger covers; for
    /// any other frame or index the answer is some word that nobody else reads.
    fn word(&self, frame: Mfn, index: usize) -> &AtomicU64;

    /// Copies `to.len()` bytes from byte `offset` of `frame`; what would lie past the frame's end is
    /// left untouched.
    fn read_bytes(&self, frame: Mfn, offset: usize, to: &mut [u8]) {
        for (at, byte) in (offset..PAGE_SIZE).zip(to.iter_mut()) {
            *byte = (self.word(frame, at / 8).load(Ordering::Relaxed) >> (at % 8 * 8)) as u8;
        }
    }

    /// Copies `from` to byte `offset` of `frame`; what would lie past the frame's end is dropped.
    fn write_bytes(&self, frame: Mfn, offset: usize, from: &[u8]) {
        for (at, byte) in (offset..PAGE_SIZE).zip(from.iter()) {
            let word = self.word(frame, at / 8);
            let shift = at % 8 * 8;
            // A byte store that leaves its neighbours to concurrent writers.
            let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| {
                Some(old & !(0xff << shift) | (u64::from(*byte) << shift))
            });
        }
    }

    /// Fills `frame` with zeroes.
    fn zero(&self, frame: Mfn) {
        for index in 0..PAGE_SIZE / 8 {
            self.word(frame, index).store(0, Ordering::Relaxed);
        }
    }

    /// Copies all of `from` to `to`.
    fn copy_frame(&self, to: Mfn, from: Mfn) {
        for index in 0..PAGE_SIZE / 8 {
            self.word(to, index).store(
                self.word(from, index).load(Ordering::Relaxed),
                Ordering::Relaxed,
            );
        }
    }
}

/// Access to the address space of the vCPU that called us, as that vCPU's kernel sees it.
pub trait GuestMemory {
    /// Copies `to.len()` bytes in from guest address `from`. After a fault the contents of `to` are
    /// unspecified.
    fn copy_in(&self, from: GuestAddr, to: &mut [u8]) -> Result<(), Fault>;

    /// Copies `from` out to guest address `to`. After a fault some bytes may have been written.
    fn copy_out(&self, to: GuestAddr, from: &[u8]) -> Result<(), Fault>;
}

/// Translation-cache maintenance.
pub trait TlbFlush {
    /// A stamp of this moment on the flush clock. It orders "this frame lost a mapping" against
    /// "that processor flushed", so that reuse of a frame costs no needless flush.
    fn stamp(&self) -> u32;

    /// Drops every non-global and global guest translation on each of `cpus` that has not flushed
    /// since `stamp`, before returning.
    fn flush_since(&self, cpus: &CpuMask, stamp: u32);

    /// Drops all guest translations on `cpus`, before returning.
    fn flush(&self, cpus: &CpuMask);

    /// Drops the translation of the page at `addr` on `cpus`, before returning.
    fn flush_page(&self, cpus: &CpuMask, addr: GuestAddr);
}

/// Getting another processor's attention.
pub trait Kick {
    /// Makes `cpu` pass through the hypervisor soon and look at its pending work.
    fn kick(&self, cpu: CpuId);

    /// The processor that this code runs on.
    fn this_cpu(&self) -> CpuId;
}

/// Time.
pub trait Clock {
    /// System time, monotonic on every processor.
    fn now(&self) -> Nanos;

    /// Arms this processor's one-shot timer; it fires at or soon after `deadline`.
    /// [`Nanos::NEVER`] disarms it.
    fn arm(&self, deadline: Nanos);
}

/// What devices may reach.
pub trait DmaMap {
    /// Lets a domain's devices read, and if `writable` write, `frame`.
    fn map(&self, device_space: u32, at: MAddr, frame: Mfn, writable: bool);

    /// Takes that right back, before returning.
    fn unmap(&self, device_space: u32, at: MAddr);
}
