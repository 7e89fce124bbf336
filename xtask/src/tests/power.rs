//! Ways for the machine to end: reboot, and a dom0 that crashes, with and without `noreboot`.

use super::{BOOT, Checks, Ctx, Dom0, Test};
use crate::error::Result;
use crate::qemu::{Board, Machine};
use std::time::Duration;

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    vec![
        Test::new("power-reboot-q35", |ctx, checks| {
            reboot(ctx, checks, Board::Q35)
        }),
        Test::new("power-reboot-pc", |ctx, checks| {
            reboot(ctx, checks, Board::Pc)
        }),
        Test::new("power-crash", crash),
        Test::new("power-crash-noreboot", crash_noreboot),
    ]
}

fn script(text: &str) -> Dom0 {
    Dom0 {
        script: Some(text.to_owned()),
        ..Dom0::default()
    }
}

const CRASH: &str = "echo XT-CRASH\nsleep 0.2\necho c >/proc/sysrq-trigger\nsleep 60\n";

/// `reboot` resets the machine, which then boots again.
fn reboot(ctx: &Ctx, checks: &mut Checks, board: Board) -> Result<()> {
    let machine = Machine {
        board,
        ..Machine::default()
    };
    let mut guest = ctx.boot(&machine, &script("echo XT-REBOOT\nreboot -f\nsleep 60\n"))?;
    guest.session.expect("XT-GRUB", BOOT)?;
    guest.session.expect("XT-REBOOT", BOOT)?;
    let again = guest.session.expect("XT-GRUB", Duration::from_secs(60));
    checks.check("the firmware and GRUB run again", again.is_ok());
    Ok(())
}

/// A dom0 that panics is reported and the machine resets.
fn crash(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let mut guest = ctx.boot(&Machine::default(), &script(CRASH))?;
    guest.session.expect("XT-CRASH", BOOT)?;
    guest.session.tolerate_panics();
    let said = guest
        .session
        .expect("Dom0 crashed", Duration::from_secs(60))?;
    checks.check(
        &format!("the crash is reported: {}", said.line),
        said.line.contains("reboot"),
    );
    let again = guest.session.expect("XT-GRUB", Duration::from_secs(60));
    checks.check("the machine resets", again.is_ok());
    Ok(())
}

/// With `noreboot` the machine stays as it is, for a person to look at.
fn crash_noreboot(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let dom0 = Dom0 {
        append_xen: "noreboot".to_owned(),
        ..script(CRASH)
    };
    let mut guest = ctx.boot(&Machine::default(), &dom0)?;
    guest.session.expect("XT-CRASH", BOOT)?;
    guest.session.tolerate_panics();
    let said = guest
        .session
        .expect("Dom0 crashed", Duration::from_secs(60))?;
    checks.check(
        &format!("the crash is reported: {}", said.line),
        said.line.contains("noreboot"),
    );
    let again = guest.session.expect("XT-GRUB", Duration::from_secs(15));
    checks.check("the machine does not reset", again.is_err());
    checks.check(
        "the emulator still runs",
        guest.session.qmp()?.execute("query-status").is_ok(),
    );
    Ok(())
}
