//! vCPUs that sleep in `SCHEDOP_poll` until one of a few ports is pending.
//!
//! A poller sleeps with its upcalls held off, so the upcall flag alone would not wake it. The table
//! remembers who sleeps: on one port, or, to keep raising an event cheap, on "anything" if there were
//! several. Waking on anything is allowed; the guest looks for itself.

use alloc::vec::Vec;
use units::{FrameAccess, VcpuId};

use crate::error::Error;
use crate::table::PortTable;

/// Most ports one poll names.
pub const MAX_POLL_PORTS: usize = 128;

/// What [`PortTable::poll`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// One of the ports is pending: don't sleep.
    Pending,
    /// None is; the vCPU is a poller now.
    Waiting,
}

/// Who sleeps and who has been woken but not fetched yet, a bit each.
#[derive(Default)]
pub(crate) struct Pollers {
    waiting: Vec<u64>,
    woken: Vec<u64>,
    count: u32,
}

impl Pollers {
    /// Makes room for vCPUs below `vcpus`.
    pub(crate) fn reserve(&mut self, vcpus: usize) -> Result<(), Error> {
        let words = vcpus.div_ceil(64);
        for mask in [&mut self.waiting, &mut self.woken] {
            let more = words.saturating_sub(mask.len());
            mask.try_reserve(more).map_err(|_| Error::NoMemory)?;
            mask.resize(words.max(mask.len()), 0);
        }
        Ok(())
    }

    fn add(&mut self, vcpu: usize) {
        if let Some(word) = self.waiting.get_mut(vcpu / 64)
            && *word >> (vcpu % 64) & 1 == 0
        {
            *word |= 1 << (vcpu % 64);
            self.count += 1;
        }
    }

    fn remove(&mut self, vcpu: usize) -> bool {
        match self.waiting.get_mut(vcpu / 64) {
            Some(word) if *word >> (vcpu % 64) & 1 != 0 => {
                *word &= !(1 << (vcpu % 64));
                self.count -= 1;
                true
            }
            _ => false,
        }
    }

    /// Moves those who sleep on what `wakes` accepts over to the woken; true if there were any.
    #[inline]
    pub(crate) fn wake(&mut self, wakes: impl Fn(usize) -> bool) -> bool {
        if self.count == 0 {
            return false;
        }
        self.wake_some(wakes)
    }

    #[cold]
    fn wake_some(&mut self, wakes: impl Fn(usize) -> bool) -> bool {
        let mut any = false;
        for (i, (waiting, woken)) in self.waiting.iter_mut().zip(&mut self.woken).enumerate() {
            let mut rest = *waiting;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                if wakes(i * 64 + bit as usize) {
                    *waiting &= !(1 << bit);
                    *woken |= 1 << bit;
                    self.count -= 1;
                    any = true;
                }
            }
        }
        any
    }

    fn take_woken(&mut self) -> Option<usize> {
        let (i, word) = self.woken.iter_mut().enumerate().find(|(_, w)| **w != 0)?;
        let bit = word.trailing_zeros();
        *word &= *word - 1;
        Some(i * 64 + bit as usize)
    }
}

impl PortTable {
    /// `SCHEDOP_poll`: makes `vcpu` a poller of `ports` unless one of them is pending. The caller
    /// looks at the vCPU's own upcall flag under the same lock, arms the timeout, blocks the vCPU, and
    /// calls [`Self::poll_end`] if anything but [`Self::take_woken`] ends the sleep.
    pub fn poll(
        &mut self,
        mem: &impl FrameAccess,
        vcpu: VcpuId,
        ports: &[u32],
    ) -> Result<Poll, Error> {
        self.vcpu(vcpu)?;
        if ports.len() > MAX_POLL_PORTS {
            return Err(Error::TooManyPorts);
        }
        for port in ports {
            if self.slots.get(*port).is_none() {
                return Err(Error::NoSuchPort);
            }
            if self.is_pending(mem, *port) {
                return Ok(Poll::Pending);
            }
        }
        if let Some(events) = self.vcpus.get_mut(vcpu.0 as usize) {
            events.poll_port = match ports {
                [one] => *one,
                _ => 0,
            };
        }
        self.pollers.add(vcpu.0 as usize);
        Ok(Poll::Waiting)
    }

    /// Ends a poll for a reason of the caller's (timeout, other wake-up); true if it was still on.
    pub fn poll_end(&mut self, vcpu: VcpuId) -> bool {
        self.pollers.remove(vcpu.0 as usize)
    }

    /// One vCPU that an event has woken from its poll; call until `None` after a
    /// [`Notify`](crate::Notify) with `woken`. It is no poller any more.
    pub fn take_woken(&mut self) -> Option<VcpuId> {
        self.pollers.take_woken().map(|v| VcpuId(v as u32))
    }
}
