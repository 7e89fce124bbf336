//! Feature bits that a guest reads by `XENVER_GET_FEATURES` or demands by ELF note (`features.h`).
//!
//! The numbers are bit positions in submap 0. A kernel's note names them without the prefix.

/// Page tables may be written without hypercalls.
pub const XENFEAT_WRITABLE_PAGE_TABLES: u32 = 0;
/// GDT and LDT pages may be writable.
pub const XENFEAT_WRITABLE_DESCRIPTOR_TABLES: u32 = 1;
/// Page tables hold guest frames, the hypervisor translates.
pub const XENFEAT_AUTO_TRANSLATED_PHYSMAP: u32 = 2;
/// The kernel runs in ring 0.
pub const XENFEAT_SUPERVISOR_MODE_KERNEL: u32 = 3;
/// 32-bit only: L3 tables may lie above 4 GiB.
pub const XENFEAT_PAE_PGDIR_ABOVE_4GB: u32 = 4;
/// `MMU_PT_UPDATE_PRESERVE_AD` works.
pub const XENFEAT_MMU_PT_UPDATE_PRESERVE_AD: u32 = 5;
/// Gone: copying and clearing of pages by `MMUEXT_*`.
pub const XENFEAT_HIGHMEM_ASSIST: u32 = 6;
/// `GNTMAP_*` flags may set available bits of the entry.
pub const XENFEAT_GNTTAB_MAP_AVAIL_BITS: u32 = 7;
/// An HVM guest may take upcalls by IDT vector.
pub const XENFEAT_HVM_CALLBACK_VECTOR: u32 = 8;
/// The PV clock of an HVM guest can be trusted.
pub const XENFEAT_HVM_SAFE_PVCLOCK: u32 = 9;
/// Pirqs of an HVM guest can become event channels.
pub const XENFEAT_HVM_PIRQS: u32 = 10;
/// The domain is dom0.
pub const XENFEAT_DOM0: u32 = 11;
/// `XENMEMF_VNODE` works.
pub const XENFEAT_MEMORY_OP_VNODE_SUPPORTED: u32 = 13;
/// Arm only: the SMC calling convention.
pub const XENFEAT_ARM_SMCCC_SUPPORTED: u32 = 14;
/// ACPI's root pointer may lie anywhere for PVH Linux.
pub const XENFEAT_LINUX_RSDP_UNRESTRICTED: u32 = 15;
/// Guest frames aren't machine frames.
pub const XENFEAT_NOT_DIRECT_MAPPED: u32 = 16;
/// Guest frames are machine frames.
pub const XENFEAT_DIRECT_MAPPED: u32 = 17;
/// Words of the feature map.
pub const XENFEAT_NR_SUBMAPS: u32 = 1;
