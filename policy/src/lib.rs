//! What a domain may know of the processor: its CPUID leaves, its model-specific registers, its
//! control registers.
//!
//! # Why in one place
//! A guest decides by CPUID which instructions it runs, by which it expects certain MSRs and certain
//! bits of CR4 to work. Answers that disagree kill it early and without a word: AVX without XSAVE
//! makes Linux follow a wild pointer, SMEP shown to a kernel at privilege level 3 makes it fault on
//! its own code, SPEC_CTRL enumerated but refused costs a warning on every context switch. So the
//! three are derived from one [`CpuPolicy`] a domain.
//!
//! # From the host to a domain
//! 1. [`CpuPolicy::read`] takes the host's leaves ([`Host`]) as they are: the *raw* policy.
//! 2. [`CpuPolicy::host`] drops what contradicts itself or what the hypervisor has not enabled
//!    ([`Mechanism`]): the *host* policy.
//! 3. [`CpuPolicy::pv_max`] and [`CpuPolicy::pv_default`] keep what a PV guest can have at most and gets
//!    by itself. Which feature is for whom is a table ([`Feature`]), and the table is that of the
//!    public header `arch-x86/cpufeatureset.h`.
//! 4. [`CpuPolicy::dom0`] adds what only the hardware domain sees. A toolstack reads the default, changes it
//!    leaf by leaf ([`CpuPolicy::set_leaf`]), and hands it back; [`CpuPolicy::constrain`] makes of
//!    whatever it handed back a consistent part of the maximum.
//!
//! Features have dependencies ([`FeatureSet::sanitise`]): whoever loses a feature loses all that need it.
//!
//! At run time [`CpuPolicy::cpuid`] answers one query from the stored leaves and the few bits that change
//! with the vCPU, and [`CpuPolicy::rdmsr`] and [`CpuPolicy::wrmsr`] decide what becomes of an MSR
//! access without carrying it out.
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

#[cfg(test)]
extern crate std;

pub mod control;
mod deps;
mod derive;
mod feature;
mod hypervisor;
mod leaves;
pub mod msr;
mod query;
mod serial;
mod vendor;
mod xstate;

pub use derive::Mechanism;
pub use feature::{Audience, FEATURE_WORDS, Feature, FeatureSet};
pub use hypervisor::{HypervisorInfo, TimeInfo};
pub use leaves::{CpuPolicy, Host, Regs};
pub use query::Context;
pub use serial::{BadLeaf, MAX_LEAVES, MAX_MSRS, PolicyError};
pub use vendor::Vendor;
