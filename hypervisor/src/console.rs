//! The hypervisor's console: a ring that remembers, devices that show it, and input.
//!
//! Everything that is printed goes into the ring, of which `xl dmesg` shows the end, and to the devices
//! that `console=` names. The hardware domain prints through us as it is; other domains get a prefix.
//! What is typed on the serial line goes to the hardware domain, until Ctrl-a was typed three times: then
//! it is debug keys.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt::Write;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use arch_defs::console::ConsoleSet;
use arch_defs::uart::UartConfig;
use arch_x86::platform::screen::{Screen, ScreenInfo};
use arch_x86::platform::serial::Serial;
use domain::Hypervisor;
use log::{Level, LevelFilter, Log, Metadata, Record};
use spin::Mutex;
use units::{Clock, DomId, VcpuId};

use crate::hw::Hw;

/// State behind one lock: whoever prints does so whole lines at a time.
struct Console {
    serial: [Option<Serial>; 2],
    screen: Option<Screen>,
    ring: VecDeque<u8>,
    capacity: usize,
    input: VecDeque<u8>,
}

static CONSOLE: Mutex<Console> = Mutex::new(Console {
    serial: [None, None],
    screen: None,
    ring: VecDeque::new(),
    capacity: 16384,
    input: VecDeque::new(),
});
static TIMESTAMPS: AtomicBool = AtomicBool::new(false);

struct Logger;

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        let mut console = CONSOLE.lock();
        let _ = console.write_str("(XEN) ");
        if TIMESTAMPS.load(Ordering::Relaxed) {
            let ms = Hw.now().0 / 1_000;
            let _ = write!(console, "[{:5}.{:06}] ", ms / 1_000_000, ms % 1_000_000);
        }
        let severity = match record.level() {
            Level::Error => "ERROR: ",
            Level::Warn => "WARNING: ",
            _ => "",
        };
        let _ = writeln!(console, "{severity}{}", record.args());
    }

    fn flush(&self) {
        let mut console = CONSOLE.lock();
        console.serial.iter_mut().flatten().for_each(Serial::flush);
    }
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

impl Console {
    fn put(&mut self, text: &[u8]) {
        for serial in self.serial.iter_mut().flatten() {
            serial.put_str(text);
        }
        if let Some(screen) = &mut self.screen {
            screen.write(text);
        }
        for byte in text {
            if self.ring.len() >= self.capacity {
                self.ring.pop_front();
            }
            self.ring.push_back(*byte);
        }
    }
}

/// Opens the serial lines that the command line names.
pub fn init(cmdline: &str) {
    let value = |name: &str| options::last_value(cmdline, name);
    let set = value("console").map_or_else(ConsoleSet::default, ConsoleSet::parse);
    let mut console = CONSOLE.lock();
    let capacity = console.capacity;
    console.ring.reserve(capacity);
    for (i, (on, name, base)) in [
        (set.com1, "com1", UartConfig::COM1),
        (set.com2, "com2", UartConfig::COM2),
    ]
    .into_iter()
    .enumerate()
    {
        if on {
            let config = value(name)
                .map_or(Ok(base), |v| base.parse(v))
                .unwrap_or(base);
            if let Some(slot) = console.serial.get_mut(i) {
                *slot = crate::raw::open_serial(&config);
            }
        }
    }
    drop(console);
    if log::set_logger(&Logger).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// Opens the screen, if the command line wants messages there.
pub fn open_screen(cmdline: &str, info: Option<&ScreenInfo>) {
    let set =
        options::last_value(cmdline, "console").map_or_else(ConsoleSet::default, ConsoleSet::parse);
    if set.vga {
        match crate::raw::open_screen(info.unwrap_or(&ScreenInfo::VGA_TEXT)) {
            Ok(screen) => CONSOLE.lock().screen = Some(screen),
            Err(e) => log::warn!("screen: {e:?}"),
        }
    }
}

/// Leaves the screen to dom0.
pub fn relinquish_screen() {
    if let Some(mut screen) = CONSOLE.lock().screen.take() {
        screen.relinquish();
    }
}

/// What is shown and how.
pub fn configure(level: LevelFilter, timestamps: bool, ring: usize) {
    log::set_max_level(level);
    TIMESTAMPS.store(timestamps, Ordering::Relaxed);
    let mut console = CONSOLE.lock();
    console.capacity = ring;
    let grow = ring.saturating_sub(console.ring.len());
    console.ring.reserve(grow);
}

/// Serial interrupts in use, as (irq, line).
pub fn irqs() -> Vec<u8> {
    CONSOLE
        .lock()
        .serial
        .iter()
        .flatten()
        .map(Serial::irq)
        .collect()
}

/// Ports in use: first of eight.
pub fn ports() -> Vec<u16> {
    CONSOLE
        .lock()
        .serial
        .iter()
        .flatten()
        .map(Serial::io_base)
        .collect()
}

/// Lets typed characters interrupt.
pub fn enable_input() {
    for serial in CONSOLE.lock().serial.iter_mut().flatten() {
        serial.enable_rx_interrupt();
    }
}

/// Text of a domain.
pub fn domain_write(domain: DomId, text: &[u8]) {
    let mut console = CONSOLE.lock();
    if domain == DomId::DOM0 {
        console.put(text);
        return;
    }
    for line in text.split_inclusive(|b| *b == b'\n') {
        let _ = write!(console, "(XEN) {domain}: ");
        console.put(line);
        if !line.ends_with(b"\n") {
            console.put(b"\n");
        }
    }
}

/// Hands out what was typed for dom0.
pub fn read(to: &mut [u8]) -> usize {
    let mut console = CONSOLE.lock();
    let mut len = 0;
    for slot in to {
        let Some(byte) = console.input.pop_front() else {
            break;
        };
        *slot = byte;
        len += 1;
    }
    len
}

const CTRL_A: u8 = 1;
static SWITCHES: AtomicU8 = AtomicU8::new(0);
static TO_HYPERVISOR: AtomicBool = AtomicBool::new(false);

/// Takes what the serial lines have received.
pub fn input(hv: &Hypervisor<Hw>) {
    let mut typed = Vec::new();
    for serial in CONSOLE.lock().serial.iter_mut().flatten() {
        serial.drain(|byte| typed.push(byte));
    }
    let mut for_dom0 = false;
    for byte in typed {
        if byte == CTRL_A {
            if SWITCHES.fetch_add(1, Ordering::Relaxed) == 2 {
                SWITCHES.store(0, Ordering::Relaxed);
                let now = !TO_HYPERVISOR.fetch_xor(true, Ordering::Relaxed);
                let who = if now { "Xen" } else { "DOM0" };
                log::info!("*** Serial input to {who} (type 'CTRL-a' three times to switch input)");
            }
        } else {
            SWITCHES.store(0, Ordering::Relaxed);
        }
        if TO_HYPERVISOR.load(Ordering::Relaxed) {
            if byte != CTRL_A {
                crate::keys::press(hv, byte);
            }
        } else {
            let mut console = CONSOLE.lock();
            if console.input.len() < 4096 {
                console.input.push_back(byte);
            }
            for_dom0 = true;
        }
    }
    if for_dom0 && let Some(domain) = hv.hardware_domain.get() {
        hv.raise_virq(domain, abi::xen::VIRQ_CONSOLE, VcpuId(0));
    }
}

/// Breaks the lock after a fault, so that the last words come out.
pub fn bust_lock() {
    if CONSOLE.is_locked() {
        crate::raw::force_unlock(&CONSOLE);
    }
}
