//! The battery-backed clock of the PC (MC146818 data sheet): register values to seconds.
//!
//! The clock counts a calendar in BCD or binary, in 24 or 12 hours, with two digits of year.
//! Reading it while it updates gives nonsense, so the caller waits for the update-in-progress bit to
//! fall, and this module refuses values that are no date rather than boot with a wild time.

/// Status register B: hours are 0-23 rather than 1-12 with bit 7 for p.m.
pub const STATUS_B_24H: u8 = 1 << 1;
/// Status register B: values are binary rather than BCD.
pub const STATUS_B_BINARY: u8 = 1 << 2;

/// Raw contents of the clock's registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CmosRegisters {
    /// Register 0.
    pub second: u8,
    /// Register 2.
    pub minute: u8,
    /// Register 4.
    pub hour: u8,
    /// Register 7, day of the month.
    pub day: u8,
    /// Register 8.
    pub month: u8,
    /// Register 9, year of the century.
    pub year: u8,
    /// The register that the FADT names as century, if it names one.
    pub century: Option<u8>,
    /// Register 11: `STATUS_B_*`.
    pub status_b: u8,
}

/// A moment of the Gregorian calendar, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// Full year, 1970 or later.
    pub year: u32,
    /// 1-12.
    pub month: u32,
    /// 1-31, as the month allows.
    pub day: u32,
    /// 0-23.
    pub hour: u32,
    /// 0-59.
    pub minute: u32,
    /// 0-59.
    pub second: u32,
}

impl CmosRegisters {
    /// The date that the registers show, or `None` where they show none. Without a century (or with
    /// one that makes no sense) years 70-99 are of the twentieth, 00-69 of the twenty-first.
    pub fn decode(&self) -> Option<DateTime> {
        let binary = self.status_b & STATUS_B_BINARY != 0;
        let number = |raw: u8| -> Option<u32> {
            let (tens, units) = (raw >> 4, raw & 15);
            if binary {
                Some(u32::from(raw))
            } else if tens < 10 && units < 10 {
                Some(u32::from(tens) * 10 + u32::from(units))
            } else {
                None
            }
        };
        let hour = if self.status_b & STATUS_B_24H != 0 {
            number(self.hour)?
        } else {
            let h = number(self.hour & 0x7f)?;
            if !(1..=12).contains(&h) {
                return None;
            }
            h % 12 + if self.hour & 0x80 != 0 { 12 } else { 0 }
        };
        let short = number(self.year).filter(|y| *y < 100)?;
        let century = self
            .century
            .and_then(number)
            .filter(|c| (19..=99).contains(c) && c * 100 + short >= 1970);
        let year = match century {
            Some(c) => c * 100 + short,
            None if short >= 70 => 1900 + short,
            None => 2000 + short,
        };
        DateTime {
            year,
            month: number(self.month)?,
            day: number(self.day)?,
            hour,
            minute: number(self.minute)?,
            second: number(self.second)?,
        }
        .checked()
    }
}

impl DateTime {
    /// Itself if every field is in range.
    fn checked(self) -> Option<Self> {
        let ok = self.year >= 1970
            && (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60;
        ok.then_some(self)
    }

    /// Seconds since 1970-01-01 UTC; `None` where a field is out of range.
    pub fn to_epoch(self) -> Option<u64> {
        let d = self.checked()?;
        // Years that begin in March put the leap day last, so that days before a month are linear.
        let (year, month) = if d.month > 2 {
            (u64::from(d.year), u64::from(d.month) - 3)
        } else {
            (u64::from(d.year) - 1, u64::from(d.month) + 9)
        };
        let before_month = (153 * month + 2) / 5;
        let days =
            365 * year + year / 4 - year / 100 + year / 400 + before_month + u64::from(d.day)
                - 1
                - DAYS_TO_1970;
        Some(
            days * 86_400
                + u64::from(d.hour) * 3_600
                + u64::from(d.minute) * 60
                + u64::from(d.second),
        )
    }
}

/// Days from 1 March of year 0 to 1 January 1970.
const DAYS_TO_1970: u64 = 719_468;

fn days_in_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bcd(n: u32) -> u8 {
        (n / 10 * 16 + n % 10) as u8
    }

    #[test]
    fn every_day_follows_the_last() {
        let mut expected = 0;
        for year in 1970..2401 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    let date = DateTime {
                        year,
                        month,
                        day,
                        hour: 0,
                        minute: 0,
                        second: 0,
                    };
                    assert_eq!(date.to_epoch(), Some(expected), "{date:?}");
                    expected += 86_400;
                }
            }
        }
        // 2401-01-01 as GNU date has it.
        assert_eq!(expected, 13_601_088_000);
    }

    #[test]
    fn a_known_moment_in_every_format() {
        let want = Some(1_700_000_000); // 2023-11-14 22:13:20
        let base = CmosRegisters {
            second: bcd(20),
            minute: bcd(13),
            hour: bcd(22),
            day: bcd(14),
            month: bcd(11),
            year: bcd(23),
            century: None,
            status_b: STATUS_B_24H,
        };
        let epoch = |r: CmosRegisters| r.decode().and_then(DateTime::to_epoch);
        assert_eq!(epoch(base), want);
        assert_eq!(
            epoch(CmosRegisters {
                hour: bcd(10) | 0x80,
                status_b: 0,
                ..base
            }),
            want
        );
        assert_eq!(
            epoch(CmosRegisters {
                second: 20,
                minute: 13,
                hour: 22,
                day: 14,
                month: 11,
                year: 23,
                century: Some(20),
                status_b: STATUS_B_24H | STATUS_B_BINARY
            }),
            want
        );
        // A century register that nobody maintains is not believed.
        assert_eq!(
            epoch(CmosRegisters {
                century: Some(0),
                ..base
            }),
            want
        );
        assert_eq!(
            epoch(CmosRegisters {
                century: Some(0x19),
                ..base
            }),
            want
        );
    }

    #[test]
    fn midnight_and_noon_in_twelve_hours() {
        let at = |hour| {
            CmosRegisters {
                second: 0,
                minute: 0,
                hour,
                day: 1,
                month: 1,
                year: 0,
                century: None,
                status_b: 0,
            }
            .decode()
            .map(|d| d.hour)
        };
        assert_eq!(at(0x12), Some(0));
        assert_eq!(at(0x92), Some(12));
        assert_eq!(at(0x00), None);
        assert_eq!(at(0x13), None);
    }

    #[test]
    fn nonsense_is_refused() {
        let ok = CmosRegisters {
            second: 0,
            minute: 0,
            hour: 0,
            day: 0x29,
            month: 2,
            year: 0x24,
            century: None,
            status_b: STATUS_B_24H,
        };
        assert!(ok.decode().is_some());
        assert!(CmosRegisters { year: 0x23, ..ok }.decode().is_none());
        assert!(CmosRegisters { second: 0x60, ..ok }.decode().is_none());
        assert!(CmosRegisters { minute: 0x1a, ..ok }.decode().is_none());
        assert!(CmosRegisters { hour: 0x24, ..ok }.decode().is_none());
        assert!(CmosRegisters { month: 0, ..ok }.decode().is_none());
        assert!(CmosRegisters { year: 0xff, ..ok }.decode().is_none());
    }
}
