//! Free memory, broken frames, shared caches (`sysctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union32, Union64};

/// Argument of `XEN_SYSCTL_AVAILHEAP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlAvailheap {
    /// Least width of an address, 0 for any; in.
    pub min_bitwidth: u32,
    /// Greatest width of an address, 0 for any; in.
    pub max_bitwidth: u32,
    /// Node, -1 for all; in.
    pub node: i32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Bytes free; out.
    pub avail_bytes: u64,
}

// Commands of `XenSysctlPageOfflineOp`.

/// Takes frames out of use.
pub const SYSCTL_PAGE_OFFLINE: u32 = 1;
/// Takes them back.
pub const SYSCTL_PAGE_ONLINE: u32 = 2;
/// Tells their state.
pub const SYSCTL_QUERY_PAGE_OFFLINE: u32 = 3;

// Answers for each frame.

/// The bits of the result.
pub const PG_OFFLINE_STATUS_MASK: u32 = 0xff;
/// No such frame.
pub const PG_OFFLINE_INVALID: u32 = 0x1;
/// Out of use.
pub const PG_OFFLINE_OFFLINED: u32 = 0x1 << 1;
/// Will be when its owner frees it.
pub const PG_OFFLINE_PENDING: u32 = 0x1 << 2;
/// Can't be.
pub const PG_OFFLINE_FAILED: u32 = 0x1 << 3;
/// Try again.
pub const PG_OFFLINE_AGAIN: u32 = 0x1 << 4;
/// Can't be taken back.
pub const PG_ONLINE_FAILED: u32 = PG_OFFLINE_FAILED;
/// Taken back.
pub const PG_ONLINE_ONLINED: u32 = PG_OFFLINE_OFFLINED;
/// For a query: out of use.
pub const PG_OFFLINE_STATUS_OFFLINED: u32 = 0x1 << 1;
/// For a query: in use.
pub const PG_OFFLINE_STATUS_ONLINE: u32 = 0x1 << 2;
/// For a query: will be out of use.
pub const PG_OFFLINE_STATUS_OFFLINE_PENDING: u32 = 0x1 << 3;
/// For a query: broken.
pub const PG_OFFLINE_STATUS_BROKEN: u32 = 0x1 << 4;
/// The bits of the reason.
pub const PG_OFFLINE_MISC_MASK: u32 = 0xFF << 4;
/// Belongs to the hypervisor.
pub const PG_OFFLINE_XENPAGE: u32 = 0x1 << 8;
/// Belongs to dom0.
pub const PG_OFFLINE_DOM0PAGE: u32 = 0x1 << 9;
/// Belongs to nobody we know.
pub const PG_OFFLINE_ANONYMOUS: u32 = 0x1 << 10;
/// Isn't ordinary memory.
pub const PG_OFFLINE_NOT_CONV_RAM: u32 = 0x1 << 11;
/// Belongs to the domain in the upper half.
pub const PG_OFFLINE_OWNED: u32 = 0x1 << 12;
/// Is broken.
pub const PG_OFFLINE_BROKEN: u32 = 0x1 << 13;
/// Is broken.
pub const PG_ONLINE_BROKEN: u32 = PG_OFFLINE_BROKEN;
/// Where the owner is.
pub const PG_OFFLINE_OWNER_SHIFT: u32 = 16;

/// Argument of `XEN_SYSCTL_PAGE_OFFLINE_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPageOfflineOp {
    /// `SYSCTL_PAGE_*`; in.
    pub cmd: u32,
    /// First frame; in.
    pub start: u32,
    /// Last frame; in.
    pub end: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// `PG_*` of each frame; out.
    pub status: Handle<u32>,
}

// Cache monitoring and allocation.

/// Tells the monitoring numbers.
pub const XEN_SYSCTL_PSR_CMT_GET_TOTAL_RMID: u32 = 0;
/// Tells the bytes of a count.
pub const XEN_SYSCTL_PSR_CMT_GET_L3_UPSCALING_FACTOR: u32 = 1;
/// Tells the KiB of a CPU's L3.
pub const XEN_SYSCTL_PSR_CMT_GET_L3_CACHE_SIZE: u32 = 2;
/// Tells whether it is on.
pub const XEN_SYSCTL_PSR_CMT_ENABLED: u32 = 3;
/// Tells what can be counted.
pub const XEN_SYSCTL_PSR_CMT_GET_L3_EVENT_MASK: u32 = 4;

/// Argument of `XEN_SYSCTL_PSR_CMT_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPsrCmtOp {
    /// `XEN_SYSCTL_PSR_CMT_*`; in.
    pub cmd: u32,
    /// Zero.
    pub flags: u32,
    /// A `u32` CPU in, a `u64` out.
    pub u: Union64<1>,
}

/// Describes L3 allocation.
pub const XEN_SYSCTL_PSR_GET_L3_INFO: u32 = 0;
/// Describes L2 allocation.
pub const XEN_SYSCTL_PSR_GET_L2_INFO: u32 = 1;
/// Describes bandwidth allocation.
pub const XEN_SYSCTL_PSR_GET_MBA_INFO: u32 = 2;
/// Code and data have their own ways.
pub const XEN_SYSCTL_PSR_CAT_L3_CDP: u32 = 1;
/// Throttles are linear.
pub const XEN_SYSCTL_PSR_MBA_LINEAR: u32 = 1;

/// Argument of `XEN_SYSCTL_PSR_ALLOC`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPsrAlloc {
    /// `XEN_SYSCTL_PSR_GET_*_INFO`; in.
    pub cmd: u32,
    /// Socket; in.
    pub target: u32,
    /// `XenSysctlPsrCatInfo` or `XenSysctlPsrMbaInfo`; out.
    pub u: Union32<3>,
}

/// Cache allocation.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPsrCatInfo {
    /// Bits of the bitmap of ways.
    pub cbm_len: u32,
    /// Highest class.
    pub cos_max: u32,
    /// `XEN_SYSCTL_PSR_CAT_L3_CDP`.
    pub flags: u32,
}

/// Bandwidth allocation.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPsrMbaInfo {
    /// Highest throttle.
    pub thrtl_max: u32,
    /// Highest class.
    pub cos_max: u32,
    /// `XEN_SYSCTL_PSR_MBA_LINEAR`.
    pub flags: u32,
}

crate::assert_sizes! {
    XenSysctlAvailheap = 24,
    XenSysctlPageOfflineOp = 24,
    XenSysctlPsrCmtOp = 16,
    XenSysctlPsrAlloc = 20,
    XenSysctlPsrCatInfo = 12,
    XenSysctlPsrMbaInfo = 12,
}
