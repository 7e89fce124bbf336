//! Operand widths.

/// The width of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// 1 byte.
    Byte,
    /// 2 bytes.
    Word,
    /// 4 bytes.
    Dword,
    /// 8 bytes.
    Qword,
}

impl Width {
    /// Every width, in rising order.
    pub const ALL: [Self; 4] = [Self::Byte, Self::Word, Self::Dword, Self::Qword];

    /// The width of `bytes` bytes, if there is one.
    #[inline]
    pub const fn of_bytes(bytes: u32) -> Option<Self> {
        match bytes {
            1 => Some(Self::Byte),
            2 => Some(Self::Word),
            4 => Some(Self::Dword),
            8 => Some(Self::Qword),
            _ => None,
        }
    }

    /// 1, 2, 4 or 8.
    #[inline]
    pub const fn bytes(self) -> u32 {
        1 << self as u32
    }

    /// 8, 16, 32 or 64.
    #[inline]
    pub const fn bits(self) -> u32 {
        8 << self as u32
    }

    /// The bits that a value of this width can have.
    #[inline]
    pub const fn mask(self) -> u64 {
        u64::MAX.wrapping_shr(64u32.wrapping_sub(self.bits()))
    }

    /// The highest bit.
    #[inline]
    pub const fn sign(self) -> u64 {
        1u64.wrapping_shl(self.bits().wrapping_sub(1))
    }

    /// The low part of `value`.
    #[inline]
    pub const fn trunc(self, value: u64) -> u64 {
        value & self.mask()
    }

    /// The low part of `value`, its highest bit copied to all above.
    #[inline]
    pub const fn sign_extend(self, value: u64) -> u64 {
        let shift = 64u32.wrapping_sub(self.bits());
        (value.wrapping_shl(shift) as i64).wrapping_shr(shift) as u64
    }

    /// What a general register holds after `value` of this width was written over `old`: a dword
    /// clears the upper half, narrower values leave the rest alone.
    #[inline]
    pub const fn merge(self, old: u64, value: u64) -> u64 {
        match self {
            Self::Byte | Self::Word => old & !self.mask() | value & self.mask(),
            Self::Dword | Self::Qword => value & self.mask(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Width;

    #[test]
    fn widths_agree_with_integer_casts() {
        let v = 0x8123_4567_89ab_cdefu64;
        assert_eq!(Width::Byte.trunc(v), u64::from(v as u8));
        assert_eq!(Width::Word.trunc(v), u64::from(v as u16));
        assert_eq!(Width::Dword.trunc(v), u64::from(v as u32));
        assert_eq!(Width::Qword.trunc(v), v);
        assert_eq!(Width::Byte.sign_extend(v), v as i8 as u64);
        assert_eq!(Width::Word.sign_extend(v), v as i16 as u64);
        assert_eq!(Width::Dword.sign_extend(v), v as i32 as u64);
        assert_eq!(Width::Byte.merge(u64::MAX, 0), !0xff);
        assert_eq!(Width::Dword.merge(u64::MAX, 7), 7);
        for w in Width::ALL {
            assert_eq!(Width::of_bytes(w.bytes()), Some(w));
            assert_eq!(w.sign(), w.mask() ^ (w.mask() >> 1));
        }
    }
}
