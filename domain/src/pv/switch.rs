//! Putting a vCPU on a processor and taking it off.

use core::sync::atomic::Ordering;

use arch_defs::vcpu::mode;

use crate::machine::Machine;
use crate::vcpu::Vcpu;

/// Stores everything of the running vCPU that the processor holds beside its register area.
pub fn save<M: Machine>(m: &M, vcpu: &Vcpu) {
    m.save_segments(&vcpu.block.seg);
    m.set_task_switched(false);
    m.save_fpu(&mut vcpu.pv.lock().fpu);
}

/// Loads a vCPU: it is the running one afterwards.
pub fn load<M: Machine>(m: &M, vcpu: &Vcpu) {
    let pv = vcpu.pv.lock();
    let block = &vcpu.block;
    vcpu.cpu.store(m.this_cpu().0, Ordering::Relaxed);
    if let Some(domain) = vcpu.domain() {
        domain.dirty_cpus.fetch_or(
            1u64.checked_shl(m.this_cpu().0).unwrap_or(0),
            Ordering::AcqRel,
        );
    }
    let kernel = block.mode.get() & mode::KERNEL != 0;
    m.load_base(if kernel || block.cr3_user.get() == 0 {
        block.cr3_kernel.get()
    } else {
        block.cr3_user.get()
    });
    m.show_gdt(&pv.gdt_frames);
    for (i, frame) in pv.ldt_frames.iter().enumerate() {
        m.show_ldt_page(i, *frame);
    }
    m.load_ldt(pv.ldt_entries);
    m.load_segments(&block.seg);
    if m.xcr0_supported() != 0 {
        m.load_xcr0(m.xcr0_supported());
    }
    m.set_task_switched(false);
    m.load_fpu(&pv.fpu);
    if m.xcr0_supported() != 0 {
        m.load_xcr0(pv.xcr0);
    }
    m.set_task_switched(pv.task_switched);
    m.set_tsc_aux(pv.tsc_aux);
    let dr = &pv.debug;
    m.load_debug(&[dr[0], dr[1], dr[2], dr[3]], dr[6], dr[7]);
    m.open_io_bitmap(kernel && block.io_bitmap.get() != 0);
    m.set_current(block);
}
