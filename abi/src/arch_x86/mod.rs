//! The x86 part of the interface, for 64-bit guests (`arch-x86/xen.h`, `xen-x86_64.h`, `cpuid.h`).
//!
//! A 64-bit PV kernel runs in ring 3 like its programs. The hypervisor keeps two page tables and two
//! gs bases apart for them, owns the last two pages of every GDT, and holds the 16 TiB from
//! `HYPERVISOR_VIRT_START` in every address space.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

mod context;
mod cpuid;
pub use context::*;
pub use cpuid::*;

// Descriptor tables.

/// The first GDT page that belongs to the hypervisor.
pub const FIRST_RESERVED_GDT_PAGE: u32 = 14;
/// Its offset, bytes.
pub const FIRST_RESERVED_GDT_BYTE: u32 = FIRST_RESERVED_GDT_PAGE * 4096;
/// Its first entry.
pub const FIRST_RESERVED_GDT_ENTRY: u32 = FIRST_RESERVED_GDT_BYTE / 8;

// Flat segments in the reserved part, the same in every GDT.

/// 32-bit code.
pub const FLAT_RING3_CS32: u16 = 0xe023;
/// 64-bit code.
pub const FLAT_RING3_CS64: u16 = 0xe033;
/// 32-bit data.
pub const FLAT_RING3_DS32: u16 = 0xe02b;
/// 64-bit data: the null selector.
pub const FLAT_RING3_DS64: u16 = 0;
/// 32-bit stack.
pub const FLAT_RING3_SS32: u16 = 0xe02b;
/// 64-bit stack.
pub const FLAT_RING3_SS64: u16 = 0xe02b;
/// 64-bit kernel data.
pub const FLAT_KERNEL_DS64: u16 = FLAT_RING3_DS64;
/// 32-bit kernel data.
pub const FLAT_KERNEL_DS32: u16 = FLAT_RING3_DS32;
/// Kernel data.
pub const FLAT_KERNEL_DS: u16 = FLAT_KERNEL_DS64;
/// 64-bit kernel code.
pub const FLAT_KERNEL_CS64: u16 = FLAT_RING3_CS64;
/// 32-bit kernel code.
pub const FLAT_KERNEL_CS32: u16 = FLAT_RING3_CS32;
/// Kernel code.
pub const FLAT_KERNEL_CS: u16 = FLAT_KERNEL_CS64;
/// 64-bit kernel stack.
pub const FLAT_KERNEL_SS64: u16 = FLAT_RING3_SS64;
/// 32-bit kernel stack.
pub const FLAT_KERNEL_SS32: u16 = FLAT_RING3_SS32;
/// Kernel stack.
pub const FLAT_KERNEL_SS: u16 = FLAT_KERNEL_SS64;
/// 64-bit user data.
pub const FLAT_USER_DS64: u16 = FLAT_RING3_DS64;
/// 32-bit user data.
pub const FLAT_USER_DS32: u16 = FLAT_RING3_DS32;
/// User data.
pub const FLAT_USER_DS: u16 = FLAT_USER_DS64;
/// 64-bit user code.
pub const FLAT_USER_CS64: u16 = FLAT_RING3_CS64;
/// 32-bit user code.
pub const FLAT_USER_CS32: u16 = FLAT_RING3_CS32;
/// User code.
pub const FLAT_USER_CS: u16 = FLAT_USER_CS64;
/// 64-bit user stack.
pub const FLAT_USER_SS64: u16 = FLAT_RING3_SS64;
/// 32-bit user stack.
pub const FLAT_USER_SS32: u16 = FLAT_RING3_SS32;
/// User stack.
pub const FLAT_USER_SS: u16 = FLAT_USER_SS64;

// The hypervisor's hole in every address space.

/// First virtual address of the hole.
pub const HYPERVISOR_VIRT_START: u64 = 0xffff_8000_0000_0000;
/// First virtual address above the hole.
pub const HYPERVISOR_VIRT_END: u64 = 0xffff_8800_0000_0000;
/// First virtual address of the read-only M2P table.
pub const MACH2PHYS_VIRT_START: u64 = 0xffff_8000_0000_0000;
/// First virtual address above the M2P table.
pub const MACH2PHYS_VIRT_END: u64 = 0xffff_8040_0000_0000;
/// Frames that the M2P table can hold.
pub const MACH2PHYS_NR_ENTRIES: u64 = (MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3;

// Which base `__HYPERVISOR_SET_SEGMENT_BASE` sets.

/// Base of fs.
pub const SEGBASE_FS: u32 = 0;
/// Base of the user's gs.
pub const SEGBASE_GS_USER: u32 = 1;
/// Base of the kernel's gs.
pub const SEGBASE_GS_KERNEL: u32 = 2;
/// Not a base: the user's gs selector.
pub const SEGBASE_GS_USER_SEL: u32 = 3;

// Limits and oddities.

/// Vcpus that have an area in the shared-info page.
pub const XEN_LEGACY_MAX_VCPUS: usize = 32;
/// I/O port whose bytes an HVM guest finds on the hypervisor's console.
pub const XEN_HVM_DEBUGCONS_IOPORT: u16 = 233;

/// What precedes `cpuid` where a PV guest wants the hypervisor's answer: `ud2` and `xen`.
pub const XEN_EMULATE_PREFIX: [u8; 5] = [0x0f, 0x0b, b'x', b'e', b'n'];

/// The CR3 value that names frame `mfn`.
#[inline]
pub const fn xen_pfn_to_cr3(mfn: u64) -> u64 {
    mfn << 12
}

/// The frame that CR3 value `cr3` names.
#[inline]
pub const fn xen_cr3_to_pfn(cr3: u64) -> u64 {
    cr3 >> 12
}

// Flags of `XenArchDomainconfig`.

/// The domain has a local APIC.
pub const XEN_X86_EMU_LAPIC: u32 = 1;
/// The domain has an HPET.
pub const XEN_X86_EMU_HPET: u32 = 2;
/// The domain has the ACPI timer and event block.
pub const XEN_X86_EMU_PM: u32 = 4;
/// The domain has a CMOS clock.
pub const XEN_X86_EMU_RTC: u32 = 8;
/// The domain has an I/O APIC.
pub const XEN_X86_EMU_IOAPIC: u32 = 16;
/// The domain has the two 8259.
pub const XEN_X86_EMU_PIC: u32 = 32;
/// The domain has standard VGA memory.
pub const XEN_X86_EMU_VGA: u32 = 64;
/// The domain has an IOMMU.
pub const XEN_X86_EMU_IOMMU: u32 = 128;
/// The domain has an 8254.
pub const XEN_X86_EMU_PIT: u32 = 256;
/// The domain may route pirqs to event channels.
pub const XEN_X86_EMU_USE_PIRQ: u32 = 512;
/// The domain's PCI configuration space is emulated in the hypervisor.
pub const XEN_X86_EMU_VPCI: u32 = 1024;
/// All of the above.
pub const XEN_X86_EMU_ALL: u32 = 2047;
/// MSRs that aren't handled read as hardware has them or as 0 and ignore writes.
pub const XEN_X86_MSR_RELAXED: u32 = 1;
/// The highest flag.
pub const XEN_X86_MISC_FLAGS_MAX: u32 = XEN_X86_MSR_RELAXED;

/// The architecture's part of `XEN_DOMCTL_CREATEDOMAIN`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenArchDomainconfig {
    /// `XEN_X86_EMU_*`.
    pub emulation_flags: u32,
    /// `XEN_X86_MSR_RELAXED`.
    pub misc_flags: u32,
}

/// One CPUID leaf of a domain's policy.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenCpuidLeaf {
    /// Eax in.
    pub leaf: u32,
    /// Ecx in, or `XEN_CPUID_NO_SUBLEAF`.
    pub subleaf: u32,
    /// Eax out.
    pub a: u32,
    /// Ebx out.
    pub b: u32,
    /// Ecx out.
    pub c: u32,
    /// Edx out.
    pub d: u32,
}

/// One MSR of a domain's policy.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenMsrEntry {
    /// MSR number.
    pub idx: u32,
    /// Zero.
    pub flags: u32,
    /// Contents.
    pub val: u64,
}

crate::assert_sizes! {
    XenArchDomainconfig = 8,
    XenCpuidLeaf = 24,
    XenMsrEntry = 16,
}
