//! Interrupts that arrived while the hypervisor itself ran, and other work for the way out.
//!
//! An interrupt in ring 0 is only noted here: the code that it interrupted may hold any lock. The way
//! back to a guest, and the idle loop, then do what it asked for.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Vectors noted.
static VECTORS: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];
/// The scheduler should look again.
pub static RESCHEDULE: AtomicBool = AtomicBool::new(false);

/// Notes a vector.
pub fn note(vector: u8) {
    if let Some(word) = VECTORS.get(usize::from(vector / 64)) {
        word.fetch_or(1 << (vector % 64), Ordering::Relaxed);
    }
}

/// True where anything waits.
pub fn any() -> bool {
    VECTORS.iter().any(|w| w.load(Ordering::Relaxed) != 0)
}

/// Takes the highest noted vector.
pub fn take() -> Option<u8> {
    for (i, word) in VECTORS.iter().enumerate().rev() {
        let bits = word.load(Ordering::Relaxed);
        if bits != 0 {
            let bit = 63 - bits.leading_zeros();
            word.fetch_and(!(1 << bit), Ordering::Relaxed);
            return Some((i as u32 * 64 + bit) as u8);
        }
    }
    None
}
