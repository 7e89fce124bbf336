//! Variables that the kernel shares with its own trap handlers.
//!
//! There is one vcpu and no preemption but traps, so a volatile access is all the synchronization there is. Values
//! go in and out by copy: no reference into a cell ever exists for a trap to invalidate.

use core::cell::UnsafeCell;

pub struct Global<T>(UnsafeCell<T>);

// SAFETY: the guest runs one vcpu; see the module's text.
unsafe impl<T> Sync for Global<T> {}

impl<T> Global<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// The address, for the hypervisor or for assembly.
    pub const fn addr(&self) -> *mut T {
        self.0.get()
    }
}

impl<T: Copy> Global<T> {
    #[inline(always)]
    pub fn get(&self) -> T {
        // SAFETY: the cell is valid and no reference to its inside exists.
        unsafe { self.0.get().read_volatile() }
    }

    #[inline(always)]
    pub fn set(&self, value: T) {
        // SAFETY: as in `get`.
        unsafe { self.0.get().write_volatile(value) }
    }
}

impl Global<u64> {
    pub fn bump(&self) {
        self.set(self.get() + 1);
    }
}
