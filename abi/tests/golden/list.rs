// What the golden table holds: the constants and structures of each module by their names here,
// with the name in C where it differs.

table! {
module xen in xen {
    constants {
        __HYPERVISOR_SET_TRAP_TABLE = __HYPERVISOR_set_trap_table,
        __HYPERVISOR_MMU_UPDATE = __HYPERVISOR_mmu_update,
        __HYPERVISOR_SET_GDT = __HYPERVISOR_set_gdt,
        __HYPERVISOR_STACK_SWITCH = __HYPERVISOR_stack_switch,
        __HYPERVISOR_SET_CALLBACKS = __HYPERVISOR_set_callbacks,
        __HYPERVISOR_FPU_TASKSWITCH = __HYPERVISOR_fpu_taskswitch,
        __HYPERVISOR_SCHED_OP_COMPAT = __HYPERVISOR_sched_op_compat,
        __HYPERVISOR_PLATFORM_OP = __HYPERVISOR_platform_op,
        __HYPERVISOR_SET_DEBUGREG = __HYPERVISOR_set_debugreg,
        __HYPERVISOR_GET_DEBUGREG = __HYPERVISOR_get_debugreg,
        __HYPERVISOR_UPDATE_DESCRIPTOR = __HYPERVISOR_update_descriptor,
        __HYPERVISOR_MEMORY_OP = __HYPERVISOR_memory_op,
        __HYPERVISOR_MULTICALL = __HYPERVISOR_multicall,
        __HYPERVISOR_UPDATE_VA_MAPPING = __HYPERVISOR_update_va_mapping,
        __HYPERVISOR_SET_TIMER_OP = __HYPERVISOR_set_timer_op,
        __HYPERVISOR_EVENT_CHANNEL_OP_COMPAT = __HYPERVISOR_event_channel_op_compat,
        __HYPERVISOR_XEN_VERSION = __HYPERVISOR_xen_version,
        __HYPERVISOR_CONSOLE_IO = __HYPERVISOR_console_io,
        __HYPERVISOR_PHYSDEV_OP_COMPAT = __HYPERVISOR_physdev_op_compat,
        __HYPERVISOR_GRANT_TABLE_OP = __HYPERVISOR_grant_table_op,
        __HYPERVISOR_VM_ASSIST = __HYPERVISOR_vm_assist,
        __HYPERVISOR_UPDATE_VA_MAPPING_OTHERDOMAIN = __HYPERVISOR_update_va_mapping_otherdomain,
        __HYPERVISOR_IRET = __HYPERVISOR_iret,
        __HYPERVISOR_VCPU_OP = __HYPERVISOR_vcpu_op,
        __HYPERVISOR_SET_SEGMENT_BASE = __HYPERVISOR_set_segment_base,
        __HYPERVISOR_MMUEXT_OP = __HYPERVISOR_mmuext_op,
        __HYPERVISOR_XSM_OP = __HYPERVISOR_xsm_op,
        __HYPERVISOR_NMI_OP = __HYPERVISOR_nmi_op,
        __HYPERVISOR_SCHED_OP = __HYPERVISOR_sched_op,
        __HYPERVISOR_CALLBACK_OP = __HYPERVISOR_callback_op,
        __HYPERVISOR_XENOPROF_OP = __HYPERVISOR_xenoprof_op,
        __HYPERVISOR_EVENT_CHANNEL_OP = __HYPERVISOR_event_channel_op,
        __HYPERVISOR_PHYSDEV_OP = __HYPERVISOR_physdev_op,
        __HYPERVISOR_HVM_OP = __HYPERVISOR_hvm_op,
        __HYPERVISOR_SYSCTL = __HYPERVISOR_sysctl,
        __HYPERVISOR_DOMCTL = __HYPERVISOR_domctl,
        __HYPERVISOR_KEXEC_OP = __HYPERVISOR_kexec_op,
        __HYPERVISOR_TMEM_OP = __HYPERVISOR_tmem_op,
        __HYPERVISOR_ARGO_OP = __HYPERVISOR_argo_op,
        __HYPERVISOR_XENPMU_OP = __HYPERVISOR_xenpmu_op,
        __HYPERVISOR_DM_OP = __HYPERVISOR_dm_op,
        __HYPERVISOR_HYPFS_OP = __HYPERVISOR_hypfs_op,
        __HYPERVISOR_ARCH_0 = __HYPERVISOR_arch_0,
        __HYPERVISOR_ARCH_1 = __HYPERVISOR_arch_1,
        __HYPERVISOR_ARCH_2 = __HYPERVISOR_arch_2,
        __HYPERVISOR_ARCH_3 = __HYPERVISOR_arch_3,
        __HYPERVISOR_ARCH_4 = __HYPERVISOR_arch_4,
        __HYPERVISOR_ARCH_5 = __HYPERVISOR_arch_5,
        __HYPERVISOR_ARCH_6 = __HYPERVISOR_arch_6,
        __HYPERVISOR_ARCH_7 = __HYPERVISOR_arch_7,
        VIRQ_TIMER,
        VIRQ_DEBUG,
        VIRQ_CONSOLE,
        VIRQ_DOM_EXC,
        VIRQ_TBUF,
        VIRQ_DEBUGGER,
        VIRQ_XENOPROF,
        VIRQ_CON_RING,
        VIRQ_PCPU_STATE,
        VIRQ_MEM_EVENT,
        VIRQ_ARGO,
        VIRQ_ENOMEM,
        VIRQ_XENPMU,
        VIRQ_ARCH_0,
        VIRQ_ARCH_1,
        VIRQ_ARCH_2,
        VIRQ_ARCH_3,
        VIRQ_ARCH_4,
        VIRQ_ARCH_5,
        VIRQ_ARCH_6,
        VIRQ_ARCH_7,
        NR_VIRQS,
        CONSOLEIO_WRITE = CONSOLEIO_write,
        CONSOLEIO_READ = CONSOLEIO_read,
        VMASST_CMD_ENABLE = VMASST_CMD_enable,
        VMASST_CMD_DISABLE = VMASST_CMD_disable,
        VMASST_TYPE_4GB_SEGMENTS = VMASST_TYPE_4gb_segments,
        VMASST_TYPE_4GB_SEGMENTS_NOTIFY = VMASST_TYPE_4gb_segments_notify,
        VMASST_TYPE_WRITABLE_PAGETABLES = VMASST_TYPE_writable_pagetables,
        VMASST_TYPE_PAE_EXTENDED_CR3 = VMASST_TYPE_pae_extended_cr3,
        VMASST_TYPE_ARCHITECTURAL_IOPL = VMASST_TYPE_architectural_iopl,
        VMASST_TYPE_RUNSTATE_UPDATE_FLAG = VMASST_TYPE_runstate_update_flag,
        VMASST_TYPE_M2P_STRICT = VMASST_TYPE_m2p_strict,
        DOMID_FIRST_RESERVED,
        DOMID_SELF,
        DOMID_IO,
        DOMID_XEN,
        DOMID_COW,
        DOMID_INVALID,
        DOMID_IDLE,
        DOMID_MASK,
        MMU_NORMAL_PT_UPDATE,
        MMU_MACHPHYS_UPDATE,
        MMU_PT_UPDATE_PRESERVE_AD,
        MMU_PT_UPDATE_NO_TRANSLATE,
        MMUEXT_PIN_L1_TABLE,
        MMUEXT_PIN_L2_TABLE,
        MMUEXT_PIN_L3_TABLE,
        MMUEXT_PIN_L4_TABLE,
        MMUEXT_UNPIN_TABLE,
        MMUEXT_NEW_BASEPTR,
        MMUEXT_TLB_FLUSH_LOCAL,
        MMUEXT_INVLPG_LOCAL,
        MMUEXT_TLB_FLUSH_MULTI,
        MMUEXT_INVLPG_MULTI,
        MMUEXT_TLB_FLUSH_ALL,
        MMUEXT_INVLPG_ALL,
        MMUEXT_FLUSH_CACHE,
        MMUEXT_SET_LDT,
        MMUEXT_NEW_USER_BASEPTR,
        MMUEXT_CLEAR_PAGE,
        MMUEXT_COPY_PAGE,
        MMUEXT_FLUSH_CACHE_GLOBAL,
        MMUEXT_MARK_SUPER,
        MMUEXT_UNMARK_SUPER,
        UVMF_NONE,
        UVMF_TLB_FLUSH,
        UVMF_INVLPG,
        UVMF_FLUSHTYPE_MASK,
        UVMF_MULTI,
        UVMF_LOCAL,
        UVMF_ALL,
        XEN_PVCLOCK_TSC_STABLE_BIT,
        XEN_PVCLOCK_GUEST_STOPPED,
        SIF_PRIVILEGED,
        SIF_INITDOMAIN,
        SIF_MULTIBOOT_MOD,
        SIF_MOD_START_PFN,
        SIF_VIRT_P2M_4TOOLS,
        SIF_PM_MASK,
        MAX_GUEST_CMDLINE,
        XEN_VGATYPE_TEXT_MODE_3,
        XEN_VGATYPE_VESA_LFB,
        XEN_VGATYPE_EFI_LFB,
    }
    structures {
        XenUuid = "xen_uuid_t" { a }
        MulticallEntry = "struct multicall_entry" { op, result, args }
        XenctlBitmap = "struct xenctl_bitmap" { bitmap, nr_bits }
        MmuUpdate = "struct mmu_update" { ptr, val }
        MmuextOp = "struct mmuext_op" { cmd, arg1, arg2 }
        VcpuTimeInfo = "struct vcpu_time_info" { version, _pad0 = "pad0", tsc_timestamp, system_time, tsc_to_system_mul, tsc_shift, flags, _pad1 = "pad1" }
        VcpuInfo = "struct vcpu_info" { evtchn_upcall_pending, evtchn_upcall_mask, evtchn_pending_sel, arch, time }
        SharedInfo = "struct shared_info" { vcpu_info, evtchn_pending, evtchn_mask, wc_version, wc_sec, wc_nsec, wc_sec_hi, arch }
        StartInfo = "struct start_info" { magic, nr_pages, shared_info, flags, store_mfn, store_evtchn, console, pt_base, nr_pt_frames, mfn_list, mod_start, mod_len, cmd_line, first_p2m_pfn, nr_p2m_frames }
        StartInfoConsoleDomu = "struct start_info::console.domU" { mfn, evtchn }
        StartInfoConsoleDom0 = "struct start_info::console.dom0" { info_off, info_size }
        XenMultibootModList = "struct xen_multiboot_mod_list" { mod_start, mod_end, cmdline, _pad0 = "pad" }
        Dom0VgaConsoleInfo = "struct dom0_vga_console_info" { video_type, u }
        Dom0VgaTextMode3 = "struct dom0_vga_console_info::u.text_mode_3" { font_height, cursor_x, cursor_y, rows, columns }
        Dom0VgaVesaLfb = "struct dom0_vga_console_info::u.vesa_lfb" { width, height, bytes_per_line, bits_per_pixel, lfb_base, lfb_size, red_pos, red_size, green_pos, green_size, blue_pos, blue_size, rsvd_pos, rsvd_size, gbl_caps, mode_attrs, _pad0 = "pad", ext_lfb_base }
    }
}

module arch_x86 in arch_x86 {
    constants {
        FIRST_RESERVED_GDT_PAGE,
        FIRST_RESERVED_GDT_BYTE,
        FIRST_RESERVED_GDT_ENTRY,
        FLAT_RING3_CS32,
        FLAT_RING3_CS64,
        FLAT_RING3_DS32,
        FLAT_RING3_DS64,
        FLAT_RING3_SS32,
        FLAT_RING3_SS64,
        FLAT_KERNEL_DS64,
        FLAT_KERNEL_DS32,
        FLAT_KERNEL_DS,
        FLAT_KERNEL_CS64,
        FLAT_KERNEL_CS32,
        FLAT_KERNEL_CS,
        FLAT_KERNEL_SS64,
        FLAT_KERNEL_SS32,
        FLAT_KERNEL_SS,
        FLAT_USER_DS64,
        FLAT_USER_DS32,
        FLAT_USER_DS,
        FLAT_USER_CS64,
        FLAT_USER_CS32,
        FLAT_USER_CS,
        FLAT_USER_SS64,
        FLAT_USER_SS32,
        FLAT_USER_SS,
        HYPERVISOR_VIRT_START,
        HYPERVISOR_VIRT_END,
        MACH2PHYS_VIRT_START,
        MACH2PHYS_VIRT_END,
        MACH2PHYS_NR_ENTRIES,
        SEGBASE_FS,
        SEGBASE_GS_USER,
        SEGBASE_GS_KERNEL,
        SEGBASE_GS_USER_SEL,
        XEN_LEGACY_MAX_VCPUS,
        XEN_HVM_DEBUGCONS_IOPORT,
        XEN_X86_EMU_LAPIC,
        XEN_X86_EMU_HPET,
        XEN_X86_EMU_PM,
        XEN_X86_EMU_RTC,
        XEN_X86_EMU_IOAPIC,
        XEN_X86_EMU_PIC,
        XEN_X86_EMU_VGA,
        XEN_X86_EMU_IOMMU,
        XEN_X86_EMU_PIT,
        XEN_X86_EMU_USE_PIRQ,
        XEN_X86_EMU_VPCI,
        XEN_X86_EMU_ALL,
        XEN_X86_MSR_RELAXED,
        XEN_X86_MISC_FLAGS_MAX,
        VGCF_I387_VALID,
        VGCF_IN_KERNEL,
        VGCF_FAILSAFE_DISABLES_EVENTS = VGCF_failsafe_disables_events,
        VGCF_SYSCALL_DISABLES_EVENTS = VGCF_syscall_disables_events,
        VGCF_ONLINE = VGCF_online,
        VGCF_IN_SYSCALL = VGCF_in_syscall,
        XEN_CPUID_FIRST_LEAF,
        XEN_CPUID_SIGNATURE_EBX,
        XEN_CPUID_SIGNATURE_ECX,
        XEN_CPUID_SIGNATURE_EDX,
        XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD,
        XEN_HVM_CPUID_APIC_ACCESS_VIRT,
        XEN_HVM_CPUID_X2APIC_VIRT,
        XEN_HVM_CPUID_IOMMU_MAPPINGS,
        XEN_HVM_CPUID_VCPU_ID_PRESENT,
        XEN_HVM_CPUID_DOMID_PRESENT,
        XEN_HVM_CPUID_EXT_DEST_ID,
        XEN_HVM_CPUID_UPCALL_VECTOR,
        XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK,
        XEN_CPUID_MAX_NUM_LEAVES,
        XEN_CPUID_NO_SUBLEAF,
    }
    structures {
        XenArchDomainconfig = "struct xen_arch_domainconfig" { emulation_flags, misc_flags }
        XenCpuidLeaf = "struct xen_cpuid_leaf" { leaf, subleaf, a, b, c, d }
        XenMsrEntry = "struct xen_msr_entry" { idx, flags, val }
        TrapInfo = "struct trap_info" { vector, flags, cs, address }
        IretContext = "struct iret_context" { rax, r11, rcx, flags, rip, cs, rflags, rsp, ss }
        CpuUserRegs = "struct cpu_user_regs" { r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, error_code, entry_vector, rip, cs, _pad0, saved_upcall_mask, _pad1, rflags, rsp, ss, _pad2, es, _pad3, ds, _pad4, fs, _pad5, gs, _pad6 }
        VcpuGuestContext = "struct vcpu_guest_context" { fpu_ctxt, flags, user_regs, trap_ctxt, ldt_base, ldt_ents, gdt_frames, gdt_ents, kernel_ss, kernel_sp, ctrlreg, debugreg, event_callback_eip, failsafe_callback_eip, syscall_callback_eip, vm_assist, fs_base, gs_base_kernel, gs_base_user }
        ArchVcpuInfo = "struct arch_vcpu_info" { cr2, _pad0 = "pad" }
        ArchSharedInfo = "struct arch_shared_info" { max_pfn, pfn_to_mfn_frame_list_list, nmi_reason, p2m_cr3, p2m_vaddr, p2m_generation }
    }
}

module event_channel in event_channel {
    constants {
        EVTCHNOP_BIND_INTERDOMAIN = EVTCHNOP_bind_interdomain,
        EVTCHNOP_BIND_VIRQ = EVTCHNOP_bind_virq,
        EVTCHNOP_BIND_PIRQ = EVTCHNOP_bind_pirq,
        EVTCHNOP_CLOSE = EVTCHNOP_close,
        EVTCHNOP_SEND = EVTCHNOP_send,
        EVTCHNOP_STATUS = EVTCHNOP_status,
        EVTCHNOP_ALLOC_UNBOUND = EVTCHNOP_alloc_unbound,
        EVTCHNOP_BIND_IPI = EVTCHNOP_bind_ipi,
        EVTCHNOP_BIND_VCPU = EVTCHNOP_bind_vcpu,
        EVTCHNOP_UNMASK = EVTCHNOP_unmask,
        EVTCHNOP_RESET = EVTCHNOP_reset,
        EVTCHNOP_INIT_CONTROL = EVTCHNOP_init_control,
        EVTCHNOP_EXPAND_ARRAY = EVTCHNOP_expand_array,
        EVTCHNOP_SET_PRIORITY = EVTCHNOP_set_priority,
        BIND_PIRQ__WILL_SHARE,
        EVTCHNSTAT_CLOSED = EVTCHNSTAT_closed,
        EVTCHNSTAT_UNBOUND = EVTCHNSTAT_unbound,
        EVTCHNSTAT_INTERDOMAIN = EVTCHNSTAT_interdomain,
        EVTCHNSTAT_PIRQ = EVTCHNSTAT_pirq,
        EVTCHNSTAT_VIRQ = EVTCHNSTAT_virq,
        EVTCHNSTAT_IPI = EVTCHNSTAT_ipi,
        EVTCHN_2L_NR_CHANNELS,
        EVTCHN_FIFO_PRIORITY_MAX,
        EVTCHN_FIFO_PRIORITY_DEFAULT,
        EVTCHN_FIFO_PRIORITY_MIN,
        EVTCHN_FIFO_MAX_QUEUES,
        EVTCHN_FIFO_PENDING,
        EVTCHN_FIFO_MASKED,
        EVTCHN_FIFO_LINKED,
        EVTCHN_FIFO_BUSY,
        EVTCHN_FIFO_LINK_BITS,
        EVTCHN_FIFO_LINK_MASK,
        EVTCHN_FIFO_NR_CHANNELS,
    }
    structures {
        EvtchnAllocUnbound = "struct evtchn_alloc_unbound" { dom, remote_dom, port }
        EvtchnBindInterdomain = "struct evtchn_bind_interdomain" { remote_dom, remote_port, local_port }
        EvtchnBindVirq = "struct evtchn_bind_virq" { virq, vcpu, port }
        EvtchnBindPirq = "struct evtchn_bind_pirq" { pirq, flags, port }
        EvtchnBindIpi = "struct evtchn_bind_ipi" { vcpu, port }
        EvtchnClose = "struct evtchn_close" { port }
        EvtchnSend = "struct evtchn_send" { port }
        EvtchnStatus = "struct evtchn_status" { dom, port, status, vcpu, u }
        EvtchnStatusUnbound = "struct evtchn_status::u.unbound" { dom }
        EvtchnStatusInterdomain = "struct evtchn_status::u.interdomain" { dom, port }
        EvtchnBindVcpu = "struct evtchn_bind_vcpu" { port, vcpu }
        EvtchnUnmask = "struct evtchn_unmask" { port }
        EvtchnReset = "struct evtchn_reset" { dom }
        EvtchnInitControl = "struct evtchn_init_control" { control_gfn, offset, vcpu, link_bits, _pad }
        EvtchnExpandArray = "struct evtchn_expand_array" { array_gfn }
        EvtchnSetPriority = "struct evtchn_set_priority" { port, priority }
        EvtchnOp = "struct evtchn_op" { cmd, u }
        EvtchnFifoControlBlock = "struct evtchn_fifo_control_block" { ready, _pad0 = "_rsvd", head }
    }
}

module sched in sched {
    constants {
        SCHEDOP_YIELD = SCHEDOP_yield,
        SCHEDOP_BLOCK = SCHEDOP_block,
        SCHEDOP_SHUTDOWN = SCHEDOP_shutdown,
        SCHEDOP_POLL = SCHEDOP_poll,
        SCHEDOP_REMOTE_SHUTDOWN = SCHEDOP_remote_shutdown,
        SCHEDOP_SHUTDOWN_CODE = SCHEDOP_shutdown_code,
        SCHEDOP_WATCHDOG = SCHEDOP_watchdog,
        SCHEDOP_PIN_OVERRIDE = SCHEDOP_pin_override,
        SHUTDOWN_POWEROFF = SHUTDOWN_poweroff,
        SHUTDOWN_REBOOT = SHUTDOWN_reboot,
        SHUTDOWN_SUSPEND = SHUTDOWN_suspend,
        SHUTDOWN_CRASH = SHUTDOWN_crash,
        SHUTDOWN_WATCHDOG = SHUTDOWN_watchdog,
        SHUTDOWN_SOFT_RESET = SHUTDOWN_soft_reset,
        SHUTDOWN_MAX,
    }
    structures {
        SchedShutdown = "struct sched_shutdown" { reason }
        SchedPoll = "struct sched_poll" { ports, nr_ports, timeout }
        SchedRemoteShutdown = "struct sched_remote_shutdown" { domain_id, reason }
        SchedWatchdog = "struct sched_watchdog" { id, timeout }
        SchedPinOverride = "struct sched_pin_override" { pcpu }
    }
}

module vcpu in vcpu {
    constants {
        VCPUOP_INITIALISE = VCPUOP_initialise,
        VCPUOP_UP = VCPUOP_up,
        VCPUOP_DOWN = VCPUOP_down,
        VCPUOP_IS_UP = VCPUOP_is_up,
        VCPUOP_GET_RUNSTATE_INFO = VCPUOP_get_runstate_info,
        VCPUOP_REGISTER_RUNSTATE_MEMORY_AREA = VCPUOP_register_runstate_memory_area,
        VCPUOP_SET_PERIODIC_TIMER = VCPUOP_set_periodic_timer,
        VCPUOP_STOP_PERIODIC_TIMER = VCPUOP_stop_periodic_timer,
        VCPUOP_SET_SINGLESHOT_TIMER = VCPUOP_set_singleshot_timer,
        VCPUOP_STOP_SINGLESHOT_TIMER = VCPUOP_stop_singleshot_timer,
        VCPUOP_REGISTER_VCPU_INFO = VCPUOP_register_vcpu_info,
        VCPUOP_SEND_NMI = VCPUOP_send_nmi,
        VCPUOP_GET_PHYSID = VCPUOP_get_physid,
        VCPUOP_REGISTER_VCPU_TIME_MEMORY_AREA = VCPUOP_register_vcpu_time_memory_area,
        RUNSTATE_RUNNING = RUNSTATE_running,
        RUNSTATE_RUNNABLE = RUNSTATE_runnable,
        RUNSTATE_BLOCKED = RUNSTATE_blocked,
        RUNSTATE_OFFLINE = RUNSTATE_offline,
        XEN_RUNSTATE_UPDATE,
        VCPU_SSHOTTMR_FUTURE = VCPU_SSHOTTMR_future,
    }
    structures {
        VcpuRunstateInfo = "struct vcpu_runstate_info" { state, state_entry_time, time }
        VcpuRegisterRunstateMemoryArea = "struct vcpu_register_runstate_memory_area" { addr }
        VcpuSetPeriodicTimer = "struct vcpu_set_periodic_timer" { period_ns }
        VcpuSetSingleshotTimer = "struct vcpu_set_singleshot_timer" { timeout_abs_ns, flags }
        VcpuRegisterVcpuInfo = "struct vcpu_register_vcpu_info" { mfn, offset, _pad0 = "rsvd" }
        VcpuGetPhysid = "struct vcpu_get_physid" { phys_id }
        VcpuRegisterTimeMemoryArea = "struct vcpu_register_time_memory_area" { addr }
    }
}

module version in version {
    constants {
        __XEN_LATEST_INTERFACE_VERSION__,
        XEN_DOMCTL_INTERFACE_VERSION,
        XEN_SYSCTL_INTERFACE_VERSION,
        XENPF_INTERFACE_VERSION,
        XENVER_VERSION = XENVER_version,
        XENVER_EXTRAVERSION = XENVER_extraversion,
        XENVER_COMPILE_INFO = XENVER_compile_info,
        XENVER_CAPABILITIES = XENVER_capabilities,
        XENVER_CHANGESET = XENVER_changeset,
        XENVER_PLATFORM_PARAMETERS = XENVER_platform_parameters,
        XENVER_GET_FEATURES = XENVER_get_features,
        XENVER_PAGESIZE = XENVER_pagesize,
        XENVER_GUEST_HANDLE = XENVER_guest_handle,
        XENVER_COMMANDLINE = XENVER_commandline,
        XENVER_BUILD_ID = XENVER_build_id,
        XEN_EXTRAVERSION_LEN,
        XEN_CAPABILITIES_INFO_LEN,
        XEN_CHANGESET_INFO_LEN,
    }
    structures {
        XenCompileInfo = "struct xen_compile_info" { compiler, compile_by, compile_domain, compile_date }
        XenPlatformParameters = "struct xen_platform_parameters" { virt_start }
        XenFeatureInfo = "struct xen_feature_info" { submap_idx, submap }
        XenBuildId = "struct xen_build_id" { len }
    }
}

module features in features {
    constants {
        XENFEAT_WRITABLE_PAGE_TABLES = XENFEAT_writable_page_tables,
        XENFEAT_WRITABLE_DESCRIPTOR_TABLES = XENFEAT_writable_descriptor_tables,
        XENFEAT_AUTO_TRANSLATED_PHYSMAP = XENFEAT_auto_translated_physmap,
        XENFEAT_SUPERVISOR_MODE_KERNEL = XENFEAT_supervisor_mode_kernel,
        XENFEAT_PAE_PGDIR_ABOVE_4GB = XENFEAT_pae_pgdir_above_4gb,
        XENFEAT_MMU_PT_UPDATE_PRESERVE_AD = XENFEAT_mmu_pt_update_preserve_ad,
        XENFEAT_HIGHMEM_ASSIST = XENFEAT_highmem_assist,
        XENFEAT_GNTTAB_MAP_AVAIL_BITS = XENFEAT_gnttab_map_avail_bits,
        XENFEAT_HVM_CALLBACK_VECTOR = XENFEAT_hvm_callback_vector,
        XENFEAT_HVM_SAFE_PVCLOCK = XENFEAT_hvm_safe_pvclock,
        XENFEAT_HVM_PIRQS = XENFEAT_hvm_pirqs,
        XENFEAT_DOM0 = XENFEAT_dom0,
        XENFEAT_MEMORY_OP_VNODE_SUPPORTED = XENFEAT_memory_op_vnode_supported,
        XENFEAT_ARM_SMCCC_SUPPORTED = XENFEAT_ARM_SMCCC_supported,
        XENFEAT_LINUX_RSDP_UNRESTRICTED = XENFEAT_linux_rsdp_unrestricted,
        XENFEAT_NOT_DIRECT_MAPPED = XENFEAT_not_direct_mapped,
        XENFEAT_DIRECT_MAPPED = XENFEAT_direct_mapped,
        XENFEAT_NR_SUBMAPS,
    }
    structures {
    }
}

module callback in callback {
    constants {
        CALLBACKTYPE_EVENT = CALLBACKTYPE_event,
        CALLBACKTYPE_FAILSAFE = CALLBACKTYPE_failsafe,
        CALLBACKTYPE_SYSCALL = CALLBACKTYPE_syscall,
        CALLBACKTYPE_SYSENTER_DEPRECATED = CALLBACKTYPE_sysenter_deprecated,
        CALLBACKTYPE_NMI = CALLBACKTYPE_nmi,
        CALLBACKTYPE_SYSENTER = CALLBACKTYPE_sysenter,
        CALLBACKTYPE_SYSCALL32 = CALLBACKTYPE_syscall32,
        CALLBACKF_MASK_EVENTS = CALLBACKF_mask_events,
        CALLBACKOP_REGISTER = CALLBACKOP_register,
        CALLBACKOP_UNREGISTER = CALLBACKOP_unregister,
    }
    structures {
        CallbackRegister = "struct callback_register" { kind = "type", flags, address }
        CallbackUnregister = "struct callback_unregister" { kind = "type", _unused }
    }
}

module elfnote in elfnote {
    constants {
        XEN_ELFNOTE_INFO,
        XEN_ELFNOTE_ENTRY,
        XEN_ELFNOTE_HYPERCALL_PAGE,
        XEN_ELFNOTE_VIRT_BASE,
        XEN_ELFNOTE_PADDR_OFFSET,
        XEN_ELFNOTE_XEN_VERSION,
        XEN_ELFNOTE_GUEST_OS,
        XEN_ELFNOTE_GUEST_VERSION,
        XEN_ELFNOTE_LOADER,
        XEN_ELFNOTE_PAE_MODE,
        XEN_ELFNOTE_FEATURES,
        XEN_ELFNOTE_BSD_SYMTAB,
        XEN_ELFNOTE_HV_START_LOW,
        XEN_ELFNOTE_L1_MFN_VALID,
        XEN_ELFNOTE_SUSPEND_CANCEL,
        XEN_ELFNOTE_INIT_P2M,
        XEN_ELFNOTE_MOD_START_PFN,
        XEN_ELFNOTE_SUPPORTED_FEATURES,
        XEN_ELFNOTE_PHYS32_ENTRY,
        XEN_ELFNOTE_MAX,
        XEN_ELFNOTE_CRASH_INFO,
        XEN_ELFNOTE_CRASH_REGS,
        XEN_ELFNOTE_DUMPCORE_NONE,
        XEN_ELFNOTE_DUMPCORE_HEADER,
        XEN_ELFNOTE_DUMPCORE_XEN_VERSION,
        XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION,
    }
    structures {
    }
}

module nmi in nmi {
    constants {
        XEN_NMIREASON_IO_ERROR = XEN_NMIREASON_io_error,
        XEN_NMIREASON_PCI_SERR = XEN_NMIREASON_pci_serr,
        XEN_NMIREASON_UNKNOWN = XEN_NMIREASON_unknown,
        XENNMI_REGISTER_CALLBACK = XENNMI_register_callback,
        XENNMI_UNREGISTER_CALLBACK = XENNMI_unregister_callback,
    }
    structures {
        XennmiCallback = "struct xennmi_callback" { handler_address, _pad0 = "pad" }
    }
}

module memory in memory {
    constants {
        XENMEM_INCREASE_RESERVATION = XENMEM_increase_reservation,
        XENMEM_DECREASE_RESERVATION = XENMEM_decrease_reservation,
        XENMEM_POPULATE_PHYSMAP = XENMEM_populate_physmap,
        XENMEM_MAXIMUM_RAM_PAGE = XENMEM_maximum_ram_page,
        XENMEM_CURRENT_RESERVATION = XENMEM_current_reservation,
        XENMEM_MAXIMUM_RESERVATION = XENMEM_maximum_reservation,
        XENMEM_EXCHANGE = XENMEM_exchange,
        XENMEM_MAXIMUM_GPFN = XENMEM_maximum_gpfn,
        XENMEM_CLAIM_PAGES = XENMEM_claim_pages,
        XENMEMF_POPULATE_ON_DEMAND = XENMEMF_populate_on_demand,
        XENMEMF_EXACT_NODE_REQUEST = XENMEMF_exact_node_request,
        XENMEMF_VNODE = XENMEMF_vnode,
        XENMEM_MACHPHYS_MFN_LIST = XENMEM_machphys_mfn_list,
        XENMEM_MACHPHYS_COMPAT_MFN_LIST = XENMEM_machphys_compat_mfn_list,
        XENMEM_MACHPHYS_MAPPING = XENMEM_machphys_mapping,
        XENMEM_ADD_TO_PHYSMAP = XENMEM_add_to_physmap,
        XENMEM_ADD_TO_PHYSMAP_BATCH = XENMEM_add_to_physmap_batch,
        XENMEM_REMOVE_FROM_PHYSMAP = XENMEM_remove_from_physmap,
        XENMEM_MEMORY_MAP = XENMEM_memory_map,
        XENMEM_MACHINE_MEMORY_MAP = XENMEM_machine_memory_map,
        XENMEM_SET_MEMORY_MAP = XENMEM_set_memory_map,
        XENMEM_GET_VNUMAINFO = XENMEM_get_vnumainfo,
        XENMAPSPACE_SHARED_INFO = XENMAPSPACE_shared_info,
        XENMAPSPACE_GRANT_TABLE = XENMAPSPACE_grant_table,
        XENMAPSPACE_GMFN = XENMAPSPACE_gmfn,
        XENMAPSPACE_GMFN_RANGE = XENMAPSPACE_gmfn_range,
        XENMAPSPACE_GMFN_FOREIGN = XENMAPSPACE_gmfn_foreign,
        XENMAPSPACE_DEV_MMIO = XENMAPSPACE_dev_mmio,
        XENMAPIDX_GRANT_TABLE_STATUS = XENMAPIDX_grant_table_status,
        XENMEM_SET_POD_TARGET = XENMEM_set_pod_target,
        XENMEM_GET_POD_TARGET = XENMEM_get_pod_target,
        XENMEM_GET_SHARING_FREED_PAGES = XENMEM_get_sharing_freed_pages,
        XENMEM_GET_SHARING_SHARED_PAGES = XENMEM_get_sharing_shared_pages,
        XENMEM_PAGING_OP = XENMEM_paging_op,
        XENMEM_PAGING_OP_NOMINATE = XENMEM_paging_op_nominate,
        XENMEM_PAGING_OP_EVICT = XENMEM_paging_op_evict,
        XENMEM_PAGING_OP_PREP = XENMEM_paging_op_prep,
        XENMEM_ACCESS_OP = XENMEM_access_op,
        XENMEM_ACCESS_OP_SET_ACCESS = XENMEM_access_op_set_access,
        XENMEM_ACCESS_OP_GET_ACCESS = XENMEM_access_op_get_access,
        XENMEM_ACCESS_OP_SET_ACCESS_MULTI = XENMEM_access_op_set_access_multi,
        XENMEM_ACCESS_N = XENMEM_access_n,
        XENMEM_ACCESS_R = XENMEM_access_r,
        XENMEM_ACCESS_W = XENMEM_access_w,
        XENMEM_ACCESS_RW = XENMEM_access_rw,
        XENMEM_ACCESS_X = XENMEM_access_x,
        XENMEM_ACCESS_RX = XENMEM_access_rx,
        XENMEM_ACCESS_WX = XENMEM_access_wx,
        XENMEM_ACCESS_RWX = XENMEM_access_rwx,
        XENMEM_ACCESS_RX2RW = XENMEM_access_rx2rw,
        XENMEM_ACCESS_N2RWX = XENMEM_access_n2rwx,
        XENMEM_ACCESS_DEFAULT = XENMEM_access_default,
        XENMEM_SHARING_OP = XENMEM_sharing_op,
        XENMEM_SHARING_OP_NOMINATE_GFN = XENMEM_sharing_op_nominate_gfn,
        XENMEM_SHARING_OP_NOMINATE_GREF = XENMEM_sharing_op_nominate_gref,
        XENMEM_SHARING_OP_SHARE = XENMEM_sharing_op_share,
        XENMEM_SHARING_OP_DEBUG_GFN = XENMEM_sharing_op_debug_gfn,
        XENMEM_SHARING_OP_DEBUG_MFN = XENMEM_sharing_op_debug_mfn,
        XENMEM_SHARING_OP_DEBUG_GREF = XENMEM_sharing_op_debug_gref,
        XENMEM_SHARING_OP_ADD_PHYSMAP = XENMEM_sharing_op_add_physmap,
        XENMEM_SHARING_OP_AUDIT = XENMEM_sharing_op_audit,
        XENMEM_SHARING_OP_RANGE_SHARE = XENMEM_sharing_op_range_share,
        XENMEM_SHARING_OP_FORK = XENMEM_sharing_op_fork,
        XENMEM_SHARING_OP_FORK_RESET = XENMEM_sharing_op_fork_reset,
        XENMEM_SHARING_OP_S_HANDLE_INVALID,
        XENMEM_SHARING_OP_C_HANDLE_INVALID,
        XENMEM_SHARING_OP_FIELD_IS_GREF_FLAG,
        XENMEM_FORK_WITH_IOMMU_ALLOWED,
        XENMEM_FORK_BLOCK_INTERRUPTS,
        XENMEM_FORK_RESET_STATE,
        XENMEM_FORK_RESET_MEMORY,
        XENMEM_RESERVED_DEVICE_MEMORY_MAP = XENMEM_reserved_device_memory_map,
        XENMEM_RDM_ALL,
        XENMEM_ACQUIRE_RESOURCE = XENMEM_acquire_resource,
        XENMEM_RESOURCE_IOREQ_SERVER = XENMEM_resource_ioreq_server,
        XENMEM_RESOURCE_GRANT_TABLE = XENMEM_resource_grant_table,
        XENMEM_RESOURCE_VMTRACE_BUF = XENMEM_resource_vmtrace_buf,
        XENMEM_RESOURCE_GRANT_TABLE_ID_SHARED = XENMEM_resource_grant_table_id_shared,
        XENMEM_RESOURCE_GRANT_TABLE_ID_STATUS = XENMEM_resource_grant_table_id_status,
        XENMEM_RESOURCE_IOREQ_SERVER_FRAME_BUFIOREQ = XENMEM_resource_ioreq_server_frame_bufioreq,
    }
    structures {
        XenMemoryReservation = "struct xen_memory_reservation" { extent_start, nr_extents, extent_order, mem_flags, domid }
        XenMemoryExchange = "struct xen_memory_exchange" { input = "in", out, nr_exchanged }
        XenMemoryDomain = "struct xen_memory_domain" { domid }
        XenMachphysMfnList = "struct xen_machphys_mfn_list" { max_extents, extent_start, nr_extents }
        XenMachphysMapping = "struct xen_machphys_mapping" { v_start, v_end, max_mfn }
        XenAddToPhysmap = "struct xen_add_to_physmap" { domid, size, space, idx, gpfn }
        XenAddToPhysmapBatch = "struct xen_add_to_physmap_batch" { domid, space, size, u, idxs, gpfns, errs }
        XenRemoveFromPhysmap = "struct xen_remove_from_physmap" { domid, gpfn }
        XenMemoryMap = "struct xen_memory_map" { nr_entries, buffer }
        XenForeignMemoryMap = "struct xen_foreign_memory_map" { domid, map }
        XenVmemrange = "struct xen_vmemrange" { start, end, flags, nid }
        XenVnumaTopologyInfo = "struct xen_vnuma_topology_info" { domid, _pad0 = "pad", nr_vnodes, nr_vcpus, nr_vmemranges, vdistance, vcpu_to_vnode, vmemrange }
        XenPodTarget = "struct xen_pod_target" { target_pages, tot_pages, pod_cache_pages, pod_entries, domid }
        XenMemPagingOp = "struct xen_mem_paging_op" { op, domain, buffer, gfn }
        XenMemAccessOp = "struct xen_mem_access_op" { op, access, domid, nr, pfn, pfn_list, access_list }
        XenMemSharingOp = "struct xen_mem_sharing_op" { op, domain, u }
        MemSharingOpNominate = "struct mem_sharing_op_nominate" { u, handle }
        MemSharingOpShare = "struct mem_sharing_op_share" { source_gfn, source_handle, client_gfn, client_handle, client_domain }
        MemSharingOpRange = "struct mem_sharing_op_range" { first_gfn, last_gfn, opaque, client_domain, _pad }
        MemSharingOpDebug = "struct mem_sharing_op_debug" { u }
        MemSharingOpFork = "struct mem_sharing_op_fork" { parent_domain, flags, _pad0 = "pad" }
        XenReservedDeviceMemory = "struct xen_reserved_device_memory" { start_pfn, nr_pages }
        XenReservedDeviceMemoryMap = "struct xen_reserved_device_memory_map" { flags, nr_entries, buffer, dev = "dev.pci" }
        XenMemAcquireResource = "struct xen_mem_acquire_resource" { domid, kind = "type", id, nr_frames, _pad0 = "pad", frame, frame_list }
    }
}

module physdev in physdev {
    constants {
        PHYSDEVOP_EOI = PHYSDEVOP_eoi,
        PHYSDEVOP_PIRQ_EOI_GMFN_V1 = PHYSDEVOP_pirq_eoi_gmfn_v1,
        PHYSDEVOP_PIRQ_EOI_GMFN_V2 = PHYSDEVOP_pirq_eoi_gmfn_v2,
        PHYSDEVOP_IRQ_STATUS_QUERY = PHYSDEVOP_irq_status_query,
        PHYSDEVOP_SET_IOPL = PHYSDEVOP_set_iopl,
        PHYSDEVOP_SET_IOBITMAP = PHYSDEVOP_set_iobitmap,
        PHYSDEVOP_APIC_READ = PHYSDEVOP_apic_read,
        PHYSDEVOP_APIC_WRITE = PHYSDEVOP_apic_write,
        PHYSDEVOP_ALLOC_IRQ_VECTOR = PHYSDEVOP_alloc_irq_vector,
        PHYSDEVOP_FREE_IRQ_VECTOR = PHYSDEVOP_free_irq_vector,
        PHYSDEVOP_MAP_PIRQ = PHYSDEVOP_map_pirq,
        PHYSDEVOP_UNMAP_PIRQ = PHYSDEVOP_unmap_pirq,
        PHYSDEVOP_MANAGE_PCI_ADD = PHYSDEVOP_manage_pci_add,
        PHYSDEVOP_MANAGE_PCI_REMOVE = PHYSDEVOP_manage_pci_remove,
        PHYSDEVOP_RESTORE_MSI = PHYSDEVOP_restore_msi,
        PHYSDEVOP_MANAGE_PCI_ADD_EXT = PHYSDEVOP_manage_pci_add_ext,
        PHYSDEVOP_SETUP_GSI = PHYSDEVOP_setup_gsi,
        PHYSDEVOP_GET_FREE_PIRQ = PHYSDEVOP_get_free_pirq,
        PHYSDEVOP_PCI_MMCFG_RESERVED = PHYSDEVOP_pci_mmcfg_reserved,
        PHYSDEVOP_PCI_DEVICE_ADD = PHYSDEVOP_pci_device_add,
        PHYSDEVOP_PCI_DEVICE_REMOVE = PHYSDEVOP_pci_device_remove,
        PHYSDEVOP_RESTORE_MSI_EXT = PHYSDEVOP_restore_msi_ext,
        PHYSDEVOP_PREPARE_MSIX = PHYSDEVOP_prepare_msix,
        PHYSDEVOP_RELEASE_MSIX = PHYSDEVOP_release_msix,
        PHYSDEVOP_DBGP_OP = PHYSDEVOP_dbgp_op,
        PHYSDEVOP_IRQ_UNMASK_NOTIFY,
        PHYSDEVOP_PIRQ_EOI_GMFN = PHYSDEVOP_pirq_eoi_gmfn,
        XENIRQSTAT_NEEDS_EOI = XENIRQSTAT_needs_eoi,
        XENIRQSTAT_SHARED = XENIRQSTAT_shared,
        MAP_PIRQ_TYPE_MSI,
        MAP_PIRQ_TYPE_GSI,
        MAP_PIRQ_TYPE_UNKNOWN,
        MAP_PIRQ_TYPE_MSI_SEG,
        MAP_PIRQ_TYPE_MULTI_MSI,
        XEN_PCI_MMCFG_RESERVED,
        XEN_PCI_DEV_EXTFN,
        XEN_PCI_DEV_VIRTFN,
        XEN_PCI_DEV_PXM,
        PHYSDEVOP_DBGP_RESET_PREPARE,
        PHYSDEVOP_DBGP_RESET_DONE,
        PHYSDEVOP_DBGP_BUS_UNKNOWN,
        PHYSDEVOP_DBGP_BUS_PCI,
    }
    structures {
        PhysdevEoi = "struct physdev_eoi" { irq }
        PhysdevPirqEoiGmfn = "struct physdev_pirq_eoi_gmfn" { gmfn }
        PhysdevIrqStatusQuery = "struct physdev_irq_status_query" { irq, flags }
        PhysdevSetIopl = "struct physdev_set_iopl" { iopl }
        PhysdevSetIobitmap = "struct physdev_set_iobitmap" { bitmap, nr_ports }
        PhysdevApic = "struct physdev_apic" { apic_physbase, reg, value }
        PhysdevIrq = "struct physdev_irq" { irq, vector }
        PhysdevMapPirq = "struct physdev_map_pirq" { domid, kind = "type", index, pirq, bus, devfn, entry_nr, table_base }
        PhysdevUnmapPirq = "struct physdev_unmap_pirq" { domid, pirq }
        PhysdevManagePci = "struct physdev_manage_pci" { bus, devfn }
        PhysdevRestoreMsi = "struct physdev_restore_msi" { bus, devfn }
        PhysdevManagePciExt = "struct physdev_manage_pci_ext" { bus, devfn, is_extfn, is_virtfn, physfn }
        PhysdevOp = "struct physdev_op" { cmd, u }
        PhysdevSetupGsi = "struct physdev_setup_gsi" { gsi, triggering, polarity }
        PhysdevGetFreePirq = "struct physdev_get_free_pirq" { kind = "type", pirq }
        PhysdevPciMmcfgReserved = "struct physdev_pci_mmcfg_reserved" { address, segment, start_bus, end_bus, flags }
        PhysdevPciDeviceAdd = "struct physdev_pci_device_add" { seg, bus, devfn, flags, physfn }
        PhysdevPciDevice = "struct physdev_pci_device" { seg, bus, devfn }
        PhysdevDbgpOp = "struct physdev_dbgp_op" { op, bus, pci = "u.pci" }
    }
}

module platform in platform {
    constants {
        XENPF_SETTIME32 = XENPF_settime32,
        XENPF_SETTIME64 = XENPF_settime64,
        XENPF_SETTIME = XENPF_settime,
        XENPF_ADD_MEMTYPE = XENPF_add_memtype,
        XENPF_DEL_MEMTYPE = XENPF_del_memtype,
        XENPF_READ_MEMTYPE = XENPF_read_memtype,
        XENPF_MICROCODE_UPDATE = XENPF_microcode_update,
        XENPF_PLATFORM_QUIRK = XENPF_platform_quirk,
        XENPF_EFI_RUNTIME_CALL = XENPF_efi_runtime_call,
        XENPF_FIRMWARE_INFO = XENPF_firmware_info,
        XENPF_ENTER_ACPI_SLEEP = XENPF_enter_acpi_sleep,
        XENPF_CHANGE_FREQ = XENPF_change_freq,
        XENPF_GETIDLETIME = XENPF_getidletime,
        XENPF_SET_PROCESSOR_PMINFO = XENPF_set_processor_pminfo,
        XENPF_GET_CPUINFO = XENPF_get_cpuinfo,
        XENPF_GET_CPU_VERSION = XENPF_get_cpu_version,
        XENPF_CPU_ONLINE = XENPF_cpu_online,
        XENPF_CPU_OFFLINE = XENPF_cpu_offline,
        XENPF_CPU_HOTADD = XENPF_cpu_hotadd,
        XENPF_MEM_HOTADD = XENPF_mem_hotadd,
        XENPF_CORE_PARKING = XENPF_core_parking,
        XENPF_RESOURCE_OP = XENPF_resource_op,
        XENPF_GET_SYMBOL = XENPF_get_symbol,
        QUIRK_NOIRQBALANCING,
        QUIRK_IOAPIC_BAD_REGSEL,
        QUIRK_IOAPIC_GOOD_REGSEL,
        XENPF_ACPI_SLEEP_EXTENDED,
        XEN_RESOURCE_OP_MSR_READ,
        XEN_RESOURCE_OP_MSR_WRITE,
        XEN_EFI_GET_TIME = XEN_EFI_get_time,
        XEN_EFI_SET_TIME = XEN_EFI_set_time,
        XEN_EFI_GET_WAKEUP_TIME = XEN_EFI_get_wakeup_time,
        XEN_EFI_SET_WAKEUP_TIME = XEN_EFI_set_wakeup_time,
        XEN_EFI_GET_NEXT_HIGH_MONOTONIC_COUNT = XEN_EFI_get_next_high_monotonic_count,
        XEN_EFI_GET_VARIABLE = XEN_EFI_get_variable,
        XEN_EFI_SET_VARIABLE = XEN_EFI_set_variable,
        XEN_EFI_GET_NEXT_VARIABLE_NAME = XEN_EFI_get_next_variable_name,
        XEN_EFI_QUERY_VARIABLE_INFO = XEN_EFI_query_variable_info,
        XEN_EFI_QUERY_CAPSULE_CAPABILITIES = XEN_EFI_query_capsule_capabilities,
        XEN_EFI_UPDATE_CAPSULE = XEN_EFI_update_capsule,
        XEN_EFI_GET_TIME_SET_CLEARS_NS,
        XEN_EFI_GET_WAKEUP_TIME_ENABLED,
        XEN_EFI_GET_WAKEUP_TIME_PENDING,
        XEN_EFI_SET_WAKEUP_TIME_ENABLE,
        XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY,
        XEN_EFI_VARIABLE_NON_VOLATILE,
        XEN_EFI_VARIABLE_BOOTSERVICE_ACCESS,
        XEN_EFI_VARIABLE_RUNTIME_ACCESS,
        XEN_EFI_VARINFO_BOOT_SNAPSHOT,
        XEN_FW_DISK_INFO,
        XEN_FW_DISK_MBR_SIGNATURE,
        XEN_FW_VBEDDC_INFO,
        XEN_FW_EFI_INFO,
        XEN_FW_KBD_SHIFT_FLAGS,
        XEN_FW_EFI_VERSION,
        XEN_FW_EFI_CONFIG_TABLE,
        XEN_FW_EFI_VENDOR,
        XEN_FW_EFI_MEM_INFO,
        XEN_FW_EFI_RT_VERSION,
        XEN_FW_EFI_PCI_ROM,
        XEN_FW_EFI_APPLE_PROPERTIES,
        XEN_PM_CX,
        XEN_PM_PX,
        XEN_PM_TX,
        XEN_PM_PDC,
        XEN_PROCESSOR_PM_CX,
        XEN_PROCESSOR_PM_PX,
        XEN_PROCESSOR_PM_TX,
        XEN_PX_PCT,
        XEN_PX_PSS,
        XEN_PX_PPC,
        XEN_PX_PSD,
        XEN_CPUPERF_SHARED_TYPE_HW,
        XEN_CPUPERF_SHARED_TYPE_ALL,
        XEN_CPUPERF_SHARED_TYPE_ANY,
        XEN_PCPU_FLAGS_ONLINE,
        XEN_PCPU_FLAGS_INVALID,
        XEN_CORE_PARKING_SET,
        XEN_CORE_PARKING_GET,
    }
    structures {
        XenPlatformOp = "struct xen_platform_op" { cmd, interface_version, u }
        XenpfSettime32 = "struct xenpf_settime32" { secs, nsecs, system_time }
        XenpfSettime64 = "struct xenpf_settime64" { secs, nsecs, _pad0 = "mbz", system_time }
        XenpfAddMemtype = "struct xenpf_add_memtype" { mfn, nr_mfns, kind = "type", handle, reg }
        XenpfDelMemtype = "struct xenpf_del_memtype" { handle, reg }
        XenpfReadMemtype = "struct xenpf_read_memtype" { reg, mfn, nr_mfns, kind = "type" }
        XenpfMicrocodeUpdate = "struct xenpf_microcode_update" { data, length }
        XenpfPlatformQuirk = "struct xenpf_platform_quirk" { quirk_id }
        XenpfEnterAcpiSleep = "struct xenpf_enter_acpi_sleep" { val_a, val_b, sleep_state, flags }
        XenpfMemHotadd = "struct xenpf_mem_hotadd" { spfn, epfn, pxm, flags }
        XenpfResourceEntry = "struct xenpf_resource_entry" { cmd = "u.cmd", _pad0 = "rsvd", idx, val }
        XenpfResourceOp = "struct xenpf_resource_op" { nr_entries, cpu, entries }
        XenpfSymdata = "struct xenpf_symdata" { namelen, symnum, name, address, kind = "type" }
        XenpfEfiTime = "struct xenpf_efi_time" { year, month, day, hour, min, sec, ns, tz, daylight }
        XenpfEfiGuid = "struct xenpf_efi_guid" { data1, data2, data3, data4 }
        XenpfEfiRuntimeCall = "struct xenpf_efi_runtime_call" { function, misc, status, u }
        XenpfEfiGetTime = "struct xenpf_efi_runtime_call::u.get_time" { time, resolution, accuracy }
        XenpfEfiVariable = "struct xenpf_efi_runtime_call::u.get_variable" { name, size, data, vendor_guid }
        XenpfEfiNextVariableName = "struct xenpf_efi_runtime_call::u.get_next_variable_name" { size, name, vendor_guid }
        XenpfEfiQueryVariableInfo = "struct xenpf_efi_runtime_call::u.query_variable_info" { attr, max_store_size, remain_store_size, max_size }
        XenpfEfiQueryCapsuleCapabilities = "struct xenpf_efi_runtime_call::u.query_capsule_capabilities" { capsule_header_array, capsule_count, max_capsule_size, reset_type }
        XenpfEfiUpdateCapsule = "struct xenpf_efi_runtime_call::u.update_capsule" { capsule_header_array, capsule_count, sg_list }
        XenpfFirmwareInfo = "struct xenpf_firmware_info" { kind = "type", index, u }
        XenpfFwDiskInfo = "struct xenpf_firmware_info::u.disk_info" { device, version, interface_support, legacy_max_cylinder, legacy_max_head, legacy_sectors_per_track, edd_params }
        XenpfFwDiskMbrSignature = "struct xenpf_firmware_info::u.disk_mbr_signature" { device, mbr_signature }
        XenpfFwVbeddcInfo = "struct xenpf_firmware_info::u.vbeddc_info" { capabilities, edid_transfer_time, edid }
        XenpfEfiCfg = "struct xenpf_firmware_info::u.efi_info.cfg" { addr, nent }
        XenpfEfiVendor = "struct xenpf_firmware_info::u.efi_info.vendor" { revision, bufsz, name }
        XenpfEfiMem = "struct xenpf_firmware_info::u.efi_info.mem" { addr, size, attr, kind = "type" }
        XenpfEfiPciRom = "struct xenpf_firmware_info::u.efi_info.pci_rom" { segment, bus, devfn, vendor, devid, address, size }
        XenpfEfiAppleProperties = "struct xenpf_firmware_info::u.efi_info.apple_properties" { address, size }
        XenpfChangeFreq = "struct xenpf_change_freq" { flags, cpu, freq }
        XenpfGetidletime = "struct xenpf_getidletime" { cpumap_bitmap, cpumap_nr_cpus, idletime, now }
        XenPowerRegister = "struct xen_power_register" { space_id, bit_width, bit_offset, access_size, address }
        XenProcessorCsd = "struct xen_processor_csd" { domain, coord_type, num }
        XenProcessorCx = "struct xen_processor_cx" { reg, kind = "type", latency, power, dpcnt, dp }
        XenProcessorPower = "struct xen_processor_power" { count, states }
        XenPctRegister = "struct xen_pct_register" { descriptor, length, space_id, bit_width, bit_offset, reserved, address }
        XenProcessorPx = "struct xen_processor_px" { core_frequency, power, transition_latency, bus_master_latency, control, status }
        XenPsdPackage = "struct xen_psd_package" { num_entries, revision, domain, coord_type, num_processors }
        XenProcessorPerformance = "struct xen_processor_performance" { flags, platform_limit, control_register, status_register, state_count, states, domain_info, shared_type }
        XenpfSetProcessorPminfo = "struct xenpf_set_processor_pminfo" { id, kind = "type", u }
        XenpfPcpuinfo = "struct xenpf_pcpuinfo" { xen_cpuid, max_present, flags, apic_id, acpi_id }
        XenpfPcpuVersion = "struct xenpf_pcpu_version" { xen_cpuid, max_present, vendor_id, family, model, stepping }
        XenpfCpuOl = "struct xenpf_cpu_ol" { cpuid }
        XenpfCpuHotadd = "struct xenpf_cpu_hotadd" { apic_id, acpi_id, pxm }
        XenpfCoreParking = "struct xenpf_core_parking" { kind = "type", idle_nums }
    }
}

module grant_table in grant_table {
    constants {
        GNTTAB_NR_RESERVED_ENTRIES,
        GNTTAB_RESERVED_CONSOLE,
        GNTTAB_RESERVED_XENSTORE,
        GTF_INVALID = GTF_invalid,
        GTF_PERMIT_ACCESS = GTF_permit_access,
        GTF_ACCEPT_TRANSFER = GTF_accept_transfer,
        GTF_TRANSITIVE = GTF_transitive,
        GTF_TYPE_MASK = GTF_type_mask,
        GTF_READONLY = GTF_readonly,
        GTF_READING = GTF_reading,
        GTF_WRITING = GTF_writing,
        GTF_PWT,
        GTF_PCD,
        GTF_PAT,
        GTF_SUB_PAGE = GTF_sub_page,
        GTF_TRANSFER_COMMITTED = GTF_transfer_committed,
        GTF_TRANSFER_COMPLETED = GTF_transfer_completed,
        GNTTABOP_MAP_GRANT_REF = GNTTABOP_map_grant_ref,
        GNTTABOP_UNMAP_GRANT_REF = GNTTABOP_unmap_grant_ref,
        GNTTABOP_SETUP_TABLE = GNTTABOP_setup_table,
        GNTTABOP_DUMP_TABLE = GNTTABOP_dump_table,
        GNTTABOP_TRANSFER = GNTTABOP_transfer,
        GNTTABOP_COPY = GNTTABOP_copy,
        GNTTABOP_QUERY_SIZE = GNTTABOP_query_size,
        GNTTABOP_UNMAP_AND_REPLACE = GNTTABOP_unmap_and_replace,
        GNTTABOP_SET_VERSION = GNTTABOP_set_version,
        GNTTABOP_GET_STATUS_FRAMES = GNTTABOP_get_status_frames,
        GNTTABOP_GET_VERSION = GNTTABOP_get_version,
        GNTTABOP_SWAP_GRANT_REF = GNTTABOP_swap_grant_ref,
        GNTTABOP_CACHE_FLUSH = GNTTABOP_cache_flush,
        GNTMAP_DEVICE_MAP = GNTMAP_device_map,
        GNTMAP_HOST_MAP = GNTMAP_host_map,
        GNTMAP_READONLY = GNTMAP_readonly,
        GNTMAP_APPLICATION_MAP = GNTMAP_application_map,
        GNTMAP_CONTAINS_PTE = GNTMAP_contains_pte,
        GNTMAP_GUEST_AVAIL_MASK = GNTMAP_guest_avail_mask,
        GNTCOPY_SOURCE_GREF = GNTCOPY_source_gref,
        GNTCOPY_DEST_GREF = GNTCOPY_dest_gref,
        GNTTAB_CACHE_CLEAN,
        GNTTAB_CACHE_INVAL,
        GNTTAB_CACHE_SOURCE_GREF,
        GNTST_OKAY = GNTST_okay,
        GNTST_GENERAL_ERROR = GNTST_general_error,
        GNTST_BAD_DOMAIN = GNTST_bad_domain,
        GNTST_BAD_GNTREF = GNTST_bad_gntref,
        GNTST_BAD_HANDLE = GNTST_bad_handle,
        GNTST_BAD_VIRT_ADDR = GNTST_bad_virt_addr,
        GNTST_BAD_DEV_ADDR = GNTST_bad_dev_addr,
        GNTST_NO_DEVICE_SPACE = GNTST_no_device_space,
        GNTST_PERMISSION_DENIED = GNTST_permission_denied,
        GNTST_BAD_PAGE = GNTST_bad_page,
        GNTST_BAD_COPY_ARG = GNTST_bad_copy_arg,
        GNTST_ADDRESS_TOO_BIG = GNTST_address_too_big,
        GNTST_EAGAIN = GNTST_eagain,
        GNTST_NO_SPACE = GNTST_no_space,
    }
    structures {
        GrantEntryV1 = "struct grant_entry_v1" { flags, domid, frame }
        GrantEntryHeader = "struct grant_entry_header" { flags, domid }
        GrantEntryV2 = "union grant_entry_v2" {  }
        GrantEntryV2FullPage = "union grant_entry_v2::full_page" { hdr, _pad0 = "pad0", frame }
        GrantEntryV2SubPage = "union grant_entry_v2::sub_page" { hdr, page_off, length, frame }
        GrantEntryV2Transitive = "union grant_entry_v2::transitive" { hdr, trans_domid, _pad0 = "pad0", gref }
        GnttabMapGrantRef = "struct gnttab_map_grant_ref" { host_addr, flags, gref = "ref", dom, status, handle, dev_bus_addr }
        GnttabUnmapGrantRef = "struct gnttab_unmap_grant_ref" { host_addr, dev_bus_addr, handle, status }
        GnttabSetupTable = "struct gnttab_setup_table" { dom, nr_frames, status, frame_list }
        GnttabDumpTable = "struct gnttab_dump_table" { dom, status }
        GnttabTransfer = "struct gnttab_transfer" { mfn, domid, gref = "ref", status }
        GnttabCopyPtr = "struct gnttab_copy_ptr" { u, domid, offset }
        GnttabCopy = "struct gnttab_copy" { source, dest, len, flags, status }
        GnttabQuerySize = "struct gnttab_query_size" { dom, nr_frames, max_nr_frames, status }
        GnttabUnmapAndReplace = "struct gnttab_unmap_and_replace" { host_addr, new_addr, handle, status }
        GnttabSetVersion = "struct gnttab_set_version" { version }
        GnttabGetStatusFrames = "struct gnttab_get_status_frames" { nr_frames, dom, status, frame_list }
        GnttabGetVersion = "struct gnttab_get_version" { dom, _pad0 = "pad", version }
        GnttabSwapGrantRef = "struct gnttab_swap_grant_ref" { ref_a, ref_b, status }
        GnttabCacheFlush = "struct gnttab_cache_flush" { a, offset, length, op }
    }
}

module hvm in hvm {
    constants {
        HVMOP_SET_PARAM = HVMOP_set_param,
        HVMOP_GET_PARAM = HVMOP_get_param,
        HVMOP_FLUSH_TLBS = HVMOP_flush_tlbs,
        HVMOP_PAGETABLE_DYING = HVMOP_pagetable_dying,
        HVMOP_GET_TIME = HVMOP_get_time,
        HVMOP_XENTRACE = HVMOP_xentrace,
        HVMOP_SET_MEM_ACCESS = HVMOP_set_mem_access,
        HVMOP_GET_MEM_ACCESS = HVMOP_get_mem_access,
        HVMOP_GET_MEM_TYPE = HVMOP_get_mem_type,
        HVMOP_SET_EVTCHN_UPCALL_VECTOR = HVMOP_set_evtchn_upcall_vector,
        HVMOP_GUEST_REQUEST_VM_EVENT = HVMOP_guest_request_vm_event,
        HVMOP_ALTP2M = HVMOP_altp2m,
        HVMMEM_RAM_RW = HVMMEM_ram_rw,
        HVMMEM_RAM_RO = HVMMEM_ram_ro,
        HVMMEM_MMIO_DM = HVMMEM_mmio_dm,
        HVMMEM_UNUSED = HVMMEM_unused,
        HVMMEM_IOREQ_SERVER = HVMMEM_ioreq_server,
        HVM_IOREQSRV_BUFIOREQ_OFF,
        HVM_IOREQSRV_BUFIOREQ_LEGACY,
        HVM_IOREQSRV_BUFIOREQ_ATOMIC,
        HVM_E820_PAGE,
        HVM_E820_NR_OFFSET,
        HVM_E820_OFFSET,
        HVM_BELOW_4G_RAM_END,
        HVM_BELOW_4G_MMIO_START,
        HVM_BELOW_4G_MMIO_LENGTH,
        HVM_INFO_PFN,
        HVM_INFO_OFFSET,
        HVM_INFO_PADDR,
        HVM_MAX_VCPUS,
        HVMOP_ALTP2M_INTERFACE_VERSION,
        HVMOP_ALTP2M_GET_DOMAIN_STATE = HVMOP_altp2m_get_domain_state,
        HVMOP_ALTP2M_SET_DOMAIN_STATE = HVMOP_altp2m_set_domain_state,
        HVMOP_ALTP2M_VCPU_ENABLE_NOTIFY = HVMOP_altp2m_vcpu_enable_notify,
        HVMOP_ALTP2M_CREATE_P2M = HVMOP_altp2m_create_p2m,
        HVMOP_ALTP2M_DESTROY_P2M = HVMOP_altp2m_destroy_p2m,
        HVMOP_ALTP2M_SWITCH_P2M = HVMOP_altp2m_switch_p2m,
        HVMOP_ALTP2M_SET_MEM_ACCESS = HVMOP_altp2m_set_mem_access,
        HVMOP_ALTP2M_CHANGE_GFN = HVMOP_altp2m_change_gfn,
        HVMOP_ALTP2M_SET_MEM_ACCESS_MULTI = HVMOP_altp2m_set_mem_access_multi,
        HVMOP_ALTP2M_SET_SUPPRESS_VE = HVMOP_altp2m_set_suppress_ve,
        HVMOP_ALTP2M_GET_SUPPRESS_VE = HVMOP_altp2m_get_suppress_ve,
        HVMOP_ALTP2M_GET_MEM_ACCESS = HVMOP_altp2m_get_mem_access,
        HVMOP_ALTP2M_VCPU_DISABLE_NOTIFY = HVMOP_altp2m_vcpu_disable_notify,
        HVMOP_ALTP2M_GET_P2M_IDX = HVMOP_altp2m_get_p2m_idx,
        HVMOP_ALTP2M_SET_SUPPRESS_VE_MULTI = HVMOP_altp2m_set_suppress_ve_multi,
        HVMOP_ALTP2M_SET_VISIBILITY = HVMOP_altp2m_set_visibility,
        HVM_PARAM_CALLBACK_IRQ,
        HVM_PARAM_CALLBACK_IRQ_TYPE_MASK,
        HVM_PARAM_CALLBACK_TYPE_GSI,
        HVM_PARAM_CALLBACK_TYPE_PCI_INTX,
        HVM_PARAM_CALLBACK_TYPE_VECTOR,
        HVM_PARAM_STORE_PFN,
        HVM_PARAM_STORE_EVTCHN,
        HVM_PARAM_PAE_ENABLED,
        HVM_PARAM_IOREQ_PFN,
        HVM_PARAM_BUFIOREQ_PFN,
        HVM_PARAM_VIRIDIAN,
        HVM_PARAM_TIMER_MODE,
        HVM_PARAM_HPET_ENABLED,
        HVM_PARAM_IDENT_PT,
        HVM_PARAM_DM_DOMAIN,
        HVM_PARAM_ACPI_S_STATE,
        HVM_PARAM_VM86_TSS,
        HVM_PARAM_VPT_ALIGN,
        HVM_PARAM_CONSOLE_PFN,
        HVM_PARAM_CONSOLE_EVTCHN,
        HVM_PARAM_ACPI_IOPORTS_LOCATION,
        HVM_PARAM_MEMORY_EVENT_CR0,
        HVM_PARAM_MEMORY_EVENT_CR3,
        HVM_PARAM_MEMORY_EVENT_CR4,
        HVM_PARAM_MEMORY_EVENT_INT3,
        HVM_PARAM_NESTEDHVM,
        HVM_PARAM_MEMORY_EVENT_SINGLE_STEP,
        HVM_PARAM_BUFIOREQ_EVTCHN,
        HVM_PARAM_PAGING_RING_PFN,
        HVM_PARAM_MONITOR_RING_PFN,
        HVM_PARAM_SHARING_RING_PFN,
        HVM_PARAM_MEMORY_EVENT_MSR,
        HVM_PARAM_TRIPLE_FAULT_REASON,
        HVM_PARAM_IOREQ_SERVER_PFN,
        HVM_PARAM_NR_IOREQ_SERVER_PAGES,
        HVM_PARAM_VM_GENERATION_ID_ADDR,
        HVM_PARAM_ALTP2M,
        HVM_PARAM_X87_FIP_WIDTH,
        HVM_PARAM_VM86_TSS_SIZED,
        HVM_PARAM_MCA_CAP,
        HVM_NR_PARAMS,
        HVMPV_BASE_FREQ = HVMPV_base_freq,
        HVMPV_NO_FREQ = HVMPV_no_freq,
        HVMPV_TIME_REF_COUNT = HVMPV_time_ref_count,
        HVMPV_REFERENCE_TSC = HVMPV_reference_tsc,
        HVMPV_HCALL_REMOTE_TLB_FLUSH = HVMPV_hcall_remote_tlb_flush,
        HVMPV_APIC_ASSIST = HVMPV_apic_assist,
        HVMPV_CRASH_CTL = HVMPV_crash_ctl,
        HVMPV_SYNIC = HVMPV_synic,
        HVMPV_STIMER = HVMPV_stimer,
        HVMPV_HCALL_IPI = HVMPV_hcall_ipi,
        HVMPV_EX_PROCESSOR_MASKS = HVMPV_ex_processor_masks,
        HVMPV_NO_VP_LIMIT = HVMPV_no_vp_limit,
        HVMPV_CPU_HOTPLUG = HVMPV_cpu_hotplug,
        HVMPV_FEATURE_MASK = HVMPV_feature_mask,
        HVMPTM_DELAY_FOR_MISSED_TICKS = HVMPTM_delay_for_missed_ticks,
        HVMPTM_NO_DELAY_FOR_MISSED_TICKS = HVMPTM_no_delay_for_missed_ticks,
        HVMPTM_NO_MISSED_TICKS_PENDING = HVMPTM_no_missed_ticks_pending,
        HVMPTM_ONE_MISSED_TICK_PENDING = HVMPTM_one_missed_tick_pending,
        XEN_ALTP2M_DISABLED = XEN_ALTP2M_disabled,
        XEN_ALTP2M_MIXED = XEN_ALTP2M_mixed,
        XEN_ALTP2M_EXTERNAL = XEN_ALTP2M_external,
        XEN_ALTP2M_LIMITED = XEN_ALTP2M_limited,
        XEN_HVM_MCA_CAP_LMCE,
        XEN_HVM_MCA_CAP_MASK,
        XEN_HVM_START_MAGIC_VALUE,
        XEN_HVM_MEMMAP_TYPE_RAM,
        XEN_HVM_MEMMAP_TYPE_RESERVED,
        XEN_HVM_MEMMAP_TYPE_ACPI,
        XEN_HVM_MEMMAP_TYPE_NVS,
        XEN_HVM_MEMMAP_TYPE_UNUSABLE,
        XEN_HVM_MEMMAP_TYPE_DISABLED,
        XEN_HVM_MEMMAP_TYPE_PMEM,
        VCPU_HVM_MODE_32B,
        VCPU_HVM_MODE_64B,
        IOREQ_READ,
        IOREQ_WRITE,
        STATE_IOREQ_NONE,
        STATE_IOREQ_READY,
        STATE_IOREQ_INPROCESS,
        STATE_IORESP_READY,
        IOREQ_TYPE_PIO,
        IOREQ_TYPE_COPY,
        IOREQ_TYPE_PCI_CONFIG,
        IOREQ_TYPE_TIMEOFFSET,
        IOREQ_TYPE_INVALIDATE,
        IOREQ_BUFFER_SLOT_NUM,
        ACPI_PM1A_EVT_BLK_ADDRESS_V0,
        ACPI_PM1A_CNT_BLK_ADDRESS_V0,
        ACPI_PM_TMR_BLK_ADDRESS_V0,
        ACPI_GPE0_BLK_ADDRESS_V0,
        ACPI_GPE0_BLK_LEN_V0,
        ACPI_PM1A_EVT_BLK_ADDRESS_V1,
        ACPI_PM1A_CNT_BLK_ADDRESS_V1,
        ACPI_PM_TMR_BLK_ADDRESS_V1,
        ACPI_GPE0_BLK_ADDRESS_V1,
        ACPI_GPE0_BLK_LEN_V1,
        ACPI_PM1A_EVT_BLK_ADDRESS,
        ACPI_PM1A_CNT_BLK_ADDRESS,
        ACPI_PM_TMR_BLK_ADDRESS,
        ACPI_GPE0_BLK_ADDRESS,
        ACPI_GPE0_BLK_LEN,
    }
    structures {
        XenHvmParam = "struct xen_hvm_param" { domid, _pad0 = "pad", index, value }
        XenHvmPagetableDying = "struct xen_hvm_pagetable_dying" { domid, _pad0 = "pad", gpa }
        XenHvmGetTime = "struct xen_hvm_get_time" { now }
        XenHvmXentrace = "struct xen_hvm_xentrace" { event, extra_bytes, extra }
        XenHvmGetMemType = "struct xen_hvm_get_mem_type" { domid, mem_type, _pad0 = "pad", pfn }
        XenHvmEvtchnUpcallVector = "struct xen_hvm_evtchn_upcall_vector" { vcpu, vector }
        HvmInfoTable = "struct hvm_info_table" { signature, length, checksum, apic_mode, nr_vcpus, low_mem_pgend, reserved_mem_pgstart, high_mem_pgend, vcpu_online }
        XenHvmAltp2mOp = "struct xen_hvm_altp2m_op" { version, cmd, domain, _pad0 = "pad1", _pad1 = "pad2", u }
        XenHvmAltp2mDomainState = "struct xen_hvm_altp2m_domain_state" { state }
        XenHvmAltp2mVcpuEnableNotify = "struct xen_hvm_altp2m_vcpu_enable_notify" { vcpu_id, _pad0 = "pad", gfn }
        XenHvmAltp2mVcpuDisableNotify = "struct xen_hvm_altp2m_vcpu_disable_notify" { vcpu_id }
        XenHvmAltp2mView = "struct xen_hvm_altp2m_view" { view, hvmmem_default_access }
        XenHvmAltp2mMemAccess = "struct xen_hvm_altp2m_mem_access" { view, access, _pad0 = "pad", gfn }
        XenHvmAltp2mSetMemAccessMulti = "struct xen_hvm_altp2m_set_mem_access_multi" { view, _pad0 = "pad", nr, opaque, pfn_list, access_list }
        XenHvmAltp2mChangeGfn = "struct xen_hvm_altp2m_change_gfn" { view, _pad0 = "pad1", _pad1 = "pad2", old_gfn, new_gfn }
        XenHvmAltp2mSuppressVe = "struct xen_hvm_altp2m_suppress_ve" { view, suppress_ve, _pad0 = "pad1", _pad1 = "pad2", gfn }
        XenHvmAltp2mSuppressVeMulti = "struct xen_hvm_altp2m_suppress_ve_multi" { view, suppress_ve, _pad0 = "pad1", first_error, first_gfn, last_gfn, first_error_gfn }
        XenHvmAltp2mGetVcpuP2mIdx = "struct xen_hvm_altp2m_get_vcpu_p2m_idx" { vcpu_id, altp2m_idx }
        XenHvmAltp2mSetVisibility = "struct xen_hvm_altp2m_set_visibility" { altp2m_idx, visible, _pad0 = "pad" }
        HvmStartInfo = "struct hvm_start_info" { magic, version, flags, nr_modules, modlist_paddr, cmdline_paddr, rsdp_paddr, memmap_paddr, memmap_entries, _pad0 = "reserved" }
        HvmModlistEntry = "struct hvm_modlist_entry" { paddr, size, cmdline_paddr, _pad0 = "reserved" }
        HvmMemmapTableEntry = "struct hvm_memmap_table_entry" { addr, size, kind = "type", _pad0 = "reserved" }
        VcpuHvmContext = "struct vcpu_hvm_context" { mode, _pad0 = "pad", cpu_regs }
        VcpuHvmX8632 = "struct vcpu_hvm_x86_32" { eax, ecx, edx, ebx, esp, ebp, esi, edi, eip, eflags, cr0, cr3, cr4, _pad0 = "pad1", efer, cs_base, ds_base, ss_base, es_base, tr_base, cs_limit, ds_limit, ss_limit, es_limit, tr_limit, cs_ar, ds_ar, ss_ar, es_ar, tr_ar, _pad1 = "pad2" }
        VcpuHvmX8664 = "struct vcpu_hvm_x86_64" { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, rip, rflags, cr0, cr3, cr4, efer }
        Ioreq = "struct ioreq" { addr, data, count, size, vp_eport, _pad0, kind = "type" }
        BufIoreq = "struct buf_ioreq" { data }
        BufferedIopage = "struct buffered_iopage" { read_pointer, write_pointer, buf_ioreq }
    }
}

module domctl in domctl {
    constants {
        XEN_DOMCTL_CREATEDOMAIN = XEN_DOMCTL_createdomain,
        XEN_DOMCTL_DESTROYDOMAIN = XEN_DOMCTL_destroydomain,
        XEN_DOMCTL_PAUSEDOMAIN = XEN_DOMCTL_pausedomain,
        XEN_DOMCTL_UNPAUSEDOMAIN = XEN_DOMCTL_unpausedomain,
        XEN_DOMCTL_GETDOMAININFO = XEN_DOMCTL_getdomaininfo,
        XEN_DOMCTL_SETVCPUAFFINITY = XEN_DOMCTL_setvcpuaffinity,
        XEN_DOMCTL_SHADOW_OP = XEN_DOMCTL_shadow_op,
        XEN_DOMCTL_MAX_MEM = XEN_DOMCTL_max_mem,
        XEN_DOMCTL_SETVCPUCONTEXT = XEN_DOMCTL_setvcpucontext,
        XEN_DOMCTL_GETVCPUCONTEXT = XEN_DOMCTL_getvcpucontext,
        XEN_DOMCTL_GETVCPUINFO = XEN_DOMCTL_getvcpuinfo,
        XEN_DOMCTL_MAX_VCPUS = XEN_DOMCTL_max_vcpus,
        XEN_DOMCTL_SCHEDULER_OP = XEN_DOMCTL_scheduler_op,
        XEN_DOMCTL_SETDOMAINHANDLE = XEN_DOMCTL_setdomainhandle,
        XEN_DOMCTL_SETDEBUGGING = XEN_DOMCTL_setdebugging,
        XEN_DOMCTL_IRQ_PERMISSION = XEN_DOMCTL_irq_permission,
        XEN_DOMCTL_IOMEM_PERMISSION = XEN_DOMCTL_iomem_permission,
        XEN_DOMCTL_IOPORT_PERMISSION = XEN_DOMCTL_ioport_permission,
        XEN_DOMCTL_HYPERCALL_INIT = XEN_DOMCTL_hypercall_init,
        XEN_DOMCTL_SETTIMEOFFSET = XEN_DOMCTL_settimeoffset,
        XEN_DOMCTL_GETVCPUAFFINITY = XEN_DOMCTL_getvcpuaffinity,
        XEN_DOMCTL_REAL_MODE_AREA = XEN_DOMCTL_real_mode_area,
        XEN_DOMCTL_RESUMEDOMAIN = XEN_DOMCTL_resumedomain,
        XEN_DOMCTL_SENDTRIGGER = XEN_DOMCTL_sendtrigger,
        XEN_DOMCTL_SUBSCRIBE = XEN_DOMCTL_subscribe,
        XEN_DOMCTL_GETHVMCONTEXT = XEN_DOMCTL_gethvmcontext,
        XEN_DOMCTL_SETHVMCONTEXT = XEN_DOMCTL_sethvmcontext,
        XEN_DOMCTL_SET_ADDRESS_SIZE = XEN_DOMCTL_set_address_size,
        XEN_DOMCTL_GET_ADDRESS_SIZE = XEN_DOMCTL_get_address_size,
        XEN_DOMCTL_ASSIGN_DEVICE = XEN_DOMCTL_assign_device,
        XEN_DOMCTL_BIND_PT_IRQ = XEN_DOMCTL_bind_pt_irq,
        XEN_DOMCTL_MEMORY_MAPPING = XEN_DOMCTL_memory_mapping,
        XEN_DOMCTL_IOPORT_MAPPING = XEN_DOMCTL_ioport_mapping,
        XEN_DOMCTL_SET_EXT_VCPUCONTEXT = XEN_DOMCTL_set_ext_vcpucontext,
        XEN_DOMCTL_GET_EXT_VCPUCONTEXT = XEN_DOMCTL_get_ext_vcpucontext,
        XEN_DOMCTL_SET_OPT_FEATURE = XEN_DOMCTL_set_opt_feature,
        XEN_DOMCTL_TEST_ASSIGN_DEVICE = XEN_DOMCTL_test_assign_device,
        XEN_DOMCTL_SET_TARGET = XEN_DOMCTL_set_target,
        XEN_DOMCTL_DEASSIGN_DEVICE = XEN_DOMCTL_deassign_device,
        XEN_DOMCTL_UNBIND_PT_IRQ = XEN_DOMCTL_unbind_pt_irq,
        XEN_DOMCTL_GET_DEVICE_GROUP = XEN_DOMCTL_get_device_group,
        XEN_DOMCTL_DEBUG_OP = XEN_DOMCTL_debug_op,
        XEN_DOMCTL_GETHVMCONTEXT_PARTIAL = XEN_DOMCTL_gethvmcontext_partial,
        XEN_DOMCTL_VM_EVENT_OP = XEN_DOMCTL_vm_event_op,
        XEN_DOMCTL_MEM_SHARING_OP = XEN_DOMCTL_mem_sharing_op,
        XEN_DOMCTL_GETTSCINFO = XEN_DOMCTL_gettscinfo,
        XEN_DOMCTL_SETTSCINFO = XEN_DOMCTL_settscinfo,
        XEN_DOMCTL_GETPAGEFRAMEINFO3 = XEN_DOMCTL_getpageframeinfo3,
        XEN_DOMCTL_SETVCPUEXTSTATE = XEN_DOMCTL_setvcpuextstate,
        XEN_DOMCTL_GETVCPUEXTSTATE = XEN_DOMCTL_getvcpuextstate,
        XEN_DOMCTL_SET_ACCESS_REQUIRED = XEN_DOMCTL_set_access_required,
        XEN_DOMCTL_AUDIT_P2M = XEN_DOMCTL_audit_p2m,
        XEN_DOMCTL_SET_VIRQ_HANDLER = XEN_DOMCTL_set_virq_handler,
        XEN_DOMCTL_SET_BROKEN_PAGE_P2M = XEN_DOMCTL_set_broken_page_p2m,
        XEN_DOMCTL_SETNODEAFFINITY = XEN_DOMCTL_setnodeaffinity,
        XEN_DOMCTL_GETNODEAFFINITY = XEN_DOMCTL_getnodeaffinity,
        XEN_DOMCTL_CACHEFLUSH = XEN_DOMCTL_cacheflush,
        XEN_DOMCTL_GET_VCPU_MSRS = XEN_DOMCTL_get_vcpu_msrs,
        XEN_DOMCTL_SET_VCPU_MSRS = XEN_DOMCTL_set_vcpu_msrs,
        XEN_DOMCTL_SETVNUMAINFO = XEN_DOMCTL_setvnumainfo,
        XEN_DOMCTL_PSR_CMT_OP = XEN_DOMCTL_psr_cmt_op,
        XEN_DOMCTL_MONITOR_OP = XEN_DOMCTL_monitor_op,
        XEN_DOMCTL_PSR_ALLOC = XEN_DOMCTL_psr_alloc,
        XEN_DOMCTL_SOFT_RESET = XEN_DOMCTL_soft_reset,
        XEN_DOMCTL_VUART_OP = XEN_DOMCTL_vuart_op,
        XEN_DOMCTL_GET_CPU_POLICY = XEN_DOMCTL_get_cpu_policy,
        XEN_DOMCTL_SET_CPU_POLICY = XEN_DOMCTL_set_cpu_policy,
        XEN_DOMCTL_VMTRACE_OP = XEN_DOMCTL_vmtrace_op,
        XEN_DOMCTL_GET_PAGING_MEMPOOL_SIZE = XEN_DOMCTL_get_paging_mempool_size,
        XEN_DOMCTL_SET_PAGING_MEMPOOL_SIZE = XEN_DOMCTL_set_paging_mempool_size,
        XEN_DOMCTL_GDBSX_GUESTMEMIO = XEN_DOMCTL_gdbsx_guestmemio,
        XEN_DOMCTL_GDBSX_PAUSEVCPU = XEN_DOMCTL_gdbsx_pausevcpu,
        XEN_DOMCTL_GDBSX_UNPAUSEVCPU = XEN_DOMCTL_gdbsx_unpausevcpu,
        XEN_DOMCTL_GDBSX_DOMSTATUS = XEN_DOMCTL_gdbsx_domstatus,
        XEN_DOMCTL_CDF_HVM = XEN_DOMCTL_CDF_hvm,
        XEN_DOMCTL_CDF_HAP = XEN_DOMCTL_CDF_hap,
        XEN_DOMCTL_CDF_S3_INTEGRITY = XEN_DOMCTL_CDF_s3_integrity,
        XEN_DOMCTL_CDF_OOS_OFF = XEN_DOMCTL_CDF_oos_off,
        XEN_DOMCTL_CDF_XS_DOMAIN = XEN_DOMCTL_CDF_xs_domain,
        XEN_DOMCTL_CDF_IOMMU = XEN_DOMCTL_CDF_iommu,
        XEN_DOMCTL_CDF_NESTED_VIRT = XEN_DOMCTL_CDF_nested_virt,
        XEN_DOMCTL_CDF_VPMU = XEN_DOMCTL_CDF_vpmu,
        XEN_DOMCTL_CDF_MAX,
        XEN_DOMCTL_IOMMU_NO_SHAREPT = XEN_DOMCTL_IOMMU_no_sharept,
        XEN_DOMCTL_IOMMU_MAX,
        XEN_DOMCTL_GRANT_VERSION_MASK = XEN_DOMCTL_GRANT_version_mask,
        XEN_DOMINF_DYING = XEN_DOMINF_dying,
        XEN_DOMINF_HVM_GUEST = XEN_DOMINF_hvm_guest,
        XEN_DOMINF_SHUTDOWN = XEN_DOMINF_shutdown,
        XEN_DOMINF_PAUSED = XEN_DOMINF_paused,
        XEN_DOMINF_BLOCKED = XEN_DOMINF_blocked,
        XEN_DOMINF_RUNNING = XEN_DOMINF_running,
        XEN_DOMINF_DEBUGGED = XEN_DOMINF_debugged,
        XEN_DOMINF_XS_DOMAIN = XEN_DOMINF_xs_domain,
        XEN_DOMINF_HAP = XEN_DOMINF_hap,
        XEN_DOMINF_SHUTDOWNMASK = XEN_DOMINF_shutdownmask,
        XEN_DOMINF_SHUTDOWNSHIFT = XEN_DOMINF_shutdownshift,
        XEN_INVALID_MAX_VCPU_ID,
        XEN_DOMCTL_SENDTRIGGER_NMI,
        XEN_DOMCTL_SENDTRIGGER_RESET,
        XEN_DOMCTL_SENDTRIGGER_INIT,
        XEN_DOMCTL_SENDTRIGGER_POWER,
        XEN_DOMCTL_SENDTRIGGER_SLEEP,
        XEN_DOMCTL_PSR_CMT_OP_DETACH,
        XEN_DOMCTL_PSR_CMT_OP_ATTACH,
        XEN_DOMCTL_PSR_CMT_OP_QUERY_RMID,
        XEN_DOMCTL_PSR_SET_L3_CBM,
        XEN_DOMCTL_PSR_GET_L3_CBM,
        XEN_DOMCTL_PSR_SET_L3_CODE,
        XEN_DOMCTL_PSR_SET_L3_DATA,
        XEN_DOMCTL_PSR_GET_L3_CODE,
        XEN_DOMCTL_PSR_GET_L3_DATA,
        XEN_DOMCTL_PSR_SET_L2_CBM,
        XEN_DOMCTL_PSR_GET_L2_CBM,
        XEN_DOMCTL_PSR_SET_MBA_THRTL,
        XEN_DOMCTL_PSR_GET_MBA_THRTL,
        XEN_DOMCTL_VUART_OP_INIT,
        XEN_DOMCTL_VUART_TYPE_VPL011,
        XEN_DOMCTL_PFINFO_LTAB_SHIFT,
        XEN_DOMCTL_PFINFO_NOTAB,
        XEN_DOMCTL_PFINFO_L1TAB,
        XEN_DOMCTL_PFINFO_L2TAB,
        XEN_DOMCTL_PFINFO_L3TAB,
        XEN_DOMCTL_PFINFO_L4TAB,
        XEN_DOMCTL_PFINFO_LTABTYPE_MASK,
        XEN_DOMCTL_PFINFO_LPINTAB,
        XEN_DOMCTL_PFINFO_XTAB,
        XEN_DOMCTL_PFINFO_XALLOC,
        XEN_DOMCTL_PFINFO_BROKEN,
        XEN_DOMCTL_PFINFO_LTAB_MASK,
        XEN_DOMCTL_SHADOW_OP_OFF,
        XEN_DOMCTL_SHADOW_OP_ENABLE,
        XEN_DOMCTL_SHADOW_OP_CLEAN,
        XEN_DOMCTL_SHADOW_OP_PEEK,
        XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION,
        XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION,
        XEN_DOMCTL_SHADOW_OP_ENABLE_TEST,
        XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY,
        XEN_DOMCTL_SHADOW_ENABLE_REFCOUNT,
        XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY,
        XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE,
        XEN_DOMCTL_SHADOW_ENABLE_EXTERNAL,
        XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL,
        XEN_VCPUAFFINITY_HARD,
        XEN_VCPUAFFINITY_SOFT,
        XEN_VCPUAFFINITY_FORCE,
        XEN_DOMCTL_VMTRACE_ENABLE = XEN_DOMCTL_vmtrace_enable,
        XEN_DOMCTL_VMTRACE_DISABLE = XEN_DOMCTL_vmtrace_disable,
        XEN_DOMCTL_VMTRACE_RESET_AND_ENABLE = XEN_DOMCTL_vmtrace_reset_and_enable,
        XEN_DOMCTL_VMTRACE_OUTPUT_POSITION = XEN_DOMCTL_vmtrace_output_position,
        XEN_DOMCTL_VMTRACE_GET_OPTION = XEN_DOMCTL_vmtrace_get_option,
        XEN_DOMCTL_VMTRACE_SET_OPTION = XEN_DOMCTL_vmtrace_set_option,
        XEN_SCHEDULER_CREDIT,
        XEN_SCHEDULER_CREDIT2,
        XEN_SCHEDULER_ARINC653,
        XEN_SCHEDULER_RTDS,
        XEN_SCHEDULER_NULL,
        XEN_DOMCTL_SCHEDOP_PUTINFO = XEN_DOMCTL_SCHEDOP_putinfo,
        XEN_DOMCTL_SCHEDOP_GETINFO = XEN_DOMCTL_SCHEDOP_getinfo,
        XEN_DOMCTL_SCHEDOP_PUTVCPUINFO = XEN_DOMCTL_SCHEDOP_putvcpuinfo,
        XEN_DOMCTL_SCHEDOP_GETVCPUINFO = XEN_DOMCTL_SCHEDOP_getvcpuinfo,
        XEN_DOMCTL_SCHEDRT_EXTRA = XEN_DOMCTL_SCHEDRT_extra,
        DPCI_ADD_MAPPING,
        DPCI_REMOVE_MAPPING,
        XEN_DOMCTL_MEM_CACHEATTR_UC,
        XEN_DOMCTL_MEM_CACHEATTR_WC,
        XEN_DOMCTL_MEM_CACHEATTR_WT,
        XEN_DOMCTL_MEM_CACHEATTR_WP,
        XEN_DOMCTL_MEM_CACHEATTR_WB,
        XEN_DOMCTL_MEM_CACHEATTR_UCM,
        XEN_DOMCTL_DELETE_MEM_CACHEATTR,
        XEN_DOMCTL_DEV_PCI,
        XEN_DOMCTL_DEV_DT,
        XEN_DOMCTL_DEV_RDM_RELAXED,
        PT_IRQ_TYPE_PCI,
        PT_IRQ_TYPE_ISA,
        PT_IRQ_TYPE_MSI,
        PT_IRQ_TYPE_MSI_TRANSLATE,
        PT_IRQ_TYPE_SPI,
        XEN_DOMCTL_VMSI_X86_DEST_ID_MASK,
        XEN_DOMCTL_VMSI_X86_RH_MASK,
        XEN_DOMCTL_VMSI_X86_DM_MASK,
        XEN_DOMCTL_VMSI_X86_DELIV_MASK,
        XEN_DOMCTL_VMSI_X86_TRIG_MASK,
        XEN_DOMCTL_VMSI_X86_UNMASKED,
        XEN_CPUID_INPUT_UNUSED,
        XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF,
        XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_ON,
        XEN_VM_EVENT_ENABLE,
        XEN_VM_EVENT_DISABLE,
        XEN_VM_EVENT_RESUME,
        XEN_VM_EVENT_GET_VERSION,
        XEN_DOMCTL_VM_EVENT_OP_PAGING,
        XEN_DOMCTL_VM_EVENT_OP_MONITOR,
        XEN_DOMCTL_VM_EVENT_OP_SHARING,
        XEN_DOMCTL_MEM_SHARING_CONTROL,
        XEN_DOMCTL_MONITOR_OP_ENABLE,
        XEN_DOMCTL_MONITOR_OP_DISABLE,
        XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES,
        XEN_DOMCTL_MONITOR_OP_EMULATE_EACH_REP,
        XEN_DOMCTL_MONITOR_OP_CONTROL_REGISTERS,
        XEN_DOMCTL_MONITOR_EVENT_WRITE_CTRLREG,
        XEN_DOMCTL_MONITOR_EVENT_MOV_TO_MSR,
        XEN_DOMCTL_MONITOR_EVENT_SINGLESTEP,
        XEN_DOMCTL_MONITOR_EVENT_SOFTWARE_BREAKPOINT,
        XEN_DOMCTL_MONITOR_EVENT_GUEST_REQUEST,
        XEN_DOMCTL_MONITOR_EVENT_DEBUG_EXCEPTION,
        XEN_DOMCTL_MONITOR_EVENT_CPUID,
        XEN_DOMCTL_MONITOR_EVENT_PRIVILEGED_CALL,
        XEN_DOMCTL_MONITOR_EVENT_INTERRUPT,
        XEN_DOMCTL_MONITOR_EVENT_DESC_ACCESS,
        XEN_DOMCTL_MONITOR_EVENT_EMUL_UNIMPLEMENTED,
        XEN_DOMCTL_MONITOR_EVENT_INGUEST_PAGEFAULT,
        XEN_DOMCTL_MONITOR_EVENT_VMEXIT,
    }
    structures {
        XenDomctl = "struct xen_domctl" { cmd, interface_version, domain, _pad, u }
        XenDomctlCreatedomain = "struct xen_domctl_createdomain" { ssidref, handle, flags, iommu_opts, max_vcpus, max_evtchn_port, max_grant_frames, max_maptrack_frames, grant_opts, vmtrace_size, cpupool_id, arch }
        XenDomctlMaxVcpus = "struct xen_domctl_max_vcpus" { max }
        XenDomctlHypercallInit = "struct xen_domctl_hypercall_init" { gmfn }
        XenDomctlAddressSize = "struct xen_domctl_address_size" { size }
        XenDomctlHvmcontext = "struct xen_domctl_hvmcontext" { size, buffer }
        XenDomctlHvmcontextPartial = "struct xen_domctl_hvmcontext_partial" { kind = "type", instance, bufsz, buffer }
        XenDomctlSetTarget = "struct xen_domctl_set_target" { target }
        XenDomctlGetdomaininfo = "struct xen_domctl_getdomaininfo" { domain, _pad0 = "pad1", flags, tot_pages, max_pages, outstanding_pages, shr_pages, paged_pages, shared_info_frame, cpu_time, nr_online_vcpus, max_vcpu_id, ssidref, handle, cpupool, gpaddr_bits, _pad1 = "pad2", arch_config }
        XenDomctlSetdomainhandle = "struct xen_domctl_setdomainhandle" { handle }
        XenDomctlSetdebugging = "struct xen_domctl_setdebugging" { enable }
        XenDomctlSettimeoffset = "struct xen_domctl_settimeoffset" { time_offset_seconds }
        XenDomctlSendtrigger = "struct xen_domctl_sendtrigger" { trigger, vcpu }
        XenDomctlSubscribe = "struct xen_domctl_subscribe" { port }
        XenDomctlTscInfo = "struct xen_domctl_tsc_info" { tsc_mode, gtsc_khz, incarnation, _pad0 = "pad", elapsed_nsec }
        XenDomctlSetVirqHandler = "struct xen_domctl_set_virq_handler" { virq }
        XenDomctlPsrCmtOp = "struct xen_domctl_psr_cmt_op" { cmd, data }
        XenDomctlPsrAlloc = "struct xen_domctl_psr_alloc" { cmd, target, data }
        XenDomctlVuartOp = "struct xen_domctl_vuart_op" { cmd, kind = "type", gfn, console_domid, _pad0 = "pad", evtchn }
        XenDomctlGetpageframeinfo3 = "struct xen_domctl_getpageframeinfo3" { num, array }
        XenDomctlShadowOpStats = "struct xen_domctl_shadow_op_stats" { fault_count, dirty_count }
        XenDomctlShadowOp = "struct xen_domctl_shadow_op" { op, mode, mb, dirty_bitmap, pages, stats }
        XenDomctlMaxMem = "struct xen_domctl_max_mem" { max_memkb }
        XenDomctlNodeaffinity = "struct xen_domctl_nodeaffinity" { nodemap }
        XenDomctlAuditP2m = "struct xen_domctl_audit_p2m" { orphans, m2p_bad, p2m_bad }
        XenDomctlSetBrokenPageP2m = "struct xen_domctl_set_broken_page_p2m" { pfn }
        XenDomctlCacheflush = "struct xen_domctl_cacheflush" { start_pfn, nr_pfns }
        XenDomctlPagingMempool = "struct xen_domctl_paging_mempool" { size }
        XenDomctlVnuma = "struct xen_domctl_vnuma" { nr_vnodes, nr_vmemranges, nr_vcpus, _pad0 = "pad", vdistance, vcpu_to_vnode, vnode_to_pnode, vmemrange }
        XenDomctlVcpucontext = "struct xen_domctl_vcpucontext" { vcpu, ctxt }
        XenDomctlExtVcpucontext = "struct xen_domctl_ext_vcpucontext" { vcpu, size, syscall32_callback_eip, sysenter_callback_eip, syscall32_callback_cs, sysenter_callback_cs, syscall32_disables_events, sysenter_disables_events, vmce }
        XenDomctlGetvcpuinfo = "struct xen_domctl_getvcpuinfo" { vcpu, online, blocked, running, cpu_time, cpu }
        XenDomctlVcpuaffinity = "struct xen_domctl_vcpuaffinity" { vcpu, flags, cpumap_hard, cpumap_soft }
        XenDomctlVcpuextstate = "struct xen_domctl_vcpuextstate" { vcpu, xfeature_mask, size, buffer }
        XenDomctlVcpuMsr = "struct xen_domctl_vcpu_msr" { index, _pad0 = "reserved", value }
        XenDomctlVcpuMsrs = "struct xen_domctl_vcpu_msrs" { vcpu, msr_count, msrs }
        XenDomctlVmtraceOp = "struct xen_domctl_vmtrace_op" { cmd, vcpu, key, value }
        XenDomctlSchedCredit = "struct xen_domctl_sched_credit" { weight, cap }
        XenDomctlSchedCredit2 = "struct xen_domctl_sched_credit2" { weight, cap }
        XenDomctlSchedRtds = "struct xen_domctl_sched_rtds" { period, budget, flags }
        XenDomctlSchedparamVcpu = "struct xen_domctl_schedparam_vcpu" { u, vcpuid }
        XenDomctlSchedulerOp = "struct xen_domctl_scheduler_op" { sched_id, cmd, u }
        XenDomctlSchedulerOpV = "struct xen_domctl_scheduler_op::u.v" { vcpus, nr_vcpus, _pad0 = "padding" }
        XenDomctlIrqPermission = "struct xen_domctl_irq_permission" { pirq, allow_access, _pad0 = "pad" }
        XenDomctlIomemPermission = "struct xen_domctl_iomem_permission" { first_mfn, nr_mfns, allow_access }
        XenDomctlIoportPermission = "struct xen_domctl_ioport_permission" { first_port, nr_ports, allow_access }
        XenDomctlMemoryMapping = "struct xen_domctl_memory_mapping" { first_gfn, first_mfn, nr_mfns, add_mapping, _pad0 = "padding" }
        XenDomctlIoportMapping = "struct xen_domctl_ioport_mapping" { first_gport, first_mport, nr_ports, add_mapping }
        XenDomctlAssignDevice = "struct xen_domctl_assign_device" { dev, flags, u }
        XenDomctlAssignDeviceDt = "struct xen_domctl_assign_device::u.dt" { size, path }
        XenDomctlGetDeviceGroup = "struct xen_domctl_get_device_group" { machine_sbdf, max_sdevs, num_sdevs, sdev_array }
        XenDomctlBindPtIrq = "struct xen_domctl_bind_pt_irq" { machine_irq, irq_type, u }
        XenDomctlBindPtIrqPci = "struct xen_domctl_bind_pt_irq::u.pci" { bus, device, intx }
        XenDomctlBindPtIrqMsi = "struct xen_domctl_bind_pt_irq::u.msi" { gvec, gflags, gtable }
        XenDomctlCpuPolicy = "struct xen_domctl_cpu_policy" { nr_leaves, nr_msrs, leaves, msrs, err_leaf, err_subleaf, err_msr }
        XenDomctlDebugOp = "struct xen_domctl_debug_op" { op, vcpu }
        XenDomctlGdbsxMemio = "struct xen_domctl_gdbsx_memio" { pgd3val, gva, uva, len, gwr, remain }
        XenDomctlGdbsxPauseunpVcpu = "struct xen_domctl_gdbsx_pauseunp_vcpu" { vcpu }
        XenDomctlGdbsxDomstatus = "struct xen_domctl_gdbsx_domstatus" { paused, vcpu_id, vcpu_ev }
        XenDomctlVmEventOp = "struct xen_domctl_vm_event_op" { op, mode, u }
        XenDomctlMemSharingOp = "struct xen_domctl_mem_sharing_op" { op, u }
        XenDomctlSetAccessRequired = "struct xen_domctl_set_access_required" { access_required }
        XenDomctlMonitorOp = "struct xen_domctl_monitor_op" { op, event, u }
        XenDomctlMonitorMovToCr = "struct xen_domctl_monitor_op::u.mov_to_cr" { index, sync, onchangeonly, _pad0 = "pad1", _pad1 = "pad2", bitmask }
        XenDomctlMonitorMovToMsr = "struct xen_domctl_monitor_op::u.mov_to_msr" { msr, onchangeonly }
        XenDomctlMonitorGuestRequest = "struct xen_domctl_monitor_op::u.guest_request" { sync, allow_userspace }
    }
}

module hvm_save in hvm::save {
    constants {
        HVM_FILE_MAGIC,
        HVM_FILE_VERSION,
        HVM_SAVE_CODE_END = "HVM_SAVE_CODE(END)",
        HVM_SAVE_CODE_HEADER = "HVM_SAVE_CODE(HEADER)",
        HVM_SAVE_CODE_CPU = "HVM_SAVE_CODE(CPU)",
        HVM_SAVE_CODE_PIC = "HVM_SAVE_CODE(PIC)",
        HVM_SAVE_CODE_IOAPIC = "HVM_SAVE_CODE(IOAPIC)",
        HVM_SAVE_CODE_LAPIC = "HVM_SAVE_CODE(LAPIC)",
        HVM_SAVE_CODE_LAPIC_REGS = "HVM_SAVE_CODE(LAPIC_REGS)",
        HVM_SAVE_CODE_PCI_IRQ = "HVM_SAVE_CODE(PCI_IRQ)",
        HVM_SAVE_CODE_ISA_IRQ = "HVM_SAVE_CODE(ISA_IRQ)",
        HVM_SAVE_CODE_PCI_LINK = "HVM_SAVE_CODE(PCI_LINK)",
        HVM_SAVE_CODE_PIT = "HVM_SAVE_CODE(PIT)",
        HVM_SAVE_CODE_RTC = "HVM_SAVE_CODE(RTC)",
        HVM_SAVE_CODE_HPET = "HVM_SAVE_CODE(HPET)",
        HVM_SAVE_CODE_PMTIMER = "HVM_SAVE_CODE(PMTIMER)",
        HVM_SAVE_CODE_MTRR = "HVM_SAVE_CODE(MTRR)",
        HVM_SAVE_CODE_VIRIDIAN_DOMAIN = "HVM_SAVE_CODE(VIRIDIAN_DOMAIN)",
        HVM_SAVE_CODE_VIRIDIAN_VCPU = "HVM_SAVE_CODE(VIRIDIAN_VCPU)",
        HVM_SAVE_CODE_VMCE_VCPU = "HVM_SAVE_CODE(VMCE_VCPU)",
        HVM_SAVE_CODE_TSC_ADJUST = "HVM_SAVE_CODE(TSC_ADJUST)",
        CPU_XSAVE_CODE,
        CPU_MSR_CODE,
        HVM_SAVE_CODE_MAX,
        XEN_X86_FPU_INITIALISED,
        VIOAPIC_NUM_PINS,
        RTC_CMOS_SIZE,
        HPET_TIMER_NUM,
        MTRR_VCNT,
        NUM_FIXED_MSR,
    }
    structures {
        HvmSaveDescriptor = "struct hvm_save_descriptor" { typecode, instance, length }
        HvmSaveHeader = "struct hvm_save_header" { magic, version, changeset, cpuid, gtsc_khz }
        HvmHwCpu = "struct hvm_hw_cpu" { fpu_regs, rax, rbx, rcx, rdx, rbp, rsi, rdi, rsp, r8, r9, r10, r11, r12, r13, r14, r15, rip, rflags, cr0, cr2, cr3, cr4, dr0, dr1, dr2, dr3, dr6, dr7, cs_sel, ds_sel, es_sel, fs_sel, gs_sel, ss_sel, tr_sel, ldtr_sel, cs_limit, ds_limit, es_limit, fs_limit, gs_limit, ss_limit, tr_limit, ldtr_limit, idtr_limit, gdtr_limit, cs_base, ds_base, es_base, fs_base, gs_base, ss_base, tr_base, ldtr_base, idtr_base, gdtr_base, cs_arbytes, ds_arbytes, es_arbytes, fs_arbytes, gs_arbytes, ss_arbytes, tr_arbytes, ldtr_arbytes, sysenter_cs, sysenter_esp, sysenter_eip, shadow_gs, msr_flags, msr_lstar, msr_star, msr_cstar, msr_syscall_mask, msr_efer, msr_tsc_aux, tsc, pending_event, error_code, flags, _pad0 = "pad0" }
        HvmHwVpic = "struct hvm_hw_vpic" { irr, imr, isr, irq_base, elcr, int_output }
        HvmHwVioapic = "struct hvm_hw_vioapic" { base_address, ioregsel, id, redirtbl }
        HvmHwLapic = "struct hvm_hw_lapic" { apic_base_msr, disabled, timer_divisor, tdt_msr }
        HvmHwLapicRegs = "struct hvm_hw_lapic_regs" { data }
        HvmHwPciIrqs = "struct hvm_hw_pci_irqs" { i = "pad" }
        HvmHwIsaIrqs = "struct hvm_hw_isa_irqs" { i = "pad" }
        HvmHwPciLink = "struct hvm_hw_pci_link" { route, _pad0 = "pad0" }
        HvmHwPitChannel = "struct hvm_hw_pit_channel" { count, latched_count, count_latched, status_latched, status, read_state, write_state, write_latch, rw_mode, mode, bcd, gate }
        HvmHwPit = "struct hvm_hw_pit" { channels, speaker_data_on, _pad0 = "pad0" }
        HvmHwRtc = "struct hvm_hw_rtc" { cmos_data, cmos_index, _pad0 = "pad0", rtc_offset }
        HvmHwHpet = "struct hvm_hw_hpet" { capability, _pad0 = "res0", config, _pad1 = "res1", isr, _pad2 = "res2", mc64, _pad3 = "res3", timers, _pad4 = "res5", period }
        HvmHwHpetTimer = "struct hvm_hw_hpet::timers[0]" { config, cmp, fsb, _pad0 = "res4" }
        HvmHwPmtimer = "struct hvm_hw_pmtimer" { tmr_val, pm1a_sts, pm1a_en }
        HvmHwMtrr = "struct hvm_hw_mtrr" { msr_pat_cr, msr_mtrr_var, msr_mtrr_fixed, msr_mtrr_cap, msr_mtrr_def_type }
        HvmHwCpuXsave = "struct hvm_hw_cpu_xsave" { xfeature_mask, xcr0, xcr0_accum, save_area }
        HvmHwCpuXsaveArea = "struct hvm_hw_cpu_xsave::save_area" { fpu_sse, xstate_bv = "xsave_hdr.xstate_bv", xcomp_bv = "xsave_hdr.xcomp_bv", _pad0 = "xsave_hdr.reserved" }
        HvmViridianDomainContext = "struct hvm_viridian_domain_context" { hypercall_gpa, guest_os_id, time_ref_count, reference_tsc }
        HvmViridianVcpuContext = "struct hvm_viridian_vcpu_context" { vp_assist_msr, apic_assist_pending, _pad, simp_msr, sint_msr, stimer_config_msr, stimer_count_msr }
        HvmVmceVcpu = "struct hvm_vmce_vcpu" { caps, mci_ctl2_bank0, mci_ctl2_bank1, mcg_ext_ctl }
        HvmTscAdjust = "struct hvm_tsc_adjust" { tsc_adjust }
        HvmMsr = "struct hvm_msr" { count }
        HvmOneMsr = "struct hvm_one_msr" { index, _pad0 = "_rsvd", val }
    }
}

module hvm_dm_op in hvm::dm_op {
    constants {
        XEN_DMOP_CREATE_IOREQ_SERVER = XEN_DMOP_create_ioreq_server,
        XEN_DMOP_GET_IOREQ_SERVER_INFO = XEN_DMOP_get_ioreq_server_info,
        XEN_DMOP_MAP_IO_RANGE_TO_IOREQ_SERVER = XEN_DMOP_map_io_range_to_ioreq_server,
        XEN_DMOP_UNMAP_IO_RANGE_FROM_IOREQ_SERVER = XEN_DMOP_unmap_io_range_from_ioreq_server,
        XEN_DMOP_SET_IOREQ_SERVER_STATE = XEN_DMOP_set_ioreq_server_state,
        XEN_DMOP_DESTROY_IOREQ_SERVER = XEN_DMOP_destroy_ioreq_server,
        XEN_DMOP_TRACK_DIRTY_VRAM = XEN_DMOP_track_dirty_vram,
        XEN_DMOP_SET_PCI_INTX_LEVEL = XEN_DMOP_set_pci_intx_level,
        XEN_DMOP_SET_ISA_IRQ_LEVEL = XEN_DMOP_set_isa_irq_level,
        XEN_DMOP_SET_PCI_LINK_ROUTE = XEN_DMOP_set_pci_link_route,
        XEN_DMOP_MODIFIED_MEMORY = XEN_DMOP_modified_memory,
        XEN_DMOP_SET_MEM_TYPE = XEN_DMOP_set_mem_type,
        XEN_DMOP_INJECT_EVENT = XEN_DMOP_inject_event,
        XEN_DMOP_INJECT_MSI = XEN_DMOP_inject_msi,
        XEN_DMOP_MAP_MEM_TYPE_TO_IOREQ_SERVER = XEN_DMOP_map_mem_type_to_ioreq_server,
        XEN_DMOP_REMOTE_SHUTDOWN = XEN_DMOP_remote_shutdown,
        XEN_DMOP_RELOCATE_MEMORY = XEN_DMOP_relocate_memory,
        XEN_DMOP_PIN_MEMORY_CACHEATTR = XEN_DMOP_pin_memory_cacheattr,
        XEN_DMOP_SET_IRQ_LEVEL = XEN_DMOP_set_irq_level,
        XEN_DMOP_NR_VCPUS = XEN_DMOP_nr_vcpus,
        XEN_DMOP_IO_RANGE_PORT,
        XEN_DMOP_IO_RANGE_MEMORY,
        XEN_DMOP_IO_RANGE_PCI,
        XEN_DMOP_NO_GFNS = XEN_DMOP_no_gfns,
        XEN_DMOP_EVENT_EXT_INT = XEN_DMOP_EVENT_ext_int,
        XEN_DMOP_EVENT_NMI = XEN_DMOP_EVENT_nmi,
        XEN_DMOP_EVENT_HW_EXC = XEN_DMOP_EVENT_hw_exc,
        XEN_DMOP_EVENT_SW_INT = XEN_DMOP_EVENT_sw_int,
        XEN_DMOP_EVENT_PRI_SW_EXC = XEN_DMOP_EVENT_pri_sw_exc,
        XEN_DMOP_EVENT_SW_EXC = XEN_DMOP_EVENT_sw_exc,
        XEN_DMOP_IOREQ_MEM_ACCESS_READ,
        XEN_DMOP_IOREQ_MEM_ACCESS_WRITE,
        XEN_DMOP_MEM_CACHEATTR_UC,
        XEN_DMOP_MEM_CACHEATTR_WC,
        XEN_DMOP_MEM_CACHEATTR_WT,
        XEN_DMOP_MEM_CACHEATTR_WP,
        XEN_DMOP_MEM_CACHEATTR_WB,
        XEN_DMOP_MEM_CACHEATTR_UCM,
        XEN_DMOP_DELETE_MEM_CACHEATTR,
    }
    structures {
        XenDmOp = "struct xen_dm_op" { op, _pad0 = "pad", u }
        XenDmOpBuf = "struct xen_dm_op_buf" { h, size }
        XenDmOpCreateIoreqServer = "struct xen_dm_op_create_ioreq_server" { handle_bufioreq, _pad0 = "pad", id }
        XenDmOpGetIoreqServerInfo = "struct xen_dm_op_get_ioreq_server_info" { id, flags, bufioreq_port, ioreq_gfn, bufioreq_gfn }
        XenDmOpIoreqServerRange = "struct xen_dm_op_ioreq_server_range" { id, _pad0 = "pad", kind = "type", start, end }
        XenDmOpSetIoreqServerState = "struct xen_dm_op_set_ioreq_server_state" { id, enabled, _pad0 = "pad" }
        XenDmOpDestroyIoreqServer = "struct xen_dm_op_destroy_ioreq_server" { id, _pad0 = "pad" }
        XenDmOpTrackDirtyVram = "struct xen_dm_op_track_dirty_vram" { nr, _pad0 = "pad", first_pfn }
        XenDmOpSetPciIntxLevel = "struct xen_dm_op_set_pci_intx_level" { domain, bus, device, intx, level }
        XenDmOpSetIsaIrqLevel = "struct xen_dm_op_set_isa_irq_level" { isa_irq, level }
        XenDmOpSetPciLinkRoute = "struct xen_dm_op_set_pci_link_route" { link, isa_irq }
        XenDmOpModifiedMemory = "struct xen_dm_op_modified_memory" { nr_extents, opaque }
        XenDmOpModifiedMemoryExtent = "struct xen_dm_op_modified_memory_extent" { nr, _pad0 = "pad", first_pfn }
        XenDmOpSetMemType = "struct xen_dm_op_set_mem_type" { nr, mem_type, _pad0 = "pad", first_pfn }
        XenDmOpInjectEvent = "struct xen_dm_op_inject_event" { vcpuid, vector, kind = "type", insn_len, _pad0 = "pad0", error_code, _pad1 = "pad1", cr2 }
        XenDmOpInjectMsi = "struct xen_dm_op_inject_msi" { data, _pad0 = "pad", addr }
        XenDmOpMapMemTypeToIoreqServer = "struct xen_dm_op_map_mem_type_to_ioreq_server" { id, kind = "type", flags, opaque }
        XenDmOpRemoteShutdown = "struct xen_dm_op_remote_shutdown" { reason }
        XenDmOpRelocateMemory = "struct xen_dm_op_relocate_memory" { size, _pad0 = "pad", src_gfn, dst_gfn }
        XenDmOpPinMemoryCacheattr = "struct xen_dm_op_pin_memory_cacheattr" { start, end, kind = "type", _pad0 = "pad" }
        XenDmOpSetIrqLevel = "struct xen_dm_op_set_irq_level" { irq, level, _pad0 = "pad" }
        XenDmOpNrVcpus = "struct xen_dm_op_nr_vcpus" { vcpus }
    }
}

module sysctl in sysctl {
    constants {
        XEN_SYSCTL_READCONSOLE = XEN_SYSCTL_readconsole,
        XEN_SYSCTL_TBUF_OP = XEN_SYSCTL_tbuf_op,
        XEN_SYSCTL_PHYSINFO = XEN_SYSCTL_physinfo,
        XEN_SYSCTL_SCHED_ID = XEN_SYSCTL_sched_id,
        XEN_SYSCTL_PERFC_OP = XEN_SYSCTL_perfc_op,
        XEN_SYSCTL_GETDOMAININFOLIST = XEN_SYSCTL_getdomaininfolist,
        XEN_SYSCTL_DEBUG_KEYS = XEN_SYSCTL_debug_keys,
        XEN_SYSCTL_GETCPUINFO = XEN_SYSCTL_getcpuinfo,
        XEN_SYSCTL_AVAILHEAP = XEN_SYSCTL_availheap,
        XEN_SYSCTL_GET_PMSTAT = XEN_SYSCTL_get_pmstat,
        XEN_SYSCTL_CPU_HOTPLUG = XEN_SYSCTL_cpu_hotplug,
        XEN_SYSCTL_PM_OP = XEN_SYSCTL_pm_op,
        XEN_SYSCTL_PAGE_OFFLINE_OP = XEN_SYSCTL_page_offline_op,
        XEN_SYSCTL_LOCKPROF_OP = XEN_SYSCTL_lockprof_op,
        XEN_SYSCTL_CPUTOPOINFO = XEN_SYSCTL_cputopoinfo,
        XEN_SYSCTL_NUMAINFO = XEN_SYSCTL_numainfo,
        XEN_SYSCTL_CPUPOOL_OP = XEN_SYSCTL_cpupool_op,
        XEN_SYSCTL_SCHEDULER_OP = XEN_SYSCTL_scheduler_op,
        XEN_SYSCTL_COVERAGE_OP = XEN_SYSCTL_coverage_op,
        XEN_SYSCTL_PSR_CMT_OP = XEN_SYSCTL_psr_cmt_op,
        XEN_SYSCTL_PCITOPOINFO = XEN_SYSCTL_pcitopoinfo,
        XEN_SYSCTL_PSR_ALLOC = XEN_SYSCTL_psr_alloc,
        XEN_SYSCTL_GET_CPU_LEVELLING_CAPS = XEN_SYSCTL_get_cpu_levelling_caps,
        XEN_SYSCTL_GET_CPU_FEATURESET = XEN_SYSCTL_get_cpu_featureset,
        XEN_SYSCTL_LIVEPATCH_OP = XEN_SYSCTL_livepatch_op,
        XEN_SYSCTL_GET_CPU_POLICY = XEN_SYSCTL_get_cpu_policy,
        XEN_SYSCTL_TBUFOP_GET_INFO = XEN_SYSCTL_TBUFOP_get_info,
        XEN_SYSCTL_TBUFOP_SET_CPU_MASK = XEN_SYSCTL_TBUFOP_set_cpu_mask,
        XEN_SYSCTL_TBUFOP_SET_EVT_MASK = XEN_SYSCTL_TBUFOP_set_evt_mask,
        XEN_SYSCTL_TBUFOP_SET_SIZE = XEN_SYSCTL_TBUFOP_set_size,
        XEN_SYSCTL_TBUFOP_ENABLE = XEN_SYSCTL_TBUFOP_enable,
        XEN_SYSCTL_TBUFOP_DISABLE = XEN_SYSCTL_TBUFOP_disable,
        XEN_SYSCTL_PERFCOP_RESET = XEN_SYSCTL_PERFCOP_reset,
        XEN_SYSCTL_PERFCOP_QUERY = XEN_SYSCTL_PERFCOP_query,
        XEN_SYSCTL_LOCKPROF_RESET = XEN_SYSCTL_LOCKPROF_reset,
        XEN_SYSCTL_LOCKPROF_QUERY = XEN_SYSCTL_LOCKPROF_query,
        LOCKPROF_TYPE_GLOBAL,
        LOCKPROF_TYPE_PERDOM,
        LOCKPROF_TYPE_N,
        XEN_GCOV_FORMAT_MAGIC,
        XEN_SYSCTL_COVERAGE_GET_SIZE = XEN_SYSCTL_COVERAGE_get_size,
        XEN_SYSCTL_COVERAGE_READ = XEN_SYSCTL_COVERAGE_read,
        XEN_SYSCTL_COVERAGE_RESET = XEN_SYSCTL_COVERAGE_reset,
        XEN_SYSCTL_PHYSCAP_HVM = XEN_SYSCTL_PHYSCAP_hvm,
        XEN_SYSCTL_PHYSCAP_PV = XEN_SYSCTL_PHYSCAP_pv,
        XEN_SYSCTL_PHYSCAP_DIRECTIO = XEN_SYSCTL_PHYSCAP_directio,
        XEN_SYSCTL_PHYSCAP_HAP = XEN_SYSCTL_PHYSCAP_hap,
        XEN_SYSCTL_PHYSCAP_SHADOW = XEN_SYSCTL_PHYSCAP_shadow,
        XEN_SYSCTL_PHYSCAP_IOMMU_HAP_PT_SHARE = XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share,
        XEN_SYSCTL_PHYSCAP_VMTRACE = XEN_SYSCTL_PHYSCAP_vmtrace,
        XEN_SYSCTL_PHYSCAP_VPMU = XEN_SYSCTL_PHYSCAP_vpmu,
        XEN_SYSCTL_PHYSCAP_GNTTAB_V1 = XEN_SYSCTL_PHYSCAP_gnttab_v1,
        XEN_SYSCTL_PHYSCAP_GNTTAB_V2 = XEN_SYSCTL_PHYSCAP_gnttab_v2,
        XEN_SYSCTL_PHYSCAP_MAX,
        XEN_INVALID_CORE_ID,
        XEN_INVALID_SOCKET_ID,
        XEN_INVALID_NODE_ID,
        XEN_INVALID_MEM_SZ,
        XEN_INVALID_NODE_DIST,
        XEN_INVALID_DEV,
        SYSCTL_PAGE_OFFLINE = sysctl_page_offline,
        SYSCTL_PAGE_ONLINE = sysctl_page_online,
        SYSCTL_QUERY_PAGE_OFFLINE = sysctl_query_page_offline,
        PG_OFFLINE_STATUS_MASK,
        PG_OFFLINE_INVALID,
        PG_OFFLINE_OFFLINED,
        PG_OFFLINE_PENDING,
        PG_OFFLINE_FAILED,
        PG_OFFLINE_AGAIN,
        PG_ONLINE_FAILED,
        PG_ONLINE_ONLINED,
        PG_OFFLINE_STATUS_OFFLINED,
        PG_OFFLINE_STATUS_ONLINE,
        PG_OFFLINE_STATUS_OFFLINE_PENDING,
        PG_OFFLINE_STATUS_BROKEN,
        PG_OFFLINE_MISC_MASK,
        PG_OFFLINE_XENPAGE,
        PG_OFFLINE_DOM0PAGE,
        PG_OFFLINE_ANONYMOUS,
        PG_OFFLINE_NOT_CONV_RAM,
        PG_OFFLINE_OWNED,
        PG_OFFLINE_BROKEN,
        PG_ONLINE_BROKEN,
        PG_OFFLINE_OWNER_SHIFT,
        XEN_SYSCTL_PSR_CMT_GET_TOTAL_RMID = XEN_SYSCTL_PSR_CMT_get_total_rmid,
        XEN_SYSCTL_PSR_CMT_GET_L3_UPSCALING_FACTOR = XEN_SYSCTL_PSR_CMT_get_l3_upscaling_factor,
        XEN_SYSCTL_PSR_CMT_GET_L3_CACHE_SIZE = XEN_SYSCTL_PSR_CMT_get_l3_cache_size,
        XEN_SYSCTL_PSR_CMT_ENABLED = XEN_SYSCTL_PSR_CMT_enabled,
        XEN_SYSCTL_PSR_CMT_GET_L3_EVENT_MASK = XEN_SYSCTL_PSR_CMT_get_l3_event_mask,
        XEN_SYSCTL_PSR_GET_L3_INFO = XEN_SYSCTL_PSR_get_l3_info,
        XEN_SYSCTL_PSR_GET_L2_INFO = XEN_SYSCTL_PSR_get_l2_info,
        XEN_SYSCTL_PSR_GET_MBA_INFO = XEN_SYSCTL_PSR_get_mba_info,
        XEN_SYSCTL_PSR_CAT_L3_CDP,
        XEN_SYSCTL_PSR_MBA_LINEAR,
        XEN_SYSCTL_CPUPOOL_OP_CREATE,
        XEN_SYSCTL_CPUPOOL_OP_DESTROY,
        XEN_SYSCTL_CPUPOOL_OP_INFO,
        XEN_SYSCTL_CPUPOOL_OP_ADDCPU,
        XEN_SYSCTL_CPUPOOL_OP_RMCPU,
        XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN,
        XEN_SYSCTL_CPUPOOL_OP_FREEINFO,
        XEN_SYSCTL_CPUPOOL_PAR_ANY,
        XEN_SYSCTL_SCHEDOP_PUTINFO = XEN_SYSCTL_SCHEDOP_putinfo,
        XEN_SYSCTL_SCHEDOP_GETINFO = XEN_SYSCTL_SCHEDOP_getinfo,
        XEN_SYSCTL_SCHED_RATELIMIT_MAX,
        XEN_SYSCTL_SCHED_RATELIMIT_MIN,
        XEN_SYSCTL_CSCHED_TSLICE_MAX,
        XEN_SYSCTL_CSCHED_TSLICE_MIN,
        XEN_SYSCTL_CSCHED_MGR_DLY_MAX_US,
        ARINC653_MAX_DOMAINS_PER_SCHEDULE,
        PMSTAT_CATEGORY_MASK,
        PMSTAT_PX,
        PMSTAT_CX,
        PMSTAT_GET_MAX_PX = PMSTAT_get_max_px,
        PMSTAT_GET_PXSTAT = PMSTAT_get_pxstat,
        PMSTAT_RESET_PXSTAT = PMSTAT_reset_pxstat,
        PMSTAT_GET_MAX_CX = PMSTAT_get_max_cx,
        PMSTAT_GET_CXSTAT = PMSTAT_get_cxstat,
        PMSTAT_RESET_CXSTAT = PMSTAT_reset_cxstat,
        PM_PARA_CATEGORY_MASK,
        CPUFREQ_PARA,
        GET_CPUFREQ_PARA,
        SET_CPUFREQ_GOV,
        SET_CPUFREQ_PARA,
        GET_CPUFREQ_AVGFREQ,
        XEN_SYSCTL_PM_OP_SET_SCHED_OPT_SMT = XEN_SYSCTL_pm_op_set_sched_opt_smt,
        XEN_SYSCTL_PM_OP_GET_MAX_CSTATE = XEN_SYSCTL_pm_op_get_max_cstate,
        XEN_SYSCTL_PM_OP_SET_MAX_CSTATE = XEN_SYSCTL_pm_op_set_max_cstate,
        XEN_SYSCTL_PM_OP_SET_VCPU_MIGRATION_DELAY = XEN_SYSCTL_pm_op_set_vcpu_migration_delay,
        XEN_SYSCTL_PM_OP_GET_VCPU_MIGRATION_DELAY = XEN_SYSCTL_pm_op_get_vcpu_migration_delay,
        XEN_SYSCTL_PM_OP_ENABLE_TURBO = XEN_SYSCTL_pm_op_enable_turbo,
        XEN_SYSCTL_PM_OP_DISABLE_TURBO = XEN_SYSCTL_pm_op_disable_turbo,
        XEN_SYSCTL_CX_UNLIMITED,
        SCALING_MAX_FREQ,
        SCALING_MIN_FREQ,
        SCALING_SETSPEED,
        SAMPLING_RATE,
        UP_THRESHOLD,
        CPUFREQ_NAME_LEN,
        XEN_SYSCTL_CPU_HOTPLUG_ONLINE,
        XEN_SYSCTL_CPU_HOTPLUG_OFFLINE,
        XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE,
        XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE,
        XEN_SYSCTL_CPU_LEVELCAP_FAULTING = XEN_SYSCTL_CPU_LEVELCAP_faulting,
        XEN_SYSCTL_CPU_LEVELCAP_ECX = XEN_SYSCTL_CPU_LEVELCAP_ecx,
        XEN_SYSCTL_CPU_LEVELCAP_EDX = XEN_SYSCTL_CPU_LEVELCAP_edx,
        XEN_SYSCTL_CPU_LEVELCAP_EXTD_ECX = XEN_SYSCTL_CPU_LEVELCAP_extd_ecx,
        XEN_SYSCTL_CPU_LEVELCAP_EXTD_EDX = XEN_SYSCTL_CPU_LEVELCAP_extd_edx,
        XEN_SYSCTL_CPU_LEVELCAP_XSAVE_EAX = XEN_SYSCTL_CPU_LEVELCAP_xsave_eax,
        XEN_SYSCTL_CPU_LEVELCAP_THERMAL_ECX = XEN_SYSCTL_CPU_LEVELCAP_thermal_ecx,
        XEN_SYSCTL_CPU_LEVELCAP_L7S0_EAX = XEN_SYSCTL_CPU_LEVELCAP_l7s0_eax,
        XEN_SYSCTL_CPU_LEVELCAP_L7S0_EBX = XEN_SYSCTL_CPU_LEVELCAP_l7s0_ebx,
        XEN_SYSCTL_CPU_FEATURESET_RAW = XEN_SYSCTL_cpu_featureset_raw,
        XEN_SYSCTL_CPU_FEATURESET_HOST = XEN_SYSCTL_cpu_featureset_host,
        XEN_SYSCTL_CPU_FEATURESET_PV = XEN_SYSCTL_cpu_featureset_pv,
        XEN_SYSCTL_CPU_FEATURESET_HVM = XEN_SYSCTL_cpu_featureset_hvm,
        XEN_SYSCTL_CPU_FEATURESET_PV_MAX = XEN_SYSCTL_cpu_featureset_pv_max,
        XEN_SYSCTL_CPU_FEATURESET_HVM_MAX = XEN_SYSCTL_cpu_featureset_hvm_max,
        XEN_SYSCTL_CPU_POLICY_RAW = XEN_SYSCTL_cpu_policy_raw,
        XEN_SYSCTL_CPU_POLICY_HOST = XEN_SYSCTL_cpu_policy_host,
        XEN_SYSCTL_CPU_POLICY_PV_MAX = XEN_SYSCTL_cpu_policy_pv_max,
        XEN_SYSCTL_CPU_POLICY_HVM_MAX = XEN_SYSCTL_cpu_policy_hvm_max,
        XEN_SYSCTL_CPU_POLICY_PV_DEFAULT = XEN_SYSCTL_cpu_policy_pv_default,
        XEN_SYSCTL_CPU_POLICY_HVM_DEFAULT = XEN_SYSCTL_cpu_policy_hvm_default,
        LIVEPATCH_PAYLOAD_VERSION,
        XEN_LIVEPATCH_NAME_SIZE,
        XEN_SYSCTL_LIVEPATCH_UPLOAD,
        XEN_SYSCTL_LIVEPATCH_GET,
        XEN_SYSCTL_LIVEPATCH_LIST,
        XEN_SYSCTL_LIVEPATCH_ACTION,
        LIVEPATCH_STATE_CHECKED,
        LIVEPATCH_STATE_APPLIED,
        LIVEPATCH_ACTION_UNLOAD,
        LIVEPATCH_ACTION_REVERT,
        LIVEPATCH_ACTION_APPLY,
        LIVEPATCH_ACTION_REPLACE,
        LIVEPATCH_ACTION_APPLY_NODEPS,
    }
    structures {
        XenSysctl = "struct xen_sysctl" { cmd, interface_version, u }
        XenSysctlReadconsole = "struct xen_sysctl_readconsole" { clear, incremental, _pad0 = "pad0", _pad1 = "pad1", index, buffer, count }
        XenSysctlDebugKeys = "struct xen_sysctl_debug_keys" { keys, nr_keys }
        XenSysctlTbufOp = "struct xen_sysctl_tbuf_op" { cmd, cpu_mask, evt_mask, buffer_mfn, size }
        XenSysctlPerfcDesc = "struct xen_sysctl_perfc_desc" { name, nr_vals }
        XenSysctlPerfcOp = "struct xen_sysctl_perfc_op" { cmd, nr_counters, nr_vals, desc, val }
        XenSysctlLockprofData = "struct xen_sysctl_lockprof_data" { name, kind = "type", idx, lock_cnt, block_cnt, lock_time, block_time }
        XenSysctlLockprofOp = "struct xen_sysctl_lockprof_op" { cmd, max_elem, nr_elem, time, data }
        XenSysctlCoverageOp = "struct xen_sysctl_coverage_op" { cmd, size, buffer }
        XenSysctlPhysinfo = "struct xen_sysctl_physinfo" { threads_per_core, cores_per_socket, nr_cpus, max_cpu_id, nr_nodes, max_node_id, cpu_khz, capabilities, arch_capabilities, _pad0 = "pad", total_pages, free_pages, scrub_pages, outstanding_pages, max_mfn, hw_cap }
        XenSysctlCputopo = "struct xen_sysctl_cputopo" { core, socket, node }
        XenSysctlCputopoinfo = "struct xen_sysctl_cputopoinfo" { num_cpus, cputopo }
        XenSysctlMeminfo = "struct xen_sysctl_meminfo" { memsize, memfree }
        XenSysctlNumainfo = "struct xen_sysctl_numainfo" { num_nodes, meminfo, distance }
        XenSysctlPcitopoinfo = "struct xen_sysctl_pcitopoinfo" { num_devs, devs, nodes }
        XenSysctlAvailheap = "struct xen_sysctl_availheap" { min_bitwidth, max_bitwidth, node, avail_bytes }
        XenSysctlPageOfflineOp = "struct xen_sysctl_page_offline_op" { cmd, start, end, status }
        XenSysctlPsrCmtOp = "struct xen_sysctl_psr_cmt_op" { cmd, flags, u }
        XenSysctlPsrAlloc = "struct xen_sysctl_psr_alloc" { cmd, target, u }
        XenSysctlPsrCatInfo = "struct xen_sysctl_psr_alloc::u.cat_info" { cbm_len, cos_max, flags }
        XenSysctlPsrMbaInfo = "struct xen_sysctl_psr_alloc::u.mba_info" { thrtl_max, cos_max, flags }
        XenSysctlGetdomaininfolist = "struct xen_sysctl_getdomaininfolist" { first_domain, max_domains, buffer, num_domains }
        XenSysctlCpupoolOp = "struct xen_sysctl_cpupool_op" { op, cpupool_id, sched_id, domid, cpu, n_dom, cpumap }
        XenSysctlSchedId = "struct xen_sysctl_sched_id" { sched_id }
        XenSysctlCreditSchedule = "struct xen_sysctl_credit_schedule" { tslice_ms, ratelimit_us, vcpu_migr_delay_us }
        XenSysctlCredit2Schedule = "struct xen_sysctl_credit2_schedule" { ratelimit_us }
        XenSysctlArinc653Entry = "struct xen_sysctl_arinc653_schedule::sched_entries[0]" { dom_handle, vcpu_id, runtime }
        XenSysctlArinc653Schedule = "struct xen_sysctl_arinc653_schedule" { major_frame, num_sched_entries, sched_entries }
        XenSysctlSchedulerOp = "struct xen_sysctl_scheduler_op" { cpupool_id, sched_id, cmd, u }
        XenSysctlGetPmstat = "struct xen_sysctl_get_pmstat" { kind = "type", cpuid, u }
        PmPxVal = "struct pm_px_val" { freq, residency, count }
        PmPxStat = "struct pm_px_stat" { total, usable, last, cur, trans_pt, pt }
        PmCxStat = "struct pm_cx_stat" { nr, last, idle_time, triggers, residencies, nr_pc, nr_cc, pc, cc }
        XenSysctlPmOp = "struct xen_sysctl_pm_op" { cmd, cpuid, u }
        XenOndemand = "struct xen_ondemand" { sampling_rate_max, sampling_rate_min, sampling_rate, up_threshold }
        XenGetCpufreqPara = "struct xen_get_cpufreq_para" { cpu_num, freq_num, gov_num, affected_cpus, scaling_available_frequencies, scaling_available_governors, scaling_driver, cpuinfo_cur_freq, cpuinfo_max_freq, cpuinfo_min_freq, scaling_cur_freq, scaling_governor, scaling_max_freq, scaling_min_freq, u, turbo_enabled }
        XenSetCpufreqGov = "struct xen_set_cpufreq_gov" { scaling_governor }
        XenSetCpufreqPara = "struct xen_set_cpufreq_para" { ctrl_type, ctrl_value }
        XenSysctlCpuinfo = "struct xen_sysctl_cpuinfo" { idletime }
        XenSysctlGetcpuinfo = "struct xen_sysctl_getcpuinfo" { max_cpus, info, nr_cpus }
        XenSysctlCpuHotplug = "struct xen_sysctl_cpu_hotplug" { cpu, op }
        XenSysctlCpuLevellingCaps = "struct xen_sysctl_cpu_levelling_caps" { caps }
        XenSysctlCpuFeatureset = "struct xen_sysctl_cpu_featureset" { index, nr_features, features }
        XenSysctlCpuPolicy = "struct xen_sysctl_cpu_policy" { index, nr_leaves, nr_msrs, _pad0 = "_rsvd", leaves, msrs }
        XenLivepatchName = "struct xen_livepatch_name" { name, size, _pad0 = "pad" }
        XenLivepatchStatus = "struct xen_livepatch_status" { state, rc }
        XenSysctlLivepatchOp = "struct xen_sysctl_livepatch_op" { cmd, _pad0 = "pad", u }
        XenSysctlLivepatchUpload = "struct xen_sysctl_livepatch_upload" { name, size, payload }
        XenSysctlLivepatchGet = "struct xen_sysctl_livepatch_get" { name, status }
        XenSysctlLivepatchList = "struct xen_sysctl_livepatch_list" { version, idx, nr, _pad0 = "pad", name_total_size, metadata_total_size, status, name, len, metadata, metadata_len }
        XenSysctlLivepatchAction = "struct xen_sysctl_livepatch_action" { name, cmd, timeout, flags, _pad0 = "pad" }
    }
}

module kexec in kexec {
    constants {
        KEXEC_CMD_KEXEC = KEXEC_CMD_kexec,
        KEXEC_CMD_KEXEC_LOAD_V1 = KEXEC_CMD_kexec_load_v1,
        KEXEC_CMD_KEXEC_UNLOAD_V1 = KEXEC_CMD_kexec_unload_v1,
        KEXEC_CMD_KEXEC_GET_RANGE = KEXEC_CMD_kexec_get_range,
        KEXEC_CMD_KEXEC_LOAD = KEXEC_CMD_kexec_load,
        KEXEC_CMD_KEXEC_UNLOAD = KEXEC_CMD_kexec_unload,
        KEXEC_CMD_KEXEC_STATUS = KEXEC_CMD_kexec_status,
        KEXEC_TYPE_DEFAULT,
        KEXEC_TYPE_CRASH,
        KEXEC_XEN_NO_PAGES,
        KEXEC_RANGE_MA_CRASH,
        KEXEC_RANGE_MA_XEN,
        KEXEC_RANGE_MA_CPU,
        KEXEC_RANGE_MA_XENHEAP,
        KEXEC_RANGE_MA_BOOT_PARAM,
        KEXEC_RANGE_MA_EFI_MEMMAP,
        KEXEC_RANGE_MA_VMCOREINFO,
    }
    structures {
        XenKexecImage = "xen_kexec_image_t" { page_list, indirection_page, start_address }
        XenKexecExec = "xen_kexec_exec_t" { kind = "type" }
        XenKexecLoadV1 = "xen_kexec_load_v1_t" { kind = "type", image }
        XenKexecRange = "xen_kexec_range_t" { range, nr, size, start }
        XenKexecSegment = "xen_kexec_segment_t" { buf, buf_size, dest_maddr, dest_size }
        XenKexecLoad = "xen_kexec_load_t" { kind = "type", _pad, arch, nr_segments, segments, entry_maddr }
        XenKexecUnload = "xen_kexec_unload_t" { kind = "type" }
        XenKexecStatus = "xen_kexec_status_t" { kind = "type" }
    }
}

module xsm in xsm {
    constants {
        XEN_FLASK_INTERFACE_VERSION,
        FLASK_LOAD,
        FLASK_GETENFORCE,
        FLASK_SETENFORCE,
        FLASK_CONTEXT_TO_SID,
        FLASK_SID_TO_CONTEXT,
        FLASK_ACCESS,
        FLASK_CREATE,
        FLASK_RELABEL,
        FLASK_USER,
        FLASK_POLICYVERS,
        FLASK_GETBOOL,
        FLASK_SETBOOL,
        FLASK_COMMITBOOLS,
        FLASK_MLS,
        FLASK_DISABLE,
        FLASK_GETAVC_THRESHOLD,
        FLASK_SETAVC_THRESHOLD,
        FLASK_AVC_HASHSTATS,
        FLASK_AVC_CACHESTATS,
        FLASK_MEMBER,
        FLASK_ADD_OCONTEXT,
        FLASK_DEL_OCONTEXT,
        FLASK_GET_PEER_SID,
        FLASK_RELABEL_DOMAIN,
        FLASK_DEVICETREE_LABEL,
    }
    structures {
        XenFlaskOp = "struct xen_flask_op" { cmd, interface_version, u }
        XenFlaskLoad = "struct xen_flask_load" { buffer, size }
        XenFlaskSetenforce = "struct xen_flask_setenforce" { enforcing }
        XenFlaskSidContext = "struct xen_flask_sid_context" { sid, size, context }
        XenFlaskAccess = "struct xen_flask_access" { ssid, tsid, tclass, req, allowed, audit_allow, audit_deny, seqno }
        XenFlaskTransition = "struct xen_flask_transition" { ssid, tsid, tclass, newsid }
        XenFlaskBoolean = "struct xen_flask_boolean" { bool_id, enforcing, pending, new_value, commit, size, name }
        XenFlaskSetavcThreshold = "struct xen_flask_setavc_threshold" { threshold }
        XenFlaskHashStats = "struct xen_flask_hash_stats" { entries, buckets_used, buckets_total, max_chain_len }
        XenFlaskCacheStats = "struct xen_flask_cache_stats" { cpu, lookups, hits, misses, allocations, reclaims, frees }
        XenFlaskOcontext = "struct xen_flask_ocontext" { ocon, sid, low, high }
        XenFlaskPeersid = "struct xen_flask_peersid" { evtchn, sid }
        XenFlaskRelabel = "struct xen_flask_relabel" { domid, sid }
        XenFlaskDevicetreeLabel = "struct xen_flask_devicetree_label" { sid, length, path }
    }
}

module argo in argo {
    constants {
        XEN_ARGO_OP_REGISTER_RING = XEN_ARGO_OP_register_ring,
        XEN_ARGO_OP_UNREGISTER_RING = XEN_ARGO_OP_unregister_ring,
        XEN_ARGO_OP_SENDV = XEN_ARGO_OP_sendv,
        XEN_ARGO_OP_NOTIFY = XEN_ARGO_OP_notify,
        XEN_ARGO_DOMID_ANY,
        XEN_ARGO_MAX_RING_SIZE,
        XEN_ARGO_MAXIOV,
        XEN_ARGO_MSG_SLOT_SIZE,
        XEN_ARGO_REGISTER_FLAG_FAIL_EXIST,
        XEN_ARGO_RING_EXISTS,
        XEN_ARGO_RING_SHARED,
        XEN_ARGO_RING_EMPTY,
        XEN_ARGO_RING_SUFFICIENT,
        XEN_ARGO_RING_EMSGSIZE,
        XEN_ARGO_RING_EBUSY,
    }
    structures {
        XenArgoIov = "xen_argo_iov_t" { iov_hnd, iov_len, _pad0 = "pad" }
        XenArgoAddr = "xen_argo_addr_t" { aport, domain_id, _pad0 = "pad" }
        XenArgoSendAddr = "xen_argo_send_addr_t" { src, dst }
        XenArgoRing = "xen_argo_ring_t" { rx_ptr, tx_ptr, _pad0 = "reserved" }
        XenArgoRegisterRing = "xen_argo_register_ring_t" { aport, partner_id, _pad0 = "pad", len }
        XenArgoUnregisterRing = "xen_argo_unregister_ring_t" { aport, partner_id, _pad0 = "pad" }
        XenArgoRingDataEnt = "xen_argo_ring_data_ent_t" { ring, flags, _pad0 = "pad", space_required, max_message_size }
        XenArgoRingData = "xen_argo_ring_data_t" { nent, _pad0 = "pad" }
        XenArgoRingMessageHeader = "struct xen_argo_ring_message_header" { len, source, message_type }
    }
}

module console in console {
    constants {}
    structures {
        XenconsInterface = "struct xencons_interface" { input = "in", out, in_cons, in_prod, out_cons, out_prod }
    }
}

module hypfs in hypfs {
    constants {
        XEN_HYPFS_VERSION,
        XEN_HYPFS_MAX_PATHLEN,
        XEN_HYPFS_OP_GET_VERSION = XEN_HYPFS_OP_get_version,
        XEN_HYPFS_OP_READ = XEN_HYPFS_OP_read,
        XEN_HYPFS_OP_WRITE_CONTENTS = XEN_HYPFS_OP_write_contents,
        XEN_HYPFS_TYPE_DIR,
        XEN_HYPFS_TYPE_BLOB,
        XEN_HYPFS_TYPE_STRING,
        XEN_HYPFS_TYPE_UINT,
        XEN_HYPFS_TYPE_INT,
        XEN_HYPFS_TYPE_BOOL,
        XEN_HYPFS_ENC_PLAIN,
        XEN_HYPFS_ENC_GZIP,
    }
    structures {
        XenHypfsDirentry = "struct xen_hypfs_direntry" { kind = "type", encoding, _pad0 = "pad", content_len, max_write_len }
        XenHypfsDirlistentry = "struct xen_hypfs_dirlistentry" { e, off_next }
    }
}

module pmu in pmu {
    constants {
        XENPMU_VER_MAJ,
        XENPMU_VER_MIN,
        XENPMU_MODE_GET = XENPMU_mode_get,
        XENPMU_MODE_SET = XENPMU_mode_set,
        XENPMU_FEATURE_GET = XENPMU_feature_get,
        XENPMU_FEATURE_SET = XENPMU_feature_set,
        XENPMU_INIT = XENPMU_init,
        XENPMU_FINISH = XENPMU_finish,
        XENPMU_LVTPC_SET = XENPMU_lvtpc_set,
        XENPMU_FLUSH = XENPMU_flush,
        XENPMU_MODE_OFF,
        XENPMU_MODE_SELF,
        XENPMU_MODE_HV,
        XENPMU_MODE_ALL,
        XENPMU_FEATURE_INTEL_BTS,
        XENPMU_FEATURE_IPC_ONLY,
        XENPMU_FEATURE_ARCH_ONLY,
        PMU_CACHED,
        PMU_SAMPLE_USER,
        PMU_SAMPLE_REAL,
        PMU_SAMPLE_PV,
        XENPMU_REGS_PAD_SZ,
        XENPMU_CTXT_PAD_SZ,
    }
    structures {
        XenPmuParams = "struct xen_pmu_params" { version_maj = "version.maj", version_min = "version.min", val, vcpu, _pad0 = "pad" }
        XenPmuCntrPair = "struct xen_pmu_cntr_pair" { counter, control }
        XenPmuAmdCtxt = "struct xen_pmu_amd_ctxt" { counters, ctrls }
        XenPmuIntelCtxt = "struct xen_pmu_intel_ctxt" { fixed_counters, arch_counters, global_ctrl, global_ovf_ctrl, global_status, fixed_ctrl, ds_area, pebs_enable, debugctl }
        XenPmuRegs = "struct xen_pmu_regs" { ip, sp, flags, cs, ss, cpl, _pad0 = "pad" }
        XenPmuArch = "struct xen_pmu_arch" { r, pmu_flags, lapic_lvtpc = "l", c }
        XenPmuData = "struct xen_pmu_data" { vcpu_id, pcpu_id, domain_id, _pad0 = "pad", pmu }
    }
}

module mca in mca {
    constants {
        __HYPERVISOR_MCA = __HYPERVISOR_mca,
        VIRQ_MCA,
        XEN_MCA_INTERFACE_VERSION,
        XEN_MC_FETCH = XEN_MC_fetch,
        XEN_MC_NOTIFYDOMAIN = XEN_MC_notifydomain,
        XEN_MC_PHYSCPUINFO = XEN_MC_physcpuinfo,
        XEN_MC_MSRINJECT = XEN_MC_msrinject,
        XEN_MC_MCEINJECT = XEN_MC_mceinject,
        XEN_MC_INJECT_V2 = XEN_MC_inject_v2,
        XEN_MC_NONURGENT,
        XEN_MC_URGENT,
        XEN_MC_ACK,
        XEN_MC_OK,
        XEN_MC_FETCHFAILED,
        XEN_MC_NODATA,
        XEN_MC_NOMATCH,
        XEN_MC_CANNOTHANDLE,
        XEN_MC_NOTDELIVERED,
        XEN_MC_VCPUID_INVALID,
        MC_TYPE_GLOBAL,
        MC_TYPE_BANK,
        MC_TYPE_EXTENDED,
        MC_TYPE_RECOVERY,
        MC_FLAG_CORRECTABLE,
        MC_FLAG_UNCORRECTABLE,
        MC_FLAG_RECOVERABLE,
        MC_FLAG_POLLED,
        MC_FLAG_RESET,
        MC_FLAG_CMCI,
        MC_FLAG_MCE,
        REC_ACTION_RECOVERED,
        REC_ACTION_NONE,
        REC_ACTION_NEED_RESET,
        MC_ACTION_PAGE_OFFLINE,
        MC_ACTION_CPU_OFFLINE,
        MC_ACTION_CACHE_SHRINK,
        MCINFO_FLAGS_UNCOMPLETE,
        MCINFO_MAXSIZE,
        MCINFO_HYPERCALLSIZE,
        MC_NCAPS,
        MC_CAPS_STD_EDX,
        MC_CAPS_AMD_EDX,
        MC_CAPS_TM,
        MC_CAPS_LINUX,
        MC_CAPS_STD_ECX,
        MC_CAPS_VIA,
        MC_CAPS_AMD_ECX,
        MC_MSRINJ_MAXMSRS,
        MC_MSRINJ_F_INTERPOSE,
        MC_MSRINJ_F_GPADDR,
        XEN_MC_INJECT_TYPE_MASK,
        XEN_MC_INJECT_TYPE_MCE,
        XEN_MC_INJECT_TYPE_CMCI,
        XEN_MC_INJECT_TYPE_LMCE,
        XEN_MC_INJECT_CPU_BROADCAST,
    }
    structures {
        McinfoCommon = "struct mcinfo_common" { kind = "type", size }
        McinfoGlobal = "struct mcinfo_global" { common, mc_domid, mc_vcpuid, mc_socketid, mc_coreid, mc_core_threadid, mc_apicid, mc_flags, mc_gstatus }
        McinfoBank = "struct mcinfo_bank" { common, mc_bank, mc_domid, mc_status, mc_addr, mc_misc, mc_ctrl2, mc_tsc }
        McinfoMsr = "struct mcinfo_msr" { reg, value }
        McinfoExtended = "struct mcinfo_extended" { common, mc_msrs, mc_msr }
        PageOfflineAction = "struct page_offline_action" { mfn, status }
        CpuOfflineAction = "struct cpu_offline_action" { mc_socketid, mc_coreid, mc_core_threadid }
        McinfoRecovery = "struct mcinfo_recovery" { common, mc_bank, action_flags, action_types, action_info }
        McInfo = "struct mc_info" { mi_nentries, flags, mi_data }
        McinfoLogicalCpu = "struct mcinfo_logical_cpu" { mc_cpunr, mc_chipid, mc_coreid, mc_threadid, mc_apicid, mc_clusterid, mc_ncores, mc_ncores_active, mc_nthreads, mc_cpuid_level, mc_family, mc_vendor, mc_model, mc_step, mc_vendorid, mc_brandid, mc_cpu_caps, mc_cache_size, mc_cache_alignment, mc_nmsrvals, mc_msrvalues }
        XenMc = "struct xen_mc" { cmd, interface_version, u }
        XenMcFetch = "struct xen_mc_fetch" { flags, _pad0, fetch_id, data }
        XenMcNotifydomain = "struct xen_mc_notifydomain" { mc_domid, mc_vcpuid, flags }
        XenMcPhyscpuinfo = "struct xen_mc_physcpuinfo" { ncpus, _pad0, info }
        XenMcMsrinject = "struct xen_mc_msrinject" { mcinj_cpunr, mcinj_flags, mcinj_count, mcinj_domid, _pad0, mcinj_msr }
        XenMcMceinject = "struct xen_mc_mceinject" { mceinj_cpunr }
        XenMcInjectV2 = "struct xen_mc_inject_v2" { flags, cpumap }
    }
}

module trace in trace {
    constants {
        TRACE_EXTRA_MAX,
        TRACE_EXTRA_SHIFT,
        TRC_HD_CYCLE_FLAG,
        TRC_64_FLAG,
        TRC_CLS_SHIFT,
        TRC_SUBCLS_SHIFT,
        TRC_GEN,
        TRC_SCHED,
        TRC_DOM0OP,
        TRC_HVM,
        TRC_MEM,
        TRC_PV,
        TRC_SHADOW,
        TRC_HW,
        TRC_GUEST,
        TRC_ALL,
        TRC_HVM_ENTRYEXIT,
        TRC_HVM_HANDLER,
        TRC_HVM_EMUL,
        TRC_SCHED_MIN,
        TRC_SCHED_CLASS,
        TRC_SCHED_VERBOSE,
        TRC_DOM0_DOMOPS,
        TRC_HW_PM,
        TRC_HW_IRQ,
        TRC_PV_ENTRY,
        TRC_PV_SUBCALL,
        TRC_SCHED_ID_BITS,
        TRC_SCHED_ID_SHIFT,
        TRC_SCHED_ID_MASK,
        TRC_SCHED_EVT_MASK,
        TRC_SCHED_CSCHED,
        TRC_SCHED_CSCHED2,
        TRC_SCHED_ARINC653,
        TRC_SCHED_RTDS,
        TRC_SCHED_SNULL,
        TRC_LOST_RECORDS,
        TRC_TRACE_WRAP_BUFFER,
        TRC_TRACE_CPU_CHANGE,
        TRC_SCHED_RUNSTATE_CHANGE,
        TRC_SCHED_CONTINUE_RUNNING,
        TRC_SCHED_DOM_ADD,
        TRC_SCHED_DOM_REM,
        TRC_SCHED_SLEEP,
        TRC_SCHED_WAKE,
        TRC_SCHED_YIELD,
        TRC_SCHED_BLOCK,
        TRC_SCHED_SHUTDOWN,
        TRC_SCHED_CTL,
        TRC_SCHED_ADJDOM,
        TRC_SCHED_SWITCH,
        TRC_SCHED_S_TIMER_FN,
        TRC_SCHED_T_TIMER_FN,
        TRC_SCHED_DOM_TIMER_FN,
        TRC_SCHED_SWITCH_INFPREV,
        TRC_SCHED_SWITCH_INFNEXT,
        TRC_SCHED_SHUTDOWN_CODE,
        TRC_SCHED_SWITCH_INFCONT,
        TRC_DOM0_DOM_ADD,
        TRC_DOM0_DOM_REM,
        TRC_MEM_PAGE_GRANT_MAP,
        TRC_MEM_PAGE_GRANT_UNMAP,
        TRC_MEM_PAGE_GRANT_TRANSFER,
        TRC_MEM_SET_P2M_ENTRY,
        TRC_MEM_DECREASE_RESERVATION,
        TRC_MEM_POD_POPULATE,
        TRC_MEM_POD_ZERO_RECLAIM,
        TRC_MEM_POD_SUPERPAGE_SPLINTER,
        TRC_PV_HYPERCALL,
        TRC_PV_TRAP,
        TRC_PV_PAGE_FAULT,
        TRC_PV_FORCED_INVALID_OP,
        TRC_PV_EMULATE_PRIVOP,
        TRC_PV_EMULATE_4GB,
        TRC_PV_MATH_STATE_RESTORE,
        TRC_PV_PAGING_FIXUP,
        TRC_PV_GDT_LDT_MAPPING_FAULT,
        TRC_PV_PTWR_EMULATION,
        TRC_PV_PTWR_EMULATION_PAE,
        TRC_PV_HYPERCALL_V2,
        TRC_PV_HYPERCALL_SUBCALL,
        TRC_PV_HYPERCALL_V2_ARG_MASK,
        TRC_SHADOW_NOT_SHADOW,
        TRC_SHADOW_FAST_PROPAGATE,
        TRC_SHADOW_FAST_MMIO,
        TRC_SHADOW_FALSE_FAST_PATH,
        TRC_SHADOW_MMIO,
        TRC_SHADOW_FIXUP,
        TRC_SHADOW_DOMF_DYING,
        TRC_SHADOW_EMULATE,
        TRC_SHADOW_EMULATE_UNSHADOW_USER,
        TRC_SHADOW_EMULATE_UNSHADOW_EVTINJ,
        TRC_SHADOW_EMULATE_UNSHADOW_UNHANDLED,
        TRC_SHADOW_WRMAP_BF,
        TRC_SHADOW_PREALLOC_UNPIN,
        TRC_SHADOW_RESYNC_FULL,
        TRC_SHADOW_RESYNC_ONLY,
        TRC_HVM_NESTEDFLAG,
        TRC_HVM_VMENTRY,
        TRC_HVM_VMEXIT,
        TRC_HVM_VMEXIT64,
        TRC_HVM_PF_XEN,
        TRC_HVM_PF_XEN64,
        TRC_HVM_PF_INJECT,
        TRC_HVM_PF_INJECT64,
        TRC_HVM_INJ_EXC,
        TRC_HVM_INJ_VIRQ,
        TRC_HVM_REINJ_VIRQ,
        TRC_HVM_IO_READ,
        TRC_HVM_IO_WRITE,
        TRC_HVM_CR_READ,
        TRC_HVM_CR_READ64,
        TRC_HVM_CR_WRITE,
        TRC_HVM_CR_WRITE64,
        TRC_HVM_DR_READ,
        TRC_HVM_DR_WRITE,
        TRC_HVM_MSR_READ,
        TRC_HVM_MSR_WRITE,
        TRC_HVM_CPUID,
        TRC_HVM_INTR,
        TRC_HVM_NMI,
        TRC_HVM_SMI,
        TRC_HVM_VMMCALL,
        TRC_HVM_HLT,
        TRC_HVM_INVLPG,
        TRC_HVM_INVLPG64,
        TRC_HVM_MCE,
        TRC_HVM_IOPORT_READ,
        TRC_HVM_IOMEM_READ,
        TRC_HVM_CLTS,
        TRC_HVM_LMSW,
        TRC_HVM_LMSW64,
        TRC_HVM_RDTSC,
        TRC_HVM_INTR_WINDOW,
        TRC_HVM_NPF,
        TRC_HVM_REALMODE_EMULATE,
        TRC_HVM_TRAP,
        TRC_HVM_TRAP_DEBUG,
        TRC_HVM_VLAPIC,
        TRC_HVM_XCR_READ64,
        TRC_HVM_XCR_WRITE64,
        TRC_HVM_IOPORT_WRITE,
        TRC_HVM_IOMEM_WRITE,
        TRC_HVM_EMUL_HPET_START_TIMER,
        TRC_HVM_EMUL_PIT_START_TIMER,
        TRC_HVM_EMUL_RTC_START_TIMER,
        TRC_HVM_EMUL_LAPIC_START_TIMER,
        TRC_HVM_EMUL_HPET_STOP_TIMER,
        TRC_HVM_EMUL_PIT_STOP_TIMER,
        TRC_HVM_EMUL_RTC_STOP_TIMER,
        TRC_HVM_EMUL_LAPIC_STOP_TIMER,
        TRC_HVM_EMUL_PIT_TIMER_CB,
        TRC_HVM_EMUL_LAPIC_TIMER_CB,
        TRC_HVM_EMUL_PIC_INT_OUTPUT,
        TRC_HVM_EMUL_PIC_KICK,
        TRC_HVM_EMUL_PIC_INTACK,
        TRC_HVM_EMUL_PIC_POSEDGE,
        TRC_HVM_EMUL_PIC_NEGEDGE,
        TRC_HVM_EMUL_PIC_PEND_IRQ_CALL,
        TRC_HVM_EMUL_LAPIC_PIC_INTR,
        TRC_PM_FREQ_CHANGE,
        TRC_PM_IDLE_ENTRY,
        TRC_PM_IDLE_EXIT,
        TRC_HW_IRQ_MOVE_CLEANUP_DELAY,
        TRC_HW_IRQ_MOVE_CLEANUP,
        TRC_HW_IRQ_BIND_VECTOR,
        TRC_HW_IRQ_CLEAR_VECTOR,
        TRC_HW_IRQ_MOVE_FINISH,
        TRC_HW_IRQ_ASSIGN_VECTOR,
        TRC_HW_IRQ_UNMAPPED_VECTOR,
        TRC_HW_IRQ_HANDLED,
    }
    structures {
        TBuf = "struct t_buf" { cons, prod }
    }
}

module cpufeatureset in cpufeatureset {
    constants {
        XEN_X86_FEATURE_FPU,
        XEN_X86_FEATURE_VME,
        XEN_X86_FEATURE_DE,
        XEN_X86_FEATURE_PSE,
        XEN_X86_FEATURE_TSC,
        XEN_X86_FEATURE_MSR,
        XEN_X86_FEATURE_PAE,
        XEN_X86_FEATURE_MCE,
        XEN_X86_FEATURE_CX8,
        XEN_X86_FEATURE_APIC,
        XEN_X86_FEATURE_SEP,
        XEN_X86_FEATURE_MTRR,
        XEN_X86_FEATURE_PGE,
        XEN_X86_FEATURE_MCA,
        XEN_X86_FEATURE_CMOV,
        XEN_X86_FEATURE_PAT,
        XEN_X86_FEATURE_PSE36,
        XEN_X86_FEATURE_CLFLUSH,
        XEN_X86_FEATURE_DS,
        XEN_X86_FEATURE_ACPI,
        XEN_X86_FEATURE_MMX,
        XEN_X86_FEATURE_FXSR,
        XEN_X86_FEATURE_SSE,
        XEN_X86_FEATURE_SSE2,
        XEN_X86_FEATURE_SS,
        XEN_X86_FEATURE_HTT,
        XEN_X86_FEATURE_TM1,
        XEN_X86_FEATURE_PBE,
        XEN_X86_FEATURE_SSE3,
        XEN_X86_FEATURE_PCLMULQDQ,
        XEN_X86_FEATURE_DTES64,
        XEN_X86_FEATURE_MONITOR,
        XEN_X86_FEATURE_DSCPL,
        XEN_X86_FEATURE_VMX,
        XEN_X86_FEATURE_SMX,
        XEN_X86_FEATURE_EIST,
        XEN_X86_FEATURE_TM2,
        XEN_X86_FEATURE_SSSE3,
        XEN_X86_FEATURE_FMA,
        XEN_X86_FEATURE_CX16,
        XEN_X86_FEATURE_XTPR,
        XEN_X86_FEATURE_PDCM,
        XEN_X86_FEATURE_PCID,
        XEN_X86_FEATURE_DCA,
        XEN_X86_FEATURE_SSE4_1,
        XEN_X86_FEATURE_SSE4_2,
        XEN_X86_FEATURE_X2APIC,
        XEN_X86_FEATURE_MOVBE,
        XEN_X86_FEATURE_POPCNT,
        XEN_X86_FEATURE_TSC_DEADLINE,
        XEN_X86_FEATURE_AESNI,
        XEN_X86_FEATURE_XSAVE,
        XEN_X86_FEATURE_OSXSAVE,
        XEN_X86_FEATURE_AVX,
        XEN_X86_FEATURE_F16C,
        XEN_X86_FEATURE_RDRAND,
        XEN_X86_FEATURE_HYPERVISOR,
        XEN_X86_FEATURE_SYSCALL,
        XEN_X86_FEATURE_NX,
        XEN_X86_FEATURE_MMXEXT,
        XEN_X86_FEATURE_FFXSR,
        XEN_X86_FEATURE_PAGE1GB,
        XEN_X86_FEATURE_RDTSCP,
        XEN_X86_FEATURE_LM,
        XEN_X86_FEATURE_3DNOWEXT,
        XEN_X86_FEATURE_3DNOW,
        XEN_X86_FEATURE_LAHF_LM,
        XEN_X86_FEATURE_CMP_LEGACY,
        XEN_X86_FEATURE_SVM,
        XEN_X86_FEATURE_EXTAPIC,
        XEN_X86_FEATURE_CR8_LEGACY,
        XEN_X86_FEATURE_ABM,
        XEN_X86_FEATURE_SSE4A,
        XEN_X86_FEATURE_MISALIGNSSE,
        XEN_X86_FEATURE_3DNOWPREFETCH,
        XEN_X86_FEATURE_OSVW,
        XEN_X86_FEATURE_IBS,
        XEN_X86_FEATURE_XOP,
        XEN_X86_FEATURE_SKINIT,
        XEN_X86_FEATURE_WDT,
        XEN_X86_FEATURE_LWP,
        XEN_X86_FEATURE_FMA4,
        XEN_X86_FEATURE_NODEID_MSR,
        XEN_X86_FEATURE_TBM,
        XEN_X86_FEATURE_TOPOEXT,
        XEN_X86_FEATURE_DBEXT,
        XEN_X86_FEATURE_MONITORX,
        XEN_X86_FEATURE_XSAVEOPT,
        XEN_X86_FEATURE_XSAVEC,
        XEN_X86_FEATURE_XGETBV1,
        XEN_X86_FEATURE_XSAVES,
        XEN_X86_FEATURE_FSGSBASE,
        XEN_X86_FEATURE_TSC_ADJUST,
        XEN_X86_FEATURE_SGX,
        XEN_X86_FEATURE_BMI1,
        XEN_X86_FEATURE_HLE,
        XEN_X86_FEATURE_AVX2,
        XEN_X86_FEATURE_FDP_EXCP_ONLY,
        XEN_X86_FEATURE_SMEP,
        XEN_X86_FEATURE_BMI2,
        XEN_X86_FEATURE_ERMS,
        XEN_X86_FEATURE_INVPCID,
        XEN_X86_FEATURE_RTM,
        XEN_X86_FEATURE_PQM,
        XEN_X86_FEATURE_NO_FPU_SEL,
        XEN_X86_FEATURE_MPX,
        XEN_X86_FEATURE_PQE,
        XEN_X86_FEATURE_AVX512F,
        XEN_X86_FEATURE_AVX512DQ,
        XEN_X86_FEATURE_RDSEED,
        XEN_X86_FEATURE_ADX,
        XEN_X86_FEATURE_SMAP,
        XEN_X86_FEATURE_AVX512_IFMA,
        XEN_X86_FEATURE_CLFLUSHOPT,
        XEN_X86_FEATURE_CLWB,
        XEN_X86_FEATURE_PROC_TRACE,
        XEN_X86_FEATURE_AVX512PF,
        XEN_X86_FEATURE_AVX512ER,
        XEN_X86_FEATURE_AVX512CD,
        XEN_X86_FEATURE_SHA,
        XEN_X86_FEATURE_AVX512BW,
        XEN_X86_FEATURE_AVX512VL,
        XEN_X86_FEATURE_PREFETCHWT1,
        XEN_X86_FEATURE_AVX512_VBMI,
        XEN_X86_FEATURE_UMIP,
        XEN_X86_FEATURE_PKU,
        XEN_X86_FEATURE_OSPKE,
        XEN_X86_FEATURE_AVX512_VBMI2,
        XEN_X86_FEATURE_CET_SS,
        XEN_X86_FEATURE_GFNI,
        XEN_X86_FEATURE_VAES,
        XEN_X86_FEATURE_VPCLMULQDQ,
        XEN_X86_FEATURE_AVX512_VNNI,
        XEN_X86_FEATURE_AVX512_BITALG,
        XEN_X86_FEATURE_AVX512_VPOPCNTDQ,
        XEN_X86_FEATURE_RDPID,
        XEN_X86_FEATURE_CLDEMOTE,
        XEN_X86_FEATURE_MOVDIRI,
        XEN_X86_FEATURE_MOVDIR64B,
        XEN_X86_FEATURE_ENQCMD,
        XEN_X86_FEATURE_HW_PSTATE,
        XEN_X86_FEATURE_ITSC,
        XEN_X86_FEATURE_CPB,
        XEN_X86_FEATURE_EFRO,
        XEN_X86_FEATURE_CLZERO,
        XEN_X86_FEATURE_RSTR_FP_ERR_PTRS,
        XEN_X86_FEATURE_WBNOINVD,
        XEN_X86_FEATURE_IBPB,
        XEN_X86_FEATURE_IBRS,
        XEN_X86_FEATURE_AMD_STIBP,
        XEN_X86_FEATURE_IBRS_ALWAYS,
        XEN_X86_FEATURE_STIBP_ALWAYS,
        XEN_X86_FEATURE_IBRS_FAST,
        XEN_X86_FEATURE_IBRS_SAME_MODE,
        XEN_X86_FEATURE_NO_LMSL,
        XEN_X86_FEATURE_AMD_PPIN,
        XEN_X86_FEATURE_AMD_SSBD,
        XEN_X86_FEATURE_VIRT_SSBD,
        XEN_X86_FEATURE_SSB_NO,
        XEN_X86_FEATURE_PSFD,
        XEN_X86_FEATURE_BTC_NO,
        XEN_X86_FEATURE_IBPB_RET,
        XEN_X86_FEATURE_AVX512_4VNNIW,
        XEN_X86_FEATURE_AVX512_4FMAPS,
        XEN_X86_FEATURE_FSRM,
        XEN_X86_FEATURE_AVX512_VP2INTERSECT,
        XEN_X86_FEATURE_SRBDS_CTRL,
        XEN_X86_FEATURE_MD_CLEAR,
        XEN_X86_FEATURE_RTM_ALWAYS_ABORT,
        XEN_X86_FEATURE_TSX_FORCE_ABORT,
        XEN_X86_FEATURE_SERIALIZE,
        XEN_X86_FEATURE_HYBRID,
        XEN_X86_FEATURE_TSXLDTRK,
        XEN_X86_FEATURE_CET_IBT,
        XEN_X86_FEATURE_AVX512_FP16,
        XEN_X86_FEATURE_IBRSB,
        XEN_X86_FEATURE_STIBP,
        XEN_X86_FEATURE_L1D_FLUSH,
        XEN_X86_FEATURE_ARCH_CAPS,
        XEN_X86_FEATURE_CORE_CAPS,
        XEN_X86_FEATURE_SSBD,
        XEN_X86_FEATURE_AVX_VNNI,
        XEN_X86_FEATURE_AVX512_BF16,
        XEN_X86_FEATURE_FZRM,
        XEN_X86_FEATURE_FSRS,
        XEN_X86_FEATURE_FSRCS,
        XEN_X86_FEATURE_LFENCE_DISPATCH,
        XEN_X86_FEATURE_VERW_CLEAR,
        XEN_X86_FEATURE_NSCB,
        XEN_X86_FEATURE_AUTO_IBRS,
        XEN_X86_FEATURE_SBPB,
        XEN_X86_FEATURE_IBPB_BRTYPE,
        XEN_X86_FEATURE_SRSO_NO,
        XEN_X86_FEATURE_SRSO_US_NO,
        XEN_X86_FEATURE_SRSO_MSR_FIX,
        XEN_X86_FEATURE_INTEL_PPIN,
        XEN_X86_FEATURE_INTEL_PSFD,
        XEN_X86_FEATURE_IPRED_CTRL,
        XEN_X86_FEATURE_RRSBA_CTRL,
        XEN_X86_FEATURE_BHI_CTRL,
        XEN_X86_FEATURE_MCDT_NO,
        XEN_X86_FEATURE_CET_SSS,
        XEN_X86_FEATURE_RDCL_NO,
        XEN_X86_FEATURE_EIBRS,
        XEN_X86_FEATURE_RSBA,
        XEN_X86_FEATURE_SKIP_L1DFL,
        XEN_X86_FEATURE_INTEL_SSB_NO,
        XEN_X86_FEATURE_MDS_NO,
        XEN_X86_FEATURE_IF_PSCHANGE_MC_NO,
        XEN_X86_FEATURE_TSX_CTRL,
        XEN_X86_FEATURE_TAA_NO,
        XEN_X86_FEATURE_MCU_CTRL,
        XEN_X86_FEATURE_MISC_PKG_CTRL,
        XEN_X86_FEATURE_ENERGY_FILTERING,
        XEN_X86_FEATURE_DOITM,
        XEN_X86_FEATURE_SBDR_SSDP_NO,
        XEN_X86_FEATURE_FBSDP_NO,
        XEN_X86_FEATURE_PSDP_NO,
        XEN_X86_FEATURE_FB_CLEAR,
        XEN_X86_FEATURE_FB_CLEAR_CTRL,
        XEN_X86_FEATURE_RRSBA,
        XEN_X86_FEATURE_BHI_NO,
        XEN_X86_FEATURE_XAPIC_STATUS,
        XEN_X86_FEATURE_OVRCLK_STATUS,
        XEN_X86_FEATURE_PBRSB_NO,
        XEN_X86_FEATURE_GDS_CTRL,
        XEN_X86_FEATURE_GDS_NO,
        XEN_X86_FEATURE_RFDS_NO,
        XEN_X86_FEATURE_RFDS_CLEAR,
        XEN_X86_FEATURE_ITS_NO,
        XEN_X86_FEATURE_TSA_SQ_NO,
        XEN_X86_FEATURE_TSA_L1_NO,
    }
    structures {
    }
}

}
