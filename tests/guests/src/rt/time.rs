//! System time by the pvclock protocol (`struct vcpu_time_info`, `xen.h`).

use super::shared;
use core::arch::x86_64::_rdtsc;

pub fn tsc() -> u64 {
    // SAFETY: RDTSC has no preconditions; if it is trapped, the hypervisor emulates it.
    unsafe { _rdtsc() }
}

/// A TSC delta in nanoseconds by a record's scale.
pub fn scale(delta: u64, t: &shared::TimeInfo) -> u64 {
    let shifted = if t.shift < 0 {
        delta >> -t.shift
    } else {
        delta << t.shift
    };
    ((u128::from(shifted) * u128::from(t.mul)) >> 32) as u64
}

/// System time in nanoseconds.
pub fn now() -> u64 {
    let t = shared::time_info();
    t.system_time + scale(tsc().wrapping_sub(t.tsc_timestamp), &t)
}

/// A TSC delta in nanoseconds.
pub fn tsc_to_ns(delta: u64) -> u64 {
    scale(delta, &shared::time_info())
}

/// Spins for `ns` or until `done`; answers whether `done` came true.
pub fn wait(ns: u64, mut done: impl FnMut() -> bool) -> bool {
    let start = now();
    while now() - start < ns {
        if done() {
            return true;
        }
        core::hint::spin_loop();
    }
    done()
}
