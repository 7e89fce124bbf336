//! The fixed description table, FADT (ACPI 6.5 §5.2.9): power management registers.
//!
//! It grew by appending, so a short one is an old one, and most registers are in it twice: as a
//! 32-bit I/O port and, from ACPI 2.0, as a generic address. The generic one counts where it is
//! there and not 0.

use units::MAddr;

use super::{AcpiError, Fault, Gas, Table};

/// Bytes that even ACPI 1.0's table has.
const MIN_LEN: usize = 116;

const LEGACY_DEVICES: u16 = 1 << 0;
const HAS_8042: u16 = 1 << 1;

/// What we use of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Fadt {
    /// Address of the DSDT.
    pub dsdt: MAddr,
    /// Address of the FACS, 0 if there is none.
    pub facs: MAddr,
    /// ISA interrupt or GSI of ACPI events (SCI).
    pub sci: u16,
    /// Port to which [`Self::acpi_enable`] is written; 0 where ACPI is always on.
    pub smi_cmd: u16,
    /// Value that turns ACPI mode on; 0 where it is always on.
    pub acpi_enable: u8,
    /// PM1 event block a; status in the lower half, enable bits in the upper.
    pub pm1a_event: Gas,
    /// PM1 event block b, or none.
    pub pm1b_event: Gas,
    /// Bytes in each PM1 event block.
    pub pm1_event_len: u8,
    /// PM1 control block a.
    pub pm1a_control: Gas,
    /// PM1 control block b, or none.
    pub pm1b_control: Gas,
    /// The PM timer, or none.
    pub pm_timer: Gas,
    /// CMOS index of the century, 0 if there is none.
    pub century: u8,
    /// IA-PC boot architecture flags.
    pub boot_flags: u16,
    /// Fixed feature flags.
    pub flags: u32,
    /// The reset register, or none.
    pub reset: Gas,
    /// What is written to it.
    pub reset_value: u8,
    /// Sleep control of hardware-reduced machines, or none.
    pub sleep_control: Gas,
    /// Sleep status of hardware-reduced machines, or none.
    pub sleep_status: Gas,
}

impl Fadt {
    /// Reads a table of name `FACP`.
    pub fn parse(table: Table<'_>) -> Result<Self, AcpiError> {
        let table = table.expect(b"FACP")?;
        if table.bytes().len() < MIN_LEN {
            return Err(table.error(4, Fault::Length));
        }
        // Absent fields of an old, short table read as "none".
        let gas = |at| table.gas(at).unwrap_or_default();
        let register = |extended, legacy, bytes: u8| -> Result<Gas, AcpiError> {
            let extended = gas(extended);
            if extended.place().is_some() {
                return Ok(extended);
            }
            let port = table.u32(legacy)?;
            Ok(Gas {
                space: 1,
                bits: bytes * 8,
                addr: port.into(),
            })
        };
        let address = |extended, legacy| -> Result<MAddr, AcpiError> {
            let wide = table.u64(extended).unwrap_or(0);
            let narrow = u64::from(table.u32(legacy)?);
            Ok(MAddr::new(if wide != 0 { wide } else { narrow }))
        };
        let smi_cmd = table.u32(48)?;
        // ACPI 1.0 had no boot flags, and no machine without the PC's devices.
        let boot_flags = match table.u8(8)? {
            0 | 1 => LEGACY_DEVICES | HAS_8042,
            _ => table.u16(109)?,
        };
        Ok(Self {
            dsdt: address(140, 40)?,
            facs: address(132, 36)?,
            sci: table.u16(46)?,
            smi_cmd: u16::try_from(smi_cmd).map_err(|_| table.error(48, Fault::Value))?,
            acpi_enable: table.u8(52)?,
            pm1a_event: register(148, 56, 4)?,
            pm1b_event: register(160, 60, 4)?,
            pm1_event_len: table.u8(88)?,
            pm1a_control: register(172, 64, 2)?,
            pm1b_control: register(184, 68, 2)?,
            pm_timer: register(208, 76, 4)?,
            century: table.u8(108)?,
            boot_flags,
            flags: table.u32(112)?,
            reset: gas(116),
            reset_value: table.u8(128).unwrap_or(0),
            sleep_control: gas(244),
            sleep_status: gas(256),
        })
    }

    /// The PM timer has 32 bits, not 24.
    pub fn pm_timer_extended(&self) -> bool {
        self.flags & 1 << 8 != 0
    }

    /// The reset register is there.
    pub fn has_reset(&self) -> bool {
        self.flags & 1 << 10 != 0 && self.reset.place().is_some()
    }

    /// The machine has no PM1 registers; sleep goes through [`Self::sleep_control`].
    pub fn hardware_reduced(&self) -> bool {
        self.flags & 1 << 20 != 0
    }

    /// A keyboard controller is at ports 0x60 and 0x64.
    pub fn has_8042(&self) -> bool {
        self.boot_flags & HAS_8042 != 0
    }

    /// VGA must not be probed: there is none.
    pub fn no_vga(&self) -> bool {
        self.boot_flags & 1 << 2 != 0
    }

    /// Message-signalled interrupts must not be used.
    pub fn no_msi(&self) -> bool {
        self.boot_flags & 1 << 3 != 0
    }

    /// There is no CMOS clock.
    pub fn no_cmos_rtc(&self) -> bool {
        self.boot_flags & 1 << 5 != 0
    }
}
