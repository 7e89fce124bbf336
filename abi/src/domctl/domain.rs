//! Describing and governing a domain (`domctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::arch_x86::XenArchDomainconfig;
use crate::xen::XenDomainHandle;

// `XenDomctlGetdomaininfo::flags`.

/// The domain is being destroyed.
pub const XEN_DOMINF_DYING: u32 = 1;
/// HVM or PVH, not PV.
pub const XEN_DOMINF_HVM_GUEST: u32 = 1 << 1;
/// The guest has shut down.
pub const XEN_DOMINF_SHUTDOWN: u32 = 1 << 2;
/// Paused by the tools.
pub const XEN_DOMINF_PAUSED: u32 = 1 << 3;
/// No vcpu wants to run.
pub const XEN_DOMINF_BLOCKED: u32 = 1 << 4;
/// A vcpu is running or wants to.
pub const XEN_DOMINF_RUNNING: u32 = 1 << 5;
/// Paused for a debugger.
pub const XEN_DOMINF_DEBUGGED: u32 = 1 << 6;
/// The domain runs xenstore.
pub const XEN_DOMINF_XS_DOMAIN: u32 = 1 << 7;
/// With nested paging.
pub const XEN_DOMINF_HAP: u32 = 1 << 8;
/// The bits of the shutdown reason, after the shift.
pub const XEN_DOMINF_SHUTDOWNMASK: u32 = 255;
/// Where the shutdown reason is.
pub const XEN_DOMINF_SHUTDOWNSHIFT: u32 = 16;
/// In `max_vcpu_id`: there are no vcpus.
pub const XEN_INVALID_MAX_VCPU_ID: u32 = 0xffffffff;

/// A domain, for `XEN_DOMCTL_GETDOMAININFO` and `XEN_SYSCTL_GETDOMAININFOLIST`; out.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlGetdomaininfo {
    /// Number; may be higher than that asked for.
    pub domain: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// `XEN_DOMINF_*`.
    pub flags: u32,
    /// Pages it has.
    pub tot_pages: u64,
    /// Pages it may have.
    pub max_pages: u64,
    /// Pages claimed but not allocated.
    pub outstanding_pages: u64,
    /// Pages shared.
    pub shr_pages: u64,
    /// Pages paged out.
    pub paged_pages: u64,
    /// Frame of the shared-info page.
    pub shared_info_frame: u64,
    /// Nanoseconds that its vcpus have run.
    pub cpu_time: u64,
    /// Vcpus up.
    pub nr_online_vcpus: u32,
    /// Highest vcpu, or `XEN_INVALID_MAX_VCPU_ID`.
    pub max_vcpu_id: u32,
    /// Security label.
    pub ssidref: u32,
    /// UUID.
    pub handle: XenDomainHandle,
    /// CPU pool.
    pub cpupool: u32,
    /// Width of a guest physical address.
    pub gpaddr_bits: u8,
    #[doc(hidden)]
    pub _pad1: [u8; 7],
    /// Emulated devices.
    pub arch_config: XenArchDomainconfig,
}

/// Argument of `XEN_DOMCTL_SETDOMAINHANDLE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSetdomainhandle {
    /// UUID.
    pub handle: XenDomainHandle,
}

/// Argument of `XEN_DOMCTL_SETDEBUGGING`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSetdebugging {
    /// 0 or 1.
    pub enable: u8,
}

/// Argument of `XEN_DOMCTL_SETTIMEOFFSET`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSettimeoffset {
    /// The guest's wall clock less UTC.
    pub time_offset_seconds: i64,
}

// Values of `XenDomctlSendtrigger::trigger`.

/// NMI.
pub const XEN_DOMCTL_SENDTRIGGER_NMI: u32 = 0;
/// Reset.
pub const XEN_DOMCTL_SENDTRIGGER_RESET: u32 = 1;
/// INIT.
pub const XEN_DOMCTL_SENDTRIGGER_INIT: u32 = 2;
/// Power button.
pub const XEN_DOMCTL_SENDTRIGGER_POWER: u32 = 3;
/// Sleep button.
pub const XEN_DOMCTL_SENDTRIGGER_SLEEP: u32 = 4;

/// Argument of `XEN_DOMCTL_SENDTRIGGER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSendtrigger {
    /// `XEN_DOMCTL_SENDTRIGGER_*`.
    pub trigger: u32,
    /// Vcpu that gets it.
    pub vcpu: u32,
}

/// Argument of `XEN_DOMCTL_SUBSCRIBE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSubscribe {
    /// The caller's port.
    pub port: u32,
}

/// Argument of the TSC commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlTscInfo {
    /// 0 native where safe, 1 emulated, 2 native, 3 native with TSC_AUX.
    pub tsc_mode: u32,
    /// KHz that the guest sees.
    pub gtsc_khz: u32,
    /// How often the domain was restored.
    pub incarnation: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Nanoseconds that the domain has lived.
    pub elapsed_nsec: u64,
}

/// Argument of `XEN_DOMCTL_SET_VIRQ_HANDLER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSetVirqHandler {
    /// `VIRQ_*`, a global one.
    pub virq: u32,
}

/// Argument of `XEN_DOMCTL_PSR_CMT_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlPsrCmtOp {
    /// `XEN_DOMCTL_PSR_CMT_OP_*`; in.
    pub cmd: u32,
    /// Monitoring number; out.
    pub data: u32,
}

/// Stop monitoring.
pub const XEN_DOMCTL_PSR_CMT_OP_DETACH: u32 = 0;
/// Start monitoring.
pub const XEN_DOMCTL_PSR_CMT_OP_ATTACH: u32 = 1;
/// Tell the monitoring number.
pub const XEN_DOMCTL_PSR_CMT_OP_QUERY_RMID: u32 = 2;

// Commands of `XenDomctlPsrAlloc`.

/// Sets the L3 ways.
pub const XEN_DOMCTL_PSR_SET_L3_CBM: u32 = 0;
/// Tells the L3 ways.
pub const XEN_DOMCTL_PSR_GET_L3_CBM: u32 = 1;
/// Sets the L3 ways for code.
pub const XEN_DOMCTL_PSR_SET_L3_CODE: u32 = 2;
/// Sets the L3 ways for data.
pub const XEN_DOMCTL_PSR_SET_L3_DATA: u32 = 3;
/// Tells the L3 ways for code.
pub const XEN_DOMCTL_PSR_GET_L3_CODE: u32 = 4;
/// Tells the L3 ways for data.
pub const XEN_DOMCTL_PSR_GET_L3_DATA: u32 = 5;
/// Sets the L2 ways.
pub const XEN_DOMCTL_PSR_SET_L2_CBM: u32 = 6;
/// Tells the L2 ways.
pub const XEN_DOMCTL_PSR_GET_L2_CBM: u32 = 7;
/// Sets the memory throttle.
pub const XEN_DOMCTL_PSR_SET_MBA_THRTL: u32 = 8;
/// Tells the memory throttle.
pub const XEN_DOMCTL_PSR_GET_MBA_THRTL: u32 = 9;

/// Argument of `XEN_DOMCTL_PSR_ALLOC`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlPsrAlloc {
    /// `XEN_DOMCTL_PSR_*`; in.
    pub cmd: u32,
    /// Socket; in.
    pub target: u32,
    /// Bitmap of ways, or throttle; in or out.
    pub data: u64,
}

/// Argument of `XEN_DOMCTL_VUART_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVuartOp {
    /// `XEN_DOMCTL_VUART_OP_INIT`; in.
    pub cmd: u32,
    /// `XEN_DOMCTL_VUART_TYPE_VPL011`; in.
    pub kind: u32,
    /// Frame of the ring; in.
    pub gfn: u64,
    /// Domain of the console; in.
    pub console_domid: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Port of the ring; out.
    pub evtchn: u32,
}

/// Makes a UART.
pub const XEN_DOMCTL_VUART_OP_INIT: u32 = 0;
/// A PL011.
pub const XEN_DOMCTL_VUART_TYPE_VPL011: u32 = 0;

crate::assert_sizes! {
    XenDomctlGetdomaininfo = 112,
    XenDomctlSetdomainhandle = 16,
    XenDomctlSetdebugging = 1,
    XenDomctlSettimeoffset = 8,
    XenDomctlSendtrigger = 8,
    XenDomctlSubscribe = 4,
    XenDomctlTscInfo = 24,
    XenDomctlSetVirqHandler = 4,
    XenDomctlPsrCmtOp = 8,
    XenDomctlPsrAlloc = 16,
    XenDomctlVuartOp = 24,
}
