//! What a device model may do to the domain that it serves (`dm_op.h`).
//!
//! The call names the domain and an array of `XenDmOpBuf`. The first buffer holds an `XenDmOp`, later
//! ones what the operation adds, such as a bitmap. A device model is confined to these operations
//! because nothing else in the call is an address.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

/// Makes a request server: `XenDmOpCreateIoreqServer`.
pub const XEN_DMOP_CREATE_IOREQ_SERVER: u32 = 1;
/// Tells its frames and port: `XenDmOpGetIoreqServerInfo`.
pub const XEN_DMOP_GET_IOREQ_SERVER_INFO: u32 = 2;
/// Sends a range to it: `XenDmOpIoreqServerRange`.
pub const XEN_DMOP_MAP_IO_RANGE_TO_IOREQ_SERVER: u32 = 3;
/// No longer: `XenDmOpIoreqServerRange`.
pub const XEN_DMOP_UNMAP_IO_RANGE_FROM_IOREQ_SERVER: u32 = 4;
/// Turns it on or off: `XenDmOpSetIoreqServerState`.
pub const XEN_DMOP_SET_IOREQ_SERVER_STATE: u32 = 5;
/// Drops it: `XenDmOpDestroyIoreqServer`.
pub const XEN_DMOP_DESTROY_IOREQ_SERVER: u32 = 6;
/// Tells what was written in video memory: `XenDmOpTrackDirtyVram`.
pub const XEN_DMOP_TRACK_DIRTY_VRAM: u32 = 7;
/// Sets a PCI line: `XenDmOpSetPciIntxLevel`.
pub const XEN_DMOP_SET_PCI_INTX_LEVEL: u32 = 8;
/// Sets an ISA line: `XenDmOpSetIsaIrqLevel`.
pub const XEN_DMOP_SET_ISA_IRQ_LEVEL: u32 = 9;
/// Routes a PCI link: `XenDmOpSetPciLinkRoute`.
pub const XEN_DMOP_SET_PCI_LINK_ROUTE: u32 = 10;
/// Reports frames that the device model wrote: `XenDmOpModifiedMemory`.
pub const XEN_DMOP_MODIFIED_MEMORY: u32 = 11;
/// Sets types of frames: `XenDmOpSetMemType`.
pub const XEN_DMOP_SET_MEM_TYPE: u32 = 12;
/// Injects an event: `XenDmOpInjectEvent`.
pub const XEN_DMOP_INJECT_EVENT: u32 = 13;
/// Injects an MSI: `XenDmOpInjectMsi`.
pub const XEN_DMOP_INJECT_MSI: u32 = 14;
/// Sends accesses to a type of frame to the server: `XenDmOpMapMemTypeToIoreqServer`.
pub const XEN_DMOP_MAP_MEM_TYPE_TO_IOREQ_SERVER: u32 = 15;
/// Shuts the domain down: `XenDmOpRemoteShutdown`.
pub const XEN_DMOP_REMOTE_SHUTDOWN: u32 = 16;
/// Moves frames: `XenDmOpRelocateMemory`.
pub const XEN_DMOP_RELOCATE_MEMORY: u32 = 17;
/// Pins cache attributes: `XenDmOpPinMemoryCacheattr`.
pub const XEN_DMOP_PIN_MEMORY_CACHEATTR: u32 = 18;
/// Arm only: sets a line: `XenDmOpSetIrqLevel`.
pub const XEN_DMOP_SET_IRQ_LEVEL: u32 = 19;
/// Tells the number of vcpus: `XenDmOpNrVcpus`.
pub const XEN_DMOP_NR_VCPUS: u32 = 20;

// Ranges of a request server.

/// Ports.
pub const XEN_DMOP_IO_RANGE_PORT: u32 = 0;
/// Physical addresses.
pub const XEN_DMOP_IO_RANGE_MEMORY: u32 = 1;
/// PCI functions, as segment, bus, device, function in one word.
pub const XEN_DMOP_IO_RANGE_PCI: u32 = 2;
/// In `XenDmOpGetIoreqServerInfo::flags`: the port will do.
pub const XEN_DMOP_NO_GFNS: u16 = 1;

// Kinds of injected events.

/// An external interrupt.
pub const XEN_DMOP_EVENT_EXT_INT: u8 = 0;
/// An NMI.
pub const XEN_DMOP_EVENT_NMI: u8 = 2;
/// An exception.
pub const XEN_DMOP_EVENT_HW_EXC: u8 = 3;
/// `int n`.
pub const XEN_DMOP_EVENT_SW_INT: u8 = 4;
/// `int1`.
pub const XEN_DMOP_EVENT_PRI_SW_EXC: u8 = 5;
/// `int3` or `into`.
pub const XEN_DMOP_EVENT_SW_EXC: u8 = 6;
/// Reads go to the server.
pub const XEN_DMOP_IOREQ_MEM_ACCESS_READ: u32 = 1;
/// Writes go to the server.
pub const XEN_DMOP_IOREQ_MEM_ACCESS_WRITE: u32 = 1 << 1;

// Cache attributes.

/// Uncached.
pub const XEN_DMOP_MEM_CACHEATTR_UC: u32 = 0;
/// Write-combining.
pub const XEN_DMOP_MEM_CACHEATTR_WC: u32 = 1;
/// Write-through.
pub const XEN_DMOP_MEM_CACHEATTR_WT: u32 = 4;
/// Write-protected.
pub const XEN_DMOP_MEM_CACHEATTR_WP: u32 = 5;
/// Write-back.
pub const XEN_DMOP_MEM_CACHEATTR_WB: u32 = 6;
/// Uncached unless the MTRR says write-combining.
pub const XEN_DMOP_MEM_CACHEATTR_UCM: u32 = 7;
/// Remove the range.
pub const XEN_DMOP_DELETE_MEM_CACHEATTR: u32 = 0xffffffff;

/// The first buffer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOp {
    /// `XEN_DMOP_*`.
    pub op: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// The operation's own structure.
    pub u: Union64<3>,
}

/// A buffer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpBuf {
    /// Where.
    pub h: Handle<u8>,
    /// Bytes.
    pub size: u64,
}

/// Argument of `XEN_DMOP_CREATE_IOREQ_SERVER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpCreateIoreqServer {
    /// `HVM_IOREQSRV_BUFIOREQ_*`; in.
    pub handle_bufioreq: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
    /// Its number; out.
    pub id: u16,
}

/// Argument of `XEN_DMOP_GET_IOREQ_SERVER_INFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpGetIoreqServerInfo {
    /// Server; in.
    pub id: u16,
    /// `XEN_DMOP_NO_GFNS`; in.
    pub flags: u16,
    /// Port of buffered requests; out.
    pub bufioreq_port: u32,
    /// Frame of the requests; out.
    pub ioreq_gfn: u64,
    /// Frame of buffered requests; out.
    pub bufioreq_gfn: u64,
}

/// Argument of the range operations.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpIoreqServerRange {
    /// Server; in.
    pub id: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// `XEN_DMOP_IO_RANGE_*`; in.
    pub kind: u32,
    /// First of the range; in.
    pub start: u64,
    /// Last of the range; in.
    pub end: u64,
}

/// Argument of `XEN_DMOP_SET_IOREQ_SERVER_STATE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpSetIoreqServerState {
    /// Server.
    pub id: u16,
    /// 0 or 1.
    pub enabled: u8,
    #[doc(hidden)]
    pub _pad0: u8,
}

/// Argument of `XEN_DMOP_DESTROY_IOREQ_SERVER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpDestroyIoreqServer {
    /// Server.
    pub id: u16,
    #[doc(hidden)]
    pub _pad0: u16,
}

/// Argument of `XEN_DMOP_TRACK_DIRTY_VRAM`; the bitmap is the second buffer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpTrackDirtyVram {
    /// Frames, 0 to stop.
    pub nr: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// First frame.
    pub first_pfn: u64,
}

/// Argument of `XEN_DMOP_SET_PCI_INTX_LEVEL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpSetPciIntxLevel {
    /// PCI segment, 0.
    pub domain: u16,
    /// Bus, 0.
    pub bus: u8,
    /// Device.
    pub device: u8,
    /// Pin, from 0.
    pub intx: u8,
    /// 0 or 1.
    pub level: u8,
}

/// Argument of `XEN_DMOP_SET_ISA_IRQ_LEVEL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpSetIsaIrqLevel {
    /// Line.
    pub isa_irq: u8,
    /// 0 or 1.
    pub level: u8,
}

/// Argument of `XEN_DMOP_SET_PCI_LINK_ROUTE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpSetPciLinkRoute {
    /// Link, from 0.
    pub link: u8,
    /// Line, 0 for none.
    pub isa_irq: u8,
}

/// Argument of `XEN_DMOP_MODIFIED_MEMORY`; the extents are the second buffer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpModifiedMemory {
    /// Extents; in. Extents left; out.
    pub nr_extents: u32,
    /// Zero at first; progress of a continuation.
    pub opaque: u32,
}

/// Frames that were written.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpModifiedMemoryExtent {
    /// Frames.
    pub nr: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// First frame.
    pub first_pfn: u64,
}

/// Argument of `XEN_DMOP_SET_MEM_TYPE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpSetMemType {
    /// Frames.
    pub nr: u32,
    /// `HVMMEM_*`.
    pub mem_type: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// First frame.
    pub first_pfn: u64,
}

/// Argument of `XEN_DMOP_INJECT_EVENT`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpInjectEvent {
    /// Vcpu.
    pub vcpuid: u32,
    /// Vector.
    pub vector: u8,
    /// `XEN_DMOP_EVENT_*`.
    pub kind: u8,
    /// Bytes of the instruction, for software events.
    pub insn_len: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    /// Error code, or all ones for none.
    pub error_code: u32,
    #[doc(hidden)]
    pub _pad1: u32,
    /// Address of a page fault.
    pub cr2: u64,
}

/// Argument of `XEN_DMOP_INJECT_MSI`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpInjectMsi {
    /// Message data.
    pub data: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Message address.
    pub addr: u64,
}

/// Argument of `XEN_DMOP_MAP_MEM_TYPE_TO_IOREQ_SERVER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpMapMemTypeToIoreqServer {
    /// Server.
    pub id: u16,
    /// `HVMMEM_IOREQ_SERVER`.
    pub kind: u16,
    /// `XEN_DMOP_IOREQ_MEM_ACCESS_*`, 0 to undo.
    pub flags: u32,
    /// Zero at first; progress of a continuation.
    pub opaque: u64,
}

/// Argument of `XEN_DMOP_REMOTE_SHUTDOWN`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpRemoteShutdown {
    /// `SHUTDOWN_*`.
    pub reason: u32,
}

/// Argument of `XEN_DMOP_RELOCATE_MEMORY`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpRelocateMemory {
    /// Frames; in. Frames left; out.
    pub size: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// From.
    pub src_gfn: u64,
    /// To.
    pub dst_gfn: u64,
}

/// Argument of `XEN_DMOP_PIN_MEMORY_CACHEATTR`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpPinMemoryCacheattr {
    /// First frame.
    pub start: u64,
    /// Last frame.
    pub end: u64,
    /// `XEN_DMOP_MEM_CACHEATTR_*`.
    pub kind: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// Argument of `XEN_DMOP_SET_IRQ_LEVEL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpSetIrqLevel {
    /// Line.
    pub irq: u32,
    /// 0 or 1.
    pub level: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
}

/// Argument of `XEN_DMOP_NR_VCPUS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDmOpNrVcpus {
    /// Vcpus; out.
    pub vcpus: u32,
}

crate::assert_sizes! {
    XenDmOp = 32,
    XenDmOpBuf = 16,
    XenDmOpCreateIoreqServer = 6,
    XenDmOpGetIoreqServerInfo = 24,
    XenDmOpIoreqServerRange = 24,
    XenDmOpSetIoreqServerState = 4,
    XenDmOpDestroyIoreqServer = 4,
    XenDmOpTrackDirtyVram = 16,
    XenDmOpSetPciIntxLevel = 6,
    XenDmOpSetIsaIrqLevel = 2,
    XenDmOpSetPciLinkRoute = 2,
    XenDmOpModifiedMemory = 8,
    XenDmOpModifiedMemoryExtent = 16,
    XenDmOpSetMemType = 16,
    XenDmOpInjectEvent = 24,
    XenDmOpInjectMsi = 16,
    XenDmOpMapMemTypeToIoreqServer = 16,
    XenDmOpRemoteShutdown = 4,
    XenDmOpRelocateMemory = 24,
    XenDmOpPinMemoryCacheattr = 24,
    XenDmOpSetIrqLevel = 8,
    XenDmOpNrVcpus = 4,
}
