//! Page-table updates: `mmu_update`, `mmuext_op` and `update_va_mapping` (`xen.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

// The low two bits of `MmuUpdate::ptr`.

/// A checked write of a page-table entry at machine address `ptr & !3`.
pub const MMU_NORMAL_PT_UPDATE: u64 = 0;
/// Sets the M2P entry of the frame that holds `ptr` to `val`.
pub const MMU_MACHPHYS_UPDATE: u64 = 1;
/// As the normal update, but the accessed and dirty bits already set stay.
pub const MMU_PT_UPDATE_PRESERVE_AD: u64 = 2;
/// As the normal update, for a value that holds machine frames already.
pub const MMU_PT_UPDATE_NO_TRANSLATE: u64 = 3;

// Commands of `MmuextOp`.

/// Validates frame `mfn` as an L1 table and keeps it so.
pub const MMUEXT_PIN_L1_TABLE: u32 = 0;
/// Validates frame `mfn` as an L2 table and keeps it so.
pub const MMUEXT_PIN_L2_TABLE: u32 = 1;
/// Validates frame `mfn` as an L3 table and keeps it so.
pub const MMUEXT_PIN_L3_TABLE: u32 = 2;
/// Validates frame `mfn` as an L4 table and keeps it so.
pub const MMUEXT_PIN_L4_TABLE: u32 = 3;
/// Drops the pin of frame `mfn`.
pub const MMUEXT_UNPIN_TABLE: u32 = 4;
/// Loads the kernel's CR3 with frame `mfn`.
pub const MMUEXT_NEW_BASEPTR: u32 = 5;
/// Flushes the TLB of the current CPU.
pub const MMUEXT_TLB_FLUSH_LOCAL: u32 = 6;
/// Flushes `linear_addr` from the TLB of the current CPU.
pub const MMUEXT_INVLPG_LOCAL: u32 = 7;
/// Flushes the TLBs of the CPUs where the vcpus in `vcpumask` run.
pub const MMUEXT_TLB_FLUSH_MULTI: u32 = 8;
/// Flushes `linear_addr` on the CPUs where the vcpus in `vcpumask` run.
pub const MMUEXT_INVLPG_MULTI: u32 = 9;
/// Flushes the TLBs of every CPU that the domain has dirtied.
pub const MMUEXT_TLB_FLUSH_ALL: u32 = 10;
/// Flushes `linear_addr` on every CPU that the domain has dirtied.
pub const MMUEXT_INVLPG_ALL: u32 = 11;
/// Writes back and invalidates the caches of the current CPU.
pub const MMUEXT_FLUSH_CACHE: u32 = 12;
/// Sets the LDT to `nr_ents` entries at `linear_addr`.
pub const MMUEXT_SET_LDT: u32 = 13;
/// Sets the CR3 that user mode gets (64-bit only) to frame `mfn`, 0 for none.
pub const MMUEXT_NEW_USER_BASEPTR: u32 = 15;
/// Zeroes frame `mfn`.
pub const MMUEXT_CLEAR_PAGE: u32 = 16;
/// Copies frame `src_mfn` to frame `mfn`.
pub const MMUEXT_COPY_PAGE: u32 = 17;
/// Writes back and invalidates the caches of all CPUs.
pub const MMUEXT_FLUSH_CACHE_GLOBAL: u32 = 18;
/// Gone: marked a superpage for PV use.
pub const MMUEXT_MARK_SUPER: u32 = 19;
/// Gone: undid the mark.
pub const MMUEXT_UNMARK_SUPER: u32 = 20;

// Flush flags of `update_va_mapping`; with `MULTI` the upper bits are the address of a vcpu mask.

/// Flushes nothing.
pub const UVMF_NONE: u64 = 0;
/// Flushes whole TLBs.
pub const UVMF_TLB_FLUSH: u64 = 1;
/// Flushes the one address.
pub const UVMF_INVLPG: u64 = 2;
/// Which of the above.
pub const UVMF_FLUSHTYPE_MASK: u64 = 3;
/// On the CPUs of a set of vcpus.
pub const UVMF_MULTI: u64 = 0;
/// On the current CPU.
pub const UVMF_LOCAL: u64 = 0;
/// On all CPUs that the domain has dirtied.
pub const UVMF_ALL: u64 = 1 << 2;

/// One entry of the array of `mmu_update`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MmuUpdate {
    /// Machine address of the entry, with an `MMU_*` command in the low two bits.
    pub ptr: u64,
    /// New contents.
    pub val: u64,
}

/// One entry of the array of `mmuext_op`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MmuextOp {
    /// `MMUEXT_*`.
    pub cmd: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// `mfn` or `linear_addr`.
    pub arg1: u64,
    /// `nr_ents` (low 32 bits), address of the `vcpumask`, or `src_mfn`.
    pub arg2: u64,
}

crate::assert_sizes! {
    MmuUpdate = 16,
    MmuextOp = 24,
}
