//! Where things are: the source tree, its `target/`, and the cache that all clones share.

use crate::error::{Error, Result};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Makes names of scratch files distinct within the process.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Root of the source tree.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The tree's `target/`, where finished artefacts are left whatever cargo's own target folder is.
pub fn target() -> PathBuf {
    root().join("target")
}

/// Where cargo puts its output.
pub fn cargo_target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => root().join(dir),
        _ => target(),
    }
}

/// The folder for what is fetched or made once a machine: `XENOLITH_CACHE`, or the user's cache.
pub fn cache() -> PathBuf {
    let set = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XENOLITH_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|dir| dir.join("xenolith")))
        .or_else(|| set("HOME").map(|dir| dir.join(".cache/xenolith")))
        .unwrap_or_else(|| target().join("cache"))
}

/// The hypervisor with its symbol table.
pub fn xenolith_elf() -> PathBuf {
    target().join("xenolith.elf")
}

/// The hypervisor as GRUB loads it.
pub fn xenolith_gz() -> PathBuf {
    target().join("xenolith.gz")
}

/// Creates a folder and its parents.
pub fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(Error::io("create", path))
}

/// Reads a file whole.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(Error::io("read", path))
}

/// Reads a text file whole.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(Error::io("read", path))
}

/// Writes a file whole, making its folder first.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    if let Some(parent) = path.parent() {
        make_dir(parent)?;
    }
    fs::write(path, bytes).map_err(Error::io("write", path))
}

/// Writes beside the final name and renames, so that no one ever sees half a file.
pub fn write_atomic(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    let part = part_of(path);
    write(&part, bytes)?;
    fs::rename(&part, path).map_err(Error::io("rename to", path))
}

/// A name beside `path` that no other thread or process uses.
pub fn part_of(path: &Path) -> PathBuf {
    let process = std::process::id();
    sibling(
        path,
        &format!("part{process}-{}", COUNT.fetch_add(1, Ordering::Relaxed)),
    )
}

/// Held while something is made for the cache, so that threads don't make the same thing twice.
/// Processes may; the last one to finish wins, with equal content.
pub fn making() -> MutexGuard<'static, ()> {
    static MAKING: Mutex<()> = Mutex::new(());
    MAKING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `path` with `.suffix` appended to its file name.
pub fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// A scratch folder that is removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// A new folder below `target/scratch`; `name` only helps a person who looks.
    pub fn new(name: &str) -> Result<Self> {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let leaf = format!("{name}-{}-{count}", std::process::id());
        let path = target().join("scratch").join(leaf);
        make_dir(&path)?;
        Ok(Self { path })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path in the folder.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A leftover folder below target/ is harmless, and there is nobody to tell.
        let _ = fs::remove_dir_all(&self.path);
    }
}
