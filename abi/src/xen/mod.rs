//! What every guest and every tool shares (`xen.h`): hypercall numbers, virtual interrupts, domain
//! numbers, page-table update commands and the two structures with which a guest starts.
//!
//! A guest finds its `StartInfo` in a register at boot and the `SharedInfo` page through it. Both
//! are read by kernels far older than this hypervisor, so nothing here may move.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;

mod mmu;
mod shared;
mod start;
pub use mmu::*;
pub use shared::*;
pub use start::*;

// Hypercall numbers: the value of rax, and the 32-byte slot in the hypercall page.

/// Sets the virtual IDT of the calling vcpu from an array of `TrapInfo`.
pub const __HYPERVISOR_SET_TRAP_TABLE: u64 = 0;
/// Applies an array of `MmuUpdate` to page tables and to the M2P table.
pub const __HYPERVISOR_MMU_UPDATE: u64 = 1;
/// Installs the frames of the calling vcpu's GDT.
pub const __HYPERVISOR_SET_GDT: u64 = 2;
/// Sets the kernel stack (ss, rsp) that the next entry from user mode gets.
pub const __HYPERVISOR_STACK_SWITCH: u64 = 3;
/// Sets the event, failsafe and syscall entry points at once (before `CALLBACK_OP`).
pub const __HYPERVISOR_SET_CALLBACKS: u64 = 4;
/// Sets or clears the virtual CR0.TS.
pub const __HYPERVISOR_FPU_TASKSWITCH: u64 = 5;
/// `SCHED_OP` of guests before 3.0.2: the argument is a value, not an address.
pub const __HYPERVISOR_SCHED_OP_COMPAT: u64 = 6;
/// Dom0's control of the machine: `XenPlatformOp`.
pub const __HYPERVISOR_PLATFORM_OP: u64 = 7;
/// Writes one virtual debug register.
pub const __HYPERVISOR_SET_DEBUGREG: u64 = 8;
/// Reads one virtual debug register.
pub const __HYPERVISOR_GET_DEBUGREG: u64 = 9;
/// Writes one descriptor of a GDT or LDT, by machine address.
pub const __HYPERVISOR_UPDATE_DESCRIPTOR: u64 = 10;
/// Memory reservations and physical maps: `XENMEM_*`.
pub const __HYPERVISOR_MEMORY_OP: u64 = 12;
/// Runs an array of `MulticallEntry`.
pub const __HYPERVISOR_MULTICALL: u64 = 13;
/// Writes the L1 entry that maps a virtual address, with a flush.
pub const __HYPERVISOR_UPDATE_VA_MAPPING: u64 = 14;
/// Arms the calling vcpu's one-shot timer, in ns of system time.
pub const __HYPERVISOR_SET_TIMER_OP: u64 = 15;
/// `EVENT_CHANNEL_OP` of guests before 3.2.2: command and argument in one structure.
pub const __HYPERVISOR_EVENT_CHANNEL_OP_COMPAT: u64 = 16;
/// What this hypervisor is and offers: `XENVER_*`.
pub const __HYPERVISOR_XEN_VERSION: u64 = 17;
/// The emergency console: `CONSOLEIO_*`.
pub const __HYPERVISOR_CONSOLE_IO: u64 = 18;
/// `PHYSDEV_OP` of guests before 3.2.2: command and argument in one structure.
pub const __HYPERVISOR_PHYSDEV_OP_COMPAT: u64 = 19;
/// Granted memory: `GNTTABOP_*`.
pub const __HYPERVISOR_GRANT_TABLE_OP: u64 = 20;
/// Turns deviations from bare PV on and off: `VMASST_*`.
pub const __HYPERVISOR_VM_ASSIST: u64 = 21;
/// `UPDATE_VA_MAPPING` that takes its frame from another domain.
pub const __HYPERVISOR_UPDATE_VA_MAPPING_OTHERDOMAIN: u64 = 22;
/// Returns from a PV kernel to the context on its stack (`IretContext`).
pub const __HYPERVISOR_IRET: u64 = 23;
/// Vcpu life cycle, run state and timers: `VCPUOP_*`.
pub const __HYPERVISOR_VCPU_OP: u64 = 24;
/// Sets the base of fs or gs: `SEGBASE_*`.
pub const __HYPERVISOR_SET_SEGMENT_BASE: u64 = 25;
/// Page-table pins, base pointers, flushes: an array of `MmuextOp`.
pub const __HYPERVISOR_MMUEXT_OP: u64 = 26;
/// Security-module control (FLASK).
pub const __HYPERVISOR_XSM_OP: u64 = 27;
/// Registers dom0's NMI callback: `XENNMI_*`.
pub const __HYPERVISOR_NMI_OP: u64 = 28;
/// Yield, block, shutdown, poll: `SCHEDOP_*`.
pub const __HYPERVISOR_SCHED_OP: u64 = 29;
/// Registers entry points of a PV kernel: `CALLBACKOP_*`.
pub const __HYPERVISOR_CALLBACK_OP: u64 = 30;
/// Sampling profiler.
pub const __HYPERVISOR_XENOPROF_OP: u64 = 31;
/// Event channels: `EVTCHNOP_*`.
pub const __HYPERVISOR_EVENT_CHANNEL_OP: u64 = 32;
/// Physical interrupts and PCI devices: `PHYSDEVOP_*`.
pub const __HYPERVISOR_PHYSDEV_OP: u64 = 33;
/// HVM parameters and control: `HVMOP_*`.
pub const __HYPERVISOR_HVM_OP: u64 = 34;
/// Tools' control of the machine: `XEN_SYSCTL_*`.
pub const __HYPERVISOR_SYSCTL: u64 = 35;
/// Tools' control of domains: `XEN_DOMCTL_*`.
pub const __HYPERVISOR_DOMCTL: u64 = 36;
/// Crash kernels: `KEXEC_CMD_*`.
pub const __HYPERVISOR_KEXEC_OP: u64 = 37;
/// Transcendent memory, removed since 4.13.
pub const __HYPERVISOR_TMEM_OP: u64 = 38;
/// Argo message rings: `XEN_ARGO_OP_*`.
pub const __HYPERVISOR_ARGO_OP: u64 = 39;
/// Performance counters for guests: `XENPMU_*`.
pub const __HYPERVISOR_XENPMU_OP: u64 = 40;
/// What a device model may do to its guest: `XEN_DMOP_*`.
pub const __HYPERVISOR_DM_OP: u64 = 41;
/// The hypervisor's file system: `XEN_HYPFS_OP_*`.
pub const __HYPERVISOR_HYPFS_OP: u64 = 42;
/// On x86, fetches machine-check data and injects errors (`XEN_MC_*`).
pub const __HYPERVISOR_ARCH_0: u64 = 48;
/// On x86, unused since paging assistance was removed.
pub const __HYPERVISOR_ARCH_1: u64 = 49;
/// Reserved for the architecture.
pub const __HYPERVISOR_ARCH_2: u64 = 50;
/// Reserved for the architecture.
pub const __HYPERVISOR_ARCH_3: u64 = 51;
/// Reserved for the architecture.
pub const __HYPERVISOR_ARCH_4: u64 = 52;
/// Reserved for the architecture.
pub const __HYPERVISOR_ARCH_5: u64 = 53;
/// Reserved for the architecture.
pub const __HYPERVISOR_ARCH_6: u64 = 54;
/// Reserved for the architecture.
pub const __HYPERVISOR_ARCH_7: u64 = 55;

// Virtual interrupts.

/// The vcpu's timer expired. Per vcpu.
pub const VIRQ_TIMER: u32 = 0;
/// Someone asked for debug output. Per vcpu.
pub const VIRQ_DEBUG: u32 = 1;
/// The emergency console has input. Global, dom0.
pub const VIRQ_CONSOLE: u32 = 2;
/// A domain shut down, died or crashed. Global, dom0.
pub const VIRQ_DOM_EXC: u32 = 3;
/// The trace buffer is half full. Global, dom0.
pub const VIRQ_TBUF: u32 = 4;
/// A domain paused for its debugger. Global, dom0.
pub const VIRQ_DEBUGGER: u32 = 6;
/// A profiler buffer needs draining. Per vcpu.
pub const VIRQ_XENOPROF: u32 = 7;
/// The console ring has new bytes. Global, dom0.
pub const VIRQ_CON_RING: u32 = 8;
/// A physical CPU went online or offline. Global, dom0.
pub const VIRQ_PCPU_STATE: u32 = 9;
/// A memory event waits. Global, dom0.
pub const VIRQ_MEM_EVENT: u32 = 10;
/// An Argo ring has a message. Global.
pub const VIRQ_ARGO: u32 = 11;
/// Free memory is low. Global, dom0.
pub const VIRQ_ENOMEM: u32 = 12;
/// A performance counter overflowed. Per vcpu.
pub const VIRQ_XENPMU: u32 = 13;
/// On x86, a machine check was logged. Global, dom0.
pub const VIRQ_ARCH_0: u32 = 16;
/// Reserved for the architecture.
pub const VIRQ_ARCH_1: u32 = 17;
/// Reserved for the architecture.
pub const VIRQ_ARCH_2: u32 = 18;
/// Reserved for the architecture.
pub const VIRQ_ARCH_3: u32 = 19;
/// Reserved for the architecture.
pub const VIRQ_ARCH_4: u32 = 20;
/// Reserved for the architecture.
pub const VIRQ_ARCH_5: u32 = 21;
/// Reserved for the architecture.
pub const VIRQ_ARCH_6: u32 = 22;
/// Reserved for the architecture.
pub const VIRQ_ARCH_7: u32 = 23;
/// One more than the highest VIRQ number.
pub const NR_VIRQS: u32 = 24;

// Emergency console.

/// Writes `count` bytes of the caller's buffer to the console.
pub const CONSOLEIO_WRITE: u32 = 0;
/// Reads at most `count` bytes that were typed for dom0.
pub const CONSOLEIO_READ: u32 = 1;

// Virtual-machine assists.

/// Turns the assist on.
pub const VMASST_CMD_ENABLE: u32 = 0;
/// Turns the assist off.
pub const VMASST_CMD_DISABLE: u32 = 1;
/// 32-bit only: segments that reach past the hypervisor's hole.
pub const VMASST_TYPE_4GB_SEGMENTS: u32 = 0;
/// 32-bit only: trap 15 after each such emulation.
pub const VMASST_TYPE_4GB_SEGMENTS_NOTIFY: u32 = 1;
/// Writes to page tables are validated and carried out by trap.
pub const VMASST_TYPE_WRITABLE_PAGETABLES: u32 = 2;
/// 32-bit only: L3 tables above 4 GiB.
pub const VMASST_TYPE_PAE_EXTENDED_CR3: u32 = 3;
/// The guest's rflags shows its virtual IOPL.
pub const VMASST_TYPE_ARCHITECTURAL_IOPL: u32 = 4;
/// `XEN_RUNSTATE_UPDATE` brackets each update of a runstate area.
pub const VMASST_TYPE_RUNSTATE_UPDATE_FLAG: u32 = 5;
/// User mode doesn't see the M2P table.
pub const VMASST_TYPE_M2P_STRICT: u32 = 32;

// Domain numbers above the range of real domains.

/// Real domains have lower numbers.
pub const DOMID_FIRST_RESERVED: u16 = 0x7ff0;
/// The calling domain.
pub const DOMID_SELF: u16 = 0x7ff0;
/// Owner of I/O memory.
pub const DOMID_IO: u16 = 0x7ff1;
/// Owner of frames that the hypervisor shares read-only.
pub const DOMID_XEN: u16 = 0x7ff2;
/// Owner of pages shared between domains.
pub const DOMID_COW: u16 = 0x7ff3;
/// No domain at all.
pub const DOMID_INVALID: u16 = 0x7ff4;
/// The idle domain.
pub const DOMID_IDLE: u16 = 0x7fff;
/// The bits of a domain number.
pub const DOMID_MASK: u16 = 0x7fff;

/// A domain's UUID as the tools know it, in big-endian order of its fields.
pub type XenDomainHandle = [u8; 16];

/// A UUID.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenUuid {
    /// Its bytes, in the order in which it is written down.
    pub a: [u8; 16],
}

/// One call of `__HYPERVISOR_MULTICALL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MulticallEntry {
    /// Hypercall number; in.
    pub op: u64,
    /// What the call returned; out.
    pub result: u64,
    /// Arguments; in.
    pub args: [u64; 6],
}

/// A bitmap in the caller's memory, as domctl and sysctl pass CPU and node sets.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenctlBitmap {
    /// The bytes, least significant bit first.
    pub bitmap: Handle<u8>,
    /// Bits the caller has room for; longer sets are cut, shorter ones zero-extended.
    pub nr_bits: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

crate::assert_sizes! {
    XenUuid = 16,
    MulticallEntry = 64,
    XenctlBitmap = 16,
}
