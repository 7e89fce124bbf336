//! Kinds of values that several options share.

use log::LevelFilter;

/// A number of bytes: decimal or `0x` hexadecimal, maybe negative, with one of `B K M G T` of either case behind it;
/// without a suffix it is KiB. `None` where it isn't a number or exceeds 63 bits.
pub fn size(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    const UNITS: [(char, char, u32); 5] = [
        ('B', 'b', 0),
        ('K', 'k', 10),
        ('M', 'm', 20),
        ('G', 'g', 30),
        ('T', 't', 40),
    ];
    // In a hexadecimal number `b` is a digit.
    let hex = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let (digits, shift) = UNITS
        .iter()
        .filter(|(upper, ..)| hex.is_none() || *upper != 'B')
        .find_map(|&(upper, lower, shift)| Some((digits.strip_suffix([upper, lower])?, shift)))
        .unwrap_or((digits, 10));
    unsigned(digits)?
        .checked_mul(1 << shift)
        .and_then(|n| i64::try_from(n).ok())?
        .checked_mul(sign)
}

/// A decimal or `0x` hexadecimal number without a sign.
pub(crate) fn unsigned(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    // `from_str_radix` would take a `+` too.
    let clean = digits.bytes().all(|b| b.is_ascii_alphanumeric());
    u64::from_str_radix(digits, radix).ok().filter(|_| clean)
}

/// What a switch is set to; a bare name switches on. `None` where it is neither on nor off.
pub fn boolean(value: Option<&str>) -> Option<bool> {
    match value {
        None | Some("" | "1" | "yes" | "on" | "true" | "enable") => Some(true),
        Some("0" | "no" | "off" | "false" | "disable") => Some(false),
        Some(_) => None,
    }
}

/// `lower/upper`: which messages show always, and which show unless they come too fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Messages up to this level always show.
    pub lower: LevelFilter,
    /// Messages up to this level show while they are few; never below `lower`.
    pub upper: LevelFilter,
}

impl Levels {
    /// Reads `level` or `lower/upper`.
    pub fn parse(text: &str) -> Option<Self> {
        let (lower, upper) = match text.split_once('/') {
            Some((lower, upper)) => (level(lower)?, level(upper)?),
            None => (level(text)?, level(text)?),
        };
        Some(Self {
            lower,
            upper: upper.max(lower),
        })
    }
}

fn level(text: &str) -> Option<LevelFilter> {
    match text {
        "none" => Some(LevelFilter::Off),
        "error" => Some(LevelFilter::Error),
        "warning" => Some(LevelFilter::Warn),
        "info" => Some(LevelFilter::Info),
        "debug" | "all" => Some(LevelFilter::Debug),
        _ => None,
    }
}

/// What stands before each message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timestamps {
    /// Nothing.
    #[default]
    None,
    /// Date and time.
    Date,
    /// Date and time with milliseconds.
    DateMs,
    /// Seconds since boot with microseconds.
    Boot,
    /// The time-stamp counter.
    Raw,
}

impl Timestamps {
    /// Reads one of the words, or a switch, of which *on* means [`Timestamps::Date`].
    pub fn parse(value: Option<&str>) -> Option<Self> {
        match value {
            Some("none") => Some(Self::None),
            Some("date") => Some(Self::Date),
            Some("datems") => Some(Self::DateMs),
            Some("boot") => Some(Self::Boot),
            Some("raw") => Some(Self::Raw),
            other => boolean(other).map(|on| if on { Self::Date } else { Self::None }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size("512"), Some(512 << 10));
        assert_eq!(size("512B"), Some(512));
        assert_eq!(size("3k"), Some(3 << 10));
        assert_eq!(size("3M"), Some(3 << 20));
        assert_eq!(size("-2g"), Some(-(2 << 30)));
        assert_eq!(size("1T"), Some(1 << 40));
        assert_eq!(size("0x10M"), Some(16 << 20));
        assert_eq!(size("0x1b"), Some(27 << 10));
        for bad in [
            "",
            "-",
            "M",
            "0x",
            "--1",
            "+1",
            "1.5G",
            "1MM",
            "9999999T",
            "9223372036854775808B",
        ] {
            assert_eq!(size(bad), None, "{bad}");
        }
    }

    #[test]
    fn levels() {
        let both = |text| Levels::parse(text).map(|l| (l.lower, l.upper));
        assert_eq!(both("info"), Some((LevelFilter::Info, LevelFilter::Info)));
        assert_eq!(
            both("none/warning"),
            Some((LevelFilter::Off, LevelFilter::Warn))
        );
        assert_eq!(
            both("all/error"),
            Some((LevelFilter::Debug, LevelFilter::Debug))
        );
        assert_eq!(both("/all"), None);
        assert_eq!(both("loud"), None);
    }

    #[test]
    fn timestamps() {
        assert_eq!(Timestamps::parse(None), Some(Timestamps::Date));
        assert_eq!(Timestamps::parse(Some("off")), Some(Timestamps::None));
        assert_eq!(Timestamps::parse(Some("boot")), Some(Timestamps::Boot));
        assert_eq!(Timestamps::parse(Some("lunar")), None);
    }
}
