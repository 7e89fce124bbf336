//! What the emulator needs of a virtual processor.

use crate::Width;

/// An exception to deliver to the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Vector, `0..32`.
    pub vector: u8,
    /// Error code, for the vectors that have one.
    pub error_code: Option<u32>,
    /// Faulting address, for page faults.
    pub cr2: Option<u64>,
}

impl Exception {
    /// Undefined opcode.
    pub const UD: Self = Self::plain(6);
    /// General protection with error code 0.
    pub const GP: Self = Self {
        vector: 13,
        error_code: Some(0),
        cr2: None,
    };
    /// Stack fault with error code 0.
    pub const SS: Self = Self {
        vector: 12,
        error_code: Some(0),
        cr2: None,
    };

    /// A vector without error code.
    pub const fn plain(vector: u8) -> Self {
        Self {
            vector,
            error_code: None,
            cr2: None,
        }
    }

    /// A page fault at `addr`.
    pub const fn page_fault(addr: u64, error_code: u32) -> Self {
        Self {
            vector: 14,
            error_code: Some(error_code),
            cr2: Some(addr),
        }
    }
}

/// Why an instruction did not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It raised this exception.
    Exception(Exception),
    /// This virtual processor doesn't do such a thing: the guest gets the fault that brought us here.
    Refused,
    /// Something changed meanwhile or must happen first: resume the guest at the same instruction.
    Retry,
}

impl From<Exception> for Stop {
    fn from(exception: Exception) -> Self {
        Self::Exception(exception)
    }
}

/// A general register by its number in instruction encodings, `0..16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gpr(u8);

impl Gpr {
    /// The accumulator.
    pub const RAX: Self = Self(0);
    /// The counter.
    pub const RCX: Self = Self(1);
    /// The data register.
    pub const RDX: Self = Self(2);
    /// The base register.
    pub const RBX: Self = Self(3);
    /// The stack pointer.
    pub const RSP: Self = Self(4);
    /// The frame pointer.
    pub const RBP: Self = Self(5);
    /// The source index.
    pub const RSI: Self = Self(6);
    /// The destination index.
    pub const RDI: Self = Self(7);

    /// The register with the low four bits of `number`.
    #[inline]
    pub const fn new(number: u8) -> Self {
        Self(number & 15)
    }

    /// Its number, `0..16`.
    #[inline]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// A segment register, numbered as in instruction encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Segment {
    Es,
    Cs,
    Ss,
    Ds,
    Fs,
    Gs,
}

/// The register file.
pub trait Registers {
    /// A general register.
    fn gpr(&self, reg: Gpr) -> u64;
    /// Replaces a general register, all 64 bits of it.
    fn set_gpr(&mut self, reg: Gpr, value: u64);
    /// Address of the current instruction.
    fn rip(&self) -> u64;
    /// Moves on.
    fn set_rip(&mut self, rip: u64);
    /// RFLAGS as the guest sees it.
    fn rflags(&self) -> u64;
    /// Replaces RFLAGS. Only status flags and RF differ from what [`Self::rflags`] gave.
    fn set_rflags(&mut self, rflags: u64);
    /// Base of a segment; in 64-bit code it is asked only of FS and GS.
    fn segment_base(&self, segment: Segment) -> u64;
    /// True where the guest's kernel runs, false for its user code.
    fn kernel_mode(&self) -> bool;
    /// Size of addresses in the running code: 64, or 32 and 16 in compatibility mode.
    fn code_bits(&self) -> u32;
}

/// Memory as the running guest code sees it. Every method checks the access by itself.
pub trait Memory {
    /// Copies up to 15 bytes of code from `rip` and says how many there were: fewer where the next
    /// page can't be executed. An error where not even the first byte can be read.
    fn fetch(&mut self, rip: u64, to: &mut [u8; 15]) -> Result<usize, Stop>;
    /// Reads an operand.
    fn read(&mut self, addr: u64, width: Width) -> Result<u64, Stop>;
    /// Writes an operand. `value` has no bits above `width`.
    fn write(&mut self, addr: u64, width: Width, value: u64) -> Result<(), Stop>;
    /// Atomically replaces `old` by `new` and answers what was there: `old` where it did.
    fn cmpxchg(&mut self, addr: u64, width: Width, old: u64, new: u64) -> Result<u64, Stop>;
    /// The same for 16 aligned bytes.
    fn cmpxchg16(&mut self, addr: u64, old: u128, new: u128) -> Result<u128, Stop> {
        let _ = (addr, old, new);
        Err(Stop::Refused)
    }
    /// Fails as [`Self::write`] would. Asked before a port is read into memory, because a port
    /// can't be read again.
    fn probe_write(&mut self, addr: u64, width: Width) -> Result<(), Stop> {
        let _ = (addr, width);
        Ok(())
    }
}

/// What only a kernel may do. Operations without a body are those of every PV guest; the others are
/// refused unless implemented.
pub trait Privileged {
    /// True where the guest's own I/O privilege level lets the running code use `cli` and `sti`.
    fn iopl_ok(&self) -> bool;
    /// Reads a port, for user code too: an implementor refuses the ports that the running code may
    /// not use, and answers all ones for those that aren't there. Bits above `width` are ignored.
    fn port_in(&mut self, port: u16, width: Width) -> Result<u32, Stop>;
    /// Writes a port, under the same rule.
    fn port_out(&mut self, port: u16, width: Width, value: u32) -> Result<(), Stop>;
    /// Reads a model-specific register.
    fn rdmsr(&mut self, msr: u32) -> Result<u64, Stop>;
    /// Writes a model-specific register.
    fn wrmsr(&mut self, msr: u32, value: u64) -> Result<(), Stop>;
    /// Reads CR0, CR2, CR3, CR4 or CR8.
    fn read_cr(&mut self, cr: u8) -> Result<u64, Stop>;
    /// Writes CR0, CR2, CR3, CR4 or CR8.
    fn write_cr(&mut self, cr: u8, value: u64) -> Result<(), Stop>;
    /// Reads DR0 to DR7. DR4 and DR5 are DR6 and DR7 or #UD, as the guest's CR4.DE says.
    fn read_dr(&mut self, dr: u8) -> Result<u64, Stop>;
    /// Writes DR0 to DR7.
    fn write_dr(&mut self, dr: u8, value: u64) -> Result<(), Stop>;
    /// The four registers of a CPUID leaf: eax, ebx, ecx, edx. Asked for user code too.
    fn cpuid(&mut self, leaf: u32, subleaf: u32) -> Result<[u32; 4], Stop>;
    /// The time stamp counter, for user code too.
    fn rdtsc(&mut self) -> Result<u64, Stop>;
    /// TSC_AUX, which `rdtscp` delivers beside the counter.
    fn tsc_aux(&mut self) -> Result<u32, Stop> {
        Err(Stop::Refused)
    }
    /// A performance counter, for user code too.
    fn rdpmc(&mut self, counter: u32) -> Result<u64, Stop> {
        let _ = counter;
        Err(Stop::Refused)
    }
    /// Reads an extended control register, for user code too.
    fn xgetbv(&mut self, xcr: u32) -> Result<u64, Stop> {
        let _ = xcr;
        Err(Stop::Refused)
    }
    /// Writes an extended control register.
    fn xsetbv(&mut self, xcr: u32, value: u64) -> Result<(), Stop> {
        let _ = (xcr, value);
        Err(Stop::Refused)
    }
    /// Writes back caches; `wbnoinvd` and `wbinvd` alike.
    fn wbinvd(&mut self) -> Result<(), Stop> {
        Err(Stop::Refused)
    }
    /// Drops the translation of one page.
    fn invlpg(&mut self, addr: u64) -> Result<(), Stop> {
        let _ = addr;
        Err(Stop::Refused)
    }
    /// Waits for an interrupt.
    fn hlt(&mut self) -> Result<(), Stop> {
        Err(Stop::Refused)
    }
}
