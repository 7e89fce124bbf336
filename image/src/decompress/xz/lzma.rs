//! The LZMA symbol decoder: literals and matches out of range-coded decisions.
//!
//! An LZMA stream is a sequence of literals (one byte), matches (a distance and a length) and
//! repeats (one of the last four distances and a length). Each choice is a walk through adaptive
//! probabilities, picked by the last few symbols (`state`), the position and the previous byte.
//! Reference: "LZMA specification" (lzma-specification.txt of the LZMA SDK, public domain).
//!
//! The output buffer is the dictionary: a match copies from what was written before. Hence no
//! window is allocated and no byte is moved twice.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::Cause;
use super::copy::copy_match;
use super::range::{PROB_INIT, Prob, RangeDecoder};

/// States below this follow a literal.
const LITERAL_STATES: usize = 7;
/// Most position states: `pb` is at most 4.
const POS_STATES: usize = 16;
/// Shortest match.
const MATCH_MIN: usize = 2;
/// Distance contexts: match lengths 2, 3, 4 and longer.
const LEN_STATES: usize = 4;
/// Most literal contexts under LZMA2, where `lc + lp <= 4`.
const LITERAL_CONTEXTS: usize = 16;
/// One literal context: a plain tree of 0x100 and two for literals after a match, padded to a
/// power of two, so that no index into it needs a check.
const LITERAL_PROBS: usize = 0x400;

/// State after a literal.
const AFTER_LITERAL: [u8; 16] = [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5, 0, 0, 0, 0];

/// What is wrong with a chunk's symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A distance points before the start of the dictionary; at this output offset.
    Distance(usize),
    /// A match runs past the size that the chunk declares; at this output offset.
    Length(usize),
    /// The input ended within a symbol, or goes on after the last.
    Input(usize),
}

impl Fault {
    /// The cause to report, where the dictionary starts at output offset `base`.
    pub(super) fn cause(self, base: usize) -> Cause {
        match self {
            Self::Distance(at) => Cause::Distance { to: base + at },
            Self::Length(at) => Cause::Length { to: base + at },
            Self::Input(at) => Cause::Symbols { to: base + at },
        }
    }
}

/// Probabilities of a match length.
struct LenProbs {
    choice: Prob,
    choice2: Prob,
    low: [[Prob; 8]; POS_STATES],
    mid: [[Prob; 8]; POS_STATES],
    high: [Prob; 256],
}

impl LenProbs {
    const INIT: Self = Self {
        choice: PROB_INIT,
        choice2: PROB_INIT,
        low: [[PROB_INIT; 8]; POS_STATES],
        mid: [[PROB_INIT; 8]; POS_STATES],
        high: [PROB_INIT; 256],
    };

    #[inline(always)]
    fn decode(&mut self, rc: &mut RangeDecoder<'_>, pos_state: usize) -> usize {
        let value = if !rc.bit(&mut self.choice) {
            tree::<8, 3>(rc, &mut self.low[pos_state & (POS_STATES - 1)])
        } else if !rc.bit(&mut self.choice2) {
            8 + tree::<8, 3>(rc, &mut self.mid[pos_state & (POS_STATES - 1)])
        } else {
            16 + tree::<256, 8>(rc, &mut self.high)
        };
        value as usize + MATCH_MIN
    }
}

/// Decodes `BITS` bits, most significant first, each in the context of those before it.
#[inline(always)]
fn tree<const N: usize, const BITS: u32>(rc: &mut RangeDecoder<'_>, probs: &mut [Prob; N]) -> u32 {
    let mut symbol = 1;
    for _ in 0..BITS {
        symbol = rc.shift_bit(&mut probs[symbol as usize & (N - 1)], symbol);
    }
    symbol - (1 << BITS)
}

/// The trees of one literal context.
type LiteralProbs = [Prob; LITERAL_PROBS];

/// All the adaptive probabilities but those of literals.
struct Probs {
    is_match: [[Prob; POS_STATES]; 16],
    is_rep: [Prob; 16],
    is_rep0: [Prob; 16],
    is_rep1: [Prob; 16],
    is_rep2: [Prob; 16],
    is_rep0_long: [[Prob; POS_STATES]; 16],
    slot: [[Prob; 64]; LEN_STATES],
    special: [Prob; 128],
    align: [Prob; 16],
    match_len: LenProbs,
    rep_len: LenProbs,
}

impl Probs {
    const INIT: Self = Self {
        is_match: [[PROB_INIT; POS_STATES]; 16],
        is_rep: [PROB_INIT; 16],
        is_rep0: [PROB_INIT; 16],
        is_rep1: [PROB_INIT; 16],
        is_rep2: [PROB_INIT; 16],
        is_rep0_long: [[PROB_INIT; POS_STATES]; 16],
        slot: [[PROB_INIT; 64]; LEN_STATES],
        special: [PROB_INIT; 128],
        align: [PROB_INIT; 16],
        match_len: LenProbs::INIT,
        rep_len: LenProbs::INIT,
    };
}

/// The three parameters of an LZMA stream.
#[derive(Clone, Copy)]
struct Params {
    lc: u32,
    lp_mask: usize,
    pos_mask: usize,
}

/// The decoder's state between chunks.
pub(super) struct Lzma {
    probs: Probs,
    literal: Box<[LiteralProbs; LITERAL_CONTEXTS]>,
    params: Params,
    state: usize,
    rep: [usize; 4],
}

impl Lzma {
    /// A decoder that still needs [`Self::set_params`]. `None` where there is no memory for it.
    ///
    /// The 32 KiB for literals are made in the heap: they would not fit on the stack.
    pub(super) fn new() -> Option<Self> {
        let mut literal = Vec::new();
        literal.try_reserve_exact(LITERAL_CONTEXTS).ok()?;
        literal.resize(LITERAL_CONTEXTS, [PROB_INIT; LITERAL_PROBS]);
        Some(Self {
            probs: Probs::INIT,
            literal: literal.into_boxed_slice().try_into().ok()?,
            params: Params {
                lc: 0,
                lp_mask: 0,
                pos_mask: 0,
            },
            state: 0,
            rep: [0; 4],
        })
    }

    /// Takes the properties byte of a chunk. False where it is out of range for LZMA2.
    pub(super) fn set_params(&mut self, byte: u8) -> bool {
        let (lc, rest) = (byte % 9, byte / 9);
        let (lp, pb) = (rest % 5, rest / 5);
        if pb > 4 || lc + lp > 4 {
            return false;
        }
        self.params = Params {
            lc: u32::from(lc),
            lp_mask: (1 << lp) - 1,
            pos_mask: (1 << pb) - 1,
        };
        true
    }

    /// Forgets all that was learned.
    pub(super) fn reset(&mut self) {
        self.probs = Probs::INIT;
        for context in self.literal.iter_mut() {
            context.fill(PROB_INIT);
        }
        self.state = 0;
        self.rep = [0; 4];
    }

    /// Decodes one chunk: fills `out[start..]`, with `out[..start]` as the dictionary, from all
    /// of `input`. A fault's offset is in `out`.
    pub(super) fn decode(
        &mut self,
        input: &[u8],
        out: &mut [u8],
        start: usize,
    ) -> Result<(), Fault> {
        let mut rc = RangeDecoder::new(input).ok_or(Fault::Input(start))?;
        let Params {
            lc,
            lp_mask,
            pos_mask,
        } = self.params;
        let probs = &mut self.probs;
        let literal = &mut *self.literal;
        let mut state = self.state;
        let [mut rep0, mut rep1, mut rep2, mut rep3] = self.rep;
        let mut pos = start;

        while pos < out.len() {
            let pos_state = pos & pos_mask & (POS_STATES - 1);
            if !rc.bit(&mut probs.is_match[state & 15][pos_state]) {
                // Before the dictionary's first byte there is a zero.
                let prev = usize::from(out.get(pos.wrapping_sub(1)).copied().unwrap_or(0));
                let context = ((pos & lp_mask) << lc) | prev >> (8 - lc);
                let tree = &mut literal[context & (LITERAL_CONTEXTS - 1)];
                let mut symbol = 1u32;
                if state < LITERAL_STATES {
                    for _ in 0..8 {
                        symbol = rc.shift_bit(&mut tree[symbol as usize & 0xff], symbol);
                    }
                } else {
                    let source = pos.wrapping_sub(rep0).wrapping_sub(1);
                    let mut matched = u32::from(out.get(source).copied().unwrap_or(0)) << 1;
                    let mut subtree = 0x100;
                    for _ in 0..8 {
                        let guess = matched & subtree;
                        let index = (subtree + guess + symbol) as usize & (LITERAL_PROBS - 1);
                        symbol = rc.shift_bit(&mut tree[index], symbol);
                        // Once a bit differs from the byte at rep0, its other bits tell nothing.
                        subtree &= guess ^ (symbol & 1).wrapping_sub(1);
                        matched <<= 1;
                    }
                }
                out[pos] = symbol as u8;
                pos += 1;
                state = usize::from(AFTER_LITERAL[state & 15]);
                continue;
            }

            let after_literal = state < LITERAL_STATES;
            let len = if !rc.bit(&mut probs.is_rep[state & 15]) {
                (rep3, rep2, rep1) = (rep2, rep1, rep0);
                state = if after_literal { 7 } else { 10 };
                let len = probs.match_len.decode(&mut rc, pos_state);
                rep0 = distance(&mut rc, probs, len);
                len
            } else {
                if !rc.bit(&mut probs.is_rep0[state & 15]) {
                    if !rc.bit(&mut probs.is_rep0_long[state & 15][pos_state]) {
                        let source = pos.wrapping_sub(rep0).wrapping_sub(1);
                        let byte = out.get(source).copied();
                        out[pos] = byte.ok_or(Fault::Distance(pos))?;
                        pos += 1;
                        state = if after_literal { 9 } else { 11 };
                        continue;
                    }
                } else if !rc.bit(&mut probs.is_rep1[state & 15]) {
                    (rep0, rep1) = (rep1, rep0);
                } else if !rc.bit(&mut probs.is_rep2[state & 15]) {
                    (rep0, rep1, rep2) = (rep2, rep0, rep1);
                } else {
                    (rep0, rep1, rep2, rep3) = (rep3, rep0, rep1, rep2);
                }
                state = if after_literal { 8 } else { 11 };
                probs.rep_len.decode(&mut rc, pos_state)
            };

            if rep0 >= pos {
                return Err(Fault::Distance(pos));
            }
            if len > out.len() - pos {
                return Err(Fault::Length(pos));
            }
            copy_match(out, pos, rep0 + 1, len);
            pos += len;
        }

        self.state = state;
        self.rep = [rep0, rep1, rep2, rep3];
        if rc.finish() {
            Ok(())
        } else {
            Err(Fault::Input(pos))
        }
    }
}

/// Decodes a match distance, less one.
#[inline(always)]
fn distance(rc: &mut RangeDecoder<'_>, probs: &mut Probs, len: usize) -> usize {
    let context = (len - MATCH_MIN).min(LEN_STATES - 1);
    let slot = tree::<64, 6>(rc, &mut probs.slot[context]);
    if slot < 4 {
        return slot as usize;
    }
    let low_bits = (slot >> 1) - 1;
    let high = (2 | slot & 1) << low_bits;
    if slot < 14 {
        // Slots 4..14 have trees of their own for the low bits, least significant first. They
        // share one array: the tree of a slot starts where the one before it ends.
        let start = high - slot;
        let mut node = 1;
        let mut low = 0;
        for i in 0..low_bits {
            node = rc.shift_bit(&mut probs.special[(start + node) as usize & 127], node);
            low |= (node & 1) << i;
        }
        (high + low) as usize
    } else {
        let middle = rc.direct_bits(low_bits - 4) << 4;
        let mut node = 1;
        let mut low = 0;
        for i in 0..4 {
            node = rc.shift_bit(&mut probs.align[node as usize & 15], node);
            low |= (node & 1) << i;
        }
        (high.wrapping_add(middle).wrapping_add(low)) as usize
    }
}
