//! Output lines: a dom0's through `console_io`, any other domain's into the ring that its toolstack reads
//! (`io/console.h`), or through `console_io` where nobody gave it a ring.

use super::cell::Global;
use super::hypercall::{call3, nr};
use super::mem::{pfn_to_va, read32, write8, write32};
use super::paging::mfn_to_pfn;
use abi::console::XenconsInterface;
use abi::xen::{CONSOLEIO_WRITE, SIF_INITDOMAIN, StartInfo};
use core::fmt::{self, Write};
use core::mem::offset_of;

const RING: u64 = 2048;

/// The ring's virtual address and its event channel.
static RING_AT: Global<(u64, u32)> = Global::new((0, 0));

/// Finds the ring, if there is one.
pub fn init(info: &StartInfo) {
    let [mfn, evtchn] = info.console.0;
    if info.flags & SIF_INITDOMAIN == 0 && mfn != 0 {
        RING_AT.set((pfn_to_va(mfn_to_pfn(mfn)), evtchn as u32));
    }
}

/// A line under construction: one write for each line keeps lines whole on a shared console.
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
    let (ring, port) = RING_AT.get();
    if ring == 0 {
        call3(
            nr::CONSOLE_IO,
            CONSOLEIO_WRITE.into(),
            bytes.len() as u64,
            bytes.as_ptr() as u64,
        );
        return;
    }
    let out = ring + offset_of!(XenconsInterface, out) as u64;
    let cons = ring + offset_of!(XenconsInterface, out_cons) as u64;
    let prod = ring + offset_of!(XenconsInterface, out_prod) as u64;
    for &b in bytes {
        let at = read32(prod);
        // A reader that is gone must not stop the guest for ever.
        for _ in 0..100_000 {
            if u64::from(at.wrapping_sub(read32(cons))) < RING {
                break;
            }
            notify(port);
            call3(nr::SCHED_OP, abi::sched::SCHEDOP_YIELD.into(), 0, 0);
        }
        write8(out + u64::from(at) % RING, b);
        write32(prod, at.wrapping_add(1));
    }
    notify(port);
}

fn notify(port: u32) {
    call3(
        nr::EVENT_CHANNEL_OP,
        abi::event_channel::EVTCHNOP_SEND.into(),
        &raw const port as u64,
        0,
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
