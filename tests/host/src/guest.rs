//! A PV domain in a fake machine.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use abi::arch_x86::{VGCF_IN_KERNEL, VcpuGuestContext, xen_pfn_to_cr3};
use arch_defs::layout;
use arch_defs::pte::{Level, Pte};
use domain::{Domain, Io, Machine, Vcpu, block};
use units::{DomId, FrameAccess, GuestAddr, GuestMemory, Mfn, Order, Pfn};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes};

use crate::machine::FakeMachine;
use crate::world::World;

/// Where the guest has its memory: page n of it at `VA + n * 4096`.
pub const VA: u64 = 0xffff_ffff_8000_0000;
/// Its first pages are its tables, L4 first, mapped read-only.
pub const TABLES: usize = 4;
/// vCPUs of each domain.
const VCPUS: u32 = 2;
/// More than any call is begun again.
const PATIENCE: usize = 1_000_000;

/// A domain whose first vCPU runs.
pub struct Guest<'w> {
    /// Where.
    pub world: &'w World,
    /// The domain.
    pub domain: Arc<Domain>,
    /// Its first vCPU.
    pub vcpu: Arc<Vcpu>,
    /// Its frames as it got them.
    pub frames: Vec<Mfn>,
}

impl<'w> Guest<'w> {
    /// A domain with `pages` pages, at most 512, all mapped from [`VA`] on.
    pub fn new(world: &'w World, id: DomId, io: Io, pages: usize) -> Self {
        assert!((TABLES + 1..=512).contains(&pages));
        let hv = &world.hv;
        let m = &hv.machine;
        let domain = hv
            .create_domain(id, io, VCPUS, pages as u64 + 32)
            .expect("memory");
        let mut frames = Vec::new();
        for pfn in 0..pages {
            let frame = hv.alloc_for(&domain, Order::PAGE, None).expect("memory");
            hv.assign_block(&domain, &frame, false)
                .expect("below the limit");
            hv.ledger.set_m2p(frame.mfn, Pfn::new(pfn as u64));
            frames.push(frame.mfn);
        }
        let pointer = Pte::P | Pte::RW | Pte::US;
        for (level, pair) in [Level::L4, Level::L3, Level::L2]
            .into_iter()
            .zip(frames.windows(2))
        {
            m.word(pair[0], level.index(VA))
                .store(Pte::new(pair[1], pointer).0, Ordering::Relaxed);
        }
        for (pfn, frame) in frames.iter().enumerate() {
            let right = if pfn < TABLES { 0 } else { Pte::RW };
            m.word(frames[3], pfn).store(
                Pte::new(*frame, Pte::P | Pte::US | right).0,
                Ordering::Relaxed,
            );
        }
        let vcpu = domain.vcpus()[0].clone();
        let mut context = Box::new(VcpuGuestContext::new_zeroed());
        context.flags = VGCF_IN_KERNEL;
        context.ctrlreg[3] = xen_pfn_to_cr3(frames[0].get());
        context.user_regs.rip = VA;
        hv.initialise_vcpu(&domain, &vcpu, &context)
            .expect("the tables are good");
        hv.unblock(&vcpu, block::DOWN);
        let guest = Self {
            world,
            domain,
            vcpu,
            frames,
        };
        guest.enter();
        guest
    }

    fn machine(&self) -> &FakeMachine {
        &self.world.hv.machine
    }

    /// Puts the vCPU on the processor.
    pub fn enter(&self) {
        let hv = &self.world.hv;
        hv.unblock(&self.vcpu, block::BLOCKED | block::POLLING | block::DOWN);
        self.domain.dirty_cpus.store(1, Ordering::Relaxed);
        self.machine().load_base(self.vcpu.block.cr3_kernel.get());
    }

    /// Address of a page.
    pub fn va(&self, page: usize) -> u64 {
        VA + page as u64 * 4096
    }

    /// Makes a hypercall as often as it asks to be made again; what it left in rax. `None` where it never
    /// ends or replaced the registers.
    pub fn call(&self, number: u64, args: [u64; 6]) -> i64 {
        const RIP: u64 = VA + 0x100;
        let regs = &self.vcpu.block.regs;
        for (slot, value) in [
            &regs.rdi, &regs.rsi, &regs.rdx, &regs.r10, &regs.r8, &regs.r9,
        ]
        .into_iter()
        .zip(args)
        {
            slot.set(value);
        }
        for _ in 0..PATIENCE {
            regs.rax.set(number);
            regs.rip.set(RIP);
            hypercall::dispatch(&self.world.hv, &self.vcpu, &self.domain);
            if regs.rip.get() != RIP - 2 {
                return regs.rax.get() as i64;
            }
        }
        panic!("call {number} with {args:x?} never ends");
    }

    /// Writes a value at a guest address, as the guest itself would.
    pub fn put<T: IntoBytes + Immutable>(&self, at: u64, value: &T) -> u64 {
        self.machine()
            .copy_out(GuestAddr::new(at), value.as_bytes())
            .expect("guest memory");
        at
    }

    /// Reads a value.
    pub fn get<T: FromBytes + IntoBytes>(&self, at: u64) -> T {
        let mut value = T::new_zeroed();
        self.machine()
            .copy_in(GuestAddr::new(at), value.as_mut_bytes())
            .expect("guest memory");
        value
    }

    /// The machine address of the L1 entry of a page.
    pub fn entry_at(&self, page: usize) -> u64 {
        self.frames[3].addr().get() + page as u64 * 8
    }

    /// Whether an address is one that a guest may name at all.
    pub fn may_name(at: u64) -> bool {
        layout::guest_range_ok(at, 1)
    }
}
