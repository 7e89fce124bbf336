//! A user mode for the guest: an address space of its own with one page of code, one of data and one that is
//! read-only, and the instructions that tests want to run there.
//!
//! A 64-bit PV guest keeps two L4 tables, one for its kernel and one for its user mode; the hypervisor switches
//! between them, since both modes run in ring 3 (`MMUEXT_NEW_USER_BASEPTR`, `xen.h`).

use super::cell::Global;
use super::mem::{PAGE, Page};
use super::paging::{self, A, D, NX, P, RW, TABLE, US, ext, mmuext};
use super::trap::{FLAT_SS, Frame, USER_CS, run_user};
use core::arch::global_asm;

/// Where the pages lie.
pub const CODE: u64 = 0x40_0000;
pub const DATA: u64 = 0x40_1000;
pub const READ_ONLY: u64 = 0x40_2000;
/// The user stack grows down from the end of the data page.
pub const STACK: u64 = DATA + PAGE;

global_asm!(
    ".pushsection .text.user, \"ax\", @progbits",
    ".globl u_syscall, u_int80, u_int81, u_int82, u_int3, u_ud2, u_div, u_load",
    ".globl u_store, u_jump, u_hlt, u_cli, u_out, u_rdmsr, u_spin, u_fs",
    ".globl u_gs, u_push, u_loadgs, u_loadds, u_cpuid, u_fnop, u32_int80, u32_syscall",
    ".globl u32_sysenter, u32_push",
    "u_syscall: syscall",
    "    int3",
    "u_int80: int 0x80",
    "    int3",
    "u_int81: int 0x81",
    "    int3",
    "u_int82: int 0x82",
    "    int3",
    "u_int3: int3",
    "    nop",
    "u_ud2: ud2",
    "u_div: xor ecx, ecx",
    "    div ecx",
    "    int3",
    "u_load: mov rax, [rdi]",
    "    int3",
    "u_store: mov [rdi], rax",
    "    int3",
    "u_jump: jmp rdi",
    "u_hlt: hlt",
    "    int3",
    "u_cli: cli",
    "    int3",
    "u_out: out dx, al",
    "    int3",
    "u_rdmsr: rdmsr",
    "    int3",
    "u_spin: jmp u_spin",
    "u_fs: mov rax, fs:[rdi]",
    "    int3",
    "u_gs: mov rax, gs:[rdi]",
    "    int3",
    "u_push: push rax",
    "    int3",
    "u_loadgs: mov gs, eax",
    "    int3",
    "u_loadds: mov ds, eax",
    "    int3",
    "u_cpuid: cpuid",
    "    int3",
    "u_fnop: fnop",
    "    int3",
    ".code32",
    "u32_int80: int 0x80",
    "    int3",
    "u32_syscall: syscall",
    "    int3",
    "u32_sysenter: sysenter",
    "    int3",
    "u32_push: push eax",
    "    int3",
    ".code64",
    ".popsection",
);

macro_rules! routines {
    ($($name:ident $label:ident;)*) => {
        unsafe extern "C" { $(fn $label();)* static _user_start: u8; }
        $(pub fn $name() -> u64 { CODE + ($label as *const () as u64 - &raw const _user_start as u64) })*
    };
}

routines! {
    syscall u_syscall;
    int80 u_int80;
    int81 u_int81;
    int82 u_int82;
    int3 u_int3;
    ud2 u_ud2;
    div u_div;
    load u_load;
    store u_store;
    jump u_jump;
    hlt u_hlt;
    cli u_cli;
    out u_out;
    rdmsr u_rdmsr;
    spin u_spin;
    load_fs u_fs;
    load_gs u_gs;
    push u_push;
    set_gs u_loadgs;
    set_ds u_loadds;
    cpuid u_cpuid;
    fnop u_fnop;
    int80_32 u32_int80;
    syscall_32 u32_syscall;
    sysenter_32 u32_sysenter;
    push_32 u32_push;
}

static DATA_PAGE: Global<Option<Page>> = Global::new(None);
static L4: Global<Option<Page>> = Global::new(None);

/// Builds the address space once and installs it; the data page as the kernel sees it.
pub fn init() -> Page {
    if let Some(data) = DATA_PAGE.get() {
        return data;
    }
    let (data, fixed) = (Page::take(), Page::take());
    fixed.fill(0x5a5a);
    let code = Page::at(&raw const _user_start as u64);
    let l1 = Page::take();
    for (va, page, flags) in [
        (CODE, code, P | US | A),
        (DATA, data, P | RW | US | A | D | NX),
        (READ_ONLY, fixed, P | US | A | NX),
    ] {
        l1.set(paging::index(va, 1), page.maddr(0) | flags);
    }
    let mut below = l1;
    for level in 2..=4 {
        let table = Page::take();
        table.set(paging::index(CODE, level), below.maddr(0) | TABLE);
        assert_eq!(paging::protect(below, false), 0);
        below = table;
    }
    assert_eq!(paging::protect(below, false), 0);
    assert_eq!(mmuext(ext::PIN_L4_TABLE, below.mfn(), 0), 0);
    assert_eq!(mmuext(ext::NEW_USER_BASEPTR, below.mfn(), 0), 0);
    DATA_PAGE.set(Some(data));
    L4.set(Some(below));
    data
}

/// Installs the address space again after a test has taken it away.
pub fn install() -> i64 {
    init();
    L4.get()
        .map_or(-1, |l4| mmuext(ext::NEW_USER_BASEPTR, l4.mfn(), 0))
}

/// A fresh context at `rip`, with recognizable values in the registers.
pub fn context(rip: u64) -> Frame {
    init();
    Frame {
        r15: 0x1515,
        r14: 0x1414,
        r13: 0x1313,
        r12: 0x1212,
        rbp: 0xb9b9,
        rbx: 0xb8b8,
        r11: 0x1111,
        r10: 0x1010,
        r9: 0x9999,
        r8: 0x8888,
        rax: 0xaaaa,
        rcx: 0xcccc,
        rdx: 0xdddd,
        rsi: 0x5151,
        rdi: 0xd1d1,
        rip,
        cs: USER_CS,
        rflags: 0x202,
        rsp: STACK,
        ss: FLAT_SS,
        ..Frame::ZERO
    }
}

/// Runs a routine until its trap.
pub fn run(rip: u64) -> (Frame, u64) {
    run_user(&context(rip))
}

/// Where the kernel's own image has a routine.
pub fn kernel_alias(rip: u64) -> u64 {
    rip - CODE + &raw const _user_start as u64
}

/// Where user mode has code that the kernel's image has at `va`.
pub fn user_alias(va: u64) -> u64 {
    va - &raw const _user_start as u64 + CODE
}
