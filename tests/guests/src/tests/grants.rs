//! `grant_table_op` (`grant_table.h`) of a domain with itself.

use super::{Test, events};
use crate::rt::cell::Global;
use crate::rt::check::{
    FORBIDDEN_POINTERS, UNMAPPED_POINTERS, bad_pointers, eq, is, ret, same, status, that,
};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{PAGE, Page, read16, read32, read64, write16, write32};
use crate::rt::paging::{self, KERNEL_RW, UVMF_INVLPG, ext, mmuext, pte_maddr, update_va};
use crate::rt::trap::{PF, fault_code};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("query", query),
    ("setup", setup),
    ("map", map),
    ("map_bad", map_bad),
    ("map_pte", map_pte),
    ("keep", keep),
    ("copy", copy),
    ("copy_bad", copy_bad),
    ("others", others),
    ("bad", bad),
    ("version2", version2),
];

const MAP: u64 = abi::grant_table::GNTTABOP_MAP_GRANT_REF as u64;
const UNMAP: u64 = abi::grant_table::GNTTABOP_UNMAP_GRANT_REF as u64;
const SETUP: u64 = abi::grant_table::GNTTABOP_SETUP_TABLE as u64;
const TRANSFER: u64 = abi::grant_table::GNTTABOP_TRANSFER as u64;
const COPY: u64 = abi::grant_table::GNTTABOP_COPY as u64;
const QUERY_SIZE: u64 = abi::grant_table::GNTTABOP_QUERY_SIZE as u64;
const UNMAP_AND_REPLACE: u64 = abi::grant_table::GNTTABOP_UNMAP_AND_REPLACE as u64;
const SET_VERSION: u64 = abi::grant_table::GNTTABOP_SET_VERSION as u64;
const GET_STATUS_FRAMES: u64 = abi::grant_table::GNTTABOP_GET_STATUS_FRAMES as u64;
const GET_VERSION: u64 = abi::grant_table::GNTTABOP_GET_VERSION as u64;
const SWAP: u64 = abi::grant_table::GNTTABOP_SWAP_GRANT_REF as u64;
const CACHE_FLUSH: u64 = abi::grant_table::GNTTABOP_CACHE_FLUSH as u64;

const SELF: u64 = 0x7ff0;
const OKAY: i64 = abi::grant_table::GNTST_OKAY as i64;
const GENERAL_ERROR: i64 = abi::grant_table::GNTST_GENERAL_ERROR as i64;
const BAD_DOMAIN: i64 = abi::grant_table::GNTST_BAD_DOMAIN as i64;
const BAD_GNTREF: i64 = abi::grant_table::GNTST_BAD_GNTREF as i64;
const BAD_HANDLE: i64 = abi::grant_table::GNTST_BAD_HANDLE as i64;
const BAD_VIRT_ADDR: i64 = abi::grant_table::GNTST_BAD_VIRT_ADDR as i64;
const BAD_PAGE: i64 = abi::grant_table::GNTST_BAD_PAGE as i64;
const BAD_COPY_ARG: i64 = abi::grant_table::GNTST_BAD_COPY_ARG as i64;

const HOST_MAP: u32 = abi::grant_table::GNTMAP_HOST_MAP;
const READ_ONLY: u32 = abi::grant_table::GNTMAP_READONLY;
const CONTAINS_PTE: u32 = abi::grant_table::GNTMAP_CONTAINS_PTE;

const PERMIT: u16 = abi::grant_table::GTF_PERMIT_ACCESS;
const GTF_READONLY: u16 = abi::grant_table::GTF_READONLY;
const READING: u16 = abi::grant_table::GTF_READING;
const WRITING: u16 = abi::grant_table::GTF_WRITING;

static TABLE: Global<u64> = Global::new(0);

pub fn op(cmd: u64, arg: u64, count: u64) -> i64 {
    call3(nr::GRANT_TABLE_OP, cmd, arg, count)
}

/// A call of one argument of 64-bit words; the words afterwards.
fn words<const N: usize>(cmd: u64, mut arg: [u64; N]) -> (i64, [u64; N]) {
    let r = op(cmd, arg.as_mut_ptr() as u64, 1);
    core::hint::black_box(&mut arg);
    (r, arg)
}

/// A status field.
fn status_in(word: u64, shift: u32) -> i64 {
    i64::from((word >> shift) as i16)
}

/// Maps the table's first frame once; its address.
pub fn table() -> u64 {
    if TABLE.get() == 0 {
        let page = Page::take();
        let frames = [0u64; 1];
        let arg = [SELF | 1 << 32, 0, frames.as_ptr() as u64];
        op(SETUP, arg.as_ptr() as u64, 1);
        let mfn = read64(frames.as_ptr() as u64);
        assert_eq!(
            update_va(page.va(), (mfn * PAGE) | KERNEL_RW, UVMF_INVLPG),
            0
        );
        TABLE.set(page.va());
    }
    TABLE.get()
}

/// The frames that the table has now, the rest of the page zero.
pub fn frames() -> Page {
    let list = Page::take();
    list.fill(0);
    let now = words(QUERY_SIZE, [SELF, 0]).1[0] >> 32;
    words(SETUP, [SELF | now << 32, 0, list.va()]);
    list
}

/// Grants a page to a domain.
pub fn grant(reference: u64, dom: u16, page: Page, flags: u16) {
    let at = table() + reference * 8;
    write16(at, 0);
    write16(at + 2, dom);
    write32(at + 4, page.mfn() as u32);
    write16(at, flags);
}

fn flags(reference: u64) -> u16 {
    read16(table() + reference * 8)
}

/// `map_grant_ref` of one's own reference; the status and the handle.
pub fn map_ref(host: u64, flags: u32, reference: u64, dom: u64) -> (i64, u64, u64) {
    let (_, w) = words(MAP, [host, u64::from(flags) | reference << 32, dom, 0]);
    (status_in(w[2], 16), w[2] >> 32, w[3])
}

pub fn unmap_ref(host: u64, handle: u64) -> i64 {
    let (_, w) = words(UNMAP, [host, 0, handle]);
    status_in(w[2], 32)
}

/// This domain's own number, which grants need: the peer of a loopback channel says it.
pub fn own() -> u16 {
    static OWN: Global<Option<u16>> = Global::new(None);
    if let Some(own) = OWN.get() {
        return own;
    }
    let (_, a) = events::op32(events::ALLOC_UNBOUND, [0x7ff0 | 0x7ff0 << 16, 0]);
    let (_, b) = events::op32(events::BIND_INTERDOMAIN, [0x7ff0, a[1], 0]);
    let (_, s) = events::op32(events::STATUS, [0x7ff0, b[2], 0, 0, 0, 0]);
    events::close_port(a[1]);
    events::close_port(b[2]);
    OWN.set(Some(s[4] as u16));
    s[4] as u16
}

fn query() {
    let (r, w) = words(QUERY_SIZE, [SELF, 0]);
    ret("grant.query", r, 0);
    let (frames, max) = (w[0] >> 32, w[1] & 0xffff_ffff);
    status("grant.query.status", status_in(w[1], 32), OKAY);
    that("grant.query.frames", frames, (1..=64).contains(&frames));
    that("grant.query.max", max, max >= frames);
    let (_, w) = words(QUERY_SIZE, [0x1234, 0]);
    status("grant.query.no_domain", status_in(w[1], 32), BAD_DOMAIN);
    let (r, w) = words(GET_VERSION, [SELF]);
    ret("grant.get_version", r, 0);
    eq("grant.get_version.value", w[0] >> 32, 1);
    ret(
        "grant.get_version.no_domain",
        words(GET_VERSION, [0x1234]).0,
        Errno::ESRCH,
    );
}

fn setup() {
    let list = Page::take();
    let run = |dom: u64, n: u64, p: u64| {
        let (r, w) = words(SETUP, [dom | n << 32, 0, p]);
        (r, status_in(w[1], 0))
    };
    let (r, s) = run(SELF, 2, list.va());
    ret("grant.setup", r, 0);
    status("grant.setup.status", s, OKAY);
    is(
        "grant.setup.frames",
        list.get(0) != 0 && list.get(1) != 0 && list.get(0) != list.get(1),
    );
    let before = list.get(0);
    run(SELF, 1, list.va());
    same("grant.setup.again", list.get(0), before);
    status(
        "grant.setup.too_many",
        run(SELF, 100_000, list.va()).1,
        GENERAL_ERROR,
    );
    status(
        "grant.setup.no_domain",
        run(0x1234, 1, list.va()).1,
        BAD_DOMAIN,
    );
    for (what, p) in UNMAPPED_POINTERS {
        status(
            format_args!("grant.setup.list.{what}"),
            run(SELF, 1, *p).1,
            BAD_VIRT_ADDR,
        );
    }
    for (what, p) in FORBIDDEN_POINTERS {
        ret(
            format_args!("grant.setup.list.{what}"),
            run(SELF, 1, *p).0,
            Errno::EFAULT,
        );
    }
    is("grant.setup.mapped", table() != 0);
    eq("grant.table.empty", read64(table() + 8 * 8), 0);
}

fn map() {
    let (page, w) = (Page::take(), Page::take());
    page.fill(0x6a);
    grant(8, own(), page, PERMIT);
    let (s, handle, _) = map_ref(w.va(), HOST_MAP, 8, own().into());
    status("grant.map", s, OKAY);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("grant.map.reads", w.get(0), 0x6a);
    w.set(1, 0x6b);
    eq("grant.map.writes", page.get(1), 0x6b);
    eq(
        "grant.map.flags",
        flags(8).into(),
        (PERMIT | READING | WRITING).into(),
    );
    // The mapping belongs to the grant: it can't be changed behind its back.
    let other = Page::take();
    let (s, second, _) = map_ref(other.va(), HOST_MAP | READ_ONLY, 8, own().into());
    status("grant.map.second", s, OKAY);
    is("grant.map.second.handle", second != handle);
    status("grant.unmap", unmap_ref(w.va(), handle), OKAY);
    eq("grant.unmap.fault", fault_code(|| w.get(0)), PF << 32);
    eq(
        "grant.unmap.flags",
        flags(8).into(),
        (PERMIT | READING).into(),
    );
    status("grant.unmap.twice", unmap_ref(w.va(), handle), BAD_HANDLE);
    status(
        "grant.unmap.wrong_address",
        unmap_ref(w.va(), second),
        GENERAL_ERROR,
    );
    status("grant.unmap.second", unmap_ref(other.va(), second), OKAY);
    paging::protect(w, true);
    // A read-only grant.
    grant(9, own(), page, PERMIT | GTF_READONLY);
    status(
        "grant.map.write_to_read_only",
        map_ref(w.va(), HOST_MAP, 9, own().into()).0,
        GENERAL_ERROR,
    );
    let (s, handle, _) = map_ref(w.va(), HOST_MAP | READ_ONLY, 9, own().into());
    status("grant.map.read_only", s, OKAY);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("grant.map.read_only.reads", w.get(1), 0x6b);
    eq(
        "grant.map.read_only.write",
        fault_code(|| w.set(1, 0)),
        PF << 32 | 3,
    );
    eq(
        "grant.map.read_only.flags",
        flags(9).into(),
        (PERMIT | GTF_READONLY | READING).into(),
    );
    status("grant.unmap.read_only", unmap_ref(w.va(), handle), OKAY);
    eq(
        "grant.unmap.read_only.flags",
        flags(9).into(),
        (PERMIT | GTF_READONLY).into(),
    );
    paging::protect(w, true);
}

fn map_bad() {
    let (page, w) = (Page::take(), Page::take());
    grant(10, own(), page, PERMIT);
    let s = |host, flags, reference, dom| map_ref(host, flags, reference, dom).0;
    status(
        "grant.map.no_domain",
        s(w.va(), HOST_MAP, 10, 0x1234),
        BAD_DOMAIN,
    );
    status(
        "grant.map.no_flags",
        s(w.va(), 0, 10, own().into()),
        BAD_GNTREF,
    );
    status(
        "grant.map.huge_reference",
        s(w.va(), HOST_MAP, 0xffff_ffff, own().into()),
        BAD_GNTREF,
    );
    status(
        "grant.map.empty_reference",
        s(w.va(), HOST_MAP, 100, own().into()),
        GENERAL_ERROR,
    );
    grant(11, 0x123, page, PERMIT);
    status(
        "grant.map.other_domain's",
        s(w.va(), HOST_MAP, 11, own().into()),
        GENERAL_ERROR,
    );
    grant(12, own(), page, 2);
    status(
        "grant.map.transfer_entry",
        s(w.va(), HOST_MAP, 12, own().into()),
        GENERAL_ERROR,
    );
    for (name, va) in [
        ("null", 0),
        ("unmapped_table", 0x1234_5678_9000),
        ("hypervisor", 0xffff_8300_0010_0000),
        ("m2p", paging::M2P),
        ("non_canonical", 1 << 63),
    ] {
        status(
            format_args!("grant.map.address.{name}"),
            s(va, HOST_MAP, 10, own().into()),
            GENERAL_ERROR,
        );
    }
    eq("grant.map.refused.flags", flags(10).into(), PERMIT.into());
    // A frame that is a page table may be granted, but not mapped writable.
    grant(13, own(), paging::l4(), PERMIT);
    status(
        "grant.map.table_writable",
        s(w.va(), HOST_MAP, 13, own().into()),
        GENERAL_ERROR,
    );
    grant(14, own(), paging::l4(), PERMIT | GTF_READONLY);
    let (r, handle, _) = map_ref(w.va(), HOST_MAP | READ_ONLY, 14, own().into());
    status("grant.map.table_read_only", r, OKAY);
    status(
        "grant.unmap.table_read_only",
        unmap_ref(w.va(), handle),
        OKAY,
    );
    let at = table() + 15 * 8;
    write32(at + 4, super::memory::machphys_frame() as u32);
    write16(at + 2, own());
    write16(at, PERMIT);
    status(
        "grant.map.hypervisor_frame",
        s(w.va(), HOST_MAP, 15, own().into()),
        BAD_PAGE,
    );
    write32(at + 4, 0xffff_ffff);
    status(
        "grant.map.huge_frame",
        s(w.va(), HOST_MAP, 15, own().into()),
        BAD_PAGE,
    );
    for (name, handle) in [("0x1000", 0x1000), ("huge", 0xffff_ffff)] {
        status(
            format_args!("grant.unmap.handle.{name}"),
            unmap_ref(w.va(), handle),
            BAD_HANDLE,
        );
    }
    paging::protect(w, true);
}

fn map_pte() {
    let (page, w) = (Page::take(), Page::take());
    page.fill(0x9e);
    grant(16, own(), page, PERMIT);
    let at = pte_maddr(w.va());
    let (s, handle, _) = map_ref(at, HOST_MAP | CONTAINS_PTE, 16, own().into());
    status("grant.map_pte", s, OKAY);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("grant.map_pte.reads", w.get(0), 0x9e);
    status("grant.map_pte.unmap", unmap_ref(at, handle), OKAY);
    let s = |at| map_ref(at, HOST_MAP | CONTAINS_PTE, 16, own().into()).0;
    status("grant.map_pte.data_page", s(page.maddr(0)), GENERAL_ERROR);
    status("grant.map_pte.huge", s(0xf_ffff_ffff_f000), GENERAL_ERROR);
    status("grant.map_pte.misaligned", s(at + 4), GENERAL_ERROR);
    status(
        "grant.map_pte.l4",
        s(paging::l4().maddr(100)),
        GENERAL_ERROR,
    );
    paging::protect(w, true);
}

fn keep() {
    // A granted page that is mapped stays a data page: it can't become a table while it is mapped writable.
    let (page, w) = (Page::take(), Page::take());
    grant(17, own(), page, PERMIT);
    let (_, handle, _) = map_ref(w.va(), HOST_MAP, 17, own().into());
    paging::protect(page, false);
    ret(
        "grant.keep.pin",
        mmuext(ext::PIN_L1_TABLE, page.mfn(), 0),
        Errno::EINVAL,
    );
    status("grant.keep.unmap", unmap_ref(w.va(), handle), OKAY);
    ret(
        "grant.keep.pin_after",
        mmuext(ext::PIN_L1_TABLE, page.mfn(), 0),
        0,
    );
    status(
        "grant.keep.map_table",
        map_ref(w.va(), HOST_MAP, 17, own().into()).0,
        GENERAL_ERROR,
    );
    ret(
        "grant.keep.unpin",
        mmuext(ext::UNPIN_TABLE, page.mfn(), 0),
        0,
    );
    // A mapping made by a grant and removed as if it were an ordinary one.
    let (_, handle, _) = map_ref(w.va(), HOST_MAP, 17, own().into());
    ret(
        "grant.keep.overwritten",
        update_va(w.va(), 0, UVMF_INVLPG),
        0,
    );
    status(
        "grant.keep.unmap_overwritten",
        unmap_ref(w.va(), handle),
        GENERAL_ERROR,
    );
    ret(
        "grant.keep.restored",
        update_va(w.va(), page.maddr(0) | KERNEL_RW, UVMF_INVLPG),
        0,
    );
    status("grant.keep.unmap_restored", unmap_ref(w.va(), handle), OKAY);
    // Unmap and put another mapping in its place.
    let (s, handle, _) = map_ref(w.va(), HOST_MAP, 17, own().into());
    status("grant.replace.map", s, OKAY);
    let donor = Page::take();
    donor.fill(0xd0);
    let (_, r) = words(UNMAP_AND_REPLACE, [w.va(), donor.va(), handle]);
    status("grant.replace", status_in(r[2], 32), OKAY);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("grant.replace.moved", w.get(0), 0xd0);
    eq(
        "grant.replace.donor_gone",
        fault_code(|| donor.get(0)),
        PF << 32,
    );
    paging::protect(w, true);
    paging::protect(donor, true);
}

/// `struct gnttab_copy`: source and destination by reference or frame, then length and flags.
#[repr(C)]
#[derive(Clone, Copy)]
struct Copy {
    source: u64,
    source_dom: u16,
    source_offset: u16,
    pad: u32,
    dest: u64,
    dest_dom: u16,
    dest_offset: u16,
    pad2: u32,
    len: u16,
    flags: u16,
    status: i16,
}

fn copy_op(c: &mut Copy) -> i64 {
    op(COPY, &raw mut *c as u64, 1);
    i64::from(read16(&raw const c.status as u64) as i16)
}

fn plain(source: Page, dest: Page, len: u16) -> Copy {
    Copy {
        source: source.mfn(),
        source_dom: SELF as u16,
        source_offset: 0,
        pad: 0,
        dest: dest.mfn(),
        dest_dom: SELF as u16,
        dest_offset: 0,
        pad2: 0,
        len,
        flags: 0,
        status: 1,
    }
}

fn copy() {
    let (a, b) = (Page::take(), Page::take());
    a.fill(0xc0);
    status("grant.copy.frames", copy_op(&mut plain(a, b, 4096)), OKAY);
    eq("grant.copy.frames.copied", b.get(511), 0xc0);
    grant(20, own(), a, PERMIT | GTF_READONLY);
    b.fill(0);
    let mut c = Copy {
        source: 20,
        flags: 1,
        source_offset: 8,
        dest_offset: 16,
        ..plain(a, b, 8)
    };
    status("grant.copy.from_reference", copy_op(&mut c), OKAY);
    eq("grant.copy.from_reference.copied", b.get(2), 0xc0);
    eq("grant.copy.from_reference.only", b.get(1) | b.get(3), 0);
    grant(21, own(), b, PERMIT);
    let mut c = Copy {
        dest: 21,
        flags: 2,
        ..plain(a, b, 100)
    };
    status("grant.copy.to_reference", copy_op(&mut c), OKAY);
    eq(
        "grant.copy.flags_after",
        (flags(20) | flags(21)).into(),
        (PERMIT | GTF_READONLY).into(),
    );
    let mut many: [Copy; 16] = core::array::from_fn(|_| plain(a, b, 64));
    ret(
        "grant.copy.batch",
        op(COPY, many.as_mut_ptr() as u64, 16),
        0,
    );
    is(
        "grant.copy.batch.all",
        many.iter().all(|c| read16(&raw const c.status as u64) == 0),
    );
    status("grant.copy.nothing", copy_op(&mut plain(a, b, 0)), OKAY);
}

fn copy_bad() {
    let (a, b) = (Page::take(), Page::take());
    let good = plain(a, b, 8);
    let mut c = Copy {
        source_offset: 4090,
        ..good
    };
    status("grant.copy.crosses_source", copy_op(&mut c), BAD_COPY_ARG);
    let mut c = Copy {
        dest_offset: 4096,
        ..good
    };
    status("grant.copy.crosses_dest", copy_op(&mut c), BAD_COPY_ARG);
    let mut c = Copy {
        source: 1000,
        flags: 1,
        ..good
    };
    status("grant.copy.bad_reference", copy_op(&mut c), GENERAL_ERROR);
    let mut c = Copy {
        source: 30,
        flags: 1,
        ..good
    };
    status("grant.copy.empty_reference", copy_op(&mut c), GENERAL_ERROR);
    grant(31, own(), b, PERMIT | GTF_READONLY);
    let mut c = Copy {
        dest: 31,
        flags: 2,
        ..good
    };
    status("grant.copy.to_read_only", copy_op(&mut c), GENERAL_ERROR);
    let mut c = Copy {
        source_dom: 0x1234,
        flags: 1,
        ..good
    };
    status("grant.copy.no_domain", copy_op(&mut c), BAD_DOMAIN);
    let mut c = Copy {
        source_dom: 0x1234,
        ..good
    };
    status("grant.copy.foreign_frame", copy_op(&mut c), BAD_DOMAIN);
    let mut c = Copy {
        dest: paging::l4().mfn(),
        ..good
    };
    status("grant.copy.to_table", copy_op(&mut c), GENERAL_ERROR);
    let mut c = Copy {
        source: 0xff_ffff_ffff,
        ..good
    };
    status("grant.copy.huge_frame", copy_op(&mut c), BAD_PAGE);
    let mut c = Copy {
        source: super::memory::machphys_frame(),
        ..good
    };
    status("grant.copy.hypervisor_frame", copy_op(&mut c), BAD_PAGE);
}

fn others() {
    let page = Page::take();
    grant(40, own(), page, PERMIT);
    grant(41, 0x77, page, PERMIT | GTF_READONLY);
    let (r, w) = words(SWAP, [40 | 41 << 32, 0]);
    ret("grant.swap", r, 0);
    status("grant.swap.status", status_in(w[1], 0), OKAY);
    eq(
        "grant.swap.effect",
        (read32(table() + 40 * 8) >> 16).into(),
        0x77,
    );
    let (_, w) = words(SWAP, [40 | 0xffff_ffff << 32, 0]);
    status("grant.swap.beyond", status_in(w[1], 0), BAD_GNTREF);
    let (r, _) = words(CACHE_FLUSH, [page.maddr(0), 64 << 16 | 1 << 32]);
    ret("grant.cache_flush.clean", r, 0);
    let (_, w) = words(TRANSFER, [0xff_ffff_ffff, 0, 0]);
    status("grant.transfer.bad_frame", status_in(w[2], 0), -9);
    let (r, w) = words(GET_STATUS_FRAMES, [1 | SELF << 32, 0]);
    ret("grant.status_frames.version1", r, 0);
    status(
        "grant.status_frames.version1.status",
        status_in(w[0], 48),
        GENERAL_ERROR,
    );
    ret("grant.set_version.1", words(SET_VERSION, [1]).0, 0);
    ret("grant.set_version.same", words(SET_VERSION, [1]).0, 0);
    ret(
        "grant.set_version.3",
        words(SET_VERSION, [3]).0,
        Errno::EINVAL,
    );
    ret(
        "grant.set_version.0",
        words(SET_VERSION, [0]).0,
        Errno::EINVAL,
    );
}

fn bad() {
    for (name, cmd) in [
        ("map", MAP),
        ("unmap", UNMAP),
        ("setup", SETUP),
        ("copy", COPY),
        ("query_size", QUERY_SIZE),
        ("unmap_and_replace", UNMAP_AND_REPLACE),
        ("set_version", SET_VERSION),
        ("get_status_frames", GET_STATUS_FRAMES),
        ("get_version", GET_VERSION),
        ("swap", SWAP),
        ("cache_flush", CACHE_FLUSH),
        ("transfer", TRANSFER),
    ] {
        bad_pointers(format_args!("grant.{name}.argument"), Errno::EFAULT, |p| {
            op(cmd, p, 1)
        });
    }
    let arg = [SELF, 0, 0, 0];
    for (name, cmd) in [("setup", SETUP), ("query_size", QUERY_SIZE)] {
        ret(
            format_args!("grant.{name}.two"),
            op(cmd, arg.as_ptr() as u64, 2),
            Errno::EINVAL,
        );
    }
    ret("grant.map.none", op(MAP, 0, 0), 0);
    ret(
        "grant.map.negative_count",
        op(MAP, arg.as_ptr() as u64, 1 << 31),
        Errno::EINVAL,
    );
    ret(
        "grant.dump_table",
        op(3, arg.as_ptr() as u64, 1),
        Errno::ENOSYS,
    );
    for cmd in [13, 100] {
        ret(
            format_args!("grant.unknown.{cmd}"),
            op(cmd, 0, 1),
            Errno::ENOSYS,
        );
    }
}

fn version2() {
    // Entries of 16 bytes; the status words move out.
    let (r, w) = words(SET_VERSION, [2]);
    ret("grant.version2.set", r, 0);
    eq("grant.version2.now", w[0] & 0xffff_ffff, 2);
    eq(
        "grant.version2.get",
        words(GET_VERSION, [SELF]).1[0] >> 32,
        2,
    );
    let frames = Page::take();
    let (r, w) = words(GET_STATUS_FRAMES, [1 | SELF << 32, frames.va()]);
    ret("grant.version2.status_frames", r, 0);
    status(
        "grant.version2.status_frames.status",
        status_in(w[0], 48),
        OKAY,
    );
    is("grant.version2.status_frames.frame", frames.get(0) != 0);
    ret("grant.version2.back", words(SET_VERSION, [1]).0, 0);
    eq(
        "grant.version2.back.get",
        words(GET_VERSION, [SELF]).1[0] >> 32,
        1,
    );
}
