//! Event channels by the 2-level ABI (`event_channel.h`).

use super::Test;
use crate::rt;
use crate::rt::check::{bad_pointers, eq, is, ret, that};
use crate::rt::event::{self, count, disable, enable, mask, upcalls};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{Page, bit, bit_set};
use crate::rt::shared::{self, offset};
use crate::rt::trap;
use crate::rt::user;
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("loopback", loopback),
    ("masks", masks),
    ("selector", selector),
    ("ipi", ipi),
    ("virq", virq),
    ("status", status),
    ("close", close),
    ("bad", bad),
    ("many", many),
    ("upcall_state", upcall_state),
    ("user_mode", user_mode),
    ("reset", reset),
];

pub const BIND_INTERDOMAIN: u64 = abi::event_channel::EVTCHNOP_BIND_INTERDOMAIN as u64;
pub const BIND_VIRQ: u64 = abi::event_channel::EVTCHNOP_BIND_VIRQ as u64;
pub const BIND_PIRQ: u64 = abi::event_channel::EVTCHNOP_BIND_PIRQ as u64;
pub const CLOSE: u64 = abi::event_channel::EVTCHNOP_CLOSE as u64;
pub const SEND: u64 = abi::event_channel::EVTCHNOP_SEND as u64;
pub const STATUS: u64 = abi::event_channel::EVTCHNOP_STATUS as u64;
pub const ALLOC_UNBOUND: u64 = abi::event_channel::EVTCHNOP_ALLOC_UNBOUND as u64;
pub const BIND_IPI: u64 = abi::event_channel::EVTCHNOP_BIND_IPI as u64;
pub const BIND_VCPU: u64 = abi::event_channel::EVTCHNOP_BIND_VCPU as u64;
pub const UNMASK: u64 = abi::event_channel::EVTCHNOP_UNMASK as u64;
pub const RESET: u64 = abi::event_channel::EVTCHNOP_RESET as u64;
pub const INIT_CONTROL: u64 = abi::event_channel::EVTCHNOP_INIT_CONTROL as u64;
pub const EXPAND_ARRAY: u64 = abi::event_channel::EVTCHNOP_EXPAND_ARRAY as u64;
pub const SET_PRIORITY: u64 = abi::event_channel::EVTCHNOP_SET_PRIORITY as u64;

const SELF: u32 = 0x7ff0;

pub fn op(cmd: u64, arg: u64) -> i64 {
    call3(nr::EVENT_CHANNEL_OP, cmd, arg, 0)
}

/// A call whose argument is up to six 32-bit words; the words afterwards.
pub fn op32<const N: usize>(cmd: u64, mut arg: [u32; N]) -> (i64, [u32; N]) {
    let r = op(cmd, arg.as_mut_ptr() as u64);
    core::hint::black_box(&mut arg);
    (r, arg)
}

fn alloc(dom: u32, remote: u32) -> (i64, u32) {
    let (r, a) = op32(ALLOC_UNBOUND, [dom | remote << 16, 0]);
    (r, a[1])
}

fn bind_interdomain(dom: u32, port: u32) -> (i64, u32) {
    let (r, a) = op32(BIND_INTERDOMAIN, [dom, port, 0]);
    (r, a[2])
}

pub fn bind_virq(virq: u32, vcpu: u32) -> (i64, u32) {
    let (r, a) = op32(BIND_VIRQ, [virq, vcpu, 0]);
    (r, a[2])
}

pub fn bind_ipi(vcpu: u32) -> (i64, u32) {
    let (r, a) = op32(BIND_IPI, [vcpu, 0]);
    (r, a[1])
}

pub fn send(port: u32) -> i64 {
    op32(SEND, [port]).0
}

pub fn close_port(port: u32) -> i64 {
    op32(CLOSE, [port]).0
}

pub fn unmask(port: u32) -> i64 {
    op32(UNMASK, [port]).0
}

pub fn pending(port: u32) -> bool {
    bit(shared::page() + offset::PENDING, port.into())
}

pub fn clear(port: u32) {
    bit_set(shared::page() + offset::PENDING, port.into(), false);
}

/// A pair of ports bound to each other, unmasked, quiet.
fn pair() -> (u32, u32) {
    let (_, a) = alloc(SELF, SELF);
    let (_, b) = bind_interdomain(SELF, a);
    clear(a);
    clear(b);
    mask(a, false);
    mask(b, false);
    (a, b)
}

fn loopback() {
    let (r, a) = alloc(SELF, SELF);
    ret("event.alloc_unbound", r, 0);
    that("event.alloc_unbound.port", a.into(), a != 0 && a < 4096);
    mask(a, false);
    // Binding makes the new local port pending, in case the peer has already sent.
    let (r, b) = bind_interdomain(SELF, a);
    ret("event.bind_interdomain", r, 0);
    is("event.bind_interdomain.new_port", b != a && b != 0);
    is("event.bind_interdomain.pending", pending(b));
    is("event.bind_interdomain.remote_quiet", !pending(a));
    clear(b);
    mask(b, false);
    let (before_a, before_b) = (count(a), count(b));
    ret("event.send", send(a), 0);
    eq("event.send.peer", count(b) - before_b, 1);
    eq("event.send.own", count(a) - before_a, 0);
    ret("event.send.back", send(b), 0);
    eq("event.send.back.peer", count(a) - before_a, 1);
    ret("event.loopback.close", close_port(a), 0);
    ret("event.loopback.send_to_closed_peer", send(b), 0);
    ret("event.loopback.close_other", close_port(b), 0);
}

fn masks() {
    let (a, b) = pair();
    // A masked port becomes pending without an upcall.
    mask(b, true);
    let before = upcalls();
    ret("event.mask.send", send(a), 0);
    eq("event.mask.no_upcall", upcalls() - before, 0);
    is("event.mask.pending", pending(b));
    // Unmasking by hypercall delivers it.
    let seen = count(b);
    ret("event.unmask", unmask(b), 0);
    eq("event.unmask.delivers", count(b) - seen, 1);
    is(
        "event.unmask.bit",
        !bit(shared::page() + offset::MASK, b.into()),
    );
    ret("event.unmask.quiet", unmask(b), 0);
    eq("event.unmask.quiet.no_upcall", count(b) - seen, 1);
    // The vcpu's mask holds upcalls back; sends merge.
    disable();
    let before = upcalls();
    for _ in 0..3 {
        send(a);
    }
    eq("event.upcall_mask.none", upcalls() - before, 0);
    is("event.upcall_mask.pending", shared::upcall_pending());
    enable();
    eq("event.upcall_mask.one", upcalls() - before, 1);
    eq("event.upcall_mask.merged", count(b) - seen, 2);
    is("event.upcall_mask.cleared", !shared::upcall_pending());
    close_port(a);
    close_port(b);
}

fn selector() {
    let (a, b) = pair();
    disable();
    send(a);
    eq("event.selector", shared::pending_sel(), 1 << (b / 64));
    is("event.selector.upcall_pending", shared::upcall_pending());
    // A second send of a pending port does nothing, not even when the selector has been cleared.
    shared::take_pending_sel();
    shared::clear_upcall_pending();
    send(a);
    eq("event.selector.edge", shared::pending_sel(), 0);
    is("event.selector.edge.upcall", !shared::upcall_pending());
    clear(b);
    send(a);
    eq("event.selector.again", shared::pending_sel(), 1 << (b / 64));
    enable();
    close_port(a);
    close_port(b);
}

fn ipi() {
    let (r, p) = bind_ipi(0);
    ret("event.ipi.bind", r, 0);
    mask(p, false);
    let before = count(p);
    ret("event.ipi.send", send(p), 0);
    eq("event.ipi.delivered", count(p) - before, 1);
    ret("event.ipi.no_vcpu", bind_ipi(1).0, Errno::ENOENT);
    ret("event.ipi.huge_vcpu", bind_ipi(u32::MAX).0, Errno::ENOENT);
    ret("event.ipi.rebind", op32(BIND_VCPU, [p, 0]).0, Errno::EINVAL);
    ret("event.ipi.close", close_port(p), 0);
}

fn virq() {
    const TIMER: u32 = abi::xen::VIRQ_TIMER;
    const DEBUG: u32 = abi::xen::VIRQ_DEBUG;
    const CONSOLE: u32 = abi::xen::VIRQ_CONSOLE;
    const DOM_EXC: u32 = abi::xen::VIRQ_DOM_EXC;
    let (r, p) = bind_virq(TIMER, 0);
    ret("event.virq.timer", r, 0);
    ret(
        "event.virq.timer.twice",
        bind_virq(TIMER, 0).0,
        Errno::EEXIST,
    );
    ret("event.virq.send", send(p), Errno::EINVAL);
    ret(
        "event.virq.rebind",
        op32(BIND_VCPU, [p, 0]).0,
        Errno::EINVAL,
    );
    ret("event.virq.close", close_port(p), 0);
    let (r, p) = bind_virq(TIMER, 0);
    ret("event.virq.timer.again", r, 0);
    let (r, d) = bind_virq(DEBUG, 0);
    ret("event.virq.debug", r, 0);
    close_port(d);
    close_port(p);
    let console = bind_virq(CONSOLE, 0);
    ret("event.virq.console", console.0, 0);
    ret(
        "event.virq.console.rebind",
        op32(BIND_VCPU, [console.1, 0]).0,
        0,
    );
    ret(
        "event.virq.console.rebind_no_vcpu",
        op32(BIND_VCPU, [console.1, 1]).0,
        Errno::ENOENT,
    );
    close_port(console.1);
    let exc = bind_virq(DOM_EXC, 0);
    ret("event.virq.dom_exc", exc.0, 0);
    close_port(exc.1);
    ret(
        "event.virq.global_on_other_vcpu",
        bind_virq(DOM_EXC, 1).0,
        Errno::EINVAL,
    );
    ret(
        "event.virq.timer_no_vcpu",
        bind_virq(TIMER, 1).0,
        Errno::ENOENT,
    );
    ret("event.virq.unknown", bind_virq(24, 0).0, Errno::EINVAL);
    ret("event.virq.huge", bind_virq(u32::MAX, 0).0, Errno::EINVAL);
    ret("event.virq.arch", bind_virq(16, 0).0, 0);
    // Whatever is left goes with the reset at the end.
}

fn status() {
    let get = |dom: u32, port: u32| op32(STATUS, [dom, port, 9, 9, 9, 9]);
    let (r, s) = get(SELF, 0);
    ret("event.status.port0", r, 0);
    eq("event.status.port0.closed", s[2].into(), 0);
    let (_, u) = alloc(SELF, 0x123);
    let (r, s) = get(SELF, u);
    ret("event.status.unbound", r, 0);
    eq("event.status.unbound.status", s[2].into(), 1);
    eq("event.status.unbound.vcpu", s[3].into(), 0);
    eq("event.status.unbound.domain", (s[4] & 0xffff).into(), 0x123);
    close_port(u);
    let (_, s) = get(SELF, u);
    eq("event.status.closed", s[2].into(), 0);
    let (a, b) = pair();
    let (_, s) = get(SELF, a);
    eq("event.status.interdomain", s[2].into(), 2);
    is("event.status.interdomain.peer", s[5] == b);
    close_port(a);
    let (_, s) = get(SELF, b);
    eq("event.status.peer_closed", s[2].into(), 1);
    close_port(b);
    let (_, v) = bind_virq(1, 0);
    let (_, s) = get(SELF, v);
    eq("event.status.virq", s[2].into(), 4);
    eq("event.status.virq.number", s[4].into(), 1);
    close_port(v);
    let (_, i) = bind_ipi(0);
    eq("event.status.ipi", get(SELF, i).1[2].into(), 5);
    close_port(i);
    ret("event.status.beyond", get(SELF, 4096).0, Errno::EINVAL);
    ret("event.status.huge", get(SELF, u32::MAX).0, Errno::EINVAL);
    ret("event.status.no_domain", get(0x1234, 1).0, Errno::ESRCH);
}

fn close() {
    let (_, p) = alloc(SELF, SELF);
    ret("event.close", close_port(p), 0);
    ret("event.close.twice", close_port(p), Errno::EINVAL);
    ret("event.close.port0", close_port(0), Errno::EINVAL);
    ret("event.close.beyond", close_port(4096), Errno::EINVAL);
    ret("event.close.huge", close_port(u32::MAX), Errno::EINVAL);
    let (_, again) = alloc(SELF, SELF);
    is("event.close.reused", again == p);
    // Closing a pending port clears its bit.
    let (_, ipi) = bind_ipi(0);
    mask(ipi, true);
    send(ipi);
    is("event.close.was_pending", pending(ipi));
    close_port(ipi);
    is("event.close.clears", !pending(ipi));
    close_port(again);
}

fn bad() {
    for (name, cmd) in [
        ("bind_interdomain", BIND_INTERDOMAIN),
        ("bind_virq", BIND_VIRQ),
        ("bind_pirq", BIND_PIRQ),
        ("close", CLOSE),
        ("send", SEND),
        ("status", STATUS),
        ("alloc_unbound", ALLOC_UNBOUND),
        ("bind_ipi", BIND_IPI),
        ("bind_vcpu", BIND_VCPU),
        ("unmask", UNMASK),
        ("reset", RESET),
        ("init_control", INIT_CONTROL),
        ("expand_array", EXPAND_ARRAY),
        ("set_priority", SET_PRIORITY),
    ] {
        bad_pointers(format_args!("event.{name}"), Errno::EFAULT, |p| op(cmd, p));
    }
    for cmd in [15, 16, 100, u64::from(u32::MAX)] {
        ret(
            format_args!("event.unknown.{cmd}"),
            op(cmd, 0),
            Errno::ENOSYS,
        );
    }
    ret("event.send.port0", send(0), Errno::EINVAL);
    ret("event.send.unallocated", send(4000), Errno::EINVAL);
    ret("event.send.beyond", send(4096), Errno::EINVAL);
    ret("event.send.huge", send(u32::MAX), Errno::EINVAL);
    ret("event.unmask.beyond", unmask(4096), Errno::EINVAL);
    ret("event.unmask.unallocated", unmask(4000), Errno::EINVAL);
    ret(
        "event.bind_vcpu.unallocated",
        op32(BIND_VCPU, [4000, 0]).0,
        Errno::EINVAL,
    );
    let (_, u) = alloc(SELF, 0x123);
    ret("event.send.unbound", send(u), 0);
    ret(
        "event.bind_interdomain.wrong_domain",
        bind_interdomain(SELF, u).0,
        Errno::EINVAL,
    );
    ret(
        "event.bind_interdomain.not_unbound",
        bind_interdomain(SELF, 0).0,
        Errno::EINVAL,
    );
    ret(
        "event.bind_interdomain.beyond",
        bind_interdomain(SELF, 4096).0,
        Errno::EINVAL,
    );
    ret(
        "event.bind_interdomain.no_domain",
        bind_interdomain(0x1234, 1).0,
        Errno::ESRCH,
    );
    ret(
        "event.alloc_unbound.no_domain",
        alloc(0x1234, SELF).0,
        Errno::ESRCH,
    );
    // The peer need not exist yet.
    let (r, v) = alloc(SELF, 0x1234);
    ret("event.alloc_unbound.future_peer", r, 0);
    close_port(u);
    close_port(v);
    let read_only = Page::take();
    read_only.set(0, u64::from(SELF | SELF << 16));
    rt::paging::protect(read_only, false);
    ret(
        "event.alloc_unbound.read_only",
        op(ALLOC_UNBOUND, read_only.va()),
        Errno::EFAULT,
    );
    if rt::is_dom0() {
        ret(
            "event.bind_pirq.huge",
            op32(BIND_PIRQ, [u32::MAX, 0, 0]).0,
            Errno::EINVAL,
        );
        ret(
            "event.bind_pirq.not_mapped",
            op32(BIND_PIRQ, [200, 0, 0]).0,
            Errno::EPERM,
        );
    }
}

fn many() {
    // More ports than one word of the bitmap holds.
    let mut first = 0;
    let mut last = 0;
    let mut good = true;
    for n in 0..150 {
        let (r, p) = bind_ipi(0);
        good &= r == 0;
        if n == 0 {
            first = p;
        }
        last = p;
        mask(p, false);
    }
    is("event.many.bind", good);
    that("event.many.reaches", last.into(), last >= 128 + first / 2);
    disable();
    for p in first..=last {
        send(p);
    }
    let before = upcalls();
    eq(
        "event.many.selector",
        u64::from(shared::pending_sel().count_ones() >= 3),
        1,
    );
    enable();
    eq("event.many.one_upcall", upcalls() - before, 1);
    is("event.many.all_seen", (first..=last).all(|p| !pending(p)));
    eq("event.many.last", count(last), 1);
    is(
        "event.many.close",
        (first..=last).all(|p| close_port(p) == 0),
    );
}

fn upcall_state() {
    let (_, p) = bind_ipi(0);
    mask(p, false);
    send(p);
    let f = event::last_frame();
    is("event.upcall.masked_inside", event::mask_in_upcall());
    is("event.upcall.open_after", !shared::upcall_mask());
    eq("event.upcall.flags", f.rflags & 0x200, 0x200);
    eq("event.upcall.cs", f.cs, trap::KERNEL_CS);
    // The callback can be pointed elsewhere; a bad address is refused.
    ret(
        "event.upcall.register.non_canonical",
        event::register(0, 0, 1 << 63),
        Errno::EINVAL,
    );
    ret(
        "event.upcall.register",
        event::register(0, 0, trap::event_entry()),
        0,
    );
    close_port(p);
}

fn user_mode() {
    let (_, p) = bind_ipi(0);
    mask(p, false);
    user::init();
    // Pending when user mode is entered: the upcall comes before its first instruction.
    disable();
    send(p);
    event::set_leaves_user(true);
    let (f, _) = user::run(user::spin());
    event::set_leaves_user(false);
    eq("event.user.vector", f.vector, trap::EVENT);
    is("event.user.rip", f.rip == user::spin());
    eq("event.user.cs", f.cs & 0xffff, trap::USER_CS);
    is("event.user.masked_inside", event::mask_in_upcall());
    shared::set_upcall_mask(false);
    close_port(p);
}

fn reset() {
    let (_, p) = bind_ipi(0);
    ret(
        "event.reset.no_domain",
        op32(RESET, [0x1234]).0,
        Errno::ESRCH,
    );
    ret("event.reset", op32(RESET, [SELF]).0, 0);
    ret("event.reset.closed", close_port(p), Errno::EINVAL);
}
