//! Hardware formats as data.
#![no_std]
#![forbid(unsafe_code)]

pub mod pte;
