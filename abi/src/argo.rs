//! Argo: message rings between domains that share no memory (`argo.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;

/// Registers a receive ring: `XenArgoRegisterRing`.
pub const XEN_ARGO_OP_REGISTER_RING: u32 = 1;
/// Drops it: `XenArgoUnregisterRing`.
pub const XEN_ARGO_OP_UNREGISTER_RING: u32 = 2;
/// Sends a message: `XenArgoSendAddr` and an array of `XenArgoIov`.
pub const XEN_ARGO_OP_SENDV: u32 = 3;
/// Asks for room in rings: `XenArgoRingData`.
pub const XEN_ARGO_OP_NOTIFY: u32 = 4;
/// Any sender.
pub const XEN_ARGO_DOMID_ANY: u16 = crate::xen::DOMID_INVALID;
/// Bytes of a ring at most.
pub const XEN_ARGO_MAX_RING_SIZE: u64 = 0x1000000;
/// Pieces of a message at most.
pub const XEN_ARGO_MAXIOV: usize = 8;
/// Messages are a multiple of so many bytes.
pub const XEN_ARGO_MSG_SLOT_SIZE: u32 = 0x10;
/// A ring that exists isn't replaced.
pub const XEN_ARGO_REGISTER_FLAG_FAIL_EXIST: u32 = 0x1;
/// The ring exists.
pub const XEN_ARGO_RING_EXISTS: u16 = 1;
/// It takes messages of any sender.
pub const XEN_ARGO_RING_SHARED: u16 = 1 << 1;
/// It is empty.
pub const XEN_ARGO_RING_EMPTY: u16 = 1 << 2;
/// It has the room asked for.
pub const XEN_ARGO_RING_SUFFICIENT: u16 = 1 << 3;
/// It never will.
pub const XEN_ARGO_RING_EMSGSIZE: u16 = 1 << 4;
/// Too many others wait for it.
pub const XEN_ARGO_RING_EBUSY: u16 = 1 << 5;

/// A piece of a message.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoIov {
    /// Where.
    pub iov_hnd: Handle<u8>,
    /// Bytes.
    pub iov_len: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// An end of a message.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoAddr {
    /// Port.
    pub aport: u32,
    /// Domain.
    pub domain_id: u16,
    #[doc(hidden)]
    pub _pad0: u16,
}

/// Both ends.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoSendAddr {
    /// Sender.
    pub src: XenArgoAddr,
    /// Receiver.
    pub dst: XenArgoAddr,
}

/// Head of a ring, followed by its bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoRing {
    /// Bytes read; by the receiver.
    pub rx_ptr: u32,
    /// Bytes written; by the hypervisor.
    pub tx_ptr: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 56],
}

/// A ring to register.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoRegisterRing {
    /// Port.
    pub aport: u32,
    /// Sender, or `XEN_ARGO_DOMID_ANY`.
    pub partner_id: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// Bytes of the ring.
    pub len: u32,
}

/// A ring to drop.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoUnregisterRing {
    /// Port.
    pub aport: u32,
    /// Sender, or `XEN_ARGO_DOMID_ANY`.
    pub partner_id: u16,
    #[doc(hidden)]
    pub _pad0: u16,
}

/// A ring asked about.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoRingDataEnt {
    /// The ring; in.
    pub ring: XenArgoAddr,
    /// `XEN_ARGO_RING_*`; out.
    pub flags: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// Bytes wanted; in.
    pub space_required: u32,
    /// Bytes of the longest message it takes; out.
    pub max_message_size: u32,
}

/// Head of the rings asked about.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoRingData {
    /// Rings.
    pub nent: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// Head of a message in a ring.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArgoRingMessageHeader {
    /// Bytes with the head.
    pub len: u32,
    /// Sender.
    pub source: XenArgoAddr,
    /// The sender's type.
    pub message_type: u32,
}

crate::assert_sizes! {
    XenArgoIov = 16,
    XenArgoAddr = 8,
    XenArgoSendAddr = 16,
    XenArgoRing = 64,
    XenArgoRegisterRing = 12,
    XenArgoUnregisterRing = 8,
    XenArgoRingDataEnt = 20,
    XenArgoRingData = 8,
    XenArgoRingMessageHeader = 16,
}
