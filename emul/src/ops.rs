//! Privileged instructions and those that user code may run where its kernel lets it.
//!
//! The list follows what a PV kernel meets at privilege level 3. Descriptor-table loads, `swapgs`,
//! `iret` and far transfers are not on it: a PV guest has hypercalls for what it may do of
//! these, and gets its #GP for the rest. `cli` and `sti` do nothing where the guest's I/O privilege
//! level admits them, since the interrupt flag that counts for a PV guest is the event mask in its
//! shared page, and fault otherwise. `sgdt`, `sidt`, `sldt`, `str` and `smsw` come here only where the
//! host runs with UMIP; they store constants that tell nothing about the host.

use iced_x86::{Code, Mnemonic};

use crate::bits::cr0;
use crate::decode::{Fail, Insn, Place};
use crate::entry::{Progress, cpuid};
use crate::{Exception, Gpr, Memory, Privileged, Refusal, Registers, Width, string};

/// Limit and base that `sgdt` and `sidt` store: what Linux itself shows to its user code.
const FAKE_GDT: (u64, u64) = (0, 0xffff_ffff_fffe_0000);
const FAKE_IDT: (u64, u64) = (0, 0xffff_ffff_ffff_0000);

fn set_edx_eax<C: Registers>(cpu: &mut C, value: u64) {
    cpu.set_gpr(Gpr::RAX, Width::Dword.trunc(value));
    cpu.set_gpr(Gpr::RDX, value >> 32);
}

fn edx_eax<C: Registers>(cpu: &C) -> u64 {
    Width::Dword.trunc(cpu.gpr(Gpr::RAX)) | cpu.gpr(Gpr::RDX) << 32
}

fn ecx<C: Registers>(cpu: &C) -> u32 {
    cpu.gpr(Gpr::RCX) as u32
}

/// Executes `insn` but for RIP.
pub fn execute<C: Registers + Memory + Privileged>(
    cpu: &mut C,
    insn: &Insn,
) -> Result<Progress, Fail> {
    match insn.mnemonic() {
        Mnemonic::In => {
            let width = insn.register_width(0).ok_or(Refusal::Unsupported)?;
            let port = insn.read_source(cpu, 1)? as u16;
            let value = cpu.port_in(port, width)?;
            insn.write_register(cpu, 0, u64::from(value))?;
        }
        Mnemonic::Out => {
            let width = insn.register_width(1).ok_or(Refusal::Unsupported)?;
            let port = insn.read_source(cpu, 0)? as u16;
            let value = insn.read_register(cpu, 1)? as u32;
            cpu.port_out(port, width, value)?;
        }
        Mnemonic::Insb => return string::ins(cpu, insn, Width::Byte),
        Mnemonic::Insw => return string::ins(cpu, insn, Width::Word),
        Mnemonic::Insd => return string::ins(cpu, insn, Width::Dword),
        Mnemonic::Outsb => return string::outs(cpu, insn, Width::Byte),
        Mnemonic::Outsw => return string::outs(cpu, insn, Width::Word),
        Mnemonic::Outsd => return string::outs(cpu, insn, Width::Dword),
        Mnemonic::Cli | Mnemonic::Sti => {
            if !cpu.iopl_ok() {
                return Err(Exception::GP.into());
            }
        }
        Mnemonic::Cpuid => cpuid(cpu)?,
        Mnemonic::Rdtsc => {
            let tsc = cpu.rdtsc()?;
            set_edx_eax(cpu, tsc);
        }
        Mnemonic::Rdtscp => {
            let aux = cpu.tsc_aux()?;
            let tsc = cpu.rdtsc()?;
            set_edx_eax(cpu, tsc);
            cpu.set_gpr(Gpr::RCX, u64::from(aux));
        }
        Mnemonic::Rdpmc => {
            let value = cpu.rdpmc(ecx(cpu))?;
            set_edx_eax(cpu, value);
        }
        Mnemonic::Xgetbv => {
            let value = cpu.xgetbv(ecx(cpu))?;
            set_edx_eax(cpu, value);
        }
        Mnemonic::Smsw => {
            let value = cpu.read_cr(0)?;
            store(cpu, insn, value)?;
        }
        Mnemonic::Sldt | Mnemonic::Str => store(cpu, insn, 0)?,
        Mnemonic::Sgdt => store_table(cpu, insn, FAKE_GDT)?,
        Mnemonic::Sidt => store_table(cpu, insn, FAKE_IDT)?,
        _ if !cpu.kernel_mode() => return Err(Refusal::UserMode.into()),
        Mnemonic::Rdmsr => {
            let value = cpu.rdmsr(ecx(cpu))?;
            set_edx_eax(cpu, value);
        }
        Mnemonic::Wrmsr => cpu.wrmsr(ecx(cpu), edx_eax(cpu))?,
        Mnemonic::Mov => control_move(cpu, insn)?,
        Mnemonic::Clts => {
            let value = cpu.read_cr(0)?;
            cpu.write_cr(0, value & !cr0::TS)?;
        }
        Mnemonic::Lmsw => {
            let word = match insn.place(cpu, 0)? {
                Place::Mem(addr) => {
                    insn.check_canonical(addr, Width::Word)?;
                    cpu.read(addr, Width::Word)?
                }
                _ => insn.read_register(cpu, 0)?,
            };
            let old = cpu.read_cr(0)?;
            cpu.write_cr(0, old & (!cr0::LMSW | cr0::PE) | word & cr0::LMSW)?;
        }
        Mnemonic::Xsetbv => cpu.xsetbv(ecx(cpu), edx_eax(cpu))?,
        // Nobody else's writes may be lost, so even `invd` writes back.
        Mnemonic::Wbinvd | Mnemonic::Wbnoinvd | Mnemonic::Invd => cpu.wbinvd()?,
        Mnemonic::Invlpg => {
            let addr = insn.address(cpu, 0)?;
            cpu.invlpg(addr)?;
        }
        Mnemonic::Hlt => cpu.hlt()?,
        _ => return Err(Refusal::Unsupported.into()),
    }
    Ok(Progress::Complete)
}

/// `mov` from and to control and debug registers.
fn control_move<C: Registers + Privileged>(cpu: &mut C, insn: &Insn) -> Result<(), Fail> {
    let number = |op| match insn.control_register(op) {
        Some(n @ (0 | 2 | 3 | 4 | 8)) => Ok(n),
        _ => Err(Fail::from(Exception::UD)),
    };
    let debug = |op| match insn.control_register(op) {
        Some(n @ 0..=7) => Ok(n),
        _ => Err(Fail::from(Exception::UD)),
    };
    match insn.code() {
        Code::Mov_r64_cr | Code::Mov_r32_cr => {
            let value = cpu.read_cr(number(1)?)?;
            insn.write_register(cpu, 0, value)
        }
        Code::Mov_cr_r64 | Code::Mov_cr_r32 => {
            let value = insn.read_register(cpu, 1)?;
            Ok(cpu.write_cr(number(0)?, value)?)
        }
        Code::Mov_r64_dr | Code::Mov_r32_dr => {
            let value = cpu.read_dr(debug(1)?)?;
            insn.write_register(cpu, 0, value)
        }
        Code::Mov_dr_r64 | Code::Mov_dr_r32 => {
            let value = insn.read_register(cpu, 1)?;
            Ok(cpu.write_dr(debug(0)?, value)?)
        }
        _ => Err(Refusal::Unsupported.into()),
    }
}

/// `smsw`, `sldt`, `str`: a whole register, or 16 bits of memory.
fn store<C: Registers + Memory>(cpu: &mut C, insn: &Insn, value: u64) -> Result<(), Fail> {
    match insn.place(cpu, 0)? {
        Place::Mem(addr) => {
            insn.check_canonical(addr, Width::Word)?;
            Ok(cpu.write(addr, Width::Word, Width::Word.trunc(value))?)
        }
        _ => insn.write_register(cpu, 0, value),
    }
}

/// `sgdt`, `sidt`.
fn store_table<C: Registers + Memory>(
    cpu: &mut C,
    insn: &Insn,
    (limit, base): (u64, u64),
) -> Result<(), Fail> {
    let addr = insn.address(cpu, 0)?;
    let width = if insn.is_64bit() {
        Width::Qword
    } else {
        Width::Dword
    };
    let second = addr.wrapping_add(2);
    insn.check_canonical(addr, Width::Word)?;
    insn.check_canonical(second, width)?;
    cpu.probe_write(second, width)?;
    cpu.write(addr, Width::Word, limit)?;
    Ok(cpu.write(second, width, width.trunc(base))?)
}
