//! Alternate physical maps of a domain (`hvm_op.h`, `HVMOP_ALTP2M`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

/// The only version that the call may carry.
pub const HVMOP_ALTP2M_INTERFACE_VERSION: u32 = 0x00000001;
/// Tells whether they are on: `XenHvmAltp2mDomainState`.
pub const HVMOP_ALTP2M_GET_DOMAIN_STATE: u32 = 1;
/// Turns them on or off: `XenHvmAltp2mDomainState`.
pub const HVMOP_ALTP2M_SET_DOMAIN_STATE: u32 = 2;
/// Gives a vcpu a page for #VE: `XenHvmAltp2mVcpuEnableNotify`.
pub const HVMOP_ALTP2M_VCPU_ENABLE_NOTIFY: u32 = 3;
/// Makes a view: `XenHvmAltp2mView`.
pub const HVMOP_ALTP2M_CREATE_P2M: u32 = 4;
/// Drops a view: `XenHvmAltp2mView`.
pub const HVMOP_ALTP2M_DESTROY_P2M: u32 = 5;
/// Selects a view: `XenHvmAltp2mView`.
pub const HVMOP_ALTP2M_SWITCH_P2M: u32 = 6;
/// Sets rights of a frame in a view: `XenHvmAltp2mMemAccess`.
pub const HVMOP_ALTP2M_SET_MEM_ACCESS: u32 = 7;
/// Has a frame of a view show another: `XenHvmAltp2mChangeGfn`.
pub const HVMOP_ALTP2M_CHANGE_GFN: u32 = 8;
/// Sets rights of many frames: `XenHvmAltp2mSetMemAccessMulti`.
pub const HVMOP_ALTP2M_SET_MEM_ACCESS_MULTI: u32 = 9;
/// Sets whether a frame raises #VE: `XenHvmAltp2mSuppressVe`.
pub const HVMOP_ALTP2M_SET_SUPPRESS_VE: u32 = 10;
/// Tells it: `XenHvmAltp2mSuppressVe`.
pub const HVMOP_ALTP2M_GET_SUPPRESS_VE: u32 = 11;
/// Tells rights of a frame: `XenHvmAltp2mMemAccess`.
pub const HVMOP_ALTP2M_GET_MEM_ACCESS: u32 = 12;
/// Takes the page for #VE away: `XenHvmAltp2mVcpuDisableNotify`.
pub const HVMOP_ALTP2M_VCPU_DISABLE_NOTIFY: u32 = 13;
/// Tells which view a vcpu is in: `XenHvmAltp2mGetVcpuP2mIdx`.
pub const HVMOP_ALTP2M_GET_P2M_IDX: u32 = 14;
/// Sets it for a range: `XenHvmAltp2mSuppressVeMulti`.
pub const HVMOP_ALTP2M_SET_SUPPRESS_VE_MULTI: u32 = 15;
/// Lets the guest select a view or not: `XenHvmAltp2mSetVisibility`.
pub const HVMOP_ALTP2M_SET_VISIBILITY: u32 = 16;

/// Argument of `HVMOP_ALTP2M`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mOp {
    /// `HVMOP_ALTP2M_INTERFACE_VERSION`; in.
    pub version: u32,
    /// `HVMOP_ALTP2M_*`; in.
    pub cmd: u32,
    /// Domain; in.
    pub domain: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    #[doc(hidden)]
    pub _pad1: u32,
    /// The command's own structure.
    pub u: Union64<8>,
}

/// Whether alternate maps are on.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mDomainState {
    /// 0 or 1.
    pub state: u8,
}

/// A page for #VE.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mVcpuEnableNotify {
    /// Vcpu; in.
    pub vcpu_id: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Frame of the page; in.
    pub gfn: u64,
}

/// No page for #VE.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mVcpuDisableNotify {
    /// Vcpu; in.
    pub vcpu_id: u32,
}

/// A view.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mView {
    /// Its number; out when made.
    pub view: u16,
    /// Rights of its frames at first; in.
    pub hvmmem_default_access: u16,
}

/// Rights in a view.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mMemAccess {
    /// View; in.
    pub view: u16,
    /// `XENMEM_ACCESS_N` and the following; in or out.
    pub access: u16,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Frame; in.
    pub gfn: u64,
}

/// Rights of many frames.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mSetMemAccessMulti {
    /// View; in.
    pub view: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// Frames; in.
    pub nr: u32,
    /// Zero at first; progress of a continuation.
    pub opaque: u64,
    /// Frames; in.
    pub pfn_list: Handle<u64>,
    /// Their rights; in.
    pub access_list: Handle<u8>,
}

/// A frame that shows another.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mChangeGfn {
    /// View; in.
    pub view: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    #[doc(hidden)]
    pub _pad1: u32,
    /// Frame to change; in.
    pub old_gfn: u64,
    /// Frame it shows, all ones to undo; in.
    pub new_gfn: u64,
}

/// Whether a frame raises #VE.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mSuppressVe {
    /// View; in.
    pub view: u16,
    /// 0 or 1; in or out.
    pub suppress_ve: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    #[doc(hidden)]
    pub _pad1: u32,
    /// Frame; in.
    pub gfn: u64,
}

/// Whether a range raises #VE.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mSuppressVeMulti {
    /// View; in.
    pub view: u16,
    /// 0 or 1; in.
    pub suppress_ve: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    /// Zero at first; the first failure's negative error number; out.
    pub first_error: i32,
    /// First frame; in. Progress of a continuation.
    pub first_gfn: u64,
    /// Last frame; in.
    pub last_gfn: u64,
    /// Frame of the first failure; out.
    pub first_error_gfn: u64,
}

/// A vcpu's view.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mGetVcpuP2mIdx {
    /// Vcpu; in.
    pub vcpu_id: u32,
    /// View; out.
    pub altp2m_idx: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
}

/// Whether the guest may select a view.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHvmAltp2mSetVisibility {
    /// View; in.
    pub altp2m_idx: u16,
    /// 0 or 1; in.
    pub visible: u8,
    #[doc(hidden)]
    pub _pad0: u8,
}

crate::assert_sizes! {
    XenHvmAltp2mOp = 80,
    XenHvmAltp2mDomainState = 1,
    XenHvmAltp2mVcpuEnableNotify = 16,
    XenHvmAltp2mVcpuDisableNotify = 4,
    XenHvmAltp2mView = 4,
    XenHvmAltp2mMemAccess = 16,
    XenHvmAltp2mSetMemAccessMulti = 32,
    XenHvmAltp2mChangeGfn = 24,
    XenHvmAltp2mSuppressVe = 16,
    XenHvmAltp2mSuppressVeMulti = 32,
    XenHvmAltp2mGetVcpuP2mIdx = 8,
    XenHvmAltp2mSetVisibility = 4,
}
