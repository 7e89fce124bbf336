//! Kernels' ELF files: segments that don't fit the file, each other, or the machine.

mod common;

use common::*;
use image::{ElfError, ImageError, Limits, load, load_within};

fn error(elf: &Elf) -> ElfError {
    match load(&elf.build()) {
        Err(ImageError::Elf(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn with_load(change: impl Fn(&mut Phdr)) -> Elf {
    let mut elf = Elf::linux();
    change(&mut elf.loads[0]);
    elf
}

#[test]
fn only_executables_for_this_machine() {
    let linux = Elf::linux;
    assert!(matches!(
        error(&Elf {
            machine: 3,
            ..linux()
        }),
        ElfError::Machine(3)
    ));
    assert!(matches!(
        error(&Elf { kind: 3, ..linux() }),
        ElfError::Type(3)
    ));
    // Read as a 32-bit file the headers are elsewhere; all that matters is that it is refused.
    assert!(matches!(
        error(&Elf {
            class: 1,
            ..linux()
        }),
        ElfError::Parse(_) | ElfError::Class
    ));
    assert!(matches!(
        error(&Elf {
            class: 9,
            ..linux()
        }),
        ElfError::Parse(_)
    ));
    assert!(matches!(
        error(&Elf {
            loads: vec![],
            ..linux()
        }),
        ElfError::NoSegments
    ));
}

#[test]
fn a_segment_stays_in_its_file() {
    let elf = with_load(|load| load.filesz = load.memsz + 1);
    assert!(matches!(
        error(&elf),
        ElfError::FileSize {
            segment: 0,
            filesz: 0x4001,
            memsz: 0x4000
        }
    ));
    for offset in [0x100_0000, u64::MAX - 0x200, i64::MAX as u64] {
        let elf = with_load(|load| load.offset = offset);
        assert!(
            matches!(error(&elf), ElfError::FileRange { segment: 0, .. }),
            "{offset:#x}"
        );
    }
}

#[test]
fn addresses_do_not_wrap() {
    let elf = with_load(|load| load.paddr = u64::MAX - load.memsz + 1);
    assert!(matches!(
        error(&elf),
        ElfError::AddressWraps { segment: 0, .. }
    ));
    let elf = with_load(|load| load.vaddr = u64::MAX - load.memsz + 1);
    assert!(matches!(
        error(&elf),
        ElfError::AddressWraps { segment: 0, .. }
    ));
}

#[test]
fn huge_segments_are_refused() {
    let elf = with_load(|load| (load.memsz, load.vaddr) = (1 << 40, 0));
    assert!(matches!(
        error(&elf),
        ElfError::TooLarge {
            start: PADDR,
            limit: 0x4000_0000,
            ..
        }
    ));
    let far = Limits {
        memory: 1 << 41,
        ..Limits::default()
    };
    // With more room it is the virtual range that wraps.
    assert!(load_within(&elf.build(), far).is_err());
    // Small segments, far apart.
    let mut elf = Elf::linux();
    let second = Phdr {
        paddr: 1 << 40,
        ..elf.loads[0].clone()
    };
    elf.loads.push(second);
    assert!(matches!(error(&elf), ElfError::TooLarge { .. }));
    assert_eq!(
        abi::Errno::from(ImageError::Elf(error(&elf))),
        abi::Errno::E2BIG
    );
}

#[test]
fn segments_do_not_overlap_and_come_in_order() {
    let mut elf = Elf::linux();
    let first = elf.loads[0].clone();
    for (shift, overlaps) in [(0, true), (1, true), (MEMSZ - 1, true), (MEMSZ, false)] {
        let second = Phdr {
            paddr: first.paddr + shift,
            ..first.clone()
        };
        for loads in [
            vec![first.clone(), second.clone()],
            vec![second, first.clone()],
        ] {
            elf.loads = loads;
            if overlaps {
                let error = error(&elf);
                assert!(
                    matches!(error, ElfError::Overlap { first: PADDR, .. }),
                    "{error}"
                );
            } else {
                let module = elf.build();
                let loaded = load(&module).unwrap();
                let starts: Vec<_> = loaded.segments().iter().map(|s| s.paddr).collect();
                assert_eq!(starts, [PADDR, PADDR + shift]);
            }
        }
    }
}

#[test]
fn there_is_an_end_to_segments() {
    let mut elf = Elf::linux();
    let first = elf.loads[0].clone();
    elf.loads = (0..65)
        .map(|n| Phdr {
            paddr: first.paddr + n * MEMSZ,
            ..first.clone()
        })
        .collect();
    assert!(matches!(error(&elf), ElfError::TooManySegments));
    elf.loads.truncate(64);
    assert!(load(&elf.build()).is_ok());
    // Empty ones don't count.
    let empty = Phdr {
        filesz: 0,
        memsz: 0,
        ..first
    };
    elf.loads.resize(200, empty);
    assert_eq!(load(&elf.build()).unwrap().segments().len(), 64);
}

#[test]
fn messages_say_what_and_where() {
    let elf = with_load(|load| load.filesz = 0x5000);
    assert_eq!(
        error(&elf).to_string(),
        "ELF: segment 0 has 0x5000 bytes in the file, but only 0x4000 in memory"
    );
}

#[test]
fn headers_cut_off() {
    let whole = Elf::linux().build();
    for cut in [4, 5, 15, 16, 40, 63, 64, 100, 120, 200, whole.len() - 1] {
        assert!(
            matches!(load(&whole[..cut]), Err(ImageError::Elf(_))),
            "cut at {cut}"
        );
    }
}
