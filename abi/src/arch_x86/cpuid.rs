//! The CPUID leaves by which guests find the hypervisor (`arch-x86/cpuid.h`).
//!
//! `XEN_CPUID_FIRST_LEAF` holds the highest leaf and the signature; +1 the version in eax, major in
//! the upper half; +2 the number of hypercall pages (eax), the base of the hypervisor's MSRs (ebx)
//! and feature bits (ecx); +3 the clock, in three subleaves; +4 features of HVM domains; +5 limits of
//! PV domains. Where the viridian leaves take the first place, all of them move up by 0x100.

/// The first leaf.
pub const XEN_CPUID_FIRST_LEAF: u32 = 0x40000000;
/// "XenV".
pub const XEN_CPUID_SIGNATURE_EBX: u32 = 0x566e6558;
/// "MMXe".
pub const XEN_CPUID_SIGNATURE_ECX: u32 = 0x65584d4d;
/// "nVMM".
pub const XEN_CPUID_SIGNATURE_EDX: u32 = 0x4d4d566e;
/// Leaf 2, ecx: `MMU_PT_UPDATE_PRESERVE_AD` works.
pub const XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD: u32 = 1;
/// Leaf 4, eax: the CPU virtualizes APIC registers.
pub const XEN_HVM_CPUID_APIC_ACCESS_VIRT: u32 = 1;
/// Leaf 4, eax: the CPU virtualizes x2APIC accesses.
pub const XEN_HVM_CPUID_X2APIC_VIRT: u32 = 1 << 1;
/// Leaf 4, eax: granted and foreign memory is in the IOMMU too.
pub const XEN_HVM_CPUID_IOMMU_MAPPINGS: u32 = 1 << 2;
/// Leaf 4, eax: ebx holds the vcpu number.
pub const XEN_HVM_CPUID_VCPU_ID_PRESENT: u32 = 1 << 3;
/// Leaf 4, eax: ecx holds the domain number.
pub const XEN_HVM_CPUID_DOMID_PRESENT: u32 = 1 << 4;
/// Leaf 4, eax: MSI and I/O APIC destinations have 15 bits.
pub const XEN_HVM_CPUID_EXT_DEST_ID: u32 = 1 << 5;
/// Leaf 4, eax: per-vcpu upcall vectors go together with pirqs.
pub const XEN_HVM_CPUID_UPCALL_VECTOR: u32 = 1 << 6;
/// Leaf 5, ebx: bits of a machine address.
pub const XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK: u32 = 0xff;
/// The highest leaf, from the first.
pub const XEN_CPUID_MAX_NUM_LEAVES: u32 = 5;
/// In `XenCpuidLeaf::subleaf`: the leaf has no subleaves.
pub const XEN_CPUID_NO_SUBLEAF: u32 = 0xffffffff;
