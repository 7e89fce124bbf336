//! Zstandard (RFC 8878).
//!
//! The one decoder here with a window of its own, up to the size of the output: the crate
//! for it decodes to a ring buffer and hands out what has left the window.

use alloc::vec::Vec;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder, errors::FrameDecoderError};

use super::{Cause, Failure};

/// Bytes decoded between two moves to the output.
const BATCH: usize = 1 << 20;
/// The largest window that any packer's level uses: `--ultra -22`, which kernels' build scripts
/// pass, on a stream of unknown length. The decoder's buffer grows with what is decoded, not to
/// the window declared, so the output's limit bounds it all the same.
const MAX_WINDOW: u64 = 128 << 20;

/// Bytes of the magic.
const MAGIC: usize = 4;

/// The size that the frame header declares, if it does (RFC 8878, section 3.1.1.1).
pub(super) fn declared_size(bytes: &[u8]) -> Result<Option<u64>, Failure> {
    let truncated = || Failure::at(Cause::Truncated, bytes.len());
    let descriptor = *bytes.get(MAGIC).ok_or_else(truncated)?;
    let single_segment = descriptor & 0x20 != 0;
    let window = usize::from(!single_segment);
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let (size, bias) = match descriptor >> 6 {
        0 if !single_segment => return Ok(None),
        0 => (1, 0),
        1 => (2, 256),
        2 => (4, 0),
        _ => (8, 0),
    };
    let field = bytes.get(MAGIC + 1 + window + dictionary..);
    let field = field.and_then(|field| field.get(..size));
    let field = field.ok_or_else(truncated)?;
    let value = field.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b));
    value
        .checked_add(bias)
        .map(Some)
        .ok_or(Failure::at(Cause::FrameHeader, MAGIC))
}

/// Decodes `bytes` onto the end of `out`, at most `limit` bytes.
pub(super) fn decode(bytes: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), Failure> {
    let mut source = bytes;
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size((limit as u64).max(MAX_WINDOW));
    decoder
        .init(&mut source)
        .map_err(|e| Failure::at(cause(&e), 0))?;
    let mut decoded = 0usize;
    loop {
        let at = bytes.len() - source.len();
        // What has been decoded at the least; most of it may be in the window yet.
        if decoded > limit {
            return Err(Failure::at(Cause::Overflow, at));
        }
        let batch = BlockDecodingStrategy::UptoBytes(BATCH);
        let finished = decoder.decode_blocks(&mut source, batch);
        let finished = finished.map_err(|e| Failure::at(cause(&e), at))?;
        decoded = decoded.saturating_add(BATCH);
        let ready = decoder.can_collect();
        let start = out.len();
        if ready > limit - start {
            return Err(Failure::at(Cause::Overflow, at));
        }
        if ready > out.capacity() - start {
            // Twice as much as before, but never more than the limit.
            let bytes = (2 * start).clamp(start + ready, limit) - start;
            if out.try_reserve_exact(bytes).is_err() {
                return Err(Failure::at(Cause::OutOfMemory { bytes }, at));
            }
        }
        out.resize(start + ready, 0);
        let to = out.get_mut(start..).unwrap_or_default();
        let read = ruzstd::io::Read::read_exact(&mut decoder, to);
        read.map_err(|_| Failure::at(Cause::Block, at))?;
        if finished {
            break;
        }
    }
    let end = bytes.len() - source.len();
    if let (Some(stored), Some(computed)) = (
        decoder.get_checksum_from_data(),
        decoder.get_calculated_checksum(),
    ) && stored != computed
    {
        let (stored, computed) = (u64::from(stored), u64::from(computed));
        return Err(Failure::at(Cause::Checksum { stored, computed }, end));
    }
    match source.len() {
        0 => Ok(()),
        more => Err(Failure::at(Cause::TrailingBytes(more), end)),
    }
}

fn cause(error: &FrameDecoderError) -> Cause {
    match error {
        FrameDecoderError::ReadFrameHeaderError(_)
        | FrameDecoderError::FrameHeaderError(_)
        | FrameDecoderError::WindowSizeTooBig { .. }
        | FrameDecoderError::DictNotProvided { .. } => Cause::FrameHeader,
        FrameDecoderError::FailedToReadChecksum(_) => Cause::Truncated,
        _ => Cause::Block,
    }
}
