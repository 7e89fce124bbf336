//! Sub-operations: what each call that has commands does about each of them.
//!
//! Numbers come from the interface's own constants. `docs/abi-coverage.md` is made from these lists, and a test makes
//! each call: one that is refused must give the error told here, one that is served must not be unknown.

use abi::Errno;

use crate::table::Service::{self, Done, Partly, Refused};

/// One command of a call.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// Its number.
    pub number: u64,
    /// The constant's name.
    pub name: &'static str,
    /// How far it is served.
    pub service: Service,
}

macro_rules! ops {
    ($(#[$doc:meta] $list:ident in $($module:ident)::+ { $($op:ident $service:expr;)* })*) => {$(
        #[$doc]
        pub static $list: &[Op] = {
            use $($module)::+::*;
            &[$(Op { number: $op as u64, name: stringify!($op), service: $service },)*]
        };
    )*};
}

const TRANSLATED: Service = Refused(Errno::EINVAL, "translated guests");
const TOOLSTACK: Service = Refused(Errno::ENOSYS, "toolstack interface");
const GRANTS: Service = Refused(Errno::ENOSYS, "grant tables");
const NO_MAP: Service = Refused(
    Errno::EACCES,
    "a PV domain has no physical map; Xen's answer too",
);
const POWER: Service = Refused(Errno::ENOSYS, "frequencies and idle states");
const PMU: Service = Refused(Errno::EOPNOTSUPP, "performance counters; Xen's default too");
const PROFILER: Service = Refused(
    Errno::EPERM,
    "only the first profiler may, and there is none",
);

ops! {
    /// Of `mmu_update`, in the low bits of `ptr`.
    MMU_UPDATE in abi::xen {
        MMU_NORMAL_PT_UPDATE Done;
        MMU_MACHPHYS_UPDATE Done;
        MMU_PT_UPDATE_PRESERVE_AD Done;
        MMU_PT_UPDATE_NO_TRANSLATE Done;
    }
    /// Of `mmuext_op`.
    MMUEXT in abi::xen {
        MMUEXT_PIN_L1_TABLE Done;
        MMUEXT_PIN_L2_TABLE Done;
        MMUEXT_PIN_L3_TABLE Done;
        MMUEXT_PIN_L4_TABLE Done;
        MMUEXT_UNPIN_TABLE Done;
        MMUEXT_NEW_BASEPTR Done;
        MMUEXT_TLB_FLUSH_LOCAL Done;
        MMUEXT_INVLPG_LOCAL Done;
        MMUEXT_TLB_FLUSH_MULTI Done;
        MMUEXT_INVLPG_MULTI Done;
        MMUEXT_TLB_FLUSH_ALL Done;
        MMUEXT_INVLPG_ALL Done;
        MMUEXT_FLUSH_CACHE Done;
        MMUEXT_SET_LDT Done;
        MMUEXT_NEW_USER_BASEPTR Done;
        MMUEXT_CLEAR_PAGE Done;
        MMUEXT_COPY_PAGE Done;
        MMUEXT_FLUSH_CACHE_GLOBAL Done;
        MMUEXT_MARK_SUPER Refused(Errno::EOPNOTSUPP, "retired");
        MMUEXT_UNMARK_SUPER Refused(Errno::EOPNOTSUPP, "retired");
    }
    /// Of `memory_op`.
    MEMORY in abi::memory {
        XENMEM_INCREASE_RESERVATION Done;
        XENMEM_DECREASE_RESERVATION Done;
        XENMEM_MAXIMUM_RAM_PAGE Done;
        XENMEM_CURRENT_RESERVATION Done;
        XENMEM_MAXIMUM_RESERVATION Done;
        XENMEM_MACHPHYS_MFN_LIST Done;
        XENMEM_POPULATE_PHYSMAP Partly("no memory on demand, which needs a translated guest; nodes are ignored");
        XENMEM_ADD_TO_PHYSMAP NO_MAP;
        XENMEM_MEMORY_MAP Partly("ENOSYS until the toolstack has set a map, as Xen has it");
        XENMEM_MACHINE_MEMORY_MAP Done;
        XENMEM_EXCHANGE Done;
        XENMEM_MACHPHYS_MAPPING Done;
        XENMEM_SET_MEMORY_MAP Done;
        XENMEM_MAXIMUM_GPFN Done;
        XENMEM_REMOVE_FROM_PHYSMAP NO_MAP;
        XENMEM_SET_POD_TARGET TRANSLATED;
        XENMEM_GET_POD_TARGET TRANSLATED;
        XENMEM_GET_SHARING_FREED_PAGES Done;
        XENMEM_GET_SHARING_SHARED_PAGES Done;
        XENMEM_PAGING_OP Refused(Errno::ENOSYS, "paging out, as in Debian's build");
        XENMEM_ACCESS_OP TRANSLATED;
        XENMEM_SHARING_OP Refused(Errno::ENOSYS, "sharing, as in Debian's build");
        XENMEM_ADD_TO_PHYSMAP_BATCH NO_MAP;
        XENMEM_CLAIM_PAGES Done;
        XENMEM_MACHPHYS_COMPAT_MFN_LIST Refused(Errno::EOPNOTSUPP, "32-bit PV guests, off in Debian's Xen too");
        XENMEM_GET_VNUMAINFO Refused(Errno::EOPNOTSUPP, "virtual NUMA; Xen's answer where none is set");
        XENMEM_RESERVED_DEVICE_MEMORY_MAP Partly("always empty: no IOMMU");
        XENMEM_ACQUIRE_RESOURCE Refused(Errno::EOPNOTSUPP, "grant tables; EINVAL for device models' frames");
    }
    /// Of `xen_version`.
    VERSION in abi::version {
        XENVER_VERSION Done;
        XENVER_EXTRAVERSION Done;
        XENVER_COMPILE_INFO Done;
        XENVER_CAPABILITIES Done;
        XENVER_CHANGESET Done;
        XENVER_PLATFORM_PARAMETERS Done;
        XENVER_GET_FEATURES Done;
        XENVER_PAGESIZE Done;
        XENVER_GUEST_HANDLE Done;
        XENVER_COMMANDLINE Done;
        XENVER_BUILD_ID Done;
    }
    /// Of `console_io`.
    CONSOLE in abi::xen {
        CONSOLEIO_WRITE Done;
        CONSOLEIO_READ Done;
    }
    /// Of `vm_assist`: kinds.
    ASSIST in abi::xen {
        VMASST_TYPE_4GB_SEGMENTS Partly("taken; means nothing to a 64-bit guest");
        VMASST_TYPE_4GB_SEGMENTS_NOTIFY Partly("taken; means nothing to a 64-bit guest");
        VMASST_TYPE_WRITABLE_PAGETABLES Partly("taken; stores to page tables are emulated either way");
        VMASST_TYPE_PAE_EXTENDED_CR3 Partly("taken; means nothing to a 64-bit guest");
        VMASST_TYPE_ARCHITECTURAL_IOPL Partly("taken without effect");
        VMASST_TYPE_RUNSTATE_UPDATE_FLAG Done;
        VMASST_TYPE_M2P_STRICT Partly("taken without effect");
    }
    /// Of `grant_table_op`.
    GRANT in abi::grant_table {
        GNTTABOP_MAP_GRANT_REF GRANTS;
        GNTTABOP_UNMAP_GRANT_REF GRANTS;
        GNTTABOP_SETUP_TABLE GRANTS;
        GNTTABOP_DUMP_TABLE GRANTS;
        GNTTABOP_TRANSFER GRANTS;
        GNTTABOP_COPY GRANTS;
        GNTTABOP_QUERY_SIZE GRANTS;
        GNTTABOP_UNMAP_AND_REPLACE GRANTS;
        GNTTABOP_SET_VERSION GRANTS;
        GNTTABOP_GET_STATUS_FRAMES GRANTS;
        GNTTABOP_GET_VERSION GRANTS;
        GNTTABOP_SWAP_GRANT_REF GRANTS;
        GNTTABOP_CACHE_FLUSH GRANTS;
    }
    /// Of `vcpu_op`.
    VCPU in abi::vcpu {
        VCPUOP_INITIALISE Done;
        VCPUOP_UP Done;
        VCPUOP_DOWN Done;
        VCPUOP_IS_UP Done;
        VCPUOP_GET_RUNSTATE_INFO Done;
        VCPUOP_REGISTER_RUNSTATE_MEMORY_AREA Done;
        VCPUOP_SET_PERIODIC_TIMER Done;
        VCPUOP_STOP_PERIODIC_TIMER Done;
        VCPUOP_SET_SINGLESHOT_TIMER Done;
        VCPUOP_STOP_SINGLESHOT_TIMER Done;
        VCPUOP_REGISTER_VCPU_INFO Done;
        VCPUOP_SEND_NMI Done;
        VCPUOP_GET_PHYSID Refused(Errno::EINVAL, "no vCPU stays on one processor; Xen's answer too unless pinned at boot");
        VCPUOP_REGISTER_VCPU_TIME_MEMORY_AREA Done;
    }
    /// Of `set_segment_base`.
    SEGMENT_BASE in abi::arch_x86 {
        SEGBASE_FS Done;
        SEGBASE_GS_USER Done;
        SEGBASE_GS_KERNEL Done;
        SEGBASE_GS_USER_SEL Done;
    }
    /// Of `nmi_op`.
    NMI in abi::nmi {
        XENNMI_REGISTER_CALLBACK Done;
        XENNMI_UNREGISTER_CALLBACK Done;
    }
    /// Of `sched_op`.
    SCHED in abi::sched {
        SCHEDOP_YIELD Done;
        SCHEDOP_BLOCK Done;
        SCHEDOP_SHUTDOWN Done;
        SCHEDOP_POLL Done;
        SCHEDOP_REMOTE_SHUTDOWN Done;
        SCHEDOP_SHUTDOWN_CODE Done;
        SCHEDOP_WATCHDOG Done;
        SCHEDOP_PIN_OVERRIDE Partly("to the processor that the vCPU is on");
    }
    /// Of `sched_op_compat`.
    SCHED_COMPAT in abi::sched {
        SCHEDOP_YIELD Done;
        SCHEDOP_BLOCK Done;
        SCHEDOP_SHUTDOWN Done;
    }
    /// Of `callback_op`.
    CALLBACK in abi::callback {
        CALLBACKOP_REGISTER Done;
        CALLBACKOP_UNREGISTER Done;
    }
    /// Of `event_channel_op`, and of its old form.
    EVENT in abi::event_channel {
        EVTCHNOP_BIND_INTERDOMAIN Done;
        EVTCHNOP_BIND_VIRQ Done;
        EVTCHNOP_BIND_PIRQ Done;
        EVTCHNOP_CLOSE Done;
        EVTCHNOP_SEND Done;
        EVTCHNOP_STATUS Done;
        EVTCHNOP_ALLOC_UNBOUND Done;
        EVTCHNOP_BIND_IPI Done;
        EVTCHNOP_BIND_VCPU Done;
        EVTCHNOP_UNMASK Done;
        EVTCHNOP_RESET Done;
        EVTCHNOP_INIT_CONTROL Done;
        EVTCHNOP_EXPAND_ARRAY Done;
        EVTCHNOP_SET_PRIORITY Done;
        EVTCHNOP_RESET_CONT Done;
    }
    /// Of `physdev_op`, and of its old form.
    PHYSDEV in abi::physdev {
        PHYSDEVOP_IRQ_UNMASK_NOTIFY Done;
        PHYSDEVOP_IRQ_STATUS_QUERY Done;
        PHYSDEVOP_SET_IOPL Done;
        PHYSDEVOP_SET_IOBITMAP Done;
        PHYSDEVOP_APIC_READ Done;
        PHYSDEVOP_APIC_WRITE Partly("checked and ignored: routes are the hypervisor's");
        PHYSDEVOP_ALLOC_IRQ_VECTOR Done;
        PHYSDEVOP_FREE_IRQ_VECTOR Refused(Errno::ENOSYS, "Xen's answer too");
        PHYSDEVOP_EOI Done;
        PHYSDEVOP_MAP_PIRQ Partly("for the caller only");
        PHYSDEVOP_UNMAP_PIRQ Partly("for the caller only");
        PHYSDEVOP_MANAGE_PCI_ADD Done;
        PHYSDEVOP_MANAGE_PCI_REMOVE Done;
        PHYSDEVOP_PIRQ_EOI_GMFN_V1 Done;
        PHYSDEVOP_RESTORE_MSI Partly("where the machine layer can");
        PHYSDEVOP_MANAGE_PCI_ADD_EXT Partly("virtual functions are taken as any other");
        PHYSDEVOP_SETUP_GSI Done;
        PHYSDEVOP_GET_FREE_PIRQ Done;
        PHYSDEVOP_PCI_MMCFG_RESERVED Partly("where the machine layer uses it");
        PHYSDEVOP_PCI_DEVICE_ADD Partly("virtual functions are taken as any other; nodes are ignored");
        PHYSDEVOP_PCI_DEVICE_REMOVE Done;
        PHYSDEVOP_RESTORE_MSI_EXT Partly("where the machine layer can");
        PHYSDEVOP_PIRQ_EOI_GMFN_V2 Done;
        PHYSDEVOP_DBGP_OP Partly("no USB debug port is used, so there is nothing to save");
        PHYSDEVOP_PREPARE_MSIX Partly("taken without effect");
        PHYSDEVOP_RELEASE_MSIX Partly("taken without effect");
    }
    /// Of `platform_op`.
    PLATFORM in abi::platform {
        XENPF_SETTIME32 Done;
        XENPF_ADD_MEMTYPE Refused(Errno::EOPNOTSUPP, "the firmware's memory types stay");
        XENPF_DEL_MEMTYPE Refused(Errno::EOPNOTSUPP, "the firmware's memory types stay");
        XENPF_READ_MEMTYPE Done;
        XENPF_MICROCODE_UPDATE Refused(Errno::EINVAL, "microcode; Xen's answer where it can't load any");
        XENPF_PLATFORM_QUIRK Refused(Errno::EINVAL, "no quirk is known");
        XENPF_GET_CPU_VERSION Done;
        XENPF_EFI_RUNTIME_CALL Refused(Errno::ENOSYS, "EFI");
        XENPF_FIRMWARE_INFO Partly("keyboard flags as zero, EFI tables; no drives or monitors");
        XENPF_ENTER_ACPI_SLEEP Partly("S5");
        XENPF_CHANGE_FREQ POWER;
        XENPF_GETIDLETIME POWER;
        XENPF_SET_PROCESSOR_PMINFO POWER;
        XENPF_GET_CPUINFO Done;
        XENPF_CPU_ONLINE Partly("processors that run already");
        XENPF_CPU_OFFLINE Refused(Errno::EOPNOTSUPP, "processors stay");
        XENPF_CPU_HOTADD Refused(Errno::ENOSYS, "hot-plug");
        XENPF_MEM_HOTADD Refused(Errno::ENOSYS, "hot-plug");
        XENPF_CORE_PARKING Partly("none is parked, and none can be");
        XENPF_RESOURCE_OP Refused(Errno::ENOSYS, "registers of other processors");
        XENPF_SETTIME64 Done;
        XENPF_GET_SYMBOL Partly("an empty list");
    }
    /// Of `hvm_op`.
    HVM in abi::hvm {
        HVMOP_SET_PARAM TRANSLATED;
        HVMOP_GET_PARAM TRANSLATED;
        HVMOP_FLUSH_TLBS Refused(Errno::ENOSYS, "translated guests");
        HVMOP_PAGETABLE_DYING Refused(Errno::ENOSYS, "translated guests");
        HVMOP_GET_TIME Refused(Errno::ENOSYS, "translated guests");
        HVMOP_XENTRACE Refused(Errno::ENOSYS, "tracing");
        HVMOP_SET_MEM_ACCESS Refused(Errno::ENOSYS, "retired");
        HVMOP_GET_MEM_ACCESS Refused(Errno::ENOSYS, "retired");
        HVMOP_GET_MEM_TYPE TRANSLATED;
        HVMOP_SET_EVTCHN_UPCALL_VECTOR TRANSLATED;
        HVMOP_GUEST_REQUEST_VM_EVENT Refused(Errno::ENOSYS, "translated guests");
        HVMOP_ALTP2M TRANSLATED;
    }
    /// Of `kexec_op`.
    KEXEC in abi::kexec {
        KEXEC_CMD_KEXEC Refused(Errno::ENOENT, "no image is ever loaded");
        KEXEC_CMD_KEXEC_LOAD_V1 Refused(Errno::EOPNOTSUPP, "crash kernels");
        KEXEC_CMD_KEXEC_UNLOAD_V1 Done;
        KEXEC_CMD_KEXEC_GET_RANGE Partly("no memory is set aside");
        KEXEC_CMD_KEXEC_LOAD Refused(Errno::EOPNOTSUPP, "crash kernels");
        KEXEC_CMD_KEXEC_UNLOAD Done;
        KEXEC_CMD_KEXEC_STATUS Done;
    }
    /// Of `xenpmu_op`.
    XENPMU in abi::pmu {
        XENPMU_MODE_GET PMU;
        XENPMU_MODE_SET PMU;
        XENPMU_FEATURE_GET PMU;
        XENPMU_FEATURE_SET PMU;
        XENPMU_INIT PMU;
        XENPMU_FINISH PMU;
        XENPMU_LVTPC_SET PMU;
        XENPMU_FLUSH PMU;
    }
    /// Of `hypfs_op`.
    HYPFS in abi::hypfs {
        XEN_HYPFS_OP_GET_VERSION Done;
        XEN_HYPFS_OP_READ Partly("a root without entries");
        XEN_HYPFS_OP_WRITE_CONTENTS Partly("nothing can be written");
    }
    /// Of `sysctl`.
    SYSCTL in abi::sysctl {
        XEN_SYSCTL_READCONSOLE TOOLSTACK;
        XEN_SYSCTL_TBUF_OP TOOLSTACK;
        XEN_SYSCTL_PHYSINFO TOOLSTACK;
        XEN_SYSCTL_SCHED_ID TOOLSTACK;
        XEN_SYSCTL_PERFC_OP TOOLSTACK;
        XEN_SYSCTL_GETDOMAININFOLIST TOOLSTACK;
        XEN_SYSCTL_DEBUG_KEYS TOOLSTACK;
        XEN_SYSCTL_GETCPUINFO TOOLSTACK;
        XEN_SYSCTL_AVAILHEAP TOOLSTACK;
        XEN_SYSCTL_GET_PMSTAT TOOLSTACK;
        XEN_SYSCTL_CPU_HOTPLUG TOOLSTACK;
        XEN_SYSCTL_PM_OP TOOLSTACK;
        XEN_SYSCTL_PAGE_OFFLINE_OP TOOLSTACK;
        XEN_SYSCTL_LOCKPROF_OP TOOLSTACK;
        XEN_SYSCTL_CPUTOPOINFO TOOLSTACK;
        XEN_SYSCTL_NUMAINFO TOOLSTACK;
        XEN_SYSCTL_CPUPOOL_OP TOOLSTACK;
        XEN_SYSCTL_SCHEDULER_OP TOOLSTACK;
        XEN_SYSCTL_COVERAGE_OP TOOLSTACK;
        XEN_SYSCTL_PSR_CMT_OP TOOLSTACK;
        XEN_SYSCTL_PCITOPOINFO TOOLSTACK;
        XEN_SYSCTL_PSR_ALLOC TOOLSTACK;
        XEN_SYSCTL_GET_CPU_LEVELLING_CAPS TOOLSTACK;
        XEN_SYSCTL_GET_CPU_FEATURESET TOOLSTACK;
        XEN_SYSCTL_LIVEPATCH_OP TOOLSTACK;
        XEN_SYSCTL_GET_CPU_POLICY TOOLSTACK;
    }
    /// Of `domctl`.
    DOMCTL in abi::domctl {
        XEN_DOMCTL_CREATEDOMAIN TOOLSTACK;
        XEN_DOMCTL_DESTROYDOMAIN TOOLSTACK;
        XEN_DOMCTL_PAUSEDOMAIN TOOLSTACK;
        XEN_DOMCTL_UNPAUSEDOMAIN TOOLSTACK;
        XEN_DOMCTL_GETDOMAININFO TOOLSTACK;
        XEN_DOMCTL_SETVCPUAFFINITY TOOLSTACK;
        XEN_DOMCTL_SHADOW_OP TOOLSTACK;
        XEN_DOMCTL_MAX_MEM TOOLSTACK;
        XEN_DOMCTL_SETVCPUCONTEXT TOOLSTACK;
        XEN_DOMCTL_GETVCPUCONTEXT TOOLSTACK;
        XEN_DOMCTL_GETVCPUINFO TOOLSTACK;
        XEN_DOMCTL_MAX_VCPUS TOOLSTACK;
        XEN_DOMCTL_SCHEDULER_OP TOOLSTACK;
        XEN_DOMCTL_SETDOMAINHANDLE TOOLSTACK;
        XEN_DOMCTL_SETDEBUGGING TOOLSTACK;
        XEN_DOMCTL_IRQ_PERMISSION TOOLSTACK;
        XEN_DOMCTL_IOMEM_PERMISSION TOOLSTACK;
        XEN_DOMCTL_IOPORT_PERMISSION TOOLSTACK;
        XEN_DOMCTL_HYPERCALL_INIT TOOLSTACK;
        XEN_DOMCTL_SETTIMEOFFSET TOOLSTACK;
        XEN_DOMCTL_GETVCPUAFFINITY TOOLSTACK;
        XEN_DOMCTL_REAL_MODE_AREA TOOLSTACK;
        XEN_DOMCTL_RESUMEDOMAIN TOOLSTACK;
        XEN_DOMCTL_SENDTRIGGER TOOLSTACK;
        XEN_DOMCTL_SUBSCRIBE TOOLSTACK;
        XEN_DOMCTL_GETHVMCONTEXT TOOLSTACK;
        XEN_DOMCTL_SETHVMCONTEXT TOOLSTACK;
        XEN_DOMCTL_SET_ADDRESS_SIZE TOOLSTACK;
        XEN_DOMCTL_GET_ADDRESS_SIZE TOOLSTACK;
        XEN_DOMCTL_ASSIGN_DEVICE TOOLSTACK;
        XEN_DOMCTL_BIND_PT_IRQ TOOLSTACK;
        XEN_DOMCTL_MEMORY_MAPPING TOOLSTACK;
        XEN_DOMCTL_IOPORT_MAPPING TOOLSTACK;
        XEN_DOMCTL_SET_EXT_VCPUCONTEXT TOOLSTACK;
        XEN_DOMCTL_GET_EXT_VCPUCONTEXT TOOLSTACK;
        XEN_DOMCTL_SET_OPT_FEATURE TOOLSTACK;
        XEN_DOMCTL_TEST_ASSIGN_DEVICE TOOLSTACK;
        XEN_DOMCTL_SET_TARGET TOOLSTACK;
        XEN_DOMCTL_DEASSIGN_DEVICE TOOLSTACK;
        XEN_DOMCTL_UNBIND_PT_IRQ TOOLSTACK;
        XEN_DOMCTL_GET_DEVICE_GROUP TOOLSTACK;
        XEN_DOMCTL_DEBUG_OP TOOLSTACK;
        XEN_DOMCTL_GETHVMCONTEXT_PARTIAL TOOLSTACK;
        XEN_DOMCTL_VM_EVENT_OP TOOLSTACK;
        XEN_DOMCTL_MEM_SHARING_OP TOOLSTACK;
        XEN_DOMCTL_GETTSCINFO TOOLSTACK;
        XEN_DOMCTL_SETTSCINFO TOOLSTACK;
        XEN_DOMCTL_GETPAGEFRAMEINFO3 TOOLSTACK;
        XEN_DOMCTL_SETVCPUEXTSTATE TOOLSTACK;
        XEN_DOMCTL_GETVCPUEXTSTATE TOOLSTACK;
        XEN_DOMCTL_SET_ACCESS_REQUIRED TOOLSTACK;
        XEN_DOMCTL_AUDIT_P2M TOOLSTACK;
        XEN_DOMCTL_SET_VIRQ_HANDLER TOOLSTACK;
        XEN_DOMCTL_SET_BROKEN_PAGE_P2M TOOLSTACK;
        XEN_DOMCTL_SETNODEAFFINITY TOOLSTACK;
        XEN_DOMCTL_GETNODEAFFINITY TOOLSTACK;
        XEN_DOMCTL_CACHEFLUSH TOOLSTACK;
        XEN_DOMCTL_GET_VCPU_MSRS TOOLSTACK;
        XEN_DOMCTL_SET_VCPU_MSRS TOOLSTACK;
        XEN_DOMCTL_SETVNUMAINFO TOOLSTACK;
        XEN_DOMCTL_PSR_CMT_OP TOOLSTACK;
        XEN_DOMCTL_MONITOR_OP TOOLSTACK;
        XEN_DOMCTL_PSR_ALLOC TOOLSTACK;
        XEN_DOMCTL_SOFT_RESET TOOLSTACK;
        XEN_DOMCTL_VUART_OP TOOLSTACK;
        XEN_DOMCTL_GET_CPU_POLICY TOOLSTACK;
        XEN_DOMCTL_SET_CPU_POLICY TOOLSTACK;
        XEN_DOMCTL_VMTRACE_OP TOOLSTACK;
        XEN_DOMCTL_GET_PAGING_MEMPOOL_SIZE TOOLSTACK;
        XEN_DOMCTL_SET_PAGING_MEMPOOL_SIZE TOOLSTACK;
        XEN_DOMCTL_GDBSX_GUESTMEMIO TOOLSTACK;
        XEN_DOMCTL_GDBSX_PAUSEVCPU TOOLSTACK;
        XEN_DOMCTL_GDBSX_UNPAUSEVCPU TOOLSTACK;
        XEN_DOMCTL_GDBSX_DOMSTATUS TOOLSTACK;
    }
    /// Of `dm_op`, in the first buffer.
    DM in abi::hvm::dm_op {
        XEN_DMOP_CREATE_IOREQ_SERVER TRANSLATED;
        XEN_DMOP_GET_IOREQ_SERVER_INFO TRANSLATED;
        XEN_DMOP_MAP_IO_RANGE_TO_IOREQ_SERVER TRANSLATED;
        XEN_DMOP_UNMAP_IO_RANGE_FROM_IOREQ_SERVER TRANSLATED;
        XEN_DMOP_SET_IOREQ_SERVER_STATE TRANSLATED;
        XEN_DMOP_DESTROY_IOREQ_SERVER TRANSLATED;
        XEN_DMOP_TRACK_DIRTY_VRAM TRANSLATED;
        XEN_DMOP_SET_PCI_INTX_LEVEL TRANSLATED;
        XEN_DMOP_SET_ISA_IRQ_LEVEL TRANSLATED;
        XEN_DMOP_SET_PCI_LINK_ROUTE TRANSLATED;
        XEN_DMOP_MODIFIED_MEMORY TRANSLATED;
        XEN_DMOP_SET_MEM_TYPE TRANSLATED;
        XEN_DMOP_INJECT_EVENT TRANSLATED;
        XEN_DMOP_INJECT_MSI TRANSLATED;
        XEN_DMOP_MAP_MEM_TYPE_TO_IOREQ_SERVER TRANSLATED;
        XEN_DMOP_REMOTE_SHUTDOWN TRANSLATED;
        XEN_DMOP_RELOCATE_MEMORY TRANSLATED;
        XEN_DMOP_PIN_MEMORY_CACHEATTR TRANSLATED;
        XEN_DMOP_SET_IRQ_LEVEL TRANSLATED;
        XEN_DMOP_NR_VCPUS TRANSLATED;
    }
}

macro_rules! numbered {
    ($(#[$doc:meta] $list:ident { $($number:literal $op:ident $service:expr;)* })*) => {$(
        #[$doc]
        pub static $list: &[Op] = &[$(Op { number: $number, name: stringify!($op), service: $service },)*];
    )*};
}

numbered! {
    /// Of `xenoprof_op`.
    XENOPROF {
        0 XENOPROF_INIT Refused(Errno::ENODEV, "profiling");
        1 XENOPROF_RESET_ACTIVE_LIST PROFILER;
        2 XENOPROF_RESET_PASSIVE_LIST PROFILER;
        3 XENOPROF_SET_ACTIVE PROFILER;
        4 XENOPROF_SET_PASSIVE PROFILER;
        5 XENOPROF_RESERVE_COUNTERS PROFILER;
        6 XENOPROF_COUNTER PROFILER;
        7 XENOPROF_SETUP_EVENTS PROFILER;
        8 XENOPROF_ENABLE_VIRQ PROFILER;
        9 XENOPROF_START PROFILER;
        10 XENOPROF_STOP PROFILER;
        11 XENOPROF_DISABLE_VIRQ PROFILER;
        12 XENOPROF_RELEASE_COUNTERS PROFILER;
        13 XENOPROF_SHUTDOWN PROFILER;
        14 XENOPROF_GET_BUFFER Refused(Errno::ENODEV, "profiling");
        15 XENOPROF_SET_BACKTRACE PROFILER;
        16 XENOPROF_GET_IBS_CAPS PROFILER;
        17 XENOPROF_IBS_COUNTER PROFILER;
    }
}
