//! The initial RAM disk of dom0: busybox, the kernel modules that dom0 may need, and an init.
//!
//! The part that depends only on the kernel is made once and cached. A test appends a second
//! archive with its script at `/xt/test.sh`; without one, init gives a shell.

use crate::cpio::{self, Archive};
use crate::error::Result;
use crate::setup::{self, Need};
use crate::stock::Kernel;
use crate::{kmod, paths, proc};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

const INIT: &str = include_str!("../assets/init.sh");
const LIBRARY: &str = include_str!("../assets/lib.sh");
const UDHCPC: &str = include_str!("../assets/udhcpc.sh");
const BUSYBOX: &str = "/bin/busybox";

/// Where init finds a test script.
pub const TEST_SCRIPT: &str = "xt/test.sh";

/// The common part for a kernel, as a file in the cache.
pub fn base(kernel: &Kernel) -> Result<PathBuf> {
    setup::ensure(&[Need::Kernels])?;
    let mut hasher = DefaultHasher::new();
    (INIT, LIBRARY, UDHCPC, kmod::WANTED).hash(&mut hasher);
    kernel.vmlinuz.hash(&mut hasher);
    kernel.modules().hash(&mut hasher);
    let name = format!("initrd-{}-{:016x}.cpio", kernel.release, hasher.finish());
    let path = paths::cache().join("initrd").join(name);
    let _making = paths::making();
    if !path.is_file() {
        eprintln!("initrd: making {}", path.display());
        paths::write_atomic(&path, make_base(kernel)?)?;
    }
    Ok(path)
}

/// The common part followed by a test's script and files, written to `to`.
pub fn with_script(
    kernel: &Kernel,
    script: &str,
    files: &[(&str, &Path)],
    to: &Path,
) -> Result<()> {
    let mut bytes = paths::read(&base(kernel)?)?;
    let mut archive = Archive::new();
    archive.program(TEST_SCRIPT, script.as_bytes());
    for (name, from) in files {
        cpio::copy_program(&mut archive, from, name)?;
    }
    bytes.extend(archive.finish());
    paths::write(to, bytes)
}

fn make_base(kernel: &Kernel) -> Result<Vec<u8>> {
    let mut archive = Archive::new();
    for dir in [
        "proc", "sys", "dev", "run", "tmp", "mnt", "newroot", "etc", "root", "xt",
    ] {
        archive.dir(dir);
    }
    for dir in ["bin", "sbin", "usr/bin", "usr/sbin", "lib/modules"] {
        archive.dir(dir);
    }
    archive.device("dev/console", 5, 1);
    archive.program("init", INIT.as_bytes());
    archive.file("xt/lib.sh", LIBRARY.as_bytes());
    archive.program("etc/udhcpc.sh", UDHCPC.as_bytes());
    cpio::copy_program(&mut archive, Path::new(BUSYBOX), "bin/busybox")?;
    let applets = proc::text(Command::new(BUSYBOX).arg("--list-full"))?;
    for applet in applets
        .lines()
        .filter(|name| !name.ends_with("bin/busybox"))
    {
        archive.link(applet, "/bin/busybox");
    }
    if kernel.modules().join("modules.dep").is_file() {
        let chosen = kmod::select(kernel, kmod::WANTED)?;
        let folder = format!("lib/modules/{}", kernel.release);
        for module in &chosen.modules {
            archive.file(&format!("{folder}/{}", module.name), &module.data);
        }
        archive.file(&format!("{folder}/modules.dep"), chosen.dep.as_bytes());
        archive.file(&format!("{folder}/modules.alias"), chosen.alias.as_bytes());
    } else {
        eprintln!("initrd: no modules beside {}", kernel.vmlinuz.display());
    }
    Ok(archive.finish())
}
