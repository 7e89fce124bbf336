//! The loadable segments of a kernel, checked against each other, the file and the limits.
//!
//! A kernel's program headers say what goes where, in the file's own words: they may point
//! outside the file, wrap around the address space, or pile up on one address. Whatever passes
//! here can be copied to a domain's memory with no further check of the ranges.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use elf::ElfBytes;
use elf::abi::{EM_X86_64, ET_EXEC, PF_W, PF_X, PT_LOAD, PT_NOTE, SHT_NOTE};
use elf::endian::LittleEndian;
use elf::file::Class;

/// Most loadable segments that are looked at; kernels have five.
pub const MAX_SEGMENTS: usize = 64;

/// One piece of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Load address as the file has it, in bytes.
    pub paddr: u64,
    /// Virtual address as the file has it. Linux has 0 here for its per-CPU data: for where a PV
    /// kernel expects a segment see [`PvKernel::virt_of`](crate::PvKernel::virt_of).
    pub vaddr: u64,
    /// Its bytes in the file; no more than `memsz`.
    pub file: Range<usize>,
    /// Bytes in memory; those beyond `file` are zero. Never 0.
    pub memsz: u64,
    /// May be written.
    pub writable: bool,
    /// May be executed.
    pub executable: bool,
}

impl Segment {
    /// The load address after the last byte.
    pub fn end(&self) -> u64 {
        // Checked when the segment was read.
        self.paddr.saturating_add(self.memsz)
    }
}

/// What is wrong with an ELF file.
#[derive(Debug)]
#[non_exhaustive]
pub enum ElfError {
    /// The headers can't be read at all.
    Parse(elf::ParseError),
    /// Not a 64-bit file.
    Class,
    /// Made for another machine than x86-64 (`e_machine`).
    Machine(u16),
    /// Not an executable file (`e_type`).
    Type(u16),
    /// Nothing to load.
    NoSegments,
    /// More segments than [`MAX_SEGMENTS`].
    TooManySegments,
    /// A segment has more bytes in the file than in memory.
    FileSize {
        /// Index of the program header.
        segment: usize,
        /// `p_filesz`.
        filesz: u64,
        /// `p_memsz`.
        memsz: u64,
    },
    /// A segment's bytes are not all in the file.
    FileRange {
        /// Index of the program header.
        segment: usize,
        /// `p_offset`.
        offset: u64,
        /// `p_filesz`.
        filesz: u64,
        /// Bytes of the file.
        size: usize,
    },
    /// A note segment or a section is not all in the file.
    Range {
        /// Offset in the file.
        offset: u64,
        /// Its bytes.
        length: u64,
        /// Bytes of the file.
        size: usize,
    },
    /// A segment's addresses wrap around.
    AddressWraps {
        /// Index of the program header.
        segment: usize,
        /// `p_paddr` or `p_vaddr`.
        address: u64,
        /// `p_memsz`.
        memsz: u64,
    },
    /// Two segments share memory.
    Overlap {
        /// Load address of the one.
        first: u64,
        /// Load address of the other, which is before the end of the first.
        second: u64,
    },
    /// The kernel takes more memory than the limit.
    TooLarge {
        /// Lowest load address.
        start: u64,
        /// Load address after the last byte.
        end: u64,
        /// Most bytes allowed.
        limit: u64,
    },
}

impl fmt::Display for ElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ELF: ")?;
        match self {
            Self::Parse(error) => write!(f, "{error}"),
            Self::Class => f.write_str("not a 64-bit file"),
            Self::Machine(machine) => write!(f, "machine {machine} is not x86-64"),
            Self::Type(kind) => write!(f, "type {kind} is not an executable"),
            Self::NoSegments => f.write_str("no loadable segment"),
            Self::TooManySegments => write!(f, "more than {MAX_SEGMENTS} loadable segments"),
            Self::FileSize {
                segment,
                filesz,
                memsz,
            } => write!(
                f,
                "segment {segment} has {filesz:#x} bytes in the file, but only {memsz:#x} in memory"
            ),
            Self::FileRange {
                segment,
                offset,
                filesz,
                size,
            } => write!(
                f,
                "segment {segment} has {filesz:#x} bytes at offset {offset:#x}, beyond the file's {size:#x}"
            ),
            Self::Range {
                offset,
                length,
                size,
            } => write!(
                f,
                "notes or section of {length:#x} bytes at offset {offset:#x}, beyond the file's {size:#x}"
            ),
            Self::AddressWraps {
                segment,
                address,
                memsz,
            } => write!(
                f,
                "segment {segment} has {memsz:#x} bytes at {address:#x}, where addresses wrap"
            ),
            Self::Overlap { first, second } => write!(
                f,
                "the segment at {second:#x} starts within the segment at {first:#x}"
            ),
            Self::TooLarge { start, end, limit } => write!(
                f,
                "segments from {start:#x} to {end:#x} are above the limit of {limit:#x} bytes"
            ),
        }
    }
}

impl core::error::Error for ElfError {}

/// A kernel's ELF file, its segments checked.
pub(crate) struct KernelElf<'f> {
    /// In order of their load addresses, without overlap, and at least one.
    pub(crate) segments: Vec<Segment>,
    /// `e_entry`.
    pub(crate) entry: u64,
    bytes: &'f [u8],
    elf: ElfBytes<'f, LittleEndian>,
}

impl<'f> KernelElf<'f> {
    /// Reads the headers. The memory from the first to the last segment may be `limit` bytes.
    pub(crate) fn parse(bytes: &'f [u8], limit: u64) -> Result<Self, ElfError> {
        let elf = ElfBytes::<LittleEndian>::minimal_parse(bytes).map_err(ElfError::Parse)?;
        if elf.ehdr.class != Class::ELF64 {
            return Err(ElfError::Class);
        }
        if elf.ehdr.e_machine != EM_X86_64 {
            return Err(ElfError::Machine(elf.ehdr.e_machine));
        }
        if elf.ehdr.e_type != ET_EXEC {
            return Err(ElfError::Type(elf.ehdr.e_type));
        }
        let segments = segments(&elf, bytes.len(), limit)?;
        let entry = elf.ehdr.e_entry;
        Ok(Self {
            segments,
            entry,
            bytes,
            elf,
        })
    }

    /// The contents of the note segments, each with its offset in the file.
    pub(crate) fn note_segments(&self) -> Result<Vec<(usize, &'f [u8])>, ElfError> {
        let headers = self
            .elf
            .segments()
            .into_iter()
            .flat_map(|table| table.iter());
        headers
            .filter(|header| header.p_type == PT_NOTE)
            .take(MAX_SEGMENTS)
            .map(|header| self.slice(header.p_offset, header.p_filesz))
            .collect()
    }

    /// The contents of the note sections, each with its offset in the file.
    pub(crate) fn note_sections(&self) -> Result<Vec<(usize, &'f [u8])>, ElfError> {
        let headers = self
            .elf
            .section_headers()
            .into_iter()
            .flat_map(|table| table.iter());
        headers
            .filter(|header| header.sh_type == SHT_NOTE)
            .take(MAX_SEGMENTS)
            .map(|header| self.slice(header.sh_offset, header.sh_size))
            .collect()
    }

    /// A section's contents by name, with its offset in the file.
    pub(crate) fn section(&self, name: &str) -> Result<Option<(usize, &'f [u8])>, ElfError> {
        match self.elf.section_header_by_name(name) {
            Ok(Some(header)) => self.slice(header.sh_offset, header.sh_size).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(ElfError::Parse(error)),
        }
    }

    fn slice(&self, offset: u64, length: u64) -> Result<(usize, &'f [u8]), ElfError> {
        let size = self.bytes.len();
        let outside = ElfError::Range {
            offset,
            length,
            size,
        };
        let end = offset.checked_add(length).filter(|&end| end <= size as u64);
        let range = offset as usize..end.ok_or(outside)? as usize;
        Ok((range.start, self.bytes.get(range).unwrap_or_default()))
    }
}

fn segments(
    elf: &ElfBytes<'_, LittleEndian>,
    size: usize,
    limit: u64,
) -> Result<Vec<Segment>, ElfError> {
    let headers = elf.segments().ok_or(ElfError::NoSegments)?;
    let mut segments = Vec::new();
    for (index, header) in headers.iter().enumerate() {
        let (filesz, memsz) = (header.p_filesz, header.p_memsz);
        if header.p_type != PT_LOAD || (memsz == 0 && filesz == 0) {
            continue;
        }
        if filesz > memsz {
            return Err(ElfError::FileSize {
                segment: index,
                filesz,
                memsz,
            });
        }
        for address in [header.p_paddr, header.p_vaddr] {
            if address.checked_add(memsz).is_none() {
                return Err(ElfError::AddressWraps {
                    segment: index,
                    address,
                    memsz,
                });
            }
        }
        let end = header.p_offset.checked_add(filesz);
        let Some(end) = end.filter(|&end| end <= size as u64) else {
            return Err(ElfError::FileRange {
                segment: index,
                offset: header.p_offset,
                filesz,
                size,
            });
        };
        if segments.len() == MAX_SEGMENTS {
            return Err(ElfError::TooManySegments);
        }
        segments.push(Segment {
            paddr: header.p_paddr,
            vaddr: header.p_vaddr,
            file: header.p_offset as usize..end as usize,
            memsz,
            writable: header.p_flags & PF_W != 0,
            executable: header.p_flags & PF_X != 0,
        });
    }
    segments.sort_unstable_by_key(|segment| segment.paddr);
    for pair in segments.windows(2) {
        if let [first, second] = pair
            && second.paddr < first.end()
        {
            return Err(ElfError::Overlap {
                first: first.paddr,
                second: second.paddr,
            });
        }
    }
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
        return Err(ElfError::NoSegments);
    };
    let (start, end) = (first.paddr, last.end());
    if end - start > limit {
        return Err(ElfError::TooLarge { start, end, limit });
    }
    Ok(segments)
}
