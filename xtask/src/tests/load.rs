//! dom0 under load: processes, mappings, signals and floating point, with checked results.

use super::{BOOT, Checks, Ctx, Dom0, Test};
use crate::error::Result;
use crate::paths;
use crate::proc;
use crate::qemu::Machine;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const SCRIPT: &str = include_str!("../../../tests/emulator/load.sh");

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    vec![
        Test::new("load-60s", |ctx, checks| load(ctx, checks, 60, 1)),
        Test::new("load-20min", |ctx, checks| load(ctx, checks, 1200, 2)).long(),
    ]
}

fn load(ctx: &Ctx, checks: &mut Checks, seconds: u64, cpus: u32) -> Result<()> {
    let dom0 = Dom0 {
        script: Some(format!("seconds={seconds}\n{SCRIPT}")),
        files: vec![
            ("bin/stress", stress("stress", "")?),
            ("bin/stress-avx", stress("stress-avx", "+avx2,+fma")?),
        ],
        ..Dom0::default()
    };
    let mut guest = ctx.boot(
        &Machine {
            cpus,
            ..Machine::default()
        },
        &dom0,
    )?;
    guest.session.expect("XT-READY", BOOT)?;
    guest.finish(checks, Duration::from_secs(seconds * 3 + 240))
}

/// Compiles `tests/emulator/stress.rs` as a static program for dom0.
fn stress(name: &str, features: &str) -> Result<PathBuf> {
    let source = paths::root().join("tests/emulator/stress.rs");
    let to = paths::target().join(name);
    let _making = paths::making();
    let fresh = |path: &PathBuf| {
        std::fs::metadata(path)
            .and_then(|meta| meta.modified())
            .ok()
    };
    if fresh(&to).is_some() && fresh(&to) > fresh(&source) {
        return Ok(to);
    }
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(paths::root())
        .args(["--edition", "2024", "-C", "opt-level=3"]);
    rustc.args(["-C", &format!("target-feature=+crt-static,{features}")]);
    proc::output(rustc.arg("-o").arg(&to).arg(&source))?;
    Ok(to)
}
