//! Lists of domains, and CPU pools (`sysctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;
use crate::domctl::XenDomctlGetdomaininfo;
use crate::xen::XenctlBitmap;

/// Argument of `XEN_SYSCTL_GETDOMAININFOLIST`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlGetdomaininfolist {
    /// Where to start; in.
    pub first_domain: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Room; in.
    pub max_domains: u32,
    /// Domains, in ascending order; out.
    pub buffer: Handle<XenDomctlGetdomaininfo>,
    /// Domains; out.
    pub num_domains: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
}

// Commands of `XenSysctlCpupoolOp`.

/// Makes a pool.
pub const XEN_SYSCTL_CPUPOOL_OP_CREATE: u32 = 1;
/// Drops it.
pub const XEN_SYSCTL_CPUPOOL_OP_DESTROY: u32 = 2;
/// Describes it, or the next one there is.
pub const XEN_SYSCTL_CPUPOOL_OP_INFO: u32 = 3;
/// Gives it a CPU.
pub const XEN_SYSCTL_CPUPOOL_OP_ADDCPU: u32 = 4;
/// Takes a CPU from it.
pub const XEN_SYSCTL_CPUPOOL_OP_RMCPU: u32 = 5;
/// Moves a domain to it.
pub const XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN: u32 = 6;
/// Tells the CPUs that are in no pool.
pub const XEN_SYSCTL_CPUPOOL_OP_FREEINFO: u32 = 7;
/// Any pool, any CPU.
pub const XEN_SYSCTL_CPUPOOL_PAR_ANY: u32 = 0xffffffff;

/// Argument of `XEN_SYSCTL_CPUPOOL_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCpupoolOp {
    /// `XEN_SYSCTL_CPUPOOL_OP_*`; in.
    pub op: u32,
    /// Pool; in, and out when made or described.
    pub cpupool_id: u32,
    /// `XEN_SCHEDULER_*`; in when made, out when described.
    pub sched_id: u32,
    /// Domain to move; in.
    pub domid: u32,
    /// CPU to give or take; in.
    pub cpu: u32,
    /// Domains in the pool; out.
    pub n_dom: u32,
    /// CPUs; out.
    pub cpumap: XenctlBitmap,
}

crate::assert_sizes! {
    XenSysctlGetdomaininfolist = 24,
    XenSysctlCpupoolOp = 40,
}
