//! Exceptions of the kernel itself (`set_trap_table`, `xen.h`; delivery by `arch-x86/xen-x86_64.h`).

use super::Test;
use crate::rt::cell::Global;
use crate::rt::check::{FORBIDDEN_POINTERS, UNMAPPED_POINTERS, eq, is, ret};
use crate::rt::hypercall::{call, nr};
use crate::rt::mem::{Page, read64, write64};
use crate::rt::paging::{self, KERNEL_RO, NX, UVMF_INVLPG, update_va};
use crate::rt::shared;
use crate::rt::trap::{
    self, BP, DB, DE, Frame, GP, NM, PF, SS, TrapInfo, UD, USER_CS, catch, fault_code, set_hook,
};
use abi::Errno;
use core::arch::asm;

pub const TESTS: &[Test] = &[
    ("vectors", vectors),
    ("page_faults", page_faults),
    ("selectors", selectors),
    ("software_interrupts", software_interrupts),
    ("registers", registers),
    ("nested", nested),
    ("event_mask", event_mask),
    ("single_step", single_step),
    ("floating_point", floating_point),
    ("table", table),
];

/// Runs one instruction that must fault, without operands.
macro_rules! faulting {
    ($text:literal) => {
        // SAFETY: the fault ends the closure before the instruction has an effect.
        fault_code(|| unsafe { asm!($text, out("rax") _, out("rcx") _, out("rdx") _) })
    };
}

fn vectors() {
    // SAFETY: division by zero, abandoned at its fault.
    let r = catch(|| unsafe {
        asm!("xor ecx, ecx", "div ecx", out("rax") _, out("rcx") _, out("rdx") _)
    });
    is("trap.de", r.is_err_and(|f| f.vector == DE && f.error == 0));
    eq("trap.ud", faulting!("ud2"), UD << 32);
    eq("trap.bp", faulting!("int3"), BP << 32);
    eq("trap.icebp", faulting!(".byte 0xf1"), DB << 32);
    eq(
        "trap.gp.non_canonical",
        fault_code(|| read64(1 << 63)),
        GP << 32,
    );
    eq(
        "trap.gp.non_canonical_write",
        fault_code(|| write64(1 << 63, 0)),
        GP << 32,
    );
    // SAFETY: as above, by RBP.
    let code = fault_code(|| unsafe {
        asm!("push rbp", "mov rbp, {p}", "mov rax, [rbp]", "pop rbp", p = in(reg) 1u64 << 63, out("rax") _);
    });
    // QEMU's TCG has no #SS for this.
    is(
        "trap.ss.non_canonical",
        code == SS << 32 || code == GP << 32,
    );
    eq("trap.gp.lidt", faulting!("lidt [rsp]"), GP << 32);
    eq("trap.gp.lgdt", faulting!("lgdt [rsp]"), GP << 32);
    eq("trap.gp.ltr", faulting!("ltr ax"), GP << 32);
    eq("trap.gp.invlpg", faulting!("invlpg [rsp]"), GP << 32);
    eq(
        "trap.gp.wrmsr",
        faulting!("mov ecx, 0x12345678; wrmsr"),
        GP << 32,
    );
    eq("trap.ud.vmcall", faulting!("vmcall"), UD << 32);
    eq("trap.ud.vmmcall", faulting!("vmmcall"), UD << 32);
    eq("trap.gp.swapgs", faulting!("swapgs"), GP << 32);
    eq("trap.gp.sysret", faulting!("sysret"), GP << 32);
    let r = catch(|| read64(0x1234_5678_9000));
    is(
        "trap.rip",
        r.is_err_and(|f| f.rip > crate::rt::boot::VIRT_BASE),
    );
}

fn page_faults() {
    let (w, a) = (Page::take(), Page::take());
    let cr2_read = |va| catch(|| read64(va)).map_or_else(|f| f.cr2, |_| 0);
    let cr2_write = |va| catch(|| write64(va, 0)).map_or_else(|f| f.cr2, |()| 0);
    let hole = 0x1234_5678_9123;
    eq("trap.pf.read", fault_code(|| read64(hole)), PF << 32);
    eq("trap.pf.read.cr2", cr2_read(hole), hole);
    eq(
        "trap.pf.write",
        fault_code(|| write64(hole, 0)),
        PF << 32 | 2,
    );
    eq("trap.pf.write.cr2", cr2_write(hole), hole);
    eq("trap.pf.null", fault_code(|| read64(0)), PF << 32);
    paging::protect(a, false);
    eq(
        "trap.pf.protection",
        fault_code(|| a.set(0, 0)),
        PF << 32 | 3,
    );
    let jump = |to: u64| {
        // SAFETY: a call into a page that can't be executed, or to a RET.
        fault_code(|| unsafe { asm!("call {p}", p = in(reg) to, clobber_abi("C")) })
    };
    w.fill(0xc3c3_c3c3_c3c3_c3c3);
    ret("trap.pf.fetch.forbid", paging::protect(w, true), 0);
    eq("trap.pf.fetch.nx", jump(w.va()), PF << 32 | 0x11);
    eq("trap.pf.fetch.hole", jump(hole), PF << 32 | 0x10);
    ret(
        "trap.pf.fetch.allow",
        update_va(w.va(), w.maddr(0) | KERNEL_RO & !NX, UVMF_INVLPG),
        0,
    );
    eq("trap.pf.fetch.allowed", jump(w.va()), 0);
    ret("trap.pf.tidy", paging::protect(w, true), 0);
    // The hypervisor's half: readable table, everything else not there for the guest.
    eq(
        "trap.pf.m2p_write",
        fault_code(|| write64(paging::M2P, 0)),
        PF << 32 | 3,
    );
    eq(
        "trap.pf.hypervisor",
        fault_code(|| read64(0xffff_82d0_8000_0000)) >> 32,
        PF,
    );
    // An access that starts in one page and faults in the next reports the second.
    let pair = Page::take_run(2);
    update_va(pair.nth(1).va(), 0, UVMF_INVLPG);
    let edge = pair.nth(1).va() - 4;
    eq("trap.pf.split", fault_code(|| read64(edge)), PF << 32);
    is("trap.pf.split.cr2", cr2_read(edge) == pair.nth(1).va());
}

fn selectors() {
    let load = |selector: u16| {
        // SAFETY: a data-segment load, undone if it succeeds; 64-bit code does not use DS.
        fault_code(|| unsafe {
            asm!("mov {old:x}, ds", "mov ds, {s:x}", "mov ds, {old:x}", s = in(reg) selector, old = out(reg) _)
        })
    };
    eq("trap.selector.null", load(0), 0);
    eq("trap.selector.null3", load(3), 0);
    eq("trap.selector.flat", load(0xe02b), 0);
    eq("trap.selector.empty", load(0x1003), GP << 32 | 0x1000);
    eq("trap.selector.beyond", load(0xfffb), GP << 32 | 0xfff8);
    eq("trap.selector.ldt", load(7), GP << 32 | 4);
    eq(
        "trap.selector.hypervisor_code",
        load(0xe008),
        GP << 32 | 0xe008,
    );
    eq(
        "trap.selector.hypervisor_data",
        load(0xe010),
        GP << 32 | 0xe010,
    );
}

fn software_interrupts() {
    eq("trap.int.3", faulting!("int 3"), BP << 32);
    eq("trap.int.4", faulting!("int 4"), trap::OF << 32);
    eq("trap.int.0x80", faulting!("int 0x80"), 0x80 << 32);
    eq(
        "trap.int.0x81",
        faulting!("int 0x81"),
        GP << 32 | (0x81 << 3 | 2),
    );
    eq(
        "trap.int.0x20",
        faulting!("int 0x20"),
        GP << 32 | (0x20 << 3 | 2),
    );
    eq("trap.int.1", faulting!("int 1"), GP << 32 | (1 << 3 | 2));
    eq("trap.int.6", faulting!("int 6"), GP << 32 | (6 << 3 | 2));
    eq("trap.int.14", faulting!("int 14"), GP << 32 | (14 << 3 | 2));
    // A gate for level 1 is open to the kernel.
    ret("trap.int.level1", trap::set_vector(6, 1), 0);
    eq("trap.int.6.level1", faulting!("int 6"), UD << 32);
    ret("trap.int.level0", trap::set_vector(6, 0), 0);
    eq(
        "trap.int.6.level0",
        faulting!("int 6"),
        GP << 32 | (6 << 3 | 2),
    );
    static RIP: Global<u64> = Global::new(0);
    set_hook(Some(|f| {
        RIP.set(f.rip);
        true
    }));
    let here: u64;
    // SAFETY: the hook resumes after the instruction.
    unsafe { asm!("int 0x80", "lea {r}, [rip]", r = out(reg) here) };
    set_hook(None);
    eq("trap.int.returns_after", here - RIP.get(), 7);
}

fn registers() {
    static SEEN: Global<Frame> = Global::new(Frame::ZERO);
    set_hook(Some(|f| {
        SEEN.set(*f);
        true
    }));
    let mut v: [u64; 8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];
    let (mut rcx, mut r11) = (0xc1u64, 0xb1u64);
    let rsp: u64;
    // SAFETY: the hook resumes after the breakpoint.
    unsafe {
        asm!("int3", "mov {sp}, rsp", sp = out(reg) rsp, inout("rax") v[0], inout("rdx") v[1], inout("rsi") v[2],
            inout("rdi") v[3], inout("r8") v[4], inout("r9") v[5], inout("r10") v[6], inout("r12") v[7],
            inout("rcx") rcx, inout("r11") r11);
    }
    set_hook(None);
    let f = SEEN.get();
    is(
        "trap.registers.frame",
        [
            f.rax, f.rdx, f.rsi, f.rdi, f.r8, f.r9, f.r10, f.r12, f.rcx, f.r11,
        ] == [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xc1, 0xb1],
    );
    is(
        "trap.registers.restored",
        v == [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88] && rcx == 0xc1 && r11 == 0xb1,
    );
    is("trap.registers.rsp", f.rsp == rsp);
    eq("trap.registers.cs", f.cs, trap::KERNEL_CS);
    eq("trap.registers.ss", f.ss, trap::FLAT_SS);
    eq("trap.registers.if", f.rflags & 0x200, 0x200);
    eq("trap.registers.iopl", f.rflags >> 12 & 3, 0);
}

fn nested() {
    static INNER: Global<u64> = Global::new(0);
    set_hook(Some(|f| {
        if f.vector == BP {
            set_hook(None);
            INNER.set(fault_code(|| read64(8)));
            return true;
        }
        false
    }));
    // SAFETY: the hook resumes after the breakpoint.
    unsafe { asm!("int3") };
    set_hook(None);
    eq("trap.nested.inner", INNER.get(), PF << 32);
    eq("trap.nested.after", faulting!("ud2"), UD << 32);
}

fn event_mask() {
    static IN_HANDLER: Global<u64> = Global::new(9);
    let probe = || {
        set_hook(Some(|f| {
            IN_HANDLER
                .set(u64::from(shared::upcall_mask()) << 1 | u64::from(f.rflags & 0x200 != 0));
            true
        }));
        // SAFETY: the hook resumes after the breakpoint.
        unsafe { asm!("int3") };
        set_hook(None);
        IN_HANDLER.get()
    };
    eq("trap.mask.gate_open", probe(), 1);
    ret("trap.mask.set_gate", trap::set_vector(3, 3 | 4), 0);
    eq("trap.mask.gate_closed", probe(), 3);
    eq("trap.mask.restored", shared::upcall_mask().into(), 0);
    shared::set_upcall_mask(true);
    eq("trap.mask.was_masked", probe(), 2);
    eq("trap.mask.stays_masked", shared::upcall_mask().into(), 1);
    shared::set_upcall_mask(false);
    ret("trap.mask.reset_gate", trap::set_vector(3, 3), 0);
}

fn single_step() {
    static STEPS: Global<u64> = Global::new(0);
    set_hook(Some(|f| {
        if f.vector == DB {
            STEPS.bump();
            if STEPS.get() == 3 {
                f.rflags &= !(1 << 8);
            }
            return true;
        }
        false
    }));
    // SAFETY: the trap flag makes each instruction trap until the hook clears it in the frame.
    unsafe {
        asm!(
            "pushfq",
            "or qword ptr [rsp], 0x100",
            "popfq",
            "nop",
            "nop",
            "nop",
            "nop",
            "nop"
        )
    };
    set_hook(None);
    eq("trap.single_step", STEPS.get(), 3);
    let flags: u64;
    // SAFETY: reads the flags.
    unsafe { asm!("pushfq", "pop {f}", f = out(reg) flags) };
    eq("trap.single_step.ended", flags & 0x100, 0);
}

fn floating_point() {
    let set = |on: u64| call(nr::FPU_TASKSWITCH, [on, 0, 0, 0, 0, 0]);
    eq("trap.fpu.usable", faulting!("fnop"), 0);
    ret("trap.fpu.taskswitch", set(1), 0);
    eq("trap.nm", faulting!("fnop"), NM << 32);
    eq("trap.nm.clears", faulting!("fnop"), 0);
    ret("trap.fpu.taskswitch_any", set(0x100), 0);
    eq("trap.nm.sse", faulting!("movaps xmm0, xmm0"), NM << 32);
    ret("trap.fpu.taskswitch_again", set(1), 0);
    ret("trap.fpu.taskswitch_clear", set(0), 0);
    eq("trap.nm.cleared", faulting!("fnop"), 0);
    // CLTS and CR0.TS by emulation do the same.
    ret("trap.fpu.set", set(1), 0);
    eq("trap.clts", faulting!("clts"), 0);
    eq("trap.clts.clears", faulting!("fnop"), 0);
    let control = Page::take();
    // SAFETY: unmasks the zero-divide exception of the x87 and provokes it; the unit is reset afterwards.
    let code = fault_code(|| unsafe {
        asm!("fninit", "mov word ptr [{p}], 0x37b", "fldcw [{p}]", "fld1", "fldz", "fdivp", "fwait", p = in(reg) control.va());
    });
    eq("trap.mf", code, 16 << 32);
    // SAFETY: masks everything again.
    unsafe { asm!("fninit") };
}

fn table() {
    let set = |p: u64| call(nr::SET_TRAP_TABLE, [p, 0, 0, 0, 0, 0]);
    let entry = |vector, cs: u64, address| TrapInfo {
        vector,
        flags: 0,
        cs: cs as u16,
        address,
    };
    let end = TrapInfo::default();
    let with = |e: TrapInfo| {
        let t = [e, end];
        set(t.as_ptr() as u64)
    };
    ret("trap.table.one", with(entry(6, USER_CS, trap::stub(6))), 0);
    ret(
        "trap.table.non_canonical",
        with(entry(6, USER_CS, 1 << 63)),
        Errno::EINVAL,
    );
    ret(
        "trap.table.hypervisor_address",
        with(entry(6, USER_CS, 0xffff_8300_0000_0000)),
        0,
    );
    ret(
        "trap.table.hypervisor_selector",
        with(entry(6, 0xe008, trap::stub(6))),
        0,
    );
    ret(
        "trap.table.null_selector",
        with(entry(6, 0, trap::stub(6))),
        0,
    );
    for (what, p) in UNMAPPED_POINTERS[1..].iter().chain(FORBIDDEN_POINTERS) {
        ret(
            format_args!("trap.table.pointer.{what}"),
            set(*p),
            Errno::EFAULT,
        );
    }
    // NULL empties the table.
    ret("trap.table.clear", set(0), 0);
    ret("trap.table.install", trap::install(), 0);
    eq("trap.table.again", faulting!("ud2"), UD << 32);
}
