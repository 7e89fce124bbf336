//! Xenolith: composition root.
//!
//! Boot code calls [`early`] on the boot stack with the first 4 GiB mapped. It brings up a console, the final
//! page tables and the boot processor's area, and continues in [`late`] on that processor's own stack,
//! which builds everything else, makes domain 0 and schedules for good.
#![no_std]
#![no_main]

extern crate alloc;

mod console;
mod panic;
mod raw;
mod symbols;
mod traps;

use arch_x86::boot::MEMORY;
use arch_x86::{cpu, paging, percpu};
use units::CpuId;

/// First Rust code, on the boot stack.
fn early() -> ! {
    let info = raw::boot_info();
    console::init(&info.cmdline);
    log::info!("Xenolith {} (Xen 4.17 ABI)", env!("CARGO_PKG_VERSION"));
    log::info!("Loader: {}, image at {:#x}, features {:?}", info.loader, info.load, cpu::features());
    log::info!("Command line: {}", info.cmdline);
    for region in MEMORY.lock().regions() {
        log::debug!("  {:016x}-{:016x} {:?}", region.start, region.end, region.kind);
    }
    traps::init();
    raw::build_tables(info.load);
    if let Err(e) = percpu::create(CpuId(0), || paging::early_frames(1, 1)) {
        panic!("no memory for the boot processor's area: {e:?}");
    }
    raw::start_boot_cpu()
}

/// Goes on from [`early`], on the boot processor's stack.
extern "C" fn late() -> ! {
    log::info!("running on {}", percpu::this_cpu());
    panic!("nothing to do yet");
}
