//! Trace buffers and what is written to them (`trace.h`).
//!
//! Each CPU writes records into its own buffer, which a tool maps and reads. A record is one word of
//! event number, length and a flag, two words of TSC if the flag says so, and at most seven words of
//! data. `TBuf` heads each buffer; its indices run modulo twice the size of the data, so that full and
//! empty differ.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

// The first word of a record.

/// Words of data at most.
pub const TRACE_EXTRA_MAX: u32 = 7;
/// Where the number of words is.
pub const TRACE_EXTRA_SHIFT: u32 = 28;
/// Two words of TSC follow.
pub const TRC_HD_CYCLE_FLAG: u32 = 1 << 31;
/// Addresses in the data have 64 bits.
pub const TRC_64_FLAG: u32 = 0x100;

// Classes of events, which a tool selects by mask.

/// Where the class is.
pub const TRC_CLS_SHIFT: u32 = 16;
/// Where the subclass is.
pub const TRC_SUBCLS_SHIFT: u32 = 12;
/// General.
pub const TRC_GEN: u32 = 0x0001f000;
/// Scheduling.
pub const TRC_SCHED: u32 = 0x0002f000;
/// Control of domains.
pub const TRC_DOM0OP: u32 = 0x0004f000;
/// HVM.
pub const TRC_HVM: u32 = 0x0008f000;
/// Memory.
pub const TRC_MEM: u32 = 0x0010f000;
/// PV.
pub const TRC_PV: u32 = 0x0020f000;
/// Shadow paging.
pub const TRC_SHADOW: u32 = 0x0040f000;
/// Hardware.
pub const TRC_HW: u32 = 0x0080f000;
/// Records of guests.
pub const TRC_GUEST: u32 = 0x0800f000;
/// Everything.
pub const TRC_ALL: u32 = 0x0ffff000;
/// Entries and exits.
pub const TRC_HVM_ENTRYEXIT: u32 = 0x00081000;
/// Handlers of exits.
pub const TRC_HVM_HANDLER: u32 = 0x00082000;
/// Emulated devices.
pub const TRC_HVM_EMUL: u32 = 0x00084000;
/// Changes of run state.
pub const TRC_SCHED_MIN: u32 = 0x00021000;
/// Events of one scheduler.
pub const TRC_SCHED_CLASS: u32 = 0x00022000;
/// Everything about scheduling.
pub const TRC_SCHED_VERBOSE: u32 = 0x00028000;
/// Domains that come and go.
pub const TRC_DOM0_DOMOPS: u32 = 0x00041000;
/// Power management.
pub const TRC_HW_PM: u32 = 0x00801000;
/// Interrupts.
pub const TRC_HW_IRQ: u32 = 0x00802000;
/// Entries from PV guests.
pub const TRC_PV_ENTRY: u32 = 0x00201000;
/// Calls inside a multicall.
pub const TRC_PV_SUBCALL: u32 = 0x00202000;
/// Bits that tell the scheduler.
pub const TRC_SCHED_ID_BITS: u32 = 3;
/// Where they are.
pub const TRC_SCHED_ID_SHIFT: u32 = 9;
/// Their mask.
pub const TRC_SCHED_ID_MASK: u32 = 3584;
/// All other bits.
pub const TRC_SCHED_EVT_MASK: u32 = !TRC_SCHED_ID_MASK;
/// Credit.
pub const TRC_SCHED_CSCHED: u32 = 0;
/// Credit2.
pub const TRC_SCHED_CSCHED2: u32 = 1;
/// Fixed time slots.
pub const TRC_SCHED_ARINC653: u32 = 3;
/// Real time.
pub const TRC_SCHED_RTDS: u32 = 4;
/// One vcpu a CPU.
pub const TRC_SCHED_SNULL: u32 = 5;

// General events.

/// The buffer was full for a while.
pub const TRC_LOST_RECORDS: u32 = 0x1f001;
/// Padding at the end of the buffer.
pub const TRC_TRACE_WRAP_BUFFER: u32 = 0x1f002;
/// Records of another CPU follow.
pub const TRC_TRACE_CPU_CHANGE: u32 = 0x1f003;

// Scheduling.

/// A vcpu's run state changed.
pub const TRC_SCHED_RUNSTATE_CHANGE: u32 = 0x21001;
/// A vcpu goes on.
pub const TRC_SCHED_CONTINUE_RUNNING: u32 = 0x21002;
/// A domain was added.
pub const TRC_SCHED_DOM_ADD: u32 = 0x28001;
/// A domain was removed.
pub const TRC_SCHED_DOM_REM: u32 = 0x28002;
/// A vcpu was put to sleep.
pub const TRC_SCHED_SLEEP: u32 = 0x28003;
/// A vcpu was woken.
pub const TRC_SCHED_WAKE: u32 = 0x28004;
/// A vcpu yielded.
pub const TRC_SCHED_YIELD: u32 = 0x28005;
/// A vcpu blocked.
pub const TRC_SCHED_BLOCK: u32 = 0x28006;
/// A domain shut down.
pub const TRC_SCHED_SHUTDOWN: u32 = 0x28007;
/// A tool changed the scheduler.
pub const TRC_SCHED_CTL: u32 = 0x28008;
/// A tool changed a domain's parameters.
pub const TRC_SCHED_ADJDOM: u32 = 0x28009;
/// A CPU switched vcpus.
pub const TRC_SCHED_SWITCH: u32 = 0x2800a;
/// The scheduler's timer.
pub const TRC_SCHED_S_TIMER_FN: u32 = 0x2800b;
/// The scheduler's tick.
pub const TRC_SCHED_T_TIMER_FN: u32 = 0x2800c;
/// A domain's timer.
pub const TRC_SCHED_DOM_TIMER_FN: u32 = 0x2800d;
/// The vcpu that is switched away from.
pub const TRC_SCHED_SWITCH_INFPREV: u32 = 0x2800e;
/// The vcpu that is switched to.
pub const TRC_SCHED_SWITCH_INFNEXT: u32 = 0x2800f;
/// A shutdown reason was fixed.
pub const TRC_SCHED_SHUTDOWN_CODE: u32 = 0x28010;
/// The vcpu that goes on.
pub const TRC_SCHED_SWITCH_INFCONT: u32 = 0x28011;

// Domains.

/// A domain was made.
pub const TRC_DOM0_DOM_ADD: u32 = 0x41001;
/// A domain was destroyed.
pub const TRC_DOM0_DOM_REM: u32 = 0x41002;

// Memory.

/// A grant was mapped.
pub const TRC_MEM_PAGE_GRANT_MAP: u32 = 0x10f001;
/// A grant was unmapped.
pub const TRC_MEM_PAGE_GRANT_UNMAP: u32 = 0x10f002;
/// A page was transferred.
pub const TRC_MEM_PAGE_GRANT_TRANSFER: u32 = 0x10f003;
/// A p2m entry was set.
pub const TRC_MEM_SET_P2M_ENTRY: u32 = 0x10f004;
/// Memory was given back.
pub const TRC_MEM_DECREASE_RESERVATION: u32 = 0x10f005;
/// A page was populated on demand.
pub const TRC_MEM_POD_POPULATE: u32 = 0x10f010;
/// A zero page was reclaimed.
pub const TRC_MEM_POD_ZERO_RECLAIM: u32 = 0x10f011;
/// A large page was split.
pub const TRC_MEM_POD_SUPERPAGE_SPLINTER: u32 = 0x10f012;

// PV guests.

/// A hypercall, in the old format.
pub const TRC_PV_HYPERCALL: u32 = 0x201001;
/// A trap.
pub const TRC_PV_TRAP: u32 = 0x201003;
/// A page fault.
pub const TRC_PV_PAGE_FAULT: u32 = 0x201004;
/// A forced `cpuid`.
pub const TRC_PV_FORCED_INVALID_OP: u32 = 0x201005;
/// A privileged instruction was emulated.
pub const TRC_PV_EMULATE_PRIVOP: u32 = 0x201006;
/// A segment access was emulated.
pub const TRC_PV_EMULATE_4GB: u32 = 0x201007;
/// FPU state was loaded.
pub const TRC_PV_MATH_STATE_RESTORE: u32 = 0x201008;
/// A fault was mended.
pub const TRC_PV_PAGING_FIXUP: u32 = 0x201009;
/// A descriptor page was mapped.
pub const TRC_PV_GDT_LDT_MAPPING_FAULT: u32 = 0x20100a;
/// A page-table write was emulated.
pub const TRC_PV_PTWR_EMULATION: u32 = 0x20100b;
/// A PAE page-table write was emulated.
pub const TRC_PV_PTWR_EMULATION_PAE: u32 = 0x20100c;
/// A hypercall: its number, two bits for each argument's width from bit 20, and the arguments.
pub const TRC_PV_HYPERCALL_V2: u32 = 0x20100d;
/// A hypercall inside a multicall, in the same format.
pub const TRC_PV_HYPERCALL_SUBCALL: u32 = 0x20200e;
/// The bits that tell the arguments.
pub const TRC_PV_HYPERCALL_V2_ARG_MASK: u32 = 0xfff00000;

// Shadow paging.

/// Not a fault of shadow paging.
pub const TRC_SHADOW_NOT_SHADOW: u32 = 0x40f001;
/// The fault was passed on by the fast path.
pub const TRC_SHADOW_FAST_PROPAGATE: u32 = 0x40f002;
/// Device access by the fast path.
pub const TRC_SHADOW_FAST_MMIO: u32 = 0x40f003;
/// The fast path was wrong.
pub const TRC_SHADOW_FALSE_FAST_PATH: u32 = 0x40f004;
/// Device access.
pub const TRC_SHADOW_MMIO: u32 = 0x40f005;
/// The shadow was filled.
pub const TRC_SHADOW_FIXUP: u32 = 0x40f006;
/// The domain is dying.
pub const TRC_SHADOW_DOMF_DYING: u32 = 0x40f007;
/// A page-table write was emulated.
pub const TRC_SHADOW_EMULATE: u32 = 0x40f008;
/// A user's write ended the shadow.
pub const TRC_SHADOW_EMULATE_UNSHADOW_USER: u32 = 0x40f009;
/// An injected event ended the shadow.
pub const TRC_SHADOW_EMULATE_UNSHADOW_EVTINJ: u32 = 0x40f00a;
/// An unknown instruction ended the shadow.
pub const TRC_SHADOW_EMULATE_UNSHADOW_UNHANDLED: u32 = 0x40f00b;
/// A writable mapping was sought everywhere.
pub const TRC_SHADOW_WRMAP_BF: u32 = 0x40f00c;
/// A shadow was unpinned for its memory.
pub const TRC_SHADOW_PREALLOC_UNPIN: u32 = 0x40f00d;
/// A page was synchronized in full.
pub const TRC_SHADOW_RESYNC_FULL: u32 = 0x40f00e;
/// A page was synchronized.
pub const TRC_SHADOW_RESYNC_ONLY: u32 = 0x40f00f;

// HVM.

/// The event is of a nested guest.
pub const TRC_HVM_NESTEDFLAG: u32 = 0x400;
/// Entry.
pub const TRC_HVM_VMENTRY: u32 = 0x81001;
/// Exit, 32-bit.
pub const TRC_HVM_VMEXIT: u32 = 0x81002;
/// Exit.
pub const TRC_HVM_VMEXIT64: u32 = 0x81102;
/// Page fault, 32-bit.
pub const TRC_HVM_PF_XEN: u32 = 0x82001;
/// Page fault.
pub const TRC_HVM_PF_XEN64: u32 = 0x82101;
/// Injected page fault, 32-bit.
pub const TRC_HVM_PF_INJECT: u32 = 0x82002;
/// Injected page fault.
pub const TRC_HVM_PF_INJECT64: u32 = 0x82102;
/// Injected exception.
pub const TRC_HVM_INJ_EXC: u32 = 0x82003;
/// Injected interrupt.
pub const TRC_HVM_INJ_VIRQ: u32 = 0x82004;
/// Interrupt injected again.
pub const TRC_HVM_REINJ_VIRQ: u32 = 0x82005;
/// Read for a device model.
pub const TRC_HVM_IO_READ: u32 = 0x82006;
/// Write for a device model.
pub const TRC_HVM_IO_WRITE: u32 = 0x82007;
/// Control-register read, 32-bit.
pub const TRC_HVM_CR_READ: u32 = 0x82008;
/// Control-register read.
pub const TRC_HVM_CR_READ64: u32 = 0x82108;
/// Control-register write, 32-bit.
pub const TRC_HVM_CR_WRITE: u32 = 0x82009;
/// Control-register write.
pub const TRC_HVM_CR_WRITE64: u32 = 0x82109;
/// Debug-register read.
pub const TRC_HVM_DR_READ: u32 = 0x8200a;
/// Debug-register write.
pub const TRC_HVM_DR_WRITE: u32 = 0x8200b;
/// MSR read.
pub const TRC_HVM_MSR_READ: u32 = 0x8200c;
/// MSR write.
pub const TRC_HVM_MSR_WRITE: u32 = 0x8200d;
/// CPUID.
pub const TRC_HVM_CPUID: u32 = 0x8200e;
/// Interrupt.
pub const TRC_HVM_INTR: u32 = 0x8200f;
/// NMI.
pub const TRC_HVM_NMI: u32 = 0x82010;
/// SMI.
pub const TRC_HVM_SMI: u32 = 0x82011;
/// Hypercall.
pub const TRC_HVM_VMMCALL: u32 = 0x82012;
/// HLT.
pub const TRC_HVM_HLT: u32 = 0x82013;
/// INVLPG, 32-bit.
pub const TRC_HVM_INVLPG: u32 = 0x82014;
/// INVLPG.
pub const TRC_HVM_INVLPG64: u32 = 0x82114;
/// Machine check.
pub const TRC_HVM_MCE: u32 = 0x82015;
/// Port read.
pub const TRC_HVM_IOPORT_READ: u32 = 0x82016;
/// Device-memory read.
pub const TRC_HVM_IOMEM_READ: u32 = 0x82017;
/// CLTS.
pub const TRC_HVM_CLTS: u32 = 0x82018;
/// LMSW, 32-bit.
pub const TRC_HVM_LMSW: u32 = 0x82019;
/// LMSW.
pub const TRC_HVM_LMSW64: u32 = 0x82119;
/// RDTSC.
pub const TRC_HVM_RDTSC: u32 = 0x8201a;
/// Interrupts became possible.
pub const TRC_HVM_INTR_WINDOW: u32 = 0x82020;
/// Nested page fault.
pub const TRC_HVM_NPF: u32 = 0x82021;
/// Real mode was emulated.
pub const TRC_HVM_REALMODE_EMULATE: u32 = 0x82022;
/// An exception was intercepted.
pub const TRC_HVM_TRAP: u32 = 0x82023;
/// A debug exception was intercepted.
pub const TRC_HVM_TRAP_DEBUG: u32 = 0x82024;
/// Local-APIC delivery.
pub const TRC_HVM_VLAPIC: u32 = 0x82025;
/// XGETBV.
pub const TRC_HVM_XCR_READ64: u32 = 0x82126;
/// XSETBV.
pub const TRC_HVM_XCR_WRITE64: u32 = 0x82127;
/// Port write.
pub const TRC_HVM_IOPORT_WRITE: u32 = 0x82216;
/// Device-memory write.
pub const TRC_HVM_IOMEM_WRITE: u32 = 0x82217;
/// HPET timer started.
pub const TRC_HVM_EMUL_HPET_START_TIMER: u32 = 0x84001;
/// PIT timer started.
pub const TRC_HVM_EMUL_PIT_START_TIMER: u32 = 0x84002;
/// RTC timer started.
pub const TRC_HVM_EMUL_RTC_START_TIMER: u32 = 0x84003;
/// APIC timer started.
pub const TRC_HVM_EMUL_LAPIC_START_TIMER: u32 = 0x84004;
/// HPET timer stopped.
pub const TRC_HVM_EMUL_HPET_STOP_TIMER: u32 = 0x84005;
/// PIT timer stopped.
pub const TRC_HVM_EMUL_PIT_STOP_TIMER: u32 = 0x84006;
/// RTC timer stopped.
pub const TRC_HVM_EMUL_RTC_STOP_TIMER: u32 = 0x84007;
/// APIC timer stopped.
pub const TRC_HVM_EMUL_LAPIC_STOP_TIMER: u32 = 0x84008;
/// PIT timer fired.
pub const TRC_HVM_EMUL_PIT_TIMER_CB: u32 = 0x84009;
/// APIC timer fired.
pub const TRC_HVM_EMUL_LAPIC_TIMER_CB: u32 = 0x8400a;
/// PIC output changed.
pub const TRC_HVM_EMUL_PIC_INT_OUTPUT: u32 = 0x8400b;
/// A vcpu was woken for the PIC.
pub const TRC_HVM_EMUL_PIC_KICK: u32 = 0x8400c;
/// PIC interrupt acknowledged.
pub const TRC_HVM_EMUL_PIC_INTACK: u32 = 0x8400d;
/// PIC line rose.
pub const TRC_HVM_EMUL_PIC_POSEDGE: u32 = 0x8400e;
/// PIC line fell.
pub const TRC_HVM_EMUL_PIC_NEGEDGE: u32 = 0x8400f;
/// PIC asked for its vector.
pub const TRC_HVM_EMUL_PIC_PEND_IRQ_CALL: u32 = 0x84010;
/// Does the APIC let PIC interrupts through.
pub const TRC_HVM_EMUL_LAPIC_PIC_INTR: u32 = 0x84011;

// Hardware.

/// Frequency changed.
pub const TRC_PM_FREQ_CHANGE: u32 = 0x801001;
/// A CPU went idle.
pub const TRC_PM_IDLE_ENTRY: u32 = 0x801002;
/// A CPU woke.
pub const TRC_PM_IDLE_EXIT: u32 = 0x801003;
/// A moved vector is still in use.
pub const TRC_HW_IRQ_MOVE_CLEANUP_DELAY: u32 = 0x802001;
/// A moved vector was freed.
pub const TRC_HW_IRQ_MOVE_CLEANUP: u32 = 0x802002;
/// A vector was bound.
pub const TRC_HW_IRQ_BIND_VECTOR: u32 = 0x802003;
/// A vector was released.
pub const TRC_HW_IRQ_CLEAR_VECTOR: u32 = 0x802004;
/// A move was finished.
pub const TRC_HW_IRQ_MOVE_FINISH: u32 = 0x802005;
/// A vector was chosen.
pub const TRC_HW_IRQ_ASSIGN_VECTOR: u32 = 0x802006;
/// An interrupt nobody expected.
pub const TRC_HW_IRQ_UNMAPPED_VECTOR: u32 = 0x802007;
/// An interrupt was handled.
pub const TRC_HW_IRQ_HANDLED: u32 = 0x802008;

/// Head of a CPU's buffer, followed by records.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TBuf {
    /// Bytes read, modulo twice the size; by the tool.
    pub cons: u32,
    /// Bytes written, modulo twice the size; by the hypervisor.
    pub prod: u32,
}

/// Head of the page that tells where buffers are: then 16 bits a CPU, the offset in words of its list of frames.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TInfo {
    /// Pages of each buffer.
    pub tbuf_size: u16,
}

crate::assert_sizes! {
    TBuf = 8,
    TInfo = 2,
}
