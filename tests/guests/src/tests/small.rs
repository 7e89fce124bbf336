//! The small calls: `vm_assist`, `console_io`, `multicall`, `callback_op`, `nmi_op`, `set_callbacks`
//! (`xen.h`, `callback.h`, `nmi.h`).

use super::Test;
use crate::rt;
use crate::rt::cell::Global;
use crate::rt::check::{Answer, bad_pointers, eq, is, ret};
use crate::rt::event::{self, CALLBACKF_MASK_EVENTS, CALLBACKTYPE_SYSCALL};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{Page, read64};
use crate::rt::paging::{self, KERNEL_RW, UVMF_INVLPG};
use crate::rt::shared;
use crate::rt::trap::{self, run_user};
use crate::rt::user;
use abi::Errno;
use abi::vcpu::VCPUOP_SEND_NMI;

pub const TESTS: &[Test] = &[
    ("vm_assist", vm_assist),
    ("console", console),
    ("multicall", multicall),
    ("multicall_bad", multicall_bad),
    ("callbacks", callbacks),
    ("fast_calls", fast_calls),
    ("nmi", nmi),
];

fn vm_assist() {
    let f = |cmd, kind| call3(nr::VM_ASSIST, cmd, kind, 0);
    for (name, kind, want) in [
        ("4gb_segments", 0, Answer(0)),
        ("4gb_segments_notify", 1, Answer(0)),
        ("writable_pagetables", 2, Answer(0)),
        ("pae_extended_cr3", 3, Answer(0)),
        ("architectural_iopl", 4, Answer(0)),
        ("runstate_update_flag", 5, Answer(0)),
        ("unknown", 6, Errno::EINVAL.into()),
        ("m2p_strict", 32, Answer(0)),
        ("unknown_high", 33, Errno::EINVAL.into()),
        ("large", 64, Errno::EINVAL.into()),
    ] {
        ret(format_args!("assist.{name}.enable"), f(0, kind), want);
        ret(format_args!("assist.{name}.disable"), f(1, kind), want);
    }
    ret("assist.unknown_command", f(2, 2), Errno::ENOSYS);
}

fn console() {
    let f = |cmd: u64, count: u64, p: u64| call3(nr::CONSOLE_IO, cmd, count, p);
    let text = b"# a line by console_io\n";
    let (p, n) = (text.as_ptr() as u64, text.len() as u64);
    ret("console.write", f(0, n, p), 0);
    ret("console.write.nothing", f(0, 0, p), 0);
    bad_pointers("console.write", Errno::EFAULT, |p| f(0, 8, p));
    let edge = Page::take_run(2);
    edge.fill(0x2323_2323_2323_2323);
    paging::update_va(edge.nth(1).va(), 0, UVMF_INVLPG);
    ret(
        "console.write.split",
        f(0, 16, edge.nth(1).va() - 8),
        Errno::EFAULT,
    );
    crate::say!("");
    if rt::is_dom0() {
        ret("console.read", f(1, 16, edge.va()), 0);
        ret("console.read.nothing", f(1, 0, edge.va()), 0);
    } else {
        ret("console.read", f(1, 16, edge.va()), Errno::EPERM);
    }
    ret("console.unknown", f(2, 0, 0), Errno::ENOSYS);
    ret("console.unknown_large", f(0xffff_ffff, 0, 0), Errno::ENOSYS);
}

/// `struct multicall_entry`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Entry {
    op: u64,
    result: i64,
    args: [u64; 6],
}

impl Entry {
    fn new(op: u64, args: [u64; 6]) -> Self {
        Self {
            op,
            result: 0x7777,
            args,
        }
    }
}

fn results<const N: usize>(list: &[Entry; N]) -> [i64; N] {
    core::array::from_fn(|i| read64(&raw const list[i].result as u64) as i64)
}

fn multicall() {
    let f = |list: &[Entry]| call3(nr::MULTICALL, list.as_ptr() as u64, list.len() as u64, 0);
    let version = Entry::new(nr::XEN_VERSION, [0; 6]);
    let (w, a) = (Page::take(), Page::take());
    a.fill(0xa);
    let map = Entry::new(
        nr::UPDATE_VA_MAPPING,
        [w.va(), a.maddr(0) | KERNEL_RW, UVMF_INVLPG, 0, 0, 0],
    );
    let bad = Entry::new(43, [0; 6]);
    let list = [version, map, bad, version];
    ret("multicall.four", f(&list), 0);
    let r = results(&list);
    ret("multicall.four.first", r[0], 4 << 16 | 17);
    ret("multicall.four.second", r[1], 0);
    ret("multicall.four.unknown", r[2], Errno::ENOSYS);
    ret("multicall.four.after_error", r[3], 4 << 16 | 17);
    eq("multicall.four.effect", w.get(0), 0xa);
    ret("multicall.none", f(&[]), 0);
    // In the page tables' terms: many updates, as at a context switch.
    let many: [Entry; 32] = core::array::from_fn(|i| {
        let page = if i % 2 == 0 { w } else { a };
        Entry::new(
            nr::UPDATE_VA_MAPPING,
            [w.va(), page.maddr(0) | KERNEL_RW, UVMF_INVLPG, 0, 0, 0],
        )
    });
    ret("multicall.many", f(&many), 0);
    is("multicall.many.all", results(&many) == [0; 32]);
    // Nested calls and calls that do not return are not for lists.
    let list = [Entry::new(nr::MULTICALL, [0; 6])];
    ret("multicall.nested", f(&list), 0);
    ret("multicall.nested.result", results(&list)[0], Errno::EINVAL);
    let list = [Entry::new(nr::SCHED_OP, [0; 6]), version];
    ret("multicall.yield", f(&list), 0);
    ret("multicall.yield.result", results(&list)[0], 0);
    ret("multicall.yield.next", results(&list)[1], 4 << 16 | 17);
    ret("multicall.tidy", paging::protect(w, true), 0);
}

fn multicall_bad() {
    let f = |p: u64, n: u64| call3(nr::MULTICALL, p, n, 0);
    bad_pointers("multicall.list", Errno::EFAULT, |p| f(p, 1));
    ret(
        "multicall.too_many",
        f(0xffff_8000_0000_0000, 1 << 31),
        Errno::EFAULT,
    );
    let page = Page::take();
    page.set(0, nr::XEN_VERSION);
    paging::protect(page, false);
    ret("multicall.read_only", f(page.va(), 1), Errno::EFAULT);
    let pair = Page::take_run(2);
    paging::update_va(pair.nth(1).va(), 0, UVMF_INVLPG);
    let at = pair.nth(1).va() - 64;
    rt::mem::write64(at, nr::XEN_VERSION);
    ret("multicall.second_unmapped", f(at, 2), Errno::EFAULT);
    eq(
        "multicall.second_unmapped.first_done",
        read64(at + 8),
        4 << 16 | 17,
    );
}

fn callbacks() {
    let register = |kind: u16, flags: u16, address: u64| event::register(kind, flags, address);
    let entry = trap::syscall_entry();
    for (name, kind, want) in [
        ("event", 0, Answer(0)),
        ("failsafe", 1, Answer(0)),
        ("syscall", 2, Answer(0)),
        ("sysenter_deprecated", 3, Errno::ENOSYS.into()),
        ("nmi", 4, Answer(0)),
        ("sysenter", 5, Answer(0)),
        ("six", 6, Errno::ENOSYS.into()),
        ("syscall32", 7, Answer(0)),
        ("eight", 8, Errno::ENOSYS.into()),
        ("large", 0xffff, Errno::ENOSYS.into()),
    ] {
        let own = match kind {
            0 => trap::event_entry(),
            1 => trap::failsafe_entry(),
            2 => entry,
            4 => trap::nmi_entry(),
            7 => trap::syscall32_entry(),
            _ => trap::sysenter_entry(),
        };
        let flags = if kind == CALLBACKTYPE_SYSCALL {
            CALLBACKF_MASK_EVENTS
        } else {
            0
        };
        ret(
            format_args!("callback.{name}.register"),
            register(kind, flags, own),
            want,
        );
        ret(
            format_args!("callback.{name}.non_canonical"),
            register(kind, flags, 1 << 63),
            Errno::EINVAL,
        );
    }
    let unregister = |kind: u16| {
        let arg = [kind, 0];
        call3(nr::CALLBACK_OP, 1, arg.as_ptr() as u64, 0)
    };
    for (name, kind, want) in [
        ("event", 0, Errno::EINVAL.into()),
        ("failsafe", 1, Errno::EINVAL.into()),
        ("syscall", 2, Errno::EINVAL.into()),
        ("sysenter", 5, Errno::EINVAL.into()),
        ("nmi", 4, Answer(0)),
        ("eight", 8, Errno::ENOSYS.into()),
    ] {
        ret(
            format_args!("callback.{name}.unregister"),
            unregister(kind),
            want,
        );
    }
    bad_pointers("callback.register", Errno::EFAULT, |p| {
        call3(nr::CALLBACK_OP, 0, p, 0)
    });
    bad_pointers("callback.unregister", Errno::EFAULT, |p| {
        call3(nr::CALLBACK_OP, 1, p, 0)
    });
    ret(
        "callback.unknown",
        call3(nr::CALLBACK_OP, 2, 0, 0),
        Errno::ENOSYS,
    );
    // The old call sets three at once.
    let old = |e, f, s| call3(nr::SET_CALLBACKS, e, f, s);
    ret(
        "set_callbacks",
        old(trap::event_entry(), trap::failsafe_entry(), entry),
        0,
    );
    ret(
        "set_callbacks.non_canonical",
        old(1 << 63, 1 << 63, 1 << 63),
        0,
    );
    ret("set_callbacks.after", event::install(), 0);
}

fn fast_calls() {
    // After `callbacks` both 32-bit fast calls have handlers.
    let run32 = |rip| {
        run_user(&trap::Frame {
            cs: trap::USER_CS32,
            ..user::context(rip)
        })
        .0
    };
    event::register(5, 0, trap::sysenter_entry());
    event::register(7, 0, trap::syscall32_entry());
    let f = run32(user::syscall_32());
    is(
        "callback.syscall32.taken",
        f.vector == trap::SYSCALL32 || f.vector == trap::UD || f.vector == trap::GP,
    );
    let f = run32(user::sysenter_32());
    is(
        "callback.sysenter.taken",
        f.vector == trap::SYSENTER || f.vector == trap::GP || f.vector == trap::UD,
    );
}

fn nmi() {
    static SEEN: Global<u64> = Global::new(0);
    let f = |cmd: u64, p: u64| call3(nr::NMI_OP, cmd, p, 0);
    let arg = [trap::nmi_entry(), 0];
    ret("nmi.register", f(0, arg.as_ptr() as u64), 0);
    bad_pointers("nmi.register", Errno::EFAULT, |p| f(0, p));
    // One sent to oneself comes at once, and so does the next: the return re-arms it.
    trap::set_hook(Some(|f| {
        SEEN.set(SEEN.get() + u64::from(f.vector == trap::NMI_CALLBACK && shared::upcall_mask()));
        true
    }));
    for n in 1..3 {
        ret(
            format_args!("nmi.send.{n}"),
            call3(nr::VCPU_OP, VCPUOP_SEND_NMI.into(), 0, 0),
            0,
        );
        eq(format_args!("nmi.seen.{n}"), SEEN.get(), n);
    }
    trap::set_hook(None);
    is("nmi.mask_open_after", !shared::upcall_mask());
    ret("nmi.unregister", f(1, 0), 0);
    ret("nmi.unknown", f(2, 0), Errno::ENOSYS);
}
