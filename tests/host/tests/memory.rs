//! Memory calls by real handlers: the counts, the frames, and what a failure leaves behind.

use abi::Errno;
use abi::Handle;
use abi::memory::*;
use abi::xen::*;
use arch_defs::pte::Pte;
use host_tests::{Guest, IO_FRAME, TABLES, World};
use units::{FrameAccess, Mfn};
use zerocopy::FromZeros;

const NR: u64 = __HYPERVISOR_MEMORY_OP;
const ARG: usize = TABLES;
const LIST: usize = TABLES + 1;

fn reservation(list: u64, count: u64, order: u32) -> XenMemoryReservation {
    let mut r = XenMemoryReservation::new_zeroed();
    r.extent_start = Handle::new(list);
    r.nr_extents = count;
    r.extent_order = order;
    r.domid = DOMID_SELF;
    r
}

fn memory(g: &Guest<'_>, op: u32, arg: &(impl zerocopy::IntoBytes + zerocopy::Immutable)) -> i64 {
    g.call(NR, [op.into(), g.put(g.va(ARG), arg), 0, 0, 0, 0])
}

fn total(g: &Guest<'_>) -> i64 {
    memory(g, XENMEM_CURRENT_RESERVATION, &DOMID_SELF)
}

fn map(g: &Guest<'_>, page: usize, entry: u64) -> i64 {
    g.call(
        __HYPERVISOR_UPDATE_VA_MAPPING,
        [g.va(page), entry, UVMF_INVLPG, 0, 0, 0],
    )
}

#[test]
fn pages_go_and_come_back() {
    let world = World::new(256);
    let g = world.guest(3, 32);
    assert_eq!(total(&g), 32);
    for page in 20..24 {
        assert_eq!(map(&g, page, 0), 0);
        g.put(g.va(LIST) + (page as u64 - 20) * 8, &g.frames[page].get());
    }
    let list = g.va(LIST);
    assert_eq!(
        memory(&g, XENMEM_DECREASE_RESERVATION, &reservation(list, 4, 0)),
        4
    );
    assert_eq!(total(&g), 28);
    // What is gone can't go again, nor be mapped.
    assert_eq!(
        memory(&g, XENMEM_DECREASE_RESERVATION, &reservation(list, 4, 0)),
        0
    );
    assert_eq!(
        map(&g, 20, Pte::new(g.frames[20], Pte::P | Pte::RW).0),
        Errno::EBUSY.to_ret()
    );
    for n in 0..4u64 {
        g.put(list + n * 8, &(20 + n));
    }
    assert_eq!(
        memory(&g, XENMEM_POPULATE_PHYSMAP, &reservation(list, 4, 0)),
        4
    );
    for n in 0..4 {
        let mfn = Mfn::new(g.get(list + n * 8));
        assert_eq!(world.hv.ledger.m2p(mfn).get(), 20 + n);
        assert_eq!(
            map(&g, 20 + n as usize, Pte::new(mfn, Pte::P | Pte::RW).0),
            0
        );
        assert_eq!(
            g.get::<[u64; 512]>(g.va(20 + n as usize)),
            [0; 512],
            "somebody's data"
        );
    }
    assert_eq!(total(&g), 32);
    world.audit();
}

#[test]
fn counts_stop_where_the_list_does() {
    let world = World::new(256);
    let g = world.guest(3, 16);
    // The list runs into a page that isn't mapped after two places.
    assert_eq!(map(&g, 10, 0), 0);
    let list = g.va(10) - 16;
    g.put(list, &[100u64, 101]);
    assert_eq!(
        memory(&g, XENMEM_POPULATE_PHYSMAP, &reservation(list, 4, 0)),
        2
    );
    assert_eq!(total(&g), 18);
    // A list that can be read but not written: nothing is kept that the guest can't know of.
    let mfn = g.frames[12];
    assert_eq!(map(&g, 12, Pte::new(mfn, Pte::P).0), 0);
    assert_eq!(
        memory(&g, XENMEM_POPULATE_PHYSMAP, &reservation(g.va(12), 1, 0)),
        0
    );
    assert_eq!(
        memory(
            &g,
            XENMEM_INCREASE_RESERVATION,
            &reservation(g.va(12), 1, 2)
        ),
        0
    );
    assert_eq!(total(&g), 18);
    // The limit.
    assert_eq!(
        memory(&g, XENMEM_INCREASE_RESERVATION, &reservation(0, 100, 0)),
        16 + 32 - 18
    );
    world.audit();
}

#[test]
fn interrupted_calls_do_everything_once() {
    let world = World::new(512);
    let g = world.guest(3, 16);
    world
        .hv
        .machine
        .preempt_every
        .store(1, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(
        memory(&g, XENMEM_INCREASE_RESERVATION, &reservation(0, 30, 0)),
        30
    );
    assert_eq!(total(&g), 46);
    let list = g.va(LIST);
    let requests: [MmuUpdate; 200] = core::array::from_fn(|n| MmuUpdate {
        ptr: g.entry_at(12),
        val: Pte::new(g.frames[12 + n % 3], Pte::P | Pte::RW).0,
    });
    g.put(list, &requests);
    let done = g.va(ARG);
    g.put(done, &7u32);
    assert_eq!(
        g.call(
            __HYPERVISOR_MMU_UPDATE,
            [list, 200, done, DOMID_SELF.into(), 0, 0]
        ),
        0
    );
    assert_eq!(g.get::<u32>(done), 200);
    world.audit();
}

#[test]
fn an_exchange_that_fails_changes_nothing() {
    let world = World::new(256);
    let g = world.guest(3, 32);
    let (list, out) = (g.va(LIST), g.va(LIST) + 512);
    let exchange = |input: XenMemoryReservation, output: XenMemoryReservation| {
        let mut x = XenMemoryExchange::new_zeroed();
        (x.input, x.out) = (input, output);
        memory(&g, XENMEM_EXCHANGE, &x)
    };
    for n in 0..8 {
        map(&g, 16 + n, 0);
        g.put(list + n as u64 * 8, &g.frames[16 + n].get());
    }
    let before: Vec<_> = g.frames[16..24]
        .iter()
        .map(|f| world.hv.ledger.m2p(*f))
        .collect();
    // The last of the frames is mapped after all.
    g.put(list + 56, &g.frames[30].get());
    g.put(out, &16u64);
    let eight = reservation(list, 8, 0);
    assert_eq!(
        exchange(eight, reservation(out, 1, 3)),
        Errno::EINVAL.to_ret()
    );
    g.put(list + 56, &g.frames[23].get());
    // Impossible addresses, and places that can't be read.
    let mut low = reservation(out, 1, 3);
    low.mem_flags = 13;
    assert_eq!(exchange(eight, low), Errno::ENOMEM.to_ret());
    assert_eq!(
        exchange(eight, reservation(0x1000, 1, 3)),
        Errno::EFAULT.to_ret()
    );
    assert_eq!(
        exchange(eight, reservation(0xffff_8000_0000_0000, 1, 3)),
        Errno::EFAULT.to_ret()
    );
    assert_eq!(total(&g), 32);
    for (frame, pfn) in g.frames[16..24].iter().zip(&before) {
        assert_eq!(world.hv.ledger.owner(*frame), Some(g.domain.id));
        assert_eq!(world.hv.ledger.m2p(*frame), *pfn);
    }
    world.audit();
    assert_eq!(exchange(eight, reservation(out, 1, 3)), 0);
    let base: u64 = g.get(out);
    assert!(base.is_multiple_of(8));
    assert!((0..8).all(|n| world.hv.ledger.m2p(Mfn::new(base + n)).get() == 16 + n));
    assert_eq!(total(&g), 32);
    world.audit();
}

#[test]
fn claims_hold_memory_back() {
    let world = World::new(256);
    let builder = world.dom0(32);
    let g = world.guest(3, 16);
    builder.enter();
    let claim = |pages: u64, dom: u16| {
        let mut r = reservation(0, pages, 0);
        r.domid = dom;
        memory(&builder, XENMEM_CLAIM_PAGES, &r)
    };
    assert_eq!(
        claim(100, 3),
        Errno::EINVAL.to_ret(),
        "more than the domain may have"
    );
    g.domain.pages.lock().set_max(1000);
    assert_eq!(claim(100_000, 3), Errno::EINVAL.to_ret());
    g.domain.pages.lock().set_max(1_000_000);
    assert_eq!(claim(100_000, 3), Errno::ENOMEM.to_ret());
    let free = world.hv.frames.lock().total_free();
    assert_eq!(claim(16 + free - 8, 3), 0);
    assert_eq!(claim(20, 3), Errno::EINVAL.to_ret(), "one claim at a time");
    // Others get what is left, the domain gets all.
    assert_eq!(
        memory(
            &builder,
            XENMEM_INCREASE_RESERVATION,
            &reservation(0, 20, 0)
        ),
        8
    );
    g.enter();
    assert_eq!(
        memory(&g, XENMEM_INCREASE_RESERVATION, &reservation(0, 5, 0)),
        5
    );
    world.audit();
    builder.enter();
    assert_eq!(claim(0, 3), 0);
    assert_eq!(world.hv.frames.lock().outstanding(), 0);
    assert_eq!(claim(0, 0x7ff0), Errno::EINVAL.to_ret());
    world.audit();
}

#[test]
fn maps_are_told_and_set() {
    let world = World::new(256);
    let (dom0, g) = (world.dom0(16), world.guest(3, 16));
    dom0.enter();
    let mut map = XenMemoryMap::new_zeroed();
    assert_eq!(memory(&dom0, XENMEM_MACHINE_MEMORY_MAP, &map), 0);
    assert_eq!(dom0.get::<u32>(dom0.va(ARG)), 3);
    (map.nr_entries, map.buffer) = (2, Handle::new(dom0.va(LIST)));
    assert_eq!(
        memory(&dom0, XENMEM_MACHINE_MEMORY_MAP, &map),
        Errno::EINVAL.to_ret()
    );
    map.nr_entries = 3;
    assert_eq!(memory(&dom0, XENMEM_MACHINE_MEMORY_MAP, &map), 0);
    let last: E820Entry = dom0.get(dom0.va(LIST) + 40);
    assert_eq!((last.addr, last.size, last.kind), (0x10_0000, 256 << 12, 1));
    // What dom0 sets, the other domain reads.
    let mut set = XenForeignMemoryMap::new_zeroed();
    (set.domid, set.map) = (3, map);
    assert_eq!(memory(&dom0, XENMEM_SET_MEMORY_MAP, &set), 0);
    set.domid = 9;
    assert_eq!(
        memory(&dom0, XENMEM_SET_MEMORY_MAP, &set),
        Errno::ESRCH.to_ret()
    );
    g.enter();
    (map.nr_entries, map.buffer) = (128, Handle::new(g.va(LIST)));
    assert_eq!(memory(&g, XENMEM_MEMORY_MAP, &map), 0);
    assert_eq!(g.get::<u32>(g.va(ARG)), 3);
    assert_eq!(
        memory(&g, XENMEM_MACHINE_MEMORY_MAP, &map),
        Errno::EPERM.to_ret()
    );
    set.domid = 0;
    assert_eq!(
        memory(&g, XENMEM_SET_MEMORY_MAP, &set),
        Errno::EPERM.to_ret()
    );
}

#[test]
fn tables_and_what_they_map() {
    let world = World::new(256);
    let (dom0, g) = (world.dom0(32), world.guest(3, 32));
    let one = |g: &Guest<'_>, ptr: u64, val: u64, who: u16| {
        let at = g.put(g.va(LIST), &MmuUpdate { ptr, val });
        g.call(__HYPERVISOR_MMU_UPDATE, [at, 1, 0, who.into(), 0, 0])
    };
    // A frame of the machine is for the hardware domain only, another's memory for the control domain.
    let io = Pte::new(Mfn::new(IO_FRAME), Pte::P | Pte::RW).0;
    let theirs = Pte::new(g.frames[9], Pte::P | Pte::RW).0;
    assert_eq!(
        one(&g, g.entry_at(20), io, DOMID_SELF),
        Errno::EPERM.to_ret()
    );
    assert_eq!(
        one(
            &g,
            g.entry_at(20),
            Pte::new(dom0.frames[9], Pte::P).0,
            DOMID_SELF
        ),
        Errno::EBUSY.to_ret()
    );
    assert_eq!(one(&g, g.entry_at(20), 0, 0), Errno::EPERM.to_ret());
    assert_eq!(one(&g, g.entry_at(20), 0, 77), Errno::ESRCH.to_ret());
    // A table stays read-only, in every form of asking.
    for table in 0..TABLES {
        let writable = Pte::new(g.frames[table], Pte::P | Pte::RW).0;
        assert_eq!(
            one(&g, g.entry_at(20), writable, DOMID_SELF),
            Errno::EBUSY.to_ret()
        );
        assert_eq!(map(&g, 20, writable), Errno::EBUSY.to_ret());
    }
    dom0.enter();
    assert_eq!(one(&dom0, dom0.entry_at(20), io, DOMID_SELF), 0);
    assert_eq!(
        one(&dom0, dom0.entry_at(21), theirs, DOMID_SELF),
        Errno::EBUSY.to_ret()
    );
    assert_eq!(one(&dom0, dom0.entry_at(21), theirs, 3), 0);
    dom0.put(dom0.va(21), &0x1234u64);
    assert_eq!(
        world
            .hv
            .machine
            .word(g.frames[9], 0)
            .load(std::sync::atomic::Ordering::Relaxed),
        0x1234
    );
    // The other domain can't make a table of what dom0 may write.
    g.enter();
    assert_eq!(map(&g, 9, 0), 0);
    let pin = MmuextOp {
        cmd: MMUEXT_PIN_L1_TABLE,
        _pad0: [0; 4],
        arg1: g.frames[9].get(),
        arg2: 0,
    };
    let at = g.put(g.va(LIST), &pin);
    assert_eq!(
        g.call(__HYPERVISOR_MMUEXT_OP, [at, 1, 0, DOMID_SELF.into(), 0, 0]),
        Errno::EINVAL.to_ret()
    );
    dom0.enter();
    assert_eq!(map(&dom0, 21, 0), 0);
    g.enter();
    assert_eq!(
        g.call(__HYPERVISOR_MMUEXT_OP, [at, 1, 0, DOMID_SELF.into(), 0, 0]),
        0
    );
    world.audit();
}
