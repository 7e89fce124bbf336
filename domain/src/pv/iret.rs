//! The `iret` hypercall: going back to where a frame came from.

use abi::arch_x86::{IretContext, VGCF_IN_SYSCALL};
use arch_defs::layout::selector;
use arch_defs::vcpu::mode;
use units::GuestAddr;
use zerocopy::IntoBytes;

use crate::machine::Machine;
use crate::pv::bounce::{set_upcall_mask, toggle_mode};
use crate::vcpu::Vcpu;

const IF: u64 = 1 << 9;
const IOPL: u64 = 3 << 12;
const VM: u64 = 1 << 17;

/// Why the frame can't be used; the domain is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IretError {
    /// It can't be read at this address.
    Unreadable(u64),
    /// It leads to user mode, which has no root table.
    NoUserTable,
}

/// Loads the frame at the running vCPU's stack pointer. rax is part of it, so the hypercall returns nothing.
pub fn iret<M: Machine>(m: &M, vcpu: &Vcpu) -> Result<(), IretError> {
    let (block, regs) = (&vcpu.block, &vcpu.block.regs);
    let mut frame: IretContext = zerocopy::FromZeros::new_zeroed();
    let at = regs.rsp.get();
    m.copy_in(GuestAddr::new(at), frame.as_mut_bytes())
        .map_err(|_| IretError::Unreadable(at))?;

    let mut fast = false;
    if frame.cs & 3 == 3 {
        if block.cr3_user.get() == 0 {
            return Err(IretError::NoUserTable);
        }
        toggle_mode(m, vcpu);
        fast = frame.flags & VGCF_IN_SYSCALL != 0;
    }
    regs.rip.set(frame.rip);
    regs.cs.set(frame.cs & 0xffff | 3);
    regs.rflags
        .set(frame.rflags & 0x3f_7fd5 & !(IOPL | VM) | IF | 2);
    regs.rsp.set(frame.rsp);
    regs.ss.set(frame.ss & 0xffff | 3);
    regs.rax.set(frame.rax);
    if fast {
        // The program expects what `sysret` leaves: rcx and r11 are rip and rflags.
        regs.rcx.set(frame.rip);
        regs.r11.set(regs.rflags.get());
        // The selectors then are those of the hardware, and a non-canonical rip would fault in ring 0.
        if frame.rip < 1 << 47 && frame.rflags & (1 << 8 | 1 << 16) == 0 {
            regs.cs.set(selector::FLAT_CS64.into());
            regs.ss.set(selector::FLAT_DS.into());
            block.mode.set(block.mode.get() | mode::SYSRET);
        }
    } else {
        regs.rcx.set(frame.rcx);
        regs.r11.set(frame.r11);
    }
    set_upcall_mask(m, vcpu, frame.rflags & IF == 0);
    Ok(())
}
