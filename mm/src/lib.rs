//! Memory safety for paravirtual domains.
//!
//! A PV guest writes its own page tables, with machine frame numbers in them, and the processor
//! walks those tables directly. Nothing but the rules of this crate stands between a guest's
//! page-table entry and everyone else's memory. The rules, all kept in the *frame ledger*
//! ([`Ledger`], one [`FrameInfo`] a machine frame):
//!
//! 1. **Owner and references.** A frame belongs to one domain, and lives while anyone holds a
//!    reference to it. Only with a reference may a frame be looked at twice.
//! 2. **Type and type references.** While anyone relies on what a frame *is* (a level-n table, a
//!    descriptor table, plain writable memory), it can't become anything else. A writable mapping
//!    holds a type reference to [`FrameType::Writable`], so no table that the processor walks is
//!    ever guest-writable.
//! 3. **Validation.** A frame becomes a table only after every entry in it was checked and got its
//!    own references; it stops being one only after they were all returned.
//! 4. **Stale translations.** A reference returned doesn't empty the TLBs. A frame remembers when it
//!    last lost a use; before it is used as something else, processors that haven't flushed since
//!    are made to.
//!
//! [`Mmu`] applies them to the memory hypercalls. What it needs to know of a domain comes through
//! [`Space`]. [`FrameAllocator`] hands out free frames of the same ledger, and [`DomainPages`] is the
//! list of what a domain owns.
//!
//! Everything on the ledger is a compare-exchange on one of two words, so operations of different
//! processors interleave freely; there is no lock in this crate. Two things can make a processor
//! wait: another one is validating the very table it wants ([`Space::relax`] is called meanwhile),
//! and the last reference to a frame goes while another processor is amidst an update of it.
#![no_std]
#![forbid(unsafe_code)]

mod descriptor;
mod entry;
mod error;
mod frame;
mod heap;
mod ledger;
mod pages;
mod pin;
mod space;
mod table;
mod teardown;
mod types;
mod update;

pub use descriptor::check_descriptor;
pub use error::MmError;
pub use frame::{FrameInfo, FrameType, Kind, Refs};
pub use heap::{Block, Claim, FrameAllocator, MAX_ORDER};
pub use ledger::{FreedList, Ledger};
pub use pages::DomainPages;
pub use space::{IoRight, Mmu, Space};
