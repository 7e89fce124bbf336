//! Control of domains by the tools (`domctl.h`, interface version 0x15).
//!
//! The one argument is an `XenDomctl` in the caller's memory, read at the start and, for the commands
//! that answer, written back at the end. Its interface version must match exactly: this interface may
//! change in any release. `domain` is in for all commands but two, creation and information, which
//! answer with the domain that they chose or found.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Union64;

mod build;
mod device;
mod domain;
mod memory;
mod monitor;
mod policy;
mod sched;
mod vcpu;
pub use build::*;
pub use device::*;
pub use domain::*;
pub use memory::*;
pub use monitor::*;
pub use policy::*;
pub use sched::*;
pub use vcpu::*;

/// Makes a domain: `XenDomctlCreatedomain`.
pub const XEN_DOMCTL_CREATEDOMAIN: u32 = 1;
/// Ends a domain and frees what it has, by continuations.
pub const XEN_DOMCTL_DESTROYDOMAIN: u32 = 2;
/// Keeps a domain from running; counts.
pub const XEN_DOMCTL_PAUSEDOMAIN: u32 = 3;
/// Lets it run again.
pub const XEN_DOMCTL_UNPAUSEDOMAIN: u32 = 4;
/// Describes the domain, or the next one there is: `XenDomctlGetdomaininfo`.
pub const XEN_DOMCTL_GETDOMAININFO: u32 = 5;
/// Sets where a vcpu may run: `XenDomctlVcpuaffinity`.
pub const XEN_DOMCTL_SETVCPUAFFINITY: u32 = 9;
/// Dirty logging, and memory for paging: `XenDomctlShadowOp`.
pub const XEN_DOMCTL_SHADOW_OP: u32 = 10;
/// Limits a domain's memory: `XenDomctlMaxMem`.
pub const XEN_DOMCTL_MAX_MEM: u32 = 11;
/// Sets a vcpu's registers; null resets it: `XenDomctlVcpucontext`.
pub const XEN_DOMCTL_SETVCPUCONTEXT: u32 = 12;
/// Reads a vcpu's registers: `XenDomctlVcpucontext`.
pub const XEN_DOMCTL_GETVCPUCONTEXT: u32 = 13;
/// Describes a vcpu: `XenDomctlGetvcpuinfo`.
pub const XEN_DOMCTL_GETVCPUINFO: u32 = 14;
/// Makes the vcpus: `XenDomctlMaxVcpus`.
pub const XEN_DOMCTL_MAX_VCPUS: u32 = 15;
/// Scheduling parameters: `XenDomctlSchedulerOp`.
pub const XEN_DOMCTL_SCHEDULER_OP: u32 = 16;
/// Sets the UUID: `XenDomctlSetdomainhandle`.
pub const XEN_DOMCTL_SETDOMAINHANDLE: u32 = 17;
/// Attaches or detaches a debugger: `XenDomctlSetdebugging`.
pub const XEN_DOMCTL_SETDEBUGGING: u32 = 18;
/// Allows an interrupt: `XenDomctlIrqPermission`.
pub const XEN_DOMCTL_IRQ_PERMISSION: u32 = 19;
/// Allows device memory: `XenDomctlIomemPermission`.
pub const XEN_DOMCTL_IOMEM_PERMISSION: u32 = 20;
/// Allows ports: `XenDomctlIoportPermission`.
pub const XEN_DOMCTL_IOPORT_PERMISSION: u32 = 21;
/// Fills a hypercall page: `XenDomctlHypercallInit`.
pub const XEN_DOMCTL_HYPERCALL_INIT: u32 = 22;
/// Shifts the wall clock: `XenDomctlSettimeoffset`.
pub const XEN_DOMCTL_SETTIMEOFFSET: u32 = 24;
/// Tells where a vcpu may run: `XenDomctlVcpuaffinity`.
pub const XEN_DOMCTL_GETVCPUAFFINITY: u32 = 25;
/// Gone; once for PowerPC.
pub const XEN_DOMCTL_REAL_MODE_AREA: u32 = 26;
/// Lets a suspended domain go on.
pub const XEN_DOMCTL_RESUMEDOMAIN: u32 = 27;
/// Sends an NMI, a reset, a button press: `XenDomctlSendtrigger`.
pub const XEN_DOMCTL_SENDTRIGGER: u32 = 28;
/// Names a port to be told of a suspend: `XenDomctlSubscribe`.
pub const XEN_DOMCTL_SUBSCRIBE: u32 = 29;
/// Saves HVM state: `XenDomctlHvmcontext`.
pub const XEN_DOMCTL_GETHVMCONTEXT: u32 = 33;
/// Restores HVM state: `XenDomctlHvmcontext`.
pub const XEN_DOMCTL_SETHVMCONTEXT: u32 = 34;
/// Makes a PV domain 32-bit or 64-bit: `XenDomctlAddressSize`.
pub const XEN_DOMCTL_SET_ADDRESS_SIZE: u32 = 35;
/// Tells which it is: `XenDomctlAddressSize`.
pub const XEN_DOMCTL_GET_ADDRESS_SIZE: u32 = 36;
/// Passes a device through: `XenDomctlAssignDevice`.
pub const XEN_DOMCTL_ASSIGN_DEVICE: u32 = 37;
/// Passes its interrupt through: `XenDomctlBindPtIrq`.
pub const XEN_DOMCTL_BIND_PT_IRQ: u32 = 38;
/// Maps device memory: `XenDomctlMemoryMapping`.
pub const XEN_DOMCTL_MEMORY_MAPPING: u32 = 39;
/// Maps ports: `XenDomctlIoportMapping`.
pub const XEN_DOMCTL_IOPORT_MAPPING: u32 = 40;
/// Sets a vcpu's further registers: `XenDomctlExtVcpucontext`.
pub const XEN_DOMCTL_SET_EXT_VCPUCONTEXT: u32 = 42;
/// Reads them: `XenDomctlExtVcpucontext`.
pub const XEN_DOMCTL_GET_EXT_VCPUCONTEXT: u32 = 43;
/// Gone.
pub const XEN_DOMCTL_SET_OPT_FEATURE: u32 = 44;
/// Tells whether a device can be passed through: `XenDomctlAssignDevice`.
pub const XEN_DOMCTL_TEST_ASSIGN_DEVICE: u32 = 45;
/// Makes the domain the device model of another: `XenDomctlSetTarget`.
pub const XEN_DOMCTL_SET_TARGET: u32 = 46;
/// Takes a device back: `XenDomctlAssignDevice`.
pub const XEN_DOMCTL_DEASSIGN_DEVICE: u32 = 47;
/// Takes an interrupt back: `XenDomctlBindPtIrq`.
pub const XEN_DOMCTL_UNBIND_PT_IRQ: u32 = 48;
/// Lists devices that must be assigned together: `XenDomctlGetDeviceGroup`.
pub const XEN_DOMCTL_GET_DEVICE_GROUP: u32 = 50;
/// Single-steps a vcpu: `XenDomctlDebugOp`.
pub const XEN_DOMCTL_DEBUG_OP: u32 = 54;
/// Saves one HVM record: `XenDomctlHvmcontextPartial`.
pub const XEN_DOMCTL_GETHVMCONTEXT_PARTIAL: u32 = 55;
/// Event rings for introspection: `XenDomctlVmEventOp`.
pub const XEN_DOMCTL_VM_EVENT_OP: u32 = 56;
/// Allows page sharing: `XenDomctlMemSharingOp`.
pub const XEN_DOMCTL_MEM_SHARING_OP: u32 = 57;
/// Tells how the TSC works: `XenDomctlTscInfo`.
pub const XEN_DOMCTL_GETTSCINFO: u32 = 59;
/// Sets how the TSC works: `XenDomctlTscInfo`.
pub const XEN_DOMCTL_SETTSCINFO: u32 = 60;
/// Tells the types of frames: `XenDomctlGetpageframeinfo3`.
pub const XEN_DOMCTL_GETPAGEFRAMEINFO3: u32 = 61;
/// Sets XSAVE state: `XenDomctlVcpuextstate`.
pub const XEN_DOMCTL_SETVCPUEXTSTATE: u32 = 62;
/// Reads XSAVE state: `XenDomctlVcpuextstate`.
pub const XEN_DOMCTL_GETVCPUEXTSTATE: u32 = 63;
/// Pauses a vcpu whose event nobody takes: `XenDomctlSetAccessRequired`.
pub const XEN_DOMCTL_SET_ACCESS_REQUIRED: u32 = 64;
/// Checks the p2m: `XenDomctlAuditP2m`.
pub const XEN_DOMCTL_AUDIT_P2M: u32 = 65;
/// Gives a global VIRQ to the domain: `XenDomctlSetVirqHandler`.
pub const XEN_DOMCTL_SET_VIRQ_HANDLER: u32 = 66;
/// Marks a frame broken: `XenDomctlSetBrokenPageP2m`.
pub const XEN_DOMCTL_SET_BROKEN_PAGE_P2M: u32 = 67;
/// Sets preferred nodes: `XenDomctlNodeaffinity`.
pub const XEN_DOMCTL_SETNODEAFFINITY: u32 = 68;
/// Tells preferred nodes: `XenDomctlNodeaffinity`.
pub const XEN_DOMCTL_GETNODEAFFINITY: u32 = 69;
/// Writes back caches on frames: `XenDomctlCacheflush`.
pub const XEN_DOMCTL_CACHEFLUSH: u32 = 71;
/// Reads a vcpu's MSRs: `XenDomctlVcpuMsrs`.
pub const XEN_DOMCTL_GET_VCPU_MSRS: u32 = 72;
/// Sets a vcpu's MSRs: `XenDomctlVcpuMsrs`.
pub const XEN_DOMCTL_SET_VCPU_MSRS: u32 = 73;
/// Sets the virtual NUMA layout: `XenDomctlVnuma`.
pub const XEN_DOMCTL_SETVNUMAINFO: u32 = 74;
/// Cache monitoring: `XenDomctlPsrCmtOp`.
pub const XEN_DOMCTL_PSR_CMT_OP: u32 = 75;
/// Which events introspection wants: `XenDomctlMonitorOp`.
pub const XEN_DOMCTL_MONITOR_OP: u32 = 77;
/// Cache and bandwidth allocation: `XenDomctlPsrAlloc`.
pub const XEN_DOMCTL_PSR_ALLOC: u32 = 78;
/// Resets a domain that keeps its memory.
pub const XEN_DOMCTL_SOFT_RESET: u32 = 79;
/// Arm only: a virtual UART: `XenDomctlVuartOp`.
pub const XEN_DOMCTL_VUART_OP: u32 = 81;
/// Reads the CPUID and MSR policy: `XenDomctlCpuPolicy`.
pub const XEN_DOMCTL_GET_CPU_POLICY: u32 = 82;
/// Sets it: `XenDomctlCpuPolicy`.
pub const XEN_DOMCTL_SET_CPU_POLICY: u32 = 83;
/// Processor trace: `XenDomctlVmtraceOp`.
pub const XEN_DOMCTL_VMTRACE_OP: u32 = 84;
/// Tells the memory for paging: `XenDomctlPagingMempool`.
pub const XEN_DOMCTL_GET_PAGING_MEMPOOL_SIZE: u32 = 85;
/// Sets it: `XenDomctlPagingMempool`.
pub const XEN_DOMCTL_SET_PAGING_MEMPOOL_SIZE: u32 = 86;
/// Reads or writes guest memory: `XenDomctlGdbsxMemio`.
pub const XEN_DOMCTL_GDBSX_GUESTMEMIO: u32 = 1000;
/// Pauses a vcpu: `XenDomctlGdbsxPauseunpVcpu`.
pub const XEN_DOMCTL_GDBSX_PAUSEVCPU: u32 = 1001;
/// Lets it run again: `XenDomctlGdbsxPauseunpVcpu`.
pub const XEN_DOMCTL_GDBSX_UNPAUSEVCPU: u32 = 1002;
/// Tells why a domain stopped: `XenDomctlGdbsxDomstatus`.
pub const XEN_DOMCTL_GDBSX_DOMSTATUS: u32 = 1003;

pub use crate::version::XEN_DOMCTL_INTERFACE_VERSION;

/// A continuation of `XEN_DOMCTL_SOFT_RESET`, of use to the hypervisor alone.
pub const XEN_DOMCTL_SOFT_RESET_CONT: u32 = 23;

/// The argument of `__HYPERVISOR_DOMCTL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctl {
    /// `XEN_DOMCTL_*`; in.
    pub cmd: u32,
    /// `XEN_DOMCTL_INTERFACE_VERSION`; in.
    pub interface_version: u32,
    /// Domain; in, and out for creation and information.
    pub domain: u16,
    #[doc(hidden)]
    pub _pad: [u16; 3],
    /// The command's own structure.
    pub u: Union64<16>,
}

crate::assert_sizes! {
    XenDomctl = 144,
}
