//! String instructions: one element at a time, a bounded number of them a call.
//!
//! Each element is committed before the next begins, as the hardware does it, so a fault or a
//! limit in the middle leaves registers from which the instruction simply goes on.

use crate::bits::rflags;
use crate::decode::{Fail, Insn};
use crate::entry::Progress;
use crate::{Gpr, Memory, Privileged, Registers, Width};

/// Most elements of a repeated string instruction that one call does.
pub const STRING_STEP: u32 = 64;

/// Runs `element` until the count is used up, the step limit is reached, or the guest
/// single-steps.
fn repeat<C: Registers>(
    cpu: &mut C,
    insn: &Insn,
    mut element: impl FnMut(&mut C) -> Result<(), Fail>,
) -> Result<Progress, Fail> {
    if !insn.repeated() {
        element(cpu)?;
        return Ok(Progress::Complete);
    }
    let width = insn.address_width();
    let limit = match cpu.rflags() & rflags::TF {
        0 => STRING_STEP,
        _ => 1,
    };
    for done in 0..limit {
        let count = width.trunc(cpu.gpr(Gpr::RCX));
        if count == 0 {
            return Ok(Progress::Complete);
        }
        match element(cpu) {
            // What is done is done; the guest comes back for the rest and meets the obstacle then.
            Err(_) if done != 0 => return Ok(Progress::Partial),
            result => result?,
        }
        let old = cpu.gpr(Gpr::RCX);
        cpu.set_gpr(Gpr::RCX, width.merge(old, count.wrapping_sub(1)));
    }
    match width.trunc(cpu.gpr(Gpr::RCX)) {
        0 => Ok(Progress::Complete),
        _ => Ok(Progress::Partial),
    }
}

/// Moves an index register past one element.
fn step<C: Registers>(cpu: &mut C, insn: &Insn, reg: Gpr, width: Width) {
    let old = cpu.gpr(reg);
    let bytes = u64::from(width.bytes());
    let new = match cpu.rflags() & rflags::DF {
        0 => old.wrapping_add(bytes),
        _ => old.wrapping_sub(bytes),
    };
    let index = insn.address_width();
    cpu.set_gpr(reg, index.merge(old, index.trunc(new)));
}

fn operand<C: Registers>(cpu: &C, insn: &Insn, op: u32, width: Width) -> Result<u64, Fail> {
    let addr = insn.address(cpu, op)?;
    insn.check_canonical(addr, width)?;
    Ok(addr)
}

/// `ins`: port DX to memory.
pub fn ins<C: Registers + Memory + Privileged>(
    cpu: &mut C,
    insn: &Insn,
    width: Width,
) -> Result<Progress, Fail> {
    repeat(cpu, insn, |cpu| {
        let addr = operand(cpu, insn, 0, width)?;
        cpu.probe_write(addr, width)?;
        let value = cpu.port_in(cpu.gpr(Gpr::RDX) as u16, width)?;
        cpu.write(addr, width, width.trunc(u64::from(value)))?;
        step(cpu, insn, Gpr::RDI, width);
        Ok(())
    })
}

/// `outs`: memory to port DX.
pub fn outs<C: Registers + Memory + Privileged>(
    cpu: &mut C,
    insn: &Insn,
    width: Width,
) -> Result<Progress, Fail> {
    repeat(cpu, insn, |cpu| {
        let addr = operand(cpu, insn, 1, width)?;
        let value = cpu.read(addr, width)?;
        cpu.port_out(cpu.gpr(Gpr::RDX) as u16, width, value as u32)?;
        step(cpu, insn, Gpr::RSI, width);
        Ok(())
    })
}

/// `stos`: accumulator to memory.
pub fn stos<C: Registers + Memory>(
    cpu: &mut C,
    insn: &Insn,
    width: Width,
) -> Result<Progress, Fail> {
    repeat(cpu, insn, |cpu| {
        let addr = operand(cpu, insn, 0, width)?;
        cpu.write(addr, width, width.trunc(cpu.gpr(Gpr::RAX)))?;
        step(cpu, insn, Gpr::RDI, width);
        Ok(())
    })
}

/// `lods`: memory to accumulator.
pub fn lods<C: Registers + Memory>(
    cpu: &mut C,
    insn: &Insn,
    width: Width,
) -> Result<Progress, Fail> {
    repeat(cpu, insn, |cpu| {
        let addr = operand(cpu, insn, 1, width)?;
        let value = cpu.read(addr, width)?;
        let old = cpu.gpr(Gpr::RAX);
        cpu.set_gpr(Gpr::RAX, width.merge(old, value));
        step(cpu, insn, Gpr::RSI, width);
        Ok(())
    })
}

/// `movs`: memory to memory.
pub fn movs<C: Registers + Memory>(
    cpu: &mut C,
    insn: &Insn,
    width: Width,
) -> Result<Progress, Fail> {
    repeat(cpu, insn, |cpu| {
        let (to, from) = (operand(cpu, insn, 0, width)?, operand(cpu, insn, 1, width)?);
        let value = cpu.read(from, width)?;
        cpu.write(to, width, width.trunc(value))?;
        step(cpu, insn, Gpr::RDI, width);
        step(cpu, insn, Gpr::RSI, width);
        Ok(())
    })
}
