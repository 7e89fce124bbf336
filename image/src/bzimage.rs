//! The Linux boot protocol, as far as it says where the kernel proper is.
//!
//! A bzImage is a real-mode setup (a boot sector and `setup_sects` more sectors), then a
//! decompressor with the packed kernel inside. Since protocol 2.08 the header tells where in
//! that second part the payload is, so that a hypervisor can take the ELF file out and skip the
//! rest. Reference: Linux `Documentation/arch/x86/boot.rst`.

use core::fmt;

/// "HdrS", at [`MAGIC_AT`].
const MAGIC: u32 = 0x5372_6448;
/// Offsets of the header's fields (boot.rst, "The Real-Mode Kernel Header").
const SETUP_SECTS_AT: usize = 0x1f1;
const BOOT_FLAG_AT: usize = 0x1fe;
const MAGIC_AT: usize = 0x202;
const VERSION_AT: usize = 0x206;
const PAYLOAD_OFFSET_AT: usize = 0x248;
const PAYLOAD_LENGTH_AT: usize = 0x24c;
/// What a boot sector ends with.
const BOOT_FLAG: u16 = 0xaa55;
/// Bytes of a sector.
const SECTOR: usize = 512;
/// `setup_sects` where the field is zero.
const DEFAULT_SETUP_SECTS: u8 = 4;
/// First version with the payload fields.
const LEAST_VERSION: u16 = 0x0208;

/// What is wrong with a bzImage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BzImageError {
    /// The module ends within the header.
    Truncated {
        /// The module's size in bytes.
        size: usize,
    },
    /// The boot sector's signature is not 0xaa55.
    BootFlag(u16),
    /// The boot protocol is older than 2.08, so nothing says where the payload is.
    Version(u16),
    /// The header says that there is no payload.
    NoPayload,
    /// The payload does not end before the module does.
    Payload {
        /// Offset of the payload's end in the module.
        end: u64,
        /// The module's size in bytes.
        size: usize,
    },
    /// The payload is too short for the size that follows it.
    NoSize {
        /// Bytes of payload.
        length: usize,
    },
}

impl fmt::Display for BzImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bzImage: ")?;
        match *self {
            Self::Truncated { size } => {
                write!(
                    f,
                    "the module's {size:#x} bytes end within the setup header"
                )
            }
            Self::BootFlag(flag) => write!(f, "boot flag {flag:#06x} at 0x1fe is not 0xaa55"),
            Self::Version(v) => write!(
                f,
                "boot protocol {}.{:02} at 0x206 is older than 2.08",
                v >> 8,
                v & 0xff
            ),
            Self::NoPayload => f.write_str("payload_length at 0x24c is zero"),
            Self::Payload { end, size } => write!(
                f,
                "payload ends at offset {end:#x} beyond the module's {size:#x} bytes"
            ),
            Self::NoSize { length } => {
                write!(
                    f,
                    "payload of {length} bytes has no room for the size after it"
                )
            }
        }
    }
}

impl core::error::Error for BzImageError {}

/// Where a bzImage keeps its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BzImage<'m> {
    /// Boot protocol, major in the high byte.
    pub version: u16,
    /// The packed kernel, with what its build script appended.
    pub payload: &'m [u8],
    /// The payload's offset in the module.
    pub offset: usize,
}

impl<'m> BzImage<'m> {
    /// True if `module` says of itself that it is a bzImage.
    pub fn is_one(module: &[u8]) -> bool {
        u32_at(module, MAGIC_AT) == Some(MAGIC)
    }

    /// Finds the payload.
    ///
    /// # Errors
    /// [`BzImageError`], where the header does not lead to a payload inside the module.
    pub fn parse(module: &'m [u8]) -> Result<Self, BzImageError> {
        let size = module.len();
        let truncated = BzImageError::Truncated { size };
        let flag = u16_at(module, BOOT_FLAG_AT).ok_or(truncated)?;
        if flag != BOOT_FLAG {
            return Err(BzImageError::BootFlag(flag));
        }
        let version = u16_at(module, VERSION_AT).ok_or(truncated)?;
        if version < LEAST_VERSION {
            return Err(BzImageError::Version(version));
        }
        let offset = u32_at(module, PAYLOAD_OFFSET_AT).ok_or(truncated)?;
        let length = u32_at(module, PAYLOAD_LENGTH_AT).ok_or(truncated)?;
        if length == 0 {
            return Err(BzImageError::NoPayload);
        }
        let sectors = match *module.get(SETUP_SECTS_AT).ok_or(truncated)? {
            0 => DEFAULT_SETUP_SECTS,
            n => n,
        };
        let setup = (usize::from(sectors) + 1) * SECTOR;
        let start = setup as u64 + u64::from(offset);
        let end = start + u64::from(length);
        if end > size as u64 {
            return Err(BzImageError::Payload { end, size });
        }
        // Both fit a usize now: they are at most the module's size.
        let offset = start as usize;
        let payload = module.get(offset..end as usize).ok_or(truncated)?;
        Ok(Self {
            version,
            payload,
            offset,
        })
    }

    /// The payload without the unpacked size that the build script appended, and that size.
    ///
    /// # Errors
    /// [`BzImageError::NoSize`] where there is nothing but the size.
    pub fn split_size(&self) -> Result<(&'m [u8], u32), BzImageError> {
        match self.payload.split_last_chunk::<4>() {
            Some((packed, size)) if !packed.is_empty() => Ok((packed, u32::from_le_bytes(*size))),
            _ => Err(BzImageError::NoSize {
                length: self.payload.len(),
            }),
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let field = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*field))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*field))
}
