//! The I/O APICs: pins, numbered machine-wide as GSIs, to vectors and processors.
//!
//! A redirection entry is 64 bits behind a 32-bit window, so it is never written at once: an entry
//! that might fire is masked first, and its low half, with the mask bit, is written last. Entries are
//! shadowed, because masking and unmasking a level interrupt then costs one register write and no
//! read, and registers of an I/O APIC are among the slowest of a machine. The window is an index and
//! a data register, so all methods take `&mut self`; the caller's lock serialises them, with
//! interrupts off.
//!
//! A level interrupt stays in service in the I/O APIC until its vector's EOI comes back. Changing
//! vector or trigger mode in between would lose that EOI and wedge the pin: [`IoApics::eoi`] can end it
//! by hand, by the EOI register of version 0x20 and later or by a detour over edge mode on older ones.

extern crate alloc;

use alloc::vec::Vec;
use arch_defs::apic::{Delivery, Route, Rte, Trigger};
use units::MAddr;

use super::io::Mmio;

/// Most pins that an 8-bit register index can reach.
const MAX_PINS: u32 = 120;
const INDEX: usize = 0x00;
const WINDOW: usize = 0x10;
const EOI: usize = 0x40;
const REG_VERSION: u8 = 1;
const REG_TABLE: u8 = 0x10;

/// Why an I/O APIC or a pin can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoApicError {
    /// The registers at this address can't be mapped.
    Unmappable(MAddr),
    /// The registers read as all ones, or tell of an impossible number of pins.
    Dead(MAddr),
    /// Its GSIs run past 2^32 or overlap those of one already present.
    Overlap {
        /// First GSI of the one refused.
        gsi_base: u32,
    },
    /// No I/O APIC has this GSI.
    NoSuchGsi(u32),
}

/// One I/O APIC.
#[derive(Debug)]
pub struct IoApic {
    regs: Mmio,
    addr: MAddr,
    id: u8,
    version: u8,
    gsi_base: u32,
    shadow: Vec<Rte>,
}

impl IoApic {
    /// Maps the I/O APIC that the MADT describes and masks its pins, ending level interrupts that
    /// the firmware left in service. Pins that deliver SMIs are the firmware's and stay.
    ///
    /// # Safety
    /// `addr` must be an I/O APIC's (the MADT says so), and nobody else may drive it. Interrupts must
    /// be off.
    pub unsafe fn map(id: u8, addr: MAddr, gsi_base: u32) -> Result<Self, IoApicError> {
        // SAFETY: the caller vouches for the address.
        let regs = unsafe { Mmio::map(addr, 0x44) }.ok_or(IoApicError::Unmappable(addr))?;
        let mut apic = Self {
            regs,
            addr,
            id,
            version: 0,
            gsi_base,
            shadow: Vec::new(),
        };
        let version = apic.read_reg(REG_VERSION);
        let pins = (version >> 16 & 0xff) + 1;
        if version == !0 || pins > MAX_PINS {
            return Err(IoApicError::Dead(addr));
        }
        if gsi_base.checked_add(pins).is_none() {
            return Err(IoApicError::Overlap { gsi_base });
        }
        apic.version = version as u8;
        for pin in 0..pins as u8 {
            let rte = apic.read_rte(pin);
            apic.shadow.push(rte);
            if rte.delivery() != Some(Delivery::Smi) {
                apic.clear_pin(pin, rte);
            }
        }
        Ok(apic)
    }

    fn clear_pin(&mut self, pin: u8, rte: Rte) {
        self.write_rte(pin, rte.with_masked(true));
        if rte.remote_irr() {
            self.end_level(pin, rte);
        }
        self.write_rte(pin, Rte::MASKED);
    }

    /// Address of the registers, by which `PHYSDEVOP_apic_read` and `_write` name the I/O APIC.
    pub fn addr(&self) -> MAddr {
        self.addr
    }

    /// The MADT's ID.
    pub fn id(&self) -> u8 {
        self.id
    }

    /// Version register's low byte.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// First GSI.
    pub fn gsi_base(&self) -> u32 {
        self.gsi_base
    }

    /// Number of pins, 1 to 120.
    pub fn pins(&self) -> u8 {
        self.shadow.len() as u8
    }

    /// Reads a register through the window. Redirection entries read so show the hardware, with the
    /// delivery status and remote IRR bits.
    pub fn read_reg(&mut self, reg: u8) -> u32 {
        self.regs.write32(INDEX, reg.into());
        self.regs.read32(WINDOW)
    }

    fn write_reg(&mut self, reg: u8, value: u32) {
        self.regs.write32(INDEX, reg.into());
        self.regs.write32(WINDOW, value);
    }

    fn read_rte(&mut self, pin: u8) -> Rte {
        let low = self.read_reg(REG_TABLE + 2 * pin);
        Rte::from_words(low, self.read_reg(REG_TABLE + 2 * pin + 1))
    }

    fn write_rte(&mut self, pin: u8, rte: Rte) {
        let Some(shadow) = self.shadow.get_mut(usize::from(pin)) else {
            return;
        };
        let old = core::mem::replace(shadow, rte);
        let reg = REG_TABLE + 2 * pin;
        if old.high() != rte.high() {
            if !old.is_masked() {
                self.write_reg(reg, old.with_masked(true).low());
            }
            self.write_reg(reg + 1, rte.high());
        }
        self.write_reg(reg, rte.low());
    }

    /// The entry of `pin` as last written; `None` for a pin that isn't there.
    pub fn rte(&self, pin: u8) -> Option<Rte> {
        self.shadow.get(usize::from(pin)).copied()
    }

    /// Writes the entry of `pin`; a pin that isn't there is ignored. The caller has validated vector
    /// and destination.
    pub fn set_rte(&mut self, pin: u8, rte: Rte) {
        self.write_rte(pin, rte);
    }

    fn set_masked(&mut self, pin: u8, masked: bool) {
        if let Some(rte) = self.rte(pin)
            && rte.is_masked() != masked
        {
            self.write_rte(pin, rte.with_masked(masked));
        }
    }

    /// Ends the level interrupt in service at `pin`.
    fn end_level(&mut self, pin: u8, rte: Rte) {
        if self.version >= 0x20 {
            self.regs.write32(EOI, rte.vector().into());
        } else {
            // Without an EOI register, remote IRR is cleared by going over masked edge mode.
            let edge = rte.with_masked(true).with_trigger(Trigger::Edge);
            self.write_reg(REG_TABLE + 2 * pin, edge.low());
            self.write_reg(REG_TABLE + 2 * pin, rte.low());
        }
    }
}

/// All I/O APICs of the machine.
#[derive(Debug, Default)]
pub struct IoApics {
    apics: Vec<IoApic>,
}

impl IoApics {
    /// None yet.
    pub const fn new() -> Self {
        Self { apics: Vec::new() }
    }

    /// Adds one; refused where its GSIs overlap another's.
    pub fn add(&mut self, apic: IoApic) -> Result<(), IoApicError> {
        let gsi_base = apic.gsi_base;
        let end = gsi_base + u32::from(apic.pins());
        let overlaps = |a: &IoApic| gsi_base < a.gsi_base + u32::from(a.pins()) && a.gsi_base < end;
        if self.apics.iter().any(overlaps) {
            return Err(IoApicError::Overlap { gsi_base });
        }
        self.apics.push(apic);
        Ok(())
    }

    /// The I/O APICs in the MADT's order.
    pub fn iter(&self) -> impl Iterator<Item = &IoApic> {
        self.apics.iter()
    }

    /// One past the highest GSI.
    pub fn gsi_end(&self) -> u32 {
        let end = |a: &IoApic| a.gsi_base + u32::from(a.pins());
        self.apics.iter().map(end).max().unwrap_or(0)
    }

    /// The I/O APIC with its registers at `addr`.
    pub fn at_addr(&mut self, addr: MAddr) -> Option<&mut IoApic> {
        self.apics.iter_mut().find(|a| a.addr == addr)
    }

    fn pin(&mut self, gsi: u32) -> Result<(&mut IoApic, u8), IoApicError> {
        self.apics
            .iter_mut()
            .find_map(|a| {
                let pin = u8::try_from(gsi.checked_sub(a.gsi_base)?).ok()?;
                (pin < a.pins()).then_some((a, pin))
            })
            .ok_or(IoApicError::NoSuchGsi(gsi))
    }

    /// The entry of `gsi` as last written.
    pub fn rte(&mut self, gsi: u32) -> Result<Rte, IoApicError> {
        let (apic, pin) = self.pin(gsi)?;
        apic.rte(pin).ok_or(IoApicError::NoSuchGsi(gsi))
    }

    /// Routes `gsi`.
    pub fn route(&mut self, gsi: u32, route: Route) -> Result<(), IoApicError> {
        let (apic, pin) = self.pin(gsi)?;
        apic.write_rte(pin, Rte::new(route));
        Ok(())
    }

    /// Aims `gsi` at another vector and APIC ID, keeping trigger, polarity and mask.
    pub fn retarget(&mut self, gsi: u32, vector: u8, dest: u8) -> Result<(), IoApicError> {
        let (apic, pin) = self.pin(gsi)?;
        let rte = apic.rte(pin).ok_or(IoApicError::NoSuchGsi(gsi))?;
        apic.write_rte(pin, rte.with_target(vector, dest));
        Ok(())
    }

    /// Masks `gsi`; one that isn't there is ignored.
    #[inline]
    pub fn mask(&mut self, gsi: u32) {
        if let Ok((apic, pin)) = self.pin(gsi) {
            apic.set_masked(pin, true);
        }
    }

    /// Unmasks `gsi`; one that isn't there is ignored.
    #[inline]
    pub fn unmask(&mut self, gsi: u32) {
        if let Ok((apic, pin)) = self.pin(gsi) {
            apic.set_masked(pin, false);
        }
    }

    /// Ends a level interrupt at `gsi` by hand, where the local APIC's EOI was sent for another vector
    /// or is not broadcast.
    pub fn eoi(&mut self, gsi: u32) {
        if let Ok((apic, pin)) = self.pin(gsi)
            && let Some(rte) = apic.rte(pin)
            && rte.trigger() == Trigger::Level
        {
            apic.end_level(pin, rte);
        }
    }

    /// Masks every pin, before the machine is reset or handed over.
    pub fn mask_all(&mut self) {
        for apic in &mut self.apics {
            for pin in 0..apic.pins() {
                apic.set_masked(pin, true);
            }
        }
    }
}
