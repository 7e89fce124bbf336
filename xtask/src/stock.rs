//! Debian's own kernels and Debian's own Xen, fetched with apt and unpacked, never installed.
//!
//! They go to the cache that all clones share, one folder a package version. What is there is used
//! without asking the archive again, so a prepared machine needs no network.

use crate::error::{Error, Result};
use crate::setup::{self, Need};
use crate::{apt, paths, proc};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

/// A line of stock kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// Debian 12's kernel.
    Linux61,
    /// The backports kernel of Debian 12.
    Linux612,
}

impl Series {
    /// Both lines, oldest first.
    pub const ALL: [Self; 2] = [Self::Linux61, Self::Linux612];

    /// The upstream version number.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux61 => "6.1",
            Self::Linux612 => "6.12",
        }
    }
}

impl FromStr for Series {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|series| series.name() == text)
            .ok_or(())
    }
}

/// An unpacked kernel package.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// What `uname -r` says.
    pub release: String,
    /// The bzImage.
    pub vmlinuz: PathBuf,
    /// The folder that holds `lib/modules/<release>`, with `modules.dep` made.
    pub base: PathBuf,
}

impl Kernel {
    /// The folder of its modules.
    pub fn modules(&self) -> PathBuf {
        self.base.join("lib/modules").join(&self.release)
    }

    /// The ELF image inside the bzImage, unpacked once and kept beside it.
    pub fn vmlinux(&self) -> Result<PathBuf> {
        let path = self.base.join("vmlinux");
        let _making = paths::making();
        if !path.is_file() {
            let bytes = unpack_payload(&paths::read(&self.vmlinuz)?)?;
            paths::write_atomic(&path, bytes)?;
        }
        Ok(path)
    }
}

/// The stock kernel of a series, fetched if the cache has none.
pub fn kernel(series: Series) -> Result<Kernel> {
    let folder = stock_dir().join(series.name());
    let _making = paths::making();
    if let Some(found) = find_kernel(&folder) {
        return Ok(found);
    }
    setup::ensure(&[Need::Kernels])?;
    if series != Series::Linux61 {
        apt::ensure_backports()?;
    }
    apt::refresh_lists(false)?;
    let prefix = format!("{}.", series.name());
    let meta = apt::show("linux-image-amd64")?;
    let (package, version) = meta
        .iter()
        .find(|fields| field(fields, "Version").is_some_and(|v| v.starts_with(&prefix)))
        .and_then(|fields| parse_depends(field(fields, "Depends")?))
        .ok_or_else(|| {
            Error::msg(format!(
                "apt offers no linux-image-amd64 of the {} series",
                series.name()
            ))
        })?;
    fetch(&package, &version, &folder)?;
    let release = package.trim_start_matches("linux-image-");
    proc::output(
        Command::new("/sbin/depmod")
            .arg("-b")
            .arg(&folder)
            .arg(release),
    )?;
    find_kernel(&folder)
        .ok_or_else(|| Error::msg(format!("{package} holds no kernel where one is expected")))
}

/// Debian's own hypervisor, for comparison.
pub fn debian_xen() -> Result<PathBuf> {
    let folder = stock_dir().join("xen");
    let image = folder.join("boot/xen-4.17-amd64.gz");
    let _making = paths::making();
    if !image.is_file() {
        apt::refresh_lists(false)?;
        let package = "xen-hypervisor-4.17-amd64";
        let shown = apt::show(package)?;
        let version = shown
            .first()
            .and_then(|fields| field(fields, "Version"))
            .ok_or_else(|| Error::msg(format!("apt offers no {package}")))?
            .to_owned();
        fetch(package, &version, &folder)?;
    }
    Ok(image)
}

/// A kernel from a file of the user's; modules are looked for beside it as Debian lays them out.
pub fn foreign_kernel(vmlinuz: &Path) -> Kernel {
    let name = vmlinuz
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let release = name
        .split_once('-')
        .map_or("", |(_, release)| release)
        .to_owned();
    let base = vmlinuz
        .parent()
        .and_then(Path::parent)
        .unwrap_or(Path::new("/"))
        .to_owned();
    Kernel {
        release,
        vmlinuz: vmlinuz.to_owned(),
        base,
    }
}

fn stock_dir() -> PathBuf {
    paths::cache().join("stock")
}

fn field<'a>(fields: &'a [(String, String)], key: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.as_str())
}

/// `linux-image-6.1.0-56-amd64 (= 6.1.192-2)` to package and version.
fn parse_depends(depends: &str) -> Option<(String, String)> {
    let (package, rest) = depends.split_once(" (= ")?;
    let (version, _) = rest.split_once(')')?;
    Some((package.to_owned(), version.to_owned()))
}

/// Downloads and unpacks into `folder`, which appears whole or not at all.
fn fetch(package: &str, version: &str, folder: &Path) -> Result<()> {
    eprintln!("fetch: {package} {version}");
    let part = paths::part_of(folder);
    let unpacked = part.join("x");
    let deb = match apt::download(package, version, &part) {
        Ok(deb) => deb,
        Err(_) => {
            // The lists may name a version that the archive has replaced since.
            apt::refresh_lists(true)?;
            apt::download(package, version, &part)?
        }
    };
    proc::output(Command::new("dpkg").arg("-x").arg(&deb).arg(&unpacked))?;
    fs::write(unpacked.join("version"), format!("{package} {version}\n"))
        .map_err(Error::io("write into", &unpacked))?;
    if fs::rename(&unpacked, folder).is_err() && !folder.is_dir() {
        return Err(Error::msg(format!(
            "cannot put {package} at {}",
            folder.display()
        )));
    }
    let _ = fs::remove_dir_all(&part);
    Ok(())
}

fn find_kernel(folder: &Path) -> Option<Kernel> {
    let boot = fs::read_dir(folder.join("boot")).ok()?;
    let vmlinuz = boot.flatten().map(|entry| entry.path()).find(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("vmlinuz-"))
    })?;
    let kernel = foreign_kernel(&vmlinuz);
    kernel
        .modules()
        .join("modules.dep")
        .is_file()
        .then_some(kernel)
}

/// Finds the compressed kernel in a bzImage by the boot protocol's header and decompresses it.
///
/// Source: Linux `Documentation/arch/x86/boot.rst` (`setup_sects` at 0x1f1, `payload_offset` at
/// 0x248, `payload_length` at 0x24c; the payload ends with its four-byte unpacked length).
pub fn unpack_payload(image: &[u8]) -> Result<Vec<u8>> {
    let (start, end) = payload_range(image)?;
    let payload = &image[start..end - 4];
    let program: &[&str] = match payload {
        [0xfd, b'7', b'z', b'X', b'Z', ..] => &["xz", "-dc"],
        [0x1f, 0x8b, ..] => &["gzip", "-dc"],
        [0x28, 0xb5, 0x2f, 0xfd, ..] => &["zstd", "-dcq"],
        [0x02, 0x21, 0x4c, 0x18, ..] => &["lz4", "-dcq"],
        _ => {
            return Err(Error::msg(
                "the kernel's payload has an unknown compression",
            ));
        }
    };
    let scratch = paths::Scratch::new("payload")?;
    let file = scratch.join("payload");
    paths::write(&file, payload)?;
    proc::output(Command::new(program[0]).args(&program[1..]).arg(&file))
}

/// Byte range of the payload, with its trailing length word, in a bzImage.
pub fn payload_range(image: &[u8]) -> Result<(usize, usize)> {
    let word = |at: usize| {
        let bytes = image.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    let parse = || {
        if image.get(0x202..0x206)? != b"HdrS" {
            return None;
        }
        let setup_sectors = usize::from(*image.get(0x1f1)?).max(1);
        let start = (setup_sectors + 1) * 512 + word(0x248)?;
        let end = start + word(0x24c)?;
        (end <= image.len() && end >= start + 4).then_some((start, end))
    };
    parse().ok_or_else(|| Error::msg("not a bzImage with a payload"))
}

#[cfg(test)]
mod tests {
    use super::parse_depends;

    #[test]
    fn reads_an_exact_dependency() {
        let (package, version) =
            parse_depends("linux-image-6.1.0-56-amd64 (= 6.1.192-2), foo").unwrap();
        assert_eq!(package, "linux-image-6.1.0-56-amd64");
        assert_eq!(version, "6.1.192-2");
        assert!(parse_depends("foo").is_none());
    }
}
