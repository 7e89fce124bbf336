//! Tests of whole instructions. Those against real hardware are in `tests/hardware.rs`.

extern crate std;

mod access;
mod arbitrary;
mod privileged;

/// How many cases property tests run: `least`, or what `XENOLITH_PROPTEST_CASES` says.
pub fn cases(least: u32) -> u32 {
    std::env::var("XENOLITH_PROPTEST_CASES")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(least)
}
