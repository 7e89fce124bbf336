//! The three ways into the hypervisor.
//!
//! These are safe functions on purpose. A hypercall can of course unmap the very page it returns to; but whether
//! the guest survives a call, bad ones above all, is what this program is there to find out, and an `unsafe` on
//! each of a thousand probes would say nothing. The one rule that the callers keep: no call may change memory
//! that Rust holds a reference to.

use core::arch::asm;

/// `HYPERVISOR_*` numbers (`xen.h`, "HYPERCALLS").
pub mod nr {
    pub const CONSOLE_IO: u64 = 18;
    pub const SCHED_OP: u64 = 29;
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

/// A call of up to three arguments.
#[inline(always)]
pub fn call3(nr: u64, a: u64, b: u64, c: u64) -> i64 {
    call(nr, [a, b, c, 0, 0, 0])
}
