//! The 2-level ABI: a pending and a mask bitmap in `shared_info`, a selector word per vCPU.
//!
//! The guest looks for work from the top down: it clears `evtchn_upcall_pending`, swaps its selector
//! for zero, and for every bit found scans one word of `pending & !mask`. So the hypervisor sets from
//! the bottom up: pending bit, then (if not masked) selector bit, then the upcall flag, each one
//! sequentially consistent. In any other order the guest could finish its scan between two steps and
//! the event would lie there with nobody looking.
//!
//! A masked event stays pending without a selector bit; whoever unmasks it must do the rest, which
//! is what `EVTCHNOP_unmask` is for.

use core::mem::offset_of;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::event_channel::EVTCHN_2L_NR_CHANNELS;
use abi::xen::SharedInfo;
use units::{FrameAccess, Mfn};

use crate::vcpu_info::VcpuInfo;

/// Which `shared_info` the guest has. The selector has as many bits as the guest's word, and each
/// covers as many ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Layout {
    /// 64-bit guests: 4096 ports.
    #[default]
    Bits64,
    /// 32-bit guests: 1024 ports.
    Bits32,
}

/// `evtchn_pending`, in 64-bit words of the page.
const PENDING_AT: usize = offset_of!(SharedInfo, evtchn_pending) / 8;

impl Layout {
    /// Ports that the bitmaps hold (`EVTCHN_2L_NR_CHANNELS`).
    pub const fn channels(self) -> u32 {
        match self {
            Self::Bits64 => EVTCHN_2L_NR_CHANNELS,
            Self::Bits32 => 1024,
        }
    }

    /// Word of `vcpu_info` and bit in it that cover `port`.
    #[inline]
    pub(crate) const fn selector(self, port: u32) -> (usize, u32) {
        match self {
            Self::Bits64 => (1, port / 64 % 64),
            Self::Bits32 => (0, 32 + port / 32 % 32),
        }
    }

    #[inline]
    const fn mask_at(self) -> usize {
        match self {
            Self::Bits64 => offset_of!(SharedInfo, evtchn_mask) / 8,
            Self::Bits32 => PENDING_AT + 1024 / 64,
        }
    }
}

/// A domain's bitmaps. Ports beyond them are never pending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bitmaps {
    pub(crate) shared_info: Mfn,
    pub(crate) layout: Layout,
}

impl Bitmaps {
    /// Sets the pending bit and as much of the chain as is news. Answers whether the bit was news,
    /// and whether the vCPU now has an upcall to take that it hadn't before.
    #[inline]
    pub(crate) fn set_pending(
        &self,
        mem: &impl FrameAccess,
        info: Option<VcpuInfo>,
        port: u32,
    ) -> (bool, bool) {
        let Some((word, bit)) = self.pending(mem, port) else {
            return (false, false);
        };
        if word.fetch_or(bit, Ordering::SeqCst) & bit != 0 {
            return (false, false);
        }
        let masked = self
            .mask(mem, port)
            .is_none_or(|(word, bit)| word.load(Ordering::SeqCst) & bit != 0);
        (true, !masked && self.announce(mem, info, port))
    }

    /// Clears the mask bit; true where that gave the vCPU an upcall to take.
    #[inline]
    pub(crate) fn unmask(&self, mem: &impl FrameAccess, info: Option<VcpuInfo>, port: u32) -> bool {
        let Some((word, bit)) = self.mask(mem, port) else {
            return false;
        };
        let was_masked = word.fetch_and(!bit, Ordering::SeqCst) & bit != 0;
        was_masked && self.is_pending(mem, port) && self.announce(mem, info, port)
    }

    pub(crate) fn is_pending(&self, mem: &impl FrameAccess, port: u32) -> bool {
        self.pending(mem, port)
            .is_some_and(|(word, bit)| word.load(Ordering::SeqCst) & bit != 0)
    }

    pub(crate) fn is_masked(&self, mem: &impl FrameAccess, port: u32) -> bool {
        self.mask(mem, port)
            .is_some_and(|(word, bit)| word.load(Ordering::SeqCst) & bit != 0)
    }

    pub(crate) fn clear_pending(&self, mem: &impl FrameAccess, port: u32) {
        if let Some((word, bit)) = self.pending(mem, port) {
            word.fetch_and(!bit, Ordering::SeqCst);
        }
    }

    #[inline]
    fn announce(&self, mem: &impl FrameAccess, info: Option<VcpuInfo>, port: u32) -> bool {
        info.is_some_and(|info| info.select(mem, self.layout, port) && info.mark_pending(mem))
    }

    #[inline]
    fn pending<'m>(&self, mem: &'m impl FrameAccess, port: u32) -> Option<(&'m AtomicU64, u64)> {
        self.bit(mem, PENDING_AT, port)
    }

    #[inline]
    fn mask<'m>(&self, mem: &'m impl FrameAccess, port: u32) -> Option<(&'m AtomicU64, u64)> {
        self.bit(mem, self.layout.mask_at(), port)
    }

    #[inline]
    fn bit<'m>(
        &self,
        mem: &'m impl FrameAccess,
        base: usize,
        port: u32,
    ) -> Option<(&'m AtomicU64, u64)> {
        (port < self.layout.channels()).then(|| {
            let word = mem.word(self.shared_info, base + port as usize / 64);
            (word, 1 << (port % 64))
        })
    }
}
