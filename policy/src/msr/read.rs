//! `rdmsr`.

use super::index::*;
use super::{Accessor, MsrRead, VcpuMsr};
use crate::{CpuPolicy, Feature, Vendor};

const EFER_SCE: u64 = 1 << 0;
const EFER_LME: u64 = 1 << 8;
const EFER_LMA: u64 = 1 << 10;
const EFER_NX: u64 = 1 << 11;

/// The local APIC is on, at its usual address.
const APIC_ENABLED: u64 = 0xfee0_0000 | 1 << 11;
const APIC_BSP: u64 = 1 << 8;

/// Locked, with everything off.
const FEATURE_CONTROL_LOCK: u64 = 1;

/// Performance monitoring, `monitor`: hidden.
const MISC_HIDDEN: u64 = 1 << 7 | 1 << 18;
/// Branch trace and precise sampling unavailable, no external task priority messages.
const MISC_SET: u64 = 1 << 11 | 1 << 12 | 1 << 23;

/// Software error recovery.
const MCG_SER_P: u64 = 1 << 24;

/// The TSC counts at the rate of the highest performance state.
const HWCR_TSC_FREQ_SEL: u64 = 1 << 24;

/// `lfence` serialises.
const DE_CFG_LFENCE_SERIALISE: u64 = 1 << 1;

/// A host register as it is.
const HOST: MsrRead = MsrRead::Host {
    mask: u64::MAX,
    set: 0,
};

const fn given(condition: bool, answer: MsrRead) -> MsrRead {
    if condition { answer } else { MsrRead::Fault }
}

impl CpuPolicy {
    /// EFER as a 64-bit PV guest sees it.
    pub fn guest_efer(&self) -> u64 {
        let nx = if self.has(Feature::NX) { EFER_NX } else { 0 };
        EFER_SCE | EFER_LME | EFER_LMA | nx
    }

    /// What `rdmsr` of `msr` delivers.
    pub fn rdmsr(&self, msr: u32, by: Accessor) -> MsrRead {
        use MsrRead::{Value, Vcpu};
        let vendor = self.vendor();
        let (intel, amd) = (vendor == Vendor::Intel, vendor == Vendor::Amd);
        match msr {
            FS_BASE => Vcpu(VcpuMsr::FsBase),
            GS_BASE => Vcpu(VcpuMsr::GsBase),
            KERNEL_GS_BASE => Vcpu(VcpuMsr::KernelGsBase),
            TSC => given(self.has(Feature::TSC), Vcpu(VcpuMsr::Tsc)),
            TSC_AUX => given(self.has_tsc_aux(), Vcpu(VcpuMsr::TscAux)),
            SPEC_CTRL => given(self.has_spec_ctrl(), Vcpu(VcpuMsr::SpecCtrl)),
            MISC_FEATURES_ENABLES => Vcpu(VcpuMsr::MiscFeatures),
            DR0_ADDRESS_MASK | DR1_ADDRESS_MASK..=DR3_ADDRESS_MASK => given(
                self.has(Feature::DBEXT),
                Vcpu(VcpuMsr::DrMask(dr_mask(msr))),
            ),

            EFER => Value(self.guest_efer()),
            PAT => given(self.has(Feature::PAT), Value(PV_PAT)),
            // Linux reads it at boot and expects an address.
            APIC_BASE => {
                let bsp = if by.vcpu == 0 { APIC_BSP } else { 0 };
                given(self.has(Feature::APIC), Value(APIC_ENABLED | bsp))
            }
            PLATFORM_INFO => Value(self.platform_info),
            ARCH_CAPABILITIES => given(self.has(Feature::ARCH_CAPS), Value(self.arch_caps)),
            FEATURE_CONTROL => given(intel, Value(FEATURE_CONTROL_LOCK)),
            DEBUGCTL => Value(0),

            MISC_ENABLE => given(
                intel,
                MsrRead::Host {
                    mask: !MISC_HIDDEN,
                    set: MISC_SET,
                },
            ),
            UCODE_REV => given(intel || amd, HOST),
            PLATFORM_ID => given(intel, HOST),
            FAM10H_MMIO_CONF_BASE => given(amd && by.hardware_domain, HOST),

            MCG_CAP => {
                let recovery = if intel { MCG_SER_P } else { 0 };
                given(
                    self.has(Feature::MCA),
                    Value(u64::from(MC_BANKS) | recovery),
                )
            }
            MCG_STATUS => given(self.has(Feature::MCA), Value(0)),
            _ if is_mc_bank(msr) => given(self.has(Feature::MCA), Value(0)),

            // Frequency is not the guest's business, but its drivers look.
            PERF_STATUS | PERF_CTL => given(intel, Value(0)),
            PSTATE_LIMIT..=PSTATE7 => given(amd, Value(0)),
            HWCR => {
                let constant = self.family() >= 0x10;
                given(amd, Value(if constant { HWCR_TSC_FREQ_SEL } else { 0 }))
            }
            DE_CFG => given(amd, Value(DE_CFG_LFENCE_SERIALISE)),
            _ if is_perf_counter(msr, vendor) => Value(0),

            XEN_HYPERCALL_PAGE => Value(0),
            _ => MsrRead::Fault,
        }
    }

    pub(super) fn has_tsc_aux(&self) -> bool {
        self.has(Feature::RDTSCP) || self.has(Feature::RDPID)
    }

    pub(super) fn has_spec_ctrl(&self) -> bool {
        self.has(Feature::IBRSB) || self.has(Feature::IBRS)
    }
}

/// Which breakpoint's mask.
pub(super) const fn dr_mask(msr: u32) -> u8 {
    match msr {
        DR0_ADDRESS_MASK => 0,
        _ => (msr.wrapping_sub(DR1_ADDRESS_MASK) as u8).wrapping_add(1) & 3,
    }
}

/// The four registers of a machine-check bank that guests see.
pub(super) const fn is_mc_bank(msr: u32) -> bool {
    MC0_CTL <= msr && msr < MC0_CTL | MC_BANKS << 2
}

/// Performance counters. They read as zero and swallow writes, by which kernels find out that they don't
/// count.
pub(super) const fn is_perf_counter(msr: u32, vendor: Vendor) -> bool {
    match vendor {
        Vendor::Intel => matches!(
            msr,
            PERFCTR0..=PERFCTR7
                | PERFEVTSEL0..=PERFEVTSEL7
                | FIXED_CTR0..=FIXED_CTR2
                | FIXED_CTR_CTRL..=PERF_GLOBAL_OVF_CTRL
        ),
        Vendor::Amd => matches!(
            msr,
            K7_EVNTSEL0..=K7_PERFCTR3 | F15H_PERF_CTL0..=F15H_PERF_CTR5
        ),
        Vendor::Other => false,
    }
}
