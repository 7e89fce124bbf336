//! Page-table entries of 4-level long-mode paging (Intel SDM vol. 3, 4.5; AMD APM vol. 2, 5.3).
//!
//! An entry is a frame number in bits 12..52 with flags on both sides. Which flags mean something,
//! and whether an entry is a leaf, depends on the level it sits at; the functions that depend on it
//! take a [`Level`].

use units::{MAddr, Mfn};

/// Entries in a table.
pub const ENTRIES: usize = 512;

/// One of the four levels of tables. [`Level::L4`] is what CR3 names, [`Level::L1`] maps 4 KiB pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Page table.
    L1 = 1,
    /// Page directory.
    L2 = 2,
    /// Page directory pointer table.
    L3 = 3,
    /// Page map level 4.
    L4 = 4,
}

impl Level {
    /// The level with this number, `1..=4`.
    pub const fn new(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::L1),
            2 => Some(Self::L2),
            3 => Some(Self::L3),
            4 => Some(Self::L4),
            _ => None,
        }
    }

    /// Its number, `1..=4`.
    #[inline(always)]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The level that non-leaf entries of this one point to.
    #[inline(always)]
    pub const fn below(self) -> Option<Self> {
        match self {
            Self::L1 => None,
            Self::L2 => Some(Self::L1),
            Self::L3 => Some(Self::L2),
            Self::L4 => Some(Self::L3),
        }
    }

    /// Bit of a virtual address at which this level's index begins: 12, 21, 30 or 39.
    #[inline(always)]
    pub const fn shift(self) -> u32 {
        3 + 9 * self as u32
    }

    /// Index, `0..512`, of the entry that translates `va` in a table of this level.
    #[inline(always)]
    pub const fn index(self, va: u64) -> usize {
        (va >> self.shift()) as usize & (ENTRIES - 1)
    }

    /// Bytes that one entry of this level maps.
    #[inline(always)]
    pub const fn span(self) -> u64 {
        1 << self.shift()
    }
}

/// True where bits 47..64 of `va` are equal, which the processor demands of every address.
#[inline(always)]
pub const fn canonical(va: u64) -> bool {
    ((va as i64) << 16 >> 16) as u64 == va
}

/// A page-table entry. Any value is legal; guests write arbitrary ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct Pte(pub u64);

impl Pte {
    /// The entry that maps nothing.
    pub const EMPTY: Self = Self(0);

    /// Present.
    pub const P: u64 = 1 << 0;
    /// Writable.
    pub const RW: u64 = 1 << 1;
    /// Reachable from ring 3.
    pub const US: u64 = 1 << 2;
    /// Low bit of the PAT index.
    pub const PWT: u64 = 1 << 3;
    /// Middle bit of the PAT index.
    pub const PCD: u64 = 1 << 4;
    /// Accessed, set by the processor.
    pub const A: u64 = 1 << 5;
    /// Dirty, set by the processor in leaves.
    pub const D: u64 = 1 << 6;
    /// Leaf, at levels 2 and 3.
    pub const PSE: u64 = 1 << 7;
    /// High bit of the PAT index at level 1.
    pub const PAT: u64 = 1 << 7;
    /// Survives a CR3 load.
    pub const G: u64 = 1 << 8;
    /// Low bits that the processor ignores.
    pub const AVAIL: u64 = 0b111 << 9;
    /// High bit of the PAT index in large leaves.
    pub const PAT_LARGE: u64 = 1 << 12;
    /// High bits that the processor ignores (the top four are protection keys where enabled).
    pub const AVAIL_HIGH: u64 = 0x7ff << 52;
    /// Software bit: the guest left US clear and the hypervisor set it.
    pub const GUEST_KERNEL: u64 = 1 << 52;
    /// No instruction fetch.
    pub const NX: u64 = 1 << 63;
    /// Frame number bits of a table pointer or 4 KiB leaf.
    pub const FRAME: u64 = 0x000f_ffff_ffff_f000;

    /// An entry for `frame`. Frame numbers of 2^40 and above lose their high bits.
    #[inline(always)]
    pub const fn new(frame: Mfn, flags: u64) -> Self {
        Self((frame.get() << 12) & Self::FRAME | flags)
    }

    /// True where every bit of `flags` is set.
    #[inline(always)]
    pub const fn has(self, flags: u64) -> bool {
        self.0 & flags == flags
    }

    /// True where the entry maps something.
    #[inline(always)]
    pub const fn present(self) -> bool {
        self.has(Self::P)
    }

    /// True where the entry allows writes (if every level above does too).
    #[inline(always)]
    pub const fn writable(self) -> bool {
        self.has(Self::RW)
    }

    /// The frame of a table pointer or 4 KiB leaf.
    #[inline(always)]
    pub const fn frame(self) -> Mfn {
        Mfn::new((self.0 & Self::FRAME) >> 12)
    }

    /// The first machine address that a leaf at `level` maps.
    #[inline(always)]
    pub const fn leaf_addr(self, level: Level) -> MAddr {
        MAddr::new(self.0 & Self::FRAME & !(level.span() - 1))
    }

    /// Everything but the frame number.
    #[inline(always)]
    pub const fn flags(self) -> u64 {
        self.0 & !Self::FRAME
    }

    /// True for a present entry that ends the walk at `level`.
    #[inline(always)]
    pub const fn leaf(self, level: Level) -> bool {
        match level {
            Level::L1 => self.present(),
            Level::L2 | Level::L3 => self.has(Self::P | Self::PSE),
            Level::L4 => false,
        }
    }

    /// Bits that a PV guest may set in a present L1 entry on a processor with `maxphyaddr` physical
    /// address bits and, if `nx`, execute-disable.
    pub const fn guest_bits(maxphyaddr: u32, nx: bool) -> u64 {
        let flags = Self::P | Self::RW | Self::US | Self::PWT | Self::PCD | Self::A | Self::D;
        let soft = Self::AVAIL | Self::AVAIL_HIGH;
        let all = flags | soft | Self::PAT | Self::NX | Self::FRAME;
        all & !Self(0).reserved(Level::L1, maxphyaddr, nx)
    }

    /// Bits that must be zero in a present entry at `level` on a processor with `maxphyaddr`
    /// physical address bits (CPUID 8000_0008h EAX[7:0]) and, if `!nx`, no execute-disable.
    pub const fn reserved(self, level: Level, maxphyaddr: u32, nx: bool) -> u64 {
        let width = if maxphyaddr > 52 { 52 } else { maxphyaddr };
        let mut mask = Self::FRAME & !((1u64 << width) - 1);
        if !nx {
            mask |= Self::NX;
        }
        match level {
            Level::L4 => mask |= Self::PSE,
            Level::L2 | Level::L3 if self.has(Self::PSE) => {
                mask |= (level.span() - 1) & Self::FRAME & !Self::PAT_LARGE;
            }
            _ => {}
        }
        mask
    }
}

impl core::fmt::Debug for Pte {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Pte({:#x})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_compose_the_address() {
        let va = 0xffff_8123_4567_89ab;
        let rebuilt = [Level::L4, Level::L3, Level::L2, Level::L1]
            .iter()
            .fold(0u64, |acc, l| acc | (l.index(va) as u64) << l.shift());
        assert_eq!(rebuilt | 0xffff_0000_0000_0000 | va & 0xfff, va);
        assert_eq!(Level::L2.span(), 2 << 20);
    }

    #[test]
    fn canonical_is_sign_extension() {
        assert!(canonical(0) && canonical(0x7fff_ffff_ffff) && canonical(u64::MAX));
        assert!(canonical(0xffff_8000_0000_0000));
        assert!(!canonical(0x8000_0000_0000) && !canonical(0xffff_7fff_ffff_ffff));
    }

    #[test]
    fn frames_and_flags_split() {
        let pte = Pte::new(Mfn::new(0x12345), Pte::P | Pte::RW | Pte::NX);
        assert_eq!(pte.frame(), Mfn::new(0x12345));
        assert_eq!(pte.flags(), Pte::P | Pte::RW | Pte::NX);
        assert_eq!(Pte::new(Mfn::INVALID, 0).0, Pte::FRAME);
        let large = Pte(0x1234_5600_0000 | Pte::P | Pte::PSE | Pte::PAT_LARGE);
        assert_eq!(large.leaf_addr(Level::L2).get(), 0x1234_5600_0000);
        assert!(large.leaf(Level::L2) && large.leaf(Level::L3) && !large.leaf(Level::L4));
    }

    #[test]
    fn reserved_bits_follow_level_and_width() {
        let small = Pte(Pte::P);
        assert_eq!(small.reserved(Level::L1, 52, true), 0);
        assert_eq!(small.reserved(Level::L1, 40, false), Pte::NX | 0xfff << 40);
        assert_eq!(small.reserved(Level::L4, 52, true), Pte::PSE);
        let large = Pte(Pte::P | Pte::PSE);
        assert_eq!(large.reserved(Level::L2, 52, true), 0x1f_e000);
    }
}
