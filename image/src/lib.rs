//! From a boot module to a kernel that can be started.
//!
//! The boot loader hands over a file: a bzImage as distributions ship it, or an ELF file, bare
//! or packed. [`load`] finds the ELF file, unpacks it, checks its segments, and reads how it
//! wants to be started as a PV or PVH guest. Nothing is copied to a guest here: the caller makes
//! the domain's memory and copies each [`Segment`] to it.
//!
//! ```text
//! module --bzimage--> payload --decompress--> ELF --segments--> ranges to copy
//!                                                 --notes-----> PvKernel, PvhKernel
//! ```
//!
//! All of it is hostile input: whoever can write the boot partition, or name a kernel for a
//! guest, chooses every byte. A bad file costs an [`ImageError`] that says what and where, never
//! a panic, and never more memory than the [`Limits`] (see [`decompress`] for zstd's window). It
//! needs up to 16 KiB of stack, most of it for gzip.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod bzimage;
mod crc;
pub mod decompress;
mod error;
mod features;
pub mod kernel;
mod notes;
mod segments;

use alloc::borrow::Cow;
use alloc::vec::Vec;

pub use bzimage::{BzImage, BzImageError};
pub use decompress::{Cause, DecompressError, Format, decompress};
pub use error::ImageError;
pub use features::Features;
pub use kernel::{PvKernel, PvhKernel};
pub use notes::{NoteError, NoteType};
pub use segments::{ElfError, MAX_SEGMENTS, Segment};

use notes::Notes;
use segments::KernelElf;

/// How much a kernel may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the unpacked file.
    pub unpacked: usize,
    /// Bytes of memory from the kernel's first byte to its last.
    pub memory: u64,
}

impl Default for Limits {
    /// Half a GiB of file and one GiB of memory. Linux gives itself one GiB of addresses
    /// (`KERNEL_IMAGE_SIZE`); Debian's kernel takes 63 MiB and 69 MiB.
    fn default() -> Self {
        Self {
            unpacked: 512 << 20,
            memory: 1 << 30,
        }
    }
}

/// A kernel, unpacked and checked.
#[derive(Debug)]
pub struct Loaded<'m> {
    /// The boot protocol version if the module was a bzImage, major in the high byte.
    pub boot_protocol: Option<u16>,
    /// How the ELF file was packed.
    pub format: Format,
    /// The ELF file.
    file: Cow<'m, [u8]>,
    segments: Vec<Segment>,
    pv: Result<PvKernel, NoteError>,
    pvh: Result<PvhKernel, NoteError>,
}

impl Loaded<'_> {
    /// What to copy, in order of load addresses, without overlap; at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The bytes of one of [`Self::segments`]; the rest of its memory is zero.
    pub fn bytes_of(&self, segment: &Segment) -> &[u8] {
        self.file.get(segment.file.clone()).unwrap_or_default()
    }

    /// The ELF file itself.
    pub fn file(&self) -> &[u8] {
        &self.file
    }

    /// How to start it as a PV guest.
    ///
    /// # Errors
    /// Why it can't be.
    pub fn pv(&self) -> Result<&PvKernel, &NoteError> {
        self.pv.as_ref()
    }

    /// How to start it as a PVH guest.
    ///
    /// # Errors
    /// Why it can't be.
    pub fn pvh(&self) -> Result<&PvhKernel, &NoteError> {
        self.pvh.as_ref()
    }

    /// The PVH entry point, if it has one.
    pub fn phys32_entry(&self) -> Option<u32> {
        self.pvh.as_ref().ok().map(|kernel| kernel.entry)
    }
}

/// Loads a module within the default [`Limits`].
///
/// # Errors
/// [`ImageError`]. A module that can be started one way, PV or PVH, is no error.
pub fn load(module: &[u8]) -> Result<Loaded<'_>, ImageError> {
    load_within(module, Limits::default())
}

/// Loads a module within `limits`.
///
/// # Errors
/// [`ImageError`]. A module that can be started one way, PV or PVH, is no error.
pub fn load_within(module: &[u8], limits: Limits) -> Result<Loaded<'_>, ImageError> {
    let Payload {
        boot_protocol,
        packed,
        size,
    } = payload(module)?;
    let (format, file) = if Format::of(packed) == Some(Format::Elf) {
        (Format::Elf, Cow::Borrowed(packed))
    } else {
        let mut file = Vec::new();
        let format = decompress(packed, size, &mut file, limits.unpacked)?;
        (format, Cow::Owned(file))
    };

    let elf = KernelElf::parse(&file, limits.memory)?;
    let notes = Notes::read(&elf)?;
    let pv = PvKernel::new(&elf, &notes);
    let pvh = PvhKernel::new(&elf, &notes);
    if let (Err(pv), Err(pvh)) = (&pv, &pvh) {
        // A kernel without a PV entry is for PVH, so that is where it went wrong.
        let error = if *pv == NoteError::NoEntry { pvh } else { pv };
        return Err(error.clone().into());
    }
    let segments = elf.segments;
    Ok(Loaded {
        boot_protocol,
        format,
        file,
        segments,
        pv,
        pvh,
    })
}

/// A packed kernel.
struct Payload<'m> {
    boot_protocol: Option<u16>,
    packed: &'m [u8],
    /// Its size unpacked, where the module tells besides the format.
    size: Option<u64>,
}

/// Finds the packed kernel in `module`.
fn payload(module: &[u8]) -> Result<Payload<'_>, ImageError> {
    if !BzImage::is_one(module) {
        return Ok(Payload {
            boot_protocol: None,
            packed: module,
            size: None,
        });
    }
    let image = BzImage::parse(module)?;
    let (packed, size) = match Format::of(image.payload) {
        Some(format) if format.has_size_appended() => {
            let (packed, size) = image.split_size()?;
            (packed, Some(u64::from(size)))
        }
        _ => (image.payload, None),
    };
    Ok(Payload {
        boot_protocol: Some(image.version),
        packed,
        size,
    })
}
