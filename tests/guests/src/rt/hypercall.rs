//! The three ways into the hypervisor.
//!
//! These are safe functions on purpose. A hypercall can of course unmap the very page it returns to; but whether
//! the guest survives a call, bad ones above all, is what this program is there to find out, and an `unsafe` on
//! each of a thousand probes would say nothing. The one rule that the callers keep: no call may change memory
//! that Rust holds a reference to, other than its own argument block.

use core::arch::asm;

/// `__HYPERVISOR_*` numbers (`xen.h`, "HYPERCALLS"), without their prefix.
pub mod nr {
    pub use abi::xen::{
        __HYPERVISOR_ARGO_OP as ARGO_OP, __HYPERVISOR_CALLBACK_OP as CALLBACK_OP,
        __HYPERVISOR_CONSOLE_IO as CONSOLE_IO, __HYPERVISOR_DM_OP as DM_OP,
        __HYPERVISOR_DOMCTL as DOMCTL, __HYPERVISOR_EVENT_CHANNEL_OP as EVENT_CHANNEL_OP,
        __HYPERVISOR_EVENT_CHANNEL_OP_COMPAT as EVENT_CHANNEL_OP_COMPAT,
        __HYPERVISOR_FPU_TASKSWITCH as FPU_TASKSWITCH, __HYPERVISOR_GET_DEBUGREG as GET_DEBUGREG,
        __HYPERVISOR_GRANT_TABLE_OP as GRANT_TABLE_OP, __HYPERVISOR_HVM_OP as HVM_OP,
        __HYPERVISOR_HYPFS_OP as HYPFS_OP, __HYPERVISOR_KEXEC_OP as KEXEC_OP,
        __HYPERVISOR_MEMORY_OP as MEMORY_OP, __HYPERVISOR_MMU_UPDATE as MMU_UPDATE,
        __HYPERVISOR_MMUEXT_OP as MMUEXT_OP, __HYPERVISOR_MULTICALL as MULTICALL,
        __HYPERVISOR_NMI_OP as NMI_OP, __HYPERVISOR_PHYSDEV_OP as PHYSDEV_OP,
        __HYPERVISOR_PHYSDEV_OP_COMPAT as PHYSDEV_OP_COMPAT,
        __HYPERVISOR_PLATFORM_OP as PLATFORM_OP, __HYPERVISOR_SCHED_OP as SCHED_OP,
        __HYPERVISOR_SCHED_OP_COMPAT as SCHED_OP_COMPAT,
        __HYPERVISOR_SET_CALLBACKS as SET_CALLBACKS, __HYPERVISOR_SET_DEBUGREG as SET_DEBUGREG,
        __HYPERVISOR_SET_GDT as SET_GDT, __HYPERVISOR_SET_SEGMENT_BASE as SET_SEGMENT_BASE,
        __HYPERVISOR_SET_TIMER_OP as SET_TIMER_OP, __HYPERVISOR_SET_TRAP_TABLE as SET_TRAP_TABLE,
        __HYPERVISOR_STACK_SWITCH as STACK_SWITCH, __HYPERVISOR_SYSCTL as SYSCTL,
        __HYPERVISOR_TMEM_OP as TMEM_OP, __HYPERVISOR_UPDATE_DESCRIPTOR as UPDATE_DESCRIPTOR,
        __HYPERVISOR_UPDATE_VA_MAPPING as UPDATE_VA_MAPPING,
        __HYPERVISOR_UPDATE_VA_MAPPING_OTHERDOMAIN as UPDATE_VA_MAPPING_OTHERDOMAIN,
        __HYPERVISOR_VCPU_OP as VCPU_OP, __HYPERVISOR_VM_ASSIST as VM_ASSIST,
        __HYPERVISOR_XEN_VERSION as XEN_VERSION, __HYPERVISOR_XENOPROF_OP as XENOPROF_OP,
        __HYPERVISOR_XENPMU_OP as XENPMU_OP, __HYPERVISOR_XSM_OP as XSM_OP,
    };
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
