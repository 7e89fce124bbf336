//! The hypervisor's own code on the host: a machine of plain memory, PV guests in it, and an auditor.
//!
//! [`FakeMachine`] stands in for hardware behind the seam traits. [`World`] is a hypervisor on one, and
//! [`Guest`] a domain with real page tables in that memory, whose hypercalls go through the same dispatcher
//! and handlers as on hardware: arguments are copied by walking those tables, through a TLB that forgets only
//! when it is told to. [`audit`](World::audit) recounts every reference of the frame ledger from what the
//! tables, vCPUs and event channels hold, and compares.
//!
//! Tests and fuzz targets alike drive it with [`Guest::call`].
#![forbid(unsafe_code)]

mod audit;
mod chaos;
mod guest;
mod machine;
mod world;

pub use chaos::{Chaos, Did, Source};
pub use guest::{Guest, TABLES, VA};
pub use machine::{Ended, FakeMachine, IO_FRAME};
pub use world::World;
