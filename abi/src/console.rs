//! The console ring between a guest and its console daemon (`io/console.h`).
//!
//! The indices run freely in 32 bits; the low bits select a byte. Each side advances its own after it
//! has moved the bytes, and then notifies the other.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The ring page.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenconsInterface {
    /// Bytes typed; daemon to guest.
    pub input: [u8; 1024],
    /// Bytes printed; guest to daemon.
    pub out: [u8; 2048],
    /// Bytes of `input` read; by the guest.
    pub in_cons: u32,
    /// Bytes of `input` written; by the daemon.
    pub in_prod: u32,
    /// Bytes of `out` read; by the daemon.
    pub out_cons: u32,
    /// Bytes of `out` written; by the guest.
    pub out_prod: u32,
}

crate::assert_sizes! {
    XenconsInterface = 3088,
}
