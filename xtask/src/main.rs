//! The host tool and the only door to the project: it prepares a machine, builds the hypervisor,
//! boots it in an emulator, and checks everything that continuous integration checks.
//!
//! Every subcommand prepares what it needs by itself, so each works on a fresh clone. Nothing here
//! is linked into the hypervisor. The tool drives programs that Debian ships (QEMU, Bochs, GRUB's
//! image tools, mtools, mmdebstrap) instead of re-implementing them, and it never names a package
//! mirror: whatever apt is configured for on this machine is used.

mod args;
mod error;
mod paths;
mod proc;

mod apt;
mod setup;
mod toolchain;

mod compile;

mod lint;
mod rustsrc;
mod sizes;
mod workspace;

mod bootdisk;
mod cpio;
mod elf;
mod initrd;
mod kmod;
mod payload;
mod rootdisk;
mod stock;

mod bochs;
mod gdb;
mod netserver;
mod qemu;
mod qmp;
mod run;
mod session;
mod terminal;

mod check;
mod tests;

use args::Args;
use error::Result;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask COMMAND [OPTIONS]

Commands:
  setup      install what is missing (apt packages, toolchain, stock kernels)
  build      build target/xenolith.elf, target/xenolith.gz and the test guests
  iso        make a bootable GRUB image (BIOS and UEFI)
  run        boot in an emulator with the serial console on this terminal
  test       everything that continuous integration runs
  lint       formatting, clippy, crate arrows, where unsafe code may be
  sizes      the image's size and the ledger of unsafe code

`cargo xtask COMMAND --help` lists the options of a command.
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    match dispatch(&command, Args::new(words.collect())) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, args: Args) -> Result<ExitCode> {
    match command {
        "setup" => setup::command(args),
        "build" => compile::command(args),
        "iso" => bootdisk::command(args),
        "run" => run::command(args),
        "test" => check::command(args),
        "lint" => lint::command(args),
        "sizes" => sizes::command(args),
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprint!("xtask: no command `{other}`\n\n{HELP}");
            Ok(ExitCode::FAILURE)
        }
    }
}
