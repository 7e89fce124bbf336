//! Hardware formats as data.
#![no_std]
#![forbid(unsafe_code)]

pub mod console;
pub mod pte;
pub mod uart;
