//! `vcpu_op` but for its timers (`vcpu.h`).

use super::Test;
use super::events::{bind_ipi, close_port, send};
use crate::rt;
use crate::rt::check::{bad_pointers, eq, is, ret, that};
use crate::rt::event::{count, disable, enable, mask};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{Page, read8, read32, read64};
use crate::rt::shared;
use crate::rt::time::{now, wait};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("state", state),
    ("runstate", runstate),
    ("runstate_area", runstate_area),
    ("time_area", time_area),
    ("bring_up", bring_up),
    ("unknown", unknown),
    // The last one moves the block for good.
    ("vcpu_info", vcpu_info),
];

const INITIALISE: u64 = abi::vcpu::VCPUOP_INITIALISE as u64;
const UP: u64 = abi::vcpu::VCPUOP_UP as u64;
const DOWN: u64 = abi::vcpu::VCPUOP_DOWN as u64;
const IS_UP: u64 = abi::vcpu::VCPUOP_IS_UP as u64;
const GET_RUNSTATE: u64 = abi::vcpu::VCPUOP_GET_RUNSTATE_INFO as u64;
const REGISTER_RUNSTATE: u64 = abi::vcpu::VCPUOP_REGISTER_RUNSTATE_MEMORY_AREA as u64;
const REGISTER_VCPU_INFO: u64 = abi::vcpu::VCPUOP_REGISTER_VCPU_INFO as u64;
const SEND_NMI: u64 = abi::vcpu::VCPUOP_SEND_NMI as u64;
const GET_PHYSID: u64 = abi::vcpu::VCPUOP_GET_PHYSID as u64;
const REGISTER_TIME: u64 = abi::vcpu::VCPUOP_REGISTER_VCPU_TIME_MEMORY_AREA as u64;

fn op(cmd: u64, vcpu: u64, arg: u64) -> i64 {
    call3(nr::VCPU_OP, cmd, vcpu, arg)
}

fn state() {
    ret("vcpu.is_up", op(IS_UP, 0, 0), 1);
    for (name, v) in [
        ("1", 1),
        ("31", 31),
        ("8191", 8191),
        ("8192", 8192),
        ("huge", 0xffff_ffff),
    ] {
        ret(
            format_args!("vcpu.is_up.{name}"),
            op(IS_UP, v, 0),
            Errno::ENOENT,
        );
    }
    ret("vcpu.up.already", op(UP, 0, 0), 0);
    ret("vcpu.up.none", op(UP, 1, 0), Errno::ENOENT);
    ret("vcpu.down.none", op(DOWN, 1, 0), Errno::ENOENT);
    // Only a vcpu that is tied to one processor has a physical identity to tell.
    let arg = Page::take();
    let r = op(GET_PHYSID, 0, arg.va());
    is("vcpu.get_physid", r == 0 || r == Errno::EINVAL.to_ret());
    ret(
        "vcpu.get_physid.no_vcpu",
        op(GET_PHYSID, 1, arg.va()),
        Errno::ENOENT,
    );
    // Nothing to deliver it to.
    ret("vcpu.send_nmi.no_callback", op(SEND_NMI, 0, 0), 0);
}

/// State, time of entry and the four times of a runstate record.
fn record(va: u64) -> (u32, u64, [u64; 4]) {
    (
        read32(va),
        read64(va + 8),
        [
            read64(va + 16),
            read64(va + 24),
            read64(va + 32),
            read64(va + 40),
        ],
    )
}

fn runstate() {
    let page = Page::take();
    page.fill(u64::MAX);
    ret("vcpu.runstate.get", op(GET_RUNSTATE, 0, page.va()), 0);
    let (state, entered, times) = record(page.va());
    eq("vcpu.runstate.running", state.into(), 0);
    that("vcpu.runstate.entered", entered, entered <= now());
    eq("vcpu.runstate.size", read64(page.va() + 48), u64::MAX);
    let total: u64 = times.iter().sum();
    that("vcpu.runstate.total", total, total > 0 && total <= now());
    wait(5_000_000, || false);
    op(GET_RUNSTATE, 0, page.va());
    let (_, _, later) = record(page.va());
    that(
        "vcpu.runstate.running_time_grows",
        later[0] - times[0],
        later[0] - times[0] >= 4_000_000,
    );
    bad_pointers("vcpu.runstate.get", Errno::EFAULT, |p| {
        op(GET_RUNSTATE, 0, p)
    });
    ret(
        "vcpu.runstate.no_vcpu",
        op(GET_RUNSTATE, 1, page.va()),
        Errno::ENOENT,
    );
}

fn runstate_area() {
    let area = Page::take();
    area.fill(u64::MAX);
    let arg = [area.va()];
    ret(
        "vcpu.runstate_area.register",
        op(REGISTER_RUNSTATE, 0, arg.as_ptr() as u64),
        0,
    );
    let (state, entered, _) = record(area.va());
    eq("vcpu.runstate_area.filled_at_once", state.into(), 0);
    that("vcpu.runstate_area.entered", entered, entered <= now());
    eq("vcpu.runstate_area.size", read64(area.va() + 48), u64::MAX);
    // Blocking shows.
    let (_, port) = super::events::bind_virq(0, 0);
    mask(port, false);
    let before = record(area.va());
    call3(nr::SET_TIMER_OP, now() + 10_000_000, 0, 0);
    call3(nr::SCHED_OP, 1, 0, 0);
    let after = record(area.va());
    eq("vcpu.runstate_area.running_again", after.0.into(), 0);
    that(
        "vcpu.runstate_area.blocked_time",
        after.2[2] - before.2[2],
        after.2[2] - before.2[2] >= 8_000_000,
    );
    that(
        "vcpu.runstate_area.entered_later",
        after.1,
        after.1 > before.1,
    );
    close_port(port);
    bad_pointers("vcpu.runstate_area.argument", Errno::EFAULT, |p| {
        op(REGISTER_RUNSTATE, 0, p)
    });
    // An area that can't be written is accepted and stays unwritten.
    for (what, p) in [
        ("unmapped", 0x1234_5678_9000u64),
        ("read_only", crate::rt::user::READ_ONLY),
    ] {
        let arg = [p];
        ret(
            format_args!("vcpu.runstate_area.{what}"),
            op(REGISTER_RUNSTATE, 0, arg.as_ptr() as u64),
            0,
        );
    }
    let arg = [0xffff_8300_0000_0000u64];
    ret(
        "vcpu.runstate_area.hypervisor",
        op(REGISTER_RUNSTATE, 0, arg.as_ptr() as u64),
        Errno::EFAULT,
    );
    let arg = [0u64];
    ret(
        "vcpu.runstate_area.none",
        op(REGISTER_RUNSTATE, 0, arg.as_ptr() as u64),
        0,
    );
}

fn time_area() {
    let area = Page::take();
    area.fill(u64::MAX);
    let arg = [area.va()];
    ret(
        "vcpu.time_area.register",
        op(REGISTER_TIME, 0, arg.as_ptr() as u64),
        0,
    );
    let copy = shared::time_info_at(area.va());
    is(
        "vcpu.time_area.filled",
        copy.is_some_and(|t| t.mul == shared::time_info().mul),
    );
    eq("vcpu.time_area.size", read64(area.va() + 32), u64::MAX);
    let first = read32(area.va());
    wait(1_500_000_000, || read32(area.va()) != first);
    let t = shared::time_info_at(area.va()).unwrap_or_default();
    is("vcpu.time_area.follows", t.version != first);
    is(
        "vcpu.time_area.same_origin",
        t.system_time == shared::time_info().system_time,
    );
    bad_pointers("vcpu.time_area.argument", Errno::EFAULT, |p| {
        op(REGISTER_TIME, 0, p)
    });
    let arg = [0xffff_8300_0000_0000u64];
    ret(
        "vcpu.time_area.hypervisor",
        op(REGISTER_TIME, 0, arg.as_ptr() as u64),
        Errno::EFAULT,
    );
    let arg = [0u64];
    ret(
        "vcpu.time_area.none",
        op(REGISTER_TIME, 0, arg.as_ptr() as u64),
        0,
    );
}

fn bring_up() {
    let context = Page::take_run(2);
    ret(
        "vcpu.initialise.self",
        op(INITIALISE, 0, context.va()),
        Errno::EEXIST,
    );
    ret(
        "vcpu.initialise.none",
        op(INITIALISE, 1, context.va()),
        Errno::ENOENT,
    );
    bad_pointers("vcpu.initialise", Errno::EFAULT, |p| op(INITIALISE, 0, p));
}

fn unknown() {
    for cmd in [14, 15, 100, 0x7fff_ffff] {
        ret(
            format_args!("vcpu.unknown.{cmd}"),
            op(cmd, 0, 0),
            Errno::ENOSYS,
        );
        ret(
            format_args!("vcpu.unknown.{cmd}.no_vcpu"),
            op(cmd, 1, 0),
            Errno::ENOENT,
        );
    }
}

fn vcpu_info() {
    let page = Page::take();
    let register = |mfn: u64, offset: u32| {
        let arg = [mfn, offset.into()];
        op(REGISTER_VCPU_INFO, 0, arg.as_ptr() as u64)
    };
    bad_pointers("vcpu.vcpu_info.argument", Errno::EFAULT, |p| {
        op(REGISTER_VCPU_INFO, 0, p)
    });
    ret(
        "vcpu.vcpu_info.misaligned",
        register(page.mfn(), 4),
        Errno::ENXIO,
    );
    ret(
        "vcpu.vcpu_info.crosses_page",
        register(page.mfn(), 4096 - 32),
        Errno::ENXIO,
    );
    ret(
        "vcpu.vcpu_info.offset",
        register(page.mfn(), 4096),
        Errno::ENXIO,
    );
    ret(
        "vcpu.vcpu_info.frame",
        register(0xff_ffff_ffff, 0),
        Errno::EINVAL,
    );
    ret(
        "vcpu.vcpu_info.hypervisor_frame",
        register(super::memory::machphys_frame(), 0),
        Errno::EINVAL,
    );
    ret(
        "vcpu.vcpu_info.table_frame",
        register(rt::paging::l4().mfn(), 0),
        Errno::EINVAL,
    );
    page.fill(u64::MAX);
    let old = shared::vcpu_info();
    disable();
    ret("vcpu.vcpu_info.register", register(page.mfn(), 128), 0);
    shared::moved_vcpu_info(page.va() + 128);
    eq("vcpu.vcpu_info.mask_kept", read8(page.va() + 129).into(), 1);
    // Everything is marked pending once, so that nothing is lost in the move.
    is("vcpu.vcpu_info.upcall_pending", shared::upcall_pending());
    eq("vcpu.vcpu_info.selector", shared::pending_sel(), u64::MAX);
    enable();
    is("vcpu.vcpu_info.time", shared::time_info().mul != 0);
    eq("vcpu.vcpu_info.size", page.get(24), u64::MAX);
    let (_, port) = bind_ipi(0);
    mask(port, false);
    let before = count(port);
    ret("vcpu.vcpu_info.send", send(port), 0);
    eq("vcpu.vcpu_info.delivered", count(port) - before, 1);
    eq("vcpu.vcpu_info.old_untouched", read64(old + 8), 0);
    ret(
        "vcpu.vcpu_info.twice",
        register(page.mfn(), 256),
        Errno::EINVAL,
    );
    let r = crate::rt::trap::catch(|| read64(0x1234_5678_9abc));
    is(
        "vcpu.vcpu_info.cr2",
        r.is_err_and(|f| f.cr2 == 0x1234_5678_9abc) && page.get(18) == 0x1234_5678_9abc,
    );
    ret(
        "vcpu.vcpu_info.still_ours",
        rt::paging::protect(page, true),
        0,
    );
    close_port(port);
}
