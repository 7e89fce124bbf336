//! The unsafe mechanism of x86-64: boot, entry, paging, per-CPU state, interrupts, devices.
//!
//! Everything here is about the machine; nothing knows what a domain is. Policy crates reach it through the
//! seam traits of `units`, which the binary wires up.
#![no_std]

extern crate alloc;

pub mod boot;
pub mod cpu;
pub mod fpu;
pub mod guest;
pub mod heap;
pub mod mem;
pub mod paging;
pub mod percpu;
pub mod platform;
pub mod segment;
pub mod tlb;
pub mod traps;

use units::CpuId;

/// Loads descriptor tables, control registers and FPU set-up on the boot processor and goes on in `main` on
/// its per-CPU stack.
///
/// # Safety
/// Once, after [`paging::init`], [`percpu::create`] for processor 0 and [`traps::init`].
pub unsafe fn start_boot_cpu(main: extern "C" fn() -> !) -> ! {
    // SAFETY: the caller's promise; text is patched through the direct map while only this processor runs and no
    // guest copy happened yet.
    unsafe {
        percpu::load(CpuId(0));
        cpu::init_this_cpu();
        if cpu::features().contains(cpu::Features::SMAP) {
            guest::patch_smap(|site, bytes| {
                mem::direct(paging::image_addr(site))
                    .cast::<[u8; 3]>()
                    .write_volatile(bytes);
            });
        }
        fpu::init_this_cpu();
        core::arch::asm!(
            "mov rsp, {stack}",
            "xor ebp, ebp",
            "call {main}",
            "ud2",
            stack = in(reg) percpu::stack_top(CpuId(0)), main = in(reg) main, options(noreturn)
        )
    }
}
