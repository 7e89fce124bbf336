//! Processors: idle time, power management, hotplug (`platform.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

// `XenpfSetProcessorPminfo::kind`.

/// C states: `XenProcessorPower`.
pub const XEN_PM_CX: u32 = 0;
/// P states: `XenProcessorPerformance`.
pub const XEN_PM_PX: u32 = 1;
/// Throttling states; not supported.
pub const XEN_PM_TX: u32 = 2;
/// Capabilities to report to ACPI: a handle of `u32`.
pub const XEN_PM_PDC: u32 = 3;

// What the hypervisor manages, as bits of `_PDC` handling.

/// C states.
pub const XEN_PROCESSOR_PM_CX: u32 = 1;
/// P states.
pub const XEN_PROCESSOR_PM_PX: u32 = 2;
/// Throttling states.
pub const XEN_PROCESSOR_PM_TX: u32 = 4;

// `XenProcessorPerformance::flags`.

/// The control registers are there.
pub const XEN_PX_PCT: u32 = 1;
/// The states are there.
pub const XEN_PX_PSS: u32 = 2;
/// The limit is there.
pub const XEN_PX_PPC: u32 = 4;
/// The dependency domain is there.
pub const XEN_PX_PSD: u32 = 8;

// `XenProcessorPerformance::shared_type`.

/// Hardware coordinates.
pub const XEN_CPUPERF_SHARED_TYPE_HW: u32 = 1;
/// All dependent CPUs must set the frequency.
pub const XEN_CPUPERF_SHARED_TYPE_ALL: u32 = 2;
/// Any of them may.
pub const XEN_CPUPERF_SHARED_TYPE_ANY: u32 = 3;

// `XenpfPcpuinfo::flags`.

/// The CPU is up.
pub const XEN_PCPU_FLAGS_ONLINE: u32 = 1;
/// There is no such CPU.
pub const XEN_PCPU_FLAGS_INVALID: u32 = 2;
/// Sets the number of parked CPUs.
pub const XEN_CORE_PARKING_SET: u32 = 1;
/// Tells it.
pub const XEN_CORE_PARKING_GET: u32 = 2;

/// Argument of `XENPF_CHANGE_FREQ`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfChangeFreq {
    /// Zero.
    pub flags: u32,
    /// CPU; in.
    pub cpu: u32,
    /// Hz; in.
    pub freq: u64,
}

/// Argument of `XENPF_GETIDLETIME`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfGetidletime {
    /// CPUs asked about; in. Those that exist; out.
    pub cpumap_bitmap: Handle<u8>,
    /// Bits; in.
    pub cpumap_nr_cpus: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Nanoseconds idle by CPU number; out.
    pub idletime: Handle<u64>,
    /// System time of the answer, ns; out.
    pub now: u64,
}

/// An ACPI generic address.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPowerRegister {
    /// Address space.
    pub space_id: u32,
    /// Bits.
    pub bit_width: u32,
    /// First bit.
    pub bit_offset: u32,
    /// Access size.
    pub access_size: u32,
    /// Address.
    pub address: u64,
}

/// An ACPI C-state dependency.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenProcessorCsd {
    /// Dependency domain.
    pub domain: u32,
    /// Who coordinates.
    pub coord_type: u32,
    /// Processors in the domain.
    pub num: u32,
}

/// A C state.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenProcessorCx {
    /// Register that enters it.
    pub reg: XenPowerRegister,
    /// The n of Cn.
    pub kind: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
    /// Worst latency, us.
    pub latency: u32,
    /// Average power, mW.
    pub power: u32,
    /// Dependencies.
    pub dpcnt: u32,
    /// The dependencies, or null.
    pub dp: Handle<XenProcessorCsd>,
}

/// ACPI's C states of a processor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenProcessorPower {
    /// States.
    pub count: u32,
    /// Bit 0 bm_control, 1 bm_check, 2 has_cst, 3 power_setup_done, 4 bm_rld_set.
    pub flags: u32,
    /// The states.
    pub states: Handle<XenProcessorCx>,
}

/// An ACPI P-state register.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPctRegister {
    /// ACPI descriptor tag.
    pub descriptor: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    /// Its length.
    pub length: u16,
    /// Address space.
    pub space_id: u8,
    /// Bits.
    pub bit_width: u8,
    /// First bit.
    pub bit_offset: u8,
    /// Reserved.
    pub reserved: u8,
    /// Address.
    pub address: u64,
}

/// A P state.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenProcessorPx {
    /// Megahertz.
    pub core_frequency: u64,
    /// Milliwatts.
    pub power: u64,
    /// Microseconds.
    pub transition_latency: u64,
    /// Microseconds.
    pub bus_master_latency: u64,
    /// Value that selects it.
    pub control: u64,
    /// Value that shows it.
    pub status: u64,
}

/// An ACPI P-state dependency.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPsdPackage {
    /// Entries of the package.
    pub num_entries: u64,
    /// Its revision.
    pub revision: u64,
    /// Dependency domain.
    pub domain: u64,
    /// Who coordinates.
    pub coord_type: u64,
    /// Processors in the domain.
    pub num_processors: u64,
}

/// ACPI's P states of a processor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenProcessorPerformance {
    /// `XEN_PX_*`: what of this is there.
    pub flags: u32,
    /// Fastest state allowed.
    pub platform_limit: u32,
    /// Where to select a state.
    pub control_register: XenPctRegister,
    /// Where to see it.
    pub status_register: XenPctRegister,
    /// States.
    pub state_count: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// The states, fastest first.
    pub states: Handle<XenProcessorPx>,
    /// Dependency.
    pub domain_info: XenPsdPackage,
    /// `XEN_CPUPERF_SHARED_TYPE_*`.
    pub shared_type: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
}

/// Argument of `XENPF_SET_PROCESSOR_PMINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfSetProcessorPminfo {
    /// ACPI processor number; in.
    pub id: u32,
    /// `XEN_PM_*`; in.
    pub kind: u32,
    /// `XenProcessorPower`, `XenProcessorPerformance` or a handle; in.
    pub u: Union64<13>,
}

/// Argument of `XENPF_GET_CPUINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfPcpuinfo {
    /// CPU; in.
    pub xen_cpuid: u32,
    /// Highest CPU there is; out.
    pub max_present: u32,
    /// `XEN_PCPU_FLAGS_*`; out.
    pub flags: u32,
    /// APIC number; out.
    pub apic_id: u32,
    /// ACPI processor number; out.
    pub acpi_id: u32,
}

/// Argument of `XENPF_GET_CPU_VERSION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfPcpuVersion {
    /// CPU; in.
    pub xen_cpuid: u32,
    /// Highest CPU there is; out.
    pub max_present: u32,
    /// Vendor name as CPUID spells it; out.
    pub vendor_id: [u8; 12],
    /// Family; out.
    pub family: u32,
    /// Model; out.
    pub model: u32,
    /// Stepping; out.
    pub stepping: u32,
}

/// Argument of `XENPF_CPU_ONLINE` and `XENPF_CPU_OFFLINE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfCpuOl {
    /// CPU; in.
    pub cpuid: u32,
}

/// Argument of `XENPF_CPU_HOTADD`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfCpuHotadd {
    /// APIC number; in.
    pub apic_id: u32,
    /// ACPI processor number; in.
    pub acpi_id: u32,
    /// Proximity domain; in.
    pub pxm: u32,
}

/// Argument of `XENPF_CORE_PARKING`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfCoreParking {
    /// `XEN_CORE_PARKING_*`; in.
    pub kind: u32,
    /// CPUs parked; in or out.
    pub idle_nums: u32,
}

crate::assert_sizes! {
    XenpfChangeFreq = 16,
    XenpfGetidletime = 32,
    XenPowerRegister = 24,
    XenProcessorCsd = 12,
    XenProcessorCx = 48,
    XenProcessorPower = 16,
    XenPctRegister = 16,
    XenProcessorPx = 48,
    XenPsdPackage = 40,
    XenProcessorPerformance = 104,
    XenpfSetProcessorPminfo = 112,
    XenpfPcpuinfo = 20,
    XenpfPcpuVersion = 32,
    XenpfCpuOl = 4,
    XenpfCpuHotadd = 12,
    XenpfCoreParking = 8,
}
