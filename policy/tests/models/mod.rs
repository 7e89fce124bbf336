//! Processors to derive policies from: the leaves of four models, as `cpuid` gives them.

#![allow(dead_code)]

use std::collections::BTreeMap;

use policy::{Host, Mechanism, Regs};

/// A host made of a table.
#[derive(Clone, Debug, Default)]
pub struct Model {
    leaves: BTreeMap<(u32, u32), Regs>,
    arch_caps: Option<u64>,
}

impl Host for Model {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Regs {
        let subleaved = matches!(leaf, 4 | 7 | 0xb | 0xd);
        let key = (leaf, if subleaved { subleaf } else { 0 });
        self.leaves.get(&key).copied().unwrap_or_default()
    }

    fn rdmsr(&self, msr: u32) -> Option<u64> {
        self.arch_caps.filter(|_| msr == 0x10a)
    }
}

impl Model {
    pub fn of(leaves: &[(u32, u32, Regs)]) -> Self {
        let leaves = leaves.iter().map(|(l, s, r)| ((*l, *s), *r)).collect();
        Self {
            leaves,
            arch_caps: None,
        }
    }
}

/// Everything enabled.
pub const FULL: Mechanism = Mechanism {
    xcr0: u64::MAX >> 1,
    fsgsbase: true,
    spec_ctrl: true,
    tsc_aux: true,
    dr_masks: true,
    cpuid_faulting: true,
};

fn vendor(max: u32, name: &[u8; 12]) -> Regs {
    let word = |at: usize| u32::from_le_bytes(name[at..at + 4].try_into().unwrap());
    [max, word(0), word(8), word(4)]
}

fn brand(text: &str) -> [(u32, u32, Regs); 3] {
    let mut bytes = [0; 48];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    [0, 1, 2].map(|i| {
        let at = i * 16;
        let regs = [word(at), word(at + 4), word(at + 8), word(at + 12)];
        (0x8000_0002 + i as u32, 0, regs)
    })
}

/// QEMU's `-cpu qemu64`: no XSAVE, no leaf 7.
pub fn qemu64() -> Model {
    let mut leaves = vec![
        (0, 0, vendor(0xd, b"AuthenticAMD")),
        (1, 0, [0x0006_0fb1, 0x0000_0800, 0x8000_2001, 0x078b_fbfd]),
        (2, 0, [0x1, 0, 0x4d, 0x2c_307d]),
        (0x8000_0000, 0, vendor(0x8000_000a, b"AuthenticAMD")),
        (0x8000_0001, 0, [0x0006_0fb1, 0, 0x5, 0x2191_abfd]),
        (0x8000_0008, 0, [0x3028, 0, 0, 0]),
        (0x8000_000a, 0, [1, 0x10, 0, 0x9]),
    ];
    leaves.extend(brand("QEMU Virtual CPU version 2.5+"));
    Model::of(&leaves)
}

/// EPYC 7001 (Naples).
pub fn epyc() -> Model {
    let mut leaves = vec![
        (0, 0, vendor(0xd, b"AuthenticAMD")),
        (1, 0, [0x0080_0f12, 0x1740_0800, 0x7ed8_320b, 0x178b_fbff]),
        (5, 0, [0x40, 0x40, 3, 0x11]),
        (6, 0, [4, 0, 1, 0]),
        (7, 0, [0, 0x209c_01a9, 0, 0]),
        (0xd, 0, [7, 0x340, 0x340, 0]),
        (0xd, 1, [0xf, 0x340, 0, 0]),
        (0xd, 2, [0x100, 0x240, 0, 0]),
        (0x8000_0000, 0, vendor(0x8000_001f, b"AuthenticAMD")),
        (
            0x8000_0001,
            0,
            [0x0080_0f12, 0x7000_0000, 0x35c2_33ff, 0x2fd3_fbff],
        ),
        (
            0x8000_0005,
            0,
            [0xff40_ff40, 0xff40_ff40, 0x2008_0140, 0x4004_0140],
        ),
        (
            0x8000_0006,
            0,
            [0x2600_6400, 0x6600_6400, 0x0200_6140, 0x0100_8140],
        ),
        (0x8000_0007, 0, [0, 0x1b, 0, 0x6799]),
        (0x8000_0008, 0, [0x3030, 0x1007, 0x603f, 0]),
        (0x8000_000a, 0, [1, 0x8000, 0, 0x1bcff]),
        (0x8000_0019, 0, [0xf040_f040, 0xf040_0000, 0, 0]),
        (0x8000_001a, 0, [3, 0, 0, 0]),
        (0x8000_001b, 0, [0x3ff, 0, 0, 0]),
        (0x8000_001d, 0, [0x4121, 0x1c0_003f, 0x3f, 0]),
        (0x8000_001e, 0, [0x17, 0x10b, 0x305, 0]),
        (0x8000_001f, 0, [0xf, 0x16f, 0xf, 1]),
    ];
    leaves.extend(brand("AMD EPYC 7401P 24-Core Processor"));
    Model::of(&leaves)
}

/// Core i7-4770 (Haswell), with its later microcode.
pub fn haswell() -> Model {
    let mut leaves = vec![
        (0, 0, vendor(0xd, b"GenuineIntel")),
        (1, 0, [0x0003_06c3, 0x0510_0800, 0x7ffa_fbff, 0xbfeb_fbff]),
        (2, 0, [0x7603_6301, 0x00f0_b5ff, 0, 0x00c1_0000]),
        (4, 0, [0x1c00_4121, 0x01c0_003f, 0x3f, 0]),
        (4, 1, [0x1c00_4122, 0x01c0_003f, 0x3f, 0]),
        (4, 2, [0x1c00_4143, 0x01c0_003f, 0x1ff, 0]),
        (4, 3, [0x1c03_c163, 0x03c0_003f, 0x1fff, 6]),
        (5, 0, [0x40, 0x40, 3, 0x4_2120]),
        (6, 0, [0x77, 2, 9, 0]),
        (7, 0, [0, 0x27ab, 0, 0x9c00_0600]),
        (0xa, 0, [0x0730_0403, 0, 0, 0x603]),
        (0xb, 0, [1, 2, 0x100, 5]),
        (0xb, 1, [4, 8, 0x201, 5]),
        (0xd, 0, [7, 0x340, 0x340, 0]),
        (0xd, 1, [1, 0, 0, 0]),
        (0xd, 2, [0x100, 0x240, 0, 0]),
        (0x8000_0000, 0, [0x8000_0008, 0, 0, 0]),
        (0x8000_0001, 0, [0, 0, 0x21, 0x2c10_0800]),
        (0x8000_0006, 0, [0, 0, 0x0100_6040, 0]),
        (0x8000_0007, 0, [0, 0, 0, 0x100]),
        (0x8000_0008, 0, [0x3027, 0, 0, 0]),
    ];
    leaves.extend(brand("Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz"));
    Model::of(&leaves)
}

/// Xeon Scalable, first generation (Skylake), AVX-512 and MPX.
pub fn skylake() -> Model {
    let mut leaves = vec![
        (0, 0, vendor(0x16, b"GenuineIntel")),
        (1, 0, [0x0005_0654, 0x1020_0800, 0x7ffe_fbff, 0xbfeb_fbff]),
        (4, 0, [0x3c00_4121, 0x01c0_003f, 0x3f, 0]),
        (4, 1, [0x3c00_4122, 0x01c0_003f, 0x3f, 0]),
        (5, 0, [0x40, 0x40, 3, 0x2020]),
        (6, 0, [0xef7, 2, 9, 0]),
        (7, 0, [0, 0xd39f_fffb, 8, 0xbc00_0400]),
        (0xa, 0, [0x0730_0404, 0, 0, 0x603]),
        (0xb, 0, [1, 2, 0x100, 0x10]),
        (0xb, 1, [6, 0x28, 0x201, 0x10]),
        (0xd, 0, [0x2ff, 0xa88, 0xa88, 0]),
        (0xd, 1, [0xf, 0xa08, 0x100, 0]),
        (0xd, 2, [0x100, 0x240, 0, 0]),
        (0xd, 3, [0x40, 0x3c0, 0, 0]),
        (0xd, 4, [0x40, 0x400, 0, 0]),
        (0xd, 5, [0x40, 0x440, 0, 0]),
        (0xd, 6, [0x200, 0x480, 0, 0]),
        (0xd, 7, [0x400, 0x680, 0, 0]),
        (0xd, 8, [0x80, 0, 1, 0]),
        (0xd, 9, [8, 0xa80, 0, 0]),
        (0x15, 0, [2, 0xa8, 0, 0]),
        (0x8000_0000, 0, [0x8000_0008, 0, 0, 0]),
        (0x8000_0001, 0, [0, 0, 0x121, 0x2c10_0800]),
        (0x8000_0006, 0, [0, 0, 0x0100_6040, 0]),
        (0x8000_0007, 0, [0, 0, 0, 0x100]),
        (0x8000_0008, 0, [0x302e, 0, 0, 0]),
    ];
    leaves.extend(brand("Intel(R) Xeon(R) Gold 6138 CPU @ 2.00GHz"));
    let mut model = Model::of(&leaves);
    model.arch_caps = Some(0x4000_002a_0800_0e04);
    model
}

pub fn all() -> [(&'static str, Model); 4] {
    [
        ("qemu64", qemu64()),
        ("epyc", epyc()),
        ("haswell", haswell()),
        ("skylake", skylake()),
    ]
}
