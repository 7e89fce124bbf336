//! Performance counters for PV guests (`pmu.h`, `arch-x86/pmu.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Union64;

/// Major version of the interface.
pub const XENPMU_VER_MAJ: u32 = 0;
/// Minor version of the interface.
pub const XENPMU_VER_MIN: u32 = 1;
/// Tells the mode; dom0.
pub const XENPMU_MODE_GET: u32 = 0;
/// Sets the mode; dom0.
pub const XENPMU_MODE_SET: u32 = 1;
/// Tells the features; dom0.
pub const XENPMU_FEATURE_GET: u32 = 2;
/// Sets the features; dom0.
pub const XENPMU_FEATURE_SET: u32 = 3;
/// Gives a vcpu its shared page.
pub const XENPMU_INIT: u32 = 4;
/// Takes it away.
pub const XENPMU_FINISH: u32 = 5;
/// Takes over the APIC entry in the shared page.
pub const XENPMU_LVTPC_SET: u32 = 6;
/// Writes back cached counters.
pub const XENPMU_FLUSH: u32 = 7;
/// Nobody.
pub const XENPMU_MODE_OFF: u64 = 0;
/// Each domain counts itself.
pub const XENPMU_MODE_SELF: u64 = 1;
/// Dom0 counts itself and the hypervisor.
pub const XENPMU_MODE_HV: u64 = 1 << 1;
/// Dom0 counts everything.
pub const XENPMU_MODE_ALL: u64 = 1 << 2;
/// Branch trace store.
pub const XENPMU_FEATURE_INTEL_BTS: u64 = 1;
/// Only cycles and instructions.
pub const XENPMU_FEATURE_IPC_ONLY: u64 = 1 << 1;
/// Only architectural events.
pub const XENPMU_FEATURE_ARCH_ONLY: u64 = 1 << 2;

// `XenPmuArch::pmu_flags`.

/// The hypervisor has the counters.
pub const PMU_CACHED: u64 = 1;
/// The sample is from user mode.
pub const PMU_SAMPLE_USER: u64 = 2;
/// The sample is from real mode.
pub const PMU_SAMPLE_REAL: u64 = 4;
/// The sample is from a PV guest.
pub const PMU_SAMPLE_PV: u64 = 8;
/// Bytes of `XenPmuArch::r`.
pub const XENPMU_REGS_PAD_SZ: usize = 64;
/// Bytes of `XenPmuArch::c`.
pub const XENPMU_CTXT_PAD_SZ: usize = 128;

/// Argument of `__HYPERVISOR_XENPMU_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPmuParams {
    /// Major version; in and out.
    pub version_maj: u32,
    /// Minor version; in and out.
    pub version_min: u32,
    /// Mode, features, or frame of the shared page.
    pub val: u64,
    /// Vcpu; in.
    pub vcpu: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// A counter.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPmuCntrPair {
    /// Count.
    pub counter: u64,
    /// Event select.
    pub control: u64,
}

/// Head of AMD's counters.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPmuAmdCtxt {
    /// Offset of the counters.
    pub counters: u32,
    /// Offset of the event selects.
    pub ctrls: u32,
}

/// Head of Intel's counters.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPmuIntelCtxt {
    /// Offset of the fixed counters.
    pub fixed_counters: u32,
    /// Offset of the `XenPmuCntrPair`s.
    pub arch_counters: u32,
    /// PERF_GLOBAL_CTRL.
    pub global_ctrl: u64,
    /// PERF_GLOBAL_OVF_CTRL.
    pub global_ovf_ctrl: u64,
    /// PERF_GLOBAL_STATUS.
    pub global_status: u64,
    /// FIXED_CTR_CTRL.
    pub fixed_ctrl: u64,
    /// DS_AREA.
    pub ds_area: u64,
    /// PEBS_ENABLE.
    pub pebs_enable: u64,
    /// DEBUGCTL.
    pub debugctl: u64,
}

/// Where a sample was taken.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPmuRegs {
    /// Instruction pointer.
    pub ip: u64,
    /// Stack pointer.
    pub sp: u64,
    /// Flags.
    pub flags: u64,
    /// Code selector.
    pub cs: u16,
    /// Stack selector.
    pub ss: u16,
    /// Privilege level.
    pub cpl: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
}

/// The architecture's part of the shared page.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPmuArch {
    /// `XenPmuRegs`.
    pub r: Union64<8>,
    /// `PMU_*`.
    pub pmu_flags: u64,
    /// APIC entry, in the low half.
    pub lapic_lvtpc: u64,
    /// `XenPmuAmdCtxt` or `XenPmuIntelCtxt`, and the counters.
    pub c: Union64<16>,
}

/// The shared page.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPmuData {
    /// Vcpu of the sample.
    pub vcpu_id: u32,
    /// CPU of the sample.
    pub pcpu_id: u32,
    /// Domain of the sample.
    pub domain_id: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 6],
    /// Registers.
    pub pmu: XenPmuArch,
}

crate::assert_sizes! {
    XenPmuParams = 24,
    XenPmuCntrPair = 16,
    XenPmuAmdCtxt = 8,
    XenPmuIntelCtxt = 64,
    XenPmuRegs = 32,
    XenPmuArch = 208,
    XenPmuData = 224,
}
