//! Model-specific registers: what becomes of a PV guest's `rdmsr` and `wrmsr`.
//!
//! An access is decided here and carried out by the caller: a value from the policy, a register of
//! the vCPU, a register of the host seen through a mask, or a general-protection fault. The fault is the
//! right answer for everything unknown: Linux reads MSRs of a PV guest through an exception table,
//! and an invented zero has cost more trouble than a fault ever did. The registers that answer
//! without being there are those that old kernels touch without checking.

pub mod index;
mod read;
mod write;

/// A register that each vCPU has for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VcpuMsr {
    /// Base of FS.
    FsBase,
    /// Base of GS in use.
    GsBase,
    /// The other one, for `swapgs`.
    KernelGsBase,
    /// The time stamp counter as the domain has it.
    Tsc,
    /// What `rdtscp` and `rdpid` deliver.
    TscAux,
    /// Speculation control while the guest runs.
    SpecCtrl,
    /// MISC_FEATURES_ENABLES: bit 0, `cpuid` faults in user code.
    MiscFeatures,
    /// Address mask of breakpoint 0 to 3.
    DrMask(u8),
}

/// Who accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Accessor {
    /// A vCPU of the hardware domain.
    pub hardware_domain: bool,
    /// Number of the vCPU.
    pub vcpu: u32,
}

/// What `rdmsr` delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MsrRead {
    /// This.
    Value(u64),
    /// A register of the vCPU.
    Vcpu(VcpuMsr),
    /// The host's own register of the same number, `host & mask | set`. A fault where the host has none.
    Host {
        /// Bits shown.
        mask: u64,
        /// Bits shown as 1.
        set: u64,
    },
    /// A general-protection fault.
    Fault,
}

/// What `wrmsr` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MsrWrite {
    /// Nothing.
    Ignored,
    /// Sets a register of the vCPU. The value has been checked.
    Vcpu(VcpuMsr, u64),
    /// An indirect-branch prediction barrier on this processor.
    PredictionBarrier,
    /// Fills the guest frame of this number with hypercall stubs.
    HypercallPage(u64),
    /// A general-protection fault.
    Fault,
}
