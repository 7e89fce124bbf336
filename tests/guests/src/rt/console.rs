//! Output lines through `console_io`.

use super::hypercall::{call3, nr};
use core::fmt::{self, Write};

/// `CONSOLEIO_write` (`xen.h`).
const CONSOLEIO_WRITE: u64 = 0;

/// A line under construction: one hypercall for each line keeps lines whole on a shared console.
pub struct Line {
    buf: [u8; 256],
    len: usize,
}

impl Line {
    pub const fn new() -> Self {
        Self {
            buf: [0; 256],
            len: 0,
        }
    }

    pub fn flush(&mut self) {
        write(&self.buf[..self.len]);
        self.len = 0;
    }
}

impl Write for Line {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for &b in s.as_bytes() {
            if self.len == self.buf.len() {
                self.flush();
            }
            self.buf[self.len] = b;
            self.len += 1;
        }
        Ok(())
    }
}

/// Sends bytes to the console.
pub fn write(bytes: &[u8]) {
    call3(
        nr::CONSOLE_IO,
        CONSOLEIO_WRITE,
        bytes.len() as u64,
        bytes.as_ptr() as u64,
    );
}

/// Prints one line.
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => {{
        let mut line = $crate::rt::console::Line::new();
        let _ = core::fmt::Write::write_fmt(&mut line, format_args!($($arg)*));
        let _ = core::fmt::Write::write_str(&mut line, "\n");
        line.flush();
    }};
}
