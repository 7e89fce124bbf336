//! Debian's package manager, used as this machine has it configured.
//!
//! No mirror is named anywhere: a backports entry, if one is wanted, is derived from the entry that
//! already serves the running release. Root installs directly, others through sudo; where neither
//! is possible the error carries the exact command for a person to type.

use crate::error::{Error, Result};
use crate::proc;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BACKPORTS_FILE: &str = "/etc/apt/sources.list.d/xenolith-backports.sources";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Those of `packages` that are not installed.
pub fn missing(packages: &[&str]) -> Vec<String> {
    let mut query = Command::new("dpkg-query");
    query
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(packages);
    let text = match proc::capture(&mut query) {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(_) => String::new(),
    };
    let installed = |name: &str| {
        text.lines()
            .any(|line| line.split_once(' ') == Some((name, "installed")))
    };
    packages
        .iter()
        .filter(|name| !installed(name))
        .map(|name| (*name).to_owned())
        .collect()
}

/// Installs packages, optionally from another suite (`-t`). Shows apt's progress.
pub fn install(packages: &[String], suite: Option<&str>) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    refresh_lists(false)?;
    eprintln!("setup: installing {}", packages.join(" "));
    let mut words = vec!["apt-get", "install", "-y", "--no-install-recommends"];
    if let Some(suite) = suite {
        words.extend(["-t", suite]);
    }
    words.extend(packages.iter().map(String::as_str));
    if as_root(&words).is_ok() {
        return Ok(());
    }
    // The lists may be older than the archive, which then has newer files only.
    refresh_lists(true)?;
    as_root(&words)
}

/// Runs `apt-get update` if no package list is there, or if `force`.
pub fn refresh_lists(force: bool) -> Result<()> {
    let known = fs::read_dir("/var/lib/apt/lists")
        .map(|dir| {
            dir.flatten()
                .any(|e| e.file_name().to_string_lossy().contains("_Packages"))
        })
        .unwrap_or(false);
    if known && !force {
        return Ok(());
    }
    as_root(&["apt-get", "update"])
}

/// The release this machine runs (`bookworm`).
pub fn codename() -> Result<String> {
    let text = crate::paths::read_text(Path::new("/etc/os-release"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .map(|name| name.trim_matches('"').to_owned())
        .ok_or_else(|| Error::msg("/etc/os-release names no VERSION_CODENAME"))
}

/// Makes the backports suite of the running release known to apt and returns its name.
pub fn ensure_backports() -> Result<String> {
    let codename = codename()?;
    let suite = format!("{codename}-backports");
    refresh_lists(false)?;
    let targets = index_targets()?;
    if targets.iter().any(|target| target.release == suite) {
        return Ok(suite);
    }
    let base = targets
        .iter()
        .find(|target| target.origin == "Debian" && target.release == codename)
        .ok_or_else(|| Error::msg(format!("apt has no Debian entry for {codename} to copy")))?;
    let mut entry = format!(
        "Types: deb\nURIs: {}\nSuites: {suite}\nComponents: main\n",
        base.uri
    );
    if Path::new(KEYRING).exists() {
        entry.push_str(&format!("Signed-By: {KEYRING}\n"));
    }
    eprintln!("setup: adding {suite} to apt, from the machine's own entry for {codename}");
    install_file(BACKPORTS_FILE, &entry)?;
    as_root(&["apt-get", "update"])?;
    Ok(suite)
}

/// The URI from which the running release is installed, for tools that take a mirror argument.
pub fn release_uri() -> Result<String> {
    let codename = codename()?;
    index_targets()?
        .into_iter()
        .find(|target| target.origin == "Debian" && target.release == codename)
        .map(|target| target.uri)
        .ok_or_else(|| Error::msg(format!("apt has no Debian entry for {codename}")))
}

/// One `Package: …` paragraph of `apt-cache show`, for each version, newest first.
pub fn show(package: &str) -> Result<Vec<Vec<(String, String)>>> {
    let text = proc::text(Command::new("apt-cache").args(["show", package]))?;
    Ok(text
        .split("\n\n")
        .map(|paragraph| {
            paragraph
                .lines()
                .filter(|line| !line.starts_with(' '))
                .filter_map(|line| line.split_once(": "))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect::<Vec<_>>()
        })
        .filter(|fields| !fields.is_empty())
        .collect())
}

/// Downloads one version of a package into `dir` and returns the file.
pub fn download(package: &str, version: &str, dir: &Path) -> Result<PathBuf> {
    crate::paths::make_dir(dir)?;
    let mut fetch = Command::new("apt-get");
    fetch
        .args(["-q", "download", &format!("{package}={version}")])
        .current_dir(dir);
    proc::output(&mut fetch)?;
    let wanted = format!("{package}_");
    let entries = fs::read_dir(dir).map_err(Error::io("list", dir))?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&wanted) && name.ends_with(".deb")
        })
        .ok_or_else(|| Error::msg(format!("apt-get download {package} left no file")))
}

struct IndexTarget {
    origin: String,
    release: String,
    uri: String,
}

fn index_targets() -> Result<Vec<IndexTarget>> {
    let mut list = Command::new("apt-get");
    list.args([
        "indextargets",
        "--format",
        "$(ORIGIN)|$(RELEASE)|$(REPO_URI)",
    ]);
    list.arg("Created-By: Packages");
    let text = proc::text(&mut list)?;
    Ok(text
        .lines()
        .filter_map(|line| {
            let mut parts = line.splitn(3, '|').map(str::to_owned);
            Some(IndexTarget {
                origin: parts.next()?,
                release: parts.next()?,
                uri: parts.next()?,
            })
        })
        .collect())
}

fn is_root() -> bool {
    proc::text(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0")
}

/// Runs a command as root; `Error` carries the command if this user may not.
fn as_root(words: &[&str]) -> Result<()> {
    let mut command = if is_root() {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command
    } else if proc::exists("sudo") {
        // DEBIAN_FRONTEND is set through env because sudo drops the environment.
        let mut command = Command::new("sudo");
        command
            .args(["env", "DEBIAN_FRONTEND=noninteractive"])
            .args(words);
        command
    } else {
        let line = words.join(" ");
        return Err(Error::msg(format!(
            "this needs root and there is no sudo; run:\n    {line}"
        )));
    };
    // Standard output belongs to what the user asked for; apt talks on standard error.
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(std::io::stderr());
    proc::run(&mut command)
}

fn install_file(path: &str, text: &str) -> Result<()> {
    let scratch = crate::paths::Scratch::new("apt")?;
    let file = scratch.join("entry");
    crate::paths::write(&file, text)?;
    as_root(&["install", "-m", "644", &file.to_string_lossy(), path])
}
