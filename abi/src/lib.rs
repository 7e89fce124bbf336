//! The Xen public interface as data: numbers, structures, error codes.
#![no_std]
#![forbid(unsafe_code)]

mod errno;

pub use errno::Errno;
