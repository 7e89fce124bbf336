//! The allocator against a naive model, a set of free frames.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;

use mm::{Block, Claim, FrameAllocator, FrameInfo, Ledger, MAX_ORDER, MmError, Refs};
use proptest::prelude::*;
use units::{Mfn, Order};

const FRAMES: usize = 5000;

fn ledger() -> Ledger<'static> {
    let info: &'static [FrameInfo] = Vec::leak((0..FRAMES).map(|_| FrameInfo::new()).collect());
    let m2p: &'static [AtomicU64] = Vec::leak((0..FRAMES).map(|_| AtomicU64::new(0)).collect());
    Ledger::new(info, m2p)
}

fn order(n: u32) -> Order {
    Order::new(n).unwrap()
}

/// The largest block that a buddy system must be able to serve from these free frames.
fn largest(free: &BTreeSet<u64>, below: u64) -> Option<u32> {
    (0..=MAX_ORDER).rev().find(|o| {
        let size = 1u64 << o;
        free.iter().any(|start| {
            // Blocks don't straddle a power of two, but for frames 0 and 1.
            start % size == 0
                && start + size <= below
                && (start | 1).ilog2() >= *o
                && (*start..start + size).all(|f| free.contains(&f))
        })
    })
}

fn cases() -> u32 {
    let more = std::env::var("XENOLITH_PROPTEST_CASES").ok();
    more.and_then(|v| v.parse().ok()).unwrap_or(30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases().min(5000), ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_set(
        regions in prop::collection::vec((0u64..5000, 1u64..900), 1..5),
        ops in prop::collection::vec((any::<bool>(), 0u32..9, 12u32..30, any::<u64>()), 1..200),
    ) {
        let ledger = ledger();
        let mut heap = FrameAllocator::new(ledger);
        let mut free = BTreeSet::new();
        for (start, len) in regions {
            let end = (start + len).min(FRAMES as u64);
            let fits = start < end && (start..end).all(|f| !free.contains(&f));
            let added = heap.add_region(Mfn::new(start), Mfn::new(end), true);
            prop_assert_eq!(added.is_ok(), fits);
            if fits {
                free.extend(start..end);
            }
        }
        let mut used: Vec<Block> = Vec::new();
        let mut dirty = BTreeSet::new();
        for (alloc, o, bits, pick) in ops {
            if alloc || used.is_empty() {
                let bits = (pick % 2 == 0).then_some(bits);
                // Memory is limited by whole powers of two, and two frames at least.
                let below = match bits {
                    None => u64::MAX,
                    Some(12) => 0,
                    Some(b) => 1 << (b - 12),
                };
                let can = largest(&free, below).is_some_and(|l| l >= o);
                match heap.alloc(order(o), bits, None) {
                    Ok(block) => {
                        prop_assert!(can);
                        let frames: Vec<u64> = block.frames().map(Mfn::get).collect();
                        prop_assert_eq!(frames.len() as u64, 1 << o);
                        prop_assert_eq!(frames[0] % (1 << o), 0);
                        prop_assert!(frames.iter().all(|f| *f < below && free.remove(f)));
                        let was_dirty = frames.iter().any(|f| dirty.contains(f));
                        prop_assert_eq!(block.dirty, was_dirty);
                        prop_assert!(!was_dirty || block.stamp >= Some(7));
                        used.push(block);
                    }
                    Err(e) => {
                        prop_assert_eq!(e, MmError::NoMemory);
                        prop_assert!(!can, "order {} of {:?}", o, free);
                    }
                }
            } else {
                let block = used.swap_remove(pick as usize % used.len());
                heap.free(block.mfn, block.order, Some(7 + o)).unwrap();
                prop_assert_eq!(
                    heap.free(block.mfn, block.order, None),
                    Err(MmError::BadBlock)
                );
                free.extend(block.frames().map(Mfn::get));
                dirty.extend(block.frames().map(Mfn::get));
            }
            prop_assert_eq!(heap.total_free(), free.len() as u64);
            let low = free.iter().filter(|f| **f < 1024).count() as u64;
            prop_assert_eq!(heap.free_below(22), low);
            let marked = (0..FRAMES as u64)
                .filter(|f| ledger.frame(Mfn::new(*f)).unwrap().refs().has(Refs::FREE));
            prop_assert!(marked.eq(free.iter().copied()));
        }
    }
}

#[test]
fn low_memory_is_kept_for_last() {
    let mut heap = FrameAllocator::new(ledger());
    heap.add_region(Mfn::new(0), Mfn::new(FRAMES as u64), true)
        .unwrap();
    let mut last = u64::MAX;
    for _ in 0..FRAMES {
        let block = heap.alloc(Order::PAGE, None, None).unwrap();
        let zone = u64::from((block.mfn.get() | 1).ilog2());
        assert!(zone <= last);
        last = zone;
    }
    assert_eq!(heap.alloc(Order::PAGE, None, None), Err(MmError::NoMemory));
}

#[test]
fn freed_blocks_join_and_keep_the_latest_stamp() {
    let mut heap = FrameAllocator::new(ledger());
    heap.add_region(Mfn::new(1024), Mfn::new(2048), true)
        .unwrap();
    let whole = heap.alloc(order(10), None, None).unwrap();
    assert_eq!((whole.dirty, whole.stamp), (false, None));
    // In single frames, out of order, with stamps around the clock's wrap.
    for i in (0..1024u64).rev() {
        let frame = whole.mfn.add(i * 619 % 1024);
        heap.free(frame, Order::PAGE, Some((i as u32).wrapping_sub(500)))
            .unwrap();
    }
    let again = heap.alloc(order(10), None, None).unwrap();
    assert_eq!(again.mfn, whole.mfn);
    assert_eq!((again.dirty, again.stamp), (true, Some(523)));
}

#[test]
fn claims_keep_memory_for_their_domain() {
    let mut heap = FrameAllocator::new(ledger());
    heap.add_region(Mfn::new(64), Mfn::new(128), true).unwrap();
    let mut claim = Claim::default();
    assert_eq!(
        heap.set_claim(&mut claim, 65, 0, 99),
        Err(MmError::NoMemory)
    );
    assert_eq!(heap.set_claim(&mut claim, 9, 0, 8), Err(MmError::BadClaim));
    assert_eq!(heap.set_claim(&mut claim, 1, 2, 8), Err(MmError::BadClaim));
    heap.set_claim(&mut claim, 62, 2, 99).unwrap();
    assert_eq!((claim.outstanding(), heap.outstanding()), (60, 60));
    assert_eq!(
        heap.set_claim(&mut claim, 62, 2, 99),
        Err(MmError::BadClaim)
    );
    assert_eq!(heap.alloc(order(3), None, None), Err(MmError::NoMemory));
    let _ = heap.alloc(order(2), None, None).unwrap();
    assert_eq!(heap.alloc(Order::PAGE, None, None), Err(MmError::NoMemory));
    let _ = heap.alloc(order(5), None, Some(&mut claim)).unwrap();
    assert_eq!((claim.outstanding(), heap.outstanding()), (28, 28));
    heap.set_claim(&mut claim, 0, 0, 0).unwrap();
    assert_eq!(heap.outstanding(), 0);
    let _ = heap.alloc(Order::PAGE, None, None).unwrap();
}

#[test]
fn impossible_requests_are_refused() {
    let mut heap = FrameAllocator::new(ledger());
    heap.add_region(Mfn::new(64), Mfn::new(128), false).unwrap();
    assert_eq!(
        heap.add_region(Mfn::new(100), Mfn::new(200), false),
        Err(MmError::BadRange)
    );
    assert_eq!(
        heap.add_region(Mfn::new(9), Mfn::new(9), false),
        Err(MmError::BadRange)
    );
    assert_eq!(
        heap.add_region(Mfn::new(4000), Mfn::new(6000), false),
        Err(MmError::BadRange)
    );
    assert_eq!(heap.alloc(order(19), None, None), Err(MmError::NoMemory));
    assert_eq!(
        heap.free(Mfn::new(64), Order::PAGE, None),
        Err(MmError::BadBlock)
    );
    assert_eq!(
        heap.free(Mfn::new(200), Order::PAGE, None),
        Err(MmError::BadBlock)
    );
    let block = heap.alloc(order(1), None, None).unwrap();
    assert!(block.dirty && block.stamp.is_none());
    assert_eq!(
        heap.free(block.mfn.add(1), order(1), None),
        Err(MmError::BadBlock)
    );
    assert_eq!(
        heap.free(Mfn::INVALID, order(0), None),
        Err(MmError::BadBlock)
    );
    // A block may come back in pieces.
    heap.free(block.mfn.add(1), Order::PAGE, None).unwrap();
    heap.free(block.mfn, Order::PAGE, None).unwrap();
    assert_eq!(heap.total_free(), 64);
}
