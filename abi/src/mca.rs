//! Machine checks: fetching what was logged, and injecting errors (`arch-x86/xen-mca.h`).
//!
//! Answers in `McInfo` are a sequence of entries, each headed by a `McinfoCommon` that gives its type
//! and size.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::xen::{__HYPERVISOR_ARCH_0, VIRQ_ARCH_0, XenctlBitmap};
use crate::{Handle, Union64};

/// The hypercall's number.
pub const __HYPERVISOR_MCA: u64 = __HYPERVISOR_ARCH_0;
/// The interrupt that tells dom0 of an error.
pub const VIRQ_MCA: u32 = VIRQ_ARCH_0;
/// The only version that a call may carry.
pub const XEN_MCA_INTERFACE_VERSION: u32 = 0x01ecc003;
/// Fetches an error: `XenMcFetch`.
pub const XEN_MC_FETCH: u32 = 1;
/// Tells a domain of an error: `XenMcNotifydomain`.
pub const XEN_MC_NOTIFYDOMAIN: u32 = 2;
/// Describes CPUs: `XenMcPhyscpuinfo`.
pub const XEN_MC_PHYSCPUINFO: u32 = 3;
/// Fakes MSRs: `XenMcMsrinject`.
pub const XEN_MC_MSRINJECT: u32 = 4;
/// Raises a machine check: `XenMcMceinject`.
pub const XEN_MC_MCEINJECT: u32 = 5;
/// Raises one on many CPUs: `XenMcInjectV2`.
pub const XEN_MC_INJECT_V2: u32 = 6;

// `XenMcFetch::flags`.

/// What polling found; in.
pub const XEN_MC_NONURGENT: u32 = 0x0001;
/// What interrupted; in.
pub const XEN_MC_URGENT: u32 = 0x0002;
/// The entry is done with; in.
pub const XEN_MC_ACK: u32 = 0x0004;
/// Done; out.
pub const XEN_MC_OK: u32 = 0x0;
/// Failed; out.
pub const XEN_MC_FETCHFAILED: u32 = 0x1;
/// Nothing is logged; out.
pub const XEN_MC_NODATA: u32 = 0x2;
/// Nothing by that number; out.
pub const XEN_MC_NOMATCH: u32 = 0x4;
/// The domain can't be told; out.
pub const XEN_MC_CANNOTHANDLE: u32 = 0x8;
/// The domain wasn't told; out.
pub const XEN_MC_NOTDELIVERED: u32 = 0x10;
/// No vcpu.
pub const XEN_MC_VCPUID_INVALID: u16 = 0xffff;

// Types of entries.

/// `McinfoGlobal`.
pub const MC_TYPE_GLOBAL: u16 = 0;
/// `McinfoBank`.
pub const MC_TYPE_BANK: u16 = 1;
/// `McinfoExtended`.
pub const MC_TYPE_EXTENDED: u16 = 2;
/// `McinfoRecovery`.
pub const MC_TYPE_RECOVERY: u16 = 3;

// `McinfoGlobal::mc_flags`.

/// Corrected.
pub const MC_FLAG_CORRECTABLE: u32 = 1;
/// Not corrected.
pub const MC_FLAG_UNCORRECTABLE: u32 = 1 << 1;
/// Can be recovered from.
pub const MC_FLAG_RECOVERABLE: u32 = 1 << 2;
/// Found by polling.
pub const MC_FLAG_POLLED: u32 = 1 << 3;
/// From before a reset.
pub const MC_FLAG_RESET: u32 = 1 << 4;
/// Signalled by interrupt.
pub const MC_FLAG_CMCI: u32 = 1 << 5;
/// Signalled by exception.
pub const MC_FLAG_MCE: u32 = 1 << 6;
/// Recovered.
pub const REC_ACTION_RECOVERED: u8 = 0x1;
/// Nothing was done.
pub const REC_ACTION_NONE: u8 = 0x1 << 1;
/// A reset is needed.
pub const REC_ACTION_NEED_RESET: u8 = 0x1 << 2;
/// A page is retired: `PageOfflineAction`.
pub const MC_ACTION_PAGE_OFFLINE: u8 = 0x1;
/// A CPU is retired: `CpuOfflineAction`.
pub const MC_ACTION_CPU_OFFLINE: u8 = 0x1 << 1;
/// A part of a cache is retired.
pub const MC_ACTION_CACHE_SHRINK: u8 = 0x1 << 2;
/// Entries were lost.
pub const MCINFO_FLAGS_UNCOMPLETE: u32 = 0x1;
/// Bytes of all entries at most.
pub const MCINFO_MAXSIZE: usize = 768;
/// Bytes of a caller's buffer.
pub const MCINFO_HYPERCALLSIZE: usize = 1024;
/// Words of `McinfoLogicalCpu::mc_cpu_caps`.
pub const MC_NCAPS: usize = 7;
/// CPUID leaf 1 edx.
pub const MC_CAPS_STD_EDX: usize = 0;
/// CPUID leaf 80000001 edx.
pub const MC_CAPS_AMD_EDX: usize = 1;
/// CPUID leaf 80860001 edx.
pub const MC_CAPS_TM: usize = 2;
/// Linux's own.
pub const MC_CAPS_LINUX: usize = 3;
/// CPUID leaf 1 ecx.
pub const MC_CAPS_STD_ECX: usize = 4;
/// CPUID leaf c0000001.
pub const MC_CAPS_VIA: usize = 5;
/// CPUID leaf 80000001 ecx.
pub const MC_CAPS_AMD_ECX: usize = 6;
/// MSRs of `XenMcMsrinject` at most.
pub const MC_MSRINJ_MAXMSRS: usize = 8;
/// Reads see the value, the MSR isn't written.
pub const MC_MSRINJ_F_INTERPOSE: u32 = 0x1;
/// Addresses are guest physical.
pub const MC_MSRINJ_F_GPADDR: u32 = 0x2;
/// The bits of what is injected.
pub const XEN_MC_INJECT_TYPE_MASK: u32 = 0x7;
/// An exception.
pub const XEN_MC_INJECT_TYPE_MCE: u32 = 0x0;
/// An interrupt.
pub const XEN_MC_INJECT_TYPE_CMCI: u32 = 0x1;
/// A local exception.
pub const XEN_MC_INJECT_TYPE_LMCE: u32 = 0x2;
/// To all CPUs.
pub const XEN_MC_INJECT_CPU_BROADCAST: u32 = 0x8;

/// The head of an entry.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct McinfoCommon {
    /// `MC_TYPE_*`.
    pub kind: u16,
    /// Bytes of the entry.
    pub size: u16,
}

/// Where and how.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct McinfoGlobal {
    /// Head.
    pub common: McinfoCommon,
    /// Domain that ran.
    pub mc_domid: u16,
    /// Vcpu that ran.
    pub mc_vcpuid: u16,
    /// Socket.
    pub mc_socketid: u32,
    /// Core.
    pub mc_coreid: u16,
    /// Thread.
    pub mc_core_threadid: u16,
    /// APIC number.
    pub mc_apicid: u32,
    /// `MC_FLAG_*`.
    pub mc_flags: u32,
    /// MCG_STATUS.
    pub mc_gstatus: u64,
}

/// What a bank holds.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct McinfoBank {
    /// Head.
    pub common: McinfoCommon,
    /// Bank.
    pub mc_bank: u16,
    /// Owner of the memory.
    pub mc_domid: u16,
    /// MCi_STATUS.
    pub mc_status: u64,
    /// MCi_ADDR.
    pub mc_addr: u64,
    /// MCi_MISC.
    pub mc_misc: u64,
    /// MCi_CTL2.
    pub mc_ctrl2: u64,
    /// TSC.
    pub mc_tsc: u64,
}

/// An MSR.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct McinfoMsr {
    /// MSR number.
    pub reg: u64,
    /// Contents.
    pub value: u64,
}

/// Registers at the error.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct McinfoExtended {
    /// Head.
    pub common: McinfoCommon,
    /// MSRs.
    pub mc_msrs: u32,
    /// The MSRs.
    pub mc_msr: [McinfoMsr; 32],
}

/// A page that is retired.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PageOfflineAction {
    /// Frame.
    pub mfn: u64,
    /// `PG_OFFLINE_*`.
    pub status: u64,
}

/// A CPU that is retired.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CpuOfflineAction {
    /// Socket.
    pub mc_socketid: u32,
    /// Core.
    pub mc_coreid: u16,
    /// Thread.
    pub mc_core_threadid: u16,
}

/// What was done.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct McinfoRecovery {
    /// Head.
    pub common: McinfoCommon,
    /// Bank.
    pub mc_bank: u16,
    /// `REC_ACTION_*`.
    pub action_flags: u8,
    /// `MC_ACTION_*`.
    pub action_types: u8,
    /// The action's own structure.
    pub action_info: Union64<2>,
}

/// Entries.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct McInfo {
    /// Entries.
    pub mi_nentries: u32,
    /// `MCINFO_FLAGS_*`.
    pub flags: u32,
    /// The entries.
    pub mi_data: [u64; 95],
}

/// A CPU.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct McinfoLogicalCpu {
    /// Number.
    pub mc_cpunr: u32,
    /// Socket.
    pub mc_chipid: u32,
    /// Core.
    pub mc_coreid: u16,
    /// Thread.
    pub mc_threadid: u16,
    /// APIC number.
    pub mc_apicid: u32,
    /// Cluster.
    pub mc_clusterid: u32,
    /// Cores of the socket.
    pub mc_ncores: u32,
    /// Cores up.
    pub mc_ncores_active: u32,
    /// Threads of the core.
    pub mc_nthreads: u32,
    /// Highest CPUID leaf.
    pub mc_cpuid_level: i32,
    /// Family.
    pub mc_family: u32,
    /// Vendor.
    pub mc_vendor: u32,
    /// Model.
    pub mc_model: u32,
    /// Stepping.
    pub mc_step: u32,
    /// Vendor's name.
    pub mc_vendorid: [u8; 16],
    /// Brand string.
    pub mc_brandid: [u8; 64],
    /// Words of CPUID, by `MC_CAPS_*`.
    pub mc_cpu_caps: [u32; 7],
    /// KiB of the cache.
    pub mc_cache_size: u32,
    /// Bytes of a cache line.
    pub mc_cache_alignment: u32,
    /// MSRs that follow.
    pub mc_nmsrvals: i32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Machine-check MSRs.
    pub mc_msrvalues: [McinfoMsr; 8],
}

/// Argument of `__HYPERVISOR_ARCH_0`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMc {
    /// `XEN_MC_*`; in.
    pub cmd: u32,
    /// `XEN_MCA_INTERFACE_VERSION`; in.
    pub interface_version: u32,
    /// The command's own structure.
    pub u: Union64<18>,
}

/// Argument of `XEN_MC_FETCH`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMcFetch {
    /// `XEN_MC_*`; in and out.
    pub flags: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Number of the entry; in to acknowledge, out otherwise.
    pub fetch_id: u64,
    /// The entry; out.
    pub data: Handle<McInfo>,
}

/// Argument of `XEN_MC_NOTIFYDOMAIN`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMcNotifydomain {
    /// Domain; in.
    pub mc_domid: u16,
    /// Vcpu; in.
    pub mc_vcpuid: u16,
    /// `XEN_MC_*`; in and out.
    pub flags: u32,
}

/// Argument of `XEN_MC_PHYSCPUINFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMcPhyscpuinfo {
    /// Room; in. CPUs; out.
    pub ncpus: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// CPUs, or null.
    pub info: Handle<McinfoLogicalCpu>,
}

/// Argument of `XEN_MC_MSRINJECT`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMcMsrinject {
    /// CPU.
    pub mcinj_cpunr: u32,
    /// `MC_MSRINJ_F_*`.
    pub mcinj_flags: u32,
    /// MSRs.
    pub mcinj_count: u32,
    /// Domain of the addresses.
    pub mcinj_domid: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// The MSRs.
    pub mcinj_msr: [McinfoMsr; 8],
}

/// Argument of `XEN_MC_MCEINJECT`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMcMceinject {
    /// CPU.
    pub mceinj_cpunr: u32,
}

/// Argument of `XEN_MC_INJECT_V2`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMcInjectV2 {
    /// `XEN_MC_INJECT_*`.
    pub flags: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// CPUs.
    pub cpumap: XenctlBitmap,
}

crate::assert_sizes! {
    McinfoCommon = 4,
    McinfoGlobal = 32,
    McinfoBank = 48,
    McinfoMsr = 16,
    McinfoExtended = 520,
    PageOfflineAction = 16,
    CpuOfflineAction = 8,
    McinfoRecovery = 24,
    McInfo = 768,
    McinfoLogicalCpu = 304,
    XenMc = 152,
    XenMcFetch = 24,
    XenMcNotifydomain = 8,
    XenMcPhyscpuinfo = 16,
    XenMcMsrinject = 144,
    XenMcMceinject = 4,
    XenMcInjectV2 = 24,
}
