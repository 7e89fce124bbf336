//! The unsafe mechanism of x86-64: boot, entry, paging, per-CPU state, interrupts, devices.
#![no_std]

pub mod mem;
pub mod platform;
