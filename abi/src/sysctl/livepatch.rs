//! Live patches (`sysctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

/// Version of a payload's format.
pub const LIVEPATCH_PAYLOAD_VERSION: u32 = 2;
/// Bytes of a name at most.
pub const XEN_LIVEPATCH_NAME_SIZE: usize = 128;
/// Uploads a payload: `XenSysctlLivepatchUpload`.
pub const XEN_SYSCTL_LIVEPATCH_UPLOAD: u32 = 0;
/// Tells its state: `XenSysctlLivepatchGet`.
pub const XEN_SYSCTL_LIVEPATCH_GET: u32 = 1;
/// Lists payloads: `XenSysctlLivepatchList`.
pub const XEN_SYSCTL_LIVEPATCH_LIST: u32 = 2;
/// Acts on a payload: `XenSysctlLivepatchAction`.
pub const XEN_SYSCTL_LIVEPATCH_ACTION: u32 = 3;
/// Uploaded and checked.
pub const LIVEPATCH_STATE_CHECKED: u32 = 1;
/// Applied.
pub const LIVEPATCH_STATE_APPLIED: u32 = 2;
/// Drop.
pub const LIVEPATCH_ACTION_UNLOAD: u32 = 1;
/// Undo.
pub const LIVEPATCH_ACTION_REVERT: u32 = 2;
/// Apply.
pub const LIVEPATCH_ACTION_APPLY: u32 = 3;
/// Undo all others and apply.
pub const LIVEPATCH_ACTION_REPLACE: u32 = 4;
/// Don't check what it depends on.
pub const LIVEPATCH_ACTION_APPLY_NODEPS: u32 = 1;

/// A payload's name.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenLivepatchName {
    /// The name, zero-terminated.
    pub name: Handle<u8>,
    /// Bytes with the zero.
    pub size: u16,
    #[doc(hidden)]
    pub _pad0: [u16; 3],
}

/// A payload's state.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenLivepatchStatus {
    /// `LIVEPATCH_STATE_*`.
    pub state: u32,
    /// Result of the last action, -EAGAIN while it lasts.
    pub rc: i32,
}

/// Argument of `XEN_SYSCTL_LIVEPATCH_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlLivepatchOp {
    /// `XEN_SYSCTL_LIVEPATCH_*`; in.
    pub cmd: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// The command's own structure.
    pub u: Union64<8>,
}

/// Argument of an upload.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlLivepatchUpload {
    /// Name.
    pub name: XenLivepatchName,
    /// Bytes.
    pub size: u64,
    /// An ELF object.
    pub payload: Handle<u8>,
}

/// Argument of a query.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlLivepatchGet {
    /// Name.
    pub name: XenLivepatchName,
    /// State; out.
    pub status: XenLivepatchStatus,
}

/// Argument of a list.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlLivepatchList {
    /// Changes with the list; out.
    pub version: u32,
    /// Where to start; in.
    pub idx: u32,
    /// Room; in. Payloads left; out.
    pub nr: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Bytes of all names; out.
    pub name_total_size: u32,
    /// Bytes of all metadata; out.
    pub metadata_total_size: u32,
    /// States; out.
    pub status: Handle<XenLivepatchStatus>,
    /// Names; out.
    pub name: Handle<u8>,
    /// Bytes of each name; out.
    pub len: Handle<u32>,
    /// Metadata; out.
    pub metadata: Handle<u8>,
    /// Bytes of each; out.
    pub metadata_len: Handle<u32>,
}

/// Argument of an action.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenSysctlLivepatchAction {
    /// Name.
    pub name: XenLivepatchName,
    /// `LIVEPATCH_ACTION_*`.
    pub cmd: u32,
    /// Nanoseconds, 0 for the default.
    pub timeout: u32,
    /// `LIVEPATCH_ACTION_APPLY_NODEPS`.
    pub flags: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

crate::assert_sizes! {
    XenLivepatchName = 16,
    XenLivepatchStatus = 8,
    XenSysctlLivepatchOp = 72,
    XenSysctlLivepatchUpload = 32,
    XenSysctlLivepatchGet = 24,
    XenSysctlLivepatchList = 64,
    XenSysctlLivepatchAction = 32,
}
