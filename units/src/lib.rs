//! The words every layer shares: frame numbers, addresses, identifiers, times, and the seams.
//!
//! A hypervisor juggles three numberings of memory that all look like `u64`. A *machine frame*
//! ([`Mfn`]) names a page of the real machine. A *guest frame* ([`Gfn`]) is what a domain hands to
//! a hypercall; for a PV domain it equals an [`Mfn`] that has not been checked yet. A *pseudo-physical
//! frame* ([`Pfn`]) is the domain's own dense numbering, which the hypervisor only stores for it
//! in the M2P table. Mixing them is the classic bug of this field, so they are types here and
//! conversions say what they mean.
//!
//! The second half, [`seams`], is where safe policy meets unsafe mechanism: the policy crates are
//! written against these traits, `arch` implements them over real hardware, and the tests implement
//! them over a `Vec`.
#![no_std]
#![forbid(unsafe_code)]

mod addr;
mod ids;
pub mod seams;
mod time;

pub use addr::{Gfn, GuestAddr, MAddr, Mfn, Order, PAGE_SHIFT, PAGE_SIZE, Pfn};
pub use ids::{CpuId, CpuMask, DomId, MAX_CPUS, VcpuId};
pub use seams::{Clock, DmaMap, Fault, FrameAccess, GuestMemory, Kick, TlbFlush};
pub use time::Nanos;
