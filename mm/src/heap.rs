//! The allocator of free frames: a binary buddy system threaded through the ledger.
//!
//! Frames are grouped by the position of the highest bit of their number, so that a request for
//! memory below 2^n bytes takes whole groups, and an unrestricted one takes the highest group that
//! can serve it: memory that old devices can reach is used last. Blocks never span groups, which
//! costs nothing since a group begins at a multiple of its size.
//!
//! A freed frame is *dirty* until it was scrubbed, and the processors' TLBs may still translate to
//! it. The allocator remembers both, frame by frame and block by block, and tells whoever gets a
//! block; [`DomainPages::assign`](crate::DomainPages::assign) refuses dirty frames.

use core::sync::atomic::Ordering;

use units::{DomId, FrameAccess, Mfn, Order};

use crate::error::MmError;
use crate::frame::{FrameInfo, NIL, Refs};
use crate::ledger::{Ledger, fresh};

/// log2 of the frames in the largest block: 1 GiB.
pub const MAX_ORDER: u32 = 18;
const ORDERS: usize = MAX_ORDER as usize + 1;
const ZONES: usize = 32;

// What `link` of a free frame holds: zero inside a block, this on its first frame.
const HEAD: u32 = 1 << 31;
const FLUSH: u32 = 1 << 30;
const ORDER: u32 = 0xff;

/// Frames just allocated: fresh, contiguous, aligned to their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Block {
    /// The first frame.
    pub mfn: Mfn,
    /// log2 of their number.
    pub order: Order,
    /// True where some of them must be [scrubbed](Ledger::scrub).
    pub dirty: bool,
    /// If any was in use before, processors that haven't flushed since this stamp may still reach
    /// them: flush those before use.
    pub stamp: Option<u32>,
}

impl Block {
    /// The frames.
    pub fn frames(&self) -> impl Iterator<Item = Mfn> + use<> {
        let first = self.mfn;
        (0..self.order.frames()).map(move |i| first.add(i))
    }

    /// Zeroes the dirty frames.
    pub fn scrub<F: FrameAccess>(&self, ledger: &Ledger<'_>, frames: &F) {
        if self.dirty {
            self.frames().for_each(|mfn| ledger.scrub(mfn, frames));
        }
    }
}

impl Ledger<'_> {
    /// Zeroes a fresh or hypervisor frame that holds old data.
    pub fn scrub<F: FrameAccess>(&self, mfn: Mfn, frames: &F) {
        if let Some(frame) = self.ram(mfn) {
            let refs = frame.refs();
            if refs.has(Refs::DIRTY) && refs.count() == 0 && !refs.has(Refs::FREE) {
                frames.zero(mfn);
                frame.refs.fetch_and(!Refs::DIRTY, Ordering::AcqRel);
            }
        }
    }
}

/// Memory promised to a domain that is being built (`XENMEM_claim_pages`, `memory.h`): others can't
/// take it, and the domain's allocations draw on it.
#[derive(Debug, Default)]
pub struct Claim(u64);

impl Claim {
    /// No claim.
    pub const NONE: Self = Self(0);

    /// Frames still promised.
    pub const fn outstanding(&self) -> u64 {
        self.0
    }
}

/// The free frames of a ledger. The heap lock guards it.
pub struct FrameAllocator<'a> {
    ledger: Ledger<'a>,
    heads: [[u32; ORDERS]; ZONES],
    /// Which orders of a zone have free blocks.
    orders: [u32; ZONES],
    free: [u64; ZONES],
    total_free: u64,
    managed: u64,
    outstanding: u64,
}

impl<'a> FrameAllocator<'a> {
    /// An allocator without memory.
    pub const fn new(ledger: Ledger<'a>) -> Self {
        Self {
            ledger,
            heads: [[NIL; ORDERS]; ZONES],
            orders: [0; ZONES],
            free: [0; ZONES],
            total_free: 0,
            managed: 0,
            outstanding: 0,
        }
    }

    /// Adds the RAM `[start, end)`, which the ledger must know nothing of yet. `clean`: it holds
    /// zeroes; otherwise it counts as dirty.
    pub fn add_region(&mut self, start: Mfn, end: Mfn, clean: bool) -> Result<(), MmError> {
        let ledger = self.ledger;
        let range = start.get()..end.get();
        if range.is_empty() || end.index() > ledger.len() {
            return Err(MmError::BadRange);
        }
        let frames = || range.clone().filter_map(|n| ledger.frame(Mfn::new(n)));
        if frames().any(|f| f.refs() != Refs(0)) {
            return Err(MmError::BadRange);
        }
        let dirty = if clean { 0 } else { Refs::DIRTY };
        let free = Refs::new(Refs::RAM | Refs::FREE | dirty, DomId::INVALID, 0);
        frames().for_each(|f| f.refs.store(free.0, Ordering::Relaxed));
        let mut at = range.start;
        while at < range.end {
            let align = at
                .trailing_zeros()
                .min(MAX_ORDER)
                .min(zone(at as u32) as u32);
            let fits = (range.end - at).ilog2();
            let order = align.min(fits);
            self.insert(at as u32, order, None);
            at += 1 << order;
        }
        self.managed += range.end - range.start;
        Ok(())
    }

    /// Allocates a block. `max_bits`: every byte of it has an address below 2^`max_bits`. `claim`:
    /// of the domain that it is for.
    pub fn alloc(
        &mut self,
        order: Order,
        max_bits: Option<u32>,
        claim: Option<&mut Claim>,
    ) -> Result<Block, MmError> {
        let promised = claim.as_ref().map_or(0, |c| c.0);
        let unclaimed = self.total_free.saturating_sub(self.outstanding);
        if order.get() > MAX_ORDER || order.frames() > unclaimed.saturating_add(promised) {
            return Err(MmError::NoMemory);
        }
        // Zone z ends at frame 2^(z+1), address 2^(z+13).
        let zones = match max_bits {
            None => ZONES,
            Some(bits) => (bits.saturating_sub(12) as usize).min(ZONES),
        };
        let (zone, from) = (0..zones)
            .rev()
            .find_map(|z| {
                let orders = self.orders.get(z)? >> order.get() << order.get();
                (orders != 0).then(|| (z, orders.trailing_zeros()))
            })
            .ok_or(MmError::NoMemory)?;
        let mfn = self.head(zone, from);
        let info = self.remove(mfn, from);
        let stamp = self
            .ledger
            .at(mfn)
            .filter(|_| info & FLUSH != 0)
            .map(|f| f.stamp.load(Ordering::Relaxed));
        for half in order.get()..from {
            self.put(mfn + (1 << half), half, stamp);
        }
        let mut block = Block {
            mfn: Mfn::new(mfn.into()),
            order,
            dirty: false,
            stamp,
        };
        for frame in block.frames().filter_map(|m| self.ledger.frame(m)) {
            let dirty = frame.refs().0 & Refs::DIRTY;
            block.dirty |= dirty != 0;
            frame.refs.store(
                Refs::new(Refs::RAM | dirty, DomId::INVALID, 0).0,
                Ordering::Release,
            );
        }
        if let Some(claim) = claim {
            let used = claim.0.min(order.frames());
            claim.0 -= used;
            self.outstanding -= used;
        }
        Ok(block)
    }

    /// Takes back fresh frames, now dirty. They need not be a block that [`alloc`](Self::alloc)
    /// returned. `stamp`: a stamp of the flush clock, not before the last use ended; none if nobody
    /// ever had a translation of them.
    pub fn free(&mut self, mfn: Mfn, order: Order, stamp: Option<u32>) -> Result<(), MmError> {
        let ledger = self.ledger;
        let n = mfn.get();
        let end = n.saturating_add(order.frames());
        if order.get() > MAX_ORDER || n & (order.frames() - 1) != 0 || end > ledger.len() as u64 {
            return Err(MmError::BadBlock);
        }
        let frames = || (n..end).filter_map(|i| ledger.frame(Mfn::new(i)));
        if frames().any(|f| fresh(f).is_err()) {
            return Err(MmError::BadBlock);
        }
        for frame in frames() {
            frame.link.store(0, Ordering::Relaxed);
            let free = Refs::new(Refs::RAM | Refs::FREE | Refs::DIRTY, DomId::INVALID, 0);
            frame.refs.store(free.0, Ordering::Relaxed);
        }
        if zone(n as u32) as u32 >= order.get() {
            self.insert(n as u32, order.get(), stamp);
        } else {
            // Only below 1 GiB can a block be larger than its zone; piece by piece then.
            (n..end).for_each(|i| self.insert(i as u32, 0, stamp));
        }
        Ok(())
    }

    /// Promises `pages` in all to a domain that has `have` and may have `max`; zero ends the claim.
    pub fn set_claim(
        &mut self,
        claim: &mut Claim,
        pages: u64,
        have: u64,
        max: u64,
    ) -> Result<(), MmError> {
        if pages == 0 {
            self.outstanding -= claim.0;
            claim.0 = 0;
            return Ok(());
        }
        let more = pages.checked_sub(have).ok_or(MmError::BadClaim)?;
        if claim.0 != 0 || pages > max {
            return Err(MmError::BadClaim);
        }
        if more > self.total_free.saturating_sub(self.outstanding) {
            return Err(MmError::NoMemory);
        }
        claim.0 = more;
        self.outstanding += more;
        Ok(())
    }

    /// Free frames, claimed ones included.
    pub const fn total_free(&self) -> u64 {
        self.total_free
    }

    /// Free frames below address 2^`bits` (exact for `bits` of 13 and above).
    pub fn free_below(&self, bits: u32) -> u64 {
        let zones = (bits.saturating_sub(12) as usize).min(ZONES);
        self.free.iter().take(zones).sum()
    }

    /// Frames claimed and not yet allocated.
    pub const fn outstanding(&self) -> u64 {
        self.outstanding
    }

    /// Frames ever added.
    pub const fn managed(&self) -> u64 {
        self.managed
    }

    /// Adds a free block, joining it with its buddies. `link` of all its frames is zero.
    fn insert(&mut self, mut mfn: u32, mut order: u32, mut stamp: Option<u32>) {
        if let (Some(frames), Some(zone)) = (1u64.checked_shl(order), self.free.get_mut(zone(mfn)))
        {
            *zone += frames;
            self.total_free += frames;
        }
        while order < MAX_ORDER {
            let buddy = mfn ^ 1 << order;
            if zone(buddy) != zone(mfn) {
                break;
            }
            let Some(frame) = self.ledger.at(buddy) else {
                break;
            };
            let is_free_head = frame.refs().has(Refs::FREE)
                && frame.link.load(Ordering::Relaxed) & (HEAD | ORDER) == HEAD | order;
            if !is_free_head {
                break;
            }
            let info = self.unlink(buddy, order);
            if info & FLUSH != 0 {
                let theirs = frame.stamp.load(Ordering::Relaxed);
                stamp = Some(stamp.map_or(theirs, |ours| later(ours, theirs)));
            }
            mfn &= buddy;
            order += 1;
        }
        self.link(mfn, order, stamp);
    }

    /// Adds a free block as it is.
    fn put(&mut self, mfn: u32, order: u32, stamp: Option<u32>) {
        if let Some(zone) = self.free.get_mut(zone(mfn)) {
            *zone += 1 << order;
            self.total_free += 1 << order;
        }
        self.link(mfn, order, stamp);
    }

    /// Takes a free block away and returns what its `link` said.
    fn remove(&mut self, mfn: u32, order: u32) -> u32 {
        if let Some(zone) = self.free.get_mut(zone(mfn)) {
            *zone -= 1 << order;
            self.total_free -= 1 << order;
        }
        self.unlink(mfn, order)
    }

    fn head(&self, zone: usize, order: u32) -> u32 {
        self.heads
            .get(zone)
            .and_then(|z| z.get(order as usize))
            .copied()
            .unwrap_or(NIL)
    }

    fn set_head(&mut self, zone: usize, order: u32, mfn: u32) {
        if let Some(head) = self
            .heads
            .get_mut(zone)
            .and_then(|z| z.get_mut(order as usize))
        {
            *head = mfn;
        }
        if let Some(orders) = self.orders.get_mut(zone) {
            *orders = *orders & !(1 << order) | u32::from(mfn != NIL) << order;
        }
    }

    fn link(&mut self, mfn: u32, order: u32, stamp: Option<u32>) {
        let Some(frame) = self.ledger.at(mfn) else {
            return;
        };
        let next = self.head(zone(mfn), order);
        let flush = if stamp.is_some() { FLUSH } else { 0 };
        frame.link.store(HEAD | flush | order, Ordering::Relaxed);
        frame.stamp.store(stamp.unwrap_or(0), Ordering::Relaxed);
        frame.prev.store(NIL, Ordering::Relaxed);
        frame.next.store(next, Ordering::Relaxed);
        if let Some(next) = self.ledger.at(next) {
            next.prev.store(mfn, Ordering::Relaxed);
        }
        self.set_head(zone(mfn), order, mfn);
    }

    fn unlink(&mut self, mfn: u32, order: u32) -> u32 {
        let Some(frame) = self.ledger.at(mfn) else {
            return 0;
        };
        let (next, prev) = neighbours(frame);
        if let Some(next) = self.ledger.at(next) {
            next.prev.store(prev, Ordering::Relaxed);
        }
        match self.ledger.at(prev) {
            Some(prev) => prev.next.store(next, Ordering::Relaxed),
            None => self.set_head(zone(mfn), order, next),
        }
        frame.link.swap(0, Ordering::Relaxed)
    }
}

fn neighbours(frame: &FrameInfo) -> (u32, u32) {
    (
        frame.next.load(Ordering::Relaxed),
        frame.prev.load(Ordering::Relaxed),
    )
}

/// Position of the highest set bit; frame 0 goes with frame 1.
const fn zone(mfn: u32) -> usize {
    (mfn | 1).ilog2() as usize
}

/// The later of two stamps of a wrapping clock.
const fn later(a: u32, b: u32) -> u32 {
    if (a.wrapping_sub(b) as i32) < 0 { b } else { a }
}
