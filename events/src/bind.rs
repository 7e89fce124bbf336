//! Opening ports and choosing their vCPU.

use units::{DomId, FrameAccess, VcpuId};

use crate::deliver::Notify;
use crate::error::Error;
use crate::port::{Consumer, PortState};
use crate::table::PortTable;
use crate::virq::{self, NR_VIRQS};

impl PortTable {
    /// `EVTCHNOP_alloc_unbound`: a port that waits for `remote` (no `DOMID_SELF` here). Whether such
    /// a domain exists is not asked.
    pub fn alloc_unbound(&mut self, mem: &impl FrameAccess, remote: DomId) -> Result<u32, Error> {
        let port = self.find_free(mem)?;
        self.open(port, PortState::Unbound { remote }, 0);
        Ok(port)
    }

    /// The same for a port whose events go to `consumer` in the hypervisor, on behalf of `vcpu`. The
    /// guest can't touch it.
    pub fn alloc_for_consumer(
        &mut self,
        mem: &impl FrameAccess,
        vcpu: VcpuId,
        remote: DomId,
        consumer: Consumer,
    ) -> Result<u32, Error> {
        self.vcpu(vcpu)?;
        let port = self.find_free(mem)?;
        self.open(port, PortState::Unbound { remote }, vcpu.0);
        if let Some(entry) = self.slots.get_mut(port) {
            entry.consumer = Some(consumer);
        }
        Ok(port)
    }

    /// [`bind_interdomain`] within the domain.
    pub fn bind_loopback(
        &mut self,
        mem: &impl FrameAccess,
        remote_port: u32,
    ) -> Result<(u32, Notify), Error> {
        let port = self.find_free(mem)?;
        self.check_accepting(remote_port, self.domain)?;
        let other_end = self.connect(port, self.domain, remote_port);
        self.set_state(remote_port, other_end);
        Ok((port, self.raise(mem, port)))
    }

    /// `EVTCHNOP_bind_virq`.
    pub fn bind_virq(
        &mut self,
        mem: &impl FrameAccess,
        virq: u32,
        vcpu: VcpuId,
    ) -> Result<u32, Error> {
        if virq as usize >= NR_VIRQS {
            return Err(Error::NoSuchVirq);
        }
        if virq::is_global(virq) && vcpu.0 != 0 {
            return Err(Error::GlobalVirqElsewhere);
        }
        self.vcpu(vcpu)?;
        if self.virq_port(virq, vcpu).is_some() {
            return Err(Error::VirqBound);
        }
        let port = self.find_free(mem)?;
        self.open(port, PortState::Virq { virq }, vcpu.0);
        if let Some(slot) = self.virq_slot(virq, vcpu.0) {
            *slot = port;
        }
        Ok(port)
    }

    /// `EVTCHNOP_bind_ipi`.
    pub fn bind_ipi(&mut self, mem: &impl FrameAccess, vcpu: VcpuId) -> Result<u32, Error> {
        self.vcpu(vcpu)?;
        let port = self.find_free(mem)?;
        self.open(port, PortState::Ipi, vcpu.0);
        Ok(port)
    }

    /// `EVTCHNOP_bind_pirq`. Whether the domain may have the IRQ is checked before; `attach` binds
    /// the physical side once everything else is known to succeed, and its refusal is returned.
    pub fn bind_pirq<E: From<Error>>(
        &mut self,
        mem: &impl FrameAccess,
        pirq: u32,
        will_share: bool,
        attach: impl FnOnce() -> Result<(), E>,
    ) -> Result<u32, E> {
        let port = self.plan_pirq(mem, pirq)?;
        attach()?;
        self.open(port, PortState::Pirq { pirq, will_share }, 0);
        if let Some(slot) = self.pirqs.get_mut(pirq as usize) {
            *slot = port;
        }
        Ok(port)
    }

    fn plan_pirq(&mut self, mem: &impl FrameAccess, pirq: u32) -> Result<u32, Error> {
        if pirq >= self.nr_pirqs() {
            return Err(Error::NoSuchPirq);
        }
        if self.pirq_port(pirq).is_some() {
            return Err(Error::PirqBound);
        }
        let port = self.find_free(mem)?;
        if self.pirqs.is_empty() {
            let count = self.nr_pirqs() as usize;
            self.pirqs
                .try_reserve_exact(count)
                .map_err(|_| Error::NoMemory)?;
            self.pirqs.resize(count, 0);
        }
        Ok(port)
    }

    /// `EVTCHNOP_bind_vcpu`: future events of `port` notify `vcpu`. Answers the physical IRQ whose
    /// affinity should follow, if the port has one and has moved.
    pub fn bind_vcpu(&mut self, port: u32, vcpu: VcpuId) -> Result<Option<u32>, Error> {
        self.vcpu(vcpu)?;
        let entry = self.slots.get_mut(port).ok_or(Error::NoSuchPort)?;
        if entry.consumer.is_some() {
            return Err(Error::NotGuests);
        }
        let pirq = match entry.state {
            PortState::Free | PortState::Reserved => return Err(Error::NotOpen),
            PortState::Ipi => return Err(Error::FixedVcpu),
            PortState::Virq { virq } if !virq::is_global(virq) => return Err(Error::FixedVcpu),
            PortState::Pirq { pirq, .. } if entry.vcpu != vcpu.0 => Some(pirq),
            _ => None,
        };
        entry.vcpu = vcpu.0;
        Ok(pirq)
    }

    /// The port of `virq` on `vcpu`, if it is bound; global ones are asked for with any vCPU.
    #[inline]
    pub fn virq_port(&self, virq: u32, vcpu: VcpuId) -> Option<u32> {
        let ports = if virq::is_global(virq) {
            &self.global_virqs
        } else {
            &self.vcpus.get(vcpu.0 as usize)?.virqs
        };
        ports.get(virq as usize).copied().filter(|port| *port != 0)
    }

    pub(crate) fn virq_slot(&mut self, virq: u32, vcpu: u32) -> Option<&mut u32> {
        let ports = if virq::is_global(virq) {
            &mut self.global_virqs
        } else {
            &mut self.vcpus.get_mut(vcpu as usize)?.virqs
        };
        ports.get_mut(virq as usize)
    }

    /// Refuses unless `port` waits for `caller`.
    fn check_accepting(&self, port: u32, caller: DomId) -> Result<(), Error> {
        match self.slots.get(port).ok_or(Error::NoSuchPort)?.state {
            PortState::Unbound { remote } if remote == caller => Ok(()),
            _ => Err(Error::NotAccepting),
        }
    }

    pub(crate) fn set_state(&mut self, port: u32, state: PortState) {
        if let Some(entry) = self.slots.get_mut(port) {
            entry.state = state;
        }
    }

    /// Opens `port` as one end of a channel; answers what the other end becomes.
    fn connect(&mut self, port: u32, remote: DomId, remote_port: u32) -> PortState {
        let local = PortState::Interdomain {
            remote,
            port: remote_port,
        };
        self.open(port, local, 0);
        PortState::Interdomain {
            remote: self.domain,
            port,
        }
    }
}

/// `EVTCHNOP_bind_interdomain`: connects a new port of `local` to `remote_port` of another domain,
/// which must be waiting for it. Answers the new port, which is raised at once. Within one domain
/// it is [`PortTable::bind_loopback`].
pub fn bind_interdomain(
    mem: &impl FrameAccess,
    local: &mut PortTable,
    remote: &mut PortTable,
    remote_port: u32,
) -> Result<(u32, Notify), Error> {
    let port = local.find_free(mem)?;
    remote.check_accepting(remote_port, local.domain)?;
    let other_end = local.connect(port, remote.domain, remote_port);
    remote.set_state(remote_port, other_end);
    // What was sent from the other end while nobody was here has been dropped: start out pending.
    Ok((port, local.raise(mem, port)))
}
