//! `cargo xtask lint`: what the design forbids and the compiler does not.
//!
//! The layers come from ARCHITECTURE.md's table: a crate may depend on lower layers only, the
//! mechanism crates on L0 only, and nothing in L0 to L2 names `arch`. Unsafe code lives in the
//! mechanism crates, one file of the binary, and the test guests.

use crate::args::Args;
use crate::error::{Error, Result};
use crate::rustsrc::{code_only, count_word};
use crate::workspace::{self, Crate};
use crate::{paths, proc, sizes, toolchain};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask lint [--fast]

Formatting, clippy with warnings denied, crate arrows, where unsafe code may be, forbid(unsafe_code)
in the safe crates, the unsafe ledger, long files, names of package mirrors.

  --fast   without clippy
";

/// A place in the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// L0 to L3, by number; these are safe up to L2.
    Level(u8),
    /// The mechanism beside them: unsafe, on L0 only.
    Mechanism,
    /// Programs of the host: nobody depends on them.
    Host,
    /// Test guests: bare, on L0 only.
    Guest,
}

const LAYERS: &[(&str, Layer)] = &[
    ("abi", Layer::Level(0)),
    ("units", Layer::Level(0)),
    ("arch-defs", Layer::Level(0)),
    ("mm", Layer::Level(1)),
    ("sched", Layer::Level(1)),
    ("events", Layer::Level(1)),
    ("grants", Layer::Level(1)),
    ("timekeeping", Layer::Level(1)),
    ("policy", Layer::Level(1)),
    ("emul", Layer::Level(1)),
    ("vdev", Layer::Level(1)),
    ("image", Layer::Level(1)),
    ("save", Layer::Level(1)),
    ("options", Layer::Level(1)),
    ("domain", Layer::Level(2)),
    ("hypercall", Layer::Level(2)),
    ("arch-x86", Layer::Mechanism),
    ("arch-hvm", Layer::Mechanism),
    ("arch-iommu", Layer::Mechanism),
    ("hvm", Layer::Mechanism),
    ("iommu", Layer::Mechanism),
    ("hypervisor", Layer::Level(3)),
    ("guests", Layer::Guest),
    ("host-tests", Layer::Host),
    ("xtask", Layer::Host),
];

/// Lines over which a file is reported.
const LONG_FILE: usize = 800;

/// The layer of a crate.
pub fn layer(name: &str) -> Option<Layer> {
    LAYERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, layer)| *layer)
}

impl Layer {
    fn is_bare(self) -> bool {
        matches!(self, Self::Mechanism | Self::Guest | Self::Level(3))
    }

    fn is_safe(self) -> bool {
        matches!(self, Self::Level(0..=2))
    }

    /// Whether a crate here may depend on one of `other`.
    fn may_need(self, other: Self) -> bool {
        match (self, other) {
            (Self::Level(3) | Self::Host, Self::Mechanism) => true,
            // Within a level the order is the crates' own; cargo refuses circles.
            (Self::Level(mine), Self::Level(theirs)) => theirs <= mine,
            (Self::Mechanism | Self::Guest, Self::Level(theirs)) => theirs == 0,
            (Self::Host, Self::Level(_)) => true,
            _ => false,
        }
    }
}

/// The outcome of one check: its name, and what is wrong.
pub type Finding = (&'static str, Vec<String>);

/// `cargo xtask lint`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    if args.flag("--help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let fast = args.flag("--fast");
    args.finish()?;
    let findings = run(fast)?;
    let bad = findings
        .iter()
        .filter(|(_, wrong)| !wrong.is_empty())
        .count();
    for (name, wrong) in &findings {
        show(name, wrong);
    }
    Ok(if bad == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints one check's result.
pub fn show(name: &str, wrong: &[String]) {
    println!("{} {name}", if wrong.is_empty() { "ok  " } else { "FAIL" });
    for line in wrong {
        println!("     {line}");
    }
}

/// Runs all checks.
pub fn run(fast: bool) -> Result<Vec<Finding>> {
    let crates = workspace::crates()?;
    let mut findings: Vec<Finding> = vec![
        ("lint: crate arrows point down", arrows(&crates)),
        (
            "lint: unsafe only where the design allows",
            unsafe_places(&crates)?,
        ),
        ("lint: safe crates forbid unsafe code", forbids(&crates)?),
        (
            "lint: the unsafe ledger holds",
            sizes::unsafe_findings(&crates)?,
        ),
        ("lint: no package mirror is named", mirrors()?),
        ("lint: formatting", formatting()?),
    ];
    for (file, lines) in long_files(&crates)? {
        println!("note: {} has {lines} lines", file.display());
    }
    if !fast {
        findings.push(("lint: clippy on the host's crates", clippy_host(&crates)?));
        findings.push((
            "lint: clippy on the bare-metal crates",
            clippy_bare(&crates)?,
        ));
    }
    Ok(findings)
}

fn arrows(crates: &[Crate]) -> Vec<String> {
    let mut wrong = Vec::new();
    for each in crates {
        let Some(from) = layer(&each.name) else {
            wrong.push(format!(
                "crate `{}` has no layer in xtask's lint",
                each.name
            ));
            continue;
        };
        for need in &each.needs {
            if layer(need).is_some_and(|to| !from.may_need(to)) {
                wrong.push(format!("`{}` may not depend on `{need}`", each.name));
            }
        }
    }
    wrong
}

fn unsafe_places(crates: &[Crate]) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for each in crates {
        let allowed = match layer(&each.name) {
            Some(Layer::Mechanism | Layer::Guest) => usize::MAX,
            Some(Layer::Level(3)) => 1,
            _ => 0,
        };
        let mut files = Vec::new();
        for file in each.sources()? {
            let code = code_only(&paths::read_text(&file)?);
            if count_word(&code, "unsafe") > 0 {
                files.push(shown(&file));
            }
        }
        if files.len() > allowed {
            wrong.push(format!(
                "`{}` has unsafe code in {}",
                each.name,
                files.join(", ")
            ));
        }
    }
    Ok(wrong)
}

fn forbids(crates: &[Crate]) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for each in crates
        .iter()
        .filter(|each| layer(&each.name).is_some_and(Layer::is_safe))
    {
        let Some(file) = each.root_file() else {
            wrong.push(format!("`{}` has no source", each.name));
            continue;
        };
        let code = code_only(&paths::read_text(&file)?);
        if !code.contains("#![forbid(unsafe_code)]") {
            wrong.push(format!("{} lacks #![forbid(unsafe_code)]", shown(&file)));
        }
    }
    Ok(wrong)
}

/// Files over the length that needs a reason.
fn long_files(crates: &[Crate]) -> Result<Vec<(PathBuf, usize)>> {
    let mut long = Vec::new();
    for each in crates {
        for file in each.sources()? {
            let lines = paths::read_text(&file)?.lines().count();
            if lines > LONG_FILE {
                long.push((PathBuf::from(shown(&file)), lines));
            }
        }
    }
    Ok(long)
}

/// A mirror is chosen by a machine's administrator, never by this tree.
fn mirrors() -> Result<Vec<String>> {
    // In pieces, so that this file does not find itself.
    let names = [
        ["debian", ".org"].concat(),
        ["static.crates", ".io"].concat(),
        ["://", "ftp."].concat(),
    ];
    let mut list = Command::new("git");
    list.args(["ls-files", "-z"]).current_dir(paths::root());
    let files = proc::text(&mut list)?;
    let mut wrong = Vec::new();
    for name in files
        .split('\0')
        .filter(|name| !name.is_empty() && !name.ends_with(".md"))
    {
        let Ok(text) = std::fs::read_to_string(paths::root().join(name)) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            if names.iter().any(|mirror| line.contains(mirror)) {
                wrong.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    Ok(wrong)
}

/// Debian's cargo-web comes without rustfmt and clippy; there these checks are left out, aloud.
fn lacks(subcommand: &str) -> bool {
    let there = proc::succeeds(Command::new("cargo").args([subcommand, "--version"]));
    if !there {
        println!("note: no `cargo {subcommand}` here, that check is left out");
    }
    !there
}

fn formatting() -> Result<Vec<String>> {
    if lacks("fmt") {
        return Ok(Vec::new());
    }
    let mut cargo = Command::new("cargo");
    cargo
        .args(["fmt", "--all", "--check", "--", "-l"])
        .current_dir(paths::root());
    outcome(&mut cargo)
}

fn clippy_host(crates: &[Crate]) -> Result<Vec<String>> {
    if lacks("clippy") {
        return Ok(Vec::new());
    }
    let mut cargo = Command::new("cargo");
    cargo
        .args(["clippy", "--quiet", "--all-targets"])
        .current_dir(paths::root());
    for each in crates
        .iter()
        .filter(|each| !layer(&each.name).is_some_and(Layer::is_bare))
    {
        cargo.args(["--package", &each.name]);
    }
    cargo.args(["--", "-D", "warnings"]);
    outcome(&mut cargo)
}

fn clippy_bare(crates: &[Crate]) -> Result<Vec<String>> {
    let chosen = toolchain::choose()?;
    if !chosen.has_clippy() {
        println!("note: clippy skips the bare-metal crates: Debian's toolchain has none");
        return Ok(Vec::new());
    }
    let mut cargo = chosen.cargo("clippy");
    cargo.args(["--quiet", "--release"]);
    for each in crates
        .iter()
        .filter(|each| layer(&each.name).is_some_and(Layer::is_bare))
    {
        cargo.args(["--package", &each.name]);
    }
    cargo.args(["--", "-D", "warnings"]);
    outcome(&mut cargo)
}

/// Nothing if the program succeeds, else the end of what it said.
fn outcome(command: &mut Command) -> Result<Vec<String>> {
    let output = proc::capture(command)?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    let lines: Vec<String> = text.lines().take(60).map(str::to_owned).collect();
    if lines.is_empty() {
        return Err(Error::msg(format!(
            "`{}` failed silently",
            proc::line(command)
        )));
    }
    Ok(lines)
}

fn shown(path: &Path) -> String {
    path.strip_prefix(paths::root())
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::{Layer, arrows, layer};
    use crate::workspace::Crate;

    fn needs(name: &str, needs: &[&str]) -> Vec<String> {
        arrows(&[Crate {
            name: name.to_owned(),
            dir: "x".into(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            programs: Vec::new(),
        }])
    }

    #[test]
    fn arrows_point_down_only() {
        assert!(needs("domain", &["mm", "abi", "events"]).is_empty());
        assert!(needs("hypervisor", &["arch-x86", "hypercall", "units"]).is_empty());
        assert_eq!(needs("mm", &["domain"]).len(), 1);
        assert_eq!(needs("mm", &["arch-x86"]).len(), 1);
        assert_eq!(needs("arch-x86", &["mm"]).len(), 1);
        assert_eq!(needs("guests", &["sched"]).len(), 1);
        assert_eq!(needs("nameless", &[]).len(), 1);
    }

    #[test]
    fn the_table_knows_who_may_be_unsafe() {
        assert!(layer("mm").is_some_and(Layer::is_safe));
        assert!(!layer("arch-x86").is_some_and(Layer::is_safe));
        assert!(layer("hypervisor").is_some_and(Layer::is_bare));
    }
}
