//! The shared-information page and the vcpu-information block (`struct shared_info`, `struct vcpu_info`, `xen.h`).

use super::boot::VIRT_BASE;
use super::cell::Global;
use super::mem::{Page, read8, read32, read64, swap64, write8};
use super::paging;

/// Byte offsets in `struct vcpu_info`.
mod vcpu {
    use abi::xen::VcpuInfo;
    use core::mem::offset_of;

    pub const UPCALL_PENDING: u64 = offset_of!(VcpuInfo, evtchn_upcall_pending) as u64;
    pub const UPCALL_MASK: u64 = offset_of!(VcpuInfo, evtchn_upcall_mask) as u64;
    pub const PENDING_SEL: u64 = offset_of!(VcpuInfo, evtchn_pending_sel) as u64;
    pub const CR2: u64 = offset_of!(VcpuInfo, arch) as u64;
    pub const TIME: u64 = offset_of!(VcpuInfo, time) as u64;
}

/// Byte offsets in `struct shared_info`.
pub mod offset {
    use abi::xen::SharedInfo;
    use core::mem::offset_of;

    pub const PENDING: u64 = offset_of!(SharedInfo, evtchn_pending) as u64;
    pub const MASK: u64 = offset_of!(SharedInfo, evtchn_mask) as u64;
    pub const WC_VERSION: u64 = offset_of!(SharedInfo, wc_version) as u64;
    pub const WC_SEC: u64 = offset_of!(SharedInfo, wc_sec) as u64;
    pub const WC_NSEC: u64 = offset_of!(SharedInfo, wc_nsec) as u64;
    pub const WC_SEC_HI: u64 = offset_of!(SharedInfo, wc_sec_hi) as u64;
    pub const MAX_PFN: u64 = offset_of!(SharedInfo, arch.max_pfn) as u64;
}

static PAGE_VA: Global<u64> = Global::new(0);
static VCPU_VA: Global<u64> = Global::new(0);
/// Stands in for the block until the page is mapped.
static NONE: Global<[u64; 8]> = Global::new([0; 8]);

/// Maps the page over a page of the pool.
pub fn map(maddr: u64) -> i64 {
    let page = Page::take();
    let ret = paging::update_va(page.va(), maddr | paging::KERNEL_RW, paging::UVMF_INVLPG);
    if ret == 0 {
        PAGE_VA.set(page.va());
        VCPU_VA.set(page.va());
    }
    ret
}

/// The page's virtual address.
pub fn page() -> u64 {
    PAGE_VA.get()
}

/// The vcpu-information block's virtual address.
pub fn vcpu_info() -> u64 {
    match VCPU_VA.get() {
        0 => NONE.addr() as u64,
        va => va,
    }
}

/// After `VCPUOP_register_vcpu_info`.
pub fn moved_vcpu_info(va: u64) {
    debug_assert!(va > VIRT_BASE);
    VCPU_VA.set(va);
}

pub fn cr2() -> u64 {
    read64(vcpu_info() + vcpu::CR2)
}

pub fn upcall_mask() -> bool {
    read8(vcpu_info() + vcpu::UPCALL_MASK) != 0
}

pub fn set_upcall_mask(on: bool) {
    write8(vcpu_info() + vcpu::UPCALL_MASK, on.into());
}

pub fn upcall_pending() -> bool {
    read8(vcpu_info() + vcpu::UPCALL_PENDING) != 0
}

pub fn clear_upcall_pending() {
    write8(vcpu_info() + vcpu::UPCALL_PENDING, 0);
}

pub fn pending_sel() -> u64 {
    read64(vcpu_info() + vcpu::PENDING_SEL)
}

pub fn take_pending_sel() -> u64 {
    swap64(vcpu_info() + vcpu::PENDING_SEL, 0)
}

/// `struct vcpu_time_info`, read consistently from anywhere it is kept.
#[derive(Clone, Copy, Default)]
pub struct TimeInfo {
    pub version: u32,
    pub tsc_timestamp: u64,
    pub system_time: u64,
    pub mul: u32,
    pub shift: i8,
    pub flags: u8,
}

/// Reads the time record at `va`; `None` after many tries while an update is in progress.
pub fn time_info_at(va: u64) -> Option<TimeInfo> {
    for _ in 0..1000 {
        let version = read32(va);
        let info = TimeInfo {
            version,
            tsc_timestamp: read64(va + 8),
            system_time: read64(va + 16),
            mul: read32(va + 24),
            shift: read8(va + 28) as i8,
            flags: read8(va + 29),
        };
        if version & 1 == 0 && read32(va) == version {
            return Some(info);
        }
    }
    None
}

pub fn time_info() -> TimeInfo {
    time_info_at(vcpu_info() + vcpu::TIME).unwrap_or_default()
}
