//! From bytes at RIP to an instruction with operands that can be read and written.

use iced_x86::{
    Code, Decoder, DecoderOptions, Instruction, MemorySize, Mnemonic, OpKind, Register,
};

use crate::bits::rflags;
use crate::{Exception, Gpr, Memory, Refusal, Registers, Segment, Stop, Width};

/// Longest instruction.
pub const MAX_LEN: usize = 15;

/// Builds the decoder's tables. Call it once at start, with a heap in place.
pub fn warm_up() {
    let _ = decode(64, 0, &[0x90]);
}

/// An instruction and the mode it runs in.
pub struct Insn {
    raw: Instruction,
    bits: u32,
    rip: u64,
}

/// A general register operand, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    reg: Gpr,
    width: Width,
    /// `ah`, `ch`, `dh`, `bh`.
    high: bool,
}

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a general register.
    Reg,
    /// In memory, at this linear address.
    Mem(u64),
    /// In the instruction.
    Imm,
}

#[inline(never)]
fn decode(bits: u32, rip: u64, bytes: &[u8]) -> Option<Instruction> {
    let mut decoder = Decoder::try_with_ip(bits, bytes, rip, DecoderOptions::NONE).ok()?;
    let raw = decoder.decode();
    (raw.code() != Code::INVALID).then_some(raw)
}

impl Insn {
    /// Fetches and decodes the instruction at RIP.
    pub fn fetch<C: Registers + Memory>(cpu: &mut C) -> Result<Self, Fail> {
        let (bits, rip) = (cpu.code_bits(), cpu.rip());
        let mut bytes = [0; MAX_LEN];
        let len = cpu.fetch(rip, &mut bytes)?;
        let code = bytes.get(..len).unwrap_or(&bytes);
        let raw = decode(bits, rip, code).ok_or(Refusal::Undecodable)?;
        Ok(Self { raw, bits, rip })
    }

    /// What it does.
    #[inline]
    pub fn mnemonic(&self) -> Mnemonic {
        self.raw.mnemonic()
    }

    /// Its exact encoding.
    #[inline]
    pub fn code(&self) -> Code {
        self.raw.code()
    }

    /// How many operands are written out in it.
    #[inline]
    pub fn op_count(&self) -> u32 {
        self.raw.op_count()
    }

    /// True with a `lock` prefix.
    #[inline]
    pub fn locked(&self) -> bool {
        self.raw.has_lock_prefix()
    }

    /// True with a `rep` or `repne` prefix.
    #[inline]
    pub fn repeated(&self) -> bool {
        self.raw.has_rep_prefix() || self.raw.has_repne_prefix()
    }

    /// True for 64-bit code.
    #[inline]
    pub fn is_64bit(&self) -> bool {
        self.bits == 64
    }

    /// The number of the control or debug register that is operand `op`.
    pub fn control_register(&self, op: u32) -> Option<u8> {
        let reg = self.raw.op_register(op);
        let first = if (Register::DR0..=Register::DR15).contains(&reg) {
            Register::DR0
        } else if (Register::CR0..=Register::CR15).contains(&reg) {
            Register::CR0
        } else {
            return None;
        };
        Some((reg as u32).wrapping_sub(first as u32) as u8)
    }

    /// Width of the memory operand.
    pub fn memory_width(&self) -> Option<Width> {
        match self.raw.memory_size() {
            MemorySize::UInt8 | MemorySize::Int8 => Some(Width::Byte),
            MemorySize::UInt16 | MemorySize::Int16 => Some(Width::Word),
            MemorySize::UInt32 | MemorySize::Int32 => Some(Width::Dword),
            MemorySize::UInt64 | MemorySize::Int64 => Some(Width::Qword),
            _ => None,
        }
    }

    fn part(&self, op: u32) -> Option<Part> {
        part(self.raw.op_register(op))
    }

    /// Width of a register operand.
    pub fn register_width(&self, op: u32) -> Option<Width> {
        match self.raw.op_kind(op) {
            OpKind::Register => self.part(op).map(|p| p.width),
            _ => None,
        }
    }

    /// Where operand `op` is.
    pub fn place<C: Registers>(&self, cpu: &C, op: u32) -> Result<Place, Fail> {
        Ok(match self.raw.op_kind(op) {
            OpKind::Register => Place::Reg,
            OpKind::Memory
            | OpKind::MemorySegSI
            | OpKind::MemorySegESI
            | OpKind::MemorySegRSI
            | OpKind::MemoryESDI
            | OpKind::MemoryESEDI
            | OpKind::MemoryESRDI => Place::Mem(self.address(cpu, op)?),
            _ => Place::Imm,
        })
    }

    /// Linear address of memory operand `op`.
    pub fn address<C: Registers>(&self, cpu: &C, op: u32) -> Result<u64, Fail> {
        self.raw
            .try_virtual_address(op, 0, |reg, _, _| {
                match segment(reg) {
                    Some(Segment::Fs) => return Some(cpu.segment_base(Segment::Fs)),
                    Some(Segment::Gs) => return Some(cpu.segment_base(Segment::Gs)),
                    Some(_) if self.is_64bit() => return Some(0),
                    Some(segment) => return Some(cpu.segment_base(segment)),
                    None => {}
                }
                let p = part(reg)?;
                Some(p.width.trunc(cpu.gpr(p.reg)))
            })
            .map(|addr| {
                if self.is_64bit() {
                    addr
                } else {
                    Width::Dword.trunc(addr)
                }
            })
            .ok_or(Fail::Refused(Refusal::Unsupported))
    }

    /// Refuses an access that isn't wholly in the canonical halves of the address space.
    pub fn check_canonical(&self, addr: u64, width: Width) -> Result<(), Fail> {
        let last = addr.wrapping_add(u64::from(width.bytes()).wrapping_sub(1));
        if !self.is_64bit() || canonical(addr) && canonical(last) {
            return Ok(());
        }
        Err(Exception::GP.into())
    }

    /// The value of a register operand, truncated to its width.
    pub fn read_register<C: Registers>(&self, cpu: &C, op: u32) -> Result<u64, Fail> {
        let p = self.part(op).ok_or(Refusal::Unsupported)?;
        let value = cpu.gpr(p.reg).wrapping_shr(if p.high { 8 } else { 0 });
        Ok(p.width.trunc(value))
    }

    /// Writes a register operand.
    pub fn write_register<C: Registers>(
        &self,
        cpu: &mut C,
        op: u32,
        value: u64,
    ) -> Result<(), Fail> {
        let p = self.part(op).ok_or(Refusal::Unsupported)?;
        let old = cpu.gpr(p.reg);
        let new = if p.high {
            old & !0xff00 | (value & 0xff) << 8
        } else {
            p.width.merge(old, value)
        };
        cpu.set_gpr(p.reg, new);
        Ok(())
    }

    /// An immediate operand, sign-extended as the encoding says.
    pub fn immediate(&self, op: u32) -> Result<u64, Fail> {
        self.raw
            .try_immediate(op)
            .map_err(|_| Fail::Refused(Refusal::Unsupported))
    }

    /// A register or immediate operand.
    pub fn read_source<C: Registers>(&self, cpu: &C, op: u32) -> Result<u64, Fail> {
        match self.raw.op_kind(op) {
            OpKind::Register => self.read_register(cpu, op),
            _ => self.immediate(op),
        }
    }

    /// Width of the index and count registers of a string instruction.
    pub fn address_width(&self) -> Width {
        let width = |kind| match kind {
            OpKind::MemorySegSI | OpKind::MemoryESDI => Some(Width::Word),
            OpKind::MemorySegESI | OpKind::MemoryESEDI => Some(Width::Dword),
            OpKind::MemorySegRSI | OpKind::MemoryESRDI => Some(Width::Qword),
            _ => None,
        };
        width(self.raw.op0_kind())
            .or_else(|| width(self.raw.op1_kind()))
            .unwrap_or(Width::Qword)
    }

    /// Moves RIP past this instruction and ends the shadow of RF. True where the guest is
    /// single-stepping.
    pub fn retire<C: Registers>(&self, cpu: &mut C) -> bool {
        let next = self.rip.wrapping_add(self.raw.len() as u64);
        retire(
            cpu,
            if self.is_64bit() {
                next
            } else {
                Width::Dword.trunc(next)
            },
        )
    }
}

/// Ends an instruction: see [`Insn::retire`].
#[inline]
pub fn retire<C: Registers>(cpu: &mut C, next: u64) -> bool {
    let flags = cpu.rflags();
    cpu.set_rip(next);
    if flags & rflags::RF != 0 {
        cpu.set_rflags(flags & !rflags::RF);
    }
    flags & rflags::TF != 0
}

/// True where bits 63 to 47 are equal.
#[inline]
pub fn canonical(addr: u64) -> bool {
    (addr as i64).wrapping_shr(47).wrapping_add(1) as u64 <= 1
}

fn segment(reg: Register) -> Option<Segment> {
    Some(match reg {
        Register::ES => Segment::Es,
        Register::CS => Segment::Cs,
        Register::SS => Segment::Ss,
        Register::DS => Segment::Ds,
        Register::FS => Segment::Fs,
        Register::GS => Segment::Gs,
        _ => return None,
    })
}

fn part(reg: Register) -> Option<Part> {
    /// First register of each run of consecutive ones, its number, its width, and whether it is the
    /// second byte; the runs end where the next begins.
    const RUNS: [(Register, u32, Width, bool); 6] = [
        (Register::RAX, 0, Width::Qword, false),
        (Register::EAX, 0, Width::Dword, false),
        (Register::AX, 0, Width::Word, false),
        (Register::SPL, 4, Width::Byte, false),
        (Register::AH, 0, Width::Byte, true),
        (Register::AL, 0, Width::Byte, false),
    ];
    if reg > Register::R15 {
        return None;
    }
    let (first, number, width, high) = *RUNS.iter().find(|run| reg >= run.0)?;
    let nth = (reg as u32).wrapping_sub(first as u32);
    Some(Part {
        reg: Gpr::new(nth.wrapping_add(number) as u8),
        width,
        high,
    })
}

/// Why the emulator gives up on an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fail {
    /// The guest stops it.
    Stop(Stop),
    /// We do.
    Refused(Refusal),
}

impl From<Stop> for Fail {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Exception> for Fail {
    fn from(exception: Exception) -> Self {
        Self::Stop(Stop::Exception(exception))
    }
}

impl From<Refusal> for Fail {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
