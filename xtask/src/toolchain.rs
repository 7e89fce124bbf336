//! Which compiler builds the bare-metal crates.
//!
//! The pinned rustup toolchain is used if it has, or can be given, the target
//! `x86_64-unknown-none`. Where rustup's servers can't be reached, Debian's `rustc-web` builds the
//! target with its own `core` and `alloc` (`-Z build-std`); its sources don't build with rustup's
//! compiler, so compiler, cargo and source all come from Debian then, and only the linker may come
//! from elsewhere.

use crate::error::{Error, Result};
use crate::{apt, paths, proc};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The bare-metal target triple.
pub const TARGET: &str = "x86_64-unknown-none";

const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// A compiler that can produce code for [`TARGET`].
#[derive(Debug, Clone)]
pub enum Toolchain {
    /// The pinned rustup toolchain with the target installed.
    Rustup,
    /// Debian's rustc-web, building `core` and `alloc` from source.
    Debian {
        /// The linker.
        linker: Linker,
    },
}

/// A linker for ELF output without a C compiler in front.
#[derive(Debug, Clone)]
pub struct Linker {
    path: PathBuf,
    gnu_ld: bool,
}

/// Chooses once for the process, installs what the choice needs, and says it in one line.
pub fn choose() -> Result<&'static Toolchain> {
    static CHOICE: OnceLock<Toolchain> = OnceLock::new();
    if let Some(choice) = CHOICE.get() {
        return Ok(choice);
    }
    let (choice, line) = decide()?;
    eprintln!("toolchain: {line}");
    Ok(CHOICE.get_or_init(|| choice))
}

fn decide() -> Result<(Toolchain, String)> {
    let forced = env::var("XENOLITH_TOOLCHAIN").unwrap_or_default();
    match forced.as_str() {
        "" => {
            let (found, why_not) = rustup_target();
            if found {
                Ok((Toolchain::Rustup, rustup_line()))
            } else {
                let (debian, line) = debian()?;
                Ok((debian, format!("{line} ({why_not})")))
            }
        }
        "rustup" => match rustup_target() {
            (true, _) => Ok((Toolchain::Rustup, rustup_line())),
            (false, why_not) => Err(Error::msg(format!("XENOLITH_TOOLCHAIN=rustup: {why_not}"))),
        },
        "debian" => {
            let (debian, line) = debian()?;
            Ok((debian, format!("{line} (XENOLITH_TOOLCHAIN)")))
        }
        other => Err(Error::msg(format!(
            "XENOLITH_TOOLCHAIN is `{other}`; it may be `rustup` or `debian`"
        ))),
    }
}

fn rustup_line() -> String {
    let version = proc::text(
        Command::new("rustc")
            .arg("--version")
            .current_dir(paths::root()),
    );
    let version = version.unwrap_or_default();
    format!("rustup's {} with its own {TARGET}", version.trim())
}

/// Whether the pinned toolchain has the target; tries to add it. Says why not.
fn rustup_target() -> (bool, String) {
    let has_target = || {
        let mut query = Command::new("rustc");
        query
            .args(["--print", "target-libdir", "--target", TARGET])
            .current_dir(paths::root());
        proc::text(&mut query).is_ok_and(|dir| {
            let entries = std::fs::read_dir(dir.trim());
            entries.is_ok_and(|dir| {
                dir.flatten().any(|entry| {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    name.starts_with("libcore-") && name.ends_with(".rlib")
                })
            })
        })
    };
    if has_target() {
        return (true, String::new());
    }
    if !proc::exists("rustup") {
        return (
            false,
            format!("there is no rustup to install {TARGET} with"),
        );
    }
    let mut add = Command::new("rustup");
    add.args(["target", "add", TARGET])
        .current_dir(paths::root());
    let added = proc::succeeds(&mut add);
    if added && has_target() {
        return (true, String::new());
    }
    (false, format!("`rustup target add {TARGET}` did not work"))
}

fn debian() -> Result<(Toolchain, String)> {
    apt::install(&apt::missing(&DEBIAN_PACKAGES), None)?;
    let version = proc::text(Command::new("/usr/bin/rustc").arg("--version"))?;
    let linker = match find_lld() {
        Some(linker) => linker,
        None => match apt::install(&["lld".to_owned()], None) {
            Ok(()) => find_lld().ok_or_else(|| Error::msg("the package lld holds no ld.lld"))?,
            Err(error) => gnu_ld().ok_or(error)?,
        },
    };
    let line = format!(
        "Debian's {} with core and alloc from source, linker {}",
        version.trim(),
        linker.path.display()
    );
    Ok((Toolchain::Debian { linker }, line))
}

/// LLVM's linker, with which the linker script is tested.
fn find_lld() -> Option<Linker> {
    let lld = |path: PathBuf| {
        path.is_file().then_some(Linker {
            path,
            gnu_ld: false,
        })
    };
    rustup_lld()
        .and_then(lld)
        .or_else(|| lld(PathBuf::from("/usr/bin/ld.lld")))
}

/// GNU's linker, for want of a better one: it reads linker scripts a little differently.
fn gnu_ld() -> Option<Linker> {
    let path = PathBuf::from("/usr/bin/ld");
    path.is_file().then_some(Linker { path, gnu_ld: true })
}

fn rustup_lld() -> Option<PathBuf> {
    let mut query = Command::new("rustc");
    query
        .args(["--print", "sysroot"])
        .current_dir(paths::root());
    let sysroot = proc::text(&mut query).ok()?;
    let path = Path::new(sysroot.trim()).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
    Some(path)
}

impl Toolchain {
    /// A cargo command for the bare target (`build`, `clippy`), in the source tree.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Rustup => {
                let mut command = Command::new("cargo");
                command.arg(subcommand);
                command
            }
            Self::Debian { linker } => {
                let mut command = Command::new("/usr/bin/cargo");
                command.arg(subcommand);
                command
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("RUSTC_BOOTSTRAP", "1");
                command.args(["-Z", "build-std=core,alloc,compiler_builtins"]);
                command.args(["-Z", "build-std-features=compiler-builtins-mem"]);
                command.env("CARGO_TARGET_X86_64_UNKNOWN_NONE_LINKER", &linker.path);
                if linker.gnu_ld {
                    let key = "target.x86_64-unknown-none.rustflags";
                    command.args(["--config", &format!("{key}=['-C','linker-flavor=ld']")]);
                }
                command
            }
        };
        command
            .args(["--target", TARGET, "--target-dir"])
            .arg(self.target_dir());
        command.current_dir(paths::root());
        // The environment of `cargo xtask` itself must not choose the inner cargo's toolchain.
        for name in ["CARGO", "CARGO_MANIFEST_DIR", "RUSTUP_TOOLCHAIN"] {
            command.env_remove(name);
        }
        command
    }

    /// Whether `cargo clippy` works on the bare target: Debian's package has no clippy.
    pub fn has_clippy(&self) -> bool {
        matches!(self, Self::Rustup) && proc::succeeds(Command::new("cargo").args(["clippy", "-V"]))
    }

    /// Where its output goes: one folder a toolchain, so that they don't rebuild each other's.
    pub fn target_dir(&self) -> PathBuf {
        match self {
            Self::Rustup => paths::cargo_target(),
            Self::Debian { .. } => paths::cargo_target().join("debian"),
        }
    }
}
