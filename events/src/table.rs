//! One domain's ports, and what the table knows of its vCPUs.

use abi::event_channel::{EVTCHN_FIFO_MAX_QUEUES, EVTCHN_FIFO_NR_CHANNELS};
use alloc::vec::Vec;
use units::{DomId, FrameAccess, Mfn, VcpuId};

use crate::deliver::Notify;
use crate::error::Error;
use crate::fifo::{ControlBlock, Fifo};
use crate::poll::Pollers;
use crate::port::{PortInfo, PortState};
use crate::slots::Slots;
use crate::two_level::{Bitmaps, Layout};
use crate::vcpu_info::{LEGACY_MAX_VCPUS, VCPU_INFO_SIZE, VcpuInfo};
use crate::virq::NR_VIRQS;

/// What the table keeps for each vCPU.
pub(crate) struct VcpuEvents {
    /// Absent for a vCPU beyond the legacy ones that has not registered its place yet.
    pub(crate) info: Option<VcpuInfo>,
    /// `info` came in through [`PortTable::register_vcpu_info`].
    pub(crate) registered: bool,
    pub(crate) control: Option<ControlBlock>,
    /// The last event put on each FIFO queue, or 0. It may have been consumed since.
    pub(crate) tails: [u32; EVTCHN_FIFO_MAX_QUEUES],
    /// Ports of its per-vCPU virtual IRQs, or 0.
    pub(crate) virqs: [u32; NR_VIRQS],
    /// The port it polls, or 0 for any.
    pub(crate) poll_port: u32,
}

/// All event channels of one domain.
pub struct PortTable {
    pub(crate) domain: DomId,
    pub(crate) bitmaps: Bitmaps,
    pub(crate) fifo: Option<Fifo>,
    pub(crate) slots: Slots,
    pub(crate) vcpus: Vec<VcpuEvents>,
    pub(crate) pollers: Pollers,
    pub(crate) global_virqs: [u32; NR_VIRQS],
    /// Port of each physical IRQ, or 0; allocated with the first binding.
    pub(crate) pirqs: Vec<u32>,
    nr_pirqs: u32,
    max_port: u32,
}

impl PortTable {
    /// The table of `domain`, whose `shared_info` is the frame given; no vCPUs yet, no port open,
    /// physical IRQs below `nr_pirqs`, no limit but the ABI's.
    pub fn new(
        domain: DomId,
        shared_info: Mfn,
        layout: Layout,
        nr_pirqs: u32,
    ) -> Result<Self, Error> {
        Ok(Self {
            domain,
            bitmaps: Bitmaps {
                shared_info,
                layout,
            },
            fifo: None,
            slots: Slots::new()?,
            vcpus: Vec::new(),
            pollers: Pollers::default(),
            global_virqs: [0; NR_VIRQS],
            pirqs: Vec::new(),
            nr_pirqs,
            max_port: u32::MAX,
        })
    }

    /// The domain.
    pub fn domain(&self) -> DomId {
        self.domain
    }

    /// Adds the next vCPU, numbered from 0. The first 32 have their `vcpu_info` in `shared_info`.
    pub fn add_vcpu(&mut self) -> Result<VcpuId, Error> {
        let id = self.vcpus.len() as u32;
        self.vcpus.try_reserve(1).map_err(|_| Error::NoMemory)?;
        self.pollers.reserve(self.vcpus.len() + 1)?;
        self.vcpus.push(VcpuEvents {
            info: self.legacy_info(id),
            registered: false,
            control: None,
            tails: [0; EVTCHN_FIFO_MAX_QUEUES],
            virqs: [0; NR_VIRQS],
            poll_port: 0,
        });
        Ok(VcpuId(id))
    }

    fn legacy_info(&self, vcpu: u32) -> Option<VcpuInfo> {
        (vcpu < LEGACY_MAX_VCPUS)
            .then(|| VcpuInfo::new(self.bitmaps.shared_info, vcpu * VCPU_INFO_SIZE as u32).ok())?
    }

    /// Where the vCPU's `vcpu_info` is, if it has one.
    #[inline]
    pub fn vcpu_info(&self, vcpu: VcpuId) -> Option<VcpuInfo> {
        self.vcpus.get(vcpu.0 as usize)?.info
    }

    /// Whether [`Self::register_vcpu_info`] would accept this vCPU and byte offset.
    pub fn check_register_vcpu_info(&self, vcpu: VcpuId, offset: u32) -> Result<(), Error> {
        let events = self.vcpu(vcpu)?;
        VcpuInfo::new(Mfn::INVALID, offset)?;
        if events.registered {
            return Err(Error::VcpuInfoSet);
        }
        Ok(())
    }

    /// `VCPUOP_register_vcpu_info`: moves the vCPU's `vcpu_info` to byte `offset` of `frame`, with its
    /// contents, and marks every event as possibly pending. Once per vCPU. The vCPU is not running, or
    /// is the caller.
    pub fn register_vcpu_info(
        &mut self,
        mem: &impl FrameAccess,
        vcpu: VcpuId,
        frame: Mfn,
        offset: u32,
    ) -> Result<Notify, Error> {
        self.check_register_vcpu_info(vcpu, offset)?;
        let info = VcpuInfo::new(frame, offset)?;
        let layout = self.bitmaps.layout;
        if let Some(events) = self.vcpus.get_mut(vcpu.0 as usize) {
            info.take_over(mem, events.info, layout);
            events.info = Some(info);
            events.registered = true;
        }
        Ok(Notify {
            upcall: Some(vcpu),
            woken: false,
        })
    }

    /// Takes back all registered `vcpu_info` frames, calling `put` for each: the vCPUs' structures are
    /// in `shared_info` again. For soft reset and for the end of the domain.
    pub fn forget_vcpu_infos(&mut self, mut put: impl FnMut(Mfn)) {
        for id in 0..self.vcpus.len() {
            let legacy = self.legacy_info(id as u32);
            if let Some(events) = self.vcpus.get_mut(id)
                && core::mem::take(&mut events.registered)
            {
                events.info.iter().for_each(|info| put(info.frame()));
                events.info = legacy;
            }
        }
    }

    /// Changes between the 32- and the 64-bit `shared_info`, as a guest that changes its own width
    /// does. What is in the page is not converted.
    pub fn set_layout(&mut self, layout: Layout) {
        self.bitmaps.layout = layout;
    }

    /// The `shared_info` layout in use.
    pub fn layout(&self) -> Layout {
        self.bitmaps.layout
    }

    /// Allows ports up to and including `max_port` (`XEN_DOMCTL_set_max_evtchn`). Open ones beyond stay.
    pub fn set_max_port(&mut self, max_port: u32) {
        self.max_port = max_port;
    }

    /// Port numbers that can be given out are below this.
    pub fn limit(&self) -> u32 {
        let abi = match self.fifo {
            Some(_) => EVTCHN_FIFO_NR_CHANNELS,
            None => self.bitmaps.layout.channels(),
        };
        abi.min(self.max_port.saturating_add(1))
    }

    /// Physical IRQs are below this.
    pub fn nr_pirqs(&self) -> u32 {
        self.nr_pirqs
    }

    /// `EVTCHNOP_status`. Closed ports have one too, ports beyond the table don't.
    pub fn status(&self, port: u32) -> Result<PortInfo, Error> {
        let entry = self.slots.get(port).ok_or(Error::NoSuchPort)?;
        if entry.consumer.is_some() {
            return Err(Error::StatusHidden);
        }
        Ok(entry.info(port))
    }

    /// All open ports in rising order, the hypervisor's own included.
    pub fn ports(&self) -> impl Iterator<Item = PortInfo> + '_ {
        self.slots
            .iter()
            .filter(|(_, entry)| entry.is_open())
            .map(|(port, entry)| entry.info(port))
    }

    /// The bound physical IRQs with their ports.
    pub fn pirqs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..)
            .zip(&self.pirqs)
            .filter_map(|(pirq, port)| match port {
                0 => None,
                port => Some((pirq, *port)),
            })
    }

    /// The port of physical IRQ `pirq`, if it is bound.
    #[inline]
    pub fn pirq_port(&self, pirq: u32) -> Option<u32> {
        self.pirqs
            .get(pirq as usize)
            .copied()
            .filter(|port| *port != 0)
    }

    /// True where the port's pending bit is set.
    pub fn is_pending(&self, mem: &impl FrameAccess, port: u32) -> bool {
        match &self.fifo {
            Some(fifo) => fifo.is_pending(mem, port),
            None => self.bitmaps.is_pending(mem, port),
        }
    }

    /// True where the guest has masked the port.
    pub fn is_masked(&self, mem: &impl FrameAccess, port: u32) -> bool {
        match &self.fifo {
            Some(fifo) => fifo.is_masked(mem, port),
            None => self.bitmaps.is_masked(mem, port),
        }
    }

    /// True where the port's event is on a FIFO queue.
    pub fn is_linked(&self, mem: &impl FrameAccess, port: u32) -> bool {
        self.fifo
            .as_ref()
            .is_some_and(|fifo| fifo.is_linked(mem, port))
    }

    pub(crate) fn vcpu(&self, vcpu: VcpuId) -> Result<&VcpuEvents, Error> {
        self.vcpus.get(vcpu.0 as usize).ok_or(Error::NoSuchVcpu)
    }

    /// The lowest port that may be opened now.
    pub(crate) fn find_free(&mut self, mem: &impl FrameAccess) -> Result<u32, Error> {
        let limit = self.limit();
        let fifo = self.fifo.as_ref();
        self.slots.find_free(limit, |port| {
            fifo.is_some_and(|fifo| fifo.is_linked(mem, port))
        })
    }

    /// Opens `port`, which [`Self::find_free`] found.
    pub(crate) fn open(&mut self, port: u32, state: PortState, vcpu: u32) {
        if let Some(entry) = self.slots.get_mut(port) {
            entry.open(state, vcpu);
        }
    }
}
