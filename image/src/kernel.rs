//! What the notes and the segments amount to: a kernel that can be started.
//!
//! A PV kernel runs at the virtual addresses it chose: the segment with load address `paddr`
//! goes to `paddr - paddr_offset + virt_base` (`elfnote.h`; the ELF file's own virtual addresses
//! don't count). A PVH kernel starts unpaged at its load addresses. One file can be both.

use alloc::string::String;
use alloc::vec::Vec;

use abi::elfnote::{XEN_ELFNOTE_ENTRY, XEN_ELFNOTE_HYPERCALL_PAGE, XEN_ELFNOTE_PHYS32_ENTRY};
use abi::features::XENFEAT_DOM0;

use crate::features::Features;
use crate::notes::{NoteError, NoteType, Notes};
use crate::segments::{KernelElf, Segment};

/// First address of the hypervisor's part of a PV guest's address space (`xen-x86_64.h`).
pub const HOLE_START: u64 = 0xffff_8000_0000_0000;
/// Address after it.
pub const HOLE_END: u64 = 0xffff_8800_0000_0000;
/// First address after the lower half.
const LOWER_END: u64 = 0x0000_8000_0000_0000;
/// Bytes of a page.
const PAGE: u64 = 4096;
/// The interface version that kernels name; it has been this since Xen 3.0.
const XEN_VERSION: &str = "xen-3.0";
/// The loader that kernels name.
const LOADER: &str = "generic";

/// A kernel to be started as a 64-bit PV guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PvKernel {
    /// Virtual address of pseudo-physical address 0 (`VIRT_BASE`).
    pub virt_base: u64,
    /// Virtual address of the first instruction (`ENTRY`).
    pub virt_entry: u64,
    /// Virtual address of the page to fill with hypercall stubs (`HYPERCALL_PAGE`).
    pub virt_hypercall: Option<u64>,
    /// What the file's load addresses exceed pseudo-physical ones by (`PADDR_OFFSET`).
    pub elf_paddr_offset: u64,
    /// Virtual address of the first byte of the first segment.
    pub virt_start: u64,
    /// Virtual address after the last byte of the last segment.
    pub virt_end: u64,
    /// Virtual address at which the kernel wants its p2m list, outside of the initial mapping
    /// (`INIT_P2M`); without it the list follows the kernel.
    pub p2m_base: Option<u64>,
    /// Lowest address at which the kernel lets the hypervisor begin (`HV_START_LOW`).
    pub hv_start_low: Option<u64>,
    /// Features required and supported (`FEATURES`, `SUPPORTED_FEATURES`).
    pub features: Features,
    /// True if the kernel said by number which features it supports. Only then does the lack
    /// of a bit tell anything.
    pub features_by_number: bool,
    /// The RAM disk may be left out of the initial mapping and passed as a frame number
    /// (`MOD_START_PFN`).
    pub mod_start_pfn: bool,
    /// A suspend may be cancelled (`SUSPEND_CANCEL`).
    pub suspend_cancel: bool,
    /// Masks and values by which L1 entries that hold a frame are known (`L1_MFN_VALID`).
    pub l1_mfn_valid: Vec<(u64, u64)>,
    /// The symbol table is wanted after the kernel (`BSD_SYMTAB`).
    pub bsd_symtab: bool,
    /// `PAE_MODE`, as it is; without meaning for a 64-bit kernel.
    pub pae_mode: Option<String>,
    /// `GUEST_OS`, as it is.
    pub guest_os: Option<String>,
    /// `GUEST_VERSION`, as it is.
    pub guest_version: Option<String>,
}

impl PvKernel {
    pub(crate) fn new(elf: &KernelElf<'_>, notes: &Notes) -> Result<Self, NoteError> {
        check_identity(notes)?;
        if notes.entry.is_none() && notes.phys32_entry.is_some() {
            return Err(NoteError::NoEntry);
        }
        if notes.paddr_offset.is_some() && notes.virt_base.is_none() {
            return Err(NoteError::OffsetWithoutBase);
        }
        let virt_base = notes.virt_base.unwrap_or(0);
        // Kernels with the legacy string have virtual addresses for load addresses.
        let default_offset = if notes.legacy { virt_base } else { 0 };
        let elf_paddr_offset = notes.paddr_offset.unwrap_or(default_offset);
        let virtual_of = |paddr: u64| paddr.wrapping_sub(elf_paddr_offset).wrapping_add(virt_base);

        let (paddr_start, paddr_end) = extent(&elf.segments);
        let (start, end) = (virtual_of(paddr_start), virtual_of(paddr_end));
        if !mappable(start, end) {
            return Err(NoteError::VirtualRange { start, end });
        }
        if start < virt_base {
            return Err(NoteError::BelowBase {
                start,
                base: virt_base,
            });
        }
        let virt_entry = notes.entry.unwrap_or(elf.entry);
        let inside = |note, address: u64, size: u64| {
            let last = address.checked_add(size);
            if address >= start && last.is_some_and(|last| last <= end) {
                return Ok(());
            }
            Err(NoteError::OutOfBounds {
                note: NoteType(note),
                address,
                start,
                end,
            })
        };
        inside(XEN_ELFNOTE_ENTRY, virt_entry, 1)?;
        if let Some(page) = notes.hypercall_page {
            if page % PAGE != 0 {
                return Err(NoteError::Unaligned { address: page });
            }
            inside(XEN_ELFNOTE_HYPERCALL_PAGE, page, PAGE)?;
        }
        if let Some(base) = notes.init_p2m
            && ((base >= start && base < end) || !mappable(base, base.saturating_add(PAGE)))
        {
            return Err(NoteError::P2mBase { base });
        }
        if let Some(low) = notes.hv_start_low
            && low > HOLE_START
        {
            return Err(NoteError::HoleStart { start: low });
        }
        let is_set = |number: Option<u64>| number.is_some_and(|n| n != 0);
        Ok(Self {
            virt_base,
            virt_entry,
            virt_hypercall: notes.hypercall_page,
            elf_paddr_offset,
            virt_start: start,
            virt_end: end,
            p2m_base: notes.init_p2m,
            hv_start_low: notes.hv_start_low,
            features: notes.features,
            features_by_number: notes.features_by_number(),
            mod_start_pfn: is_set(notes.mod_start_pfn),
            suspend_cancel: is_set(notes.suspend_cancel),
            l1_mfn_valid: notes.l1_mfn_valid.clone(),
            bsd_symtab: notes.bsd_symtab.as_deref() == Some("yes"),
            pae_mode: notes.pae_mode.clone(),
            guest_os: notes.guest_os.clone(),
            guest_version: notes.guest_version.clone(),
        })
    }

    /// The virtual address at which the kernel expects `segment`'s first byte.
    pub fn virt_of(&self, segment: &Segment) -> u64 {
        self.pseudo_physical_of(segment)
            .wrapping_add(self.virt_base)
    }

    /// The pseudo-physical address of `segment`'s first byte.
    pub fn pseudo_physical_of(&self, segment: &Segment) -> u64 {
        segment.paddr.wrapping_sub(self.elf_paddr_offset)
    }

    /// False if the kernel says that it can't be dom0 (`features.h`: one that lists its features
    /// by number has to list `XENFEAT_dom0`).
    pub fn may_be_dom0(&self) -> bool {
        !self.features_by_number || self.features.supports(XENFEAT_DOM0)
    }
}

/// A kernel to be started as a PVH guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PvhKernel {
    /// Physical address of the first instruction, entered in 32-bit mode without paging
    /// (`PHYS32_ENTRY`).
    pub entry: u32,
    /// First load address.
    pub start: u64,
    /// Load address after the last byte, at most 4 GiB.
    pub end: u64,
    /// Features required and supported (`FEATURES`, `SUPPORTED_FEATURES`).
    pub features: Features,
    /// `GUEST_OS`, as it is.
    pub guest_os: Option<String>,
}

impl PvhKernel {
    pub(crate) fn new(elf: &KernelElf<'_>, notes: &Notes) -> Result<Self, NoteError> {
        let address = notes.phys32_entry.ok_or(NoteError::NoPhys32Entry)?;
        let (start, end) = extent(&elf.segments);
        if end > 1 << 32 {
            return Err(NoteError::Above4G { end });
        }
        match u32::try_from(address) {
            Ok(entry) if address >= start && address < end => Ok(Self {
                entry,
                start,
                end,
                features: notes.features,
                guest_os: notes.guest_os.clone(),
            }),
            _ => Err(NoteError::OutOfBounds {
                note: NoteType(XEN_ELFNOTE_PHYS32_ENTRY),
                address,
                start,
                end,
            }),
        }
    }
}

/// The load addresses of the first byte and after the last; segments are in order.
fn extent(segments: &[Segment]) -> (u64, u64) {
    let start = segments.first().map_or(0, |segment| segment.paddr);
    let end = segments.last().map_or(0, Segment::end);
    (start, end)
}

/// True if a guest may map all of `start..end`: in one half, and out of the hypervisor's hole.
fn mappable(start: u64, end: u64) -> bool {
    start < end && (end <= LOWER_END || start >= HOLE_END)
}

fn check_identity(notes: &Notes) -> Result<(), NoteError> {
    if let Some(version) = notes.xen_version.as_deref()
        && version != XEN_VERSION
    {
        return Err(NoteError::XenVersion(version.into()));
    }
    match notes.loader.as_deref() {
        Some(loader) if loader != LOADER => Err(NoteError::Loader(loader.into())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappable_ranges() {
        assert!(mappable(0, LOWER_END));
        assert!(mappable(0xffff_ffff_8100_0000, u64::MAX));
        assert!(mappable(HOLE_END, HOLE_END + 1));
        assert!(!mappable(0, LOWER_END + 1));
        assert!(!mappable(HOLE_END - 1, HOLE_END + 1));
        assert!(!mappable(HOLE_START, HOLE_START + 1));
        assert!(!mappable(u64::MAX - 1, 1));
        assert!(!mappable(5, 5));
    }
}
