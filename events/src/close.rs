//! Closing ports, one by one or all of a domain's.
//!
//! Closing one end of a channel puts the other end back to waiting for us, in the same step:
//! otherwise the freed port could be opened for something else while the peer still sends to it. So
//! both tables are needed; the caller looks up the peer ([`PortTable::peer_domain`]), locks both in its
//! order, and is told to look again if the port has found another peer in between.

use units::{DomId, FrameAccess};

use crate::error::Error;
use crate::port::PortState;
use crate::table::PortTable;

/// The table with the other end of a channel, as far as the caller has it.
pub enum Peer<'t> {
    /// The caller holds no other table.
    None,
    /// The caller holds this one.
    Locked(&'t mut PortTable),
    /// The peer domain exists no more.
    Gone,
}

/// What is left to do for a closed port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Nothing.
    Done,
    /// Unbind this physical IRQ.
    Pirq(u32),
}

impl PortTable {
    /// The *other* domain whose table closing `port` needs, if any.
    pub fn peer_domain(&self, port: u32) -> Option<DomId> {
        match self.slots.get(port)?.state {
            PortState::Interdomain { remote, .. } if remote != self.domain => Some(remote),
            _ => None,
        }
    }

    /// `EVTCHNOP_close`, by the guest.
    pub fn close(
        &mut self,
        mem: &impl FrameAccess,
        port: u32,
        peer: Peer<'_>,
    ) -> Result<Closed, Error> {
        let entry = self.slots.get(port).ok_or(Error::NoSuchPort)?;
        if entry.consumer.is_some() {
            return Err(Error::NotGuests);
        }
        self.close_any(mem, port, peer)
    }

    /// Closes any open port, the hypervisor's own included: for their owner, and for the end of the domain.
    pub fn close_any(
        &mut self,
        mem: &impl FrameAccess,
        port: u32,
        peer: Peer<'_>,
    ) -> Result<Closed, Error> {
        let entry = self.slots.get(port).ok_or(Error::NoSuchPort)?;
        let (state, vcpu) = (entry.state, entry.vcpu);
        let mut closed = Closed::Done;
        match state {
            PortState::Free | PortState::Reserved => return Err(Error::NotOpen),
            PortState::Unbound { .. } | PortState::Ipi => {}
            PortState::Interdomain {
                remote,
                port: other,
            } => {
                let waiting = PortState::Unbound {
                    remote: self.domain,
                };
                match peer {
                    _ if remote == self.domain => self.set_state(other, waiting),
                    Peer::Locked(table) if table.domain == remote => {
                        table.set_state(other, waiting);
                    }
                    Peer::Gone => {}
                    _ => return Err(Error::PeerNotLocked(remote)),
                }
            }
            PortState::Virq { virq } => {
                if let Some(slot) = self.virq_slot(virq, vcpu) {
                    *slot = 0;
                }
            }
            PortState::Pirq { pirq, .. } => {
                if let Some(slot) = self.pirqs.get_mut(pirq as usize) {
                    *slot = 0;
                }
                closed = Closed::Pirq(pirq);
            }
        }
        // Whoever gets the port next must not find an event that isn't its own.
        match &self.fifo {
            Some(fifo) => fifo.clear_pending(mem, port),
            None => self.bitmaps.clear_pending(mem, port),
        }
        self.slots.close(port);
        Ok(closed)
    }

    /// The first open port above `after` that the guest may close; with `hypervisors`, that anyone
    /// may. `EVTCHNOP_reset` and the end of a domain close one after the other, from 0, in steps as
    /// small as the caller likes, and end with [`PortTable::leave_fifo`].
    pub fn next_open(&self, after: u32, hypervisors: bool) -> Option<u32> {
        (after.checked_add(1)?..self.slots.len()).find(|port| {
            self.slots
                .get(*port)
                .is_some_and(|e| e.is_open() && (hypervisors || e.consumer.is_none()))
        })
    }
}
