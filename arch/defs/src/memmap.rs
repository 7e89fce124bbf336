//! The machine's memory map, made sane.
//!
//! Firmware maps come with overlaps, holes, empty and wrapping entries, in any order. [`MemoryMap`]
//! takes them one by one and keeps a sorted list of disjoint regions in which, where two entries
//! claim the same bytes, the more cautious one wins: memory that anybody calls reserved is never
//! handed out as RAM.

use arrayvec::ArrayVec;

/// What a region is for. The order is the order of caution: later kinds win overlaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Usable memory (E820 type 1).
    Ram,
    /// Memory that was RAM until the hypervisor took it: its image, tables and boot modules.
    Taken,
    /// Holds ACPI tables; usable once they have been read (type 3).
    AcpiReclaimable,
    /// ACPI non-volatile storage (type 4).
    AcpiNvs,
    /// EFI runtime services code or data.
    EfiRuntime,
    /// Anything else that answers (type 2 and unknown types).
    Reserved,
    /// Broken memory (type 5).
    Unusable,
}

impl Kind {
    /// From an E820 type; unknown types are reserved.
    pub const fn from_e820(kind: u32) -> Self {
        match kind {
            1 => Self::Ram,
            3 => Self::AcpiReclaimable,
            4 => Self::AcpiNvs,
            5 => Self::Unusable,
            _ => Self::Reserved,
        }
    }

    /// As an E820 type, which is what `XENMEM_machine_memory_map` reports.
    pub const fn to_e820(self) -> u32 {
        match self {
            Self::Ram | Self::Taken => 1,
            Self::Reserved | Self::EfiRuntime => 2,
            Self::AcpiReclaimable => 3,
            Self::AcpiNvs => 4,
            Self::Unusable => 5,
        }
    }

    /// From a UEFI memory descriptor type (UEFI specification, `EFI_MEMORY_TYPE`). Loader and boot
    /// services memory is free once boot services have ended.
    pub const fn from_efi(kind: u32) -> Self {
        match kind {
            1..=4 | 7 => Self::Ram,
            5 | 6 => Self::EfiRuntime,
            8 => Self::Unusable,
            9 => Self::AcpiReclaimable,
            10 => Self::AcpiNvs,
            _ => Self::Reserved,
        }
    }
}

/// Bytes `start..end` of machine addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// First byte.
    pub start: u64,
    /// First byte behind.
    pub end: u64,
    /// What it is.
    pub kind: Kind,
}

/// Most regions kept. Firmware maps have a few dozen.
pub const MAX_REGIONS: usize = 320;

/// Highest machine address + 1 that the processor can name (52 bits).
const LIMIT: u64 = 1 << 52;

/// Why an entry could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapError {
    /// The entry is empty or ends beyond the address space: `(start, length)`.
    Senseless(u64, u64),
    /// More than [`MAX_REGIONS`] regions.
    Full,
}

/// Sorted, disjoint regions.
#[derive(Clone, Default)]
pub struct MemoryMap {
    regions: ArrayVec<Region, MAX_REGIONS>,
}

impl MemoryMap {
    /// No memory.
    pub const fn new() -> Self {
        Self {
            regions: ArrayVec::new_const(),
        }
    }

    /// Adds an entry of `len` bytes from `start`.
    pub fn add(&mut self, start: u64, len: u64, kind: Kind) -> Result<(), MapError> {
        let end = start
            .checked_add(len)
            .filter(|end| len > 0 && *end <= LIMIT)
            .ok_or(MapError::Senseless(start, len))?;
        self.paint(start, end, Some(kind), |old| {
            old.is_none_or(|old| old < kind)
        })
    }

    /// Takes what is RAM in `start..end` for the hypervisor.
    pub fn take(&mut self, start: u64, end: u64) -> Result<(), MapError> {
        self.paint(start, end, Some(Kind::Taken), |old| old == Some(Kind::Ram))
    }

    /// Cuts RAM at and above `limit` away.
    pub fn truncate_ram(&mut self, limit: u64) -> Result<(), MapError> {
        self.paint(limit, LIMIT, None, |old| old == Some(Kind::Ram))
    }

    /// Replaces the kind of every piece of `start..end` whose old kind `wins` accepts.
    fn paint(
        &mut self,
        start: u64,
        end: u64,
        kind: Option<Kind>,
        wins: impl Fn(Option<Kind>) -> bool,
    ) -> Result<(), MapError> {
        let mut edges: ArrayVec<u64, { 2 * MAX_REGIONS + 2 }> = ArrayVec::new();
        edges.extend([start, end]);
        for region in &self.regions {
            edges.extend([region.start, region.end]);
        }
        edges.sort_unstable();
        let mut out: ArrayVec<Region, MAX_REGIONS> = ArrayVec::new();
        for (a, b) in edges
            .iter()
            .copied()
            .zip(edges.iter().copied().skip(1))
            .filter(|(a, b)| a < b)
        {
            let old = self.kind_at(a);
            let painted = start <= a && b <= end && wins(old);
            let Some(kind) = (if painted { kind } else { old }) else {
                continue;
            };
            match out.last_mut() {
                Some(last) if last.end == a && last.kind == kind => last.end = b,
                _ => out
                    .try_push(Region {
                        start: a,
                        end: b,
                        kind,
                    })
                    .map_err(|_| MapError::Full)?,
            }
        }
        self.regions = out;
        Ok(())
    }

    /// The regions in rising order.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The RAM regions, shrunk to whole pages.
    pub fn ram_pages(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.regions
            .iter()
            .filter(|r| r.kind == Kind::Ram)
            .map(|r| (r.start.div_ceil(4096), r.end / 4096))
            .filter(|(a, b)| a < b)
    }

    /// RAM and taken RAM as ranges of frames, rounded outwards.
    pub fn memory_frames(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.regions
            .iter()
            .filter(|r| r.kind <= Kind::Taken)
            .map(|r| (r.start / 4096, r.end.div_ceil(4096)))
    }

    /// What the byte at `addr` is, or `None` in a hole.
    pub fn kind_at(&self, addr: u64) -> Option<Kind> {
        self.regions
            .iter()
            .find(|r| r.start <= addr && addr < r.end)
            .map(|r| r.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(n: u8) -> Kind {
        [
            Kind::Ram,
            Kind::AcpiReclaimable,
            Kind::AcpiNvs,
            Kind::EfiRuntime,
            Kind::Reserved,
            Kind::Unusable,
            Kind::Taken,
        ][n as usize % 7]
    }

    proptest! {
        #[test]
        fn agrees_with_a_byte_by_byte_map(
            entries in proptest::collection::vec((0u64..64, 0u64..24, 0u8..7), 0..20),
            cut in 0u64..90,
            hold in (0u64..64, 1u64..16),
        ) {
            let mut map = MemoryMap::new();
            let mut model = [None::<Kind>; 96];
            for (start, len, k) in entries {
                let result = map.add(start, len, kind(k));
                prop_assert_eq!(result.is_ok(), len > 0);
                for slot in &mut model[start as usize..(start + len) as usize] {
                    *slot = Some(slot.map_or(kind(k), |old| old.max(kind(k))));
                }
            }
            map.truncate_ram(cut).unwrap();
            for slot in &mut model[cut as usize..] {
                if *slot == Some(Kind::Ram) { *slot = None; }
            }
            map.take(hold.0, hold.0 + hold.1).unwrap();
            for slot in &mut model[hold.0 as usize..(hold.0 + hold.1) as usize] {
                if *slot == Some(Kind::Ram) { *slot = Some(Kind::Taken); }
            }
            for (addr, want) in model.iter().enumerate() {
                prop_assert_eq!(map.kind_at(addr as u64), *want, "at {}", addr);
            }
            for pair in map.regions().windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
                prop_assert!(pair[0].end != pair[1].start || pair[0].kind != pair[1].kind);
            }
        }
    }

    #[test]
    fn senseless_entries_are_refused_and_change_nothing() {
        let mut map = MemoryMap::new();
        map.add(0, 0x1000, Kind::Ram).unwrap();
        for (start, len) in [(5, 0), (u64::MAX, 2), (1 << 52, 1), (0, u64::MAX)] {
            assert_eq!(
                map.add(start, len, Kind::Ram),
                Err(MapError::Senseless(start, len))
            );
        }
        assert_eq!(
            map.regions(),
            [Region {
                start: 0,
                end: 0x1000,
                kind: Kind::Ram
            }]
        );
    }
}
