//! The x86 branch filter of xz (filter ID 0x04), decoding.
//!
//! Before compression, the operand of each `call` and `jmp` (`E8`, `E9`, rel32) that looks like
//! one is turned from relative to absolute, so that calls of one function look alike. This is
//! the way back, over a whole block at once and in place.
//!
//! "Looks like one": the operand's top byte is `00` or `FF`. Opcode bytes within the operand of
//! a candidate confuse encoder and decoder unless both treat them by the same rule; the
//! `doubtful` mask remembers which of the last three bytes were opcodes left unconverted.

/// An instruction with its operand.
const INSTRUCTION: usize = 5;

/// True for the top bytes of operands that get converted.
#[inline(always)]
fn is_sign(byte: u8) -> bool {
    byte.wrapping_add(1) <= 1
}

/// Decodes a block in place. `start` is the position of its first byte as the filter counts.
pub(super) fn decode_x86(block: &mut [u8], start: u32) {
    // Bit n: the byte n + 1 before the current one is an opcode that was left as it was.
    let mut doubtful = 0u32;
    let mut last = usize::MAX - INSTRUCTION;
    let mut from = 0;
    while let Some(at) = next_opcode(block, from) {
        from = at + 1;
        doubtful = match at.wrapping_sub(last) {
            gap @ 1..=3 => (doubtful << (gap - 1)) & 7,
            _ => 0,
        };
        last = at;
        let Some([_, operand @ ..]) = block
            .get_mut(at..)
            .and_then(<[u8]>::first_chunk_mut::<INSTRUCTION>)
        else {
            return;
        };
        // How many bytes back the oldest doubtful opcode is; its operand ends that far before
        // the end of this one.
        let back = 32 - doubtful.leading_zeros();
        let overlaps = doubtful != 0
            && (doubtful & (doubtful - 1) != 0 || is_sign(operand[(3 - back as usize) & 3]));
        if overlaps || !is_sign(operand[3]) {
            doubtful = doubtful << 1 | 1;
            continue;
        }
        let end = start.wrapping_add((at + INSTRUCTION) as u32);
        let mut value = u32::from_le_bytes(*operand).wrapping_sub(end);
        if back != 0 {
            let shift = 32 - 8 * back;
            while is_sign((value >> (shift - 8)) as u8) {
                value = (value ^ ((1 << shift) - 1)).wrapping_sub(end);
            }
        }
        // The top byte is the sign that bit 24 tells.
        *operand = (((value << 7) as i32 >> 7) as u32).to_le_bytes();
        doubtful = 0;
        from = at + INSTRUCTION;
    }
}

/// The first `E8` or `E9` at or after `from` that has its operand before the block's end.
#[inline(always)]
fn next_opcode(block: &[u8], mut from: usize) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let end = block.len().checked_sub(INSTRUCTION - 1)?;
    while let Some(word) = block.get(from..).and_then(<[u8]>::first_chunk::<8>) {
        // Bytes that are zero here are opcodes; the lowest bit set in `found` marks the first.
        let word = u64::from_le_bytes(*word) & (LOW * 0xfe) ^ (LOW * 0xe8);
        let found = word.wrapping_sub(LOW) & !word & (LOW * 0x80);
        if found != 0 {
            let at = from + found.trailing_zeros() as usize / 8;
            return (at < end).then_some(at);
        }
        from += 8;
    }
    let tail = block.get(from..end)?;
    Some(from + tail.iter().position(|b| b & 0xfe == 0xe8)?)
}
