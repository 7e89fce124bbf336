//! Event channels by the FIFO ABI (`event_channel.h`): control block, array pages, queues by priority.

use super::Test;
use super::events::{
    EXPAND_ARRAY, INIT_CONTROL, RESET, SEND, SET_PRIORITY, bind_ipi, close_port, op32, send, unmask,
};
use crate::rt::check::{eq, is, ret};
use crate::rt::event::{self, disable, enable, upcalls};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{Page, read32, write32};
use crate::rt::{paging, shared};
use abi::Errno;

pub const TESTS: &[Test] = &[("fifo", fifo), ("bad", bad), ("after_reset", after_reset)];

const SELF: u32 = 0x7ff0;
const PENDING: u32 = 1 << 31;
const MASKED: u32 = 1 << 30;
const LINKED: u32 = 1 << 29;
const LINK: u32 = (1 << 17) - 1;
const DEFAULT: u64 = 7;

/// `struct evtchn_init_control`, as words.
fn init_control(gfn: u64, offset: u32, vcpu: u32) -> (i64, u8) {
    let mut arg = [gfn, u64::from(offset) | u64::from(vcpu) << 32, 0];
    let r = call3(
        nr::EVENT_CHANNEL_OP,
        INIT_CONTROL,
        arg.as_mut_ptr() as u64,
        0,
    );
    core::hint::black_box(&mut arg);
    (r, arg[2] as u8)
}

fn expand(gfn: u64) -> i64 {
    let arg = [gfn];
    call3(nr::EVENT_CHANNEL_OP, EXPAND_ARRAY, arg.as_ptr() as u64, 0)
}

fn word(array: Page, port: u32) -> u64 {
    array.va() + u64::from(port) * 4
}

fn ready(control: Page) -> u32 {
    read32(control.va())
}

fn head(control: Page, priority: u64) -> u32 {
    read32(control.va() + 8 + priority * 4)
}

/// Takes the queue of `priority` as a kernel does: follows the links from the head, unlinking as it goes.
fn drain(control: Page, array: Page, priority: u64) -> ([u32; 8], usize) {
    let mut ports = [0; 8];
    let mut n = 0;
    write32(control.va(), ready(control) & !(1 << priority));
    let mut port = head(control, priority);
    while port != 0 && n < ports.len() {
        ports[n] = port;
        n += 1;
        let w = read32(word(array, port));
        write32(word(array, port), w & !(PENDING | LINKED | LINK));
        port = w & LINK;
    }
    write32(control.va() + 8 + priority * 4, 0);
    (ports, n)
}

fn fifo() {
    let (control, array) = (Page::take(), Page::take());
    ret("fifo.reset_first", op32(RESET, [SELF]).0, 0);
    ret(
        "fifo.expand_before_init",
        expand(array.mfn()),
        Errno::EOPNOTSUPP,
    );
    let (r, bits) = init_control(control.mfn(), 0, 0);
    ret("fifo.init_control", r, 0);
    eq("fifo.init_control.link_bits", bits.into(), 17);
    ret(
        "fifo.control_page.still_ours",
        paging::protect(control, true),
        0,
    );
    event::set_scan(false);
    // A port without a word in the array can be bound.
    let (r, early) = bind_ipi(0);
    ret("fifo.bind_before_array", r, 0);
    ret("fifo.bind_before_array.close", close_port(early), 0);
    ret("fifo.expand_array", expand(array.mfn()), 0);
    let (r, a) = bind_ipi(0);
    ret("fifo.bind", r, 0);
    let (_, b) = bind_ipi(0);
    let (_, c) = bind_ipi(0);
    // Ports start masked or not as the guest's page says; these words are zero.
    for p in [a, b, c] {
        write32(word(array, p), 0);
    }
    disable();
    ret("fifo.send.a", send(a), 0);
    is(
        "fifo.word.pending_linked",
        read32(word(array, a)) & (PENDING | LINKED) == PENDING | LINKED,
    );
    is("fifo.head", head(control, DEFAULT) == a);
    eq("fifo.ready", ready(control).into(), 1 << DEFAULT);
    is("fifo.upcall_pending", shared::upcall_pending());
    send(b);
    send(c);
    is(
        "fifo.links",
        read32(word(array, a)) & LINK == b && read32(word(array, b)) & LINK == c,
    );
    send(a);
    is("fifo.send_again.same_head", head(control, DEFAULT) == a);
    let before = upcalls();
    enable();
    eq("fifo.upcall", upcalls() - before, 1);
    let (ports, n) = drain(control, array, DEFAULT);
    is("fifo.order", n == 3 && ports[..3] == [a, b, c]);
    // Priorities go to queues of their own.
    ret("fifo.set_priority", op32(SET_PRIORITY, [b, 0]).0, 0);
    ret("fifo.set_priority.lowest", op32(SET_PRIORITY, [c, 15]).0, 0);
    disable();
    send(c);
    send(b);
    eq("fifo.priority.ready", ready(control).into(), 1 | 1 << 15);
    is(
        "fifo.priority.heads",
        head(control, 0) == b && head(control, 15) == c,
    );
    drain(control, array, 0);
    drain(control, array, 15);
    shared::clear_upcall_pending();
    enable();
    // Masked: pending but not linked; the unmask call links it.
    write32(word(array, a), MASKED);
    let before = upcalls();
    send(a);
    eq(
        "fifo.masked",
        (read32(word(array, a)) & !LINK).into(),
        (PENDING | MASKED).into(),
    );
    eq("fifo.masked.no_upcall", upcalls() - before, 0);
    ret("fifo.unmask", unmask(a), 0);
    eq("fifo.unmask.upcall", upcalls() - before, 1);
    is(
        "fifo.unmask.linked",
        read32(word(array, a)) & (PENDING | LINKED | MASKED) == PENDING | LINKED,
    );
    drain(control, array, DEFAULT);
    // Nothing of the 2-level bitmaps is used.
    is("fifo.no_selector", shared::pending_sel() == 0);
    ret("fifo.second_page", expand(Page::take().mfn()), 0);
    ret("fifo.close", close_port(a), 0);
    ret(
        "fifo.init_again",
        init_control(control.mfn(), 128, 0).0,
        Errno::EINVAL,
    );
    ret(
        "fifo.priority.bad",
        op32(SET_PRIORITY, [b, 16]).0,
        Errno::EINVAL,
    );
    ret(
        "fifo.priority.no_port",
        op32(SET_PRIORITY, [4000, 1]).0,
        Errno::EINVAL,
    );
    ret("fifo.send.beyond", op32(SEND, [1 << 17]).0, Errno::EINVAL);
    ret("fifo.reset", op32(RESET, [SELF]).0, 0);
    event::set_scan(true);
    control.fill(0);
}

fn bad() {
    let control = Page::take();
    ret(
        "fifo.bad.vcpu",
        init_control(control.mfn(), 0, 1).0,
        Errno::ENOENT,
    );
    ret(
        "fifo.bad.misaligned",
        init_control(control.mfn(), 4, 0).0,
        Errno::EINVAL,
    );
    ret(
        "fifo.bad.too_close_to_end",
        init_control(control.mfn(), 4096 - 64, 0).0,
        Errno::EINVAL,
    );
    ret(
        "fifo.bad.offset",
        init_control(control.mfn(), 4096, 0).0,
        Errno::EINVAL,
    );
    ret(
        "fifo.bad.frame",
        init_control(0xff_ffff_ffff, 0, 0).0,
        Errno::EINVAL,
    );
    ret(
        "fifo.bad.hypervisor_frame",
        init_control(super::memory::machphys_frame(), 0, 0).0,
        Errno::EINVAL,
    );
    ret(
        "fifo.bad.table_frame",
        init_control(paging::l4().mfn(), 0, 0).0,
        Errno::EINVAL,
    );
    ret(
        "fifo.bad.priority_in_2l",
        op32(SET_PRIORITY, [1, 1]).0,
        Errno::ENOSYS,
    );
}

fn after_reset() {
    // The 2-level ABI is in force again.
    event::set_scan(true);
    let (r, p) = bind_ipi(0);
    ret("fifo.after_reset.bind", r, 0);
    event::mask(p, false);
    let before = event::count(p);
    send(p);
    eq("fifo.after_reset.delivered", event::count(p) - before, 1);
    close_port(p);
}
