//! The runtime: what a kernel needs before it can ask questions.

pub mod boot;
pub mod console;
pub mod hypercall;
pub mod start_info;
