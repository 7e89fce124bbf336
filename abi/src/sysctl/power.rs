//! Power management: P states, C states, frequency governors (`sysctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union32, Union64};

// `XenSysctlGetPmstat::kind`.

/// The bits that tell P from C states.
pub const PMSTAT_CATEGORY_MASK: u32 = 0xf0;
/// P states.
pub const PMSTAT_PX: u32 = 0x10;
/// C states.
pub const PMSTAT_CX: u32 = 0x20;
/// Tells the number of P states.
pub const PMSTAT_GET_MAX_PX: u32 = 17;
/// Reads their statistics.
pub const PMSTAT_GET_PXSTAT: u32 = 18;
/// Zeroes their statistics.
pub const PMSTAT_RESET_PXSTAT: u32 = 19;
/// Tells the number of C states.
pub const PMSTAT_GET_MAX_CX: u32 = 33;
/// Reads their statistics.
pub const PMSTAT_GET_CXSTAT: u32 = 34;
/// Zeroes their statistics.
pub const PMSTAT_RESET_CXSTAT: u32 = 35;

/// Argument of `XEN_SYSCTL_GET_PMSTAT`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlGetPmstat {
    /// `PMSTAT_*`; in.
    pub kind: u32,
    /// CPU; in.
    pub cpuid: u32,
    /// `PmPxStat` or `PmCxStat`; out.
    pub u: Union64<7>,
}

/// A P state.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PmPxVal {
    /// Megahertz.
    pub freq: u64,
    /// Nanoseconds in it.
    pub residency: u64,
    /// Times entered.
    pub count: u64,
}

/// Statistics of P states.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PmPxStat {
    /// States.
    pub total: u8,
    /// States that may be used now.
    pub usable: u8,
    /// The state before.
    pub last: u8,
    /// The state now.
    pub cur: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Transitions, `total` squared.
    pub trans_pt: Handle<u64>,
    /// States.
    pub pt: Handle<PmPxVal>,
}

/// Statistics of C states.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PmCxStat {
    /// Entries of `triggers` and `residencies`.
    pub nr: u32,
    /// The last state.
    pub last: u32,
    /// Nanoseconds idle.
    pub idle_time: u64,
    /// Times entered.
    pub triggers: Handle<u64>,
    /// Nanoseconds in each.
    pub residencies: Handle<u64>,
    /// Entries of `pc`.
    pub nr_pc: u32,
    /// Entries of `cc`.
    pub nr_cc: u32,
    /// Package residencies, from 1.
    pub pc: Handle<u64>,
    /// Core residencies, from 1.
    pub cc: Handle<u64>,
}

// Commands of `XenSysctlPmOp`.

/// The bits of the category.
pub const PM_PARA_CATEGORY_MASK: u32 = 240;
/// Frequencies.
pub const CPUFREQ_PARA: u32 = 16;
/// Reads the governor: `XenGetCpufreqPara`.
pub const GET_CPUFREQ_PARA: u32 = 17;
/// Selects a governor: `XenSetCpufreqGov`.
pub const SET_CPUFREQ_GOV: u32 = 18;
/// Sets a parameter: `XenSetCpufreqPara`.
pub const SET_CPUFREQ_PARA: u32 = 19;
/// Tells the average frequency, a `u64`.
pub const GET_CPUFREQ_AVGFREQ: u32 = 20;
/// Spreads vcpus over cores first, a `u32`.
pub const XEN_SYSCTL_PM_OP_SET_SCHED_OPT_SMT: u32 = 33;
/// Tells the deepest C state, a `u32`.
pub const XEN_SYSCTL_PM_OP_GET_MAX_CSTATE: u32 = 34;
/// Limits it, a `u32`.
pub const XEN_SYSCTL_PM_OP_SET_MAX_CSTATE: u32 = 35;
/// Gone.
pub const XEN_SYSCTL_PM_OP_SET_VCPU_MIGRATION_DELAY: u32 = 36;
/// Gone.
pub const XEN_SYSCTL_PM_OP_GET_VCPU_MIGRATION_DELAY: u32 = 37;
/// Allows turbo.
pub const XEN_SYSCTL_PM_OP_ENABLE_TURBO: u32 = 38;
/// Forbids turbo.
pub const XEN_SYSCTL_PM_OP_DISABLE_TURBO: u32 = 39;
/// Any C state.
pub const XEN_SYSCTL_CX_UNLIMITED: u32 = 0xffffffff;

// Parameters of `XenSetCpufreqPara`.

/// Highest frequency, kHz.
pub const SCALING_MAX_FREQ: u32 = 1;
/// Lowest frequency, kHz.
pub const SCALING_MIN_FREQ: u32 = 2;
/// The frequency, kHz.
pub const SCALING_SETSPEED: u32 = 3;
/// Period of the governor, us.
pub const SAMPLING_RATE: u32 = 4;
/// Percent of load from which to go up.
pub const UP_THRESHOLD: u32 = 5;
/// Bytes of a driver's or governor's name.
pub const CPUFREQ_NAME_LEN: usize = 16;

/// Argument of `XEN_SYSCTL_PM_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlPmOp {
    /// `*_CPUFREQ_*` or `XEN_SYSCTL_PM_OP_*`; in.
    pub cmd: u32,
    /// CPU; in.
    pub cpuid: u32,
    /// The command's own structure or number.
    pub u: Union64<15>,
}

/// Parameters of the ondemand governor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenOndemand {
    /// Longest period, us.
    pub sampling_rate_max: u32,
    /// Shortest period, us.
    pub sampling_rate_min: u32,
    /// Period, us.
    pub sampling_rate: u32,
    /// Percent of load from which to go up.
    pub up_threshold: u32,
}

/// The governor of a CPU.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenGetCpufreqPara {
    /// Room, then CPUs that change together; in and out.
    pub cpu_num: u32,
    /// Room, then frequencies; in and out.
    pub freq_num: u32,
    /// Room, then governors; in and out.
    pub gov_num: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// CPUs that change together; out.
    pub affected_cpus: Handle<u32>,
    /// KHz; out.
    pub scaling_available_frequencies: Handle<u32>,
    /// Names, each of `CPUFREQ_NAME_LEN`; out.
    pub scaling_available_governors: Handle<u8>,
    /// Driver; out.
    pub scaling_driver: [u8; 16],
    /// KHz now by hardware; out.
    pub cpuinfo_cur_freq: u32,
    /// KHz at most by hardware; out.
    pub cpuinfo_max_freq: u32,
    /// KHz at least by hardware; out.
    pub cpuinfo_min_freq: u32,
    /// KHz now; out.
    pub scaling_cur_freq: u32,
    /// Governor; out.
    pub scaling_governor: [u8; 16],
    /// KHz at most; out.
    pub scaling_max_freq: u32,
    /// KHz at least; out.
    pub scaling_min_freq: u32,
    /// `XenOndemand`, or the kHz set for the userspace governor; out.
    pub u: Union32<4>,
    /// Nonzero with turbo; out.
    pub turbo_enabled: i32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
}

/// A governor to select.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSetCpufreqGov {
    /// Its name.
    pub scaling_governor: [u8; 16],
}

/// A parameter to set.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSetCpufreqPara {
    /// `SCALING_*`, `SAMPLING_RATE`, `UP_THRESHOLD`.
    pub ctrl_type: u32,
    /// Its value.
    pub ctrl_value: u32,
}

crate::assert_sizes! {
    XenSysctlGetPmstat = 64,
    PmPxVal = 24,
    PmPxStat = 24,
    PmCxStat = 56,
    XenSysctlPmOp = 128,
    XenOndemand = 16,
    XenGetCpufreqPara = 120,
    XenSetCpufreqGov = 16,
    XenSetCpufreqPara = 8,
}
