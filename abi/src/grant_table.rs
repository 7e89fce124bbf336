//! Grant tables (`grant_table.h`): how a domain lets another use its pages.
//!
//! A grant table is an array in pages shared between a domain and the hypervisor. The domain writes
//! an entry that names frame and peer and passes the entry's index, a grant reference, to the peer,
//! who has the frame mapped or copied. While it is mapped the hypervisor holds `GTF_READING` and
//! `GTF_WRITING` in the entry (version 1) or in a status word beside it (version 2), and the owner may
//! end the grant only when both are clear. The owner writes `frame` before `flags`, and clears `flags`
//! with a compare-and-exchange.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

// Reserved entries.

/// Entries that tools and firmware keep for themselves.
pub const GNTTAB_NR_RESERVED_ENTRIES: u32 = 8;
/// Grants the console ring to its backend.
pub const GNTTAB_RESERVED_CONSOLE: u32 = 0;
/// Grants the xenstore ring to xenstore's domain.
pub const GNTTAB_RESERVED_XENSTORE: u32 = 1;

// Flags of an entry.

/// No grant.
pub const GTF_INVALID: u16 = 0;
/// The peer may map and copy the frame.
pub const GTF_PERMIT_ACCESS: u16 = 1;
/// The peer may give a frame.
pub const GTF_ACCEPT_TRANSFER: u16 = 2;
/// The grant passes on another domain's grant (version 2).
pub const GTF_TRANSITIVE: u16 = 3;
/// Which of the above.
pub const GTF_TYPE_MASK: u16 = 3;
/// The peer may only read.
pub const GTF_READONLY: u16 = 1 << 2;
/// The frame is in use for reading; set by the hypervisor.
pub const GTF_READING: u16 = 1 << 3;
/// The frame is in use for writing; set by the hypervisor.
pub const GTF_WRITING: u16 = 1 << 4;
/// Cache attribute of the mapping.
pub const GTF_PWT: u16 = 1 << 5;
/// Cache attribute of the mapping.
pub const GTF_PCD: u16 = 1 << 6;
/// Cache attribute of the mapping.
pub const GTF_PAT: u16 = 1 << 7;
/// Only a part of the page may be copied (version 2).
pub const GTF_SUB_PAGE: u16 = 1 << 8;
/// A transfer has begun; set by the hypervisor.
pub const GTF_TRANSFER_COMMITTED: u16 = 1 << 2;
/// The new frame is in the entry; set by the hypervisor.
pub const GTF_TRANSFER_COMPLETED: u16 = 1 << 3;

/// The index of an entry in its owner's grant table.
pub type GrantRef = u32;
/// The mapper's number of a mapping, by which it is undone.
pub type GrantHandle = u32;
/// What the hypervisor writes for each version 2 entry: `GTF_READING` and `GTF_WRITING`.
pub type GrantStatus = u16;

/// An entry of a version 1 table.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GrantEntryV1 {
    /// `GTF_*`.
    pub flags: u16,
    /// The peer.
    pub domid: u16,
    /// Frame granted, or frame transferred.
    pub frame: u32,
}

/// What all version 2 entries begin with.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GrantEntryHeader {
    /// `GTF_*`, but for reading and writing.
    pub flags: u16,
    /// The peer.
    pub domid: u16,
}

/// An entry of a version 2 table.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GrantEntryV2 {
    /// `GrantEntryHeader`; by its flags `GrantEntryV2FullPage`, `GrantEntryV2SubPage` or `GrantEntryV2Transitive`.
    pub u: Union64<2>,
}

/// Grant of a whole page.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GrantEntryV2FullPage {
    /// Flags and peer.
    pub hdr: GrantEntryHeader,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Frame granted.
    pub frame: u64,
}

/// Grant of a part of a page.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GrantEntryV2SubPage {
    /// Flags and peer.
    pub hdr: GrantEntryHeader,
    /// First byte.
    pub page_off: u16,
    /// Bytes.
    pub length: u16,
    /// Frame granted.
    pub frame: u64,
}

/// Grant of a grant.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GrantEntryV2Transitive {
    /// Flags and peer.
    pub hdr: GrantEntryHeader,
    /// Domain that granted to us.
    pub trans_domid: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// Its grant.
    pub gref: u32,
}

// Commands of `__HYPERVISOR_GRANT_TABLE_OP`, each on an array of its structure.

/// Maps granted frames: `GnttabMapGrantRef`.
pub const GNTTABOP_MAP_GRANT_REF: u32 = 0;
/// Undoes mappings: `GnttabUnmapGrantRef`.
pub const GNTTABOP_UNMAP_GRANT_REF: u32 = 1;
/// Gives a table pages and tells their frames: `GnttabSetupTable`.
pub const GNTTABOP_SETUP_TABLE: u32 = 2;
/// Prints a table on the console: `GnttabDumpTable`.
pub const GNTTABOP_DUMP_TABLE: u32 = 3;
/// Gives frames away: `GnttabTransfer`.
pub const GNTTABOP_TRANSFER: u32 = 4;
/// Copies between frames and grants: `GnttabCopy`.
pub const GNTTABOP_COPY: u32 = 5;
/// Tells a table's size: `GnttabQuerySize`.
pub const GNTTABOP_QUERY_SIZE: u32 = 6;
/// Undoes a mapping and moves another into its place: `GnttabUnmapAndReplace`.
pub const GNTTABOP_UNMAP_AND_REPLACE: u32 = 7;
/// Changes the version of the caller's table: `GnttabSetVersion`.
pub const GNTTABOP_SET_VERSION: u32 = 8;
/// Tells the frames of the status words: `GnttabGetStatusFrames`.
pub const GNTTABOP_GET_STATUS_FRAMES: u32 = 9;
/// Tells the version of a table: `GnttabGetVersion`.
pub const GNTTABOP_GET_VERSION: u32 = 10;
/// Exchanges two entries: `GnttabSwapGrantRef`.
pub const GNTTABOP_SWAP_GRANT_REF: u32 = 11;
/// Writes back caches on a granted page; Arm only: `GnttabCacheFlush`.
pub const GNTTABOP_CACHE_FLUSH: u32 = 12;

// Flags of a mapping.

/// Maps for devices, through the IOMMU.
pub const GNTMAP_DEVICE_MAP: u32 = 1;
/// Maps for CPUs.
pub const GNTMAP_HOST_MAP: u32 = 1 << 1;
/// Maps for reading only.
pub const GNTMAP_READONLY: u32 = 1 << 2;
/// User mode may use the mapping.
pub const GNTMAP_APPLICATION_MAP: u32 = 1 << 3;
/// `host_addr` is the machine address of the L1 entry to write.
pub const GNTMAP_CONTAINS_PTE: u32 = 1 << 4;
/// What to put into the available bits of the entry.
pub const GNTMAP_GUEST_AVAIL_MASK: u32 = 0xffff0000;

// Flags of a copy.

/// The source is a grant, not a frame.
pub const GNTCOPY_SOURCE_GREF: u16 = 1;
/// The destination is a grant, not a frame.
pub const GNTCOPY_DEST_GREF: u16 = 1 << 1;

// Flags of a cache flush.

/// Write back.
pub const GNTTAB_CACHE_CLEAN: u32 = 1;
/// Invalidate.
pub const GNTTAB_CACHE_INVAL: u32 = 1 << 1;
/// The page is named by grant reference.
pub const GNTTAB_CACHE_SOURCE_GREF: u32 = 1 << 31;

// Status of each operation.

/// Done.
pub const GNTST_OKAY: i16 = 0;
/// Failed for some other reason.
pub const GNTST_GENERAL_ERROR: i16 = -1;
/// No such domain.
pub const GNTST_BAD_DOMAIN: i16 = -2;
/// No such grant, or not for the caller.
pub const GNTST_BAD_GNTREF: i16 = -3;
/// No such mapping.
pub const GNTST_BAD_HANDLE: i16 = -4;
/// The virtual address can't be mapped.
pub const GNTST_BAD_VIRT_ADDR: i16 = -5;
/// The device address doesn't match.
pub const GNTST_BAD_DEV_ADDR: i16 = -6;
/// The IOMMU is full.
pub const GNTST_NO_DEVICE_SPACE: i16 = -7;
/// Not allowed.
pub const GNTST_PERMISSION_DENIED: i16 = -8;
/// The frame can't be used so.
pub const GNTST_BAD_PAGE: i16 = -9;
/// The copy crosses the end of a page.
pub const GNTST_BAD_COPY_ARG: i16 = -10;
/// The frame's address is too wide.
pub const GNTST_ADDRESS_TOO_BIG: i16 = -11;
/// The page isn't there now; ask again.
pub const GNTST_EAGAIN: i16 = -12;
/// No room to track the mapping.
pub const GNTST_NO_SPACE: i16 = -13;

/// Argument of `GNTTABOP_MAP_GRANT_REF`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabMapGrantRef {
    /// Where to map it; in.
    pub host_addr: u64,
    /// `GNTMAP_*`; in.
    pub flags: u32,
    /// The grant; in.
    pub gref: u32,
    /// Domain that grants; in.
    pub dom: u16,
    /// `GNTST_*`; out.
    pub status: i16,
    /// Number of the mapping; out.
    pub handle: u32,
    /// Address for devices; out.
    pub dev_bus_addr: u64,
}

/// Argument of `GNTTABOP_UNMAP_GRANT_REF`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabUnmapGrantRef {
    /// Where it is mapped, or 0 to leave that; in.
    pub host_addr: u64,
    /// Address for devices, or 0 to leave that; in.
    pub dev_bus_addr: u64,
    /// Number of the mapping; in.
    pub handle: u32,
    /// `GNTST_*`; out.
    pub status: i16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
}

/// Argument of `GNTTABOP_SETUP_TABLE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabSetupTable {
    /// Domain; in.
    pub dom: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Pages that the table shall have; in.
    pub nr_frames: u32,
    /// `GNTST_*`; out.
    pub status: i16,
    #[doc(hidden)]
    pub _pad1: [u8; 6],
    /// Their frames; out.
    pub frame_list: Handle<u64>,
}

/// Argument of `GNTTABOP_DUMP_TABLE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabDumpTable {
    /// Domain; in.
    pub dom: u16,
    /// `GNTST_*`; out.
    pub status: i16,
}

/// Argument of `GNTTABOP_TRANSFER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabTransfer {
    /// Frame given; in.
    pub mfn: u64,
    /// Domain that accepts it; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Its grant; in.
    pub gref: u32,
    /// `GNTST_*`; out.
    pub status: i16,
    #[doc(hidden)]
    pub _pad1: [u8; 6],
}

/// One end of a copy.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabCopyPtr {
    /// Grant reference (low 32 bits) or frame.
    pub u: u64,
    /// Its domain.
    pub domid: u16,
    /// First byte in the page.
    pub offset: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// Argument of `GNTTABOP_COPY`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabCopy {
    /// From; in.
    pub source: GnttabCopyPtr,
    /// To; in.
    pub dest: GnttabCopyPtr,
    /// Bytes; in.
    pub len: u16,
    /// `GNTCOPY_*`; in.
    pub flags: u16,
    /// `GNTST_*`; out.
    pub status: i16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
}

/// Argument of `GNTTABOP_QUERY_SIZE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabQuerySize {
    /// Domain; in.
    pub dom: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Pages it has; out.
    pub nr_frames: u32,
    /// Pages it may have; out.
    pub max_nr_frames: u32,
    /// `GNTST_*`; out.
    pub status: i16,
    #[doc(hidden)]
    pub _pad1: [u8; 2],
}

/// Argument of `GNTTABOP_UNMAP_AND_REPLACE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabUnmapAndReplace {
    /// Where the grant is mapped; in.
    pub host_addr: u64,
    /// Whose mapping takes its place, and is gone then; in.
    pub new_addr: u64,
    /// Number of the mapping; in.
    pub handle: u32,
    /// `GNTST_*`; out.
    pub status: i16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
}

/// Argument of `GNTTABOP_SET_VERSION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabSetVersion {
    /// 1 or 2; in. The version in force; out.
    pub version: u32,
}

/// Argument of `GNTTABOP_GET_STATUS_FRAMES`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabGetStatusFrames {
    /// Room; in.
    pub nr_frames: u32,
    /// Domain; in.
    pub dom: u16,
    /// `GNTST_*`; out.
    pub status: i16,
    /// The frames; out.
    pub frame_list: Handle<u64>,
}

/// Argument of `GNTTABOP_GET_VERSION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabGetVersion {
    /// Domain; in.
    pub dom: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// 1 or 2; out.
    pub version: u32,
}

/// Argument of `GNTTABOP_SWAP_GRANT_REF`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabSwapGrantRef {
    /// One entry; in.
    pub ref_a: u32,
    /// The other; in.
    pub ref_b: u32,
    /// `GNTST_*`; out.
    pub status: i16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
}

/// Argument of `GNTTABOP_CACHE_FLUSH`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GnttabCacheFlush {
    /// Device address, or grant reference in the low half; in.
    pub a: u64,
    /// First byte; in.
    pub offset: u16,
    /// Bytes; in.
    pub length: u16,
    /// `GNTTAB_CACHE_*`; in.
    pub op: u32,
}

crate::assert_sizes! {
    GrantEntryV1 = 8,
    GrantEntryHeader = 4,
    GrantEntryV2 = 16,
    GrantEntryV2FullPage = 16,
    GrantEntryV2SubPage = 16,
    GrantEntryV2Transitive = 12,
    GnttabMapGrantRef = 32,
    GnttabUnmapGrantRef = 24,
    GnttabSetupTable = 24,
    GnttabDumpTable = 4,
    GnttabTransfer = 24,
    GnttabCopyPtr = 16,
    GnttabCopy = 40,
    GnttabQuerySize = 16,
    GnttabUnmapAndReplace = 24,
    GnttabSetVersion = 4,
    GnttabGetStatusFrames = 16,
    GnttabGetVersion = 8,
    GnttabSwapGrantRef = 12,
    GnttabCacheFlush = 16,
}
