//! `memory_op` (`memory.h`): reservations, exchanges, maps.

use super::Test;
use crate::rt;
use crate::rt::check::{bad_pointers, bad_pointers_apart, eq, is, ret, that};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{PAGE, Page, read32, read64, write64};
use crate::rt::paging::{self, DOMID_SELF, KERNEL_RW, UVMF_INVLPG, mfn_to_pfn};
use crate::rt::shared::{self, offset};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("queries", queries),
    ("decrease", decrease),
    ("decrease_bad", decrease_bad),
    ("populate", populate),
    ("populate_bad", populate_bad),
    ("increase", increase),
    ("exchange", exchange),
    ("exchange_bad", exchange_bad),
    ("maps", maps),
    ("machphys", machphys),
    ("others", others),
];

const INCREASE: u64 = 0;
const DECREASE: u64 = 1;
const MAXIMUM_RAM_PAGE: u64 = 2;
const CURRENT: u64 = 3;
const MAXIMUM: u64 = 4;
const MACHPHYS_MFN_LIST: u64 = 5;
const POPULATE: u64 = 6;
const ADD_TO_PHYSMAP: u64 = 7;
const MEMORY_MAP: u64 = 9;
const MACHINE_MEMORY_MAP: u64 = 10;
const EXCHANGE: u64 = 11;
const MACHPHYS_MAPPING: u64 = 12;
const MAXIMUM_GPFN: u64 = 14;
const REMOVE_FROM_PHYSMAP: u64 = 15;
const CLAIM_PAGES: u64 = 24;
const COMPAT_MFN_LIST: u64 = 25;

/// `struct xen_memory_reservation`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Reservation {
    extent_start: u64,
    nr_extents: u64,
    extent_order: u32,
    mem_flags: u32,
    domid: u16,
}

impl Reservation {
    fn one(list: u64) -> Self {
        Self {
            extent_start: list,
            nr_extents: 1,
            extent_order: 0,
            mem_flags: 0,
            domid: DOMID_SELF as u16,
        }
    }
}

/// `struct xen_memory_exchange`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Exchange {
    input: Reservation,
    output: Reservation,
    nr_exchanged: u64,
}

fn op(cmd: u64, arg: u64) -> i64 {
    call3(nr::MEMORY_OP, cmd, arg, 0)
}

fn reserve(cmd: u64, r: &Reservation) -> i64 {
    op(cmd, &raw const *r as u64)
}

fn domain(cmd: u64, domid: u64) -> i64 {
    let arg = domid as u16;
    op(cmd, &raw const arg as u64)
}

fn current() -> i64 {
    domain(CURRENT, DOMID_SELF)
}

/// Unmaps a pool page and gives its frame back; the frame's old number.
fn give_back(page: Page) -> u64 {
    let mfn = page.mfn();
    assert_eq!(paging::update_va(page.va(), 0, UVMF_INVLPG), 0);
    assert_eq!(
        reserve(DECREASE, &Reservation::one(&raw const mfn as u64)),
        1
    );
    write64(paging::p2m_entry(page.pfn()), u64::MAX);
    mfn
}

/// Fills a pool page's place with a new frame and maps it; the frame's number.
fn refill(page: Page) -> u64 {
    let slot = page.pfn();
    assert_eq!(
        reserve(POPULATE, &Reservation::one(&raw const slot as u64)),
        1
    );
    let mfn = read64(&raw const slot as u64);
    write64(paging::p2m_entry(page.pfn()), mfn);
    assert_eq!(
        paging::update_va(page.va(), mfn * PAGE | KERNEL_RW, UVMF_INVLPG),
        0
    );
    mfn
}

fn queries() {
    let top = op(MAXIMUM_RAM_PAGE, 0);
    that(
        "memory.maximum_ram_page",
        top as u64,
        top > 0 && top < 1 << 40,
    );
    ret(
        "memory.current_reservation",
        current(),
        rt::info().nr_pages as i64,
    );
    let maximum = domain(MAXIMUM, DOMID_SELF);
    that(
        "memory.maximum_reservation",
        maximum as u64,
        maximum >= current(),
    );
    let unknown: Errno = if rt::is_dom0() {
        Errno::ESRCH
    } else {
        Errno::EPERM
    };
    ret(
        "memory.current_reservation.no_domain",
        domain(CURRENT, 0x1234),
        unknown,
    );
    ret(
        "memory.current_reservation.domid_io",
        domain(CURRENT, paging::DOMID_IO),
        unknown,
    );
    ret(
        "memory.maximum_reservation.no_domain",
        domain(MAXIMUM, 0x1234),
        unknown,
    );
    bad_pointers("memory.current_reservation", Errno::EFAULT, |p| {
        op(CURRENT, p)
    });
    bad_pointers("memory.maximum_reservation", Errno::EFAULT, |p| {
        op(MAXIMUM, p)
    });
    bad_pointers("memory.maximum_gpfn", Errno::EFAULT, |p| {
        op(MAXIMUM_GPFN, p)
    });
    // The guest says itself how long its physical-to-machine list is.
    ret(
        "memory.maximum_gpfn.unset",
        domain(MAXIMUM_GPFN, DOMID_SELF),
        0,
    );
    write64(shared::page() + offset::MAX_PFN, 1234);
    ret(
        "memory.maximum_gpfn",
        domain(MAXIMUM_GPFN, DOMID_SELF),
        1233,
    );
    for n in [8, 22, 29, 30, 63] {
        ret(format_args!("memory.unknown.{n}"), op(n, 0), Errno::ENOSYS);
    }
}

fn decrease() {
    let page = Page::take();
    let before = current();
    let mfn = give_back(page);
    ret("memory.decrease.current", current(), before - 1);
    that(
        "memory.decrease.m2p",
        mfn_to_pfn(mfn),
        mfn_to_pfn(mfn) != page.pfn(),
    );
    ret(
        "memory.decrease.mapping_refused",
        paging::update_va(page.va(), mfn * PAGE | KERNEL_RW, UVMF_INVLPG),
        Errno::EBUSY,
    );
    ret(
        "memory.decrease.twice",
        reserve(DECREASE, &Reservation::one(&raw const mfn as u64)),
        0,
    );
    let new = refill(page);
    ret("memory.populate.current", current(), before);
    eq("memory.populate.m2p", mfn_to_pfn(new), page.pfn());
    page.fill(0x5a);
    eq("memory.populate.usable", page.get(511), 0x5a);

    // A frame that is still mapped leaves the domain's count only with the mapping.
    let mfn = page.mfn();
    ret(
        "memory.decrease.mapped",
        reserve(DECREASE, &Reservation::one(&raw const mfn as u64)),
        1,
    );
    ret("memory.decrease.mapped.current", current(), before);
    eq("memory.decrease.mapped.readable", page.get(511), 0x5a);
    ret(
        "memory.decrease.mapped.unmap",
        paging::update_va(page.va(), 0, UVMF_INVLPG),
        0,
    );
    ret("memory.decrease.mapped.after_unmap", current(), before - 1);
    refill(page);

    let run = Page::take_run(4);
    let mut list = [0; 4];
    for (m, n) in list.iter_mut().zip(0..) {
        *m = run.nth(n).mfn();
        paging::update_va(run.nth(n).va(), 0, UVMF_INVLPG);
    }
    list[2] = 0xff_ffff_ffff;
    let r = Reservation {
        nr_extents: 4,
        ..Reservation::one(list.as_ptr() as u64)
    };
    ret("memory.decrease.stops_at_bad", reserve(DECREASE, &r), 2);
}

fn decrease_bad() {
    let page = Page::take();
    let mfn = page.mfn();
    let list = &raw const mfn as u64;
    let one = Reservation::one(list);
    bad_pointers("memory.decrease", 0, |p| op(DECREASE, p));
    bad_pointers("memory.decrease.list", 0, |p| {
        reserve(
            DECREASE,
            &Reservation {
                extent_start: p,
                ..one
            },
        )
    });
    ret(
        "memory.decrease.no_domain",
        reserve(
            DECREASE,
            &Reservation {
                domid: 0x1234,
                ..one
            },
        ),
        0,
    );
    ret(
        "memory.decrease.none",
        reserve(
            DECREASE,
            &Reservation {
                nr_extents: 0,
                ..one
            },
        ),
        0,
    );
    ret(
        "memory.decrease.too_many",
        reserve(
            DECREASE,
            &Reservation {
                nr_extents: 1 << 60,
                ..one
            },
        ),
        0,
    );
    ret(
        "memory.decrease.order",
        reserve(
            DECREASE,
            &Reservation {
                extent_order: 40,
                ..one
            },
        ),
        0,
    );
    let before = current();
    ret(
        "memory.decrease.hypervisor_frame",
        {
            let m = machphys_frame();
            reserve(DECREASE, &Reservation::one(&raw const m as u64))
        },
        0,
    );
    ret("memory.decrease.count_same", current(), before);
}

/// A frame of the machine-to-physical table, which is the hypervisor's.
pub fn machphys_frame() -> u64 {
    let mut list = [0u64; 1];
    let arg = [1u64, list.as_mut_ptr() as u64, 0];
    op(MACHPHYS_MFN_LIST, arg.as_ptr() as u64);
    read64(list.as_ptr() as u64)
}

fn populate() {
    let run = Page::take_run(8);
    for n in 0..8 {
        give_back(run.nth(n));
    }
    let mut slots = [0; 8];
    for (s, n) in slots.iter_mut().zip(0..) {
        *s = run.nth(n).pfn();
    }
    let r = Reservation {
        nr_extents: 8,
        ..Reservation::one(slots.as_mut_ptr() as u64)
    };
    let before = current();
    ret("memory.populate.batch", reserve(POPULATE, &r), 8);
    ret("memory.populate.batch.current", current(), before + 8);
    let mut agree = true;
    for n in 0..8 {
        let mfn = read64(slots.as_ptr() as u64 + n * 8);
        agree &= mfn_to_pfn(mfn) == run.nth(n).pfn();
        write64(paging::p2m_entry(run.nth(n).pfn()), mfn);
    }
    is("memory.populate.batch.m2p", agree);
    // One larger extent: consecutive machine frames.
    for n in 0..8 {
        let mfn = run.nth(n).mfn();
        ret(
            "memory.populate.return",
            reserve(DECREASE, &Reservation::one(&raw const mfn as u64)),
            1,
        );
    }
    let mut slot = run.pfn();
    let r = Reservation {
        extent_order: 3,
        ..Reservation::one(&raw mut slot as u64)
    };
    ret("memory.populate.order3", reserve(POPULATE, &r), 1);
    let base = read64(&raw const slot as u64);
    is("memory.populate.order3.aligned", base.is_multiple_of(8));
    is(
        "memory.populate.order3.m2p",
        (0..8).all(|n| mfn_to_pfn(base + n) == run.nth(n).pfn()),
    );
    let r = Reservation {
        extent_order: 3,
        ..Reservation::one(&raw const base as u64)
    };
    ret("memory.decrease.order3", reserve(DECREASE, &r), 1);
    ret("memory.decrease.order3.current", current(), before);
    for n in 0..8 {
        refill(run.nth(n));
    }
    // The address restriction.
    let page = Page::take();
    give_back(page);
    let slot = page.pfn();
    let r = Reservation {
        mem_flags: 24,
        ..Reservation::one(&raw const slot as u64)
    };
    ret("memory.populate.address_bits", reserve(POPULATE, &r), 1);
    let mfn = read64(&raw const slot as u64);
    that("memory.populate.address_bits.frame", mfn, mfn < 1 << 12);
    reserve(DECREASE, &Reservation::one(&raw const mfn as u64));
    let slot = page.pfn();
    let r = Reservation {
        mem_flags: 12,
        ..Reservation::one(&raw const slot as u64)
    };
    ret(
        "memory.populate.address_bits.impossible",
        reserve(POPULATE, &r),
        0,
    );
}

fn populate_bad() {
    let slot = 0u64;
    let one = Reservation::one(&raw const slot as u64);
    bad_pointers("memory.populate", 0, |p| op(POPULATE, p));
    bad_pointers("memory.populate.list", 0, |p| {
        reserve(
            POPULATE,
            &Reservation {
                extent_start: p,
                ..one
            },
        )
    });
    ret(
        "memory.populate.no_domain",
        reserve(
            POPULATE,
            &Reservation {
                domid: 0x1234,
                ..one
            },
        ),
        0,
    );
    ret(
        "memory.populate.none",
        reserve(
            POPULATE,
            &Reservation {
                nr_extents: 0,
                ..one
            },
        ),
        0,
    );
    ret(
        "memory.populate.too_many",
        reserve(
            POPULATE,
            &Reservation {
                nr_extents: 1 << 60,
                ..one
            },
        ),
        0,
    );
    ret(
        "memory.populate.order",
        reserve(
            POPULATE,
            &Reservation {
                extent_order: 19,
                ..one
            },
        ),
        0,
    );
    ret(
        "memory.populate.order_huge",
        reserve(
            POPULATE,
            &Reservation {
                extent_order: 64,
                ..one
            },
        ),
        0,
    );
}

fn increase() {
    let before = current();
    let mut mfn = 0u64;
    let one = Reservation::one(&raw mut mfn as u64);
    ret("memory.increase", reserve(INCREASE, &one), 1);
    let mfn = read64(&raw const mfn as u64);
    ret("memory.increase.current", current(), before + 1);
    let window = Page::take();
    ret(
        "memory.increase.map",
        paging::update_va(window.va(), mfn * PAGE | KERNEL_RW, UVMF_INVLPG),
        0,
    );
    window.fill(7);
    eq("memory.increase.usable", window.get(3), 7);
    ret("memory.increase.unmap", paging::protect(window, true), 0);
    ret(
        "memory.increase.return",
        reserve(DECREASE, &Reservation::one(&raw const mfn as u64)),
        1,
    );
    ret(
        "memory.increase.no_list",
        reserve(
            INCREASE,
            &Reservation {
                extent_start: 0,
                ..one
            },
        ),
        1,
    );
    ret("memory.increase.no_list.current", current(), before + 1);
    bad_pointers("memory.increase", 0, |p| op(INCREASE, p));
}

fn exchange() {
    let page = Page::take();
    page.fill(0x77);
    let old = page.mfn();
    paging::update_va(page.va(), 0, UVMF_INVLPG);
    let mut slot = page.pfn();
    let mut x = Exchange {
        input: Reservation::one(&raw const old as u64),
        output: Reservation::one(&raw mut slot as u64),
        nr_exchanged: 0,
    };
    let before = current();
    ret("memory.exchange", op(EXCHANGE, &raw mut x as u64), 0);
    eq(
        "memory.exchange.done",
        read64(&raw const x.nr_exchanged as u64),
        1,
    );
    let new = read64(&raw const slot as u64);
    ret("memory.exchange.current", current(), before);
    eq("memory.exchange.m2p", mfn_to_pfn(new), page.pfn());
    that("memory.exchange.new_frame", new, new != old);
    write64(paging::p2m_entry(page.pfn()), new);
    ret(
        "memory.exchange.map",
        paging::update_va(page.va(), new * PAGE | KERNEL_RW, UVMF_INVLPG),
        0,
    );
    ret(
        "memory.exchange.old_frame_gone",
        paging::update_va(page.va(), old * PAGE | KERNEL_RW, UVMF_INVLPG),
        Errno::EBUSY,
    );

    // Eight single frames for one of order 3, as for a DMA buffer.
    let run = Page::take_run(8);
    let mut list = [0; 8];
    for (m, n) in list.iter_mut().zip(0..) {
        *m = run.nth(n).mfn();
        paging::update_va(run.nth(n).va(), 0, UVMF_INVLPG);
    }
    let mut slot = run.pfn();
    let mut x = Exchange {
        input: Reservation {
            nr_extents: 8,
            ..Reservation::one(list.as_ptr() as u64)
        },
        output: Reservation {
            extent_order: 3,
            mem_flags: 32,
            ..Reservation::one(&raw mut slot as u64)
        },
        nr_exchanged: 0,
    };
    ret("memory.exchange.order3", op(EXCHANGE, &raw mut x as u64), 0);
    eq(
        "memory.exchange.order3.done",
        read64(&raw const x.nr_exchanged as u64),
        8,
    );
    let base = read64(&raw const slot as u64);
    is("memory.exchange.order3.aligned", base.is_multiple_of(8));
    is(
        "memory.exchange.order3.m2p",
        (0..8).all(|n| mfn_to_pfn(base + n) == run.nth(n).pfn()),
    );
    for n in 0..8 {
        write64(paging::p2m_entry(run.nth(n).pfn()), base + n);
        paging::protect(run.nth(n), true);
    }
    run.nth(7).fill(1);
    ret("memory.exchange.order3.current", current(), before);
}

fn exchange_bad() {
    let page = Page::take();
    let mfn = page.mfn();
    let slot = page.pfn();
    let good = Exchange {
        input: Reservation::one(&raw const mfn as u64),
        output: Reservation::one(&raw const slot as u64),
        nr_exchanged: 0,
    };
    let run = |x: Exchange| op(EXCHANGE, &raw const x as u64);
    bad_pointers("memory.exchange", Errno::EFAULT, |p| op(EXCHANGE, p));
    bad_pointers("memory.exchange.in", Errno::EFAULT, |p| {
        run(Exchange {
            input: Reservation {
                extent_start: p,
                ..good.input
            },
            ..good
        })
    });
    bad_pointers_apart("memory.exchange.out", Errno::EINVAL, Errno::EFAULT, |p| {
        run(Exchange {
            output: Reservation {
                extent_start: p,
                ..good.output
            },
            ..good
        })
    });
    ret(
        "memory.exchange.sizes_differ",
        run(Exchange {
            output: Reservation {
                nr_extents: 2,
                ..good.output
            },
            ..good
        }),
        Errno::EINVAL,
    );
    ret(
        "memory.exchange.domains_differ",
        run(Exchange {
            output: Reservation {
                domid: 0,
                ..good.output
            },
            ..good
        }),
        Errno::EINVAL,
    );
    let orders = |order| {
        run(Exchange {
            input: Reservation {
                extent_order: order,
                ..good.input
            },
            output: Reservation {
                extent_order: order,
                ..good.output
            },
            ..good
        })
    };
    ret("memory.exchange.order_too_large", orders(40), Errno::EPERM);
    ret(
        "memory.exchange.already_done",
        run(Exchange {
            nr_exchanged: 2,
            ..good
        }),
        Errno::EINVAL,
    );
    ret("memory.exchange.mapped", run(good), Errno::EINVAL);
    let bad = 0xff_ffff_ffffu64;
    ret(
        "memory.exchange.bad_frame",
        run(Exchange {
            input: Reservation::one(&raw const bad as u64),
            ..good
        }),
        Errno::EINVAL,
    );
    eq("memory.exchange.unharmed", page.mfn(), mfn);
    page.fill(9);
}

fn maps() {
    let buffer = Page::take();
    let get = |cmd, n: u32, p: u64| {
        let arg = [u64::from(n), p];
        (op(cmd, arg.as_ptr() as u64), read32(arg.as_ptr() as u64))
    };
    if rt::is_dom0() {
        let (r, n) = get(MACHINE_MEMORY_MAP, 128, buffer.va());
        ret("memory.machine_memory_map", r, 0);
        that(
            "memory.machine_memory_map.entries",
            n.into(),
            n > 2 && n < 128,
        );
        // Entries of 20 bytes: base, length, type.
        let mut ram = 0;
        let mut sorted = true;
        let mut end = 0;
        for i in 0..u64::from(n) {
            let at = buffer.va() + i * 20;
            let (base, len) = (read64(at), read64(at + 8));
            sorted &= base >= end;
            end = base + len;
            if read32(at + 16) == 1 {
                ram += len;
            }
        }
        is("memory.machine_memory_map.sorted", sorted);
        that(
            "memory.machine_memory_map.ram",
            ram,
            ram >= rt::info().nr_pages * PAGE,
        );
        let (r, m) = get(MACHINE_MEMORY_MAP, 0, 0);
        ret("memory.machine_memory_map.count_only", r, 0);
        eq(
            "memory.machine_memory_map.count_only.entries",
            m.into(),
            n.into(),
        );
        let (r, m) = get(MACHINE_MEMORY_MAP, 1, buffer.va());
        ret("memory.machine_memory_map.short", r, Errno::EINVAL);
        eq("memory.machine_memory_map.short.entries", m.into(), 1);
        bad_pointers(
            "memory.machine_memory_map.buffer",
            Errno::EFAULT,
            |p| match p {
                0 => Errno::EFAULT.to_ret(),
                p => get(MACHINE_MEMORY_MAP, 128, p).0,
            },
        );
        let (r, _) = get(MEMORY_MAP, 128, buffer.va());
        ret("memory.memory_map.dom0", r, Errno::ENOSYS);
    } else {
        let (r, _) = get(MACHINE_MEMORY_MAP, 128, buffer.va());
        ret("memory.machine_memory_map.domU", r, Errno::EPERM);
        let (r, n) = get(MEMORY_MAP, 128, buffer.va());
        ret("memory.memory_map", r, 0);
        that("memory.memory_map.entries", n.into(), n > 0);
    }
    bad_pointers(
        "memory.machine_memory_map",
        if rt::is_dom0() {
            Errno::EFAULT
        } else {
            Errno::EPERM
        },
        |p| op(MACHINE_MEMORY_MAP, p),
    );
    bad_pointers("memory.memory_map", Errno::EFAULT, |p| op(MEMORY_MAP, p));
}

fn machphys() {
    let arg = [0u64; 3];
    ret(
        "memory.machphys_mapping",
        op(MACHPHYS_MAPPING, arg.as_ptr() as u64),
        0,
    );
    eq(
        "memory.machphys_mapping.start",
        read64(arg.as_ptr() as u64),
        paging::M2P,
    );
    eq(
        "memory.machphys_mapping.end",
        read64(arg.as_ptr() as u64 + 8),
        0xffff_8040_0000_0000,
    );
    eq(
        "memory.machphys_mapping.max",
        read64(arg.as_ptr() as u64 + 16),
        op(MAXIMUM_RAM_PAGE, 0) as u64 - 1,
    );
    bad_pointers("memory.machphys_mapping", Errno::EFAULT, |p| {
        op(MACHPHYS_MAPPING, p)
    });
    let list = Page::take();
    let arg = [16u64, list.va(), 0];
    ret(
        "memory.machphys_mfn_list",
        op(MACHPHYS_MFN_LIST, arg.as_ptr() as u64),
        0,
    );
    let n = read32(arg.as_ptr() as u64 + 16);
    that(
        "memory.machphys_mfn_list.extents",
        n.into(),
        (1..16).contains(&n),
    );
    that(
        "memory.machphys_mfn_list.first",
        list.get(0),
        list.get(0) != 0 && list.get(0).is_multiple_of(512),
    );
    let arg = [0u64, list.va(), 0xff];
    ret(
        "memory.machphys_mfn_list.none",
        op(MACHPHYS_MFN_LIST, arg.as_ptr() as u64),
        0,
    );
    eq(
        "memory.machphys_mfn_list.none.extents",
        read32(arg.as_ptr() as u64 + 16).into(),
        0,
    );
    bad_pointers("memory.machphys_mfn_list", Errno::EFAULT, |p| {
        op(MACHPHYS_MFN_LIST, p)
    });
    bad_pointers("memory.machphys_mfn_list.list", Errno::EFAULT, |p| {
        let arg = [16u64, p, 0];
        op(MACHPHYS_MFN_LIST, arg.as_ptr() as u64)
    });
    // There are no 32-bit PV guests to have a table.
    let arg = [16u64, list.va(), 0];
    ret(
        "memory.machphys_compat_mfn_list",
        op(COMPAT_MFN_LIST, arg.as_ptr() as u64),
        Errno::EOPNOTSUPP,
    );
    bad_pointers("memory.machphys_compat_mfn_list", Errno::EOPNOTSUPP, |p| {
        op(COMPAT_MFN_LIST, p)
    });
}

fn others() {
    let arg = [DOMID_SELF, 0, 0];
    ret(
        "memory.add_to_physmap.shared_info",
        op(ADD_TO_PHYSMAP, arg.as_ptr() as u64),
        Errno::EACCES,
    );
    bad_pointers("memory.add_to_physmap", Errno::EFAULT, |p| {
        op(ADD_TO_PHYSMAP, p)
    });
    let arg = [DOMID_SELF, 0];
    ret(
        "memory.remove_from_physmap",
        op(REMOVE_FROM_PHYSMAP, arg.as_ptr() as u64),
        Errno::EACCES,
    );
    bad_pointers("memory.remove_from_physmap", Errno::EFAULT, |p| {
        op(REMOVE_FROM_PHYSMAP, p)
    });
    if rt::is_dom0() {
        let r = Reservation {
            extent_start: 0,
            nr_extents: 0,
            extent_order: 0,
            mem_flags: 0,
            domid: 0x1234,
        };
        ret(
            "memory.claim_pages.no_domain",
            reserve(CLAIM_PAGES, &r),
            Errno::EINVAL,
        );
        let own = Reservation { domid: 0, ..r };
        ret(
            "memory.claim_pages.self",
            reserve(CLAIM_PAGES, &Reservation { domid: 0x7ff0, ..r }),
            Errno::EINVAL,
        );
        ret("memory.claim_pages.zero", reserve(CLAIM_PAGES, &own), 0);
        ret(
            "memory.claim_pages.huge",
            reserve(
                CLAIM_PAGES,
                &Reservation {
                    nr_extents: 1 << 31,
                    ..own
                },
            ),
            Errno::ENOMEM,
        );
        ret(
            "memory.claim_pages.order",
            reserve(
                CLAIM_PAGES,
                &Reservation {
                    extent_order: 1,
                    ..own
                },
            ),
            Errno::EINVAL,
        );
    }
}
