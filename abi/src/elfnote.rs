//! ELF notes by which a kernel tells how it wants to be started (`elfnote.h`).
//!
//! The owner of the notes is `Xen`. A numeric note holds 4 or 8 bytes; strings are
//! zero-terminated.

/// Any `name=value` pair (string).
pub const XEN_ELFNOTE_INFO: u32 = 0;
/// Virtual address of the PV entry point (numeric).
pub const XEN_ELFNOTE_ENTRY: u32 = 1;
/// Virtual address of the page to be filled with hypercall stubs (numeric).
pub const XEN_ELFNOTE_HYPERCALL_PAGE: u32 = 2;
/// Virtual address at which pfn 0 is mapped (numeric, 0 by default).
pub const XEN_ELFNOTE_VIRT_BASE: u32 = 3;
/// What to subtract from ELF physical addresses (numeric, 0 by default).
pub const XEN_ELFNOTE_PADDR_OFFSET: u32 = 4;
/// Interface version that the kernel expects: `xen-3.0` (string).
pub const XEN_ELFNOTE_XEN_VERSION: u32 = 5;
/// Name of the system (string).
pub const XEN_ELFNOTE_GUEST_OS: u32 = 6;
/// Its version (string).
pub const XEN_ELFNOTE_GUEST_VERSION: u32 = 7;
/// Kind of loader: `generic` (string).
pub const XEN_ELFNOTE_LOADER: u32 = 8;
/// 32-bit only: `yes`, `no` or `bimodal` (string).
pub const XEN_ELFNOTE_PAE_MODE: u32 = 9;
/// Features supported, separated by `|`, those required preceded by `!` (string).
pub const XEN_ELFNOTE_FEATURES: u32 = 10;
/// `yes` to have the symbol table loaded (string).
pub const XEN_ELFNOTE_BSD_SYMTAB: u32 = 11;
/// Lowest address at which the hypervisor's hole may begin (numeric).
pub const XEN_ELFNOTE_HV_START_LOW: u32 = 12;
/// Mask and value by which L1 entries that hold a frame are known (numeric pairs).
pub const XEN_ELFNOTE_L1_MFN_VALID: u32 = 13;
/// Nonzero if a suspend may be cancelled (numeric).
pub const XEN_ELFNOTE_SUSPEND_CANCEL: u32 = 14;
/// Virtual address at which the p2m list goes, outside of the initial mapping (numeric).
pub const XEN_ELFNOTE_INIT_P2M: u32 = 15;
/// Nonzero if the RAM disk may be passed by pfn, unmapped (numeric).
pub const XEN_ELFNOTE_MOD_START_PFN: u32 = 16;
/// Features supported, as bits (numeric).
pub const XEN_ELFNOTE_SUPPORTED_FEATURES: u32 = 17;
/// Physical address of the 32-bit unpaged PVH entry point (numeric).
pub const XEN_ELFNOTE_PHYS32_ENTRY: u32 = 18;
/// The highest of the above.
pub const XEN_ELFNOTE_MAX: u32 = 18;
/// In a crash image: information about the system.
pub const XEN_ELFNOTE_CRASH_INFO: u32 = 0x1000001;
/// In a crash image: registers of one CPU.
pub const XEN_ELFNOTE_CRASH_REGS: u32 = 0x1000002;
/// In a domain's dump: marks the file.
pub const XEN_ELFNOTE_DUMPCORE_NONE: u32 = 0x2000000;
/// In a domain's dump: its header.
pub const XEN_ELFNOTE_DUMPCORE_HEADER: u32 = 0x2000001;
/// In a domain's dump: version of the hypervisor.
pub const XEN_ELFNOTE_DUMPCORE_XEN_VERSION: u32 = 0x2000002;
/// In a domain's dump: version of the format.
pub const XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION: u32 = 0x2000003;
