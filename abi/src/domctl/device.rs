//! Devices of a domain: permissions, mappings, passthrough (`domctl.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

/// Argument of `XEN_DOMCTL_IRQ_PERMISSION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlIrqPermission {
    /// The caller's pirq.
    pub pirq: u32,
    /// 0 or 1.
    pub allow_access: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
}

/// Argument of `XEN_DOMCTL_IOMEM_PERMISSION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlIomemPermission {
    /// First frame.
    pub first_mfn: u64,
    /// Frames.
    pub nr_mfns: u64,
    /// 0 or 1.
    pub allow_access: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 7],
}

/// Argument of `XEN_DOMCTL_IOPORT_PERMISSION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlIoportPermission {
    /// First port.
    pub first_port: u32,
    /// Ports.
    pub nr_ports: u32,
    /// 0 or 1.
    pub allow_access: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
}

/// Map.
pub const DPCI_ADD_MAPPING: u32 = 1;
/// Unmap.
pub const DPCI_REMOVE_MAPPING: u32 = 0;

/// Argument of `XEN_DOMCTL_MEMORY_MAPPING`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlMemoryMapping {
    /// First guest frame.
    pub first_gfn: u64,
    /// First machine frame.
    pub first_mfn: u64,
    /// Frames.
    pub nr_mfns: u64,
    /// `DPCI_*_MAPPING`.
    pub add_mapping: u32,
    #[doc(hidden)]
    pub _pad0: u32,
}

/// Argument of `XEN_DOMCTL_IOPORT_MAPPING`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlIoportMapping {
    /// First guest port.
    pub first_gport: u32,
    /// First machine port.
    pub first_mport: u32,
    /// Ports.
    pub nr_ports: u32,
    /// `DPCI_*_MAPPING`.
    pub add_mapping: u32,
}

// Cache attributes of pinned ranges.

/// Uncached.
pub const XEN_DOMCTL_MEM_CACHEATTR_UC: u32 = 0;
/// Write-combining.
pub const XEN_DOMCTL_MEM_CACHEATTR_WC: u32 = 1;
/// Write-through.
pub const XEN_DOMCTL_MEM_CACHEATTR_WT: u32 = 4;
/// Write-protected.
pub const XEN_DOMCTL_MEM_CACHEATTR_WP: u32 = 5;
/// Write-back.
pub const XEN_DOMCTL_MEM_CACHEATTR_WB: u32 = 6;
/// Uncached unless the MTRR says write-combining.
pub const XEN_DOMCTL_MEM_CACHEATTR_UCM: u32 = 7;
/// Remove the range.
pub const XEN_DOMCTL_DELETE_MEM_CACHEATTR: u32 = 0xffffffff;

// Passthrough.

/// A PCI device.
pub const XEN_DOMCTL_DEV_PCI: u32 = 0;
/// A device of the device tree.
pub const XEN_DOMCTL_DEV_DT: u32 = 1;
/// Reserved memory that can't be mapped is only warned about.
pub const XEN_DOMCTL_DEV_RDM_RELAXED: u32 = 1;

/// Argument of the device-assignment commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlAssignDevice {
    /// `XEN_DOMCTL_DEV_*`.
    pub dev: u32,
    /// `XEN_DOMCTL_DEV_RDM_RELAXED`.
    pub flags: u32,
    /// Segment, bus, device and function of a PCI device in one `u32`; or `XenDomctlAssignDeviceDt`.
    pub u: Union64<2>,
}

/// A device of the device tree.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlAssignDeviceDt {
    /// Bytes of the path.
    pub size: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Its path.
    pub path: Handle<u8>,
}

/// Argument of `XEN_DOMCTL_GET_DEVICE_GROUP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlGetDeviceGroup {
    /// The device; in.
    pub machine_sbdf: u32,
    /// Room; in.
    pub max_sdevs: u32,
    /// Devices written; out.
    pub num_sdevs: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// The devices; out.
    pub sdev_array: Handle<u32>,
}

// `XenDomctlBindPtIrq::irq_type`.

/// A PCI line.
pub const PT_IRQ_TYPE_PCI: u32 = 0;
/// An ISA line.
pub const PT_IRQ_TYPE_ISA: u32 = 1;
/// An MSI.
pub const PT_IRQ_TYPE_MSI: u32 = 2;
/// An MSI that shows as a PCI line.
pub const PT_IRQ_TYPE_MSI_TRANSLATE: u32 = 3;
/// Arm only.
pub const PT_IRQ_TYPE_SPI: u32 = 4;

// `XenDomctlBindPtIrqMsi::gflags`.

/// Destination.
pub const XEN_DOMCTL_VMSI_X86_DEST_ID_MASK: u32 = 0x0000ff;
/// Redirection hint.
pub const XEN_DOMCTL_VMSI_X86_RH_MASK: u32 = 0x000100;
/// Destination mode.
pub const XEN_DOMCTL_VMSI_X86_DM_MASK: u32 = 0x000200;
/// Delivery mode.
pub const XEN_DOMCTL_VMSI_X86_DELIV_MASK: u32 = 0x007000;
/// Trigger mode.
pub const XEN_DOMCTL_VMSI_X86_TRIG_MASK: u32 = 0x008000;
/// Unmask it as well.
pub const XEN_DOMCTL_VMSI_X86_UNMASKED: u32 = 0x010000;

/// Argument of the interrupt-passthrough commands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlBindPtIrq {
    /// The domain's pirq.
    pub machine_irq: u32,
    /// `PT_IRQ_TYPE_*`.
    pub irq_type: u32,
    /// `XenDomctlBindPtIrqPci`, `XenDomctlBindPtIrqMsi`, or one byte with the ISA line.
    pub u: Union64<2>,
}

/// A guest's PCI line.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlBindPtIrqPci {
    /// Bus.
    pub bus: u8,
    /// Device.
    pub device: u8,
    /// Pin, from 0.
    pub intx: u8,
}

/// A guest's MSI.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenDomctlBindPtIrqMsi {
    /// Vector.
    pub gvec: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
    /// `XEN_DOMCTL_VMSI_X86_*`.
    pub gflags: u32,
    /// Guest physical address of the MSI-X table, 0 for MSI.
    pub gtable: u64,
}

crate::assert_sizes! {
    XenDomctlIrqPermission = 8,
    XenDomctlIomemPermission = 24,
    XenDomctlIoportPermission = 12,
    XenDomctlMemoryMapping = 32,
    XenDomctlIoportMapping = 16,
    XenDomctlAssignDevice = 24,
    XenDomctlAssignDeviceDt = 16,
    XenDomctlGetDeviceGroup = 24,
    XenDomctlBindPtIrq = 24,
    XenDomctlBindPtIrqPci = 3,
    XenDomctlBindPtIrqMsi = 16,
}
