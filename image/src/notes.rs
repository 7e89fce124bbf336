//! Xen's ELF notes (`elfnote.h`), and the string that old kernels have in their place.
//!
//! A kernel says by notes owned by "Xen" how it wants to be started. They are in the note
//! segments; failing that, in note sections; and before there were notes, one section named
//! `__xen_guest` held a string `NAME=VALUE,NAME=VALUE`. All of them end up in [`Notes`] as they
//! are; what follows from them is the matter of the [`kernel`](crate::kernel) module.
//!
//! The same note twice is no harm if both say the same. If they don't, there is no telling which
//! the kernel's author meant, and starting it by the wrong one fails far from here.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use abi::elfnote::{
    XEN_ELFNOTE_BSD_SYMTAB, XEN_ELFNOTE_ENTRY, XEN_ELFNOTE_FEATURES, XEN_ELFNOTE_GUEST_OS,
    XEN_ELFNOTE_GUEST_VERSION, XEN_ELFNOTE_HV_START_LOW, XEN_ELFNOTE_HYPERCALL_PAGE,
    XEN_ELFNOTE_INFO, XEN_ELFNOTE_INIT_P2M, XEN_ELFNOTE_L1_MFN_VALID, XEN_ELFNOTE_LOADER,
    XEN_ELFNOTE_MAX, XEN_ELFNOTE_MOD_START_PFN, XEN_ELFNOTE_PADDR_OFFSET, XEN_ELFNOTE_PAE_MODE,
    XEN_ELFNOTE_PHYS32_ENTRY, XEN_ELFNOTE_SUPPORTED_FEATURES, XEN_ELFNOTE_SUSPEND_CANCEL,
    XEN_ELFNOTE_VIRT_BASE, XEN_ELFNOTE_XEN_VERSION,
};

use crate::features::Features;
use crate::segments::{ElfError, KernelElf};

/// Owner of the notes, as it is in the file.
const OWNER: &[u8] = b"Xen\0";
/// Sizes of name and contents, and type.
const HEADER: usize = 12;
/// Section of the string that old kernels have.
const LEGACY_SECTION: &str = "__xen_guest";
/// Bytes of a page, in which the legacy string counts.
const PAGE_SHIFT: u32 = 12;

/// Names of the notes, for messages.
const NAMES: [&str; XEN_ELFNOTE_MAX as usize + 1] = [
    "INFO",
    "ENTRY",
    "HYPERCALL_PAGE",
    "VIRT_BASE",
    "PADDR_OFFSET",
    "XEN_VERSION",
    "GUEST_OS",
    "GUEST_VERSION",
    "LOADER",
    "PAE_MODE",
    "FEATURES",
    "BSD_SYMTAB",
    "HV_START_LOW",
    "L1_MFN_VALID",
    "SUSPEND_CANCEL",
    "INIT_P2M",
    "MOD_START_PFN",
    "SUPPORTED_FEATURES",
    "PHYS32_ENTRY",
];

/// A note's type (`XEN_ELFNOTE_*`); displays as its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteType(pub u32);

impl fmt::Display for NoteType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.get(self.0 as usize) {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}

/// What is wrong with a kernel's notes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteError {
    /// There are no notes for Xen, nor the legacy string.
    Missing,
    /// No note says where a PV kernel is entered.
    NoEntry,
    /// No note says where a PVH kernel is entered.
    NoPhys32Entry,
    /// A note runs past the end of its segment or section.
    Malformed {
        /// Offset of the note in the file.
        offset: usize,
    },
    /// A number has neither 4 nor 8 bytes.
    NumberSize {
        /// The note.
        note: NoteType,
        /// Offset of its contents in the file.
        offset: usize,
        /// Its bytes.
        size: usize,
    },
    /// A list of mask and value pairs has no whole number of pairs.
    PairSize {
        /// Offset of the note's contents in the file.
        offset: usize,
        /// Its bytes.
        size: usize,
    },
    /// A string is not text.
    Text {
        /// The note.
        note: NoteType,
        /// Offset of its contents in the file.
        offset: usize,
    },
    /// A note is there twice, with two values.
    Contradiction {
        /// The note.
        note: NoteType,
        /// The one value.
        first: u64,
        /// The other value.
        second: u64,
    },
    /// A note is there twice, with two texts.
    TextContradiction {
        /// The note.
        note: NoteType,
        /// Offset of the second in the file.
        offset: usize,
    },
    /// The legacy string has a number that is none.
    LegacyNumber {
        /// The name before the `=`.
        name: String,
        /// Offset of the string in the file.
        offset: usize,
    },
    /// The kernel requires a feature that is not known here.
    UnknownFeature(String),
    /// The kernel is not for the `generic` loader.
    Loader(String),
    /// The kernel is not for interface version `xen-3.0`.
    XenVersion(String),
    /// `PADDR_OFFSET` makes no sense without `VIRT_BASE`.
    OffsetWithoutBase,
    /// The kernel's addresses wrap around, are not canonical, or lie where the hypervisor is.
    VirtualRange {
        /// First virtual address.
        start: u64,
        /// Virtual address after the last byte.
        end: u64,
    },
    /// The kernel's first byte lies below its `VIRT_BASE`.
    BelowBase {
        /// First virtual address of the kernel.
        start: u64,
        /// `VIRT_BASE`.
        base: u64,
    },
    /// An address that a note gives is outside of the kernel.
    OutOfBounds {
        /// The note.
        note: NoteType,
        /// The address.
        address: u64,
        /// First address of the kernel.
        start: u64,
        /// Address after the kernel's last byte.
        end: u64,
    },
    /// `HYPERCALL_PAGE` is not aligned to a page.
    Unaligned {
        /// The address.
        address: u64,
    },
    /// The p2m list would lie in the kernel, or at an address that can't be mapped.
    P2mBase {
        /// `INIT_P2M`.
        base: u64,
    },
    /// The hypervisor's hole could begin above where it does begin.
    HoleStart {
        /// `HV_START_LOW`.
        start: u64,
    },
    /// A PVH kernel reaches beyond 4 GiB, where its entry can't reach it.
    Above4G {
        /// Load address after the last byte.
        end: u64,
    },
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Xen notes: ")?;
        match self {
            Self::Missing => f.write_str("none, and no __xen_guest section"),
            Self::NoEntry => f.write_str("no ENTRY, so not a PV kernel"),
            Self::NoPhys32Entry => f.write_str("no PHYS32_ENTRY, so not a PVH kernel"),
            Self::Malformed { offset } => {
                write!(
                    f,
                    "note at offset {offset:#x} runs past the end of the notes"
                )
            }
            Self::NumberSize { note, offset, size } => write!(
                f,
                "{note} at offset {offset:#x} has {size} bytes, not 4 or 8"
            ),
            Self::PairSize { offset, size } => write!(
                f,
                "L1_MFN_VALID at offset {offset:#x} has {size} bytes, not pairs of 8 and 8"
            ),
            Self::Text { note, offset } => write!(f, "{note} at offset {offset:#x} is not text"),
            Self::Contradiction {
                note,
                first,
                second,
            } => {
                write!(f, "{note} is both {first:#x} and {second:#x}")
            }
            Self::TextContradiction { note, offset } => {
                write!(f, "{note} at offset {offset:#x} contradicts the one before")
            }
            Self::LegacyNumber { name, offset } => {
                write!(
                    f,
                    "__xen_guest at offset {offset:#x}: {name} is not a number"
                )
            }
            Self::UnknownFeature(name) => write!(f, "required feature {name:?} is not known"),
            Self::Loader(name) => write!(f, "LOADER is {name:?}, not \"generic\""),
            Self::XenVersion(version) => write!(f, "XEN_VERSION is {version:?}, not \"xen-3.0\""),
            Self::OffsetWithoutBase => f.write_str("PADDR_OFFSET without VIRT_BASE"),
            Self::VirtualRange { start, end } => {
                write!(f, "the kernel can't be mapped from {start:#x} to {end:#x}")
            }
            Self::BelowBase { start, base } => {
                write!(
                    f,
                    "the kernel starts at {start:#x} below VIRT_BASE {base:#x}"
                )
            }
            Self::OutOfBounds {
                note,
                address,
                start,
                end,
            } => write!(
                f,
                "{note} {address:#x} is outside of the kernel from {start:#x} to {end:#x}"
            ),
            Self::Unaligned { address } => {
                write!(f, "HYPERCALL_PAGE {address:#x} is not aligned to a page")
            }
            Self::P2mBase { base } => {
                write!(f, "INIT_P2M {base:#x} is in the kernel or can't be mapped")
            }
            Self::HoleStart { start } => {
                write!(f, "HV_START_LOW {start:#x} is above the hypervisor's start")
            }
            Self::Above4G { end } => write!(f, "a PVH kernel may not reach to {end:#x}"),
        }
    }
}

impl core::error::Error for NoteError {}

/// What the notes say.
#[derive(Default)]
pub(crate) struct Notes {
    /// True if this comes from a legacy string, where some defaults differ.
    pub(crate) legacy: bool,
    pub(crate) entry: Option<u64>,
    pub(crate) hypercall_page: Option<u64>,
    pub(crate) virt_base: Option<u64>,
    pub(crate) paddr_offset: Option<u64>,
    pub(crate) init_p2m: Option<u64>,
    pub(crate) hv_start_low: Option<u64>,
    pub(crate) l1_mfn_valid: Vec<(u64, u64)>,
    pub(crate) suspend_cancel: Option<u64>,
    pub(crate) mod_start_pfn: Option<u64>,
    pub(crate) phys32_entry: Option<u64>,
    pub(crate) features: Features,
    pub(crate) xen_version: Option<String>,
    pub(crate) guest_os: Option<String>,
    pub(crate) guest_version: Option<String>,
    pub(crate) loader: Option<String>,
    pub(crate) pae_mode: Option<String>,
    pub(crate) bsd_symtab: Option<String>,
    found: bool,
    supported: Option<u64>,
}

/// Why notes could not be read: they are bad, or the file around them is.
pub(crate) enum Unreadable {
    Elf(ElfError),
    Notes(NoteError),
}

impl From<ElfError> for Unreadable {
    fn from(error: ElfError) -> Self {
        Self::Elf(error)
    }
}

impl From<NoteError> for Unreadable {
    fn from(error: NoteError) -> Self {
        Self::Notes(error)
    }
}

impl Notes {
    /// Reads all there is.
    pub(crate) fn read(elf: &KernelElf<'_>) -> Result<Self, Unreadable> {
        let mut notes = Self::default();
        for (offset, block) in elf.note_segments()? {
            notes.add_block(block, offset)?;
        }
        if !notes.found {
            for (offset, block) in elf.note_sections()? {
                notes.add_block(block, offset)?;
            }
        }
        if !notes.found
            && let Some((offset, section)) = elf.section(LEGACY_SECTION)?
        {
            notes.add_legacy(section, offset)?;
        }
        if notes.found {
            Ok(notes)
        } else {
            Err(NoteError::Missing.into())
        }
    }

    /// True if the supported features are there as a number.
    pub(crate) fn features_by_number(&self) -> bool {
        self.supported.is_some()
    }

    /// Adds the notes of one segment or section, which is at `offset` in the file.
    fn add_block(&mut self, block: &[u8], offset: usize) -> Result<(), NoteError> {
        let mut at = 0;
        while block
            .get(at..)
            .is_some_and(|rest| rest.iter().any(|&b| b != 0))
        {
            let malformed = NoteError::Malformed {
                offset: offset + at,
            };
            let word = |n: usize| {
                let bytes = block.get(at + 4 * n..)?.first_chunk::<4>()?;
                Some(u32::from_le_bytes(*bytes))
            };
            let (Some(name_size), Some(size), Some(kind)) = (word(0), word(1), word(2)) else {
                return Err(malformed);
            };
            let (name_size, size) = (name_size as usize, size as usize);
            let name_at = at + HEADER;
            let contents_at = name_at + name_size.next_multiple_of(4);
            let name = block.get(name_at..name_at + name_size);
            let contents = block.get(contents_at..contents_at + size);
            let (Some(name), Some(contents)) = (name, contents) else {
                return Err(malformed);
            };
            if name == OWNER {
                self.found = true;
                self.add(NoteType(kind), contents, offset + contents_at)?;
            }
            at = contents_at + size.next_multiple_of(4);
        }
        Ok(())
    }

    /// Adds one note, whose contents are at `offset` in the file.
    fn add(&mut self, note: NoteType, contents: &[u8], offset: usize) -> Result<(), NoteError> {
        let numeric = match note.0 {
            XEN_ELFNOTE_ENTRY => Some(&mut self.entry),
            XEN_ELFNOTE_HYPERCALL_PAGE => Some(&mut self.hypercall_page),
            XEN_ELFNOTE_VIRT_BASE => Some(&mut self.virt_base),
            XEN_ELFNOTE_PADDR_OFFSET => Some(&mut self.paddr_offset),
            XEN_ELFNOTE_INIT_P2M => Some(&mut self.init_p2m),
            XEN_ELFNOTE_HV_START_LOW => Some(&mut self.hv_start_low),
            XEN_ELFNOTE_SUSPEND_CANCEL => Some(&mut self.suspend_cancel),
            XEN_ELFNOTE_MOD_START_PFN => Some(&mut self.mod_start_pfn),
            XEN_ELFNOTE_PHYS32_ENTRY => Some(&mut self.phys32_entry),
            XEN_ELFNOTE_SUPPORTED_FEATURES => Some(&mut self.supported),
            _ => None,
        };
        if let Some(slot) = numeric {
            let size = contents.len();
            let value = number(contents).ok_or(NoteError::NumberSize { note, offset, size })?;
            set(slot, value, note)?;
            if note.0 == XEN_ELFNOTE_SUPPORTED_FEATURES {
                // There is one submap of 32 features; more bits are from the future.
                self.features.supported |= value as u32;
            }
            return Ok(());
        }
        match note.0 {
            XEN_ELFNOTE_L1_MFN_VALID => self.add_pairs(contents, offset),
            XEN_ELFNOTE_FEATURES
            | XEN_ELFNOTE_XEN_VERSION
            | XEN_ELFNOTE_GUEST_OS
            | XEN_ELFNOTE_GUEST_VERSION
            | XEN_ELFNOTE_LOADER
            | XEN_ELFNOTE_PAE_MODE
            | XEN_ELFNOTE_BSD_SYMTAB => self.add_text(note, contents, offset),
            // INFO is for people, and what has no number here is from the future.
            XEN_ELFNOTE_INFO.. => Ok(()),
        }
    }

    fn add_pairs(&mut self, contents: &[u8], offset: usize) -> Result<(), NoteError> {
        let (words, rest) = contents.as_chunks::<8>();
        let (pairs, odd) = words.as_chunks::<2>();
        if !rest.is_empty() || !odd.is_empty() {
            let size = contents.len();
            return Err(NoteError::PairSize { offset, size });
        }
        let pairs = pairs
            .iter()
            .map(|[mask, value]| (u64::from_le_bytes(*mask), u64::from_le_bytes(*value)));
        self.l1_mfn_valid.extend(pairs);
        Ok(())
    }

    fn add_text(
        &mut self,
        note: NoteType,
        contents: &[u8],
        offset: usize,
    ) -> Result<(), NoteError> {
        let text = contents.split(|&b| b == 0).next().unwrap_or_default();
        let text = core::str::from_utf8(text).map_err(|_| NoteError::Text { note, offset })?;
        let slot = match note.0 {
            XEN_ELFNOTE_XEN_VERSION => &mut self.xen_version,
            XEN_ELFNOTE_GUEST_OS => &mut self.guest_os,
            XEN_ELFNOTE_GUEST_VERSION => &mut self.guest_version,
            XEN_ELFNOTE_LOADER => &mut self.loader,
            XEN_ELFNOTE_PAE_MODE => &mut self.pae_mode,
            XEN_ELFNOTE_BSD_SYMTAB => &mut self.bsd_symtab,
            _ => {
                let added = self.features.add_list(text);
                return added.map_err(|name| NoteError::UnknownFeature(name.to_owned()));
            }
        };
        if slot.as_deref().is_some_and(|before| before != text) {
            return Err(NoteError::TextContradiction { note, offset });
        }
        *slot = Some(text.to_owned());
        Ok(())
    }

    /// Adds the string of the `__xen_guest` section, which is at `offset` in the file.
    fn add_legacy(&mut self, section: &[u8], offset: usize) -> Result<(), NoteError> {
        self.legacy = true;
        self.found = true;
        let mut hypercall_pfn = None;
        let text = section.split(|&b| b == 0).next().unwrap_or_default();
        for item in text.split(|&b| b == b',') {
            let mut parts = item.splitn(2, |&b| b == b'=');
            let name = parts.next().unwrap_or_default();
            let value = parts.next();
            let number = |note| {
                let parsed = value.and_then(legacy_number);
                let parsed = parsed.ok_or_else(|| NoteError::LegacyNumber {
                    name: String::from_utf8_lossy(name).into_owned(),
                    offset,
                });
                parsed.map(|parsed| (parsed, NoteType(note)))
            };
            let text_note = match name {
                b"VIRT_BASE" => {
                    let (value, note) = number(XEN_ELFNOTE_VIRT_BASE)?;
                    set(&mut self.virt_base, value, note)?;
                    continue;
                }
                b"VIRT_ENTRY" => {
                    let (value, note) = number(XEN_ELFNOTE_ENTRY)?;
                    set(&mut self.entry, value, note)?;
                    continue;
                }
                b"ELF_PADDR_OFFSET" => {
                    let (value, note) = number(XEN_ELFNOTE_PADDR_OFFSET)?;
                    set(&mut self.paddr_offset, value, note)?;
                    continue;
                }
                b"HYPERCALL_PAGE" => {
                    let (value, note) = number(XEN_ELFNOTE_HYPERCALL_PAGE)?;
                    set(&mut hypercall_pfn, value, note)?;
                    continue;
                }
                b"LOADER" => XEN_ELFNOTE_LOADER,
                b"GUEST_OS" => XEN_ELFNOTE_GUEST_OS,
                b"GUEST_VER" => XEN_ELFNOTE_GUEST_VERSION,
                b"XEN_VER" => XEN_ELFNOTE_XEN_VERSION,
                b"PAE" => XEN_ELFNOTE_PAE_MODE,
                b"FEATURES" => XEN_ELFNOTE_FEATURES,
                // Here its presence is the "yes".
                b"BSD_SYMTAB" => {
                    self.add_text(NoteType(XEN_ELFNOTE_BSD_SYMTAB), b"yes", offset)?;
                    continue;
                }
                _ => continue,
            };
            self.add_text(NoteType(text_note), value.unwrap_or_default(), offset)?;
        }
        // The legacy value counts pages from VIRT_BASE, wherever in the string that is.
        self.hypercall_page = hypercall_pfn.map(|pfn: u64| {
            let base = self.virt_base.unwrap_or(0);
            base.wrapping_add(pfn.wrapping_shl(PAGE_SHIFT))
        });
        Ok(())
    }
}

/// A number of 4 or 8 bytes.
fn number(contents: &[u8]) -> Option<u64> {
    if let Ok(bytes) = <[u8; 8]>::try_from(contents) {
        return Some(u64::from_le_bytes(bytes));
    }
    let bytes = <[u8; 4]>::try_from(contents).ok()?;
    Some(u64::from(u32::from_le_bytes(bytes)))
}

/// A number as C writes it, decimal or hexadecimal.
fn legacy_number(text: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(text).ok()?.trim();
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hex {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn set(slot: &mut Option<u64>, value: u64, note: NoteType) -> Result<(), NoteError> {
    match *slot {
        Some(first) if first != value => Err(NoteError::Contradiction {
            note,
            first,
            second: value,
        }),
        _ => {
            *slot = Some(value);
            Ok(())
        }
    }
}
