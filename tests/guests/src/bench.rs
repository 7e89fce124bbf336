//! What the hypervisor's services cost, one line `bench NAME NANOSECONDS` for each.
//!
//! Under QEMU's `-icount shift=0` a nanosecond is an instruction, the guest's own few included, and the numbers
//! repeat. Trap handlers here are the shortest that can return, so that the path through the hypervisor is what
//! is measured.

use crate::rt::cell::Global;
use crate::rt::event;
use crate::rt::hypercall::{call, call_int82, call_page, call3, nr};
use crate::rt::mem::{Page, write64};
use crate::rt::paging::{
    self, DOMID_SELF, KERNEL_RW, MmuUpdate, TABLE, UVMF_INVLPG, UVMF_NONE, ext, mmu_update_for,
    mmuext, pte_maddr, update_va,
};
use crate::rt::time::{now, tsc, tsc_to_ns};
use crate::rt::trap::{self, Frame, TrapInfo, USER_CS, run_user};
use crate::rt::user;
use crate::say;
use crate::tests::{events, grants};
use core::arch::{asm, global_asm};

global_asm!(
    ".globl bench_trap, bench_syscall, bench_trap_direct, u_syscall_loop, u_int80_loop",
    // A kernel handler that goes back by the iret hypercall, as most must.
    "bench_trap:",
    "    pop rcx",
    "    pop r11",
    "    push 0",
    "    push rcx",
    "    push r11",
    "    push rax",
    "    mov eax, 23",
    "    syscall",
    // The same for system calls, which may return without the slow instruction.
    "bench_syscall:",
    "    pop rcx",
    "    pop r11",
    "    push 0x100",
    "    push rcx",
    "    push r11",
    "    push rax",
    "    mov eax, 23",
    "    syscall",
    // Back to the kernel without the hypervisor.
    "bench_trap_direct:",
    "    pop rcx",
    "    pop r11",
    "    or byte ptr [rsp + 8], 3",
    "    iretq",
    ".pushsection .text.user, \"ax\", @progbits",
    "u_syscall_loop: syscall",
    "    dec rbx",
    "    jnz u_syscall_loop",
    "    int3",
    "u_int80_loop: int 0x80",
    "    dec rbx",
    "    jnz u_int80_loop",
    "    int3",
    ".popsection",
);

unsafe extern "C" {
    fn bench_trap();
    fn bench_syscall();
    fn bench_trap_direct();
    fn u_syscall_loop();
    fn u_int80_loop();
}

/// Prints what one of `n` turns took.
fn line(name: &str, ticks: u64, n: u64) {
    let tenths = tsc_to_ns(ticks * 10) / n;
    say!("bench {name} {}.{}", tenths / 10, tenths % 10);
}

/// Times `n` turns of `f`, after one to warm up.
fn time<T>(name: &str, n: u64, mut f: impl FnMut() -> T) {
    f();
    let start = tsc();
    for _ in 0..n {
        f();
    }
    line(name, tsc() - start, n);
}

/// Runs everything.
pub fn run() {
    event::disable();
    call3(nr::VCPU_OP, 7, 0, 0);
    time("empty", 1000, || ());
    calls();
    traps();
    user_traps();
    mappings();
    tables();
    channels();
    grant_calls();
    instructions();
}

fn calls() {
    time("hypercall.syscall", 1000, || call(nr::XEN_VERSION, [0; 6]));
    time("hypercall.page", 1000, || {
        call_page(nr::XEN_VERSION, [0; 6])
    });
    if trap::catch(|| call_int82(nr::XEN_VERSION, [0; 6])).is_ok() {
        time("hypercall.int82", 1000, || {
            call_int82(nr::XEN_VERSION, [0; 6])
        });
    }
    time("hypercall.unknown", 1000, || call(60, [0; 6]));
    let list = [[nr::XEN_VERSION, 0, 0, 0, 0, 0, 0, 0]; 8];
    time("multicall.8", 500, || {
        call3(nr::MULTICALL, list.as_ptr() as u64, 8, 0)
    });
    time("stack_switch", 1000, || {
        call3(nr::STACK_SWITCH, trap::FLAT_SS, crate::rt::trap_stack(), 0)
    });
    time("set_segment_base.fs", 1000, || {
        call3(nr::SET_SEGMENT_BASE, 0, 0x1000, 0)
    });
    time("fpu_taskswitch", 1000, || {
        call3(nr::FPU_TASKSWITCH, 0, 0, 0)
    });
    time("sched.yield", 1000, || call3(nr::SCHED_OP, 0, 0, 0));
    time("set_timer", 1000, || {
        call3(nr::SET_TIMER_OP, now() + 1_000_000_000, 0, 0)
    });
    call3(nr::SET_TIMER_OP, 0, 0, 0);
    let context = Page::take();
    time("vcpu.runstate", 1000, || {
        call3(nr::VCPU_OP, 4, 0, context.va())
    });
}

/// Points a vector at one of the short handlers.
fn handler(vector: u8, address: u64) {
    let table = [
        TrapInfo {
            vector,
            flags: 3,
            cs: USER_CS as u16,
            address,
        },
        TrapInfo::default(),
    ];
    call3(nr::SET_TRAP_TABLE, table.as_ptr() as u64, 0, 0);
}

fn traps() {
    // SAFETY: the handlers return to the next instruction with all registers but RCX and R11 as they were.
    let int80 = || unsafe { asm!("int 0x80", out("rcx") _, out("r11") _) };
    handler(0x80, bench_trap as *const () as u64);
    time("kernel.int80.iret", 1000, int80);
    handler(0x80, bench_trap_direct as *const () as u64);
    time("kernel.int80.direct", 1000, int80);
    handler(0x80, trap::stub(0x80));
    // Breakpoints take the processor's gate.
    handler(3, bench_trap as *const () as u64);
    // SAFETY: as above.
    time("kernel.int3.iret", 1000, || unsafe {
        asm!("int3", out("rcx") _, out("r11") _)
    });
    handler(3, trap::stub(3));
    time("kernel.page_fault", 300, || {
        trap::fault_code(|| write64(8, 0))
    });
    time("kernel.ptwr", 300, {
        let w = Page::take();
        let at = paging::table(w.va(), 1).map_or(0, |t| t.va() + paging::index(w.va(), 1) * 8);
        let value = paging::pte(w.va());
        call3(nr::VM_ASSIST, 0, 2, 0);
        move || write64(at, value)
    });
}

fn user_traps() {
    let run = |name: &str, label: unsafe extern "C" fn()| {
        let rip = user::user_alias(label as *const () as u64);
        let turn = |n: u64| {
            let start = tsc();
            run_user(&Frame {
                rbx: n,
                ..user::context(rip)
            });
            tsc() - start
        };
        turn(10);
        let (few, many) = (turn(100), turn(1100));
        line(name, many.saturating_sub(few), 1000);
    };
    event::register(
        event::CALLBACKTYPE_SYSCALL,
        0,
        bench_syscall as *const () as u64,
    );
    run("user.syscall.sysret", u_syscall_loop);
    event::register(
        event::CALLBACKTYPE_SYSCALL,
        0,
        bench_trap as *const () as u64,
    );
    run("user.syscall.iret", u_syscall_loop);
    handler(0x80, bench_trap as *const () as u64);
    run("user.int80.iret", u_int80_loop);
    handler(0x80, trap::stub(0x80));
    event::install();
}

fn mappings() {
    let (w, a) = (Page::take_run(64), Page::take());
    let (own, other) = (w.maddr(0) | KERNEL_RW, a.maddr(0) | KERNEL_RW);
    let flip = Global::new(false);
    let next = || {
        flip.set(!flip.get());
        if flip.get() { other } else { own }
    };
    time("update_va_mapping.none", 1000, || {
        update_va(w.va(), next(), UVMF_NONE)
    });
    time("update_va_mapping.invlpg", 1000, || {
        update_va(w.va(), next(), UVMF_INVLPG)
    });
    time("update_va_mapping.same", 1000, || {
        update_va(w.va(), own, UVMF_NONE)
    });
    time("update_va_mapping.clear_set", 500, || {
        update_va(w.va(), 0, UVMF_NONE);
        update_va(w.va(), own, UVMF_NONE);
    });
    let sets: [[MmuUpdate; 64]; 2] = core::array::from_fn(|which| {
        core::array::from_fn(|i| MmuUpdate {
            ptr: pte_maddr(w.nth(i as u64).va()),
            val: if which == 0 {
                other
            } else {
                w.nth(i as u64).maddr(0) | KERNEL_RW
            },
        })
    });
    for (name, n) in [
        ("mmu_update.1", 1),
        ("mmu_update.8", 8),
        ("mmu_update.64", 64),
    ] {
        time(name, 300, || {
            flip.set(!flip.get());
            mmu_update_for(&sets[usize::from(!flip.get())][..n], DOMID_SELF);
        });
        mmu_update_for(&sets[1], DOMID_SELF);
    }
    time("tlb_flush.local", 1000, || {
        mmuext(ext::TLB_FLUSH_LOCAL, 0, 0)
    });
    time("invlpg.local", 1000, || {
        mmuext(ext::INVLPG_LOCAL, w.va(), 0)
    });
}

fn tables() {
    let data = Page::take();
    let pin = |name: &str, cmd: u32, t: Page| {
        time(name, 200, || {
            mmuext(cmd, t.mfn(), 0);
            mmuext(ext::UNPIN_TABLE, t.mfn(), 0);
        });
    };
    let table = |entries: u64, value: u64| {
        let t = Page::take();
        for i in 0..entries {
            t.set(i, value);
        }
        paging::protect(t, false);
        t
    };
    let empty = table(0, 0);
    pin("pin_unpin.l1.empty", ext::PIN_L1_TABLE, empty);
    let full = table(512, data.maddr(0) | KERNEL_RW);
    pin("pin_unpin.l1.full", ext::PIN_L1_TABLE, full);
    let l2 = table(1, full.maddr(0) | TABLE);
    let l3 = table(1, l2.maddr(0) | TABLE);
    let l4 = table(1, l3.maddr(0) | TABLE);
    pin("pin_unpin.l4", ext::PIN_L4_TABLE, l4);
    // The switch between address spaces.
    let copy = Page::take();
    for i in (0..256).chain(272..512) {
        copy.set(i, paging::l4().get(i));
    }
    paging::protect(copy, false);
    mmuext(ext::PIN_L4_TABLE, copy.mfn(), 0);
    time("new_baseptr", 200, || {
        mmuext(ext::NEW_BASEPTR, copy.mfn(), 0);
        mmuext(ext::NEW_BASEPTR, paging::l4().mfn(), 0);
    });
    mmuext(ext::UNPIN_TABLE, copy.mfn(), 0);
}

fn channels() {
    let (_, port) = events::bind_ipi(0);
    event::mask(port, true);
    time("event.send.pending", 1000, || events::send(port));
    time("event.send.masked", 1000, || {
        events::clear(port);
        events::send(port);
    });
    events::clear(port);
    event::mask(port, false);
    event::enable();
    time("event.send.upcall", 1000, || events::send(port));
    time("event.send.upcall_at_unmask", 1000, || {
        event::disable();
        events::send(port);
        event::enable();
    });
    event::disable();
    events::close_port(port);
}

fn grant_calls() {
    let pages = Page::take_run(64);
    let windows = Page::take_run(64);
    for i in 0..64 {
        grants::grant(100 + i, grants::own(), pages.nth(i), 1);
    }
    // struct gnttab_map_grant_ref and gnttab_unmap_grant_ref, as words.
    let map = Page::take();
    let unmap = Page::take();
    for (name, n) in [
        ("grant.map_unmap.1", 1u64),
        ("grant.map_unmap.8", 8),
        ("grant.map_unmap.64", 64),
    ] {
        time(name, 100, || {
            for i in 0..n {
                map.set(i * 4, windows.nth(i).va());
                map.set(i * 4 + 1, 2 | (100 + i) << 32);
                map.set(i * 4 + 2, grants::own().into());
            }
            grants::op(0, map.va(), n);
            for i in 0..n {
                unmap.set(i * 3, windows.nth(i).va());
                unmap.set(i * 3 + 1, 0);
                unmap.set(i * 3 + 2, map.get(i * 4 + 2) >> 32);
            }
            grants::op(1, unmap.va(), n);
        });
    }
    for i in 0..64 {
        paging::protect(windows.nth(i), true);
    }
    let copy = Page::take();
    for (name, len) in [("grant.copy.64", 64u64), ("grant.copy.4096", 4096)] {
        copy.set(0, 100);
        copy.set(1, grants::own().into());
        copy.set(2, pages.nth(1).mfn());
        copy.set(3, 0x7ff0);
        copy.set(4, len | 1 << 16);
        time(name, 300, || grants::op(5, copy.va(), 1));
    }
}

fn instructions() {
    time("cpuid", 300, || core::arch::x86_64::__cpuid(0));
    time("cpuid.prefixed", 300, || {
        // SAFETY: an undefined instruction that the hypervisor recognizes; RBX is kept.
        unsafe {
            asm!("push rbx", ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e", "cpuid", "pop rbx",
                inout("eax") 0 => _, inout("ecx") 0 => _, out("edx") _);
        }
    });
    time("rdtsc", 1000, tsc);
    // SAFETY: reads the extended feature register, by emulation.
    time("rdmsr.efer", 300, || unsafe {
        asm!("rdmsr", in("ecx") 0xc000_0080u32, out("eax") _, out("edx") _)
    });
    // SAFETY: reads a control register, by emulation.
    time("read.cr0", 300, || unsafe {
        asm!("mov {v}, cr0", v = out(reg) _)
    });
    if crate::rt::is_dom0() {
        let level = 1u32;
        call3(nr::PHYSDEV_OP, 6, &raw const level as u64, 0);
        // SAFETY: the POST code port.
        time("out.0x80", 300, || unsafe {
            asm!("out dx, al", in("dx") 0x80u16, in("al") 0u8)
        });
        let level = 0u32;
        call3(nr::PHYSDEV_OP, 6, &raw const level as u64, 0);
    }
}
