//! Guest floating-point and vector state.
//!
//! The hypervisor is built without floating point, so the registers always hold some vCPU's values and are
//! saved only when another vCPU takes the processor. The area's format is the processor's: XSAVE (standard
//! form, so that tools can read it) or, without that, FXSAVE.

use alloc::alloc::{Layout, alloc_zeroed, dealloc};
use core::arch::asm;
use core::ptr::NonNull;
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

/// Components that a guest's XCR0 may have.
pub fn supported() -> u64 {
    XCR0.load(Ordering::Relaxed)
}

fn set_xcr0(value: u64) {
    // SAFETY: only components that CPUID offers, always including x87.
    unsafe { asm!("xsetbv", in("ecx") 0, in("eax") value as u32, in("edx") (value >> 32) as u32, options(nostack, nomem)) };
}

/// A saved state, 64-byte aligned.
pub struct FpuArea {
    area: NonNull<u8>,
    len: usize,
}

// SAFETY: the area is owned memory; whoever holds the struct holds it alone.
unsafe impl Send for FpuArea {}

impl FpuArea {
    /// The state after processor reset as an operating system expects it: FCW 0x37f, MXCSR 0x1f80, all else zero.
    pub fn new() -> Option<Self> {
        let len = AREA.load(Ordering::Relaxed).max(576);
        let layout = Layout::from_size_align(len, 64).ok()?;
        // SAFETY: the size isn't zero.
        let area = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        let this = Self { area, len };
        // SAFETY: offsets 0 and 24 of the legacy region, inside the area.
        unsafe {
            area.as_ptr().cast::<u16>().write(0x37f);
            area.as_ptr().add(24).cast::<u32>().write(0x1f80);
        }
        Some(this)
    }

    /// Stores this processor's registers in the area.
    pub fn save(&mut self) {
        let p = self.area.as_ptr();
        // SAFETY: the area is as large as the processor says and aligned.
        unsafe {
            if cpu::features().contains(Features::XSAVEOPT) {
                asm!("xsaveopt64 [{}]", in(reg) p, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack));
            } else if cpu::features().contains(Features::XSAVE) {
                asm!("xsave64 [{}]", in(reg) p, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack));
            } else {
                asm!("fxsave64 [{}]", in(reg) p, options(nostack));
            }
        }
    }

    /// Loads the registers of this processor from the area.
    pub fn restore(&self) {
        let p = self.area.as_ptr();
        // SAFETY: as in `save`; contents come from `save` or `new`, so no reserved bit is set.
        unsafe {
            if cpu::features().contains(Features::XSAVE) {
                asm!("xrstor64 [{}]", in(reg) p, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack));
            } else {
                asm!("fxrstor64 [{}]", in(reg) p, options(nostack));
            }
        }
    }
}

impl Drop for FpuArea {
    fn drop(&mut self) {
        if let Ok(layout) = Layout::from_size_align(self.len, 64) {
            // SAFETY: allocated in `new` with this layout.
            unsafe { dealloc(self.area.as_ptr(), layout) };
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
