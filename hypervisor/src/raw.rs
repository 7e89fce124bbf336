//! The binary's only unsafe code: its entry, its allocator, and the calls into `arch` that carry obligations.

use core::cell::UnsafeCell;
use core::sync::atomic::AtomicU64;

use arch_defs::layout;
use arch_defs::vcpu::VcpuBlock;
use arch_x86::boot::{self, BootInfo};
use arch_x86::heap::XenHeap;
use arch_x86::paging::{self, Attr};
use arch_x86::platform::{acpi, ioapic, lapic, msi, pci, pic, power, rtc, screen, serial, timers};
use domain::FpuChunk;
use units::{MAddr, Mfn};

use crate::traps::Current;

#[global_allocator]
pub static HEAP: XenHeap = XenHeap::new();

static INFO: spin::Once<BootInfo> = spin::Once::new();

/// What the boot loader said.
pub fn boot_info() -> &'static BootInfo {
    match INFO.get() {
        Some(info) => info,
        None => panic!("boot information is collected first"),
    }
}

#[unsafe(no_mangle)]
extern "C" fn boot_rust(mbi: u32, load: u32) -> ! {
    arch_x86::cpu::detect();
    INFO.call_once(|| {
        let mut info = BootInfo::default();
        // SAFETY: boot code calls this function once, with these values.
        unsafe { boot::collect(mbi, load, &mut info) };
        info
    });
    crate::early()
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    crate::panic::on_panic(info)
}

/// Switches to the final page tables and backs the M2P table and the frame ledger.
pub fn build_tables(load: u64) {
    // SAFETY: called once from `early`, with the address that boot code used; each table is backed once.
    let built = unsafe {
        paging::init(&boot::MEMORY, load)
            .and_then(|()| {
                paging::back_frame_table(
                    &boot::MEMORY,
                    layout::M2P,
                    8,
                    0xff,
                    // Not global: the address spaces of guest programs don't have it.
                    Attr::READ_WRITE.difference(Attr::GLOBAL) | Attr::USER,
                )
            })
            .and_then(|()| {
                paging::back_frame_table(&boot::MEMORY, layout::LEDGER, 32, 0, Attr::READ_WRITE)
            })
    };
    if built.is_err() {
        panic!("no memory below 4 GiB for page tables and the frame ledger");
    }
}

/// The frame ledger's entries and the M2P table.
pub fn frame_tables() -> (&'static [mm::FrameInfo], &'static [AtomicU64]) {
    let frames = arch_x86::mem::ram_end().index();
    // SAFETY: `build_tables` backed both for this many frames, zeroed (M2P: all ones), which are valid values;
    // they are only accessed through atomics.
    unsafe {
        (
            core::slice::from_raw_parts(layout::LEDGER as *const mm::FrameInfo, frames),
            core::slice::from_raw_parts(layout::M2P as *const AtomicU64, frames),
        )
    }
}

/// Leaves the boot stack for good and goes on in `late`.
pub fn start_boot_cpu() -> ! {
    // SAFETY: tables, area and handlers are in place.
    unsafe { arch_x86::start_boot_cpu(crate::late) }
}

/// Opens a UART at the ports that the administrator named.
pub fn open_serial(config: &arch_defs::uart::UartConfig) -> Option<serial::Serial> {
    // SAFETY: the administrator says that a UART is there; dom0 is denied these ports.
    unsafe { serial::Serial::init(config) }.ok()
}

/// Opens the screen.
pub fn open_screen(info: &screen::ScreenInfo) -> Result<screen::Screen, screen::ScreenError> {
    // SAFETY: the loader says that the framebuffer is there, or it is the VGA's text buffer; dom0 takes it over only after us.
    unsafe { screen::Screen::open(info) }
}

/// Opens a lock that whoever held it will never release.
pub fn force_unlock<T>(lock: &spin::Mutex<T>) {
    // SAFETY: only after a fault, when this processor is the only one that still runs and never goes back.
    unsafe { lock.force_unlock() }
}

/// The image's symbols and strings as GRUB loaded them.
pub fn symbol_tables() -> Option<(&'static [u8], &'static [u8])> {
    let ((symbols, symbols_len), (strings, strings_len)) = INFO.get()?.symtab?;
    // SAFETY: taken from the memory map when the boot information was read; never written.
    unsafe {
        Some((
            arch_x86::mem::ram_slice(MAddr::new(symbols), symbols_len as usize),
            arch_x86::mem::ram_slice(MAddr::new(strings), strings_len as usize),
        ))
    }
}

/// Reads the ACPI tables.
pub fn discover_acpi(
    rsdp: Option<&[u8]>,
) -> Result<arch_defs::acpi::AcpiInfo, arch_defs::acpi::AcpiError> {
    // SAFETY: firmware memory is never given to a guest for writing while it is read, which is now.
    unsafe { acpi::discover(rsdp) }
}

/// Turns the boot processor's APIC on.
pub fn open_lapic(want_x2apic: bool) -> Result<lapic::Lapic, lapic::LapicError> {
    // SAFETY: on the boot processor, interrupts off, nothing else drives it.
    unsafe { lapic::Lapic::detect(want_x2apic) }
}

/// Maps the I/O APICs that the MADT names.
pub fn open_io_apics(list: &[arch_defs::acpi::madt::IoApic]) -> Option<ioapic::IoApics> {
    let mut apics = ioapic::IoApics::default();
    for entry in list {
        // SAFETY: the MADT says that an I/O APIC is there; guests never get its page.
        let added = unsafe { ioapic::IoApic::map(entry.id, entry.addr, entry.gsi_base) }
            .and_then(|a| apics.add(a));
        if let Err(e) = added {
            log::warn!("I/O APIC {} at {}: {e:?}", entry.id, entry.addr);
        }
    }
    (apics.gsi_end() > 0).then_some(apics)
}

/// Silences the 8259s.
pub fn mask_pics(base: u8) {
    // SAFETY: interrupts are off, and dom0 is denied their ports.
    let _ = unsafe { pic::Pic::init(base) };
}

/// Measures the TSC.
pub fn calibrate_tsc(
    info: Option<&arch_defs::acpi::AcpiInfo>,
) -> Result<timers::TscFrequency, timers::NoTimeSource> {
    // SAFETY: the tables name the devices, and nobody else drives them during boot.
    unsafe {
        let hpet = info
            .and_then(|i| i.hpet)
            .and_then(|h| timers::Hpet::start(h.addr));
        let pm = info
            .and_then(|i| i.fadt)
            .and_then(|f| match f.pm_timer.place() {
                Some(arch_defs::acpi::RegisterAt::Port(port)) => {
                    Some(timers::PmTimer::at_port(port, f.pm_timer_extended()))
                }
                Some(arch_defs::acpi::RegisterAt::Memory(addr)) => {
                    timers::PmTimer::at_memory(addr, f.pm_timer_extended())
                }
                _ => None,
            });
        let pit = timers::Pit::start();
        let mut counters: arrayvec::ArrayVec<&dyn timers::Counter, 3> = arrayvec::ArrayVec::new();
        if let Some(hpet) = &hpet {
            counters.push(hpet);
        }
        if let Some(pm) = &pm {
            counters.push(pm);
        }
        counters.push(&pit);
        timers::calibrate_tsc(&counters)
    }
}

/// The means to end.
pub fn power(info: Option<&arch_defs::acpi::AcpiInfo>) -> power::Power {
    // SAFETY: the tables are this machine's.
    unsafe { power::Power::new(info) }
}

/// Resets the machine.
pub fn reset(power: &power::Power, method: Option<arch_defs::reboot::ResetMethod>) -> ! {
    // SAFETY: nothing is left to save.
    unsafe { power.reset(method) }
}

/// Reads the CMOS clock.
pub fn read_rtc(century: u8) -> Option<rtc::RtcFields> {
    // SAFETY: during boot nobody else uses its ports.
    unsafe { rtc::Rtc::new(century) }.read()
}

/// Loads a guest's root table.
pub fn load_guest_root(cr3: u64) {
    // SAFETY: the caller holds a reference to it as a validated L4 table, which always has the hypervisor's entries.
    unsafe { paging::load_cr3(cr3) };
    arch_x86::tlb::flushed_here();
}

/// Saves FPU registers.
pub fn save_fpu(to: &mut [FpuChunk]) {
    if size_of_val(to) >= arch_x86::fpu::area_size() {
        // SAFETY: chunks are 64-byte aligned; the size was checked; contents come from here or are zero.
        unsafe { arch_x86::fpu::save(to.as_mut_ptr().cast()) }
    }
}

/// Loads FPU registers.
pub fn load_fpu(from: &[FpuChunk]) {
    if size_of_val(from) >= arch_x86::fpu::area_size() {
        // SAFETY: as above.
        unsafe { arch_x86::fpu::restore(from.as_ptr().cast()) }
    }
}

/// Reads a port for the hardware domain.
pub fn port_in(port: u16, size: u8) -> u32 {
    use arch_x86::platform::io;
    // SAFETY: the domain drives the hardware; ports that the hypervisor relies on were refused before.
    unsafe {
        match size {
            1 => io::in8(port).into(),
            2 => io::in16(port).into(),
            _ => io::in32(port),
        }
    }
}

/// Writes a port for the hardware domain.
pub fn port_out(port: u16, size: u8, value: u32) {
    use arch_x86::platform::io;
    // SAFETY: as in `port_in`.
    unsafe {
        match size {
            1 => io::out8(port, value as u8),
            2 => io::out16(port, value as u16),
            _ => io::out32(port, value),
        }
    }
}

/// Loads TSC_AUX where there is one.
pub fn set_tsc_aux(value: u32) {
    if arch_x86::cpu::features().contains(arch_x86::cpu::Features::RDTSCP) {
        // SAFETY: only `rdtscp` and `rdpid` show it.
        unsafe { arch_x86::cpu::wrmsr(arch_x86::cpu::msr::TSC_AUX, value.into()) };
    }
}

/// Forgets what branch predictors learned (PRED_CMD.IBPB).
pub fn prediction_barrier() {
    // SAFETY: a command without lasting state.
    unsafe { arch_x86::cpu::wrmsr(0x49, 1) };
}

/// Access to configuration space; for one owner, who has the lock.
pub const fn pci_config() -> pci::PciConfig {
    // SAFETY: `msi` holds the only one behind its lock, and dom0 is denied the ports.
    unsafe { pci::PciConfig::new() }
}

/// Adds an ECAM window that the MCFG table or dom0 names.
pub fn add_pci_region(config: &mut pci::PciConfig, region: arch_defs::acpi::Mcfg) {
    if arch_x86::mem::ram_end() > region.base.mfn() && crate::is_ram(region.base.mfn()) {
        return;
    }
    // SAFETY: named by firmware or the hardware domain, and not RAM.
    unsafe { config.add_region(region) };
}

/// Finds a function's MSI-X table.
pub fn find_msix(
    config: &mut pci::PciConfig,
    f: arch_defs::pci::Sbdf,
    table: u64,
) -> Result<msi::Msix, msi::MsiError> {
    if crate::is_ram(MAddr::new(table).mfn()) {
        return Err(msi::MsiError::NoTable);
    }
    // SAFETY: the hardware domain gave the address, and it isn't RAM.
    unsafe { msi::Msix::find(config, f, table) }
}

/// Writes back and invalidates caches.
pub fn wbinvd() {
    // SAFETY: memory keeps its contents.
    unsafe { core::arch::asm!("wbinvd", options(nostack, preserves_flags)) }
}

struct Slot(UnsafeCell<Option<Current>>);
// SAFETY: only the boot processor uses the slot, with interrupts off.
unsafe impl Sync for Slot {}

static CURRENT: Slot = Slot(UnsafeCell::new(None));

/// The vCPU whose state this processor holds, and its domain. The answer is good until the scheduler
/// changes it, so it isn't kept across [`set_current`].
pub fn current() -> Option<&'static Current> {
    // SAFETY: no mutable reference exists outside `set_current`.
    unsafe { (*CURRENT.0.get()).as_ref() }
}

/// Changes whose state this processor holds.
pub fn set_current(current: Option<Current>) {
    // SAFETY: callers hold no reference from `current`; interrupts are off.
    unsafe { *CURRENT.0.get() = current };
}

/// The register block of the vCPU that runs next. It lives while the vCPU is current.
pub fn block_of(current: &'static Current) -> &'static VcpuBlock {
    &current.0.block
}

/// Ranges of RAM that a boot module occupied, as frames.
pub fn frames_of(start: u64, len: u64) -> (Mfn, Mfn) {
    (
        Mfn::new(start.div_ceil(4096)),
        Mfn::new((start + len) / 4096),
    )
}
