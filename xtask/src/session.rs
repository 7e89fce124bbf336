//! Driving an emulator from a test: its serial console as a stream of text to wait in and to type
//! to.
//!
//! Limits are counted in the emulator's own time, not the wall's: the time during which one of its
//! threads was ready to run but waited for a processor of the host does not count. So a limit means
//! the same on a busy machine as on an idle one, and a guest that idles or hangs still reaches it.
//! Whatever happens to a test, its emulator is killed when the session is dropped, and everything
//! that the console said is in `target/logs/`.

use crate::error::{Error, Result};
use crate::paths;
use crate::qmp::Qmp;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Console lines after which waiting for anything else is pointless.
const FATAL: &[&str] = &[
    "Kernel panic - not syncing",
    "Panic on CPU",
    "(XEN) Panic:",
    "Hypervisor fault:",
    "Could not set up domain 0",
    "Nothing to run.",
    "XT-NOROOT",
    "error: you need to load the kernel first",
    "error: no multiboot header found",
];

const POLL: Duration = Duration::from_millis(100);
const LINE_END: Duration = Duration::from_millis(400);

/// A running emulator.
pub struct Session {
    child: Child,
    input: Option<Box<dyn Write + Send>>,
    console: Arc<Console>,
    clock: LoadClock,
    seen: usize,
    log: PathBuf,
    qmp: Option<PathBuf>,
    fatal: bool,
}

#[derive(Debug, Default)]
struct Console {
    state: Mutex<ConsoleState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct ConsoleState {
    text: String,
    closed: bool,
}

impl Console {
    fn lock(&self) -> MutexGuard<'_, ConsoleState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a wait ended with.
#[derive(Debug)]
pub struct Match {
    /// Which of the patterns was found.
    pub index: usize,
    /// The console's text from the end of the match before to the end of this one's line.
    pub text: String,
    /// The line in which the pattern was found.
    pub line: String,
    /// When the wait ended.
    pub at: Instant,
}

impl Session {
    /// Starts an emulator whose first serial port is on its standard streams.
    pub fn start(command: Command, qmp: Option<&Path>, log: &str) -> Result<Self> {
        let mut session = Self::spawn(command, qmp, log, Stdio::piped(), Stdio::piped())?;
        if let Some(input) = session.child.stdin.take() {
            session.input = Some(Box::new(input));
        }
        if let Some(output) = session.child.stdout.take() {
            session.read_from(output)?;
        }
        Ok(session)
    }

    /// Starts an emulator that connects its first serial port to a TCP port of this host.
    pub fn start_tcp(command: Command, listener: &TcpListener, log: &str) -> Result<Self> {
        let mut session = Self::spawn(command, None, log, Stdio::null(), Stdio::null())?;
        let tcp = |source| Error::Io {
            what: "wait for the emulator's serial line".into(),
            source,
        };
        let stream = accept(&mut session.child, listener)?;
        session.input = Some(Box::new(stream.try_clone().map_err(tcp)?));
        session.read_from(stream)?;
        Ok(session)
    }

    fn spawn(
        mut command: Command,
        qmp: Option<&Path>,
        log: &str,
        stdin: Stdio,
        stdout: Stdio,
    ) -> Result<Self> {
        let log = log_path(log);
        if let Some(folder) = log.parent() {
            paths::make_dir(folder)?;
        }
        let emulator_log = paths::sibling(&log, "emulator");
        let emulator_log =
            File::create(&emulator_log).map_err(Error::io("create", &emulator_log))?;
        command.stdin(stdin).stdout(stdout).stderr(emulator_log);
        let what = format!("start {}", command.get_program().to_string_lossy());
        let child = command
            .spawn()
            .map_err(|source| Error::Io { what, source })?;
        let clock = LoadClock::new(child.id());
        Ok(Self {
            child,
            input: None,
            console: Arc::default(),
            clock,
            seen: 0,
            log,
            qmp: qmp.map(Path::to_owned),
            fatal: true,
        })
    }

    fn read_from(&mut self, mut source: impl Read + Send + 'static) -> Result<()> {
        let mut log = File::create(&self.log).map_err(Error::io("create", &self.log))?;
        let console = Arc::clone(&self.console);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = source.read(&mut buffer) {
                // A full disk must not stop the test; the text is also kept in memory.
                let _ = log.write_all(&buffer[..count]);
                console
                    .lock()
                    .text
                    .push_str(&String::from_utf8_lossy(&buffer[..count]));
                console.changed.notify_all();
            }
            console.lock().closed = true;
            console.changed.notify_all();
        });
        Ok(())
    }

    /// Don't give up on panics: the test provokes one.
    pub fn tolerate_panics(&mut self) {
        self.fatal = false;
    }

    /// Waits for a pattern; the limit is in the emulator's time.
    pub fn expect(&mut self, pattern: &str, limit: Duration) -> Result<Match> {
        self.expect_any(&[pattern], limit)
    }

    /// Waits for the first of several patterns.
    pub fn expect_any(&mut self, patterns: &[&str], limit: Duration) -> Result<Match> {
        let until = self.clock.now() + limit;
        loop {
            if let Some(found) = self.search(patterns) {
                return Ok(found);
            }
            let rest = self
                .console
                .lock()
                .text
                .get(self.seen..)
                .unwrap_or("")
                .to_owned();
            if self.fatal
                && let Some(bad) = FATAL.iter().find(|bad| rest.contains(**bad))
            {
                // Let the rest of the message reach the log.
                thread::sleep(Duration::from_secs(1));
                return Err(self.problem(&format!("`{bad}` while waiting for {patterns:?}")));
            }
            if self.console.lock().closed {
                return match self.search(patterns) {
                    Some(found) => Ok(found),
                    None => Err(self.problem(&format!("it ended before {patterns:?}"))),
                };
            }
            if self.clock.now() > until {
                return Err(self.problem(&format!("no {patterns:?} in {} s", limit.as_secs())));
            }
            let state = self.console.lock();
            // A wake-up too many only means another look.
            drop(self.console.changed.wait_timeout(state, POLL));
        }
    }

    /// Looks for the first of the patterns; a line that is still on its way gets a moment to end,
    /// which a prompt never does.
    fn search(&mut self, patterns: &[&str]) -> Option<Match> {
        let until = Instant::now() + LINE_END;
        let mut state = self.console.lock();
        let (start, index) = patterns
            .iter()
            .enumerate()
            .filter_map(|(index, pattern)| {
                Some((state.text.get(self.seen..)?.find(pattern)?, index))
            })
            .min()?;
        let after = self.seen + start + patterns[index].len();
        let line_end = loop {
            if let Some(at) = state.text[after..].find('\n') {
                break after + at + 1;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || state.closed {
                break state.text.len();
            }
            let waited = self.console.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        };
        let text = state.text[self.seen..line_end].to_owned();
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].trim().to_owned();
        self.seen = line_end;
        Some(Match {
            index,
            text,
            line,
            at: Instant::now(),
        })
    }

    /// Waits until the console has been silent for `quiet`, the emulator has ended, or `limit` has
    /// passed, and returns what came since the last match.
    pub fn settle(&mut self, quiet: Duration, limit: Duration) -> String {
        let end = self.clock.now() + limit;
        let mut length = 0;
        let mut silent_since = self.clock.now();
        loop {
            let (now_length, closed) = {
                let state = self.console.lock();
                (state.text.len(), state.closed)
            };
            let now = self.clock.now();
            if now_length != length {
                length = now_length;
                silent_since = now;
            }
            if closed || now > end || now.saturating_sub(silent_since) > quiet {
                return self
                    .console
                    .lock()
                    .text
                    .get(self.seen..)
                    .unwrap_or("")
                    .to_owned();
            }
            thread::sleep(POLL);
        }
    }

    /// Types a line.
    pub fn send(&mut self, text: &str) -> Result<()> {
        self.type_keys(format!("{text}\n").as_bytes())
    }

    /// Types keys as they are.
    pub fn type_keys(&mut self, keys: &[u8]) -> Result<()> {
        let input = self
            .input
            .as_mut()
            .ok_or_else(|| Error::msg("the console has no input"))?;
        input
            .write_all(keys)
            .and_then(|()| input.flush())
            .map_err(|source| Error::Io {
                what: "type on the console".into(),
                source,
            })
    }

    /// Waits until the emulator ends by itself.
    pub fn wait_end(&mut self, limit: Duration) -> Result<ExitStatus> {
        let until = self.clock.now() + limit;
        loop {
            let source = |source| Error::Io {
                what: "wait for the emulator".into(),
                source,
            };
            if let Some(status) = self.child.try_wait().map_err(source)? {
                return Ok(status);
            }
            if self.clock.now() > until {
                return Err(self.problem(&format!("it did not end in {} s", limit.as_secs())));
            }
            thread::sleep(POLL);
        }
    }

    /// Everything that the console has said.
    pub fn text(&self) -> String {
        self.console.lock().text.clone()
    }

    /// A connection to QEMU's machine protocol.
    pub fn qmp(&self) -> Result<Qmp> {
        let socket = self
            .qmp
            .as_ref()
            .ok_or_else(|| Error::msg("started without QMP"))?;
        Qmp::connect(socket)
    }

    /// An error with the end of the console and the name of the log.
    pub fn problem(&self, what: &str) -> Error {
        let text = self.text();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let tail = lines[lines.len().saturating_sub(4)..].join("\n    ");
        let shown = self.log.strip_prefix(paths::root()).unwrap_or(&self.log);
        Error::msg(format!(
            "{what}; log {}; it ends with\n    {tail}",
            shown.display()
        ))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Both fail only if the emulator has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the emulator connects its serial line.
pub fn accept(child: &mut Child, listener: &TcpListener) -> Result<TcpStream> {
    let tcp = |source| Error::Io {
        what: "wait for the emulator's serial line".into(),
        source,
    };
    listener.set_nonblocking(true).map_err(tcp)?;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).map_err(tcp)?;
                return Ok(stream);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if child.try_wait().map_err(tcp)?.is_some() || Instant::now() > until {
                    return Err(Error::msg("the emulator never opened its serial line"));
                }
                thread::sleep(POLL);
            }
            Err(error) => return Err(tcp(error)),
        }
    }
}

fn log_path(name: &str) -> PathBuf {
    paths::target().join("logs").join(format!("{name}.log"))
}

/// Time that passes only while the host lets the process run (or the process waits by its own
/// will): wall time less the largest run-queue delay of any of its threads.
///
/// Source: Linux `Documentation/scheduler/sched-stats.rst`, `/proc/<pid>/schedstat`, second field,
/// in nanoseconds.
#[derive(Debug)]
struct LoadClock {
    tasks: PathBuf,
    last: Instant,
    delays: BTreeMap<String, u64>,
    now: Duration,
}

impl LoadClock {
    fn new(pid: u32) -> Self {
        let tasks = PathBuf::from(format!("/proc/{pid}/task"));
        Self {
            tasks,
            last: Instant::now(),
            delays: BTreeMap::new(),
            now: Duration::ZERO,
        }
    }

    fn now(&mut self) -> Duration {
        let wall = self.last.elapsed();
        if wall < Duration::from_millis(20) {
            return self.now + wall;
        }
        self.last = Instant::now();
        let delays = self.read_delays();
        let waited = delays
            .iter()
            .map(|(task, delay)| delay.saturating_sub(*self.delays.get(task).unwrap_or(delay)))
            .max()
            .unwrap_or(0);
        self.delays = delays;
        self.now += wall.saturating_sub(Duration::from_nanos(waited));
        self.now
    }

    fn read_delays(&self) -> BTreeMap<String, u64> {
        let Ok(tasks) = fs::read_dir(&self.tasks) else {
            return BTreeMap::new();
        };
        tasks
            .flatten()
            .filter_map(|task| {
                let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
                let delay = text.split_whitespace().nth(1)?.parse().ok()?;
                Some((task.file_name().to_string_lossy().into_owned(), delay))
            })
            .collect()
    }
}

/// Finds `N passed, N failed` in a line.
pub fn parse_counts(line: &str) -> Option<(u32, u32)> {
    let words: Vec<&str> = line
        .split([' ', ',', '\r', '\n'])
        .filter(|w| !w.is_empty())
        .collect();
    words.windows(4).find_map(|window| match window {
        [passed, "passed", failed, "failed"] => Some((passed.parse().ok()?, failed.parse().ok()?)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Session, parse_counts};
    use std::process::Command;
    use std::time::Duration;

    fn shell(script: &str) -> Session {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let thread = format!("{:?}", std::thread::current().id());
        Session::start(command, None, &format!("unit-{thread}")).unwrap()
    }

    #[test]
    fn counts_are_found_in_a_line() {
        assert_eq!(
            parse_counts("(d1) XT-END 12 passed, 0 failed\r\n"),
            Some((12, 0))
        );
        assert_eq!(parse_counts("12 passed"), None);
    }

    #[test]
    fn waits_types_and_ends() {
        let mut session = shell("echo ready; read -r word; echo got $word; echo more; exit 3");
        let second = Duration::from_secs(20);
        session.expect("ready", second).unwrap();
        session.send("thing").unwrap();
        let found = session.expect_any(&["never", "got "], second).unwrap();
        assert_eq!((found.index, found.line.starts_with("got")), (1, true));
        session.expect("more", second).unwrap();
        assert_eq!(session.wait_end(second).unwrap().code(), Some(3));
        assert!(session.expect("anything", second).is_err());
    }

    #[test]
    fn gives_up_on_silence_and_on_panics() {
        let mut silent = shell("sleep 60");
        assert!(silent.expect("word", Duration::from_millis(300)).is_err());
        let mut panics = shell("echo Kernel panic - not syncing: x; sleep 60");
        let error = panics.expect("word", Duration::from_secs(60)).unwrap_err();
        assert!(error.to_string().contains("Kernel panic"));
    }
}
