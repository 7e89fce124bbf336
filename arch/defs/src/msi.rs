//! Message-signalled interrupts: the message (Intel SDM vol. 3 §11.11), and the layouts of the two
//! capabilities that hold it (PCI Local Bus 3.0 §6.8).
//!
//! A device interrupts by writing 32 bits of data to an address that the processors' interrupt
//! logic claims. MSI keeps one such message in configuration space, with optional mask bits; MSI-X
//! keeps a table of them in device memory.

use crate::apic::Delivery;

/// What the device writes, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsiMessage {
    /// Address.
    pub addr: u64,
    /// Data.
    pub data: u32,
}

impl MsiMessage {
    /// An edge-triggered fixed interrupt with `vector` at the processor with APIC ID `dest`. `None`
    /// for IDs above 255, which a message can't name without interrupt remapping.
    pub const fn new(vector: u8, dest: u32) -> Option<Self> {
        if dest > 0xff {
            return None;
        }
        const ASSERT: u32 = 1 << 14;
        Some(Self {
            addr: 0xfee0_0000 | (dest as u64) << 12,
            data: ASSERT | (Delivery::Fixed as u32) << 8 | vector as u32,
        })
    }

    /// The vector.
    pub const fn vector(&self) -> u8 {
        self.data as u8
    }

    /// The APIC ID.
    pub const fn dest(&self) -> u8 {
        (self.addr >> 12) as u8
    }
}

/// The MSI capability's message control register, at offset 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsiControl(pub u16);

impl MsiControl {
    /// MSI is on.
    pub const ENABLE: u16 = 1;

    /// log2 of the number of vectors that the function asks for, 0 to 5.
    pub const fn capable(self) -> u8 {
        let n = (self.0 >> 1 & 7) as u8;
        if n > 5 { 5 } else { n }
    }

    /// The register with MSI on or off.
    pub const fn enabled(self, on: bool) -> Self {
        Self(self.0 & !Self::ENABLE | on as u16)
    }

    /// The register with `1 << log2` vectors allotted.
    pub const fn allotted(self, log2: u8) -> Self {
        Self(self.0 & !(7 << 4) | (log2 as u16 & 7) << 4)
    }

    const fn wide(self) -> bool {
        self.0 & 1 << 7 != 0
    }

    /// Offset of the address's upper half, if it has one.
    pub const fn addr_high(self) -> Option<u16> {
        if self.wide() { Some(8) } else { None }
    }

    /// Offset of the data.
    pub const fn data(self) -> u16 {
        if self.wide() { 12 } else { 8 }
    }

    /// Offset of the mask bits, one a vector, if it has them.
    pub const fn mask(self) -> Option<u16> {
        match (self.0 & 1 << 8 != 0, self.wide()) {
            (false, _) => None,
            (true, true) => Some(16),
            (true, false) => Some(12),
        }
    }
}

/// The MSI-X capability's message control register, at offset 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsixControl(pub u16);

impl MsixControl {
    /// MSI-X is on.
    pub const ENABLE: u16 = 1 << 15;
    /// All entries are masked.
    pub const MASK_ALL: u16 = 1 << 14;

    /// Number of table entries, 1 to 2048.
    pub const fn entries(self) -> u16 {
        (self.0 & 0x7ff) + 1
    }

    /// MSI-X is on.
    pub const fn is_enabled(self) -> bool {
        self.0 & Self::ENABLE != 0
    }

    /// The register with these two bits.
    pub const fn with(self, enable: bool, mask_all: bool) -> Self {
        let mut bits = self.0 & !(Self::ENABLE | Self::MASK_ALL);
        if enable {
            bits |= Self::ENABLE;
        }
        if mask_all {
            bits |= Self::MASK_ALL;
        }
        Self(bits)
    }
}

/// Bytes of an MSI-X table entry: address low, address high, data, vector control.
pub const MSIX_ENTRY: usize = 16;
/// MSI-X vector control: masked.
pub const MSIX_MASKED: u32 = 1;

/// The MSI-X table or pending-bits register: which base address register (0 to 5), and the offset
/// in what it maps. `None` for a register number that doesn't exist.
pub const fn msix_location(register: u32) -> Option<(u8, u32)> {
    let bir = (register & 7) as u8;
    if bir > 5 {
        return None;
    }
    Some((bir, register & !7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_match_the_manual() {
        let m = MsiMessage::new(0x51, 3).unwrap();
        assert_eq!((m.addr, m.data), (0xfee0_3000, 0x4051));
        assert_eq!((m.vector(), m.dest()), (0x51, 3));
        assert_eq!(MsiMessage::new(0xef, 255).unwrap().addr, 0xfeef_f000);
        assert_eq!(MsiMessage::new(0x51, 256), None);
    }

    #[test]
    fn msi_layouts() {
        let narrow = MsiControl(0);
        assert_eq!(
            (narrow.data(), narrow.addr_high(), narrow.mask()),
            (8, None, None)
        );
        let narrow_masked = MsiControl(1 << 8);
        assert_eq!(narrow_masked.mask(), Some(12));
        let full = MsiControl(1 << 7 | 1 << 8 | 3 << 1);
        assert_eq!(
            (full.data(), full.addr_high(), full.mask()),
            (12, Some(8), Some(16))
        );
        assert_eq!(full.capable(), 3);
        assert_eq!(full.allotted(2).enabled(true).0, full.0 | 2 << 4 | 1);
        assert_eq!(MsiControl(0xffff).capable(), 5);
    }

    #[test]
    fn msix_control() {
        let c = MsixControl(0x0002);
        assert_eq!(c.entries(), 3);
        assert_eq!(MsixControl(0xffff).entries(), 2048);
        assert_eq!(c.with(true, true).0, 0xc002);
        assert!(c.with(true, false).is_enabled());
        assert_eq!(MsixControl(0xc002).with(false, false), c);
        assert_eq!(msix_location(0x2003), Some((3, 0x2000)));
        assert_eq!(msix_location(6), None);
    }
}
