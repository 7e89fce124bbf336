//! `cargo xtask test`: everything that continuous integration runs, with one count at the end.
//!
//! Parts run in the order in which they are quick to fail. The emulator tests share what is left of
//! the budget; a test that is not started in time counts as failed, so a run that was cut short
//! never looks complete.

use crate::args::Args;
use crate::error::Result;
use crate::run::Hypervisor;
use crate::setup::{self, Need};
use crate::tests::{self, Summary};
use crate::{compile, lint, paths, proc, qemu, sizes};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const HELP: &str = "\
Usage: cargo xtask test [NAME...] [OPTIONS]

Runs what continuous integration runs: lint, unit tests, build, sizes, and the emulator tests. The
last line is `N passed, N failed`. With names, only the parts and emulator tests whose name contains
one of them.

  --list            list the names
  --xen             run the emulator tests against Debian's Xen 4.17
  --image FILE      run them against this hypervisor
  --long            the long tests too
  --jobs N          emulators at a time (default 2)
  --no-build        use target/xenolith.gz and target/guests as they are
  --budget MINUTES  time after which no emulator test is started (default 50)
";

const PARTS: [&str; 4] = ["lint", "unit", "build", "sizes"];

#[derive(Debug, Default)]
struct Total {
    passed: u32,
    failed: u32,
}

impl Total {
    fn part(&mut self, name: &str, passed: u32, failed: u32) {
        println!("== {name}: {passed} passed, {failed} failed");
        self.passed += passed;
        self.failed += failed;
    }
}

/// `cargo xtask test`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    if args.flag("--help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let start = Instant::now();
    let list = args.flag("--list");
    let image = args.value("--image")?.map(PathBuf::from);
    let hypervisor = match (args.flag("--xen"), image) {
        (true, _) => Hypervisor::DebianXen,
        (false, Some(image)) => Hypervisor::Image(image),
        (false, None) => Hypervisor::Xenolith,
    };
    let long = args.flag("--long");
    let jobs = args.parsed("--jobs")?.unwrap_or(2);
    let no_build = args.flag("--no-build");
    let minutes = args.parsed("--budget")?.unwrap_or(50);
    let filters = args.positional();
    args.finish()?;
    let options = tests::Options {
        hypervisor,
        filters,
        long: long || list,
        jobs,
        until: start + Duration::from_secs(minutes * 60),
    };
    if list {
        for part in PARTS {
            println!("{part}");
        }
        for test in options.chosen() {
            println!("{}{}", test.name, if test.long { " (long)" } else { "" });
        }
        return Ok(ExitCode::SUCCESS);
    }
    let total = run(&options, no_build)?;
    println!("time: {} s", start.elapsed().as_secs());
    println!("{} passed, {} failed", total.passed, total.failed);
    let good = total.failed == 0 && total.passed > 0;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run(options: &tests::Options, no_build: bool) -> Result<Total> {
    let mut total = Total::default();
    let ours = options.hypervisor == Hypervisor::Xenolith;
    // Against another hypervisor only the emulator tests mean anything.
    let wants = |part: &str| {
        if options.filters.is_empty() {
            ours
        } else {
            options.filters.iter().any(|filter| filter == part)
        }
    };
    let emulated = options.chosen();
    if wants("lint") {
        let findings = lint::run(false)?;
        for (name, wrong) in &findings {
            lint::show(name, wrong);
        }
        let failed = findings
            .iter()
            .filter(|(_, wrong)| !wrong.is_empty())
            .count() as u32;
        total.part("lint", findings.len() as u32 - failed, failed);
    }
    if wants("unit") {
        let (passed, failed) = unit_tests()?;
        total.part("unit", passed, failed);
    }
    let mut built = true;
    if wants("build") || (ours && !no_build && !emulated.is_empty()) {
        let result = compile::build(&compile::Options::default());
        if let Err(error) = &result {
            println!("build: {error}");
            built = false;
        }
        total.part("build", u32::from(built), u32::from(!built));
    } else if options.hypervisor != Hypervisor::Xenolith && !no_build {
        // The guests are ours whatever is below them.
        if let Err(error) = compile::build_guests(&compile::Options::default()) {
            println!("build: {error}");
        }
    }
    if wants("sizes") && built {
        let wrong = sizes::image_findings()?;
        lint::show("the image is within its limit", &wrong);
        total.part("sizes", u32::from(wrong.is_empty()), wrong.len() as u32);
    }
    if !emulated.is_empty() && built {
        let summary = emulator_tests(options)?;
        total.part("emulator", summary.passed, summary.failed);
    }
    Ok(total)
}

fn emulator_tests(options: &tests::Options) -> Result<Summary> {
    setup::ensure(&Need::ALL)?;
    println!(
        "emulator: {}, KVM {}",
        qemu::version(),
        if qemu::kvm_works() { "on" } else { "off" }
    );
    let summary = tests::run_all(options)?;
    if options.hypervisor == Hypervisor::Xenolith && tests::write_table(&summary)? {
        println!("wrote docs/boot-matrix.md");
    }
    Ok(summary)
}

/// Runs the host's tests; the counts are those of cargo's own result lines.
fn unit_tests() -> Result<(u32, u32)> {
    // The pure crates, and the one test of the machine's crate that runs on the host: it needs the unsafe code
    // that only that crate may have.
    let (a, b) = cargo_test(&["test", "--quiet", "--no-fail-fast"])?;
    let (c, d) = cargo_test(&[
        "test",
        "--quiet",
        "--package",
        "arch-x86",
        "--test",
        "acpi_reference",
    ])?;
    Ok((a + c, b + d))
}

fn cargo_test(args: &[&str]) -> Result<(u32, u32)> {
    let mut cargo = Command::new("cargo");
    cargo.args(args).current_dir(paths::root());
    let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let what = proc::line(&cargo);
    let output = output.map_err(|source| crate::error::Error::Io { what, source })?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut passed = 0;
    let mut failed = 0;
    for line in text.lines() {
        if let Some((p, f)) = result_line(line) {
            passed += p;
            failed += f;
        }
    }
    if !output.status.success() {
        print!("{text}");
        // A crate that does not even build has no result line.
        failed = failed.max(1);
    }
    Ok((passed, failed))
}

/// `test result: ok. 12 passed; 0 failed; …`.
fn result_line(line: &str) -> Option<(u32, u32)> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let words: Vec<&str> = rest
        .split([' ', ';'])
        .filter(|word| !word.is_empty())
        .collect();
    let before = |name: &str| {
        let at = words.iter().position(|word| *word == name)?;
        words.get(at.checked_sub(1)?)?.parse().ok()
    };
    Some((before("passed")?, before("failed")?))
}

#[cfg(test)]
mod unit {
    use super::result_line;

    #[test]
    fn reads_cargos_counts() {
        let line = "test result: ok. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(result_line(line), Some((12, 3)));
        assert_eq!(result_line("running 12 tests"), None);
    }
}
