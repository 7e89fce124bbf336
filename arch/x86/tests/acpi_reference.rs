//! The ACPI parser of `arch-defs` against the `acpi` crate, on the host.
//!
//! Ours exists because firmware is not to be trusted and the crate trusts it (see `arch_defs::acpi`). On
//! tables without a fault there is no room for two opinions, and the crate is the independent one: it was
//! written from the same specification by others. So firmware without faults is made up at random in a
//! buffer that stands for physical memory, both read it from the root pointer on, and what they found must be
//! the same. What lies between the tables is noise, not zeros: whoever reads past an end finds something else.
//!
//! The test is in this crate because implementing the crate's `AcpiHandler` takes unsafe code, which
//! `arch-defs` forbids.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::ptr::NonNull;

use acpi::address::AddressSpace;
use acpi::fadt::Fadt;
use acpi::madt::{Madt, MadtEntry};
use acpi::mcfg::Mcfg;
use acpi::{AcpiError, AcpiHandler, AcpiTables, HpetInfo, PhysicalMapping};
use arch_defs::acpi::madt::MadtEntry as OurEntry;
use arch_defs::acpi::{self as ours, RegisterAt, Table, rsdp};
use proptest::prelude::*;
use units::MAddr;

/// Where the root pointer is.
const ROOT: usize = 0x40;
/// Where tables begin.
const TABLES: usize = 0x100;
/// Bytes between the tables at least: more than the longest structure, which the crate lays over tables
/// of any length.
const GAP: usize = 300;

/// Memory as the crate maps it: address 0 is the slice's first byte.
#[derive(Clone, Copy)]
struct Physical<'a>(&'a [u8]);

impl AcpiHandler for Physical<'_> {
    unsafe fn map_physical_region<T>(&self, at: usize, size: usize) -> PhysicalMapping<Self, T> {
        assert_eq!(align_of::<T>(), 1, "the crate's tables are packed");
        let need = size.max(size_of::<T>());
        let bytes = self.0.get(at..).and_then(|tail| tail.get(..need));
        let start = NonNull::from(bytes.expect("the crate stays in memory")).cast::<T>();
        // SAFETY: `start` has `need` initialized bytes, for the handler's lifetime, which the mapping's type
        // bounds; `T` needs no alignment, and nobody asks a mapping for a mutable reference.
        unsafe { PhysicalMapping::new(at, start, size, size, *self) }
    }

    fn unmap_physical_region<T>(_: &PhysicalMapping<Self, T>) {}
}

/// What a parser found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    lapic_addr: u64,
    pcat_compat: bool,
    /// APIC ID, UID, enabled, online capable.
    cpus: Vec<(u32, u32, bool, bool)>,
    /// ID, address, first GSI.
    io_apics: Vec<(u8, u64, u32)>,
    /// Source, GSI, flags.
    overrides: Vec<(u8, u32, u16)>,
    /// GSI, flags.
    nmi_sources: Vec<(u32, u16)>,
    /// UID, pin, flags.
    lapic_nmis: Vec<(Option<u32>, u8, u16)>,
    /// SCI, SMI command port, value that enables ACPI.
    fixed: (u16, u32, u8),
    /// In memory rather than a port, address, has 32 bits.
    pm_timer: Option<(bool, u64, bool)>,
    /// Address and length.
    dsdt: Option<(u64, usize)>,
    /// Address, number.
    hpet: Option<(u64, u8)>,
    /// Base, segment, first and last bus.
    mcfg: Vec<(u64, u16, u8, u8)>,
}

/// The crate's reading.
fn theirs(memory: &[u8]) -> Found {
    // SAFETY: a root pointer is there.
    let tables = unsafe { AcpiTables::from_rsdp(Physical(memory), ROOT) }.expect("a list");
    let mut found = Found::default();
    let madt = tables.find_table::<Madt>().expect("a MADT");
    read_madt(madt.get(), &mut found);

    let fadt = tables.find_table::<Fadt>().expect("a FADT");
    found.fixed = (fadt.sci_interrupt, fadt.smi_cmd_port, fadt.acpi_enable);
    let wide = { fadt.flags }.pm_timer_is_32_bit();
    found.pm_timer = fadt.pm_timer_block().expect("an address").map(|timer| {
        let in_memory = match timer.address_space {
            AddressSpace::SystemMemory => true,
            AddressSpace::SystemIo => false,
            other => panic!("PM timer in {other:?}"),
        };
        (in_memory, timer.address, wide)
    });
    let dsdt = tables.dsdt().expect("a DSDT");
    let header = ours::HEADER;
    found.dsdt = Some((
        (dsdt.address - header) as u64,
        dsdt.length as usize + header,
    ));
    found.hpet = match HpetInfo::new(&tables) {
        Ok(hpet) => Some((hpet.base_address as u64, hpet.hpet_number)),
        Err(AcpiError::TableMissing(_)) => None,
        Err(other) => panic!("HPET: {other:?}"),
    };
    found.mcfg = match tables.find_table::<Mcfg>() {
        Ok(mcfg) => {
            let entries = mcfg.entries().iter();
            entries
                .map(|e| {
                    (
                        e.base_address,
                        e.pci_segment_group,
                        e.bus_number_start,
                        e.bus_number_end,
                    )
                })
                .collect()
        }
        Err(AcpiError::TableMissing(_)) => Vec::new(),
        Err(other) => panic!("MCFG: {other:?}"),
    };
    found
}

fn read_madt(madt: Pin<&Madt>, found: &mut Found) {
    found.lapic_addr = madt.local_apic_address.into();
    found.pcat_compat = madt.supports_8259();
    for entry in madt.entries() {
        match entry {
            MadtEntry::LocalApic(e) => {
                let flags = e.flags;
                // The empty slots that ours leaves out.
                if flags & 1 != 0 || e.apic_id != u8::MAX {
                    let cpu = (
                        e.apic_id.into(),
                        e.processor_id.into(),
                        flags & 1 != 0,
                        flags & 2 != 0,
                    );
                    found.cpus.push(cpu);
                }
            }
            MadtEntry::LocalX2Apic(e) => {
                let flags = e.flags;
                if flags & 1 != 0 || e.x2apic_id != u32::MAX {
                    found
                        .cpus
                        .push((e.x2apic_id, e.processor_uid, flags & 1 != 0, flags & 2 != 0));
                }
            }
            MadtEntry::IoApic(e) => found.io_apics.push((
                e.io_apic_id,
                e.io_apic_address.into(),
                e.global_system_interrupt_base,
            )),
            MadtEntry::InterruptSourceOverride(e) => {
                found
                    .overrides
                    .push((e.irq, e.global_system_interrupt, e.flags));
            }
            MadtEntry::NmiSource(e) => found.nmi_sources.push((e.global_system_interrupt, e.flags)),
            MadtEntry::LocalApicNmi(e) => {
                let uid = (e.processor_id != u8::MAX).then_some(e.processor_id.into());
                found.lapic_nmis.push((uid, e.nmi_line, e.flags));
            }
            MadtEntry::X2ApicNmi(e) => {
                let uid = e.processor_uid;
                found
                    .lapic_nmis
                    .push(((uid != u32::MAX).then_some(uid), e.nmi_line, e.flags));
            }
            MadtEntry::LocalApicAddressOverride(e) => found.lapic_addr = e.local_apic_address,
            other => panic!("made-up MADT has {other:?}"),
        }
    }
}

/// Our reading, which must have nothing to complain about.
fn ours(memory: &[u8]) -> Found {
    let read = |addr: MAddr, len: usize| {
        let at = usize::try_from(addr.get()).ok()?;
        memory.get(at..)?.get(..len)
    };
    let root = rsdp::parse(&memory[ROOT..]).expect("a root pointer");
    let info = ours::discover(&root, &read).expect("a list");
    assert_eq!(info.problems, []);

    let mut found = Found {
        lapic_addr: info.lapic_addr.expect("a MADT").get(),
        pcat_compat: info.pcat_compat,
        dsdt: info.table(b"DSDT").map(|t| (t.addr.get(), t.len)),
        hpet: info.hpet.map(|h| (h.addr.get(), h.number)),
        ..Found::default()
    };
    let cpus = info.cpus.iter();
    found.cpus = cpus
        .map(|c| (c.apic_id, c.uid, c.enabled, c.online_capable))
        .collect();
    let io_apics = info.io_apics.iter();
    found.io_apics = io_apics.map(|i| (i.id, i.addr.get(), i.gsi_base)).collect();
    found.nmi_sources = info.nmi_sources.iter().map(|n| (n.gsi, n.flags)).collect();
    found.lapic_nmis = info
        .lapic_nmis
        .iter()
        .map(|n| (n.uid, n.lint, n.flags))
        .collect();
    let mcfg = info.mcfg.iter();
    found.mcfg = mcfg
        .map(|m| (m.base.get(), m.segment, m.first_bus, m.last_bus))
        .collect();

    let fadt = info.fadt.expect("a FADT");
    found.fixed = (fadt.sci, fadt.smi_cmd.into(), fadt.acpi_enable);
    let wide = fadt.pm_timer_extended();
    found.pm_timer = fadt.pm_timer.place().map(|place| match place {
        RegisterAt::Memory(addr) => (true, addr.get(), wide),
        RegisterAt::Port(port) => (false, port.into(), wide),
        other => panic!("PM timer at {other:?}"),
    });

    // Discovery keeps only what the overrides come to, so they are taken from the table, and then held
    // against that.
    let madt = info.table(b"APIC").expect("a MADT");
    let madt = Table::load(madt.addr, &read).and_then(ours::madt::Madt::parse);
    for entry in madt.expect("a MADT").entries() {
        if let OurEntry::Override { source, gsi, flags } = entry.expect("an entry") {
            found.overrides.push((source, gsi, flags));
        }
    }
    for irq in 0..16 {
        let routed = found.overrides.iter().find(|(source, ..)| *source == irq);
        let gsi = routed.map_or(irq.into(), |(_, gsi, _)| *gsi);
        assert_eq!(info.isa.isa(irq).expect("an ISA line").gsi, gsi);
    }
    found
}

/// An entry of a made-up MADT.
#[derive(Clone, Debug)]
enum Entry {
    Lapic {
        uid: u8,
        id: u8,
        flags: u32,
    },
    X2apic {
        uid: u32,
        id: u32,
        flags: u32,
    },
    IoApic {
        id: u8,
        addr: u32,
        gsi: u32,
    },
    Override {
        source: u8,
        gsi: u32,
        flags: u16,
    },
    NmiSource {
        gsi: u32,
        flags: u16,
    },
    LapicNmi {
        uid: u8,
        lint: u8,
        flags: u16,
    },
    X2apicNmi {
        uid: u32,
        lint: u8,
        flags: u16,
    },
    LapicAddr(u64),
    /// Of a type that means nothing to anyone.
    Reserved {
        kind: u8,
        body: Vec<u8>,
    },
}

impl Entry {
    fn bytes(&self) -> Vec<u8> {
        let (kind, body) = match self {
            Self::Lapic { uid, id, flags } => {
                (0, [&[*uid, *id][..], &flags.to_le_bytes()].concat())
            }
            Self::IoApic { id, addr, gsi } => (
                1,
                [&[*id, 0][..], &addr.to_le_bytes(), &gsi.to_le_bytes()].concat(),
            ),
            Self::Override { source, gsi, flags } => (
                2,
                [&[0, *source][..], &gsi.to_le_bytes(), &flags.to_le_bytes()].concat(),
            ),
            Self::NmiSource { gsi, flags } => {
                (3, [&flags.to_le_bytes()[..], &gsi.to_le_bytes()].concat())
            }
            Self::LapicNmi { uid, lint, flags } => {
                (4, [&[*uid][..], &flags.to_le_bytes(), &[*lint]].concat())
            }
            Self::LapicAddr(addr) => (5, [&[0, 0][..], &addr.to_le_bytes()].concat()),
            Self::X2apic { uid, id, flags } => {
                let numbers = [*id, *flags, *uid].map(u32::to_le_bytes).concat();
                (9, [&[0, 0][..], &numbers].concat())
            }
            Self::X2apicNmi { uid, lint, flags } => (
                10,
                [
                    &flags.to_le_bytes()[..],
                    &uid.to_le_bytes(),
                    &[*lint, 0, 0, 0],
                ]
                .concat(),
            ),
            Self::Reserved { kind, body } => (*kind, body.clone()),
        };
        let len = u8::try_from(body.len() + 2).expect("a short entry");
        [&[kind, len][..], &body].concat()
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    // Reserved bits stay 0; 2 is the reserved value of both fields of the INTI flags.
    let inti = || {
        let field = || prop_oneof![Just(0u16), Just(1), Just(3)];
        (field(), field()).prop_map(|(polarity, trigger)| trigger << 2 | polarity)
    };
    let uid8 = prop_oneof![any::<u8>(), Just(u8::MAX)];
    let uid32 = prop_oneof![any::<u32>(), Just(u32::MAX)];
    prop_oneof![
        4 => (any::<u8>(), any::<u8>(), 0u32..4)
            .prop_map(|(uid, id, flags)| Entry::Lapic { uid, id, flags }),
        4 => (any::<u32>(), prop_oneof![256..1024u32, 256..=u32::MAX], 0u32..4)
            .prop_map(|(uid, id, flags)| Entry::X2apic { uid, id, flags }),
        2 => (any::<u8>(), any::<u32>(), any::<u32>())
            .prop_map(|(id, addr, gsi)| Entry::IoApic { id, addr, gsi }),
        3 => (0u8..16, any::<u32>(), inti())
            .prop_map(|(source, gsi, flags)| Entry::Override { source, gsi, flags }),
        1 => (any::<u32>(), inti()).prop_map(|(gsi, flags)| Entry::NmiSource { gsi, flags }),
        1 => (uid8, 0u8..2, inti()).prop_map(|(uid, lint, flags)| Entry::LapicNmi { uid, lint, flags }),
        1 => (uid32, 0u8..2, inti()).prop_map(|(uid, lint, flags)| Entry::X2apicNmi { uid, lint, flags }),
        1 => (0..1u64 << 52).prop_map(Entry::LapicAddr),
        1 => (0x11u8.., prop::collection::vec(any::<u8>(), 0..20))
            .prop_map(|(kind, body)| Entry::Reserved { kind, body }),
    ]
}

/// Leaves each processor, each override's source and the local APICs' address once, as firmware must.
fn once(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut seen = BTreeSet::new();
    entries.retain(|e| match e {
        Entry::Lapic { id, .. } => seen.insert((0, u32::from(*id))),
        Entry::X2apic { id, .. } => seen.insert((0, *id)),
        Entry::Override { source, .. } => seen.insert((1, u32::from(*source))),
        Entry::LapicAddr(_) => seen.insert((2, 0)),
        _ => true,
    });
    entries
}

/// A made-up FADT: length and revision of one of ACPI's versions, and the PM timer as port (0: none) and as
/// generic address.
#[derive(Clone, Debug)]
struct FadtSpec {
    version: (usize, u8),
    sci: u16,
    smi_cmd: u16,
    acpi_enable: u8,
    flags: u32,
    timer_port: u16,
    timer: Option<(u8, u64)>,
}

impl FadtSpec {
    fn bytes(&self, dsdt: u64) -> Vec<u8> {
        let (len, revision) = self.version;
        let mut t = vec![0; 276];
        let mut put = |at: usize, bytes: &[u8]| t[at..at + bytes.len()].copy_from_slice(bytes);
        put(40, &(dsdt as u32).to_le_bytes());
        put(46, &self.sci.to_le_bytes());
        put(48, &u32::from(self.smi_cmd).to_le_bytes());
        put(52, &[self.acpi_enable]);
        put(76, &u32::from(self.timer_port).to_le_bytes());
        put(112, &self.flags.to_le_bytes());
        if len > 140 {
            put(140, &dsdt.to_le_bytes());
            if let Some((space, addr)) = self.timer {
                put(208, &[space, 32, 0, 3]);
                put(212, &addr.to_le_bytes());
            }
        }
        if self.timer_port != 0 || self.timer.is_some() && len > 140 {
            put(91, &[4]);
        }
        table(b"FACP", revision, &t[ours::HEADER..len])
    }
}

fn fadt() -> impl Strategy<Value = FadtSpec> {
    let versions = vec![(116, 1), (244, 3), (244, 4), (268, 5), (276, 6)];
    let timer = prop_oneof![
        (1..=0xffffu64).prop_map(|port| (1, port)),
        (1..1u64 << 52).prop_map(|addr| (0, addr)),
    ];
    let port = prop_oneof![Just(0), any::<u16>()];
    (
        prop::sample::select(versions),
        (any::<u16>(), any::<u16>(), any::<u8>(), any::<u32>()),
        (port, prop::option::of(timer)),
    )
        .prop_map(
            |(version, (sci, smi_cmd, acpi_enable, flags), (timer_port, timer))| FadtSpec {
                version,
                sci,
                smi_cmd,
                acpi_enable,
                flags,
                timer_port,
                timer,
            },
        )
}

/// A made-up machine.
#[derive(Clone, Debug)]
struct Firmware {
    /// ACPI 1.0, with the 32-bit list only.
    old: bool,
    lapic_addr: u32,
    pcat_compat: bool,
    entries: Vec<Entry>,
    fadt: FadtSpec,
    hpet: Option<(u64, u8)>,
    mcfg: Option<Vec<(u64, u16, u8, u8)>>,
    /// Bodies of tables that nobody asks for.
    others: Vec<Vec<u8>>,
    /// Rotates the list's order.
    turn: usize,
    /// Added to each gap, so that tables lie on odd addresses too.
    slip: usize,
    noise: u8,
}

fn firmware() -> impl Strategy<Value = Firmware> {
    let region = (1u64..1 << 30, any::<u16>(), any::<u8>(), any::<u8>())
        .prop_map(|(base, segment, a, b)| (base << 20, segment, a.min(b), a.max(b)));
    let blob = prop::collection::vec(any::<u8>(), 0..64);
    (
        (
            any::<bool>(),
            any::<u32>(),
            any::<bool>(),
            0usize..8,
            0usize..16,
            any::<u8>(),
        ),
        prop::collection::vec(entry(), 0..40).prop_map(once),
        fadt(),
        prop::option::of((1..1u64 << 52, any::<u8>())),
        prop::option::of(prop::collection::vec(region, 0..5)),
        prop::collection::vec(blob, 0..4),
    )
        .prop_map(|(plain, entries, fadt, hpet, mcfg, others)| {
            let (old, lapic_addr, pcat_compat, turn, slip, noise) = plain;
            Firmware {
                old,
                lapic_addr,
                pcat_compat,
                entries,
                fadt,
                hpet,
                mcfg,
                others,
                turn,
                slip,
                noise,
            }
        })
}

/// Makes the bytes sum to 0, with the one at `at`.
fn seal(bytes: &mut [u8], at: usize) {
    bytes[at] = 0;
    bytes[at] = bytes.iter().fold(0u8, |sum, b| sum.wrapping_sub(*b));
}

fn table(name: &[u8; 4], revision: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(ours::HEADER + body.len()).expect("a short table");
    let mut t = name.to_vec();
    t.extend(len.to_le_bytes());
    t.extend([revision, 0]);
    t.extend(b"XENOLITHTESTS_");
    t.extend([0; 12]);
    t.extend(body);
    seal(&mut t, 9);
    t
}

/// Physical memory, and where the next table goes.
struct Layout<'a> {
    memory: Vec<u8>,
    of: &'a Firmware,
}

impl Layout<'_> {
    /// Puts a table behind the others and gives its address.
    fn put(&mut self, bytes: &[u8]) -> u64 {
        let at = self.memory.len() as u64;
        self.memory.extend(bytes);
        let end = self.memory.len() + GAP + self.of.slip;
        self.memory.resize(end, self.of.noise);
        at
    }
}

impl Firmware {
    fn memory(&self) -> Vec<u8> {
        let mut layout = Layout {
            memory: vec![self.noise; TABLES + self.slip],
            of: self,
        };
        let dsdt = layout.put(&table(b"DSDT", 2, b"\x08_S5_\x12\x06\x04\x00\x00\x00\x00"));
        let mut madt = self.lapic_addr.to_le_bytes().to_vec();
        madt.extend(u32::from(self.pcat_compat).to_le_bytes());
        madt.extend(self.entries.iter().flat_map(Entry::bytes));
        let mut tables = vec![table(b"APIC", 4, &madt), self.fadt.bytes(dsdt)];
        if let Some((addr, number)) = self.hpet {
            let gas = [&[0, 64, 0, 0][..], &addr.to_le_bytes()].concat();
            let block = 0x8086_a201u32.to_le_bytes();
            tables.push(table(
                b"HPET",
                1,
                &[&block[..], &gas, &[number, 0x80, 0, 0]].concat(),
            ));
        }
        if let Some(regions) = &self.mcfg {
            let mut body = vec![0; 8];
            for (base, segment, first, last) in regions {
                body.extend(base.to_le_bytes());
                body.extend(segment.to_le_bytes());
                body.extend([*first, *last, 0, 0, 0, 0]);
            }
            tables.push(table(b"MCFG", 1, &body));
        }
        tables.extend(self.others.iter().map(|body| table(b"OEM1", 1, body)));
        let turn = self.turn % tables.len();
        tables.rotate_left(turn);

        let addrs: Vec<_> = tables.iter().map(|t| layout.put(t)).collect();
        let narrow: Vec<_> = addrs
            .iter()
            .flat_map(|a| (*a as u32).to_le_bytes())
            .collect();
        let wide: Vec<_> = addrs.iter().flat_map(|a| a.to_le_bytes()).collect();
        // Where there is the 64-bit list it alone counts, so the other may as well be empty.
        let rsdt = layout.put(&table(b"RSDT", 1, if self.old { &narrow } else { &[] }));
        let mut root = b"RSD PTR \0XENOLI".to_vec();
        root.push(if self.old { 0 } else { 2 });
        root.extend((rsdt as u32).to_le_bytes());
        seal(&mut root, 8);
        if !self.old {
            let xsdt = layout.put(&table(b"XSDT", 1, &wide));
            root.extend(36u32.to_le_bytes());
            root.extend(xsdt.to_le_bytes());
            root.extend([0; 4]);
            seal(&mut root, 32);
        }
        layout.memory[ROOT..ROOT + root.len()].copy_from_slice(&root);
        layout.memory
    }
}

/// One machine whose contents are known, so that the two can't agree on nothing.
#[test]
fn both_find_what_was_put_there() {
    for old in [false, true] {
        let firmware = Firmware {
            old,
            lapic_addr: 0xfee0_0000,
            pcat_compat: true,
            entries: vec![
                Entry::Lapic {
                    uid: 0,
                    id: 4,
                    flags: 1,
                },
                Entry::X2apic {
                    uid: 7,
                    id: 0x100,
                    flags: 2,
                },
                Entry::Lapic {
                    uid: 2,
                    id: 0xff,
                    flags: 0,
                },
                Entry::IoApic {
                    id: 8,
                    addr: 0xfec0_0000,
                    gsi: 24,
                },
                Entry::Override {
                    source: 9,
                    gsi: 20,
                    flags: 0xf,
                },
                Entry::NmiSource { gsi: 23, flags: 5 },
                Entry::LapicNmi {
                    uid: 0xff,
                    lint: 1,
                    flags: 5,
                },
                Entry::X2apicNmi {
                    uid: 7,
                    lint: 0,
                    flags: 0,
                },
                Entry::Reserved {
                    kind: 0x7f,
                    body: vec![1],
                },
            ],
            fadt: FadtSpec {
                version: (276, 6),
                sci: 9,
                smi_cmd: 0xb2,
                acpi_enable: 0xf1,
                flags: 1 << 8,
                timer_port: 0x608,
                timer: Some((1, 0x1808)),
            },
            hpet: Some((0xfed0_0000, 3)),
            mcfg: Some(vec![(0xb000_0000, 1, 0, 0x7f)]),
            others: vec![vec![1, 2, 3]],
            turn: 1,
            slip: 3,
            noise: 0xa5,
        };
        let memory = firmware.memory();
        let expected = Found {
            lapic_addr: 0xfee0_0000,
            pcat_compat: true,
            cpus: vec![(4, 0, true, false), (0x100, 7, false, true)],
            io_apics: vec![(8, 0xfec0_0000, 24)],
            overrides: vec![(9, 20, 0xf)],
            nmi_sources: vec![(23, 5)],
            lapic_nmis: vec![(None, 1, 5), (Some(7), 0, 0)],
            fixed: (9, 0xb2, 0xf1),
            pm_timer: Some((false, 0x1808, true)),
            dsdt: Some((TABLES as u64 + 3, ours::HEADER + 12)),
            hpet: Some((0xfed0_0000, 3)),
            mcfg: vec![(0xb000_0000, 1, 0, 0x7f)],
        };
        assert_eq!(ours(&memory), expected);
        assert_eq!(theirs(&memory), expected);
    }
}

fn cases() -> u32 {
    let more = std::env::var("XENOLITH_PROPTEST_CASES").ok();
    more.and_then(|n| n.parse().ok()).unwrap_or(256)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Any firmware without a fault.
    #[test]
    fn both_read_the_same(firmware in firmware()) {
        let memory = firmware.memory();
        prop_assert_eq!(ours(&memory), theirs(&memory));
    }
}
