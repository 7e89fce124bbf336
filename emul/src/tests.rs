//! Tests of whole instructions. Those against real hardware are in `tests/hardware.rs`.

mod access;
mod arbitrary;
mod privileged;

/// How many cases property tests run: `least`, or what `XENOLITH_PROPTEST_CASES` says.
pub fn cases(least: u32) -> u32 {
    option_env!("XENOLITH_PROPTEST_CASES")
        .and_then(|v| v.parse().ok())
        .unwrap_or(least)
}
