//! Processor vendors, as far as leaves and MSRs differ between them.

/// Who made the processor, by the string of leaf 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// `GenuineIntel`.
    Intel,
    /// `AuthenticAMD`, and `HygonGenuine`, which is the same design.
    Amd,
    /// Anyone else.
    Other,
}

impl Vendor {
    /// The vendor from leaf 0 (eax, ebx, ecx, edx).
    pub const fn of(leaf: [u32; 4]) -> Self {
        let [_, b, c, d] = leaf;
        match (b, d, c) {
            (0x756e_6547, 0x4965_6e69, 0x6c65_746e) => Self::Intel,
            (0x6874_7541, 0x6974_6e65, 0x444d_4163) => Self::Amd,
            (0x6f67_7948, 0x6e65_476e, 0x656e_6975) => Self::Amd,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Vendor;

    fn leaf(name: &[u8; 12]) -> [u32; 4] {
        let word = |at: usize| u32::from_le_bytes(name[at..at + 4].try_into().unwrap());
        [1, word(0), word(8), word(4)]
    }

    #[test]
    fn vendors_by_their_strings() {
        assert_eq!(Vendor::of(leaf(b"GenuineIntel")), Vendor::Intel);
        assert_eq!(Vendor::of(leaf(b"AuthenticAMD")), Vendor::Amd);
        assert_eq!(Vendor::of(leaf(b"HygonGenuine")), Vendor::Amd);
        assert_eq!(Vendor::of(leaf(b"TCGTCGTCGTCG")), Vendor::Other);
    }
}
