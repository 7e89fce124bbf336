//! Instructions that read or write one memory operand: what compilers and kernels use on page tables
//! and device registers.
//!
//! An instruction with a `lock` prefix, and `xchg` always, ends in one [`Memory::cmpxchg`]; where
//! the operand changed meanwhile the guest runs the instruction again. Without the prefix it is
//! a read followed by a write, as on the hardware.

use iced_x86::Mnemonic;

use crate::alu::{self, BitOp, Flags, Shift};
use crate::bits::rflags;
use crate::decode::{Fail, Insn, Place};
use crate::entry::Progress;
use crate::{Exception, Gpr, Memory, Refusal, Registers, Stop, Width, string};

/// The memory operand of an instruction.
struct Operand {
    addr: u64,
    width: Width,
    locked: bool,
}

impl Operand {
    /// Finds it: operand `op` must be in memory.
    fn find<C: Registers>(cpu: &C, insn: &Insn, op: u32) -> Result<Self, Fail> {
        let width = insn.memory_width().ok_or(Refusal::Unsupported)?;
        let Place::Mem(addr) = insn.place(cpu, op)? else {
            return Err(Refusal::Unsupported.into());
        };
        insn.check_canonical(addr, width)?;
        Ok(Self {
            addr,
            width,
            locked: insn.locked(),
        })
    }

    fn read<C: Memory>(&self, cpu: &mut C) -> Result<u64, Fail> {
        Ok(self.width.trunc(cpu.read(self.addr, self.width)?))
    }

    fn write<C: Memory>(&self, cpu: &mut C, value: u64) -> Result<(), Fail> {
        Ok(cpu.write(self.addr, self.width, self.width.trunc(value))?)
    }

    /// Replaces the operand by what `change` makes of it.
    fn modify<C: Memory, R>(
        &self,
        cpu: &mut C,
        change: impl FnOnce(u64) -> (u64, R),
    ) -> Result<R, Fail> {
        let old = self.read(cpu)?;
        let (new, result) = change(old);
        let new = self.width.trunc(new);
        if !self.locked {
            self.write(cpu, new)?;
        } else if cpu.cmpxchg(self.addr, self.width, old, new)? != old {
            return Err(Stop::Retry.into());
        }
        Ok(result)
    }
}

fn set_flags<C: Registers>(cpu: &mut C, flags: Flags) {
    if flags.mask != 0 {
        let old = cpu.rflags();
        cpu.set_rflags(flags.apply(old));
    }
}

/// Executes `insn` but for RIP.
pub fn execute<C: Registers + Memory>(cpu: &mut C, insn: &Insn) -> Result<Progress, Fail> {
    let carry = cpu.rflags() & rflags::CF != 0;
    match insn.mnemonic() {
        Mnemonic::Mov | Mnemonic::Movnti => mov(cpu, insn)?,
        Mnemonic::Movzx => load(cpu, insn, |_, v| v)?,
        Mnemonic::Movsx | Mnemonic::Movsxd => load(cpu, insn, Width::sign_extend)?,
        Mnemonic::Movbe => movbe(cpu, insn)?,
        Mnemonic::Add => binary(cpu, insn, |w, a, b| alu::add(w, a, b, false))?,
        Mnemonic::Adc => binary(cpu, insn, |w, a, b| alu::add(w, a, b, carry))?,
        Mnemonic::Sub => binary(cpu, insn, |w, a, b| alu::sub(w, a, b, false))?,
        Mnemonic::Sbb => binary(cpu, insn, |w, a, b| alu::sub(w, a, b, carry))?,
        Mnemonic::And => binary(cpu, insn, |w, a, b| alu::logic(w, a & b))?,
        Mnemonic::Or => binary(cpu, insn, |w, a, b| alu::logic(w, a | b))?,
        Mnemonic::Xor => binary(cpu, insn, |w, a, b| alu::logic(w, a ^ b))?,
        Mnemonic::Cmp => compare(cpu, insn, |w, a, b| alu::sub(w, a, b, false))?,
        Mnemonic::Test => compare(cpu, insn, |w, a, b| alu::logic(w, a & b))?,
        Mnemonic::Inc => unary(cpu, insn, alu::inc)?,
        Mnemonic::Dec => unary(cpu, insn, alu::dec)?,
        Mnemonic::Neg => unary(cpu, insn, |w, a| alu::sub(w, 0, a, false))?,
        Mnemonic::Not => unary(cpu, insn, |_, a| (!a, Flags::NONE))?,
        Mnemonic::Shl | Mnemonic::Sal => shift(cpu, insn, Shift::Left)?,
        Mnemonic::Shr => shift(cpu, insn, Shift::Right)?,
        Mnemonic::Sar => shift(cpu, insn, Shift::Arithmetic)?,
        Mnemonic::Rol => shift(cpu, insn, Shift::RotateLeft)?,
        Mnemonic::Ror => shift(cpu, insn, Shift::RotateRight)?,
        Mnemonic::Bt => bit(cpu, insn, BitOp::Test)?,
        Mnemonic::Bts => bit(cpu, insn, BitOp::Set)?,
        Mnemonic::Btr => bit(cpu, insn, BitOp::Reset)?,
        Mnemonic::Btc => bit(cpu, insn, BitOp::Complement)?,
        Mnemonic::Xchg => xchg(cpu, insn)?,
        Mnemonic::Xadd => xadd(cpu, insn)?,
        Mnemonic::Cmpxchg => cmpxchg(cpu, insn)?,
        Mnemonic::Cmpxchg8b => cmpxchg8b(cpu, insn)?,
        Mnemonic::Cmpxchg16b => cmpxchg16b(cpu, insn)?,
        Mnemonic::Stosb => return string::stos(cpu, insn, Width::Byte),
        Mnemonic::Stosw => return string::stos(cpu, insn, Width::Word),
        Mnemonic::Stosd => return string::stos(cpu, insn, Width::Dword),
        Mnemonic::Stosq => return string::stos(cpu, insn, Width::Qword),
        Mnemonic::Lodsb => return string::lods(cpu, insn, Width::Byte),
        Mnemonic::Lodsw => return string::lods(cpu, insn, Width::Word),
        Mnemonic::Lodsd => return string::lods(cpu, insn, Width::Dword),
        Mnemonic::Lodsq => return string::lods(cpu, insn, Width::Qword),
        Mnemonic::Movsb => return string::movs(cpu, insn, Width::Byte),
        Mnemonic::Movsw => return string::movs(cpu, insn, Width::Word),
        Mnemonic::Movsd if insn.op_count() == 2 && insn.memory_width().is_some() => {
            return string::movs(cpu, insn, Width::Dword);
        }
        Mnemonic::Movsq => return string::movs(cpu, insn, Width::Qword),
        _ => return Err(Refusal::Unsupported.into()),
    }
    Ok(Progress::Complete)
}

/// `mov` in both directions, with a register, an immediate, or the accumulator and an absolute address.
fn mov<C: Registers + Memory>(cpu: &mut C, insn: &Insn) -> Result<(), Fail> {
    if insn.place(cpu, 0)? == Place::Reg {
        return load(cpu, insn, |_, v| v);
    }
    let to = Operand::find(cpu, insn, 0)?;
    let value = insn.read_source(cpu, 1)?;
    to.write(cpu, value)
}

fn load<C: Registers + Memory>(
    cpu: &mut C,
    insn: &Insn,
    convert: impl FnOnce(Width, u64) -> u64,
) -> Result<(), Fail> {
    let from = Operand::find(cpu, insn, 1)?;
    let value = from.read(cpu)?;
    insn.write_register(cpu, 0, convert(from.width, value))
}

fn movbe<C: Registers + Memory>(cpu: &mut C, insn: &Insn) -> Result<(), Fail> {
    let swap = |w: Width, v: u64| v.swap_bytes().wrapping_shr(64u32.wrapping_sub(w.bits()));
    if insn.place(cpu, 0)? == Place::Reg {
        return load(cpu, insn, swap);
    }
    let to = Operand::find(cpu, insn, 0)?;
    let value = insn.read_source(cpu, 1)?;
    to.write(cpu, swap(to.width, value))
}

/// Two operands, the first of which takes the result.
fn binary<C: Registers + Memory>(
    cpu: &mut C,
    insn: &Insn,
    op: impl FnOnce(Width, u64, u64) -> (u64, Flags),
) -> Result<(), Fail> {
    let flags = if insn.place(cpu, 0)? == Place::Reg {
        let from = Operand::find(cpu, insn, 1)?;
        let (b, a) = (from.read(cpu)?, insn.read_register(cpu, 0)?);
        let (r, flags) = op(from.width, a, b);
        insn.write_register(cpu, 0, r)?;
        flags
    } else {
        let to = Operand::find(cpu, insn, 0)?;
        let b = insn.read_source(cpu, 1)?;
        to.modify(cpu, |a| op(to.width, a, b))?
    };
    set_flags(cpu, flags);
    Ok(())
}

/// Two operands, of which only flags come.
fn compare<C: Registers + Memory>(
    cpu: &mut C,
    insn: &Insn,
    op: impl FnOnce(Width, u64, u64) -> (u64, Flags),
) -> Result<(), Fail> {
    let (width, a, b) = if insn.place(cpu, 0)? == Place::Reg {
        let from = Operand::find(cpu, insn, 1)?;
        let b = from.read(cpu)?;
        (from.width, insn.read_register(cpu, 0)?, b)
    } else {
        let first = Operand::find(cpu, insn, 0)?;
        let a = first.read(cpu)?;
        (first.width, a, insn.read_source(cpu, 1)?)
    };
    set_flags(cpu, op(width, a, b).1);
    Ok(())
}

fn unary<C: Registers + Memory>(
    cpu: &mut C,
    insn: &Insn,
    op: impl FnOnce(Width, u64) -> (u64, Flags),
) -> Result<(), Fail> {
    let to = Operand::find(cpu, insn, 0)?;
    let flags = to.modify(cpu, |a| op(to.width, a))?;
    set_flags(cpu, flags);
    Ok(())
}

fn shift<C: Registers + Memory>(cpu: &mut C, insn: &Insn, op: Shift) -> Result<(), Fail> {
    let to = Operand::find(cpu, insn, 0)?;
    let count = insn.read_source(cpu, 1)?;
    let flags = to.modify(cpu, |a| alu::shift(to.width, op, a, count))?;
    set_flags(cpu, flags);
    Ok(())
}

/// A bit of memory. An index in a register is signed and reaches beyond the operand.
fn bit<C: Registers + Memory>(cpu: &mut C, insn: &Insn, op: BitOp) -> Result<(), Fail> {
    let mut to = Operand::find(cpu, insn, 0)?;
    let index = insn.read_source(cpu, 1)?;
    if insn.register_width(1).is_some() {
        let signed = to.width.sign_extend(index) as i64;
        let unit = signed.wrapping_shr(to.width.bits().trailing_zeros());
        let bytes = (unit as u64).wrapping_mul(u64::from(to.width.bytes()));
        to.addr = to.addr.wrapping_add(bytes);
        if !insn.is_64bit() {
            to.addr = Width::Dword.trunc(to.addr);
        }
        insn.check_canonical(to.addr, to.width)?;
    }
    let flags = if op == BitOp::Test {
        let a = to.read(cpu)?;
        alu::bit(to.width, op, a, index).1
    } else {
        to.modify(cpu, |a| alu::bit(to.width, op, a, index))?
    };
    set_flags(cpu, flags);
    Ok(())
}

/// `xchg` is locked with or without the prefix.
fn xchg<C: Registers + Memory>(cpu: &mut C, insn: &Insn) -> Result<(), Fail> {
    let (mem, reg) = match insn.place(cpu, 0)? {
        Place::Mem(_) => (0, 1),
        _ => (1, 0),
    };
    let mut to = Operand::find(cpu, insn, mem)?;
    to.locked = true;
    let new = insn.read_register(cpu, reg)?;
    let old = to.modify(cpu, |old| (new, old))?;
    insn.write_register(cpu, reg, old)
}

fn xadd<C: Registers + Memory>(cpu: &mut C, insn: &Insn) -> Result<(), Fail> {
    let to = Operand::find(cpu, insn, 0)?;
    let b = insn.read_register(cpu, 1)?;
    let (old, flags) = to.modify(cpu, |a| {
        let (r, flags) = alu::add(to.width, a, b, false);
        (r, (a, flags))
    })?;
    insn.write_register(cpu, 1, old)?;
    set_flags(cpu, flags);
    Ok(())
}

/// Ends a `cmpxchg` of the accumulator: flags, and on failure the accumulator.
pub fn finish_cmpxchg<C: Registers>(cpu: &mut C, width: Width, found: u64) {
    let acc = cpu.gpr(Gpr::RAX);
    let (difference, flags) = alu::sub(width, acc, found, false);
    if difference != 0 {
        cpu.set_gpr(Gpr::RAX, width.merge(acc, found));
    }
    set_flags(cpu, flags);
}

fn cmpxchg<C: Registers + Memory>(cpu: &mut C, insn: &Insn) -> Result<(), Fail> {
    let to = Operand::find(cpu, insn, 0)?;
    let new = insn.read_register(cpu, 1)?;
    let old = to.width.trunc(cpu.gpr(Gpr::RAX));
    let found = cpu.cmpxchg(to.addr, to.width, old, new)?;
    finish_cmpxchg(cpu, to.width, found);
    Ok(())
}

fn set_zf<C: Registers>(cpu: &mut C, on: bool) {
    set_flags(
        cpu,
        Flags {
            mask: rflags::ZF,
            set: if on { rflags::ZF } else { 0 },
        },
    );
}

fn cmpxchg8b<C: Registers + Memory>(cpu: &mut C, insn: &Insn) -> Result<(), Fail> {
    let to = Operand::find(cpu, insn, 0)?;
    let pair = |high, low| cpu.gpr(high) << 32 | Width::Dword.trunc(cpu.gpr(low));
    let old = pair(Gpr::RDX, Gpr::RAX);
    let new = pair(Gpr::RCX, Gpr::RBX);
    let found = cpu.cmpxchg(to.addr, Width::Qword, old, new)?;
    if found != old {
        cpu.set_gpr(Gpr::RAX, Width::Dword.trunc(found));
        cpu.set_gpr(Gpr::RDX, found >> 32);
    }
    set_zf(cpu, found == old);
    Ok(())
}

fn cmpxchg16b<C: Registers + Memory>(cpu: &mut C, insn: &Insn) -> Result<(), Fail> {
    let Place::Mem(addr) = insn.place(cpu, 0)? else {
        return Err(Refusal::Unsupported.into());
    };
    insn.check_canonical(addr, Width::Qword)?;
    if addr & 15 != 0 {
        return Err(Exception::GP.into());
    }
    let pair = |high, low| u128::from(cpu.gpr(high)) << 64 | u128::from(cpu.gpr(low));
    let old = pair(Gpr::RDX, Gpr::RAX);
    let new = pair(Gpr::RCX, Gpr::RBX);
    let found = cpu.cmpxchg16(addr, old, new)?;
    if found != old {
        cpu.set_gpr(Gpr::RAX, found as u64);
        cpu.set_gpr(Gpr::RDX, (found >> 64) as u64);
    }
    set_zf(cpu, found == old);
    Ok(())
}
