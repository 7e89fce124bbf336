//! What a vcpu keeps across the hypervisor: general registers over calls, floating-point and vector registers over
//! everything, sleep included.

use super::Test;
use super::events::{bind_virq, close_port};
use crate::rt::check::{eq, is, ret};
use crate::rt::event::{count, mask};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::Page;
use crate::rt::time::now;
use crate::rt::trap::fault_code;
use crate::rt::user;
use abi::sched::{SCHEDOP_BLOCK, SCHEDOP_YIELD};
use core::arch::asm;

pub const TESTS: &[Test] = &[
    ("call_registers", call_registers),
    ("vector_registers", vector_registers),
    ("wide_registers", wide_registers),
];

fn call_registers() {
    let mut v: [u64; 6] = [0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6];
    let (before, after, frame_before, frame_after): (u64, u64, u64, u64);
    // SAFETY: a hypercall that changes nothing; RBX and RBP are put back.
    unsafe {
        asm!(
            "push rbx", "push rbp",
            "mov rbx, 0xbbbb", "lea rbp, [rsp + 0x1000]",
            "mov r8, rsp", "mov r9, rbp",
            "syscall",
            "mov r10, rbp", "xor rbx, 0xbbbb",
            "mov rdi, rsp",
            "pop rbp", "add rdi, rbx", "pop rbx",
            inout("rax") nr::XEN_VERSION => _, inout("rdi") 0u64 => after, inout("rsi") 0u64 => _,
            out("r8") before, out("r9") frame_before, out("r10") frame_after,
            inout("rdx") v[0], inout("r12") v[1], inout("r13") v[2], inout("r14") v[3], inout("r15") v[4],
            out("rcx") _, out("r11") _,
        );
    }
    v[5] = 0xb6;
    is(
        "state.call.registers",
        v == [0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6],
    );
    is("state.call.stack_and_rbx", before == after);
    is("state.call.rbp", frame_before == frame_after);
    let flags: u64;
    // SAFETY: a hypercall that changes nothing, with all arithmetic flags and DF set.
    unsafe {
        asm!("std", "stc", "syscall", "pushfq", "pop {f}", "cld", f = out(reg) flags,
            inout("rax") nr::XEN_VERSION => _, in("rdi") 0, in("rsi") 0, out("rcx") _, out("r11") _);
    }
    eq("state.call.flags", flags & 0x401, 0x401);
}

/// Fills XMM0..XMM15 from 16 bytes each of `page`.
fn load(page: Page) {
    // SAFETY: the kernel's own code uses no vector registers.
    unsafe {
        asm!(
            "movups xmm0, [{p}]", "movups xmm1, [{p} + 16]", "movups xmm2, [{p} + 32]", "movups xmm3, [{p} + 48]",
            "movups xmm4, [{p} + 64]", "movups xmm5, [{p} + 80]", "movups xmm6, [{p} + 96]", "movups xmm7, [{p} + 112]",
            "movups xmm8, [{p} + 128]", "movups xmm9, [{p} + 144]", "movups xmm10, [{p} + 160]",
            "movups xmm11, [{p} + 176]", "movups xmm12, [{p} + 192]", "movups xmm13, [{p} + 208]",
            "movups xmm14, [{p} + 224]", "movups xmm15, [{p} + 240]", "fninit", "fld1", "fldpi",
            p = in(reg) page.va());
    }
}

/// Stores them, and the two x87 registers after them.
fn store(page: Page) {
    // SAFETY: as in `load`; writes 276 bytes of a page of the pool.
    unsafe {
        asm!(
            "movups [{p}], xmm0", "movups [{p} + 16], xmm1", "movups [{p} + 32], xmm2", "movups [{p} + 48], xmm3",
            "movups [{p} + 64], xmm4", "movups [{p} + 80], xmm5", "movups [{p} + 96], xmm6", "movups [{p} + 112], xmm7",
            "movups [{p} + 128], xmm8", "movups [{p} + 144], xmm9", "movups [{p} + 160], xmm10",
            "movups [{p} + 176], xmm11", "movups [{p} + 192], xmm12", "movups [{p} + 208], xmm13",
            "movups [{p} + 224], xmm14", "movups [{p} + 240], xmm15", "fstp tbyte ptr [{p} + 256]",
            "fstp tbyte ptr [{p} + 266]",
            p = in(reg) page.va());
    }
}

/// Everything that might lose state, by name.
fn across(mut check: impl FnMut(&str, &dyn Fn())) {
    let port = bind_virq(0, 0).1;
    mask(port, false);
    check("call", &|| {
        call3(nr::XEN_VERSION, 0, 0, 0);
    });
    check("yield", &|| {
        call3(nr::SCHED_OP, SCHEDOP_YIELD.into(), 0, 0);
    });
    check("block", &|| {
        let seen = count(port);
        while count(port) == seen {
            call3(nr::SET_TIMER_OP, now() + 2_000_000, 0, 0);
            call3(nr::SCHED_OP, SCHEDOP_BLOCK.into(), 0, 0);
        }
    });
    check("fault", &|| {
        fault_code(|| crate::rt::mem::read64(8));
    });
    check("user_mode", &|| {
        user::run(user::syscall());
    });
    check("taskswitch", &|| {
        call3(nr::FPU_TASKSWITCH, 1, 0, 0);
        call3(nr::FPU_TASKSWITCH, 0, 0, 0);
    });
    close_port(port);
}

fn vector_registers() {
    let (want, got) = (Page::take(), Page::take());
    for i in 0..32 {
        want.set(i, 0x1111_2222_3333_0000 + i);
    }
    load(want);
    store(want);
    across(|name, f| {
        got.fill(0);
        load(want);
        f();
        store(got);
        is(
            format_args!("state.vector.{name}"),
            (0..35).all(|i| got.get(i) == want.get(i)),
        );
    });
}

fn wide_registers() {
    // AVX needs the guest's own permission in CR4 and XCR0.
    let cpuid = core::arch::x86_64::__cpuid(1);
    if cpuid.ecx >> 28 & 1 == 0 {
        return is("state.wide.none", true);
    }
    // SAFETY: turns on what CPUID offers.
    let code = fault_code(|| unsafe {
        asm!("mov {v}, cr4", "bts {v}, 18", "mov cr4, {v}", "xor ecx, ecx", "xgetbv", "or eax, 7", "xsetbv",
            v = out(reg) _, out("eax") _, out("ecx") _, out("edx") _);
    });
    eq("state.wide.enable", code, 0);
    if code != 0 {
        return;
    }
    let (want, got) = (Page::take(), Page::take());
    for i in 0..8 {
        want.set(i, 0xabcd_0000_0000_1234 + i);
    }
    across(|name, f| {
        got.fill(0);
        // SAFETY: the kernel's own code uses no vector registers.
        unsafe { asm!("vmovups ymm3, [{p}]", "vmovups ymm12, [{p} + 32]", p = in(reg) want.va()) };
        f();
        // SAFETY: as above; writes 64 bytes of a page of the pool.
        unsafe { asm!("vmovups [{p}], ymm3", "vmovups [{p} + 32], ymm12", p = in(reg) got.va()) };
        is(
            format_args!("state.wide.{name}"),
            (0..8).all(|i| got.get(i) == want.get(i)),
        );
    });
    // SAFETY: back to the smaller state, and the permission is given up.
    let code = fault_code(|| unsafe {
        asm!("vzeroupper", "xor ecx, ecx", "xgetbv", "and eax, -5", "xsetbv", "mov {v}, cr4", "btr {v}, 18", "mov cr4, {v}",
            v = out(reg) _, out("eax") _, out("ecx") _, out("edx") _);
    });
    ret("state.wide.disable", code as i64, 0);
}
