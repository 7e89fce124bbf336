//! A domain's CPUID and MSR policy (`domctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;
use crate::arch_x86::{XenCpuidLeaf, XenMsrEntry};

/// An input register that doesn't matter.
pub const XEN_CPUID_INPUT_UNUSED: u32 = 0xffffffff;

/// Argument of the CPU-policy commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlCpuPolicy {
    /// Room, or leaves; in and out.
    pub nr_leaves: u32,
    /// Room, or MSRs; in and out.
    pub nr_msrs: u32,
    /// Leaves.
    pub leaves: Handle<XenCpuidLeaf>,
    /// MSRs.
    pub msrs: Handle<XenMsrEntry>,
    /// The leaf that was refused, or all ones; out.
    pub err_leaf: u32,
    /// Its subleaf; out.
    pub err_subleaf: u32,
    /// The MSR that was refused, or all ones; out.
    pub err_msr: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

crate::assert_sizes! {
    XenDomctlCpuPolicy = 40,
}
