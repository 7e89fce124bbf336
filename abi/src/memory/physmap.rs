//! Where memory appears: M2P table, physical map, memory map (`memory.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;

/// Lists the frames of the M2P table, one each 2 MiB: `XenMachphysMfnList`.
pub const XENMEM_MACHPHYS_MFN_LIST: u32 = 5;
/// The same for the table of 32-bit guests.
pub const XENMEM_MACHPHYS_COMPAT_MFN_LIST: u32 = 25;
/// Tells where the M2P table is mapped: `XenMachphysMapping`.
pub const XENMEM_MACHPHYS_MAPPING: u32 = 12;
/// Maps a page at a guest frame: `XenAddToPhysmap`.
pub const XENMEM_ADD_TO_PHYSMAP: u32 = 7;
/// Maps many: `XenAddToPhysmapBatch`.
pub const XENMEM_ADD_TO_PHYSMAP_BATCH: u32 = 23;
/// Unmaps a guest frame: `XenRemoveFromPhysmap`.
pub const XENMEM_REMOVE_FROM_PHYSMAP: u32 = 15;
/// Copies out the domain's e820 map: `XenMemoryMap`.
pub const XENMEM_MEMORY_MAP: u32 = 9;
/// Copies out the machine's e820 map: `XenMemoryMap`.
pub const XENMEM_MACHINE_MEMORY_MAP: u32 = 10;
/// Sets a domain's e820 map: `XenForeignMemoryMap`.
pub const XENMEM_SET_MEMORY_MAP: u32 = 13;
/// Copies out the domain's NUMA layout: `XenVnumaTopologyInfo`.
pub const XENMEM_GET_VNUMAINFO: u32 = 26;

// What `XENMEM_ADD_TO_PHYSMAP` maps.

/// The shared-info page.
pub const XENMAPSPACE_SHARED_INFO: u32 = 0;
/// A page of the grant table.
pub const XENMAPSPACE_GRANT_TABLE: u32 = 1;
/// A frame of the domain itself, which moves.
pub const XENMAPSPACE_GMFN: u32 = 2;
/// A range of such frames.
pub const XENMAPSPACE_GMFN_RANGE: u32 = 3;
/// A frame of another domain; batch only.
pub const XENMAPSPACE_GMFN_FOREIGN: u32 = 4;
/// Device memory; Arm only.
pub const XENMAPSPACE_DEV_MMIO: u32 = 5;
/// In `idx`: a page of grant status words.
pub const XENMAPIDX_GRANT_TABLE_STATUS: u32 = 0x80000000;

/// Argument of `XENMEM_MACHPHYS_MFN_LIST`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMachphysMfnList {
    /// Room in the array; in.
    pub max_extents: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Frames, 0 for holes; out.
    pub extent_start: Handle<u64>,
    /// Entries written; out.
    pub nr_extents: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
}

/// Argument of `XENMEM_MACHPHYS_MAPPING`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMachphysMapping {
    /// First virtual address; out.
    pub v_start: u64,
    /// First virtual address above; out.
    pub v_end: u64,
    /// Highest frame that has an entry; out.
    pub max_mfn: u64,
}

/// Argument of `XENMEM_ADD_TO_PHYSMAP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenAddToPhysmap {
    /// Domain whose map is changed; in.
    pub domid: u16,
    /// Pages of a `XENMAPSPACE_GMFN_RANGE`; in.
    pub size: u16,
    /// `XENMAPSPACE_*`; in.
    pub space: u32,
    /// Which page of the space; in.
    pub idx: u64,
    /// Where to map it; in.
    pub gpfn: u64,
}

/// Argument of `XENMEM_ADD_TO_PHYSMAP_BATCH`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenAddToPhysmapBatch {
    /// Domain whose map is changed; in.
    pub domid: u16,
    /// `XENMAPSPACE_*`; in.
    pub space: u16,
    /// Pages; in.
    pub size: u16,
    /// Owner of the pages for `XENMAPSPACE_GMFN_FOREIGN`, otherwise zero; in.
    pub u: u16,
    /// Which pages of the space; in.
    pub idxs: Handle<u64>,
    /// Where to map them; in.
    pub gpfns: Handle<u64>,
    /// Negative error number or 0 for each; out.
    pub errs: Handle<i32>,
}

/// Argument of `XENMEM_REMOVE_FROM_PHYSMAP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenRemoveFromPhysmap {
    /// Domain whose map is changed; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 6],
    /// Frame to unmap; in.
    pub gpfn: u64,
}

/// A buffer for an e820 map.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMemoryMap {
    /// Room in entries; in. Entries written; out.
    pub nr_entries: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// The map; null to learn its length.
    pub buffer: Handle<E820Entry>,
}

/// Argument of `XENMEM_SET_MEMORY_MAP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenForeignMemoryMap {
    /// Domain; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 6],
    /// Its new map; in.
    pub map: XenMemoryMap,
}

/// One entry of an e820 map, as BIOS function 15/e820 returns it: 20 bytes, no padding.
#[repr(C, packed)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct E820Entry {
    /// First byte of the region.
    pub addr: u64,
    /// Bytes of the region.
    pub size: u64,
    /// `E820_*`.
    pub kind: u32,
}

const _: () = assert!(size_of::<E820Entry>() == 20);

/// Usable memory.
pub const E820_RAM: u32 = 1;
/// Memory not to be used.
pub const E820_RESERVED: u32 = 2;
/// Holds ACPI tables; usable once they have been read.
pub const E820_ACPI: u32 = 3;
/// Must be kept across ACPI sleep.
pub const E820_NVS: u32 = 4;
/// Broken memory.
pub const E820_UNUSABLE: u32 = 5;

/// A range of guest memory on one virtual node.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenVmemrange {
    /// First byte.
    pub start: u64,
    /// First byte above.
    pub end: u64,
    /// Zero.
    pub flags: u32,
    /// Virtual node.
    pub nid: u32,
}

/// Argument of `XENMEM_GET_VNUMAINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenVnumaTopologyInfo {
    /// Domain; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// Room, then number of virtual nodes; in and out.
    pub nr_vnodes: u32,
    /// Room, then number of vcpus; in and out.
    pub nr_vcpus: u32,
    /// Room, then number of ranges; in and out.
    pub nr_vmemranges: u32,
    /// Distances, `nr_vnodes` squared; out.
    pub vdistance: Handle<u32>,
    /// Node of each vcpu; out.
    pub vcpu_to_vnode: Handle<u32>,
    /// Ranges; out.
    pub vmemrange: Handle<XenVmemrange>,
}

crate::assert_sizes! {
    XenMachphysMfnList = 24,
    XenMachphysMapping = 24,
    XenAddToPhysmap = 24,
    XenAddToPhysmapBatch = 32,
    XenRemoveFromPhysmap = 16,
    XenMemoryMap = 16,
    XenForeignMemoryMap = 24,
    XenVmemrange = 24,
    XenVnumaTopologyInfo = 40,
}
