//! Domains.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use events::PortTable;
use mm::DomainPages;
use policy::CpuPolicy;
use spin::{Mutex, Once};
use units::{DomId, Mfn, VcpuId};

use crate::vcpu::{Vcpu, Vcpus};

/// Where a domain is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum DomainState {
    /// Runs, or may.
    Alive = 0,
    /// Being torn down.
    Dying = 1,
    /// Torn down but for what others still hold.
    Dead = 2,
}

/// Why a domain stopped (`sched.h`, `SHUTDOWN_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shutdown(pub u32);

/// Rights to things outside the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Io {
    /// May use I/O memory, ports and interrupts that the hypervisor doesn't keep for itself: the
    /// hardware domain.
    pub hardware: bool,
    /// May use the control interface.
    pub control: bool,
}

/// A domain.
pub struct Domain {
    /// Its number.
    pub id: DomId,
    /// Rights.
    pub io: Io,
    /// Frame of `shared_info`.
    pub shared_info: Mfn,
    /// What it may know of the processor.
    pub policy: Box<CpuPolicy>,
    /// Its memory.
    pub pages: Mutex<DomainPages>,
    /// Its event channels.
    pub ports: Mutex<PortTable>,
    vcpus: Once<Vcpus>,
    /// `VMASST_TYPE_*` bits.
    pub vm_assist: AtomicU64,
    state: AtomicU32,
    /// 0 while up, else 1 + the shutdown code.
    shutdown: AtomicU32,
    /// Processors that may hold translations of this domain, as a mask of the first 64.
    pub dirty_cpus: AtomicU64,
    /// Crashed by the hypervisor.
    pub crashed: AtomicBool,
    handle: Mutex<[u8; 16]>,
    /// Why it will stop, told in advance.
    pub(crate) shutdown_code: Mutex<Option<u32>>,
    /// Deadlines of its watchdogs.
    pub(crate) watchdogs: Mutex<[units::Nanos; 2]>,
    /// What it was promised and told of its memory.
    pub memory: Mutex<crate::memory::MemoryPlan>,
    /// What it has arranged with the interrupt hardware.
    pub interrupts: Mutex<crate::interrupts::Interrupts>,
}

impl Domain {
    /// A domain without vCPUs.
    pub fn new(
        id: DomId,
        io: Io,
        policy: Box<CpuPolicy>,
        shared_info: Mfn,
        pages: DomainPages,
        ports: PortTable,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            io,
            shared_info,
            policy,
            pages: Mutex::new(pages),
            ports: Mutex::new(ports),
            vcpus: Once::new(),
            vm_assist: AtomicU64::new(0),
            state: AtomicU32::new(DomainState::Alive as u32),
            shutdown: AtomicU32::new(0),
            dirty_cpus: AtomicU64::new(0),
            crashed: AtomicBool::new(false),
            handle: Mutex::new([0; 16]),
            shutdown_code: Mutex::new(None),
            watchdogs: Mutex::new([units::Nanos::NEVER; 2]),
            memory: Mutex::default(),
            interrupts: Mutex::default(),
        })
    }

    /// UUID.
    pub fn handle(&self) -> [u8; 16] {
        *self.handle.lock()
    }

    /// Highest pseudo-physical frame number that the guest says it has (`shared_info.arch.max_pfn` holds one more).
    pub fn max_pfn(&self, mem: &impl units::FrameAccess) -> u64 {
        let at = core::mem::offset_of!(abi::xen::SharedInfo, arch);
        mem.word(self.shared_info, at / 8)
            .load(Ordering::Relaxed)
            .saturating_sub(1)
    }

    /// Gives the domain its vCPUs, once.
    pub fn set_vcpus(&self, vcpus: Vcpus) {
        self.vcpus.call_once(|| vcpus);
    }

    /// Its vCPUs.
    pub fn vcpus(&self) -> &[Arc<Vcpu>] {
        self.vcpus.get().map_or(&[], |v| v.as_slice())
    }

    /// One of them.
    pub fn vcpu(&self, id: VcpuId) -> Option<&Arc<Vcpu>> {
        self.vcpus().get(id.0 as usize)
    }

    /// Where it is in its life.
    pub fn state(&self) -> DomainState {
        match self.state.load(Ordering::Acquire) {
            0 => DomainState::Alive,
            1 => DomainState::Dying,
            _ => DomainState::Dead,
        }
    }

    /// Moves on in its life.
    pub fn set_state(&self, state: DomainState) {
        self.state.store(state as u32, Ordering::Release);
    }

    /// Why it stopped, if it did.
    pub fn shutdown(&self) -> Option<Shutdown> {
        self.shutdown
            .load(Ordering::Acquire)
            .checked_sub(1)
            .map(Shutdown)
    }

    /// Notes that it stopped; the first reason stays. True where it ran until now.
    pub fn set_shutdown(&self, code: u32) -> bool {
        self.shutdown
            .compare_exchange(
                0,
                code.saturating_add(1),
                Ordering::AcqRel,
                Ordering::Acquire,
            )
            .is_ok()
    }
}
