//! Running other programs: loudly, quietly, or for their output.

use crate::error::{Error, Result};
use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};

/// The command line as a person would type it.
pub fn line(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        text.push(' ');
        if arg.is_empty() || arg.contains([' ', '\'', '"', ';', '&', '$', '*', '(']) {
            text.push_str(&format!("'{}'", arg.replace('\'', "'\\''")));
        } else {
            text.push_str(&arg);
        }
    }
    text
}

/// Runs with the terminal's own streams; fails unless the program succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|source| start_error(command, source))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Command {
        line: line(command),
        status: status.to_string(),
        tail: String::new(),
    })
}

/// Runs with everything captured; the caller looks at the status.
pub fn capture(command: &mut Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| start_error(command, source))
}

/// Runs with everything captured; fails, with the end of standard error, unless it succeeds.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = capture(command)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let tail = lines[lines.len().saturating_sub(12)..].join("\n");
    Err(Error::Command {
        line: line(command),
        status: output.status.to_string(),
        tail,
    })
}

/// Like [`output`], as text.
pub fn text(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&output(command)?).into_owned())
}

/// True if the program starts and succeeds; nothing is shown.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// True if a program of this name is on the search path.
pub fn exists(program: impl AsRef<OsStr>) -> bool {
    let program = program.as_ref();
    let usual = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(std::path::PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(usual)
        .any(|dir| dir.join(program).is_file())
}

fn start_error(command: &Command, source: std::io::Error) -> Error {
    let what = format!("start {}", command.get_program().to_string_lossy());
    Error::Io { what, source }
}
