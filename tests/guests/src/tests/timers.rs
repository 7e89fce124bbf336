//! Time and timers: the pvclock record (`xen.h`), `set_timer_op`, and the timers of `vcpu_op` (`vcpu.h`).
//!
//! The guest's measure is the time-stamp counter at the upcall. Emulators stall, so each timing takes the best
//! of several tries: a timer that is right is right at least once, a wrong one never.

use super::Test;
use super::events::{bind_virq, close_port};
use crate::rt::check::{bad_pointers, eq, is, ret, that};
use crate::rt::event::{count, disable, enable, last_tsc, mask};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::read32;
use crate::rt::shared::{self, offset};
use crate::rt::time::{now, scale, tsc, tsc_to_ns, wait};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("clock", clock),
    ("wallclock", wallclock),
    ("default_periodic", default_periodic),
    ("set_timer", set_timer),
    ("singleshot", singleshot),
    ("singleshot_bad", singleshot_bad),
    ("periodic", periodic),
    ("block", block),
];

const SET_PERIODIC: u64 = abi::vcpu::VCPUOP_SET_PERIODIC_TIMER as u64;
const STOP_PERIODIC: u64 = abi::vcpu::VCPUOP_STOP_PERIODIC_TIMER as u64;
const SET_SINGLESHOT: u64 = abi::vcpu::VCPUOP_SET_SINGLESHOT_TIMER as u64;
const STOP_SINGLESHOT: u64 = abi::vcpu::VCPUOP_STOP_SINGLESHOT_TIMER as u64;
const FUTURE: u32 = abi::vcpu::VCPU_SSHOTTMR_FUTURE;
const MS: u64 = 1_000_000;

fn vcpu_op(cmd: u64, vcpu: u64, arg: u64) -> i64 {
    call3(nr::VCPU_OP, cmd, vcpu, arg)
}

fn set_timer_op(at: u64) -> i64 {
    call3(nr::SET_TIMER_OP, at, 0, 0)
}

fn singleshot_at(at: u64, flags: u32) -> i64 {
    let arg = [at, flags.into()];
    vcpu_op(SET_SINGLESHOT, 0, arg.as_ptr() as u64)
}

/// The timer's port, bound and unmasked.
fn timer_port() -> u32 {
    let (r, port) = bind_virq(0, 0);
    assert_eq!(r, 0);
    mask(port, false);
    port
}

/// The smallest distance, in parts of 1000, between the time asked for and the time it took.
fn best_error(port: u32, ns: u64, mut arm: impl FnMut(u64) -> i64) -> u64 {
    let mut best = u64::MAX;
    for _ in 0..40 {
        let seen = count(port);
        let start_tsc = tsc();
        let start = now();
        if arm(start + ns) != 0 || !wait(ns * 20, || count(port) != seen) {
            return u64::MAX;
        }
        let took = tsc_to_ns(last_tsc() - start_tsc);
        best = best.min(took.abs_diff(ns) * 1000 / ns);
        if best <= 20 {
            break;
        }
    }
    best
}

fn clock() {
    let mut forward = true;
    let mut last = now();
    for _ in 0..10_000 {
        let t = now();
        forward &= t >= last;
        last = t;
    }
    is("time.monotonic", forward);
    let t = shared::time_info();
    that("time.flags", t.flags.into(), t.flags & !3 == 0);
    eq("time.flags.stopped", (t.flags >> 1 & 1).into(), 0);
    // One second's worth of ticks by the scale is the processor's frequency; between 100 MHz and 10 GHz here.
    let hz = (1_000_000_000u128 << 32) / u128::from(t.mul);
    let hz = if t.shift < 0 {
        hz << -t.shift
    } else {
        hz >> t.shift
    };
    that(
        "time.frequency",
        hz as u64,
        (100_000_000..=10_000_000_000).contains(&hz),
    );
    // The record is refreshed: over a second its origin moves and the two agree.
    let first = shared::time_info();
    wait(1500 * MS, || shared::time_info().version != first.version);
    let second = shared::time_info();
    that(
        "time.refreshed",
        second.version.into(),
        second.version != first.version,
    );
    let predicted = first.system_time + scale(second.tsc_timestamp - first.tsc_timestamp, &first);
    let off = predicted.abs_diff(second.system_time);
    that("time.refreshed.agrees", off, off < MS);
}

fn wallclock() {
    let base = shared::page();
    let version = read32(base + offset::WC_VERSION);
    let sec = u64::from(read32(base + offset::WC_SEC_HI)) << 32
        | u64::from(read32(base + offset::WC_SEC));
    let nsec = read32(base + offset::WC_NSEC);
    that("time.wallclock.version", version.into(), version & 1 == 0);
    // 2020-01-01 to 2100-01-01.
    that(
        "time.wallclock.sec",
        sec,
        (1_577_836_800..4_102_444_800).contains(&sec),
    );
    that("time.wallclock.nsec", nsec.into(), nsec < 1_000_000_000);
}

/// A vcpu starts with a tick of 100 Hz, which kernels that know better stop.
fn default_periodic() {
    let port = timer_port();
    let seen = count(port);
    wait(205 * MS, || false);
    let ticks = count(port) - seen;
    that(
        "timer.default_periodic.100hz",
        ticks,
        (15..=22).contains(&ticks),
    );
    ret(
        "timer.default_periodic.stop",
        vcpu_op(STOP_PERIODIC, 0, 0),
        0,
    );
    let seen = count(port);
    is(
        "timer.default_periodic.stopped",
        !wait(50 * MS, || count(port) != seen),
    );
    close_port(port);
}

fn set_timer() {
    let port = timer_port();
    for ms in [1, 5, 20] {
        let error = best_error(port, ms * MS, set_timer_op);
        that(format_args!("timer.set_timer.{ms}ms"), error, error <= 20);
    }
    let seen = count(port);
    ret("timer.set_timer.past", set_timer_op(1), 0);
    is(
        "timer.set_timer.past.at_once",
        wait(5 * MS, || count(port) != seen),
    );
    // Zero stops it.
    let seen = count(port);
    ret("timer.set_timer.arm", set_timer_op(now() + 3 * MS), 0);
    ret("timer.set_timer.stop", set_timer_op(0), 0);
    is(
        "timer.set_timer.stopped",
        !wait(10 * MS, || count(port) != seen),
    );
    // A later setting replaces an earlier one.
    ret("timer.set_timer.first", set_timer_op(now() + 2 * MS), 0);
    ret("timer.set_timer.second", set_timer_op(now() + 30 * MS), 0);
    is(
        "timer.set_timer.replaced",
        !wait(10 * MS, || count(port) != seen),
    );
    is(
        "timer.set_timer.replaced.fires",
        wait(60 * MS, || count(port) != seen),
    );
    eq("timer.set_timer.once", count(port) - seen, 1);
    // Masked upcalls wait.
    disable();
    set_timer_op(now() + MS);
    is(
        "timer.masked.waits",
        !wait(5 * MS, || count(port) != seen + 1),
    );
    enable();
    eq("timer.masked.delivered", count(port) - seen, 2);
    ret("timer.far_future", set_timer_op(u64::MAX >> 1), 0);
    ret("timer.far_future.stop", set_timer_op(0), 0);
    close_port(port);
}

fn singleshot() {
    let port = timer_port();
    for ms in [1, 5, 20] {
        let error = best_error(port, ms * MS, |at| singleshot_at(at, 0));
        that(format_args!("timer.singleshot.{ms}ms"), error, error <= 20);
    }
    let error = best_error(port, 3 * MS, |at| singleshot_at(at, FUTURE));
    that("timer.singleshot.future", error, error <= 20);
    ret("timer.singleshot.future_past", singleshot_at(1, FUTURE), 0);
    let seen = count(port);
    ret("timer.singleshot.past", singleshot_at(1, 0), 0);
    is(
        "timer.singleshot.past.at_once",
        wait(5 * MS, || count(port) != seen),
    );
    let seen = count(port);
    ret("timer.singleshot.arm", singleshot_at(now() + 3 * MS, 0), 0);
    ret("timer.singleshot.stop", vcpu_op(STOP_SINGLESHOT, 0, 0), 0);
    is(
        "timer.singleshot.stopped",
        !wait(10 * MS, || count(port) != seen),
    );
    ret(
        "timer.singleshot.stop_again",
        vcpu_op(STOP_SINGLESHOT, 0, 0),
        0,
    );
    // set_timer_op and this one are the same timer.
    ret("timer.shared.arm", singleshot_at(now() + 3 * MS, 0), 0);
    ret("timer.shared.stop", set_timer_op(0), 0);
    is(
        "timer.shared.stopped",
        !wait(10 * MS, || count(port) != seen),
    );
    close_port(port);
}

fn singleshot_bad() {
    bad_pointers("timer.singleshot", Errno::EFAULT, |p| {
        vcpu_op(SET_SINGLESHOT, 0, p)
    });
    bad_pointers("timer.periodic", Errno::EFAULT, |p| {
        vcpu_op(SET_PERIODIC, 0, p)
    });
    let arg = [now(), 0];
    ret(
        "timer.singleshot.no_vcpu",
        vcpu_op(SET_SINGLESHOT, 1, arg.as_ptr() as u64),
        Errno::ENOENT,
    );
    ret(
        "timer.singleshot.stop_no_vcpu",
        vcpu_op(STOP_SINGLESHOT, 1, 0),
        Errno::ENOENT,
    );
    let period = |ns: u64| {
        let arg = [ns];
        vcpu_op(SET_PERIODIC, 0, arg.as_ptr() as u64)
    };
    ret("timer.periodic.too_short", period(999_999), Errno::EINVAL);
    ret("timer.periodic.zero", period(0), Errno::EINVAL);
    ret("timer.periodic.too_long", period(u64::MAX), Errno::EINVAL);
    ret("timer.periodic.stop", vcpu_op(STOP_PERIODIC, 0, 0), 0);
}

fn periodic() {
    let port = timer_port();
    let period = |ns: u64| {
        let arg = [ns];
        vcpu_op(SET_PERIODIC, 0, arg.as_ptr() as u64)
    };
    ret("timer.periodic.set", period(4 * MS), 0);
    let mut best = u64::MAX;
    let mut fires = true;
    for _ in 0..10 {
        let seen = count(port);
        fires &= wait(100 * MS, || count(port) != seen);
        let (first, start) = (count(port), last_tsc());
        fires &= wait(400 * MS, || count(port) >= first + 20);
        let each = tsc_to_ns(last_tsc() - start) / (count(port) - first);
        best = best.min(each.abs_diff(4 * MS) * 1000 / (4 * MS));
        if best <= 20 {
            break;
        }
    }
    is("timer.periodic.fires", fires);
    that("timer.periodic.period", best, best <= 20);
    ret(
        "timer.periodic.stop_running",
        vcpu_op(STOP_PERIODIC, 0, 0),
        0,
    );
    let seen = count(port);
    is(
        "timer.periodic.stopped",
        !wait(30 * MS, || count(port) != seen),
    );
    close_port(port);
}

fn block() {
    const SCHEDOP_BLOCK: u64 = abi::sched::SCHEDOP_BLOCK as u64;
    let port = timer_port();
    let mut best = u64::MAX;
    let mut woke = true;
    for _ in 0..8 {
        let seen = count(port);
        let start = now();
        set_timer_op(start + 10 * MS);
        woke &= call3(nr::SCHED_OP, SCHEDOP_BLOCK, 0, 0) == 0 && count(port) == seen + 1;
        best = best.min((now() - start).abs_diff(10 * MS) * 1000 / (10 * MS));
    }
    is("timer.block.wakes", woke);
    that("timer.block.time", best, best <= 20);
    is("timer.block.mask_open", !shared::upcall_mask());
    close_port(port);
}
