//! First state of an HVM vcpu, for `VCPUOP_INITIALISE` (`hvm_vcpu.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Union64;

/// Starts in 16-bit or 32-bit mode, by `VcpuHvmX8632`.
pub const VCPU_HVM_MODE_32B: u32 = 0;
/// Starts in 64-bit mode, by `VcpuHvmX8664`.
pub const VCPU_HVM_MODE_64B: u32 = 1;

/// A whole vcpu.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuHvmContext {
    /// `VCPU_HVM_MODE_*`.
    pub mode: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// `VcpuHvmX8632` or `VcpuHvmX8664`.
    pub cpu_regs: Union64<15>,
}

/// Registers outside of 64-bit mode.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuHvmX8632 {
    /// Eax.
    pub eax: u32,
    /// Ecx.
    pub ecx: u32,
    /// Edx.
    pub edx: u32,
    /// Ebx.
    pub ebx: u32,
    /// Esp.
    pub esp: u32,
    /// Ebp.
    pub ebp: u32,
    /// Esi.
    pub esi: u32,
    /// Edi.
    pub edi: u32,
    /// Instruction pointer.
    pub eip: u32,
    /// Flags.
    pub eflags: u32,
    /// CR0.
    pub cr0: u32,
    /// CR3.
    pub cr3: u32,
    /// CR4.
    pub cr4: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// EFER.
    pub efer: u64,
    /// Base of cs.
    pub cs_base: u32,
    /// Base of ds.
    pub ds_base: u32,
    /// Base of ss.
    pub ss_base: u32,
    /// Base of es.
    pub es_base: u32,
    /// Base of tr.
    pub tr_base: u32,
    /// Limit of cs.
    pub cs_limit: u32,
    /// Limit of ds.
    pub ds_limit: u32,
    /// Limit of ss.
    pub ss_limit: u32,
    /// Limit of es.
    pub es_limit: u32,
    /// Limit of tr.
    pub tr_limit: u32,
    /// Attributes of cs: descriptor bits 40 to 55, without those of the limit.
    pub cs_ar: u16,
    /// Attributes of ds.
    pub ds_ar: u16,
    /// Attributes of ss.
    pub ss_ar: u16,
    /// Attributes of es.
    pub es_ar: u16,
    /// Attributes of tr.
    pub tr_ar: u16,
    #[doc(hidden)]
    pub _pad1: [u16; 3],
}

/// Registers in 64-bit mode; segments are flat.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuHvmX8664 {
    /// Rax.
    pub rax: u64,
    /// Rcx.
    pub rcx: u64,
    /// Rdx.
    pub rdx: u64,
    /// Rbx.
    pub rbx: u64,
    /// Rsp.
    pub rsp: u64,
    /// Rbp.
    pub rbp: u64,
    /// Rsi.
    pub rsi: u64,
    /// Rdi.
    pub rdi: u64,
    /// Instruction pointer.
    pub rip: u64,
    /// Flags.
    pub rflags: u64,
    /// CR0.
    pub cr0: u64,
    /// CR3.
    pub cr3: u64,
    /// CR4.
    pub cr4: u64,
    /// EFER.
    pub efer: u64,
}

crate::assert_sizes! {
    VcpuHvmContext = 128,
    VcpuHvmX8632 = 120,
    VcpuHvmX8664 = 112,
}
