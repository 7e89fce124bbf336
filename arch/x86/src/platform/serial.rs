//! The 16550 UART on I/O ports: the console that works from the first instruction to the last.
//!
//! Output is polled, because it must work in a panic, in an NMI and before interrupts exist. Two
//! things make that bearable. The transmit FIFO takes 16 bytes for each time it reports empty, so
//! status is read once for 16 bytes. And a line that never gets ready (no UART, a wedged one, flow
//! control on a dead terminal server) is waited for once only: after a timeout each further byte costs
//! one status read until the line comes back. Without that a machine with `com1=` and no UART would
//! appear to hang for minutes.
//!
//! Input comes by interrupt ([`Serial::enable_rx_interrupt`], [`Serial::drain`]) or by polling
//! ([`Serial::try_get`]). The register bits are those of the `uart_16550` crate; its driver is not
//! used because its initialization waits without bound, refuses divisors that don't divide evenly and
//! can't keep the firmware's speed.

use arch_defs::uart::{Baud, UartConfig};
use uart_16550::spec::registers::{FCR, IER, LCR, LSR, MCR, offsets};

use super::io;

/// Bytes that the transmit FIFO of a 16550A takes when it reports empty.
const FIFO_DEPTH: u8 = 16;
/// Status reads before a line counts as stalled: about 100 ms at a microsecond each, the time of 16
/// characters at 1600 baud.
const READY_POLLS: u32 = 100_000;
/// Bytes taken in one interrupt at most, so that a stuck data-ready bit can't hold the processor.
const DRAIN_LIMIT: usize = 256;

/// Why a UART can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SerialError {
    /// Nothing answers at these ports.
    Absent {
        /// First port probed.
        io_base: u16,
    },
    /// The ports from here would run past 0xffff.
    Ports {
        /// First port configured.
        io_base: u16,
    },
}

/// A UART in use.
#[derive(Debug)]
pub struct Serial {
    base: u16,
    irq: u8,
    baud: u32,
    /// Bytes the transmitter takes without another look at its status.
    credit: u8,
    fifo: u8,
    stalled: bool,
}

impl Serial {
    /// Probes and programs the UART. Its interrupts stay off.
    ///
    /// # Safety
    /// The eight ports from `config.io_base` must be those of a UART or of nothing, and nobody else
    /// may use them while the result lives.
    pub unsafe fn init(config: &UartConfig) -> Result<Self, SerialError> {
        let io_base = config.io_base;
        if io_base > 0xfff8 {
            return Err(SerialError::Ports { io_base });
        }
        let mut uart = Self {
            base: io_base,
            irq: config.irq,
            baud: 0,
            credit: 0,
            fifo: 1,
            stalled: false,
        };
        if !uart.present() {
            return Err(SerialError::Absent { io_base });
        }
        uart.write(offsets::IER, 0);

        let frame = config.line_control();
        uart.write(offsets::LCR, frame | LCR::DLAB.bits());
        if let (Baud::Rate(_), Some(divisor)) = (config.baud, config.divisor()) {
            uart.write(offsets::DLL, divisor as u8);
            uart.write(offsets::DLM, (divisor >> 8) as u8);
        }
        let divisor = u32::from(uart.read(offsets::DLL)) | u32::from(uart.read(offsets::DLM)) << 8;
        uart.baud = config.clock_hz / 16 / divisor.max(1);
        uart.write(offsets::LCR, frame);

        uart.write(
            offsets::FCR,
            (FCR::FIFO_ENABLE | FCR::RX_FIFO_RESET | FCR::TX_FIFO_RESET).bits(),
        );
        // IIR bits 7:6 are both set only where the FIFOs work; the 16550's are broken, the 8250 has none.
        if uart.read(offsets::ISR) >> 6 == 0b11 {
            uart.fifo = FIFO_DEPTH;
        }
        // OUT2 gates the interrupt line on a PC.
        uart.write(
            offsets::MCR,
            (MCR::DTR | MCR::RTS | MCR::OUT_2_INT_ENABLE).bits(),
        );
        // What the firmware's user typed is stale. Bounded, as data-ready may be stuck.
        (0..DRAIN_LIMIT).all(|_| uart.try_get().is_some());
        Ok(uart)
    }

    /// Whether a UART answers: its scratch register holds what is written to it, and its status isn't
    /// the all-ones of an empty bus.
    fn present(&mut self) -> bool {
        [0x5a, 0xa5].into_iter().all(|pattern| {
            self.write(offsets::SPR, pattern);
            self.read(offsets::SPR) == pattern
        }) && self.read(offsets::LSR) != 0xff
    }

    #[inline]
    fn read(&mut self, register: usize) -> u8 {
        // SAFETY: `init`'s caller gave us the eight ports; registers are 0 to 7.
        unsafe { io::in8(self.base + register as u16) }
    }

    #[inline]
    fn write(&mut self, register: usize, value: u8) {
        // SAFETY: as in `read`.
        unsafe { io::out8(self.base + register as u16, value) }
    }

    fn status(&mut self) -> LSR {
        LSR::from_bits_retain(self.read(offsets::LSR))
    }

    /// First of the eight ports.
    pub fn io_base(&self) -> u16 {
        self.base
    }

    /// ISA interrupt, or 0 where the line is to be polled.
    pub fn irq(&self) -> u8 {
        self.irq
    }

    /// Line speed in effect; for `auto`, what the firmware's divisor means.
    pub fn baud(&self) -> u32 {
        self.baud
    }

    /// Sends a byte, waiting for room. False where the line is stalled and the byte is lost.
    pub fn put(&mut self, byte: u8) -> bool {
        if self.credit == 0 {
            let polls = if self.stalled { 1 } else { READY_POLLS };
            let ready = (0..polls).any(|_| {
                let ready = self.status().contains(LSR::THR_EMPTY);
                if !ready {
                    core::hint::spin_loop();
                }
                ready
            });
            self.stalled = !ready;
            if !ready {
                return false;
            }
            self.credit = self.fifo;
        }
        self.credit -= 1;
        self.write(offsets::DATA, byte);
        true
    }

    /// Sends text, each line feed as carriage return and line feed.
    pub fn put_str(&mut self, text: &[u8]) {
        for byte in text {
            if *byte == b'\n' {
                self.put(b'\r');
            }
            self.put(*byte);
        }
    }

    /// Waits, with the same bound as [`Self::put`], until everything has left the line: before the
    /// machine stops or dom0 gets the port.
    pub fn flush(&mut self) {
        if !self.stalled {
            (0..READY_POLLS).any(|_| self.status().contains(LSR::TRANSMITTER_EMPTY));
        }
    }

    /// Takes a received byte if there is one.
    pub fn try_get(&mut self) -> Option<u8> {
        let status = self.status();
        (status.contains(LSR::DATA_READY) && status.bits() != 0xff)
            .then(|| self.read(offsets::DATA))
    }

    /// Lets the UART interrupt when bytes arrive.
    pub fn enable_rx_interrupt(&mut self) {
        self.write(offsets::IER, IER::DATA_READY.bits());
    }

    /// Stops the UART's interrupts.
    pub fn disable_interrupts(&mut self) {
        self.write(offsets::IER, 0);
    }

    /// Interrupt handler's part: hands every received byte to `sink` and quietens the line. Answers
    /// how many bytes there were.
    pub fn drain(&mut self, mut sink: impl FnMut(u8)) -> usize {
        // Reading IIR acknowledges a transmitter interrupt, reading LSR a line error, DATA the rest.
        let _ = self.read(offsets::ISR);
        let mut count = 0;
        while count < DRAIN_LIMIT {
            let Some(byte) = self.try_get() else { break };
            sink(byte);
            count += 1;
        }
        count
    }
}

impl core::fmt::Write for Serial {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        self.put_str(s.as_bytes());
        Ok(())
    }
}
