//! The 16550 UART as data: what the `com1=`/`com2=` options say, and what goes into its registers.
//!
//! The options are those of Xen's command line:
//! `comN=<baud>[/<base-baud>][,[DPS][,[<io-base>[,[<irq>]]]]]`, where `<baud>` may be `auto` (keep
//! what the firmware set up), `DPS` is data bits, parity and stop bits (`8n1`), and a field may be
//! left empty to keep its default. Any field may also be given by name (`io-base=0x3f8`). A wrong
//! option costs that option, never the boot: the parser answers an error that names the field and
//! the caller falls back to defaults, because a machine whose serial line is silent can't say why.

/// Parity of a character on the line. The values are bits 5:3 of the line control register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// No parity bit.
    None = 0,
    /// Odd parity.
    Odd = 1,
    /// Even parity.
    Even = 3,
    /// The bit is always 1.
    Mark = 5,
    /// The bit is always 0.
    Space = 7,
}

/// Line speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baud {
    /// Keep the divisor that the firmware programmed.
    Auto,
    /// Symbols a second, not 0.
    Rate(u32),
}

/// Input clock of a PC's UART in Hz: sixteen times 115200.
pub const PC_CLOCK_HZ: u32 = 1_843_200;

/// Everything the driver needs to know of one UART.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UartConfig {
    /// Line speed.
    pub baud: Baud,
    /// Input clock in Hz; the divisor is `clock_hz / (16 * baud)`.
    pub clock_hz: u32,
    /// Data bits, 5 to 8.
    pub data_bits: u8,
    /// Parity.
    pub parity: Parity,
    /// Stop bits, 1 or 2.
    pub stop_bits: u8,
    /// First of the eight I/O ports.
    pub io_base: u16,
    /// ISA interrupt, or 0 to poll.
    pub irq: u8,
}

/// Which field of a `comN=` option is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UartOptionError {
    /// The speed is neither a number nor `auto`, is 0, or needs a divisor outside 1..=65535.
    Baud,
    /// The base speed after `/`, or `clock-hz`, is not a usable number.
    Clock,
    /// The `DPS` field, or one of its parts by name, is malformed.
    Frame,
    /// The I/O base is not a port from 1 to 0xfff8. UARTs in memory and on PCI are not driven.
    IoBase,
    /// The interrupt is not a number from 0 to 15.
    Irq,
    /// A field by a name that no UART has, or one field too many.
    Unknown,
}

impl core::fmt::Display for UartOptionError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Baud => "bad baud rate",
            Self::Clock => "bad UART clock",
            Self::Frame => "bad data bits, parity or stop bits",
            Self::IoBase => "bad or unsupported I/O base",
            Self::Irq => "bad interrupt number",
            Self::Unknown => "unknown UART field",
        })
    }
}

impl UartConfig {
    /// The PC's first port: 115200 8n1 at 0x3f8, interrupt 4.
    pub const COM1: Self = Self::at(0x3f8, 4);
    /// The PC's second port: 115200 8n1 at 0x2f8, interrupt 3.
    pub const COM2: Self = Self::at(0x2f8, 3);

    const fn at(io_base: u16, irq: u8) -> Self {
        Self {
            baud: Baud::Rate(115_200),
            clock_hz: PC_CLOCK_HZ,
            data_bits: 8,
            parity: Parity::None,
            stop_bits: 1,
            io_base,
            irq,
        }
    }

    /// Applies the value of a `comN=` option to these defaults.
    pub fn parse(self, option: &str) -> Result<Self, UartOptionError> {
        let mut config = self;
        let mut position = 0;
        for field in option.split(',') {
            if let Some((name, value)) = field.split_once('=') {
                config.set_named(name, value)?;
            } else {
                config.set_positional(position, field)?;
                position += 1;
            }
        }
        // The speed may depend on a clock that came later.
        match config.baud {
            Baud::Rate(_) if config.divisor().is_none() => Err(UartOptionError::Baud),
            _ => Ok(config),
        }
    }

    fn set_positional(&mut self, position: u32, field: &str) -> Result<(), UartOptionError> {
        if field.is_empty() {
            return Ok(());
        }
        match position {
            0 => {
                let (baud, base) = match field.split_once('/') {
                    Some((baud, base)) => (baud, Some(base)),
                    None => (field, None),
                };
                if let Some(base) = base {
                    self.clock_hz = number(base)
                        .and_then(|b| b.checked_mul(16))
                        .filter(|hz| *hz != 0)
                        .ok_or(UartOptionError::Clock)?;
                }
                self.set_named("baud", baud)
            }
            1 => {
                let mut chars = field.chars();
                let mut part = |name| {
                    let mut buffer = [0; 4];
                    match chars.next() {
                        Some(c) => self.set_named(name, c.encode_utf8(&mut buffer)),
                        None => Ok(()),
                    }
                };
                part("data-bits")?;
                part("parity")?;
                part("stop-bits")?;
                match chars.next() {
                    None => Ok(()),
                    Some(_) => Err(UartOptionError::Frame),
                }
            }
            2 => self.set_named("io-base", field),
            3 => self.set_named("irq", field),
            _ => Err(UartOptionError::Unknown),
        }
    }

    fn set_named(&mut self, name: &str, value: &str) -> Result<(), UartOptionError> {
        match name {
            "baud" if value == "auto" => self.baud = Baud::Auto,
            "baud" => {
                let rate = number(value).filter(|b| *b != 0);
                self.baud = Baud::Rate(rate.ok_or(UartOptionError::Baud)?);
            }
            "clock-hz" => {
                let hz = number(value).filter(|hz| *hz != 0);
                self.clock_hz = hz.ok_or(UartOptionError::Clock)?;
            }
            "data-bits" => {
                let bits = number(value).filter(|b| (5..=8).contains(b));
                self.data_bits = bits.ok_or(UartOptionError::Frame)? as u8;
            }
            "parity" => {
                self.parity = match value {
                    "n" | "no" | "none" => Parity::None,
                    "o" | "odd" => Parity::Odd,
                    "e" | "even" => Parity::Even,
                    "m" | "mark" => Parity::Mark,
                    "s" | "space" => Parity::Space,
                    _ => return Err(UartOptionError::Frame),
                }
            }
            "stop-bits" => {
                let bits = number(value).filter(|b| (1..=2).contains(b));
                self.stop_bits = bits.ok_or(UartOptionError::Frame)? as u8;
            }
            "io-base" => {
                let base = number(value).filter(|b| (1..=0xfff8).contains(b));
                self.io_base = base.ok_or(UartOptionError::IoBase)? as u16;
            }
            "irq" => {
                let irq = number(value).filter(|i| *i < 16);
                self.irq = irq.ok_or(UartOptionError::Irq)? as u8;
            }
            _ => return Err(UartOptionError::Unknown),
        }
        Ok(())
    }

    /// The divisor latch's value for the configured speed, rounded to the nearest; `None` for
    /// [`Baud::Auto`] and for speeds that no 16-bit divisor reaches.
    pub fn divisor(&self) -> Option<u16> {
        let Baud::Rate(rate) = self.baud else {
            return None;
        };
        let unit = u64::from(rate) * 16;
        let divisor = (u64::from(self.clock_hz) + unit / 2).checked_div(unit)?;
        u16::try_from(divisor).ok().filter(|d| *d != 0)
    }

    /// The line control register for the configured frame.
    pub fn line_control(&self) -> u8 {
        let stop = if self.stop_bits > 1 { 1 << 2 } else { 0 };
        (self.data_bits.clamp(5, 8) - 5) | stop | (self.parity as u8) << 3
    }
}

/// A decimal, or after `0x` hexadecimal, number.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positional_fields() {
        assert_eq!(UartConfig::COM1.parse("115200"), Ok(UartConfig::COM1));
        assert_eq!(UartConfig::COM1.parse(""), Ok(UartConfig::COM1));
        let c = UartConfig::COM1.parse("38400/921600,7e2,0x2f8,0").unwrap();
        assert_eq!((c.baud, c.clock_hz), (Baud::Rate(38_400), 921_600 * 16));
        assert_eq!((c.data_bits, c.parity, c.stop_bits), (7, Parity::Even, 2));
        assert_eq!((c.io_base, c.irq), (0x2f8, 0));
        assert_eq!(c.divisor(), Some(24));
        assert_eq!(c.line_control(), 0b0001_1110);
    }

    #[test]
    fn empty_fields_keep_defaults_and_auto_keeps_the_divisor() {
        let c = UartConfig::COM2.parse("auto,,,5").unwrap();
        assert_eq!((c.baud, c.io_base, c.irq), (Baud::Auto, 0x2f8, 5));
        assert_eq!(c.divisor(), None);
        let named = UartConfig::COM1.parse("9600,8n1,irq=7,io-base=0x3e8");
        let named = named.unwrap();
        assert_eq!((named.io_base, named.irq), (0x3e8, 7));
        assert_eq!(named.divisor(), Some(12));
        assert_eq!(named.line_control(), 0b11);
    }

    #[test]
    fn each_wrong_field_is_named() {
        for (option, error) in [
            ("fast", UartOptionError::Baud),
            ("0", UartOptionError::Baud),
            ("4000000", UartOptionError::Baud),
            ("1", UartOptionError::Baud),
            ("9600/0", UartOptionError::Clock),
            ("9600/4294967295", UartOptionError::Clock),
            ("9600,9n1", UartOptionError::Frame),
            ("9600,8x1", UartOptionError::Frame),
            ("9600,8n3", UartOptionError::Frame),
            ("9600,8n1x", UartOptionError::Frame),
            ("9600,8n1,pci", UartOptionError::IoBase),
            ("9600,8n1,0xfe030000", UartOptionError::IoBase),
            ("9600,8n1,0x3f8,16", UartOptionError::Irq),
            ("9600,8n1,0x3f8,4,01:00.0", UartOptionError::Unknown),
            ("9600,colour=red", UartOptionError::Unknown),
        ] {
            assert_eq!(UartConfig::COM1.parse(option), Err(error), "{option}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_or_errs(text in "[0-9a-z,=/x:.-]{0,40}") {
            if let Ok(c) = UartConfig::COM1.parse(&text) {
                prop_assert!(c.baud == Baud::Auto || c.divisor().is_some());
            }
        }
    }
}
