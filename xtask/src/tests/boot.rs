//! dom0 boots and finds what a stock kernel and Debian's scripts look for.

use super::{BOOT, Checks, Ctx, Dom0, Guest, Test};
use crate::error::Result;
use crate::qemu::Machine;
use crate::stock::Series;
use std::time::Duration;

/// What dom0 looks at after every boot.
pub const SCRIPT: &str = include_str!("../../../tests/emulator/boot.sh");

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    let series = |series: Series| {
        move |ctx: &Ctx, checks: &mut Checks| {
            let machine = Machine {
                memory: 1024,
                ..Machine::default()
            };
            let dom0 = Dom0 {
                series: Some(series),
                script: script(),
                ..Dom0::default()
            };
            full_boot(ctx, checks, &machine, &dom0)
        }
    };
    let two_cpus = |ctx: &Ctx, checks: &mut Checks| {
        let machine = Machine {
            cpus: 2,
            ..Machine::default()
        };
        full_boot(
            ctx,
            checks,
            &machine,
            &Dom0 {
                script: script(),
                ..Dom0::default()
            },
        )
    };
    let vmlinux = |ctx: &Ctx, checks: &mut Checks| {
        let dom0 = Dom0 {
            vmlinux: true,
            script: script(),
            ..Dom0::default()
        };
        full_boot(ctx, checks, &Machine::default(), &dom0)
    };
    vec![
        Test::new("boot-6.1", series(Series::Linux61)),
        Test::new("boot-6.12", series(Series::Linux612)),
        Test::new("boot-2cpus", two_cpus),
        Test::new("boot-vmlinux", vmlinux),
        Test::new("boot-dom0-mem", dom0_mem).memory(2048),
    ]
}

fn script() -> Option<String> {
    Some(SCRIPT.to_owned())
}

/// Boots, runs the script, and sees the power go off.
pub fn full_boot(ctx: &Ctx, checks: &mut Checks, machine: &Machine, dom0: &Dom0) -> Result<()> {
    let mut guest = ctx.boot(machine, dom0)?;
    let init = guest.session.expect("XT-INIT ", BOOT)?;
    checks.note(init.line);
    type_when_asked(&mut guest, BOOT)?;
    guest.finish(checks, BOOT)
}

/// The script asks for a key, to see the console's interrupt.
pub fn type_when_asked(guest: &mut Guest, limit: Duration) -> Result<()> {
    guest.session.expect("XT-TYPE", limit)?;
    guest.session.send("typed")
}

/// `dom0_mem=` with `max:` is what dom0 gets.
fn dom0_mem(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let dom0 = Dom0 {
        script: Some(
            "kib=$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)\n\
             check \"memory near 512 MiB: $kib KiB\" [ \"$kib\" -gt 380000 -a \"$kib\" -lt 524289 ]\n"
                .to_owned(),
        ),
        append_xen: "dom0_mem=512M,max:512M".to_owned(),
        ..Dom0::default()
    };
    let mut guest = ctx.boot(
        &Machine {
            memory: 2048,
            ..Machine::default()
        },
        &dom0,
    )?;
    guest.finish(checks, BOOT * 2)
}
