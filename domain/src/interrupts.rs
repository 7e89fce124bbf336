//! What a domain has arranged about physical interrupts.
//!
//! The machine knows lines and messages; which of them the domain has claimed as numbers of its own is the
//! domain's business and is kept here, so that the machine need not ask who did what twice. The *EOI page*
//! (`PHYSDEVOP_pirq_eoi_gmfn_v2`) is a page of the guest with a bit for each number, set where the end
//! of an interrupt must be told; a guest that reads it saves a call for all others.

use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use units::{FrameAccess, Mfn};

use crate::machine::PciAddress;

/// Numbers that a domain may use.
pub const MAX_PIRQS: u32 = 1024;

/// A set of numbers below [`MAX_PIRQS`].
#[derive(Clone, Default)]
struct Numbers([u64; MAX_PIRQS as usize / 64]);

impl Numbers {
    fn has(&self, n: u32) -> bool {
        self.0
            .get(n as usize / 64)
            .is_some_and(|w| w >> (n % 64) & 1 != 0)
    }

    /// Changes one; true where it did change. Larger numbers are never in.
    fn put(&mut self, n: u32, present: bool) -> bool {
        let Some(word) = self.0.get_mut(n as usize / 64) else {
            return false;
        };
        let before = *word;
        *word = if present {
            before | 1 << (n % 64)
        } else {
            before & !(1 << (n % 64))
        };
        *word != before
    }
}

/// The arrangements.
#[derive(Default)]
pub struct Interrupts {
    mapped: Numbers,
    lines: Numbers,
    eoi_page: Option<Mfn>,
    /// Telling the end of an interrupt also unmasks its port (`PHYSDEVOP_pirq_eoi_gmfn_v1`).
    pub end_unmasks: bool,
    devices: Vec<PciAddress>,
}

impl Interrupts {
    /// Notes that `count` numbers from `pirq` on are mapped, or not any more; true where that is news for the first.
    pub fn set_mapped(&mut self, pirq: u32, count: u16, mapped: bool) -> bool {
        let news = self.mapped.put(pirq, mapped);
        (1..u32::from(count))
            .filter_map(|i| pirq.checked_add(i))
            .for_each(|n| {
                self.mapped.put(n, mapped);
            });
        news
    }

    /// True for a number that is mapped.
    pub fn is_mapped(&self, pirq: u32) -> bool {
        self.mapped.has(pirq)
    }

    /// Notes that a line was set up; false where it had been before.
    pub fn set_up_line(&mut self, gsi: u32) -> bool {
        self.lines.put(gsi, true)
    }

    /// Forgets that again.
    pub fn forget_line(&mut self, gsi: u32) {
        self.lines.put(gsi, false);
    }

    /// Notes a device that the domain told of, or that it went.
    pub fn set_device(&mut self, device: PciAddress, present: bool) {
        self.devices.retain(|d| *d != device);
        if present {
            self.devices.push(device);
        }
    }

    /// True for a device that the domain told of.
    pub fn has_device(&self, device: PciAddress) -> bool {
        self.devices.contains(&device)
    }

    /// Makes `frame` the EOI page, once; the caller holds it as writable.
    pub fn set_eoi_page(&mut self, frame: Mfn) -> bool {
        let free = self.eoi_page.is_none();
        if free {
            self.eoi_page = Some(frame);
        }
        free
    }

    /// The EOI page, if there is one.
    pub fn eoi_page(&self) -> Option<Mfn> {
        self.eoi_page
    }

    /// Takes the EOI page away, to be put by the caller.
    pub fn take_eoi_page(&mut self) -> Option<Mfn> {
        self.end_unmasks = false;
        self.eoi_page.take()
    }

    /// Says in the EOI page whether the end of `pirq` must be told.
    pub fn show_eoi(&self, mem: &impl FrameAccess, pirq: u32, needed: bool) {
        let Some(page) = self.eoi_page.filter(|_| pirq < MAX_PIRQS) else {
            return;
        };
        let word = mem.word(page, pirq as usize / 64);
        let bit = 1u64 << (pirq % 64);
        // Relaxed: the guest looks at the bit after an event, whose delivery orders.
        if needed {
            word.fetch_or(bit, Ordering::Relaxed);
        } else {
            word.fetch_and(!bit, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapping_is_news_once() {
        let mut i = Interrupts::default();
        assert!(i.set_mapped(20, 4, true));
        assert!(!i.set_mapped(20, 1, true));
        assert!(i.is_mapped(23) && !i.is_mapped(24));
        assert!(i.set_mapped(20, 1, false));
        assert!(!i.is_mapped(20) && i.is_mapped(21));
        assert!(!i.set_mapped(MAX_PIRQS, 1, true) && !i.is_mapped(MAX_PIRQS));
        assert!(!i.set_mapped(u32::MAX, 2, true));
    }

    #[test]
    fn lines_and_devices_are_remembered() {
        let mut i = Interrupts::default();
        assert!(i.set_up_line(9) && !i.set_up_line(9));
        i.forget_line(9);
        assert!(i.set_up_line(9));
        let device = PciAddress {
            segment: 0,
            bus: 1,
            devfn: 8,
        };
        i.set_device(device, true);
        i.set_device(device, true);
        assert!(i.has_device(device));
        i.set_device(device, false);
        assert!(!i.has_device(device));
    }
}
