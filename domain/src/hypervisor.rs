//! Everything there is one of.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::Errno;
use mm::{FrameAllocator, Ledger};
use spin::{Mutex, Once, RwLock};
use timekeeping::{TimerQueue, TscClock, Wallclock};
use units::{DomId, Mfn, VcpuId};

use crate::domain::Domain;
use crate::machine::{End, Machine};
use crate::schedule::RunQueue;
use crate::time::Timers;
use crate::vcpu::Vcpu;

/// What was found out about the machine at boot.
pub struct Facts {
    /// Turns the TSC into system time.
    pub clock: TscClock,
    /// Rate of the processors in kHz, as guests are told.
    pub cpu_khz: u64,
    /// The firmware's memory map as E820 entries: start, length, type.
    pub e820: Vec<(u64, u64, u32)>,
    /// The hypervisor's command line.
    pub cmdline: alloc::string::String,
    /// The reserved L4 entries.
    pub slots: Vec<(u16, u64)>,
    /// Physical address bits.
    pub address_bits: u32,
    /// What the processor can do and the hypervisor has enabled.
    pub cpu_policy: alloc::boxed::Box<policy::CpuPolicy>,
    /// What the hypervisor's CPUID leaves say.
    pub hypervisor_leaves: policy::HypervisorInfo,
    /// CR4 of the hypervisor.
    pub cr4: u64,
    /// Stay down after a crash of the control domain.
    pub noreboot: bool,
    /// Frames that only the hypervisor may touch although they aren't RAM (its APICs, HPET): never mapped
    /// for guests.
    pub private_mmio: Vec<(Mfn, Mfn)>,
    /// Frames that the hardware domain may map read-only (PCI configuration space).
    pub read_only_mmio: Vec<(Mfn, Mfn)>,
    /// Ports, first and last, that only the hypervisor uses.
    pub private_ports: Vec<(u16, u16)>,
    /// Dom0's screen.
    pub screen: abi::xen::Dom0VgaConsoleInfo,
    /// Where `machine_to_phys` ends: frames.
    pub max_frame: u64,
}

/// The hypervisor.
pub struct Hypervisor<M: Machine> {
    /// The machine.
    pub machine: M,
    /// Facts.
    pub facts: Facts,
    /// Who owns which frame.
    pub ledger: Ledger<'static>,
    /// Free frames.
    pub frames: Mutex<FrameAllocator<'static>>,
    /// Time of day.
    pub wallclock: Mutex<Wallclock>,
    domains: RwLock<Vec<Arc<Domain>>>,
    pub(crate) run_queue: RunQueue,
    pub(crate) timers: Mutex<Timers>,
    /// The domain that drives the hardware.
    pub hardware_domain: Once<Arc<Domain>>,
}

impl<M: Machine> Hypervisor<M> {
    /// A hypervisor without domains.
    pub fn new(
        machine: M,
        facts: Facts,
        ledger: Ledger<'static>,
        frames: FrameAllocator<'static>,
        wallclock: Wallclock,
    ) -> Self {
        Self {
            machine,
            facts,
            ledger,
            frames: Mutex::new(frames),
            wallclock: Mutex::new(wallclock),
            domains: RwLock::new(Vec::new()),
            run_queue: RunQueue::new(),
            timers: Mutex::new(Timers::new(TimerQueue::new())),
            hardware_domain: Once::new(),
        }
    }

    /// Adds a domain to the list.
    pub fn add_domain(&self, domain: Arc<Domain>) {
        let mut list = self.domains.write();
        let at = list.partition_point(|d| d.id < domain.id);
        list.insert(at, domain);
    }

    /// Takes a domain off the list.
    pub fn remove_domain(&self, id: DomId) {
        self.domains.write().retain(|d| d.id != id);
    }

    /// A snapshot of all domains, by rising number.
    pub fn domains(&self) -> Vec<Arc<Domain>> {
        self.domains.read().clone()
    }

    /// The domain of that number.
    pub fn domain(&self, id: DomId) -> Option<Arc<Domain>> {
        let list = self.domains.read();
        list.binary_search_by_key(&id, |d| d.id)
            .ok()
            .and_then(|i| list.get(i).cloned())
    }

    /// What a call that names a domain means: itself, or another if the caller controls.
    pub fn target(&self, caller: &Arc<Domain>, id: u16) -> Result<Arc<Domain>, Errno> {
        let id = DomId(id);
        if id == DomId::SELF || id == caller.id {
            return Ok(caller.clone());
        }
        if !id.is_real() {
            return Err(Errno::ESRCH);
        }
        let domain = self.domain(id).ok_or(Errno::ESRCH)?;
        if caller.io.control {
            Ok(domain)
        } else {
            Err(Errno::EPERM)
        }
    }

    /// Does what raising an event asked for.
    pub fn notify(&self, domain: &Domain, notify: events::Notify) {
        if let Some(vcpu) = notify.upcall.and_then(|id| domain.vcpu(id)) {
            self.wake(vcpu);
        }
        if notify.woken {
            while let Some(id) = { domain.ports.lock().take_woken() } {
                if let Some(vcpu) = domain.vcpu(id) {
                    self.unblock(vcpu, crate::block::POLLING);
                }
            }
        }
    }

    /// Raises a virtual IRQ.
    pub fn raise_virq(&self, domain: &Domain, virq: u32, vcpu: VcpuId) {
        let notify = domain.ports.lock().raise_virq(&self.machine, virq, vcpu);
        self.notify(domain, notify);
    }

    /// Stops a domain for a reason of its own (`SHUTDOWN_*`). For the hardware domain the machine ends with it.
    pub fn shutdown(&self, domain: &Arc<Domain>, code: u32) {
        if self
            .hardware_domain
            .get()
            .is_some_and(|d| d.id == domain.id)
        {
            self.hardware_domain_gone(code);
        }
        if domain.set_shutdown(code) {
            log::info!("{} shut down with code {code}", domain.id);
            self.pause_domain(domain);
            if let Some(control) = self.hardware_domain.get() {
                self.raise_virq(control, abi::xen::VIRQ_DOM_EXC, VcpuId(0));
            }
        }
    }

    fn hardware_domain_gone(&self, code: u32) -> ! {
        use abi::sched::*;
        let noreboot = self.facts.noreboot;
        let how = match code {
            SHUTDOWN_POWEROFF => {
                log::info!("Hardware Dom0 halted: halting machine");
                End::PowerOff
            }
            SHUTDOWN_REBOOT => {
                log::info!("Hardware Dom0 shutdown: rebooting machine");
                End::Reboot
            }
            SHUTDOWN_CRASH if noreboot => {
                log::error!("Hardware Dom0 crashed: 'noreboot' set - not rebooting");
                End::Halt
            }
            SHUTDOWN_CRASH => {
                log::error!("Hardware Dom0 crashed: rebooting machine in 5 seconds");
                self.delay(5_000);
                End::Reboot
            }
            SHUTDOWN_WATCHDOG => {
                log::error!("Hardware Dom0 shutdown: watchdog rebooting machine");
                End::Reboot
            }
            _ => {
                log::error!("Hardware Dom0 shutdown (unknown reason {code}): rebooting machine");
                End::Reboot
            }
        };
        self.machine.end(how)
    }

    /// Waits; only on the way out.
    fn delay(&self, ms: u64) {
        let until = self.machine.now() + units::Nanos::from_millis(ms);
        while self.machine.now() < until {
            core::hint::spin_loop();
        }
    }

    /// The hypervisor puts an end to a domain that did what can't be allowed.
    pub fn crash(&self, vcpu: &Arc<Vcpu>, why: core::fmt::Arguments<'_>) {
        let Some(domain) = vcpu.domain() else { return };
        log::error!("{}{}: {why}", domain.id, vcpu.id);
        crate::pv::exceptions::dump(&self.machine, vcpu);
        domain
            .crashed
            .store(true, core::sync::atomic::Ordering::Release);
        self.shutdown(&domain, abi::sched::SHUTDOWN_CRASH);
    }
}
