//! Parameters of an HVM domain, set by its tools and read by itself (`params.h`).

/// How upcalls arrive: a type in the top byte, the rest by type.
pub const HVM_PARAM_CALLBACK_IRQ: u32 = 0;
/// The type in `HVM_PARAM_CALLBACK_IRQ`.
pub const HVM_PARAM_CALLBACK_IRQ_TYPE_MASK: u64 = 0xff00_0000_0000_0000;
/// A GSI, in bits 0 to 55; 0 for none.
pub const HVM_PARAM_CALLBACK_TYPE_GSI: u64 = 0;
/// A PCI line: domain in bits 32 to 47, bus 16 to 31, devfn 8 to 15, pin 0 to 1.
pub const HVM_PARAM_CALLBACK_TYPE_PCI_INTX: u64 = 1;
/// An IDT vector, in bits 0 to 7.
pub const HVM_PARAM_CALLBACK_TYPE_VECTOR: u64 = 2;
/// Frame of the xenstore ring.
pub const HVM_PARAM_STORE_PFN: u32 = 1;
/// Event channel of the xenstore ring.
pub const HVM_PARAM_STORE_EVTCHN: u32 = 2;
/// Nonzero if the guest may use PAE.
pub const HVM_PARAM_PAE_ENABLED: u32 = 4;
/// Frame of the requests to the device model.
pub const HVM_PARAM_IOREQ_PFN: u32 = 5;
/// Frame of its buffered requests.
pub const HVM_PARAM_BUFIOREQ_PFN: u32 = 6;
/// Hyper-V interfaces: `HVMPV_*`.
pub const HVM_PARAM_VIRIDIAN: u32 = 9;
/// What becomes of missed ticks: `HVMPTM_*`.
pub const HVM_PARAM_TIMER_MODE: u32 = 10;
/// Nonzero if there is an HPET.
pub const HVM_PARAM_HPET_ENABLED: u32 = 11;
/// Frame of an identity page table, for CPUs that can't run unpaged.
pub const HVM_PARAM_IDENT_PT: u32 = 12;
/// Domain of the device model.
pub const HVM_PARAM_DM_DOMAIN: u32 = 13;
/// The n of the ACPI sleep state Sn.
pub const HVM_PARAM_ACPI_S_STATE: u32 = 14;
/// Physical address of a TSS for real mode.
pub const HVM_PARAM_VM86_TSS: u32 = 15;
/// Nonzero to align periodic timers.
pub const HVM_PARAM_VPT_ALIGN: u32 = 16;
/// Frame of the console ring.
pub const HVM_PARAM_CONSOLE_PFN: u32 = 17;
/// Event channel of the console ring.
pub const HVM_PARAM_CONSOLE_EVTCHN: u32 = 18;
/// 0 or 1: which set of ACPI ports.
pub const HVM_PARAM_ACPI_IOPORTS_LOCATION: u32 = 19;
/// Deprecated.
pub const HVM_PARAM_MEMORY_EVENT_CR0: u32 = 20;
/// Deprecated.
pub const HVM_PARAM_MEMORY_EVENT_CR3: u32 = 21;
/// Deprecated.
pub const HVM_PARAM_MEMORY_EVENT_CR4: u32 = 22;
/// Deprecated.
pub const HVM_PARAM_MEMORY_EVENT_INT3: u32 = 23;
/// Deprecated: nonzero if the guest may virtualize.
pub const HVM_PARAM_NESTEDHVM: u32 = 24;
/// Deprecated.
pub const HVM_PARAM_MEMORY_EVENT_SINGLE_STEP: u32 = 25;
/// Event channel of the buffered requests.
pub const HVM_PARAM_BUFIOREQ_EVTCHN: u32 = 26;
/// Frame of the paging event ring.
pub const HVM_PARAM_PAGING_RING_PFN: u32 = 27;
/// Frame of the monitor event ring.
pub const HVM_PARAM_MONITOR_RING_PFN: u32 = 28;
/// Frame of the sharing event ring.
pub const HVM_PARAM_SHARING_RING_PFN: u32 = 29;
/// Deprecated.
pub const HVM_PARAM_MEMORY_EVENT_MSR: u32 = 30;
/// `SHUTDOWN_*` reason that a triple fault gives.
pub const HVM_PARAM_TRIPLE_FAULT_REASON: u32 = 31;
/// First frame of those for request servers.
pub const HVM_PARAM_IOREQ_SERVER_PFN: u32 = 32;
/// How many there are.
pub const HVM_PARAM_NR_IOREQ_SERVER_PAGES: u32 = 33;
/// Physical address of the generation identifier.
pub const HVM_PARAM_VM_GENERATION_ID_ADDR: u32 = 34;
/// Who may use alternate physical maps: `XEN_ALTP2M_*`.
pub const HVM_PARAM_ALTP2M: u32 = 35;
/// Bytes of the x87 instruction pointer that are saved: 8, 4, or 0 for either.
pub const HVM_PARAM_X87_FIP_WIDTH: u32 = 36;
/// As `HVM_PARAM_VM86_TSS`, with its size in the upper half.
pub const HVM_PARAM_VM86_TSS_SIZED: u32 = 37;
/// Machine-check abilities: `XEN_HVM_MCA_CAP_*`.
pub const HVM_PARAM_MCA_CAP: u32 = 38;
/// One more than the highest parameter.
pub const HVM_NR_PARAMS: usize = 39;

// Hyper-V interfaces in `HVM_PARAM_VIRIDIAN`.

/// The base set, and frequency MSRs.
pub const HVMPV_BASE_FREQ: u64 = 1;
/// Without the frequency MSRs.
pub const HVMPV_NO_FREQ: u64 = 1 << 1;
/// The reference counter.
pub const HVMPV_TIME_REF_COUNT: u64 = 1 << 2;
/// The reference TSC page.
pub const HVMPV_REFERENCE_TSC: u64 = 1 << 3;
/// TLB flushes by hypercall.
pub const HVMPV_HCALL_REMOTE_TLB_FLUSH: u64 = 1 << 4;
/// The APIC assist page.
pub const HVMPV_APIC_ASSIST: u64 = 1 << 5;
/// Crash MSRs.
pub const HVMPV_CRASH_CTL: u64 = 1 << 6;
/// The synthetic interrupt controller.
pub const HVMPV_SYNIC: u64 = 1 << 7;
/// Synthetic timers.
pub const HVMPV_STIMER: u64 = 1 << 8;
/// IPIs by hypercall.
pub const HVMPV_HCALL_IPI: u64 = 1 << 9;
/// Extended processor masks.
pub const HVMPV_EX_PROCESSOR_MASKS: u64 = 1 << 10;
/// More than 64 vcpus.
pub const HVMPV_NO_VP_LIMIT: u64 = 1 << 11;
/// CPU hotplug.
pub const HVMPV_CPU_HOTPLUG: u64 = 1 << 12;
/// All of the above.
pub const HVMPV_FEATURE_MASK: u64 = 0x1fff;

// Values of `HVM_PARAM_TIMER_MODE`.

/// Time stands still while the vcpu doesn't run; ticks are delivered late.
pub const HVMPTM_DELAY_FOR_MISSED_TICKS: u64 = 0;
/// Time goes on; ticks are delivered late.
pub const HVMPTM_NO_DELAY_FOR_MISSED_TICKS: u64 = 1;
/// Time goes on; missed ticks are lost.
pub const HVMPTM_NO_MISSED_TICKS_PENDING: u64 = 2;
/// Time goes on; missed ticks collapse into one.
pub const HVMPTM_ONE_MISSED_TICK_PENDING: u64 = 3;

// Values of `HVM_PARAM_ALTP2M`.

/// Nobody.
pub const XEN_ALTP2M_DISABLED: u64 = 0;
/// The guest and its tools.
pub const XEN_ALTP2M_MIXED: u64 = 1;
/// The tools.
pub const XEN_ALTP2M_EXTERNAL: u64 = 2;
/// The tools; the guest may only enable notifications.
pub const XEN_ALTP2M_LIMITED: u64 = 3;

// Values of `HVM_PARAM_MCA_CAP`.

/// Local machine checks.
pub const XEN_HVM_MCA_CAP_LMCE: u64 = 1;
/// All of them.
pub const XEN_HVM_MCA_CAP_MASK: u64 = 1;
