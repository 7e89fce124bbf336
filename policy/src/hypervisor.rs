//! The hypervisor's own leaves, 0x40000000 and up (`arch-x86/cpuid.h`).

use abi::arch_x86::{
    XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD, XEN_CPUID_FIRST_LEAF, XEN_CPUID_MAX_NUM_LEAVES,
    XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX, XEN_CPUID_SIGNATURE_EDX,
};

use crate::msr::index::XEN_HYPERCALL_PAGE;
use crate::{CpuPolicy, Feature, Regs};

/// What the leaves say of hypervisor and machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HypervisorInfo {
    /// Major and minor version, 4 and 17.
    pub version: (u16, u16),
    /// Bits of the highest machine address that RAM may ever have, hotplug included.
    pub machine_address_bits: u8,
    /// Time, as the domain has it.
    pub time: TimeInfo,
}

/// The time leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct TimeInfo {
    /// `rdtsc` is emulated.
    pub emulated: bool,
    /// The host's TSCs run in step and at a constant rate.
    pub reliable: bool,
    /// `tsc_mode` of the domain's configuration, `0..4`.
    pub mode: u32,
    /// The domain's TSC in kHz.
    pub khz: u32,
    /// How often the domain was migrated.
    pub incarnation: u32,
    /// What is added to the host's TSC.
    pub offset: u64,
    /// Nanoseconds a tick, as fraction and shift of `vcpu_time_info`.
    pub mul_frac: u32,
    /// See `mul_frac`.
    pub shift: i8,
    /// The host's TSC in kHz.
    pub host_khz: u32,
}

const LAST_LEAF: u32 = XEN_CPUID_FIRST_LEAF | XEN_CPUID_MAX_NUM_LEAVES;

impl CpuPolicy {
    /// One of the leaves for a PV guest; zeroes beyond the last.
    pub(crate) fn hypervisor_leaf(&self, leaf: u32, subleaf: u32, info: &HypervisorInfo) -> Regs {
        // A toolstack may lower the limit; 0 is its "no opinion". The first three leaves stay.
        let limit = match self.hv_limit & 0xff {
            0 => LAST_LEAF,
            low => LAST_LEAF.min(XEN_CPUID_FIRST_LEAF | low.max(2)),
        };
        if leaf > limit {
            return [0; 4];
        }
        let time = &info.time;
        match (leaf & 0xff, subleaf) {
            (0, _) => [
                limit,
                XEN_CPUID_SIGNATURE_EBX,
                XEN_CPUID_SIGNATURE_ECX,
                XEN_CPUID_SIGNATURE_EDX,
            ],
            (1, _) => {
                let (major, minor) = info.version;
                [u32::from(major) << 16 | u32::from(minor), 0, 0, 0]
            }
            (2, _) => [
                1,
                XEN_HYPERCALL_PAGE,
                XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD,
                0,
            ],
            (3, 0) => [
                u32::from(time.emulated)
                    | u32::from(time.reliable) << 1
                    | u32::from(self.has(Feature::RDTSCP)) << 2,
                time.mode,
                time.khz,
                time.incarnation,
            ],
            (3, 1) => [
                time.offset as u32,
                (time.offset >> 32) as u32,
                time.mul_frac,
                i32::from(time.shift) as u32,
            ],
            (3, 2) => [time.host_khz, 0, 0, 0],
            (5, 0) => [0, u32::from(info.machine_address_bits), 0, 0],
            _ => [0; 4],
        }
    }
}
