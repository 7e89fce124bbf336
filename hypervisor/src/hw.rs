//! The machine: the seam traits over hardware.

use core::sync::atomic::{AtomicU64, Ordering};

use abi::Errno;
use arch_defs::vcpu::{SegmentRegs, VcpuBlock};
use arch_x86::cpu::{self, msr};
use arch_x86::guest::{self, CurrentGuest};
use arch_x86::mem::Direct;
use arch_x86::platform::lapic::{Lapic, LapicTimer};
use arch_x86::tlb::Tlb;
use arch_x86::{fpu, percpu, segment, traps};
use domain::machine::{Base, End, IrqSource, PciAddress};
use domain::{FpuChunk, Machine};
use spin::Once;
use timekeeping::TscClock;
use units::{
    Clock, CpuId, CpuMask, DomId, Fault, FrameAccess, GuestAddr, GuestMemory, Kick, MAddr, Mfn,
    Nanos, TlbFlush,
};

use crate::{console, irq, msi, pending, raw};

/// Hardware.
pub struct Hw;

/// What was found out at boot and never changes.
pub struct Platform {
    /// System time.
    pub clock: TscClock,
    /// This and every other processor's local APIC.
    pub lapic: Lapic,
    /// Its timer.
    pub timer: LapicTimer,
    /// How to end.
    pub power: arch_x86::platform::power::Power,
    /// `reboot=`.
    pub reset_method: Option<arch_defs::reboot::ResetMethod>,
}

/// Set once during boot.
pub static PLATFORM: Once<Platform> = Once::new();

impl FrameAccess for Hw {
    #[inline]
    fn word(&self, frame: Mfn, index: usize) -> &AtomicU64 {
        const DIRECT: &Direct = &Direct;
        DIRECT.word(frame, index)
    }
    fn read_bytes(&self, frame: Mfn, offset: usize, to: &mut [u8]) {
        Direct.read_bytes(frame, offset, to);
    }
    fn write_bytes(&self, frame: Mfn, offset: usize, from: &[u8]) {
        Direct.write_bytes(frame, offset, from);
    }
    fn zero(&self, frame: Mfn) {
        Direct.zero(frame);
    }
    fn copy_frame(&self, to: Mfn, from: Mfn) {
        Direct.copy_frame(to, from);
    }
}

impl GuestMemory for Hw {
    #[inline]
    fn copy_in(&self, from: GuestAddr, to: &mut [u8]) -> Result<(), Fault> {
        CurrentGuest.copy_in(from, to)
    }
    #[inline]
    fn copy_out(&self, to: GuestAddr, from: &[u8]) -> Result<(), Fault> {
        CurrentGuest.copy_out(to, from)
    }
}

impl TlbFlush for Hw {
    fn stamp(&self) -> u32 {
        Tlb.stamp()
    }
    fn flush_since(&self, cpus: &CpuMask, stamp: u32) {
        Tlb.flush_since(cpus, stamp);
    }
    fn flush(&self, cpus: &CpuMask) {
        Tlb.flush(cpus);
    }
    fn flush_page(&self, cpus: &CpuMask, addr: GuestAddr) {
        Tlb.flush_page(cpus, addr);
    }
}

impl Kick for Hw {
    fn kick(&self, _: CpuId) {
        // One processor: it looks at its work on the way out of the hypervisor anyway.
        pending::RESCHEDULE.store(true, Ordering::Relaxed);
    }
    fn this_cpu(&self) -> CpuId {
        percpu::this_cpu()
    }
}

impl Clock for Hw {
    fn now(&self) -> Nanos {
        PLATFORM
            .get()
            .map_or(Nanos::ZERO, |p| p.clock.at(cpu::rdtsc()))
    }
    fn arm(&self, deadline: Nanos) {
        let Some(p) = PLATFORM.get() else { return };
        if deadline == Nanos::NEVER {
            p.timer.disarm();
        } else if p.timer.is_deadline() {
            p.timer.arm_tsc(p.clock.tsc_at(deadline));
        } else {
            p.timer.arm_in(Nanos(deadline.since(self.now()).0.max(1)));
        }
    }
}

impl policy::Host for Hw {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> policy::Regs {
        cpu::cpuid(leaf, subleaf)
    }
    fn rdmsr(&self, msr: u32) -> Option<u64> {
        cpu::rdmsr(msr)
    }
}

fn base_register(which: Base) -> u32 {
    match which {
        Base::Fs => msr::FS_BASE,
        Base::Gs => msr::GS_BASE,
        Base::GsOther => msr::KERNEL_GS_BASE,
    }
}

impl Machine for Hw {
    fn load_base(&self, cr3: u64) {
        raw::load_guest_root(cr3);
    }
    fn swap_gs(&self) {
        segment::swap_gs();
    }
    fn base(&self, which: Base) -> u64 {
        segment::read_base(base_register(which))
    }
    fn set_base(&self, which: Base, value: u64) -> bool {
        segment::write_base(base_register(which), value)
    }
    fn load_user_gs(&self, selector: u16) -> bool {
        segment::load_user_gs(selector)
    }
    fn save_segments(&self, to: &SegmentRegs) {
        segment::save(to);
    }
    fn load_segments(&self, from: &SegmentRegs) -> bool {
        segment::load(from)
    }
    fn show_gdt(&self, frames: &[Mfn]) {
        percpu::show_gdt(frames);
    }
    fn show_ldt_page(&self, index: usize, frame: Option<Mfn>) {
        percpu::show_ldt_page(index, frame);
    }
    fn load_ldt(&self, entries: u32) {
        percpu::load_ldt(entries);
    }
    fn ldt_window_offset(&self, va: u64) -> Option<u64> {
        percpu::ldt_window_offset(va)
    }
    fn load_debug(&self, dr: &[u64; 4], dr6: u64, dr7: u64) {
        segment::load_debug(dr, dr6, dr7);
    }
    fn debug_status(&self) -> u64 {
        segment::read_debug(6)
    }
    fn set_task_switched(&self, on: bool) {
        fpu::set_task_switched(on);
    }
    fn save_fpu(&self, to: &mut [FpuChunk]) {
        raw::save_fpu(to);
    }
    fn load_fpu(&self, from: &[FpuChunk]) {
        raw::load_fpu(from);
    }
    fn fpu_size(&self) -> usize {
        fpu::area_size()
    }
    fn xcr0_supported(&self) -> u64 {
        fpu::supported_xcr0()
    }
    fn load_xcr0(&self, value: u64) -> bool {
        fpu::xcr0_ok(value) && {
            fpu::load_xcr0(value);
            true
        }
    }
    fn open_io_bitmap(&self, open: bool) {
        percpu::enable_io_bitmap(open);
    }
    fn set_current(&self, block: &VcpuBlock) {
        percpu::set_current(block);
    }
    fn fault_address(&self) -> u64 {
        traps::read_cr2()
    }
    fn cmpxchg_guest(&self, at: GuestAddr, old: u64, new: u64, size: usize) -> Result<u64, Fault> {
        guest::cmpxchg(at, old, new, size)
    }
    fn cpuid(&self, leaf: u32, subleaf: u32) -> [u32; 4] {
        cpu::cpuid(leaf, subleaf)
    }
    fn rdmsr(&self, msr: u32) -> Option<u64> {
        cpu::rdmsr(msr)
    }
    fn set_tsc_aux(&self, value: u32) {
        raw::set_tsc_aux(value);
    }
    fn prediction_barrier(&self) {
        raw::prediction_barrier();
    }
    fn port_in(&self, port: u16, size: u8) -> u32 {
        raw::port_in(port, size)
    }
    fn port_out(&self, port: u16, size: u8, value: u32) {
        raw::port_out(port, size, value);
    }
    fn tsc(&self) -> u64 {
        cpu::rdtsc()
    }
    fn wbinvd(&self) {
        raw::wbinvd();
    }
    fn pci_read(&self, address: u32, offset: u8, size: u8) -> u32 {
        msi::ports_read(address, offset, size)
    }
    fn pci_write(&self, address: u32, offset: u8, size: u8, value: u32) {
        msi::ports_write(address, offset, size, value);
    }
    fn console_write(&self, domain: DomId, text: &[u8]) {
        console::domain_write(domain, text);
    }
    fn console_read(&self, to: &mut [u8]) -> usize {
        console::read(to)
    }
    fn preempt(&self) -> bool {
        cpu::poll_interrupts();
        pending::any()
    }
    fn end(&self, how: End) -> ! {
        let Some(p) = PLATFORM.get() else { cpu::halt() };
        // The last words are still in the transmitters.
        log::logger().flush();
        match how {
            End::PowerOff => {
                p.power.off();
                log::warn!("Power-off did nothing; it is safe to turn off now.");
                cpu::halt()
            }
            End::Reboot => raw::reset(&p.power, p.reset_method),
            End::Halt => {
                log::info!("Stopped. Debug keys need a reset.");
                cpu::halt()
            }
        }
    }
    fn end_irq(&self, pirq: u32) {
        irq::end(pirq);
    }
    fn irq_exists(&self, pirq: u32) -> bool {
        irq::exists(pirq)
    }
    fn irq_needs_eoi(&self, pirq: u32) -> bool {
        irq::needs_eoi(pirq)
    }
    fn bind_irq(&self, pirq: u32, domain: DomId, _share: bool) -> Result<(), Errno> {
        irq::bind(pirq, irq::Owner::Domain(domain))
    }
    fn unbind_irq(&self, pirq: u32) {
        irq::unbind(pirq);
    }
    fn map_irq(
        &self,
        _: DomId,
        source: IrqSource,
        wanted: Option<u32>,
    ) -> Result<(u32, u16), Errno> {
        irq::map(source, wanted)
    }
    fn unmap_irq(&self, _: DomId, pirq: u32) -> Result<(), Errno> {
        irq::unmap(pirq)
    }
    fn free_pirq(&self, _: DomId, gsi: bool) -> Result<u32, Errno> {
        irq::free(gsi)
    }
    fn setup_gsi(&self, gsi: u32, level: bool, active_low: bool) -> Result<(), Errno> {
        irq::setup_line(gsi, level, active_low)
    }
    fn ioapic_read(&self, base: MAddr, reg: u32) -> Option<u32> {
        irq::apic_read(base, reg)
    }
    fn ioapic_write(&self, base: MAddr, _: u32, _: u32) -> bool {
        irq::apic_write(base)
    }
    fn pci_device(&self, _: PciAddress, _: bool) -> Result<(), Errno> {
        Ok(())
    }
    fn mmcfg(&self, _: MAddr, _: u16, _: u8, _: u8, _: bool) -> Result<(), Errno> {
        // The MCFG table was read at boot; where dom0 agrees there is nothing to change, and the ports always work.
        Ok(())
    }
    fn restore_msi(&self, _: PciAddress) -> Result<(), Errno> {
        Err(Errno::ENOSYS)
    }
    fn m2p_frames(&self) -> alloc::vec::Vec<Mfn> {
        arch_x86::paging::m2p_frames()
    }
    fn cpu_count(&self) -> u32 {
        1
    }
    fn apic_id(&self, _: u32) -> u32 {
        PLATFORM.get().map_or(0, |p| p.lapic.id())
    }
    fn efi(&self) -> Option<domain::machine::EfiTables> {
        static EFI: spin::Once<Option<arch_x86::boot::EfiSystemTable>> = spin::Once::new();
        let efi = EFI.call_once(|| crate::raw::boot_info().efi.as_ref()?.system_table());
        efi.as_ref().map(|e| domain::machine::EfiTables {
            tables: e.tables,
            count: e.count,
            revision: e.revision,
            runtime_revision: e.runtime_revision,
            firmware_revision: e.firmware_revision,
            vendor: e.vendor,
        })
    }
}
