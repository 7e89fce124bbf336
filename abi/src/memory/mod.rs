//! Memory reservations, physical maps and what tools do to them (`memory.h`).
//!
//! The command is the low six bits of the first argument; the rest holds how far a preempted call
//! had got (`MEMOP_EXTENT_SHIFT`).

mod physmap;
mod reservation;
mod tools;
pub use physmap::*;
pub use reservation::*;
pub use tools::*;

/// Position of the continuation's progress in the first argument; the command is below it.
pub const MEMOP_EXTENT_SHIFT: u32 = 6;
/// The bits of the first argument that hold the command.
pub const MEMOP_CMD_MASK: u64 = (1 << MEMOP_EXTENT_SHIFT) - 1;
