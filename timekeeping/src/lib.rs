//! Time for guests and for the hypervisor: TSC scaling, wallclock, timers.
//!
//! Everything here is arithmetic and bookkeeping; who reads the TSC, who programs the one-shot
//! timer and who owns the RTC ports is the mechanism's business.
//!
//! - [`pvclock`]: the factor pair `(mul, shift)` of `vcpu_time_info`, and a clock that reads system
//!   time from the TSC with exactly the arithmetic that guests use.
//! - [`time_info`]: publishing that clock to a vCPU under the version protocol.
//! - [`wallclock`]: the epoch time of system time zero, and publishing it in `shared_info`.
//! - [`cmos`]: what the battery-backed clock says, in seconds since 1970.
//! - [`timer_queue`]: deadlines with slack, ordered.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod cmos;
pub mod pvclock;
pub mod time_info;
pub mod timer_queue;
pub mod wallclock;

pub use cmos::{CmosRegisters, DateTime};
pub use pvclock::{TscClock, TscScale};
pub use time_info::TimeInfo;
pub use timer_queue::{TimerError, TimerId, TimerQueue};
pub use wallclock::{SharedInfoLayout, Wallclock};

/// How many cases property tests try: modest unless `XENOLITH_PROPTEST_CASES` asks for more.
#[cfg(test)]
fn proptest_config() -> proptest::test_runner::Config {
    extern crate std;
    let cases = std::env::var("XENOLITH_PROPTEST_CASES").ok();
    let cases = cases.and_then(|n| n.parse().ok()).unwrap_or(256);
    proptest::test_runner::Config {
        cases,
        failure_persistence: None,
        ..Default::default()
    }
}
