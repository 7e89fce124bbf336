//! PCI configuration space as data (PCI Local Bus 3.0 ch. 6; PCI Express Base ch. 7): addresses, base
//! address registers, the capability list.
//!
//! A device's capability list is a linked list in registers that the device owns, so a broken device
//! can make it a circle. There is room for 48 capabilities in 192 bytes; the walk ends there.

/// A function's address: segment, bus, device and function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sbdf {
    /// Segment group.
    pub segment: u16,
    /// Bus.
    pub bus: u8,
    /// Device in bits 7:3, function in bits 2:0.
    pub devfn: u8,
}

impl Sbdf {
    /// Puts an address together.
    pub const fn new(segment: u16, bus: u8, devfn: u8) -> Self {
        Self {
            segment,
            bus,
            devfn,
        }
    }

    /// Device number, 0 to 31.
    pub const fn device(self) -> u8 {
        self.devfn >> 3
    }

    /// Function number, 0 to 7.
    pub const fn function(self) -> u8 {
        self.devfn & 7
    }

    /// Bus and devfn as one number, as IOMMUs name the source of a request.
    pub const fn requester_id(self) -> u16 {
        (self.bus as u16) << 8 | self.devfn as u16
    }

    /// What mechanism #1 takes in port 0xcf8 for the dword that holds `register`.
    pub const fn cf8(self, register: u8) -> u32 {
        1 << 31 | (self.requester_id() as u32) << 8 | (register & 0xfc) as u32
    }

    /// Offset of `register` (below 4096) from the start of the bus's memory-mapped space.
    pub const fn ecam_offset(self, register: u16) -> usize {
        (self.devfn as usize) << 12 | (register & 0xfff) as usize
    }
}

impl core::fmt::Debug for Sbdf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (device, function) = (self.device(), self.function());
        write!(
            f,
            "{:04x}:{:02x}:{device:02x}.{function}",
            self.segment, self.bus
        )
    }
}

impl core::fmt::Display for Sbdf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self, f)
    }
}

/// Register: vendor ID; 0xffff where there is no function.
pub const VENDOR: u16 = 0x00;
/// Register: command.
pub const COMMAND: u16 = 0x04;
/// [`COMMAND`]: answers to memory addresses.
pub const COMMAND_MEMORY: u16 = 1 << 1;
/// [`COMMAND`]: the interrupt pin is off.
pub const COMMAND_INTX_OFF: u16 = 1 << 10;
/// Register: status.
pub const STATUS: u16 = 0x06;
/// [`STATUS`]: there is a capability list.
pub const STATUS_CAPABILITIES: u16 = 1 << 4;
/// Register: header type, in bits 6:0.
pub const HEADER_TYPE: u16 = 0x0e;
/// Register: first base address register.
pub const BAR0: u16 = 0x10;
/// Register: where the capability list begins.
pub const CAPABILITIES: u16 = 0x34;

/// Capability ID of MSI.
pub const CAP_MSI: u8 = 0x05;
/// Capability ID of PCI Express.
pub const CAP_PCIE: u8 = 0x10;
/// Capability ID of MSI-X.
pub const CAP_MSIX: u8 = 0x11;

/// Offset of the capability with this ID. `read` reads a byte of the function's first 256. `None`
/// where it has none, or the list is broken.
pub fn find_capability(mut read: impl FnMut(u16) -> u8, id: u8) -> Option<u16> {
    if u16::from(read(STATUS)) & STATUS_CAPABILITIES == 0 {
        return None;
    }
    let mut at = u16::from(read(CAPABILITIES)) & 0xfc;
    for _ in 0..48 {
        if at < 0x40 {
            return None;
        }
        let this = read(at);
        if this == id {
            return Some(at);
        }
        if this == 0xff {
            return None;
        }
        at = u16::from(read(at + 1)) & 0xfc;
    }
    None
}

/// How many base address registers a header of this type has.
pub const fn bar_count(header_type: u8) -> u8 {
    match header_type & 0x7f {
        0 => 6,
        1 => 2,
        _ => 0,
    }
}

/// What a base address register says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// I/O ports from here.
    Io(u32),
    /// Memory from here.
    Memory {
        /// Address; 0 where none was assigned.
        addr: u64,
        /// The next register holds the upper half.
        wide: bool,
        /// Reading has no side effects.
        prefetchable: bool,
    },
}

impl Bar {
    /// Decodes a register; `next` is the one behind it, needed for a 64-bit address (`None`
    /// at the last register, where a 64-bit address is an error). `None` for a reserved type.
    pub const fn decode(low: u32, next: Option<u32>) -> Option<Self> {
        if low & 1 != 0 {
            return Some(Self::Io(low & !3));
        }
        let addr = (low & !0xf) as u64;
        let prefetchable = low & 8 != 0;
        match (low >> 1 & 3, next) {
            (0 | 1, _) => Some(Self::Memory {
                addr,
                wide: false,
                prefetchable,
            }),
            (2, Some(high)) => Some(Self::Memory {
                addr: addr | (high as u64) << 32,
                wide: true,
                prefetchable,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses() {
        let f = Sbdf::new(0, 3, 31 << 3 | 2);
        assert_eq!(f.cf8(0x5f), 0x8003_fa5c);
        assert_eq!(f.ecam_offset(0x100), 0xf_a100);
        assert_eq!(f.requester_id(), 0x3fa);
        assert_eq!(std::format!("{f}"), "0000:03:1f.2");
    }

    fn space(capabilities: &[(u8, u8, u8)]) -> [u8; 256] {
        let mut s = [0; 256];
        s[6] = 0x10;
        s[0x34] = capabilities.first().map_or(0, |c| c.0);
        for (at, id, next) in capabilities {
            s[usize::from(*at)] = *id;
            s[usize::from(*at) + 1] = *next;
        }
        s
    }

    #[test]
    fn capability_lists() {
        let s = space(&[(0x40, 1, 0x50), (0x50, 5, 0x70), (0x70, 0x11, 0)]);
        let find = |s: &[u8; 256], id| find_capability(|r| s[usize::from(r)], id);
        assert_eq!(find(&s, CAP_MSI), Some(0x50));
        assert_eq!(find(&s, CAP_MSIX), Some(0x70));
        assert_eq!(find(&s, CAP_PCIE), None);
        let circle = space(&[(0x40, 1, 0x50), (0x50, 9, 0x40)]);
        assert_eq!(find(&circle, CAP_MSI), None);
        let low = space(&[(0x40, 1, 0x10)]);
        assert_eq!(find(&low, 0), None);
        assert_eq!(find_capability(|_| 0xff, CAP_MSI), None);
    }

    #[test]
    fn bars() {
        assert_eq!(Bar::decode(0xc001, None), Some(Bar::Io(0xc000)));
        let narrow = Bar::Memory {
            addr: 0xfebf_0000,
            wide: false,
            prefetchable: false,
        };
        assert_eq!(Bar::decode(0xfebf_0000, Some(7)), Some(narrow));
        let wide = Bar::Memory {
            addr: 0x38_0000_0000,
            wide: true,
            prefetchable: true,
        };
        assert_eq!(Bar::decode(0xc, Some(0x38)), Some(wide));
        assert_eq!(Bar::decode(0xc, None), None);
        assert_eq!(Bar::decode(6, Some(0)), None);
    }

    proptest! {
        #[test]
        fn any_space_ends(bytes in prop::collection::vec(any::<u8>(), 256), id: u8) {
            if let Some(at) = find_capability(|r| bytes[usize::from(r)], id) {
                prop_assert!(at >= 0x40 && at % 4 == 0 && bytes[usize::from(at)] == id);
            }
        }
    }
}
