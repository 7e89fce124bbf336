//! The guest's user mode: entered by the `iret` hypercall, left by every kind of trap
//! (`arch-x86/xen-x86_64.h`).

use super::Test;
use crate::rt::check::{eq, is, ret, same};
use crate::rt::event::{self, CALLBACKF_MASK_EVENTS, CALLBACKTYPE_SYSCALL};
use crate::rt::hypercall::{call3, nr};
use crate::rt::paging;
use crate::rt::shared;
use crate::rt::trap::{
    self, BP, DB, DE, FLAT_SS, Frame, GP, IRET_FLAGS, LAST_ENTRY_MASK, NM, PF, SYSCALL, UD,
    USER_CS, USER_CS32, run_user,
};
use crate::rt::user::{self, DATA, READ_ONLY, STACK, context};

pub const TESTS: &[Test] = &[
    ("syscall", syscall),
    ("syscall_return", syscall_return),
    ("exceptions", exceptions),
    ("page_faults", page_faults),
    ("privileged", privileged),
    ("registers", registers),
    ("segments", segments),
    ("masks", masks),
    ("stack_switch", stack_switch),
    ("compat", compat),
    ("bad_return", bad_return),
    ("fpu", fpu),
    ("no_address_space", no_address_space),
];

const SEGBASE_FS: u64 = abi::arch_x86::SEGBASE_FS as u64;
const SEGBASE_GS_USER: u64 = abi::arch_x86::SEGBASE_GS_USER as u64;
const SEGBASE_GS_KERNEL: u64 = abi::arch_x86::SEGBASE_GS_KERNEL as u64;
const SEGBASE_GS_USER_SEL: u64 = abi::arch_x86::SEGBASE_GS_USER_SEL as u64;

fn code_of(r: (Frame, u64)) -> u64 {
    r.0.vector << 32 | r.0.error
}

fn syscall() {
    let (f, _) = user::run(user::syscall());
    eq("user.syscall.vector", f.vector, SYSCALL);
    same("user.syscall.rip", f.rip, user::syscall() + 2);
    same("user.syscall.rcx", f.rcx, user::syscall() + 2);
    eq("user.syscall.r11", f.r11 & 0x200, 0x200);
    eq("user.syscall.rax", f.rax, 0xaaaa);
    eq("user.syscall.rsp", f.rsp, STACK);
    eq("user.syscall.cs", f.cs & 0xffff, USER_CS);
    eq("user.syscall.ss", f.ss & 0xffff, FLAT_SS);
    eq("user.syscall.if", f.rflags & 0x200, 0x200);
    // A hypercall number in RAX means nothing there.
    let (f, _) = run_user(&Frame {
        rax: nr::XEN_VERSION,
        ..context(user::syscall())
    });
    eq("user.syscall.no_hypercall", f.vector, SYSCALL);
    let (f, _) = user::run(user::int80());
    eq("user.int80", f.vector, 0x80);
    same("user.int80.rip", f.rip, user::int80() + 2);
    eq("user.int80.rcx", f.rcx, 0xcccc);
    eq("user.int80.r11", f.r11, 0x1111);
    eq(
        "user.int81",
        code_of(user::run(user::int81())),
        GP << 32 | (0x81 << 3 | 2),
    );
    let (f, _) = user::run(user::int81());
    same("user.int81.rip", f.rip, user::int81());
    eq(
        "user.int82",
        code_of(user::run(user::int82())),
        GP << 32 | (0x82 << 3 | 2),
    );
}

fn syscall_return() {
    // With VGCF_in_syscall the return may be a SYSRET: RCX and R11 are the return address and flags.
    IRET_FLAGS.set(1 << 8);
    let (f, _) = user::run(user::int3());
    IRET_FLAGS.set(0);
    eq("user.sysret.vector", f.vector, BP);
    same("user.sysret.rcx", f.rcx, user::int3());
    eq("user.sysret.r11", f.r11 & 0x2d5, 0x200);
    eq("user.sysret.rax", f.rax, 0xaaaa);
    eq("user.sysret.rsp", f.rsp, STACK);
    eq("user.sysret.cs", f.cs & 0xffff, USER_CS);
}

fn exceptions() {
    let (f, _) = user::run(user::int3());
    eq("user.bp", f.vector, BP);
    same("user.bp.rip", f.rip, user::int3() + 1);
    eq("user.ud", code_of(user::run(user::ud2())), UD << 32);
    eq("user.de", code_of(user::run(user::div())), DE << 32);
    eq(
        "user.gp.non_canonical",
        code_of(run_user(&Frame {
            rdi: 1 << 63,
            ..context(user::load())
        })),
        GP << 32,
    );
    let (f, _) = run_user(&Frame {
        rflags: 0x302,
        ..context(user::spin())
    });
    eq("user.single_step", f.vector, DB);
    same("user.single_step.rip", f.rip, user::spin());
}

fn page_faults() {
    let load = |va| {
        run_user(&Frame {
            rdi: va,
            ..context(user::load())
        })
    };
    let store = |va| {
        run_user(&Frame {
            rdi: va,
            ..context(user::store())
        })
    };
    let jump = |va| {
        run_user(&Frame {
            rdi: va,
            ..context(user::jump())
        })
    };
    let data = user::init();
    data.set(5, 0x77);
    let (f, _) = load(DATA + 40);
    eq("user.load", f.rax, 0x77);
    let (f, _) = store(DATA + 48);
    eq("user.store", f.vector, BP);
    eq("user.store.effect", data.get(6), 0xaaaa);
    let hole = 0x7000_0000_0008;
    eq("user.pf.read", code_of(load(hole)), PF << 32 | 4);
    eq("user.pf.read.cr2", load(hole).1, hole);
    eq("user.pf.write", code_of(store(hole)), PF << 32 | 6);
    eq("user.pf.read_only", code_of(store(READ_ONLY)), PF << 32 | 7);
    eq("user.pf.read_only.cr2", store(READ_ONLY).1, READ_ONLY);
    eq("user.pf.read_only.readable", load(READ_ONLY).0.rax, 0x5a5a);
    eq("user.pf.fetch.nx", code_of(jump(DATA)), PF << 32 | 0x15);
    eq("user.pf.fetch.hole", code_of(jump(hole)), PF << 32 | 0x14);
    eq("user.pf.null", code_of(load(0)), PF << 32 | 4);
    eq(
        "user.pf.kernel",
        code_of(load(crate::rt::boot::VIRT_BASE)),
        PF << 32 | 4,
    );
    eq("user.pf.m2p", code_of(load(paging::M2P)) >> 32, PF);
    eq(
        "user.pf.hypervisor",
        code_of(load(0xffff_82d0_4020_0000)) >> 32,
        PF,
    );
    eq(
        "user.pf.hypervisor_write",
        code_of(store(0xffff_8300_0000_0000)) >> 32,
        PF,
    );
    let (f, cr2) = run_user(&Frame {
        rsp: 0x1000,
        ..context(user::push())
    });
    eq("user.pf.stack", code_of((f, 0)), PF << 32 | 6);
    eq("user.pf.stack.cr2", cr2, 0xff8);
}

fn privileged() {
    for (name, rip) in [
        ("hlt", user::hlt()),
        ("cli", user::cli()),
        ("out", user::out()),
        ("rdmsr", user::rdmsr()),
    ] {
        eq(
            format_args!("user.privileged.{name}"),
            code_of(user::run(rip)),
            GP << 32,
        );
        same(
            format_args!("user.privileged.{name}.rip"),
            user::run(rip).0.rip,
            rip,
        );
    }
    let (f, _) = run_user(&Frame {
        rax: 0,
        rcx: 0,
        ..context(user::cpuid())
    });
    eq("user.cpuid", f.vector, BP);
    is("user.cpuid.leaf0", f.rax & 0xffff_ffff >= 1 && f.rbx != 0);
}

fn registers() {
    let (f, _) = user::run(user::int3());
    let want = context(user::int3());
    is(
        "user.registers",
        [
            f.rax, f.rbx, f.rcx, f.rdx, f.rsi, f.rdi, f.rbp, f.r8, f.r9, f.r10, f.r11, f.r12,
            f.r13, f.r14, f.r15,
        ] == [
            want.rax, want.rbx, want.rcx, want.rdx, want.rsi, want.rdi, want.rbp, want.r8, want.r9,
            want.r10, want.r11, want.r12, want.r13, want.r14, want.r15,
        ],
    );
    // Flags that a return can't set: I/O privilege and the disabling of interrupts.
    let (f, _) = run_user(&Frame {
        rflags: 0x3202,
        ..context(user::int3())
    });
    eq("user.flags.iopl", f.rflags >> 12 & 3, 0);
    let (f, _) = run_user(&Frame {
        rflags: 0x246 | 0x801,
        ..context(user::int3())
    });
    eq("user.flags.arithmetic", f.rflags & 0x8d5, 0x845);
    let (f, _) = run_user(&Frame {
        rflags: 0x4202,
        ..context(user::int3())
    });
    eq("user.flags.nt", f.rflags & 0x4000, 0x4000);
    let (f, _) = run_user(&Frame {
        rflags: 0x602,
        ..context(user::int3())
    });
    eq("user.flags.df", f.rflags & 0x400, 0x400);
}

fn segments() {
    let set = |which, base| call3(nr::SET_SEGMENT_BASE, which, base, 0);
    let data = user::init();
    data.set(100, 0xf5);
    data.set(101, 0x65);
    ret("user.segment.fs", set(SEGBASE_FS, DATA + 800), 0);
    ret("user.segment.gs_user", set(SEGBASE_GS_USER, DATA + 808), 0);
    ret("user.segment.gs_kernel", set(SEGBASE_GS_KERNEL, 0x1000), 0);
    eq(
        "user.segment.fs.reads",
        run_user(&Frame {
            rdi: 0,
            ..context(user::load_fs())
        })
        .0
        .rax,
        0xf5,
    );
    eq(
        "user.segment.gs.reads",
        run_user(&Frame {
            rdi: 0,
            ..context(user::load_gs())
        })
        .0
        .rax,
        0x65,
    );
    // The kernel has its own GS, back after every trap.
    let r = trap::catch(|| {
        // SAFETY: a load by GS that must fault at the kernel's base.
        unsafe { core::arch::asm!("mov rax, gs:[0x10]", out("rax") _) }
    });
    is(
        "user.segment.gs.kernel",
        r.is_err_and(|f| f.vector == PF && f.cr2 == 0x1010),
    );
    ret("user.segment.selector.null", set(SEGBASE_GS_USER_SEL, 0), 0);
    let (f, _) = run_user(&Frame {
        rax: 0,
        ..context(user::set_gs())
    });
    eq("user.segment.load_null_gs", f.vector, BP);
    let (f, _) = run_user(&Frame {
        rax: 0x1003,
        ..context(user::set_ds())
    });
    eq(
        "user.segment.load_bad_ds",
        code_of((f, 0)),
        GP << 32 | 0x1000,
    );
    for which in [SEGBASE_FS, SEGBASE_GS_USER, SEGBASE_GS_KERNEL] {
        ret(format_args!("user.segment.{which}.zero"), set(which, 0), 0);
    }
}

fn masks() {
    // The return decides by RFLAGS.IF whether events come in.
    let (f, _) = run_user(&Frame {
        rflags: 0x2,
        ..context(user::int3())
    });
    eq("user.mask.masked", f.rflags & 0x200, 0);
    is("user.mask.masked.block", shared::upcall_mask());
    shared::set_upcall_mask(false);
    let (f, _) = user::run(user::int3());
    eq("user.mask.open", f.rflags & 0x200, 0x200);
    is("user.mask.open.block", !shared::upcall_mask());
    // The callback's flag decides how the kernel is entered.
    let masked_on_entry = |flags| {
        let r = event::register(CALLBACKTYPE_SYSCALL, flags, trap::syscall_entry());
        user::run(user::syscall());
        (r, LAST_ENTRY_MASK.get())
    };
    let (r, mask) = masked_on_entry(0);
    ret("user.mask.syscall.open", r, 0);
    is("user.mask.syscall.open.block", !mask);
    let (r, mask) = masked_on_entry(CALLBACKF_MASK_EVENTS);
    ret("user.mask.syscall.closed", r, 0);
    is("user.mask.syscall.closed.block", mask);
    shared::set_upcall_mask(false);
}

fn stack_switch() {
    let switch = |ss, sp| call3(nr::STACK_SWITCH, ss, sp, 0);
    let top = crate::rt::trap_stack();
    ret("user.stack.lower", switch(FLAT_SS, top - 0x1008), 0);
    eq(
        "user.stack.lower.used",
        user::run(user::int3()).0.vector,
        BP,
    );
    ret("user.stack.rpl0", switch(FLAT_SS & !3, top), 0);
    eq("user.stack.rpl0.used", user::run(user::int3()).0.vector, BP);
    ret("user.stack.null_selector", switch(0, top), 0);
    eq(
        "user.stack.null_selector.used",
        user::run(user::int3()).0.vector,
        BP,
    );
    ret("user.stack.hypervisor_selector", switch(0xe010, top), 0);
    ret("user.stack.again", switch(FLAT_SS, top), 0);
    eq(
        "user.stack.again.used",
        user::run(user::int3()).0.vector,
        BP,
    );
}

fn compat() {
    let run32 = |rip, changes: &dyn Fn(&mut Frame)| {
        let mut f = Frame {
            cs: USER_CS32,
            ..context(rip)
        };
        changes(&mut f);
        run_user(&f).0
    };
    let f = run32(user::int80_32(), &|_| ());
    eq("user.compat.int80", f.vector, 0x80);
    eq("user.compat.int80.cs", f.cs & 0xffff, USER_CS32);
    let f = run32(user::push_32(), &|f| f.rax = 0x1234);
    eq("user.compat.push", f.vector, BP);
    eq("user.compat.push.rsp", f.rsp, STACK - 4);
    // Neither fast call has a callback yet, so they fault.
    let f = run32(user::sysenter_32(), &|_| ());
    is("user.compat.sysenter", f.vector == GP || f.vector == UD);
    let f = run32(user::syscall_32(), &|_| ());
    is("user.compat.syscall", f.vector == GP || f.vector == UD);
}

/// A return that the processor refuses becomes that fault of the frame it would have returned to.
fn bad_return() {
    let probe = |name: &str, f: Frame, error: u64| {
        let (f, _) = run_user(&f);
        eq(
            format_args!("user.bad_return.{name}"),
            f.vector << 32 | f.error,
            GP << 32 | error,
        );
        f
    };
    let good = context(user::int3());
    probe("bad_cs", Frame { cs: 0x1003, ..good }, 0x1000);
    let f = probe("null_cs", Frame { cs: 3, ..good }, 0);
    eq("user.bad_return.null_cs.frame", f.cs & 0xffff, 3);
    eq("user.bad_return.null_cs.rsp", f.rsp, STACK);
    probe("bad_ss", Frame { ss: 0x1003, ..good }, 0x1000);
    probe("null_ss", Frame { ss: 0, ..good }, 0);
    probe(
        "data_cs",
        Frame {
            cs: FLAT_SS,
            ..good
        },
        0xe028,
    );
    probe("hypervisor_cs", Frame { cs: 0xe00b, ..good }, 0xe008);
    let f = probe(
        "non_canonical_rip",
        Frame {
            rip: 1 << 63,
            ..good
        },
        0,
    );
    eq("user.bad_return.non_canonical_rip.frame", f.rip, 1 << 63);
    probe("ldt_cs", Frame { cs: 7, ..good }, 4);
    eq(
        "user.bad_return.after",
        user::run(user::int3()).0.vector,
        BP,
    );
}

fn fpu() {
    let set = |on: u64| call3(nr::FPU_TASKSWITCH, on, 0, 0);
    ret("user.fpu.set", set(1), 0);
    eq("user.fpu.nm", user::run(user::fnop()).0.vector, NM);
    eq("user.fpu.after", user::run(user::fnop()).0.vector, BP);
}

fn no_address_space() {
    ret(
        "user.space.kernel_too",
        paging::mmuext(paging::ext::NEW_USER_BASEPTR, paging::l4().mfn(), 0),
        0,
    );
    // With the kernel's tables in both places, user mode sees the kernel: its pages are user pages to the processor.
    let (f, _) = run_user(&Frame {
        rip: user_in_kernel(),
        ..context(user::int3())
    });
    eq("user.space.kernel_too.runs", f.vector, BP);
    ret("user.space.install", user::install(), 0);
    eq("user.space.again", user::run(user::int3()).0.vector, BP);
}

/// The breakpoint routine's address in the kernel's image.
fn user_in_kernel() -> u64 {
    user::kernel_alias(user::int3())
}
