//! What the hypervisor says about itself (`version.h`), and which release that is.
//!
//! Everything that depends on the release lives here: Debian's tools pick their directory by the
//! version and refuse domctl and sysctl of an interface version other than their own.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A release of the Xen interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The number before the dot.
    pub major: u16,
    /// The number behind it.
    pub minor: u16,
}

impl Version {
    /// The version that an answer of `XENVER_VERSION` or CPUID leaf 1 encodes.
    pub const fn decode(raw: u32) -> Self {
        Self {
            major: (raw >> 16) as u16,
            minor: raw as u16,
        }
    }

    /// What `XENVER_VERSION` and eax of CPUID leaf 1 answer.
    pub const fn encode(self) -> u32 {
        (self.major as u32) << 16 | self.minor as u32
    }
}

/// The release whose interface this crate describes.
pub const VERSION: Version = Version {
    major: 4,
    minor: 17,
};

/// The newest guest interface, `major.minor.sub` in bytes 2 to 0.
pub const __XEN_LATEST_INTERFACE_VERSION__: u32 = 0x0004_0e00;
/// The only version that a domctl may carry.
pub const XEN_DOMCTL_INTERFACE_VERSION: u32 = 0x00000015;
/// The only version that a sysctl may carry.
pub const XEN_SYSCTL_INTERFACE_VERSION: u32 = 0x00000015;
/// The only version that a platform operation may carry.
pub const XENPF_INTERFACE_VERSION: u32 = 0x03000001;

// Commands of `__HYPERVISOR_XEN_VERSION`.

/// Returns `VERSION`, encoded; no argument.
pub const XENVER_VERSION: u32 = 0;
/// Copies out an `XenExtraversion`.
pub const XENVER_EXTRAVERSION: u32 = 1;
/// Copies out an `XenCompileInfo`.
pub const XENVER_COMPILE_INFO: u32 = 2;
/// Copies out an `XenCapabilitiesInfo`.
pub const XENVER_CAPABILITIES: u32 = 3;
/// Copies out an `XenChangesetInfo`.
pub const XENVER_CHANGESET: u32 = 4;
/// Copies out an `XenPlatformParameters`.
pub const XENVER_PLATFORM_PARAMETERS: u32 = 5;
/// Fills an `XenFeatureInfo`.
pub const XENVER_GET_FEATURES: u32 = 6;
/// Returns the page size, bytes; no argument.
pub const XENVER_PAGESIZE: u32 = 7;
/// Copies out the calling domain's UUID.
pub const XENVER_GUEST_HANDLE: u32 = 8;
/// Copies out an `XenCommandline`.
pub const XENVER_COMMANDLINE: u32 = 9;
/// Copies out an `XenBuildId` with its bytes; returns their number.
pub const XENVER_BUILD_ID: u32 = 10;
/// Bytes of an `XenExtraversion`.
pub const XEN_EXTRAVERSION_LEN: usize = size_of::<XenExtraversion>();
/// Bytes of an `XenCapabilitiesInfo`.
pub const XEN_CAPABILITIES_INFO_LEN: usize = size_of::<XenCapabilitiesInfo>();
/// Bytes of an `XenChangesetInfo`.
pub const XEN_CHANGESET_INFO_LEN: usize = size_of::<XenChangesetInfo>();

/// What follows major and minor, such as `.3`; zero-terminated.
pub type XenExtraversion = [u8; 16];
/// Names of the kinds of guest that can run, such as `xen-3.0-x86_64 hvm-3.0-x86_64`; zero-terminated.
pub type XenCapabilitiesInfo = [u8; 1024];
/// Source revision; zero-terminated.
pub type XenChangesetInfo = [u8; 64];
/// The hypervisor's command line; zero-terminated.
pub type XenCommandline = [u8; 1024];

/// Who compiled the hypervisor, each string zero-terminated.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenCompileInfo {
    /// Compiler and its version.
    pub compiler: [u8; 64],
    /// User.
    pub compile_by: [u8; 16],
    /// Domain.
    pub compile_domain: [u8; 32],
    /// Date and time.
    pub compile_date: [u8; 32],
}

/// Where the hypervisor's hole begins.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPlatformParameters {
    /// First virtual address that PV kernels may not use.
    pub virt_start: u64,
}

/// One word of the feature map.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFeatureInfo {
    /// Which word; in.
    pub submap_idx: u32,
    /// `XENFEAT_*` bits; out.
    pub submap: u32,
}

/// Head of the build identifier, followed by its bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenBuildId {
    /// Bytes that the caller has room for; in.
    pub len: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_packed_in_halves() {
        assert_eq!(VERSION.encode(), 0x0004_0011);
        assert_eq!(Version::decode(0x0004_0011), VERSION);
    }

    #[test]
    fn versions_order_by_major_first() {
        assert!(Version::decode(0x0005_0000) > VERSION);
    }
}

crate::assert_sizes! {
    XenCompileInfo = 144,
    XenPlatformParameters = 8,
    XenFeatureInfo = 8,
    XenBuildId = 4,
}
