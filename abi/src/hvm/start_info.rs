//! How a PVH guest starts (`arch-x86/hvm/start_info.h`).
//!
//! The guest enters its `XEN_ELFNOTE_PHYS32_ENTRY` in flat 32-bit protected mode without paging,
//! with interrupts off and ebx holding the physical address of an `HvmStartInfo`.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// "xEn3" with the top bit of E set.
pub const XEN_HVM_START_MAGIC_VALUE: u32 = 0x336ec578;

// Types in the memory map: those of e820.

/// Usable memory.
pub const XEN_HVM_MEMMAP_TYPE_RAM: u32 = 1;
/// Memory not to be used.
pub const XEN_HVM_MEMMAP_TYPE_RESERVED: u32 = 2;
/// ACPI tables.
pub const XEN_HVM_MEMMAP_TYPE_ACPI: u32 = 3;
/// Must be kept across ACPI sleep.
pub const XEN_HVM_MEMMAP_TYPE_NVS: u32 = 4;
/// Broken.
pub const XEN_HVM_MEMMAP_TYPE_UNUSABLE: u32 = 5;
/// Present, not enabled.
pub const XEN_HVM_MEMMAP_TYPE_DISABLED: u32 = 6;
/// Persistent.
pub const XEN_HVM_MEMMAP_TYPE_PMEM: u32 = 7;

/// What a PVH guest is told at its start.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmStartInfo {
    /// `XEN_HVM_START_MAGIC_VALUE`.
    pub magic: u32,
    /// 1; without the memory map, 0.
    pub version: u32,
    /// `SIF_*`.
    pub flags: u32,
    /// Modules.
    pub nr_modules: u32,
    /// Physical address of the `HvmModlistEntry` array.
    pub modlist_paddr: u64,
    /// Physical address of the command line.
    pub cmdline_paddr: u64,
    /// Physical address of ACPI's root pointer.
    pub rsdp_paddr: u64,
    /// Physical address of the `HvmMemmapTableEntry` array.
    pub memmap_paddr: u64,
    /// Entries of the memory map.
    pub memmap_entries: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// A module.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmModlistEntry {
    /// Physical address.
    pub paddr: u64,
    /// Bytes.
    pub size: u64,
    /// Physical address of its command line.
    pub cmdline_paddr: u64,
    #[doc(hidden)]
    pub _pad0: u64,
}

/// A region of the memory map.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmMemmapTableEntry {
    /// Physical address.
    pub addr: u64,
    /// Bytes.
    pub size: u64,
    /// `XEN_HVM_MEMMAP_TYPE_*`.
    pub kind: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

crate::assert_sizes! {
    HvmStartInfo = 56,
    HvmModlistEntry = 32,
    HvmMemmapTableEntry = 24,
}
