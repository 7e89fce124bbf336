//! gzip: RFC 1952 around RFC 1951.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use alloc::boxed::Box;

use super::{Cause, Failure};
use crate::crc::crc32;

/// Magic, method, flags, time, extra flags, system.
const HEADER: usize = 10;
/// CRC32 and size.
const TRAILER: usize = 8;
/// Only compression method there is.
const DEFLATE: u8 = 8;

/// Header flags (RFC 1952, section 2.3.1).
const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0xe0;

/// A little-endian word at `at`.
fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Failure> {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
    let word = word.ok_or(Failure::at(Cause::Truncated, bytes.len()))?;
    Ok(u32::from_le_bytes(*word))
}

/// The size that the trailer declares (modulo 2^32, as the format has it).
pub(super) fn declared_size(bytes: &[u8]) -> Result<u64, Failure> {
    if bytes.len() < HEADER + TRAILER {
        return Err(Failure::at(Cause::Truncated, bytes.len()));
    }
    u32_at(bytes, bytes.len() - 4).map(u64::from)
}

/// Where the deflate stream starts.
fn skip_header(bytes: &[u8]) -> Result<usize, Failure> {
    let truncated = || Failure::at(Cause::Truncated, bytes.len());
    let header = bytes.first_chunk::<HEADER>().ok_or_else(truncated)?;
    let [_, _, method, flags, ..] = *header;
    if method != DEFLATE {
        return Err(Failure::at(Cause::Method(method), 2));
    }
    if flags & RESERVED != 0 {
        return Err(Failure::at(Cause::GzipFlags(flags), 3));
    }
    let mut at = HEADER;
    if flags & FEXTRA != 0 {
        let size = bytes.get(at..).and_then(<[u8]>::first_chunk::<2>);
        at += 2 + usize::from(u16::from_le_bytes(*size.ok_or_else(truncated)?));
    }
    for field in [FNAME, FCOMMENT] {
        if flags & field != 0 {
            let text = bytes.get(at..).ok_or_else(truncated)?;
            at += 1 + text.iter().position(|&b| b == 0).ok_or_else(truncated)?;
        }
    }
    if flags & FHCRC != 0 {
        at += 2;
    }
    Ok(at)
}

/// Decodes `bytes` to the start of `out`, and answers how many bytes there are.
pub(super) fn decode(bytes: &[u8], out: &mut [u8]) -> Result<usize, Failure> {
    let start = skip_header(bytes)?;
    let deflated = bytes.get(start..);
    let deflated = deflated.ok_or(Failure::at(Cause::Truncated, bytes.len()))?;
    let mut decoder = Box::<DecompressorOxide>::default();
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, consumed, written) = decompress(&mut decoder, deflated, out, 0, flags);
    let end = start + consumed;
    let cause = match status {
        TINFLStatus::Done => None,
        TINFLStatus::HasMoreOutput => Some(Cause::Overflow),
        TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
            Some(Cause::Truncated)
        }
        _ => Some(Cause::Deflate),
    };
    if let Some(cause) = cause {
        return Err(Failure::at(cause, end));
    }
    let stored = u64::from(u32_at(bytes, end)?);
    let computed = u64::from(crc32(out.get(..written).unwrap_or_default()));
    if stored != computed {
        return Err(Failure::at(Cause::Checksum { stored, computed }, end));
    }
    let declared = u64::from(u32_at(bytes, end + 4)?);
    if declared != written as u64 {
        let actual = written as u64;
        return Err(Failure::at(Cause::Size { declared, actual }, end + 4));
    }
    match bytes.len() - (end + TRAILER) {
        0 => Ok(written),
        more => Err(Failure::at(Cause::TrailingBytes(more), end + TRAILER)),
    }
}
