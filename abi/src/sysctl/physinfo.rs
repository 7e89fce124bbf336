//! The machine: CPUs, nodes, devices (`sysctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;
use crate::physdev::PhysdevPciDevice;

// `XenSysctlPhysinfo::capabilities`.

/// HVM domains.
pub const XEN_SYSCTL_PHYSCAP_HVM: u32 = 1;
/// PV domains.
pub const XEN_SYSCTL_PHYSCAP_PV: u32 = 1 << 1;
/// Device passthrough.
pub const XEN_SYSCTL_PHYSCAP_DIRECTIO: u32 = 1 << 2;
/// Nested paging.
pub const XEN_SYSCTL_PHYSCAP_HAP: u32 = 1 << 3;
/// Shadow paging.
pub const XEN_SYSCTL_PHYSCAP_SHADOW: u32 = 1 << 4;
/// IOMMU and nested paging share tables.
pub const XEN_SYSCTL_PHYSCAP_IOMMU_HAP_PT_SHARE: u32 = 32;
/// Processor trace.
pub const XEN_SYSCTL_PHYSCAP_VMTRACE: u32 = 1 << 6;
/// Performance counters for guests.
pub const XEN_SYSCTL_PHYSCAP_VPMU: u32 = 1 << 7;
/// Grant tables version 1.
pub const XEN_SYSCTL_PHYSCAP_GNTTAB_V1: u32 = 1 << 8;
/// Grant tables version 2.
pub const XEN_SYSCTL_PHYSCAP_GNTTAB_V2: u32 = 1 << 9;
/// The highest flag.
pub const XEN_SYSCTL_PHYSCAP_MAX: u32 = XEN_SYSCTL_PHYSCAP_GNTTAB_V2;

/// Answer of `XEN_SYSCTL_PHYSINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPhysinfo {
    /// Threads of a core.
    pub threads_per_core: u32,
    /// Cores of a socket.
    pub cores_per_socket: u32,
    /// CPUs up.
    pub nr_cpus: u32,
    /// Highest CPU there can be.
    pub max_cpu_id: u32,
    /// Nodes up.
    pub nr_nodes: u32,
    /// Highest node there can be.
    pub max_node_id: u32,
    /// KHz of the TSC.
    pub cpu_khz: u32,
    /// `XEN_SYSCTL_PHYSCAP_*`.
    pub capabilities: u32,
    /// None on x86.
    pub arch_capabilities: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Pages of memory.
    pub total_pages: u64,
    /// Pages free.
    pub free_pages: u64,
    /// Of those, pages to be scrubbed.
    pub scrub_pages: u64,
    /// Of those, pages claimed.
    pub outstanding_pages: u64,
    /// Highest frame.
    pub max_mfn: u64,
    /// Words of CPUID: leaf 1 edx and ecx, 80000001 edx and ecx, d:1 eax, 7:0 ebx and ecx, 80000007 edx.
    pub hw_cap: [u32; 8],
}

// Things there aren't.

/// No such core.
pub const XEN_INVALID_CORE_ID: u32 = 0xffffffff;
/// No such socket.
pub const XEN_INVALID_SOCKET_ID: u32 = 0xffffffff;
/// No such node.
pub const XEN_INVALID_NODE_ID: u32 = 0xffffffff;
/// No such node's memory.
pub const XEN_INVALID_MEM_SZ: u32 = 0xffffffff;
/// No such distance.
pub const XEN_INVALID_NODE_DIST: u32 = 0xffffffff;
/// No such device.
pub const XEN_INVALID_DEV: u32 = 0xfffffffe;

/// Where a CPU is.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCputopo {
    /// Core, or `XEN_INVALID_CORE_ID`.
    pub core: u32,
    /// Socket, or `XEN_INVALID_SOCKET_ID`.
    pub socket: u32,
    /// Node, or `XEN_INVALID_NODE_ID`.
    pub node: u32,
}

/// Argument of `XEN_SYSCTL_CPUTOPOINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCputopoinfo {
    /// Room; in. CPUs; out.
    pub num_cpus: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// By CPU; null to learn the number.
    pub cputopo: Handle<XenSysctlCputopo>,
}

/// Memory of a node.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlMeminfo {
    /// Bytes, or `XEN_INVALID_MEM_SZ` in 64 bits.
    pub memsize: u64,
    /// Bytes free.
    pub memfree: u64,
}

/// Argument of `XEN_SYSCTL_NUMAINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlNumainfo {
    /// Room; in. Nodes; out.
    pub num_nodes: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// By node, or null.
    pub meminfo: Handle<XenSysctlMeminfo>,
    /// Distances, `num_nodes` squared, or null.
    pub distance: Handle<u32>,
}

/// Argument of `XEN_SYSCTL_PCITOPOINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPcitopoinfo {
    /// Devices; in. Devices done; out.
    pub num_devs: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Devices; in.
    pub devs: Handle<PhysdevPciDevice>,
    /// Node of each, `XEN_INVALID_NODE_ID` or `XEN_INVALID_DEV`; out.
    pub nodes: Handle<u32>,
}

crate::assert_sizes! {
    XenSysctlPhysinfo = 112,
    XenSysctlCputopo = 12,
    XenSysctlCputopoinfo = 16,
    XenSysctlMeminfo = 16,
    XenSysctlNumainfo = 24,
    XenSysctlPcitopoinfo = 24,
}
