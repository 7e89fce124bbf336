//! A domain's vcpus as its tools treat them (`domctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;
use crate::arch_x86::VcpuGuestContext;
use crate::hvm::save::HvmVmceVcpu;
use crate::xen::XenctlBitmap;

/// Argument of the vcpu-context commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVcpucontext {
    /// Vcpu.
    pub vcpu: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Registers.
    pub ctxt: Handle<VcpuGuestContext>,
}

/// Argument of the extended vcpu-context commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlExtVcpucontext {
    /// Vcpu; in.
    pub vcpu: u32,
    /// Bytes of this structure that count; in for set, out for get.
    pub size: u32,
    /// Entry point for `syscall` from 32-bit user mode.
    pub syscall32_callback_eip: u64,
    /// Entry point for `sysenter`.
    pub sysenter_callback_eip: u64,
    /// Its code selector.
    pub syscall32_callback_cs: u16,
    /// Its code selector.
    pub sysenter_callback_cs: u16,
    /// Enters with events masked.
    pub syscall32_disables_events: u8,
    /// Enters with events masked.
    pub sysenter_disables_events: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Machine-check registers.
    pub vmce: HvmVmceVcpu,
}

/// Argument of `XEN_DOMCTL_GETVCPUINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlGetvcpuinfo {
    /// Vcpu; in.
    pub vcpu: u32,
    /// It is up; out.
    pub online: u8,
    /// It waits for an event; out.
    pub blocked: u8,
    /// It is on a CPU; out.
    pub running: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    /// Nanoseconds it has run; out.
    pub cpu_time: u64,
    /// CPU it is or was on; out.
    pub cpu: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
}

// `XenDomctlVcpuaffinity::flags`.

/// The hard affinity.
pub const XEN_VCPUAFFINITY_HARD: u32 = 1;
/// The soft affinity.
pub const XEN_VCPUAFFINITY_SOFT: u32 = 1 << 1;
/// Undo a temporary pin.
pub const XEN_VCPUAFFINITY_FORCE: u32 = 1 << 2;

/// Argument of the affinity commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVcpuaffinity {
    /// Vcpu; in.
    pub vcpu: u32,
    /// `XEN_VCPUAFFINITY_*`: which to set or get; in.
    pub flags: u32,
    /// CPUs it may run on; out: those it really may.
    pub cpumap_hard: XenctlBitmap,
    /// CPUs it prefers; out: those that count.
    pub cpumap_soft: XenctlBitmap,
}

/// Argument of the XSAVE commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVcpuextstate {
    /// Vcpu; in.
    pub vcpu: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Features of the state; out, ignored for set.
    pub xfeature_mask: u64,
    /// Bytes of the buffer; in and out.
    pub size: u64,
    /// XCR0, XCR0 ever set, XSAVE area; null to learn the size.
    pub buffer: Handle<u64>,
}

/// An MSR of a vcpu.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVcpuMsr {
    /// MSR number.
    pub index: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Contents.
    pub value: u64,
}

/// Argument of the vcpu-MSR commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVcpuMsrs {
    /// Vcpu; in.
    pub vcpu: u32,
    /// Room, or MSRs; in and out.
    pub msr_count: u32,
    /// The MSRs; null to learn the count.
    pub msrs: Handle<XenDomctlVcpuMsr>,
}

// Commands of `XenDomctlVmtraceOp`.

/// Starts the trace.
pub const XEN_DOMCTL_VMTRACE_ENABLE: u32 = 1;
/// Stops it.
pub const XEN_DOMCTL_VMTRACE_DISABLE: u32 = 2;
/// Starts it from the beginning of the buffer.
pub const XEN_DOMCTL_VMTRACE_RESET_AND_ENABLE: u32 = 3;
/// Tells the bytes written.
pub const XEN_DOMCTL_VMTRACE_OUTPUT_POSITION: u32 = 4;
/// Reads an MSR of the trace.
pub const XEN_DOMCTL_VMTRACE_GET_OPTION: u32 = 5;
/// Writes an MSR of the trace.
pub const XEN_DOMCTL_VMTRACE_SET_OPTION: u32 = 6;

/// Argument of `XEN_DOMCTL_VMTRACE_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlVmtraceOp {
    /// `XEN_DOMCTL_VMTRACE_*`; in.
    pub cmd: u32,
    /// Vcpu; in.
    pub vcpu: u32,
    /// MSR number; in.
    pub key: u64,
    /// Contents or position; in or out.
    pub value: u64,
}

crate::assert_sizes! {
    XenDomctlVcpucontext = 16,
    XenDomctlExtVcpucontext = 64,
    XenDomctlGetvcpuinfo = 24,
    XenDomctlVcpuaffinity = 40,
    XenDomctlVcpuextstate = 32,
    XenDomctlVcpuMsr = 16,
    XenDomctlVcpuMsrs = 16,
    XenDomctlVmtraceOp = 24,
}
