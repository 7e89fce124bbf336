//! Time for vCPUs: timers they set, and the records by which they tell the time.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use timekeeping::{SharedInfoLayout, TimeInfo, TimerId, TimerQueue};
use units::{GuestAddr, Nanos};
use zerocopy::IntoBytes;

use crate::Hypervisor;
use crate::domain::Domain;
use crate::machine::Machine;
use crate::vcpu::{Vcpu, block};

/// How late a timer may fire so that close ones share an interrupt.
const SLACK: Nanos = Nanos::from_micros(50);

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Purpose {
    /// `set_timer_op` and the one-shot timer.
    OneShot = 0,
    /// The periodic timer.
    Periodic = 1,
    /// The end of a poll.
    Poll = 2,
    /// The domain's next watchdog.
    Watchdog = 3,
}

/// Armed deadlines and whose they are.
pub struct Timers {
    queue: TimerQueue,
    owners: Vec<(TimerId, Weak<Vcpu>, Purpose)>,
}

impl Timers {
    /// No timers.
    pub fn new(queue: TimerQueue) -> Self {
        Self {
            queue,
            owners: Vec::new(),
        }
    }

    fn id(&mut self, vcpu: &Arc<Vcpu>, purpose: Purpose) -> Option<TimerId> {
        let weak = Arc::downgrade(vcpu);
        if let Some((id, ..)) = self
            .owners
            .iter()
            .find(|(_, w, p)| w.ptr_eq(&weak) && *p == purpose)
        {
            return Some(*id);
        }
        let id = self.queue.register().ok()?;
        self.owners.push((id, weak, purpose));
        Some(id)
    }
}

impl<M: Machine> Hypervisor<M> {
    /// Arms, re-arms or (with [`Nanos::NEVER`]) cancels one of a vCPU's timers.
    pub fn set_timer(&self, vcpu: &Arc<Vcpu>, purpose: Purpose, deadline: Nanos) {
        let mut timers = self.timers.lock();
        let Some(id) = timers.id(vcpu, purpose) else {
            return;
        };
        let slack = if purpose == Purpose::OneShot {
            Nanos::ZERO
        } else {
            SLACK
        };
        let _ = timers.queue.arm(id, deadline, slack);
        self.machine.arm(timers.queue.next_deadline());
    }

    /// Lets the periodic timer of the vCPU that has the processor run. Ticks that it missed come as one.
    pub(crate) fn start_ticks(&self, vcpu: &Arc<Vcpu>) {
        let period = vcpu.period.load(Ordering::Relaxed);
        if period == 0 {
            return;
        }
        let now = self.machine.now();
        let mut next = Nanos(vcpu.next_tick.load(Ordering::Relaxed));
        if next <= now {
            if let Some(domain) = vcpu.domain() {
                self.raise_virq(&domain, abi::xen::VIRQ_TIMER, vcpu.id);
            }
            next = next + Nanos(period);
            if next <= now {
                next = now + Nanos(period);
            }
            vcpu.next_tick.store(next.0, Ordering::Relaxed);
        }
        self.set_timer(vcpu, Purpose::Periodic, next);
    }

    /// Stops it while the vCPU doesn't run.
    pub(crate) fn stop_ticks(&self, vcpu: &Arc<Vcpu>) {
        self.set_timer(vcpu, Purpose::Periodic, Nanos::NEVER);
    }

    /// Does what is due, and arms the processor's timer for the next deadline, at the latest `limit`.
    pub fn run_timers(&self, limit: Nanos) {
        loop {
            let now = self.machine.now();
            let due = {
                let mut timers = self.timers.lock();
                match timers.queue.pop_due(now) {
                    Some(id) => timers
                        .owners
                        .iter()
                        .find(|(i, ..)| *i == id)
                        .map(|(_, w, p)| (w.clone(), *p)),
                    None => {
                        self.machine.arm(timers.queue.next_deadline().min(limit));
                        return;
                    }
                }
            };
            let Some((vcpu, purpose)) = due.and_then(|(w, p)| Some((w.upgrade()?, p))) else {
                continue;
            };
            let Some(domain) = vcpu.domain() else {
                continue;
            };
            match purpose {
                Purpose::OneShot => self.raise_virq(&domain, abi::xen::VIRQ_TIMER, vcpu.id),
                Purpose::Periodic => {
                    self.start_ticks(&vcpu);
                }
                Purpose::Watchdog => self.watch_dogs(&domain),
                Purpose::Poll => {
                    domain.ports.lock().poll_end(vcpu.id);
                    self.unblock(&vcpu, block::POLLING);
                }
            }
        }
    }

    /// Publishes the vCPU's time record. The factors never change while the machine runs, so it is written when
    /// its place changes and costs next to nothing otherwise.
    pub fn publish_time(&self, vcpu: &Vcpu) {
        let info = TimeInfo::new(&self.facts.clock, 0, abi::xen::XEN_PVCLOCK_TSC_STABLE_BIT);
        let (frame, offset) = vcpu.info();
        info.publish(
            &self.machine,
            frame,
            offset + core::mem::offset_of!(abi::xen::VcpuInfo, time),
        );
    }

    /// Publishes what the running vCPU asked to have in its own memory: runstate and time records.
    pub fn publish_areas(&self, vcpu: &Vcpu) {
        let (runstate, time) = {
            let pv = vcpu.pv.lock();
            (pv.runstate_area, pv.time_area)
        };
        if runstate != 0 && vcpu.kernel_mode() {
            self.publish_runstate(vcpu, GuestAddr::new(runstate));
        }
        if time != 0 && vcpu.kernel_mode() {
            let info =
                TimeInfo::new(&self.facts.clock, 0, abi::xen::XEN_PVCLOCK_TSC_STABLE_BIT).to_abi(2);
            let _ = self.machine.copy_out(GuestAddr::new(time), info.as_bytes());
        }
    }

    /// Writes a vCPU's runstate record to where the running guest wants it. One that asked for it (`vm_assist`) sees by
    /// the top bit of the time of entry that the record is being changed. A bad address gets no record.
    pub fn publish_runstate(&self, vcpu: &Vcpu, to: GuestAddr) {
        let flagged = vcpu.domain().is_some_and(|d| {
            d.vm_assist.load(Ordering::Relaxed) >> abi::xen::VMASST_TYPE_RUNSTATE_UPDATE_FLAG & 1
                != 0
        });
        let mut record = self.runstate_record(vcpu);
        if !flagged {
            let _ = self.machine.copy_out(to, record.as_bytes());
            return;
        }
        let at =
            to.offset(core::mem::offset_of!(abi::vcpu::VcpuRunstateInfo, state_entry_time) as u64);
        record.state_entry_time |= abi::vcpu::XEN_RUNSTATE_UPDATE;
        let _ = self
            .machine
            .copy_out(at, &record.state_entry_time.to_le_bytes());
        let _ = self.machine.copy_out(to, record.as_bytes());
        record.state_entry_time &= !abi::vcpu::XEN_RUNSTATE_UPDATE;
        let _ = self
            .machine
            .copy_out(at, &record.state_entry_time.to_le_bytes());
    }

    /// The runstate record of a vCPU as of now.
    pub fn runstate_record(&self, vcpu: &Vcpu) -> abi::vcpu::VcpuRunstateInfo {
        let states = vcpu.runstates.lock();
        let mut time = states.spent;
        if let Some(slot) = time.get_mut(states.state as usize) {
            *slot += self.machine.now().since(states.since).0;
        }
        abi::vcpu::VcpuRunstateInfo {
            state: states.state as i32,
            _pad0: [0; 4],
            state_entry_time: states.since.0,
            time,
        }
    }

    /// Publishes the time of day in a domain's `shared_info`.
    pub fn publish_wallclock(&self, domain: &Domain) {
        self.wallclock
            .lock()
            .publish(&self.machine, domain.shared_info, SharedInfoLayout::Bits64);
    }
}
