//! The wallclock: what the time of day was at system time zero.
//!
//! `shared_info` carries `wc_sec`, `wc_nsec` and `wc_sec_hi` under the version protocol of
//! `vcpu_time_info` (see [`time_info`](crate::time_info)); a guest adds its system time to get the
//! time of day. The domain's own offset (`XEN_DOMCTL_settimeoffset`) is added before publishing.
//!
//! The fields lie at different places for 32-bit guests, whose bitmaps are shorter and whose
//! `wc_sec_hi` is at the end of the architecture part. There they share 64-bit words with fields
//! that the guest owns, so those halves are exchanged without touching their neighbours.

use core::mem::offset_of;
use core::sync::atomic::{AtomicU64, Ordering, fence};

use abi::xen::SharedInfo;
use units::{FrameAccess, Mfn, Nanos};

const NANOS_PER_SEC: u64 = 1_000_000_000;

/// Which `shared_info` a guest has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedInfoLayout {
    /// 64-bit: `wc_version` at byte 3072, `wc_sec_hi` right after `wc_nsec`.
    Bits64,
    /// 32-bit: `wc_version` at byte 2304, `wc_sec_hi` at byte 2340.
    Bits32,
}

/// Seconds and nanoseconds since 1970-01-01 UTC at system time zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Wallclock {
    sec: u64,
    nsec: u32,
}

impl Wallclock {
    /// The wallclock by which it is `sec` seconds and `nsec` nanoseconds (any value; whole seconds
    /// in it count) at system time `at`: what `XENPF_settime64` and a reading of the CMOS clock say.
    /// Times before the epoch become the epoch.
    pub const fn set(sec: u64, nsec: u64, at: Nanos) -> Self {
        let now = sec as u128 * NANOS_PER_SEC as u128 + nsec as u128;
        let base = now.saturating_sub(at.0 as u128);
        Self {
            sec: (base / NANOS_PER_SEC as u128) as u64,
            nsec: (base % NANOS_PER_SEC as u128) as u32,
        }
    }

    /// The wallclock shifted by a domain's offset, in seconds, saturating.
    #[must_use]
    pub const fn with_offset(self, seconds: i64) -> Self {
        Self {
            sec: self.sec.saturating_add_signed(seconds),
            nsec: self.nsec,
        }
    }

    /// Time of day at system time `at`: seconds since the epoch and nanoseconds below a second.
    pub const fn at(self, at: Nanos) -> (u64, u32) {
        let nsec = self.nsec as u64 + at.0 % NANOS_PER_SEC;
        (
            self.sec
                .saturating_add(at.0 / NANOS_PER_SEC)
                .saturating_add(nsec / NANOS_PER_SEC),
            (nsec % NANOS_PER_SEC) as u32,
        )
    }

    /// Seconds since the epoch at system time zero.
    pub const fn sec(self) -> u64 {
        self.sec
    }

    /// Nanoseconds to add to [`Self::sec`], below 10^9.
    pub const fn nsec(self) -> u32 {
        self.nsec
    }

    /// Writes the wallclock into the `shared_info` in `frame`. The caller keeps other publishers
    /// of the same page away.
    pub fn publish(self, mem: &impl FrameAccess, frame: Mfn, layout: SharedInfoLayout) {
        let (base, hi_at) = match layout {
            SharedInfoLayout::Bits64 => (
                offset_of!(SharedInfo, wc_version),
                offset_of!(SharedInfo, wc_sec_hi),
            ),
            SharedInfoLayout::Bits32 => (2304, 2340),
        };
        let first = mem.word(frame, base / 8);
        let old = first.load(Ordering::Relaxed);
        let odd = old as u32 | 1;
        first.store(u64::from(odd) | old & !0xffff_ffff, Ordering::Relaxed);
        fence(Ordering::Release);
        set_half(mem.word(frame, base / 8 + 1), 0, self.nsec);
        set_half(mem.word(frame, hi_at / 8), 1, (self.sec >> 32) as u32);
        // The low half of the seconds shares the version's word and changes with it.
        let even = odd.wrapping_add(1);
        first.store(u64::from(even) | self.sec << 32, Ordering::Release);
    }
}

/// Gives one 32-bit half of `word` a new value in one step that leaves the other half to whoever
/// writes it.
fn set_half(word: &AtomicU64, half: u32, value: u32) {
    let shift = half * 32;
    let old = (word.load(Ordering::Relaxed) >> shift) as u32;
    word.fetch_xor(u64::from(old ^ value) << shift, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    struct Page(Vec<AtomicU64>);

    impl FrameAccess for Page {
        fn word(&self, _: Mfn, index: usize) -> &AtomicU64 {
            &self.0[index]
        }
    }

    fn page(fill: u64) -> Page {
        Page((0..512).map(|_| AtomicU64::new(fill)).collect())
    }

    fn u32_at(page: &Page, at: usize) -> u32 {
        let mut bytes = [0; 4];
        page.read_bytes(Mfn::new(0), at, &mut bytes);
        u32::from_le_bytes(bytes)
    }

    #[test]
    fn both_layouts_touch_their_fields_only() {
        for (layout, at, hi) in [
            (SharedInfoLayout::Bits64, 3072, 3084),
            (SharedInfoLayout::Bits32, 2304, 2340),
        ] {
            let page = page(0x5a5a_5a5a_5a5a_5a5a);
            let wc = Wallclock::set(0x3_1234_5678, 42, Nanos::ZERO);
            wc.publish(&page, Mfn::new(0), layout);
            assert_eq!(u32_at(&page, at), 0x5a5a_5a5c);
            assert_eq!(u32_at(&page, at + 4), 0x1234_5678);
            assert_eq!(u32_at(&page, at + 8), 42);
            assert_eq!(u32_at(&page, hi), 3);
            let others = (0..1024)
                .map(|i| i * 4)
                .filter(|o| ![at, at + 4, at + 8, hi].contains(o));
            for other in others {
                assert_eq!(u32_at(&page, other), 0x5a5a_5a5a);
            }
        }
    }

    proptest! {
        #![proptest_config(crate::proptest_config())]

        #[test]
        fn set_then_read_is_the_same(at in 0u64..1 << 58, after in 10u64..1 << 40,
                                     nsec in 0u64..NANOS_PER_SEC, later in 0u64..1 << 58) {
            let sec = at / NANOS_PER_SEC + after;
            let wc = Wallclock::set(sec, nsec, Nanos(at));
            prop_assert_eq!(wc.at(Nanos(at)), (sec, nsec as u32));
            let (s, n) = wc.at(Nanos(at + later));
            let total = u128::from(sec) * 1_000_000_000 + u128::from(nsec) + u128::from(later);
            prop_assert_eq!(u128::from(s) * 1_000_000_000 + u128::from(n), total);
            prop_assert_eq!(wc.with_offset(-5).at(Nanos(at)), (sec - 5, nsec as u32));
        }

        #[test]
        fn any_setting_is_legal(sec: u64, nsec: u64, at: u64, offset: i64, then: u64) {
            let wc = Wallclock::set(sec, nsec, Nanos(at)).with_offset(offset);
            prop_assert!(wc.at(Nanos(then)).1 < 1_000_000_000);
        }
    }
}
