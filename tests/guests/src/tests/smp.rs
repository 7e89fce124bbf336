//! A second vcpu: initialised, brought up, interrupted, taken down (`vcpu.h`, `struct vcpu_guest_context`).
//!
//! The other tests want one vcpu; this topic says so and ends if that is all there is. The second vcpu runs a loop
//! in assembly that counts its turns in a page, so the two share no Rust code.

use super::Test;
use super::events::{BIND_IPI, close_port, op32, send};
use crate::rt::check::{bad_pointers, eq, is, ret, that};
use crate::rt::event::mask;
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{Page, read64, write16, write64};
use crate::rt::paging::{self, ext, mmuext};
use crate::rt::shared;
use crate::rt::time::wait;
use crate::rt::trap::{FLAT_SS, USER_CS};
use abi::Errno;
use abi::arch_x86::{CpuUserRegs, VGCF_IN_KERNEL, VcpuGuestContext};
use abi::vcpu::{
    VCPUOP_DOWN, VCPUOP_GET_RUNSTATE_INFO, VCPUOP_INITIALISE, VCPUOP_IS_UP,
    VCPUOP_REGISTER_VCPU_INFO, VCPUOP_UP,
};
use core::arch::global_asm;
use core::mem::offset_of;

pub const TESTS: &[Test] = &[("second_vcpu", second_vcpu)];

// R15: the page of counters: turns, command, events. R14: this vcpu's vcpu_info.
global_asm!(
    ".globl smp_entry, smp_event",
    "smp_entry:",
    "    mov byte ptr [r14 + 1], 0",
    "2:  lock inc qword ptr [r15]",
    "    cmp qword ptr [r15 + 8], 1",
    "    je 3f",
    "    pause",
    "    jmp 2b",
    // Down by itself; goes on here when brought up again.
    "3:  mov eax, 24",
    "    mov edi, 2",
    "    mov esi, 1",
    "    xor edx, edx",
    "    syscall",
    "    jmp 2b",
    "smp_event:",
    "    pop rcx",
    "    pop r11",
    "    lock inc qword ptr [r15 + 16]",
    "    mov byte ptr [r14], 0",
    "    mov qword ptr [r14 + 8], 0",
    "    push 0",
    "    push rcx",
    "    push r11",
    "    push rax",
    "    mov eax, 23",
    "    syscall",
);

unsafe extern "C" {
    fn smp_entry();
    fn smp_event();
}

fn op(cmd: u32, arg: u64) -> i64 {
    call3(nr::VCPU_OP, cmd.into(), 1, arg)
}

const MS: u64 = 1_000_000;

/// A context that starts the loop.
fn context(counters: Page) -> Page {
    let page = Page::take_run(2);
    let stack = Page::take().va() + 4096;
    let at = |offset: usize| page.va() + offset as u64;
    let regs = |offset: usize| at(offset_of!(VcpuGuestContext, user_regs) + offset);
    write64(at(offset_of!(VcpuGuestContext, flags)), VGCF_IN_KERNEL);
    write64(regs(offset_of!(CpuUserRegs, r15)), counters.va());
    write64(regs(offset_of!(CpuUserRegs, r14)), shared::page() + 64);
    write64(
        regs(offset_of!(CpuUserRegs, rip)),
        smp_entry as *const () as u64,
    );
    write16(regs(offset_of!(CpuUserRegs, cs)), USER_CS as u16);
    write64(regs(offset_of!(CpuUserRegs, rsp)), stack);
    write16(regs(offset_of!(CpuUserRegs, ss)), FLAT_SS as u16);
    write64(at(offset_of!(VcpuGuestContext, kernel_ss)), FLAT_SS);
    write64(at(offset_of!(VcpuGuestContext, kernel_sp)), stack);
    write64(
        at(offset_of!(VcpuGuestContext, ctrlreg) + 3 * 8),
        paging::l4().mfn() << 12,
    );
    write64(
        at(offset_of!(VcpuGuestContext, event_callback_eip)),
        smp_event as *const () as u64,
    );
    page
}

fn second_vcpu() {
    if op(VCPUOP_IS_UP, 0) == Errno::ENOENT.to_ret() {
        return is("smp.only_one", true);
    }
    let counters = Page::take();
    let turns = || counters.get(0);
    let moves = || {
        let before = turns();
        wait(200 * MS, || turns() > before + 10)
    };
    let context = context(counters);
    ret("smp.is_up.before", op(VCPUOP_IS_UP, 0), 0);
    ret("smp.up.not_initialised", op(VCPUOP_UP, 0), Errno::EINVAL);
    bad_pointers("smp.initialise", Errno::EFAULT, |p| {
        op(VCPUOP_INITIALISE, p)
    });
    let cr3 = context.va() + offset_of!(VcpuGuestContext, ctrlreg) as u64 + 3 * 8;
    let good = read64(cr3);
    write64(cr3, Page::take().maddr(0));
    ret(
        "smp.initialise.no_table",
        op(VCPUOP_INITIALISE, context.va()),
        Errno::EINVAL,
    );
    write64(cr3, good);
    ret("smp.initialise", op(VCPUOP_INITIALISE, context.va()), 0);
    ret(
        "smp.initialise.twice",
        op(VCPUOP_INITIALISE, context.va()),
        Errno::EEXIST,
    );
    ret("smp.is_up.initialised", op(VCPUOP_IS_UP, 0), 0);
    ret("smp.up", op(VCPUOP_UP, 0), 0);
    ret("smp.is_up", op(VCPUOP_IS_UP, 0), 1);
    is("smp.runs", moves());
    ret("smp.up.again", op(VCPUOP_UP, 0), 0);

    // An event bound to it interrupts it, and nobody else.
    let (r, w) = op32(BIND_IPI, [1, 0]);
    ret("smp.ipi.bind", r, 0);
    mask(w[1], false);
    ret("smp.ipi.send", send(w[1]), 0);
    is("smp.ipi.arrives", wait(200 * MS, || counters.get(2) == 1));
    super::events::clear(w[1]);
    ret("smp.ipi.send_again", send(w[1]), 0);
    is(
        "smp.ipi.arrives_again",
        wait(200 * MS, || counters.get(2) == 2),
    );
    is("smp.ipi.still_runs", moves());
    ret("smp.ipi.close", close_port(w[1]), 0);

    let vcpus = Page::take();
    vcpus.set(0, 3);
    ret(
        "smp.tlb_flush_multi",
        mmuext(ext::TLB_FLUSH_MULTI, 0, vcpus.va()),
        0,
    );
    ret(
        "smp.invlpg_multi",
        mmuext(ext::INVLPG_MULTI, counters.va(), vcpus.va()),
        0,
    );
    ret("smp.tlb_flush_all", mmuext(ext::TLB_FLUSH_ALL, 0, 0), 0);
    let state = Page::take();
    ret("smp.runstate", op(VCPUOP_GET_RUNSTATE_INFO, state.va()), 0);
    that("smp.runstate.ran", state.get(2), state.get(2) > 0);
    let info = Page::take();
    let arg = [info.mfn(), 0];
    let info = arg.as_ptr() as u64;
    ret(
        "smp.vcpu_info.while_up",
        op(VCPUOP_REGISTER_VCPU_INFO, info),
        Errno::EINVAL,
    );

    // Down by another, and up again: it goes on where it was.
    ret("smp.down", op(VCPUOP_DOWN, 0), 0);
    ret("smp.is_up.down", op(VCPUOP_IS_UP, 0), 0);
    wait(20 * MS, || false);
    let before = turns();
    wait(20 * MS, || false);
    eq("smp.down.stands", turns() - before, 0);
    ret("smp.up.second", op(VCPUOP_UP, 0), 0);
    is("smp.up.second.runs", moves());
    // Down by itself.
    counters.set(1, 1);
    is("smp.down_self", wait(200 * MS, || op(VCPUOP_IS_UP, 0) == 0));
    counters.set(1, 0);
    ret("smp.up.third", op(VCPUOP_UP, 0), 0);
    is("smp.up.third.runs", moves());
    ret("smp.down.last", op(VCPUOP_DOWN, 0), 0);
    ret(
        "smp.vcpu_info.while_down",
        op(VCPUOP_REGISTER_VCPU_INFO, info),
        0,
    );
}
