//! The Xen public interface as data: numbers, structures, error codes.
//!
//! One module a header of release 4.17, for 64-bit x86. Constants have the header's name in upper
//! case, structures its name in camel case. A structure is plain bytes in both directions: every
//! byte of it is a field, padding included, so that what is copied out to a guest never carries what
//! was on the stack, and any bytes that a guest sends are a value. Numbers that stand for one of
//! several things therefore stay integers, unions stay words (`Union64`), and addresses stay
//! `Handle`s until the guest-copy seam follows them.
//!
//! Sizes are asserted at compile time. Offsets and the values of constants are compared with those
//! that a C compiler finds in the headers by `tests/golden.rs`.
#![no_std]
#![forbid(unsafe_code)]

pub mod arch_x86;
pub mod argo;
pub mod callback;
pub mod console;
pub mod cpufeatureset;
pub mod domctl;
pub mod elfnote;
mod errno;
pub mod event_channel;
pub mod features;
pub mod grant_table;
mod handle;
pub mod hvm;
pub mod hypfs;
pub mod kexec;
pub mod mca;
pub mod memory;
pub mod nmi;
pub mod physdev;
pub mod platform;
pub mod pmu;
pub mod sched;
pub mod sysctl;
pub mod trace;
mod unions;
pub mod vcpu;
pub mod version;
pub mod xen;
pub mod xsm;

pub use errno::Errno;
pub use handle::Handle;
pub use unions::{Union16, Union32, Union64};

/// Asserts the sizes of structures, in bytes, when the crate is compiled.
macro_rules! assert_sizes {
    ($($name:ty = $size:expr,)*) => {
        $(const _: () = assert!(size_of::<$name>() == $size);)*
    };
}
use assert_sizes;
