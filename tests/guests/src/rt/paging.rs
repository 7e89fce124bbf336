//! Page tables, as a PV guest sees them: machine frames in the entries, all tables read-only, changes by hypercall.

use super::boot::P2M_BASE;
use super::cell::Global;
use super::hypercall::{call, nr};
use super::mem::{PAGE, Page, pfn_to_va, read64};

pub const P: u64 = 1;
pub const RW: u64 = 1 << 1;
pub const US: u64 = 1 << 2;
pub const PWT: u64 = 1 << 3;
pub const PCD: u64 = 1 << 4;
pub const A: u64 = 1 << 5;
pub const D: u64 = 1 << 6;
pub const PSE: u64 = 1 << 7;
pub const G: u64 = 1 << 8;
pub const AVAIL: u64 = 7 << 9;
pub const NX: u64 = 1 << 63;

pub const KERNEL_RW: u64 = P | RW | A | D | NX;
pub const KERNEL_RO: u64 = P | A | NX;
pub const TABLE: u64 = P | RW | US | A | D;

/// The machine-address bits of an entry.
pub const ADDR: u64 = 0x000f_ffff_ffff_f000;

pub const UVMF_NONE: u64 = abi::xen::UVMF_NONE;
pub const UVMF_TLB_FLUSH: u64 = abi::xen::UVMF_TLB_FLUSH;
pub const UVMF_INVLPG: u64 = abi::xen::UVMF_INVLPG;
pub const UVMF_ALL: u64 = abi::xen::UVMF_ALL;

/// `MACH2PHYS_VIRT_START`.
pub const M2P: u64 = abi::arch_x86::MACH2PHYS_VIRT_START;

pub const DOMID_SELF: u64 = abi::xen::DOMID_SELF as u64;
pub const DOMID_IO: u64 = abi::xen::DOMID_IO as u64;
pub const DOMID_XEN: u64 = abi::xen::DOMID_XEN as u64;

/// `MMU_*` update commands.
pub const MMU_NORMAL_PT_UPDATE: u64 = abi::xen::MMU_NORMAL_PT_UPDATE;
pub const MMU_MACHPHYS_UPDATE: u64 = abi::xen::MMU_MACHPHYS_UPDATE;
pub const MMU_PT_UPDATE_PRESERVE_AD: u64 = abi::xen::MMU_PT_UPDATE_PRESERVE_AD;
pub const MMU_PT_UPDATE_NO_TRANSLATE: u64 = abi::xen::MMU_PT_UPDATE_NO_TRANSLATE;

/// `struct mmu_update`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct MmuUpdate {
    pub ptr: u64,
    pub val: u64,
}

/// `struct mmuext_op`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct MmuextOp {
    pub cmd: u32,
    pub arg1: u64,
    pub arg2: u64,
}

/// `MMUEXT_*`.
pub mod ext {
    pub use abi::xen::{
        MMUEXT_CLEAR_PAGE as CLEAR_PAGE, MMUEXT_COPY_PAGE as COPY_PAGE,
        MMUEXT_FLUSH_CACHE as FLUSH_CACHE, MMUEXT_FLUSH_CACHE_GLOBAL as FLUSH_CACHE_GLOBAL,
        MMUEXT_INVLPG_ALL as INVLPG_ALL, MMUEXT_INVLPG_LOCAL as INVLPG_LOCAL,
        MMUEXT_INVLPG_MULTI as INVLPG_MULTI, MMUEXT_MARK_SUPER as MARK_SUPER,
        MMUEXT_NEW_BASEPTR as NEW_BASEPTR, MMUEXT_NEW_USER_BASEPTR as NEW_USER_BASEPTR,
        MMUEXT_PIN_L1_TABLE as PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE as PIN_L2_TABLE,
        MMUEXT_PIN_L3_TABLE as PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE as PIN_L4_TABLE,
        MMUEXT_SET_LDT as SET_LDT, MMUEXT_TLB_FLUSH_ALL as TLB_FLUSH_ALL,
        MMUEXT_TLB_FLUSH_LOCAL as TLB_FLUSH_LOCAL, MMUEXT_TLB_FLUSH_MULTI as TLB_FLUSH_MULTI,
        MMUEXT_UNMARK_SUPER as UNMARK_SUPER, MMUEXT_UNPIN_TABLE as UNPIN_TABLE,
    };
}

static L4: Global<u64> = Global::new(0);
/// The bootstrap tables come last but for the boot stack; the pool lies before them.
static TABLES_END: Global<u64> = Global::new(0);
static NR_PAGES: Global<u64> = Global::new(0);
static MFN_LIST: Global<u64> = Global::new(P2M_BASE);

/// Takes over what the start-of-day structure says.
pub fn init(info: &abi::xen::StartInfo) {
    L4.set(info.pt_base);
    TABLES_END.set(info.pt_base + info.nr_pt_frames * PAGE);
    NR_PAGES.set(info.nr_pages);
    MFN_LIST.set(info.mfn_list);
}

pub fn l4() -> Page {
    Page::at(L4.get())
}

pub fn nr_pages() -> u64 {
    NR_PAGES.get()
}

/// The virtual address of a frame's entry in the physical-to-machine list.
pub fn p2m_entry(pfn: u64) -> u64 {
    MFN_LIST.get() + pfn * 8
}

pub fn pfn_to_mfn(pfn: u64) -> u64 {
    read64(p2m_entry(pfn))
}

/// From the hypervisor's machine-to-physical table.
pub fn mfn_to_pfn(mfn: u64) -> u64 {
    read64(M2P + mfn * 8)
}

/// One update through `update_va_mapping`.
pub fn update_va(va: u64, val: u64, flags: u64) -> i64 {
    call(nr::UPDATE_VA_MAPPING, [va, val, flags, 0, 0, 0])
}

/// Batched updates; the answer and the number done.
pub fn mmu_update_for(reqs: &[MmuUpdate], dom: u64) -> (i64, u32) {
    let done = Global::new(u32::MAX);
    let r = call(
        nr::MMU_UPDATE,
        [
            reqs.as_ptr() as u64,
            reqs.len() as u64,
            done.addr() as u64,
            dom,
            0,
            0,
        ],
    );
    (r, done.get())
}

/// One ordinary page-table update.
pub fn set_entry(maddr: u64, val: u64) -> i64 {
    mmu_update_for(
        &[MmuUpdate {
            ptr: maddr | MMU_NORMAL_PT_UPDATE,
            val,
        }],
        DOMID_SELF,
    )
    .0
}

/// One extended operation.
pub fn mmuext(cmd: u32, arg1: u64, arg2: u64) -> i64 {
    mmuext_for(&[MmuextOp { cmd, arg1, arg2 }], DOMID_SELF).0
}

/// Batched extended operations; the answer and the number done.
pub fn mmuext_for(ops: &[MmuextOp], dom: u64) -> (i64, u32) {
    let done = Global::new(u32::MAX);
    let r = call(
        nr::MMUEXT_OP,
        [
            ops.as_ptr() as u64,
            ops.len() as u64,
            done.addr() as u64,
            dom,
            0,
            0,
        ],
    );
    (r, done.get())
}

/// The index of `va` in a table of `level` 1..=4.
pub const fn index(va: u64, level: u32) -> u64 {
    va >> (12 + 9 * (level - 1)) & 511
}

/// The table of `level` that translates `va`, if it is mapped in the image area.
pub fn table(va: u64, level: u32) -> Option<Page> {
    let mut page = l4();
    let mut at = 4;
    while at > level {
        let entry = page.get(index(va, at));
        if entry & (P | PSE) != P {
            return None;
        }
        let pfn = mfn_to_pfn((entry & ADDR) / PAGE);
        if pfn >= NR_PAGES.get() || pfn_to_va(pfn) >= TABLES_END.get() {
            return None;
        }
        page = Page::at(pfn_to_va(pfn));
        at -= 1;
    }
    Some(page)
}

/// The machine address of the entry of `level` that translates `va`, and its value.
pub fn entry(va: u64, level: u32) -> Option<(u64, u64)> {
    let t = table(va, level)?;
    let i = index(va, level);
    Some((t.maddr(i), t.get(i)))
}

/// The machine address of the L1 entry of an address in the image.
pub fn pte_maddr(va: u64) -> u64 {
    entry(va, 1).map_or(0, |(m, _)| m)
}

/// The L1 entry of an address in the image.
pub fn pte(va: u64) -> u64 {
    entry(va, 1).map_or(0, |(_, v)| v)
}

/// Makes a pool page read-only, or writable again.
pub fn protect(page: Page, writable: bool) -> i64 {
    let flags = if writable { KERNEL_RW } else { KERNEL_RO };
    update_va(page.va(), page.maddr(0) | flags, UVMF_INVLPG)
}
