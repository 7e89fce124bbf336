//! Numbers and bits of the MSRs that have an answer (Intel SDM volume 4, AMD APM volume 2 appendix A).

#![allow(missing_docs)]

pub const PLATFORM_ID: u32 = 0x17;
pub const TSC: u32 = 0x10;
pub const APIC_BASE: u32 = 0x1b;
pub const FEATURE_CONTROL: u32 = 0x3a;
pub const SPEC_CTRL: u32 = 0x48;
pub const PRED_CMD: u32 = 0x49;
/// Microcode revision; `PATCH_LEVEL` of AMD.
pub const UCODE_REV: u32 = 0x8b;
pub const PERFCTR0: u32 = 0xc1;
pub const PERFCTR7: u32 = 0xc8;
pub const PLATFORM_INFO: u32 = 0xce;
pub const ARCH_CAPABILITIES: u32 = 0x10a;
pub const MISC_FEATURES_ENABLES: u32 = 0x140;
pub const MCG_CAP: u32 = 0x179;
pub const MCG_STATUS: u32 = 0x17a;
pub const PERFEVTSEL0: u32 = 0x186;
pub const PERFEVTSEL7: u32 = 0x18d;
pub const PERF_STATUS: u32 = 0x198;
pub const PERF_CTL: u32 = 0x199;
pub const MISC_ENABLE: u32 = 0x1a0;
pub const DEBUGCTL: u32 = 0x1d9;
pub const PAT: u32 = 0x277;
pub const FIXED_CTR0: u32 = 0x309;
pub const FIXED_CTR2: u32 = 0x30b;
pub const FIXED_CTR_CTRL: u32 = 0x38d;
pub const PERF_GLOBAL_OVF_CTRL: u32 = 0x390;
pub const MC0_CTL: u32 = 0x400;
pub const EFER: u32 = 0xc000_0080;
pub const FS_BASE: u32 = 0xc000_0100;
pub const GS_BASE: u32 = 0xc000_0101;
pub const KERNEL_GS_BASE: u32 = 0xc000_0102;
pub const TSC_AUX: u32 = 0xc000_0103;
pub const K7_EVNTSEL0: u32 = 0xc001_0000;
pub const K7_PERFCTR3: u32 = 0xc001_0007;
pub const HWCR: u32 = 0xc001_0015;
pub const FAM10H_MMIO_CONF_BASE: u32 = 0xc001_0058;
pub const PSTATE_LIMIT: u32 = 0xc001_0061;
pub const PSTATE7: u32 = 0xc001_006b;
pub const F15H_PERF_CTL0: u32 = 0xc001_0200;
pub const F15H_PERF_CTR5: u32 = 0xc001_020b;
pub const DR1_ADDRESS_MASK: u32 = 0xc001_1019;
pub const DR3_ADDRESS_MASK: u32 = 0xc001_101b;
pub const DR0_ADDRESS_MASK: u32 = 0xc001_1027;
pub const DE_CFG: u32 = 0xc001_1029;

/// Base of the hypervisor's own MSRs, of which the first writes the hypercall page.
pub const XEN_HYPERCALL_PAGE: u32 = 0x4000_0000;

/// Bit of [`PLATFORM_INFO`]: [`MISC_FEATURES_ENABLES`] can make `cpuid` fault.
pub const PLATFORM_INFO_CPUID_FAULTING: u64 = 1 << 31;
/// The bit of [`MISC_FEATURES_ENABLES`] that does.
pub const CPUID_FAULTING: u64 = 1;

/// The memory types of a PV guest: WB, WT, UC-, UC, WC, WP, UC, UC. It is part of the ABI, because guests
/// put these indices into page tables that the hypervisor does not translate.
pub const PV_PAT: u64 = 0x0000_0501_0007_0406;

/// Machine-check banks that a guest sees.
pub const MC_BANKS: u32 = 2;
