//! `XENMEM_exchange` (`memory.h`): frames for other frames, as a kernel does to get memory that a device can reach.

use super::Test;
use super::memory::{Reservation, current, op};
use crate::rt::check::{bad_pointers, bad_pointers_apart, eq, is, ret, that};
use crate::rt::mem::{PAGE, Page, read64, write64};
use crate::rt::paging::{self, KERNEL_RW, UVMF_INVLPG, mfn_to_pfn};
use abi::Errno;

pub const TESTS: &[Test] = &[("exchange", exchange), ("exchange_bad", exchange_bad)];

const EXCHANGE: u64 = abi::memory::XENMEM_EXCHANGE as u64;

/// `struct xen_memory_exchange`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Exchange {
    input: Reservation,
    output: Reservation,
    nr_exchanged: u64,
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
        paging::update_va(page.va(), (new * PAGE) | KERNEL_RW, UVMF_INVLPG),
        0,
    );
    ret(
        "memory.exchange.old_frame_gone",
        paging::update_va(page.va(), (old * PAGE) | KERNEL_RW, UVMF_INVLPG),
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
