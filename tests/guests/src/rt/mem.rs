//! Pages for tests to play with, and accesses that may fault.
//!
//! A page comes from a pool in `.bss`, so it lies in the initial mapping: its pseudo-physical frame follows from its
//! virtual address, and its machine frame from the physical-to-machine list. The accessors below are single
//! instructions, so that a fault has one place and the trap handler may step over it or abandon the test.

use super::boot::VIRT_BASE;
use super::cell::Global;
use core::arch::asm;

pub const PAGE: u64 = 4096;
const POOL_PAGES: usize = 640;

#[repr(C, align(4096))]
struct Pool([[u64; 512]; POOL_PAGES]);

static POOL: Global<Pool> = Global::new(Pool([[0; 512]; POOL_PAGES]));
static NEXT: Global<u64> = Global::new(0);

/// A page of the pool, known by its virtual address in the kernel's image mapping.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Page(u64);

impl Page {
    /// Takes the next page. Pages are never returned: the pool covers a whole run.
    pub fn take() -> Self {
        Self::take_run(1)
    }

    /// Takes pages that are consecutive in virtual and pseudo-physical space.
    pub fn take_run(count: u64) -> Self {
        let n = NEXT.get();
        assert!(n + count <= POOL_PAGES as u64, "page pool is empty");
        NEXT.set(n + count);
        Self(POOL.addr() as u64 + n * PAGE)
    }

    pub const fn at(va: u64) -> Self {
        Self(va & !(PAGE - 1))
    }

    pub const fn va(self) -> u64 {
        self.0
    }

    /// The page `n` places further on in a run.
    pub const fn nth(self, n: u64) -> Self {
        Self(self.0 + n * PAGE)
    }

    pub const fn pfn(self) -> u64 {
        (self.0 - VIRT_BASE) / PAGE
    }

    pub fn mfn(self) -> u64 {
        super::paging::pfn_to_mfn(self.pfn())
    }

    /// The machine address of 64-bit word `index`.
    pub fn maddr(self, index: u64) -> u64 {
        self.mfn() * PAGE + index * 8
    }

    pub fn get(self, index: u64) -> u64 {
        read64(self.0 + index * 8)
    }

    pub fn set(self, index: u64, value: u64) {
        write64(self.0 + index * 8, value);
    }

    pub fn fill(self, value: u64) {
        for i in 0..512 {
            self.set(i, value);
        }
    }
}

/// Where a pseudo-physical frame of the initial mapping is mapped.
pub const fn pfn_to_va(pfn: u64) -> u64 {
    VIRT_BASE + pfn * PAGE
}

macro_rules! accessors {
    ($($read:ident $write:ident $ty:ty, $reg:ident, $fmt:literal);*) => {$(
        #[inline(always)]
        pub fn $read(va: u64) -> $ty {
            let v: $ty;
            // SAFETY: one load; if it faults, the trap handler abandons the test or resumes at a place it knows.
            unsafe { asm!(concat!("mov {v", $fmt, "}, [{p}]"), v = out($reg) v, p = in(reg) va, options(nostack, preserves_flags)) };
            v
        }

        #[inline(always)]
        pub fn $write(va: u64, v: $ty) {
            // SAFETY: one store, to memory that no Rust reference covers; faults as above.
            unsafe { asm!(concat!("mov [{p}], {v", $fmt, "}"), v = in($reg) v, p = in(reg) va, options(nostack, preserves_flags)) };
        }
    )*};
}

accessors! {
    read64 write64 u64, reg, "";
    read32 write32 u32, reg, ":e";
    read16 write16 u16, reg, ":x";
    read8 write8 u8, reg_byte, ""
}

/// Exchanges a byte, for words that the hypervisor changes too.
pub fn swap64(va: u64, mut v: u64) -> u64 {
    // SAFETY: one locked exchange on shared memory that no reference covers.
    unsafe {
        asm!("xchg [{p}], {v}", v = inout(reg) v, p = in(reg) va, options(nostack, preserves_flags))
    };
    v
}

/// Sets or clears a bit of a shared bitmap; returns what it was.
pub fn bit_set(base: u64, bit: u64, on: bool) -> bool {
    let was: u8;
    let va = base + bit / 64 * 8;
    let n = bit % 64;
    // SAFETY: one locked bit operation on a shared bitmap.
    unsafe {
        if on {
            asm!("lock bts [{p}], {n}", "setc {w}", p = in(reg) va, n = in(reg) n, w = out(reg_byte) was);
        } else {
            asm!("lock btr [{p}], {n}", "setc {w}", p = in(reg) va, n = in(reg) n, w = out(reg_byte) was);
        }
    }
    was != 0
}

/// Tests a bit of a shared bitmap.
pub fn bit(base: u64, bit: u64) -> bool {
    read64(base + bit / 64 * 8) >> (bit % 64) & 1 != 0
}
