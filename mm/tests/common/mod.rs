//! A machine in a `Vec`, and a checker that recounts the whole ledger from scratch.
#![allow(dead_code)]

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use arch_defs::layout::HYPERVISOR_SLOTS;
use arch_defs::pte::{ENTRIES, Level, Pte};
use mm::{
    DomainPages, FrameAllocator, FrameInfo, FrameType, FreedList, IoRight, Kind, Ledger, MmError,
    Mmu, Refs, Space,
};
use units::{CpuId, CpuMask, DomId, FrameAccess, GuestAddr, Mfn, Order, TlbFlush};

pub const A: DomId = DomId(1);
pub const B: DomId = DomId(2);
pub const CPUS: usize = 4;
/// Entries of the hypervisor's slots in the tests.
pub const SLOTS: [(u16, u64); 2] = [(256, 0xabc0_0001), (262, 0xdef0_0003)];
/// I/O memory that everyone may write, and only read.
pub const IO_FULL: u64 = 0x9_0000;
pub const IO_READ: u64 = 0x9_0001;

pub struct Ram(Vec<AtomicU64>, Vec<AtomicU64>);

impl FrameAccess for Ram {
    fn word(&self, frame: Mfn, index: usize) -> &AtomicU64 {
        self.0
            .get(frame.index() * ENTRIES + index % ENTRIES)
            .unwrap_or(&self.1[index % ENTRIES])
    }
}

/// TLBs that remember which frames a processor could still write by a stale translation.
pub struct Tlb {
    clock: AtomicU32,
    flushed: Vec<AtomicU32>,
    cached: Mutex<Vec<(u32, Mfn, DomId)>>,
    pub flushes: AtomicU32,
}

impl Tlb {
    pub fn cache(&self, cpu: u32, mfn: Mfn, owner: DomId) {
        self.cached.lock().unwrap().push((cpu, mfn, owner));
    }
}

impl TlbFlush for Tlb {
    fn stamp(&self) -> u32 {
        self.clock.load(Ordering::SeqCst)
    }
    fn flush_since(&self, cpus: &CpuMask, stamp: u32) {
        let mut due = CpuMask::EMPTY;
        for (cpu, at) in self.flushed.iter().enumerate() {
            if at.load(Ordering::SeqCst) <= stamp && cpus.contains(CpuId(cpu as u32)) {
                due.set(CpuId(cpu as u32));
            }
        }
        if !due.is_empty() {
            self.flush(&due);
        }
    }
    fn flush(&self, cpus: &CpuMask) {
        let now = self.clock.fetch_add(1, Ordering::SeqCst) + 1;
        self.flushes.fetch_add(1, Ordering::SeqCst);
        for (cpu, at) in self.flushed.iter().enumerate() {
            if cpus.contains(CpuId(cpu as u32)) {
                self.cached.lock().unwrap().retain(|c| c.0 != cpu as u32);
                at.store(now, Ordering::SeqCst);
            }
        }
    }
    fn flush_page(&self, cpus: &CpuMask, _: GuestAddr) {
        self.flush(cpus);
    }
}

pub struct World {
    pub ram: Ram,
    pub ledger: Ledger<'static>,
    pub tlb: Tlb,
    pub heap: Mutex<FrameAllocator<'static>>,
    pub pages: [Mutex<DomainPages>; 2],
    /// Frames that a domain mapped on purpose although another owns them.
    pub foreign: Mutex<HashSet<(u16, u64)>>,
    pub hypervisor: Vec<Mfn>,
}

impl World {
    /// `frames` of RAM from frame 16 on; the first 16 of them the hypervisor's, `each` for either
    /// domain, the rest free.
    pub fn new(frames: usize, each: usize) -> Self {
        let info: &'static [FrameInfo] =
            Vec::leak((0..frames + 32).map(|_| FrameInfo::new()).collect());
        let m2p: &'static [AtomicU64] =
            Vec::leak((0..frames + 32).map(|_| AtomicU64::new(!0)).collect());
        let ledger = Ledger::new(info, m2p);
        let mut heap = FrameAllocator::new(ledger);
        ledger.add_hypervisor(Mfn::new(16), Mfn::new(32)).unwrap();
        heap.add_region(Mfn::new(32), Mfn::new(frames as u64 + 16), true)
            .unwrap();
        let world = Self {
            ram: Ram(
                (0..(frames + 32) * ENTRIES)
                    .map(|_| AtomicU64::new(0))
                    .collect(),
                (0..ENTRIES).map(|_| AtomicU64::new(0)).collect(),
            ),
            ledger,
            tlb: Tlb {
                clock: AtomicU32::new(1),
                flushed: (0..CPUS).map(|_| AtomicU32::new(0)).collect(),
                cached: Mutex::default(),
                flushes: AtomicU32::new(0),
            },
            heap: Mutex::new(heap),
            pages: [A, B].map(|d| Mutex::new(DomainPages::new(d, each as u64))),
            foreign: Mutex::default(),
            hypervisor: (16..32).map(Mfn::new).collect(),
        };
        for d in [A, B] {
            while world.populate(d).is_ok() {}
        }
        world
    }

    pub fn pages(&self, dom: DomId) -> &Mutex<DomainPages> {
        &self.pages[usize::from(dom == B)]
    }

    pub fn list(&self, dom: DomId) -> Vec<Mfn> {
        self.pages(dom).lock().unwrap().iter(&self.ledger).collect()
    }

    /// Allocates a frame for a domain the way a hypervisor must.
    pub fn populate(&self, dom: DomId) -> Result<Mfn, MmError> {
        let mut pages = self.pages(dom).lock().unwrap();
        if pages.total() >= pages.max() {
            return Err(MmError::OverLimit);
        }
        let block = self.heap.lock().unwrap().alloc(Order::PAGE, None, None)?;
        if let Some(stamp) = block.stamp {
            self.tlb.flush_since(&CpuMask::ALL, stamp);
        }
        block.scrub(&self.ledger, &self.ram);
        pages.assign(&self.ledger, block.mfn, false)?;
        Ok(block.mfn)
    }

    /// Releases and frees what an operation left without references.
    pub fn drain(&self, freed: &FreedList) {
        while let Some(mfn) = freed.pop(&self.ledger) {
            if self.ledger.is_hypervisor(mfn) {
                continue;
            }
            let owner = self.ledger.owner(mfn).expect("freed frame has an owner");
            self.pages(owner)
                .lock()
                .unwrap()
                .release(&self.ledger, mfn)
                .unwrap();
            self.heap
                .lock()
                .unwrap()
                .free(mfn, Order::PAGE, Some(self.tlb.stamp()))
                .unwrap();
        }
    }
}

/// A domain's circumstances.
pub struct Ctx<'w> {
    pub world: &'w World,
    pub dom: DomId,
    /// Preemption points to pass before stopping at each.
    pub patience: Cell<u32>,
    pub freed: FreedList,
    pub pending: RefCell<Vec<Mfn>>,
    /// Other threads work too, so that waiting for them makes sense.
    pub threaded: bool,
}

impl<'w> Ctx<'w> {
    pub fn new(world: &'w World, dom: DomId) -> Self {
        Self {
            world,
            dom,
            patience: Cell::new(u32::MAX),
            freed: FreedList::new(),
            pending: RefCell::default(),
            threaded: false,
        }
    }
}

impl Space for Ctx<'_> {
    fn id(&self) -> DomId {
        self.dom
    }
    fn allowed(&self) -> u64 {
        Pte::guest_bits(40, true)
    }
    fn io_right(&self, owner: DomId, mfn: Mfn) -> IoRight {
        match mfn.get() {
            _ if owner != self.dom && owner != DomId::IO => IoRight::None,
            IO_FULL => IoRight::Full,
            IO_READ => IoRight::ReadOnly,
            _ => IoRight::None,
        }
    }
    fn slots(&self) -> &[(u16, u64)] {
        &SLOTS
    }
    fn cpus(&self) -> CpuMask {
        CpuMask::of(CpuId(self.dom.0.into()))
    }
    fn preempt(&self) -> bool {
        let left = self.patience.get();
        self.patience.set(left.saturating_sub(1));
        left == 0
    }
    fn freed(&self, mfn: Mfn) {
        self.freed.push(&self.world.ledger, mfn);
    }
    fn pending(&self, table: Mfn) {
        self.pending.borrow_mut().push(table);
    }
    fn relax(&self) {
        assert!(self.threaded, "waits for nobody");
        std::thread::yield_now();
    }
}

/// The operations of `ctx`'s domain.
pub fn mmu<'c>(ctx: &'c Ctx<'c>) -> Mmu<'c, Ram, Tlb, Ctx<'c>> {
    Mmu {
        ledger: ctx.world.ledger,
        frames: &ctx.world.ram,
        tlb: &ctx.world.tlb,
        space: ctx,
    }
}

/// References that the test itself holds.
#[derive(Default)]
pub struct Held {
    pub pages: Vec<Mfn>,
    pub typed: Vec<(Mfn, FrameType)>,
}

/// Recounts everything and compares. No operation may be under way, and freed frames must have been
/// drained.
pub fn check(world: &World, held: &[&Held]) {
    let ledger = &world.ledger;
    let n = ledger.len();
    let mut refs = vec![0u64; n];
    let mut types = vec![[0u32; 8]; n];
    let foreign = world.foreign.lock().unwrap();
    for h in held {
        for mfn in &h.pages {
            refs[mfn.index()] += 1;
        }
        for (mfn, ty) in &h.typed {
            refs[mfn.index()] += 1;
            types[mfn.index()][*ty as usize] += 1;
        }
    }
    for i in 0..n {
        let mfn = Mfn::new(i as u64);
        let frame = ledger.frame(mfn).unwrap();
        let (r, k) = (frame.refs(), frame.kind());
        if !r.has(Refs::RAM) {
            assert_eq!((r.0, k.0), (0, 0), "{mfn}: an entry for what isn't RAM");
            continue;
        }
        refs[i] += u64::from(r.has(Refs::ALLOCATED));
        if r.has(Refs::HYPERVISOR | Refs::ALLOCATED) {
            types[i][k.ty() as usize] += 1;
        }
        if r.has(Refs::FREE) || r.count() == 0 {
            continue;
        }
        refs[i] += u64::from(k.has(Kind::PARTIAL)) + u64::from(k.has(Kind::PINNED));
        let Some(level) = k.ty().level() else {
            assert!(
                !k.has(Kind::PARTIAL) && !k.has(Kind::PINNED),
                "{mfn} {frame:?}"
            );
            continue;
        };
        types[i][k.ty() as usize] += u32::from(k.has(Kind::PINNED));
        let entries = if k.has(Kind::VALIDATED) {
            ENTRIES
        } else if k.has(Kind::PARTIAL) {
            k.progress()
        } else {
            assert_eq!(k.count(), 0, "{mfn} is busy: {frame:?}");
            0
        };
        for index in 0..entries {
            let pte = Pte(world.ram.word(mfn, index).load(Ordering::Relaxed));
            if level == Level::L4 && HYPERVISOR_SLOTS.contains(&index) {
                let want = SLOTS.iter().find(|s| usize::from(s.0) == index);
                if k.has(Kind::VALIDATED) {
                    assert_eq!(pte.0, want.map_or(0, |s| s.1), "{mfn} slot {index}");
                }
                continue;
            }
            if !pte.present() {
                continue;
            }
            assert!(pte.has(Pte::US), "{mfn}[{index}] {pte:?}");
            assert!(!pte.has(Pte::G), "{mfn}[{index}] {pte:?}");
            let to = pte.frame();
            let Some(target) = ledger.ram(to) else {
                assert_eq!(level, Level::L1);
                assert!(to.get() == IO_FULL || to.get() == IO_READ && !pte.writable());
                continue;
            };
            refs[to.index()] += 1;
            let owner = target.refs().owner();
            if level > Level::L1 {
                assert_eq!(owner, r.owner(), "{mfn}[{index}] points to a foreign table");
                let below = FrameType::table(level.below().unwrap());
                assert_eq!(target.kind().ty(), below, "{mfn}[{index}] {pte:?}");
                types[to.index()][below as usize] += 1;
                let whole = target.kind().has(Kind::VALIDATED);
                let last = k.has(Kind::PARTIAL) && index + 1 == entries;
                assert!(
                    whole || last && target.kind().has(Kind::PARTIAL),
                    "{mfn}[{index}] {frame:?} points to {target:?}"
                );
                continue;
            }
            assert!(
                owner == r.owner() || foreign.contains(&(r.owner().0, to.get())),
                "{mfn}[{index}] of {:?} maps {to} {target:?}",
                r.owner()
            );
            if pte.writable() {
                assert_eq!(
                    target.kind().ty(),
                    FrameType::Writable,
                    "{mfn}[{index}] writes {to}"
                );
                types[to.index()][FrameType::Writable as usize] += 1;
            }
        }
    }
    let mut free = 0;
    for i in 0..n {
        let mfn = Mfn::new(i as u64);
        let frame = ledger.frame(mfn).unwrap();
        let (r, k) = (frame.refs(), frame.kind());
        assert_eq!(r.count(), refs[i], "{mfn} references: {frame:?}");
        free += u64::from(r.has(Refs::FREE));
        if r.has(Refs::FREE) || !r.has(Refs::RAM) {
            continue;
        }
        for (ty, count) in types[i].iter().enumerate() {
            let want = if k.ty() as usize == ty { k.count() } else { 0 };
            assert_eq!(*count, want, "{mfn} references to type {ty}: {frame:?}");
        }
        if k.count() != 0 && !k.has(Kind::PARTIAL) {
            assert!(k.has(Kind::VALIDATED), "{mfn} {frame:?}");
        }
        if r.count() == 0 {
            assert!(r.has(Refs::HYPERVISOR), "{mfn} leaked: {frame:?}");
        }
        if k.count() != 0 && k.ty() == FrameType::SegDesc {
            for index in 0..ENTRIES {
                let d = world.ram.word(mfn, index).load(Ordering::Relaxed);
                assert_eq!(mm::check_descriptor(d), Ok(d), "{mfn}[{index}]");
            }
        }
    }
    assert_eq!(world.heap.lock().unwrap().total_free(), free);
    for pages in &world.pages {
        let pages = pages.lock().unwrap();
        let listed: HashSet<u64> = pages.iter(ledger).map(Mfn::get).collect();
        assert_eq!(listed.len() as u64, pages.total());
        for i in 0..n as u64 {
            let r = ledger.frame(Mfn::new(i)).unwrap().refs();
            let owned = r.has(Refs::RAM) && !r.has(Refs::HYPERVISOR) && r.owner() == pages.domain();
            assert_eq!(owned, listed.contains(&i), "{i:#x} {r:?}");
        }
    }
    for (cpu, mfn, owner) in world.tlb.cached.lock().unwrap().iter() {
        let frame = ledger.frame(*mfn).unwrap();
        let (r, k) = (frame.refs(), frame.kind());
        assert!(
            k.count() == 0 || k.ty() == FrameType::Writable,
            "CPU{cpu} may still write {mfn} {frame:?}"
        );
        assert!(
            r.count() == 0 || r.owner() == *owner,
            "CPU{cpu} may still write {mfn} of its former owner"
        );
    }
}

/// Numbers that look random.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }
}

/// Operations to run: a default, or more by the environment.
pub fn cases(default: usize) -> usize {
    std::env::var("XENOLITH_PROPTEST_CASES")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(default)
}
