//! PCI configuration space, by ports and by memory.
//!
//! Mechanism #1 is an address port and a data port: two accesses that belong together, which reach the
//! first 256 bytes of segment 0's functions. ECAM maps all 4096 bytes of every function of a range of
//! buses to memory. We use ports where they reach, because ECAM regions come from a table that may
//! be wrong, and every machine agrees on the ports. All methods take `&mut self`; the one lock around
//! [`PciConfig`] must also be held when an access of dom0 to 0xcf8 and 0xcfc is carried out for it.

extern crate alloc;

use alloc::vec;
use alloc::vec::Vec;
use arch_defs::acpi::Mcfg;
use arch_defs::pci::{BAR0, Bar, HEADER_TYPE, Sbdf, VENDOR, bar_count, find_capability};
use units::MAddr;

use super::io::{self, Mmio};

const ADDRESS: u16 = 0xcf8;
const DATA: u16 = 0xcfc;
/// Bytes of configuration space of a bus.
const BUS_SIZE: u64 = 1 << 20;

/// A bus's memory-mapped space, mapped when first used.
#[derive(Clone, Copy, Debug)]
enum Bus {
    Untouched,
    Mapped(Mmio),
    Unmappable,
}

#[derive(Debug)]
struct Region {
    at: Mcfg,
    buses: Vec<Bus>,
}

/// Access to every function's configuration space.
#[derive(Debug)]
pub struct PciConfig {
    regions: Vec<Region>,
}

impl PciConfig {
    /// Configuration space through the ports only.
    ///
    /// # Safety
    /// Nobody else may use ports 0xcf8 to 0xcff while a method runs.
    pub const unsafe fn new() -> Self {
        Self {
            regions: Vec::new(),
        }
    }

    /// Adds an ECAM region.
    ///
    /// # Safety
    /// `region` must be this machine's, from its MCFG table or from dom0
    /// (`PHYSDEVOP_pci_mmcfg_reserved`), and not RAM.
    pub unsafe fn add_region(&mut self, region: Mcfg) {
        let buses =
            usize::from(region.last_bus) - usize::from(region.first_bus.min(region.last_bus));
        self.regions.push(Region {
            at: region,
            buses: vec![Bus::Untouched; buses + 1],
        });
    }

    /// The ECAM regions.
    pub fn regions(&self) -> impl Iterator<Item = &Mcfg> {
        self.regions.iter().map(|r| &r.at)
    }

    fn ecam(&mut self, f: Sbdf) -> Option<Mmio> {
        let (at, slot) = self.regions.iter_mut().find_map(|r| {
            let same = r.at.segment == f.segment;
            let index = usize::from(f.bus.checked_sub(r.at.first_bus)?);
            Some((r.at, r.buses.get_mut(index).filter(|_| same)?))
        })?;
        if matches!(slot, Bus::Untouched) {
            let addr = at.base.get().checked_add(u64::from(f.bus) * BUS_SIZE)?;
            // SAFETY: `add_region`'s caller vouched for the region.
            let mapped = unsafe { Mmio::map(MAddr::new(addr), BUS_SIZE as usize) };
            *slot = mapped.map_or(Bus::Unmappable, Bus::Mapped);
        }
        match slot {
            Bus::Mapped(regs) => Some(*regs),
            _ => None,
        }
    }

    fn ports_reach(f: Sbdf, register: u16) -> bool {
        f.segment == 0 && register < 0x100
    }

    /// Reads a byte; all ones where nothing answers.
    pub fn read8(&mut self, f: Sbdf, register: u16) -> u8 {
        if Self::ports_reach(f, register) {
            return self.ports_read(f.cf8(register as u8), register as u8 & 3, 1) as u8;
        }
        self.ecam(f)
            .map_or(!0, |m| m.read8(f.ecam_offset(register)))
    }

    /// Reads 16 bits at an even register.
    pub fn read16(&mut self, f: Sbdf, register: u16) -> u16 {
        if Self::ports_reach(f, register) {
            return self.ports_read(f.cf8(register as u8), register as u8 & 2, 2) as u16;
        }
        self.ecam(f)
            .map_or(!0, |m| m.read16(f.ecam_offset(register)))
    }

    /// Reads 32 bits at a register that is a multiple of 4.
    pub fn read32(&mut self, f: Sbdf, register: u16) -> u32 {
        if Self::ports_reach(f, register) {
            return self.ports_read(f.cf8(register as u8), 0, 4);
        }
        self.ecam(f)
            .map_or(!0, |m| m.read32(f.ecam_offset(register)))
    }

    /// Writes a byte.
    pub fn write8(&mut self, f: Sbdf, register: u16, value: u8) {
        if Self::ports_reach(f, register) {
            self.ports_write(f.cf8(register as u8), register as u8 & 3, 1, value.into());
        } else if let Some(m) = self.ecam(f) {
            m.write8(f.ecam_offset(register), value);
        }
    }

    /// Writes 16 bits at an even register.
    pub fn write16(&mut self, f: Sbdf, register: u16, value: u16) {
        if Self::ports_reach(f, register) {
            self.ports_write(f.cf8(register as u8), register as u8 & 2, 2, value.into());
        } else if let Some(m) = self.ecam(f) {
            m.write16(f.ecam_offset(register), value);
        }
    }

    /// Writes 32 bits at a register that is a multiple of 4.
    pub fn write32(&mut self, f: Sbdf, register: u16, value: u32) {
        if Self::ports_reach(f, register) {
            self.ports_write(f.cf8(register as u8), 0, 4, value);
        } else if let Some(m) = self.ecam(f) {
            m.write32(f.ecam_offset(register), value);
        }
    }

    /// Carries out a read of `size` (1, 2 or 4) bytes at port `0xcfc + offset` with `address` in
    /// port 0xcf8, as dom0 might. Sizes and offsets that don't fit the dword give all ones.
    pub fn ports_read(&mut self, address: u32, offset: u8, size: u8) -> u32 {
        let port = DATA + u16::from(offset & 3);
        // SAFETY: `new`'s caller gave us the ports. Reading configuration space has no effect on memory.
        unsafe {
            io::out32(ADDRESS, address);
            match (size, offset) {
                (1, 0..4) => io::in8(port).into(),
                (2, 0 | 2) => io::in16(port).into(),
                (4, 0) => io::in32(port),
                _ => !0,
            }
        }
    }

    /// As [`Self::ports_read`], a write. Sizes and offsets that don't fit the dword are dropped. The
    /// caller answers for what the register does.
    pub fn ports_write(&mut self, address: u32, offset: u8, size: u8, value: u32) {
        let port = DATA + u16::from(offset & 3);
        // SAFETY: `new`'s caller gave us the ports. Which registers may be written is policy of those
        // who hold `&mut self`; devices reach memory only as far as the IOMMU or trust in dom0 allows.
        unsafe {
            io::out32(ADDRESS, address);
            match (size, offset) {
                (1, 0..4) => io::out8(port, value as u8),
                (2, 0 | 2) => io::out16(port, value as u16),
                (4, 0) => io::out32(port, value),
                _ => {}
            }
        }
    }

    /// Whether a function answers.
    pub fn exists(&mut self, f: Sbdf) -> bool {
        !matches!(self.read16(f, VENDOR), 0 | 0xffff)
    }

    /// Offset of the capability with this ID.
    pub fn capability(&mut self, f: Sbdf, id: u8) -> Option<u16> {
        find_capability(|register| self.read8(f, register), id)
    }

    /// Base address register `index`. `None` where the header has none of that number, or it makes no
    /// sense.
    pub fn bar(&mut self, f: Sbdf, index: u8) -> Option<Bar> {
        let count = bar_count(self.read8(f, HEADER_TYPE));
        if index >= count {
            return None;
        }
        let register = BAR0 + 4 * u16::from(index);
        let low = self.read32(f, register);
        let next = (index + 1 < count).then(|| self.read32(f, register + 4));
        Bar::decode(low, next)
    }
}
