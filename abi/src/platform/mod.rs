//! What the initial domain asks of the machine (`platform.h`): wall clock, MTRRs, microcode, EFI,
//! sleep, power management, CPU and memory hotplug.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

mod firmware;
mod processor;
pub use firmware::*;
pub use processor::*;

/// Sets the wall clock, seconds in 32 bits: `XenpfSettime32`.
pub const XENPF_SETTIME32: u32 = 17;
/// Sets the wall clock: `XenpfSettime64`.
pub const XENPF_SETTIME64: u32 = 62;
/// What current guests use.
pub const XENPF_SETTIME: u32 = XENPF_SETTIME64;
/// Sets an MTRR: `XenpfAddMemtype`.
pub const XENPF_ADD_MEMTYPE: u32 = 31;
/// Clears an MTRR: `XenpfDelMemtype`.
pub const XENPF_DEL_MEMTYPE: u32 = 32;
/// Reads an MTRR: `XenpfReadMemtype`.
pub const XENPF_READ_MEMTYPE: u32 = 33;
/// Loads microcode: `XenpfMicrocodeUpdate`.
pub const XENPF_MICROCODE_UPDATE: u32 = 35;
/// Reports a quirk of the chipset: `XenpfPlatformQuirk`.
pub const XENPF_PLATFORM_QUIRK: u32 = 39;
/// Calls an EFI runtime service: `XenpfEfiRuntimeCall`.
pub const XENPF_EFI_RUNTIME_CALL: u32 = 49;
/// Reads what the firmware left at boot: `XenpfFirmwareInfo`.
pub const XENPF_FIRMWARE_INFO: u32 = 50;
/// Puts the machine to sleep or off: `XenpfEnterAcpiSleep`.
pub const XENPF_ENTER_ACPI_SLEEP: u32 = 51;
/// The CPU's frequency was changed: `XenpfChangeFreq`.
pub const XENPF_CHANGE_FREQ: u32 = 52;
/// Reads idle times of CPUs: `XenpfGetidletime`.
pub const XENPF_GETIDLETIME: u32 = 53;
/// Uploads ACPI's C and P states: `XenpfSetProcessorPminfo`.
pub const XENPF_SET_PROCESSOR_PMINFO: u32 = 54;
/// Tells about one CPU: `XenpfPcpuinfo`.
pub const XENPF_GET_CPUINFO: u32 = 55;
/// Tells vendor, family, model of one CPU: `XenpfPcpuVersion`.
pub const XENPF_GET_CPU_VERSION: u32 = 48;
/// Brings a CPU up: `XenpfCpuOl`.
pub const XENPF_CPU_ONLINE: u32 = 56;
/// Takes a CPU down: `XenpfCpuOl`.
pub const XENPF_CPU_OFFLINE: u32 = 57;
/// A CPU was added: `XenpfCpuHotadd`.
pub const XENPF_CPU_HOTADD: u32 = 58;
/// Memory was added: `XenpfMemHotadd`.
pub const XENPF_MEM_HOTADD: u32 = 59;
/// Parks CPUs: `XenpfCoreParking`.
pub const XENPF_CORE_PARKING: u32 = 60;
/// Reads and writes MSRs on a CPU: `XenpfResourceOp`.
pub const XENPF_RESOURCE_OP: u32 = 61;
/// Walks the hypervisor's symbols: `XenpfSymdata`.
pub const XENPF_GET_SYMBOL: u32 = 63;
/// Don't restrict the targets of I/O APIC entries.
pub const QUIRK_NOIRQBALANCING: u32 = 1;
/// The I/O APIC forgets its index register.
pub const QUIRK_IOAPIC_BAD_REGSEL: u32 = 2;
/// It doesn't.
pub const QUIRK_IOAPIC_GOOD_REGSEL: u32 = 3;
/// In `XenpfEnterAcpiSleep::flags`: the values are sleep types of the extended registers.
pub const XENPF_ACPI_SLEEP_EXTENDED: u32 = 0x00000001;
/// Reads an MSR.
pub const XEN_RESOURCE_OP_MSR_READ: u32 = 0;
/// Writes an MSR.
pub const XEN_RESOURCE_OP_MSR_WRITE: u32 = 1;

/// Argument of `__HYPERVISOR_PLATFORM_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenPlatformOp {
    /// `XENPF_*`.
    pub cmd: u32,
    /// `XENPF_INTERFACE_VERSION`.
    pub interface_version: u32,
    /// The command's own structure.
    pub u: Union64<16>,
}

/// Argument of `XENPF_SETTIME32`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfSettime32 {
    /// Seconds since 1970 at `system_time`; in.
    pub secs: u32,
    /// And ns; in.
    pub nsecs: u32,
    /// Nanoseconds since boot; in.
    pub system_time: u64,
}

/// Argument of `XENPF_SETTIME64`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfSettime64 {
    /// Seconds since 1970 at `system_time`; in.
    pub secs: u64,
    /// And ns; in.
    pub nsecs: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// Nanoseconds since boot; in.
    pub system_time: u64,
}

/// Argument of `XENPF_ADD_MEMTYPE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfAddMemtype {
    /// First frame; in.
    pub mfn: u64,
    /// Frames; in.
    pub nr_mfns: u64,
    /// MTRR memory type; in.
    pub kind: u32,
    /// Handle for removal; out.
    pub handle: u32,
    /// MTRR used; out.
    pub reg: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// Argument of `XENPF_DEL_MEMTYPE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfDelMemtype {
    /// Handle, or 0 if unknown; in.
    pub handle: u32,
    /// MTRR; in.
    pub reg: u32,
}

/// Argument of `XENPF_READ_MEMTYPE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfReadMemtype {
    /// MTRR; in.
    pub reg: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// First frame; out.
    pub mfn: u64,
    /// Frames; out.
    pub nr_mfns: u64,
    /// Memory type; out.
    pub kind: u32,
    #[doc(hidden)]
    pub _pad1: [u8; 4],
}

/// Argument of `XENPF_MICROCODE_UPDATE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfMicrocodeUpdate {
    /// Microcode; in.
    pub data: Handle<u8>,
    /// Bytes; in.
    pub length: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// Argument of `XENPF_PLATFORM_QUIRK`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfPlatformQuirk {
    /// `QUIRK_*`; in.
    pub quirk_id: u32,
}

/// Argument of `XENPF_ENTER_ACPI_SLEEP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEnterAcpiSleep {
    /// Value for PM1a control, or sleep type A; in.
    pub val_a: u16,
    /// Value for PM1b control, or sleep type B; in.
    pub val_b: u16,
    /// The n of Sn; in.
    pub sleep_state: u32,
    /// `XENPF_ACPI_SLEEP_*`; in.
    pub flags: u32,
}

/// Argument of `XENPF_MEM_HOTADD`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfMemHotadd {
    /// First frame; in.
    pub spfn: u64,
    /// First frame above; in.
    pub epfn: u64,
    /// Proximity domain; in.
    pub pxm: u32,
    /// Zero.
    pub flags: u32,
}

/// One access of `XENPF_RESOURCE_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfResourceEntry {
    /// `XEN_RESOURCE_OP_*`; in. Negative error number (as `i32`) if it failed; out.
    pub cmd: u32,
    #[doc(hidden)]
    pub _pad0: u32,
    /// MSR number; in.
    pub idx: u64,
    /// Contents; in or out.
    pub val: u64,
}

/// Argument of `XENPF_RESOURCE_OP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfResourceOp {
    /// Accesses; in.
    pub nr_entries: u32,
    /// CPU on which to do them; in.
    pub cpu: u32,
    /// The accesses, done in order and without a break.
    pub entries: Handle<XenpfResourceEntry>,
}

/// Argument of `XENPF_GET_SYMBOL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfSymdata {
    /// Room for the name; in. Its length; out.
    pub namelen: u32,
    /// Which symbol; in. The next one, or the same at the end; out.
    pub symnum: u32,
    /// The name; out.
    pub name: Handle<u8>,
    /// Its address; out.
    pub address: u64,
    /// Its kind, a letter as `nm` prints; out.
    pub kind: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 7],
}

crate::assert_sizes! {
    XenPlatformOp = 136,
    XenpfSettime32 = 16,
    XenpfSettime64 = 24,
    XenpfAddMemtype = 32,
    XenpfDelMemtype = 8,
    XenpfReadMemtype = 32,
    XenpfMicrocodeUpdate = 16,
    XenpfPlatformQuirk = 4,
    XenpfEnterAcpiSleep = 12,
    XenpfMemHotadd = 24,
    XenpfResourceEntry = 24,
    XenpfResourceOp = 16,
    XenpfSymdata = 32,
}
