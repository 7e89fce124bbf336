//! Modules as the boot loader hands them over: each format, whole and damaged.

mod common;

use common::*;
use image::{BzImageError, Cause, Format, ImageError, load};

#[test]
fn every_format_loads_to_the_same_kernel() {
    let elf = Elf::linux().build();
    for packer in PACKERS {
        for module in [bzimage_of(&payload(packer, &elf)), packer.1(&elf)] {
            let loaded = load(&module).unwrap_or_else(|e| panic!("{}: {e}", packer.0));
            assert_eq!(loaded.file(), elf, "{}", packer.0);
            assert_eq!(loaded.segments().len(), 1);
            let segment = &loaded.segments()[0];
            assert_eq!(loaded.bytes_of(segment), Elf::linux().contents);
            assert_eq!(segment.memsz, MEMSZ);
        }
    }
    let module = bzimage_of(&elf);
    let loaded = load(&module).unwrap();
    assert_eq!(
        (loaded.format, loaded.boot_protocol),
        (Format::Elf, Some(0x20f))
    );
    assert_eq!(loaded.file(), elf);
    let loaded = load(&elf).unwrap();
    assert_eq!((loaded.format, loaded.boot_protocol), (Format::Elf, None));
}

#[test]
fn truncated_anywhere_is_an_error_that_says_where() {
    let elf = Elf::linux().build();
    for packer in PACKERS {
        let whole = bzimage_of(&payload(packer, &elf));
        let end = whole.len() - 64;
        let cuts = [
            0x204,
            0x207,
            0x249,
            0x24f,
            0x400,
            PAYLOAD_AT - 1,
            PAYLOAD_AT + 3,
            PAYLOAD_AT + 20,
            PAYLOAD_AT + (end - PAYLOAD_AT) / 2,
            end - 5,
            end - 1,
        ];
        for cut in cuts {
            match load(&whole[..cut]) {
                Err(ImageError::BzImage(BzImageError::Truncated { size })) => {
                    assert!(cut < 0x250 && size == cut);
                }
                Err(ImageError::BzImage(BzImageError::Payload { end: said, size })) => {
                    assert_eq!((said, size), (end as u64, cut));
                }
                // Too short for the magic: then it is no bzImage.
                Err(ImageError::Decompress(e)) if cut < 0x206 => {
                    assert!(matches!(e.cause, Cause::UnknownFormat { .. }));
                }
                other => panic!("{} cut at {cut:#x}: {other:?}", packer.0),
            }
        }
        let error = load(&whole[..end - 5]).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "bzImage: payload ends at offset {end:#x} beyond the module's {:#x} bytes",
                end - 5
            )
        );
    }
}

#[test]
fn header_fields_are_checked() {
    let whole = bzimage_of(&payload(PACKERS[0], &Elf::linux().build()));
    let with = |at: usize, bytes: &[u8]| {
        let mut module = whole.clone();
        module[at..at + bytes.len()].copy_from_slice(bytes);
        match load(&module) {
            Err(ImageError::BzImage(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(with(0x1fe, &[0, 0]), BzImageError::BootFlag(0));
    assert_eq!(with(0x206, &[7, 2]), BzImageError::Version(0x207));
    assert_eq!(with(0x24c, &[0; 4]), BzImageError::NoPayload);
    for (at, bytes) in [
        (0x248, [0xff; 4]),
        (0x24c, [0xff; 4]),
        (0x248, [0, 0, 1, 0]),
    ] {
        assert!(matches!(with(at, &bytes), BzImageError::Payload { .. }));
    }
    // A zero stands for four sectors: then the payload starts a sector later.
    let mut module = whole.clone();
    module[0x1f1] = 0;
    assert!(matches!(
        load(&module),
        Err(ImageError::BzImage(BzImageError::Payload { .. }) | ImageError::Decompress(_))
    ));
    let mut module = whole.clone();
    module[0x1f1] = 0;
    let start = PAYLOAD_AT - PAYLOAD_OFFSET;
    module.splice(start..start, [0; 512]);
    assert!(load(&module).is_ok());
}

#[test]
fn a_payload_of_nothing_but_its_size_is_an_error() {
    for magic in [&b"\xfd7zXZ\0"[..], b"\x28\xb5\x2f\xfd", b"\x02\x21\x4c\x18"] {
        let error = load(&bzimage_of(magic)).unwrap_err();
        assert!(
            matches!(
                error,
                ImageError::Decompress(_) | ImageError::BzImage(BzImageError::NoSize { .. })
            ),
            "{error}"
        );
    }
}

#[test]
fn the_appended_size_is_believed_by_nobody() {
    let elf = Elf::linux().build();
    for packer in PACKERS {
        for wrong in [0, 1, elf.len() - 1, elf.len() + 1, u32::MAX as usize] {
            let mut payload = payload(packer, &elf);
            let at = payload.len() - 4;
            payload[at..].copy_from_slice(&(wrong as u32).to_le_bytes());
            let error = load(&bzimage_of(&payload)).unwrap_err();
            let ImageError::Decompress(error) = error else {
                panic!("{}: {error}", packer.0);
            };
            assert!(
                matches!(
                    error.cause,
                    Cause::Size { .. } | Cause::Limit { .. } | Cause::Overflow | Cause::Lz4Block
                ),
                "{} with {wrong}: {error}",
                packer.0
            );
        }
    }
}

#[test]
fn formats_known_by_name_are_named() {
    for (magic, name) in [
        (&b"BZh91AY&SY"[..], "bzip2"),
        (b"\x5d\0\0\x80\0", "LZMA"),
        (b"\x89LZO\0", "LZO"),
    ] {
        let error = load(&bzimage_of(magic)).unwrap_err();
        assert!(error.to_string().starts_with(name), "{error}");
        assert_eq!(abi::Errno::from(error), abi::Errno::EOPNOTSUPP);
    }
    let error = load(b"#!/bin/sh\n").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("[23, 21, 2f, 62, 69, 6e, 2f, 73]"),
        "{error}"
    );
    assert!(load(b"").is_err());
}
