//! The GDB remote protocol, as far as tests use it: reading and writing a stopped machine's
//! physical memory, to spoil firmware tables before the hypervisor reads them, and running to an
//! instruction, to count exactly what came before it.

use crate::error::{Error, Result};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A connection to QEMU's stub. The machine stands still while it exists.
#[derive(Debug)]
pub struct Gdb {
    stream: UnixStream,
}

impl Gdb {
    /// Connects, which stops the machine.
    pub fn connect(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket).map_err(Error::io("connect to", socket))?;
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .map_err(Error::io("set up", socket))?;
        let mut gdb = Self { stream };
        gdb.ask("?")?;
        gdb.expect_ok("Qqemu.PhyMemMode:1")?;
        Ok(gdb)
    }

    /// Reads physical memory.
    pub fn read(&mut self, address: u64, length: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let at = address + bytes.len() as u64;
            let count = (length - bytes.len()).min(1024);
            let answer = self.ask(&format!("m{at:x},{count:x}"))?;
            let part = unhex(&answer).filter(|part| !part.is_empty());
            bytes.extend(part.ok_or_else(|| {
                Error::msg(format!("reading {at:#x} through gdb answered `{answer}`"))
            })?);
        }
        Ok(bytes)
    }

    /// Writes physical memory, read-only memory too.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<()> {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.expect_ok(&format!("M{address:x},{:x}:{hex}", bytes.len()))
    }

    /// Lets the machine run to an instruction at this virtual address, in any address space.
    pub fn run_to(&mut self, address: u64, limit: Duration) -> Result<()> {
        self.run_until(&format!("1,{address:x},1"), limit)
    }

    /// Lets the machine run until it writes to this byte.
    pub fn run_to_write(&mut self, address: u64, limit: Duration) -> Result<()> {
        self.run_until(&format!("2,{address:x},1"), limit)
    }

    fn run_until(&mut self, point: &str, limit: Duration) -> Result<()> {
        self.expect_ok(&format!("Z{point}"))?;
        self.stream.set_read_timeout(Some(limit)).map_err(io)?;
        let stopped = self.ask("c")?;
        if !stopped.starts_with("T05") {
            return Err(Error::msg(format!("gdb stub: it stopped with `{stopped}`")));
        }
        self.expect_ok(&format!("z{point}"))
    }

    /// Lets the machine go on.
    pub fn detach(mut self) -> Result<()> {
        self.expect_ok("D")
    }

    fn expect_ok(&mut self, request: &str) -> Result<()> {
        match self.ask(request)?.as_str() {
            "OK" => Ok(()),
            answer => Err(Error::msg(format!(
                "gdb stub: `{request}` answered `{answer}`"
            ))),
        }
    }

    /// Sends `$request#sum` and takes the answer's text; stop notices in between are skipped.
    fn ask(&mut self, request: &str) -> Result<String> {
        let packet = format!("${request}#{:02x}", sum(request.as_bytes()));
        self.stream.write_all(packet.as_bytes()).map_err(io)?;
        loop {
            let answer = self.packet()?;
            let stop_notice = answer.starts_with('T') && request != "?" && request != "c";
            if !stop_notice {
                return Ok(answer);
            }
        }
    }

    fn packet(&mut self) -> Result<String> {
        while self.byte()? != b'$' {}
        let mut text = String::new();
        loop {
            match self.byte()? {
                b'#' => break,
                byte => text.push(char::from(byte)),
            }
        }
        self.byte()?;
        self.byte()?;
        self.stream.write_all(b"+").map_err(io)?;
        Ok(text)
    }

    fn byte(&mut self) -> Result<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte).map_err(io)?;
        Ok(byte[0])
    }
}

fn io(source: std::io::Error) -> Error {
    Error::Io {
        what: "talk to QEMU's gdb stub".into(),
        source,
    }
}

fn sum(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{sum, unhex};

    #[test]
    fn sums_and_digits_as_the_protocol_has_them() {
        assert_eq!(sum(b"OK"), 0x9a);
        assert_eq!(unhex("00ff7a"), Some(vec![0, 255, 0x7a]));
        assert_eq!(unhex("E01x"), None);
    }
}
