//! Operations on HVM domains, and the tables that hvmloader and the tools agree on (`hvm_op.h`, `e820.h`,
//! `hvm_info_table.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Sets an `HVM_PARAM_*`: `XenHvmParam`.
pub const HVMOP_SET_PARAM: u32 = 0;
/// Reads an `HVM_PARAM_*`: `XenHvmParam`.
pub const HVMOP_GET_PARAM: u32 = 1;
/// Flushes the TLBs of the calling domain; no argument.
pub const HVMOP_FLUSH_TLBS: u32 = 5;
/// A page table is about to be freed: `XenHvmPagetableDying`.
pub const HVMOP_PAGETABLE_DYING: u32 = 9;
/// Reads system time: `XenHvmGetTime`.
pub const HVMOP_GET_TIME: u32 = 10;
/// Adds a trace record: `XenHvmXentrace`.
pub const HVMOP_XENTRACE: u32 = 11;
/// Replaced by `XENMEM_ACCESS_OP`.
pub const HVMOP_SET_MEM_ACCESS: u32 = 12;
/// Replaced by `XENMEM_ACCESS_OP`.
pub const HVMOP_GET_MEM_ACCESS: u32 = 13;
/// Reads the type of a guest frame: `XenHvmGetMemType`.
pub const HVMOP_GET_MEM_TYPE: u32 = 15;
/// Sets a vcpu's own upcall vector: `XenHvmEvtchnUpcallVector`.
pub const HVMOP_SET_EVTCHN_UPCALL_VECTOR: u32 = 23;
/// Sends a monitor event; no argument.
pub const HVMOP_GUEST_REQUEST_VM_EVENT: u32 = 24;
/// Alternate physical maps: `XenHvmAltp2mOp`.
pub const HVMOP_ALTP2M: u32 = 25;

// Types of guest frames.

/// Memory.
pub const HVMMEM_RAM_RW: u16 = 0;
/// Memory; writes are dropped.
pub const HVMMEM_RAM_RO: u16 = 1;
/// Accesses go to the device model.
pub const HVMMEM_MMIO_DM: u16 = 2;
/// No longer in use.
pub const HVMMEM_UNUSED: u16 = 3;
/// Writes go to the device model.
pub const HVMMEM_IOREQ_SERVER: u16 = 4;

// Buffered requests of a request server.

/// There are none.
pub const HVM_IOREQSRV_BUFIOREQ_OFF: u8 = 0;
/// They are there.
pub const HVM_IOREQSRV_BUFIOREQ_LEGACY: u8 = 1;
/// They are there, and the reader updates its pointer atomically.
pub const HVM_IOREQSRV_BUFIOREQ_ATOMIC: u8 = 2;

/// Argument of `HVMOP_SET_PARAM` and `HVMOP_GET_PARAM`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmParam {
    /// Domain; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// `HVM_PARAM_*`; in.
    pub index: u32,
    /// The value; in or out.
    pub value: u64,
}

/// Argument of `HVMOP_PAGETABLE_DYING`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmPagetableDying {
    /// Domain; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: [u16; 3],
    /// Guest physical address of the top-level table; in.
    pub gpa: u64,
}

/// Argument of `HVMOP_GET_TIME`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmGetTime {
    /// Nanoseconds of system time; out.
    pub now: u64,
}

/// Argument of `HVMOP_XENTRACE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmXentrace {
    /// Event number; in.
    pub event: u16,
    /// Bytes in `extra`; in.
    pub extra_bytes: u16,
    /// Data; in.
    pub extra: [u8; 28],
}

/// Argument of `HVMOP_GET_MEM_TYPE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmGetMemType {
    /// Domain; in.
    pub domid: u16,
    /// `HVMMEM_*`; out.
    pub mem_type: u16,
    #[doc(hidden)]
    pub _pad0: [u16; 2],
    /// Frame; in.
    pub pfn: u64,
}

/// Argument of `HVMOP_SET_EVTCHN_UPCALL_VECTOR`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmEvtchnUpcallVector {
    /// Vcpu; in.
    pub vcpu: u32,
    /// IDT vector, 0x10 or higher, or 0 for none; in.
    pub vector: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
}

// Where hvmloader finds its tables.

/// Physical address of the page that holds the memory map.
pub const HVM_E820_PAGE: u64 = 0x00090000;
/// Offset in that page of the number of entries.
pub const HVM_E820_NR_OFFSET: usize = 0x000001e8;
/// Offset in that page of the entries.
pub const HVM_E820_OFFSET: usize = 0x000002d0;
/// Where memory below 4 GiB ends at the latest.
pub const HVM_BELOW_4G_RAM_END: u64 = 0xf0000000;
/// Where device memory below 4 GiB begins.
pub const HVM_BELOW_4G_MMIO_START: u64 = 0xf0000000;
/// Its bytes.
pub const HVM_BELOW_4G_MMIO_LENGTH: u64 = 0x10000000;
/// Frame of the `HvmInfoTable`.
pub const HVM_INFO_PFN: u64 = 159;
/// Its offset in that frame.
pub const HVM_INFO_OFFSET: u64 = 0x800;
/// Its physical address.
pub const HVM_INFO_PADDR: u64 = 0x9f800;
/// Vcpus that an HVM domain can have.
pub const HVM_MAX_VCPUS: usize = 128;

/// What the tools tell hvmloader.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HvmInfoTable {
    /// `HVM INFO`.
    pub signature: [u8; 8],
    /// Bytes.
    pub length: u32,
    /// Makes the bytes add up to zero.
    pub checksum: u8,
    /// Nonzero if there are APICs.
    pub apic_mode: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Vcpus.
    pub nr_vcpus: u32,
    /// Frame where memory below 4 GiB ends.
    pub low_mem_pgend: u32,
    /// First frame of the region reserved for special pages.
    pub reserved_mem_pgstart: u32,
    /// Frame where memory above 4 GiB ends, 0 if there is none.
    pub high_mem_pgend: u32,
    /// Bit of each vcpu that is up.
    pub vcpu_online: [u8; 16],
}

crate::assert_sizes! {
    XenHvmParam = 16,
    XenHvmPagetableDying = 16,
    XenHvmGetTime = 8,
    XenHvmXentrace = 32,
    XenHvmGetMemType = 16,
    XenHvmEvtchnUpcallVector = 8,
    HvmInfoTable = 48,
}
