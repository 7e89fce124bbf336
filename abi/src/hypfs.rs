//! The hypervisor's file system (`hypfs.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Version of the interface.
pub const XEN_HYPFS_VERSION: u32 = 1;
/// Bytes of a path at most, with its zero.
pub const XEN_HYPFS_MAX_PATHLEN: usize = 1024;
/// Returns `XEN_HYPFS_VERSION`.
pub const XEN_HYPFS_OP_GET_VERSION: u32 = 0;
/// Reads a file or directory.
pub const XEN_HYPFS_OP_READ: u32 = 1;
/// Writes a file.
pub const XEN_HYPFS_OP_WRITE_CONTENTS: u32 = 2;
/// A directory.
pub const XEN_HYPFS_TYPE_DIR: u8 = 0;
/// Bytes.
pub const XEN_HYPFS_TYPE_BLOB: u8 = 1;
/// Text, zero-terminated.
pub const XEN_HYPFS_TYPE_STRING: u8 = 2;
/// An unsigned number.
pub const XEN_HYPFS_TYPE_UINT: u8 = 3;
/// A signed number.
pub const XEN_HYPFS_TYPE_INT: u8 = 4;
/// 0 or 1.
pub const XEN_HYPFS_TYPE_BOOL: u8 = 5;
/// As it is.
pub const XEN_HYPFS_ENC_PLAIN: u8 = 0;
/// Compressed.
pub const XEN_HYPFS_ENC_GZIP: u8 = 1;

/// An entry.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHypfsDirentry {
    /// `XEN_HYPFS_TYPE_*`.
    pub kind: u8,
    /// `XEN_HYPFS_ENC_*`.
    pub encoding: u8,
    #[doc(hidden)]
    pub _pad0: u16,
    /// Bytes.
    pub content_len: u32,
    /// Bytes that can be written, 0 if it is read-only.
    pub max_write_len: u32,
}

/// An entry of a directory, followed by its name.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenHypfsDirlistentry {
    /// The entry.
    pub e: XenHypfsDirentry,
    /// Bytes to the next entry, 0 at the end.
    pub off_next: u16,
    #[doc(hidden)]
    pub _pad0: u16,
}

crate::assert_sizes! {
    XenHypfsDirentry = 12,
    XenHypfsDirlistentry = 16,
}
