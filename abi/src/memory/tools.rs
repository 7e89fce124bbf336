//! Memory operations of tools and device models: populate-on-demand, paging, access rights, sharing,
//! resources (`memory.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::physdev::PhysdevPciDevice;
use crate::{Handle, Union64};

/// Sets how much of a populate-on-demand domain is real: `XenPodTarget`.
pub const XENMEM_SET_POD_TARGET: u32 = 16;
/// Tells it: `XenPodTarget`.
pub const XENMEM_GET_POD_TARGET: u32 = 17;
/// Returns the frames saved by sharing; no argument.
pub const XENMEM_GET_SHARING_FREED_PAGES: u32 = 18;
/// Returns the frames that are shared; no argument.
pub const XENMEM_GET_SHARING_SHARED_PAGES: u32 = 19;
/// Pages guest memory out and in: `XenMemPagingOp`.
pub const XENMEM_PAGING_OP: u32 = 20;
/// Picks a page for eviction.
pub const XENMEM_PAGING_OP_NOMINATE: u32 = 0;
/// Evicts it.
pub const XENMEM_PAGING_OP_EVICT: u32 = 1;
/// Brings it back.
pub const XENMEM_PAGING_OP_PREP: u32 = 2;
/// Access rights of guest frames: `XenMemAccessOp`.
pub const XENMEM_ACCESS_OP: u32 = 21;
/// Sets those of a range.
pub const XENMEM_ACCESS_OP_SET_ACCESS: u32 = 0;
/// Tells those of a frame.
pub const XENMEM_ACCESS_OP_GET_ACCESS: u32 = 1;
/// Sets those of a list.
pub const XENMEM_ACCESS_OP_SET_ACCESS_MULTI: u32 = 4;
/// No access.
pub const XENMEM_ACCESS_N: u8 = 0;
/// Read.
pub const XENMEM_ACCESS_R: u8 = 1;
/// Write.
pub const XENMEM_ACCESS_W: u8 = 2;
/// Read and write.
pub const XENMEM_ACCESS_RW: u8 = 3;
/// Execute.
pub const XENMEM_ACCESS_X: u8 = 4;
/// Read and execute.
pub const XENMEM_ACCESS_RX: u8 = 5;
/// Write and execute.
pub const XENMEM_ACCESS_WX: u8 = 6;
/// Everything.
pub const XENMEM_ACCESS_RWX: u8 = 7;
/// Read and execute; a write turns it into read and write.
pub const XENMEM_ACCESS_RX2RW: u8 = 8;
/// Nothing; the first access is reported and then everything allowed.
pub const XENMEM_ACCESS_N2RWX: u8 = 9;
/// The domain's default.
pub const XENMEM_ACCESS_DEFAULT: u8 = 10;
/// Shares pages between domains: `XenMemSharingOp`.
pub const XENMEM_SHARING_OP: u32 = 22;
/// Makes a frame shareable.
pub const XENMEM_SHARING_OP_NOMINATE_GFN: u32 = 0;
/// Makes a granted page shareable.
pub const XENMEM_SHARING_OP_NOMINATE_GREF: u32 = 1;
/// Makes two nominated pages one.
pub const XENMEM_SHARING_OP_SHARE: u32 = 2;
/// Prints the state of a guest frame.
pub const XENMEM_SHARING_OP_DEBUG_GFN: u32 = 3;
/// Prints the state of a machine frame.
pub const XENMEM_SHARING_OP_DEBUG_MFN: u32 = 4;
/// Prints the state of a granted page.
pub const XENMEM_SHARING_OP_DEBUG_GREF: u32 = 5;
/// Maps a shared page into an empty slot.
pub const XENMEM_SHARING_OP_ADD_PHYSMAP: u32 = 6;
/// Checks all shared pages.
pub const XENMEM_SHARING_OP_AUDIT: u32 = 7;
/// Shares a range of equal frames.
pub const XENMEM_SHARING_OP_RANGE_SHARE: u32 = 8;
/// Populates a domain by sharing all of another's memory.
pub const XENMEM_SHARING_OP_FORK: u32 = 9;
/// Undoes what a fork has changed.
pub const XENMEM_SHARING_OP_FORK_RESET: u32 = 10;
/// The source handle is stale.
pub const XENMEM_SHARING_OP_S_HANDLE_INVALID: i32 = -10;
/// The client handle is stale.
pub const XENMEM_SHARING_OP_C_HANDLE_INVALID: i32 = -9;
/// In a gfn: it is a grant reference.
pub const XENMEM_SHARING_OP_FIELD_IS_GREF_FLAG: u64 = 1 << 62;
/// A fork may have an IOMMU.
pub const XENMEM_FORK_WITH_IOMMU_ALLOWED: u16 = 1;
/// A fork gets no interrupts.
pub const XENMEM_FORK_BLOCK_INTERRUPTS: u16 = 1 << 1;
/// Reset the vcpus of the fork.
pub const XENMEM_FORK_RESET_STATE: u16 = 1 << 2;
/// Reset the memory of the fork.
pub const XENMEM_FORK_RESET_MEMORY: u16 = 1 << 3;
/// Lists memory that firmware reserved for devices: `XenReservedDeviceMemoryMap`.
pub const XENMEM_RESERVED_DEVICE_MEMORY_MAP: u32 = 27;
/// For all devices.
pub const XENMEM_RDM_ALL: u32 = 1;
/// Maps pages that belong to no guest frame: `XenMemAcquireResource`.
pub const XENMEM_ACQUIRE_RESOURCE: u32 = 28;
/// Pages of a device model's request server.
pub const XENMEM_RESOURCE_IOREQ_SERVER: u16 = 0;
/// Pages of the grant table.
pub const XENMEM_RESOURCE_GRANT_TABLE: u16 = 1;
/// A vcpu's processor-trace buffer.
pub const XENMEM_RESOURCE_VMTRACE_BUF: u16 = 2;
/// Grant entries.
pub const XENMEM_RESOURCE_GRANT_TABLE_ID_SHARED: u32 = 0;
/// Grant status words.
pub const XENMEM_RESOURCE_GRANT_TABLE_ID_STATUS: u32 = 1;
/// The page of buffered requests; synchronous ones follow.
pub const XENMEM_RESOURCE_IOREQ_SERVER_FRAME_BUFIOREQ: u64 = 0;

/// Argument of the populate-on-demand commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPodTarget {
    /// Pages the guest shall have; in.
    pub target_pages: u64,
    /// Pages it has; out.
    pub tot_pages: u64,
    /// Of those, not yet given to a frame; out.
    pub pod_cache_pages: u64,
    /// Frames not yet populated; out.
    pub pod_entries: u64,
    /// Domain; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 6],
}

/// Argument of `XENMEM_PAGING_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMemPagingOp {
    /// `XENMEM_PAGING_OP_*`; in.
    pub op: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    /// Domain; in.
    pub domain: u16,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
    /// Contents of a page that is brought back, or null; in.
    pub buffer: Handle<u8>,
    /// The frame; in.
    pub gfn: u64,
}

/// Argument of `XENMEM_ACCESS_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMemAccessOp {
    /// `XENMEM_ACCESS_OP_*`; in.
    pub op: u8,
    /// `XENMEM_ACCESS_N` and the following; in or out.
    pub access: u8,
    /// Domain; in.
    pub domid: u16,
    /// Frames; in.
    pub nr: u32,
    /// First frame, all ones for the default; in.
    pub pfn: u64,
    /// Frames of a list; in.
    pub pfn_list: Handle<u64>,
    /// Their rights; in.
    pub access_list: Handle<u8>,
}

/// Argument of `XENMEM_SHARING_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMemSharingOp {
    /// `XENMEM_SHARING_OP_*`; in.
    pub op: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    /// Domain; in.
    pub domain: u16,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
    /// The operation's `MemSharingOp*`.
    pub u: Union64<5>,
}

/// For nominations.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MemSharingOpNominate {
    /// Gfn, or grant reference in the low half; in.
    pub u: u64,
    /// Handle of the page; out.
    pub handle: u64,
}

/// For sharing and mapping.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MemSharingOpShare {
    /// Frame of the source; in.
    pub source_gfn: u64,
    /// Its handle; in.
    pub source_handle: u64,
    /// Frame of the client; in.
    pub client_gfn: u64,
    /// Its handle; in.
    pub client_handle: u64,
    /// The client; in.
    pub client_domain: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 6],
}

/// For ranges.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MemSharingOpRange {
    /// First frame; in.
    pub first_gfn: u64,
    /// Last frame; in.
    pub last_gfn: u64,
    /// Zero at first; progress of a continuation.
    pub opaque: u64,
    /// The client; in.
    pub client_domain: u16,
    #[doc(hidden)]
    pub _pad: [u16; 3],
}

/// For debugging.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MemSharingOpDebug {
    /// Gfn, mfn, or grant reference in the low half; in.
    pub u: u64,
}

/// For forks.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MemSharingOpFork {
    /// The domain forked; in.
    pub parent_domain: u16,
    /// `XENMEM_FORK_*`; in.
    pub flags: u16,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// A range reserved for a device.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenReservedDeviceMemory {
    /// First frame.
    pub start_pfn: u64,
    /// Frames.
    pub nr_pages: u64,
}

/// Argument of `XENMEM_RESERVED_DEVICE_MEMORY_MAP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenReservedDeviceMemoryMap {
    /// `XENMEM_RDM_ALL`; in.
    pub flags: u32,
    /// Room; in. Entries that exist; out.
    pub nr_entries: u32,
    /// The ranges; out.
    pub buffer: Handle<XenReservedDeviceMemory>,
    /// The device, unless all; in.
    pub dev: PhysdevPciDevice,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// Argument of `XENMEM_ACQUIRE_RESOURCE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMemAcquireResource {
    /// Domain that has the resource; in.
    pub domid: u16,
    /// `XENMEM_RESOURCE_*`; in.
    pub kind: u16,
    /// Which of its kind; in.
    pub id: u32,
    /// Frames to map, or 0 with a null list to learn the size; in and out.
    pub nr_frames: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// First frame of the resource; in.
    pub frame: u64,
    /// Machine frames for a PV caller (out), guest frames to map at for HVM (in).
    pub frame_list: Handle<u64>,
}

crate::assert_sizes! {
    XenPodTarget = 40,
    XenMemPagingOp = 24,
    XenMemAccessOp = 32,
    XenMemSharingOp = 48,
    MemSharingOpNominate = 16,
    MemSharingOpShare = 40,
    MemSharingOpRange = 32,
    MemSharingOpDebug = 8,
    MemSharingOpFork = 8,
    XenReservedDeviceMemory = 16,
    XenReservedDeviceMemoryMap = 24,
    XenMemAcquireResource = 32,
}
