//! The range decoder of LZMA: turns a byte stream into adaptive binary decisions.
//!
//! It is the innermost loop of the boot: an xz kernel is some hundred million decisions. So the
//! decoder is a plain value that lives in registers, every step is inlined, a decision is taken
//! without a branch (literals are close to random, and a mispredicted branch costs more than the
//! whole step), and running off the input is not an error here: absent bytes read as zero, and
//! [`RangeDecoder::finish`] tells, once a chunk.

use core::slice::Iter;

/// Below this range another input byte is due.
const TOP: u64 = 1 << 24;
/// Probabilities are 11-bit fixed point.
const PROB_BITS: u32 = 11;
/// How fast a probability follows what it sees.
const MOVE_BITS: u32 = 5;
/// What a probability moves towards after a one: it never reaches zero.
const ONE_TARGET: i32 = (1 << MOVE_BITS) - 1;
/// What a probability moves towards after a zero.
const ZERO_TARGET: i32 = 1 << PROB_BITS;

/// A probability that the next decision is zero, in units of 2^-11.
pub(super) type Prob = u16;

/// One half: what every probability starts from.
pub(super) const PROB_INIT: Prob = 1 << (PROB_BITS - 1);

/// Bytes that a range-coded stream starts with: a zero and the first 32 bits of code.
pub(super) const HEADER: usize = 5;

/// A range decoder over one chunk of input.
///
/// Always `code < range <= 2^32`. Both are 64 bits wide because the compiler keeps two words of
/// 32 in one register, and then spends half of its instructions on taking them apart.
pub(super) struct RangeDecoder<'i> {
    range: u64,
    code: u64,
    input: Iter<'i, u8>,
    missing: usize,
}

impl<'i> RangeDecoder<'i> {
    /// Starts on a chunk. `None` if it is shorter than the header or the header is malformed.
    pub(super) fn new(input: &'i [u8]) -> Option<Self> {
        let (header, input) = input.split_first_chunk::<HEADER>()?;
        let [0, a, b, c, d] = *header else {
            return None;
        };
        let code = u32::from_be_bytes([a, b, c, d]);
        (code != u32::MAX).then(|| Self {
            range: u64::from(u32::MAX),
            code: u64::from(code),
            input: input.iter(),
            missing: 0,
        })
    }

    /// Ends a chunk. True if the input was used up exactly and the code came out at zero, as it
    /// does for every intact chunk.
    pub(super) fn finish(mut self) -> bool {
        self.normalize();
        self.missing == 0 && self.input.as_slice().is_empty() && self.code == 0
    }

    #[inline(always)]
    fn normalize(&mut self) {
        if self.range < TOP {
            let byte = match self.input.next() {
                Some(&byte) => byte,
                None => {
                    self.missing = 1;
                    0
                }
            };
            self.range <<= 8;
            self.code = self.code << 8 | u64::from(byte);
        }
    }

    /// One decision, as a branch: for those that the caller branches on at once.
    #[inline(always)]
    pub(super) fn bit(&mut self, prob: &mut Prob) -> bool {
        self.normalize();
        let p = i32::from(*prob);
        let bound = (self.range >> PROB_BITS) * p as u64;
        if self.code < bound {
            self.range = bound;
            *prob = (p + ((ZERO_TARGET - p) >> MOVE_BITS)) as Prob;
            false
        } else {
            self.range -= bound;
            self.code -= bound;
            *prob = (p - (p >> MOVE_BITS)) as Prob;
            true
        }
    }

    /// One decision, appended to `symbol` as its lowest bit, without a branch.
    #[inline(always)]
    pub(super) fn shift_bit(&mut self, prob: &mut Prob, symbol: u32) -> u32 {
        self.normalize();
        let p = i32::from(*prob);
        let bound = (self.range >> PROB_BITS) * p as u64;
        let upper = self.range - bound;
        let (rest, is_zero) = self.code.overflowing_sub(bound);
        self.range = if is_zero { bound } else { upper };
        // All ones for a zero bit.
        let zero = (rest as i64 >> 63) as u64;
        self.code = rest.wrapping_add(bound & zero);
        let away = p + (zero as i32 & (ONE_TARGET - ZERO_TARGET));
        *prob = (p - (away >> MOVE_BITS)) as Prob;
        (symbol << 1).wrapping_add(1).wrapping_add(zero as u32)
    }

    /// `count` decisions of even odds, most significant first.
    #[inline(always)]
    pub(super) fn direct_bits(&mut self, count: u32) -> u32 {
        let mut value = 0u32;
        for _ in 0..count {
            self.normalize();
            self.range >>= 1;
            let rest = self.code.wrapping_sub(self.range);
            let zero = (rest as i64 >> 63) as u64;
            self.code = rest.wrapping_add(self.range & zero);
            value = (value << 1).wrapping_add(1).wrapping_add(zero as u32);
        }
        value
    }
}
