//! Unpacking: every format against its packer, damaged input against memory and time.

mod common;

use std::io::Read;
use std::num::NonZeroU64;

use common::*;
use image::{Cause, DecompressError, Format, decompress};
use lzma_rust2::{CheckType, FilterType, XzReader};
use proptest::prelude::*;

/// Most output in these tests.
const LIMIT: usize = 1 << 20;

fn unpack(packed: &[u8]) -> Result<Vec<u8>, DecompressError> {
    let mut out = vec![0xaa; 3];
    let result = decompress(packed, None, &mut out, LIMIT);
    assert!(out.len() <= LIMIT && out.capacity() <= LIMIT + 3);
    if result.is_err() {
        assert!(out.is_empty());
    }
    result.map(|_| out)
}

/// Data as compressors like it: noise, runs, repeats from near and far, x86 calls and jumps.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Piece::Bytes),
        (any::<u8>(), 1..3000usize).prop_map(|(b, n)| Piece::Bytes(vec![b; n])),
        (1..40_000usize, 1..400usize).prop_map(|(d, n)| Piece::Repeat(d, n)),
        (
            prop::bool::ANY,
            any::<[u8; 3]>(),
            prop::sample::select(vec![0u8, 0xff, 0x80])
        )
            .prop_map(|(jump, [a, b, c], top)| Piece::Bytes(vec![
                0xe8 + u8::from(jump),
                a,
                b,
                c,
                top
            ])),
        prop::collection::vec(prop::sample::select(vec![0xe8u8, 0xe9, 0, 0xff, 1]), 1..60)
            .prop_map(Piece::Bytes),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| {
        let mut data = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => data.extend(bytes),
                Piece::Repeat(distance, length) => {
                    for _ in 0..length {
                        let from = data.len().checked_sub(distance);
                        data.push(from.map_or(7, |at| data[at]));
                    }
                }
            }
        }
        data
    })
}

#[derive(Clone, Debug)]
enum Piece {
    Bytes(Vec<u8>),
    Repeat(usize, usize),
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn every_format_gives_back_what_was_packed(data in data()) {
        for (name, pack) in PACKERS {
            prop_assert_eq!(unpack(&pack(&data)), Ok(data.clone()), "{}", name);
        }
    }

    /// All parameters of LZMA2, blocks, checks and filter positions.
    #[test]
    fn xz_of_all_kinds(
        data in data(),
        preset in 0u32..5,
        lclp in prop::sample::select(vec![(0, 0), (3, 0), (4, 0), (0, 4), (2, 2), (1, 3)]),
        pb in 0u32..5,
        check in prop::sample::select(vec![CheckType::None, CheckType::Crc32, CheckType::Crc64]),
        filter in prop::option::of(prop::sample::select(vec![0u32, 16, 0xffff_f000])),
        block in prop::option::of(4096u64..50_000),
    ) {
        let mut options = xz_options(preset, lclp.0, lclp.1, pb, check);
        if let Some(start) = filter {
            options.prepend_pre_filter(FilterType::BcjX86, start);
        }
        options.set_block_size(block.and_then(NonZeroU64::new));
        let packed = xz_with(&data, options);
        prop_assert_eq!(unpack(&packed), Ok(data));
    }

    /// A damaged stream without a checksum: where the reference decoder gets something out of
    /// it, so do we, and the same.
    #[test]
    fn damaged_xz_as_the_reference_has_it(
        data in data(),
        filter in any::<bool>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3),
    ) {
        let mut options = xz_options(2, 3, 0, 2, CheckType::None);
        if filter {
            options.prepend_pre_filter(FilterType::BcjX86, 0);
        }
        let mut packed = xz_with(&data, options);
        for (at, byte) in damage {
            let at = at.index(packed.len());
            packed[at] = byte;
        }
        let mut expected = Vec::new();
        let reference = XzReader::new(&packed[..], false)
            .take(LIMIT as u64 + 1)
            .read_to_end(&mut expected);
        if let (Ok(_), Ok(out)) = (&reference, unpack(&packed)) {
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn damaged_input_of_any_format(
        data in data(),
        which in 0..PACKERS.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut packed = PACKERS[which].1(&data);
        for (at, byte) in damage {
            let at = at.index(packed.len());
            packed[at] = byte;
        }
        let result = unpack(&packed);
        // All but LZ4 have a checksum.
        if let (Ok(out), true) = (result, which != 3) {
            prop_assert_eq!(out, data);
        }
        let cut = cut.index(packed.len());
        let _ = unpack(&packed[..cut]);
    }

    #[test]
    fn noise_behind_a_magic(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        for magic in [&b"\x1f\x8b\x08\0"[..], b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x02\x21\x4c\x18"] {
            let _ = unpack(&[magic, &noise].concat());
        }
    }
}

#[test]
fn corrupt_payloads_are_found_out() {
    let data: Vec<u8> = (0..60_000u32)
        .flat_map(|n| (n / 3 * n).to_le_bytes())
        .collect();
    for (name, pack) in PACKERS.into_iter().take(3) {
        let packed = pack(&data);
        assert_eq!(unpack(&packed).unwrap(), data, "{name}");
        for at in (0..packed.len()).step_by(packed.len() / 61) {
            let mut bad = packed.clone();
            bad[at] ^= 0x10;
            if name == "gzip" && (4..10).contains(&at) {
                continue; // The time and the system are for information.
            }
            let error = unpack(&bad).expect_err(name);
            assert!(error.offset <= packed.len(), "{name}: {error}");
        }
        for cut in (1..packed.len()).step_by(packed.len() / 61) {
            assert!(unpack(&packed[..cut]).is_err(), "{name} cut at {cut}");
        }
        let mut longer = packed.clone();
        longer.push(1);
        assert!(unpack(&longer).is_err(), "{name}");
    }
}

#[test]
fn lz4_blocks_do_not_leave_their_frame() {
    let data = vec![5; 100_000];
    let packed = lz4(&data);
    for cut in [3, 6, packed.len() - 1] {
        assert!(unpack(&packed[..cut]).is_err());
    }
    let mut bad = packed.clone();
    bad[4] = 0xff;
    assert_eq!(unpack(&bad).unwrap_err().cause, Cause::Truncated);
    // An offset of zero is none.
    let zero_offset = b"\x02\x21\x4c\x18\x05\0\0\0\x14a\0\0\x10";
    assert_eq!(unpack(zero_offset).unwrap_err().cause, Cause::Lz4Block);
}

#[test]
fn more_than_the_limit_is_not_unpacked() {
    let data = vec![0; LIMIT + 1];
    for (name, pack) in PACKERS {
        let error = unpack(&pack(&data)).expect_err(name);
        assert!(
            matches!(
                error.cause,
                Cause::Limit { .. } | Cause::Overflow | Cause::Lz4Block
            ),
            "{name}: {error}"
        );
    }
    let data = vec![0; LIMIT];
    for (name, pack) in PACKERS {
        assert_eq!(unpack(&pack(&data)).unwrap().len(), LIMIT, "{name}");
    }
}

#[test]
fn a_hundred_blocks_and_stored_chunks() {
    let mut noise = 1u32;
    let data: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    })
    .take(500_000)
    .collect();
    let mut options = xz_options(1, 3, 0, 2, CheckType::Crc64);
    options.set_block_size(NonZeroU64::new(5000));
    let packed = xz_with(&data, options);
    assert!(packed.len() > data.len());
    assert_eq!(unpack(&packed).unwrap(), data);
    // Padding after the stream is allowed, in fours.
    assert_eq!(unpack(&[&packed[..], &[0; 8]].concat()).unwrap(), data);
    assert!(unpack(&[&packed[..], &[0; 7]].concat()).is_err());
}

#[test]
fn sha256_is_named_as_not_supported() {
    let packed = xz_with(b"data", xz_options(6, 3, 0, 2, CheckType::Sha256));
    let error = unpack(&packed).unwrap_err();
    assert_eq!(error.cause, Cause::UnsupportedCheck(10));
    assert_eq!(error.format, Some(Format::Xz));
    assert_eq!(
        error.to_string(),
        format!(
            "xz: check 0xa is not supported (at offset {:#x})",
            error.offset
        )
    );
}

#[test]
fn gzip_headers_with_all_fields() {
    let data = b"some data, some data".repeat(20);
    let plain = gzip(&data);
    let mut full = plain[..3].to_vec();
    full.push(0b1_1110);
    full.extend(&plain[4..10]);
    full.extend([3, 0, 1, 2, 3]);
    full.extend(b"name\0comment\0");
    full.extend([0xab, 0xcd]);
    full.extend(&plain[10..]);
    assert_eq!(unpack(&full).unwrap(), data);
    for cut in 10..32 {
        assert!(unpack(&full[..cut]).is_err());
    }
    full[3] |= 0x20;
    assert_eq!(
        unpack(&full).unwrap_err().cause,
        Cause::GzipFlags(0b11_1110)
    );
}

/// A zstd frame with a window of 128 MiB, of runs of zeros.
fn zstd_runs(blocks: usize, run: u32) -> Vec<u8> {
    let mut frame = b"\x28\xb5\x2f\xfd\0\x88".to_vec();
    for n in 1..=blocks {
        let header = u32::from(n == blocks) | 1 << 1 | run << 3;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

#[test]
fn a_zstd_window_larger_than_the_output_is_no_harm() {
    assert_eq!(unpack(&zstd_runs(4, 100_000)).unwrap(), vec![0; 400_000]);
    // 16 GiB in half a MiB: given up before the window is full.
    let bomb = zstd_runs(128 << 10, 128 << 10);
    let error = unpack(&bomb).unwrap_err();
    assert_eq!(error.cause, Cause::Overflow);
    assert!(error.offset < 100, "{error}");
    // A kernel in a bzImage, where the size is known from elsewhere.
    let mut out = Vec::new();
    let packed = zstd_runs(3, 1000);
    assert!(decompress(&packed, Some(3000), &mut out, LIMIT).is_ok());
    assert_eq!(out, vec![0; 3000]);
}
