//! QEMU's machine protocol, as far as tests use it: stop, continue, power button, and the count of
//! instructions under `-icount`.

use crate::error::{Error, Result};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A connection that has left the negotiation behind.
#[derive(Debug)]
pub struct Qmp {
    stream: BufReader<UnixStream>,
}

impl Qmp {
    /// Connects to QEMU's socket.
    pub fn connect(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket).map_err(Error::io("connect to", socket))?;
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .map_err(Error::io("set up", socket))?;
        let mut qmp = Self {
            stream: BufReader::new(stream),
        };
        qmp.line()?;
        qmp.execute("qmp_capabilities")?;
        Ok(qmp)
    }

    /// Runs a command without arguments and returns the JSON of its answer.
    pub fn execute(&mut self, command: &str) -> Result<String> {
        let request = format!("{{\"execute\":\"{command}\"}}\n");
        self.stream
            .get_mut()
            .write_all(request.as_bytes())
            .map_err(io)?;
        loop {
            let line = self.line()?;
            if line.contains("\"return\"") {
                return Ok(line);
            }
            if line.contains("\"error\"") {
                return Err(Error::msg(format!("QMP {command}: {line}")));
            }
            // Anything else is an event.
        }
    }

    /// Instructions executed so far, which under `-icount shift=0` are virtual nanoseconds.
    pub fn icount(&mut self) -> Result<u64> {
        let answer = self.execute("query-replay")?;
        number_after(&answer, "\"icount\":")
            .ok_or_else(|| Error::msg(format!("query-replay answered {answer}")))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).map_err(io)? {
            0 => Err(Error::msg("QEMU closed the machine protocol")),
            _ => Ok(line),
        }
    }
}

fn io(source: std::io::Error) -> Error {
    Error::Io {
        what: "talk to QEMU's machine protocol".into(),
        source,
    }
}

fn number_after(text: &str, key: &str) -> Option<u64> {
    let rest = text.split(key).nth(1)?.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number_after;

    #[test]
    fn finds_a_number_in_json() {
        let json = r#"{"return": {"icount": 1234, "mode": "none"}}"#;
        assert_eq!(number_after(json, "\"icount\":"), Some(1234));
        assert_eq!(number_after(json, "\"missing\":"), None);
    }
}
