//! Hardware formats as data.
#![no_std]
#![forbid(unsafe_code)]

pub mod acpi;
pub mod apic;
pub mod console;
pub mod counter;
pub mod font;
pub mod gsi;
pub mod layout;
pub mod memmap;
pub mod msi;
pub mod pci;
pub mod ptab;
pub mod pte;
pub mod reboot;
pub mod textgrid;
pub mod uart;
pub mod vcpu;
