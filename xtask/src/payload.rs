//! bzImages with another compression: the stock kernel, repacked as other distributions do.

use crate::error::{Error, Result};
use crate::stock::{Kernel, payload_range};
use crate::{paths, proc};
use std::path::PathBuf;
use std::process::Command;

/// A compression that Linux's boot code knows and Xen's loader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// gzip.
    Gzip,
    /// xz with the x86 filter, as the kernel's build does it.
    Xz,
    /// zstd.
    Zstd,
    /// The legacy frame of lz4.
    Lz4,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Xz, Self::Zstd, Self::Lz4];

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
        }
    }

    fn command(self) -> Command {
        let (program, args): (_, &[&str]) = match self {
            Self::Gzip => ("gzip", &["-1", "-n", "-c"]),
            Self::Xz => ("xz", &["-c", "--check=crc32", "--x86", "--lzma2=preset=0"]),
            Self::Zstd => ("zstd", &["-q", "-3", "-c"]),
            Self::Lz4 => ("lz4", &["-q", "-l", "-1", "-c"]),
        };
        let mut command = Command::new(program);
        command.args(args);
        command
    }
}

/// The kernel with its payload repacked, made once and kept in the cache.
///
/// Only `payload_length` and `syssize` are changed in the header: the unpacking code in front no
/// longer fits, but a PV boot never runs it.
pub fn repacked(kernel: &Kernel, format: Format) -> Result<PathBuf> {
    // The number changes with the layout, so that files of an older one aren't taken.
    let name = format!("vmlinuz-{}-{}-2", kernel.release, format.name());
    let path = paths::cache().join("payload").join(name);
    let vmlinux = kernel.vmlinux()?;
    let _making = paths::making();
    if path.is_file() {
        return Ok(path);
    }
    let mut image = paths::read(&kernel.vmlinuz)?;
    let (start, _) = payload_range(&image)?;
    let size = std::fs::metadata(&vmlinux)
        .map_err(Error::io("look at", &vmlinux))?
        .len() as u32;
    let mut payload = proc::output(format.command().arg(&vmlinux))?;
    // The kernel's build adds the unpacked size to every format but gzip, which ends with it anyway.
    if !matches!(format, Format::Gzip) {
        payload.extend(size.to_le_bytes());
    }
    image.truncate(start);
    image.extend(&payload);
    image.resize(image.len().next_multiple_of(16), 0);
    let setup = (usize::from(image[0x1f1]).max(1) + 1) * 512;
    let sys_size = ((image.len() - setup) / 16) as u32;
    image[0x1f4..0x1f8].copy_from_slice(&sys_size.to_le_bytes());
    image[0x24c..0x250].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    paths::write_atomic(&path, image)?;
    Ok(path)
}
