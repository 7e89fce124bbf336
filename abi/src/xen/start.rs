//! The start-info page of a PV guest, multiboot modules in it and dom0's screen (`xen.h`).
//!
//! The bootstrap region of a PV guest holds, each 4 KiB aligned and in this order: kernel image,
//! initial RAM disk, p2m list, the start-info page, store ring, console ring, page tables and stack,
//! with at least 512 KiB mapped beyond, to a multiple of 4 MiB. rsi points to the start-info page.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Union32, Union64};

// `StartInfo::flags`.

/// The domain is privileged.
pub const SIF_PRIVILEGED: u32 = 1;
/// The domain is the initial control domain.
pub const SIF_INITDOMAIN: u32 = 1 << 1;
/// `mod_start` is an array of `XenMultibootModList`.
pub const SIF_MULTIBOOT_MOD: u32 = 1 << 2;
/// `mod_start` is a pfn, and the module isn't in the initial mapping.
pub const SIF_MOD_START_PFN: u32 = 1 << 3;
/// Tools understand a p2m that is only mapped linearly.
pub const SIF_VIRT_P2M_4TOOLS: u32 = 1 << 4;
/// A byte of power-management options for dom0: bit 0 cpufreq, bit 1 C states.
pub const SIF_PM_MASK: u32 = 0xFF << 8;
/// Bytes of `StartInfo::cmd_line`.
pub const MAX_GUEST_CMDLINE: u32 = 1024;

// `Dom0VgaConsoleInfo::video_type`.

/// 80x25 text.
pub const XEN_VGATYPE_TEXT_MODE_3: u8 = 0x03;
/// A linear frame buffer from VBE.
pub const XEN_VGATYPE_VESA_LFB: u8 = 0x23;
/// A linear frame buffer from EFI.
pub const XEN_VGATYPE_EFI_LFB: u8 = 0x70;

/// What a PV guest is told at its start.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StartInfo {
    /// `xen-<version>-<platform>`, zero-terminated.
    pub magic: [u8; 32],
    /// Pages allocated to the domain.
    pub nr_pages: u64,
    /// Machine address of the shared-info page.
    pub shared_info: u64,
    /// `SIF_*`.
    pub flags: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Machine frame of the xenstore ring.
    pub store_mfn: u64,
    /// Event channel of the xenstore ring.
    pub store_evtchn: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
    /// `StartInfoConsoleDomu` or `StartInfoConsoleDom0`.
    pub console: Union64<2>,
    /// Virtual address of the L4 table.
    pub pt_base: u64,
    /// Frames of the bootstrap page tables.
    pub nr_pt_frames: u64,
    /// Virtual address of the p2m list.
    pub mfn_list: u64,
    /// Virtual address (or pfn) of the module, 0 for none.
    pub mod_start: u64,
    /// Bytes of the module.
    pub mod_len: u64,
    /// Kernel command line, zero-terminated.
    pub cmd_line: [u8; 1024],
    /// First pfn of the p2m list if that was placed by `XEN_ELFNOTE_INIT_P2M`.
    pub first_p2m_pfn: u64,
    /// Frames of the p2m list and the tables that map it.
    pub nr_p2m_frames: u64,
}

/// `StartInfo::console` of an ordinary domain.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StartInfoConsoleDomu {
    /// Machine frame of the console ring.
    pub mfn: u64,
    /// Event channel of the console ring.
    pub evtchn: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// `StartInfo::console` of the initial domain.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StartInfoConsoleDom0 {
    /// Offset of the `Dom0VgaConsoleInfo` in the start-info page, bytes.
    pub info_off: u32,
    /// Its size, bytes.
    pub info_size: u32,
}

/// One module of a multiboot array, closed by an entry whose `mod_start` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMultibootModList {
    /// Offset of the first byte.
    pub mod_start: u32,
    /// Offset of the last byte.
    pub mod_end: u32,
    /// Offset of the zero-terminated command line.
    pub cmdline: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// The screen as the firmware left it.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Dom0VgaConsoleInfo {
    /// `XEN_VGATYPE_*`.
    pub video_type: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
    /// `Dom0VgaTextMode3` or `Dom0VgaVesaLfb`.
    pub u: Union32<9>,
}

/// A screen of characters.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Dom0VgaTextMode3 {
    /// Pixels.
    pub font_height: u16,
    /// Column of the cursor.
    pub cursor_x: u16,
    /// Row of the cursor.
    pub cursor_y: u16,
    /// Rows of characters.
    pub rows: u16,
    /// Columns of characters.
    pub columns: u16,
}

/// A screen of pixels.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Dom0VgaVesaLfb {
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// Bytes from one line to the next.
    pub bytes_per_line: u16,
    /// Depth.
    pub bits_per_pixel: u16,
    /// Physical address of the frame buffer, low 32 bits.
    pub lfb_base: u32,
    /// Its size, in 64 KiB.
    pub lfb_size: u32,
    /// Lowest bit of red.
    pub red_pos: u8,
    /// Bits of red.
    pub red_size: u8,
    /// Lowest bit of green.
    pub green_pos: u8,
    /// Bits of green.
    pub green_size: u8,
    /// Lowest bit of blue.
    pub blue_pos: u8,
    /// Bits of blue.
    pub blue_size: u8,
    /// Lowest unused bit.
    pub rsvd_pos: u8,
    /// Unused bits.
    pub rsvd_size: u8,
    /// Capabilities that VBE function 4f00 reported.
    pub gbl_caps: u32,
    /// Attributes that VBE function 4f01 reported.
    pub mode_attrs: u16,
    #[doc(hidden)]
    pub _pad0: u16,
    /// Physical address of the frame buffer, high 32 bits.
    pub ext_lfb_base: u32,
}

crate::assert_sizes! {
    StartInfo = 1168,
    StartInfoConsoleDomu = 16,
    StartInfoConsoleDom0 = 8,
    XenMultibootModList = 16,
    Dom0VgaConsoleInfo = 40,
    Dom0VgaTextMode3 = 10,
    Dom0VgaVesaLfb = 36,
}
