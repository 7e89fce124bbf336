//! Firmware on dom0's behalf: BIOS data kept from boot, and EFI runtime services (`platform.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Handle, Union64};

/// GetTime.
pub const XEN_EFI_GET_TIME: u32 = 1;
/// SetTime.
pub const XEN_EFI_SET_TIME: u32 = 2;
/// GetWakeupTime.
pub const XEN_EFI_GET_WAKEUP_TIME: u32 = 3;
/// SetWakeupTime.
pub const XEN_EFI_SET_WAKEUP_TIME: u32 = 4;
/// GetNextHighMonotonicCount; the count is in `misc`.
pub const XEN_EFI_GET_NEXT_HIGH_MONOTONIC_COUNT: u32 = 5;
/// GetVariable.
pub const XEN_EFI_GET_VARIABLE: u32 = 6;
/// SetVariable.
pub const XEN_EFI_SET_VARIABLE: u32 = 7;
/// GetNextVariableName.
pub const XEN_EFI_GET_NEXT_VARIABLE_NAME: u32 = 8;
/// QueryVariableInfo.
pub const XEN_EFI_QUERY_VARIABLE_INFO: u32 = 9;
/// QueryCapsuleCapabilities.
pub const XEN_EFI_QUERY_CAPSULE_CAPABILITIES: u32 = 10;
/// UpdateCapsule.
pub const XEN_EFI_UPDATE_CAPSULE: u32 = 11;

// `XenpfEfiRuntimeCall::misc`.

/// Setting the time zeroes what is below a second.
pub const XEN_EFI_GET_TIME_SET_CLEARS_NS: u32 = 0x00000001;
/// The alarm is armed.
pub const XEN_EFI_GET_WAKEUP_TIME_ENABLED: u32 = 0x00000001;
/// The alarm has gone off.
pub const XEN_EFI_GET_WAKEUP_TIME_PENDING: u32 = 0x00000002;
/// Arm the alarm.
pub const XEN_EFI_SET_WAKEUP_TIME_ENABLE: u32 = 0x00000001;
/// Arm it, leaving its time.
pub const XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY: u32 = 0x00000002;
/// The variable survives a reset.
pub const XEN_EFI_VARIABLE_NON_VOLATILE: u32 = 0x00000001;
/// The variable is visible before ExitBootServices.
pub const XEN_EFI_VARIABLE_BOOTSERVICE_ACCESS: u32 = 0x00000002;
/// The variable is visible after it.
pub const XEN_EFI_VARIABLE_RUNTIME_ACCESS: u32 = 0x00000004;
/// Answer as it was at boot.
pub const XEN_EFI_VARINFO_BOOT_SNAPSHOT: u32 = 0x00000001;

// `XenpfFirmwareInfo::kind`.

/// BIOS disk parameters: `XenpfFwDiskInfo`.
pub const XEN_FW_DISK_INFO: u32 = 1;
/// Disk signatures: `XenpfFwDiskMbrSignature`.
pub const XEN_FW_DISK_MBR_SIGNATURE: u32 = 2;
/// The monitor's EDID: `XenpfFwVbeddcInfo`.
pub const XEN_FW_VBEDDC_INFO: u32 = 3;
/// EFI tables, by `index`.
pub const XEN_FW_EFI_INFO: u32 = 4;
/// Keyboard shift state, one byte.
pub const XEN_FW_KBD_SHIFT_FLAGS: u32 = 5;

// `XenpfFirmwareInfo::index` of `XEN_FW_EFI_INFO`.

/// Version of EFI, a `u32`.
pub const XEN_FW_EFI_VERSION: u32 = 0;
/// Configuration tables: `XenpfEfiCfg`.
pub const XEN_FW_EFI_CONFIG_TABLE: u32 = 1;
/// Firmware vendor: `XenpfEfiVendor`.
pub const XEN_FW_EFI_VENDOR: u32 = 2;
/// One memory descriptor: `XenpfEfiMem`.
pub const XEN_FW_EFI_MEM_INFO: u32 = 3;
/// Version of the runtime services, a `u32`.
pub const XEN_FW_EFI_RT_VERSION: u32 = 4;
/// Option ROM of a device: `XenpfEfiPciRom`.
pub const XEN_FW_EFI_PCI_ROM: u32 = 5;
/// Apple's device properties: `XenpfEfiAppleProperties`.
pub const XEN_FW_EFI_APPLE_PROPERTIES: u32 = 6;

/// EFI_TIME.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiTime {
    /// 1900 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub min: u8,
    /// 0 to 59.
    pub sec: u8,
    #[doc(hidden)]
    pub _pad0: u8,
    /// Below a second.
    pub ns: u32,
    /// Minutes from UTC, 2047 if unknown.
    pub tz: i16,
    /// Summer-time bits.
    pub daylight: u8,
    #[doc(hidden)]
    pub _pad1: u8,
}

/// EFI_GUID.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiGuid {
    /// First group.
    pub data1: u32,
    /// Second group.
    pub data2: u16,
    /// Third group.
    pub data3: u16,
    /// The rest.
    pub data4: [u8; 8],
}

/// Argument of `XENPF_EFI_RUNTIME_CALL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiRuntimeCall {
    /// `XEN_EFI_*`; in.
    pub function: u32,
    /// Flags of the function, or the monotonic count; in and out.
    pub misc: u32,
    /// EFI_STATUS; out.
    pub status: u64,
    /// The function's own structure.
    pub u: Union64<5>,
}

/// For `XEN_EFI_GET_TIME`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiGetTime {
    /// The time; out.
    pub time: XenpfEfiTime,
    /// Ticks per second of the clock; out.
    pub resolution: u32,
    /// Error, parts per 10^12; out.
    pub accuracy: u32,
}

/// For `XEN_EFI_GET_VARIABLE` and `XEN_EFI_SET_VARIABLE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiVariable {
    /// Name in UTF-16, zero-terminated; in.
    pub name: Handle<u16>,
    /// Bytes of `data`; in, and out when read.
    pub size: u64,
    /// Contents.
    pub data: Handle<u8>,
    /// Name space; in.
    pub vendor_guid: XenpfEfiGuid,
}

/// For `XEN_EFI_GET_NEXT_VARIABLE_NAME`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiNextVariableName {
    /// Bytes of `name`; in and out.
    pub size: u64,
    /// Last name; in. Next name; out.
    pub name: Handle<u16>,
    /// Name space; in and out.
    pub vendor_guid: XenpfEfiGuid,
}

/// For `XEN_EFI_QUERY_VARIABLE_INFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiQueryVariableInfo {
    /// Which variables; in.
    pub attr: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// Bytes of the store; out.
    pub max_store_size: u64,
    /// Bytes left; out.
    pub remain_store_size: u64,
    /// Bytes of the largest variable; out.
    pub max_size: u64,
}

/// For `XEN_EFI_QUERY_CAPSULE_CAPABILITIES`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiQueryCapsuleCapabilities {
    /// Addresses of capsule headers; in.
    pub capsule_header_array: Handle<u64>,
    /// Their number; in.
    pub capsule_count: u64,
    /// Bytes; out.
    pub max_capsule_size: u64,
    /// The reset that is needed; out.
    pub reset_type: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// For `XEN_EFI_UPDATE_CAPSULE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiUpdateCapsule {
    /// Addresses of capsule headers; in.
    pub capsule_header_array: Handle<u64>,
    /// Their number; in.
    pub capsule_count: u64,
    /// Machine address of the scatter list; in.
    pub sg_list: u64,
}

/// Argument of `XENPF_FIRMWARE_INFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfFirmwareInfo {
    /// `XEN_FW_*`; in.
    pub kind: u32,
    /// Which of the kind; in.
    pub index: u32,
    /// The kind's own structure.
    pub u: Union64<4>,
}

/// For `XEN_FW_DISK_INFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfFwDiskInfo {
    /// BIOS drive number; out.
    pub device: u8,
    /// Version of the disk extensions; out.
    pub version: u8,
    /// Extensions supported; out.
    pub interface_support: u16,
    /// Highest cylinder; out.
    pub legacy_max_cylinder: u16,
    /// Highest head; out.
    pub legacy_max_head: u8,
    /// Highest sector; out.
    pub legacy_sectors_per_track: u8,
    /// Drive parameters, whose first 16 bits give the buffer's size; out.
    pub edd_params: Handle<u8>,
}

/// For `XEN_FW_DISK_MBR_SIGNATURE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfFwDiskMbrSignature {
    /// BIOS drive number; out.
    pub device: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 3],
    /// The four bytes at 0x1b8; out.
    pub mbr_signature: u32,
}

/// For `XEN_FW_VBEDDC_INFO`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfFwVbeddcInfo {
    /// DDC level; out.
    pub capabilities: u8,
    /// Seconds for a block; out.
    pub edid_transfer_time: u8,
    #[doc(hidden)]
    pub _pad0: [u8; 6],
    /// The EDID; out.
    pub edid: Handle<[u8; 128]>,
}

/// EFI configuration tables.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiCfg {
    /// Physical address; out.
    pub addr: u64,
    /// Tables; out.
    pub nent: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// EFI firmware vendor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiVendor {
    /// Firmware revision; out.
    pub revision: u32,
    /// Bytes of `name`; in.
    pub bufsz: u32,
    /// Name in UTF-16; out.
    pub name: Handle<u16>,
}

/// An EFI memory descriptor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiMem {
    /// Physical address; in and out.
    pub addr: u64,
    /// Bytes; out.
    pub size: u64,
    /// Attributes; out.
    pub attr: u64,
    /// EFI memory type; out.
    pub kind: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
}

/// Option ROM of a PCI device.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiPciRom {
    /// Segment; in.
    pub segment: u16,
    /// Bus; in.
    pub bus: u8,
    /// Device and function; in.
    pub devfn: u8,
    /// Vendor number; in.
    pub vendor: u16,
    /// Device number; in.
    pub devid: u16,
    /// Physical address; out.
    pub address: u64,
    /// Bytes; out.
    pub size: u64,
}

/// Apple's device properties.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct XenpfEfiAppleProperties {
    /// Physical address; out.
    pub address: u64,
    /// Bytes; out.
    pub size: u64,
}

crate::assert_sizes! {
    XenpfEfiTime = 16,
    XenpfEfiGuid = 16,
    XenpfEfiRuntimeCall = 56,
    XenpfEfiGetTime = 24,
    XenpfEfiVariable = 40,
    XenpfEfiNextVariableName = 32,
    XenpfEfiQueryVariableInfo = 32,
    XenpfEfiQueryCapsuleCapabilities = 32,
    XenpfEfiUpdateCapsule = 24,
    XenpfFirmwareInfo = 40,
    XenpfFwDiskInfo = 16,
    XenpfFwDiskMbrSignature = 8,
    XenpfFwVbeddcInfo = 16,
    XenpfEfiCfg = 16,
    XenpfEfiVendor = 16,
    XenpfEfiMem = 32,
    XenpfEfiPciRom = 24,
    XenpfEfiAppleProperties = 16,
}
