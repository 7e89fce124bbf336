//! A Debian root file system on an emulated disk.

use super::{BOOT, Checks, Ctx, Dom0, Test};
use crate::error::Result;
use crate::qemu::{Board, Bus, Disk, Machine};
use crate::rootdisk::{LABEL, TEST_INIT, image};
use crate::stock::Series;
use std::time::Duration;

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    vec![
        Test::new("root-ahci", |ctx, checks| {
            root(ctx, checks, Board::Q35, Bus::Ahci, Series::Linux61)
        }),
        Test::new("root-virtio", |ctx, checks| {
            root(ctx, checks, Board::Pc, Bus::Virtio, Series::Linux612)
        }),
        Test::new("root-systemd", systemd).long(),
    ]
}

fn boot_root(ctx: &Ctx, board: Board, bus: Bus, dom0: Dom0) -> Result<super::Guest> {
    let mut machine = Machine {
        board,
        ..Machine::default()
    };
    machine.disks.push(Disk {
        file: image()?,
        bus,
        snapshot: true,
    });
    machine.nics = vec!["virtio-net-pci".to_owned()];
    ctx.boot(&machine, &dom0)
}

fn root(ctx: &Ctx, checks: &mut Checks, board: Board, bus: Bus, series: Series) -> Result<()> {
    let append = format!("root=LABEL={LABEL} init={TEST_INIT}");
    let dom0 = Dom0 {
        series: Some(series),
        append,
        ..Dom0::default()
    };
    let mut guest = boot_root(ctx, board, bus, dom0)?;
    let root = guest.session.expect("XT-ROOT ", BOOT)?;
    checks.note(root.line);
    guest
        .session
        .expect("XT-ROOT-END", Duration::from_secs(600))?;
    checks.count_script(&guest.session.text());
    let ended = guest.session.wait_end(super::POWER_OFF)?;
    checks.check("powers off", ended.success());
    Ok(())
}

/// The distribution's own init brings the system up to a login.
fn systemd(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let append = format!("root=LABEL={LABEL} net.ifnames=0");
    let mut guest = boot_root(
        ctx,
        Board::Q35,
        Bus::Ahci,
        Dom0 {
            append,
            ..Dom0::default()
        },
    )?;
    let long = Duration::from_secs(900);
    guest.session.expect("login:", long)?;
    guest.session.send("root")?;
    guest.session.expect("# ", long)?;
    guest
        .session
        .send("systemctl is-system-running --wait; systemctl --failed --no-legend | cat")?;
    let state = guest.session.expect_any(&["running", "degraded"], long)?;
    checks.check("the system is running", state.index == 0);
    guest.session.send("ip -4 -o addr show eth0; echo XT-NET")?;
    let net = guest.session.expect("\nXT-NET", long)?;
    checks.check("eth0 has an address", net.text.contains("inet 10.0.2."));
    guest.session.send("systemctl poweroff")?;
    checks.check("powers off", guest.session.wait_end(long)?.success());
    Ok(())
}
