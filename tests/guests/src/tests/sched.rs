//! `sched_op` (`sched.h`).

use super::Test;
use super::events::{bind_ipi, bind_virq, close_port, pending, send};
use crate::rt;
use crate::rt::check::{bad_pointers, eq, is, ret, that};
use crate::rt::event::{count, disable, mask};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::Page;
use crate::rt::shared;
use crate::rt::time::now;
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("yield_now", yield_now),
    ("block", block),
    ("poll", poll),
    ("poll_bad", poll_bad),
    ("watchdog", watchdog),
    ("others", others),
    ("compat", compat),
];

const YIELD: u64 = abi::sched::SCHEDOP_YIELD as u64;
const BLOCK: u64 = abi::sched::SCHEDOP_BLOCK as u64;
const SHUTDOWN: u64 = abi::sched::SCHEDOP_SHUTDOWN as u64;
const POLL: u64 = abi::sched::SCHEDOP_POLL as u64;
const REMOTE_SHUTDOWN: u64 = abi::sched::SCHEDOP_REMOTE_SHUTDOWN as u64;
const SHUTDOWN_CODE: u64 = abi::sched::SCHEDOP_SHUTDOWN_CODE as u64;
const WATCHDOG: u64 = abi::sched::SCHEDOP_WATCHDOG as u64;
const PIN_OVERRIDE: u64 = abi::sched::SCHEDOP_PIN_OVERRIDE as u64;
const MS: u64 = 1_000_000;

fn op(cmd: u64, arg: u64) -> i64 {
    call3(nr::SCHED_OP, cmd, arg, 0)
}

/// `struct sched_poll`.
#[repr(C)]
struct Poll {
    ports: u64,
    nr_ports: u32,
    timeout: u64,
}

fn poll_op(ports: &[u32], timeout: u64) -> i64 {
    let arg = Poll {
        ports: ports.as_ptr() as u64,
        nr_ports: ports.len() as u32,
        timeout,
    };
    op(POLL, &raw const arg as u64)
}

fn yield_now() {
    ret("sched.yield", op(YIELD, 0), 0);
    ret("sched.yield.argument_ignored", op(YIELD, 1), 0);
}

fn block() {
    // With an event pending it returns at once, and opens the mask.
    let (_, port) = bind_ipi(0);
    mask(port, false);
    disable();
    send(port);
    let before = count(port);
    ret("sched.block.pending", op(BLOCK, 0), 0);
    eq("sched.block.pending.delivered", count(port) - before, 1);
    is("sched.block.mask_open", !shared::upcall_mask());
    close_port(port);
}

fn poll() {
    let (_, a) = bind_ipi(0);
    let (_, b) = bind_ipi(0);
    mask(a, true);
    mask(b, true);
    // Nothing pending: the timeout, which is an absolute time, ends it.
    let start = now();
    ret("sched.poll.timeout", poll_op(&[a, b], start + 10 * MS), 0);
    let took = now() - start;
    that(
        "sched.poll.timeout.time",
        took,
        (10 * MS..200 * MS).contains(&took),
    );
    let start = now();
    ret("sched.poll.past", poll_op(&[a], 1), 0);
    that(
        "sched.poll.past.time",
        now() - start,
        now() - start < 5 * MS,
    );
    // A pending port, masked as it is, ends it at once; it stays pending.
    send(b);
    let start = now();
    ret("sched.poll.pending", poll_op(&[a, b], start + 500 * MS), 0);
    that(
        "sched.poll.pending.time",
        now() - start,
        now() - start < 100 * MS,
    );
    is("sched.poll.still_pending", pending(b));
    ret("sched.poll.no_timeout", poll_op(&[a, b], 0), 0);
    ret("sched.poll.no_ports", poll_op(&[], now() + MS), 0);
    // A timer event arrives while polling for its masked port.
    let (_, timer) = bind_virq(0, 0);
    mask(timer, true);
    call3(nr::SET_TIMER_OP, now() + 5 * MS, 0, 0);
    let start = now();
    ret(
        "sched.poll.virq",
        poll_op(&[a, timer], start + 2000 * MS),
        0,
    );
    let took = now() - start;
    that(
        "sched.poll.virq.time",
        took,
        (4 * MS..200 * MS).contains(&took),
    );
    for port in [a, b, timer] {
        close_port(port);
    }
}

fn poll_bad() {
    bad_pointers("sched.poll", Errno::EFAULT, |p| op(POLL, p));
    let with = |ports: u64, nr_ports: u32| {
        let arg = Poll {
            ports,
            nr_ports,
            timeout: 1,
        };
        op(POLL, &raw const arg as u64)
    };
    bad_pointers("sched.poll.ports", Errno::EFAULT, |p| with(p, 1));
    let ports = Page::take();
    ret("sched.poll.many", with(ports.va(), 128), Errno::EINVAL);
    ret("sched.poll.too_many", with(ports.va(), 129), Errno::EINVAL);
    ret(
        "sched.poll.far_too_many",
        with(ports.va(), u32::MAX),
        Errno::EINVAL,
    );
    ret("sched.poll.port0", poll_op(&[0], now() + MS), Errno::EINVAL);
    ret(
        "sched.poll.beyond",
        poll_op(&[4096], now() + MS),
        Errno::EINVAL,
    );
    ret(
        "sched.poll.huge",
        poll_op(&[u32::MAX], now() + MS),
        Errno::EINVAL,
    );
    ret(
        "sched.poll.unallocated",
        poll_op(&[4000], now() + MS),
        Errno::EINVAL,
    );
}

fn watchdog() {
    let dog = |id: u32, timeout: u32| {
        let arg = [id, timeout];
        op(WATCHDOG, arg.as_ptr() as u64)
    };
    ret("sched.watchdog.set", dog(0, 60), 1);
    ret("sched.watchdog.second", dog(0, 60), 2);
    // The answer is -ENOSPC as an unsigned 32-bit number.
    ret("sched.watchdog.full", dog(0, 60), 0xffff_ffe4);
    ret("sched.watchdog.poke", dog(1, 100), 0);
    ret("sched.watchdog.stop", dog(1, 0), 0);
    ret("sched.watchdog.stop_second", dog(2, 0), 0);
    ret("sched.watchdog.stop_again", dog(2, 0), Errno::EINVAL);
    ret("sched.watchdog.unknown", dog(3, 0), Errno::EINVAL);
    bad_pointers("sched.watchdog", Errno::EFAULT, |p| op(WATCHDOG, p));
}

fn others() {
    bad_pointers("sched.shutdown", Errno::EFAULT, |p| op(SHUTDOWN, p));
    bad_pointers("sched.shutdown_code", Errno::EFAULT, |p| {
        op(SHUTDOWN_CODE, p)
    });
    bad_pointers("sched.remote_shutdown", Errno::EFAULT, |p| {
        op(REMOTE_SHUTDOWN, p)
    });
    // The code is latched: whatever the domain says at its end, this counts.
    let code = crate::end::reason();
    ret(
        "sched.shutdown_code",
        op(SHUTDOWN_CODE, &raw const code as u64),
        0,
    );
    let arg = [0x1234u32, 0];
    ret(
        "sched.remote_shutdown.no_domain",
        op(REMOTE_SHUTDOWN, arg.as_ptr() as u64),
        Errno::ESRCH,
    );
    if rt::is_dom0() {
        let pin = |cpu: i32| op(PIN_OVERRIDE, &raw const cpu as u64);
        ret("sched.pin_override", pin(0), 0);
        ret("sched.pin_override.twice", pin(0), Errno::EBUSY);
        ret("sched.pin_override.undo", pin(-1), 0);
        ret("sched.pin_override.no_cpu", pin(1000), Errno::EINVAL);
        bad_pointers("sched.pin_override.argument", Errno::EFAULT, |p| {
            op(PIN_OVERRIDE, p)
        });
    }
    for cmd in [8, 100, 0xffff_ffff] {
        ret(
            format_args!("sched.unknown.{cmd}"),
            op(cmd, 0),
            Errno::ENOSYS,
        );
    }
}

fn compat() {
    ret(
        "sched.compat.yield",
        call3(nr::SCHED_OP_COMPAT, YIELD, 0, 0),
        0,
    );
    ret(
        "sched.compat.unknown",
        call3(nr::SCHED_OP_COMPAT, 3, 0, 0),
        Errno::ENOSYS,
    );
}
