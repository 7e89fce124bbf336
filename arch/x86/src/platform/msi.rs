//! Programming a device's MSI and MSI-X, on behalf of dom0's drivers.
//!
//! dom0 finds the capability and decides how many vectors it wants; the message itself names a
//! physical vector and processor, so only we write it (`PHYSDEVOP_map_pirq`). The order matters. A device
//! that sends a half-written message writes to a wild address: so the message is changed only while
//! the function can't send it. MSI-X entries have a mask bit for that. MSI has one only if the device
//! is so kind; else MSI is turned off around the change, and an interrupt that falls into the gap goes
//! out on the interrupt pin, which is therefore turned off first.
//!
//! Entries start masked; the caller unmasks when the interrupt is bound.

use arch_defs::msi::{MSIX_ENTRY, MSIX_MASKED, MsiControl, MsiMessage, MsixControl, msix_location};
use arch_defs::pci::{Bar, CAP_MSI, CAP_MSIX, COMMAND, COMMAND_INTX_OFF, COMMAND_MEMORY, Sbdf};
use units::MAddr;

use super::io::Mmio;
use super::pci::PciConfig;

/// Why a function's message-signalled interrupts can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MsiError {
    /// It has no such capability.
    NotCapable,
    /// It has fewer entries or vectors.
    NoSuchEntry {
        /// The entry, or the number of vectors, asked for.
        entry: u16,
    },
    /// The MSI-X table isn't in an assigned memory region, or can't be mapped.
    NoTable,
    /// The function doesn't answer to memory addresses, so its table is out of reach.
    MemoryOff,
}

/// A function's MSI capability.
#[derive(Clone, Copy, Debug)]
pub struct Msi {
    function: Sbdf,
    at: u16,
    control: MsiControl,
}

fn intx_off(pci: &mut PciConfig, f: Sbdf, off: bool) {
    let command = pci.read16(f, COMMAND);
    let wanted = if off {
        command | COMMAND_INTX_OFF
    } else {
        command & !COMMAND_INTX_OFF
    };
    if wanted != command {
        pci.write16(f, COMMAND, wanted);
    }
}

impl Msi {
    /// Finds the capability.
    pub fn find(pci: &mut PciConfig, function: Sbdf) -> Result<Self, MsiError> {
        let at = pci
            .capability(function, CAP_MSI)
            .ok_or(MsiError::NotCapable)?;
        let control = MsiControl(pci.read16(function, at + 2));
        Ok(Self {
            function,
            at,
            control,
        })
    }

    /// Most vectors that the function can use, a power of 2 up to 32.
    pub fn vectors(&self) -> u16 {
        1 << self.control.capable()
    }

    /// Whether single vectors can be masked.
    pub fn maskable(&self) -> bool {
        self.control.mask().is_some()
    }

    /// Writes the message for `1 << log2` consecutive vectors, all masked if the function can mask, and
    /// turns MSI on and the interrupt pin off. With several vectors the message's vector is a multiple
    /// of their number.
    pub fn set_up(
        &mut self,
        pci: &mut PciConfig,
        message: MsiMessage,
        log2: u8,
    ) -> Result<(), MsiError> {
        if log2 > self.control.capable() {
            return Err(MsiError::NoSuchEntry {
                entry: 1u16.checked_shl(log2.into()).unwrap_or(u16::MAX),
            });
        }
        intx_off(pci, self.function, true);
        self.set_enabled(pci, false);
        if let Some(mask) = self.control.mask() {
            pci.write32(self.function, self.at + mask, !0);
        }
        self.control = self.control.allotted(log2);
        self.write(pci, message);
        self.set_enabled(pci, true);
        Ok(())
    }

    fn set_enabled(&mut self, pci: &mut PciConfig, on: bool) {
        self.control = self.control.enabled(on);
        pci.write16(self.function, self.at + 2, self.control.0);
    }

    fn write(&self, pci: &mut PciConfig, message: MsiMessage) {
        let (f, at) = (self.function, self.at);
        pci.write32(f, at + 4, message.addr as u32);
        if let Some(high) = self.control.addr_high() {
            pci.write32(f, at + high, (message.addr >> 32) as u32);
        }
        pci.write16(f, at + self.control.data(), message.data as u16);
    }

    /// Changes the message of a function that is set up: another processor or vector. A function that
    /// can mask holds its interrupts back meanwhile. For one that can't, a change of either vector or
    /// processor is a single write; only if both change is MSI off for a moment, and an interrupt of
    /// that moment may be lost: better keep the vector.
    pub fn retarget(&mut self, pci: &mut PciConfig, message: MsiMessage) {
        let (f, at) = (self.function, self.at);
        if let Some(mask) = self.control.mask() {
            let old = pci.read32(f, at + mask);
            pci.write32(f, at + mask, !0);
            self.write(pci, message);
            pci.write32(f, at + mask, old);
            return;
        }
        let same_addr = pci.read32(f, at + 4) == message.addr as u32;
        let same_data = pci.read16(f, at + self.control.data()) == message.data as u16;
        if same_addr || same_data {
            self.write(pci, message);
        } else {
            self.set_enabled(pci, false);
            self.write(pci, message);
            self.set_enabled(pci, true);
        }
    }

    /// Masks or unmasks vector `index`. False where the function can't; then the caller drops
    /// what comes.
    pub fn set_masked(&self, pci: &mut PciConfig, index: u8, masked: bool) -> bool {
        let Some(mask) = self.control.mask() else {
            return false;
        };
        let register = self.at + mask;
        let old = pci.read32(self.function, register);
        let bit = 1u32.checked_shl(index.into()).unwrap_or(0);
        let new = if masked { old | bit } else { old & !bit };
        if new != old {
            pci.write32(self.function, register, new);
        }
        true
    }

    /// Turns MSI off and lets the interrupt pin work again.
    pub fn shut_down(&mut self, pci: &mut PciConfig) {
        self.set_enabled(pci, false);
        intx_off(pci, self.function, false);
    }
}

/// A function's MSI-X capability, with its table mapped. The mapping is for good, so keep the value
/// rather than find it again for each entry.
#[derive(Clone, Copy, Debug)]
pub struct Msix {
    function: Sbdf,
    at: u16,
    entries: u16,
    table: Mmio,
    addr: MAddr,
}

impl Msix {
    /// Finds the capability and maps the table. `table_base` is what `PHYSDEVOP_map_pirq` gives, the address
    /// of the region that holds the table: it counts for virtual functions, whose own
    /// registers show none, and is ignored where the function's register has an address.
    ///
    /// # Safety
    /// `table_base` must be 0 or an address that the control domain, which is trusted with all
    /// devices, gave for this function. It must not be RAM.
    pub unsafe fn find(
        pci: &mut PciConfig,
        function: Sbdf,
        table_base: u64,
    ) -> Result<Self, MsiError> {
        let at = pci
            .capability(function, CAP_MSIX)
            .ok_or(MsiError::NotCapable)?;
        if pci.read16(function, COMMAND) & COMMAND_MEMORY == 0 && table_base == 0 {
            return Err(MsiError::MemoryOff);
        }
        let control = MsixControl(pci.read16(function, at + 2));
        let (bir, offset) = msix_location(pci.read32(function, at + 4)).ok_or(MsiError::NoTable)?;
        let base = match pci.bar(function, bir) {
            Some(Bar::Memory { addr, .. }) if addr != 0 => addr,
            _ if table_base != 0 => table_base,
            _ => return Err(MsiError::NoTable),
        };
        let addr = base.checked_add(offset.into()).ok_or(MsiError::NoTable)?;
        let addr = MAddr::new(addr);
        let len = usize::from(control.entries()) * MSIX_ENTRY;
        // SAFETY: a function's memory region, by its own register or by the trusted caller's word.
        let table = unsafe { Mmio::map(addr, len) }.ok_or(MsiError::NoTable)?;
        Ok(Self {
            function,
            at,
            entries: control.entries(),
            table,
            addr,
        })
    }

    /// Number of entries.
    pub fn entries(&self) -> u16 {
        self.entries
    }

    /// Where the table is, and its length: frames that no guest may map for writing.
    pub fn table(&self) -> (MAddr, usize) {
        (self.addr, usize::from(self.entries) * MSIX_ENTRY)
    }

    fn control(&self, pci: &mut PciConfig) -> MsixControl {
        MsixControl(pci.read16(self.function, self.at + 2))
    }

    fn set_control(&self, pci: &mut PciConfig, control: MsixControl) {
        pci.write16(self.function, self.at + 2, control.0);
    }

    fn entry(&self, entry: u16) -> Result<usize, MsiError> {
        if entry < self.entries {
            Ok(usize::from(entry) * MSIX_ENTRY)
        } else {
            Err(MsiError::NoSuchEntry { entry })
        }
    }

    /// Turns MSI-X on with every entry masked, if it isn't on, and the interrupt pin off.
    pub fn enable(&self, pci: &mut PciConfig) {
        let control = self.control(pci);
        if control.is_enabled() {
            return;
        }
        intx_off(pci, self.function, true);
        // The table can't be trusted before it was written once, and may be out of reach while off.
        self.set_control(pci, control.with(true, true));
        for entry in 0..self.entries {
            let at = usize::from(entry) * MSIX_ENTRY;
            self.table.write32(at + 12, MSIX_MASKED);
        }
        let _ = self.table.read32(12);
        self.set_control(pci, control.with(true, false));
    }

    /// Writes the message of `entry` and leaves the entry masked.
    pub fn set_up(&self, entry: u16, message: MsiMessage) -> Result<(), MsiError> {
        let at = self.entry(entry)?;
        let control = self.table.read32(at + 12);
        self.table.write32(at + 12, control | MSIX_MASKED);
        // The mask must have arrived before the message changes; reading it back sees to that.
        let _ = self.table.read32(at + 12);
        self.table.write32(at, message.addr as u32);
        self.table.write32(at + 4, (message.addr >> 32) as u32);
        self.table.write32(at + 8, message.data);
        Ok(())
    }

    /// Changes the message of `entry`, masked meanwhile; the mask then is as it was.
    pub fn retarget(&self, entry: u16, message: MsiMessage) -> Result<(), MsiError> {
        let at = self.entry(entry)?;
        let masked = self.table.read32(at + 12) & MSIX_MASKED != 0;
        self.set_up(entry, message)?;
        self.set_masked(entry, masked)
    }

    /// Masks or unmasks `entry`. Masking is complete when this returns.
    pub fn set_masked(&self, entry: u16, masked: bool) -> Result<(), MsiError> {
        let at = self.entry(entry)? + 12;
        let old = self.table.read32(at);
        let new = if masked {
            old | MSIX_MASKED
        } else {
            old & !MSIX_MASKED
        };
        if new != old {
            self.table.write32(at, new);
            if masked {
                let _ = self.table.read32(at);
            }
        }
        Ok(())
    }

    /// Turns MSI-X off and lets the interrupt pin work again.
    pub fn shut_down(&self, pci: &mut PciConfig) {
        let control = self.control(pci);
        self.set_control(pci, control.with(false, false));
        intx_off(pci, self.function, false);
    }
}
