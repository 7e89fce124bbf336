//! The features that a kernel demands or knows (`features.h`).

use abi::features::{
    XENFEAT_ARM_SMCCC_SUPPORTED, XENFEAT_AUTO_TRANSLATED_PHYSMAP, XENFEAT_DIRECT_MAPPED,
    XENFEAT_DOM0, XENFEAT_GNTTAB_MAP_AVAIL_BITS, XENFEAT_HIGHMEM_ASSIST,
    XENFEAT_HVM_CALLBACK_VECTOR, XENFEAT_HVM_PIRQS, XENFEAT_HVM_SAFE_PVCLOCK,
    XENFEAT_LINUX_RSDP_UNRESTRICTED, XENFEAT_MEMORY_OP_VNODE_SUPPORTED,
    XENFEAT_MMU_PT_UPDATE_PRESERVE_AD, XENFEAT_NOT_DIRECT_MAPPED, XENFEAT_PAE_PGDIR_ABOVE_4GB,
    XENFEAT_SUPERVISOR_MODE_KERNEL, XENFEAT_WRITABLE_DESCRIPTOR_TABLES,
    XENFEAT_WRITABLE_PAGE_TABLES,
};

/// The names that a kernel's notes may use, with their bits.
const NAMES: [(&str, u32); 17] = [
    ("writable_page_tables", XENFEAT_WRITABLE_PAGE_TABLES),
    (
        "writable_descriptor_tables",
        XENFEAT_WRITABLE_DESCRIPTOR_TABLES,
    ),
    ("auto_translated_physmap", XENFEAT_AUTO_TRANSLATED_PHYSMAP),
    ("supervisor_mode_kernel", XENFEAT_SUPERVISOR_MODE_KERNEL),
    ("pae_pgdir_above_4gb", XENFEAT_PAE_PGDIR_ABOVE_4GB),
    (
        "mmu_pt_update_preserve_ad",
        XENFEAT_MMU_PT_UPDATE_PRESERVE_AD,
    ),
    ("highmem_assist", XENFEAT_HIGHMEM_ASSIST),
    ("gnttab_map_avail_bits", XENFEAT_GNTTAB_MAP_AVAIL_BITS),
    ("hvm_callback_vector", XENFEAT_HVM_CALLBACK_VECTOR),
    ("hvm_safe_pvclock", XENFEAT_HVM_SAFE_PVCLOCK),
    ("hvm_pirqs", XENFEAT_HVM_PIRQS),
    ("dom0", XENFEAT_DOM0),
    (
        "memory_op_vnode_supported",
        XENFEAT_MEMORY_OP_VNODE_SUPPORTED,
    ),
    ("ARM_SMCCC_supported", XENFEAT_ARM_SMCCC_SUPPORTED),
    ("linux_rsdp_unrestricted", XENFEAT_LINUX_RSDP_UNRESTRICTED),
    ("not_direct_mapped", XENFEAT_NOT_DIRECT_MAPPED),
    ("direct_mapped", XENFEAT_DIRECT_MAPPED),
];

/// Two sets of `XENFEAT_*` bits (submap 0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Features without which the kernel can't run.
    pub required: u32,
    /// Features that the kernel can use, the required ones among them.
    pub supported: u32,
}

impl Features {
    /// Adds the features that a `FEATURES` string lists: names separated by `|`, those required
    /// preceded by `!`. A name not known is no matter unless it is required: then it is answered.
    pub(crate) fn add_list<'s>(&mut self, list: &'s str) -> Result<(), &'s str> {
        for item in list.split('|').map(str::trim) {
            let (name, required) = match item.strip_prefix('!') {
                Some(name) => (name, true),
                None => (item, false),
            };
            match NAMES.iter().find(|(known, _)| *known == name) {
                Some((_, bit)) => {
                    self.supported |= 1 << bit;
                    self.required |= u32::from(required) << bit;
                }
                None if required => return Err(name),
                None => {}
            }
        }
        Ok(())
    }

    /// True if the bit `feature` (`XENFEAT_*`) is among the required.
    pub fn requires(self, feature: u32) -> bool {
        1u32.checked_shl(feature)
            .is_some_and(|bit| self.required & bit != 0)
    }

    /// True if the bit `feature` (`XENFEAT_*`) is among the supported.
    pub fn supports(self, feature: u32) -> bool {
        1u32.checked_shl(feature)
            .is_some_and(|bit| self.supported & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_list() {
        let mut features = Features::default();
        let list = "!writable_page_tables|pae_pgdir_above_4gb|from_the_future";
        assert_eq!(features.add_list(list), Ok(()));
        assert_eq!(features.required, 0b1);
        assert_eq!(features.supported, 0b1_0001);
        assert!(features.requires(0) && !features.requires(4) && features.supports(4));
        assert!(!features.supports(32));
    }

    #[test]
    fn required_feature_must_be_known() {
        let mut features = Features::default();
        assert_eq!(features.add_list("dom0|!teleport"), Err("teleport"));
    }
}
