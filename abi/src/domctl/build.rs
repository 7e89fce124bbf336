//! Making a domain (`domctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;
use crate::arch_x86::XenArchDomainconfig;
use crate::xen::XenDomainHandle;

// `XenDomctlCreatedomain::flags`.

/// HVM or PVH, not PV.
pub const XEN_DOMCTL_CDF_HVM: u32 = 1;
/// With nested paging.
pub const XEN_DOMCTL_CDF_HAP: u32 = 1 << 1;
/// With memory checked across sleep.
pub const XEN_DOMCTL_CDF_S3_INTEGRITY: u32 = 1 << 2;
/// With shadow page tables always in sync.
pub const XEN_DOMCTL_CDF_OOS_OFF: u32 = 1 << 3;
/// The domain runs xenstore.
pub const XEN_DOMCTL_CDF_XS_DOMAIN: u32 = 1 << 4;
/// Devices may be passed through.
pub const XEN_DOMCTL_CDF_IOMMU: u32 = 1 << 5;
/// The guest may virtualize.
pub const XEN_DOMCTL_CDF_NESTED_VIRT: u32 = 1 << 6;
/// The guest has performance counters.
pub const XEN_DOMCTL_CDF_VPMU: u32 = 1 << 7;
/// The highest flag.
pub const XEN_DOMCTL_CDF_MAX: u32 = XEN_DOMCTL_CDF_VPMU;

// `XenDomctlCreatedomain::iommu_opts`.

/// The IOMMU has page tables of its own.
pub const XEN_DOMCTL_IOMMU_NO_SHAREPT: u32 = 1;
/// The highest flag.
pub const XEN_DOMCTL_IOMMU_MAX: u32 = XEN_DOMCTL_IOMMU_NO_SHAREPT;

// `XenDomctlCreatedomain::grant_opts`.

/// The highest version of grant tables allowed.
pub const XEN_DOMCTL_GRANT_VERSION_MASK: u32 = 0xf;

/// Argument of `XEN_DOMCTL_CREATEDOMAIN`; `XenDomctl::domain` holds the number wanted, or 0 or `DOMID_INVALID` for any.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlCreatedomain {
    /// Security label.
    pub ssidref: u32,
    /// UUID.
    pub handle: XenDomainHandle,
    /// `XEN_DOMCTL_CDF_*`.
    pub flags: u32,
    /// `XEN_DOMCTL_IOMMU_*`.
    pub iommu_opts: u32,
    /// Vcpus the domain can have.
    pub max_vcpus: u32,
    /// Highest port it can have.
    pub max_evtchn_port: u32,
    /// Pages of its grant table at most, -1 for the default.
    pub max_grant_frames: i32,
    /// Pages of its mapping records at most, -1 for the default.
    pub max_maptrack_frames: i32,
    /// `XEN_DOMCTL_GRANT_VERSION_MASK`.
    pub grant_opts: u32,
    /// Bytes of each vcpu's trace buffer, 0 for none.
    pub vmtrace_size: u32,
    /// CPU pool.
    pub cpupool_id: u32,
    /// Emulated devices.
    pub arch: XenArchDomainconfig,
}

/// Argument of `XEN_DOMCTL_MAX_VCPUS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlMaxVcpus {
    /// Vcpus; as at creation.
    pub max: u32,
}

/// Argument of `XEN_DOMCTL_HYPERCALL_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlHypercallInit {
    /// Frame of the page to be filled.
    pub gmfn: u64,
}

/// Argument of the address-size commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlAddressSize {
    /// Bits: 32 or 64.
    pub size: u32,
}

/// Argument of the HVM context commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlHvmcontext {
    /// Bytes of the buffer; in. Bytes saved; out.
    pub size: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// The records, or null to learn the size.
    pub buffer: Handle<u8>,
}

/// Argument of `XEN_DOMCTL_GETHVMCONTEXT_PARTIAL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlHvmcontextPartial {
    /// Record type; in.
    pub kind: u32,
    /// Vcpu, or which device; in.
    pub instance: u32,
    /// Bytes of the buffer; in. Bytes saved; out.
    pub bufsz: u64,
    /// The record, without its head.
    pub buffer: Handle<u8>,
}

/// Argument of `XEN_DOMCTL_SET_TARGET`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlSetTarget {
    /// The domain served.
    pub target: u16,
}

crate::assert_sizes! {
    XenDomctlCreatedomain = 64,
    XenDomctlMaxVcpus = 4,
    XenDomctlHypercallInit = 8,
    XenDomctlAddressSize = 4,
    XenDomctlHvmcontext = 16,
    XenDomctlHvmcontextPartial = 24,
    XenDomctlSetTarget = 2,
}
