//! The FLASK security module (`xsm/flask_op.h`).
//!
//! Without FLASK every call answers ENOSYS, which tools take to mean that there are no labels.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

/// The only version that a call may carry.
pub const XEN_FLASK_INTERFACE_VERSION: u32 = 1;
/// Loads a policy: `XenFlaskLoad`.
pub const FLASK_LOAD: u32 = 1;
/// Returns whether the policy is enforced.
pub const FLASK_GETENFORCE: u32 = 2;
/// Sets it: `XenFlaskSetenforce`.
pub const FLASK_SETENFORCE: u32 = 3;
/// Number of a label: `XenFlaskSidContext`.
pub const FLASK_CONTEXT_TO_SID: u32 = 4;
/// Label of a number: `XenFlaskSidContext`.
pub const FLASK_SID_TO_CONTEXT: u32 = 5;
/// Asks what is allowed: `XenFlaskAccess`.
pub const FLASK_ACCESS: u32 = 6;
/// Label of a new object: `XenFlaskTransition`.
pub const FLASK_CREATE: u32 = 7;
/// Label of a relabelled object: `XenFlaskTransition`.
pub const FLASK_RELABEL: u32 = 8;
/// Gone.
pub const FLASK_USER: u32 = 9;
/// Returns the version of policies.
pub const FLASK_POLICYVERS: u32 = 10;
/// Reads a switch: `XenFlaskBoolean`.
pub const FLASK_GETBOOL: u32 = 11;
/// Sets a switch: `XenFlaskBoolean`.
pub const FLASK_SETBOOL: u32 = 12;
/// Puts switches into force.
pub const FLASK_COMMITBOOLS: u32 = 13;
/// Returns whether the policy has levels.
pub const FLASK_MLS: u32 = 14;
/// Turns FLASK off.
pub const FLASK_DISABLE: u32 = 15;
/// Returns the size of the cache.
pub const FLASK_GETAVC_THRESHOLD: u32 = 16;
/// Sets it: `XenFlaskSetavcThreshold`.
pub const FLASK_SETAVC_THRESHOLD: u32 = 17;
/// Statistics of the cache: `XenFlaskHashStats`.
pub const FLASK_AVC_HASHSTATS: u32 = 18;
/// Statistics of a CPU's cache: `XenFlaskCacheStats`.
pub const FLASK_AVC_CACHESTATS: u32 = 19;
/// Label of a member: `XenFlaskTransition`.
pub const FLASK_MEMBER: u32 = 20;
/// Labels a resource: `XenFlaskOcontext`.
pub const FLASK_ADD_OCONTEXT: u32 = 21;
/// Undoes that: `XenFlaskOcontext`.
pub const FLASK_DEL_OCONTEXT: u32 = 22;
/// Label behind an event channel: `XenFlaskPeersid`.
pub const FLASK_GET_PEER_SID: u32 = 23;
/// Relabels a domain: `XenFlaskRelabel`.
pub const FLASK_RELABEL_DOMAIN: u32 = 24;
/// Labels a device-tree node: `XenFlaskDevicetreeLabel`.
pub const FLASK_DEVICETREE_LABEL: u32 = 25;

/// Argument of `__HYPERVISOR_XSM_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskOp {
    /// `FLASK_*`.
    pub cmd: u32,
    /// `XEN_FLASK_INTERFACE_VERSION`.
    pub interface_version: u32,
    /// The command's own structure.
    pub u: Union64<4>,
}

/// Argument of `FLASK_LOAD`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskLoad {
    /// Policy.
    pub buffer: Handle<u8>,
    /// Bytes.
    pub size: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// Argument of `FLASK_SETENFORCE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskSetenforce {
    /// 0 or 1.
    pub enforcing: u32,
}

/// Argument of the label commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskSidContext {
    /// Number.
    pub sid: u32,
    /// Bytes of the label.
    pub size: u32,
    /// Label.
    pub context: Handle<u8>,
}

/// Argument of `FLASK_ACCESS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskAccess {
    /// Subject; in.
    pub ssid: u32,
    /// Object; in.
    pub tsid: u32,
    /// Class; in.
    pub tclass: u32,
    /// Rights asked for; in.
    pub req: u32,
    /// Rights granted; out.
    pub allowed: u32,
    /// Rights whose use is logged; out.
    pub audit_allow: u32,
    /// Rights whose denial is logged; out.
    pub audit_deny: u32,
    /// Version of the policy; out.
    pub seqno: u32,
}

/// Argument of the transition commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskTransition {
    /// Subject; in.
    pub ssid: u32,
    /// Object; in.
    pub tsid: u32,
    /// Class; in.
    pub tclass: u32,
    /// Label; out.
    pub newsid: u32,
}

/// Argument of the switch commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskBoolean {
    /// Switch, all ones to go by name; in and out.
    pub bool_id: u32,
    /// Its value; out.
    pub enforcing: u8,
    /// Its value after the next commit; out.
    pub pending: u8,
    /// Value to set; in.
    pub new_value: u8,
    /// Commit at once; in.
    pub commit: u8,
    /// Bytes of the name; in and out.
    pub size: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// The name, or null.
    pub name: Handle<u8>,
}

/// Argument of `FLASK_SETAVC_THRESHOLD`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskSetavcThreshold {
    /// Entries.
    pub threshold: u32,
}

/// Answer of `FLASK_AVC_HASHSTATS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskHashStats {
    /// Entries.
    pub entries: u32,
    /// Buckets in use.
    pub buckets_used: u32,
    /// Buckets.
    pub buckets_total: u32,
    /// Entries of the fullest bucket.
    pub max_chain_len: u32,
}

/// Argument of `FLASK_AVC_CACHESTATS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskCacheStats {
    /// CPU; in.
    pub cpu: u32,
    /// Lookups; out.
    pub lookups: u32,
    /// Hits; out.
    pub hits: u32,
    /// Misses; out.
    pub misses: u32,
    /// Entries made; out.
    pub allocations: u32,
    /// Entries reused; out.
    pub reclaims: u32,
    /// Entries freed; out.
    pub frees: u32,
}

/// Argument of the resource commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskOcontext {
    /// Kind of resource.
    pub ocon: u32,
    /// Label.
    pub sid: u32,
    /// First of the range.
    pub low: u64,
    /// Last of the range.
    pub high: u64,
}

/// Argument of `FLASK_GET_PEER_SID`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskPeersid {
    /// Port; in.
    pub evtchn: u32,
    /// Label; out.
    pub sid: u32,
}

/// Argument of `FLASK_RELABEL_DOMAIN`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskRelabel {
    /// Domain.
    pub domid: u32,
    /// Label.
    pub sid: u32,
}

/// Argument of `FLASK_DEVICETREE_LABEL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenFlaskDevicetreeLabel {
    /// Label.
    pub sid: u32,
    /// Bytes of the path.
    pub length: u32,
    /// Path.
    pub path: Handle<u8>,
}

crate::assert_sizes! {
    XenFlaskOp = 40,
    XenFlaskLoad = 16,
    XenFlaskSetenforce = 4,
    XenFlaskSidContext = 16,
    XenFlaskAccess = 32,
    XenFlaskTransition = 16,
    XenFlaskBoolean = 24,
    XenFlaskSetavcThreshold = 4,
    XenFlaskHashStats = 16,
    XenFlaskCacheStats = 28,
    XenFlaskOcontext = 24,
    XenFlaskPeersid = 8,
    XenFlaskRelabel = 8,
    XenFlaskDevicetreeLabel = 16,
}
