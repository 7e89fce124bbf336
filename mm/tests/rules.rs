//! The rules one by one.

mod common;

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arch_defs::pte::{ENTRIES, Level, Pte};
use common::{A, B, Ctx, Held, IO_FULL, IO_READ, SLOTS, World, check, mmu};
use mm::{FrameType, Kind, MmError, Mmu, Refs};
use units::{DomId, FrameAccess, Mfn, Pfn, TlbFlush};

const RW: u64 = Pte::P | Pte::RW | Pte::US;
const RO: u64 = Pte::P | Pte::US;

/// A domain with a tree of four tables over a few data frames.
struct Fixture<'w> {
    ctx: Ctx<'w>,
    /// Indexed by level; 0 is unused.
    table: [Mfn; 5],
    data: Vec<Mfn>,
}

impl<'w> Fixture<'w> {
    /// The tree isn't pinned yet. Data frame i is mapped writable at address i * 4096.
    fn new(world: &'w World, dom: DomId) -> Self {
        let mut own = world.list(dom);
        let data = own.split_off(5);
        let table = [own[0], own[1], own[2], own[3], own[4]];
        let f = Self {
            ctx: Ctx::new(world, dom),
            table,
            data,
        };
        for (i, mfn) in f.data.iter().take(8).enumerate() {
            f.poke(f.table[1], i, Pte::new(*mfn, RW).0);
        }
        for level in 2..5 {
            f.poke(f.table[level], 0, Pte::new(f.table[level - 1], RW).0);
        }
        f
    }

    fn poke(&self, mfn: Mfn, index: usize, value: u64) {
        self.ctx
            .world
            .ram
            .word(mfn, index)
            .store(value, Ordering::Relaxed);
    }

    fn peek(&self, mfn: Mfn, index: usize) -> Pte {
        Pte(self.ctx.world.ram.word(mfn, index).load(Ordering::Relaxed))
    }

    fn kind(&self, mfn: Mfn) -> Kind {
        self.ctx.world.ledger.frame(mfn).unwrap().kind()
    }

    fn refs(&self, mfn: Mfn) -> Refs {
        self.ctx.world.ledger.frame(mfn).unwrap().refs()
    }

    fn root(&self) -> Mfn {
        self.table[4]
    }

    fn pin(&self) -> Result<(), MmError> {
        mmu(&self.ctx).pin(Level::L4, self.root())
    }

    fn update(&self, mfn: Mfn, index: usize, value: u64) -> Result<(), MmError> {
        let ptr = mfn.addr().get() + index as u64 * 8;
        mmu(&self.ctx).mmu_update(ptr, value, self.ctx.dom)
    }

    fn check(&self) {
        self.ctx.world.drain(&self.ctx.freed);
        check(self.ctx.world, &[]);
    }
}

fn world() -> World {
    World::new(96, 32)
}

#[test]
fn a_pinned_tree_is_typed_and_counted() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.pin().unwrap();
    for (i, level) in [FrameType::L1, FrameType::L2, FrameType::L3, FrameType::L4]
        .into_iter()
        .enumerate()
    {
        assert!(f.kind(f.table[i + 1]).has(Kind::VALIDATED));
        assert_eq!(f.kind(f.table[i + 1]).ty(), level);
        assert_eq!(f.kind(f.table[i + 1]).count(), 1);
    }
    assert_eq!(f.kind(f.data[0]).ty(), FrameType::Writable);
    for slot in 256..272 {
        let want = SLOTS.iter().find(|s| s.0 == slot).map_or(0, |s| s.1);
        assert_eq!(f.peek(f.root(), slot.into()).0, want);
    }
    f.check();
    assert_eq!(f.pin(), Err(MmError::AlreadyPinned));
    mmu(&f.ctx).unpin(f.root()).unwrap();
    assert_eq!(mmu(&f.ctx).unpin(f.root()), Err(MmError::NotPinned));
    for mfn in f.table.iter().chain(&f.data) {
        assert_eq!((f.refs(*mfn).count(), f.kind(*mfn).count()), (1, 0));
    }
    f.check();
}

#[test]
fn a_table_is_never_writable() {
    let world = world();
    let f = Fixture::new(&world, A);
    // Mapped writable by the very tree that it is part of.
    f.poke(f.table[1], 9, Pte::new(f.table[1], RW).0);
    assert_eq!(f.pin(), Err(MmError::TypeConflict));
    f.check();
    f.poke(f.table[1], 9, Pte::new(f.table[1], RO).0);
    f.pin().unwrap();
    for level in 1..5 {
        let entry = Pte::new(f.table[level], RW).0;
        assert_eq!(f.update(f.table[1], 10, entry), Err(MmError::TypeConflict));
        f.update(f.table[1], 10, entry & !Pte::RW).unwrap();
        assert_eq!(f.update(f.table[1], 10, entry), Err(MmError::TypeConflict));
    }
    // And what is writable doesn't become a table.
    assert_eq!(
        mmu(&f.ctx).pin(Level::L1, f.data[0]),
        Err(MmError::TypeConflict)
    );
    f.update(f.table[1], 0, 0).unwrap();
    mmu(&f.ctx).pin(Level::L1, f.data[0]).unwrap();
    f.check();
}

#[test]
fn stale_writable_translations_are_flushed_before_a_frame_becomes_a_table() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.pin().unwrap();
    // The processor has flushed, but used the mapping again after that.
    world.tlb.flush(&units::CpuMask::ALL);
    world.tlb.cache(1, f.data[0], A);
    f.update(f.table[1], 0, 0).unwrap();
    let before = world.tlb.flushes.load(Ordering::SeqCst);
    mmu(&f.ctx).pin(Level::L1, f.data[0]).unwrap();
    assert_eq!(world.tlb.flushes.load(Ordering::SeqCst), before + 1);
    f.check();
    // A processor that has flushed since isn't bothered again.
    f.update(f.table[1], 1, 0).unwrap();
    world.tlb.flush(&units::CpuMask::ALL);
    let before = world.tlb.flushes.load(Ordering::SeqCst);
    mmu(&f.ctx).pin(Level::L1, f.data[1]).unwrap();
    assert_eq!(world.tlb.flushes.load(Ordering::SeqCst), before);
}

#[test]
fn foreign_writers_are_flushed_too() {
    let world = world();
    let (a, b) = (Fixture::new(&world, A), Fixture::new(&world, B));
    a.pin().unwrap();
    let target = b.data[20];
    world.foreign.lock().unwrap().insert((A.0, target.get()));
    let ptr = a.table[1].addr().get() + 20 * 8;
    mmu(&a.ctx)
        .mmu_update(ptr, Pte::new(target, RW).0, B)
        .unwrap();
    world.tlb.cache(1, target, B);
    assert_eq!(
        mmu(&b.ctx).pin(Level::L1, target),
        Err(MmError::TypeConflict)
    );
    a.update(a.table[1], 20, 0).unwrap();
    mmu(&b.ctx).pin(Level::L1, target).unwrap();
    a.check();
}

#[test]
fn entries_are_normalized_for_ring_3() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.poke(
        f.table[1],
        0,
        Pte::new(f.data[0], Pte::P | Pte::RW | Pte::G).0,
    );
    f.poke(f.table[2], 0, Pte::new(f.table[1], Pte::P | Pte::RW).0);
    f.pin().unwrap();
    let kernel = Pte::US | Pte::GUEST_KERNEL;
    assert_eq!(
        f.peek(f.table[1], 0),
        Pte::new(f.data[0], Pte::P | Pte::RW | kernel)
    );
    assert_eq!(f.peek(f.table[1], 1), Pte::new(f.data[1], RW));
    assert_eq!(f.peek(f.table[2], 0), Pte::new(f.table[1], RW));
    // What isn't present is the guest's business.
    f.update(f.table[1], 3, 0xdead_beef_dead_beee).unwrap();
    assert_eq!(f.peek(f.table[1], 3).0, 0xdead_beef_dead_beee);
    f.check();
}

#[test]
fn malformed_entries_are_refused() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.pin().unwrap();
    let bad = |level: usize, value: u64| f.update(f.table[level], 7, value);
    let (data, l1) = (f.data[9], f.table[1]);
    assert_eq!(
        bad(1, Pte::new(data, RW).0 | 1 << 45),
        Err(MmError::ReservedBits)
    );
    assert_eq!(
        bad(2, Pte::new(data, RW).0 | Pte::PSE),
        Err(MmError::Superpage)
    );
    assert_eq!(
        bad(3, Pte::new(data, RW).0 | Pte::PSE),
        Err(MmError::Superpage)
    );
    assert_eq!(
        bad(2, Pte::new(l1, RW).0 | Pte::PCD),
        Err(MmError::ReservedBits)
    );
    for level in 2..5 {
        for up in level..5 {
            let entry = Pte::new(f.table[up], RW).0;
            assert_eq!(bad(level, entry), Err(MmError::LinearTable), "{level} {up}");
        }
    }
    assert_eq!(bad(3, Pte::new(l1, RW).0), Err(MmError::TypeConflict));
    assert_eq!(
        bad(1, Pte::new(Mfn::new(0xf_ffff), RO).0),
        Err(MmError::IoDenied)
    );
    assert_eq!(
        bad(2, Pte::new(Mfn::new(0xf_ffff), RO).0),
        Err(MmError::NoSuchFrame)
    );
    assert_eq!(
        bad(1, Pte::new(world.hypervisor[0], RO).0),
        Err(MmError::NotOwner)
    );
    let theirs = world.list(B)[0];
    assert_eq!(bad(1, Pte::new(theirs, RO).0), Err(MmError::NotOwner));
    assert_eq!(f.update(theirs, 0, 0), Err(MmError::NotOwner));
    let b = Fixture::new(&world, B);
    b.pin().unwrap();
    for table in &b.table[1..] {
        assert_eq!(f.update(*table, 9, 0), Err(MmError::NotOwner));
        assert_eq!(
            f.update(*table, 9, Pte::new(data, RW).0),
            Err(MmError::NotOwner)
        );
    }
    let old = b.peek(b.table[1], 0).0;
    assert_eq!(
        f.update(b.table[1], 0, old ^ Pte::NX),
        Err(MmError::NotOwner)
    );
    let m = mmu(&f.ctx);
    assert_eq!(
        m.exchange_l1(b.table[1], 0, None, 0),
        Err(MmError::NotOwner)
    );
    assert_eq!(m.install_l1(b.table[1], 0, 0), Err(MmError::NotOwner));
    assert_eq!(
        m.remove_l1(b.table[1], 0, b.data[0], 0),
        Err(MmError::NotOwner)
    );
    for slot in 256..272 {
        assert_eq!(
            f.update(f.root(), slot, Pte::new(f.table[3], RW).0),
            Err(MmError::HypervisorSlot)
        );
    }
    f.update(f.root(), 272, Pte::new(f.table[3], RW).0).unwrap();
    let ptr = f.table[1].addr().get();
    assert_eq!(
        mmu(&f.ctx).mmu_update(ptr + 4, 0, A),
        Err(MmError::Misaligned)
    );
    f.check();
}

#[test]
fn io_memory_goes_by_right() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.poke(f.table[1], 20, Pte::new(Mfn::new(IO_FULL), RW | Pte::PCD).0);
    f.pin().unwrap();
    f.update(f.table[1], 21, Pte::new(Mfn::new(IO_READ), RW).0)
        .unwrap();
    assert_eq!(f.peek(f.table[1], 21), Pte::new(Mfn::new(IO_READ), RO));
    let ptr = f.table[1].addr().get() + 22 * 8;
    let io = Pte::new(Mfn::new(IO_FULL), RW).0;
    mmu(&f.ctx).mmu_update(ptr, io, DomId::IO).unwrap();
    let ptr = ptr + 8;
    assert_eq!(mmu(&f.ctx).mmu_update(ptr, io, B), Err(MmError::IoDenied));
    let ram = Pte::new(f.data[0], RW).0;
    assert_eq!(
        mmu(&f.ctx).mmu_update(ptr, ram, DomId::IO),
        Err(MmError::NotOwner)
    );
    // Frame 0 is in the ledger but not RAM.
    let hole = Pte::new(Mfn::new(0), RO).0;
    assert_eq!(f.update(f.table[1], 23, hole), Err(MmError::IoDenied));
    f.check();
}

#[test]
fn flag_changes_touch_no_more_counts_than_they_must() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.pin().unwrap();
    let (l1, d) = (f.table[1], f.data[0]);
    let counts = || (f.refs(d).count(), f.kind(d).count());
    assert_eq!(counts(), (2, 1));
    f.update(l1, 0, Pte::new(d, RW | Pte::NX | Pte::A).0)
        .unwrap();
    assert_eq!(counts(), (2, 1));
    f.update(l1, 0, Pte::new(d, RO).0).unwrap();
    assert_eq!(counts(), (2, 0));
    f.update(l1, 0, Pte::new(d, RW).0).unwrap();
    assert_eq!(counts(), (2, 1));
    f.update(l1, 0, Pte::new(f.data[1], RW).0).unwrap();
    assert_eq!(counts(), (1, 0));
    assert_eq!(
        (f.refs(f.data[1]).count(), f.kind(f.data[1]).count()),
        (3, 2)
    );
    f.check();
}

#[test]
fn preserve_ad_keeps_the_processors_bits() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.pin().unwrap();
    let ptr = f.table[1].addr().get();
    f.poke(f.table[1], 0, Pte::new(f.data[0], RW | Pte::A | Pte::D).0);
    mmu(&f.ctx)
        .mmu_update(ptr | 2, Pte::new(f.data[0], RO).0, A)
        .unwrap();
    assert_eq!(
        f.peek(f.table[1], 0),
        Pte::new(f.data[0], RO | Pte::A | Pte::D)
    );
    mmu(&f.ctx)
        .mmu_update(ptr | 2, Pte::new(f.data[1], RW).0, A)
        .unwrap();
    assert_eq!(
        f.peek(f.table[1], 0),
        Pte::new(f.data[1], RW | Pte::A | Pte::D)
    );
    mmu(&f.ctx)
        .mmu_update(ptr, Pte::new(f.data[1], RW).0, A)
        .unwrap();
    assert_eq!(f.peek(f.table[1], 0), Pte::new(f.data[1], RW));
    f.check();
}

#[test]
fn addresses_are_walked_and_updated() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.pin().unwrap();
    let m = mmu(&f.ctx);
    assert_eq!(m.find_l1(f.root(), 0x3123), Ok((f.table[1], 3)));
    assert_eq!(m.find_l1(f.root(), 1 << 21), Err(MmError::NotMapped));
    assert_eq!(
        m.find_l1(f.root(), 0xffff_8000_0000_0000),
        Err(MmError::BadAddress)
    );
    assert_eq!(m.find_l1(f.root(), 1 << 47), Err(MmError::BadAddress));
    m.update_va_mapping(f.root(), 0x4000, Pte::new(f.data[12], RW).0, A)
        .unwrap();
    assert_eq!(f.peek(f.table[1], 4), Pte::new(f.data[12], RW));
    assert_eq!(f.kind(f.data[4]).count(), 0);
    f.check();
}

#[test]
fn emulated_writes_compare_and_exchange() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.poke(f.table[1], 30, Pte::new(f.table[1], RO).0);
    f.poke(f.table[1], 31, Pte::new(f.table[2], RO).0);
    f.pin().unwrap();
    let m = mmu(&f.ctx);
    assert_eq!(m.writes_l1(f.root(), 30 << 12), Some(f.table[1]));
    assert_eq!(m.writes_l1(f.root(), 31 << 12), None);
    assert_eq!(m.writes_l1(f.root(), 0), None);
    let (old, new) = (Pte::new(f.data[0], RW).0, Pte::new(f.data[9], RW).0);
    assert_eq!(
        m.exchange_l1(f.table[1], 0, Some(old ^ Pte::A), new),
        Ok(old)
    );
    assert_eq!(f.peek(f.table[1], 0).0, old);
    assert_eq!(m.exchange_l1(f.table[1], 0, Some(old), new), Ok(old));
    assert_eq!(f.peek(f.table[1], 0).0, new);
    assert_eq!(
        m.exchange_l1(f.table[1], 0, Some(new), new & !Pte::RW),
        Ok(new)
    );
    assert_eq!(m.exchange_l1(f.table[1], 0, None, 0), Ok(new & !Pte::RW));
    assert_eq!(m.exchange_l1(f.table[1], 0, Some(0), 2), Ok(0));
    assert_eq!(
        m.exchange_l1(f.table[2], 0, None, 0),
        Err(MmError::NotTable)
    );
    f.check();
}

#[test]
fn validation_resumes_where_it_was_interrupted() {
    let world = world();
    let f = Fixture::new(&world, A);
    for i in 1..10 {
        f.poke(f.table[2], i * 50, Pte::new(f.data[10 + i], RW).0);
    }
    f.poke(f.table[3], 5, Pte::new(f.table[2], RW).0);
    f.ctx.patience.set(0);
    let mut tries = 0;
    while f.pin() == Err(MmError::Preempted) {
        tries += 1;
        assert!(f.table[2..].iter().any(|t| f.kind(*t).has(Kind::PARTIAL)));
        assert_eq!(
            mmu(&f.ctx).get_page_and_type(f.table[1], A, FrameType::Writable),
            Err(MmError::TypeConflict)
        );
        f.check();
    }
    assert!(tries >= 10, "{tries}");
    f.check();
    // Undoing is interrupted as well, and goes on when asked.
    mmu(&f.ctx).unpin(f.root()).unwrap();
    let pending = f.ctx.pending.take();
    assert_eq!(pending, [f.root()]);
    let mut tries = 0;
    while mmu(&f.ctx).finish(f.root()) == Err(MmError::Preempted) {
        tries += 1;
        f.check();
    }
    assert!(tries >= 8, "{tries}");
    for mfn in f.table.iter().chain(&f.data) {
        assert_eq!(f.refs(*mfn).count(), 1);
    }
    f.check();
}

#[test]
fn a_table_undone_in_part_is_made_whole_before_use() {
    let world = world();
    let f = Fixture::new(&world, A);
    for i in 1..10 {
        f.poke(f.table[2], i * 50, Pte::new(f.data[10 + i], RW).0);
    }
    f.pin().unwrap();
    for stop in 0..9 {
        f.ctx.patience.set(stop);
        mmu(&f.ctx).unpin(f.root()).unwrap();
        f.ctx.pending.take();
        // All three upper tables were interrupted, each at an entry that it still holds.
        for level in [2, 3] {
            let kind = f.kind(f.table[level]);
            assert!(kind.has(Kind::PARTIAL) && kind.count() == 1, "{kind:?}");
        }
        f.check();
        f.ctx.patience.set(stop % 3);
        while f.pin() == Err(MmError::Preempted) {
            f.check();
            f.ctx.patience.set(stop % 3);
        }
        for table in &f.table[1..] {
            assert!(f.kind(*table).has(Kind::VALIDATED));
        }
        f.check();
    }
}

#[test]
fn an_abandoned_table_becomes_something_else() {
    let world = world();
    let f = Fixture::new(&world, A);
    for i in 1..10 {
        f.poke(f.table[2], i * 50, Pte::new(f.data[10 + i], RW).0);
    }
    f.ctx.patience.set(0);
    assert_eq!(f.pin(), Err(MmError::Preempted));
    assert!(f.kind(f.table[2]).has(Kind::PARTIAL));
    f.check();
    f.ctx.patience.set(u32::MAX);
    mmu(&f.ctx)
        .get_page_and_type(f.table[2], A, FrameType::Writable)
        .unwrap();
    assert_eq!(f.kind(f.table[1]).count(), 0);
    mmu(&f.ctx).put_page_and_type(f.table[2]);
    f.check();
}

#[test]
fn a_failed_validation_leaves_nothing() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.poke(f.table[3], 511, Pte::new(world.list(B)[0], RW).0);
    assert_eq!(f.pin(), Err(MmError::NotOwner));
    for mfn in f.table.iter().chain(&f.data) {
        assert_eq!((f.refs(*mfn).count(), f.kind(*mfn).count()), (1, 0));
    }
    f.check();
}

#[test]
fn plain_memory_and_m2p_are_written() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.update(f.data[20], 5, 0x1234).unwrap();
    assert_eq!(f.peek(f.data[20], 5).0, 0x1234);
    let ptr = f.data[20].addr().get();
    mmu(&f.ctx).mmu_update(ptr | 1, 77, A).unwrap();
    assert_eq!(world.ledger.m2p(f.data[20]), Pfn::new(77));
    assert_eq!(
        mmu(&f.ctx).mmu_update(ptr | 1, 78, B),
        Err(MmError::NotOwner)
    );
    mmu(&f.ctx).copy_page(f.data[21], f.data[20], A).unwrap();
    assert_eq!(f.peek(f.data[21], 5).0, 0x1234);
    mmu(&f.ctx).clear_page(f.data[20], A).unwrap();
    assert_eq!(f.peek(f.data[20], 5).0, 0);
    mmu(&f.ctx).remove_page(f.data[20]).unwrap();
    f.check();
    assert_eq!(world.ledger.m2p(f.data[20]), Pfn::INVALID);
    assert!(f.refs(f.data[20]).has(Refs::FREE));
}

#[test]
fn descriptor_pages_are_checked_and_read_only() {
    let world = world();
    let f = Fixture::new(&world, A);
    let gdt = f.data[10];
    let m = mmu(&f.ctx);
    f.poke(gdt, 3, 0x0000_8900_0000_0067);
    assert_eq!(m.get_descriptor_page(gdt), Err(MmError::BadDescriptor));
    f.check();
    f.poke(gdt, 3, 0x00af_9a00_0000_ffff);
    m.get_descriptor_page(gdt).unwrap();
    assert_eq!(f.peek(gdt, 3).0, 0x00af_fb00_0000_ffff);
    f.pin().unwrap();
    assert_eq!(
        f.update(f.table[1], 9, Pte::new(gdt, RW).0),
        Err(MmError::TypeConflict)
    );
    f.update(f.table[1], 9, Pte::new(gdt, RO).0).unwrap();
    assert_eq!(f.update(gdt, 4, 0), Err(MmError::TypeConflict));
    m.update_descriptor(
        units::MAddr::new(gdt.addr().get() + 32),
        0x00cf_9300_0000_ffff,
    )
    .unwrap();
    assert_eq!(f.peek(gdt, 4).0, 0x00cf_f300_0000_ffff);
    check(
        &world,
        &[&Held {
            typed: vec![(gdt, FrameType::SegDesc)],
            ..Held::default()
        }],
    );
    m.put_page_and_type(gdt);
    f.check();
}

#[test]
fn shared_hypervisor_frames_outlive_their_sharing() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.pin().unwrap();
    let (rw, ro) = (world.hypervisor[0], world.hypervisor[1]);
    world.ledger.share(rw, A, true).unwrap();
    world.ledger.share(ro, A, false).unwrap();
    assert_eq!(world.ledger.share(ro, B, true), Err(MmError::NotHypervisor));
    f.update(f.table[1], 40, Pte::new(rw, RW).0).unwrap();
    assert_eq!(
        f.update(f.table[1], 41, Pte::new(ro, RW).0),
        Err(MmError::TypeConflict)
    );
    f.update(f.table[1], 41, Pte::new(ro, RO).0).unwrap();
    assert_eq!(mmu(&f.ctx).pin(Level::L1, ro), Err(MmError::TypeConflict));
    assert_eq!(mmu(&f.ctx).remove_page(rw), Err(MmError::NotOwner));
    f.check();
    assert_eq!(world.ledger.unshare(rw, || ()), Ok(false));
    assert_eq!(
        world.ledger.return_hypervisor(rw),
        Err(MmError::StillReferenced)
    );
    f.update(f.table[1], 40, 0).unwrap();
    assert_eq!(f.ctx.freed.pop(&world.ledger), Some(rw));
    world.ledger.return_hypervisor(rw).unwrap();
    world.ledger.take_hypervisor(rw).unwrap();
    f.update(f.table[1], 41, 0).unwrap();
    assert_eq!(world.ledger.unshare(ro, || ()), Ok(true));
    f.check();
}

#[test]
fn a_table_that_maps_itself_is_freed_by_its_own_undoing() {
    let world = world();
    let f = Fixture::new(&world, A);
    f.poke(f.table[1], 9, Pte::new(f.table[1], RO).0);
    mmu(&f.ctx).pin(Level::L1, f.table[1]).unwrap();
    mmu(&f.ctx).remove_page(f.table[1]).unwrap();
    assert_eq!(f.refs(f.table[1]).count(), 2);
    mmu(&f.ctx).unpin(f.table[1]).unwrap();
    f.check();
    assert!(f.refs(f.table[1]).has(Refs::FREE));
}

#[test]
fn nothing_is_pinned_once_it_was_given_up() {
    let world = world();
    let f = Fixture::new(&world, A);
    world.ledger.get_page(f.table[1], A).unwrap();
    mmu(&f.ctx).remove_page(f.table[1]).unwrap();
    assert_eq!(mmu(&f.ctx).pin(Level::L1, f.table[1]), Err(MmError::Dying));
    mmu(&f.ctx).put_page(f.table[1]);
    f.check();
}

#[test]
fn teardown_leaves_what_others_map() {
    let world = world();
    let (a, b) = (Fixture::new(&world, A), Fixture::new(&world, B));
    a.pin().unwrap();
    b.pin().unwrap();
    a.poke(a.table[1], 100, 0);
    let theirs = b.data[3];
    world.foreign.lock().unwrap().insert((A.0, theirs.get()));
    let ptr = a.table[1].addr().get() + 800;
    mmu(&a.ctx)
        .mmu_update(ptr, Pte::new(theirs, RW).0, B)
        .unwrap();
    let mut pages = world.pages(B).lock().unwrap();
    mmu(&b.ctx).relinquish(&mut pages).unwrap();
    drop(pages);
    b.check();
    assert_eq!(world.list(B), [theirs]);
    a.update(a.table[1], 100, 0).unwrap();
    a.check();
    assert_eq!(world.list(B), []);
}

#[test]
fn dirty_frames_are_not_given_away() {
    let world = world();
    let f = Fixture::new(&world, A);
    let mfn = f.data[20];
    f.poke(mfn, 0, 0x5ec2e7);
    mmu(&f.ctx).remove_page(mfn).unwrap();
    f.check();
    let mut heap = world.heap.lock().unwrap();
    let block = loop {
        let block = heap.alloc(units::Order::PAGE, None, None).unwrap();
        if block.mfn == mfn {
            break block;
        }
    };
    assert!(block.dirty && block.stamp.is_some());
    let mut pages = world.pages(B).lock().unwrap();
    assert_eq!(
        pages.assign(&world.ledger, mfn, true),
        Err(MmError::NotScrubbed)
    );
    block.scrub(&world.ledger, &world.ram);
    pages.assign(&world.ledger, mfn, true).unwrap();
    assert!((0..ENTRIES).all(|i| f.peek(mfn, i).0 == 0));
}

#[test]
fn stolen_frames_are_nobodys() {
    let world = world();
    let f = Fixture::new(&world, A);
    let mut pages = world.pages(A).lock().unwrap();
    let mfn = f.data[20];
    world.ledger.get_page(mfn, A).unwrap();
    assert_eq!(
        pages.steal(&world.ledger, mfn),
        Err(MmError::StillReferenced)
    );
    assert!(!world.ledger.put_page(mfn, || ()));
    pages.steal(&world.ledger, mfn).unwrap();
    assert_eq!(pages.steal(&world.ledger, mfn), Err(MmError::NotOwner));
    assert_eq!(world.ledger.owner(mfn), None);
    assert!(world.ledger.get_page(mfn, A).is_err());
    assert_eq!(pages.total(), 31);
    pages.assign(&world.ledger, mfn, false).unwrap();
    assert_eq!(
        pages.assign(&world.ledger, mfn, true),
        Err(MmError::NotFresh)
    );
}

/// RAM that lets another processor act at a chosen access.
struct Interleaved<'w> {
    world: &'w World,
    accesses: Cell<u32>,
    act: Box<dyn Fn() + 'w>,
}

impl FrameAccess for Interleaved<'_> {
    fn word(&self, frame: Mfn, index: usize) -> &AtomicU64 {
        self.accesses.set(self.accesses.get().wrapping_sub(1));
        if self.accesses.get() == 0 {
            (self.act)();
        }
        self.world.ram.word(frame, index)
    }
}

#[test]
fn a_table_pulled_away_during_an_update_is_undone_by_the_update() {
    // The second access of a change of flags happens under the hold.
    let world = world();
    let f = Fixture::new(&world, A);
    let l1 = f.table[1];
    f.poke(l1, 9, Pte::new(l1, RO).0);
    mmu(&f.ctx).pin(Level::L1, l1).unwrap();
    let frames = Interleaved {
        world: &world,
        accesses: Cell::new(2),
        act: Box::new(|| {
            mmu(&f.ctx).remove_page(l1).unwrap();
            mmu(&f.ctx).unpin(l1).unwrap();
            // Only the hold keeps it a table now, and its own entry keeps it at all.
            assert_eq!((f.kind(l1).count(), f.refs(l1).count()), (1, 1));
        }),
    };
    let update = Mmu {
        ledger: world.ledger,
        frames: &frames,
        tlb: &world.tlb,
        space: &f.ctx,
    };
    let ptr = l1.addr().get() + 9 * 8;
    update
        .mmu_update(ptr, Pte::new(l1, RO | Pte::NX).0, A)
        .unwrap();
    f.check();
    assert!(f.refs(l1).has(Refs::FREE));
}

#[test]
fn a_frame_in_amidst_of_an_update_is_neither_freed_nor_stolen() {
    let world = world();
    let f = Fixture::new(&world, A);
    let mfn = f.data[20];
    // A type reference without a frame reference, as an update holds it.
    mmu(&f.ctx)
        .get_page_and_type(mfn, A, FrameType::Writable)
        .unwrap();
    mmu(&f.ctx).put_page(mfn);
    let steal = || world.pages(A).lock().unwrap().steal(&world.ledger, mfn);
    assert_eq!(steal(), Err(MmError::StillReferenced));
    assert_eq!(f.refs(mfn).count(), 1);
    let freed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let other = Ctx {
                threaded: true,
                ..Ctx::new(&world, A)
            };
            mmu(&other).remove_page(mfn).unwrap();
            freed.store(true, Ordering::SeqCst);
            world.drain(&other.freed);
        });
        while f.refs(mfn).count() != 0 {
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(!freed.load(Ordering::SeqCst));
        mmu(&f.ctx).put_page_type(mfn);
    });
    f.check();
    assert!(f.refs(mfn).has(Refs::FREE));
}
