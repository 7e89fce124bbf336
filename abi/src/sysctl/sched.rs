//! Scheduler parameters of a CPU pool (`sysctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Union64;
use crate::xen::XenDomainHandle;

/// Sets the parameters.
pub const XEN_SYSCTL_SCHEDOP_PUTINFO: u32 = 0;
/// Tells the parameters.
pub const XEN_SYSCTL_SCHEDOP_GETINFO: u32 = 1;
/// Microseconds, the longest rate limit.
pub const XEN_SYSCTL_SCHED_RATELIMIT_MAX: u32 = 500000;
/// Microseconds, the shortest rate limit other than 0.
pub const XEN_SYSCTL_SCHED_RATELIMIT_MIN: u32 = 100;
/// Milliseconds, the longest slice.
pub const XEN_SYSCTL_CSCHED_TSLICE_MAX: u32 = 1000;
/// Milliseconds, the shortest slice.
pub const XEN_SYSCTL_CSCHED_TSLICE_MIN: u32 = 1;
/// Microseconds, the longest migration delay.
pub const XEN_SYSCTL_CSCHED_MGR_DLY_MAX_US: u32 = 0x186a0;
/// Entries of a fixed schedule.
pub const ARINC653_MAX_DOMAINS_PER_SCHEDULE: usize = 64;

/// Answer of `XEN_SYSCTL_SCHED_ID`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlSchedId {
    /// `XEN_SCHEDULER_*`.
    pub sched_id: u32,
}

/// Parameters of credit.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCreditSchedule {
    /// Slice, ms.
    pub tslice_ms: u32,
    /// Least time on a CPU, us, 0 for none.
    pub ratelimit_us: u32,
    /// Time for which a cache is taken to be warm, us.
    pub vcpu_migr_delay_us: u32,
}

/// Parameters of credit2.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCredit2Schedule {
    /// Least time on a CPU, us, 0 for none.
    pub ratelimit_us: u32,
}

/// A slot of a fixed schedule.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlArinc653Entry {
    /// The domain's UUID.
    pub dom_handle: XenDomainHandle,
    /// Vcpu.
    pub vcpu_id: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Nanoseconds.
    pub runtime: u64,
}

/// A fixed schedule.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlArinc653Schedule {
    /// Nanoseconds of one round.
    pub major_frame: u64,
    /// Slots.
    pub num_sched_entries: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 7],
    /// The slots.
    pub sched_entries: [XenSysctlArinc653Entry; 64],
}

/// Argument of `XEN_SYSCTL_SCHEDULER_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlSchedulerOp {
    /// Pool; in.
    pub cpupool_id: u32,
    /// `XEN_SCHEDULER_*`; in.
    pub sched_id: u32,
    /// `XEN_SYSCTL_SCHEDOP_*`; in.
    pub cmd: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// The scheduler's own structure, or a handle of `XenSysctlArinc653Schedule`.
    pub u: Union64<2>,
}

crate::assert_sizes! {
    XenSysctlSchedId = 4,
    XenSysctlCreditSchedule = 12,
    XenSysctlCredit2Schedule = 4,
    XenSysctlArinc653Entry = 32,
    XenSysctlArinc653Schedule = 2064,
    XenSysctlSchedulerOp = 32,
}
