//! The checksums of the containers.
//!
//! A kernel has 60 million bytes to check. Both crates work with sixteen tables each; the one for
//! CRC32, which is what kernels are packed with, takes 2.3 instructions a byte, the other 3.9.

use crc::{CRC_64_XZ, Crc, Table};

static CRC64: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// CRC32 as in xz, gzip and Ethernet.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// CRC64 as in xz.
pub(crate) fn crc64(bytes: &[u8]) -> u64 {
    CRC64.checksum(bytes)
}
