//! Domain 0 from the boot modules.

use alloc::string::String;
use alloc::sync::Arc;

use domain::builder::Recipe;
use domain::{Domain, Hypervisor, Io, Machine};
use options::Options;
use units::{Clock, DomId, Mfn, Order};

use crate::hw::Hw;
use crate::{console, irq, raw};

/// Ports that dom0 may not use directly, first and last: the interrupt controllers, the timers we own, PCI configuration
/// (which goes through us so that two users don't mix their addresses).
const DENIED: &[(u16, u16)] = &[
    (0x20, 0x21),
    (0xa0, 0xa1),
    (0x40, 0x43),
    (0x4d0, 0x4d1),
    (0xcf8, 0xcff),
];

/// Ports for [`domain::Facts::private_ports`]: the same, with the console's UARTs and without PCI.
pub fn private_ports() -> alloc::vec::Vec<(u16, u16)> {
    let uarts = console::ports().into_iter().map(|base| (base, base + 7));
    DENIED
        .iter()
        .copied()
        .filter(|(a, _)| *a != 0xcf8)
        .chain(uarts)
        .collect()
}

/// Builds dom0; `Err` says why not.
pub fn build(hv: &Hypervisor<Hw>, options: &Options) -> Result<Arc<Domain>, String> {
    let info = raw::boot_info();
    let mut modules = info.modules.iter();
    let kernel = modules
        .next()
        .ok_or("no boot module: the menu entry needs a module2 line with dom0's kernel")?;
    let initrd = modules.next();
    let started = hv.machine.now();
    let loaded = image::load(kernel.bytes())
        .map_err(|e| alloc::format!("boot module 1 (dom0's kernel): {e}"))?;
    log::info!(
        "dom0 kernel: {} bytes, {:?}, unpacked in {:?}",
        kernel.len,
        loaded.format,
        hv.machine.now() - started
    );

    let free = hv.frames.lock().total_free();
    let (pages, max) = options.dom0_mem.frames(free);
    match options.dom0_mem.wanted(free) {
        Some(0) => log::warn!("dom0_mem=0: dom0 can't run without memory, it gets the default"),
        Some(wanted) if wanted > pages => log::warn!(
            "dom0_mem: {} MiB wanted, {} MiB are free: dom0 gets {} MiB",
            wanted / 256,
            free / 256,
            pages / 256,
        ),
        _ => {}
    }
    log::info!(
        "dom0 memory: {} MiB of {} MiB free",
        pages / 256,
        free / 256
    );
    let io = Io {
        hardware: true,
        control: true,
    };
    let vcpus = options.dom0_max_vcpus.count(hv.machine.cpu_count());
    let domain = hv
        .create_domain(DomId::DOM0, io, vcpus, max.max(pages))
        .map_err(|e| alloc::format!("dom0: {e}"))?;
    hv.hardware_domain.call_once(|| domain.clone());
    let recipe = Recipe {
        kernel: &loaded,
        initrd: initrd.map_or(&[], |m| m.bytes()),
        cmdline: kernel.cmdline(),
        pages,
    };
    hv.build(&domain, &recipe)
        .map_err(|e| alloc::format!("dom0: {e}"))?;
    drop(loaded);
    for module in info.modules.iter() {
        let (start, end) = raw::frames_of(module.start, module.len);
        give_back(hv, start, end);
    }
    arch_x86::percpu::permit_ports(0, u16::MAX);
    for (first, last) in DENIED.iter().copied().chain(private_ports()) {
        arch_x86::percpu::deny_ports(first, last);
    }
    for irq in console::irqs() {
        if let Err(e) = irq::bind(irq.into(), irq::Owner::Console) {
            log::warn!("console interrupt {irq}: {e}");
        }
    }
    console::enable_input();
    Ok(domain)
}

/// Frees memory that boot data occupied.
fn give_back(hv: &Hypervisor<Hw>, start: Mfn, end: Mfn) {
    for n in start.get()..end.get() {
        let mfn = Mfn::new(n);
        if hv.ledger.is_hypervisor(mfn) && hv.ledger.return_hypervisor(mfn).is_ok() {
            let _ = hv.frames.lock().free(mfn, Order::PAGE, None);
        }
    }
}
