//! Where port entries are kept: buckets that are added as ports are needed.
//!
//! A domain may have 131,072 ports and most have a dozen. Buckets keep the common case small, never
//! move an entry, and never ask the heap for more than a few kilobytes at once.

use alloc::vec::Vec;

use crate::error::Error;
use crate::port::{Entry, PortState};

const BUCKET_SHIFT: u32 = 7;
const BUCKET: usize = 1 << BUCKET_SHIFT;

/// Port number to entry.
pub(crate) struct Slots {
    /// Each of exactly [`BUCKET`] entries.
    buckets: Vec<Vec<Entry>>,
    /// No port below is free.
    lowest_free: u32,
}

impl Slots {
    /// A table with room for the first ports, port 0 reserved.
    pub(crate) fn new() -> Result<Self, Error> {
        let mut slots = Self {
            buckets: Vec::new(),
            lowest_free: 1,
        };
        slots.grow()?;
        if let Some(zero) = slots.get_mut(0) {
            zero.state = PortState::Reserved;
        }
        Ok(slots)
    }

    #[inline]
    pub(crate) fn get(&self, port: u32) -> Option<&Entry> {
        self.buckets
            .get((port >> BUCKET_SHIFT) as usize)?
            .get(port as usize % BUCKET)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, port: u32) -> Option<&mut Entry> {
        self.buckets
            .get_mut((port >> BUCKET_SHIFT) as usize)?
            .get_mut(port as usize % BUCKET)
    }

    /// Number of entries, free ones included.
    pub(crate) fn len(&self) -> u32 {
        (self.buckets.len() << BUCKET_SHIFT) as u32
    }

    /// The lowest free port below `limit` that isn't `busy`, adding entries as needed.
    pub(crate) fn find_free(
        &mut self,
        limit: u32,
        busy: impl Fn(u32) -> bool,
    ) -> Result<u32, Error> {
        let mut port = self.lowest_free;
        while port < limit {
            match self.get(port) {
                None => self.grow()?,
                Some(entry) if entry.is_free() => {
                    if !busy(port) {
                        return Ok(port);
                    }
                    port += 1;
                }
                Some(_) => {
                    if port == self.lowest_free {
                        self.lowest_free += 1;
                    }
                    port += 1;
                }
            }
        }
        Err(Error::NoFreePort)
    }

    /// Frees `port`.
    pub(crate) fn close(&mut self, port: u32) {
        if let Some(entry) = self.get_mut(port) {
            entry.close();
            self.lowest_free = self.lowest_free.min(port);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Entry)> {
        (0..).zip(self.buckets.iter().flatten())
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut Entry)> {
        (0..).zip(self.buckets.iter_mut().flatten())
    }

    fn grow(&mut self) -> Result<(), Error> {
        self.buckets.try_reserve(1).map_err(|_| Error::NoMemory)?;
        let mut bucket = Vec::new();
        bucket
            .try_reserve_exact(BUCKET)
            .map_err(|_| Error::NoMemory)?;
        bucket.resize(BUCKET, Entry::FREE);
        self.buckets.push(bucket);
        Ok(())
    }
}
