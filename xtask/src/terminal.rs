//! The user's terminal as the serial console of a machine.
//!
//! Every key goes to the guest, Ctrl-a and Ctrl-c too, because Xen's console switch is Ctrl-a three
//! times and dom0's shell wants Ctrl-c. The one key that is kept back is Ctrl-], which ends the
//! emulator, as `xl console` and telnet have it.

use crate::error::{Error, Result};
use crate::session;
use std::io::{IsTerminal, Read, Write, stdin};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const QUIT: u8 = 0x1d;

/// Where the emulator's serial line is.
#[derive(Debug)]
pub enum Line {
    /// On its standard streams.
    Standard,
    /// It connects to this port of the host.
    Tcp(TcpListener),
}

/// Runs `command` with its serial line on this terminal until it ends, `timeout` passes, or the
/// user presses Ctrl-]. `None` means that it was ended from here. Without `keyboard` nothing is
/// typed.
pub fn attach(
    mut command: Command,
    line: Line,
    keyboard: bool,
    timeout: Option<Duration>,
) -> Result<Option<ExitStatus>> {
    // The emulator makes its streams non-blocking; on the terminal itself that would hit ours too.
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    if matches!(line, Line::Tcp(_)) {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    }
    let what = format!("start {}", command.get_program().to_string_lossy());
    let mut child = command
        .spawn()
        .map_err(|source| Error::Io { what, source })?;
    let mut shown = None;
    let input: Option<Box<dyn Write + Send>> = match line {
        Line::Standard => {
            if let Some(output) = child.stdout.take() {
                shown = Some(thread::spawn(move || show(output)));
            }
            child.stdin.take().map(|input| Box::new(input) as _)
        }
        Line::Tcp(listener) => {
            let stream = session::accept(&mut child, &listener)?;
            let output = stream.try_clone();
            let output = output.map_err(|source| Error::Io {
                what: "serial line".into(),
                source,
            })?;
            thread::spawn(move || show(stream));
            Some(Box::new(output))
        }
    };
    let raw = if keyboard {
        RawMode::enter()
    } else {
        RawMode { saved: None }
    };
    let quit = Arc::new(AtomicBool::new(false));
    let mut kept = None;
    match input {
        Some(input) if keyboard => {
            let quit = Arc::clone(&quit);
            thread::spawn(move || forward(input, &quit));
        }
        // Held open: an end of input would look like a line that hangs up.
        other => kept = other,
    }
    let ended = wait(
        &mut child,
        &quit,
        timeout.map(|limit| Instant::now() + limit),
    );
    if let Some(shown) = shown {
        // The last lines may still be in the pipe; the thread itself cannot fail.
        let _ = shown.join();
    }
    drop(raw);
    drop(kept);
    ended
}

fn wait(
    child: &mut Child,
    quit: &AtomicBool,
    until: Option<Instant>,
) -> Result<Option<ExitStatus>> {
    loop {
        let source = |source| Error::Io {
            what: "wait for the emulator".into(),
            source,
        };
        if let Some(status) = child.try_wait().map_err(source)? {
            return Ok(Some(status));
        }
        let late = until.is_some_and(|until| Instant::now() >= until);
        if late || quit.load(Ordering::Relaxed) {
            // It may have ended by itself in between; either way it is gone afterwards.
            let _ = child.kill();
            let _ = child.wait();
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Copies the console to standard output as it comes.
fn show(mut from: impl Read) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let mut to = std::io::stdout().lock();
        // Nobody is left to tell when the terminal is gone.
        let _ = to.write_all(&buffer[..count]).and_then(|()| to.flush());
    }
}

fn forward(mut to: Box<dyn Write + Send>, quit: &AtomicBool) {
    let interactive = stdin().is_terminal();
    let mut buffer = [0; 256];
    loop {
        let Ok(count @ 1..) = stdin().read(&mut buffer) else {
            // A pipe that ends is no wish to quit: keep the emulator's input open and silent.
            loop {
                thread::park();
            }
        };
        let bytes = &buffer[..count];
        if interactive && bytes.contains(&QUIT) {
            quit.store(true, Ordering::Relaxed);
            return;
        }
        if to.write_all(bytes).and_then(|()| to.flush()).is_err() {
            return;
        }
    }
}

/// The terminal without line editing and signals, restored on drop.
struct RawMode {
    saved: Option<String>,
}

impl RawMode {
    fn enter() -> Self {
        if !stdin().is_terminal() {
            return Self { saved: None };
        }
        let saved = stty(&["-g"]);
        stty(&["raw", "-echo"]);
        Self { saved }
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        if let Some(saved) = &self.saved {
            stty(&[saved.trim()]);
            println!();
        }
    }
}

fn stty(words: &[&str]) -> Option<String> {
    let output = Command::new("stty")
        .args(words)
        .stdin(Stdio::inherit())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
