//! LZ4 in its legacy frame: a magic, then blocks of 8 MiB unpacked (the last may be less), each
//! behind its packed size. No block refers to another, nothing is checked, and nothing says how
//! much there is: that is why a kernel's build script appends the size.

use lz4_flex::block::decompress_into;

use super::{Cause, Failure};

/// 0x184c2102, little-endian.
pub(super) const MAGIC: &[u8; 4] = b"\x02\x21\x4c\x18";
/// Unpacked size of every block but the last.
const BLOCK: usize = 8 << 20;

/// The block at `at`, and where the next one is. `None` at the end.
fn block(bytes: &[u8], at: usize) -> Result<Option<(&[u8], usize)>, Failure> {
    let truncated = Failure::at(Cause::Truncated, bytes.len());
    let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else {
        return Ok(None);
    };
    let Some((size, rest)) = rest.split_first_chunk::<4>() else {
        return Err(truncated);
    };
    let size = u32::from_le_bytes(*size) as usize;
    let packed = rest.get(..size).ok_or(truncated)?;
    Ok(Some((packed, at + 4 + size)))
}

/// An upper bound of the unpacked size.
pub(super) fn most(bytes: &[u8]) -> Result<usize, Failure> {
    let mut at = MAGIC.len();
    let mut most = 0usize;
    while let Some((packed, next)) = block(bytes, at)? {
        // LZ4 packs at most 255 bytes in one.
        most = most.saturating_add(packed.len().saturating_mul(255).min(BLOCK));
        at = next;
    }
    Ok(most)
}

/// Decodes `bytes` to the start of `out`, and answers how many bytes there are.
pub(super) fn decode(bytes: &[u8], out: &mut [u8]) -> Result<usize, Failure> {
    let mut at = MAGIC.len();
    let mut written = 0;
    while let Some((packed, next)) = block(bytes, at)? {
        let left = out.get_mut(written..).unwrap_or_default();
        let room = left.len().min(BLOCK);
        let to = left.get_mut(..room).unwrap_or_default();
        let n = decompress_into(packed, to);
        written += n.map_err(|_| Failure::at(Cause::Lz4Block, at))?;
        at = next;
    }
    Ok(written)
}
