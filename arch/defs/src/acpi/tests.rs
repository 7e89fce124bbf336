//! Synthetic firmware, sound and hostile.

extern crate alloc;
extern crate std;

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

use super::aml::{SleepTypes, sleep_types};
use super::rsdp::Rsdp;
use super::*;
use crate::apic::{Polarity, Trigger};

/// Header, body, length and checksum.
pub(crate) fn table(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut t = vec![0; HEADER];
    t[..4].copy_from_slice(name);
    t.extend_from_slice(body);
    let len = t.len() as u32;
    t[4..8].copy_from_slice(&len.to_le_bytes());
    seal(&mut t);
    t
}

fn seal(t: &mut [u8]) {
    t[9] = 0;
    t[9] = t.iter().fold(0u8, |s, b| s.wrapping_sub(*b));
}

fn gas(space: u8, bits: u8, addr: u64) -> Vec<u8> {
    let mut g = vec![space, bits, 0, 0];
    g.extend(addr.to_le_bytes());
    g
}

fn madt() -> Vec<u8> {
    let mut b = Vec::new();
    b.extend(0xfee0_0000u32.to_le_bytes());
    b.extend(1u32.to_le_bytes());
    b.extend([0, 8, 0, 0, 1, 0, 0, 0]);
    b.extend([0, 8, 1, 4, 1, 0, 0, 0]);
    b.extend([0, 8, 2, 0xff, 0, 0, 0, 0]);
    b.extend([9, 16, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    b.extend([9, 16, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0]);
    b.extend([1, 12, 8, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0]);
    b.extend([2, 10, 0, 0, 2, 0, 0, 0, 0, 0]);
    b.extend([2, 10, 0, 9, 9, 0, 0, 0, 0xf, 0]);
    b.extend([3, 8, 5, 0, 23, 0, 0, 0]);
    b.extend([4, 6, 0xff, 0, 0, 1]);
    b.extend([0x7f, 3, 0]);
    table(b"APIC", &b)
}

fn fadt(len: usize) -> Vec<u8> {
    let mut t = vec![0; 276];
    let put = |t: &mut Vec<u8>, at: usize, bytes: &[u8]| {
        t[at..at + bytes.len()].copy_from_slice(bytes);
    };
    put(&mut t, 0, b"FACP");
    put(&mut t, 40, &0x3000u32.to_le_bytes());
    put(&mut t, 46, &9u16.to_le_bytes());
    put(&mut t, 48, &0xb2u32.to_le_bytes());
    put(&mut t, 52, &[0xf1]);
    put(&mut t, 56, &0x600u32.to_le_bytes());
    put(&mut t, 64, &0x604u32.to_le_bytes());
    put(&mut t, 76, &0x608u32.to_le_bytes());
    put(&mut t, 88, &[4]);
    put(&mut t, 108, &[0x32]);
    t[8] = 3;
    put(&mut t, 109, &0x8u16.to_le_bytes());
    put(&mut t, 112, &(1u32 << 10 | 1 << 8).to_le_bytes());
    put(&mut t, 116, &gas(1, 8, 0xcf9));
    put(&mut t, 128, &[0x0f]);
    put(&mut t, 140, &0x3000u64.to_le_bytes());
    put(&mut t, 172, &gas(1, 16, 0x1804));
    t.truncate(len);
    put(&mut t, 4, &(len as u32).to_le_bytes());
    seal(&mut t);
    t
}

fn dsdt() -> Vec<u8> {
    // Scope(\_SB) noise, then Name(\_S5_, Package(){5, 0, 0, 0}).
    table(
        b"DSDT",
        b"\x10\x05_S5_\x08\\_S5_\x12\x07\x04\x0a\x05\x00\x00\x00",
    )
}

fn srat() -> Vec<u8> {
    let mut b = vec![0; 12];
    b.extend([0, 16, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let mut memory = vec![0u8; 40];
    memory[0] = 1;
    memory[1] = 40;
    memory[2] = 1;
    memory[16..24].copy_from_slice(&0x8000_0000u64.to_le_bytes());
    memory[28] = 3;
    b.extend(&memory);
    memory[28] = 0;
    b.extend(&memory);
    b.extend([2, 24, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0]);
    b.extend([0; 8]);
    table(b"SRAT", &b)
}

fn slit() -> Vec<u8> {
    let mut b = 2u64.to_le_bytes().to_vec();
    b.extend([10, 21, 20, 10]);
    table(b"SLIT", &b)
}

fn mcfg_table() -> Vec<u8> {
    let mut b = vec![0; 8];
    b.extend(0xb000_0000u64.to_le_bytes());
    b.extend([0, 0, 0, 255, 0, 0, 0, 0]);
    table(b"MCFG", &b)
}

fn hpet_table() -> Vec<u8> {
    let mut b = 0x8086_a201u32.to_le_bytes().to_vec();
    b.extend(gas(0, 64, 0xfed0_0000));
    b.extend([0, 0, 0, 0]);
    table(b"HPET", &b)
}

type Memory = BTreeMap<u64, Vec<u8>>;

/// A whole firmware: list at 0x1000, tables from 0x2000, DSDT at 0x3000.
fn machine() -> Memory {
    let mut memory = Memory::new();
    let tables = [
        fadt(276),
        madt(),
        hpet_table(),
        mcfg_table(),
        srat(),
        slit(),
        table(b"DMAR", &[39, 1]),
        table(b"SSDT", b"\x08_S3_\x12\x06\x04\x01\x01\x00\x00"),
    ];
    let mut list = Vec::new();
    for (i, t) in tables.into_iter().enumerate() {
        let addr = 0x10_0000 + i as u64 * 0x1000;
        list.extend(addr.to_le_bytes());
        memory.insert(addr, t);
    }
    memory.insert(0x1000, table(b"XSDT", &list));
    memory.insert(0x3000, dsdt());
    memory
}

fn read<'a>(memory: &'a Memory) -> impl Fn(MAddr, usize) -> Option<&'a [u8]> {
    |addr, len| {
        let (start, bytes) = memory.range(..=addr.get()).next_back()?;
        bytes.get((addr.get() - start) as usize..)?.get(..len)
    }
}

const ROOT: Rsdp = Rsdp {
    xsdt: Some(MAddr::new(0x1000)),
    rsdt: None,
    revision: 2,
};

#[test]
fn whole_machine() {
    let memory = machine();
    let info = discover(&ROOT, &read(&memory)).unwrap();
    assert_eq!(info.problems, []);
    assert_eq!(info.lapic_addr, Some(MAddr::new(0xfee0_0000)));
    assert!(info.pcat_compat);
    let ids: Vec<_> = info.cpus.iter().map(|c| (c.apic_id, c.enabled)).collect();
    assert_eq!(ids, [(0, true), (4, true), (256, false)]);
    assert!(info.cpus[2].online_capable);
    assert_eq!(info.io_apics[0].addr, MAddr::new(0xfec0_0000));
    assert_eq!(info.isa.isa(0).unwrap().gsi, 2);
    let sci = info.isa.isa(9).unwrap();
    assert_eq!((sci.trigger, sci.polarity), (Trigger::Level, Polarity::Low));
    assert_eq!(info.nmi_sources[0].gsi, 23);
    assert_eq!(info.nmi_of(3).unwrap().lint, 1);
    assert_eq!(info.s5, Some(SleepTypes { a: 5, b: 0 }));
    assert_eq!(info.hpet.unwrap().addr, MAddr::new(0xfed0_0000));
    assert_eq!(info.mcfg[0].last_bus, 255);
    assert_eq!(info.cpu_affinity.len(), 2);
    assert_eq!(info.cpu_affinity[1].apic_id, 256);
    assert_eq!(info.memory_affinity.len(), 1);
    assert!(info.memory_affinity[0].hot_plug);
    assert_eq!(info.slit.as_ref().unwrap().distance(0, 1), Some(21));
    assert_eq!(info.slit.as_ref().unwrap().distance(0, 2), None);
    assert!(info.has_dmar() && !info.has_ivrs());
    let fadt = info.fadt.unwrap();
    assert_eq!(fadt.pm1a_control.place(), Some(RegisterAt::Port(0x1804)));
    assert_eq!(fadt.pm_timer.place(), Some(RegisterAt::Port(0x608)));
    assert!(fadt.pm_timer_extended() && fadt.has_reset() && !fadt.hardware_reduced());
    assert_eq!(
        (fadt.century, fadt.acpi_enable, fadt.smi_cmd),
        (0x32, 0xf1, 0xb2)
    );
}

#[test]
fn old_fadt_has_no_reset_register_and_falls_back_to_ports() {
    let bytes = fadt(116);
    let fadt = Fadt::parse(Table::from_bytes(&bytes).unwrap()).unwrap();
    assert!(!fadt.has_reset() && !fadt.has_8042() && fadt.no_msi());
    let mut first = bytes.clone();
    first[8] = 1;
    seal(&mut first);
    let first = Fadt::parse(Table::from_bytes(&first).unwrap()).unwrap();
    assert!(first.has_8042() && !first.no_msi());
    assert_eq!(fadt.pm1a_control.place(), Some(RegisterAt::Port(0x604)));
    assert_eq!(fadt.dsdt, MAddr::new(0x3000));
    let short = table(b"FACP", &[0; 79]);
    let error = Fadt::parse(Table::from_bytes(&short).unwrap()).unwrap_err();
    assert_eq!((error.offset, error.fault), (4, Fault::Length));
}

/// Damages one table of the machine and gives the complaints.
fn problems(name: &[u8; 4], damage: impl Fn(&mut Vec<u8>)) -> Vec<AcpiError> {
    let mut memory = machine();
    let t = memory.values_mut().find(|t| t.starts_with(name)).unwrap();
    damage(t);
    discover(&ROOT, &read(&memory)).unwrap().problems
}

fn error(name: &[u8; 4], offset: usize, fault: Fault) -> AcpiError {
    AcpiError {
        table: Signature(*name),
        offset,
        fault,
    }
}

#[test]
fn damage_is_named() {
    assert_eq!(
        problems(b"APIC", |t| t[50] ^= 1),
        [error(b"APIC", 9, Fault::Checksum)]
    );
    assert_eq!(
        problems(b"SRAT", |t| t[4..8].copy_from_slice(&[3, 0, 0, 0])),
        [error(b"SRAT", 4, Fault::Length)]
    );
    let huge = |t: &mut Vec<u8>| t[4..8].copy_from_slice(&[0xff; 4]);
    assert_eq!(problems(b"MCFG", huge), [error(b"MCFG", 4, Fault::Length)]);
    let zero_length_entry = |t: &mut Vec<u8>| {
        t[53] = 0;
        seal(t);
    };
    assert_eq!(
        problems(b"APIC", zero_length_entry),
        [error(b"APIC", 53, Fault::Length)]
    );
    // An I/O APIC entry cut to six bytes: its own fields are out of reach, and what follows is read
    // as if entries began there.
    let short_entry = |t: &mut Vec<u8>| {
        let at = 44 + 8 * 3 + 16 * 2;
        assert_eq!(t[at..at + 2], [1, 12]);
        t[at + 1] = 6;
        seal(t);
    };
    assert_eq!(
        problems(b"APIC", short_entry).first(),
        Some(&error(b"APIC", 44 + 56 + 4, Fault::Length))
    );
    let distance = |t: &mut Vec<u8>| {
        t[45] = 9;
        seal(t);
    };
    assert_eq!(
        problems(b"SLIT", distance),
        [error(b"SLIT", 45, Fault::Value)]
    );
    let many = |t: &mut Vec<u8>| {
        t[43] = 1;
        seal(t);
    };
    assert_eq!(problems(b"SLIT", many), [error(b"SLIT", 36, Fault::Value)]);
    let buses = |t: &mut Vec<u8>| {
        t[44 + 10] = 7;
        t[44 + 11] = 6;
        seal(t);
    };
    assert_eq!(problems(b"MCFG", buses), [error(b"MCFG", 54, Fault::Value)]);
    let io_space = |t: &mut Vec<u8>| {
        t[40] = 1;
        seal(t);
    };
    assert_eq!(
        problems(b"HPET", io_space),
        [error(b"HPET", 40, Fault::Value)]
    );
}

#[test]
fn absent_tables_are_named() {
    let mut memory = machine();
    memory.retain(|_, t| !t.starts_with(b"APIC"));
    let info = discover(&ROOT, &read(&memory)).unwrap();
    assert_eq!(
        info.problems[0],
        error(b"????", 0, Fault::Unreadable(MAddr::new(0x10_1000)))
    );
    assert!(info.problems.contains(&error(b"APIC", 0, Fault::Absent)));
    assert_eq!(info.lapic_addr, None);

    memory.remove(&0x1000);
    let fatal = discover(&ROOT, &read(&memory)).unwrap_err();
    assert_eq!(fatal.fault, Fault::Unreadable(MAddr::new(0x1000)));
    let shown = std::format!("{fatal}");
    assert_eq!(shown, "ACPI table ???? at +0x0: nothing readable at 0x1000");
}

#[test]
fn damaged_xsdt_falls_back_to_rsdt() {
    let mut memory = machine();
    memory.get_mut(&0x1000).unwrap()[40] ^= 0xff;
    memory.insert(0x800, table(b"RSDT", &0x10_1000u32.to_le_bytes()));
    let root = Rsdp {
        rsdt: Some(MAddr::new(0x800)),
        ..ROOT
    };
    let info = discover(&root, &read(&memory)).unwrap();
    assert_eq!(info.root, MAddr::new(0x800));
    assert_eq!(info.cpus.len(), 3);
    assert_eq!(info.problems[0], error(b"XSDT", 9, Fault::Checksum));
}

#[test]
fn root_pointers() {
    let mut v1 = b"RSD PTR \0XENOLI\0\0\x20\0\0".to_vec();
    v1[8] = v1.iter().fold(0u8, |s, b| s.wrapping_sub(*b));
    assert_eq!(v1.len(), 20);
    let rsdp = rsdp::parse(&v1).unwrap();
    assert_eq!((rsdp.rsdt, rsdp.xsdt), (Some(MAddr::new(0x2000)), None));

    let mut v2 = v1.clone();
    v2[15] = 2;
    v2[8] = v2[8].wrapping_sub(2);
    v2.extend(36u32.to_le_bytes());
    v2.extend(0x1_0000_0000u64.to_le_bytes());
    v2.extend([0; 4]);
    v2[32] = v2.iter().fold(0u8, |s, b| s.wrapping_sub(*b));
    let rsdp = rsdp::parse(&v2).unwrap();
    assert_eq!(rsdp.xsdt, Some(MAddr::new(0x1_0000_0000)));
    v2[33] ^= 1;
    assert_eq!(
        rsdp::parse(&v2).unwrap().xsdt,
        None,
        "extended part damaged"
    );
    assert_eq!(rsdp::parse(&v2[..20]).unwrap().xsdt, None);

    v1[9] ^= 1;
    assert_eq!(rsdp::parse(&v1).unwrap_err().fault, Fault::Checksum);
    assert_eq!(rsdp::parse(b"RSD PTR ").unwrap_err().fault, Fault::Length);

    let mut area = vec![0; 0x100];
    area[0x20..0x28].copy_from_slice(b"RSD PTR ");
    v1[9] ^= 1;
    area[0x50..0x64].copy_from_slice(&v1);
    assert_eq!(rsdp::scan(&area).unwrap().rsdt, Some(MAddr::new(0x2000)));
    assert_eq!(rsdp::scan(&area[..0x60]), None);
}

#[test]
fn sleep_packages() {
    let s5 = |aml: &[u8]| sleep_types(aml, 5).map(|t| (t.a, t.b));
    assert_eq!(s5(b"\x08_S5_\x12\x06\x04\x00\x00\x00\x00"), Some((0, 0)));
    assert_eq!(
        s5(b"\x08_S5_\x12\x47\x00\x02\x0a\x07\x0b\x05\x00"),
        Some((7, 5)),
        "two-byte package length, word integer"
    );
    assert_eq!(s5(b"\x08_S5_\x12\x04\x01\x0a\x06"), Some((6, 6)));
    assert_eq!(s5(b"_S5_\x12\x06\x04\x00\x00\x00\x00"), None);
    assert_eq!(s5(b"\x08_S5_\x12\xff"), None);
    assert_eq!(s5(b"\x08_S5_\x12\x06\x04\x70\x60"), None);
    assert_eq!(s5(b"\x08_S4_\x12\x06\x04\x00\x00\x00\x00"), None);
    assert_eq!(sleep_types(b"", 255), None);
}

#[test]
fn pci_config_addresses() {
    let gas = Gas {
        space: 2,
        bits: 8,
        addr: 0x1f_0002_00b2,
    };
    let place = RegisterAt::PciConfig {
        device: 31,
        function: 2,
        offset: 0xb2,
    };
    assert_eq!(gas.place(), Some(place));
    let far = Gas {
        addr: 1 << 37,
        ..gas
    };
    assert_eq!(far.place(), None);
    let nowhere = Gas {
        space: 1,
        addr: 0x1_0000,
        bits: 8,
    };
    assert_eq!(nowhere.place(), None);
}

proptest! {
    /// Any change of any bytes of any table, with the checksum made good again or not: discovery
    /// ends, and never invents more than it was given.
    #[test]
    fn mutated_firmware_never_panics(
        changes in prop::collection::vec((any::<u16>(), any::<u16>(), any::<u8>()), 1..6),
        sealed in any::<bool>(),
    ) {
        let mut memory = machine();
        for (which, at, value) in changes {
            let count = memory.len();
            let t = memory.values_mut().nth(usize::from(which) % count).unwrap();
            let at = usize::from(at) % t.len();
            t[at] = value;
            if sealed {
                seal(t);
            }
        }
        if let Ok(info) = discover(&ROOT, &read(&memory)) {
            prop_assert!(info.tables.len() <= 9);
            prop_assert!(info.cpus.len() <= 256);
            for m in &info.memory_affinity {
                prop_assert!(m.start < m.end);
            }
            for m in &info.mcfg {
                prop_assert!(m.first_bus <= m.last_bus);
            }
        }
    }

    /// Random bytes as a table and as AML.
    #[test]
    fn noise_never_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..300), name in 0usize..6) {
        let _ = rsdp::parse(&bytes);
        let _ = sleep_types(&bytes, 5);
        let mut aml = b"\x08_S5_\x12".to_vec();
        aml.extend(&bytes);
        let _ = sleep_types(&aml, 5);
        if bytes.len() >= HEADER {
            let names = [b"APIC", b"FACP", b"HPET", b"MCFG", b"SRAT", b"SLIT"];
            let len = bytes.len() as u32;
            bytes[..4].copy_from_slice(names[name]);
            bytes[4..8].copy_from_slice(&len.to_le_bytes());
            seal(&mut bytes);
            let mut memory = machine();
            memory.insert(0x10_0000, bytes);
            let info = discover(&ROOT, &read(&memory)).unwrap();
            prop_assert_eq!(info.lapic_addr.is_some(), true);
        }
    }
}
