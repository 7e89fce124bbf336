//! A machine of plain memory.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use abi::Errno;
use arch_defs::layout::guest_range_ok;
use arch_defs::pte::{ENTRIES, Level, Pte};
use arch_defs::vcpu::{SegmentRegs, VcpuBlock};
use domain::machine::{Base, End, IrqSource, PciAddress};
use domain::{FpuChunk, Machine};
use units::{
    Clock, CpuId, CpuMask, DomId, Fault, FrameAccess, GuestAddr, GuestMemory, Kick, MAddr, Mfn,
    Nanos, PAGE_SIZE, TlbFlush,
};

/// What a panic carries when the machine was told to end. Tests that allow that catch it.
#[derive(Debug)]
pub struct Ended(pub End);

/// A frame that isn't RAM and that the hardware domain may map.
pub const IO_FRAME: u64 = 0xb8000 >> 12 | 1 << 20;

/// Interrupt lines.
const LINES: u32 = 24;

/// A translation that the processor remembers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cached {
    pub(crate) frame: Mfn,
    pub(crate) writable: bool,
    /// Who owned the frame then.
    pub(crate) owner: Option<DomId>,
}

#[derive(Default)]
struct Irqs {
    bound: HashMap<u32, DomId>,
    messages: HashMap<u32, PciAddress>,
}

/// A machine with one processor. All its memory is words in a vector, and time passes by being asked for.
pub struct FakeMachine {
    ram: Vec<AtomicU64>,
    /// Stands for every frame that isn't there.
    nowhere: Vec<AtomicU64>,
    root: AtomicU64,
    tlb: Mutex<HashMap<u64, Cached>>,
    flush_clock: AtomicU32,
    flushed_at: AtomicU32,
    now: AtomicU64,
    deadline: AtomicU64,
    /// Every so many preemption points one says that something waits; 0 for never.
    pub preempt_every: AtomicU32,
    preempt_count: AtomicU32,
    bases: [AtomicU64; 3],
    irqs: Mutex<Irqs>,
    printed: Mutex<Vec<u8>>,
    m2p: Vec<Mfn>,
    ledger: mm::Ledger<'static>,
}

impl FakeMachine {
    /// A machine with `frames` frames of RAM; `m2p` is what it says of where the machine-to-physical table lies.
    pub fn new(frames: usize, m2p: Vec<Mfn>, ledger: mm::Ledger<'static>) -> Self {
        let words = |n: usize| (0..n).map(|_| AtomicU64::new(0)).collect();
        Self {
            ram: words(frames * ENTRIES),
            nowhere: words(ENTRIES),
            root: AtomicU64::new(0),
            tlb: Mutex::default(),
            flush_clock: AtomicU32::new(1),
            flushed_at: AtomicU32::new(0),
            now: AtomicU64::new(1_000_000_000),
            deadline: AtomicU64::new(u64::MAX),
            preempt_every: AtomicU32::new(0),
            preempt_count: AtomicU32::new(0),
            bases: Default::default(),
            irqs: Mutex::default(),
            printed: Mutex::default(),
            m2p,
            ledger,
        }
    }

    /// What domains printed so far.
    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&self.printed.lock().unwrap()).into_owned()
    }

    /// When the processor's timer is due.
    pub fn deadline(&self) -> Nanos {
        Nanos(self.deadline.load(Ordering::Relaxed))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Nanos) {
        self.now.fetch_add(by.0, Ordering::Relaxed);
    }

    pub(crate) fn cached(&self) -> Vec<Cached> {
        self.tlb.lock().unwrap().values().copied().collect()
    }

    /// Where the guest's address leads, as the processor finds it.
    fn translate(&self, at: u64, write: bool) -> Result<(Mfn, usize), Fault> {
        let offset = (at & 0xfff) as usize;
        let known = self.tlb.lock().unwrap().get(&(at >> 12)).copied();
        if let Some(c) = known.filter(|c| c.writable || !write) {
            return Ok((c.frame, offset));
        }
        let mut table = Mfn::new(self.root.load(Ordering::Relaxed) >> 12);
        let mut writable = true;
        for level in [Level::L4, Level::L3, Level::L2, Level::L1] {
            let entry = Pte(self.word(table, level.index(at)).load(Ordering::Relaxed));
            if !entry.present() {
                return Err(Fault);
            }
            writable &= entry.writable();
            table = entry.frame();
        }
        if write && !writable {
            return Err(Fault);
        }
        let owner = self.ledger.owner(table);
        let seen = Cached {
            frame: table,
            writable,
            owner,
        };
        self.tlb.lock().unwrap().insert(at >> 12, seen);
        Ok((table, offset))
    }

    /// The pieces of a range of guest addresses, one a page.
    fn pieces(
        &self,
        at: GuestAddr,
        len: usize,
        write: bool,
        mut each: impl FnMut(Mfn, usize, usize, usize),
    ) -> Result<(), Fault> {
        if len != 0 && !guest_range_ok(at.get(), len as u64) {
            return Err(Fault);
        }
        let mut done = 0;
        while done < len {
            let (frame, offset) = self.translate(at.get().wrapping_add(done as u64), write)?;
            let part = (PAGE_SIZE - offset).min(len - done);
            each(frame, offset, done, part);
            done += part;
        }
        Ok(())
    }
}

impl FrameAccess for FakeMachine {
    fn word(&self, frame: Mfn, index: usize) -> &AtomicU64 {
        let index = index % ENTRIES;
        let at = frame
            .index()
            .checked_mul(ENTRIES)
            .and_then(|n| n.checked_add(index));
        at.and_then(|n| self.ram.get(n))
            .unwrap_or(&self.nowhere[index])
    }
}

impl GuestMemory for FakeMachine {
    fn copy_in(&self, from: GuestAddr, to: &mut [u8]) -> Result<(), Fault> {
        let len = to.len();
        self.pieces(from, len, false, |frame, offset, done, part| {
            self.read_bytes(frame, offset, &mut to[done..done + part]);
        })
    }

    fn copy_out(&self, to: GuestAddr, from: &[u8]) -> Result<(), Fault> {
        self.pieces(to, from.len(), true, |frame, offset, done, part| {
            self.write_bytes(frame, offset, &from[done..done + part]);
        })
    }
}

impl TlbFlush for FakeMachine {
    fn stamp(&self) -> u32 {
        self.flush_clock.load(Ordering::Relaxed)
    }
    fn flush_since(&self, cpus: &CpuMask, stamp: u32) {
        if self.flushed_at.load(Ordering::Relaxed) <= stamp {
            self.flush(cpus);
        }
    }
    fn flush(&self, cpus: &CpuMask) {
        if cpus.contains(CpuId(0)) {
            self.tlb.lock().unwrap().clear();
            let now = self.flush_clock.fetch_add(1, Ordering::Relaxed) + 1;
            self.flushed_at.store(now, Ordering::Relaxed);
        }
    }
    fn flush_page(&self, cpus: &CpuMask, addr: GuestAddr) {
        if cpus.contains(CpuId(0)) {
            self.tlb.lock().unwrap().remove(&(addr.get() >> 12));
        }
    }
}

impl Kick for FakeMachine {
    fn kick(&self, _: CpuId) {}
    fn this_cpu(&self) -> CpuId {
        CpuId(0)
    }
}

impl Clock for FakeMachine {
    fn now(&self) -> Nanos {
        Nanos(self.now.fetch_add(10_000, Ordering::Relaxed))
    }
    fn arm(&self, deadline: Nanos) {
        self.deadline.store(deadline.0, Ordering::Relaxed);
    }
}

impl policy::Host for FakeMachine {
    fn cpuid(&self, leaf: u32, _: u32) -> policy::Regs {
        match leaf {
            0 => [1, 0x756e_6547, 0x6c65_746e, 0x4965_6e69],
            1 => [0x506e3, 0, 0, 0x0f8b_fbff],
            0x8000_0000 => [0x8000_0008, 0, 0, 0],
            0x8000_0001 => [0, 0, 1, 0x2010_0800],
            0x8000_0008 => [0x3028, 0, 0, 0],
            _ => [0; 4],
        }
    }
}

impl Machine for FakeMachine {
    fn load_base(&self, cr3: u64) {
        self.root.store(cr3, Ordering::Relaxed);
        self.tlb.lock().unwrap().clear();
        let now = self.flush_clock.fetch_add(1, Ordering::Relaxed) + 1;
        self.flushed_at.store(now, Ordering::Relaxed);
    }
    fn swap_gs(&self) {
        let [_, gs, other] = &self.bases;
        let old = gs.swap(other.load(Ordering::Relaxed), Ordering::Relaxed);
        other.store(old, Ordering::Relaxed);
    }
    fn base(&self, which: Base) -> u64 {
        self.bases[which as usize].load(Ordering::Relaxed)
    }
    fn set_base(&self, which: Base, value: u64) -> bool {
        let good = arch_defs::pte::canonical(value);
        if good {
            self.bases[which as usize].store(value, Ordering::Relaxed);
        }
        good
    }
    fn load_user_gs(&self, selector: u16) -> bool {
        selector == 0
    }
    fn save_segments(&self, _: &SegmentRegs) {}
    fn load_segments(&self, _: &SegmentRegs) -> bool {
        true
    }
    fn show_gdt(&self, _: &[Mfn]) {}
    fn show_ldt_page(&self, _: usize, _: Option<Mfn>) {}
    fn load_ldt(&self, _: u32) {}
    fn ldt_window_offset(&self, _: u64) -> Option<u64> {
        None
    }
    fn load_debug(&self, _: &[u64; 4], _: u64, _: u64) {}
    fn debug_status(&self) -> u64 {
        0xffff_0ff0
    }
    fn set_task_switched(&self, _: bool) {}
    fn save_fpu(&self, _: &mut [FpuChunk]) {}
    fn load_fpu(&self, _: &[FpuChunk]) {}
    fn fpu_size(&self) -> usize {
        576
    }
    fn xcr0_supported(&self) -> u64 {
        0
    }
    fn load_xcr0(&self, _: u64) -> bool {
        false
    }
    fn open_io_bitmap(&self, _: bool) {}
    fn set_current(&self, _: &VcpuBlock) {}
    fn fault_address(&self) -> u64 {
        0
    }
    fn cmpxchg_guest(&self, at: GuestAddr, old: u64, new: u64, size: usize) -> Result<u64, Fault> {
        let mut bytes = [0; 8];
        let part = bytes.get_mut(..size).ok_or(Fault)?;
        self.copy_in(at, part)?;
        let found = u64::from_le_bytes(bytes);
        let to = if found == old { new } else { found };
        self.copy_out(at, &to.to_le_bytes()[..size])?;
        Ok(found)
    }
    fn cpuid(&self, leaf: u32, subleaf: u32) -> [u32; 4] {
        policy::Host::cpuid(self, leaf, subleaf)
    }
    fn rdmsr(&self, msr: u32) -> Option<u64> {
        // Two memory-type ranges, one in use.
        match msr {
            0xfe => Some(2),
            0x200 => Some(0x8000_0000),
            0x201 => Some(0xff_8000_0800),
            0x202 | 0x203 => Some(0),
            _ => None,
        }
    }
    fn set_tsc_aux(&self, _: u32) {}
    fn prediction_barrier(&self) {}
    fn port_in(&self, _: u16, _: u8) -> u32 {
        u32::MAX
    }
    fn port_out(&self, _: u16, _: u8, _: u32) {}
    fn tsc(&self) -> u64 {
        self.now().0
    }
    fn wbinvd(&self) {}
    fn pci_read(&self, _: u32, _: u8, _: u8) -> u32 {
        u32::MAX
    }
    fn pci_write(&self, _: u32, _: u8, _: u8, _: u32) {}
    fn console_write(&self, _: DomId, text: &[u8]) {
        let mut printed = self.printed.lock().unwrap();
        if printed.len() < 1 << 20 {
            printed.extend_from_slice(text);
        }
    }
    fn console_read(&self, _: &mut [u8]) -> usize {
        0
    }
    fn preempt(&self) -> bool {
        let every = self.preempt_every.load(Ordering::Relaxed);
        every != 0 && (self.preempt_count.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every)
    }
    fn end(&self, how: End) -> ! {
        std::panic::panic_any(Ended(how))
    }
    fn end_irq(&self, _: u32) {}
    fn irq_exists(&self, pirq: u32) -> bool {
        pirq < LINES || self.irqs.lock().unwrap().messages.contains_key(&pirq)
    }
    fn irq_needs_eoi(&self, pirq: u32) -> bool {
        (16..LINES).contains(&pirq)
    }
    fn bind_irq(&self, pirq: u32, domain: DomId, _: bool) -> Result<(), Errno> {
        if !self.irq_exists(pirq) {
            return Err(Errno::EINVAL);
        }
        match self.irqs.lock().unwrap().bound.insert(pirq, domain) {
            Some(_) => Err(Errno::EBUSY),
            None => Ok(()),
        }
    }
    fn unbind_irq(&self, pirq: u32) {
        self.irqs.lock().unwrap().bound.remove(&pirq);
    }
    fn map_irq(
        &self,
        _: DomId,
        source: IrqSource,
        wanted: Option<u32>,
    ) -> Result<(u32, u16), Errno> {
        match source {
            IrqSource::Gsi(gsi) if gsi < LINES && wanted.is_none_or(|w| w == gsi) => Ok((gsi, 1)),
            IrqSource::Gsi(_) => Err(Errno::EINVAL),
            IrqSource::Msi { device, .. } => {
                let pirq = self.free_pirq(DomId::DOM0, false)?;
                self.irqs.lock().unwrap().messages.insert(pirq, device);
                Ok((pirq, 1))
            }
        }
    }
    fn unmap_irq(&self, _: DomId, pirq: u32) -> Result<(), Errno> {
        let mut irqs = self.irqs.lock().unwrap();
        if pirq >= LINES && irqs.bound.contains_key(&pirq) {
            return Err(Errno::EBUSY);
        }
        irqs.messages.remove(&pirq);
        Ok(())
    }
    fn free_pirq(&self, _: DomId, _: bool) -> Result<u32, Errno> {
        let irqs = self.irqs.lock().unwrap();
        (LINES..64)
            .find(|n| !irqs.messages.contains_key(n))
            .ok_or(Errno::ENOSPC)
    }
    fn setup_gsi(&self, gsi: u32, _: bool, _: bool) -> Result<(), Errno> {
        if gsi < LINES {
            Ok(())
        } else {
            Err(Errno::EINVAL)
        }
    }
    fn ioapic_read(&self, base: MAddr, reg: u32) -> Option<u32> {
        (base.get() == 0xfec0_0000).then_some(reg)
    }
    fn ioapic_write(&self, base: MAddr, _: u32, _: u32) -> bool {
        base.get() == 0xfec0_0000
    }
    fn pci_device(&self, _: PciAddress, _: bool) -> Result<(), Errno> {
        Ok(())
    }
    fn mmcfg(&self, _: MAddr, _: u16, _: u8, _: u8, _: bool) -> Result<(), Errno> {
        Ok(())
    }
    fn restore_msi(&self, _: PciAddress) -> Result<(), Errno> {
        Ok(())
    }
    fn m2p_frames(&self) -> Vec<Mfn> {
        self.m2p.clone()
    }
    fn cpu_count(&self) -> u32 {
        1
    }
    fn apic_id(&self, _: u32) -> u32 {
        0
    }
}
