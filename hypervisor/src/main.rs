//! Xenolith: composition root.
//!
//! Boot code calls [`early`] on the boot stack with the first 4 GiB mapped. It brings up a console, the final
//! page tables and the boot processor's area, and continues in [`late`] on that processor's own stack,
//! which builds everything else, makes domain 0 and schedules for good.
#![no_std]
#![no_main]

extern crate alloc;

mod console;
mod dom0;
mod hw;
mod irq;
mod keys;
mod msi;
mod panic;
mod pending;
mod raw;
mod symbols;
mod traps;

use alloc::vec::Vec;

use abi::xen::Dom0VgaConsoleInfo;
use arch_defs::acpi::AcpiInfo;
use arch_x86::boot::{FIRMWARE_MAP, MEMORY};
use arch_x86::heap::FrameSource;
use arch_x86::platform::lapic::{LapicSetup, Lint};
use arch_x86::platform::screen::ScreenInfo;
use arch_x86::{cpu, paging, percpu};
use domain::{Facts, Hypervisor};
use mm::{FrameAllocator, Ledger};
use options::{Options, Timestamps};
use spin::Once;
use timekeeping::{CmosRegisters, TscClock, Wallclock};
use units::{CpuId, MAddr, Mfn, Nanos, Order};

use hw::{Hw, PLATFORM, Platform};

static HV: Once<Hypervisor<Hw>> = Once::new();

/// The hypervisor, once there is one.
pub fn hv() -> &'static Hypervisor<Hw> {
    match HV.get() {
        Some(hv) => hv,
        None => panic!("used before it was built"),
    }
}

/// True for frames that the ledger knows as RAM.
pub fn is_ram(mfn: Mfn) -> bool {
    HV.get().is_some_and(|hv| hv.ledger.ram(mfn).is_some())
}

/// First Rust code, on the boot stack.
fn early() -> ! {
    traps::init();
    let info = raw::boot_info();
    console::init(&info.cmdline);
    log::info!("Xenolith {} (Xen 4.17 ABI)", env!("CARGO_PKG_VERSION"));
    log::info!("Bootloader: {}, image at {:#x}", info.loader, info.load);
    log::info!("Command line: {}", info.cmdline);
    raw::build_tables(info.load);
    if let Err(e) = percpu::create(CpuId(0), paging::early_frame) {
        panic!("no memory for the boot processor's area: {e:?}");
    }
    raw::start_boot_cpu()
}

/// Goes on from [`early`], on the boot processor's stack.
extern "C" fn late() -> ! {
    let info = raw::boot_info();
    let screen = info.framebuffer.map(|f| ScreenInfo {
        addr: MAddr::new(f.address),
        pitch: f.pitch,
        width: f.width,
        height: f.height,
        bpp: f.bpp,
        text: f.text,
        rgb: f.rgb,
    });
    console::open_screen(&info.cmdline, screen.as_ref());
    let options = Options::parse(&info.cmdline, |word, why| {
        log::warn!("command line: \"{word}\": {why}")
    });
    for word in options::without_effect(&info.cmdline) {
        log::info!("command line: \"{word}\": accepted, no effect yet");
    }
    if info.cmdline_cut > 0 {
        log::warn!(
            "command line: {} bytes beyond the first {} were cut off",
            info.cmdline_cut,
            info.cmdline.len()
        );
    }
    console::configure(
        options.loglvl.lower,
        options.timestamps != Timestamps::None,
        options.conring,
    );
    for error in &info.map_errors {
        log::warn!("memory map: {error:?} ignored");
    }
    for region in FIRMWARE_MAP.lock().regions() {
        log::info!(
            " [{:016x}, {:016x}] ({:?})",
            region.start,
            region.end.saturating_sub(1),
            region.kind
        );
    }
    log::info!("Processor features: {:?}", cpu::features());
    log::info!(
        "CR4 {:#x}, XCR0 {:#x}",
        cpu::read_cr4(),
        arch_x86::fpu::supported_xcr0()
    );

    let (ledger, frames) = memory();
    let acpi = tables(info);
    let clock = devices(acpi.as_ref(), &options);
    let facts = facts(info, clock, acpi.as_ref(), &options, screen.as_ref());
    let wallclock = wallclock(acpi.as_ref());
    let hv = HV.call_once(|| Hypervisor::new(Hw, facts, ledger, frames, wallclock));
    raw::HEAP.attach(FrameSource {
        alloc: heap_alloc,
        free: heap_free,
    });
    paging::set_frame_source(table_frame);
    for region in acpi.iter().flat_map(|a| a.mcfg.iter()) {
        msi::add_region(*region);
    }

    emul::warm_up();
    match dom0::build(hv, &options) {
        Ok(domain) => {
            if !options.vga_keep {
                console::relinquish_screen();
            }
            log::info!("Starting {}", domain.id);
            hv.start(&domain);
        }
        Err(why) => {
            log::error!("Could not set up domain 0: {why}");
            log::error!("Nothing to run. Fix the boot entry and reset.");
        }
    }
    traps::run(hv)
}

/// The ledger and an allocator with all free RAM.
#[inline(never)]
fn memory() -> (Ledger<'static>, FrameAllocator<'static>) {
    let (entries, m2p) = raw::frame_tables();
    let ledger = Ledger::new(entries, m2p);
    let mut frames = FrameAllocator::new(ledger);
    let map = MEMORY.lock();
    // The first MiB counts as device memory, as on every PC: nobody gets it as RAM, and Linux 6.12 as dom0
    // expects to map all of it.
    let low_end = 256;
    for (start, end) in map.ram_pages() {
        let first = start.max(low_end);
        if first < end
            && let Err(e) = frames.add_region(Mfn::new(first), Mfn::new(end), false)
        {
            log::warn!("memory {first:#x}-{end:#x}: {e:?}");
        }
    }
    for region in map
        .regions()
        .iter()
        .filter(|r| r.kind == arch_defs::memmap::Kind::Taken)
    {
        let (first, end) = (
            (region.start / 4096).max(low_end),
            region.end.div_ceil(4096),
        );
        if first < end
            && let Err(e) = ledger.add_hypervisor(Mfn::new(first), Mfn::new(end))
        {
            log::warn!("memory {:#x}-{:#x}: {e:?}", region.start, region.end);
        }
    }
    log::info!(
        "System RAM: {} MiB ({} kB free)",
        map.memory_frames().map(|(a, b)| b - a).sum::<u64>() / 256,
        frames.total_free() * 4
    );
    (ledger, frames)
}

fn table_frame() -> Option<Mfn> {
    hv().alloc_hypervisor_frame().ok()
}

fn heap_alloc(order: Order) -> Option<Mfn> {
    let hv = hv();
    let block = hv.frames.lock().alloc(order, None, None).ok()?;
    let taken = block.frames().all(|f| hv.ledger.take_hypervisor(f).is_ok());
    taken.then_some(block.mfn)
}

fn heap_free(mfn: Mfn, order: Order) {
    let hv = hv();
    for i in 0..order.frames() {
        if let Err(e) = hv.ledger.return_hypervisor(mfn.add(i)) {
            panic!("heap frame {mfn} was not ours: {e:?}");
        }
    }
    if let Err(e) = hv.frames.lock().free(mfn, order, None) {
        panic!(
            "heap frames {mfn} order {} can't be freed: {e:?}",
            order.get()
        );
    }
}

#[inline(never)]
fn tables(info: &arch_x86::boot::BootInfo) -> Option<AcpiInfo> {
    let rsdp = info
        .rsdp
        .as_ref()
        .and_then(|(bytes, len)| bytes.get(..*len));
    match raw::discover_acpi(rsdp) {
        Ok(acpi) => {
            for problem in &acpi.problems {
                log::warn!("ACPI: {problem}");
            }
            log::info!(
                "ACPI: {} processors, {} I/O APICs, {} tables",
                acpi.cpus.len(),
                acpi.io_apics.len(),
                acpi.tables.len()
            );
            Some(acpi)
        }
        Err(e) => {
            log::warn!("ACPI: {e}; going on without tables");
            None
        }
    }
}

/// How the board wires the boot processor's local interrupt pins. The 8259s are silent, so LINT0 has nothing to say
/// unless the tables put an NMI there; without tables LINT1 is the NMI, as the MultiProcessor
/// Specification has it.
fn nmi_pins(acpi: Option<&AcpiInfo>, apic_id: u32) -> [Lint; 2] {
    let nmi = |polarity| Lint::Nmi { polarity };
    let mut pins = [Lint::Off, Lint::Off];
    match acpi {
        Some(acpi) => {
            let uid = acpi
                .cpus
                .iter()
                .find(|c| c.apic_id == apic_id)
                .map(|c| c.uid);
            if let Some(entry) = uid.and_then(|uid| acpi.nmi_of(uid))
                && let Some(pin) = pins.get_mut(usize::from(entry.lint))
            {
                let (_, polarity) = arch_defs::gsi::inti_flags(
                    entry.flags,
                    arch_defs::apic::Trigger::Edge,
                    arch_defs::apic::Polarity::High,
                );
                *pin = nmi(polarity);
                log::info!("NMI by pin LINT{}", entry.lint);
            }
        }
        None => pins[1] = nmi(arch_defs::apic::Polarity::High),
    }
    pins
}

/// Brings up interrupt controllers and timers.
#[inline(never)]
fn devices(acpi: Option<&AcpiInfo>, options: &Options) -> TscClock {
    raw::mask_pics(irq::PIC_BASE);
    let frequency = raw::calibrate_tsc(acpi)
        .unwrap_or_else(|e| panic!("no timer to measure the TSC with: {e:?}"));
    let clock = TscClock::new(frequency.hz, cpu::rdtsc(), Nanos::ZERO)
        .unwrap_or_else(|| panic!("TSC stands still"));
    log::info!(
        "TSC: {} kHz by {} (error below {} ppb)",
        frequency.hz / 1000,
        frequency.source,
        frequency.error_ppb
    );
    let lapic = raw::open_lapic(!options.no_x2apic).unwrap_or_else(|e| panic!("local APIC: {e:?}"));
    lapic.setup(&LapicSetup {
        spurious: irq::SPURIOUS_VECTOR,
        error: irq::ERROR_VECTOR,
        thermal: None,
        lint: nmi_pins(acpi, lapic.id()),
    });
    let hz = lapic.calibrate_timer(|| clock.at(cpu::rdtsc()), Nanos::from_millis(2));
    let timer = lapic.start_timer(irq::TIMER_VECTOR, hz, true);
    log::info!(
        "Local APIC {} in {} mode, timer {}",
        lapic.id(),
        if lapic.is_x2apic() { "x2APIC" } else { "xAPIC" },
        if timer.is_deadline() {
            alloc::string::String::from("by TSC deadline")
        } else {
            alloc::format!("at {} kHz", hz / 1000)
        },
    );
    let apics = acpi.and_then(|a| raw::open_io_apics(&a.io_apics));
    if apics.is_none() {
        log::warn!("no I/O APIC: devices can only interrupt by message");
    }
    let isa = acpi.map(|a| a.isa.clone()).unwrap_or_default();
    irq::init(lapic, apics, |gsi| {
        let line = isa.gsi(gsi);
        (
            line.trigger == arch_defs::apic::Trigger::Level,
            line.polarity == arch_defs::apic::Polarity::Low,
        )
    });
    let reset = options::last_value(&raw::boot_info().cmdline, "reboot")
        .map(arch_defs::reboot::RebootOption::parse);
    PLATFORM.call_once(|| Platform {
        clock,
        lapic,
        timer,
        power: raw::power(acpi),
        reset_method: reset.and_then(|r| r.method),
    });
    clock
}

#[inline(never)]
fn facts(
    info: &arch_x86::boot::BootInfo,
    clock: TscClock,
    acpi: Option<&AcpiInfo>,
    options: &Options,
    screen: Option<&ScreenInfo>,
) -> Facts {
    let e820 = FIRMWARE_MAP
        .lock()
        .regions()
        .iter()
        .map(|r| (r.start, r.end - r.start, r.kind.to_e820()))
        .collect();
    let page = |addr: MAddr| (addr.mfn(), addr.mfn().add(1));
    // The local APICs and the addresses that interrupt messages go to.
    let mut private: Vec<(Mfn, Mfn)> = alloc::vec![(Mfn::new(0xfee00), Mfn::new(0xfef00))];
    if let Some(acpi) = acpi {
        private.extend(acpi.io_apics.iter().map(|a| page(a.addr)));
    }
    let features = cpu::features();
    let mechanism = policy::Mechanism {
        xcr0: arch_x86::fpu::supported_xcr0(),
        fsgsbase: features.contains(cpu::Features::FSGSBASE),
        spec_ctrl: false,
        tsc_aux: features.contains(cpu::Features::RDTSCP),
        dr_masks: false,
        cpuid_faulting: false,
    };
    let scale = clock.scale();
    Facts {
        cpu_policy: policy::CpuPolicy::read(&Hw).host(&mechanism).into(),
        hypervisor_leaves: policy::HypervisorInfo {
            version: (abi::version::VERSION.major, abi::version::VERSION.minor),
            machine_address_bits: (64 - arch_x86::mem::ram_end().get().leading_zeros() + 12) as u8,
            time: policy::TimeInfo {
                reliable: true,
                khz: (clock.hz() / 1000) as u32,
                host_khz: (clock.hz() / 1000) as u32,
                mul_frac: scale.mul(),
                shift: scale.shift(),
                ..policy::TimeInfo::default()
            },
        },
        cr4: cpu::cr4(),
        cpu_khz: clock.hz() / 1000,
        clock,
        e820,
        cmdline: info.cmdline.as_str().into(),
        slots: paging::hypervisor_slots()
            .map(|(i, e)| (i as u16, e))
            .collect(),
        address_bits: cpu::cpuid(0x8000_0008, 0)[0] & 0xff,
        noreboot: options.noreboot,
        private_mmio: private,
        read_only_mmio: acpi
            .iter()
            .flat_map(|a| a.hpet.iter())
            .map(|h| page(h.addr))
            .collect(),
        private_ports: dom0::private_ports(),
        screen: dom0_screen(screen),
        max_frame: arch_x86::mem::ram_end().get(),
    }
}

/// The screen as dom0's start info describes it.
fn dom0_screen(screen: Option<&ScreenInfo>) -> Dom0VgaConsoleInfo {
    use abi::xen::*;
    use zerocopy::{FromZeros, IntoBytes};
    let mut info = Dom0VgaConsoleInfo::new_zeroed();
    let put =
        |u: &mut [u8], bytes: &[u8]| u.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    match screen {
        Some(s) if !s.text => {
            let efi = raw::boot_info().efi.is_some();
            info.video_type = if efi {
                XEN_VGATYPE_EFI_LFB
            } else {
                XEN_VGATYPE_VESA_LFB
            };
            let mut lfb = Dom0VgaVesaLfb::new_zeroed();
            (lfb.width, lfb.height) = (s.width as u16, s.height as u16);
            lfb.bytes_per_line = s.pitch as u16;
            lfb.bits_per_pixel = s.bpp.into();
            lfb.lfb_base = s.addr.get() as u32;
            lfb.ext_lfb_base = (s.addr.get() >> 32) as u32;
            lfb.lfb_size = (u64::from(s.pitch) * u64::from(s.height)).div_ceil(65536) as u32;
            [
                (lfb.red_pos, lfb.red_size),
                (lfb.green_pos, lfb.green_size),
                (lfb.blue_pos, lfb.blue_size),
            ] = s.rgb;
            put(info.u.as_mut_bytes(), lfb.as_bytes());
        }
        _ => {
            info.video_type = XEN_VGATYPE_TEXT_MODE_3;
            let text = Dom0VgaTextMode3 {
                font_height: 16,
                cursor_x: 0,
                cursor_y: 24,
                rows: 25,
                columns: 80,
            };
            put(info.u.as_mut_bytes(), text.as_bytes());
        }
    }
    info
}

fn wallclock(acpi: Option<&AcpiInfo>) -> Wallclock {
    use units::Clock;
    let century = acpi.and_then(|a| a.fadt).map_or(0, |f| f.century);
    let seconds = raw::read_rtc(century).and_then(|r| {
        let registers = CmosRegisters {
            second: r.second,
            minute: r.minute,
            hour: r.hour,
            day: r.day,
            month: r.month,
            year: r.year,
            century: r.century,
            status_b: r.status_b,
        };
        registers.decode()?.to_epoch()
    });
    if seconds.is_none() {
        log::warn!("the CMOS clock shows no date; time starts in 1970");
    }
    Wallclock::set(seconds.unwrap_or(0), 0, Hw.now())
}
