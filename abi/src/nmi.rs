//! Non-maskable interrupts of dom0 (`nmi.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// I/O check, seen at port 0x61 bit 6. A bit of `ArchSharedInfo::nmi_reason`.
pub const XEN_NMIREASON_IO_ERROR: u64 = 1;
/// PCI system error, seen at port 0x61 bit 7.
pub const XEN_NMIREASON_PCI_SERR: u64 = 1 << 1;
/// Any other hardware.
pub const XEN_NMIREASON_UNKNOWN: u64 = 1 << 2;
/// Sets the entry point of dom0's vcpu 0: `XennmiCallback`.
pub const XENNMI_REGISTER_CALLBACK: u32 = 0;
/// Drops it; no argument.
pub const XENNMI_UNREGISTER_CALLBACK: u32 = 1;

/// Argument of `XENNMI_REGISTER_CALLBACK`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XennmiCallback {
    /// Virtual address of the entry point; in.
    pub handler_address: u64,
    #[doc(hidden)]
    pub _pad0: u64,
}

crate::assert_sizes! {
    XennmiCallback = 16,
}
