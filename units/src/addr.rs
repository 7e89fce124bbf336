//! Frame numbers and addresses as distinct types.

use core::fmt;

/// log2 of the size of a base page.
pub const PAGE_SHIFT: u32 = 12;
/// Bytes in a base page.
pub const PAGE_SIZE: usize = 1 << PAGE_SHIFT;

macro_rules! frame_number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The all-ones number that the Xen ABI uses for "no frame" (`INVALID_MFN` and kin).
            pub const INVALID: Self = Self(u64::MAX);

            /// Wraps a raw frame number. Any value is legal: guests hand us arbitrary ones.
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The raw frame number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The number as an index into a table with one entry a frame.
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The frame `count` frames higher, or `None` where the number would wrap.
            pub const fn checked_add(self, count: u64) -> Option<Self> {
                match self.0.checked_add(count) {
                    Some(n) => Some(Self(n)),
                    None => None,
                }
            }

            /// The frame `count` frames higher, saturating at [`Self::INVALID`].
            pub const fn add(self, count: u64) -> Self {
                Self(self.0.saturating_add(count))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:#x})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:#x}", self.0)
            }
        }
    };
}

frame_number!(
    /// A machine frame number: a 4 KiB page of the real machine.
    Mfn
);
frame_number!(
    /// A guest frame number as handed to a hypercall. For a PV domain it is an unchecked [`Mfn`];
    /// for a translated domain it is an index into its p2m.
    Gfn
);
frame_number!(
    /// A pseudo-physical frame number: a PV domain's own dense numbering of its memory.
    Pfn
);

impl Mfn {
    /// The machine address of byte 0 of this frame. Frames above 2^52 lose their high bits.
    pub const fn addr(self) -> MAddr {
        MAddr(self.0 << PAGE_SHIFT)
    }
}

impl Gfn {
    /// A PV domain names machine frames directly.
    pub const fn as_mfn(self) -> Mfn {
        Mfn(self.0)
    }
}

/// A machine (physical) address, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct MAddr(u64);

impl MAddr {
    /// Wraps a raw machine address.
    pub const fn new(addr: u64) -> Self {
        Self(addr)
    }

    /// The raw machine address.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The frame that holds this address.
    pub const fn mfn(self) -> Mfn {
        Mfn(self.0 >> PAGE_SHIFT)
    }

    /// The offset of this address in its frame, `0..4096`.
    pub const fn offset(self) -> usize {
        (self.0 & (PAGE_SIZE as u64 - 1)) as usize
    }
}

impl fmt::Debug for MAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MAddr({:#x})", self.0)
    }
}

impl fmt::Display for MAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// A virtual address that a guest claims to own. It is an allegation: only
/// [`GuestMemory`](crate::GuestMemory) turns it into bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct GuestAddr(u64);

impl GuestAddr {
    /// The null pointer, which many calls accept as "absent".
    pub const NULL: Self = Self(0);

    /// Wraps a raw guest virtual address.
    pub const fn new(addr: u64) -> Self {
        Self(addr)
    }

    /// The raw guest virtual address.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// True for the null pointer.
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The address `bytes` higher, wrapping; a wrapped address fails when it is accessed.
    pub const fn offset(self, bytes: u64) -> Self {
        Self(self.0.wrapping_add(bytes))
    }
}

impl fmt::Debug for GuestAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuestAddr({:#x})", self.0)
    }
}

/// log2 of a number of contiguous frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Order(u8);

impl Order {
    /// One frame.
    pub const PAGE: Self = Self(0);
    /// 512 frames, 2 MiB.
    pub const SUPER_2M: Self = Self(9);
    /// 262,144 frames, 1 GiB.
    pub const SUPER_1G: Self = Self(18);

    /// Wraps an exponent; `None` above 52, where frame numbers end.
    pub const fn new(order: u32) -> Option<Self> {
        if order <= 52 {
            Some(Self(order as u8))
        } else {
            None
        }
    }

    /// The exponent.
    pub const fn get(self) -> u32 {
        self.0 as u32
    }

    /// The number of frames, `2^order`.
    pub const fn frames(self) -> u64 {
        1 << self.0
    }

    /// The smallest order that holds `frames` frames.
    pub const fn holding(frames: u64) -> Self {
        Self(if frames <= 1 {
            0
        } else {
            (64 - (frames - 1).leading_zeros()) as u8
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_holding_is_the_least_that_fits() {
        for frames in 1..5000u64 {
            let order = Order::holding(frames);
            assert!(order.frames() >= frames);
            assert!(order.get() == 0 || order.frames() / 2 < frames);
        }
    }

    #[test]
    fn addresses_split_into_frame_and_offset() {
        let a = MAddr::new(0x1234_5678);
        assert_eq!(a.mfn(), Mfn::new(0x12345));
        assert_eq!(a.offset(), 0x678);
        assert_eq!(a.mfn().addr().get() + a.offset() as u64, a.get());
        assert_eq!(Mfn::INVALID.checked_add(1), None);
    }
}
