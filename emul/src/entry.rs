//! The entry points, one for each way into the emulator, and what they answer.

use crate::decode::{Fail, Insn, retire};
use crate::{Exception, Gpr, Memory, Privileged, Registers, Stop, data, ops, quick};

/// What became of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done and RIP stands after it.
    Done,
    /// It is done and the guest is single-stepping: deliver #DB with DR6.BS set. RIP stands after
    /// the instruction, or on it where a string instruction has elements left.
    Stepped,
    /// Resume the guest at the same RIP. A string instruction has elements left, or the operand
    /// changed under a `lock`ed operation.
    Again,
    /// It raised an exception. RIP stands on it.
    Exception(Exception),
    /// It isn't ours: deliver the fault that brought us here.
    Refused(Refusal),
}

/// Why an instruction isn't emulated; for debug output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes are no complete instruction.
    Undecodable,
    /// The instruction is none of those that this entry point serves.
    Unsupported,
    /// It belongs to the guest's kernel, and user code ran it.
    UserMode,
    /// The virtual processor doesn't do what it asks for.
    Virtual,
}

/// Whether an instruction is through, as its executor sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All of it.
    Complete,
    /// One or more elements; RIP stays.
    Partial,
}

fn outcome<C: Registers>(cpu: &mut C, insn: &Insn, result: Result<Progress, Fail>) -> Outcome {
    match result {
        Ok(Progress::Complete) => done(insn.retire(cpu)),
        Ok(Progress::Partial) => match cpu.rflags() & crate::rflags::TF {
            0 => Outcome::Again,
            _ => Outcome::Stepped,
        },
        Err(fail) => failed(fail),
    }
}

const fn done(stepping: bool) -> Outcome {
    if stepping {
        Outcome::Stepped
    } else {
        Outcome::Done
    }
}

const fn failed(fail: Fail) -> Outcome {
    match fail {
        Fail::Stop(Stop::Exception(exception)) => Outcome::Exception(exception),
        Fail::Stop(Stop::Refused) => Outcome::Refused(Refusal::Virtual),
        Fail::Stop(Stop::Retry) => Outcome::Again,
        Fail::Refused(refusal) => Outcome::Refused(refusal),
    }
}

/// Serves #GP (with error code 0): a privileged instruction of the guest's kernel, or one of those that
/// user code may run where the guest's settings allow it.
pub fn privileged<C: Registers + Memory + Privileged>(cpu: &mut C) -> Outcome {
    let insn = match Insn::fetch(cpu) {
        Ok(insn) => insn,
        Err(fail) => return failed(fail),
    };
    let result = ops::execute(cpu, &insn);
    outcome(cpu, &insn, result)
}

/// `ud2a; .ascii "xen"` (`XEN_EMULATE_PREFIX` in `arch-x86/xen.h`).
pub const FORCED_PREFIX: [u8; 5] = [0x0f, 0x0b, b'x', b'e', b'n'];

/// Serves #UD: the forced-emulation prefix followed by `cpuid`. Anything else is the guest's #UD.
///
/// An exception from [`Privileged::cpuid`] is one of the `cpuid` itself: RIP stands on that, after
/// the prefix.
pub fn forced<C: Registers + Memory + Privileged>(cpu: &mut C) -> Outcome {
    const CPUID: [u8; 2] = [0x0f, 0xa2];
    let rip = cpu.rip();
    let mut bytes = [0; 15];
    let len = match cpu.fetch(rip, &mut bytes) {
        Ok(len) => len,
        Err(stop) => return failed(stop.into()),
    };
    let code = bytes.get(..len).unwrap_or(&bytes);
    let Some(rest) = code.strip_prefix(&FORCED_PREFIX) else {
        return Outcome::Refused(Refusal::Unsupported);
    };
    if !rest.starts_with(&CPUID) {
        return Outcome::Refused(Refusal::Unsupported);
    }
    let at = rip.wrapping_add(FORCED_PREFIX.len() as u64);
    match cpuid(cpu) {
        Ok(()) => done(retire(cpu, at.wrapping_add(CPUID.len() as u64))),
        Err(Stop::Exception(exception)) => {
            cpu.set_rip(at);
            Outcome::Exception(exception)
        }
        Err(stop) => failed(stop.into()),
    }
}

/// Carries out `cpuid` but for RIP.
pub(crate) fn cpuid<C: Registers + Privileged>(cpu: &mut C) -> Result<(), Stop> {
    let (leaf, subleaf) = (cpu.gpr(Gpr::RAX) as u32, cpu.gpr(Gpr::RCX) as u32);
    let [eax, ebx, ecx, edx] = cpu.cpuid(leaf, subleaf)?;
    cpu.set_gpr(Gpr::RAX, u64::from(eax));
    cpu.set_gpr(Gpr::RBX, u64::from(ebx));
    cpu.set_gpr(Gpr::RCX, u64::from(ecx));
    cpu.set_gpr(Gpr::RDX, u64::from(edx));
    Ok(())
}

/// Serves a write fault of the guest's kernel at `fault_addr` (CR2), where a page table is mapped
/// read-only. The virtual processor's [`Memory::write`] and [`Memory::cmpxchg`] validate the new
/// entry, and must take only addresses in the page of `fault_addr`.
pub fn page_table_write<C: Registers + Memory>(cpu: &mut C, fault_addr: u64) -> Outcome {
    if !cpu.kernel_mode() {
        return Outcome::Refused(Refusal::UserMode);
    }
    match quick::page_table_write(cpu, fault_addr) {
        Ok(Some(next)) => done(retire(cpu, next)),
        Ok(None) => data_access(cpu),
        Err(stop) => failed(stop.into()),
    }
}

/// Serves an access to memory that only the virtual processor can carry out (MMIO).
pub fn data_access<C: Registers + Memory>(cpu: &mut C) -> Outcome {
    let insn = match Insn::fetch(cpu) {
        Ok(insn) => insn,
        Err(fail) => return failed(fail),
    };
    let result = data::execute(cpu, &insn);
    outcome(cpu, &insn, result)
}
