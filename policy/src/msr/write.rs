//! `wrmsr`.

use super::index::*;
use super::read::{dr_mask, is_mc_bank, is_perf_counter};
use super::{Accessor, MsrWrite, VcpuMsr};
use crate::{CpuPolicy, Feature, Vendor};

const SPEC_CTRL_IBRS: u64 = 1 << 0;
const SPEC_CTRL_STIBP: u64 = 1 << 1;
const SPEC_CTRL_SSBD: u64 = 1 << 2;
const SPEC_CTRL_PSFD: u64 = 1 << 7;
const PRED_CMD_IBPB: u64 = 1;

const fn given(condition: bool, answer: MsrWrite) -> MsrWrite {
    if condition { answer } else { MsrWrite::Fault }
}

const fn canonical(addr: u64) -> bool {
    ((addr as i64) >> 47).wrapping_add(1) as u64 <= 1
}

impl CpuPolicy {
    /// What `wrmsr` of `value` to `msr` does.
    pub fn wrmsr(&self, msr: u32, value: u64, by: Accessor) -> MsrWrite {
        use MsrWrite::{Ignored, Vcpu};
        let vendor = self.vendor();
        let (intel, amd) = (vendor == Vendor::Intel, vendor == Vendor::Amd);
        match msr {
            FS_BASE => given(canonical(value), Vcpu(VcpuMsr::FsBase, value)),
            GS_BASE => given(canonical(value), Vcpu(VcpuMsr::GsBase, value)),
            KERNEL_GS_BASE => given(canonical(value), Vcpu(VcpuMsr::KernelGsBase, value)),
            TSC_AUX => given(
                self.has_tsc_aux() && value >> 32 == 0,
                Vcpu(VcpuMsr::TscAux, value),
            ),
            SPEC_CTRL => given(
                self.has_spec_ctrl() && value & !self.spec_ctrl_bits() == 0,
                Vcpu(VcpuMsr::SpecCtrl, value),
            ),
            PRED_CMD => {
                let there = self.has(Feature::IBRSB) || self.has(Feature::IBPB);
                match value {
                    _ if !there => MsrWrite::Fault,
                    0 => Ignored,
                    PRED_CMD_IBPB => MsrWrite::PredictionBarrier,
                    _ => MsrWrite::Fault,
                }
            }
            MISC_FEATURES_ENABLES => {
                let can = self.platform_info & PLATFORM_INFO_CPUID_FAULTING != 0;
                let allowed = if can { CPUID_FAULTING } else { 0 };
                given(value & !allowed == 0, Vcpu(VcpuMsr::MiscFeatures, value))
            }
            DR0_ADDRESS_MASK | DR1_ADDRESS_MASK..=DR3_ADDRESS_MASK => given(
                self.has(Feature::DBEXT) && value >> 32 == 0,
                Vcpu(VcpuMsr::DrMask(dr_mask(msr)), value),
            ),

            // Writing what is there changes nothing; nothing else can be written.
            EFER => given(value == self.guest_efer(), Ignored),
            PAT => given(self.has(Feature::PAT) && value == PV_PAT, Ignored),
            DEBUGCTL => given(value == 0, Ignored),
            // Intel's way to ask for the microcode revision begins with this.
            UCODE_REV => given(intel && value == 0, Ignored),
            MISC_ENABLE => given(intel, Ignored),
            MCG_STATUS => given(self.has(Feature::MCA), Ignored),
            _ if is_mc_bank(msr) => given(self.has(Feature::MCA), Ignored),
            PERF_CTL => given(intel, Ignored),
            PSTATE_LIMIT..=PSTATE7 => given(amd, Ignored),
            FAM10H_MMIO_CONF_BASE => given(amd && by.hardware_domain, Ignored),
            HWCR | DE_CFG => given(amd, Ignored),
            _ if is_perf_counter(msr, vendor) => Ignored,

            XEN_HYPERCALL_PAGE => given(value & 0xfff == 0, MsrWrite::HypercallPage(value >> 12)),
            _ => MsrWrite::Fault,
        }
    }

    /// The bits of SPEC_CTRL that the guest may set. STIBP is harmless where it isn't there.
    fn spec_ctrl_bits(&self) -> u64 {
        let mut bits = SPEC_CTRL_IBRS | SPEC_CTRL_STIBP;
        if self.has(Feature::SSBD) || self.has(Feature::AMD_SSBD) {
            bits |= SPEC_CTRL_SSBD;
        }
        if self.has(Feature::PSFD) || self.has(Feature::INTEL_PSFD) {
            bits |= SPEC_CTRL_PSFD;
        }
        bits
    }
}
