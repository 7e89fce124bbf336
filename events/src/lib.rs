//! Event channels: the interrupts of a domain, as a state machine over shared memory.
//!
//! A domain owns *ports*. A port is bound to a peer's port, a virtual IRQ, a physical IRQ or to
//! nothing but other vCPUs of the domain (an IPI), and carries one bit: pending. Raising an event sets
//! the bit in memory shared with the guest and, where that is news, gets a vCPU's attention. The
//! protocol is in `event_channel.h` and `xen.h`; a domain starts on the 2-level ABI (bitmaps in
//! `shared_info`, [`two_level`]) and may switch to the FIFO ABI (linked event words, [`fifo`]).
//!
//! # How the pieces are used
//!
//! [`PortTable`] is all of one domain. It takes `&mut self`, holds no locks and calls nobody: an
//! operation returns what the caller must do, and [`Notify`] is the most common of these ("this vCPU
//! has an upcall to take", "a poller woke up"). Operations on two domains take both tables, so the
//! caller chooses the order of its locks: [`bind_interdomain`], [`PortTable::close`]. Sending takes
//! one lock at a time: [`PortTable::send`] finds the target, [`PortTable::receive`] on the target's
//! table checks that the channel is still the same one and raises the event.
//!
//! # Rules that everything here keeps
//!
//! - Whatever lies in guest memory is hostile. Nothing read there chooses an address or bounds a loop;
//!   a guest that corrupts its event words loses its own events.
//! - A refused operation has changed nothing.
//! - Raising an event allocates nothing and does at most five atomic operations. The state a sender
//!   reads ([`PortTable::route`]) is plain data that could become atomics when the lock gets in the way.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod bind;
mod close;
mod deliver;
mod error;
pub mod fifo;
mod fifo_control;
mod poll;
mod port;
mod slots;
mod table;
pub mod two_level;
mod vcpu_info;
pub mod virq;

pub use bind::bind_interdomain;
pub use close::{Closed, Peer};
pub use deliver::{Notify, Received, Route, Sent, Unmasked};
pub use error::Error;
pub use poll::{MAX_POLL_PORTS, Poll};
pub use port::{Consumer, PortInfo, PortState};
pub use table::PortTable;
pub use two_level::Layout;
pub use vcpu_info::{LEGACY_MAX_VCPUS, VCPU_INFO_SIZE, VcpuInfo};
