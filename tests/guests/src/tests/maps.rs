//! The memory maps and the machine-to-physical table (`memory.h`), and the operations of `memory_op` that are for
//! other guests or for toolstacks.

use super::Test;
use super::memory::{MACHPHYS_MFN_LIST, MAXIMUM_RAM_PAGE, Reservation, op, reserve};
use crate::rt;
use crate::rt::check::{bad_pointers, eq, is, ret, that};
use crate::rt::mem::{PAGE, Page, read32, read64};
use crate::rt::paging::{self, DOMID_SELF};
use abi::Errno;

pub const TESTS: &[Test] = &[("maps", maps), ("machphys", machphys), ("others", others)];

const MEMORY_MAP: u64 = abi::memory::XENMEM_MEMORY_MAP as u64;
const MACHINE_MEMORY_MAP: u64 = abi::memory::XENMEM_MACHINE_MEMORY_MAP as u64;
const MACHPHYS_MAPPING: u64 = abi::memory::XENMEM_MACHPHYS_MAPPING as u64;
const ADD_TO_PHYSMAP: u64 = abi::memory::XENMEM_ADD_TO_PHYSMAP as u64;
const REMOVE_FROM_PHYSMAP: u64 = abi::memory::XENMEM_REMOVE_FROM_PHYSMAP as u64;
const CLAIM_PAGES: u64 = abi::memory::XENMEM_CLAIM_PAGES as u64;
const COMPAT_MFN_LIST: u64 = abi::memory::XENMEM_MACHPHYS_COMPAT_MFN_LIST as u64;

fn maps() {
    let buffer = Page::take();
    let get = |cmd, n: u32, p: u64| {
        let arg = [u64::from(n), p];
        (op(cmd, arg.as_ptr() as u64), read32(arg.as_ptr() as u64))
    };
    if rt::is_dom0() {
        let (r, n) = get(MACHINE_MEMORY_MAP, 128, buffer.va());
        ret("memory.machine_memory_map", r, 0);
        that(
            "memory.machine_memory_map.entries",
            n.into(),
            n > 2 && n < 128,
        );
        // Entries of 20 bytes: base, length, type.
        let mut ram = 0;
        let mut sorted = true;
        let mut end = 0;
        for i in 0..u64::from(n) {
            let at = buffer.va() + i * 20;
            let (base, len) = (read64(at), read64(at + 8));
            sorted &= base >= end;
            end = base + len;
            if read32(at + 16) == 1 {
                ram += len;
            }
        }
        is("memory.machine_memory_map.sorted", sorted);
        that(
            "memory.machine_memory_map.ram",
            ram,
            ram >= rt::info().nr_pages * PAGE,
        );
        let (r, m) = get(MACHINE_MEMORY_MAP, 0, 0);
        ret("memory.machine_memory_map.count_only", r, 0);
        eq(
            "memory.machine_memory_map.count_only.entries",
            m.into(),
            n.into(),
        );
        let (r, m) = get(MACHINE_MEMORY_MAP, 1, buffer.va());
        ret("memory.machine_memory_map.short", r, Errno::EINVAL);
        eq("memory.machine_memory_map.short.entries", m.into(), 1);
        bad_pointers(
            "memory.machine_memory_map.buffer",
            Errno::EFAULT,
            |p| match p {
                0 => Errno::EFAULT.to_ret(),
                p => get(MACHINE_MEMORY_MAP, 128, p).0,
            },
        );
        let (r, _) = get(MEMORY_MAP, 128, buffer.va());
        ret("memory.memory_map.dom0", r, Errno::ENOSYS);
    } else {
        let (r, _) = get(MACHINE_MEMORY_MAP, 128, buffer.va());
        ret("memory.machine_memory_map.domU", r, Errno::EPERM);
        let (r, n) = get(MEMORY_MAP, 128, buffer.va());
        ret("memory.memory_map", r, 0);
        that("memory.memory_map.entries", n.into(), n > 0);
    }
    bad_pointers(
        "memory.machine_memory_map",
        if rt::is_dom0() {
            Errno::EFAULT
        } else {
            Errno::EPERM
        },
        |p| op(MACHINE_MEMORY_MAP, p),
    );
    bad_pointers("memory.memory_map", Errno::EFAULT, |p| op(MEMORY_MAP, p));
}

fn machphys() {
    let arg = [0u64; 3];
    ret(
        "memory.machphys_mapping",
        op(MACHPHYS_MAPPING, arg.as_ptr() as u64),
        0,
    );
    eq(
        "memory.machphys_mapping.start",
        read64(arg.as_ptr() as u64),
        paging::M2P,
    );
    eq(
        "memory.machphys_mapping.end",
        read64(arg.as_ptr() as u64 + 8),
        0xffff_8040_0000_0000,
    );
    eq(
        "memory.machphys_mapping.max",
        read64(arg.as_ptr() as u64 + 16),
        op(MAXIMUM_RAM_PAGE, 0) as u64 - 1,
    );
    bad_pointers("memory.machphys_mapping", Errno::EFAULT, |p| {
        op(MACHPHYS_MAPPING, p)
    });
    let list = Page::take();
    let arg = [16u64, list.va(), 0];
    ret(
        "memory.machphys_mfn_list",
        op(MACHPHYS_MFN_LIST, arg.as_ptr() as u64),
        0,
    );
    let n = read32(arg.as_ptr() as u64 + 16);
    that(
        "memory.machphys_mfn_list.extents",
        n.into(),
        (1..16).contains(&n),
    );
    that(
        "memory.machphys_mfn_list.first",
        list.get(0),
        list.get(0) != 0 && list.get(0).is_multiple_of(512),
    );
    let arg = [0u64, list.va(), 0xff];
    ret(
        "memory.machphys_mfn_list.none",
        op(MACHPHYS_MFN_LIST, arg.as_ptr() as u64),
        0,
    );
    eq(
        "memory.machphys_mfn_list.none.extents",
        read32(arg.as_ptr() as u64 + 16).into(),
        0,
    );
    bad_pointers("memory.machphys_mfn_list", Errno::EFAULT, |p| {
        op(MACHPHYS_MFN_LIST, p)
    });
    bad_pointers("memory.machphys_mfn_list.list", Errno::EFAULT, |p| {
        let arg = [16u64, p, 0];
        op(MACHPHYS_MFN_LIST, arg.as_ptr() as u64)
    });
    // There are no 32-bit PV guests to have a table.
    let arg = [16u64, list.va(), 0];
    ret(
        "memory.machphys_compat_mfn_list",
        op(COMPAT_MFN_LIST, arg.as_ptr() as u64),
        Errno::EOPNOTSUPP,
    );
    bad_pointers("memory.machphys_compat_mfn_list", Errno::EOPNOTSUPP, |p| {
        op(COMPAT_MFN_LIST, p)
    });
}

fn others() {
    let arg = [DOMID_SELF, 0, 0];
    ret(
        "memory.add_to_physmap.shared_info",
        op(ADD_TO_PHYSMAP, arg.as_ptr() as u64),
        Errno::EACCES,
    );
    bad_pointers("memory.add_to_physmap", Errno::EFAULT, |p| {
        op(ADD_TO_PHYSMAP, p)
    });
    let arg = [DOMID_SELF, 0];
    ret(
        "memory.remove_from_physmap",
        op(REMOVE_FROM_PHYSMAP, arg.as_ptr() as u64),
        Errno::EACCES,
    );
    bad_pointers("memory.remove_from_physmap", Errno::EFAULT, |p| {
        op(REMOVE_FROM_PHYSMAP, p)
    });
    if rt::is_dom0() {
        let r = Reservation {
            extent_start: 0,
            nr_extents: 0,
            extent_order: 0,
            mem_flags: 0,
            domid: 0x1234,
        };
        ret(
            "memory.claim_pages.no_domain",
            reserve(CLAIM_PAGES, &r),
            Errno::EINVAL,
        );
        let own = Reservation { domid: 0, ..r };
        ret(
            "memory.claim_pages.self",
            reserve(CLAIM_PAGES, &Reservation { domid: 0x7ff0, ..r }),
            Errno::EINVAL,
        );
        ret("memory.claim_pages.zero", reserve(CLAIM_PAGES, &own), 0);
        ret(
            "memory.claim_pages.huge",
            reserve(
                CLAIM_PAGES,
                &Reservation {
                    nr_extents: 1 << 31,
                    ..own
                },
            ),
            Errno::ENOMEM,
        );
        ret(
            "memory.claim_pages.order",
            reserve(
                CLAIM_PAGES,
                &Reservation {
                    extent_order: 1,
                    ..own
                },
            ),
            Errno::EINVAL,
        );
    }
}
