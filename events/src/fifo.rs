//! The FIFO ABI: an event word a port, sixteen queues a vCPU (`event_channel.h`).
//!
//! An event word holds the flags PENDING, MASKED, LINKED and BUSY and a 17-bit link. Unmasked pending
//! events are chained through the links, one chain for each vCPU and priority. The control block of
//! a vCPU names the head of each chain and, in `ready`, the chains that have become non-empty. The
//! guest consumes from the head, clearing LINKED and the link in one step; the hypervisor appends
//! at the tail, whose number it keeps to itself.
//!
//! # The race at the tail
//!
//! The guest may consume the tail at the very moment that an event is appended to it. So the link is
//! written by compare-exchange and only while LINKED is still set; if the guest was faster, its chain is
//! empty and the new event becomes a new head. A guest that keeps changing the tail's word could make
//! that exchange fail for ever; BUSY tells a sane guest to leave the word alone, and after a fixed number
//! of tries the insane one is left to its lost events.
//!
//! # A port that changes queues
//!
//! An event keeps to the chain it was linked on until it is consumed, whatever happens to its priority
//! or vCPU. When it is linked again it may still be recorded as the tail of the old chain; that
//! record must go, or the next event of the old chain would be appended to the new one.
//!
//! # Hostile words
//!
//! The hypervisor never follows a link and never believes a head. All it reads from the guest are
//! flags, and every combination of these leads to one bounded path.

use core::mem::offset_of;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::event_channel::{
    EVTCHN_FIFO_BUSY, EVTCHN_FIFO_LINK_MASK, EVTCHN_FIFO_LINKED, EVTCHN_FIFO_MASKED,
    EVTCHN_FIFO_NR_CHANNELS, EVTCHN_FIFO_PENDING, EVTCHN_FIFO_PRIORITY_DEFAULT,
    EVTCHN_FIFO_PRIORITY_MIN, EvtchnFifoControlBlock,
};
use alloc::vec::Vec;
use units::{FrameAccess, Mfn, PAGE_SIZE};

use crate::error::Error;
use crate::port::Entry;
use crate::table::VcpuEvents;

/// Priority of a fresh port.
pub(crate) const PRIORITY_DEFAULT: u8 = EVTCHN_FIFO_PRIORITY_DEFAULT as u8;
/// The lowest priority.
pub(crate) const PRIORITY_MIN: u8 = EVTCHN_FIFO_PRIORITY_MIN as u8;
/// Event words in a page of the event array.
pub const WORDS_PER_PAGE: u32 = (PAGE_SIZE / size_of::<u32>()) as u32;
/// Pages of a full event array.
pub const MAX_ARRAY_PAGES: usize = (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE) as usize;

const PENDING: u32 = 1 << EVTCHN_FIFO_PENDING;
const MASKED: u32 = 1 << EVTCHN_FIFO_MASKED;
const LINKED: u32 = 1 << EVTCHN_FIFO_LINKED;
const BUSY: u32 = 1 << EVTCHN_FIFO_BUSY;
const LINK: u32 = EVTCHN_FIFO_LINK_MASK;

/// Tries to write one link. A tail shares its 64-bit word with a neighbour, so a few more than the one
/// or two that a sane guest can cost.
const LINK_TRIES: u32 = 64;

/// One event word.
#[derive(Clone, Copy)]
struct EventWord<'m> {
    word: &'m AtomicU64,
    shift: u32,
}

impl EventWord<'_> {
    #[inline]
    fn load(self) -> u32 {
        self.half(self.word.load(Ordering::SeqCst))
    }

    #[inline]
    fn half(self, word: u64) -> u32 {
        (word >> self.shift) as u32
    }

    #[inline]
    fn with_half(self, word: u64, half: u32) -> u64 {
        word & !(0xffff_ffff << self.shift) | u64::from(half) << self.shift
    }

    #[inline]
    fn test_and_set(self, flag: u32) -> bool {
        let flag = u64::from(flag) << self.shift;
        self.word.fetch_or(flag, Ordering::SeqCst) & flag != 0
    }

    #[inline]
    fn clear(self, flag: u32) {
        let flag = u64::from(flag) << self.shift;
        self.word.fetch_and(!flag, Ordering::SeqCst);
    }

    /// The common case in one step: an idle, unmasked event becomes pending and linked. False, and
    /// nothing done, in every other case.
    #[inline]
    fn claim(self) -> bool {
        let old = self.word.load(Ordering::SeqCst);
        let half = self.half(old);
        if half & (PENDING | MASKED | LINKED) != 0 {
            return false;
        }
        let new = self.with_half(old, half & !LINK | PENDING | LINKED);
        self.word
            .compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    /// Links `port` behind this event if this one is still linked; false if the guest has consumed it.
    fn append(self, port: u32) -> bool {
        let mut old = self.word.load(Ordering::SeqCst);
        let mut busy = false;
        for _ in 0..LINK_TRIES {
            let half = self.half(old);
            if half & LINKED == 0 {
                if busy {
                    self.clear(BUSY);
                }
                return false;
            }
            let new = self.with_half(old, half & !(LINK | BUSY) | port & LINK);
            let swapped = self
                .word
                .compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst);
            match swapped {
                Ok(_) => return true,
                Err(_) if !busy => {
                    busy = true;
                    let flag = u64::from(BUSY) << self.shift;
                    old = self.word.fetch_or(flag, Ordering::SeqCst) | flag;
                }
                Err(now) => old = now,
            }
        }
        self.clear(BUSY);
        true
    }
}

/// The place of a vCPU's control block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ControlBlock {
    pub(crate) frame: Mfn,
    /// In 64-bit words.
    first: u16,
}

impl ControlBlock {
    pub(crate) fn new(frame: Mfn, offset: u32) -> Result<Self, Error> {
        if offset as usize > PAGE_SIZE - size_of::<EvtchnFifoControlBlock>()
            || !offset.is_multiple_of(8)
        {
            return Err(Error::BadOffset);
        }
        Ok(Self {
            frame,
            first: (offset / 8) as u16,
        })
    }

    /// Names `port` as head of the chain of `priority`; the other head in the same word may be the
    /// guest's to read at this moment and keeps its value throughout.
    #[inline]
    fn set_head(self, mem: &impl FrameAccess, priority: u8, port: u32) {
        const HEADS: usize = offset_of!(EvtchnFifoControlBlock, head) / 8;
        let word = mem.word(
            self.frame,
            self.first as usize + HEADS + priority as usize / 2,
        );
        let shift = u32::from(priority) % 2 * 32;
        let old = (word.load(Ordering::Relaxed) >> shift) as u32;
        word.fetch_xor(u64::from(old ^ port) << shift, Ordering::SeqCst);
    }

    /// Marks the chain of `priority` as ready; true if it wasn't. After the head, with which the
    /// guest's exchange of `ready` pairs.
    #[inline]
    fn set_ready(self, mem: &impl FrameAccess, priority: u8) -> bool {
        let bit = 1 << (priority & PRIORITY_MIN);
        let word = mem.word(self.frame, self.first as usize);
        word.fetch_or(bit, Ordering::SeqCst) & bit == 0
    }
}

/// What a domain on the FIFO ABI has besides its vCPUs' control blocks.
pub(crate) struct Fifo {
    array: Vec<Mfn>,
}

impl Fifo {
    pub(crate) fn new() -> Result<Self, Error> {
        let mut array = Vec::new();
        array
            .try_reserve_exact(MAX_ARRAY_PAGES)
            .map_err(|_| Error::NoMemory)?;
        Ok(Self { array })
    }

    /// Pages of the event array.
    pub(crate) fn pages(&self) -> &[Mfn] {
        &self.array
    }

    /// Adds a page; answers the first port that it serves.
    pub(crate) fn push_page(&mut self, page: Mfn) -> u32 {
        let first = self.array.len() as u32 * WORDS_PER_PAGE;
        self.array.push(page);
        first
    }

    #[inline]
    fn word<'m>(&self, mem: &'m impl FrameAccess, port: u32) -> Option<EventWord<'m>> {
        let page = *self.array.get((port / WORDS_PER_PAGE) as usize)?;
        Some(EventWord {
            word: mem.word(page, (port % WORDS_PER_PAGE) as usize / 2),
            shift: port % 2 * 32,
        })
    }

    /// Raises the event. Answers whether it was news, and whether its vCPU now has an upcall to take
    /// that it hadn't before.
    #[inline]
    pub(crate) fn set_pending(
        &self,
        mem: &impl FrameAccess,
        vcpus: &mut [VcpuEvents],
        port: u32,
        entry: &mut Entry,
    ) -> (bool, bool) {
        let Some(word) = self.word(mem, port) else {
            entry.deferred = true;
            return (false, false);
        };
        let Some(vcpu) = vcpus.get(entry.vcpu as usize) else {
            return (false, false);
        };
        let info = vcpu.info;
        // A guest without control block has no business unmasking: the event stays pending.
        let Some(control) = vcpu.control else {
            return (!word.test_and_set(PENDING), false);
        };
        let mut news = true;
        if !word.claim() {
            news = !word.test_and_set(PENDING);
            if word.load() & (MASKED | LINKED) != 0 || word.test_and_set(LINKED) {
                return (news, false);
            }
        }
        if let Some(tail) = tail(vcpus, entry.last_vcpu, entry.last_priority)
            && *tail == port
        {
            *tail = 0;
        }
        entry.last_vcpu = entry.vcpu;
        entry.last_priority = entry.priority;
        let Some(tail) = tail(vcpus, entry.vcpu, entry.priority) else {
            return (news, false);
        };
        let before = core::mem::replace(tail, port);
        let linked = before != 0 && self.word(mem, before).is_some_and(|w| w.append(port));
        if linked {
            return (news, false);
        }
        control.set_head(mem, entry.priority, port);
        let upcall = control.set_ready(mem, entry.priority)
            && info.is_some_and(|info| info.mark_pending(mem));
        (news, upcall)
    }

    /// Clears MASKED; true where the event is pending and so must be raised once more.
    #[inline]
    pub(crate) fn unmask(&self, mem: &impl FrameAccess, port: u32) -> bool {
        self.word(mem, port).is_some_and(|word| {
            word.clear(MASKED);
            word.load() & PENDING != 0
        })
    }

    pub(crate) fn clear_pending(&self, mem: &impl FrameAccess, port: u32) {
        if let Some(word) = self.word(mem, port) {
            word.clear(PENDING);
        }
    }

    pub(crate) fn is_pending(&self, mem: &impl FrameAccess, port: u32) -> bool {
        self.flag(mem, port, PENDING)
    }

    pub(crate) fn is_masked(&self, mem: &impl FrameAccess, port: u32) -> bool {
        self.flag(mem, port, MASKED)
    }

    /// True while the guest has yet to take the event off its chain; such a port must not be reused.
    pub(crate) fn is_linked(&self, mem: &impl FrameAccess, port: u32) -> bool {
        self.flag(mem, port, LINKED)
    }

    fn flag(&self, mem: &impl FrameAccess, port: u32, flag: u32) -> bool {
        self.word(mem, port).is_some_and(|w| w.load() & flag != 0)
    }
}

/// The recorded tail of a queue.
#[inline]
fn tail(vcpus: &mut [VcpuEvents], vcpu: u32, priority: u8) -> Option<&mut u32> {
    vcpus
        .get_mut(vcpu as usize)?
        .tails
        .get_mut(priority as usize)
}
