//! Exceptions raised by PV guest code: which are the guest's business and which ours.

use alloc::sync::Arc;

use abi::arch_x86::{TI_DPL_MASK, TI_MASK_EVENTS};
use emul::{Exception, Outcome};
use units::GuestAddr;

use crate::Hypervisor;
use crate::domain::Domain;
use crate::machine::Machine;
use crate::pv::bounce::{self, Target};
use crate::pv::emulate::PvCpu;
use crate::vcpu::Vcpu;

/// Page-fault error code bits.
mod pf {
    pub const PRESENT: u32 = 1 << 0;
    pub const WRITE: u32 = 1 << 1;
    pub const USER: u32 = 1 << 2;
    pub const RESERVED: u32 = 1 << 3;
}

/// Does what the running vCPU's trap asks for.
pub fn handle<M: Machine>(hv: &Hypervisor<M>, vcpu: &Arc<Vcpu>, domain: &Arc<Domain>) {
    let m = &hv.machine;
    let regs = &vcpu.block.regs;
    let (vector, error) = (regs.entry_vector() as u8, regs.error_code());
    match vector {
        1 => {
            let status = m.debug_status();
            let control = {
                let mut pv = vcpu.pv.lock();
                pv.debug[6] = pv.debug[6] & !0xe00f | status & 0xe00f | 0xffff_0ff0;
                (pv.debug, pv.debug[7])
            };
            let dr = control.0;
            m.load_debug(&[dr[0], dr[1], dr[2], dr[3]], 0xffff_0ff0, control.1);
            deliver(hv, vcpu, vector, None);
        }
        6 => match emul::forced(&mut PvCpu::forced(hv, vcpu, domain)) {
            Outcome::Refused(_) => deliver(hv, vcpu, 6, None),
            other => finish(hv, vcpu, other, 6, None),
        },
        7 => {
            m.set_task_switched(false);
            let guests = core::mem::take(&mut vcpu.pv.lock().task_switched);
            if guests {
                deliver(hv, vcpu, 7, None);
            }
        }
        13 if error & 3 == 2 => software_interrupt(hv, vcpu, (error >> 3) as u8),
        13 if error == 0 => {
            let outcome = emul::privileged(&mut PvCpu::new(hv, vcpu, domain));
            finish(hv, vcpu, outcome, 13, Some(0));
        }
        14 => page_fault(hv, vcpu, domain, error),
        8 | 10..=13 | 17 | 21 => deliver(hv, vcpu, vector, Some(error)),
        _ => deliver(hv, vcpu, vector, None),
    }
}

/// `int n` for a vector that the descriptor table keeps from ring 3.
fn software_interrupt<M: Machine>(hv: &Hypervisor<M>, vcpu: &Arc<Vcpu>, vector: u8) {
    let lowest = {
        let pv = vcpu.pv.lock();
        pv.traps.get(usize::from(vector)).map_or(0, |t| {
            if t.address == 0 {
                0
            } else {
                t.flags & TI_DPL_MASK
            }
        })
    };
    let wanted = if vcpu.kernel_mode() { 1 } else { 3 };
    if lowest >= wanted {
        let regs = &vcpu.block.regs;
        regs.rip.set(regs.rip.get().wrapping_add(2));
        deliver(hv, vcpu, vector, None);
    } else {
        deliver(hv, vcpu, 13, Some(u32::from(vector) << 3 | 2));
    }
}

/// `int n` for a vector that ring 3 may raise directly; rip stands after the instruction.
pub fn software_interrupt_after<M: Machine>(hv: &Hypervisor<M>, vcpu: &Arc<Vcpu>, vector: u8) {
    let regs = &vcpu.block.regs;
    regs.rip.set(regs.rip.get().wrapping_sub(2));
    software_interrupt(hv, vcpu, vector);
}

fn page_fault<M: Machine>(hv: &Hypervisor<M>, vcpu: &Arc<Vcpu>, domain: &Arc<Domain>, error: u32) {
    let m = &hv.machine;
    let addr = m.fault_address();
    if let Some(offset) = m.ldt_window_offset(addr) {
        if hv.show_ldt(vcpu, domain, offset) {
            return;
        }
        let base = vcpu.pv.lock().ldt_base;
        return deliver_page_fault(hv, vcpu, base.wrapping_add(offset), error);
    }
    if vcpu.kernel_mode()
        && error & (pf::PRESENT | pf::WRITE | pf::RESERVED) == pf::PRESENT | pf::WRITE
    {
        if hv.page_table_at(vcpu, domain, addr) {
            let outcome =
                emul::page_table_write(&mut PvCpu::for_table(hv, vcpu, domain, addr), addr);
            if !matches!(outcome, Outcome::Refused(_)) {
                return finish(hv, vcpu, outcome, 14, Some(error));
            }
        } else if hv.read_only_io_at(vcpu, domain, addr) {
            let outcome = emul::data_access(&mut PvCpu::for_read_only(hv, vcpu, domain, addr));
            if !matches!(outcome, Outcome::Refused(_)) {
                return finish(hv, vcpu, outcome, 14, Some(error));
            }
        }
    }
    deliver_page_fault(hv, vcpu, addr, error);
}

fn deliver_page_fault<M: Machine>(hv: &Hypervisor<M>, vcpu: &Arc<Vcpu>, addr: u64, error: u32) {
    let (frame, offset) = vcpu.info();
    let cr2 = offset + core::mem::offset_of!(abi::xen::VcpuInfo, arch);
    hv.machine
        .word(frame, cr2 / 8)
        .store(addr, core::sync::atomic::Ordering::Relaxed);
    let user = if vcpu.kernel_mode() { 0 } else { pf::USER };
    deliver(hv, vcpu, 14, Some(error & !pf::USER | user));
}

/// Acts on what the emulator says; `vector` and `error` are the fault to deliver where it refused.
fn finish<M: Machine>(
    hv: &Hypervisor<M>,
    vcpu: &Arc<Vcpu>,
    outcome: Outcome,
    vector: u8,
    error: Option<u32>,
) {
    match outcome {
        Outcome::Done | Outcome::Again => {}
        Outcome::Stepped => {
            vcpu.pv.lock().debug[6] |= 1 << 14;
            deliver(hv, vcpu, 1, None);
        }
        Outcome::Exception(e) => inject(hv, vcpu, e),
        Outcome::Refused(_) => deliver(hv, vcpu, vector, error),
    }
}

/// Delivers an exception that emulation raised.
pub fn inject<M: Machine>(hv: &Hypervisor<M>, vcpu: &Arc<Vcpu>, e: Exception) {
    match e.cr2 {
        Some(addr) => deliver_page_fault(hv, vcpu, addr, e.error_code.unwrap_or(0)),
        None => deliver(hv, vcpu, e.vector, e.error_code),
    }
}

/// Enters the guest kernel's handler for `vector`; without one, or without a stack, the domain is lost.
pub fn deliver<M: Machine>(
    hv: &Hypervisor<M>,
    vcpu: &Arc<Vcpu>,
    vector: u8,
    error_code: Option<u32>,
) {
    let trap = vcpu
        .pv
        .lock()
        .traps
        .get(usize::from(vector))
        .copied()
        .unwrap_or_default();
    let target = Target {
        cs: trap.cs,
        address: trap.address,
        mask_events: trap.flags & TI_MASK_EVENTS != 0,
        error_code,
    };
    if let Err(e) = bounce::bounce(&hv.machine, vcpu, &target) {
        hv.crash(
            vcpu,
            format_args!(
                "exception {vector} (error code {:#x}) can't be delivered: {e:?}",
                error_code.unwrap_or(0)
            ),
        );
    }
}

/// Prints a vCPU's registers and the top of its stack.
pub fn dump<M: Machine>(m: &M, vcpu: &Vcpu) {
    let regs = &vcpu.block.regs;
    let g = |r: &arch_defs::vcpu::Reg| r.get();
    log::error!(
        "  {} mode, rip {:04x}:{:016x} rflags {:08x} vector {:#x} error {:#x} cr2 {:016x}",
        if vcpu.kernel_mode() { "kernel" } else { "user" },
        g(&regs.cs),
        g(&regs.rip),
        g(&regs.rflags),
        regs.entry_vector(),
        regs.error_code(),
        m.fault_address(),
    );
    log::error!(
        "  rax {:016x} rbx {:016x} rcx {:016x} rdx {:016x}",
        g(&regs.rax),
        g(&regs.rbx),
        g(&regs.rcx),
        g(&regs.rdx)
    );
    log::error!(
        "  rsi {:016x} rdi {:016x} rbp {:016x} rsp {:016x}",
        g(&regs.rsi),
        g(&regs.rdi),
        g(&regs.rbp),
        g(&regs.rsp)
    );
    log::error!(
        "  r8  {:016x} r9  {:016x} r10 {:016x} r11 {:016x}",
        g(&regs.r8),
        g(&regs.r9),
        g(&regs.r10),
        g(&regs.r11)
    );
    log::error!(
        "  r12 {:016x} r13 {:016x} r14 {:016x} r15 {:016x}",
        g(&regs.r12),
        g(&regs.r13),
        g(&regs.r14),
        g(&regs.r15)
    );
    let mut at = g(&regs.rsp);
    for _ in 0..8 {
        let mut line = [[0u8; 8]; 4];
        if line
            .iter_mut()
            .zip((at..).step_by(8))
            .any(|(w, a)| m.copy_in(GuestAddr::new(a), w).is_err())
        {
            log::error!("  stack at {at:016x}: unreadable");
            break;
        }
        let [a, b, c, d] = line.map(u64::from_le_bytes);
        log::error!("  stack {at:016x}: {a:016x} {b:016x} {c:016x} {d:016x}");
        at = at.wrapping_add(32);
    }
}
