//! Chipset devices.
