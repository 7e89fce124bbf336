//! Event channels (`event_channel.h`): the interrupts of Xen guests.
//!
//! A port is the local end of a channel to another domain, to a physical or virtual interrupt, or
//! to another vcpu. Sending sets the port's pending bit; where that bit was clear and the port isn't
//! masked, a vcpu gets an upcall. A pending bit that was set already swallows the event, so a
//! receiver clears the bit before it looks for work.
//!
//! Two layouts of the bits exist. The 2-level one lives in the shared-info page and knows 4096 ports.
//! The FIFO one has a 32-bit word a port in pages of the guest's choice, which link into sixteen
//! queues a vcpu, one a priority.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Union32;

/// Connects to a port that another domain left unbound.
pub const EVTCHNOP_BIND_INTERDOMAIN: u32 = 0;
/// Binds a port to a virtual interrupt.
pub const EVTCHNOP_BIND_VIRQ: u32 = 1;
/// Binds a port to a physical interrupt.
pub const EVTCHNOP_BIND_PIRQ: u32 = 2;
/// Closes a port; the other end becomes unbound.
pub const EVTCHNOP_CLOSE: u32 = 3;
/// Notifies the other end.
pub const EVTCHNOP_SEND: u32 = 4;
/// Tells what a port is bound to.
pub const EVTCHNOP_STATUS: u32 = 5;
/// Makes a port to which another domain may connect.
pub const EVTCHNOP_ALLOC_UNBOUND: u32 = 6;
/// Makes a port by which vcpus notify one of them.
pub const EVTCHNOP_BIND_IPI: u32 = 7;
/// Picks the vcpu that a port notifies.
pub const EVTCHNOP_BIND_VCPU: u32 = 8;
/// Clears a port's mask and delivers what was pending.
pub const EVTCHNOP_UNMASK: u32 = 9;
/// Closes all ports of a domain and returns to the 2-level layout.
pub const EVTCHNOP_RESET: u32 = 10;
/// Gives a vcpu its FIFO control block; the first call selects the FIFO layout.
pub const EVTCHNOP_INIT_CONTROL: u32 = 11;
/// Adds a page of FIFO event words.
pub const EVTCHNOP_EXPAND_ARRAY: u32 = 12;
/// Sets a port's FIFO queue.
pub const EVTCHNOP_SET_PRIORITY: u32 = 13;

/// A continuation of `EVTCHNOP_RESET`, of use to the hypervisor alone.
pub const EVTCHNOP_RESET_CONT: u32 = 14;

/// The local number of an event channel. Port 0 is never valid.
pub type EvtchnPort = u32;

/// In `EvtchnBindPirq::flags`: other domains may bind the same interrupt.
pub const BIND_PIRQ__WILL_SHARE: u32 = 1;

// `EvtchnStatus::status`.

/// Unused.
pub const EVTCHNSTAT_CLOSED: u32 = 0;
/// Waits for `EvtchnStatusUnbound::dom` to connect.
pub const EVTCHNSTAT_UNBOUND: u32 = 1;
/// Connected, see `EvtchnStatusInterdomain`.
pub const EVTCHNSTAT_INTERDOMAIN: u32 = 2;
/// Bound to the physical interrupt `u`.
pub const EVTCHNSTAT_PIRQ: u32 = 3;
/// Bound to the virtual interrupt `u`.
pub const EVTCHNSTAT_VIRQ: u32 = 4;
/// Bound to IPIs.
pub const EVTCHNSTAT_IPI: u32 = 5;

// The 2-level layout.

/// Ports of the 2-level layout.
pub const EVTCHN_2L_NR_CHANNELS: u32 = 0x1000;

// The FIFO layout.

/// The most urgent queue.
pub const EVTCHN_FIFO_PRIORITY_MAX: u32 = 0;
/// The queue of a new port.
pub const EVTCHN_FIFO_PRIORITY_DEFAULT: u32 = 7;
/// The least urgent queue.
pub const EVTCHN_FIFO_PRIORITY_MIN: u32 = 15;
/// Queues of a vcpu.
pub const EVTCHN_FIFO_MAX_QUEUES: usize = 16;
/// Bit number in an event word: pending.
pub const EVTCHN_FIFO_PENDING: u32 = 31;
/// Bit number in an event word: masked.
pub const EVTCHN_FIFO_MASKED: u32 = 30;
/// Bit number in an event word: on a queue.
pub const EVTCHN_FIFO_LINKED: u32 = 29;
/// Bit number in an event word: the hypervisor is changing the link.
pub const EVTCHN_FIFO_BUSY: u32 = 28;
/// Bits of the link field.
pub const EVTCHN_FIFO_LINK_BITS: u32 = 17;
/// The link field: the next port of the queue, 0 for none.
pub const EVTCHN_FIFO_LINK_MASK: u32 = (1 << EVTCHN_FIFO_LINK_BITS) - 1;
/// Ports of the FIFO layout.
pub const EVTCHN_FIFO_NR_CHANNELS: u32 = 1 << EVTCHN_FIFO_LINK_BITS;

/// Argument of `EVTCHNOP_ALLOC_UNBOUND`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnAllocUnbound {
    /// Domain that gets the port; in. `DOMID_SELF` unless privileged.
    pub dom: u16,
    /// Domain that may connect; in.
    pub remote_dom: u16,
    /// The new port; out.
    pub port: u32,
}

/// Argument of `EVTCHNOP_BIND_INTERDOMAIN`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnBindInterdomain {
    /// Domain to connect to; in.
    pub remote_dom: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Its unbound port; in.
    pub remote_port: u32,
    /// The new port, pending from the start; out.
    pub local_port: u32,
}

/// Argument of `EVTCHNOP_BIND_VIRQ`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnBindVirq {
    /// `VIRQ_*`; in.
    pub virq: u32,
    /// Vcpu to notify, 0 for global interrupts; in.
    pub vcpu: u32,
    /// The new port; out.
    pub port: u32,
}

/// Argument of `EVTCHNOP_BIND_PIRQ`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnBindPirq {
    /// The domain's number of the physical interrupt; in.
    pub pirq: u32,
    /// `BIND_PIRQ__*`; in.
    pub flags: u32,
    /// The new port; out.
    pub port: u32,
}

/// Argument of `EVTCHNOP_BIND_IPI`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnBindIpi {
    /// Vcpu to notify, for good; in.
    pub vcpu: u32,
    /// The new port; out.
    pub port: u32,
}

/// Argument of `EVTCHNOP_CLOSE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnClose {
    /// Port to close; in.
    pub port: u32,
}

/// Argument of `EVTCHNOP_SEND`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnSend {
    /// Local port; in.
    pub port: u32,
}

/// Argument of `EVTCHNOP_STATUS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnStatus {
    /// Owner of the port; in.
    pub dom: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// The port; in.
    pub port: u32,
    /// `EVTCHNSTAT_*`; out.
    pub status: u32,
    /// Vcpu that is notified; out.
    pub vcpu: u32,
    /// `EvtchnStatusUnbound`, `EvtchnStatusInterdomain`, or a `u32` interrupt number; out.
    pub u: Union32<2>,
}

/// `EvtchnStatus::u` of an unbound port.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnStatusUnbound {
    /// Domain that may connect.
    pub dom: u16,
}

/// `EvtchnStatus::u` of a connected port.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnStatusInterdomain {
    /// Domain at the other end.
    pub dom: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Its port.
    pub port: u32,
}

/// Argument of `EVTCHNOP_BIND_VCPU`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnBindVcpu {
    /// Local port; in.
    pub port: u32,
    /// Vcpu to notify; in.
    pub vcpu: u32,
}

/// Argument of `EVTCHNOP_UNMASK`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnUnmask {
    /// Local port; in.
    pub port: u32,
}

/// Argument of `EVTCHNOP_RESET`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnReset {
    /// Domain whose ports are closed; in.
    pub dom: u16,
}

/// Argument of `EVTCHNOP_INIT_CONTROL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnInitControl {
    /// Frame of the control block; in.
    pub control_gfn: u64,
    /// Its offset in the frame, a multiple of 8; in.
    pub offset: u32,
    /// Vcpu it is for; in.
    pub vcpu: u32,
    /// Width of the link field; out.
    pub link_bits: u8,
    #[doc(hidden)]
    pub _pad: [u8; 7],
}

/// Argument of `EVTCHNOP_EXPAND_ARRAY`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnExpandArray {
    /// Frame for the next 1024 event words; in.
    pub array_gfn: u64,
}

/// Argument of `EVTCHNOP_SET_PRIORITY`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnSetPriority {
    /// Local port; in.
    pub port: u32,
    /// 0 (urgent) to 15; in.
    pub priority: u32,
}

/// Argument of `__HYPERVISOR_EVENT_CHANNEL_OP_COMPAT`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnOp {
    /// `EVTCHNOP_*`.
    pub cmd: u32,
    /// The operation's own argument.
    pub u: Union32<6>,
}

/// Heads of a vcpu's FIFO queues.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EvtchnFifoControlBlock {
    /// Bit of each queue that isn't empty; set by the hypervisor, cleared by the guest.
    pub ready: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// First port of each queue, 0 for none.
    pub head: [u32; 16],
}

crate::assert_sizes! {
    EvtchnAllocUnbound = 8,
    EvtchnBindInterdomain = 12,
    EvtchnBindVirq = 12,
    EvtchnBindPirq = 12,
    EvtchnBindIpi = 8,
    EvtchnClose = 4,
    EvtchnSend = 4,
    EvtchnStatus = 24,
    EvtchnStatusUnbound = 2,
    EvtchnStatusInterdomain = 8,
    EvtchnBindVcpu = 8,
    EvtchnUnmask = 4,
    EvtchnReset = 2,
    EvtchnInitControl = 24,
    EvtchnExpandArray = 8,
    EvtchnSetPriority = 8,
    EvtchnOp = 28,
    EvtchnFifoControlBlock = 72,
}
