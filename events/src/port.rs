//! What one port is.

use core::num::NonZeroU8;

use abi::event_channel::{
    EVTCHNSTAT_CLOSED, EVTCHNSTAT_INTERDOMAIN, EVTCHNSTAT_IPI, EVTCHNSTAT_PIRQ, EVTCHNSTAT_UNBOUND,
    EVTCHNSTAT_VIRQ, EvtchnStatus, EvtchnStatusInterdomain, EvtchnStatusUnbound,
};
use units::{DomId, VcpuId};

use crate::fifo::PRIORITY_DEFAULT;

/// What a port is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortState {
    /// Not in use (`EVTCHNSTAT_closed`).
    Free,
    /// Port 0, which is never handed out: zero means "none" in this ABI (`EVTCHNSTAT_closed`).
    Reserved,
    /// Waits for `remote` to bind to it (`EVTCHNSTAT_unbound`).
    Unbound {
        /// The domain that may.
        remote: DomId,
    },
    /// One end of a channel (`EVTCHNSTAT_interdomain`).
    Interdomain {
        /// The domain with the other end, possibly the same.
        remote: DomId,
        /// The other end.
        port: u32,
    },
    /// A physical IRQ (`EVTCHNSTAT_pirq`).
    Pirq {
        /// In the domain's numbering.
        pirq: u32,
        /// Bound with `BIND_PIRQ__WILL_SHARE`.
        will_share: bool,
    },
    /// A virtual IRQ (`EVTCHNSTAT_virq`).
    Virq {
        /// Below `NR_VIRQS`.
        virq: u32,
    },
    /// From one vCPU of the domain to another (`EVTCHNSTAT_ipi`).
    Ipi,
}

/// Names the part of the hypervisor that owns the domain's end of a channel, for example the one that
/// waits for a device model's answers. The number means something to the caller only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumer(pub NonZeroU8);

/// A port as status calls and debug keys see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortInfo {
    /// Its number.
    pub port: u32,
    /// What it is bound to.
    pub state: PortState,
    /// The vCPU that its events notify.
    pub vcpu: VcpuId,
    /// FIFO priority, 0 (highest) to 15.
    pub priority: u8,
    /// The owner, if the guest isn't.
    pub consumer: Option<Consumer>,
}

impl PortInfo {
    /// Fills in the answer of `EVTCHNOP_status`.
    pub fn write_status(&self, status: &mut EvtchnStatus) {
        status.vcpu = self.vcpu.0;
        status.status = match self.state {
            PortState::Free | PortState::Reserved => EVTCHNSTAT_CLOSED,
            PortState::Unbound { remote } => {
                status.u.put(&EvtchnStatusUnbound { dom: remote.0 });
                EVTCHNSTAT_UNBOUND
            }
            PortState::Interdomain { remote, port } => {
                status.u.put(&EvtchnStatusInterdomain {
                    dom: remote.0,
                    _pad0: [0; 2],
                    port,
                });
                EVTCHNSTAT_INTERDOMAIN
            }
            PortState::Pirq { pirq, .. } => {
                status.u.put(&pirq);
                EVTCHNSTAT_PIRQ
            }
            PortState::Virq { virq } => {
                status.u.put(&virq);
                EVTCHNSTAT_VIRQ
            }
            PortState::Ipi => EVTCHNSTAT_IPI,
        };
    }
}

/// A port at rest.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) state: PortState,
    pub(crate) vcpu: u32,
    /// The FIFO queue that the port was last put on. It survives closing, because a stale tail does too.
    pub(crate) last_vcpu: u32,
    pub(crate) last_priority: u8,
    pub(crate) priority: u8,
    /// Raised while its event word did not exist yet.
    pub(crate) deferred: bool,
    pub(crate) consumer: Option<Consumer>,
}

impl Entry {
    pub(crate) const FREE: Self = Self {
        state: PortState::Free,
        vcpu: 0,
        last_vcpu: 0,
        last_priority: 0,
        priority: PRIORITY_DEFAULT,
        deferred: false,
        consumer: None,
    };

    pub(crate) fn is_free(&self) -> bool {
        matches!(self.state, PortState::Free)
    }

    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.state, PortState::Free | PortState::Reserved)
    }

    /// True where events on the port reach the guest.
    pub(crate) fn is_guests(&self) -> bool {
        self.is_open() && self.consumer.is_none()
    }

    /// Takes the free port into use.
    pub(crate) fn open(&mut self, state: PortState, vcpu: u32) {
        self.state = state;
        self.vcpu = vcpu;
        self.priority = PRIORITY_DEFAULT;
        self.deferred = false;
        self.consumer = None;
    }

    /// Gives the port up; future users start on vCPU 0 again.
    pub(crate) fn close(&mut self) {
        self.open(PortState::Free, 0);
    }

    pub(crate) fn info(&self, port: u32) -> PortInfo {
        PortInfo {
            port,
            state: self.state,
            vcpu: VcpuId(self.vcpu),
            priority: self.priority,
            consumer: self.consumer,
        }
    }
}
