//! Guests with hardware virtualization (`hvm/*.h`, `arch-x86/hvm/*.h`).

mod altp2m;
pub mod dm_op;
mod hvm_op;
mod ioreq;
mod params;
pub mod save;
mod start_info;
mod vcpu;
pub use altp2m::*;
pub use hvm_op::*;
pub use ioreq::*;
pub use params::*;
pub use start_info::*;
pub use vcpu::*;
