//! Requests to a device model (`ioreq.h`).
//!
//! Each vcpu has one `Ioreq` in a page shared with the device model, whose `state` goes from none to
//! ready (hypervisor), in process and response ready (device model), and back. Writes that need no
//! answer may instead go through the ring of `BufIoreq`, whose entries are 8 bytes; one of 8 bytes of
//! data takes two.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// In `Ioreq::flags`, direction: from the device.
pub const IOREQ_READ: u32 = 1;
/// In `Ioreq::flags`, direction: to the device.
pub const IOREQ_WRITE: u32 = 0;

// `Ioreq::state`.

/// Nothing to do.
pub const STATE_IOREQ_NONE: u8 = 0;
/// The device model shall act.
pub const STATE_IOREQ_READY: u8 = 1;
/// It is acting.
pub const STATE_IOREQ_INPROCESS: u8 = 2;
/// It has acted.
pub const STATE_IORESP_READY: u8 = 3;

// `Ioreq::kind`.

/// Port access.
pub const IOREQ_TYPE_PIO: u8 = 0;
/// Memory access.
pub const IOREQ_TYPE_COPY: u8 = 1;
/// PCI configuration access, with the device in the upper half of `addr`.
pub const IOREQ_TYPE_PCI_CONFIG: u8 = 2;
/// The guest set its clock.
pub const IOREQ_TYPE_TIMEOFFSET: u8 = 7;
/// Forget cached mappings.
pub const IOREQ_TYPE_INVALIDATE: u8 = 8;
/// Entries of the ring of buffered requests.
pub const IOREQ_BUFFER_SLOT_NUM: usize = 511;

/// Bits of `Ioreq::state` that hold one of `STATE_*`; the others are flags.
pub const IOREQ_STATE_MASK: u8 = 0x0f;
/// In `Ioreq::state`: `data` is a guest physical address.
pub const IOREQ_DATA_IS_PTR: u8 = 1 << 4;
/// In `Ioreq::state`: direction, set for `IOREQ_READ`.
pub const IOREQ_DIR: u8 = 1 << 5;
/// In `Ioreq::state`: repeated accesses go downwards.
pub const IOREQ_DF: u8 = 1 << 6;

/// A request.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Ioreq {
    /// Port or physical address.
    pub addr: u64,
    /// Value, or where it is.
    pub data: u64,
    /// How often, for string instructions.
    pub count: u32,
    /// Bytes of each access.
    pub size: u32,
    /// Event channel to the device model.
    pub vp_eport: u32,
    #[doc(hidden)]
    pub _pad0: u16,
    /// `STATE_*` and the flags `IOREQ_DATA_IS_PTR`, `IOREQ_DIR`, `IOREQ_DF`.
    pub state: u8,
    /// `IOREQ_TYPE_*`.
    pub kind: u8,
}

/// A buffered request.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct BufIoreq {
    /// `kind` in bits 0 to 7, direction bit 9, log2 of the size bits 10 to 11, address bits 12 to 31.
    pub head: u32,
    /// Value, or one half of it.
    pub data: u32,
}

/// The page of buffered requests.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct BufferedIopage {
    /// Entries read; by the device model.
    pub read_pointer: u32,
    /// Entries written; by the hypervisor.
    pub write_pointer: u32,
    /// The ring.
    pub buf_ioreq: [BufIoreq; 511],
}

// Ports of the ACPI blocks, by `HVM_PARAM_ACPI_IOPORTS_LOCATION`.

/// PM1a event block, location 0.
pub const ACPI_PM1A_EVT_BLK_ADDRESS_V0: u16 = 0x1f40;
/// PM1a control block, location 0.
pub const ACPI_PM1A_CNT_BLK_ADDRESS_V0: u16 = 0x1f44;
/// Timer, location 0.
pub const ACPI_PM_TMR_BLK_ADDRESS_V0: u16 = 0x1f48;
/// GPE0 block, location 0.
pub const ACPI_GPE0_BLK_ADDRESS_V0: u16 = 0x1f68;
/// Its bytes.
pub const ACPI_GPE0_BLK_LEN_V0: u16 = 0x08;
/// PM1a event block, location 1.
pub const ACPI_PM1A_EVT_BLK_ADDRESS_V1: u16 = 0xb000;
/// PM1a control block, location 1.
pub const ACPI_PM1A_CNT_BLK_ADDRESS_V1: u16 = 0xb004;
/// Timer, location 1.
pub const ACPI_PM_TMR_BLK_ADDRESS_V1: u16 = 0xb008;
/// GPE0 block, location 1.
pub const ACPI_GPE0_BLK_ADDRESS_V1: u16 = 0xafe0;
/// Its bytes.
pub const ACPI_GPE0_BLK_LEN_V1: u16 = 0x04;
/// PM1a event block, where nothing was said.
pub const ACPI_PM1A_EVT_BLK_ADDRESS: u16 = ACPI_PM1A_EVT_BLK_ADDRESS_V0;
/// PM1a control block, where nothing was said.
pub const ACPI_PM1A_CNT_BLK_ADDRESS: u16 = ACPI_PM1A_CNT_BLK_ADDRESS_V0;
/// Timer, where nothing was said.
pub const ACPI_PM_TMR_BLK_ADDRESS: u16 = ACPI_PM_TMR_BLK_ADDRESS_V0;
/// GPE0 block, where nothing was said.
pub const ACPI_GPE0_BLK_ADDRESS: u16 = ACPI_GPE0_BLK_ADDRESS_V0;
/// Its bytes.
pub const ACPI_GPE0_BLK_LEN: u16 = ACPI_GPE0_BLK_LEN_V0;

crate::assert_sizes! {
    Ioreq = 32,
    BufIoreq = 8,
    BufferedIopage = 4096,
}
