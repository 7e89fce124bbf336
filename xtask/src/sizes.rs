//! `cargo xtask sizes`: the image's size and the count of unsafe code, kept as a ledger.
//!
//! `xtask/ledger.txt` holds one number a crate. More unsafe code than it says is an error until the
//! ledger is changed in the same commit, where a reviewer sees it; less is an error too, so that
//! the ledger only ever tells the truth.

use crate::args::Args;
use crate::error::{Error, Result};
use crate::rustsrc::{code_only, count_word};
use crate::workspace::{self, Crate};
use crate::{paths, stock};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask sizes [--update]

Prints the sizes of the built image, by section, and the number of uses of `unsafe` in each crate
beside the ledger (xtask/ledger.txt). Fails if the image is over its limit or the ledger differs.

  --update   write the ledger as the sources are now
";

/// What `target/xenolith.gz` may have, in bytes.
pub const GZ_LIMIT: u64 = 800 * 1024;

/// `cargo xtask sizes`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    if args.flag("--help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let update = args.flag("--update");
    args.finish()?;
    let crates = workspace::crates()?;
    if update {
        write_ledger(&count_unsafe(&crates)?)?;
    }
    for (name, count) in count_unsafe(&crates)? {
        println!("unsafe {name}: {count}");
    }
    let mut wrong = unsafe_findings(&crates)?;
    wrong.extend(image_findings()?);
    for line in &wrong {
        println!("FAIL {line}");
    }
    Ok(if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the image's sizes and says what is over its limit.
pub fn image_findings() -> Result<Vec<String>> {
    let size = |path: PathBuf| {
        std::fs::metadata(&path)
            .map(|meta| meta.len())
            .map_err(Error::io("look at", &path))
    };
    let gz = size(paths::xenolith_gz())?;
    println!(
        "size xenolith.elf: {} KiB",
        size(paths::xenolith_elf())?.div_ceil(1024)
    );
    println!(
        "size xenolith.gz: {} KiB (limit {} KiB)",
        gz.div_ceil(1024),
        GZ_LIMIT / 1024
    );
    if let Ok(xen) = stock::debian_xen().and_then(size) {
        println!("size of Debian's xen.gz: {} KiB", xen.div_ceil(1024));
    }
    if let Ok(text) = crate::proc::text(Command::new("size").arg(paths::xenolith_elf())) {
        print!("{text}");
    }
    if gz > GZ_LIMIT {
        return Ok(vec![format!(
            "xenolith.gz has {gz} bytes, more than {GZ_LIMIT}"
        )]);
    }
    Ok(Vec::new())
}

/// Differences between the ledger and the sources.
pub fn unsafe_findings(crates: &[Crate]) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(ledger_path()).unwrap_or_default();
    Ok(compare(&parse_ledger(&text), &count_unsafe(crates)?))
}

fn compare(ledger: &BTreeMap<String, usize>, now: &BTreeMap<String, usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, count) in now {
        let listed = ledger.get(name).copied().unwrap_or(0);
        if *count > listed {
            wrong.push(format!(
                "`{name}` uses unsafe {count} times, the ledger has {listed}: explain it in the \
                 commit and run `cargo xtask sizes --update`"
            ));
        } else if *count < listed {
            wrong.push(format!(
                "`{name}` uses unsafe {count} times, fewer than the ledger's {listed}: run \
                 `cargo xtask sizes --update`"
            ));
        }
    }
    wrong
}

/// Uses of the word in code: blocks, functions, implementations, attributes.
fn count_unsafe(crates: &[Crate]) -> Result<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    for each in crates {
        let mut count = 0;
        for file in each.sources()? {
            count += count_word(&code_only(&paths::read_text(&file)?), "unsafe");
        }
        if count > 0 {
            counts.insert(each.name.clone(), count);
        }
    }
    Ok(counts)
}

fn ledger_path() -> PathBuf {
    paths::root().join("xtask/ledger.txt")
}

fn parse_ledger(text: &str) -> BTreeMap<String, usize> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (name, count) = line.split_once(' ')?;
            Some((name.to_owned(), count.trim().parse().ok()?))
        })
        .collect()
}

fn write_ledger(counts: &BTreeMap<String, usize>) -> Result<()> {
    let mut text = String::from(
        "# Uses of `unsafe` in each crate; written by `cargo xtask sizes --update`.\n",
    );
    for (name, count) in counts {
        text.push_str(&format!("{name} {count}\n"));
    }
    paths::write(&ledger_path(), text)
}

#[cfg(test)]
mod tests {
    use super::{compare, parse_ledger};

    #[test]
    fn the_ledger_must_tell_the_truth() {
        let ledger = parse_ledger("# head\narch-x86 12\nguests 3\n");
        assert!(compare(&ledger, &parse_ledger("arch-x86 12\nguests 3")).is_empty());
        assert_eq!(
            compare(&ledger, &parse_ledger("arch-x86 13\nguests 2")).len(),
            2
        );
        assert_eq!(compare(&ledger, &parse_ledger("mm 1")).len(), 1);
    }
}
