//! What the fuzz targets for kernel images do with an input, and what has to hold then.
//!
//! Here, apart from the targets, because `cargo test` runs the same on the corpora.
#![allow(dead_code, reason = "each target uses one")]

use image::{Limits, load_within};

/// Small enough that a fuzzer does not spend its time on output.
pub const LIMITS: Limits = Limits {
    unpacked: 1 << 20,
    memory: 1 << 30,
};

/// A module as the boot loader hands it over.
pub fn bzimage(data: &[u8]) {
    let Ok(loaded) = load_within(data, LIMITS) else {
        return;
    };
    assert!(loaded.file().len() <= LIMITS.unpacked.max(data.len()));
    let segments = loaded.segments();
    for segment in segments {
        assert_eq!(loaded.bytes_of(segment).len(), segment.file.len());
        assert!(segment.file.len() as u64 <= segment.memsz);
        assert!(segment.paddr.checked_add(segment.memsz).is_some());
    }
    for pair in segments.windows(2) {
        assert!(pair[0].end() <= pair[1].paddr);
    }
    let span = segments[segments.len() - 1].end() - segments[0].paddr;
    assert!(span <= LIMITS.memory);
    assert!(loaded.pv().is_ok() || loaded.pvh().is_ok());
    if let Ok(kernel) = loaded.pv() {
        assert_eq!(kernel.virt_end - kernel.virt_start, span);
        assert!((kernel.virt_start..kernel.virt_end).contains(&kernel.virt_entry));
        for segment in segments {
            assert!(kernel.virt_of(segment) >= kernel.virt_start);
            assert!(kernel.virt_of(segment) + segment.memsz <= kernel.virt_end);
        }
    }
    if let Ok(kernel) = loaded.pvh() {
        assert!((kernel.start..kernel.end).contains(&u64::from(kernel.entry)));
    }
}

/// An ELF file, or else the contents of a note segment, which is put into a kernel.
pub fn elf_notes(data: &[u8]) {
    if data.starts_with(b"\x7fELF") {
        bzimage(data);
    } else {
        bzimage(&kernel_with_notes(data));
    }
}

/// A packed kernel, or else an LZMA2 stream, which is put into an xz container: the container's
/// checksums are nothing that a fuzzer can guess.
pub fn decompress(data: &[u8]) {
    let wrapped;
    let packed = match data.split_first() {
        Some((&kind @ 0..2, stream)) => {
            wrapped = xz_of_lzma2(stream, kind == 1);
            &wrapped
        }
        _ => data,
    };
    let mut out = Vec::new();
    let result = image::decompress(packed, None, &mut out, LIMITS.unpacked);
    assert!(out.capacity() <= LIMITS.unpacked);
    assert!(result.is_ok() || out.is_empty());
}

/// A kernel with one segment at 16 MiB and these notes.
fn kernel_with_notes(notes: &[u8]) -> Vec<u8> {
    const HEADERS: u64 = 64 + 2 * 56;
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    for half in [2u16, 62] {
        file.extend(half.to_le_bytes());
    }
    file.extend(1u32.to_le_bytes());
    for word in [0x100_0000u64, 64, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    for half in [64u16, 56, 2, 64, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    let size = notes.len() as u64;
    for (kind, words) in [
        (
            1u32,
            [
                HEADERS,
                0xffff_ffff_8100_0000,
                0x100_0000,
                size,
                size + 0x4000,
                4096,
            ],
        ),
        (4, [HEADERS, 0, 0, size, size, 4]),
    ] {
        file.extend(kind.to_le_bytes());
        file.extend(7u32.to_le_bytes());
        for word in words {
            file.extend(word.to_le_bytes());
        }
    }
    file.extend(notes);
    file
}

/// An xz stream around LZMA2 chunks, without a check, behind the x86 filter or not. The last
/// chunk is completed with zeros, and the end marker is added.
pub fn xz_of_lzma2(stream: &[u8], x86: bool) -> Vec<u8> {
    // The sizes that the chunks declare are what the index has to say.
    let byte = |at: usize| usize::from(stream.get(at).copied().unwrap_or(0));
    let half = |at: usize| (byte(at) << 8 | byte(at + 1)) + 1;
    let (mut at, mut unpacked) = (0, 0);
    while at < stream.len() && byte(at) != 0 {
        match byte(at) {
            1..0x80 => {
                unpacked += half(at + 1);
                at += 3 + half(at + 1);
            }
            control => {
                unpacked += half(at + 1) + ((control & 0x1f) << 16);
                at += 5 + usize::from(control >= 0xc0) + half(at + 3);
            }
        }
    }
    let mut chunks = stream[..at.min(stream.len())].to_vec();
    chunks.resize(at, 0);
    chunks.push(0);

    let with_crc = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    };
    let number = |mut value: usize| {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    };
    let filters: &[u8] = match x86 {
        true => &[2, 1, 4, 0, 0x21, 1, 20, 0],
        false => &[2, 0, 0x21, 1, 20, 0, 0, 0],
    };
    let block = [with_crc(filters), chunks].concat();
    let index = with_crc(&[vec![0, 1], number(block.len()), number(unpacked)].concat());
    let backward = (index.len() / 4 - 1) as u32;
    let mut file = b"\xfd7zXZ\0".to_vec();
    file.extend([0, 0]);
    file.extend(crc32fast::hash(&[0, 0]).to_le_bytes());
    file.extend(&block);
    file.resize(file.len().next_multiple_of(4), 0);
    file.extend(&index);
    let tail = [&backward.to_le_bytes()[..], &[0, 0]].concat();
    file.extend(crc32fast::hash(&tail).to_le_bytes());
    file.extend(tail);
    file.extend(b"YZ");
    file
}
