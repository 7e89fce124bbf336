//! The toolstack's calls, `sysctl` (`sysctl.h`) and `domctl` (`domctl.h`), only as far as who may call them and how,
//! and the two calls kept for old kernels.

use super::Test;
use super::events::ALLOC_UNBOUND;
use crate::rt;
use crate::rt::check::{bad_pointers, eq, ret, that};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{Page, read16, read32};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("sysctl", sysctl),
    ("domctl", domctl),
    ("old_calls", old_calls),
];

const SYSCTL_VERSION: u32 = abi::version::XEN_SYSCTL_INTERFACE_VERSION;
const DOMCTL_VERSION: u32 = abi::version::XEN_DOMCTL_INTERFACE_VERSION;

fn sysctl_op(cmd: u32, version: u32) -> (i64, Page) {
    let page = Page::take();
    page.set(0, u64::from(cmd) | u64::from(version) << 32);
    (call3(nr::SYSCTL, page.va(), 0, 0), page)
}

fn sysctl() {
    const PHYSINFO: u32 = abi::sysctl::XEN_SYSCTL_PHYSINFO;
    const SCHED_ID: u32 = abi::sysctl::XEN_SYSCTL_SCHED_ID;
    bad_pointers("sysctl.argument", Errno::EFAULT, |p| {
        call3(nr::SYSCTL, p, 0, 0)
    });
    ret(
        "sysctl.version",
        sysctl_op(PHYSINFO, SYSCTL_VERSION - 1).0,
        Errno::EACCES,
    );
    let (r, p) = sysctl_op(PHYSINFO, SYSCTL_VERSION);
    if !rt::is_dom0() {
        return ret("sysctl.domU", r, Errno::EPERM);
    }
    ret("sysctl.physinfo", r, 0);
    that(
        "sysctl.physinfo.cpus",
        read32(p.va() + 16).into(),
        (1..=4096).contains(&read32(p.va() + 16)),
    );
    let (r, p) = sysctl_op(SCHED_ID, SYSCTL_VERSION);
    ret("sysctl.sched_id", r, 0);
    that(
        "sysctl.sched_id.value",
        read32(p.va() + 8).into(),
        (4..=10).contains(&read32(p.va() + 8)),
    );
    for cmd in [0, 30, 100, u32::MAX] {
        ret(
            format_args!("sysctl.unknown.{cmd}"),
            sysctl_op(cmd, SYSCTL_VERSION).0,
            Errno::ENOSYS,
        );
    }
}

fn domctl_op(cmd: u32, version: u32, dom: u16) -> (i64, Page) {
    let page = Page::take();
    page.set(0, u64::from(cmd) | u64::from(version) << 32);
    page.set(1, dom.into());
    (call3(nr::DOMCTL, page.va(), 0, 0), page)
}

fn domctl() {
    const PAUSE: u32 = abi::domctl::XEN_DOMCTL_PAUSEDOMAIN;
    const GETDOMAININFO: u32 = abi::domctl::XEN_DOMCTL_GETDOMAININFO;
    bad_pointers("domctl.argument", Errno::EFAULT, |p| {
        call3(nr::DOMCTL, p, 0, 0)
    });
    ret(
        "domctl.version",
        domctl_op(GETDOMAININFO, DOMCTL_VERSION - 1, 0).0,
        Errno::EACCES,
    );
    let (r, p) = domctl_op(GETDOMAININFO, DOMCTL_VERSION, 0);
    if !rt::is_dom0() {
        return ret("domctl.domU", r, Errno::EPERM);
    }
    ret("domctl.getdomaininfo", r, 0);
    eq("domctl.getdomaininfo.domain", read16(p.va() + 16).into(), 0);
    ret(
        "domctl.pause.self",
        domctl_op(PAUSE, DOMCTL_VERSION, 0).0,
        Errno::EINVAL,
    );
    ret(
        "domctl.pause.none",
        domctl_op(PAUSE, DOMCTL_VERSION, 0x1234).0,
        Errno::ESRCH,
    );
    for cmd in [0, 200, 1000, u32::MAX] {
        ret(
            format_args!("domctl.unknown.{cmd}"),
            domctl_op(cmd, DOMCTL_VERSION, 0).0,
            Errno::ENOSYS,
        );
    }
}

fn old_calls() {
    // struct evtchn_op: the command, then the argument of the present call.
    let mut arg = [
        ALLOC_UNBOUND as u32,
        0x7ff0 | 0x7ff0 << 16,
        0,
        0,
        0,
        0,
        0,
        0,
    ];
    ret(
        "old.event_channel_op",
        call3(nr::EVENT_CHANNEL_OP_COMPAT, arg.as_mut_ptr() as u64, 0, 0),
        0,
    );
    let port = read32(arg.as_ptr() as u64 + 8);
    that(
        "old.event_channel_op.port",
        port.into(),
        port != 0 && port < 4096,
    );
    ret(
        "old.event_channel_op.close",
        super::events::close_port(port),
        0,
    );
    bad_pointers("old.event_channel_op", Errno::EFAULT, |p| {
        call3(nr::EVENT_CHANNEL_OP_COMPAT, p, 0, 0)
    });
    let arg = [1000u32, 0, 0, 0, 0, 0, 0, 0];
    ret(
        "old.event_channel_op.unknown",
        call3(nr::EVENT_CHANNEL_OP_COMPAT, arg.as_ptr() as u64, 0, 0),
        Errno::ENOSYS,
    );
    let arg = [6u32, 0, 0, 0, 0, 0, 0, 0];
    ret(
        "old.physdev_op.set_iopl",
        call3(nr::PHYSDEV_OP_COMPAT, arg.as_ptr() as u64, 0, 0),
        0,
    );
    let arg = [1000u32, 0, 0, 0, 0, 0, 0, 0];
    ret(
        "old.physdev_op.unknown",
        call3(nr::PHYSDEV_OP_COMPAT, arg.as_ptr() as u64, 0, 0),
        Errno::ENOSYS,
    );
    bad_pointers("old.physdev_op", Errno::EFAULT, |p| {
        call3(nr::PHYSDEV_OP_COMPAT, p, 0, 0)
    });
}
