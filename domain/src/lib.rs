//! Domains and their virtual CPUs, and what a PV domain sees of its processor.
//!
//! A [`Domain`] owns memory, event channels and rights; its [`Vcpu`]s own registers. [`Hypervisor`] ties
//! them together with the frame ledger, the allocator and the scheduler. Everything is written against the
//! [`Machine`] trait, which extends the seams of `units` by what PV needs of a processor, so the same
//! code runs on hardware and, over plain memory, in tests.
//!
//! Locks are short and their order is: domain list, one domain's ports, another's ports, a domain's
//! page list, frame allocator, run queue. Interrupts are off in all hypervisor code, so a lock is never
//! taken from an interrupt that came while it was held.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod builder;
mod domain;
mod hypervisor;
mod interrupts;
pub mod machine;
mod memory;
pub mod pv;
mod schedule;
mod setup;
mod time;
mod vcpu;

pub use domain::{Domain, DomainState, Io, Shutdown};
pub use hypervisor::{Facts, Hypervisor};
pub use interrupts::{Interrupts, MAX_PIRQS};
pub use machine::Machine;
pub use memory::{MemoryError, MemoryPlan};
pub use schedule::SLICE;
pub use time::Purpose;
pub use vcpu::{FPU_CHUNK, FpuChunk, PvState, Trap, Vcpu, block};
