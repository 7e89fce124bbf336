//! Crash kernels (`kexec.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;

/// Starts the loaded image: `XenKexecExec`.
pub const KEXEC_CMD_KEXEC: u32 = 0;
/// The loading of before 4.4: `XenKexecLoadV1`.
pub const KEXEC_CMD_KEXEC_LOAD_V1: u32 = 1;
/// The unloading of before 4.4: `XenKexecLoadV1`.
pub const KEXEC_CMD_KEXEC_UNLOAD_V1: u32 = 2;
/// Tells a memory range: `XenKexecRange`.
pub const KEXEC_CMD_KEXEC_GET_RANGE: u32 = 3;
/// Loads an image: `XenKexecLoad`.
pub const KEXEC_CMD_KEXEC_LOAD: u32 = 4;
/// Drops it: `XenKexecUnload`.
pub const KEXEC_CMD_KEXEC_UNLOAD: u32 = 5;
/// Returns 1 if an image is loaded: `XenKexecStatus`.
pub const KEXEC_CMD_KEXEC_STATUS: u32 = 6;
/// An image for an orderly restart.
pub const KEXEC_TYPE_DEFAULT: u32 = 0;
/// An image for a crash.
pub const KEXEC_TYPE_CRASH: u32 = 1;
/// Pages of `XenKexecImage::page_list`.
pub const KEXEC_XEN_NO_PAGES: usize = 17;

// Ranges.

/// The memory reserved for the crash kernel.
pub const KEXEC_RANGE_MA_CRASH: i32 = 0;
/// The hypervisor.
pub const KEXEC_RANGE_MA_XEN: i32 = 1;
/// The crash note of CPU `nr`.
pub const KEXEC_RANGE_MA_CPU: i32 = 2;
/// The hypervisor's heap.
pub const KEXEC_RANGE_MA_XENHEAP: i32 = 3;
/// Boot parameters; not on x86.
pub const KEXEC_RANGE_MA_BOOT_PARAM: i32 = 4;
/// The EFI memory map; not on x86.
pub const KEXEC_RANGE_MA_EFI_MEMMAP: i32 = 5;
/// The page of `vmcoreinfo`.
pub const KEXEC_RANGE_MA_VMCOREINFO: i32 = 6;

/// An image of before 4.4.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenKexecImage {
    /// Control pages.
    pub page_list: [u64; 17],
    /// Page list of the image.
    pub indirection_page: u64,
    /// Entry point.
    pub start_address: u64,
}

/// Argument of `KEXEC_CMD_KEXEC`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenKexecExec {
    /// `KEXEC_TYPE_*`; in.
    pub kind: i32,
}

/// Argument of the commands of before 4.4.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenKexecLoadV1 {
    /// `KEXEC_TYPE_*`; in.
    pub kind: i32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Image; in.
    pub image: XenKexecImage,
}

/// Argument of `KEXEC_CMD_KEXEC_GET_RANGE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenKexecRange {
    /// `KEXEC_RANGE_MA_*`; in.
    pub range: i32,
    /// CPU; in.
    pub nr: i32,
    /// Bytes; out.
    pub size: u64,
    /// Machine address; out.
    pub start: u64,
}

/// A part of an image.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenKexecSegment {
    /// Contents in the caller's memory.
    pub buf: Handle<u8>,
    /// Their bytes.
    pub buf_size: u64,
    /// Machine address where they go.
    pub dest_maddr: u64,
    /// Bytes there, the rest zeroed.
    pub dest_size: u64,
}

/// Argument of `KEXEC_CMD_KEXEC_LOAD`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenKexecLoad {
    /// `KEXEC_TYPE_*`; in.
    pub kind: u8,
    #[doc(hidden)]
    pub _pad: u8,
    /// ELF machine: 3 to start in 32-bit mode, 62 in 64-bit mode; in.
    pub arch: u16,
    /// Parts; in.
    pub nr_segments: u32,
    /// The parts; in.
    pub segments: Handle<XenKexecSegment>,
    /// Entry point; in.
    pub entry_maddr: u64,
}

/// Argument of `KEXEC_CMD_KEXEC_UNLOAD`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenKexecUnload {
    /// `KEXEC_TYPE_*`; in.
    pub kind: u8,
}

/// Argument of `KEXEC_CMD_KEXEC_STATUS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenKexecStatus {
    /// `KEXEC_TYPE_*`; in.
    pub kind: u8,
}

crate::assert_sizes! {
    XenKexecImage = 152,
    XenKexecExec = 4,
    XenKexecLoadV1 = 160,
    XenKexecRange = 24,
    XenKexecSegment = 32,
    XenKexecLoad = 24,
    XenKexecUnload = 1,
    XenKexecStatus = 1,
}
