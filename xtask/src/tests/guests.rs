//! The tiny guests of `tests/guests`: kernels that check the interface from inside and print
//! `N passed, N failed`.

use super::{Checks, Ctx, Test};
use crate::bochs;
use crate::bootdisk::{self, Item, Menu, Protocol};
use crate::error::{Error, Result};
use crate::paths::{self, Scratch};
use crate::qemu::Machine;
use crate::run::XEN_CMDLINE;
use crate::session::{Session, parse_counts};
use crate::setup::{self, Need};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(180);
const BOCHS_LIMIT: Duration = Duration::from_secs(420);

/// One test for each guest and emulator. The guests are named here, so that one that fails to build
/// is a failure and not a silence.
pub fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for guest in names() {
        for cpu in ["max", "qemu64", "EPYC"] {
            let file = guest.clone();
            tests.push(
                Test::new(format!("guest-{guest}-{cpu}"), move |ctx, checks| {
                    on_qemu(ctx, checks, &file, cpu)
                })
                .memory(512),
            );
        }
        for (name, model) in [("intel", bochs::INTEL), ("amd", bochs::AMD)] {
            let file = guest.clone();
            tests.push(
                Test::new(format!("guest-{guest}-bochs-{name}"), move |ctx, checks| {
                    on_bochs(ctx, checks, &file, model)
                })
                .memory(512),
            );
        }
    }
    tests
}

/// The binary targets of the crate.
fn names() -> Vec<String> {
    crate::compile::guest_names().unwrap_or_default()
}

fn menu(ctx: &Ctx, guest: &str, protocol: Protocol) -> Result<Menu> {
    let image = ctx.hypervisor.image()?;
    let hypervisor = image.ok_or_else(|| Error::msg("a PV guest needs a hypervisor"))?;
    let file = guest_file(guest);
    if !file.is_file() {
        return Err(Error::msg(format!("{} has not been built", file.display())));
    }
    // Bochs loses the transmit interrupt that Xen's buffered console waits for.
    let cmdline = format!("{XEN_CMDLINE} no-real-mode sync_console");
    let items = vec![
        Item {
            file: hypervisor,
            cmdline,
        },
        Item {
            file,
            // Grant tables are a later step; the guest can't go on without one.
            cmdline: "skip=grants".to_owned(),
        },
    ];
    Ok(Menu {
        protocol,
        items,
        ..Menu::default()
    })
}

fn guest_file(guest: &str) -> PathBuf {
    paths::target().join("guests").join(guest)
}

fn on_qemu(ctx: &Ctx, checks: &mut Checks, guest: &str, cpu: &str) -> Result<()> {
    let machine = Machine {
        memory: 512,
        cpu: cpu.to_owned(),
        // The guest measures timers to within 2 %, which a busy host would spoil.
        icount: true,
        ..Machine::default()
    };
    let scratch = Scratch::new(&ctx.name)?;
    let menu = menu(ctx, guest, Protocol::Multiboot2)?;
    let mut guest = ctx.start(&machine, &menu, scratch, "")?;
    let xenolith = matches!(ctx.hypervisor, crate::run::Hypervisor::Xenolith);
    count(&mut guest.session, checks, LIMIT, xenolith, cpu)
}

fn on_bochs(ctx: &Ctx, checks: &mut Checks, guest: &str, model: &str) -> Result<()> {
    setup::ensure(&[Need::Bochs])?;
    // Debian's Xen only comes up there by multiboot1.
    let xenolith = matches!(ctx.hypervisor, crate::run::Hypervisor::Xenolith);
    let protocol = if xenolith {
        Protocol::Multiboot2
    } else {
        Protocol::Multiboot1
    };
    let mut menu = menu(ctx, guest, protocol)?;
    // Every character costs time there: not a line for each refused call.
    for item in &mut menu.items {
        item.cmdline = item.cmdline.replace("loglvl=all", "loglvl=info");
    }
    let mut session = start_bochs(ctx, &menu, model)?;
    count(&mut session.0, checks, BOCHS_LIMIT, xenolith, "bochs")
}

fn start_bochs(ctx: &Ctx, menu: &Menu, model: &str) -> Result<(Session, Scratch)> {
    let scratch = Scratch::new(&ctx.name)?;
    let iso: &Path = &scratch.join("boot.iso");
    bootdisk::write_iso(menu, iso)?;
    let machine = bochs::Machine {
        cpu: model.to_owned(),
        cpus: 1,
        memory: 512,
        iso: iso.to_owned(),
    };
    let (command, listener) = machine.command(scratch.path())?;
    Ok((
        Session::start_tcp(command, &listener, &ctx.log(""))?,
        scratch,
    ))
}

/// Waits for the guest's count and takes it over.
fn count(
    session: &mut Session,
    checks: &mut Checks,
    limit: Duration,
    xenolith: bool,
    place: &str,
) -> Result<()> {
    session.expect("XT-GRUB", limit)?;
    let end = session.expect(" passed, ", limit)?;
    let (passed, failed) = parse_counts(&end.line)
        .ok_or_else(|| session.problem(&format!("no count in `{}`", end.line)))?;
    checks.passed += passed;
    let mut known = if xenolith { differences()? } else { Vec::new() };
    // What differs because of the machine has its name in front.
    let local: Vec<String> = differences()?
        .iter()
        .filter_map(|name| name.strip_prefix(place)?.strip_prefix('/'))
        .map(str::to_owned)
        .collect();
    known.extend(local);
    let failures: Vec<&str> = end
        .text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("FAIL "))
        .collect();
    let name = |line: &str| line.split(':').next().unwrap_or(line).to_owned();
    let (expected, unexpected): (Vec<&str>, Vec<&str>) = failures
        .iter()
        .partition(|line| known.contains(&name(line)));
    checks.passed += expected.len() as u32;
    if !expected.is_empty() {
        checks.note(format!(
            "{} answers differ from Xen's, as tests/guests/differences.txt says",
            expected.len()
        ));
    }
    checks
        .failures
        .extend(unexpected.iter().take(40).map(|line| (*line).to_owned()));
    checks.check(
        &format!("all {failed} failures of the guest were seen"),
        failed as usize == failures.len(),
    );
    checks.check("the guest has checked something", passed > 0);
    Ok(())
}

/// Names of the guest's checks in which Xenolith answers otherwise than Xen, each with a reason
/// behind it in the file.
fn differences() -> Result<Vec<String>> {
    let file = paths::root().join("tests/guests/differences.txt");
    let text = std::fs::read_to_string(&file)
        .map_err(|e| Error::msg(format!("{}: {e}", file.display())))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Ok(lines
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect())
}
