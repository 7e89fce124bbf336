//! What cargo knows of the workspace: crates, their sources, and who depends on whom.

use crate::error::{Error, Result};
use crate::{paths, proc};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate of the workspace.
#[derive(Debug, Clone)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// The folder of its manifest.
    pub dir: PathBuf,
    /// The crates of the workspace that it needs when it is built (not only for its tests).
    pub needs: Vec<String>,
    /// The names of its programs.
    pub programs: Vec<String>,
}

impl Crate {
    /// Its Rust sources, without those of crates in folders below.
    pub fn sources(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in ["src", "benches", "tests", "examples", "fuzz_targets"] {
            rust_files(&self.dir.join(folder), &mut files)?;
        }
        let build = self.dir.join("build.rs");
        if build.is_file() {
            files.push(build);
        }
        files.sort();
        Ok(files)
    }

    /// The file of the library or program.
    pub fn root_file(&self) -> Option<PathBuf> {
        let lib = self.dir.join("src/lib.rs");
        let main = self.dir.join("src/main.rs");
        [lib, main].into_iter().find(|path| path.is_file())
    }
}

/// The crates of the workspace.
pub fn crates() -> Result<Vec<Crate>> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(paths::root());
    let json: Value = serde_json::from_slice(&proc::output(&mut cargo)?)
        .map_err(|error| Error::msg(format!("cargo metadata: {error}")))?;
    let packages = json["packages"]
        .as_array()
        .ok_or_else(|| Error::msg("no packages"))?;
    let mut crates: Vec<Crate> = packages.iter().filter_map(parse_crate).collect();
    let names: Vec<String> = crates.iter().map(|each| each.name.clone()).collect();
    for each in &mut crates {
        each.needs.retain(|need| names.contains(need));
    }
    Ok(crates)
}

fn parse_crate(package: &Value) -> Option<Crate> {
    let manifest = Path::new(package["manifest_path"].as_str()?);
    let needs = package["dependencies"]
        .as_array()?
        .iter()
        // A dependency of tests may point anywhere.
        .filter(|need| need["kind"].as_str() != Some("dev"))
        .filter_map(|need| need["name"].as_str().map(str::to_owned))
        .collect();
    let programs = package["targets"]
        .as_array()?
        .iter()
        .filter(|target| target["kind"][0].as_str() == Some("bin"))
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect();
    Some(Crate {
        name: package["name"].as_str()?.to_owned(),
        dir: manifest.parent()?.to_owned(),
        needs,
        programs,
    })
}

/// Adds the `.rs` files below a folder.
pub fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
