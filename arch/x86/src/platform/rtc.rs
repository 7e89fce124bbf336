//! The battery-backed CMOS clock: a reading of its registers, undecoded.
//!
//! The clock updates once a second, and registers read meanwhile are nonsense. The
//! update-in-progress bit announces that, but an SMI or a preempting host can stretch any read over the
//! next update; so registers are read until two readings agree.

use super::io;

const INDEX: u16 = 0x70;
const DATA: u16 = 0x71;
const STATUS_A: u8 = 0x0a;
const STATUS_B: u8 = 0x0b;
const UPDATE_IN_PROGRESS: u8 = 1 << 7;
/// Reads of the status until the update counts as stuck. An update takes 2 ms; emulators that count
/// instructions need many reads to get there.
const UPDATE_POLLS: u32 = 200_000;
const TRIES: u32 = 8;

/// Contents of the clock's registers; `status_b` tells whether they are BCD or binary (bit 2), and of 12
/// or 24 hours (bit 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct RtcFields {
    pub second: u8,
    pub minute: u8,
    pub hour: u8,
    pub day: u8,
    pub month: u8,
    pub year: u8,
    /// From the register that the FADT names, if it names one.
    pub century: Option<u8>,
    pub status_b: u8,
}

/// The clock.
#[derive(Debug)]
pub struct Rtc {
    century: Option<u8>,
}

impl Rtc {
    /// The clock at ports 0x70 and 0x71. `century` is the FADT's register number, 0 for none.
    ///
    /// # Safety
    /// Nobody else may use these ports during the result's methods.
    pub unsafe fn new(century: u8) -> Self {
        Self {
            century: (0x0e..0x80).contains(&century).then_some(century),
        }
    }

    fn register(&self, register: u8) -> u8 {
        // SAFETY: CMOS ports, which `new`'s caller vouched for. Index bit 7 would mask NMIs; it is 0.
        unsafe {
            io::out8(INDEX, register);
            io::in8(DATA)
        }
    }

    fn reading(&self) -> RtcFields {
        RtcFields {
            second: self.register(0),
            minute: self.register(2),
            hour: self.register(4),
            day: self.register(7),
            month: self.register(8),
            year: self.register(9),
            century: self.century.map(|register| self.register(register)),
            status_b: self.register(STATUS_B),
        }
    }

    /// Reads the clock; `None` where there is none or it never rests.
    pub fn read(&self) -> Option<RtcFields> {
        if self.register(STATUS_A) == 0xff {
            return None;
        }
        for _ in 0..TRIES {
            let rests =
                (0..UPDATE_POLLS).any(|_| self.register(STATUS_A) & UPDATE_IN_PROGRESS == 0);
            if !rests {
                return None;
            }
            let fields = self.reading();
            let still = self.register(STATUS_A) & UPDATE_IN_PROGRESS == 0;
            if still && self.reading() == fields {
                return Some(fields);
            }
        }
        None
    }
}
