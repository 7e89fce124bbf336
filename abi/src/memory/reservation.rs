//! How much memory a domain has (`memory.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;

/// Allocates extents: `XenMemoryReservation`.
pub const XENMEM_INCREASE_RESERVATION: u32 = 0;
/// Frees extents: `XenMemoryReservation`.
pub const XENMEM_DECREASE_RESERVATION: u32 = 1;
/// Allocates extents at given guest frames: `XenMemoryReservation`.
pub const XENMEM_POPULATE_PHYSMAP: u32 = 6;
/// Returns the highest machine frame of RAM; no argument.
pub const XENMEM_MAXIMUM_RAM_PAGE: u32 = 2;
/// Returns the pages that a domain has: `XenMemoryDomain`.
pub const XENMEM_CURRENT_RESERVATION: u32 = 3;
/// Returns the pages that a domain may have: `XenMemoryDomain`.
pub const XENMEM_MAXIMUM_RESERVATION: u32 = 4;
/// Trades extents for others of another size or below some address: `XenMemoryExchange`.
pub const XENMEM_EXCHANGE: u32 = 11;
/// Returns the highest guest frame in use: `XenMemoryDomain`.
pub const XENMEM_MAXIMUM_GPFN: u32 = 14;
/// Reserves an amount of free memory for a domain: `XenMemoryReservation`.
pub const XENMEM_CLAIM_PAGES: u32 = 24;

// `XenMemoryReservation::mem_flags`; bits 0 to 7 limit the address width.

/// Leaves the pages to be allocated at first access.
pub const XENMEMF_POPULATE_ON_DEMAND: u32 = 1 << 16;
/// From the given node or not at all.
pub const XENMEMF_EXACT_NODE_REQUEST: u32 = 1 << 17;
/// The node is virtual.
pub const XENMEMF_VNODE: u32 = 1 << 18;

/// The widest address, in bits, that the pages may have, 0 for any.
#[inline]
pub const fn xenmemf_get_address_bits(mem_flags: u32) -> u32 {
    mem_flags & 0xff
}

/// Flags that ask for memory of `node`.
#[inline]
pub const fn xenmemf_node(node: u32) -> u32 {
    node.wrapping_add(1) << 8
}

/// The node that memory is asked from; 0xff if any will do.
#[inline]
pub const fn xenmemf_get_node(mem_flags: u32) -> u32 {
    (mem_flags >> 8).wrapping_sub(1) & 0xff
}

/// Extents to allocate or free.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMemoryReservation {
    /// Frames: those to free or populate in, those allocated out.
    pub extent_start: Handle<u64>,
    /// Length of the array.
    pub nr_extents: u64,
    /// Each extent has this power of two of pages, and is aligned so.
    pub extent_order: u32,
    /// `XENMEMF_*`.
    pub mem_flags: u32,
    /// Domain concerned; `DOMID_SELF` unless privileged.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 6],
}

/// Argument of `XENMEM_EXCHANGE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMemoryExchange {
    /// Extents given away.
    pub input: XenMemoryReservation,
    /// Extents received; same domain, same number of pages.
    pub out: XenMemoryReservation,
    /// Input extents done; in (zero at first) and out.
    pub nr_exchanged: u64,
}

/// A domain that is asked about.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMemoryDomain {
    /// Domain; in.
    pub domid: u16,
}

crate::assert_sizes! {
    XenMemoryReservation = 32,
    XenMemoryExchange = 72,
    XenMemoryDomain = 2,
}
