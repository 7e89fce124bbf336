//! Writing cpio archives in the `newc` format, which Linux unpacks as its initial RAM disk.
//!
//! Archives may be concatenated: Linux reads them one after the other. So the large, common part
//! is made once and a test only appends its own files.

use crate::error::{Error, Result};
use std::path::Path;

const MODE_DIR: u32 = 0o040_755;
const MODE_FILE: u32 = 0o100_644;
const MODE_PROGRAM: u32 = 0o100_755;
const MODE_LINK: u32 = 0o120_777;
const MODE_CHAR: u32 = 0o020_600;

/// An archive under construction.
#[derive(Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
    inode: u32,
    dirs: std::collections::BTreeSet<String>,
}

impl Archive {
    /// An empty archive.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a folder and those above it, once.
    pub fn dir(&mut self, name: &str) {
        let name = name.trim_matches('/');
        if name.is_empty() || self.dirs.contains(name) {
            return;
        }
        if let Some((parent, _)) = name.rsplit_once('/') {
            self.dir(parent);
        }
        self.dirs.insert(name.to_owned());
        self.entry(name, MODE_DIR, (0, 0), &[]);
    }

    /// Adds a file.
    pub fn file(&mut self, name: &str, data: &[u8]) {
        self.parent(name);
        self.entry(name, MODE_FILE, (0, 0), data);
    }

    /// Adds a file that may be executed.
    pub fn program(&mut self, name: &str, data: &[u8]) {
        self.parent(name);
        self.entry(name, MODE_PROGRAM, (0, 0), data);
    }

    /// Adds a symbolic link.
    pub fn link(&mut self, name: &str, target: &str) {
        self.parent(name);
        self.entry(name, MODE_LINK, (0, 0), target.as_bytes());
    }

    /// Adds a character device.
    pub fn device(&mut self, name: &str, major: u32, minor: u32) {
        self.parent(name);
        self.entry(name, MODE_CHAR, (major, minor), &[]);
    }

    /// Ends the archive, padded to four bytes so that another may follow.
    pub fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, (0, 0), &[]);
        self.bytes
    }

    fn parent(&mut self, name: &str) {
        if let Some((parent, _)) = name.trim_start_matches('/').rsplit_once('/') {
            self.dir(parent);
        }
    }

    fn entry(&mut self, name: &str, mode: u32, device: (u32, u32), data: &[u8]) {
        let name = name.trim_start_matches('/');
        self.inode += 1;
        let links = if mode & 0o170_000 == 0o040_000 { 2 } else { 1 };
        let fields = [
            self.inode,
            mode,
            0,
            0,
            links,
            0,
            u32::try_from(data.len()).unwrap_or(u32::MAX),
            0,
            0,
            device.0,
            device.1,
            u32::try_from(name.len() + 1).unwrap_or(u32::MAX),
            0,
        ];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes
                .extend_from_slice(format!("{field:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(data);
        self.pad();
    }

    fn pad(&mut self) {
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
    }
}

/// Adds a file of the host under the same or another name.
pub fn copy_program(archive: &mut Archive, from: &Path, name: &str) -> Result<()> {
    let data = std::fs::read(from).map_err(Error::io("read", from))?;
    archive.program(name, &data);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Archive;

    #[test]
    fn cpio_reads_back_what_was_written() {
        use std::io::Write;
        use std::process::{Command, Stdio};
        let mut archive = Archive::new();
        archive.program("/sbin/init", b"#!/bin/sh\n");
        archive.link("bin", "sbin");
        archive.device("dev/console", 5, 1);
        let bytes = archive.finish();
        assert_eq!(bytes.len() % 4, 0);
        let Ok(mut child) = Command::new("cpio")
            .args(["-t", "--quiet"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
        else {
            return; // cpio is not installed; the format is also checked by every boot.
        };
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let names = String::from_utf8(output.stdout).unwrap();
        assert_eq!(names, "sbin\nsbin/init\nbin\ndev\ndev/console\n");
    }
}
