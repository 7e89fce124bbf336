//! The multiple APIC description table, MADT (ACPI 6.5 §5.2.12): processors and interrupt
//! controllers.

use units::MAddr;

use super::{AcpiError, Entry, Table};

/// Offset of the first entry.
const ENTRIES: usize = 44;

/// A MADT.
#[derive(Clone, Copy, Debug)]
pub struct Madt<'a> {
    table: Table<'a>,
    /// Address of the local APICs' page as the header has it.
    pub lapic_addr: MAddr,
    /// The machine also has a pair of 8259s.
    pub pcat_compat: bool,
}

/// An entry of the MADT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadtEntry {
    /// Types 0 and 9: a processor.
    Cpu(Cpu),
    /// Type 1.
    IoApic(IoApic),
    /// Type 2: an ISA interrupt that isn't routed one to one.
    Override {
        /// ISA interrupt.
        source: u8,
        /// Where it arrives.
        gsi: u32,
        /// MPS INTI flags, see [`crate::gsi::inti_flags`].
        flags: u16,
    },
    /// Type 3: a GSI that is to be delivered as NMI.
    NmiSource {
        /// The pin.
        gsi: u32,
        /// MPS INTI flags.
        flags: u16,
    },
    /// Types 4 and 10: a LINT pin that the board's NMI is wired to.
    LapicNmi(LapicNmi),
    /// Type 5: a 64-bit address for the local APICs' page.
    LapicAddr(MAddr),
    /// A type that we have no use for.
    Other(u8),
}

/// A processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// APIC ID.
    pub apic_id: u32,
    /// The ID by which other tables and AML name it.
    pub uid: u32,
    /// It can be started.
    pub enabled: bool,
    /// It may become startable later (hot plug).
    pub online_capable: bool,
}

/// An I/O APIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoApic {
    /// Its ID.
    pub id: u8,
    /// Address of its registers.
    pub addr: MAddr,
    /// Its first GSI.
    pub gsi_base: u32,
}

/// Where the NMI line is wired to a local APIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LapicNmi {
    /// The processor by its [`Cpu::uid`]; `None` for all.
    pub uid: Option<u32>,
    /// LINT pin, 0 or 1.
    pub lint: u8,
    /// MPS INTI flags.
    pub flags: u16,
}

impl<'a> Madt<'a> {
    /// Reads the fixed part of a table of name `APIC`.
    pub fn parse(table: Table<'a>) -> Result<Self, AcpiError> {
        let table = table.expect(b"APIC")?;
        Ok(Self {
            lapic_addr: MAddr::new(table.u32(36)?.into()),
            pcat_compat: table.u32(40)? & 1 != 0,
            table,
        })
    }

    /// The entries in order. A short entry gives an error and the next follows; see
    /// [`Table::entries`] for what ends them.
    pub fn entries(&self) -> impl Iterator<Item = Result<MadtEntry, AcpiError>> + use<'a> {
        self.table.entries(ENTRIES).map(|e| decode(&e?))
    }
}

fn decode(e: &Entry<'_>) -> Result<MadtEntry, AcpiError> {
    let cpu = |apic_id, uid, flags| {
        MadtEntry::Cpu(Cpu {
            apic_id,
            uid,
            enabled: flags & 1 != 0,
            online_capable: flags & 2 != 0,
        })
    };
    Ok(match e.kind {
        0 => cpu(e.u8(3)?.into(), e.u8(2)?.into(), e.u32(4)?),
        1 => MadtEntry::IoApic(IoApic {
            id: e.u8(2)?,
            addr: MAddr::new(e.u32(4)?.into()),
            gsi_base: e.u32(8)?,
        }),
        2 => MadtEntry::Override {
            source: e.u8(3)?,
            gsi: e.u32(4)?,
            flags: e.u16(8)?,
        },
        3 => MadtEntry::NmiSource {
            flags: e.u16(2)?,
            gsi: e.u32(4)?,
        },
        4 => MadtEntry::LapicNmi(LapicNmi {
            uid: Some(e.u8(2)?.into()).filter(|uid| *uid != 0xff),
            flags: e.u16(3)?,
            lint: e.u8(5)?,
        }),
        5 => MadtEntry::LapicAddr(MAddr::new(e.u64(4)?)),
        9 => cpu(e.u32(4)?, e.u32(12)?, e.u32(8)?),
        10 => MadtEntry::LapicNmi(LapicNmi {
            flags: e.u16(2)?,
            uid: Some(e.u32(4)?).filter(|uid| *uid != u32::MAX),
            lint: e.u8(8)?,
        }),
        other => MadtEntry::Other(other),
    })
}
