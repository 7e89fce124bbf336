//! From the root pointer to everything that we use, in one walk.
//!
//! Only an unreadable list of tables is fatal. Whatever else is damaged is left out and noted in
//! [`AcpiInfo::problems`], for the log: a machine with a broken SRAT still boots, without NUMA. Where
//! a table occurs twice the first sound one counts, as in every operating system.

extern crate alloc;

use alloc::vec::Vec;
use units::MAddr;

use super::aml::{SleepTypes, sleep_types};
use super::madt::{Cpu, IoApic, LapicNmi, Madt, MadtEntry};
use super::numa::{Affinity, CpuAffinity, MemoryAffinity, Slit, srat};
use super::rsdp::Rsdp;
use super::{AcpiError, Fadt, Fault, HEADER, Hpet, Mcfg, Reader, Signature, Table, hpet, mcfg};
use crate::gsi::IsaLines;

/// Most tables followed from the list.
const MAX_TABLES: usize = 256;
/// Most processors, SRAT entries and so on that are kept of each kind.
const MAX_ENTRIES: usize = 1024;
/// Most complaints kept.
const MAX_PROBLEMS: usize = 64;

/// A table that passed its checks, for those who parse further ones (DMAR, IVRS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRef {
    /// Its name.
    pub name: Signature,
    /// Its address.
    pub addr: MAddr,
    /// Its length with the header.
    pub len: usize,
}

/// A pin that is to be delivered as NMI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NmiSource {
    /// The pin.
    pub gsi: u32,
    /// MPS INTI flags.
    pub flags: u16,
}

/// What the ACPI tables say.
#[derive(Clone, Debug, Default)]
pub struct AcpiInfo {
    /// Address of the list of tables in use.
    pub root: MAddr,
    /// The tables, in the list's order, then the DSDT.
    pub tables: Vec<TableRef>,
    /// Address of the local APICs' page; `None` without a MADT.
    pub lapic_addr: Option<MAddr>,
    /// The machine also has 8259s.
    pub pcat_compat: bool,
    /// Processors, in the MADT's order, which begins with the boot processor; no ID twice.
    pub cpus: Vec<Cpu>,
    /// I/O APICs.
    pub io_apics: Vec<IoApic>,
    /// ISA interrupt routes.
    pub isa: IsaLines,
    /// Pins wired to NMI.
    pub nmi_sources: Vec<NmiSource>,
    /// LINT pins wired to NMI.
    pub lapic_nmis: Vec<LapicNmi>,
    /// Power management.
    pub fadt: Option<Fadt>,
    /// Soft-off.
    pub s5: Option<SleepTypes>,
    /// High precision event timer.
    pub hpet: Option<Hpet>,
    /// Memory-mapped PCI configuration space.
    pub mcfg: Vec<Mcfg>,
    /// Processors' proximity domains.
    pub cpu_affinity: Vec<CpuAffinity>,
    /// Memory's proximity domains.
    pub memory_affinity: Vec<MemoryAffinity>,
    /// Distances between proximity domains.
    pub slit: Option<Slit>,
    /// What was wrong and has been left out.
    pub problems: Vec<AcpiError>,
}

impl AcpiInfo {
    /// The first table of this name.
    pub fn table(&self, name: &[u8; 4]) -> Option<TableRef> {
        self.tables.iter().find(|t| t.name.0 == *name).copied()
    }

    /// An Intel IOMMU is described (DMAR).
    pub fn has_dmar(&self) -> bool {
        self.table(b"DMAR").is_some()
    }

    /// An AMD IOMMU is described (IVRS).
    pub fn has_ivrs(&self) -> bool {
        self.table(b"IVRS").is_some()
    }

    /// The LINT pin (0 or 1), with its flags, to which the NMI of the processor with this
    /// [`Cpu::uid`] is wired.
    pub fn nmi_of(&self, uid: u32) -> Option<LapicNmi> {
        let of = |n: &&LapicNmi| n.uid.is_none_or(|u| u == uid) && n.lint < 2;
        self.lapic_nmis.iter().find(of).copied()
    }

    fn complain(&mut self, error: AcpiError) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(error);
        }
    }

    /// Keeps what `result` holds, or notes why not.
    fn keep<T>(&mut self, result: Result<T, AcpiError>) -> Option<T> {
        result.map_err(|e| self.complain(e)).ok()
    }
}

/// Pushes within the limit.
fn push<T>(list: &mut Vec<T>, item: T, name: &[u8; 4]) -> Result<(), AcpiError> {
    if list.len() >= MAX_ENTRIES {
        return Err(AcpiError {
            table: Signature(*name),
            offset: 0,
            fault: Fault::TooMany,
        });
    }
    list.push(item);
    Ok(())
}

/// Follows the root pointer.
pub fn discover(rsdp: &Rsdp, read: Reader<'_, '_>) -> Result<AcpiInfo, AcpiError> {
    let mut info = AcpiInfo::default();
    let absent = AcpiError {
        table: Signature(*b"XSDT"),
        offset: 0,
        fault: Fault::Absent,
    };
    let load = |addr: Option<MAddr>, name| {
        let addr = addr.ok_or(absent)?;
        Ok((addr, Table::load(addr, read)?.expect(name)?))
    };
    let (root, list, wide) = match load(rsdp.xsdt, b"XSDT") {
        Ok((addr, table)) => (addr, table, true),
        Err(error) => {
            if rsdp.xsdt.is_some() {
                info.complain(error);
            }
            let (addr, table) = load(rsdp.rsdt, b"RSDT").map_err(|e| {
                // The damage to the list of choice is the better message.
                if rsdp.rsdt.is_some() { e } else { error }
            })?;
            (addr, table, false)
        }
    };
    info.root = root;

    let size = if wide { 8 } else { 4 };
    let mut ssdts = Vec::new();
    for at in (HEADER..list.bytes().len()).step_by(size) {
        if info.tables.len() >= MAX_TABLES {
            info.complain(list.error(at, Fault::TooMany));
            break;
        }
        let addr = if wide {
            list.u64(at)
        } else {
            list.u32(at).map(u64::from)
        };
        let Some(addr) = info.keep(addr) else { break };
        if addr == 0 {
            continue;
        }
        let addr = MAddr::new(addr);
        let Some(table) = info.keep(Table::load(addr, read)) else {
            continue;
        };
        info.tables.push(TableRef {
            name: table.name(),
            addr,
            len: table.bytes().len(),
        });
        if table.name().0 == *b"SSDT" {
            ssdts.push(table);
        } else {
            read_table(&mut info, table);
        }
    }
    for (name, missing) in [
        (b"APIC", info.lapic_addr.is_none()),
        (b"FACP", info.fadt.is_none()),
    ] {
        if missing && !info.problems.iter().any(|p| p.table.0 == *name) {
            info.complain(AcpiError {
                table: Signature(*name),
                offset: 0,
                fault: Fault::Absent,
            });
        }
    }
    read_s5(&mut info, &ssdts, read);
    Ok(info)
}

fn read_s5(info: &mut AcpiInfo, ssdts: &[Table<'_>], read: Reader<'_, '_>) {
    let Some(fadt) = info.fadt else { return };
    let s5 = |t: &Table<'_>| sleep_types(t.bytes().get(HEADER..)?, 5);
    let dsdt = Table::load(fadt.dsdt, read).and_then(|t| t.expect(b"DSDT"));
    if let Some(dsdt) = info.keep(dsdt) {
        info.tables.push(TableRef {
            name: dsdt.name(),
            addr: fadt.dsdt,
            len: dsdt.bytes().len(),
        });
        info.s5 = s5(&dsdt);
    }
    if info.s5.is_none() {
        info.s5 = ssdts.iter().find_map(s5);
    }
}

fn read_table(info: &mut AcpiInfo, table: Table<'_>) {
    match &table.name().0 {
        b"APIC" if info.lapic_addr.is_none() => read_madt(info, table),
        b"FACP" if info.fadt.is_none() => info.fadt = info.keep(Fadt::parse(table)),
        b"HPET" if info.hpet.is_none() => info.hpet = info.keep(hpet(table)),
        b"SLIT" if info.slit.is_none() => info.slit = info.keep(Slit::parse(table)),
        b"MCFG" if info.mcfg.is_empty() => {
            let Some(regions) = info.keep(mcfg(table)) else {
                return;
            };
            for region in regions {
                let kept = region.and_then(|r| push(&mut info.mcfg, r, b"MCFG"));
                info.keep(kept);
            }
        }
        b"SRAT" if info.cpu_affinity.is_empty() && info.memory_affinity.is_empty() => {
            let Some(entries) = info.keep(srat(table)) else {
                return;
            };
            for entry in entries {
                let kept = entry.and_then(|e| match e {
                    Affinity::Cpu(cpu) => push(&mut info.cpu_affinity, cpu, b"SRAT"),
                    Affinity::Memory(memory) => push(&mut info.memory_affinity, memory, b"SRAT"),
                });
                info.keep(kept);
            }
        }
        _ => {}
    }
}

fn read_madt(info: &mut AcpiInfo, table: Table<'_>) {
    let Some(madt) = info.keep(Madt::parse(table)) else {
        return;
    };
    info.lapic_addr = Some(madt.lapic_addr);
    info.pcat_compat = madt.pcat_compat;
    for entry in madt.entries() {
        let kept = entry.and_then(|e| keep_madt_entry(info, e));
        info.keep(kept);
    }
}

fn keep_madt_entry(info: &mut AcpiInfo, entry: MadtEntry) -> Result<(), AcpiError> {
    match entry {
        // All ones marks an empty slot of firmware that sizes the table for the largest machine.
        MadtEntry::Cpu(cpu) if !cpu.enabled && matches!(cpu.apic_id, 0xff | u32::MAX) => Ok(()),
        MadtEntry::Cpu(cpu) => {
            // Small IDs may be listed as types 0 and 9 both.
            match info.cpus.iter_mut().find(|c| c.apic_id == cpu.apic_id) {
                Some(known) => {
                    known.enabled |= cpu.enabled;
                    known.online_capable |= cpu.online_capable;
                    Ok(())
                }
                None => push(&mut info.cpus, cpu, b"APIC"),
            }
        }
        MadtEntry::IoApic(io_apic) => push(&mut info.io_apics, io_apic, b"APIC"),
        MadtEntry::Override { source, gsi, flags } => {
            info.isa.apply(source, gsi, flags);
            Ok(())
        }
        MadtEntry::NmiSource { gsi, flags } => {
            push(&mut info.nmi_sources, NmiSource { gsi, flags }, b"APIC")
        }
        MadtEntry::LapicNmi(nmi) => push(&mut info.lapic_nmis, nmi, b"APIC"),
        MadtEntry::LapicAddr(addr) => {
            info.lapic_addr = Some(addr);
            Ok(())
        }
        MadtEntry::Other(_) => Ok(()),
    }
}
