//! Everything that can keep a module from being a kernel.

use core::fmt;

use abi::Errno;

use crate::bzimage::BzImageError;
use crate::decompress::{Cause, DecompressError};
use crate::notes::{NoteError, Unreadable};
use crate::segments::ElfError;

/// Why a module can't be started.
#[derive(Debug)]
pub enum ImageError {
    /// It is a bzImage, but a bad one.
    BzImage(BzImageError),
    /// It can't be unpacked. The offset is relative to the payload.
    Decompress(DecompressError),
    /// What is in it is not a kernel's ELF file.
    Elf(ElfError),
    /// The kernel's notes do not say how to start it.
    Notes(NoteError),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BzImage(error) => error.fmt(f),
            Self::Decompress(error) => error.fmt(f),
            Self::Elf(error) => error.fmt(f),
            Self::Notes(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ImageError {}

impl From<BzImageError> for ImageError {
    fn from(error: BzImageError) -> Self {
        Self::BzImage(error)
    }
}

impl From<DecompressError> for ImageError {
    fn from(error: DecompressError) -> Self {
        Self::Decompress(error)
    }
}

impl From<ElfError> for ImageError {
    fn from(error: ElfError) -> Self {
        Self::Elf(error)
    }
}

impl From<NoteError> for ImageError {
    fn from(error: NoteError) -> Self {
        Self::Notes(error)
    }
}

impl From<Unreadable> for ImageError {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Elf(error) => Self::Elf(error),
            Unreadable::Notes(error) => Self::Notes(error),
        }
    }
}

impl From<&ImageError> for Errno {
    /// What Xen's domain builders answer: `ENOEXEC` for a file that is no kernel, `EINVAL` for
    /// notes that can't be met, `ENOMEM` and `E2BIG` for want of room.
    fn from(error: &ImageError) -> Self {
        match error {
            ImageError::Decompress(error) => match error.cause {
                Cause::OutOfMemory { .. } => Self::ENOMEM,
                Cause::Limit { .. } => Self::E2BIG,
                Cause::UnsupportedFormat
                | Cause::UnsupportedCheck(_)
                | Cause::UnsupportedFilter(_) => Self::EOPNOTSUPP,
                _ => Self::ENOEXEC,
            },
            ImageError::Elf(ElfError::TooLarge { .. }) => Self::E2BIG,
            ImageError::BzImage(_) | ImageError::Elf(_) => Self::ENOEXEC,
            ImageError::Notes(NoteError::Missing) => Self::ENOEXEC,
            ImageError::Notes(_) => Self::EINVAL,
        }
    }
}

impl From<ImageError> for Errno {
    fn from(error: ImageError) -> Self {
        Self::from(&error)
    }
}
