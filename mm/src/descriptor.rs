//! Descriptor tables of guests.
//!
//! A guest's GDT and LDT frames are mapped for the processor as they are, so each descriptor in them
//! must be one that ring 3 may use: code and data for ring 3, or nothing. A TSS, LDT or interrupt
//! gate would let the guest redirect the processor's own machinery, and a call gate could lead to the
//! hypervisor's code segment (Intel SDM vol. 3, 3.4.5 and 5.8.3).

use core::sync::atomic::Ordering;

use arch_defs::layout::{RESERVED_GDT_PAGE, selector};
use arch_defs::pte::ENTRIES;
use units::{FrameAccess, MAddr, Mfn, TlbFlush};

use crate::error::MmError;
use crate::frame::FrameType;
use crate::space::{Mmu, Space};

const ACCESSED: u64 = 1 << 40;
const SEGMENT: u64 = 1 << 44;
const DPL: u64 = 3 << 45;
const PRESENT: u64 = 1 << 47;

/// Checks a descriptor that a guest wants in its GDT or LDT, and answers what to store: code and data
/// get privilege level 3 and the accessed bit (the processor can't set it, the tables being
/// read-only).
pub fn check_descriptor(descriptor: u64) -> Result<u64, MmError> {
    if descriptor & PRESENT == 0 {
        return Ok(descriptor);
    }
    if descriptor & SEGMENT != 0 {
        return Ok(descriptor | DPL | ACCESSED);
    }
    match descriptor >> 40 & 0xf {
        // Never usable by itself; it is the second half of a call gate.
        0 => Ok(descriptor),
        0xc if descriptor >> 32 & 0xff != 0 => Err(MmError::BadDescriptor),
        0xc if gate_target_ok((descriptor >> 16) as u16) => Ok(descriptor | DPL),
        0xc => Err(MmError::CallGate),
        _ => Err(MmError::BadDescriptor),
    }
}

/// True for selectors that can only name ring-3 segments: null, any of the LDT, any of the guest's
/// part of the GDT, and the public flat ones.
fn gate_target_ok(target: u16) -> bool {
    let local = target & 4 != 0;
    let first_reserved = RESERVED_GDT_PAGE * ENTRIES as u64;
    local
        || u64::from(target >> 3) < first_reserved
        || [selector::FLAT_CS32, selector::FLAT_CS64].contains(&(target | 3))
}

impl<F: FrameAccess, T: TlbFlush, S: Space> Mmu<'_, F, T, S> {
    pub(crate) fn validate_descriptors(&self, mfn: Mfn) -> Result<(), MmError> {
        for index in 0..ENTRIES {
            let word = self.frames.word(mfn, index);
            let old = word.load(Ordering::Relaxed);
            let new = check_descriptor(old)?;
            if new != old {
                word.store(new, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// Writes `descriptor` at machine address `at` (`HYPERVISOR_update_descriptor`): to a descriptor
    /// table of the domain, or plain memory of it that isn't one yet.
    pub fn update_descriptor(&self, at: MAddr, descriptor: u64) -> Result<(), MmError> {
        if at.get() & 7 != 0 {
            return Err(MmError::Misaligned);
        }
        let new = check_descriptor(descriptor)?;
        let mfn = at.mfn();
        let frame = self.ledger.get_page(mfn, self.space.id())?;
        let ty = if frame.kind().ready(FrameType::SegDesc) {
            FrameType::SegDesc
        } else {
            FrameType::Writable
        };
        let held = self.get_type(frame, mfn, ty, false);
        if held.is_ok() {
            self.frames
                .word(mfn, at.offset() / 8)
                .store(new, Ordering::Release);
            self.put_type(frame, mfn);
        }
        self.put_page(mfn);
        held
    }

    /// Holds a frame as part of the domain's GDT or LDT. Returned by
    /// [`put_page_and_type`](Self::put_page_and_type).
    pub fn get_descriptor_page(&self, mfn: Mfn) -> Result<(), MmError> {
        self.get_page_and_type(mfn, self.space.id(), FrameType::SegDesc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: u64 = PRESENT | 0xc << 40;

    #[test]
    fn segments_are_made_ring_3() {
        // Linux's 64-bit kernel code segment, as it asks for it: ring 0, not yet accessed.
        assert_eq!(
            check_descriptor(0x00af_9a00_0000_ffff),
            Ok(0x00af_fb00_0000_ffff)
        );
        assert_eq!(
            check_descriptor(0x00cf_f300_0000_ffff),
            Ok(0x00cf_f300_0000_ffff)
        );
        assert_eq!(check_descriptor(0), Ok(0));
        assert_eq!(
            check_descriptor(0x0000_0900_dead_beef),
            Ok(0x0000_0900_dead_beef)
        );
    }

    #[test]
    fn system_descriptors_are_refused() {
        for ty in 1..16u64 {
            let d = PRESENT | DPL | ty << 40;
            assert_eq!(check_descriptor(d).is_ok(), ty == 0xc, "type {ty:#x}");
        }
    }

    #[test]
    fn call_gates_lead_to_guest_segments_only() {
        let to = |sel: u16| check_descriptor(GATE | u64::from(sel) << 16);
        assert_eq!(to(selector::HV_CS), Err(MmError::CallGate));
        assert_eq!(to(selector::HV_CS | 3), Err(MmError::CallGate));
        assert_eq!(to(selector::TSS), Err(MmError::CallGate));
        for ok in [0, 0x10, 0xdff8, 0xe00c, selector::FLAT_CS64] {
            assert_eq!(to(ok), Ok(GATE | DPL | u64::from(ok) << 16), "{ok:#x}");
        }
        assert_eq!(
            check_descriptor(GATE | 1 << 32),
            Err(MmError::BadDescriptor)
        );
    }
}
