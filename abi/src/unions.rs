//! C unions, as words whose meaning the operation decides.
//!
//! Which member of a union is live depends on a number beside it, which the guest chose. The union
//! is therefore plain words, always initialized, and a member is copied out of it and into it by
//! type. The number of words gives the size of the largest member, the width of a word its
//! alignment.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

macro_rules! union {
    ($(#[$doc:meta])* $name:ident, $word:ty) => {
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
        pub struct $name<const WORDS: usize>(pub [$word; WORDS]);

        impl<const WORDS: usize> $name<WORDS> {
            /// All words zero.
            pub const ZERO: Self = Self([0; WORDS]);

            /// A union that holds `member`, the rest of it zero.
            #[inline]
            pub fn of<T: IntoBytes + Immutable>(member: &T) -> Self {
                let mut new = Self::ZERO;
                new.put(member);
                new
            }

            /// The bytes from the start, read as a `T`. A `T` that doesn't fit fails to compile.
            #[inline]
            pub fn get<T: FromBytes>(&self) -> T {
                const { assert!(size_of::<T>() <= WORDS * size_of::<$word>(), "member larger than its union") };
                T::read_from_prefix(self.0.as_bytes()).map_or_else(|_| T::new_zeroed(), |(member, _)| member)
            }

            /// Overwrites the bytes from the start with `member` and leaves the others alone.
            #[inline]
            pub fn put<T: IntoBytes + Immutable>(&mut self, member: &T) {
                const { assert!(size_of::<T>() <= WORDS * size_of::<$word>(), "member larger than its union") };
                // The assertion above is the only way to fail.
                let _ = member.write_to_prefix(self.0.as_mut_bytes());
            }
        }
    };
}

union! {
    /// A union that is aligned to 8 bytes and holds `8 * WORDS` bytes.
    Union64, u64
}
union! {
    /// A union that is aligned to 4 bytes and holds `4 * WORDS` bytes.
    Union32, u32
}
union! {
    /// A union that is aligned to 2 bytes and holds `2 * WORDS` bytes.
    Union16, u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_got() {
        let mut union = Union64::<2>([u64::MAX; 2]);
        union.put(&0x1122_3344_u32);
        assert_eq!(union.get::<u32>(), 0x1122_3344);
        assert_eq!(union.get::<[u64; 2]>(), [0xffff_ffff_1122_3344, u64::MAX]);
    }

    #[test]
    fn a_new_union_leaks_nothing() {
        assert_eq!(Union32::<3>::of(&7_u8).0, [7, 0, 0]);
    }
}
