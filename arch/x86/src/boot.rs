//! What GRUB hands over, in our own words.
//!
//! Boot code maps the first 4 GiB and calls the binary's entry, which calls [`collect`] first of all. The boot
//! information stays where GRUB put it; everything that is needed later is copied or kept as a
//! machine address whose memory is taken from the map.

use core::arch::global_asm;

use arch_defs::layout;
use arch_defs::memmap::{Kind, MapError, MemoryMap};
use arrayvec::{ArrayString, ArrayVec};
use multiboot2::{BootInformation, BootInformationHeader, ElfSectionsTag, FramebufferTag};
use spin::Mutex;

global_asm!(include_str!("boot.s"), boot_rust = sym boot_rust);

unsafe extern "C" {
    fn boot_rust(mbi: u32, load: u32) -> !;
    static image_start: u8;
    static image_end: u8;
}

/// A boot module: bytes that GRUB loaded, and the string behind its file name.
#[derive(Clone, Copy, Debug)]
pub struct Module {
    /// Machine address of the first byte.
    pub start: u64,
    /// Length in bytes.
    pub len: u64,
    /// Machine address and length of its command line.
    cmdline: (u64, usize),
}

impl Module {
    /// The module's bytes.
    pub fn bytes(&self) -> &'static [u8] {
        // SAFETY: GRUB's module memory was taken from the map and nobody writes it.
        unsafe { crate::mem::ram_slice(units::MAddr::new(self.start), self.len as usize) }
    }

    /// The command line that followed the file name.
    pub fn cmdline(&self) -> &'static str {
        // SAFETY: part of the boot information, taken from the map and never written.
        let bytes =
            unsafe { crate::mem::ram_slice(units::MAddr::new(self.cmdline.0), self.cmdline.1) };
        core::str::from_utf8(bytes).unwrap_or("")
    }
}

/// A linear framebuffer, or EGA text.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Framebuffer {
    pub address: u64,
    pub pitch: u32,
    pub width: u32,
    pub height: u32,
    pub bpp: u8,
    /// True for EGA text mode (`width` and `height` in characters).
    pub text: bool,
    /// Position and size in bits of red, green, blue.
    pub rgb: [(u8, u8); 3],
}

/// EFI facts for dom0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Efi {
    /// Machine address of the 64-bit system table.
    pub system_table: u64,
    /// Machine address, length in bytes, and descriptor size of the memory map.
    pub memory_map: (u64, u32, u32),
    /// Version of the memory map's descriptors.
    pub memory_map_version: u32,
}

/// The parts of the EFI system table that stay valid (UEFI specification 2.10, 4.3 `EFI_SYSTEM_TABLE`).
#[derive(Clone, Copy, Debug)]
pub struct EfiSystemTable {
    /// Revision of the table, which is the specification's version.
    pub revision: u32,
    /// Revision of the runtime services table.
    pub runtime_revision: u32,
    /// The vendor's revision of the firmware.
    pub firmware_revision: u32,
    /// The vendor's name in UTF-16, cut, zero-terminated.
    pub vendor: [u16; 64],
    /// Machine address of the configuration tables.
    pub tables: u64,
    /// How many there are.
    pub count: u32,
}

impl Efi {
    /// Reads the system table. `None` where there isn't one. Only once there are final page tables.
    pub fn system_table(&self) -> Option<EfiSystemTable> {
        const SIGNATURE: &[u8] = b"IBI SYST";
        let table: [u8; 120] = firmware_bytes(self.system_table)?;
        let u32_at = |t: &[u8], at: usize| Some(u32::from_le_bytes(*t.get(at..)?.first_chunk()?));
        let u64_at = |at: usize| Some(u64::from_le_bytes(*table.get(at..)?.first_chunk()?));
        if !table.starts_with(SIGNATURE) {
            return None;
        }
        let mut vendor = [0; 64];
        let name: [u8; 126] = u64_at(24).and_then(firmware_bytes).unwrap_or([0; 126]);
        let chars = name
            .chunks_exact(2)
            .map(|c| u16::from(c[0]) | u16::from(c[1]) << 8);
        for (to, from) in vendor.iter_mut().zip(chars.take_while(|c| *c != 0)) {
            *to = from;
        }
        let runtime: Option<[u8; 24]> = u64_at(88).and_then(firmware_bytes);
        Some(EfiSystemTable {
            revision: u32_at(&table, 8)?,
            runtime_revision: runtime.and_then(|r| u32_at(&r, 8)).unwrap_or(0),
            firmware_revision: u32_at(&table, 32)?,
            vendor,
            tables: u64_at(112)?,
            count: u64_at(104)?.try_into().ok()?,
        })
    }
}

/// A copy of firmware memory; `None` for the null pointer.
fn firmware_bytes<const N: usize>(addr: u64) -> Option<[u8; N]> {
    if addr == 0 {
        return None;
    }
    let from = crate::mem::map_firmware(units::MAddr::new(addr), N)?;
    let mut bytes = [0; N];
    // SAFETY: just mapped for reading; firmware doesn't run at the same time.
    unsafe { core::ptr::copy_nonoverlapping(from.as_ptr(), bytes.as_mut_ptr(), N) };
    Some(bytes)
}

/// Most modules that are kept.
pub const MAX_MODULES: usize = 16;

/// Everything from the boot loader.
#[derive(Default)]
pub struct BootInfo {
    /// The hypervisor's command line, without the file name. Cut at 4 KiB.
    pub cmdline: ArrayString<4096>,
    /// Bytes of command line that were cut.
    pub cmdline_cut: usize,
    /// Boot loader's name.
    pub loader: ArrayString<64>,
    /// Modules in order.
    pub modules: ArrayVec<Module, MAX_MODULES>,
    /// Modules beyond [`MAX_MODULES`].
    pub modules_dropped: usize,
    /// The screen, if the loader set one up.
    pub framebuffer: Option<Framebuffer>,
    /// The ACPI root pointer structure as the loader copied it, and its length.
    pub rsdp: Option<([u8; 36], usize)>,
    /// Present where firmware is EFI.
    pub efi: Option<Efi>,
    /// Symbol and string tables of the hypervisor image: `(address, length)` each.
    pub symtab: Option<((u64, u64), (u64, u64))>,
    /// Senseless memory map entries that were skipped.
    pub map_errors: ArrayVec<MapError, 16>,
    /// Machine address of the image.
    pub load: u64,
}

/// The memory map that everybody takes from until the frame allocator runs.
pub static MEMORY: Mutex<MemoryMap> = Mutex::new(MemoryMap::new());
/// The map as firmware gave it, for dom0.
pub static FIRMWARE_MAP: Mutex<MemoryMap> = Mutex::new(MemoryMap::new());

/// Reads the boot information at machine address `mbi`.
///
/// # Safety
/// Once, from the entry that boot code called with these values.
pub unsafe fn collect(mbi: u32, load: u32, info: &mut BootInfo) {
    let at = |addr: u64| (layout::DIRECT_MAP + addr) as *const u8;
    info.load = load.into();
    // SAFETY: boot code checked the loader's magic, so `mbi` is the boot information.
    let Ok(boot) =
        (unsafe { BootInformation::load(at(mbi.into()).cast::<BootInformationHeader>()) })
    else {
        return;
    };

    let mut map = MemoryMap::new();
    let mut add = |start, len, kind, errors: &mut ArrayVec<MapError, 16>| {
        if let Err(e) = map.add(start, len, kind) {
            let _ = errors.try_push(e);
        }
    };
    if let Some(tag) = boot.memory_map_tag() {
        for area in tag.memory_areas() {
            add(
                area.start_address(),
                area.size(),
                Kind::from_e820(u32::from(area.typ())),
                &mut info.map_errors,
            );
        }
    }
    let mut efi = Efi::default();
    if let Some(tag) = boot.efi_memory_map_tag() {
        // The EFI map is the truth where there is one: GRUB's E820 is made from it and calls runtime services reserved.
        for d in tag.memory_areas() {
            add(
                d.phys_start,
                d.page_count.saturating_mul(4096),
                Kind::from_efi(d.ty.0),
                &mut info.map_errors,
            );
        }
        let first = core::ptr::from_ref(tag) as *const u8 as u64 - layout::DIRECT_MAP;
        // SAFETY: inside the tag: type, size, descriptor size, descriptor version.
        let words = unsafe { *at(first).cast::<[u32; 4]>() };
        efi.memory_map = (first + 16, words[1].saturating_sub(16), words[2]);
        efi.memory_map_version = words[3];
    }
    if let Some(tag) = boot.efi_sdt64_tag() {
        efi.system_table = tag.sdt_address() as u64;
        info.efi = Some(efi);
    }
    *FIRMWARE_MAP.lock() = map.clone();

    let image = (&raw const image_end) as u64 - (&raw const image_start) as u64;
    let mut take = |start: u64, end: u64| {
        let _ = map.take(start & !0xfff, end.next_multiple_of(4096));
    };
    take(info.load, info.load + image);
    take(mbi.into(), u64::from(mbi) + boot.total_size() as u64);
    for module in boot.module_tags() {
        let (start, end) = (
            u64::from(module.start_address()),
            u64::from(module.end_address()),
        );
        let text = module.cmdline().unwrap_or("");
        let entry = Module {
            start,
            len: end.saturating_sub(start),
            cmdline: (text.as_ptr() as u64 - layout::DIRECT_MAP, text.len()),
        };
        take(start, end.max(start));
        if info.modules.try_push(entry).is_err() {
            info.modules_dropped += 1;
        }
    }
    if let Some(tag) = boot.elf_sections_tag() {
        for s in tag.sections().filter(loaded_by_grub) {
            take(s.sh_addr, s.sh_addr + s.sh_size);
        }
        info.symtab = symbol_tables(tag);
    }
    *MEMORY.lock() = map;

    if let Some(text) = boot.command_line_tag().and_then(|t| t.cmdline().ok()) {
        let mut end = text.len().min(info.cmdline.capacity());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        info.cmdline_cut = text.len() - end;
        info.cmdline.push_str(&text[..end]);
    }
    if let Some(text) = boot.boot_loader_name_tag().and_then(|t| t.name().ok()) {
        let _ = info
            .loader
            .try_push_str(text.get(..text.len().min(64)).unwrap_or(""));
    }
    if let Some(Ok(tag)) = boot.framebuffer_tag() {
        info.framebuffer = Some(framebuffer(tag));
    }
    let rsdp = boot
        .rsdp_v2_tag()
        .map(|t| (core::ptr::from_ref(t) as *const u8, 36))
        .or_else(|| {
            boot.rsdp_v1_tag()
                .map(|t| (core::ptr::from_ref(t) as *const u8, 20))
        });
    if let Some((tag, len)) = rsdp {
        let mut bytes = [0; 36];
        // SAFETY: the structure follows the 8-byte tag header.
        unsafe { core::ptr::copy_nonoverlapping(tag.add(8), bytes.as_mut_ptr(), len) };
        info.rsdp = Some((bytes, len));
    }
}

fn framebuffer(tag: &FramebufferTag) -> Framebuffer {
    use multiboot2::FramebufferType;
    let mut fb = Framebuffer {
        address: tag.address(),
        pitch: tag.pitch(),
        width: tag.width(),
        height: tag.height(),
        bpp: tag.bpp(),
        text: false,
        rgb: [(16, 8), (8, 8), (0, 8)],
    };
    match tag.buffer_type() {
        Ok(FramebufferType::Text) => fb.text = true,
        Ok(FramebufferType::RGB { red, green, blue }) => {
            fb.rgb = [
                (red.position, red.size),
                (green.position, green.size),
                (blue.position, blue.size),
            ];
        }
        _ => {}
    }
    fb
}

/// GRUB loads sections that belong to no segment below 4 GiB and notes where.
fn loaded_by_grub(s: &elf::section::SectionHeader) -> bool {
    s.sh_addr != 0 && s.sh_addr < 1 << 32 && s.sh_size > 0 && s.sh_size < 1 << 32
}

/// The loaded symbol table and the string table it refers to.
fn symbol_tables(tag: &ElfSectionsTag) -> Option<((u64, u64), (u64, u64))> {
    let symbols = tag
        .sections()
        .find(|s| s.sh_type == elf::abi::SHT_SYMTAB && loaded_by_grub(s))?;
    let strings = tag
        .sections()
        .nth(symbols.sh_link as usize)
        .filter(loaded_by_grub)?;
    Some((
        (symbols.sh_addr, symbols.sh_size),
        (strings.sh_addr, strings.sh_size),
    ))
}
