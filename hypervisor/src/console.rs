//! The hypervisor's console: a ring that remembers, and the devices that show it.

use core::fmt::Write;

use alloc::vec::Vec;
use arch_defs::console::ConsoleSet;
use arch_defs::uart::UartConfig;
use arch_x86::platform::serial::Serial;
use log::{Level, LevelFilter, Log, Metadata, Record};
use spin::Mutex;

/// State behind one lock: whoever prints does so whole lines at a time.
struct Console {
    serial: [Option<Serial>; 2],
}

static CONSOLE: Mutex<Console> = Mutex::new(Console { serial: [None, None] });

struct Logger;

impl Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut console = CONSOLE.lock();
        let prefix = match record.level() {
            Level::Error => "(XEN) ERROR: ",
            Level::Warn => "(XEN) WARNING: ",
            _ => "(XEN) ",
        };
        let _ = writeln!(console, "{prefix}{}", record.args());
    }

    fn flush(&self) {}
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for serial in self.serial.iter_mut().flatten() {
            serial.put_str(text.as_bytes());
        }
        Ok(())
    }
}

/// Opens the devices that the command line names.
pub fn init(cmdline: &str) {
    let words: Vec<&str> = cmdline.split_ascii_whitespace().collect();
    let value = |name: &str| words.iter().rev().find_map(|w| w.strip_prefix(name)?.strip_prefix('='));
    let set = value("console").map_or_else(ConsoleSet::default, ConsoleSet::parse);
    let mut console = CONSOLE.lock();
    for (i, (on, name, base)) in
        [(set.com1, "com1", UartConfig::COM1), (set.com2, "com2", UartConfig::COM2)].into_iter().enumerate()
    {
        if on {
            let config = value(name).map_or(Ok(base), |v| base.parse(v)).unwrap_or(base);
            console.serial[i] = crate::raw::open_serial(&config);
        }
    }
    drop(console);
    if log::set_logger(&Logger).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}

/// Prints text as it is.
pub fn write_raw(text: &[u8]) {
    for serial in CONSOLE.lock().serial.iter_mut().flatten() {
        serial.put_str(text);
    }
}

/// Breaks the lock after a fault, so that the last words come out.
pub fn bust_lock() {
    if CONSOLE.is_locked() {
        crate::raw::force_unlock(&CONSOLE);
    }
}
