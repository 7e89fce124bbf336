//! A hypervisor on a fake machine.

use std::sync::atomic::AtomicU64;

use abi::xen::Dom0VgaConsoleInfo;
use domain::{Facts, Hypervisor, Io};
use mm::{FrameAllocator, FrameInfo, Ledger};
use policy::{CpuPolicy, HypervisorInfo, Mechanism};
use timekeeping::{TscClock, Wallclock};
use units::{DomId, Mfn, Nanos};
use zerocopy::FromZeros;

use crate::guest::Guest;
use crate::machine::FakeMachine;

/// First frame of RAM that the hypervisor keeps, and how many; what follows is free.
const HYPERVISOR_FRAMES: (u64, u64) = (16, 16);
/// Entries in the hypervisor's slots of every L4 table.
pub(crate) const SLOTS: [(u16, u64); 2] = [(256, 0xabc0_0001), (262, 0xdef0_0003)];

/// A hypervisor and its guests.
pub struct World {
    /// The hypervisor.
    pub hv: Hypervisor<FakeMachine>,
}

impl World {
    /// A machine with `frames` frames and no domains.
    pub fn new(frames: usize) -> Self {
        // The ledger outlives everything in it.
        let info: &'static [FrameInfo] = Vec::leak((0..frames).map(|_| FrameInfo::new()).collect());
        let m2p: &'static [AtomicU64] =
            Vec::leak((0..frames).map(|_| AtomicU64::new(u64::MAX)).collect());
        let ledger = Ledger::new(info, m2p);
        let (first, count) = HYPERVISOR_FRAMES;
        let own = (Mfn::new(first), Mfn::new(first + count));
        ledger.add_hypervisor(own.0, own.1).expect("fresh frames");
        let mut free = FrameAllocator::new(ledger);
        free.add_region(own.1, Mfn::new(frames as u64), true)
            .expect("fresh frames");
        let machine = FakeMachine::new(frames, vec![own.0], ledger);
        let policy = CpuPolicy::read(&machine).host(&Mechanism {
            xcr0: 0,
            fsgsbase: false,
            spec_ctrl: false,
            tsc_aux: false,
            dr_masks: false,
            cpuid_faulting: false,
        });
        let clock = TscClock::new(1_000_000_000, 0, Nanos::ZERO).expect("a rate");
        let facts = Facts {
            clock,
            cpu_khz: 1_000_000,
            e820: vec![
                (0, 0x9_f000, 1),
                (0x9_f000, 0x6_1000, 2),
                (0x10_0000, (frames as u64) << 12, 1),
            ],
            cmdline: "placeholder".into(),
            slots: SLOTS.to_vec(),
            address_bits: 40,
            cpu_policy: Box::new(policy),
            hypervisor_leaves: HypervisorInfo {
                version: (4, 17),
                machine_address_bits: 40,
                time: Default::default(),
            },
            cr4: 0,
            noreboot: false,
            private_mmio: vec![(Mfn::new(0xfee00), Mfn::new(0xfef00))],
            read_only_mmio: Vec::new(),
            private_ports: Vec::new(),
            screen: Dom0VgaConsoleInfo::new_zeroed(),
            max_frame: frames as u64,
        };
        Self {
            hv: Hypervisor::new(
                machine,
                facts,
                ledger,
                free,
                Wallclock::set(1_600_000_000, 0, Nanos::ZERO),
            ),
        }
    }

    /// The control domain, with the hardware.
    pub fn dom0(&self, pages: usize) -> Guest<'_> {
        Guest::new(
            self,
            DomId(0),
            Io {
                hardware: true,
                control: true,
            },
            pages,
        )
    }

    /// A domain without rights.
    pub fn guest(&self, id: u16, pages: usize) -> Guest<'_> {
        Guest::new(
            self,
            DomId(id),
            Io {
                hardware: false,
                control: false,
            },
            pages,
        )
    }
}
