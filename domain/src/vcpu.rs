//! Virtual CPUs.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use arch_defs::vcpu::VcpuBlock;
use arrayvec::ArrayVec;
use spin::Mutex;
use units::{CpuId, Mfn, Nanos, VcpuId};

use crate::domain::Domain;

/// Period of the timer tick that a vCPU has until it says otherwise, nanoseconds.
const DEFAULT_PERIOD: u64 = 10_000_000;

/// Bytes of an [`FpuChunk`].
pub const FPU_CHUNK: usize = 64;

/// Part of an FPU save area, which must be 64-byte aligned.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct FpuChunk(pub [u8; FPU_CHUNK]);

/// Reasons for which a vCPU can't run. It is runnable where none is set.
pub mod block {
    /// Waits for an event (`SCHEDOP_block`).
    pub const BLOCKED: u32 = 1 << 0;
    /// Waits for one of some ports (`SCHEDOP_poll`).
    pub const POLLING: u32 = 1 << 1;
    /// Not brought up yet, or taken down (`VCPUOP_down`).
    pub const DOWN: u32 = 1 << 2;
    /// Its domain is paused, shut down or dying.
    pub const DOMAIN: u32 = 1 << 3;
}

/// A guest's handler for an exception or software interrupt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trap {
    /// Code selector, privilege fixed up.
    pub cs: u16,
    /// `TI_*`: lowest privilege that may raise it by `int`, and whether delivery masks events.
    pub flags: u8,
    /// Handler, 0 for none.
    pub address: u64,
}

/// A callback entry of the guest kernel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Callback {
    /// Entry address, 0 for none.
    pub address: u64,
    /// Delivery masks events.
    pub mask_events: bool,
}

/// What a PV guest has told us about one vCPU. Only the vCPU itself, or whoever has it paused, uses it.
pub struct PvState {
    /// Handlers by vector.
    pub traps: Box<[Trap; 256]>,
    /// Event upcall.
    pub event: Callback,
    /// Where a bad return frame ends up.
    pub failsafe: Callback,
    /// `syscall` from compatibility mode.
    pub syscall32: Callback,
    /// `sysenter`.
    pub sysenter: Callback,
    /// NMI handler.
    pub nmi: u64,
    /// Frames of the GDT, each holding a descriptor-page reference.
    pub gdt_frames: ArrayVec<Mfn, 14>,
    /// Entries of the GDT.
    pub gdt_entries: u32,
    /// LDT: guest address.
    pub ldt_base: u64,
    /// LDT: number of entries.
    pub ldt_entries: u32,
    /// Frames shown in the LDT window, each holding a descriptor-page reference.
    pub ldt_frames: [Option<Mfn>; 16],
    /// Debug registers as the guest set them.
    pub debug: [u64; 8],
    /// The guest's CR4.
    pub cr4: u64,
    /// The guest's CR0.TS.
    pub task_switched: bool,
    /// Virtual I/O privilege level.
    pub iopl: u8,
    /// XCR0 of the guest.
    pub xcr0: u64,
    /// TSC_AUX.
    pub tsc_aux: u32,
    /// User code's `cpuid` faults (MISC_FEATURES_ENABLES).
    pub misc_features: u64,
    /// PCI configuration address register.
    pub pci_address: u32,
    /// FPU registers while the vCPU isn't on a processor.
    pub fpu: Box<[FpuChunk]>,
    /// Ports that user code may use: guest address of a bitmap in which 0 permits, and its length in ports.
    pub io_bitmap: u64,
    /// See [`Self::io_bitmap`].
    pub io_bitmap_ports: u32,
    /// Runstate record in guest memory, 0 for none.
    pub runstate_area: u64,
    /// Time record in guest memory, 0 for none.
    pub time_area: u64,
}

impl PvState {
    /// Reset state with an FPU area of `fpu_bytes`.
    pub fn new(fpu_bytes: usize) -> Self {
        let mut fpu = alloc::vec![FpuChunk([0; FPU_CHUNK]); fpu_bytes.max(576).div_ceil(FPU_CHUNK)]
            .into_boxed_slice();
        if let Some(first) = fpu.first_mut() {
            // FCW 0x37f at 0 and MXCSR 0x1f80 at 24, the state an operating system expects.
            first.0[..2].copy_from_slice(&0x37fu16.to_le_bytes());
            first.0[24..28].copy_from_slice(&0x1f80u32.to_le_bytes());
        }
        Self {
            traps: Box::new([Trap::default(); 256]),
            event: Callback::default(),
            failsafe: Callback::default(),
            syscall32: Callback::default(),
            sysenter: Callback::default(),
            nmi: 0,
            gdt_frames: ArrayVec::new(),
            gdt_entries: 0,
            ldt_base: 0,
            ldt_entries: 0,
            ldt_frames: [None; 16],
            debug: [0, 0, 0, 0, 0, 0, 0xffff_0ff0, 0x400],
            cr4: 0,
            task_switched: false,
            iopl: 0,
            xcr0: 1,
            tsc_aux: 0,
            misc_features: 0,
            pci_address: 0,
            fpu,
            io_bitmap: 0,
            io_bitmap_ports: 0,
            runstate_area: 0,
            time_area: 0,
        }
    }
}

/// A runstate, as `vcpu.h` numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum RunState {
    /// On a processor.
    Running = 0,
    /// Wants one.
    Runnable = 1,
    /// Waits for an event.
    Blocked = 2,
    /// Paused or down.
    Offline = 3,
}

/// Time spent in each state.
#[derive(Clone, Copy, Debug)]
pub struct RunStates {
    /// The present state.
    pub state: RunState,
    /// Since when.
    pub since: Nanos,
    /// Time in each state before that.
    pub spent: [u64; 4],
}

impl RunStates {
    /// Moves to `state` at `now`.
    pub fn change(&mut self, state: RunState, now: Nanos) {
        self.spent[self.state as usize] += now.since(self.since).0;
        (self.state, self.since) = (state, now);
    }
}

/// A virtual CPU.
#[repr(C)]
pub struct Vcpu {
    /// What assembly knows; first, and never moved while the vCPU exists.
    pub block: VcpuBlock,
    /// Index in its domain.
    pub id: VcpuId,
    domain: Weak<Domain>,
    /// [`block`] reasons.
    pub(crate) blocks: AtomicU32,
    /// On a run queue or a processor.
    pub(crate) queued: AtomicBool,
    /// Processor it runs on or ran on last.
    pub(crate) cpu: AtomicU32,
    /// What the guest told us.
    pub pv: Mutex<PvState>,
    /// Times by state.
    pub runstates: Mutex<RunStates>,
    /// Frame of `vcpu_info`.
    pub(crate) info_frame: AtomicU64,
    /// Its offset in the frame.
    pub(crate) info_offset: AtomicU32,
    /// Deadline of the one-shot timer, [`Nanos::NEVER`] for none.
    pub(crate) oneshot: AtomicU64,
    /// Period of the periodic timer, 0 for none, and its next tick.
    pub(crate) period: AtomicU64,
    pub(crate) next_tick: AtomicU64,
    /// Deadline of a poll.
    pub(crate) poll_until: AtomicU64,
    /// Gave its turn away.
    pub yields: AtomicBool,
    /// An NMI waits.
    pub nmi_pending: AtomicBool,
    /// Tied to a processor for a while by `SCHEDOP_pin_override`.
    pub pin_override: AtomicBool,
}

impl Vcpu {
    /// A vCPU that is down.
    pub fn new(domain: &Weak<Domain>, id: VcpuId, info: (Mfn, u32), fpu_bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            block: VcpuBlock::default(),
            id,
            domain: domain.clone(),
            blocks: AtomicU32::new(block::DOWN),
            queued: AtomicBool::new(false),
            cpu: AtomicU32::new(0),
            pv: Mutex::new(PvState::new(fpu_bytes)),
            runstates: Mutex::new(RunStates {
                state: RunState::Offline,
                since: Nanos::ZERO,
                spent: [0; 4],
            }),
            info_frame: AtomicU64::new(info.0.get()),
            info_offset: AtomicU32::new(info.1),
            oneshot: AtomicU64::new(Nanos::NEVER.0),
            period: AtomicU64::new(DEFAULT_PERIOD),
            next_tick: AtomicU64::new(0),
            poll_until: AtomicU64::new(Nanos::NEVER.0),
            yields: AtomicBool::new(false),
            nmi_pending: AtomicBool::new(false),
            pin_override: AtomicBool::new(false),
        })
    }

    /// The domain; `None` once that is gone, when only the scheduler still holds the vCPU.
    pub fn domain(&self) -> Option<Arc<Domain>> {
        self.domain.upgrade()
    }

    /// Frame and offset of this vCPU's `vcpu_info`.
    #[inline]
    pub fn info(&self) -> (Mfn, usize) {
        (
            Mfn::new(self.info_frame.load(Ordering::Relaxed)),
            self.info_offset.load(Ordering::Relaxed) as usize,
        )
    }

    /// True once the vCPU has a root table, hence registers to run with.
    pub fn is_initialised(&self) -> bool {
        self.block.cr3_kernel.get() != 0
    }

    /// True where the guest kernel runs (or would).
    #[inline]
    pub fn kernel_mode(&self) -> bool {
        self.block.mode.get() & arch_defs::vcpu::mode::KERNEL != 0
    }

    /// Reasons for which it can't run.
    pub fn blocked(&self) -> u32 {
        self.blocks.load(Ordering::Acquire)
    }

    /// Processor it runs on or ran on last.
    pub fn cpu(&self) -> CpuId {
        CpuId(self.cpu.load(Ordering::Relaxed))
    }

    /// Adds a reason.
    pub fn add_block(&self, reason: u32) {
        self.blocks.fetch_or(reason, Ordering::AcqRel);
    }
}

/// The vCPUs of a domain, by index.
pub type Vcpus = Vec<Arc<Vcpu>>;
