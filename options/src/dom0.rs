//! How large domain 0 is to be.

use crate::value::{size, unsigned};

/// An amount of memory: bytes and a share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Bytes; negative means all but so much.
    pub bytes: i64,
    /// This many hundredths of all that is free come on top, 0 to 100.
    pub percent: u8,
}

impl Amount {
    /// Reads `size`, `-size`, `share%` or `size+share%`.
    pub fn parse(text: &str) -> Option<Self> {
        let Some(rest) = text.strip_suffix('%') else {
            return Some(Self {
                bytes: size(text)?,
                percent: 0,
            });
        };
        let (bytes, percent) = match rest.split_once('+') {
            Some((bytes, percent)) => (size(bytes).filter(|b| *b >= 0)?, percent),
            None => (0, rest),
        };
        let percent = unsigned(percent).filter(|p| *p <= 100)?;
        Some(Self {
            bytes,
            percent: percent as u8,
        })
    }

    fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// In frames, of `free` frames.
    fn frames(&self, free: u64) -> u64 {
        let fixed = self.bytes.unsigned_abs() >> 12;
        let share =
            free / 100 * u64::from(self.percent) + free % 100 * u64::from(self.percent) / 100;
        if self.bytes < 0 {
            free.saturating_sub(fixed)
        } else {
            fixed.saturating_add(share)
        }
    }
}

/// dom0's memory: the `dom0_mem` option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dom0Mem {
    /// Wanted amount.
    pub size: Option<Amount>,
    /// At least.
    pub min: Option<Amount>,
    /// What the domain may grow to.
    pub max: Option<Amount>,
}

/// Frames kept back where nobody said how much: 128 MiB.
const KEPT: u64 = 128 << 8;
/// Frames kept back whatever was said: 8 MiB.
const KEPT_ALWAYS: u64 = 8 << 8;

impl Dom0Mem {
    /// Takes over what a list `size,min:size,max:size` says. False if a part of it makes no sense; the others count.
    pub fn parse(&mut self, list: &str) -> bool {
        let mut good = true;
        for part in list.split(',').filter(|p| !p.is_empty()) {
            let (slot, text) = match part.split_once(':') {
                Some(("min", text)) => (&mut self.min, text),
                Some(("max", text)) => (&mut self.max, text),
                Some(_) => {
                    good = false;
                    continue;
                }
                None => (&mut self.size, part),
            };
            match Amount::parse(text) {
                Some(amount) => *slot = Some(amount),
                None => good = false,
            }
        }
        good
    }

    /// Frames asked for, of `free` frames; none where nothing was asked for. Zero asks for the default.
    pub fn wanted(&self, free: u64) -> Option<u64> {
        self.size.map(|amount| amount.frames(free))
    }

    /// Frames for dom0 and the most it may have, of `free` frames. Without a wish it gets all but a sixteenth, at most
    /// 128 MiB of that kept back. It never gets the last 8 MiB, or a 128th if that is more.
    pub fn frames(&self, free: u64) -> (u64, u64) {
        // Building the domain takes a list of its frames, rounded up to a power of two: a 256th at the worst.
        let always = (free / 16).min(KEPT_ALWAYS).max(free / 128);
        let keep = (free / 16).min(KEPT).max(always);
        let max = self.max.map_or(u64::MAX, |a| a.frames(free));
        let min = self.min.map_or(0, |a| a.frames(free));
        let wanted = match self.size {
            Some(amount) if !amount.is_zero() => amount.frames(free),
            _ => free.saturating_sub(keep),
        };
        let frames = wanted.min(max).max(min).min(free.saturating_sub(always));
        (frames, max)
    }
}

/// More vCPUs than this no PV domain gets.
pub const MAX_VCPUS: u32 = 64;

/// How many vCPUs dom0 may have: the `dom0_max_vcpus` option. Within the range it gets one for each processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VcpuRange {
    /// At least, 1 to [`MAX_VCPUS`].
    pub min: u32,
    /// At most, `min` to [`MAX_VCPUS`].
    pub max: u32,
}

impl Default for VcpuRange {
    fn default() -> Self {
        Self {
            min: 1,
            max: MAX_VCPUS,
        }
    }
}

impl VcpuRange {
    /// Reads `n`, `min-max`, `min-` or `-max`. Too large numbers become [`MAX_VCPUS`].
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text| {
            unsigned(text)
                .filter(|n| *n > 0)
                .map(|n| n.min(MAX_VCPUS.into()) as u32)
        };
        let (min, max) = match text.split_once('-') {
            None => (number(text)?, number(text)?),
            Some(("", "")) => return None,
            Some(("", max)) => (1, number(max)?),
            Some((min, "")) => (number(min)?, MAX_VCPUS),
            Some((min, max)) => (number(min)?, number(max)?),
        };
        (min <= max).then_some(Self { min, max })
    }

    /// The number of vCPUs on a machine with `cpus` processors.
    pub fn count(&self, cpus: u32) -> u32 {
        cpus.max(self.min).min(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 18;

    fn frames(list: &str, free: u64) -> (u64, u64) {
        let mut mem = Dom0Mem::default();
        assert!(mem.parse(list), "{list}");
        mem.frames(free)
    }

    #[test]
    fn memory() {
        assert_eq!(frames("512M", GIB), (GIB / 2, u64::MAX));
        assert_eq!(frames("512M,max:768M", GIB), (GIB / 2, GIB / 4 * 3));
        assert_eq!(frames("max:256M", GIB), (GIB / 4, GIB / 4));
        assert_eq!(frames("-256M", GIB), (GIB / 4 * 3, u64::MAX));
        assert_eq!(frames("min:512M,64M", GIB).0, GIB / 2);
        assert_eq!(frames("50%", GIB).0, GIB / 2);
        assert_eq!(frames("256M+25%,max:100%", GIB), (GIB / 2, GIB));
        assert_eq!(frames("64G", GIB).0, GIB - KEPT_ALWAYS);
        assert_eq!(frames("-64G", GIB).0, 0);
        assert_eq!(frames("", 16 * GIB).0, 16 * GIB - KEPT);
        assert_eq!(frames("0", GIB).0, GIB - GIB / 16);
    }

    #[test]
    fn good_parts_of_a_bad_list_count() {
        let mut mem = Dom0Mem::default();
        assert!(!mem.parse("mid:3,1M,max:x"));
        assert_eq!(mem.size.map(|a| a.bytes), Some(1 << 20));
        assert_eq!(mem.max, None);
        for bad in ["101%", "%", "-1M+5%", "1M+%", "+5%"] {
            assert_eq!(Amount::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn vcpus() {
        let count = |text, cpus| VcpuRange::parse(text).map(|r| r.count(cpus));
        assert_eq!(VcpuRange::default().count(8), 8);
        assert_eq!(count("4", 1), Some(4));
        assert_eq!(count("4", 8), Some(4));
        assert_eq!(count("2-4", 1), Some(2));
        assert_eq!(count("2-4", 3), Some(3));
        assert_eq!(count("2-4", 99), Some(4));
        assert_eq!(count("-4", 8), Some(4));
        assert_eq!(count("2-", 8), Some(8));
        assert_eq!(count("1000", 8), Some(MAX_VCPUS));
        for bad in ["", "-", "0", "4-2", "a-b", "1-2-3"] {
            assert_eq!(VcpuRange::parse(bad), None, "{bad}");
        }
    }
}
