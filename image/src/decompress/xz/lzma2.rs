//! LZMA2: the chunks that xz wraps around LZMA.
//!
//! Each chunk starts with a control byte: 0 ends the block, 1 and 2 store bytes as they are (1
//! also forgets the dictionary), 0x80 and up is LZMA, whose bits 5 and 6 say what to forget first.
//! The sizes of both sides are in the chunk, so each chunk is checked to fit before it is
//! decoded. Reference: "The .xz File Format", section 5.3.1, and liblzma's lzma2 decoder.

use super::lzma::Lzma;
use crate::decompress::{Cause, Failure};

/// What one LZMA2 stream took and gave.
pub(super) struct Decoded {
    /// Bytes of input used, with the end marker.
    pub(super) consumed: usize,
    /// The output offset after the last byte written.
    pub(super) end: usize,
}

/// A cursor over the input.
struct Input<'i> {
    bytes: &'i [u8],
    at: usize,
}

impl<'i> Input<'i> {
    fn take(&mut self, n: usize) -> Result<&'i [u8], Failure> {
        let end = self.at.checked_add(n);
        let bytes = end.and_then(|end| self.bytes.get(self.at..end));
        let bytes = bytes.ok_or(Failure::at(Cause::Truncated, self.bytes.len()))?;
        self.at += n;
        Ok(bytes)
    }

    fn u8(&mut self) -> Result<u8, Failure> {
        self.take(1).map(|b| b.first().copied().unwrap_or(0))
    }

    /// A big-endian 16-bit size, stored less one.
    fn size(&mut self) -> Result<usize, Failure> {
        let bytes = self.take(2)?;
        Ok(bytes.iter().fold(0, |n, &b| n << 8 | usize::from(b)) + 1)
    }
}

/// Decodes a stream from `bytes[at..]` to `out[start..]`.
pub(super) fn decode(
    lzma: &mut Lzma,
    bytes: &[u8],
    at: usize,
    out: &mut [u8],
    start: usize,
) -> Result<Decoded, Failure> {
    let mut input = Input { bytes, at };
    let mut base = start;
    let mut pos = start;
    let (mut need_dict, mut need_params, mut need_state) = (true, true, true);
    loop {
        let chunk = input.at;
        let corrupt = |cause| Failure::at(cause, chunk);
        let control = input.u8()?;
        match control {
            0 => {
                return Ok(Decoded {
                    consumed: input.at - at,
                    end: pos,
                });
            }
            1 | 2 => {
                if control == 1 {
                    base = pos;
                    need_dict = false;
                } else if need_dict {
                    return Err(corrupt(Cause::NoDictionary));
                }
                let size = input.size()?;
                let stored = input.take(size)?;
                let to = out.get_mut(pos..pos + size);
                to.ok_or(corrupt(Cause::Overflow))?.copy_from_slice(stored);
                pos += size;
            }
            0x80.. => {
                let size = (usize::from(control & 0x1f) << 16) + input.size()?;
                let packed = input.size()?;
                if control >= 0xe0 {
                    base = pos;
                    need_dict = false;
                } else if need_dict {
                    return Err(corrupt(Cause::NoDictionary));
                }
                if control >= 0xc0 {
                    if !lzma.set_params(input.u8()?) {
                        return Err(corrupt(Cause::Properties));
                    }
                    need_params = false;
                } else if need_params {
                    return Err(corrupt(Cause::Properties));
                }
                if control >= 0xa0 {
                    lzma.reset();
                    need_state = false;
                } else if need_state {
                    return Err(corrupt(Cause::NoState));
                }
                let first = input.at;
                let packed = input.take(packed)?;
                let chunk_out = out.get_mut(base..pos + size);
                let chunk_out = chunk_out.ok_or(corrupt(Cause::Overflow))?;
                lzma.decode(packed, chunk_out, pos - base)
                    .map_err(|fault| Failure::at(fault.cause(base), first))?;
                pos += size;
            }
            3..0x80 => return Err(corrupt(Cause::Control(control))),
        }
    }
}
