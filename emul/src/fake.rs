//! A virtual processor over plain memory, for tests and fuzzing.
//!
//! It has one region of memory, writes down every privileged operation, and fails whatever it is told to
//! fail.

use alloc::vec;
use alloc::vec::Vec;

use crate::rflags;
use crate::{
    Exception, Gpr, Memory, Outcome, Privileged, Registers, Segment, Stop, Width, data_access,
    forced, page_table_write, privileged,
};

/// A privileged operation or memory change, in the order of execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Event {
    In(u16, Width),
    Out(u16, Width, u32),
    Rdmsr(u32),
    Wrmsr(u32, u64),
    ReadCr(u8),
    WriteCr(u8, u64),
    ReadDr(u8),
    WriteDr(u8, u64),
    Cpuid(u32, u32),
    Rdtsc,
    Rdpmc(u32),
    Xgetbv(u32),
    Xsetbv(u32, u64),
    Wbinvd,
    Invlpg(u64),
    Hlt,
    Write(u64, Width, u64),
    Cmpxchg(u64, Width, u64, u64),
    Cmpxchg16(u64, u128, u128),
}

/// The processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeCpu {
    /// General registers.
    pub gprs: [u64; 16],
    /// Instruction pointer.
    pub rip: u64,
    /// Flags.
    pub rflags: u64,
    /// Segment bases by [`Segment`].
    pub bases: [u64; 6],
    /// The kernel runs.
    pub kernel: bool,
    /// 16, 32 or 64.
    pub bits: u32,
    /// Code at `rip`.
    pub code: Vec<u8>,
    /// Where memory starts.
    pub base: u64,
    /// Memory.
    pub memory: Vec<u8>,
    /// `cli` and `sti` are admitted.
    pub iopl: bool,
    /// What CR reads give.
    pub crs: [u64; 16],
    /// Everything that happened.
    pub events: Vec<Event>,
    /// Privileged operations left before one stops with `stop`.
    pub budget: usize,
    /// How the operation past the budget ends.
    pub stop: Stop,
    /// Memory changes under every compare-exchange.
    pub contended: bool,
}

impl FakeCpu {
    /// A kernel in 64-bit code with a page of zeroes at `0x10000`.
    pub fn new(code: &[u8]) -> Self {
        Self {
            gprs: [0; 16],
            rip: 0xffff_ffff_8100_0000,
            rflags: rflags::IF | 2,
            bases: [0; 6],
            kernel: true,
            bits: 64,
            code: code.into(),
            base: 0x10000,
            memory: vec![0; 4096],
            iopl: false,
            crs: [0; 16],
            events: Vec::new(),
            budget: usize::MAX,
            stop: Stop::Refused,
            contended: false,
        }
    }

    fn range(&self, addr: u64, len: u64) -> Result<core::ops::Range<usize>, Stop> {
        let fault = Stop::Exception(Exception::page_fault(addr, 6));
        let at = addr.wrapping_sub(self.base);
        match at.checked_add(len) {
            Some(end) if end <= self.memory.len() as u64 => Ok(at as usize..end as usize),
            _ => Err(fault),
        }
    }

    fn load(&self, addr: u64, len: u64) -> Result<u128, Stop> {
        let bytes = self.memory.get(self.range(addr, len)?).unwrap_or(&[]);
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |acc, b| acc << 8 | u128::from(*b)))
    }

    fn store(&mut self, addr: u64, len: u64, value: u128) -> Result<(), Stop> {
        let range = self.range(addr, len)?;
        if let Some(bytes) = self.memory.get_mut(range) {
            for (to, from) in bytes.iter_mut().zip(value.to_le_bytes()) {
                *to = from;
            }
        }
        Ok(())
    }

    fn record(&mut self, event: Event) -> Result<(), Stop> {
        let Some(left) = self.budget.checked_sub(1) else {
            return Err(self.stop);
        };
        self.budget = left;
        self.events.push(event);
        Ok(())
    }
}

impl Registers for FakeCpu {
    fn gpr(&self, reg: Gpr) -> u64 {
        self.gprs
            .get(usize::from(reg.number()))
            .copied()
            .unwrap_or(0)
    }
    fn set_gpr(&mut self, reg: Gpr, value: u64) {
        if let Some(slot) = self.gprs.get_mut(usize::from(reg.number())) {
            *slot = value;
        }
    }
    fn rip(&self) -> u64 {
        self.rip
    }
    fn set_rip(&mut self, rip: u64) {
        self.rip = rip;
    }
    fn rflags(&self) -> u64 {
        self.rflags
    }
    fn set_rflags(&mut self, rflags: u64) {
        self.rflags = rflags;
    }
    fn segment_base(&self, segment: Segment) -> u64 {
        self.bases.get(segment as usize).copied().unwrap_or(0)
    }
    fn kernel_mode(&self) -> bool {
        self.kernel
    }
    fn code_bits(&self) -> u32 {
        self.bits
    }
}

impl Memory for FakeCpu {
    fn fetch(&mut self, _: u64, to: &mut [u8; 15]) -> Result<usize, Stop> {
        for (to, from) in to.iter_mut().zip(&self.code) {
            *to = *from;
        }
        Ok(self.code.len().min(15))
    }
    fn read(&mut self, addr: u64, width: Width) -> Result<u64, Stop> {
        Ok(self.load(addr, width.bytes().into())? as u64)
    }
    fn write(&mut self, addr: u64, width: Width, value: u64) -> Result<(), Stop> {
        assert_eq!(value & !width.mask(), 0, "value beyond its width");
        self.range(addr, width.bytes().into())?;
        self.record(Event::Write(addr, width, value))?;
        self.store(addr, width.bytes().into(), value.into())
    }
    fn cmpxchg(&mut self, addr: u64, width: Width, old: u64, new: u64) -> Result<u64, Stop> {
        assert_eq!((old | new) & !width.mask(), 0, "value beyond its width");
        let mut found = self.load(addr, width.bytes().into())? as u64;
        self.record(Event::Cmpxchg(addr, width, old, new))?;
        if self.contended {
            found = width.trunc(!found);
            self.store(addr, width.bytes().into(), found.into())?;
        }
        if found == old {
            self.store(addr, width.bytes().into(), new.into())?;
        }
        Ok(found)
    }
    fn cmpxchg16(&mut self, addr: u64, old: u128, new: u128) -> Result<u128, Stop> {
        let found = self.load(addr, 16)?;
        self.record(Event::Cmpxchg16(addr, old, new))?;
        if found == old {
            self.store(addr, 16, new)?;
        }
        Ok(found)
    }
    fn probe_write(&mut self, addr: u64, width: Width) -> Result<(), Stop> {
        self.range(addr, width.bytes().into()).map(drop)
    }
}

impl Privileged for FakeCpu {
    fn iopl_ok(&self) -> bool {
        self.iopl
    }
    fn port_in(&mut self, port: u16, width: Width) -> Result<u32, Stop> {
        self.record(Event::In(port, width))?;
        Ok(0x8765_4321)
    }
    fn port_out(&mut self, port: u16, width: Width, value: u32) -> Result<(), Stop> {
        self.record(Event::Out(port, width, value))
    }
    fn rdmsr(&mut self, msr: u32) -> Result<u64, Stop> {
        self.record(Event::Rdmsr(msr))?;
        Ok(0x1122_3344_5566_7788)
    }
    fn wrmsr(&mut self, msr: u32, value: u64) -> Result<(), Stop> {
        self.record(Event::Wrmsr(msr, value))
    }
    fn read_cr(&mut self, cr: u8) -> Result<u64, Stop> {
        self.record(Event::ReadCr(cr))?;
        Ok(self.crs.get(usize::from(cr)).copied().unwrap_or(0))
    }
    fn write_cr(&mut self, cr: u8, value: u64) -> Result<(), Stop> {
        self.record(Event::WriteCr(cr, value))
    }
    fn read_dr(&mut self, dr: u8) -> Result<u64, Stop> {
        self.record(Event::ReadDr(dr))?;
        Ok(0xd0 | u64::from(dr))
    }
    fn write_dr(&mut self, dr: u8, value: u64) -> Result<(), Stop> {
        self.record(Event::WriteDr(dr, value))
    }
    fn cpuid(&mut self, leaf: u32, subleaf: u32) -> Result<[u32; 4], Stop> {
        self.record(Event::Cpuid(leaf, subleaf))?;
        Ok([0xa, 0xb, 0xc, 0xd])
    }
    fn rdtsc(&mut self) -> Result<u64, Stop> {
        self.record(Event::Rdtsc)?;
        Ok(0x0123_4567_89ab_cdef)
    }
    fn tsc_aux(&mut self) -> Result<u32, Stop> {
        Ok(0x55)
    }
    fn rdpmc(&mut self, counter: u32) -> Result<u64, Stop> {
        self.record(Event::Rdpmc(counter))?;
        Ok(0xfe_dcba_9876)
    }
    fn xgetbv(&mut self, xcr: u32) -> Result<u64, Stop> {
        self.record(Event::Xgetbv(xcr))?;
        Ok(7)
    }
    fn xsetbv(&mut self, xcr: u32, value: u64) -> Result<(), Stop> {
        self.record(Event::Xsetbv(xcr, value))
    }
    fn wbinvd(&mut self) -> Result<(), Stop> {
        self.record(Event::Wbinvd)
    }
    fn invlpg(&mut self, addr: u64) -> Result<(), Stop> {
        self.record(Event::Invlpg(addr))
    }
    fn hlt(&mut self) -> Result<(), Stop> {
        self.record(Event::Hlt)
    }
}

fn take<'a, const N: usize>(data: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = data.split_first_chunk()?;
    *data = tail;
    Some(head)
}

/// Runs arbitrary bytes as an instruction through every entry point, on a processor in an arbitrary
/// state, and checks what must hold of any instruction: nothing panics, an instruction that did
/// not complete leaves RIP alone, and one that was refused leaves everything alone.
pub fn fuzz_one(mut data: &[u8]) {
    let Some([mode, code_len, seed, budget]) = take(&mut data).copied() else {
        return;
    };
    let code = data.get(..usize::from(code_len & 15)).unwrap_or(data);
    let mut rest = data.get(code.len()..).unwrap_or(&[]);
    let mut cpu = FakeCpu::new(code);
    for (index, slot) in cpu.gprs.iter_mut().enumerate() {
        // Without data, pointers into memory: most instructions should find their operand.
        let default = 0x10000u64.wrapping_add(u64::from(seed).wrapping_mul(index as u64));
        *slot = take(&mut rest).map_or(default, |b| u64::from_le_bytes(*b));
    }
    cpu.bits = match mode & 3 {
        0 | 1 => 64,
        2 => 32,
        _ => 16,
    };
    cpu.kernel = mode & 4 == 0;
    cpu.iopl = mode & 8 != 0;
    cpu.contended = mode & 16 != 0;
    cpu.rflags |=
        if mode & 32 != 0 { rflags::TF } else { 0 } | if mode & 64 != 0 { rflags::DF } else { 0 };
    cpu.budget = usize::from(budget);
    cpu.stop = match seed & 3 {
        0 => Stop::Retry,
        1 => Stop::Refused,
        _ => Exception::GP.into(),
    };
    let fault = cpu.gpr(Gpr::new(seed));
    check(&cpu, privileged);
    check(&cpu, forced);
    check(&cpu, data_access);
    check(&cpu, |cpu| page_table_write(cpu, fault));
}

fn check(before: &FakeCpu, entry: impl FnOnce(&mut FakeCpu) -> Outcome) {
    let mut after = before.clone();
    let len = after.rip;
    let outcome = entry(&mut after);
    let moved = after.rip.wrapping_sub(len);
    match outcome {
        Outcome::Done => {
            let wrapped = before.bits != 64;
            assert!(
                (1..=15).contains(&moved) || wrapped,
                "RIP moved by {moved:#x}"
            );
            assert_eq!(after.rflags & rflags::RF, 0);
        }
        Outcome::Stepped => assert_ne!(before.rflags & rflags::TF, 0),
        Outcome::Again => assert_eq!(moved, 0),
        // The prefix of a forced instruction is behind its exception.
        Outcome::Exception(_) => assert!(moved == 0 || moved == 5),
        Outcome::Refused(_) => {
            assert_eq!(after.rip, before.rip);
            assert_eq!(after.gprs, before.gprs);
            assert_eq!(after.rflags, before.rflags);
            assert!(after.memory == before.memory || !after.events.is_empty());
        }
    }
}
