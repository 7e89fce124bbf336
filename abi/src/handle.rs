//! Guest handles: addresses that a guest put into a structure.

use core::fmt;
use core::marker::PhantomData;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A guest's address of a `T` or of an array of `T` (`XEN_GUEST_HANDLE` in `xen.h`).
///
/// It is an allegation: virtual for PV callers and for HVM callers alike, unaligned at will,
/// possibly null. Nothing but the guest-copy seam may follow it.
#[repr(transparent)]
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Handle<T>(u64, PhantomData<T>);

impl<T> Handle<T> {
    /// The handle that names nothing.
    pub const NULL: Self = Self::new(0);

    /// A handle for the guest address `addr`.
    pub const fn new(addr: u64) -> Self {
        Self(addr, PhantomData)
    }

    /// The guest address, in bytes.
    #[inline]
    pub const fn addr(self) -> u64 {
        self.0
    }

    /// Whether the guest passed a null pointer, which many calls give a meaning of its own.
    #[inline]
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The handle of element `index` of the array, or `None` where the address would wrap.
    #[inline]
    pub fn element(self, index: u64) -> Option<Self> {
        let bytes = index.checked_mul(u64::try_from(size_of::<T>()).ok()?)?;
        self.0.checked_add(bytes).map(Self::new)
    }

    /// The same address, taken to name a `U`.
    #[inline]
    pub const fn cast<U>(self) -> Handle<U> {
        Handle::new(self.0)
    }
}

impl<T> Clone for Handle<T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Handle<T> {}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_spaced_by_their_size() {
        assert_eq!(
            Handle::<u32>::new(0x1000).element(3).map(Handle::addr),
            Some(0x100c)
        );
    }

    #[test]
    fn an_element_beyond_the_address_space_is_refused() {
        assert_eq!(Handle::<u64>::new(u64::MAX - 8).element(2), None);
        assert_eq!(Handle::<u64>::new(0).element(u64::MAX / 4), None);
    }

    #[test]
    fn only_address_zero_is_null() {
        assert!(Handle::<u8>::NULL.is_null());
        assert!(!Handle::<u8>::new(1).is_null());
    }
}
