//! Whole modules, mutated: whatever comes in, what comes out is an error or keeps its promises.

#[path = "../../tests/fuzz/bodies/image.rs"]
mod bodies;
mod common;

use bodies::bzimage as check;
use common::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Change {
    Byte(prop::sample::Index, u8),
    Word(prop::sample::Index, u64),
    Cut(prop::sample::Index),
    Move(prop::sample::Index, prop::sample::Index, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let index = any::<prop::sample::Index>;
    let word = prop_oneof![
        any::<u64>(),
        Just(u64::MAX),
        Just(0),
        (0u32..64).prop_map(|n| 1 << n),
        (0u32..64).prop_map(|n| (1 << n) - 1),
    ];
    let change = prop_oneof![
        6 => (index(), any::<u8>()).prop_map(|(at, b)| Change::Byte(at, b)),
        6 => (index(), word).prop_map(|(at, w)| Change::Word(at, w)),
        1 => index().prop_map(Change::Cut),
        1 => (index(), index(), 1usize..64).prop_map(|(a, b, n)| Change::Move(a, b, n)),
    ];
    prop::collection::vec(change, 1..8)
}

/// Applies changes to the first `within` bytes.
fn apply(module: &mut Vec<u8>, within: usize, changes: &[Change]) {
    for change in changes {
        let size = module.len().min(within);
        if size < 16 {
            return;
        }
        match change {
            Change::Byte(at, byte) => module[at.index(size)] = *byte,
            Change::Word(at, word) => {
                let at = at.index(size / 4 - 1) * 4;
                module[at..at + 8].copy_from_slice(&word.to_le_bytes());
            }
            Change::Cut(at) => module.truncate(at.index(size)),
            Change::Move(from, to, n) => {
                let from = from.index(size);
                let n = (*n).min(size - from);
                module.copy_within(from..from + n, to.index(size - n + 1));
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn elf_headers(changes in changes()) {
        let mut module = Elf::linux().build();
        apply(&mut module, 64 + 2 * 56, &changes);
        check(&module);
    }

    #[test]
    fn elf_notes(section in any::<bool>(), changes in changes()) {
        let mut elf = Elf { notes_in_section: section, ..Elf::linux() };
        let size = elf.notes.len();
        apply(&mut elf.notes, size, &changes);
        check(&elf.build());
    }

    #[test]
    fn legacy(text in "(VIRT_BASE|VIRT_ENTRY|HYPERCALL_PAGE|ELF_PADDR_OFFSET|FEATURES|X)=(0x)?[0-9a-f!|]{0,17}(,(VIRT_BASE|VIRT_ENTRY|FEATURES)=(0x)?[0-9a-f]{0,17}){0,3}") {
        check(&Elf { legacy: Some(text), ..Elf::bare() }.build());
    }

    #[test]
    fn anywhere(changes in changes(), which in 0..PACKERS.len()) {
        let mut module = bzimage_of(&payload(PACKERS[which], &Elf::linux().build()));
        let size = module.len();
        apply(&mut module, size, &changes);
        check(&module);
    }

    #[test]
    fn setup_header(changes in changes()) {
        let mut module = bzimage_of(&payload(PACKERS[0], &Elf::linux().build()));
        let tail = module.split_off(0x240);
        let mut head = tail;
        apply(&mut head, 0x20, &changes);
        module.extend(head);
        check(&module);
    }

    #[test]
    fn noise(noise in prop::collection::vec(any::<u8>(), 0..4096)) {
        check(&noise);
        check(&bzimage_of(&noise));
    }
}
