//! The hypervisor's log, traces and counters (`sysctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;
use crate::xen::XenctlBitmap;

/// Argument of `XEN_SYSCTL_READCONSOLE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlReadconsole {
    /// Nonzero to empty the ring; in.
    pub clear: u8,
    /// Nonzero to start from `index`; in.
    pub incremental: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    #[doc(hidden)]
    pub _pad1: u8,
    /// Where to start; in. Where to go on; out.
    pub index: u32,
    /// The log; out.
    pub buffer: Handle<u8>,
    /// Bytes of the buffer; in. Bytes written; out.
    pub count: u32,
    #[doc(hidden)]
    pub _pad2: [u8; 4],
}

/// Argument of `XEN_SYSCTL_DEBUG_KEYS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlDebugKeys {
    /// Keys.
    pub keys: Handle<u8>,
    /// Their number.
    pub nr_keys: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

// Commands of `XenSysctlTbufOp`.

/// Tells where the buffers are.
pub const XEN_SYSCTL_TBUFOP_GET_INFO: u32 = 0;
/// Sets which CPUs trace.
pub const XEN_SYSCTL_TBUFOP_SET_CPU_MASK: u32 = 1;
/// Sets which events are traced.
pub const XEN_SYSCTL_TBUFOP_SET_EVT_MASK: u32 = 2;
/// Makes the buffers.
pub const XEN_SYSCTL_TBUFOP_SET_SIZE: u32 = 3;
/// Starts.
pub const XEN_SYSCTL_TBUFOP_ENABLE: u32 = 4;
/// Stops.
pub const XEN_SYSCTL_TBUFOP_DISABLE: u32 = 5;

/// Argument of `XEN_SYSCTL_TBUF_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlTbufOp {
    /// `XEN_SYSCTL_TBUFOP_*`; in.
    pub cmd: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// CPUs; in.
    pub cpu_mask: XenctlBitmap,
    /// Events; in and out.
    pub evt_mask: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
    /// Frame of the `TInfo`; out.
    pub buffer_mfn: u64,
    /// Pages of each buffer; in. Bytes of the `TInfo`; out.
    pub size: u32,
    #[doc(hidden)]
    pub _pad2: [u8; 4],
}

// Commands of `XenSysctlPerfcOp`.

/// Zeroes the counters.
pub const XEN_SYSCTL_PERFCOP_RESET: u32 = 1;
/// Reads the counters.
pub const XEN_SYSCTL_PERFCOP_QUERY: u32 = 2;

/// A counter.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPerfcDesc {
    /// Its name.
    pub name: [u8; 80],
    /// Its values.
    pub nr_vals: u32,
}

/// Argument of `XEN_SYSCTL_PERFC_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPerfcOp {
    /// `XEN_SYSCTL_PERFCOP_*`; in.
    pub cmd: u32,
    /// Counters; out.
    pub nr_counters: u32,
    /// Values; out.
    pub nr_vals: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Counters, or null.
    pub desc: Handle<XenSysctlPerfcDesc>,
    /// Values, or null.
    pub val: Handle<u32>,
}

// Commands of `XenSysctlLockprofOp`.

/// Zeroes the statistics.
pub const XEN_SYSCTL_LOCKPROF_RESET: u32 = 1;
/// Reads the statistics.
pub const XEN_SYSCTL_LOCKPROF_QUERY: u32 = 2;
/// A global lock.
pub const LOCKPROF_TYPE_GLOBAL: u32 = 0;
/// A lock of a domain.
pub const LOCKPROF_TYPE_PERDOM: u32 = 1;
/// How many types there are.
pub const LOCKPROF_TYPE_N: u32 = 2;

/// Statistics of a lock.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlLockprofData {
    /// Its name.
    pub name: [u8; 40],
    /// `LOCKPROF_TYPE_*`.
    pub kind: i32,
    /// Domain.
    pub idx: i32,
    /// Times taken.
    pub lock_cnt: u64,
    /// Times waited for.
    pub block_cnt: u64,
    /// Nanoseconds held.
    pub lock_time: u64,
    /// Nanoseconds waited for.
    pub block_time: u64,
}

/// Argument of `XEN_SYSCTL_LOCKPROF_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlLockprofOp {
    /// `XEN_SYSCTL_LOCKPROF_*`; in.
    pub cmd: u32,
    /// Room; in.
    pub max_elem: u32,
    /// Locks; out.
    pub nr_elem: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Nanoseconds of the statistics; out.
    pub time: u64,
    /// Statistics; out.
    pub data: Handle<XenSysctlLockprofData>,
}

// Coverage.

/// Begins the data.
pub const XEN_GCOV_FORMAT_MAGIC: u32 = 0x58434f56;
/// Tells the bytes.
pub const XEN_SYSCTL_COVERAGE_GET_SIZE: u32 = 0;
/// Reads the data.
pub const XEN_SYSCTL_COVERAGE_READ: u32 = 1;
/// Zeroes the counters.
pub const XEN_SYSCTL_COVERAGE_RESET: u32 = 2;

/// Argument of `XEN_SYSCTL_COVERAGE_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCoverageOp {
    /// `XEN_SYSCTL_COVERAGE_*`; in.
    pub cmd: u32,
    /// Bytes; in and out.
    pub size: u32,
    /// The data; out.
    pub buffer: Handle<u8>,
}

crate::assert_sizes! {
    XenSysctlReadconsole = 24,
    XenSysctlDebugKeys = 16,
    XenSysctlTbufOp = 48,
    XenSysctlPerfcDesc = 84,
    XenSysctlPerfcOp = 32,
    XenSysctlLockprofData = 80,
    XenSysctlLockprofOp = 32,
    XenSysctlCoverageOp = 16,
}
