//! `cargo xtask build`: the hypervisor as GRUB takes it, and the test guests.
//!
//! Cargo's output keeps line tables for a debugger. What is booted has them stripped but keeps the
//! symbol table, from which the hypervisor symbolises its backtraces.

use crate::args::Args;
use crate::error::{Error, Result};
use crate::{paths, proc, toolchain, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask build [--debug] [--features LIST] [--no-guests]

Leaves target/xenolith.elf (symbols, no debug information), target/xenolith.gz (what GRUB loads)
and the test guests in target/guests/.

  --debug          unoptimised, with debug assertions
  --features LIST  cargo features of the hypervisor
  --no-guests      only the hypervisor
";

/// What to build.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Unoptimised, with assertions.
    pub debug: bool,
    /// Cargo features of the hypervisor.
    pub features: Option<String>,
    /// Leave the test guests out.
    pub no_guests: bool,
}

/// `cargo xtask build`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    if args.flag("--help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    args.flag("--release");
    let options = Options {
        debug: args.flag("--debug"),
        features: args.value("--features")?,
        no_guests: args.flag("--no-guests"),
    };
    args.finish()?;
    build(&options)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds everything that is booted.
pub fn build(options: &Options) -> Result<()> {
    let built = cargo_build("hypervisor", options, options.features.as_deref())?;
    let image = built.join("hypervisor");
    if !image.is_file() {
        return Err(Error::msg(
            "the crate `hypervisor` has built no binary named `hypervisor`",
        ));
    }
    strip_debug(&image, &paths::xenolith_elf())?;
    gzip(&paths::xenolith_elf(), &paths::xenolith_gz())?;
    report(&paths::xenolith_elf())?;
    report(&paths::xenolith_gz())?;
    if !options.no_guests {
        build_guests(options)?;
    }
    Ok(())
}

/// Builds the crate `guests` and copies each of its binaries to `target/guests/`.
pub fn build_guests(options: &Options) -> Result<()> {
    let built = cargo_build("guests", options, None)?;
    let into = paths::target().join("guests");
    paths::make_dir(&into)?;
    for name in guest_names()? {
        let file = built.join(&name);
        if file.is_file() {
            strip_debug(&file, &into.join(&name))?;
            report(&into.join(&name))?;
        }
    }
    Ok(())
}

/// The programs of the crate `guests`.
pub fn guest_names() -> Result<Vec<String>> {
    let guests = workspace::crates()?
        .into_iter()
        .find(|each| each.name == "guests");
    Ok(guests.map(|each| each.programs).unwrap_or_default())
}

/// Builds one package for the bare target and returns the folder with the output.
fn cargo_build(package: &str, options: &Options, features: Option<&str>) -> Result<PathBuf> {
    let chosen = toolchain::choose()?;
    let mut cargo = chosen.cargo("build");
    cargo.args(["--package", package]);
    if !options.debug {
        cargo.arg("--release");
    }
    if let Some(features) = features {
        cargo.args(["--features", features]);
    }
    proc::run(&mut cargo)?;
    let profile = if options.debug { "debug" } else { "release" };
    Ok(chosen.target_dir().join(toolchain::TARGET).join(profile))
}

/// Copies an ELF file without its debug sections; the symbol table stays.
fn strip_debug(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        paths::make_dir(parent)?;
    }
    proc::output(
        Command::new("objcopy")
            .arg("--strip-debug")
            .arg(from)
            .arg(to),
    )?;
    Ok(())
}

/// Compresses as well as gzip can, without name or time, so that equal input gives equal output.
fn gzip(from: &Path, to: &Path) -> Result<()> {
    let bytes = proc::output(Command::new("gzip").args(["-9", "-n", "-c"]).arg(from))?;
    paths::write_atomic(to, bytes)
}

fn report(path: &Path) -> Result<()> {
    let length = fs::metadata(path)
        .map_err(Error::io("look at", path))?
        .len();
    let shown = path.strip_prefix(paths::root()).unwrap_or(path);
    eprintln!("built: {} ({} KiB)", shown.display(), length.div_ceil(1024));
    Ok(())
}
