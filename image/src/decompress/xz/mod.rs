//! xz: the container, and its decoder.
//!
//! Debian compresses its kernel with xz, and unpacking it is most of what happens between the
//! boot loader and the first line of dom0. There is a well-kept crate for xz (lzma-rust2), but it
//! keeps a dictionary beside its output (32 MiB for this kernel, before there is a heap to speak
//! of) and moves every byte three times. This decoder uses the output as its dictionary, and
//! filters and checks in place; in the tests the crate is the reference it is compared with.
//! Instructions for Debian's 6.1 kernel (8 MB to 66 MB) by callgrind, on the bare target:
//!
//! | decoder | instructions |
//! |---|---|
//! | this one | 2.94e9 |
//! | liblzma 5.4 (with SSE, assembly for the CRC) | 3.67e9 |
//! | lzma-rust2 0.25 | 4.22e9 |
//! | XZ Embedded, which Linux and Xen use, at `-O2` | 4.35e9 |
//!
//! Format: "The .xz File Format" 1.1.0. A stream is a header, blocks, an index, and a footer:
//! ```text
//! FD '7zXZ' 00 | flags 2 | crc32   block*   00 count (unpadded, uncompressed)* pad crc32   crc32 | backward 4 | flags 2 | 'YZ'
//! ```
//! Supported is what a kernel's build script and `xz` by default make: one stream of any number
//! of blocks, LZMA2 alone or behind the x86 filter, checks none, CRC32 and CRC64.

mod bcj;
mod copy;
mod lzma;
mod lzma2;
mod range;

use alloc::vec::Vec;

use super::{Cause, Failure};
use crate::crc::{crc32, crc64};
use lzma::Lzma;

/// What a stream starts with.
pub(super) const MAGIC: &[u8; 6] = b"\xFD7zXZ\0";
/// What a stream ends with.
const FOOTER_MAGIC: &[u8; 2] = b"YZ";
/// Stream header and stream footer are of one size.
const FRAME: usize = 12;
/// Filter ID of LZMA2.
const LZMA2: u64 = 0x21;
/// Filter ID of the x86 branch filter.
const BCJ_X86: u64 = 0x04;

/// How blocks are checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    None,
    Crc32,
    Crc64,
}

impl Check {
    /// From the two bytes of stream flags at `at`.
    fn from_flags(flags: [u8; 2], at: usize) -> Result<Self, Failure> {
        match flags {
            [0, 0] => Ok(Self::None),
            [0, 1] => Ok(Self::Crc32),
            [0, 4] => Ok(Self::Crc64),
            [0, check @ 0..16] => Err(Failure::at(Cause::UnsupportedCheck(check), at)),
            _ => Err(Failure::at(
                Cause::StreamFlags(u16::from_le_bytes(flags)),
                at,
            )),
        }
    }

    fn size(self) -> usize {
        match self {
            Self::None => 0,
            Self::Crc32 => 4,
            Self::Crc64 => 8,
        }
    }

    fn of(self, bytes: &[u8]) -> u64 {
        match self {
            Self::None => 0,
            Self::Crc32 => u64::from(crc32(bytes)),
            Self::Crc64 => crc64(bytes),
        }
    }
}

/// A cursor over the stream.
struct Reader<'i> {
    bytes: &'i [u8],
    at: usize,
}

impl<'i> Reader<'i> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        let bytes = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<N>);
        let bytes = bytes.ok_or(Failure::at(Cause::Truncated, self.bytes.len()))?;
        self.at += N;
        Ok(*bytes)
    }

    fn u32(&mut self) -> Result<u32, Failure> {
        self.take().map(u32::from_le_bytes)
    }

    /// A number of 7 bits a byte, low first, the top bit set in all bytes but the last.
    fn number(&mut self) -> Result<u64, Failure> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..63).step_by(7) {
            let [byte] = self.take()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift != 0 {
                    break;
                }
                return Ok(value);
            }
        }
        Err(Failure::at(Cause::Number, start))
    }

    /// Zero bytes up to the next multiple of four after `start`.
    fn padding(&mut self, start: usize) -> Result<(), Failure> {
        while !(self.at - start).is_multiple_of(4) {
            let at = self.at;
            if self.take()? != [0] {
                return Err(Failure::at(Cause::Padding, at));
            }
        }
        Ok(())
    }

    /// A CRC32 of everything since `start`.
    fn crc32(&mut self, start: usize) -> Result<(), Failure> {
        let at = self.at;
        let computed = crc32(self.bytes.get(start..at).unwrap_or_default());
        let stored = self.u32()?;
        check(u64::from(stored), u64::from(computed), at)
    }
}

/// Compares a checksum stored at `at`.
fn check(stored: u64, computed: u64, at: usize) -> Result<(), Failure> {
    if stored == computed {
        return Ok(());
    }
    Err(Failure::at(Cause::Checksum { stored, computed }, at))
}

/// The stream footer that ends at `end`: the check, and where the index starts.
fn footer(bytes: &[u8], end: usize) -> Result<(Check, usize), Failure> {
    let start = end
        .checked_sub(FRAME)
        .ok_or(Failure::at(Cause::Truncated, end))?;
    let mut reader = Reader { bytes, at: start };
    let stored = reader.u32()?;
    let backward = reader.u32()?;
    let flags: [u8; 2] = reader.take()?;
    if reader.take()? != *FOOTER_MAGIC {
        return Err(Failure::at(Cause::FooterMagic, start + FRAME - 2));
    }
    let computed = crc32(bytes.get(start + 4..start + 10).unwrap_or_default());
    check(u64::from(stored), u64::from(computed), start)?;
    let check = Check::from_flags(flags, start + 8)?;
    let index = (backward as usize + 1).checked_mul(4);
    let index = index.and_then(|size| start.checked_sub(size));
    let index = index.ok_or(Failure::at(Cause::BackwardSize(backward), start + 4))?;
    Ok((check, index))
}

/// The size of the stream in `bytes` without the padding that may follow it.
fn without_padding(bytes: &[u8]) -> usize {
    let mut end = bytes.len();
    while let Some([0, 0, 0, 0]) = bytes.get(..end).and_then(<[u8]>::last_chunk::<4>) {
        end -= 4;
    }
    end
}

/// The uncompressed size that the index at the stream's end declares.
pub(super) fn declared_size(bytes: &[u8]) -> Result<u64, Failure> {
    let (_, index) = footer(bytes, without_padding(bytes))?;
    let mut reader = Reader { bytes, at: index };
    if reader.take()? != [0] {
        return Err(Failure::at(Cause::IndexIndicator, index));
    }
    let mut total = 0u64;
    for _ in 0..reader.number()? {
        reader.number()?;
        let at = reader.at;
        let size = reader.number()?;
        let sum = total.checked_add(size);
        total = sum.ok_or(Failure::at(Cause::Number, at))?;
    }
    Ok(total)
}

/// One decoded block, as the index should have it.
#[derive(PartialEq, Eq)]
struct Record {
    unpadded: u64,
    uncompressed: u64,
}

/// What a block header says.
struct Header {
    packed: Option<u64>,
    unpacked: Option<u64>,
    /// The start position of the x86 filter, where there is one.
    x86: Option<u32>,
}

/// Decodes a whole stream to the start of `out`, and answers how many bytes there are.
pub(super) fn decode(bytes: &[u8], out: &mut [u8]) -> Result<usize, Failure> {
    let end = without_padding(bytes);
    let stream = bytes.get(..end).unwrap_or_default();
    let mut reader = Reader {
        bytes: stream,
        at: 0,
    };
    if reader.take()? != *MAGIC {
        return Err(Failure::at(Cause::Magic, 0));
    }
    let check = Check::from_flags(reader.take()?, MAGIC.len())?;
    reader.crc32(MAGIC.len())?;

    let no_memory = |bytes| Cause::OutOfMemory { bytes };
    let lzma = Lzma::new();
    let mut lzma = lzma.ok_or(Failure::at(no_memory(size_of::<Lzma>()), 0))?;
    let mut records = Vec::new();
    let mut pos = 0;
    while stream.get(reader.at) != Some(&0) {
        let record;
        (record, pos) = block(&mut reader, check, &mut lzma, out, pos)?;
        if records.try_reserve(1).is_err() {
            return Err(Failure::at(no_memory(size_of::<Record>()), reader.at));
        }
        records.push(record);
    }

    let index = reader.at;
    reader.at += 1;
    let count = reader.number()?;
    if count != records.len() as u64 {
        return Err(Failure::at(Cause::Index, index));
    }
    for record in &records {
        let at = reader.at;
        let unpadded = reader.number()?;
        let uncompressed = reader.number()?;
        if *record
            != (Record {
                unpadded,
                uncompressed,
            })
        {
            return Err(Failure::at(Cause::Index, at));
        }
    }
    reader.padding(index)?;
    reader.crc32(index)?;
    let footer_at = reader.at;
    if footer_at + FRAME != end {
        return Err(Failure::at(
            Cause::TrailingBytes(end.saturating_sub(footer_at + FRAME)),
            footer_at,
        ));
    }
    match footer(stream, end)? {
        (flags, at) if flags == check && at == index => Ok(pos),
        _ => Err(Failure::at(Cause::Footer, footer_at)),
    }
}

/// Decodes the block at `reader` to `out[pos..]`; answers its record and the position after it.
fn block(
    reader: &mut Reader<'_>,
    check_type: Check,
    lzma: &mut Lzma,
    out: &mut [u8],
    pos: usize,
) -> Result<(Record, usize), Failure> {
    let start = reader.at;
    let header = header(reader)?;
    let first = reader.at;
    let decoded = lzma2::decode(lzma, reader.bytes, first, out, pos)?;
    reader.at = first + decoded.consumed;
    let size = (decoded.end - pos) as u64;
    if header.packed.is_some_and(|n| n != decoded.consumed as u64)
        || header.unpacked.is_some_and(|n| n != size)
    {
        return Err(Failure::at(Cause::BlockSize, start));
    }
    let unpadded = (reader.at - start + check_type.size()) as u64;
    reader.padding(start)?;

    let block = out.get_mut(pos..decoded.end).unwrap_or_default();
    if let Some(position) = header.x86 {
        bcj::decode_x86(block, position);
    }
    let at = reader.at;
    let stored = match check_type {
        Check::None => 0,
        Check::Crc32 => u64::from(reader.u32()?),
        Check::Crc64 => reader.take().map(u64::from_le_bytes)?,
    };
    check(stored, check_type.of(block), at)?;
    let record = Record {
        unpadded,
        uncompressed: size,
    };
    Ok((record, decoded.end))
}

/// Reads a block header.
fn header(reader: &mut Reader<'_>) -> Result<Header, Failure> {
    let start = reader.at;
    let [size] = reader.take()?;
    let size = (usize::from(size) + 1) * 4;
    let crc_at = start + size - 4;
    let mut crc = Reader {
        bytes: reader.bytes,
        at: crc_at,
    };
    crc.crc32(start)?;
    let end = crc.at;

    // From here on the header is what its maker wrote, if not what it should have written.
    let mut fields = Reader {
        bytes: reader.bytes.get(..crc_at).unwrap_or_default(),
        at: reader.at,
    };
    let bad = |cause, at| Failure::at(cause, at);
    let [flags] = fields.take()?;
    if flags & 0x3c != 0 {
        return Err(bad(Cause::BlockFlags(flags), start + 1));
    }
    let packed = if flags & 0x40 != 0 {
        Some(fields.number()?)
    } else {
        None
    };
    let unpacked = if flags & 0x80 != 0 {
        Some(fields.number()?)
    } else {
        None
    };
    let mut x86 = None;
    let last = flags & 3;
    for n in 0..=last {
        let at = fields.at;
        let id = fields.number()?;
        let size = fields.number()?;
        match (id, size) {
            (LZMA2, 1) if n == last => {
                let [dictionary] = fields.take()?;
                if dictionary > 40 {
                    return Err(bad(Cause::DictionarySize(dictionary), at));
                }
            }
            (BCJ_X86, 0) if n != last && x86.is_none() => x86 = Some(0),
            (BCJ_X86, 4) if n != last && x86.is_none() => x86 = Some(fields.u32()?),
            _ => return Err(bad(Cause::UnsupportedFilter(id), at)),
        }
    }
    while fields.at < crc_at {
        let at = fields.at;
        if fields.take()? != [0] {
            return Err(bad(Cause::Padding, at));
        }
    }
    reader.at = end;
    Ok(Header {
        packed,
        unpacked,
        x86,
    })
}
