//! Chipset devices: everything on the board that is neither processor nor memory.
//!
//! Each module is one device behind one type that the caller creates, owns and serialises; none
//! keeps global state. Formats (tables, register encodings, option syntax) are in `arch-defs`, where
//! they are tested on the host; here is only what touches the machine.

pub mod acpi;
pub mod io;
pub mod ioapic;
pub mod lapic;
pub mod msi;
pub mod pci;
pub mod pic;
pub mod power;
pub mod rtc;
pub mod screen;
pub mod serial;
pub mod timers;
