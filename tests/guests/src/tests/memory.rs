//! `memory_op` (`memory.h`): reservations and what is in them.

use super::Test;
use crate::rt;
use crate::rt::check::{bad_pointers, eq, is, ret, that};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{PAGE, Page, read64, write64};
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
];

const INCREASE: u64 = abi::memory::XENMEM_INCREASE_RESERVATION as u64;
const DECREASE: u64 = abi::memory::XENMEM_DECREASE_RESERVATION as u64;
pub const MAXIMUM_RAM_PAGE: u64 = abi::memory::XENMEM_MAXIMUM_RAM_PAGE as u64;
const CURRENT: u64 = abi::memory::XENMEM_CURRENT_RESERVATION as u64;
const MAXIMUM: u64 = abi::memory::XENMEM_MAXIMUM_RESERVATION as u64;
pub const MACHPHYS_MFN_LIST: u64 = abi::memory::XENMEM_MACHPHYS_MFN_LIST as u64;
const POPULATE: u64 = abi::memory::XENMEM_POPULATE_PHYSMAP as u64;
const MAXIMUM_GPFN: u64 = abi::memory::XENMEM_MAXIMUM_GPFN as u64;

/// `struct xen_memory_reservation`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Reservation {
    pub extent_start: u64,
    pub nr_extents: u64,
    pub extent_order: u32,
    pub mem_flags: u32,
    pub domid: u16,
}

impl Reservation {
    pub fn one(list: u64) -> Self {
        Self {
            extent_start: list,
            nr_extents: 1,
            extent_order: 0,
            mem_flags: 0,
            domid: DOMID_SELF as u16,
        }
    }
}

pub fn op(cmd: u64, arg: u64) -> i64 {
    call3(nr::MEMORY_OP, cmd, arg, 0)
}

pub fn reserve(cmd: u64, r: &Reservation) -> i64 {
    op(cmd, &raw const *r as u64)
}

fn domain(cmd: u64, domid: u64) -> i64 {
    let arg = domid as u16;
    op(cmd, &raw const arg as u64)
}

pub fn current() -> i64 {
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
        paging::update_va(page.va(), (mfn * PAGE) | KERNEL_RW, UVMF_INVLPG),
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
        paging::update_va(page.va(), (mfn * PAGE) | KERNEL_RW, UVMF_INVLPG),
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
    let mut all = true;
    for n in 0..8 {
        let mfn = run.nth(n).mfn();
        all &= reserve(DECREASE, &Reservation::one(&raw const mfn as u64)) == 1;
    }
    is("memory.populate.return", all);
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
        paging::update_va(window.va(), (mfn * PAGE) | KERNEL_RW, UVMF_INVLPG),
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
    bad_pointers("memory.increase", 0, |p| op(INCREASE, p));
}
