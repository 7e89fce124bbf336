//! dom0's clocks keep the host's time.

use super::{BOOT, Checks, Ctx, Dom0, POWER_OFF, Test};
use crate::error::{Error, Result};
use crate::qemu::Machine;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    vec![
        Test::new("time-60s", |ctx, checks| keeps_time(ctx, checks, 60)),
        Test::new("time-300s", |ctx, checks| keeps_time(ctx, checks, 300)).long(),
    ]
}

/// Compares the guest's clocks at two moments with the host's at the arrival of the lines.
fn keeps_time(ctx: &Ctx, checks: &mut Checks, seconds: u64) -> Result<()> {
    let script = format!(
        "stamp() {{ echo \"XT-STAMP $(cut -d' ' -f1 /proc/uptime) $(date +%s)\"; }}\n\
         sleep 2\nstamp\nsleep {seconds}\nstamp\npass slept\n"
    );
    let dom0 = Dom0 {
        script: Some(script),
        ..Dom0::default()
    };
    let mut guest = ctx.boot(&Machine::default(), &dom0)?;
    let first = guest.session.expect("XT-STAMP ", BOOT)?;
    let wall = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64();
    let second = guest
        .session
        .expect("XT-STAMP ", Duration::from_secs(seconds * 2 + 60))?;
    let host = (second.at - first.at).as_secs_f64();
    let (up_a, date_a) = parse(&first.line)?;
    let (up_b, date_b) = parse(&second.line)?;
    // A hundredth, and half a second for the lines' own way on a busy host.
    let slack = host * 0.01 + 0.5;
    let up = up_b - up_a;
    let date = date_b - date_a;
    checks.note(format!(
        "host {host:.2} s, uptime {up:.2} s, date {date:.0} s"
    ));
    checks.check("uptime keeps the host's pace", (up - host).abs() <= slack);
    // date has whole seconds.
    checks.check(
        "date keeps the host's pace",
        (date - host).abs() <= slack + 1.0,
    );
    checks.check("date is the host's date", (date_a - wall).abs() <= 3.0);
    guest.session.expect("XT-END", POWER_OFF)?;
    checks.check("powers off", guest.session.wait_end(POWER_OFF)?.success());
    Ok(())
}

fn parse(line: &str) -> Result<(f64, f64)> {
    let mut words = line
        .split("XT-STAMP")
        .nth(1)
        .unwrap_or("")
        .split_whitespace();
    let mut number = || words.next()?.parse().ok();
    match (number(), number()) {
        (Some(up), Some(date)) => Ok((up, date)),
        _ => Err(Error::msg(format!("no two numbers in `{line}`"))),
    }
}
