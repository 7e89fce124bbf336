//! Entries into the hypervisor, and the way out.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

use arch_defs::layout::selector;
use arch_defs::vcpu::{VcpuBlock, entry, mode};
use arch_x86::traps::{self, Handlers, HostFrame};
use domain::pv::bounce::{self, Target};
use domain::pv::{exceptions, switch};
use domain::{Domain, Hypervisor, Vcpu};
use units::{Clock, Nanos, VcpuId};

use crate::hw::Hw;
use crate::irq::{self, Action};
use crate::{console, hv, pending, raw};

/// Registers the handlers.
pub fn init() {
    traps::init(Handlers {
        guest,
        iret_fault,
        interrupt: pending::note,
        urgent,
        fatal: crate::panic::on_fault,
    });
}

extern "C" fn guest(block: &'static VcpuBlock) -> &'static VcpuBlock {
    let hv = hv();
    let Some(current) = raw::current() else {
        panic!("a guest trapped but none runs")
    };
    let (vcpu, domain) = (&current.0, &current.1);
    let regs = &block.regs;
    block.mode.set(block.mode.get() & !mode::SYSRET);
    match regs.entry_vector() {
        entry::SYSCALL if vcpu.kernel_mode() => hypercall::dispatch(hv, vcpu, domain),
        entry::SYSCALL => system_call(hv, vcpu),
        entry::SYSCALL32 => {
            let callback = vcpu.pv.lock().syscall32;
            if callback.address == 0 {
                regs.rip.set(regs.rip.get().wrapping_sub(2));
                exceptions::deliver(hv, vcpu, 13, Some(0));
            } else {
                enter(hv, vcpu, callback.address, callback.mask_events);
            }
        }
        0x82 if vcpu.kernel_mode() => hypercall::dispatch(hv, vcpu, domain),
        0x80 | 0x82 => exceptions::software_interrupt_after(hv, vcpu, regs.entry_vector() as u8),
        vector @ 32..=255 => take_interrupt(hv, vector as u8),
        _ => exceptions::handle(hv, vcpu, domain),
    }
    leave(hv)
}

/// `syscall` from guest user mode.
fn system_call(hv: &Hypervisor<Hw>, vcpu: &Arc<Vcpu>) {
    let block = &vcpu.block;
    let regs = &block.regs;
    // What the processor did with them, as the guest kernel expects to find it.
    regs.rcx.set(regs.rip.get());
    regs.r11.set(regs.rflags.get());
    enter(
        hv,
        vcpu,
        block.syscall_entry.get(),
        block.syscall_masks.get() != 0,
    );
}

fn enter(hv: &Hypervisor<Hw>, vcpu: &Arc<Vcpu>, address: u64, mask_events: bool) {
    let target = Target {
        cs: selector::FLAT_CS64,
        address,
        mask_events,
        error_code: None,
    };
    if let Err(e) = bounce::bounce(&hv.machine, vcpu, &target) {
        hv.crash(
            vcpu,
            format_args!("the guest kernel can't be entered: {e:?}"),
        );
    }
}

/// The guest's return frame was bad: the fault is its own, raised in the state that the frame describes.
extern "C" fn iret_fault(block: &'static VcpuBlock) -> &'static VcpuBlock {
    let hv = hv();
    let Some(current) = raw::current() else {
        panic!("a guest frame faulted but no guest runs")
    };
    let regs = &block.regs;
    exceptions::deliver(
        hv,
        &current.0,
        regs.entry_vector() as u8,
        Some(regs.error_code()),
    );
    leave(hv)
}

/// Where the last NMI came, and how many came, since they were reported. An NMI may interrupt whoever prints, so
/// it isn't reported where it arrives.
static NMI_RIP: AtomicU64 = AtomicU64::new(0);
static NMI_COUNT: AtomicU64 = AtomicU64::new(0);

fn urgent(frame: &HostFrame) {
    match frame.vector {
        2 => {
            NMI_RIP.store(frame.rip, Ordering::Relaxed);
            NMI_COUNT.fetch_add(1, Ordering::Relaxed);
        }
        _ => crate::panic::on_machine_check(frame),
    }
}

fn report_nmis() {
    if NMI_COUNT.load(Ordering::Relaxed) != 0 {
        let (count, rip) = (
            NMI_COUNT.swap(0, Ordering::Relaxed),
            NMI_RIP.load(Ordering::Relaxed),
        );
        log::warn!(
            "{count} NMI, the last at [{}]; going on",
            crate::symbols::Symbol(rip)
        );
    }
}

/// Acts on an interrupt. No lock is held and guest state is consistent.
fn take_interrupt(hv: &Hypervisor<Hw>, vector: u8) {
    match vector {
        irq::TIMER_VECTOR => {
            irq::eoi();
            hv.run_timers(slice_end());
        }
        irq::KICK_VECTOR => irq::eoi(),
        irq::SPURIOUS_VECTOR => {}
        irq::ERROR_VECTOR => {
            irq::eoi();
            log::warn!("APIC error");
        }
        v if v & 0xf0 == irq::PIC_BASE => log::debug!("spurious interrupt of the 8259s"),
        _ => match irq::take(vector) {
            Action::None => {}
            Action::Console => console::input(hv),
            Action::Raise(id, pirq) => {
                if let Some(domain) = hv.domain(id) {
                    let notify = domain.ports.lock().raise_pirq(&hv.machine, pirq);
                    match notify {
                        Some(notify) => hv.notify(&domain, notify),
                        None => irq::end(pirq),
                    }
                }
            }
        },
    }
}

/// End of the running vCPU's slice.
static SLICE_END: AtomicU64 = AtomicU64::new(u64::MAX);

fn slice_end() -> Nanos {
    Nanos(SLICE_END.load(Ordering::Relaxed))
}

/// Does everything that waits, chooses who runs, and gives that vCPU its pending event.
fn leave(hv: &Hypervisor<Hw>) -> &'static VcpuBlock {
    loop {
        report_nmis();
        while let Some(vector) = pending::take() {
            take_interrupt(hv, vector);
        }
        let stay = raw::current().is_some_and(|c| {
            let vcpu = &c.0;
            let turn_over =
                vcpu.yields.swap(false, Ordering::Relaxed) || hv.machine.now() >= slice_end();
            vcpu.blocked() == 0 && !(turn_over && hv.others_wait())
        });
        if !stay {
            schedule(hv);
            continue;
        }
        // Somebody has come to wait while the slice was open-ended: it gets an end.
        if pending::RESCHEDULE.swap(false, Ordering::Relaxed)
            && slice_end() == Nanos::NEVER
            && hv.others_wait()
        {
            let end = hv.machine.now() + domain::SLICE;
            SLICE_END.store(end.0, Ordering::Relaxed);
            hv.run_timers(end);
        }
        let Some(current) = raw::current() else {
            continue;
        };
        deliver_events(hv, &current.0);
        if current.0.blocked() == 0 {
            return raw::block_of(current);
        }
    }
}

/// Enters the guest's event callback where it has an event and lets it through.
fn deliver_events(hv: &Hypervisor<Hw>, vcpu: &Arc<Vcpu>) {
    if vcpu.nmi_pending.load(Ordering::Relaxed) {
        let address = vcpu.pv.lock().nmi;
        vcpu.nmi_pending.store(false, Ordering::Relaxed);
        if address != 0 {
            enter(hv, vcpu, address, true);
        }
    }
    if bounce::upcall_word(&hv.machine, vcpu) & 0xffff == 1 {
        let callback = vcpu.pv.lock().event;
        enter(hv, vcpu, callback.address, true);
    }
}

/// Gives the processor to the next vCPU, idling while there is none.
fn schedule(hv: &Hypervisor<Hw>) {
    let previous = raw::current().map(|c| c.0.clone());
    if let Some(vcpu) = &previous {
        hv.put_back(vcpu.clone());
    }
    let next = loop {
        while let Some(vector) = pending::take() {
            take_interrupt(hv, vector);
        }
        if let Some(next) = hv.pick() {
            break next;
        }
        if !pending::any() {
            arch_x86::cpu::idle_wait();
        }
    };
    let slice = if hv.others_wait() {
        hv.machine.now() + domain::SLICE
    } else {
        Nanos::NEVER
    };
    SLICE_END.store(slice.0, Ordering::Relaxed);
    if slice != Nanos::NEVER {
        hv.run_timers(slice);
    }
    hv.running(&next);
    if previous.as_ref().is_some_and(|p| Arc::ptr_eq(p, &next)) {
        hv.publish_areas(&next);
        return;
    }
    if let Some(vcpu) = &previous {
        switch::save(&hv.machine, vcpu);
    }
    let Some(domain) = next.domain() else { return };
    switch::load(&hv.machine, &next);
    hv.publish_areas(&next);
    raw::set_current(Some((next, domain)));
}

/// Starts scheduling on this processor, for good.
pub fn run(hv: &Hypervisor<Hw>) -> ! {
    let block = leave(hv);
    traps::resume(block)
}

/// A domain and a vCPU of it.
pub type Current = (Arc<Vcpu>, Arc<Domain>);

/// What a console key wants to know of the scheduler.
pub fn describe_current() {
    match raw::current() {
        Some(c) => log::info!("CPU0 runs {}{}", c.1.id, VcpuId(c.0.id.0)),
        None => log::info!("CPU0 idles"),
    }
}
