//! Control of the machine by the tools (`sysctl.h`, interface version 0x15).
//!
//! The one argument is an `XenSysctl` in the caller's memory, read at the start and, for the commands
//! that answer, written back at the end. Its interface version must match exactly.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Union64;

mod console;
mod cpu;
mod domains;
mod livepatch;
mod memory;
mod physinfo;
mod power;
mod sched;
pub use console::*;
pub use cpu::*;
pub use domains::*;
pub use livepatch::*;
pub use memory::*;
pub use physinfo::*;
pub use power::*;
pub use sched::*;

pub use crate::version::XEN_SYSCTL_INTERFACE_VERSION;

/// Reads the hypervisor's log: `XenSysctlReadconsole`.
pub const XEN_SYSCTL_READCONSOLE: u32 = 1;
/// Trace buffers: `XenSysctlTbufOp`.
pub const XEN_SYSCTL_TBUF_OP: u32 = 2;
/// Describes the machine: `XenSysctlPhysinfo`.
pub const XEN_SYSCTL_PHYSINFO: u32 = 3;
/// Names the default scheduler: `XenSysctlSchedId`.
pub const XEN_SYSCTL_SCHED_ID: u32 = 4;
/// Performance counters of the hypervisor: `XenSysctlPerfcOp`.
pub const XEN_SYSCTL_PERFC_OP: u32 = 5;
/// Describes domains: `XenSysctlGetdomaininfolist`.
pub const XEN_SYSCTL_GETDOMAININFOLIST: u32 = 6;
/// Types keys on the hypervisor's console: `XenSysctlDebugKeys`.
pub const XEN_SYSCTL_DEBUG_KEYS: u32 = 7;
/// Tells idle times: `XenSysctlGetcpuinfo`.
pub const XEN_SYSCTL_GETCPUINFO: u32 = 8;
/// Tells free memory: `XenSysctlAvailheap`.
pub const XEN_SYSCTL_AVAILHEAP: u32 = 9;
/// Statistics of P and C states: `XenSysctlGetPmstat`.
pub const XEN_SYSCTL_GET_PMSTAT: u32 = 10;
/// Brings CPUs up and down: `XenSysctlCpuHotplug`.
pub const XEN_SYSCTL_CPU_HOTPLUG: u32 = 11;
/// Governs frequencies and C states: `XenSysctlPmOp`.
pub const XEN_SYSCTL_PM_OP: u32 = 12;
/// Takes broken frames out of use: `XenSysctlPageOfflineOp`.
pub const XEN_SYSCTL_PAGE_OFFLINE_OP: u32 = 14;
/// Lock statistics: `XenSysctlLockprofOp`.
pub const XEN_SYSCTL_LOCKPROF_OP: u32 = 15;
/// Tells core, socket and node of each CPU: `XenSysctlCputopoinfo`.
pub const XEN_SYSCTL_CPUTOPOINFO: u32 = 16;
/// Tells memory and distances of nodes: `XenSysctlNumainfo`.
pub const XEN_SYSCTL_NUMAINFO: u32 = 17;
/// CPU pools: `XenSysctlCpupoolOp`.
pub const XEN_SYSCTL_CPUPOOL_OP: u32 = 18;
/// Scheduler parameters of a pool: `XenSysctlSchedulerOp`.
pub const XEN_SYSCTL_SCHEDULER_OP: u32 = 19;
/// Coverage data: `XenSysctlCoverageOp`.
pub const XEN_SYSCTL_COVERAGE_OP: u32 = 20;
/// Cache monitoring: `XenSysctlPsrCmtOp`.
pub const XEN_SYSCTL_PSR_CMT_OP: u32 = 21;
/// Tells the node of PCI devices: `XenSysctlPcitopoinfo`.
pub const XEN_SYSCTL_PCITOPOINFO: u32 = 22;
/// Cache and bandwidth allocation: `XenSysctlPsrAlloc`.
pub const XEN_SYSCTL_PSR_ALLOC: u32 = 23;
/// Tells which CPUID words can be masked: `XenSysctlCpuLevellingCaps`.
pub const XEN_SYSCTL_GET_CPU_LEVELLING_CAPS: u32 = 25;
/// Reads a feature set: `XenSysctlCpuFeatureset`.
pub const XEN_SYSCTL_GET_CPU_FEATURESET: u32 = 26;
/// Live patches: `XenSysctlLivepatchOp`.
pub const XEN_SYSCTL_LIVEPATCH_OP: u32 = 27;
/// Reads a CPU policy: `XenSysctlCpuPolicy`.
pub const XEN_SYSCTL_GET_CPU_POLICY: u32 = 29;

/// The argument of `__HYPERVISOR_SYSCTL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctl {
    /// `XEN_SYSCTL_*`; in.
    pub cmd: u32,
    /// `XEN_SYSCTL_INTERFACE_VERSION`; in.
    pub interface_version: u32,
    /// The command's own structure.
    pub u: Union64<16>,
}

crate::assert_sizes! {
    XenSysctl = 136,
}
