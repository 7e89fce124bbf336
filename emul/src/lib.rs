//! Emulation of single guest instructions that the processor refused to execute.
//!
//! A PV kernel runs at privilege level 3, so three kinds of its instructions land here:
//!
//! * **#GP**: privileged operations (`mov cr`, `rdmsr`, `in`, `wbinvd` ...), which [`privileged`]
//!   carries out against the virtual processor. An instruction that is not on its list is
//!   [`Outcome::Refused`], and the guest gets the #GP that the hardware raised.
//! * **#UD**: `ud2a; .ascii "xen"; cpuid`, with which a PV guest asks for the `CPUID` of its
//!   hypervisor on processors that can't make `cpuid` fault ([`forced`]).
//! * **#PF**: plain stores, exchanges and bit operations that a guest aims at one of its own page
//!   tables, which are mapped read-only ([`page_table_write`]), and accesses to device memory
//!   that is not mapped for it ([`data_access`]).
//!
//! # Protocol
//! The crate knows no guest. All state is behind three traits: [`Registers`], [`Memory`] and
//! [`Privileged`]. Every method that touches the outside may answer [`Stop`]: an exception for the
//! guest, a wish to try again, or "not for this guest". Until the last such call of an instruction
//! has succeeded no register changes, so a stopped instruction can be restarted or its fault be
//! delivered with the guest's state intact. String instructions commit each element by itself, as
//! the hardware does, and do a bounded number of them: [`Outcome::Again`] means that the guest is
//! to be resumed at the same instruction, after anything urgent.
//!
//! Guest code may change under our hands between the hardware's fault and our fetch, and another
//! vCPU may write the operand between our read and our write. Neither is an error here: what is
//! emulated is what was fetched, the implementor of [`Memory`] checks every access by itself, and
//! a `lock`ed operation is finished by [`Memory::cmpxchg`], whose failure restarts it.
//!
//! # Why iced-x86
//! The decoder is the part of an emulator in which errors hide, so it is that of a well-tested crate.
//! Built for `x86_64-unknown-none` without vector encodings the decoder alone is 46 KB (28 KB
//! compressed), the whole emulator 110 KB (51 KB compressed), well within what the image may
//! weigh. A decode takes about 20 ns, little beside the fault that led to it. Its tables take 82 KB of heap
//! and are built at first use; [`warm_up`] moves that out of the first trap. The operations that a
//! running guest repeats most, stores and exchanges of one page-table entry and the forced `cpuid`,
//! are recognised by their bytes without it.
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

#[cfg(any(test, feature = "fuzzing"))]
extern crate alloc;

mod alu;
mod bits;
mod cpu;
mod data;
mod decode;
mod entry;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fake;
mod ops;
mod quick;
mod string;
#[cfg(test)]
mod tests;
mod width;

pub use bits::rflags;
pub use cpu::{Exception, Gpr, Memory, Privileged, Registers, Segment, Stop};
pub use decode::warm_up;
pub use entry::{Outcome, Refusal, data_access, forced, page_table_write, privileged};
#[cfg(any(test, feature = "fuzzing"))]
pub use fake::fuzz_one;
pub use string::STRING_STEP;
pub use width::Width;
