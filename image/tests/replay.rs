//! Replays the corpora of the fuzz targets (`tests/fuzz`).

#[path = "../../tests/fuzz/bodies/image.rs"]
mod bodies;
mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::*;
use lzma_rust2::CheckType;

fn corpus(target: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus");
    tests.join(target)
}

/// Runs every input of a corpus; there have to be some.
fn replay(target: &str, body: fn(&[u8])) {
    let mut inputs = 0;
    for entry in fs::read_dir(corpus(target)).unwrap() {
        body(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 8, "{target} has {inputs} inputs");
}

#[test]
fn bzimage() {
    replay("bzimage", bodies::bzimage);
}

#[test]
fn elf_notes() {
    replay("elf_notes", bodies::elf_notes);
}

#[test]
fn decompress() {
    replay("decompress", bodies::decompress);
}

/// The inputs named `good-*` are the ones that load: made by the packers that kernels' build
/// scripts call, not by this crate's idea of them.
#[test]
fn good_inputs_are_good() {
    let mut good = 0;
    for target in ["bzimage", "decompress"] {
        for entry in fs::read_dir(corpus(target)).unwrap() {
            let path = entry.unwrap().path();
            if path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("good-")
            {
                let input = fs::read(&path).unwrap();
                let loaded = image::load(&input);
                let loaded = loaded.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                assert_eq!(loaded.file(), Elf::linux().build(), "{}", path.display());
                good += 1;
            }
        }
    }
    assert!(good >= 8);
}

/// The container that LZMA2 inputs are put into is one that gets them to the decoder.
#[test]
fn lzma2_inputs_reach_the_decoder() {
    let stored = fs::read(corpus("decompress").join("lzma2-stored")).unwrap();
    let mut out = Vec::new();
    let packed = bodies::xz_of_lzma2(&stored[1..], true);
    let result = image::decompress(&packed, None, &mut out, 100);
    assert_eq!((result, &out[..]), (Ok(image::Format::Xz), &b"abcdef"[..]));
    let whole = fs::read(corpus("decompress").join("lzma2")).unwrap();
    let packed = bodies::xz_of_lzma2(&whole[1..], false);
    let result = image::decompress(&packed, None, &mut out, 1 << 20);
    assert_eq!((result, out), (Ok(image::Format::Xz), Elf::linux().build()));
}

/// Writes the inputs that are not made by other programs:
/// `cargo test -p image --test replay -- --ignored`
#[test]
#[ignore = "writes to the source tree"]
fn write_inputs() {
    let write = |target: &str, name: &str, bytes: &[u8]| {
        fs::write(corpus(target).join(name), bytes).unwrap();
    };
    let elf = Elf::linux();
    write("elf_notes", "linux-notes", &elf.notes);
    write("elf_notes", "linux-elf", &elf.build());
    let section = Elf {
        notes_in_section: true,
        ..elf.clone()
    };
    write("elf_notes", "notes-in-section", &section.build());
    let legacy = "GUEST_OS=linux,XEN_VER=xen-3.0,HYPERCALL_PAGE=0x1001,VIRT_BASE=0xffffffff80000000,\
                  ELF_PADDR_OFFSET=0,LOADER=generic,FEATURES=!writable_page_tables|dom0,BSD_SYMTAB";
    let legacy = Elf {
        legacy: Some(legacy.into()),
        ..Elf::bare()
    };
    write("elf_notes", "legacy-string", &legacy.build());
    let twice = elf.clone().number(note::ENTRY, 5);
    write("elf_notes", "contradiction", &twice.notes);
    let pvh = Elf::bare().number(note::PHYS32_ENTRY, PADDR);
    write("elf_notes", "pvh-only", &pvh.build());
    let mut foreign = note_bytes(b"GNU\0", 3, &[7; 20]);
    foreign.extend(&elf.notes);
    write("elf_notes", "foreign-first", &foreign);
    let mut long = elf.notes.clone();
    long[4] = 0xff;
    write("elf_notes", "too-long", &long);
    write("elf_notes", "empty", b"");

    // LZMA2 streams: what is between block header and index of an xz file without a check.
    let options = xz_options(3, 3, 0, 2, CheckType::None);
    let packed = xz_with(&elf.build(), options);
    let chunks = &packed[24..packed.len() - 24];
    write("decompress", "lzma2", &[&[0], chunks].concat());
    write("decompress", "lzma2-x86", &[&[1], chunks].concat());
    write(
        "decompress",
        "lzma2-stored",
        b"\0\x01\0\x03abcd\x02\0\x01ef\0",
    );

    write("bzimage", "good-elf-in-bzimage", &bzimage_of(&elf.build()));
    for packer in PACKERS {
        let payload = payload(packer, &elf.build());
        write(
            "bzimage",
            &format!("good-{}", packer.0),
            &bzimage_of(&payload),
        );
        write(
            "bzimage",
            &format!("cut-{}", packer.0),
            &bzimage_of(&payload)[..PAYLOAD_AT + 30],
        );
        write(
            "decompress",
            &format!("good-own-{}", packer.0),
            &packer.1(&elf.build()),
        );
        let mut bad = packer.1(&elf.build());
        let middle = bad.len() / 2;
        bad[middle] ^= 0xff;
        write("decompress", &format!("damaged-{}", packer.0), &bad);
    }
}
