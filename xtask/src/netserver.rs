//! A server on the loopback interface for network tests: it sends a known payload over HTTP and
//! takes the same payload back.
//!
//! Guests reach it through QEMU's user networking, which maps its gateway address to the host's
//! loopback. The payload is made by a fixed generator, so no file has to be kept in the tree.

use crate::error::{Error, Result};
use crate::{paths, proc};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Size of the payload in bytes.
pub const PAYLOAD: usize = 32 << 20;

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct NetServer {
    port: u16,
    stop: Arc<AtomicBool>,
    uploads: Arc<Mutex<Vec<bool>>>,
}

impl NetServer {
    /// Starts on a free port of 127.0.0.1.
    pub fn start() -> Result<Self> {
        let io = |source| Error::Io {
            what: "listen on the loopback interface".into(),
            source,
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(io)?;
        let port = listener.local_addr().map_err(io)?.port();
        listener.set_nonblocking(true).map_err(io)?;
        let stop = Arc::new(AtomicBool::new(false));
        let uploads = Arc::new(Mutex::new(Vec::new()));
        let body = Arc::new(payload());
        let server = Self {
            port,
            stop: Arc::clone(&stop),
            uploads: Arc::clone(&uploads),
        };
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        let (body, uploads) = (Arc::clone(&body), Arc::clone(&uploads));
                        // A client that goes away shows as a failed check in the guest.
                        thread::spawn(move || {
                            let _ = serve(stream, &body, &uploads);
                        });
                    }
                    Err(_) => thread::sleep(Duration::from_millis(20)),
                }
            }
        });
        Ok(server)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// For each finished upload, whether it was the payload.
    pub fn uploads(&self) -> Vec<bool> {
        self.uploads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for NetServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// `GET` anything answers the payload; a `PUT` line followed at once by bytes takes them.
fn serve(mut stream: TcpStream, body: &[u8], uploads: &Mutex<Vec<bool>>) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut verb = [0; 4];
    stream.read_exact(&mut verb)?;
    if &verb == b"PUT\n" {
        let mut received = Vec::new();
        stream.take(2 * PAYLOAD as u64).read_to_end(&mut received)?;
        let same = received == body;
        uploads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(same);
        return Ok(());
    }
    let mut header = Vec::from(verb);
    let mut byte = [0];
    while !header.ends_with(b"\r\n\r\n") && header.len() < 8192 {
        stream.read_exact(&mut byte)?;
        header.push(byte[0]);
    }
    write!(
        stream,
        "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)?;
    stream.flush()
}

/// The payload: a xorshift sequence, which no layer can compress or guess.
pub fn payload() -> Vec<u8> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut bytes = Vec::with_capacity(PAYLOAD);
    while bytes.len() < PAYLOAD {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes
}

/// The payload as a file, with its MD5 sum as `md5sum` prints it.
pub fn payload_file() -> Result<(PathBuf, String)> {
    let path = paths::target().join("payload.bin");
    let _making = paths::making();
    if std::fs::metadata(&path).map(|m| m.len()).unwrap_or(0) != PAYLOAD as u64 {
        paths::write_atomic(&path, payload())?;
    }
    let text = proc::text(Command::new("md5sum").arg(&path))?;
    let sum = text
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    Ok((path, sum))
}

#[cfg(test)]
mod tests {
    use super::{NetServer, PAYLOAD, payload};
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpStream};
    use std::time::Duration;

    #[test]
    fn serves_and_takes_the_payload() {
        let server = NetServer::start().unwrap();
        let mut get = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        get.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        get.read_to_end(&mut answer).unwrap();
        assert_eq!(answer[answer.len() - PAYLOAD..], payload()[..]);

        for (bytes, wanted) in [(payload(), true), (b"short".to_vec(), false)] {
            let mut put = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
            put.write_all(b"PUT\n").unwrap();
            put.write_all(&bytes).unwrap();
            put.shutdown(Shutdown::Write).unwrap();
            let mut tries = 0;
            while server.uploads().last() != Some(&wanted) && tries < 500 {
                tries += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            assert_eq!(server.uploads().last(), Some(&wanted));
        }
    }
}
