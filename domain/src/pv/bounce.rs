//! Entering the guest kernel: the bounce frame.
//!
//! An exception, a system call or an event reaches a 64-bit PV kernel as a frame on its stack, from low to
//! high addresses:
//!
//! ```text
//! rcx r11 [error code] rip cs|mask<<32 rflags rsp ss
//! ```
//!
//! rcx and r11 are there because the way back may be `sysret`, which clobbers them. The byte above `cs`
//! holds the event mask at the time, and IF in `rflags` shows the same thing inverted. In the frame, `cs` has
//! privilege 0 where the guest kernel was interrupted and 3 where its user code was. From user mode the frame goes to the
//! stack that the kernel named by `stack_switch`.

use arch_defs::layout::selector;
use arch_defs::vcpu::mode;
use units::{FrameAccess, GuestAddr};

use crate::machine::Machine;
use crate::vcpu::Vcpu;

const TF: u64 = 1 << 8;
const IF: u64 = 1 << 9;
const NT: u64 = 1 << 14;
const RF: u64 = 1 << 16;
const VM: u64 = 1 << 17;
const AC: u64 = 1 << 18;

/// Where a frame leads.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Code selector.
    pub cs: u16,
    /// Entry address.
    pub address: u64,
    /// Mask events on the way.
    pub mask_events: bool,
    /// Error code to push.
    pub error_code: Option<u32>,
}

/// The guest kernel has no entry there, or its stack can't be written: the domain is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BounceError {
    /// No handler is registered.
    NoHandler,
    /// The frame could not be written at this address.
    Stack(u64),
}

/// The vCPU's event mask and pending bytes as one word: pending in bits 0 to 7, mask in bits 8 to 15.
#[inline]
pub fn upcall_word<M: FrameAccess>(m: &M, vcpu: &Vcpu) -> u64 {
    let (frame, offset) = vcpu.info();
    m.word(frame, offset / 8)
        .load(core::sync::atomic::Ordering::Acquire)
}

/// Sets the vCPU's event mask byte.
#[inline]
pub fn set_upcall_mask<M: FrameAccess>(m: &M, vcpu: &Vcpu, masked: bool) {
    use core::sync::atomic::Ordering;
    let (frame, offset) = vcpu.info();
    let word = m.word(frame, offset / 8);
    if masked {
        word.fetch_or(0x100, Ordering::AcqRel);
    } else {
        word.fetch_and(!0xff00, Ordering::AcqRel);
    }
}

/// Switches the running vCPU between its kernel and user modes: root table and GS base.
pub fn toggle_mode<M: Machine>(m: &M, vcpu: &Vcpu) {
    let block = &vcpu.block;
    let mode = block.mode.get() ^ mode::KERNEL;
    block.mode.set(mode);
    let kernel = mode & mode::KERNEL != 0;
    let root = if kernel {
        block.cr3_kernel.get()
    } else {
        block.cr3_user.get()
    };
    m.swap_gs();
    if root != 0 {
        m.load_base(root);
    }
    if block.io_bitmap.get() != 0 {
        m.open_io_bitmap(kernel);
    }
}

/// Builds the frame and makes the running vCPU continue at `target`.
pub fn bounce<M: Machine>(m: &M, vcpu: &Vcpu, target: &Target) -> Result<(), BounceError> {
    if target.address == 0 {
        return Err(BounceError::NoHandler);
    }
    let (block, regs) = (&vcpu.block, &vcpu.block.regs);
    let from_kernel = vcpu.kernel_mode();
    let (top, cs) = if from_kernel {
        (regs.rsp.get(), regs.cs.get() & 0xfffc)
    } else {
        toggle_mode(m, vcpu);
        (block.kernel_sp.get(), regs.cs.get() & 0xffff)
    };
    let masked = upcall_word(m, vcpu) >> 8 & 0xff != 0;
    let flags = regs.rflags.get() & !IF | if masked { 0 } else { IF };
    let mut frame = [0u64; 8];
    let full = [
        regs.rcx.get(),
        regs.r11.get(),
        u64::from(target.error_code.unwrap_or(0)),
        regs.rip.get(),
        cs | u64::from(masked) << 32,
        flags,
        regs.rsp.get(),
        regs.ss.get() & 0xffff,
    ];
    let len = if target.error_code.is_some() {
        frame = full;
        8
    } else {
        frame[..2].copy_from_slice(&full[..2]);
        frame[2..7].copy_from_slice(&full[3..]);
        7
    };
    let sp = (top & !0xf).wrapping_sub(len as u64 * 8);
    let mut bytes = [0u8; 64];
    for (slot, word) in bytes.chunks_exact_mut(8).zip(frame) {
        slot.copy_from_slice(&word.to_le_bytes());
    }
    m.copy_out(GuestAddr::new(sp), bytes.get(..len * 8).unwrap_or(&bytes))
        .map_err(|_| BounceError::Stack(sp))?;
    if target.mask_events {
        set_upcall_mask(m, vcpu, true);
    }
    regs.rsp.set(sp);
    regs.ss.set(selector::FLAT_DS.into());
    regs.cs.set(target.cs.into());
    regs.rip.set(target.address);
    regs.rflags
        .set(regs.rflags.get() & !(TF | NT | RF | VM | AC) | IF);
    block.mode.set(block.mode.get() & !mode::SYSRET);
    Ok(())
}
