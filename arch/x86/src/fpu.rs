//! Guest floating-point and vector state.
//!
//! The hypervisor is built without floating point, so the registers always hold some vCPU's values and are
//! saved only when another vCPU takes the processor. The area's format is the processor's: XSAVE (standard
//! form, so that tools can read it) or, without that, FXSAVE.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::cpu::{self, Features};

/// XSAVE components that guests may use, and the size of the area for them.
static XCR0: AtomicU64 = AtomicU64::new(3);
static AREA: AtomicUsize = AtomicUsize::new(512 + 64);

/// x87, SSE, AVX, MPX no, AVX-512: components that PV guests can have. PKRU needs CR4.PKE, which PV has not.
const ALLOWED: u64 = 0b1110_0111;

/// Reads what the processor offers and sets XCR0 on this processor.
pub fn init_this_cpu() {
    if cpu::features().contains(Features::XSAVE) {
        let [lo, _, _, hi] = cpu::cpuid(0xd, 0);
        let xcr0 = (u64::from(hi) << 32 | u64::from(lo)) & ALLOWED;
        set_xcr0(xcr0);
        XCR0.store(xcr0, Ordering::Relaxed);
        AREA.store(cpu::cpuid(0xd, 0)[1] as usize, Ordering::Relaxed);
    }
}

/// Components that a guest's XCR0 may have; 0 without XSAVE.
pub fn supported_xcr0() -> u64 {
    if cpu::features().contains(Features::XSAVE) {
        XCR0.load(Ordering::Relaxed)
    } else {
        0
    }
}

fn supported() -> u64 {
    XCR0.load(Ordering::Relaxed)
}

fn set_xcr0(value: u64) {
    // SAFETY: only components that CPUID offers, always including x87.
    unsafe {
        asm!("xsetbv", in("ecx") 0, in("eax") value as u32, in("edx") (value >> 32) as u32, options(nostack, nomem))
    };
}

/// Bytes that a save area needs.
pub fn area_size() -> usize {
    AREA.load(Ordering::Relaxed).max(576)
}

/// Stores this processor's registers.
///
/// # Safety
/// `area` must be 64-byte aligned, of [`area_size`] bytes, and its XSAVE header zero or from here.
pub unsafe fn save(area: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe {
        if cpu::features().contains(Features::XSAVEOPT) {
            asm!("xsaveopt64 [{}]", in(reg) area, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack));
        } else if cpu::features().contains(Features::XSAVE) {
            asm!("xsave64 [{}]", in(reg) area, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack));
        } else {
            asm!("fxsave64 [{}]", in(reg) area, options(nostack));
        }
    }
}

/// Loads this processor's registers. An area that the processor refuses (a toolstack may have written it) is
/// replaced by the reset state.
///
/// # Safety
/// `area` must be 64-byte aligned and of [`area_size`] bytes.
pub unsafe fn restore(area: *const u8) {
    // SAFETY: the caller's promise; a refused image faults, which the exception table catches.
    unsafe {
        if cpu::features().contains(Features::XSAVE) {
            asm!(
                "2: xrstor64 [{area}]",
                "3:",
                ".pushsection .fixup_text, \"ax\"",
                "4: xor eax, eax",
                "xor edx, edx",
                "xrstor64 [{area}]",
                "jmp 3b",
                ".popsection",
                ".pushsection .ex_table, \"a\"",
                ".long 2b - ., 4b - .",
                ".popsection",
                area = in(reg) area, inout("eax") u32::MAX => _, inout("edx") u32::MAX => _, options(nostack),
            );
        } else {
            asm!(
                "2: fxrstor64 [{area}]",
                "3:",
                ".pushsection .fixup_text, \"ax\"",
                "4: fninit",
                "jmp 3b",
                ".popsection",
                ".pushsection .ex_table, \"a\"",
                ".long 2b - ., 4b - .",
                ".popsection",
                area = in(reg) area, options(nostack),
            );
        }
    }
}

/// Loads a guest's XCR0. `value` must have been checked with [`xcr0_ok`].
pub fn load_xcr0(value: u64) {
    if cpu::features().contains(Features::XSAVE) && xcr0_ok(value) {
        set_xcr0(value);
    }
}

/// True for a value that XSETBV would accept from this guest: x87 on, AVX only with SSE, the AVX-512
/// components all or none and only with AVX (SDM volume 1, 13.3).
pub fn xcr0_ok(value: u64) -> bool {
    let avx512 = value & 0xe0;
    value & !supported() == 0
        && value & 1 != 0
        && (value & 4 == 0 || value & 2 != 0)
        && (avx512 == 0 || avx512 == 0xe0 && value & 4 != 0)
}

/// Sets or clears CR0.TS, which makes the guest's next FPU instruction fault.
pub fn set_task_switched(on: bool) {
    // SAFETY: TS only makes FPU instructions fault, and the hypervisor has none.
    unsafe {
        if on {
            let mut cr0: u64;
            asm!("mov {}, cr0", out(reg) cr0, options(nostack, nomem));
            cr0 |= 8;
            asm!("mov cr0, {}", in(reg) cr0, options(nostack, nomem));
        } else {
            asm!("clts", options(nostack, nomem));
        }
    }
}
