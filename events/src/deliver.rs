//! Raising events: sending, virtual and physical IRQs, unmasking.

use units::{DomId, FrameAccess, VcpuId};

use crate::error::Error;
use crate::port::{Consumer, PortState};
use crate::table::PortTable;

/// What raising an event asks of the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Notify {
    /// This vCPU has an upcall to take that it did not have before: wake or kick it.
    pub upcall: Option<VcpuId>,
    /// Pollers have woken: fetch them with [`PortTable::take_woken`].
    pub woken: bool,
}

impl Notify {
    /// Nothing to do.
    pub const NONE: Self = Self {
        upcall: None,
        woken: false,
    };
}

/// Where a port's events go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Nowhere: nobody has bound the other end yet.
    Drop,
    /// To this port of the same domain.
    Local(u32),
    /// To another domain.
    Remote {
        /// The domain.
        domain: DomId,
        /// Its port.
        port: u32,
    },
}

/// What became of a sent event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Sent {
    /// It was raised in the same domain, or dropped.
    Here(Received),
    /// Lock this domain's table and call [`PortTable::receive`] on it.
    Remote {
        /// The domain.
        domain: DomId,
        /// Its port.
        port: u32,
    },
}

/// What an event asks of the caller at its receiving end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Received {
    /// It was raised (or there was nobody to raise it for).
    Guest(Notify),
    /// Call the part of the hypervisor that owns the port.
    Consumer {
        /// Its owner.
        consumer: Consumer,
        /// The vCPU on whose behalf.
        vcpu: VcpuId,
        /// The port.
        port: u32,
    },
}

/// What unmasking asks of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Unmasked {
    /// The event may have been waiting.
    pub notify: Notify,
    /// The port is that of a physical IRQ: if its line was held because the port was masked, end
    /// the interrupt now.
    pub pirq: Option<u32>,
}

impl PortTable {
    /// Where events sent through the guest's `port` go, without sending any. A caller that reads it
    /// under a shared lock then has the target's table to lock only.
    #[inline]
    pub fn route(&self, port: u32) -> Result<Route, Error> {
        let entry = self.slots.get(port).ok_or(Error::NoSuchPort)?;
        if entry.consumer.is_some() {
            return Err(Error::NotGuests);
        }
        match entry.state {
            PortState::Interdomain { remote, port } if remote == self.domain => {
                Ok(Route::Local(port))
            }
            PortState::Interdomain { remote, port } => Ok(Route::Remote {
                domain: remote,
                port,
            }),
            PortState::Ipi => Ok(Route::Local(port)),
            PortState::Unbound { .. } => Ok(Route::Drop),
            _ => Err(Error::NotSendable),
        }
    }

    /// Where events of the hypervisor's own `port` go; `None` for any other port.
    pub fn route_for_consumer(&self, port: u32) -> Option<Route> {
        let entry = self.slots.get(port)?;
        entry.consumer?;
        match entry.state {
            PortState::Interdomain { remote, port } if remote == self.domain => {
                Some(Route::Local(port))
            }
            PortState::Interdomain { remote, port } => Some(Route::Remote {
                domain: remote,
                port,
            }),
            _ => Some(Route::Drop),
        }
    }

    /// `EVTCHNOP_send`.
    #[inline]
    pub fn send(&mut self, mem: &impl FrameAccess, port: u32) -> Result<Sent, Error> {
        Ok(match self.route(port)? {
            Route::Remote { domain, port } => Sent::Remote { domain, port },
            Route::Drop => Sent::Here(Received::Guest(Notify::NONE)),
            Route::Local(to) => Sent::Here(self.take_event(mem, to)),
        })
    }

    /// The second half of a send from another domain: raises `port` if it is still the other end of
    /// `from_port` of `from`, and drops the event otherwise.
    #[inline]
    pub fn receive(
        &mut self,
        mem: &impl FrameAccess,
        port: u32,
        from: DomId,
        from_port: u32,
    ) -> Received {
        let expected = PortState::Interdomain {
            remote: from,
            port: from_port,
        };
        match self.slots.get(port) {
            Some(entry) if entry.state == expected => self.take_event(mem, port),
            _ => Received::Guest(Notify::NONE),
        }
    }

    /// Raises virtual IRQ `virq`, of `vcpu` or global. Nothing happens if it isn't bound.
    #[inline]
    pub fn raise_virq(&mut self, mem: &impl FrameAccess, virq: u32, vcpu: VcpuId) -> Notify {
        match self.virq_port(virq, vcpu) {
            Some(port) => self.raise(mem, port),
            None => Notify::NONE,
        }
    }

    /// Raises physical IRQ `pirq`; `None` if it isn't bound.
    #[inline]
    pub fn raise_pirq(&mut self, mem: &impl FrameAccess, pirq: u32) -> Option<Notify> {
        let port = self.pirq_port(pirq)?;
        Some(self.raise(mem, port))
    }

    /// `EVTCHNOP_unmask`. Ports that no guest can use are left alone without complaint.
    pub fn unmask(&mut self, mem: &impl FrameAccess, port: u32) -> Result<Unmasked, Error> {
        let entry = self.slots.get(port).ok_or(Error::NoSuchPort)?;
        let (usable, vcpu) = (entry.is_guests(), entry.vcpu);
        let pirq = match entry.state {
            PortState::Pirq { pirq, .. } => Some(pirq),
            _ => None,
        };
        let notify = match &self.fifo {
            _ if !usable => Notify::NONE,
            Some(fifo) => match fifo.unmask(mem, port) {
                true => self.raise(mem, port),
                false => Notify::NONE,
            },
            None => {
                let info = self.vcpu_info(VcpuId(vcpu));
                let upcall = self.bitmaps.unmask(mem, info, port);
                Notify {
                    upcall: upcall.then_some(VcpuId(vcpu)),
                    woken: false,
                }
            }
        };
        Ok(Unmasked { notify, pirq })
    }

    /// Unmasks the port of physical IRQ `pirq`, as `PHYSDEVOP_eoi` does for guests with an EOI map;
    /// nothing if it isn't bound.
    pub fn unmask_pirq(&mut self, mem: &impl FrameAccess, pirq: u32) -> Notify {
        match self.pirq_port(pirq).map(|port| self.unmask(mem, port)) {
            Some(Ok(unmasked)) => unmasked.notify,
            _ => Notify::NONE,
        }
    }

    /// Raises the event of `port` whatever it is bound to, if the guest can receive it: for the
    /// hypervisor's own needs and for tests.
    pub fn set_pending(&mut self, mem: &impl FrameAccess, port: u32) -> Notify {
        self.raise(mem, port)
    }

    /// An event arrives at `port`.
    #[inline]
    fn take_event(&mut self, mem: &impl FrameAccess, port: u32) -> Received {
        let owner = self
            .slots
            .get(port)
            .and_then(|e| Some((e.consumer?, e.vcpu)));
        match owner {
            Some((consumer, vcpu)) => Received::Consumer {
                consumer,
                vcpu: VcpuId(vcpu),
                port,
            },
            None => Received::Guest(self.raise(mem, port)),
        }
    }

    /// Sets the port's pending bit, announces it, and wakes pollers.
    #[inline]
    pub(crate) fn raise(&mut self, mem: &impl FrameAccess, port: u32) -> Notify {
        let Some(entry) = self.slots.get_mut(port).filter(|e| e.is_guests()) else {
            return Notify::NONE;
        };
        let vcpu = VcpuId(entry.vcpu);
        let (news, upcall) = match &self.fifo {
            Some(fifo) => fifo.set_pending(mem, &mut self.vcpus, port, entry),
            None => {
                let info = self.vcpus.get(vcpu.0 as usize).and_then(|v| v.info);
                self.bitmaps.set_pending(mem, info, port)
            }
        };
        let vcpus = &self.vcpus;
        let woken = news
            && self.pollers.wake(|poller| {
                vcpus
                    .get(poller)
                    .is_some_and(|v| v.poll_port == 0 || v.poll_port == port)
            });
        Notify {
            upcall: upcall.then_some(vcpu),
            woken,
        }
    }
}
