use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use crate::fuzz_one;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::cases(3000)))]

    #[test]
    fn any_bytes_are_survived(data in prop::collection::vec(any::<u8>(), 0..80)) {
        fuzz_one(&data);
    }

    /// Bytes that begin as something we serve.
    #[test]
    fn likely_instructions_are_survived(
        head in any::<[u8; 4]>(),
        prefixes in prop::collection::vec(
            prop::sample::select(vec![0x48u8, 0xf0, 0xf3, 0xf2, 0x66, 0x67, 0x65, 0x64, 0x4f]), 0..3),
        opcode in prop::sample::select(vec![
            &[0x89u8][..], &[0x88], &[0xc6], &[0xc7], &[0x87], &[0x0f, 0xb1], &[0x0f, 0xb0], &[0x0f, 0xc7],
            &[0x0f, 0xab], &[0x0f, 0xb3], &[0x0f, 0xbb], &[0x0f, 0xba], &[0x80], &[0x81], &[0x83],
            &[0x0f, 0xc1], &[0xff], &[0xfe], &[0xf6], &[0xf7], &[0xd1], &[0xc1], &[0xd3], &[0xab],
            &[0xa5], &[0xad], &[0x6c], &[0x6d], &[0x6e], &[0x6f], &[0xe5], &[0xe7], &[0xec],
            &[0xee], &[0x0f, 0x20], &[0x0f, 0x22], &[0x0f, 0x21], &[0x0f, 0x23], &[0x0f, 0x01], &[0x0f, 0x00],
            &[0x0f, 0x30], &[0x0f, 0x32], &[0x0f, 0xa2], &[0x0f, 0x0b, b'x', b'e', b'n', 0x0f, 0xa2],
            &[0x0f, 0x38, 0xf0], &[0x0f, 0x38, 0xf1], &[0xa1], &[0xa3],
        ]),
        tail in prop::collection::vec(any::<u8>(), 10..40),
    ) {
        let mut code: Vec<u8> = prefixes;
        code.extend(opcode);
        code.extend(&tail);
        let mut data: Vec<u8> = head.into();
        data[1] = code.len().min(15) as u8;
        data.extend(code);
        fuzz_one(&data);
    }
}
