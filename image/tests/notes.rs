//! Xen's notes: what they come to, and what happens where they are missing or at odds.

mod common;

use common::*;
use image::{ImageError, NoteError, NoteType, PvKernel, PvhKernel, load};

fn pv(elf: &Elf) -> PvKernel {
    load(&elf.build()).unwrap().pv().unwrap().clone()
}

fn pv_error(elf: &Elf) -> NoteError {
    match load(&elf.build()) {
        Ok(loaded) => loaded.pv().unwrap_err().clone(),
        Err(ImageError::Notes(error)) => error,
        Err(other) => panic!("{other}"),
    }
}

fn pvh(elf: &Elf) -> Result<PvhKernel, NoteError> {
    match load(&elf.build()) {
        Ok(loaded) => loaded.pvh().cloned().map_err(Clone::clone),
        Err(ImageError::Notes(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

/// The notes that a PV kernel can't do without.
fn least() -> Elf {
    Elf::bare()
        .number(note::VIRT_BASE, VIRT_BASE)
        .number(note::ENTRY, VIRT_BASE + PADDR)
}

#[test]
fn linux() {
    let elf = Elf::linux();
    let kernel = pv(&elf);
    assert_eq!(kernel.virt_base, VIRT_BASE);
    assert_eq!(kernel.virt_entry, VIRT_BASE + PADDR + 0x1c0);
    assert_eq!(kernel.virt_hypercall, None);
    assert_eq!(kernel.elf_paddr_offset, 0);
    assert_eq!(kernel.virt_start, VIRT_BASE + PADDR);
    assert_eq!(kernel.virt_end, VIRT_BASE + PADDR + MEMSZ);
    assert_eq!(kernel.p2m_base, Some(0x80_0000_0000));
    assert_eq!(kernel.hv_start_low, Some(0xffff_8000_0000_0000));
    assert_eq!(kernel.features.required, 0x1);
    assert_eq!(kernel.features.supported, 0x8811);
    assert!(kernel.mod_start_pfn && kernel.suspend_cancel && kernel.may_be_dom0());
    assert!(!kernel.bsd_symtab);
    assert_eq!(kernel.l1_mfn_valid, [(1, 1)]);
    assert_eq!(kernel.guest_os.as_deref(), Some("linux"));
    let module = elf.build();
    let loaded = load(&module).unwrap();
    assert_eq!(loaded.phys32_entry(), Some(PADDR as u32 + 0x850));
    let segment = &loaded.segments()[0];
    assert_eq!(kernel.virt_of(segment), VIRT_BASE + PADDR);
    assert_eq!(kernel.pseudo_physical_of(segment), PADDR);
}

#[test]
fn segments_go_by_load_address_not_by_virtual() {
    // As Linux has its per-CPU data: virtual address 0.
    let mut elf = Elf::linux();
    let percpu = Phdr {
        vaddr: 0,
        paddr: PADDR + MEMSZ,
        ..elf.loads[0].clone()
    };
    elf.loads.push(percpu);
    let module = elf.build();
    let loaded = load(&module).unwrap();
    let kernel = loaded.pv().unwrap();
    assert_eq!(
        kernel.virt_of(&loaded.segments()[1]),
        VIRT_BASE + PADDR + MEMSZ
    );
    assert_eq!(kernel.virt_end, VIRT_BASE + PADDR + 2 * MEMSZ);
}

#[test]
fn notes_may_be_in_a_section() {
    let elf = Elf {
        notes_in_section: true,
        ..Elf::linux()
    };
    assert_eq!(pv(&elf), pv(&Elf::linux()));
    // Those in segments win: there the section isn't looked at.
    let foreign = note_bytes(b"GNU\0", 3, &[1; 20]);
    let elf = Elf {
        notes: foreign,
        ..Elf::linux()
    };
    assert_eq!(pv_error(&elf), NoteError::Missing);
}

#[test]
fn no_notes_no_kernel() {
    assert_eq!(pv_error(&Elf::bare()), NoteError::Missing);
    let elf = Elf {
        notes_in_section: true,
        notes: vec![0; 32],
        ..Elf::bare()
    };
    assert_eq!(pv_error(&elf), NoteError::Missing);
}

#[test]
fn pv_only_and_pvh_only() {
    assert_eq!(pvh(&least()), Err(NoteError::NoPhys32Entry));
    let elf = Elf::bare().number(note::PHYS32_ENTRY, PADDR + 16);
    assert_eq!(pvh(&elf).unwrap().entry, PADDR as u32 + 16);
    assert_eq!(pv_error(&elf), NoteError::NoEntry);
    // Where neither goes, the error is that of the way that was meant.
    let elf = Elf::bare().number(note::PHYS32_ENTRY, 1);
    assert!(matches!(
        load(&elf.build()),
        Err(ImageError::Notes(NoteError::OutOfBounds {
            note: NoteType(18),
            ..
        }))
    ));
}

#[test]
fn pvh_entry_is_in_the_kernel_below_4g() {
    for address in [0, PADDR - 1, PADDR + MEMSZ, 0x1_0000_0000 + PADDR, u64::MAX] {
        let elf = Elf::bare().number(note::PHYS32_ENTRY, address);
        assert!(
            matches!(pvh(&elf), Err(NoteError::OutOfBounds { .. })),
            "{address:#x}"
        );
    }
    let mut elf = Elf::bare().number(note::PHYS32_ENTRY, 0xffff_f000);
    elf.loads[0].paddr = 0xffff_f000;
    assert_eq!(pvh(&elf), Err(NoteError::Above4G { end: 0x1_0000_3000 }));
}

#[test]
fn contradictions() {
    let kinds = [
        note::ENTRY,
        note::VIRT_BASE,
        note::INIT_P2M,
        note::HV_START_LOW,
        note::SUSPEND_CANCEL,
        note::MOD_START_PFN,
        note::SUPPORTED_FEATURES,
        note::PHYS32_ENTRY,
    ];
    for kind in kinds {
        let elf = Elf::linux().number(kind, 0x1234_5000);
        match pv_error(&elf) {
            NoteError::Contradiction {
                note,
                second: 0x1234_5000,
                ..
            } => assert_eq!(note.0, kind),
            other => panic!("{other}"),
        }
    }
    let elf = Elf::linux().text(note::GUEST_OS, "hurd");
    assert!(matches!(
        pv_error(&elf),
        NoteError::TextContradiction {
            note: NoteType(6),
            ..
        }
    ));
    // To say the same twice is none, in whatever size.
    let elf = Elf::linux()
        .number(note::MOD_START_PFN, 1)
        .text(note::GUEST_OS, "linux");
    assert_eq!(pv(&elf), pv(&Elf::linux()));
    let error = pv_error(&Elf::linux().number(note::VIRT_BASE, 0));
    assert_eq!(
        error.to_string(),
        "Xen notes: VIRT_BASE is both 0xffffffff80000000 and 0x0"
    );
}

#[test]
fn malformed_notes() {
    for size in [0, 3, 5, 7, 9, 16] {
        let elf = least().note(note::INIT_P2M, &vec![1; size]);
        assert!(
            matches!(pv_error(&elf), NoteError::NumberSize { note: NoteType(15), size: s, .. } if s == size)
        );
    }
    for size in [1, 8, 15, 24] {
        let elf = least().note(note::L1_MFN_VALID, &vec![1; size]);
        assert!(matches!(pv_error(&elf), NoteError::PairSize { size: s, .. } if s == size));
    }
    let elf = least().note(note::GUEST_OS, &[0xff, 0xfe, 0]);
    assert!(matches!(
        pv_error(&elf),
        NoteError::Text {
            note: NoteType(6),
            ..
        }
    ));
    // A note longer than its segment, by name and by contents, and a header cut short.
    let start = (64 + 2 * 56 + MEMSZ / 2) as usize;
    for (word, value) in [(0, 0x1000), (1, 0x1000), (0, u32::MAX), (1, u32::MAX)] {
        let mut elf = least();
        let at = elf.notes.len();
        elf.notes.extend(note_bytes(b"Xen\0", 6, b"linux\0"));
        elf.notes[at + 4 * word..][..4].copy_from_slice(&u32::to_le_bytes(value));
        assert_eq!(pv_error(&elf), NoteError::Malformed { offset: start + at });
    }
    let mut elf = least();
    let at = elf.notes.len();
    elf.notes.extend([4, 0, 0, 0, 8, 0, 0, 0]);
    assert_eq!(pv_error(&elf), NoteError::Malformed { offset: start + at });
}

#[test]
fn unknown_notes_are_no_matter() {
    let elf = least()
        .number(99, 5)
        .note(0, b"A=B\0")
        .note(0x7fff_ffff, b"");
    assert_eq!(pv(&elf), pv(&least()));
}

#[test]
fn features() {
    let elf = least().text(note::FEATURES, "!writable_page_tables|dom0|unheard_of");
    let kernel = pv(&elf);
    assert_eq!(
        (kernel.features.required, kernel.features.supported),
        (1, 0x801)
    );
    let elf = least().text(note::FEATURES, "!unheard_of");
    assert_eq!(
        pv_error(&elf),
        NoteError::UnknownFeature("unheard_of".into())
    );
    // A kernel that lists features by number has to list dom0 to become it.
    assert!(pv(&least()).may_be_dom0());
    assert!(!pv(&least().number(note::SUPPORTED_FEATURES, 1)).may_be_dom0());
    assert!(pv(&least().number(note::SUPPORTED_FEATURES, 0x800)).may_be_dom0());
}

#[test]
fn identity() {
    let elf = least().text(note::XEN_VERSION, "xen-4.0");
    assert_eq!(pv_error(&elf), NoteError::XenVersion("xen-4.0".into()));
    let elf = least().text(note::LOADER, "special");
    assert_eq!(pv_error(&elf), NoteError::Loader("special".into()));
    assert!(pv(&least().text(note::BSD_SYMTAB, "yes")).bsd_symtab);
    assert!(!pv(&least().text(note::BSD_SYMTAB, "no")).bsd_symtab);
}

#[test]
fn addresses_have_to_make_sense() {
    let start = VIRT_BASE + PADDR;
    for entry in [0, start - 1, start + MEMSZ, u64::MAX] {
        let elf = Elf::bare()
            .number(note::VIRT_BASE, VIRT_BASE)
            .number(note::ENTRY, entry);
        assert!(matches!(
            pv_error(&elf),
            NoteError::OutOfBounds {
                note: NoteType(1),
                ..
            }
        ));
    }
    let page = |address| pv_error(&least().number(note::HYPERCALL_PAGE, address));
    assert_eq!(page(start + 8), NoteError::Unaligned { address: start + 8 });
    assert!(matches!(
        page(start + MEMSZ),
        NoteError::OutOfBounds {
            note: NoteType(2),
            ..
        }
    ));
    let kernel = pv(&least().number(note::HYPERCALL_PAGE, start + MEMSZ - 4096));
    assert_eq!(kernel.virt_hypercall, Some(start + MEMSZ - 4096));

    for base in [
        start,
        start + MEMSZ - 1,
        0xffff_8000_0000_0000,
        0x8000_0000_0000,
        u64::MAX,
    ] {
        let elf = least().number(note::INIT_P2M, base);
        assert_eq!(pv_error(&elf), NoteError::P2mBase { base });
    }
    assert_eq!(
        pv(&least().number(note::INIT_P2M, start + MEMSZ)).p2m_base,
        Some(start + MEMSZ)
    );
    let elf = least().number(note::HV_START_LOW, 0xffff_8000_0000_0001);
    assert!(matches!(pv_error(&elf), NoteError::HoleStart { .. }));
}

#[test]
fn virtual_range() {
    // In the hypervisor's part, across the end of the address space, in the gap.
    for base in [
        0xffff_8000_0000_0000,
        0u64.wrapping_sub(PADDR + 1),
        0x7fff_ffff_f000,
        0x8000_0000_0000,
    ] {
        let elf = Elf::bare()
            .number(note::VIRT_BASE, base)
            .number(note::ENTRY, base.wrapping_add(PADDR));
        assert!(
            matches!(pv_error(&elf), NoteError::VirtualRange { .. }),
            "{base:#x}"
        );
    }
    let low = Elf::bare().number(note::ENTRY, PADDR);
    assert_eq!(pv(&low).virt_start, PADDR);
}

#[test]
fn paddr_offset() {
    let elf = least().number(note::PADDR_OFFSET, 0x10_0000);
    let error = pv_error(&elf);
    // The entry that was right without the offset is past the kernel's end with it.
    assert!(matches!(
        error,
        NoteError::OutOfBounds {
            note: NoteType(1),
            ..
        }
    ));
    let elf = Elf::bare()
        .number(note::VIRT_BASE, VIRT_BASE)
        .number(note::PADDR_OFFSET, 0x10_0000)
        .number(note::ENTRY, VIRT_BASE + PADDR - 0x10_0000);
    assert_eq!(pv(&elf).virt_start, VIRT_BASE + PADDR - 0x10_0000);
    let elf = Elf::bare()
        .number(note::PADDR_OFFSET, 0)
        .number(note::ENTRY, PADDR);
    assert_eq!(pv_error(&elf), NoteError::OffsetWithoutBase);
    let elf = least().number(note::PADDR_OFFSET, PADDR + 1);
    assert!(matches!(pv_error(&elf), NoteError::BelowBase { .. }));
}

#[test]
fn legacy_string() {
    let mut elf = Elf::bare();
    let base = 0xffff_ffff_8000_0000u64;
    // Such kernels have virtual addresses for load addresses.
    elf.loads[0].paddr = base + PADDR;
    elf.entry = base + PADDR + 4;
    elf.legacy = Some(format!(
        "GUEST_OS=linux,GUEST_VER=2.6,XEN_VER=xen-3.0,HYPERCALL_PAGE=0x1001,VIRT_BASE={base:#x},\
         LOADER=generic,PAE=yes[extended-cr3],FEATURES=writable_page_tables|!pae_pgdir_above_4gb,BSD_SYMTAB\0"
    ));
    let kernel = pv(&elf);
    assert_eq!(kernel.virt_base, base);
    assert_eq!(kernel.elf_paddr_offset, base);
    assert_eq!(kernel.virt_start, base + PADDR);
    assert_eq!(kernel.virt_entry, base + PADDR + 4);
    assert_eq!(kernel.virt_hypercall, Some(base + 0x100_1000));
    assert_eq!(
        (kernel.features.required, kernel.features.supported),
        (0x10, 0x11)
    );
    assert!(kernel.bsd_symtab);
    assert_eq!(kernel.pae_mode.as_deref(), Some("yes[extended-cr3]"));

    let with = |text: &str| {
        pv_error(&Elf {
            legacy: Some(text.into()),
            ..elf.clone()
        })
    };
    assert!(
        matches!(with("VIRT_BASE=high"), NoteError::LegacyNumber { name, .. } if name == "VIRT_BASE")
    );
    assert!(matches!(with("VIRT_ENTRY"), NoteError::LegacyNumber { .. }));
    assert!(matches!(
        with("VIRT_BASE=1,VIRT_BASE=2"),
        NoteError::Contradiction {
            first: 1,
            second: 2,
            ..
        }
    ));
    // Notes win over the string.
    let elf = Elf {
        legacy: elf.legacy.clone(),
        ..least()
    };
    assert_eq!(pv(&elf), pv(&least()));
}
