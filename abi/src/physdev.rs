//! Physical interrupts and PCI devices as dom0 sees them (`physdev.h`).
//!
//! A pirq is a domain's own number of a physical interrupt. dom0 reports the devices it finds,
//! has its GSIs and MSIs mapped to pirqs, and binds those to event channels.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

/// Ends a level-triggered interrupt: `PhysdevEoi`.
pub const PHYSDEVOP_EOI: u32 = 12;
/// Shares a bitmap of the pirqs that need `PHYSDEVOP_EOI`, which from then on also unmasks the event channel.
pub const PHYSDEVOP_PIRQ_EOI_GMFN_V1: u32 = 17;
/// Shares the same bitmap without that effect on unmasking.
pub const PHYSDEVOP_PIRQ_EOI_GMFN_V2: u32 = 28;
/// Tells whether a pirq needs `PHYSDEVOP_EOI`: `PhysdevIrqStatusQuery`.
pub const PHYSDEVOP_IRQ_STATUS_QUERY: u32 = 5;
/// Sets the calling vcpu's IOPL: `PhysdevSetIopl`.
pub const PHYSDEVOP_SET_IOPL: u32 = 6;
/// Sets the calling vcpu's I/O bitmap: `PhysdevSetIobitmap`.
pub const PHYSDEVOP_SET_IOBITMAP: u32 = 7;
/// Reads a register of an I/O APIC: `PhysdevApic`.
pub const PHYSDEVOP_APIC_READ: u32 = 8;
/// Writes a register of an I/O APIC: `PhysdevApic`.
pub const PHYSDEVOP_APIC_WRITE: u32 = 9;
/// Picks a vector for a GSI: `PhysdevIrq`.
pub const PHYSDEVOP_ALLOC_IRQ_VECTOR: u32 = 10;
/// Does nothing any more: `PhysdevIrq`.
pub const PHYSDEVOP_FREE_IRQ_VECTOR: u32 = 11;
/// Gives a GSI or MSI a pirq: `PhysdevMapPirq`.
pub const PHYSDEVOP_MAP_PIRQ: u32 = 13;
/// Takes it back: `PhysdevUnmapPirq`.
pub const PHYSDEVOP_UNMAP_PIRQ: u32 = 14;
/// Reports a device on segment 0: `PhysdevManagePci`.
pub const PHYSDEVOP_MANAGE_PCI_ADD: u32 = 15;
/// Reports its removal: `PhysdevManagePci`.
pub const PHYSDEVOP_MANAGE_PCI_REMOVE: u32 = 16;
/// Writes a device's MSI registers anew: `PhysdevRestoreMsi`.
pub const PHYSDEVOP_RESTORE_MSI: u32 = 19;
/// Reports a function of a multi-function or virtualized device: `PhysdevManagePciExt`.
pub const PHYSDEVOP_MANAGE_PCI_ADD_EXT: u32 = 20;
/// Sets trigger and polarity of a GSI: `PhysdevSetupGsi`.
pub const PHYSDEVOP_SETUP_GSI: u32 = 21;
/// Reserves a pirq: `PhysdevGetFreePirq`.
pub const PHYSDEVOP_GET_FREE_PIRQ: u32 = 23;
/// Reports whether a configuration window is reserved: `PhysdevPciMmcfgReserved`.
pub const PHYSDEVOP_PCI_MMCFG_RESERVED: u32 = 24;
/// Reports a device: `PhysdevPciDeviceAdd`.
pub const PHYSDEVOP_PCI_DEVICE_ADD: u32 = 25;
/// Reports its removal: `PhysdevPciDevice`.
pub const PHYSDEVOP_PCI_DEVICE_REMOVE: u32 = 26;
/// Writes a device's MSI registers anew: `PhysdevPciDevice`.
pub const PHYSDEVOP_RESTORE_MSI_EXT: u32 = 27;
/// The device's BARs stay where they are: `PhysdevPciDevice`.
pub const PHYSDEVOP_PREPARE_MSIX: u32 = 30;
/// They may move again: `PhysdevPciDevice`.
pub const PHYSDEVOP_RELEASE_MSIX: u32 = 31;
/// An EHCI debug port is about to be reset, or was: `PhysdevDbgpOp`.
pub const PHYSDEVOP_DBGP_OP: u32 = 29;
/// Gone since 3.2.2.
pub const PHYSDEVOP_IRQ_UNMASK_NOTIFY: u32 = 4;
/// What current guests use.
pub const PHYSDEVOP_PIRQ_EOI_GMFN: u32 = PHYSDEVOP_PIRQ_EOI_GMFN_V2;

// `PhysdevIrqStatusQuery::flags`.

/// The guest must call `PHYSDEVOP_EOI`.
pub const XENIRQSTAT_NEEDS_EOI: u32 = 1;
/// Other domains may bind the interrupt too.
pub const XENIRQSTAT_SHARED: u32 = 1 << 1;

// `PhysdevMapPirq::kind`.

/// An MSI of a device on segment 0.
pub const MAP_PIRQ_TYPE_MSI: i32 = 0x0;
/// A GSI.
pub const MAP_PIRQ_TYPE_GSI: i32 = 0x1;
/// Neither.
pub const MAP_PIRQ_TYPE_UNKNOWN: i32 = 0x2;
/// An MSI, with the segment in the upper half of `bus`.
pub const MAP_PIRQ_TYPE_MSI_SEG: i32 = 0x3;
/// `entry_nr` consecutive MSIs, with the segment in the upper half of `bus`.
pub const MAP_PIRQ_TYPE_MULTI_MSI: i32 = 0x4;

// Flags of reported devices and windows.

/// The window is reserved in the memory map or in ACPI.
pub const XEN_PCI_MMCFG_RESERVED: u32 = 0x1;
/// An extended function.
pub const XEN_PCI_DEV_EXTFN: u32 = 0x1;
/// A virtual function of `physfn`.
pub const XEN_PCI_DEV_VIRTFN: u32 = 0x2;
/// `optarr` holds the proximity domain.
pub const XEN_PCI_DEV_PXM: u32 = 0x4;
/// The controller is about to be reset.
pub const PHYSDEVOP_DBGP_RESET_PREPARE: u8 = 1;
/// It has been.
pub const PHYSDEVOP_DBGP_RESET_DONE: u8 = 2;
/// On no bus we know.
pub const PHYSDEVOP_DBGP_BUS_UNKNOWN: u8 = 0;
/// On PCI.
pub const PHYSDEVOP_DBGP_BUS_PCI: u8 = 1;

/// Argument of `PHYSDEVOP_EOI`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevEoi {
    /// Pirq; in.
    pub irq: u32,
}

/// Argument of `PHYSDEVOP_PIRQ_EOI_GMFN`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevPirqEoiGmfn {
    /// Frame of the shared bitmap; in.
    pub gmfn: u64,
}

/// Argument of `PHYSDEVOP_IRQ_STATUS_QUERY`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevIrqStatusQuery {
    /// Pirq; in.
    pub irq: u32,
    /// `XENIRQSTAT_*`; out.
    pub flags: u32,
}

/// Argument of `PHYSDEVOP_SET_IOPL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevSetIopl {
    /// 0 to 3; in.
    pub iopl: u32,
}

/// Argument of `PHYSDEVOP_SET_IOBITMAP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevSetIobitmap {
    /// A set bit forbids the port; in.
    pub bitmap: Handle<u8>,
    /// Bits; in.
    pub nr_ports: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// Argument of the I/O APIC commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevApic {
    /// Physical address of the I/O APIC; in.
    pub apic_physbase: u64,
    /// Register; in.
    pub reg: u32,
    /// Contents; in or out.
    pub value: u32,
}

/// Argument of the vector commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevIrq {
    /// GSI; in.
    pub irq: u32,
    /// Vector; out.
    pub vector: u32,
}

/// Argument of `PHYSDEVOP_MAP_PIRQ`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevMapPirq {
    /// Domain that gets the pirq; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// `MAP_PIRQ_TYPE_*`; in.
    pub kind: i32,
    /// GSI, or -1 for MSI; in.
    pub index: i32,
    /// Pirq wanted, or -1 for any; in. Pirq got; out.
    pub pirq: i32,
    /// Bus, and for some kinds the segment in the upper half; in.
    pub bus: i32,
    /// Device and function; in.
    pub devfn: i32,
    /// MSI-X entry, or number of MSIs; in, and out for `MAP_PIRQ_TYPE_MULTI_MSI`.
    pub entry_nr: i32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
    /// Physical address of the MSI-X table, 0 for MSI; in.
    pub table_base: u64,
}

/// Argument of `PHYSDEVOP_UNMAP_PIRQ`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevUnmapPirq {
    /// Domain that has the pirq; in.
    pub domid: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Pirq; in.
    pub pirq: i32,
}

/// A device on segment 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevManagePci {
    /// Bus; in.
    pub bus: u8,
    /// Device and function; in.
    pub devfn: u8,
}

/// A device on segment 0 whose MSI state is to be restored.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevRestoreMsi {
    /// Bus; in.
    pub bus: u8,
    /// Device and function; in.
    pub devfn: u8,
}

/// Argument of `PHYSDEVOP_MANAGE_PCI_ADD_EXT`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevManagePciExt {
    /// Bus; in.
    pub bus: u8,
    /// Device and function; in.
    pub devfn: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// Nonzero for an extended function; in.
    pub is_extfn: u32,
    /// Nonzero for a virtual function; in.
    pub is_virtfn: u32,
    /// The physical function of a virtual one; in.
    pub physfn: PhysdevManagePci,
    #[doc(hidden)]
    pub _pad1: [u8; 2],
}

/// Argument of `__HYPERVISOR_PHYSDEV_OP_COMPAT`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevOp {
    /// `PHYSDEVOP_*`.
    pub cmd: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// The operation's own argument.
    pub u: Union64<2>,
}

/// Argument of `PHYSDEVOP_SETUP_GSI`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevSetupGsi {
    /// GSI; in.
    pub gsi: i32,
    /// 0 edge, 1 level; in.
    pub triggering: u8,
    /// 0 high, 1 low; in.
    pub polarity: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
}

/// Argument of `PHYSDEVOP_GET_FREE_PIRQ`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevGetFreePirq {
    /// `MAP_PIRQ_TYPE_MSI` or `MAP_PIRQ_TYPE_GSI`; in.
    pub kind: i32,
    /// The pirq; out.
    pub pirq: u32,
}

/// Argument of `PHYSDEVOP_PCI_MMCFG_RESERVED`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevPciMmcfgReserved {
    /// Physical address of the window; in.
    pub address: u64,
    /// Segment; in.
    pub segment: u16,
    /// First bus; in.
    pub start_bus: u8,
    /// Last bus; in.
    pub end_bus: u8,
    /// `XEN_PCI_MMCFG_RESERVED`; in.
    pub flags: u32,
}

/// Argument of `PHYSDEVOP_PCI_DEVICE_ADD`; with `XEN_PCI_DEV_PXM` a `u32` proximity domain follows.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevPciDeviceAdd {
    /// Segment; in.
    pub seg: u16,
    /// Bus; in.
    pub bus: u8,
    /// Device and function; in.
    pub devfn: u8,
    /// `XEN_PCI_DEV_*`; in.
    pub flags: u32,
    /// The physical function of a virtual one; in.
    pub physfn: PhysdevManagePci,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
}

/// A PCI function.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevPciDevice {
    /// Segment.
    pub seg: u16,
    /// Bus.
    pub bus: u8,
    /// Device and function.
    pub devfn: u8,
}

/// Argument of `PHYSDEVOP_DBGP_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PhysdevDbgpOp {
    /// `PHYSDEVOP_DBGP_RESET_*`; in.
    pub op: u8,
    /// `PHYSDEVOP_DBGP_BUS_*`; in.
    pub bus: u8,
    /// The controller, if on PCI; in.
    pub pci: PhysdevPciDevice,
}

crate::assert_sizes! {
    PhysdevEoi = 4,
    PhysdevPirqEoiGmfn = 8,
    PhysdevIrqStatusQuery = 8,
    PhysdevSetIopl = 4,
    PhysdevSetIobitmap = 16,
    PhysdevApic = 16,
    PhysdevIrq = 8,
    PhysdevMapPirq = 40,
    PhysdevUnmapPirq = 8,
    PhysdevManagePci = 2,
    PhysdevRestoreMsi = 2,
    PhysdevManagePciExt = 16,
    PhysdevOp = 24,
    PhysdevSetupGsi = 8,
    PhysdevGetFreePirq = 8,
    PhysdevPciMmcfgReserved = 16,
    PhysdevPciDeviceAdd = 12,
    PhysdevPciDevice = 4,
    PhysdevDbgpOp = 6,
}
