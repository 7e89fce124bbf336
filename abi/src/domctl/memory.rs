//! A domain's memory as its tools treat it: limits, page types, dirty logs, paging pool, NUMA (`domctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;
use crate::memory::XenVmemrange;
use crate::xen::XenctlBitmap;

// Types of frames, in the top four bits of each answer of `XEN_DOMCTL_GETPAGEFRAMEINFO3`.

/// Where the type is, in a 32-bit word.
pub const XEN_DOMCTL_PFINFO_LTAB_SHIFT: u32 = 28;
/// An ordinary page.
pub const XEN_DOMCTL_PFINFO_NOTAB: u32 = 0x0;
/// An L1 table.
pub const XEN_DOMCTL_PFINFO_L1TAB: u32 = 0x1 << 28;
/// An L2 table.
pub const XEN_DOMCTL_PFINFO_L2TAB: u32 = 0x2 << 28;
/// An L3 table.
pub const XEN_DOMCTL_PFINFO_L3TAB: u32 = 0x3 << 28;
/// An L4 table.
pub const XEN_DOMCTL_PFINFO_L4TAB: u32 = 0x4 << 28;
/// Which table.
pub const XEN_DOMCTL_PFINFO_LTABTYPE_MASK: u32 = 0x7 << 28;
/// The table is pinned.
pub const XEN_DOMCTL_PFINFO_LPINTAB: u32 = 0x1 << 31;
/// No such frame.
pub const XEN_DOMCTL_PFINFO_XTAB: u32 = 0xf << 28;
/// A frame that only exists when restored.
pub const XEN_DOMCTL_PFINFO_XALLOC: u32 = 0xe << 28;
/// A broken frame.
pub const XEN_DOMCTL_PFINFO_BROKEN: u32 = 0xd << 28;
/// All bits of the type.
pub const XEN_DOMCTL_PFINFO_LTAB_MASK: u32 = 0xf << 28;

/// Argument of `XEN_DOMCTL_GETPAGEFRAMEINFO3`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlGetpageframeinfo3 {
    /// Frames; in.
    pub num: u64,
    /// Frames; in. Types, in bits 28 to 31 of each word; out.
    pub array: Handle<u64>,
}

// Commands of `XenDomctlShadowOp`.

/// Turns all of it off.
pub const XEN_DOMCTL_SHADOW_OP_OFF: u32 = 0;
/// Turns modes on.
pub const XEN_DOMCTL_SHADOW_OP_ENABLE: u32 = 32;
/// Copies the dirty bitmap and clears it.
pub const XEN_DOMCTL_SHADOW_OP_CLEAN: u32 = 11;
/// Copies the dirty bitmap.
pub const XEN_DOMCTL_SHADOW_OP_PEEK: u32 = 12;
/// Tells the memory for paging, in MiB.
pub const XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION: u32 = 30;
/// Sets the memory for paging, in MiB.
pub const XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION: u32 = 31;
/// Turns shadow paging on, for a test.
pub const XEN_DOMCTL_SHADOW_OP_ENABLE_TEST: u32 = 1;
/// Turns dirty logging on.
pub const XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY: u32 = 2;

// `XenDomctlShadowOp::mode`.

/// Shadow tables count references.
pub const XEN_DOMCTL_SHADOW_ENABLE_REFCOUNT: u32 = 1 << 1;
/// Dirty pages are logged.
pub const XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY: u32 = 1 << 2;
/// Guest frames are translated.
pub const XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE: u32 = 1 << 3;
/// The guest doesn't see the tables.
pub const XEN_DOMCTL_SHADOW_ENABLE_EXTERNAL: u32 = 1 << 4;
/// For the bitmap commands: the last round.
pub const XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL: u32 = 1;

/// Counts since the last `XEN_DOMCTL_SHADOW_OP_CLEAN`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlShadowOpStats {
    /// Faults.
    pub fault_count: u32,
    /// Dirty pages.
    pub dirty_count: u32,
}

/// Argument of `XEN_DOMCTL_SHADOW_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlShadowOp {
    /// `XEN_DOMCTL_SHADOW_OP_*`; in.
    pub op: u32,
    /// `XEN_DOMCTL_SHADOW_ENABLE_*`; in.
    pub mode: u32,
    /// MiB for paging; in or out.
    pub mb: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Bitmap by guest frame, or null.
    pub dirty_bitmap: Handle<u8>,
    /// Frames the bitmap has room for; in. Frames written; out.
    pub pages: u64,
    /// Counts; out.
    pub stats: XenDomctlShadowOpStats,
}

/// Argument of `XEN_DOMCTL_MAX_MEM`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlMaxMem {
    /// KiB.
    pub max_memkb: u64,
}

/// Argument of the node-affinity commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlNodeaffinity {
    /// Preferred nodes.
    pub nodemap: XenctlBitmap,
}

/// Answer of `XEN_DOMCTL_AUDIT_P2M`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlAuditP2m {
    /// Frames without a guest frame.
    pub orphans: u64,
    /// Wrong M2P entries.
    pub m2p_bad: u64,
    /// Wrong p2m entries.
    pub p2m_bad: u64,
}

/// Argument of `XEN_DOMCTL_SET_BROKEN_PAGE_P2M`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSetBrokenPageP2m {
    /// Frame.
    pub pfn: u64,
}

/// Argument of `XEN_DOMCTL_CACHEFLUSH`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlCacheflush {
    /// First frame.
    pub start_pfn: u64,
    /// Frames.
    pub nr_pfns: u64,
}

/// Argument of the paging-pool commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlPagingMempool {
    /// Bytes.
    pub size: u64,
}

/// Argument of `XEN_DOMCTL_SETVNUMAINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVnuma {
    /// Virtual nodes.
    pub nr_vnodes: u32,
    /// Memory ranges.
    pub nr_vmemranges: u32,
    /// Vcpus.
    pub nr_vcpus: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Distances, `nr_vnodes` squared.
    pub vdistance: Handle<u32>,
    /// Node of each vcpu.
    pub vcpu_to_vnode: Handle<u32>,
    /// Physical node of each virtual one.
    pub vnode_to_pnode: Handle<u32>,
    /// Ranges.
    pub vmemrange: Handle<XenVmemrange>,
}

crate::assert_sizes! {
    XenDomctlGetpageframeinfo3 = 16,
    XenDomctlShadowOpStats = 8,
    XenDomctlShadowOp = 40,
    XenDomctlMaxMem = 8,
    XenDomctlNodeaffinity = 16,
    XenDomctlAuditP2m = 24,
    XenDomctlSetBrokenPageP2m = 8,
    XenDomctlCacheflush = 16,
    XenDomctlPagingMempool = 8,
    XenDomctlVnuma = 48,
}
