//! Publishing the clock to a vCPU: `vcpu_time_info` and its version protocol (`xen.h`).
//!
//! The guest reads without locks: version, fields, version again, and starts over if the version
//! was odd or has changed. So the writer makes the version odd *before* it touches a field and even
//! *after* the last one; the fence in between and the release at the end pair with the guest's read
//! barriers. A torn read would hand the guest a mix of two clocks: a jump of arbitrary size.
//!
//! Only the processor that runs the vCPU (or nobody else at that moment) may publish: two
//! writers at once would cancel each other's odd phase. The page belongs to the guest, which may
//! scribble on it; nothing read from it is used except the version, of which any value will do.

use core::mem::offset_of;
use core::sync::atomic::{Ordering, fence};

use abi::xen::{VcpuInfo, VcpuTimeInfo};
use units::{FrameAccess, Mfn, Nanos};

use crate::pvclock::{TscClock, TscScale};

/// Offset of `vcpu_time_info` in `vcpu_info`, in bytes; the same for 32- and 64-bit guests.
pub const TIME_INFO_IN_VCPU_INFO: usize = offset_of!(VcpuInfo, time);

/// What `vcpu_time_info` says, without its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeInfo {
    /// TSC as the guest reads it, at the origin.
    pub tsc_timestamp: u64,
    /// System time at the origin.
    pub system_time: Nanos,
    /// `tsc_to_system_mul`.
    pub mul: u32,
    /// `tsc_shift`.
    pub shift: i8,
    /// `XEN_PVCLOCK_*`.
    pub flags: u8,
}

impl TimeInfo {
    /// What a guest whose TSC is the host's plus `tsc_offset` (wrapping) needs to read `clock`.
    pub const fn new(clock: &TscClock, tsc_offset: u64, flags: u8) -> Self {
        Self::with_scale(
            clock.scale(),
            clock.tsc_origin().wrapping_add(tsc_offset),
            clock.ns_origin(),
            flags,
        )
    }

    /// The same for a guest whose TSC runs at a rate of its own: `scale` of that rate, and one
    /// moment in both reckonings.
    pub const fn with_scale(scale: TscScale, tsc: u64, at: Nanos, flags: u8) -> Self {
        Self {
            tsc_timestamp: tsc,
            system_time: at,
            mul: scale.mul(),
            shift: scale.shift(),
            flags,
        }
    }

    /// The structure with an even `version`, for copies that go to a guest virtual address
    /// (`VCPUOP_register_vcpu_time_memory_area`).
    pub const fn to_abi(&self, version: u32) -> VcpuTimeInfo {
        VcpuTimeInfo {
            version: version & !1,
            _pad0: 0,
            tsc_timestamp: self.tsc_timestamp,
            system_time: self.system_time.0,
            tsc_to_system_mul: self.mul,
            tsc_shift: self.shift,
            flags: self.flags,
            _pad1: [0; 2],
        }
    }

    /// Writes the structure to byte `offset` (a multiple of 8, at most 4064; anything else does
    /// nothing) of `frame`. Where the guest already has exactly this, nothing is written.
    #[inline]
    pub fn publish(&self, mem: &impl FrameAccess, frame: Mfn, offset: usize) {
        if !offset.is_multiple_of(8) || offset > units::PAGE_SIZE - size_of::<VcpuTimeInfo>() {
            return;
        }
        let first = offset / 8;
        let (tsc, time) = (self.tsc_timestamp, self.system_time.0);
        let factors =
            u64::from(self.mul) | u64::from(self.shift as u8) << 32 | u64::from(self.flags) << 40;
        let head = mem.word(frame, first);
        let old = head.load(Ordering::Relaxed) as u32;
        let same = |i, value| mem.word(frame, first + i).load(Ordering::Relaxed) == value;
        if old & 1 == 0 && old != 0 && same(1, tsc) && same(2, time) && same(3, factors) {
            return;
        }
        let odd = old | 1;
        head.store(u64::from(odd), Ordering::Relaxed);
        fence(Ordering::Release);
        mem.word(frame, first + 1).store(tsc, Ordering::Relaxed);
        mem.word(frame, first + 2).store(time, Ordering::Relaxed);
        mem.word(frame, first + 3).store(factors, Ordering::Relaxed);
        head.store(u64::from(odd.wrapping_add(1)), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use abi::xen::XEN_PVCLOCK_TSC_STABLE_BIT;
    use core::sync::atomic::AtomicU64;
    use std::sync::atomic::AtomicBool;
    use std::vec::Vec;

    struct Page(Vec<AtomicU64>);

    impl Page {
        fn new() -> Self {
            Self((0..513).map(|_| AtomicU64::new(0)).collect())
        }
    }

    impl FrameAccess for Page {
        fn word(&self, _: Mfn, index: usize) -> &AtomicU64 {
            self.0.get(index).unwrap_or(&self.0[512])
        }
    }

    fn info(n: u64) -> TimeInfo {
        TimeInfo {
            tsc_timestamp: n,
            system_time: Nanos(n),
            mul: n as u32,
            shift: -1,
            flags: XEN_PVCLOCK_TSC_STABLE_BIT,
        }
    }

    #[test]
    fn layout_is_the_headers() {
        let page = Page::new();
        let clock = TscClock::new(3_000_000_000, 0x1111, Nanos(0x2222)).unwrap();
        TimeInfo::new(&clock, 0x10, XEN_PVCLOCK_TSC_STABLE_BIT).publish(&page, Mfn::new(0), 32);
        let mut bytes = [0; 32];
        page.read_bytes(Mfn::new(0), 32, &mut bytes);
        assert_eq!(bytes[0..4], 2u32.to_le_bytes());
        assert_eq!(bytes[8..16], 0x1121u64.to_le_bytes());
        assert_eq!(bytes[16..24], 0x2222u64.to_le_bytes());
        assert_eq!(bytes[24..28], clock.scale().mul().to_le_bytes());
        assert_eq!(bytes[28], clock.scale().shift() as u8);
        assert_eq!(bytes[29..32], [1, 0, 0]);
        let abi = TimeInfo::new(&clock, 0x10, XEN_PVCLOCK_TSC_STABLE_BIT).to_abi(3);
        assert_eq!((abi.version, abi.tsc_timestamp), (2, 0x1121));
        assert_eq!((abi.system_time, abi.flags), (0x2222, 1));
    }

    #[test]
    fn version_advances_only_with_content_and_heals() {
        let page = Page::new();
        let version = || page.word(Mfn::new(0), 4).load(Ordering::Relaxed) as u32;
        info(1).publish(&page, Mfn::new(0), 32);
        info(1).publish(&page, Mfn::new(0), 32);
        assert_eq!(version(), 2);
        info(2).publish(&page, Mfn::new(0), 32);
        assert_eq!(version(), 4);
        page.word(Mfn::new(0), 4).store(u64::MAX, Ordering::Relaxed);
        info(2).publish(&page, Mfn::new(0), 32);
        assert_eq!(version() & 1, 0);
        // Out of range or misaligned: untouched memory.
        let before: Vec<u64> = page.0.iter().map(|w| w.load(Ordering::Relaxed)).collect();
        info(3).publish(&page, Mfn::new(0), 4072);
        info(3).publish(&page, Mfn::new(0), 33);
        let after: Vec<u64> = page.0.iter().map(|w| w.load(Ordering::Relaxed)).collect();
        assert_eq!(before, after);
    }

    #[test]
    fn a_concurrent_reader_never_sees_a_mix() {
        let page = Page::new();
        let done = AtomicBool::new(false);
        std::thread::scope(|s| {
            let reader = s.spawn(|| {
                let mut seen = 0u64;
                while !done.load(Ordering::Relaxed) {
                    let word = |i| page.word(Mfn::new(0), i);
                    let v1 = word(0).load(Ordering::Acquire) as u32;
                    let (a, b, c) = (
                        word(1).load(Ordering::Relaxed),
                        word(2).load(Ordering::Relaxed),
                        word(3).load(Ordering::Relaxed) & 0xffff_ffff,
                    );
                    fence(Ordering::Acquire);
                    let v2 = word(0).load(Ordering::Relaxed) as u32;
                    if v1 & 1 == 0 && v1 == v2 && v1 != 0 {
                        assert!(a == b && b == c, "torn: {a} {b} {c}");
                        assert!(a >= seen);
                        seen = a;
                    }
                }
                seen
            });
            for n in 1..200_000 {
                info(n).publish(&page, Mfn::new(0), 0);
            }
            done.store(true, Ordering::Relaxed);
            reader.join().unwrap();
        });
    }
}
