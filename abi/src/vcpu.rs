//! Operations on the vcpus of one's own domain (`vcpu.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Gives a vcpu that is down its first state: `VcpuGuestContext` (PV) or `VcpuHvmContext`.
pub const VCPUOP_INITIALISE: u32 = 0;
/// Lets a vcpu run; no argument.
pub const VCPUOP_UP: u32 = 1;
/// Stops a vcpu at its next opportunity; no argument.
pub const VCPUOP_DOWN: u32 = 2;
/// Returns 1 if the vcpu is up; no argument.
pub const VCPUOP_IS_UP: u32 = 3;
/// Copies out a `VcpuRunstateInfo`.
pub const VCPUOP_GET_RUNSTATE_INFO: u32 = 4;
/// Has a `VcpuRunstateInfo` in guest memory kept up to date.
pub const VCPUOP_REGISTER_RUNSTATE_MEMORY_AREA: u32 = 5;
/// Starts the periodic timer of the calling vcpu.
pub const VCPUOP_SET_PERIODIC_TIMER: u32 = 6;
/// Stops the periodic timer; no argument.
pub const VCPUOP_STOP_PERIODIC_TIMER: u32 = 7;
/// Arms the one-shot timer of the calling vcpu.
pub const VCPUOP_SET_SINGLESHOT_TIMER: u32 = 8;
/// Disarms it; no argument.
pub const VCPUOP_STOP_SINGLESHOT_TIMER: u32 = 9;
/// Moves a vcpu's `VcpuInfo` out of the shared-info page, once.
pub const VCPUOP_REGISTER_VCPU_INFO: u32 = 10;
/// Sends an NMI to a vcpu; no argument.
pub const VCPUOP_SEND_NMI: u32 = 11;
/// Tells a pinned dom0 vcpu which physical CPU it runs on.
pub const VCPUOP_GET_PHYSID: u32 = 12;
/// Has a second `VcpuTimeInfo` in guest memory kept up to date.
pub const VCPUOP_REGISTER_VCPU_TIME_MEMORY_AREA: u32 = 13;

// `VcpuRunstateInfo::state` and the index of its `time`.

/// On a CPU.
pub const RUNSTATE_RUNNING: u32 = 0;
/// Wants a CPU.
pub const RUNSTATE_RUNNABLE: u32 = 1;
/// Waits for an event.
pub const RUNSTATE_BLOCKED: u32 = 2;
/// Neither runs nor wants to: down, or its domain is paused.
pub const RUNSTATE_OFFLINE: u32 = 3;
/// Set in `state_entry_time` during an update, under `VMASST_TYPE_RUNSTATE_UPDATE_FLAG`.
pub const XEN_RUNSTATE_UPDATE: u64 = 1 << 63;
/// In `VcpuSetSingleshotTimer::flags`: a time in the past is refused with ETIME.
pub const VCPU_SSHOTTMR_FUTURE: u32 = 1;

/// How a vcpu has spent its life.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuRunstateInfo {
    /// `RUNSTATE_*`.
    pub state: i32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// System time of the last change, ns.
    pub state_entry_time: u64,
    /// Nanoseconds in each state.
    pub time: [u64; 4],
}

/// Argument of `VCPUOP_REGISTER_RUNSTATE_MEMORY_AREA`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuRegisterRunstateMemoryArea {
    /// Virtual address of a `VcpuRunstateInfo`; in.
    pub addr: u64,
}

/// Argument of `VCPUOP_SET_PERIODIC_TIMER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuSetPeriodicTimer {
    /// Nanoseconds; in.
    pub period_ns: u64,
}

/// Argument of `VCPUOP_SET_SINGLESHOT_TIMER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuSetSingleshotTimer {
    /// System time, ns; in.
    pub timeout_abs_ns: u64,
    /// `VCPU_SSHOTTMR_*`; in.
    pub flags: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// Argument of `VCPUOP_REGISTER_VCPU_INFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuRegisterVcpuInfo {
    /// Frame of the new place (a gfn for HVM); in.
    pub mfn: u64,
    /// Offset in the frame; the structure may not cross its end; in.
    pub offset: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// Argument of `VCPUOP_GET_PHYSID`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuGetPhysid {
    /// APIC number in the low half, ACPI number in the high half; out.
    pub phys_id: u64,
}

/// Argument of `VCPUOP_REGISTER_VCPU_TIME_MEMORY_AREA`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuRegisterTimeMemoryArea {
    /// Virtual address of a `VcpuTimeInfo`; in.
    pub addr: u64,
}

/// The APIC number in `VcpuGetPhysid::phys_id`.
pub const fn xen_vcpu_physid_to_x86_apicid(physid: u64) -> u32 {
    physid as u32
}

/// The ACPI processor number in `VcpuGetPhysid::phys_id`.
pub const fn xen_vcpu_physid_to_x86_acpiid(physid: u64) -> u32 {
    (physid >> 32) as u32
}

crate::assert_sizes! {
    VcpuRunstateInfo = 48,
    VcpuRegisterRunstateMemoryArea = 8,
    VcpuSetPeriodicTimer = 8,
    VcpuSetSingleshotTimer = 16,
    VcpuRegisterVcpuInfo = 16,
    VcpuGetPhysid = 8,
    VcpuRegisterTimeMemoryArea = 8,
}
