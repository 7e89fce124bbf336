//! The checksums of the containers.
//!
//! Sixteen tables each: a byte then takes about two instructions, and a kernel has 60 million.

use crc::{CRC_32_ISO_HDLC, CRC_64_XZ, Crc, Table};

/// CRC32 as in xz, gzip and Ethernet.
pub(crate) static CRC32: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
/// CRC64 as in xz.
pub(crate) static CRC64: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);
