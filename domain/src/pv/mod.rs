//! What a 64-bit PV guest sees of its processor.
//!
//! Guest kernel and guest programs both run in ring 3; which of the two runs is a bit in the vCPU's block
//! ([`Vcpu::kernel_mode`](crate::Vcpu::kernel_mode)). Each has a root table and a GS base of its own. Whatever
//! the processor would do for a kernel in ring 0 is done here instead: delivering exceptions and events by
//! building an interrupt frame on the guest kernel's stack ([`bounce`]), going back to where a frame
//! came from ([`iret`]), and executing what ring 3 may not ([`emulate`]).

pub mod bounce;
pub mod emulate;
pub mod exceptions;
pub mod iret;
pub mod registers;
pub mod switch;
