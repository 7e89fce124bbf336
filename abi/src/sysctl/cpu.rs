//! CPUs: load, hotplug, feature sets and policies (`sysctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;
use crate::arch_x86::{XenCpuidLeaf, XenMsrEntry};

/// Load of a CPU.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCpuinfo {
    /// Nanoseconds idle since boot.
    pub idletime: u64,
}

/// Argument of `XEN_SYSCTL_GETCPUINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlGetcpuinfo {
    /// Room; in.
    pub max_cpus: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// By CPU; out.
    pub info: Handle<XenSysctlCpuinfo>,
    /// CPUs written; out.
    pub nr_cpus: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
}

// Commands of `XenSysctlCpuHotplug`.

/// Brings a CPU up.
pub const XEN_SYSCTL_CPU_HOTPLUG_ONLINE: u32 = 0;
/// Takes a CPU down.
pub const XEN_SYSCTL_CPU_HOTPLUG_OFFLINE: u32 = 1;
/// Brings second threads up.
pub const XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE: u32 = 2;
/// Takes second threads down.
pub const XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE: u32 = 3;

/// Argument of `XEN_SYSCTL_CPU_HOTPLUG`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCpuHotplug {
    /// CPU; in.
    pub cpu: u32,
    /// `XEN_SYSCTL_CPU_HOTPLUG_*`; in.
    pub op: u32,
}

// `XenSysctlCpuLevellingCaps::caps`.

/// CPUID can fault.
pub const XEN_SYSCTL_CPU_LEVELCAP_FAULTING: u32 = 1;
/// Leaf 1 ecx can be masked.
pub const XEN_SYSCTL_CPU_LEVELCAP_ECX: u32 = 1 << 1;
/// Leaf 1 edx can be masked.
pub const XEN_SYSCTL_CPU_LEVELCAP_EDX: u32 = 1 << 2;
/// Leaf 80000001 ecx can be masked.
pub const XEN_SYSCTL_CPU_LEVELCAP_EXTD_ECX: u32 = 1 << 3;
/// Leaf 80000001 edx can be masked.
pub const XEN_SYSCTL_CPU_LEVELCAP_EXTD_EDX: u32 = 1 << 4;
/// Leaf d:1 eax can be masked.
pub const XEN_SYSCTL_CPU_LEVELCAP_XSAVE_EAX: u32 = 1 << 5;
/// Leaf 6 ecx can be masked.
pub const XEN_SYSCTL_CPU_LEVELCAP_THERMAL_ECX: u32 = 1 << 6;
/// Leaf 7:0 eax can be masked.
pub const XEN_SYSCTL_CPU_LEVELCAP_L7S0_EAX: u32 = 1 << 7;
/// Leaf 7:0 ebx can be masked.
pub const XEN_SYSCTL_CPU_LEVELCAP_L7S0_EBX: u32 = 1 << 8;

/// Answer of `XEN_SYSCTL_GET_CPU_LEVELLING_CAPS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCpuLevellingCaps {
    /// `XEN_SYSCTL_CPU_LEVELCAP_*`.
    pub caps: u32,
}

// `XenSysctlCpuFeatureset::index`.

/// Of the hardware.
pub const XEN_SYSCTL_CPU_FEATURESET_RAW: u32 = 0;
/// Of the hypervisor.
pub const XEN_SYSCTL_CPU_FEATURESET_HOST: u32 = 1;
/// Default for PV.
pub const XEN_SYSCTL_CPU_FEATURESET_PV: u32 = 2;
/// Default for HVM.
pub const XEN_SYSCTL_CPU_FEATURESET_HVM: u32 = 3;
/// All that PV can have.
pub const XEN_SYSCTL_CPU_FEATURESET_PV_MAX: u32 = 4;
/// All that HVM can have.
pub const XEN_SYSCTL_CPU_FEATURESET_HVM_MAX: u32 = 5;

/// Argument of `XEN_SYSCTL_GET_CPU_FEATURESET`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCpuFeatureset {
    /// `XEN_SYSCTL_CPU_FEATURESET_*`; in.
    pub index: u32,
    /// Room, or words; in and out.
    pub nr_features: u32,
    /// Words; null to learn their number.
    pub features: Handle<u32>,
}

// `XenSysctlCpuPolicy::index`.

/// Of the hardware.
pub const XEN_SYSCTL_CPU_POLICY_RAW: u32 = 0;
/// Of the hypervisor.
pub const XEN_SYSCTL_CPU_POLICY_HOST: u32 = 1;
/// All that PV can have.
pub const XEN_SYSCTL_CPU_POLICY_PV_MAX: u32 = 2;
/// All that HVM can have.
pub const XEN_SYSCTL_CPU_POLICY_HVM_MAX: u32 = 3;
/// Default for PV.
pub const XEN_SYSCTL_CPU_POLICY_PV_DEFAULT: u32 = 4;
/// Default for HVM.
pub const XEN_SYSCTL_CPU_POLICY_HVM_DEFAULT: u32 = 5;

/// Argument of `XEN_SYSCTL_GET_CPU_POLICY`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlCpuPolicy {
    /// `XEN_SYSCTL_CPU_POLICY_*`; in.
    pub index: u32,
    /// Room, or leaves; in and out.
    pub nr_leaves: u32,
    /// Room, or MSRs; in and out.
    pub nr_msrs: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Leaves; out.
    pub leaves: Handle<XenCpuidLeaf>,
    /// MSRs; out.
    pub msrs: Handle<XenMsrEntry>,
}

crate::assert_sizes! {
    XenSysctlCpuinfo = 8,
    XenSysctlGetcpuinfo = 24,
    XenSysctlCpuHotplug = 8,
    XenSysctlCpuLevellingCaps = 4,
    XenSysctlCpuFeatureset = 16,
    XenSysctlCpuPolicy = 32,
}
