//! Which vCPU runs next.
//!
//! One queue, served in turn: a vCPU that used up its slice goes to the end, one that wakes goes to the
//! end too. The slice is the credit scheduler's default.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use spin::Mutex;
use units::Nanos;

use crate::machine::Machine;
use crate::vcpu::{RunState, Vcpu, block};
use crate::{Domain, Hypervisor};

/// Longest time that a vCPU runs while another waits.
pub const SLICE: Nanos = Nanos::from_millis(30);

/// vCPUs that want a processor.
#[derive(Default)]
pub struct RunQueue {
    queue: Mutex<VecDeque<Arc<Vcpu>>>,
}

impl RunQueue {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M: Machine> Hypervisor<M> {
    /// Takes `reason` away, and queues the vCPU if that was the last one.
    pub fn unblock(&self, vcpu: &Arc<Vcpu>, reason: u32) {
        let before = vcpu.blocks.fetch_and(!reason, Ordering::AcqRel);
        if before & reason != 0 && before & !reason == 0 {
            self.enqueue(vcpu);
        }
    }

    /// Makes a vCPU that has an event look at it: ends its blocking or polling, or gets it out of guest mode.
    pub fn wake(&self, vcpu: &Arc<Vcpu>) {
        if vcpu.blocked() & (block::BLOCKED | block::POLLING) != 0 {
            self.unblock(vcpu, block::BLOCKED | block::POLLING);
        } else if vcpu.cpu() != self.machine.this_cpu() {
            self.machine.kick(vcpu.cpu());
        }
    }

    fn enqueue(&self, vcpu: &Arc<Vcpu>) {
        if !vcpu.queued.swap(true, Ordering::AcqRel) {
            vcpu.runstates
                .lock()
                .change(RunState::Runnable, self.machine.now());
            self.run_queue.queue.lock().push_back(vcpu.clone());
            self.machine.kick(vcpu.cpu());
        }
    }

    /// True where somebody waits for a processor.
    pub fn others_wait(&self) -> bool {
        !self.run_queue.queue.lock().is_empty()
    }

    /// The next vCPU, taken off the queue; it counts as queued while it runs. vCPUs that were
    /// blocked meanwhile are dropped from the queue on the way.
    pub fn pick(&self) -> Option<Arc<Vcpu>> {
        loop {
            let vcpu = self.run_queue.queue.lock().pop_front()?;
            if vcpu.blocked() == 0 {
                return Some(vcpu);
            }
            self.park(&vcpu);
        }
    }

    /// Describes everybody who waits, for the debug key.
    pub fn describe_queue(&self, mut each: impl FnMut(alloc::string::String, &str)) {
        for vcpu in self.run_queue.queue.lock().iter() {
            let domain = vcpu.domain().map_or(units::DomId::IDLE, |d| d.id);
            each(alloc::format!("{domain}{}", vcpu.id), "runnable");
        }
    }

    /// Notes that `vcpu` has got the processor.
    pub fn running(&self, vcpu: &Arc<Vcpu>) {
        vcpu.runstates
            .lock()
            .change(RunState::Running, self.machine.now());
        self.start_ticks(vcpu);
    }

    /// The processor lets go of `vcpu`: back to the queue if it can run, else off it.
    pub fn put_back(&self, vcpu: Arc<Vcpu>) {
        if vcpu.period.load(Ordering::Relaxed) != 0 {
            self.stop_ticks(&vcpu);
        }
        if vcpu.blocked() == 0 {
            vcpu.runstates
                .lock()
                .change(RunState::Runnable, self.machine.now());
            self.run_queue.queue.lock().push_back(vcpu);
        } else {
            self.park(&vcpu);
        }
    }

    fn park(&self, vcpu: &Arc<Vcpu>) {
        let asleep = block::BLOCKED | block::POLLING;
        let state = if vcpu.blocked() & !asleep == 0 {
            RunState::Blocked
        } else {
            RunState::Offline
        };
        vcpu.runstates.lock().change(state, self.machine.now());
        vcpu.queued.store(false, Ordering::Release);
        // A wake-up that came between the look and the store found it queued and left it alone.
        if vcpu.blocked() == 0 {
            self.enqueue(vcpu);
        }
    }

    /// The running vCPU sleeps until it has an event, unless it has one already. Events are let through.
    pub fn block(&self, vcpu: &Arc<Vcpu>) {
        vcpu.add_block(block::BLOCKED);
        crate::pv::bounce::set_upcall_mask(&self.machine, vcpu, false);
        if crate::pv::bounce::upcall_word(&self.machine, vcpu) & 0xff != 0 {
            self.unblock(vcpu, block::BLOCKED);
        }
    }

    /// The running vCPU lets others run first.
    pub fn yield_now(&self, vcpu: &Arc<Vcpu>) {
        vcpu.yields.store(true, Ordering::Relaxed);
    }

    /// Stops all vCPUs of a domain from being scheduled.
    pub fn pause_domain(&self, domain: &Domain) {
        for vcpu in domain.vcpus() {
            vcpu.add_block(block::DOMAIN);
            self.machine.kick(vcpu.cpu());
        }
    }

    /// Undoes [`Self::pause_domain`].
    pub fn unpause_domain(&self, domain: &Domain) {
        for vcpu in domain.vcpus() {
            self.unblock(vcpu, block::DOMAIN);
        }
    }
}
