//! Entering, growing and leaving the FIFO ABI.
//!
//! Frames come in with a reference that the caller holds and that the table gives back through
//! [`PortTable::leave_fifo`]. Each operation has a check that needs no frame, so that a caller can
//! refuse before it takes one.

use units::{FrameAccess, Mfn, VcpuId};

use crate::deliver::Notify;
use crate::error::Error;
use crate::fifo::{ControlBlock, Fifo, MAX_ARRAY_PAGES, PRIORITY_DEFAULT, PRIORITY_MIN};
use crate::table::PortTable;

impl PortTable {
    /// Whether [`Self::init_control`] would accept this vCPU and byte offset.
    pub fn check_init_control(&self, vcpu: VcpuId, offset: u32) -> Result<(), Error> {
        let events = self.vcpu(vcpu)?;
        ControlBlock::new(Mfn::INVALID, offset)?;
        if self.fifo.is_some() && events.control.is_some() {
            return Err(Error::ControlBlockSet);
        }
        Ok(())
    }

    /// `EVTCHNOP_init_control`: the vCPU's control block is at byte `offset` of `frame`. The first one
    /// takes the domain from the 2-level to the FIFO ABI; events pending by then are raised again
    /// when their event words appear. The guest is told `EVTCHN_FIFO_LINK_BITS`.
    pub fn init_control(
        &mut self,
        mem: &impl FrameAccess,
        vcpu: VcpuId,
        frame: Mfn,
        offset: u32,
    ) -> Result<(), Error> {
        self.check_init_control(vcpu, offset)?;
        let control = ControlBlock::new(frame, offset)?;
        if self.fifo.is_none() {
            self.fifo = Some(Fifo::new()?);
            let bitmaps = self.bitmaps;
            for (port, entry) in self.slots.iter_mut() {
                entry.deferred = entry.is_open() && bitmaps.is_pending(mem, port);
                entry.priority = PRIORITY_DEFAULT;
            }
        }
        if let Some(events) = self.vcpus.get_mut(vcpu.0 as usize) {
            events.control = Some(control);
        }
        Ok(())
    }

    /// Whether [`Self::expand_array`] would accept a page.
    pub fn check_expand_array(&self) -> Result<(), Error> {
        let fifo = self.fifo.as_ref().ok_or(Error::NoEventArray)?;
        if fifo.pages().len() >= MAX_ARRAY_PAGES {
            return Err(Error::EventArrayFull);
        }
        Ok(())
    }

    /// `EVTCHNOP_expand_array`: `page` holds the event words of the next 1024 ports. Events raised
    /// before they had a word are raised now, each with a call of `notify`.
    pub fn expand_array(
        &mut self,
        mem: &impl FrameAccess,
        page: Mfn,
        mut notify: impl FnMut(Notify),
    ) -> Result<(), Error> {
        self.check_expand_array()?;
        let Some(fifo) = self.fifo.as_mut() else {
            return Err(Error::NoEventArray);
        };
        let first = fifo.push_page(page);
        let end = self.slots.len().min(first + crate::fifo::WORDS_PER_PAGE);
        for port in first..end {
            let Some(entry) = self.slots.get_mut(port) else {
                continue;
            };
            if core::mem::take(&mut entry.deferred) {
                notify(self.raise(mem, port));
            }
        }
        Ok(())
    }

    /// `EVTCHNOP_set_priority`: 0 is highest, 15 lowest. An event that is queued stays where it is.
    pub fn set_priority(&mut self, port: u32, priority: u32) -> Result<(), Error> {
        let fifo = self.fifo.is_some();
        let entry = self.slots.get_mut(port).ok_or(Error::NoSuchPort)?;
        if !fifo {
            return Err(Error::NoPriorities);
        }
        if !entry.is_guests() {
            return Err(Error::PriorityRefused);
        }
        entry.priority = u8::try_from(priority)
            .ok()
            .filter(|p| *p <= PRIORITY_MIN)
            .ok_or(Error::BadPriority)?;
        Ok(())
    }

    /// Goes back to the 2-level ABI, calling `put` once for each frame that came in through
    /// [`Self::init_control`] and [`Self::expand_array`]. The last step of `EVTCHNOP_reset`, after
    /// the guest's ports have been closed.
    pub fn leave_fifo(&mut self, mut put: impl FnMut(Mfn)) {
        let Some(fifo) = self.fifo.take() else {
            return;
        };
        for vcpu in &mut self.vcpus {
            vcpu.tails.fill(0);
            if let Some(control) = vcpu.control.take() {
                put(control.frame);
            }
        }
        for (_, entry) in self.slots.iter_mut() {
            entry.deferred = false;
            entry.last_vcpu = 0;
            entry.last_priority = 0;
            entry.priority = PRIORITY_DEFAULT;
        }
        fifo.pages().iter().copied().for_each(put);
    }

    /// True on the FIFO ABI.
    pub fn is_fifo(&self) -> bool {
        self.fifo.is_some()
    }
}
