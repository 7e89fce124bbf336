//! Entry points of a PV kernel (`callback.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Events are pending.
pub const CALLBACKTYPE_EVENT: u16 = 0;
/// A segment register couldn't be loaded on the way to the guest.
pub const CALLBACKTYPE_FAILSAFE: u16 = 1;
/// `syscall` from 64-bit user mode.
pub const CALLBACKTYPE_SYSCALL: u16 = 2;
/// The former number of `CALLBACKTYPE_SYSENTER`.
pub const CALLBACKTYPE_SYSENTER_DEPRECATED: u16 = 3;
/// A non-maskable interrupt.
pub const CALLBACKTYPE_NMI: u16 = 4;
/// `sysenter` from 32-bit user mode.
pub const CALLBACKTYPE_SYSENTER: u16 = 5;
/// `syscall` from 32-bit user mode.
pub const CALLBACKTYPE_SYSCALL32: u16 = 7;
/// In `CallbackRegister::flags`: enter with events masked.
pub const CALLBACKF_MASK_EVENTS: u16 = 1;
/// Sets an entry point: `CallbackRegister`.
pub const CALLBACKOP_REGISTER: u32 = 0;
/// Drops an entry point: `CallbackUnregister`.
pub const CALLBACKOP_UNREGISTER: u32 = 1;

/// Argument of `CALLBACKOP_REGISTER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CallbackRegister {
    /// `CALLBACKTYPE_*`; in.
    pub kind: u16,
    /// `CALLBACKF_*`; in.
    pub flags: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Virtual address of the entry point; in.
    pub address: u64,
}

/// Argument of `CALLBACKOP_UNREGISTER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CallbackUnregister {
    /// `CALLBACKTYPE_*`; in.
    pub kind: u16,
    #[doc(hidden)]
    pub _unused: u16,
}

crate::assert_sizes! {
    CallbackRegister = 16,
    CallbackUnregister = 4,
}
