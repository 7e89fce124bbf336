//! The three ways into the hypervisor.
//!
//! These are safe functions on purpose. A hypercall can of course unmap the very page it returns to; but whether
//! the guest survives a call, bad ones above all, is what this program is there to find out, and an `unsafe` on
//! each of a thousand probes would say nothing. The one rule that the callers keep: no call may change memory
//! that Rust holds a reference to, other than its own argument block.

use core::arch::asm;

/// `__HYPERVISOR_*` numbers (`xen.h`, "HYPERCALLS").
#[allow(dead_code, reason = "the header's whole list")]
pub mod nr {
    pub const SET_TRAP_TABLE: u64 = 0;
    pub const MMU_UPDATE: u64 = 1;
    pub const SET_GDT: u64 = 2;
    pub const STACK_SWITCH: u64 = 3;
    pub const SET_CALLBACKS: u64 = 4;
    pub const FPU_TASKSWITCH: u64 = 5;
    pub const SCHED_OP_COMPAT: u64 = 6;
    pub const PLATFORM_OP: u64 = 7;
    pub const SET_DEBUGREG: u64 = 8;
    pub const GET_DEBUGREG: u64 = 9;
    pub const UPDATE_DESCRIPTOR: u64 = 10;
    pub const MEMORY_OP: u64 = 12;
    pub const MULTICALL: u64 = 13;
    pub const UPDATE_VA_MAPPING: u64 = 14;
    pub const SET_TIMER_OP: u64 = 15;
    pub const EVENT_CHANNEL_OP_COMPAT: u64 = 16;
    pub const XEN_VERSION: u64 = 17;
    pub const CONSOLE_IO: u64 = 18;
    pub const PHYSDEV_OP_COMPAT: u64 = 19;
    pub const GRANT_TABLE_OP: u64 = 20;
    pub const VM_ASSIST: u64 = 21;
    pub const UPDATE_VA_MAPPING_OTHERDOMAIN: u64 = 22;
    pub const IRET: u64 = 23;
    pub const VCPU_OP: u64 = 24;
    pub const SET_SEGMENT_BASE: u64 = 25;
    pub const MMUEXT_OP: u64 = 26;
    pub const XSM_OP: u64 = 27;
    pub const NMI_OP: u64 = 28;
    pub const SCHED_OP: u64 = 29;
    pub const CALLBACK_OP: u64 = 30;
    pub const XENOPROF_OP: u64 = 31;
    pub const EVENT_CHANNEL_OP: u64 = 32;
    pub const PHYSDEV_OP: u64 = 33;
    pub const HVM_OP: u64 = 34;
    pub const SYSCTL: u64 = 35;
    pub const DOMCTL: u64 = 36;
    pub const KEXEC_OP: u64 = 37;
    pub const TMEM_OP: u64 = 38;
    pub const ARGO_OP: u64 = 39;
    pub const XENPMU_OP: u64 = 40;
    pub const DM_OP: u64 = 41;
    pub const HYPFS_OP: u64 = 42;
    pub const ARCH_0: u64 = 48;
}

/// Calls by `syscall`, as Linux 6.x does. Arguments may come back changed, after a continuation.
#[inline(always)]
pub fn call(nr: u64, a: [u64; 6]) -> i64 {
    let ret: i64;
    // SAFETY: the hypervisor preserves everything but RAX, RCX, R11 and the argument registers.
    unsafe {
        asm!("syscall", inlateout("rax") nr => ret,
            inlateout("rdi") a[0] => _, inlateout("rsi") a[1] => _, inlateout("rdx") a[2] => _,
            inlateout("r10") a[3] => _, inlateout("r8") a[4] => _, inlateout("r9") a[5] => _,
            lateout("rcx") _, lateout("r11") _);
    }
    ret
}

/// Calls by `int 0x82`.
#[inline(always)]
pub fn call_int82(nr: u64, a: [u64; 6]) -> i64 {
    let ret: i64;
    // SAFETY: as for `call`.
    unsafe {
        asm!("int 0x82", inlateout("rax") nr => ret,
            inlateout("rdi") a[0] => _, inlateout("rsi") a[1] => _, inlateout("rdx") a[2] => _,
            inlateout("r10") a[3] => _, inlateout("r8") a[4] => _, inlateout("r9") a[5] => _,
            lateout("rcx") _, lateout("r11") _);
    }
    ret
}

/// Calls through the hypercall page, as older kernels do.
#[inline(always)]
pub fn call_page(nr: u64, a: [u64; 6]) -> i64 {
    let ret: i64;
    let stub = page() + nr * 32;
    // SAFETY: the hypervisor fills the page with stubs that keep the same contract.
    unsafe {
        asm!("call {stub}", stub = in(reg) stub, lateout("rax") ret,
            inlateout("rdi") a[0] => _, inlateout("rsi") a[1] => _, inlateout("rdx") a[2] => _,
            inlateout("r10") a[3] => _, inlateout("r8") a[4] => _, inlateout("r9") a[5] => _,
            lateout("rcx") _, lateout("r11") _);
    }
    ret
}

/// A call of up to three arguments.
#[inline(always)]
pub fn call3(nr: u64, a: u64, b: u64, c: u64) -> i64 {
    call(nr, [a, b, c, 0, 0, 0])
}

unsafe extern "C" {
    static hypercall_page: [u8; 4096];
}

/// The hypercall page's virtual address.
pub fn page() -> u64 {
    &raw const hypercall_page as u64
}
