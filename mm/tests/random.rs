//! Random operations of two domains, with a full recount after every batch; then the same from
//! several threads at once.

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use arch_defs::pte::{ENTRIES, Level, Pte};
use common::{A, B, Ctx, Held, IO_FULL, IO_READ, Rng, World, cases, check, mmu};
use mm::{FrameType, MmError, Refs};
use units::{CpuMask, DomId, FrameAccess, MAddr, Mfn, TlbFlush};

/// Indices that random tables use, so that tables meet.
const INDICES: [usize; 8] = [0, 1, 2, 3, 255, 272, 510, 511];
const LEVELS: [Level; 4] = [Level::L1, Level::L2, Level::L3, Level::L4];

struct Actor<'w> {
    ctx: Ctx<'w>,
    rng: Rng,
    held: Held,
    /// How often each kind of operation succeeded.
    done: BTreeMap<&'static str, u32>,
    /// Other actors work at the same time.
    threaded: bool,
}

impl<'w> Actor<'w> {
    fn new(world: &'w World, dom: DomId, seed: u64, threaded: bool) -> Self {
        Self {
            ctx: Ctx {
                threaded,
                ..Ctx::new(world, dom)
            },
            rng: Rng(seed),
            held: Held::default(),
            done: BTreeMap::new(),
            threaded,
        }
    }

    fn other(&self) -> DomId {
        if self.ctx.dom == A { B } else { A }
    }

    fn any(&mut self) -> Mfn {
        let n = self.ctx.world.ledger.len();
        Mfn::new(self.rng.below(n) as u64)
    }

    /// A frame of `dom`, most likely.
    fn of(&mut self, dom: DomId) -> Mfn {
        for _ in 0..20 {
            let mfn = self.any();
            if self.ctx.world.ledger.owner(mfn) == Some(dom) {
                return mfn;
            }
        }
        self.any()
    }

    fn own(&mut self) -> Mfn {
        self.of(self.ctx.dom)
    }

    /// A frame of the domain that was last of type `ty`, if one is found quickly.
    fn typed(&mut self, ty: FrameType) -> Mfn {
        for _ in 0..100 {
            let mfn = self.own();
            let kind = self.ctx.world.ledger.frame(mfn).unwrap().kind();
            if kind.ty() == ty && (kind.count() > 0 || self.rng.chance(10)) {
                return mfn;
            }
        }
        self.own()
    }

    fn flags(&mut self, level: Level) -> u64 {
        let mut flags = Pte::P | Pte::RW | Pte::US;
        if level == Level::L1 {
            let odd = [
                Pte::RW,
                Pte::RW,
                Pte::US,
                Pte::G,
                Pte::A,
                Pte::D,
                Pte::NX,
                Pte::PAT,
            ];
            flags ^= self.rng.pick(&odd).unwrap() | self.rng.pick(&odd).unwrap();
            if self.rng.chance(1) {
                flags |= 1 << 45;
            }
        } else if self.rng.chance(2) {
            flags |= self
                .rng
                .pick(&[Pte::PSE, Pte::PCD, 1 << 45, Pte::G])
                .unwrap();
        }
        flags
    }

    /// An entry that may well be good for a table of `level`.
    fn entry(&mut self, level: Level) -> u64 {
        if self.rng.chance(15) {
            return self.rng.next() & !Pte::P;
        }
        let flags = self.flags(level);
        let target = match level.below() {
            Some(below) if self.rng.chance(90) => self.typed(FrameType::table(below)),
            Some(_) => self.own(),
            None if self.rng.chance(90) => self.own(),
            None => match self.rng.below(4) {
                0 => Mfn::new(IO_FULL),
                1 => Mfn::new(IO_READ),
                _ => self.any(),
            },
        };
        Pte::new(target, flags).0
    }

    fn index(&mut self) -> usize {
        if self.rng.chance(2) {
            self.rng.below(ENTRIES)
        } else {
            self.rng.pick(&INDICES).unwrap()
        }
    }

    /// Runs an operation over interruptions, or sometimes gives up in the middle.
    fn run(
        &mut self,
        name: &'static str,
        mut op: impl FnMut(&Ctx<'_>) -> Result<(), MmError>,
    ) -> Result<(), MmError> {
        let patience = if self.rng.chance(30) {
            self.rng.below(3) as u32
        } else {
            u32::MAX
        };
        let tries = if self.rng.chance(20) { 1 } else { 20_000 };
        let mut result = Err(MmError::Preempted);
        for _ in 0..tries {
            self.ctx.patience.set(patience);
            result = op(&self.ctx);
            if result != Err(MmError::Preempted) {
                break;
            }
            *self.done.entry("interrupted").or_default() += 1;
        }
        if result == Err(MmError::Preempted) {
            *self.done.entry("abandoned").or_default() += 1;
        }
        assert!(
            tries == 1 || result != Err(MmError::Preempted),
            "{name} never ends"
        );
        if result.is_ok() {
            *self.done.entry(name).or_default() += 1;
        }
        let pending = self.ctx.pending.take();
        *self.done.entry("pending").or_default() += pending.len() as u32;
        if self.rng.chance(80) {
            for table in pending {
                while mmu(&self.ctx).finish(table).is_err() {}
            }
        }
        self.ctx.world.drain(&self.ctx.freed);
        result
    }

    fn machine(mfn: Mfn, index: usize) -> u64 {
        mfn.addr().get() + index as u64 * 8
    }

    /// A frame of the domain that nobody uses, if one is found quickly.
    fn idle(&mut self) -> Mfn {
        for _ in 0..60 {
            let mfn = self.own();
            if self.ctx.world.ledger.frame(mfn).unwrap().kind().count() == 0 {
                return mfn;
            }
        }
        self.own()
    }

    /// A tree that should be valid.
    fn build(&mut self) {
        let me = self.ctx.dom;
        let mut below: Vec<Mfn> = Vec::new();
        for level in LEVELS {
            let tables: Vec<Mfn> = (0..5 - level.number()).map(|_| self.idle()).collect();
            for table in &tables {
                let table = *table;
                if self.run("clear", |c| mmu(c).clear_page(table, me)).is_err() {
                    return;
                }
                for _ in 0..6 {
                    let entry = match self.rng.pick(&below) {
                        Some(to) => Pte::new(to, Pte::P | Pte::RW | Pte::US),
                        None if self.rng.chance(50) => Pte::new(self.own(), Pte::P),
                        None => Pte::new(self.typed(FrameType::Writable), Pte::P | Pte::RW),
                    };
                    let at = Self::machine(table, self.index());
                    let _ = self.run("plain", |c| mmu(c).mmu_update(at, entry.0, me));
                }
            }
            below = tables;
        }
        let _ = self.run("pin tree", |c| mmu(c).pin(Level::L4, below[0]));
    }

    /// A processor of the domain reads its way through a tree that it has loaded.
    fn touch(&mut self) {
        let roots: Vec<Mfn> = self.roots();
        let Some(mut at) = self.rng.pick(&roots) else {
            return;
        };
        let world = self.ctx.world;
        for level in [Level::L4, Level::L3, Level::L2, Level::L1] {
            let entry = |i: usize| Pte(world.ram.word(at, i).load(Ordering::Relaxed));
            let present: Vec<usize> = INDICES
                .into_iter()
                .filter(|i| entry(*i).present())
                .collect();
            let Some(index) = self.rng.pick(&present) else {
                return;
            };
            let (table, pte) = (at, entry(index));
            at = pte.frame();
            if level == Level::L1
                && pte.writable()
                && let Some(owner) = world.ledger.owner(at)
            {
                if !self.threaded {
                    world.tlb.cache(self.ctx.dom.0.into(), at, owner);
                }
                *self.done.entry("touch").or_default() += 1;
                if self.rng.chance(30) {
                    self.recycle(table, index, at, owner);
                }
            }
        }
    }

    /// Unmaps a frame, whereupon its owner makes a table of it.
    fn recycle(&mut self, table: Mfn, index: usize, mfn: Mfn, owner: DomId) {
        let (at, me) = (Self::machine(table, index), self.ctx.dom);
        let _ = self.run("unmap", |c| mmu(c).mmu_update(at, 0, me));
        let ctx = Ctx {
            threaded: self.threaded,
            ..Ctx::new(self.ctx.world, owner)
        };
        if mmu(&ctx).pin(Level::L1, mfn).is_ok() {
            *self.done.entry("recycle").or_default() += 1;
        }
        self.ctx.world.drain(&ctx.freed);
    }

    fn roots(&self) -> Vec<Mfn> {
        let typed = self.held.typed.iter();
        typed
            .filter(|(_, ty)| *ty == FrameType::L4)
            .map(|(mfn, _)| *mfn)
            .collect()
    }

    /// All processes end.
    fn exit(&mut self) {
        for (mfn, _) in std::mem::take(&mut self.held.typed) {
            let _ = self.run("put typed", |c| {
                mmu(c).put_page_and_type(mfn);
                Ok(())
            });
        }
        for mfn in self.ctx.world.list(self.ctx.dom) {
            let _ = self.run("unpin", |c| mmu(c).unpin(mfn));
        }
        *self.done.entry("exit").or_default() += 1;
    }

    fn step(&mut self) {
        let me = self.ctx.dom;
        if self.rng.below(300) == 0 {
            return self.exit();
        }
        match self.rng.below(100) {
            0..4 => self.build(),
            4..8 => {
                let level = self.rng.pick(&LEVELS).unwrap();
                let mfn = self.typed(FrameType::table(level));
                let _ = self.run("pin", |c| mmu(c).pin(level, mfn));
            }
            8..18 => {
                let level = self
                    .rng
                    .pick(&LEVELS)
                    .unwrap()
                    .max(self.rng.pick(&LEVELS).unwrap());
                let mfn = self.typed(FrameType::table(level));
                let _ = self.run("unpin", |c| mmu(c).unpin(mfn));
            }
            18..22 => {
                let mfn = self.typed(FrameType::L4);
                if self.run("get root", |c| mmu(c).get_root(mfn)).is_ok() {
                    self.held.typed.push((mfn, FrameType::L4));
                }
            }
            22..27 => self.put_some(),
            27..45 => {
                let level = self.rng.pick(&LEVELS).unwrap();
                let mfn = self.typed(FrameType::table(level));
                let (entry, cmd) = (self.entry(level), self.rng.pick(&[0, 2, 3]).unwrap());
                let at = Self::machine(mfn, self.index()) | cmd;
                let name = ["", "update l1", "update l2", "update l3", "update l4"];
                let _ = self.run(name[level.number() as usize], |c| {
                    mmu(c).mmu_update(at, entry, me)
                });
            }
            45..52 => {
                let mfn = self.typed(FrameType::L1);
                let at = Self::machine(mfn, self.index());
                let target = self.typed(FrameType::Writable);
                let entry = Pte::new(target, self.flags(Level::L1)).0;
                let _ = self.run("update l1 rw", |c| mmu(c).mmu_update(at, entry, me));
            }
            52..60 => self.change_flags(),
            60..66 => {
                let mfn = self.typed(FrameType::L1);
                let (index, new) = (self.index(), self.entry(Level::L1));
                let world = self.ctx.world;
                let now = world.ram.word(mfn, index).load(Ordering::Relaxed);
                let expected = self
                    .rng
                    .pick(&[None, Some(now), Some(now ^ Pte::A)])
                    .unwrap();
                let threaded = self.threaded;
                let _ = self.run("exchange", |c| {
                    let old = mmu(c).exchange_l1(mfn, index, expected, new)?;
                    assert!(threaded || old == now);
                    Ok(())
                });
            }
            66..72 => {
                let roots = self.roots();
                if let Some(root) = self.rng.pick(&roots) {
                    let va = LEVELS
                        .iter()
                        .map(|l| (self.rng.pick(&INDICES).unwrap() as u64) << l.shift())
                        .sum::<u64>();
                    let va = ((va << 16) as i64 >> 16) as u64;
                    let entry = self.entry(Level::L1);
                    let _ = self.run("update va", |c| {
                        mmu(c).update_va_mapping(root, va, entry, me)
                    });
                    mmu(&self.ctx).writes_l1(root, va);
                }
            }
            72..76 => {
                let (mfn, index) = (self.typed(FrameType::L1), self.index());
                let dom = self.other();
                let target = self.of(dom);
                let entry = Pte::new(target, self.flags(Level::L1)).0;
                let world = self.ctx.world;
                world.foreign.lock().unwrap().insert((me.0, target.get()));
                let at = Self::machine(mfn, index);
                let _ = self.run("map foreign", |c| mmu(c).mmu_update(at, entry, dom));
            }
            76..79 => self.grant(),
            79..82 => {
                let mfn = self.own();
                let _ = self.run("remove page", |c| mmu(c).remove_page(mfn));
            }
            82..87 => {
                if self.ctx.world.populate(me).is_ok() {
                    *self.done.entry("populate").or_default() += 1;
                }
            }
            87..89 => self.transfer(),
            89..92 => {
                let mfn = self.own();
                if self
                    .run("get descriptors", |c| mmu(c).get_descriptor_page(mfn))
                    .is_ok()
                {
                    self.held.typed.push((mfn, FrameType::SegDesc));
                }
            }
            92..94 => {
                let at = Self::machine(self.typed(FrameType::SegDesc), self.index());
                let descriptor = self.rng.next();
                let _ = self.run("update descriptor", |c| {
                    mmu(c).update_descriptor(MAddr::new(at), descriptor)
                });
            }
            94..96 => {
                let mfn = self.any();
                let ledger = self.ctx.world.ledger;
                if ledger.get_page(mfn, me).is_ok() {
                    self.held.pages.push(mfn);
                    *self.done.entry("get page").or_default() += 1;
                }
            }
            96..98 if !self.threaded => self.share(),
            _ => (0..5).for_each(|_| self.touch()),
        }
    }

    fn put_some(&mut self) {
        if !self.held.typed.is_empty() && self.rng.chance(80) {
            let i = self.rng.below(self.held.typed.len());
            let (mfn, _) = self.held.typed.swap_remove(i);
            let _ = self.run("put typed", |c| {
                mmu(c).put_page_and_type(mfn);
                Ok(())
            });
        }
        if !self.held.pages.is_empty() {
            let i = self.rng.below(self.held.pages.len());
            let mfn = self.held.pages.swap_remove(i);
            let _ = self.run("put page", |c| {
                mmu(c).put_page(mfn);
                Ok(())
            });
        }
    }

    /// Changes only flags of an entry in use.
    fn change_flags(&mut self) {
        let level = self
            .rng
            .pick(&[Level::L1, Level::L1, Level::L1, Level::L2])
            .unwrap();
        let mfn = self.typed(FrameType::table(level));
        for index in INDICES {
            let old = self.ctx.world.ram.word(mfn, index).load(Ordering::Relaxed);
            if old & Pte::P != 0 {
                let new = old ^ self.rng.pick(&[Pte::RW, Pte::A, Pte::NX, Pte::US]).unwrap();
                let at = Self::machine(mfn, index) | self.rng.pick(&[0, 2]).unwrap();
                let me = self.ctx.dom;
                let _ = self.run("change flags", |c| mmu(c).mmu_update(at, new, me));
                return;
            }
        }
    }

    /// Maps a frame of the other domain the way grants do, or unmaps one.
    fn grant(&mut self) {
        let (mfn, index) = (self.typed(FrameType::L1), self.index());
        let dom = self.other();
        let target = self.of(dom);
        if self.rng.chance(30) {
            let old = Pte(self.ctx.world.ram.word(mfn, index).load(Ordering::Relaxed));
            let _ = self.run("remove l1", |c| {
                mmu(c).remove_l1(mfn, index, old.frame(), 0)
            });
            return;
        }
        self.ctx
            .world
            .foreign
            .lock()
            .unwrap()
            .insert((self.ctx.dom.0, target.get()));
        let rw = self.rng.chance(50);
        let _ = self.run("install l1", |c| {
            let m = mmu(c);
            let mut flags = Pte::P | Pte::US;
            if rw {
                m.get_page_and_type(target, dom, FrameType::Writable)?;
                flags |= Pte::RW;
            } else {
                m.ledger.get_page(target, dom)?;
            }
            m.install_l1(mfn, index, Pte::new(target, flags).0)
                .inspect_err(|_| {
                    if rw {
                        m.put_page_type(target);
                    }
                    m.put_page(target);
                })
        });
    }

    /// Gives a frame with its contents to the other domain.
    fn transfer(&mut self) {
        let world = self.ctx.world;
        let (mfn, dom) = (self.own(), self.other());
        let stolen = world
            .pages(self.ctx.dom)
            .lock()
            .unwrap()
            .steal(&world.ledger, mfn);
        if stolen.is_ok() {
            world.tlb.flush_since(&CpuMask::ALL, world.tlb.stamp());
            world
                .pages(dom)
                .lock()
                .unwrap()
                .assign(&world.ledger, mfn, true)
                .unwrap();
            *self.done.entry("transfer").or_default() += 1;
        }
    }

    fn share(&mut self) {
        let world = self.ctx.world;
        let hypervisor = world.hypervisor.clone();
        let mfn = self.rng.pick(&hypervisor).unwrap();
        let rw = self.rng.chance(50);
        if world.ledger.frame(mfn).unwrap().refs().has(Refs::ALLOCATED) {
            if self.rng.chance(50) {
                world.ledger.unshare(mfn, || ()).unwrap();
                *self.done.entry("unshare").or_default() += 1;
            }
            return;
        }
        let refs = world.ledger.frame(mfn).unwrap().refs();
        if refs.has(Refs::DIRTY) && refs.count() == 0 {
            assert_eq!(
                world.ledger.share(mfn, self.ctx.dom, rw),
                Err(MmError::NotScrubbed)
            );
            world.ledger.scrub(mfn, &world.ram);
            world.tlb.flush(&CpuMask::ALL);
        }
        if world.ledger.share(mfn, self.ctx.dom, rw).is_ok() {
            *self.done.entry("share").or_default() += 1;
        }
    }

    /// Gives back all that the test itself holds.
    fn let_go(&mut self) {
        for (mfn, _) in std::mem::take(&mut self.held.typed) {
            mmu(&self.ctx).put_page_and_type(mfn);
        }
        for mfn in std::mem::take(&mut self.held.pages) {
            mmu(&self.ctx).put_page(mfn);
        }
        self.ctx.world.drain(&self.ctx.freed);
    }

    fn relinquish(&mut self) {
        let world = self.ctx.world;
        for _ in 0..1_000_000 {
            self.ctx.patience.set(self.rng.below(3) as u32);
            let mut pages = world.pages(self.ctx.dom).lock().unwrap();
            let done = mmu(&self.ctx).relinquish(&mut pages);
            drop(pages);
            world.drain(&self.ctx.freed);
            match done {
                Ok(()) => return,
                Err(e) => assert_eq!(e, MmError::Preempted),
            }
        }
        panic!("teardown never ends");
    }
}

fn tear_down(world: &World, actors: &mut [Actor<'_>]) {
    for mfn in &world.hypervisor {
        if world
            .ledger
            .frame(*mfn)
            .unwrap()
            .refs()
            .has(Refs::ALLOCATED)
        {
            world.ledger.unshare(*mfn, || ()).unwrap();
        }
    }
    for actor in actors.iter_mut() {
        actor.ctx.patience.set(u32::MAX);
        actor.let_go();
    }
    let helds: Vec<&Held> = actors.iter().map(|a| &a.held).collect();
    check(world, &helds);
    for dom in [A, B] {
        let mut reaper = Actor::new(world, dom, 99, false);
        reaper.relinquish();
        check(world, &[]);
    }
    let heap = world.heap.lock().unwrap();
    assert_eq!(heap.total_free(), heap.managed(), "frames leaked");
    for pages in &world.pages {
        assert_eq!(pages.lock().unwrap().total(), 0);
    }
}

fn single(seed: u64, ops: usize, done: &mut BTreeMap<&'static str, u32>) {
    let world = World::new(160, 60);
    let mut actors = [A, B].map(|d| Actor::new(&world, d, seed ^ u64::from(d.0) << 40, false));
    for batch in 0..ops / 50 {
        for i in 0..50 {
            actors[usize::from((batch ^ i) % 3 == 0)].step();
        }
        let helds: Vec<&Held> = actors.iter().map(|a| &a.held).collect();
        check(&world, &helds);
    }
    tear_down(&world, &mut actors);
    for actor in &actors {
        for (name, n) in &actor.done {
            *done.entry(name).or_default() += n;
        }
    }
}

#[test]
fn counts_agree_with_a_recount() {
    let ops = cases(120_000);
    let mut done = BTreeMap::new();
    for seed in 0..ops.div_ceil(20_000) {
        single(seed as u64, 20_000, &mut done);
    }
    println!("{done:#?}");
    let all = [
        "recycle",
        "interrupted",
        "abandoned",
        "pending",
        "clear",
        "plain",
        "pin tree",
        "pin",
        "unpin",
        "get root",
        "put typed",
        "update l1",
        "update l2",
        "update l3",
        "update l4",
        "update l1 rw",
        "change flags",
        "exchange",
        "update va",
        "map foreign",
        "install l1",
        "remove l1",
        "remove page",
        "populate",
        "transfer",
        "get descriptors",
        "update descriptor",
        "get page",
        "put page",
        "share",
        "unshare",
        "touch",
    ];
    for name in all {
        let n = done.get(name).copied().unwrap_or(0);
        assert!(
            n as usize >= ops / 12_000,
            "{name} succeeded only {n} times"
        );
    }
}

#[test]
fn threads_agree_with_a_recount() {
    let rounds = cases(120_000) / 4000;
    for round in 0..rounds as u64 {
        let world = World::new(96, 38);
        // Two processors of one domain, one of the other.
        let mut actors =
            [(A, 1), (A, 2), (B, 3)].map(|(d, s)| Actor::new(&world, d, round << 8 | s, true));
        std::thread::scope(|scope| {
            for actor in &mut actors {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        actor.step();
                    }
                });
            }
        });
        let helds: Vec<&Held> = actors.iter().map(|a| &a.held).collect();
        check(&world, &helds);
        tear_down(&world, &mut actors);
    }
}
