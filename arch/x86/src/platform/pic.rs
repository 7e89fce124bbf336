//! The pair of 8259 interrupt controllers, kept quiet.
//!
//! With I/O APICs the 8259s have no work, but they must not be left as the firmware had them: their
//! vectors 8 to 15 are processor exceptions. So they are moved to vectors that the caller reserves,
//! and masked. Even masked they can raise *spurious* interrupts 7 and 15 when a line drops during
//! acknowledge; such an interrupt must not get an EOI, or a real one in service loses it.

use super::io;

const MASTER: u16 = 0x20;
const SLAVE: u16 = 0xa0;
const READ_ISR: u8 = 0x0b;
const EOI: u8 = 0x20;

/// The two 8259s.
#[derive(Debug)]
pub struct Pic {
    base: u8,
    mask: u16,
}

impl Pic {
    /// Moves interrupts 0 to 15 to vectors `base` to `base + 15` and masks them all. `base` is a
    /// multiple of 8, from 32 to 240.
    ///
    /// # Safety
    /// Nobody else may drive the 8259s while the result lives; interrupts must be off.
    pub unsafe fn init(base: u8) -> Self {
        let base = base & !7;
        let pic = Self { base, mask: 0xffff };
        pic.write_mask();
        for (port, vector, cascade) in [(MASTER, base, 1 << 2), (SLAVE, base.wrapping_add(8), 2)] {
            // ICW1 cascade and ICW4 follow, ICW2 vector, ICW3 cascade, ICW4 8086 mode.
            out(port, 0x11);
            out(port + 1, vector);
            out(port + 1, cascade);
            out(port + 1, 0x01);
        }
        pic.write_mask();
        pic
    }

    fn write_mask(&self) {
        out(MASTER + 1, self.mask as u8);
        out(SLAVE + 1, (self.mask >> 8) as u8);
    }

    /// First of the sixteen vectors.
    pub fn base(&self) -> u8 {
        self.base
    }

    /// Masks or unmasks interrupt `irq` (0 to 15), for a machine without I/O APICs. The cascade opens
    /// with the slave's first interrupt.
    pub fn set_masked(&mut self, irq: u8, masked: bool) {
        let bit = 1u16 << (irq & 15);
        self.mask = if masked {
            self.mask | bit
        } else {
            self.mask & !bit
        };
        if self.mask >> 8 != 0xff {
            self.mask &= !(1 << 2);
        }
        self.write_mask();
    }

    /// Whether interrupt `irq`, just taken, is spurious. Then it gets no [`Self::eoi`].
    pub fn is_spurious(&mut self, irq: u8) -> bool {
        let port = match irq {
            7 => MASTER,
            15 => SLAVE,
            _ => return false,
        };
        out(port, READ_ISR);
        // SAFETY: `init`'s caller gave us the 8259s.
        let in_service = unsafe { io::in8(port) } & 0x80 != 0;
        if irq == 15 && !in_service {
            // The master did see a real interrupt, from the cascade.
            out(MASTER, EOI);
        }
        !in_service
    }

    /// Ends interrupt `irq`.
    pub fn eoi(&mut self, irq: u8) {
        if irq >= 8 {
            out(SLAVE, EOI);
        }
        out(MASTER, EOI);
    }
}

fn out(port: u16, value: u8) {
    // SAFETY: only called with the 8259s' ports, which `init`'s caller gave us; they don't touch memory.
    unsafe { io::out8(port, value) }
}
