//! Virtual IRQs: which exist, and which are one for the whole domain (`xen.h`, `VIRQ_*`).

use abi::xen::{VIRQ_DEBUG, VIRQ_TIMER, VIRQ_XENOPROF, VIRQ_XENPMU};

/// Number of virtual IRQs; valid numbers are below.
pub(crate) const NR_VIRQS: usize = abi::xen::NR_VIRQS as usize;

/// True for a virtual IRQ that a domain binds once, on vCPU 0, and may then move. Numbers without a
/// meaning, and those for architectures to define, count as global.
pub const fn is_global(virq: u32) -> bool {
    !matches!(virq, VIRQ_TIMER | VIRQ_DEBUG | VIRQ_XENOPROF | VIRQ_XENPMU)
}
