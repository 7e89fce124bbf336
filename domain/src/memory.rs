//! Memory of domains: the frame ledger's rules applied to a caller.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;

use abi::Errno;
use arch_defs::pte::{Level, Pte};
use emul::{Exception, Stop};
use mm::{Block, Claim, FreedList, IoRight, MmError, Mmu, Refs, Space};
use units::{CpuId, CpuMask, DomId, FrameAccess, Mfn, Order};

use crate::Hypervisor;
use crate::domain::Domain;
use crate::machine::Machine;
use crate::vcpu::Vcpu;

/// Memory for a domain could not be had or built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryError {
    /// No free frames.
    NoMemory,
    /// The ledger refused.
    Refused(MmError),
}

impl From<MmError> for MemoryError {
    fn from(e: MmError) -> Self {
        match e {
            MmError::NoMemory => Self::NoMemory,
            e => Self::Refused(e),
        }
    }
}

/// What a domain was promised and told of its memory.
#[derive(Default)]
pub struct MemoryPlan {
    /// Frames held back for it.
    pub claim: Claim,
    /// The map that the toolstack gave it, as E820 entries: start, length, type. Empty for none.
    pub map: Vec<(u64, u64, u32)>,
}

/// One domain in one memory operation.
pub struct DomainSpace<'h, M: Machine> {
    hv: &'h Hypervisor<M>,
    domain: &'h Domain,
    preemptible: bool,
    freed: FreedList,
    pending: RefCell<Vec<Mfn>>,
}

impl<M: Machine> Space for DomainSpace<'_, M> {
    fn id(&self) -> DomId {
        self.domain.id
    }

    fn allowed(&self) -> u64 {
        Pte::guest_bits(self.hv.facts.address_bits, true)
    }

    fn io_right(&self, owner: DomId, mfn: Mfn) -> IoRight {
        if !self.domain.io.hardware || !(owner == self.domain.id || owner == DomId::IO) {
            return IoRight::None;
        }
        self.hv.io_memory_right(mfn)
    }

    fn slots(&self) -> &[(u16, u64)] {
        &self.hv.facts.slots
    }

    fn cpus(&self) -> CpuMask {
        self.hv.dirty_cpus(self.domain)
    }

    fn preempt(&self) -> bool {
        self.preemptible && self.hv.machine.preempt()
    }

    fn freed(&self, mfn: Mfn) {
        self.freed.push(&self.hv.ledger, mfn);
    }

    fn pending(&self, table: Mfn) {
        self.pending.borrow_mut().push(table);
    }
}

/// The memory operations of a domain.
pub type DomainMmu<'h, M> = Mmu<'h, M, M, DomainSpace<'h, M>>;

impl<M: Machine> Hypervisor<M> {
    /// Runs `work` with the memory operations of `domain`, then frees what it let go of. With `preemptible`,
    /// `work` may end with [`MmError::Preempted`].
    pub fn with_mmu<R>(
        &self,
        domain: &Domain,
        preemptible: bool,
        work: impl FnOnce(&DomainMmu<'_, M>) -> R,
    ) -> R {
        let space = DomainSpace {
            hv: self,
            domain,
            preemptible,
            freed: FreedList::new(),
            pending: RefCell::new(Vec::new()),
        };
        let result = {
            let mmu = Mmu {
                ledger: self.ledger,
                frames: &self.machine,
                tlb: &self.machine,
                space: &space,
            };
            let result = work(&mmu);
            while let Some(table) = { space.pending.borrow_mut().pop() } {
                if mmu.finish(table) == Err(MmError::Preempted) {
                    space.pending.borrow_mut().push(table);
                    self.machine.preempt();
                }
            }
            result
        };
        self.release(&space.freed);
        result
    }

    /// Frees frames without references.
    fn release(&self, freed: &FreedList) {
        if freed.is_empty() {
            return;
        }
        let stamp = Some(self.machine.stamp());
        while let Some(mfn) = freed.pop(&self.ledger) {
            let Some(refs) = self.ledger.frame(mfn).map(|f| f.refs()) else {
                continue;
            };
            let fresh = if refs.has(Refs::HYPERVISOR) {
                self.ledger.return_hypervisor(mfn)
            } else {
                match self.domain(refs.owner()) {
                    Some(owner) => owner.pages.lock().release(&self.ledger, mfn).map(|_| ()),
                    None => Err(MmError::NotOwner),
                }
            };
            let done = fresh.and_then(|()| self.frames.lock().free(mfn, Order::PAGE, stamp));
            if let Err(e) = done {
                log::error!("frame {mfn} can't be freed: {e:?}");
            }
        }
    }

    /// Processors that may hold translations of a domain.
    pub fn dirty_cpus(&self, domain: &Domain) -> CpuMask {
        let bits = domain
            .dirty_cpus
            .load(core::sync::atomic::Ordering::Acquire);
        let mut mask = CpuMask::EMPTY;
        (0..64)
            .filter(|c| bits >> c & 1 != 0)
            .for_each(|c| mask.set(CpuId(c)));
        mask
    }

    /// What the hardware domain may do with a frame that isn't RAM.
    pub fn io_memory_right(&self, mfn: Mfn) -> IoRight {
        let private = |list: &[(Mfn, Mfn)]| list.iter().any(|(a, b)| *a <= mfn && mfn < *b);
        if private(&self.facts.private_mmio) {
            IoRight::None
        } else if private(&self.facts.read_only_mmio) {
            IoRight::ReadOnly
        } else {
            IoRight::Full
        }
    }

    /// A block of frames, flushed; scrubbed unless `keep_contents`.
    pub fn alloc_block(
        &self,
        order: Order,
        max_bits: Option<u32>,
        keep_contents: bool,
    ) -> Result<Block, MmError> {
        let block = self.frames.lock().alloc(order, max_bits, None)?;
        if let Some(stamp) = block.stamp {
            self.machine.flush_since(&CpuMask::ALL, stamp);
        }
        if keep_contents {
            block.scrub(&self.ledger, &AsItIs);
        } else {
            block.scrub(&self.ledger, &self.machine);
        }
        Ok(block)
    }

    /// A zeroed block for a domain, drawn on its claim.
    pub fn alloc_for(
        &self,
        domain: &Domain,
        order: Order,
        max_bits: Option<u32>,
    ) -> Result<Block, MmError> {
        let block = {
            let mut plan = domain.memory.lock();
            self.frames
                .lock()
                .alloc(order, max_bits, Some(&mut plan.claim))?
        };
        if let Some(stamp) = block.stamp {
            self.machine.flush_since(&CpuMask::ALL, stamp);
        }
        block.scrub(&self.ledger, &self.machine);
        Ok(block)
    }

    /// Frees a block that nobody was given.
    pub fn free_block(&self, block: &Block) {
        // Never mapped, so no translation can be stale.
        if let Err(e) = self.frames.lock().free(block.mfn, block.order, None) {
            log::error!("block at {} can't be freed: {e:?}", block.mfn);
        }
    }

    /// Promises `pages` in all to a domain (`XENMEM_claim_pages`); zero ends the promise, as a domain's end must.
    pub fn claim_pages(&self, domain: &Domain, pages: u64) -> Result<(), MmError> {
        let (have, max) = {
            let list = domain.pages.lock();
            (list.total(), list.max())
        };
        if pages != 0 && pages <= have {
            return Err(MmError::BadClaim);
        }
        let mut plan = domain.memory.lock();
        self.frames
            .lock()
            .set_claim(&mut plan.claim, pages, have, max)
    }

    /// A zeroed frame of the hypervisor's own.
    pub fn alloc_hypervisor_frame(&self) -> Result<Mfn, MmError> {
        let block = self.alloc_block(Order::PAGE, None, false)?;
        self.ledger.take_hypervisor(block.mfn)?;
        Ok(block.mfn)
    }

    /// Returns an unshared hypervisor frame.
    pub fn free_hypervisor_frame(&self, mfn: Mfn) {
        let done = self
            .ledger
            .return_hypervisor(mfn)
            .and_then(|()| self.frames.lock().free(mfn, Order::PAGE, None));
        if let Err(e) = done {
            log::error!("hypervisor frame {mfn} can't be freed: {e:?}");
        }
    }

    /// Gives a block to a domain. What can't be given is freed.
    pub fn assign_block(&self, domain: &Domain, block: &Block, over: bool) -> Result<(), MmError> {
        let mut pages = domain.pages.lock();
        for (i, mfn) in block.frames().enumerate() {
            if let Err(e) = pages.assign(&self.ledger, mfn, over) {
                drop(pages);
                for (j, mfn) in block.frames().enumerate() {
                    let taken_back = j >= i || domain.pages.lock().steal(&self.ledger, mfn).is_ok();
                    if taken_back {
                        let _ =
                            self.frames
                                .lock()
                                .free(mfn, Order::PAGE, Some(self.machine.stamp()));
                    }
                }
                return Err(e);
            }
        }
        Ok(())
    }

    fn root(vcpu: &Vcpu) -> Mfn {
        Mfn::new(vcpu.block.cr3_kernel.get() >> 12)
    }

    /// True where `addr` maps one of the domain's L1 tables read-only.
    pub fn page_table_at(&self, vcpu: &Arc<Vcpu>, domain: &Arc<Domain>, addr: u64) -> bool {
        self.with_mmu(domain, false, |mmu| {
            mmu.writes_l1(Self::root(vcpu), addr).is_some()
        })
    }

    /// True where `addr` maps device memory that the domain may only read.
    pub fn read_only_io_at(&self, vcpu: &Arc<Vcpu>, domain: &Arc<Domain>, addr: u64) -> bool {
        self.with_mmu(domain, false, |mmu| {
            let Ok((table, index)) = mmu.find_l1(Self::root(vcpu), addr) else {
                return false;
            };
            let entry = Pte(self
                .machine
                .word(table, index)
                .load(core::sync::atomic::Ordering::Relaxed));
            entry.present()
                && self.ledger.ram(entry.frame()).is_none()
                && self.io_memory_right(entry.frame()) == IoRight::ReadOnly
        })
    }

    /// Carries out a guest's store to its L1 table mapped at `addr`: `new` in `size` bytes, conditional on `old`
    /// where given. Answers what was there.
    pub fn emulated_store(
        &self,
        vcpu: &Arc<Vcpu>,
        domain: &Arc<Domain>,
        addr: u64,
        size: usize,
        old: Option<u64>,
        new: u64,
    ) -> Result<u64, Stop> {
        let (offset, index) = ((addr & 7) as u32, (addr & 0xfff) as usize / 8);
        if offset as usize + size > 8 {
            return Err(Stop::Refused);
        }
        let shift = offset * 8;
        let mask = if size >= 8 {
            u64::MAX
        } else {
            ((1u64 << (size * 8)) - 1) << shift
        };
        self.with_mmu(domain, false, |mmu| {
            let table = mmu.writes_l1(Self::root(vcpu), addr).ok_or(Stop::Retry)?;
            loop {
                let seen = self
                    .machine
                    .word(table, index)
                    .load(core::sync::atomic::Ordering::Relaxed);
                let part = (seen & mask) >> shift;
                if old.is_some_and(|old| old != part) {
                    return Ok(part);
                }
                let full = seen & !mask | new << shift & mask;
                // A plain store replaces whatever is there; A and D bits that the processor sets meanwhile are lost
                // as they would be on hardware. A compare-and-swap must be exact.
                let expected = (old.is_some() || mask != u64::MAX).then_some(seen);
                match mmu.exchange_l1(table, index, expected, full) {
                    Ok(before) if expected.is_some_and(|e| e != before) => continue,
                    Ok(before) => return Ok((before & mask) >> shift),
                    Err(e) => {
                        log::debug!(
                            "{}{}: page-table store of {full:#x} at {addr:#x} refused: {e:?}",
                            domain.id,
                            vcpu.id
                        );
                        return Err(Stop::Exception(Exception::page_fault(addr, 3)));
                    }
                }
            }
        })
    }

    /// Makes `root` the kernel's root table of the running vCPU.
    pub fn new_base(&self, vcpu: &Arc<Vcpu>, domain: &Arc<Domain>, root: Mfn) -> Result<(), Errno> {
        let m2p = self.m2p_slot();
        self.replace_root(domain, &vcpu.block.cr3_kernel, root, m2p, |cr3| {
            if vcpu.kernel_mode() {
                self.machine.load_base(cr3);
            }
        })
    }

    /// Makes `root` the user root table of the running vCPU; frame 0 for none.
    pub fn new_user_base(
        &self,
        vcpu: &Arc<Vcpu>,
        domain: &Arc<Domain>,
        root: Mfn,
    ) -> Result<(), Errno> {
        // User code doesn't run now, so nothing is loaded.
        // Programs are not shown the machine's frame numbers.
        self.replace_root(domain, &vcpu.block.cr3_user, root, 0, |_| {})
    }

    /// The root entry that shows guests the M2P table.
    fn m2p_slot(&self) -> u64 {
        let slot = Level::L4.index(arch_defs::layout::M2P_GUEST) as u16;
        let found = self.facts.slots.iter().find(|(i, _)| *i == slot);
        found.map_or(0, |(_, entry)| *entry)
    }

    fn replace_root(
        &self,
        domain: &Domain,
        slot: &arch_defs::vcpu::Reg,
        root: Mfn,
        m2p: u64,
        load: impl FnOnce(u64),
    ) -> Result<(), Errno> {
        let show_m2p = || {
            let slot = Level::L4.index(arch_defs::layout::M2P_GUEST);
            self.machine
                .word(root, slot)
                .store(m2p, core::sync::atomic::Ordering::Relaxed);
        };
        let old = slot.get() >> 12;
        if old == root.get() {
            if old != 0 {
                show_m2p();
            }
            load(slot.get());
            return Ok(());
        }
        self.with_mmu(domain, true, |mmu| {
            if root.get() != 0 {
                mmu.get_root(root)?;
                show_m2p();
            }
            slot.set(root.get() << 12);
            load(root.get() << 12);
            if old != 0 {
                mmu.put_root(Mfn::new(old));
            }
            Ok(())
        })
        .map_err(|e: MmError| Errno::from(e))
    }

    /// Shows the page of the running vCPU's LDT at `offset` bytes; false where it has none there that may be shown.
    pub fn show_ldt(&self, vcpu: &Arc<Vcpu>, domain: &Arc<Domain>, offset: u64) -> bool {
        let page = (offset >> 12) as usize;
        let mut pv = vcpu.pv.lock();
        if offset >= u64::from(pv.ldt_entries) * 8 {
            return false;
        }
        let va = pv.ldt_base.wrapping_add(offset);
        let frame = self.with_mmu(domain, false, |mmu| {
            let (table, index) = mmu.find_l1(Self::root(vcpu), va).ok()?;
            let entry = Pte(self
                .machine
                .word(table, index)
                .load(core::sync::atomic::Ordering::Relaxed));
            (entry.present() && mmu.get_descriptor_page(entry.frame()).is_ok())
                .then(|| entry.frame())
        });
        let (Some(frame), Some(slot)) = (frame, pv.ldt_frames.get_mut(page)) else {
            return false;
        };
        let before = slot.replace(frame);
        self.machine.show_ldt_page(page, Some(frame));
        drop(pv);
        if let Some(before) = before {
            self.with_mmu(domain, false, |mmu| mmu.put_page_and_type(before));
        }
        true
    }

    /// Takes all pages out of the running vCPU's LDT window.
    pub fn clear_ldt(&self, vcpu: &Arc<Vcpu>, domain: &Arc<Domain>) {
        let frames = core::mem::take(&mut vcpu.pv.lock().ldt_frames);
        for (i, frame) in frames.into_iter().enumerate() {
            if let Some(frame) = frame {
                self.machine.show_ldt_page(i, None);
                self.with_mmu(domain, false, |mmu| mmu.put_page_and_type(frame));
            }
        }
    }
}

/// Leaves frames as they are where they would be zeroed: for the domain that is built at boot and owns the machine,
/// to which nothing in its memory is a secret.
struct AsItIs;

impl FrameAccess for AsItIs {
    fn word(&self, _: Mfn, _: usize) -> &core::sync::atomic::AtomicU64 {
        static NOTHING: core::sync::atomic::AtomicU64 = core::sync::atomic::AtomicU64::new(0);
        &NOTHING
    }

    fn zero(&self, _: Mfn) {}
}
