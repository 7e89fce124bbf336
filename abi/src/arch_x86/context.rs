//! Registers and virtual CPU state of PV guests (`arch-x86/xen.h`, `xen-x86_64.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

// `VcpuGuestContext::flags`.

/// `fpu_ctxt` holds FPU state.
pub const VGCF_I387_VALID: u64 = 1;
/// The guest is in its kernel.
pub const VGCF_IN_KERNEL: u64 = 4;
/// The failsafe callback enters with events masked.
pub const VGCF_FAILSAFE_DISABLES_EVENTS: u64 = 8;
/// The syscall callback enters with events masked.
pub const VGCF_SYSCALL_DISABLES_EVENTS: u64 = 16;
/// The vcpu is up.
pub const VGCF_ONLINE: u64 = 32;
/// In the frame of `iret`: return by `sysret`, rcx and r11 need not be restored.
pub const VGCF_IN_SYSCALL: u64 = 256;

// Privilege bits of `TrapInfo::flags`.

/// Bits of `TrapInfo::flags` that hold the lowest privilege which may raise the vector by `int`.
pub const TI_DPL_MASK: u8 = 3;
/// Bit of `TrapInfo::flags`: the handler enters with events masked.
pub const TI_MASK_EVENTS: u8 = 4;

/// A guest's virtual address of an entry point.
pub type XenCallback = u64;

/// One entry of the virtual IDT; an array ends with `address` 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TrapInfo {
    /// Exception vector.
    pub vector: u8,
    /// `TI_DPL_MASK`, `TI_MASK_EVENTS`.
    pub flags: u8,
    /// Code selector of the handler.
    pub cs: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Virtual address of the handler.
    pub address: u64,
}

/// What `__HYPERVISOR_IRET` pops from the guest's kernel stack, top first.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct IretContext {
    /// Rax of the context returned to.
    pub rax: u64,
    /// R11, unless `VGCF_IN_SYSCALL`.
    pub r11: u64,
    /// Rcx, unless `VGCF_IN_SYSCALL`.
    pub rcx: u64,
    /// `VGCF_IN_SYSCALL`.
    pub flags: u64,
    /// Instruction pointer.
    pub rip: u64,
    /// Code selector.
    pub cs: u64,
    /// Flags; IF clears the upcall mask.
    pub rflags: u64,
    /// Stack pointer.
    pub rsp: u64,
    /// Stack selector.
    pub ss: u64,
}

/// The general registers of a vcpu, in the order in which they are pushed.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CpuUserRegs {
    /// R15.
    pub r15: u64,
    /// R14.
    pub r14: u64,
    /// R13.
    pub r13: u64,
    /// R12.
    pub r12: u64,
    /// Rbp.
    pub rbp: u64,
    /// Rbx.
    pub rbx: u64,
    /// R11.
    pub r11: u64,
    /// R10.
    pub r10: u64,
    /// R9.
    pub r9: u64,
    /// R8.
    pub r8: u64,
    /// Rax.
    pub rax: u64,
    /// Rcx.
    pub rcx: u64,
    /// Rdx.
    pub rdx: u64,
    /// Rsi.
    pub rsi: u64,
    /// Rdi.
    pub rdi: u64,
    /// Error code of the exception; private to the hypervisor.
    pub error_code: u32,
    /// Vector that entered; private to the hypervisor.
    pub entry_vector: u32,
    /// Instruction pointer.
    pub rip: u64,
    /// Code selector.
    pub cs: u16,
    #[doc(hidden)]
    pub _pad0: [u16; 1],
    /// The event mask at entry.
    pub saved_upcall_mask: u8,
    #[doc(hidden)]
    pub _pad1: [u8; 3],
    /// Flags; IF shows `saved_upcall_mask` inverted.
    pub rflags: u64,
    /// Stack pointer.
    pub rsp: u64,
    /// Stack selector.
    pub ss: u16,
    #[doc(hidden)]
    pub _pad2: [u16; 3],
    /// Selector of es.
    pub es: u16,
    #[doc(hidden)]
    pub _pad3: [u16; 3],
    /// Selector of ds.
    pub ds: u16,
    #[doc(hidden)]
    pub _pad4: [u16; 3],
    /// Selector of fs.
    pub fs: u16,
    #[doc(hidden)]
    pub _pad5: [u16; 3],
    /// Selector of gs.
    pub gs: u16,
    #[doc(hidden)]
    pub _pad6: [u16; 3],
}

/// A whole PV vcpu, as `VCPUOP_INITIALISE` and the vcpu-context domctls pass it.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuGuestContext {
    /// FXSAVE image.
    pub fpu_ctxt: [u8; 512],
    /// `VGCF_*`.
    pub flags: u64,
    /// General registers.
    pub user_regs: CpuUserRegs,
    /// The virtual IDT.
    pub trap_ctxt: [TrapInfo; 256],
    /// Virtual address of the LDT.
    pub ldt_base: u64,
    /// Its entries.
    pub ldt_ents: u64,
    /// Machine frames of the GDT.
    pub gdt_frames: [u64; 16],
    /// Its entries.
    pub gdt_ents: u64,
    /// Stack selector on entry to the kernel.
    pub kernel_ss: u64,
    /// Stack pointer on entry to the kernel.
    pub kernel_sp: u64,
    /// CR0 to CR7; CR3 is the kernel's table, CR1 the user's, both as `xen_pfn_to_cr3` makes them.
    pub ctrlreg: [u64; 8],
    /// DR0 to DR7.
    pub debugreg: [u64; 8],
    /// Entry point for events.
    pub event_callback_eip: u64,
    /// Entry point where a return to the guest faulted.
    pub failsafe_callback_eip: u64,
    /// Entry point for `syscall` from user mode.
    pub syscall_callback_eip: u64,
    /// `VMASST_TYPE_*` bitmap.
    pub vm_assist: u64,
    /// Base of fs.
    pub fs_base: u64,
    /// Base of gs in the kernel.
    pub gs_base_kernel: u64,
    /// Base of gs in user mode.
    pub gs_base_user: u64,
}

/// The architecture's part of `VcpuInfo`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ArchVcpuInfo {
    /// Address of the last page fault of a PV guest.
    pub cr2: u64,
    #[doc(hidden)]
    pub _pad0: u64,
}

/// The architecture's part of `SharedInfo`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ArchSharedInfo {
    /// Entries of the p2m; guest to tools.
    pub max_pfn: u64,
    /// Root frame of the three-level p2m list, 0 if not there yet, all ones if none.
    pub pfn_to_mfn_frame_list_list: u64,
    /// `XEN_NMIREASON_*` bits; hypervisor to dom0.
    pub nmi_reason: u64,
    /// Address space in which `p2m_vaddr` holds; 0 if the linear p2m isn't used.
    pub p2m_cr3: u64,
    /// Virtual address of the linear p2m.
    pub p2m_vaddr: u64,
    /// Odd while the guest changes its p2m mappings.
    pub p2m_generation: u64,
}

crate::assert_sizes! {
    TrapInfo = 16,
    IretContext = 72,
    CpuUserRegs = 200,
    VcpuGuestContext = 5168,
    ArchVcpuInfo = 16,
    ArchSharedInfo = 48,
}
