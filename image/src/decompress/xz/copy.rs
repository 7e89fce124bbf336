//! Copying a match within the output.
//!
//! The mean match is a dozen bytes: too short for a call to `memcpy`, which on the bare target is
//! three `rep` instructions. So short matches go 16 bytes a step, overshooting their end by up
//! to 15 bytes that the next symbols write over anyway; long ones and the end of the buffer take
//! the exact way.

/// Bytes a step; also how far a copy may overshoot.
const STEP: usize = 16;
/// From this length on a library copy pays.
const LONG: usize = 128;

/// Copies `len` bytes from `distance` bytes before `pos` to `pos`, as if byte by byte: where the
/// ranges overlap, the copy repeats what it wrote. Bytes of `out` after the copy may be changed,
/// up to [`STEP`] of them. Without effect where `distance` is 0 or reaches before the buffer, or
/// the copy does not fit.
#[inline(always)]
pub(super) fn copy_match(out: &mut [u8], pos: usize, distance: usize, len: usize) {
    let source = pos.wrapping_sub(distance);
    if len <= LONG
        && distance >= STEP
        && let Some(window) = out.get_mut(source..pos + len + STEP)
    {
        let mut at = 0;
        while at < len
            && let Some((from, to)) = step(window, at, distance)
        {
            *to = from;
            at += STEP;
        }
    } else {
        exact(out, source, pos, len);
    }
}

/// The 16 bytes at `at`, and where they go.
#[inline(always)]
fn step(window: &mut [u8], at: usize, distance: usize) -> Option<([u8; STEP], &mut [u8; STEP])> {
    let from = *window.get(at..)?.first_chunk::<STEP>()?;
    let to = window.get_mut(at + distance..)?.first_chunk_mut::<STEP>()?;
    Some((from, to))
}

/// Copies without overshoot.
#[inline(never)]
fn exact(out: &mut [u8], source: usize, pos: usize, len: usize) {
    let distance = pos.wrapping_sub(source);
    let Some(window) = out.get_mut(source..pos + len) else {
        return;
    };
    if distance == 1 {
        if let Some((&mut byte, rest)) = window.split_first_mut() {
            rest.fill(byte);
        }
        return;
    }
    // Each round doubles what has been repeated.
    let mut have = distance;
    while have < window.len() {
        let (from, to) = window.split_at_mut(have);
        let n = from.len().min(to.len());
        to[..n].copy_from_slice(&from[..n]);
        have += n;
    }
}
