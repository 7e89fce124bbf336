//! The part of a virtual CPU that assembly and Rust share.
//!
//! While a vCPU runs, entry code stores its registers straight into its [`VcpuBlock`]: the TSS's
//! ring-0 stack pointer aims at the end of [`VcpuBlock::regs`], so the processor itself pushes the
//! interrupt frame there and the stubs push the rest. Nothing is copied when the scheduler changes
//! vCPUs: it aims the stack pointer at another block.
//!
//! Assembly writes the block behind Rust's back, so every field is a [`Reg`], a relaxed atomic:
//! safe code may hold a shared reference for good. A relaxed load or store of an aligned word is a
//! plain `mov`. No ordering is needed: only the processor that runs the vCPU touches the block, and
//! the scheduler's lock orders the hand-over.

use core::sync::atomic::{AtomicU64, Ordering};

/// One 64-bit word shared with assembly.
#[derive(Default)]
#[repr(transparent)]
pub struct Reg(AtomicU64);

impl Reg {
    /// A word with a first value.
    pub const fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    /// The value.
    #[inline(always)]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Replaces the value.
    #[inline(always)]
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// General registers and interrupt frame, in the order in which entry code pushes them and in
/// which `struct cpu_user_regs` (`arch-x86/xen-x86_64.h`) begins.
#[derive(Default)]
#[repr(C)]
#[allow(missing_docs)]
pub struct GuestRegs {
    pub r15: Reg,
    pub r14: Reg,
    pub r13: Reg,
    pub r12: Reg,
    pub rbp: Reg,
    pub rbx: Reg,
    pub r11: Reg,
    pub r10: Reg,
    pub r9: Reg,
    pub r8: Reg,
    pub rax: Reg,
    pub rcx: Reg,
    pub rdx: Reg,
    pub rsi: Reg,
    pub rdi: Reg,
    /// Error code in the low half, vector in the high half.
    pub vector: Reg,
    pub rip: Reg,
    pub cs: Reg,
    pub rflags: Reg,
    pub rsp: Reg,
    pub ss: Reg,
}

impl GuestRegs {
    /// The hardware error code of the last trap.
    pub fn error_code(&self) -> u32 {
        self.vector.get() as u32
    }

    /// The vector of the last trap, or one of [`entry`]'s pseudo-vectors.
    pub fn entry_vector(&self) -> u32 {
        (self.vector.get() >> 32) as u32
    }

    /// General register by its number in instruction encodings (0 rax, 1 rcx, 2 rdx, 3 rbx, 4 rsp,
    /// 5 rbp, 6 rsi, 7 rdi, 8 to 15).
    pub fn gpr(&self, number: u8) -> &Reg {
        match number & 15 {
            0 => &self.rax,
            1 => &self.rcx,
            2 => &self.rdx,
            3 => &self.rbx,
            4 => &self.rsp,
            5 => &self.rbp,
            6 => &self.rsi,
            7 => &self.rdi,
            8 => &self.r8,
            9 => &self.r9,
            10 => &self.r10,
            11 => &self.r11,
            12 => &self.r12,
            13 => &self.r13,
            14 => &self.r14,
            _ => &self.r15,
        }
    }
}

/// Values of [`GuestRegs::entry_vector`] beyond the 256 hardware vectors.
pub mod entry {
    /// `syscall` from 64-bit code.
    pub const SYSCALL: u32 = 0x100;
    /// `syscall` from compatibility mode.
    pub const SYSCALL32: u32 = 0x101;
    /// `sysenter`.
    pub const SYSENTER: u32 = 0x102;
}

/// Bits of [`VcpuBlock::mode`].
pub mod mode {
    /// The guest kernel runs (else its user code).
    pub const KERNEL: u64 = 1;
    /// The way out of the hypervisor may be `sysret`: rcx and r11 carry rip and rflags.
    pub const SYSRET: u64 = 2;
}

/// What assembly knows of a vCPU.
#[derive(Default)]
#[repr(C, align(64))]
pub struct VcpuBlock {
    /// Room for the frame of a fault in the final `iretq`, which is pushed below the guest's own.
    _headroom: [u64; 9],
    /// Guest registers; their end is 16-byte aligned because the processor aligns the stack that
    /// it pushes to.
    pub regs: GuestRegs,
    /// Top of the stack of the processor that runs this vCPU.
    pub host_stack: Reg,
    /// See [`mode`].
    pub mode: Reg,
    /// CR3 for the guest kernel.
    pub cr3_kernel: Reg,
    /// CR3 for guest user code, or 0 before the guest has set one.
    pub cr3_user: Reg,
    /// Guest kernel stack for entries from user mode (`stack_switch`).
    pub kernel_sp: Reg,
    /// Its selector.
    pub kernel_ss: Reg,
    /// Where `syscall` enters the guest kernel, or 0.
    pub syscall_entry: Reg,
    /// 1 where event delivery is masked on that entry (`CALLBACKF_mask_events`).
    pub syscall_masks: Reg,
    /// Hypervisor address of this vCPU's `vcpu_info`.
    pub vcpu_info: Reg,
    /// Non-zero where the vCPU may use ports by the TSS bitmap in kernel mode.
    pub io_bitmap: Reg,
    /// User segment registers, valid while the vCPU is not loaded.
    pub seg: SegmentRegs,
}

/// Segment state that is switched with the vCPU. Entry code doesn't touch it.
#[derive(Default)]
#[repr(C)]
#[allow(missing_docs)]
pub struct SegmentRegs {
    pub ds: Reg,
    pub es: Reg,
    pub fs: Reg,
    pub gs: Reg,
    pub fs_base: Reg,
    /// GS base in use: the kernel's in kernel mode, the user's in user mode.
    pub gs_base: Reg,
    /// The other one, which `swapgs` brings in.
    pub gs_base_other: Reg,
}

/// Byte offsets that assembly uses.
pub mod offset {
    use super::VcpuBlock;
    use core::mem::offset_of;

    /// Start of the saved registers.
    pub const REGS: usize = offset_of!(VcpuBlock, regs);
    /// End of the saved registers.
    pub const REGS_END: usize = REGS + size_of::<super::GuestRegs>();
    /// See [`VcpuBlock::host_stack`].
    pub const HOST_STACK: usize = offset_of!(VcpuBlock, host_stack);
    /// See [`VcpuBlock::mode`].
    pub const MODE: usize = offset_of!(VcpuBlock, mode);
    /// See [`VcpuBlock::cr3_kernel`].
    pub const CR3_KERNEL: usize = offset_of!(VcpuBlock, cr3_kernel);
    /// See [`VcpuBlock::cr3_user`].
    pub const CR3_USER: usize = offset_of!(VcpuBlock, cr3_user);
    /// See [`VcpuBlock::kernel_sp`].
    pub const KERNEL_SP: usize = offset_of!(VcpuBlock, kernel_sp);
    /// See [`VcpuBlock::kernel_ss`].
    pub const KERNEL_SS: usize = offset_of!(VcpuBlock, kernel_ss);
    /// See [`VcpuBlock::syscall_entry`].
    pub const SYSCALL_ENTRY: usize = offset_of!(VcpuBlock, syscall_entry);
    /// See [`VcpuBlock::syscall_masks`].
    pub const SYSCALL_MASKS: usize = offset_of!(VcpuBlock, syscall_masks);
    /// See [`VcpuBlock::vcpu_info`].
    pub const VCPU_INFO: usize = offset_of!(VcpuBlock, vcpu_info);
    /// See [`VcpuBlock::io_bitmap`].
    pub const IO_BITMAP: usize = offset_of!(VcpuBlock, io_bitmap);

    const _: () = assert!(REGS_END.is_multiple_of(16));
}
