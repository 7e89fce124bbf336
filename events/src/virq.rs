//! Virtual IRQs: which exist, and which are one for the whole domain (`xen.h`, `VIRQ_*`).

/// Number of virtual IRQs; valid numbers are below.
pub const NR_VIRQS: usize = 24;

/// Per vCPU: a timeout that the vCPU asked for.
pub const VIRQ_TIMER: u32 = 0;
/// Per vCPU: please dump debug information.
pub const VIRQ_DEBUG: u32 = 1;
/// Per vCPU: profiling sample.
pub const VIRQ_XENOPROF: u32 = 7;
/// Per vCPU: performance counter.
pub const VIRQ_XENPMU: u32 = 13;

/// True for a virtual IRQ that a domain binds once, on vCPU 0, and may then move. Numbers without a
/// meaning, and those for architectures to define, count as global.
pub const fn is_global(virq: u32) -> bool {
    !matches!(virq, VIRQ_TIMER | VIRQ_DEBUG | VIRQ_XENOPROF | VIRQ_XENPMU)
}
