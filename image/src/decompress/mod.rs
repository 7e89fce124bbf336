//! Unpacking a kernel.
//!
//! A kernel arrives as one of five formats (or as it is), from whoever could write the boot
//! partition, so every byte is doubted: the size that the packer declared is only how much is
//! allocated, never past the caller's limit; what comes out has to be exactly that much; and
//! formats with a checksum have it checked. Output goes straight to the one buffer that the
//! caller keeps, allocated once where the size is known up front.
//!
//! | format | declared size from | checksum |
//! |---|---|---|
//! | gzip | the last four bytes | CRC32 |
//! | xz | the index at the end | CRC32, CRC64 or none |
//! | zstd | the frame header, if the packer knew | xxHash64, if present |
//! | LZ4, legacy frame | nothing | none |
//!
//! A kernel's build script appends the size to all formats but gzip, which has it anyway.

mod error;
mod gzip;
mod lz4;
mod xz;
mod zstd;

use alloc::vec::Vec;

pub(crate) use error::Failure;
pub use error::{Cause, DecompressError};

use core::fmt;

/// What a payload is packed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An ELF file as it is.
    Elf,
    /// gzip (RFC 1952).
    Gzip,
    /// xz, version 1.
    Xz,
    /// Zstandard (RFC 8878).
    Zstd,
    /// LZ4 in its legacy frame, which the kernel's build script makes.
    Lz4,
    /// bzip2: known by name, not unpacked.
    Bzip2,
    /// LZMA without the xz container: known by name, not unpacked.
    Lzma,
    /// LZO: known by name, not unpacked.
    Lzo,
}

impl Format {
    /// The format that `bytes` start like.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        const MAGICS: [(&[u8], Format); 8] = [
            (b"\x7fELF", Format::Elf),
            (b"\x1f\x8b", Format::Gzip),
            (xz::MAGIC, Format::Xz),
            (b"\x28\xb5\x2f\xfd", Format::Zstd),
            (lz4::MAGIC, Format::Lz4),
            (b"BZh", Format::Bzip2),
            (b"\x5d\x00\x00", Format::Lzma),
            (b"\x89LZO", Format::Lzo),
        ];
        let matching = MAGICS.iter().find(|(magic, _)| bytes.starts_with(magic));
        matching.map(|&(_, format)| format)
    }

    /// True where a kernel's build script appends the unpacked size as a little-endian `u32`
    /// that is no part of the format.
    pub fn has_size_appended(self) -> bool {
        matches!(self, Self::Xz | Self::Zstd | Self::Lz4)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elf => "ELF",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Lz4 => "LZ4",
            Self::Bzip2 => "bzip2",
            Self::Lzma => "LZMA",
            Self::Lzo => "LZO",
        })
    }
}

/// Unpacks `payload` to `out`, whose old content goes, and answers the format.
///
/// `size` is the unpacked size in bytes where the caller knows better than the format. At most
/// `limit` bytes of output are allocated and written; zstd needs up to twice the output besides,
/// for its window.
///
/// # Errors
/// [`DecompressError`] with the format, the cause, and the offset in `payload`. `out` is empty then.
pub fn decompress(
    payload: &[u8],
    size: Option<u64>,
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<Format, DecompressError> {
    out.clear();
    let format = Format::of(payload).ok_or_else(|| DecompressError::unknown(payload))?;
    match unpack(format, payload, size, out, limit) {
        Ok(()) => Ok(format),
        Err(failure) => {
            out.clear();
            Err(DecompressError::new(format, failure))
        }
    }
}

fn unpack(
    format: Format,
    payload: &[u8],
    size: Option<u64>,
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Failure> {
    let own_size = match format {
        Format::Elf => Some(payload.len() as u64),
        Format::Gzip => Some(gzip::declared_size(payload)?),
        Format::Xz => Some(xz::declared_size(payload)?),
        Format::Zstd => zstd::declared_size(payload)?,
        Format::Lz4 => None,
        Format::Bzip2 | Format::Lzma | Format::Lzo => {
            return Err(Failure::at(Cause::UnsupportedFormat, 0));
        }
    };
    if let (Some(declared), Some(size)) = (own_size, size)
        && declared != size
    {
        let actual = declared;
        return Err(Failure::at(
            Cause::Size {
                declared: size,
                actual,
            },
            payload.len(),
        ));
    }
    let size = size.or(own_size);
    let bytes = match size {
        Some(declared) => match usize::try_from(declared) {
            Ok(bytes) if bytes <= limit => Some(bytes),
            _ => return Err(Failure::at(Cause::Limit { declared, limit }, 0)),
        },
        None => None,
    };

    let written = match (format, bytes) {
        (Format::Zstd, _) => {
            reserve(out, bytes.unwrap_or(0))?;
            zstd::decode(payload, out, bytes.unwrap_or(limit))?;
            out.len()
        }
        (Format::Lz4, None) => {
            let most = lz4::most(payload)?.min(limit);
            reserve(out, most)?;
            out.resize(most, 0);
            lz4::decode(payload, out)?
        }
        (_, bytes) => {
            let bytes = bytes.unwrap_or(0);
            reserve(out, bytes)?;
            if format == Format::Elf {
                out.extend_from_slice(payload);
            }
            out.resize(bytes, 0);
            match format {
                Format::Gzip => gzip::decode(payload, out)?,
                Format::Xz => xz::decode(payload, out)?,
                Format::Lz4 => lz4::decode(payload, out)?,
                _ => bytes,
            }
        }
    };
    out.truncate(written);
    match size {
        Some(declared) if declared != written as u64 => {
            let actual = written as u64;
            Err(Failure::at(Cause::Size { declared, actual }, payload.len()))
        }
        _ => Ok(()),
    }
}

/// Makes room for `bytes` in an empty vector.
fn reserve(out: &mut Vec<u8>, bytes: usize) -> Result<(), Failure> {
    let reserved = out.try_reserve_exact(bytes);
    reserved.map_err(|_| Failure::at(Cause::OutOfMemory { bytes }, 0))
}
