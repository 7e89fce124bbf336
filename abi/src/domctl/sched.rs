//! Scheduling parameters of domains and vcpus (`domctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union32, Union64};

// Schedulers.

/// Credit.
pub const XEN_SCHEDULER_CREDIT: u32 = 5;
/// Credit2.
pub const XEN_SCHEDULER_CREDIT2: u32 = 6;
/// Fixed time slots.
pub const XEN_SCHEDULER_ARINC653: u32 = 7;
/// Real time, by deadline.
pub const XEN_SCHEDULER_RTDS: u32 = 8;
/// One vcpu a CPU.
pub const XEN_SCHEDULER_NULL: u32 = 9;

// Commands of `XenDomctlSchedulerOp`.

/// Sets the domain's parameters.
pub const XEN_DOMCTL_SCHEDOP_PUTINFO: u32 = 0;
/// Tells the domain's parameters.
pub const XEN_DOMCTL_SCHEDOP_GETINFO: u32 = 1;
/// Sets the parameters of vcpus.
pub const XEN_DOMCTL_SCHEDOP_PUTVCPUINFO: u32 = 2;
/// Tells the parameters of vcpus.
pub const XEN_DOMCTL_SCHEDOP_GETVCPUINFO: u32 = 3;
/// In `XenDomctlSchedRtds::flags`: may use time that nobody wants.
pub const XEN_DOMCTL_SCHEDRT_EXTRA: u32 = 1;

/// Parameters of credit.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSchedCredit {
    /// Share, 256 by default.
    pub weight: u16,
    /// Percent of one CPU at most, 0 for no limit.
    pub cap: u16,
}

/// Parameters of credit2.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSchedCredit2 {
    /// Share, 256 by default.
    pub weight: u16,
    /// Percent of one CPU at most, 0 for no limit.
    pub cap: u16,
}

/// Parameters of rtds.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSchedRtds {
    /// Microseconds.
    pub period: u32,
    /// Microseconds of each period.
    pub budget: u32,
    /// `XEN_DOMCTL_SCHEDRT_EXTRA`.
    pub flags: u32,
}

/// Parameters of one vcpu.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSchedparamVcpu {
    /// The scheduler's own structure.
    pub u: Union32<3>,
    /// Vcpu.
    pub vcpuid: u32,
}

/// Argument of `XEN_DOMCTL_SCHEDULER_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSchedulerOp {
    /// `XEN_SCHEDULER_*`; in.
    pub sched_id: u32,
    /// `XEN_DOMCTL_SCHEDOP_*`; in.
    pub cmd: u32,
    /// The scheduler's own structure, or `XenDomctlSchedulerOpV`.
    pub u: Union64<2>,
}

/// Parameters of several vcpus.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSchedulerOpV {
    /// Their parameters.
    pub vcpus: Handle<XenDomctlSchedparamVcpu>,
    /// Entries; in. Entries done; out.
    pub nr_vcpus: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

crate::assert_sizes! {
    XenDomctlSchedCredit = 4,
    XenDomctlSchedCredit2 = 4,
    XenDomctlSchedRtds = 12,
    XenDomctlSchedparamVcpu = 16,
    XenDomctlSchedulerOp = 24,
    XenDomctlSchedulerOpV = 16,
}
