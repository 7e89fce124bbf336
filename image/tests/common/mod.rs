//! Makes small kernels and modules for the tests, good and bad.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::Write;

use lzma_rust2::{CheckType, FilterType, LzmaOptions, XzOptions, XzWriter};

/// Cases of a property test: few by default, more on demand.
pub fn cases(default: u32) -> proptest::prelude::ProptestConfig {
    let asked = std::env::var("XENOLITH_PROPTEST_CASES");
    let cases = asked.ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    proptest::prelude::ProptestConfig {
        cases,
        failure_persistence: None,
        ..Default::default()
    }
}

/// Types of notes (`elfnote.h`).
pub mod note {
    pub const ENTRY: u32 = 1;
    pub const HYPERCALL_PAGE: u32 = 2;
    pub const VIRT_BASE: u32 = 3;
    pub const PADDR_OFFSET: u32 = 4;
    pub const XEN_VERSION: u32 = 5;
    pub const GUEST_OS: u32 = 6;
    pub const LOADER: u32 = 8;
    pub const FEATURES: u32 = 10;
    pub const BSD_SYMTAB: u32 = 11;
    pub const HV_START_LOW: u32 = 12;
    pub const L1_MFN_VALID: u32 = 13;
    pub const SUSPEND_CANCEL: u32 = 14;
    pub const INIT_P2M: u32 = 15;
    pub const MOD_START_PFN: u32 = 16;
    pub const SUPPORTED_FEATURES: u32 = 17;
    pub const PHYS32_ENTRY: u32 = 18;
}

/// Where the made kernels run.
pub const VIRT_BASE: u64 = 0xffff_ffff_8000_0000;
/// Load address of the made kernels' first segment.
pub const PADDR: u64 = 0x100_0000;
/// Memory of the made kernels' only segment, of which half is in the file.
pub const MEMSZ: u64 = 0x4000;

/// One program header.
#[derive(Clone)]
pub struct Phdr {
    pub kind: u32,
    pub flags: u32,
    pub offset: u64,
    pub vaddr: u64,
    pub paddr: u64,
    pub filesz: u64,
    pub memsz: u64,
}

/// An ELF file in the making.
#[derive(Clone)]
pub struct Elf {
    pub class: u8,
    pub machine: u16,
    pub kind: u16,
    pub entry: u64,
    /// Headers of the loadable segments. Their offsets count from the end of all headers.
    pub loads: Vec<Phdr>,
    /// Contents of the segments.
    pub contents: Vec<u8>,
    /// Contents of the note segment or section.
    pub notes: Vec<u8>,
    /// Put the notes in a section, not in a segment.
    pub notes_in_section: bool,
    /// Contents of a section `__xen_guest`.
    pub legacy: Option<String>,
}

/// One note as bytes.
pub fn note_bytes(owner: &[u8], kind: u32, contents: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [owner.len() as u32, contents.len() as u32, kind] {
        bytes.extend(word.to_le_bytes());
    }
    for part in [owner, contents] {
        bytes.extend(part);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

pub const LOAD: u32 = 1;

impl Elf {
    /// A file with one segment and no notes.
    pub fn bare() -> Self {
        let contents: Vec<u8> = (0..MEMSZ / 2).map(|n| (n * 7 + n / 256) as u8).collect();
        Self {
            class: 2,
            machine: 62,
            kind: 2,
            entry: PADDR,
            loads: vec![Phdr {
                kind: LOAD,
                flags: 7,
                offset: 0,
                vaddr: VIRT_BASE + PADDR,
                paddr: PADDR,
                filesz: contents.len() as u64,
                memsz: MEMSZ,
            }],
            contents,
            notes: Vec::new(),
            notes_in_section: false,
            legacy: None,
        }
    }

    /// A file like Linux', for PV and PVH.
    pub fn linux() -> Self {
        Self::bare()
            .text(note::GUEST_OS, "linux")
            .text(note::XEN_VERSION, "xen-3.0")
            .number(note::VIRT_BASE, VIRT_BASE)
            .number(note::INIT_P2M, 0x80_0000_0000)
            .number(note::ENTRY, VIRT_BASE + PADDR + 0x1c0)
            .text(note::FEATURES, "!writable_page_tables|pae_pgdir_above_4gb")
            .note(note::SUPPORTED_FEATURES, &0x8801u32.to_le_bytes())
            .text(note::LOADER, "generic")
            .note(
                note::L1_MFN_VALID,
                &[1u64.to_le_bytes(), 1u64.to_le_bytes()].concat(),
            )
            .note(note::SUSPEND_CANCEL, &1u32.to_le_bytes())
            .note(note::MOD_START_PFN, &1u32.to_le_bytes())
            .number(note::HV_START_LOW, 0xffff_8000_0000_0000)
            .number(note::PHYS32_ENTRY, PADDR + 0x850)
    }

    pub fn note(mut self, kind: u32, contents: &[u8]) -> Self {
        self.notes.extend(note_bytes(b"Xen\0", kind, contents));
        self
    }

    pub fn number(self, kind: u32, value: u64) -> Self {
        self.note(kind, &value.to_le_bytes())
    }

    pub fn text(self, kind: u32, text: &str) -> Self {
        self.note(kind, format!("{text}\0").as_bytes())
    }

    pub fn build(&self) -> Vec<u8> {
        const EHDR: usize = 64;
        const PHDR: usize = 56;
        let in_segment = !self.notes.is_empty() && !self.notes_in_section;
        let phnum = self.loads.len() + usize::from(in_segment);
        let headers = EHDR + phnum * PHDR;

        let names = b"\0.shstrtab\0.notes\0__xen_guest\0";
        let mut data = self.contents.clone();
        let mut place = |bytes: &[u8]| {
            data.resize(data.len().next_multiple_of(8), 0);
            let at = headers + data.len();
            data.extend(bytes);
            (at as u64, bytes.len() as u64)
        };
        let notes = place(&self.notes);
        let legacy = place(self.legacy.as_deref().unwrap_or_default().as_bytes());
        let names = place(names);
        data.resize(data.len().next_multiple_of(8), 0);
        let shoff = headers + data.len();

        let mut sections = vec![(0u32, 0u32, (0, 0)), (1, 3, names)];
        if self.notes_in_section {
            sections.push((11, 7, notes));
        }
        if self.legacy.is_some() {
            sections.push((18, 1, legacy));
        }

        let mut file = vec![0x7f, b'E', b'L', b'F', self.class, 1, 1];
        file.resize(16, 0);
        let put = |file: &mut Vec<u8>, size: usize, value: u64| {
            file.extend(&value.to_le_bytes()[..size]);
        };
        for (size, value) in [
            (2, u64::from(self.kind)),
            (2, u64::from(self.machine)),
            (4, 1),
            (8, self.entry),
            (8, EHDR as u64),
            (8, shoff as u64),
            (4, 0),
            (2, EHDR as u64),
            (2, PHDR as u64),
            (2, phnum as u64),
            (2, 64),
            (2, sections.len() as u64),
            (2, 1),
        ] {
            put(&mut file, size, value);
        }
        let mut phdrs = self.loads.clone();
        for phdr in &mut phdrs {
            phdr.offset = phdr.offset.wrapping_add(headers as u64);
        }
        if in_segment {
            phdrs.push(Phdr {
                kind: 4,
                flags: 4,
                offset: notes.0,
                vaddr: 0,
                paddr: 0,
                filesz: notes.1,
                memsz: notes.1,
            });
        }
        for p in &phdrs {
            put(&mut file, 4, u64::from(p.kind));
            put(&mut file, 4, u64::from(p.flags));
            for value in [p.offset, p.vaddr, p.paddr, p.filesz, p.memsz, 4] {
                put(&mut file, 8, value);
            }
        }
        file.extend(data);
        for (name, kind, (offset, size)) in sections {
            for (width, value) in [
                (4, u64::from(name)),
                (4, u64::from(kind)),
                (8, 0),
                (8, 0),
                (8, offset),
                (8, size),
                (8, 0),
                (8, 1),
                (8, 0),
            ] {
                put(&mut file, width, value);
            }
        }
        file
    }
}

/// xz as the kernel's build script calls it: x86 filter, CRC32.
pub fn xz(data: &[u8]) -> Vec<u8> {
    let mut options = xz_options(1, 3, 0, 2, CheckType::Crc32);
    options.prepend_pre_filter(FilterType::BcjX86, 0);
    xz_with(data, options)
}

pub fn xz_with(data: &[u8], options: XzOptions) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(data).unwrap();
    writer.finish().unwrap()
}

/// Options of unusual parameters.
pub fn xz_options(preset: u32, lc: u32, lp: u32, pb: u32, check: CheckType) -> XzOptions {
    let mut options = XzOptions::with_preset(preset);
    options.lzma_options = LzmaOptions {
        lc,
        lp,
        pb,
        // The encoder's time in a debug build goes by the dictionary's size.
        dict_size: 1 << 16,
        ..LzmaOptions::with_preset(preset)
    };
    options.set_check_sum_type(check);
    options
}

pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3];
    file.extend(miniz_oxide::deflate::compress_to_vec(data, 6));
    file.extend(crc32fast::hash(data).to_le_bytes());
    file.extend((data.len() as u32).to_le_bytes());
    file
}

pub fn zstd(data: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
}

pub fn lz4(data: &[u8]) -> Vec<u8> {
    let mut file = vec![2, 0x21, 0x4c, 0x18];
    for block in data.chunks(8 << 20) {
        let packed = lz4_flex::block::compress(block);
        file.extend((packed.len() as u32).to_le_bytes());
        file.extend(packed);
    }
    file
}

/// Sectors of a made bzImage's setup, after the boot sector.
pub const SETUP_SECTS: u8 = 3;
/// Where a made bzImage's payload is in its second part.
pub const PAYLOAD_OFFSET: usize = 0x40;
/// Offset of a made bzImage's payload.
pub const PAYLOAD_AT: usize = (SETUP_SECTS as usize + 1) * 512 + PAYLOAD_OFFSET;

/// A bzImage around a payload that has its size appended where it should.
pub fn bzimage_of(payload: &[u8]) -> Vec<u8> {
    let mut file = vec![0u8; PAYLOAD_AT];
    file[0x1f1] = SETUP_SECTS;
    file[0x1fe..0x200].copy_from_slice(&[0x55, 0xaa]);
    file[0x202..0x206].copy_from_slice(b"HdrS");
    file[0x206..0x208].copy_from_slice(&0x020fu16.to_le_bytes());
    file[0x248..0x24c].copy_from_slice(&(PAYLOAD_OFFSET as u32).to_le_bytes());
    file[0x24c..0x250].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    file.extend(payload);
    // The rest of the decompressor.
    file.extend([0x90; 64]);
    file
}

/// A packer and what it is called.
pub type Packer = (&'static str, fn(&[u8]) -> Vec<u8>);

/// All packers there are.
pub const PACKERS: [Packer; 4] = [("gzip", gzip), ("xz", xz), ("zstd", zstd), ("lz4", lz4)];

/// `data` packed as a kernel's build script does it, with the size appended where it should.
pub fn payload((name, pack): Packer, data: &[u8]) -> Vec<u8> {
    let mut packed = pack(data);
    if name != "gzip" {
        packed.extend((data.len() as u32).to_le_bytes());
    }
    packed
}
