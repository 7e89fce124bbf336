//! The shared-info page and what it holds for each vcpu (`xen.h`).
//!
//! `VcpuTimeInfo` is a sequence lock with the hypervisor as its only writer: `version` is odd while
//! an update is under way, and a reader tries again if it saw an odd or a changed number. A reader
//! turns a TSC value into ns of system time by
//! `system_time + ((tsc - tsc_timestamp) << tsc_shift) * tsc_to_system_mul >> 32`. `SharedInfo::wc_version`
//! guards the wall clock alike.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::arch_x86::{ArchSharedInfo, ArchVcpuInfo, XEN_LEGACY_MAX_VCPUS};

/// In `VcpuTimeInfo::flags`: system time is monotonic across vcpus.
pub const XEN_PVCLOCK_TSC_STABLE_BIT: u8 = 1;
/// In `VcpuTimeInfo::flags`: the guest was stopped and should forgive its watchdogs.
pub const XEN_PVCLOCK_GUEST_STOPPED: u8 = 1 << 1;

/// System time as a linear function of the TSC.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuTimeInfo {
    /// Odd during an update.
    pub version: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// TSC at the last update.
    pub tsc_timestamp: u64,
    /// Nanoseconds since boot at `tsc_timestamp`.
    pub system_time: u64,
    /// Nanoseconds per shifted tick, as a fraction of 2^32.
    pub tsc_to_system_mul: u32,
    /// Left shift of the tick difference; right shift if negative.
    pub tsc_shift: i8,
    /// `XEN_PVCLOCK_*`.
    pub flags: u8,
    #[doc(hidden)]
    pub _pad1: [u8; 2],
}

/// What a vcpu shares with the hypervisor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VcpuInfo {
    /// Nonzero while an event waits; set by the hypervisor, cleared by the guest.
    pub evtchn_upcall_pending: u8,
    /// Nonzero while the guest takes no upcalls; for PV what IF is to hardware.
    pub evtchn_upcall_mask: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 6],
    /// Which words of `evtchn_pending` to look at (2-level), bit by word.
    pub evtchn_pending_sel: u64,
    /// CR2 and padding.
    pub arch: ArchVcpuInfo,
    /// The clock.
    pub time: VcpuTimeInfo,
}

/// The page that a domain shares with the hypervisor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SharedInfo {
    /// The first 32 vcpus' areas, until moved by `VCPUOP_REGISTER_VCPU_INFO`.
    pub vcpu_info: [VcpuInfo; 32],
    /// Pending bit of each 2-level event channel.
    pub evtchn_pending: [u64; 64],
    /// Mask bit of each 2-level event channel.
    pub evtchn_mask: [u64; 64],
    /// Odd during an update of the wall clock.
    pub wc_version: u32,
    /// Wall clock at system time zero: s since 1970, low half.
    pub wc_sec: u32,
    /// And ns.
    pub wc_nsec: u32,
    /// Seconds since 1970, high half.
    pub wc_sec_hi: u32,
    /// P2m anchors and NMI reason.
    pub arch: ArchSharedInfo,
}

const _: () = assert!(XEN_LEGACY_MAX_VCPUS == 32);

crate::assert_sizes! {
    VcpuTimeInfo = 32,
    VcpuInfo = 64,
    SharedInfo = 3136,
}
