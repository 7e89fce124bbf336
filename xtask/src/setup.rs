//! Bringing a fresh Debian machine to the point where everything else works.
//!
//! Packages are grouped by what needs them, so that `build` on a machine without emulators stays
//! quick. A subcommand calls [`ensure`] with its groups; that costs one `dpkg-query` when nothing
//! is missing.

use crate::args::Args;
use crate::error::{Error, Result};
use crate::{apt, proc, stock, toolchain};
use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask setup [--build-only]

Installs, with apt as root or by sudo, what building and testing need; chooses the toolchain for
the bare-metal target; fetches the stock kernels and Debian's own Xen.

  --build-only   only what `cargo xtask build` needs

XENOLITH_TOOLCHAIN=rustup|debian forces the toolchain. XENOLITH_CACHE names the folder for fetched
files (default ~/.cache/xenolith).
";

/// A group of packages that some subcommands need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// GRUB images and file-system tools.
    BootImages,
    /// QEMU 10 or later, with firmware.
    Qemu,
    /// Bochs.
    Bochs,
    /// Stock kernels and initial RAM disks.
    Kernels,
    /// Debian root disks.
    RootDisks,
}

impl Need {
    /// Every group.
    pub const ALL: [Self; 5] = [
        Self::BootImages,
        Self::Qemu,
        Self::Bochs,
        Self::Kernels,
        Self::RootDisks,
    ];

    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::BootImages => &[
                "grub-common",
                "grub-pc-bin",
                "grub-efi-amd64-bin",
                "mtools",
                "xorriso",
            ],
            Self::Qemu => &["ovmf", "util-linux"],
            Self::Bochs => &["bochs", "bochsbios", "vgabios"],
            Self::Kernels => &["busybox-static", "kmod", "xz-utils", "zstd", "lz4", "gzip"],
            Self::RootDisks => &["mmdebstrap", "e2fsprogs"],
        }
    }
}

/// `cargo xtask setup`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    if args.flag("--help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let build_only = args.flag("--build-only");
    args.finish()?;
    toolchain::choose()?;
    if !build_only {
        ensure(&Need::ALL)?;
        for series in stock::Series::ALL {
            let kernel = stock::kernel(series)?;
            eprintln!(
                "setup: kernel {} at {}",
                kernel.release,
                kernel.vmlinuz.display()
            );
        }
        eprintln!("setup: Debian's Xen at {}", stock::debian_xen()?.display());
    }
    eprintln!("setup: done");
    Ok(ExitCode::SUCCESS)
}

/// Installs what the groups want and this machine lacks.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let wanted: Vec<&str> = needs
        .iter()
        .flat_map(|need| need.packages())
        .copied()
        .collect();
    apt::install(&apt::missing(&wanted), None)?;
    if needs.contains(&Need::Qemu) {
        ensure_qemu()?;
    }
    Ok(())
}

/// QEMU before 10 runs IRET at CPL 3 as a supervisor stack read, which kills PV guests under SMAP.
fn ensure_qemu() -> Result<()> {
    const WANTED: u32 = 10;
    if qemu_major().is_some_and(|major| major >= WANTED) {
        return Ok(());
    }
    let packages = ["qemu-system-x86".to_owned(), "qemu-utils".to_owned()];
    apt::refresh_lists(false)?;
    let offered = apt::show("qemu-system-x86")?
        .iter()
        .flatten()
        .find_map(|(key, value)| {
            (key == "Version").then(|| major_of(value.rsplit(':').next().unwrap_or(value)))
        });
    if offered.flatten().is_some_and(|major| major >= WANTED) {
        apt::install(&packages, None)?;
    } else {
        let suite = apt::ensure_backports()?;
        apt::install(&packages, Some(&suite))?;
    }
    match qemu_major() {
        Some(major) if major >= WANTED => Ok(()),
        Some(major) => {
            eprintln!(
                "setup: QEMU {major} is older than {WANTED}; use `--cpu max,-smap`, without which \
                 PV guests die early"
            );
            Ok(())
        }
        None => Err(Error::msg(
            "qemu-system-x86_64 does not run after its installation",
        )),
    }
}

fn qemu_major() -> Option<u32> {
    let text = proc::text(Command::new("qemu-system-x86_64").arg("--version")).ok()?;
    major_of(text.split("version ").nth(1)?)
}

fn major_of(version: &str) -> Option<u32> {
    version
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}
