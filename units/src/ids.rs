//! Identifiers of domains, virtual and physical processors.

use core::fmt;

/// A domain identifier as the Xen ABI has it (`domid_t`). Values from `0x7ff0` are reserved
/// names, not domains (`xen.h`, `DOMID_*`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct DomId(pub u16);

impl DomId {
    /// The control domain.
    pub const DOM0: Self = Self(0);
    /// First of the reserved identifiers; real domains are below.
    pub const FIRST_RESERVED: Self = Self(0x7ff0);
    /// "The calling domain."
    pub const SELF: Self = Self(0x7ff0);
    /// "I/O memory and other frames nobody owns."
    pub const IO: Self = Self(0x7ff1);
    /// "The hypervisor itself."
    pub const XEN: Self = Self(0x7ff2);
    /// Owner of copy-on-write frames.
    pub const COW: Self = Self(0x7ff3);
    /// "No domain."
    pub const INVALID: Self = Self(0x7ff4);
    /// Pseudo-domain that the idle vCPUs belong to.
    pub const IDLE: Self = Self(0x7fff);

    /// True for a number that can name a real domain.
    pub const fn is_real(self) -> bool {
        self.0 < Self::FIRST_RESERVED.0
    }
}

impl fmt::Debug for DomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SELF => f.write_str("d[SELF]"),
            Self::IO => f.write_str("d[IO]"),
            Self::XEN => f.write_str("d[XEN]"),
            Self::IDLE => f.write_str("d[IDLE]"),
            _ => write!(f, "d{}", self.0),
        }
    }
}

impl fmt::Display for DomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Index of a virtual CPU in its domain, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct VcpuId(pub u32);

impl fmt::Debug for VcpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl fmt::Display for VcpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Most physical processors that one hypervisor drives.
pub const MAX_CPUS: usize = 256;

/// Logical number of a physical processor, dense from 0 in the order of bring-up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct CpuId(pub u32);

impl fmt::Debug for CpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CPU{}", self.0)
    }
}

impl fmt::Display for CpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A set of physical processors.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct CpuMask([u64; MAX_CPUS / 64]);

impl CpuMask {
    /// No processor.
    pub const EMPTY: Self = Self([0; MAX_CPUS / 64]);
    /// Every processor number below [`MAX_CPUS`].
    pub const ALL: Self = Self([u64::MAX; MAX_CPUS / 64]);

    /// The set that holds one processor.
    pub fn of(cpu: CpuId) -> Self {
        let mut mask = Self::EMPTY;
        mask.set(cpu);
        mask
    }

    /// Adds a processor; numbers of [`MAX_CPUS`] and above are ignored.
    pub fn set(&mut self, cpu: CpuId) {
        if let Some(word) = self.0.get_mut(cpu.0 as usize / 64) {
            *word |= 1 << (cpu.0 % 64);
        }
    }

    /// Removes a processor.
    pub fn clear(&mut self, cpu: CpuId) {
        if let Some(word) = self.0.get_mut(cpu.0 as usize / 64) {
            *word &= !(1 << (cpu.0 % 64));
        }
    }

    /// True where the set holds `cpu`.
    pub fn contains(&self, cpu: CpuId) -> bool {
        self.0
            .get(cpu.0 as usize / 64)
            .is_some_and(|w| w >> (cpu.0 % 64) & 1 != 0)
    }

    /// True for the empty set.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|w| *w == 0)
    }

    /// How many processors the set holds.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|w| w.count_ones()).sum()
    }

    /// The processors in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut out = *self;
        out.0
            .iter_mut()
            .zip(other.0.iter())
            .for_each(|(a, b)| *a &= b);
        out
    }

    /// The processors in either set.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut out = *self;
        out.0
            .iter_mut()
            .zip(other.0.iter())
            .for_each(|(a, b)| *a |= b);
        out
    }

    /// The processors of the set in rising order.
    pub fn iter(&self) -> impl Iterator<Item = CpuId> + '_ {
        self.0.iter().enumerate().flat_map(|(i, word)| {
            let mut rest = *word;
            core::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                Some(CpuId(i as u32 * 64 + bit))
            })
        })
    }
}

impl fmt::Debug for CpuMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|c| c.0)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mask_holds_what_was_set_in_order() {
        let mut mask = CpuMask::EMPTY;
        for cpu in [255, 3, 64, 0, 999] {
            mask.set(CpuId(cpu));
        }
        assert!(mask.iter().map(|c| c.0).eq([0, 3, 64, 255]));
        mask.clear(CpuId(64));
        assert_eq!(mask.count(), 3);
        assert!(
            !mask.contains(CpuId(64)) && mask.contains(CpuId(255)) && !mask.contains(CpuId(999))
        );
        assert!(mask.and(&CpuMask::of(CpuId(4))).is_empty());
    }
}
