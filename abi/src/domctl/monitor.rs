//! Debugging and introspection of a domain (`domctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Union64;

/// Single-stepping off.
pub const XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF: u32 = 0;
/// Single-stepping on.
pub const XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_ON: u32 = 1;

/// Argument of `XEN_DOMCTL_DEBUG_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlDebugOp {
    /// `XEN_DOMCTL_DEBUG_OP_*`.
    pub op: u32,
    /// Vcpu.
    pub vcpu: u32,
}

/// Argument of `XEN_DOMCTL_GDBSX_GUESTMEMIO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlGdbsxMemio {
    /// Page table to use for the upper levels, 0 for the guest's own; in.
    pub pgd3val: u64,
    /// Guest virtual address; in.
    pub gva: u64,
    /// The caller's buffer; in.
    pub uva: u64,
    /// Bytes; in.
    pub len: u32,
    /// Nonzero to write to the guest; in.
    pub gwr: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
    /// Bytes not done; out.
    pub remain: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
}

/// Argument of the vcpu-pausing commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlGdbsxPauseunpVcpu {
    /// Vcpu.
    pub vcpu: u32,
}

/// Answer of `XEN_DOMCTL_GDBSX_DOMSTATUS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlGdbsxDomstatus {
    /// The domain is paused.
    pub paused: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
    /// Vcpu that had an event.
    pub vcpu_id: u32,
    /// The event.
    pub vcpu_ev: u32,
}

// Commands and rings of `XenDomctlVmEventOp`.

/// Opens a ring.
pub const XEN_VM_EVENT_ENABLE: u32 = 0;
/// Closes it.
pub const XEN_VM_EVENT_DISABLE: u32 = 1;
/// Takes the answers.
pub const XEN_VM_EVENT_RESUME: u32 = 2;
/// Tells the version of the ring's format.
pub const XEN_VM_EVENT_GET_VERSION: u32 = 3;
/// The paging ring.
pub const XEN_DOMCTL_VM_EVENT_OP_PAGING: u32 = 1;
/// The monitor ring.
pub const XEN_DOMCTL_VM_EVENT_OP_MONITOR: u32 = 2;
/// The sharing ring.
pub const XEN_DOMCTL_VM_EVENT_OP_SHARING: u32 = 3;

/// Argument of `XEN_DOMCTL_VM_EVENT_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVmEventOp {
    /// `XEN_VM_EVENT_*`; in.
    pub op: u32,
    /// `XEN_DOMCTL_VM_EVENT_OP_*`; in.
    pub mode: u32,
    /// Port of the ring, or version; out.
    pub u: u32,
}

/// Turns page sharing on or off.
pub const XEN_DOMCTL_MEM_SHARING_CONTROL: u32 = 0;

/// Argument of `XEN_DOMCTL_MEM_SHARING_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlMemSharingOp {
    /// `XEN_DOMCTL_MEM_SHARING_CONTROL`.
    pub op: u8,
    /// 0 or 1.
    pub u: u8,
}

/// Argument of `XEN_DOMCTL_SET_ACCESS_REQUIRED`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSetAccessRequired {
    /// 0 or 1.
    pub access_required: u8,
}

// Commands of `XenDomctlMonitorOp`.

/// Reports an event from now on.
pub const XEN_DOMCTL_MONITOR_OP_ENABLE: u32 = 0;
/// No longer.
pub const XEN_DOMCTL_MONITOR_OP_DISABLE: u32 = 1;
/// Tells which events can be reported.
pub const XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES: u32 = 2;
/// Emulates repeated instructions one step at a time.
pub const XEN_DOMCTL_MONITOR_OP_EMULATE_EACH_REP: u32 = 3;
/// Allows the answers to set registers.
pub const XEN_DOMCTL_MONITOR_OP_CONTROL_REGISTERS: u32 = 4;

// Events of `XenDomctlMonitorOp`.

/// A control register is written.
pub const XEN_DOMCTL_MONITOR_EVENT_WRITE_CTRLREG: u32 = 0;
/// An MSR is written.
pub const XEN_DOMCTL_MONITOR_EVENT_MOV_TO_MSR: u32 = 1;
/// A single step.
pub const XEN_DOMCTL_MONITOR_EVENT_SINGLESTEP: u32 = 2;
/// A breakpoint instruction.
pub const XEN_DOMCTL_MONITOR_EVENT_SOFTWARE_BREAKPOINT: u32 = 3;
/// The guest asks.
pub const XEN_DOMCTL_MONITOR_EVENT_GUEST_REQUEST: u32 = 4;
/// A debug exception.
pub const XEN_DOMCTL_MONITOR_EVENT_DEBUG_EXCEPTION: u32 = 5;
/// CPUID.
pub const XEN_DOMCTL_MONITOR_EVENT_CPUID: u32 = 6;
/// Arm only: a call to secure firmware.
pub const XEN_DOMCTL_MONITOR_EVENT_PRIVILEGED_CALL: u32 = 7;
/// An interrupt is about to be delivered.
pub const XEN_DOMCTL_MONITOR_EVENT_INTERRUPT: u32 = 8;
/// A descriptor-table register is accessed.
pub const XEN_DOMCTL_MONITOR_EVENT_DESC_ACCESS: u32 = 9;
/// An instruction can't be emulated.
pub const XEN_DOMCTL_MONITOR_EVENT_EMUL_UNIMPLEMENTED: u32 = 10;
/// A page fault in the guest.
pub const XEN_DOMCTL_MONITOR_EVENT_INGUEST_PAGEFAULT: u32 = 11;
/// Any exit.
pub const XEN_DOMCTL_MONITOR_EVENT_VMEXIT: u32 = 12;

/// Argument of `XEN_DOMCTL_MONITOR_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlMonitorOp {
    /// `XEN_DOMCTL_MONITOR_OP_*`; in.
    pub op: u32,
    /// `XEN_DOMCTL_MONITOR_EVENT_*`, or their bits out.
    pub event: u32,
    /// The event's own structure; others have one byte, synchronous or not.
    pub u: Union64<2>,
}

/// Writes to a control register.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlMonitorMovToCr {
    /// 0 CR0, 1 CR3, 2 CR4, 3 XCR0.
    pub index: u8,
    /// The vcpu waits for the answer.
    pub sync: u8,
    /// Only where the value changes.
    pub onchangeonly: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    #[doc(hidden)]
    pub _pad1: u32,
    /// Bits that don't matter.
    pub bitmask: u64,
}

/// Writes to an MSR.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlMonitorMovToMsr {
    /// MSR number.
    pub msr: u32,
    /// Only where the value changes.
    pub onchangeonly: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
}

/// Requests of the guest.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlMonitorGuestRequest {
    /// The vcpu waits for the answer.
    pub sync: u8,
    /// User mode may ask too.
    pub allow_userspace: u8,
}

crate::assert_sizes! {
    XenDomctlDebugOp = 8,
    XenDomctlGdbsxMemio = 40,
    XenDomctlGdbsxPauseunpVcpu = 4,
    XenDomctlGdbsxDomstatus = 12,
    XenDomctlVmEventOp = 12,
    XenDomctlMemSharingOp = 2,
    XenDomctlSetAccessRequired = 1,
    XenDomctlMonitorOp = 24,
    XenDomctlMonitorMovToCr = 16,
    XenDomctlMonitorMovToMsr = 8,
    XenDomctlMonitorGuestRequest = 2,
}
