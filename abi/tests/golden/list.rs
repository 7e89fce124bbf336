// What the golden table holds: the constants and structures of each module by their names here,
// with the name in C where it differs.

module! { xen
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
        VcpuTimeInfo = "struct vcpu_time_info" { version, _pad0 = pad0, tsc_timestamp, system_time, tsc_to_system_mul, tsc_shift, flags, _pad1 = pad1 }
        VcpuInfo = "struct vcpu_info" { evtchn_upcall_pending, evtchn_upcall_mask, evtchn_pending_sel, arch, time }
        SharedInfo = "struct shared_info" { vcpu_info, evtchn_pending, evtchn_mask, wc_version, wc_sec, wc_nsec, wc_sec_hi, arch }
        StartInfo = "struct start_info" { magic, nr_pages, shared_info, flags, store_mfn, store_evtchn, console, pt_base, nr_pt_frames, mfn_list, mod_start, mod_len, cmd_line, first_p2m_pfn, nr_p2m_frames }
        StartInfoConsoleDomu = "struct start_info::console.domU" { mfn, evtchn }
        StartInfoConsoleDom0 = "struct start_info::console.dom0" { info_off, info_size }
        XenMultibootModList = "struct xen_multiboot_mod_list" { mod_start, mod_end, cmdline, _pad0 = pad }
        Dom0VgaConsoleInfo = "struct dom0_vga_console_info" { video_type, u }
        Dom0VgaTextMode3 = "struct dom0_vga_console_info::u.text_mode_3" { font_height, cursor_x, cursor_y, rows, columns }
        Dom0VgaVesaLfb = "struct dom0_vga_console_info::u.vesa_lfb" { width, height, bytes_per_line, bits_per_pixel, lfb_base, lfb_size, red_pos, red_size, green_pos, green_size, blue_pos, blue_size, rsvd_pos, rsvd_size, gbl_caps, mode_attrs, _pad0 = pad, ext_lfb_base }
    }
}

module! { arch_x86
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
        ArchVcpuInfo = "struct arch_vcpu_info" { cr2, _pad0 = pad }
        ArchSharedInfo = "struct arch_shared_info" { max_pfn, pfn_to_mfn_frame_list_list, nmi_reason, p2m_cr3, p2m_vaddr, p2m_generation }
    }
}

module! { event_channel
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
        EvtchnFifoControlBlock = "struct evtchn_fifo_control_block" { ready, _pad0 = _rsvd, head }
    }
}

module! { sched
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

module! { vcpu
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
        VcpuRegisterVcpuInfo = "struct vcpu_register_vcpu_info" { mfn, offset, _pad0 = rsvd }
        VcpuGetPhysid = "struct vcpu_get_physid" { phys_id }
        VcpuRegisterTimeMemoryArea = "struct vcpu_register_time_memory_area" { addr }
    }
}

module! { version
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
    }
    structures {
        XenCompileInfo = "struct xen_compile_info" { compiler, compile_by, compile_domain, compile_date }
        XenPlatformParameters = "struct xen_platform_parameters" { virt_start }
        XenFeatureInfo = "struct xen_feature_info" { submap_idx, submap }
        XenBuildId = "struct xen_build_id" { len }
    }
}

module! { features
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

module! { callback
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
        CallbackRegister = "struct callback_register" { kind = type, flags, address }
        CallbackUnregister = "struct callback_unregister" { kind = type, _unused }
    }
}

module! { elfnote
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

module! { nmi
    constants {
        XEN_NMIREASON_IO_ERROR = XEN_NMIREASON_io_error,
        XEN_NMIREASON_PCI_SERR = XEN_NMIREASON_pci_serr,
        XEN_NMIREASON_UNKNOWN = XEN_NMIREASON_unknown,
        XENNMI_REGISTER_CALLBACK = XENNMI_register_callback,
        XENNMI_UNREGISTER_CALLBACK = XENNMI_unregister_callback,
    }
    structures {
        XennmiCallback = "struct xennmi_callback" { handler_address, _pad0 = pad }
    }
}

module! { memory
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
        XenMemoryExchange = "struct xen_memory_exchange" { input = in, out, nr_exchanged }
        XenMemoryDomain = "struct xen_memory_domain" { domid }
        XenMachphysMfnList = "struct xen_machphys_mfn_list" { max_extents, extent_start, nr_extents }
        XenMachphysMapping = "struct xen_machphys_mapping" { v_start, v_end, max_mfn }
        XenAddToPhysmap = "struct xen_add_to_physmap" { domid, size, space, idx, gpfn }
        XenAddToPhysmapBatch = "struct xen_add_to_physmap_batch" { domid, space, size, u, idxs, gpfns, errs }
        XenRemoveFromPhysmap = "struct xen_remove_from_physmap" { domid, gpfn }
        XenMemoryMap = "struct xen_memory_map" { nr_entries, buffer }
        XenForeignMemoryMap = "struct xen_foreign_memory_map" { domid, map }
        XenVmemrange = "struct xen_vmemrange" { start, end, flags, nid }
        XenVnumaTopologyInfo = "struct xen_vnuma_topology_info" { domid, _pad0 = pad, nr_vnodes, nr_vcpus, nr_vmemranges, vdistance, vcpu_to_vnode, vmemrange }
        XenPodTarget = "struct xen_pod_target" { target_pages, tot_pages, pod_cache_pages, pod_entries, domid }
        XenMemPagingOp = "struct xen_mem_paging_op" { op, domain, buffer, gfn }
        XenMemAccessOp = "struct xen_mem_access_op" { op, access, domid, nr, pfn, pfn_list, access_list }
        XenMemSharingOp = "struct xen_mem_sharing_op" { op, domain, u }
        MemSharingOpNominate = "struct mem_sharing_op_nominate" { u, handle }
        MemSharingOpShare = "struct mem_sharing_op_share" { source_gfn, source_handle, client_gfn, client_handle, client_domain }
        MemSharingOpRange = "struct mem_sharing_op_range" { first_gfn, last_gfn, opaque, client_domain, _pad }
        MemSharingOpDebug = "struct mem_sharing_op_debug" { u }
        MemSharingOpFork = "struct mem_sharing_op_fork" { parent_domain, flags, _pad0 = pad }
        XenReservedDeviceMemory = "struct xen_reserved_device_memory" { start_pfn, nr_pages }
        XenReservedDeviceMemoryMap = "struct xen_reserved_device_memory_map" { flags, nr_entries, buffer, dev = dev.pci }
        XenMemAcquireResource = "struct xen_mem_acquire_resource" { domid, kind = type, id, nr_frames, _pad0 = pad, frame, frame_list }
    }
}

module! { physdev
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
        PhysdevMapPirq = "struct physdev_map_pirq" { domid, kind = type, index, pirq, bus, devfn, entry_nr, table_base }
        PhysdevUnmapPirq = "struct physdev_unmap_pirq" { domid, pirq }
        PhysdevManagePci = "struct physdev_manage_pci" { bus, devfn }
        PhysdevRestoreMsi = "struct physdev_restore_msi" { bus, devfn }
        PhysdevManagePciExt = "struct physdev_manage_pci_ext" { bus, devfn, is_extfn, is_virtfn, physfn }
        PhysdevOp = "struct physdev_op" { cmd, u }
        PhysdevSetupGsi = "struct physdev_setup_gsi" { gsi, triggering, polarity }
        PhysdevGetFreePirq = "struct physdev_get_free_pirq" { kind = type, pirq }
        PhysdevPciMmcfgReserved = "struct physdev_pci_mmcfg_reserved" { address, segment, start_bus, end_bus, flags }
        PhysdevPciDeviceAdd = "struct physdev_pci_device_add" { seg, bus, devfn, flags, physfn }
        PhysdevPciDevice = "struct physdev_pci_device" { seg, bus, devfn }
        PhysdevDbgpOp = "struct physdev_dbgp_op" { op, bus, pci = u.pci }
    }
}

module! { platform
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
        XenpfSettime64 = "struct xenpf_settime64" { secs, nsecs, _pad0 = mbz, system_time }
        XenpfAddMemtype = "struct xenpf_add_memtype" { mfn, nr_mfns, kind = type, handle, reg }
        XenpfDelMemtype = "struct xenpf_del_memtype" { handle, reg }
        XenpfReadMemtype = "struct xenpf_read_memtype" { reg, mfn, nr_mfns, kind = type }
        XenpfMicrocodeUpdate = "struct xenpf_microcode_update" { data, length }
        XenpfPlatformQuirk = "struct xenpf_platform_quirk" { quirk_id }
        XenpfEnterAcpiSleep = "struct xenpf_enter_acpi_sleep" { val_a, val_b, sleep_state, flags }
        XenpfMemHotadd = "struct xenpf_mem_hotadd" { spfn, epfn, pxm, flags }
        XenpfResourceEntry = "struct xenpf_resource_entry" { cmd = u.cmd, _pad0 = rsvd, idx, val }
        XenpfResourceOp = "struct xenpf_resource_op" { nr_entries, cpu, entries }
        XenpfSymdata = "struct xenpf_symdata" { namelen, symnum, name, address, kind = type }
        XenpfEfiTime = "struct xenpf_efi_time" { year, month, day, hour, min, sec, ns, tz, daylight }
        XenpfEfiGuid = "struct xenpf_efi_guid" { data1, data2, data3, data4 }
        XenpfEfiRuntimeCall = "struct xenpf_efi_runtime_call" { function, misc, status, u }
        XenpfEfiGetTime = "struct xenpf_efi_runtime_call::u.get_time" { time, resolution, accuracy }
        XenpfEfiVariable = "struct xenpf_efi_runtime_call::u.get_variable" { name, size, data, vendor_guid }
        XenpfEfiNextVariableName = "struct xenpf_efi_runtime_call::u.get_next_variable_name" { size, name, vendor_guid }
        XenpfEfiQueryVariableInfo = "struct xenpf_efi_runtime_call::u.query_variable_info" { attr, max_store_size, remain_store_size, max_size }
        XenpfEfiQueryCapsuleCapabilities = "struct xenpf_efi_runtime_call::u.query_capsule_capabilities" { capsule_header_array, capsule_count, max_capsule_size, reset_type }
        XenpfEfiUpdateCapsule = "struct xenpf_efi_runtime_call::u.update_capsule" { capsule_header_array, capsule_count, sg_list }
        XenpfFirmwareInfo = "struct xenpf_firmware_info" { kind = type, index, u }
        XenpfFwDiskInfo = "struct xenpf_firmware_info::u.disk_info" { device, version, interface_support, legacy_max_cylinder, legacy_max_head, legacy_sectors_per_track, edd_params }
        XenpfFwDiskMbrSignature = "struct xenpf_firmware_info::u.disk_mbr_signature" { device, mbr_signature }
        XenpfFwVbeddcInfo = "struct xenpf_firmware_info::u.vbeddc_info" { capabilities, edid_transfer_time, edid }
        XenpfEfiCfg = "struct xenpf_firmware_info::u.efi_info.cfg" { addr, nent }
        XenpfEfiVendor = "struct xenpf_firmware_info::u.efi_info.vendor" { revision, bufsz, name }
        XenpfEfiMem = "struct xenpf_firmware_info::u.efi_info.mem" { addr, size, attr, kind = type }
        XenpfEfiPciRom = "struct xenpf_firmware_info::u.efi_info.pci_rom" { segment, bus, devfn, vendor, devid, address, size }
        XenpfEfiAppleProperties = "struct xenpf_firmware_info::u.efi_info.apple_properties" { address, size }
        XenpfChangeFreq = "struct xenpf_change_freq" { flags, cpu, freq }
        XenpfGetidletime = "struct xenpf_getidletime" { cpumap_bitmap, cpumap_nr_cpus, idletime, now }
        XenPowerRegister = "struct xen_power_register" { space_id, bit_width, bit_offset, access_size, address }
        XenProcessorCsd = "struct xen_processor_csd" { domain, coord_type, num }
        XenProcessorCx = "struct xen_processor_cx" { reg, kind = type, latency, power, dpcnt, dp }
        XenProcessorPower = "struct xen_processor_power" { count, states }
        XenPctRegister = "struct xen_pct_register" { descriptor, length, space_id, bit_width, bit_offset, reserved, address }
        XenProcessorPx = "struct xen_processor_px" { core_frequency, power, transition_latency, bus_master_latency, control, status }
        XenPsdPackage = "struct xen_psd_package" { num_entries, revision, domain, coord_type, num_processors }
        XenProcessorPerformance = "struct xen_processor_performance" { flags, platform_limit, control_register, status_register, state_count, states, domain_info, shared_type }
        XenpfSetProcessorPminfo = "struct xenpf_set_processor_pminfo" { id, kind = type, u }
        XenpfPcpuinfo = "struct xenpf_pcpuinfo" { xen_cpuid, max_present, flags, apic_id, acpi_id }
        XenpfPcpuVersion = "struct xenpf_pcpu_version" { xen_cpuid, max_present, vendor_id, family, model, stepping }
        XenpfCpuOl = "struct xenpf_cpu_ol" { cpuid }
        XenpfCpuHotadd = "struct xenpf_cpu_hotadd" { apic_id, acpi_id, pxm }
        XenpfCoreParking = "struct xenpf_core_parking" { kind = type, idle_nums }
    }
}
