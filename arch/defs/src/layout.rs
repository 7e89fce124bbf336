//! Where the hypervisor lives in every address space.
//!
//! A 64-bit PV guest gives up L4 slots 256 to 271 (`HYPERVISOR_VIRT_START` to
//! `HYPERVISOR_VIRT_END` in `arch-x86/xen-x86_64.h`). All of them hold the same entries in every
//! L4 table of every domain, so a guest can switch tables without the hypervisor noticing a
//! difference:
//!
//! ```text
//! 256  0xffff8000_00000000  M2P table, readable by guests
//! 257  0xffff8080_00000000  device and firmware mappings
//! 258  0xffff8100_00000000  M2P table again, writable by the hypervisor
//! 259  0xffff8180_00000000  frame ledger
//! 260  0xffff8200_00000000  per-CPU areas
//! 261  0xffff8280_00000000  hypervisor image
//! 262  0xffff8300_00000000  direct map of RAM, to the end (5 TiB)
//! ```

/// First byte of the area that guests give up.
pub const HYPERVISOR_START: u64 = 0xffff_8000_0000_0000;
/// First byte above that area.
pub const HYPERVISOR_END: u64 = 0xffff_8800_0000_0000;
/// The L4 slots of that area.
pub const HYPERVISOR_SLOTS: core::ops::Range<usize> = 256..272;

/// The machine-to-physical table as guests see it: one `u64` a machine frame.
pub const M2P_GUEST: u64 = 0xffff_8000_0000_0000;
/// Device and firmware mappings.
pub const VMAP: u64 = 0xffff_8080_0000_0000;
/// The M2P table as the hypervisor writes it.
pub const M2P: u64 = 0xffff_8100_0000_0000;
/// The frame ledger: 32 bytes a machine frame.
pub const LEDGER: u64 = 0xffff_8180_0000_0000;
/// Per-CPU areas, [`PERCPU_SIZE`] apart.
pub const PERCPU: u64 = 0xffff_8200_0000_0000;
/// Size and alignment of a per-CPU area.
pub const PERCPU_SIZE: u64 = 0x10_0000;
/// Link address of the hypervisor image.
pub const IMAGE: u64 = 0xffff_8280_0000_0000;
/// Direct map: machine address `a` of RAM is at `DIRECT_MAP + a`.
pub const DIRECT_MAP: u64 = 0xffff_8300_0000_0000;
/// Bytes that the direct map can hold.
pub const DIRECT_MAP_SIZE: u64 = 0x500_0000_0000;

/// Pages of a per-CPU area, by index from its start. Unnamed pages stay unmapped and guard their
/// neighbours.
pub mod percpu_page {
    /// The system-call entry stub, executable, the same frame on every CPU.
    pub const STUB: u64 = 0;
    /// The per-CPU variables, which the stub reaches relative to itself.
    pub const DATA: u64 = 1;
    /// The TSS, at the very end of the page so that the I/O bitmap follows it.
    pub const TSS: u64 = 2;
    /// Two pages of I/O permission bitmap.
    pub const IO_BITMAP: u64 = 3;
    /// The all-ones byte that must end the bitmap.
    pub const IO_BITMAP_END: u64 = 5;
    /// GDT window: up to 14 guest frames, then the hypervisor's own page.
    pub const GDT: u64 = 16;
    /// LDT window, 16 guest frames.
    pub const LDT: u64 = 32;
    /// Two-page interrupt stacks, each with an unmapped page below.
    pub const NMI_STACK: u64 = 65;
    /// See [`NMI_STACK`].
    pub const DOUBLE_FAULT_STACK: u64 = 69;
    /// See [`NMI_STACK`].
    pub const MACHINE_CHECK_STACK: u64 = 73;
    /// See [`NMI_STACK`].
    pub const DEBUG_STACK: u64 = 77;
    /// Size of those stacks in pages.
    pub const IST_PAGES: u64 = 2;
    /// The main stack.
    pub const STACK: u64 = 128;
    /// Its size in pages.
    pub const STACK_PAGES: u64 = 16;
}

/// Page of the GDT window that holds the hypervisor's descriptors (`FIRST_RESERVED_GDT_PAGE`).
pub const RESERVED_GDT_PAGE: u64 = 14;

/// Segment selectors, the public ones as `arch-x86/xen-x86_64.h` names them.
pub mod selector {
    /// Hypervisor code.
    pub const HV_CS: u16 = 0xe008;
    /// Hypervisor data.
    pub const HV_DS: u16 = 0xe010;
    /// Flat 32-bit code, ring 3 (`FLAT_RING3_CS32`).
    pub const FLAT_CS32: u16 = 0xe023;
    /// Flat data, ring 3 (`FLAT_RING3_SS64`).
    pub const FLAT_DS: u16 = 0xe02b;
    /// Flat 64-bit code, ring 3 (`FLAT_RING3_CS64`).
    pub const FLAT_CS64: u16 = 0xe033;
    /// This CPU's TSS.
    pub const TSS: u16 = 0xe040;
    /// This CPU's LDT.
    pub const LDT: u16 = 0xe050;
}

/// True where `addr .. addr + len` lies wholly in what a guest may name: canonical and outside the
/// hypervisor's area. The empty range follows its first byte.
pub const fn guest_range_ok(addr: u64, len: u64) -> bool {
    let Some(end) = addr.checked_add(len) else {
        // Up to the very top is fine only where the end wraps to exactly zero.
        return addr >= HYPERVISOR_END && addr.wrapping_add(len) == 0;
    };
    end <= 0x8000_0000_0000 || addr >= HYPERVISOR_END
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guest_ranges() {
        assert!(guest_range_ok(0, 8));
        assert!(guest_range_ok(0x7fff_ffff_fff8, 8));
        assert!(!guest_range_ok(0x7fff_ffff_fff8, 9));
        assert!(!guest_range_ok(0x8000_0000_0000, 1));
        assert!(!guest_range_ok(HYPERVISOR_START, 1));
        assert!(!guest_range_ok(HYPERVISOR_END - 1, 2));
        assert!(guest_range_ok(HYPERVISOR_END, 8));
        assert!(guest_range_ok(u64::MAX - 7, 8));
        assert!(!guest_range_ok(u64::MAX - 7, 9));
        assert!(!guest_range_ok(1, u64::MAX));
    }
}
