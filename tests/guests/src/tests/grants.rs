//! `grant_table_op` (`grant_table.h`) of a domain with itself.

use super::Test;
use crate::rt;
use crate::rt::cell::Global;
use crate::rt::check::{bad_pointers, eq, is, ret, same, that};
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

const MAP: u64 = 0;
const UNMAP: u64 = 1;
const SETUP: u64 = 2;
const TRANSFER: u64 = 4;
const COPY: u64 = 5;
const QUERY_SIZE: u64 = 6;
const UNMAP_AND_REPLACE: u64 = 7;
const SET_VERSION: u64 = 8;
const GET_STATUS_FRAMES: u64 = 9;
const GET_VERSION: u64 = 10;
const SWAP: u64 = 11;
const CACHE_FLUSH: u64 = 12;

const SELF: u64 = 0x7ff0;
const OKAY: i64 = 0;
const GENERAL_ERROR: i64 = -1;
const BAD_DOMAIN: i64 = -2;
const BAD_GNTREF: i64 = -3;
const BAD_HANDLE: i64 = -4;
const PERMISSION_DENIED: i64 = -8;
const BAD_COPY_ARG: i64 = -10;

const HOST_MAP: u32 = 2;
const READ_ONLY: u32 = 4;
const CONTAINS_PTE: u32 = 16;

const PERMIT: u16 = 1;
const GTF_READONLY: u16 = 4;
const READING: u16 = 8;
const WRITING: u16 = 16;

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
fn status(word: u64, shift: u32) -> i64 {
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
        assert_eq!(update_va(page.va(), mfn * PAGE | KERNEL_RW, UVMF_INVLPG), 0);
        TABLE.set(page.va());
    }
    TABLE.get()
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
    (status(w[2], 16), w[2] >> 32, w[3])
}

pub fn unmap_ref(host: u64, handle: u64) -> i64 {
    let (_, w) = words(UNMAP, [host, 0, handle]);
    status(w[2], 32)
}

/// This domain's own number, as grants need it.
pub fn own() -> u16 {
    if rt::is_dom0() { 0 } else { 1 }
}

fn query() {
    let (r, w) = words(QUERY_SIZE, [SELF, 0]);
    ret("grant.query", r, 0);
    let (frames, max) = (w[0] >> 32, w[1] & 0xffff_ffff);
    ret("grant.query.status", status(w[1], 32), OKAY);
    that("grant.query.frames", frames, (1..=64).contains(&frames));
    that("grant.query.max", max, max >= frames);
    let (_, w) = words(QUERY_SIZE, [0x1234, 0]);
    ret("grant.query.no_domain", status(w[1], 32), BAD_DOMAIN);
    let (r, w) = words(GET_VERSION, [SELF]);
    ret("grant.get_version", r, 0);
    eq("grant.get_version.value", w[0] >> 32, 1);
    ret("grant.get_version.no_domain", words(GET_VERSION, [0x1234]).0, Errno::ESRCH);
}

fn setup() {
    let list = Page::take();
    let run = |dom: u64, n: u64, p: u64| {
        let (r, w) = words(SETUP, [dom | n << 32, 0, p]);
        (r, status(w[1], 0))
    };
    let (r, s) = run(SELF, 2, list.va());
    ret("grant.setup", r, 0);
    ret("grant.setup.status", s, OKAY);
    is("grant.setup.frames", list.get(0) != 0 && list.get(1) != 0 && list.get(0) != list.get(1));
    let before = list.get(0);
    run(SELF, 1, list.va());
    same("grant.setup.again", list.get(0), before);
    ret("grant.setup.too_many", run(SELF, 100_000, list.va()).1, GENERAL_ERROR);
    ret("grant.setup.no_domain", run(0x1234, 1, list.va()).1, BAD_DOMAIN);
    bad_pointers("grant.setup.list", GENERAL_ERROR, |p| run(SELF, 1, p).1);
    is("grant.setup.mapped", table() != 0);
    eq("grant.table.empty", read64(table() + 8 * 8), 0);
}

fn map() {
    let (page, w) = (Page::take(), Page::take());
    page.fill(0x6a);
    grant(8, own(), page, PERMIT);
    let (s, handle, _) = map_ref(w.va(), HOST_MAP, 8, SELF);
    ret("grant.map", s, OKAY);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("grant.map.reads", w.get(0), 0x6a);
    w.set(1, 0x6b);
    eq("grant.map.writes", page.get(1), 0x6b);
    eq("grant.map.flags", flags(8).into(), (PERMIT | READING | WRITING).into());
    // The mapping belongs to the grant: it can't be changed behind its back.
    let (s, second, _) = map_ref(Page::take().va(), HOST_MAP | READ_ONLY, 8, SELF);
    ret("grant.map.second", s, OKAY);
    is("grant.map.second.handle", second != handle);
    ret("grant.unmap", unmap_ref(w.va(), handle), OKAY);
    eq("grant.unmap.fault", fault_code(|| drop(w.get(0))), PF << 32);
    eq("grant.unmap.flags", flags(8).into(), (PERMIT | READING).into());
    ret("grant.unmap.twice", unmap_ref(w.va(), handle), BAD_HANDLE);
    ret("grant.unmap.wrong_address", unmap_ref(w.va(), second), GENERAL_ERROR);
    paging::protect(w, true);
    // A read-only grant.
    grant(9, own(), page, PERMIT | GTF_READONLY);
    ret("grant.map.write_to_read_only", map_ref(w.va(), HOST_MAP, 9, SELF).0, GENERAL_ERROR);
    let (s, handle, _) = map_ref(w.va(), HOST_MAP | READ_ONLY, 9, SELF);
    ret("grant.map.read_only", s, OKAY);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("grant.map.read_only.reads", w.get(1), 0x6b);
    eq("grant.map.read_only.write", fault_code(|| w.set(1, 0)), PF << 32 | 3);
    eq("grant.map.read_only.flags", flags(9).into(), (PERMIT | GTF_READONLY | READING).into());
    ret("grant.unmap.read_only", unmap_ref(w.va(), handle), OKAY);
    eq("grant.unmap.read_only.flags", flags(9).into(), (PERMIT | GTF_READONLY).into());
    paging::protect(w, true);
}

fn map_bad() {
    let (page, w) = (Page::take(), Page::take());
    grant(10, own(), page, PERMIT);
    let s = |host, flags, reference, dom| map_ref(host, flags, reference, dom).0;
    ret("grant.map.no_domain", s(w.va(), HOST_MAP, 10, 0x1234), BAD_DOMAIN);
    ret("grant.map.no_flags", s(w.va(), 0, 10, SELF), BAD_GNTREF);
    ret("grant.map.huge_reference", s(w.va(), HOST_MAP, 0xffff_ffff, SELF), BAD_GNTREF);
    ret("grant.map.empty_reference", s(w.va(), HOST_MAP, 100, SELF), GENERAL_ERROR);
    grant(11, 0x123, page, PERMIT);
    ret("grant.map.other_domain's", s(w.va(), HOST_MAP, 11, SELF), GENERAL_ERROR);
    grant(12, own(), page, 2);
    ret("grant.map.transfer_entry", s(w.va(), HOST_MAP, 12, SELF), GENERAL_ERROR);
    for (name, va) in [
        ("null", 0),
        ("unmapped_table", 0x1234_5678_9000),
        ("hypervisor", 0xffff_8300_0010_0000),
        ("m2p", paging::M2P),
        ("non_canonical", 1 << 63),
    ] {
        ret(format_args!("grant.map.address.{name}"), s(va, HOST_MAP, 10, SELF), GENERAL_ERROR);
    }
    eq("grant.map.refused.flags", flags(10).into(), PERMIT.into());
    // A frame that is a page table may be granted, but not mapped writable.
    grant(13, own(), paging::l4(), PERMIT);
    ret("grant.map.table_writable", s(w.va(), HOST_MAP, 13, SELF), GENERAL_ERROR);
    grant(14, own(), paging::l4(), PERMIT | GTF_READONLY);
    let (r, handle, _) = map_ref(w.va(), HOST_MAP | READ_ONLY, 14, SELF);
    ret("grant.map.table_read_only", r, OKAY);
    ret("grant.unmap.table_read_only", unmap_ref(w.va(), handle), OKAY);
    let at = table() + 15 * 8;
    write32(at + 4, super::memory::machphys_frame() as u32);
    write16(at + 2, own());
    write16(at, PERMIT);
    ret("grant.map.hypervisor_frame", s(w.va(), HOST_MAP, 15, SELF), GENERAL_ERROR);
    write32(at + 4, 0xffff_ffff);
    ret("grant.map.huge_frame", s(w.va(), HOST_MAP, 15, SELF), GENERAL_ERROR);
    for (name, handle) in [("0x1000", 0x1000), ("huge", 0xffff_ffff)] {
        ret(format_args!("grant.unmap.handle.{name}"), unmap_ref(w.va(), handle), BAD_HANDLE);
    }
    paging::protect(w, true);
}

fn map_pte() {
    let (page, w) = (Page::take(), Page::take());
    page.fill(0x9e);
    grant(16, own(), page, PERMIT);
    let at = pte_maddr(w.va());
    let (s, handle, _) = map_ref(at, HOST_MAP | CONTAINS_PTE, 16, SELF);
    ret("grant.map_pte", s, OKAY);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("grant.map_pte.reads", w.get(0), 0x9e);
    ret("grant.map_pte.unmap", unmap_ref(at, handle), OKAY);
    let s = |at| map_ref(at, HOST_MAP | CONTAINS_PTE, 16, SELF).0;
    ret("grant.map_pte.data_page", s(page.maddr(0)), GENERAL_ERROR);
    ret("grant.map_pte.huge", s(0xf_ffff_ffff_f000), GENERAL_ERROR);
    ret("grant.map_pte.misaligned", s(at + 4), GENERAL_ERROR);
    ret("grant.map_pte.l4", s(paging::l4().maddr(100)), GENERAL_ERROR);
    paging::protect(w, true);
}

fn keep() {
    // A granted page that is mapped stays a data page: it can't become a table while it is mapped writable.
    let (page, w) = (Page::take(), Page::take());
    grant(17, own(), page, PERMIT);
    let (_, handle, _) = map_ref(w.va(), HOST_MAP, 17, SELF);
    paging::protect(page, false);
    ret("grant.keep.pin", mmuext(ext::PIN_L1_TABLE, page.mfn(), 0), Errno::EINVAL);
    ret("grant.keep.unmap", unmap_ref(w.va(), handle), OKAY);
    ret("grant.keep.pin_after", mmuext(ext::PIN_L1_TABLE, page.mfn(), 0), 0);
    ret("grant.keep.map_table", map_ref(w.va(), HOST_MAP, 17, SELF).0, GENERAL_ERROR);
    ret("grant.keep.unpin", mmuext(ext::UNPIN_TABLE, page.mfn(), 0), 0);
    // A mapping made by a grant and removed as if it were an ordinary one.
    let (_, handle, _) = map_ref(w.va(), HOST_MAP, 17, SELF);
    ret("grant.keep.overwritten", update_va(w.va(), 0, UVMF_INVLPG), 0);
    ret("grant.keep.unmap_overwritten", unmap_ref(w.va(), handle), GENERAL_ERROR);
    // Unmap and put another mapping in its place.
    let (s, handle, _) = map_ref(w.va(), HOST_MAP, 17, SELF);
    ret("grant.replace.map", s, OKAY);
    let donor = Page::take();
    donor.fill(0xd0);
    let (_, r) = words(UNMAP_AND_REPLACE, [w.va(), donor.va(), handle]);
    ret("grant.replace", status(r[2], 32), OKAY);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("grant.replace.moved", w.get(0), 0xd0);
    eq("grant.replace.donor_gone", fault_code(|| drop(donor.get(0))), PF << 32);
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
    dest: u64,
    dest_dom: u16,
    dest_offset: u16,
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
        dest: dest.mfn(),
        dest_dom: SELF as u16,
        dest_offset: 0,
        len,
        flags: 0,
        status: 1,
    }
}

fn copy() {
    let (a, b) = (Page::take(), Page::take());
    a.fill(0xc0);
    ret("grant.copy.frames", copy_op(&mut plain(a, b, 4096)), OKAY);
    eq("grant.copy.frames.copied", b.get(511), 0xc0);
    grant(20, own(), a, PERMIT | GTF_READONLY);
    b.fill(0);
    let mut c = Copy { source: 20, flags: 1, source_offset: 8, dest_offset: 16, ..plain(a, b, 8) };
    ret("grant.copy.from_reference", copy_op(&mut c), OKAY);
    eq("grant.copy.from_reference.copied", b.get(2), 0xc0);
    eq("grant.copy.from_reference.only", b.get(1) | b.get(3), 0);
    grant(21, own(), b, PERMIT);
    let mut c = Copy { dest: 21, flags: 2, ..plain(a, b, 100) };
    ret("grant.copy.to_reference", copy_op(&mut c), OKAY);
    eq("grant.copy.flags_after", (flags(20) | flags(21)).into(), (PERMIT | GTF_READONLY).into());
    let mut many: [Copy; 16] = core::array::from_fn(|_| plain(a, b, 64));
    ret("grant.copy.batch", op(COPY, many.as_mut_ptr() as u64, 16), 0);
    is("grant.copy.batch.all", many.iter().all(|c| read16(&raw const c.status as u64) == 0));
    ret("grant.copy.nothing", copy_op(&mut plain(a, b, 0)), OKAY);
}

fn copy_bad() {
    let (a, b) = (Page::take(), Page::take());
    let good = plain(a, b, 8);
    let mut c = Copy { source_offset: 4090, ..good };
    ret("grant.copy.crosses_source", copy_op(&mut c), BAD_COPY_ARG);
    let mut c = Copy { dest_offset: 4096, ..good };
    ret("grant.copy.crosses_dest", copy_op(&mut c), BAD_COPY_ARG);
    let mut c = Copy { source: 1000, flags: 1, ..good };
    ret("grant.copy.bad_reference", copy_op(&mut c), BAD_GNTREF);
    let mut c = Copy { source: 30, flags: 1, ..good };
    ret("grant.copy.empty_reference", copy_op(&mut c), GENERAL_ERROR);
    grant(31, own(), b, PERMIT | GTF_READONLY);
    let mut c = Copy { dest: 31, flags: 2, ..good };
    ret("grant.copy.to_read_only", copy_op(&mut c), GENERAL_ERROR);
    let mut c = Copy { source_dom: 0x1234, flags: 1, ..good };
    ret("grant.copy.no_domain", copy_op(&mut c), BAD_DOMAIN);
    let mut c = Copy { source_dom: 0x1234, ..good };
    ret("grant.copy.foreign_frame", copy_op(&mut c), PERMISSION_DENIED);
    let mut c = Copy { dest: paging::l4().mfn(), ..good };
    ret("grant.copy.to_table", copy_op(&mut c), GENERAL_ERROR);
    let mut c = Copy { source: 0xff_ffff_ffff, ..good };
    ret("grant.copy.huge_frame", copy_op(&mut c), GENERAL_ERROR);
    let mut c = Copy { source: super::memory::machphys_frame(), ..good };
    ret("grant.copy.hypervisor_frame", copy_op(&mut c), GENERAL_ERROR);
}

fn others() {
    let page = Page::take();
    grant(40, own(), page, PERMIT);
    grant(41, 0x77, page, PERMIT | GTF_READONLY);
    let (r, w) = words(SWAP, [40 | 41 << 32, 0]);
    ret("grant.swap", r, 0);
    ret("grant.swap.status", status(w[1], 0), OKAY);
    eq("grant.swap.effect", (read32(table() + 40 * 8) >> 16).into(), 0x77);
    let (_, w) = words(SWAP, [40 | 0xffff_ffff << 32, 0]);
    ret("grant.swap.beyond", status(w[1], 0), BAD_GNTREF);
    let (r, _) = words(CACHE_FLUSH, [page.maddr(0), 64 << 16 | 1 << 32]);
    ret("grant.cache_flush.clean", r, 0);
    let (_, w) = words(TRANSFER, [0xff_ffff_ffff, 0, 0]);
    ret("grant.transfer.bad_frame", status(w[2], 0), -9);
    let (r, w) = words(GET_STATUS_FRAMES, [1 | SELF << 32, 0]);
    ret("grant.status_frames.version1", r, 0);
    ret("grant.status_frames.version1.status", status(w[0], 48), GENERAL_ERROR);
    ret("grant.set_version.1", words(SET_VERSION, [1]).0, 0);
    ret("grant.set_version.3", words(SET_VERSION, [3]).0, Errno::EINVAL);
    ret("grant.set_version.0", words(SET_VERSION, [0]).0, Errno::EINVAL);
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
        bad_pointers(format_args!("grant.{name}.argument"), Errno::EFAULT, |p| op(cmd, p, 1));
    }
    let arg = [SELF, 0, 0, 0];
    for (name, cmd) in [("setup", SETUP), ("query_size", QUERY_SIZE)] {
        ret(format_args!("grant.{name}.two"), op(cmd, arg.as_ptr() as u64, 2), Errno::EINVAL);
    }
    ret("grant.map.none", op(MAP, 0, 0), 0);
    ret("grant.map.negative_count", op(MAP, arg.as_ptr() as u64, 1 << 31), Errno::EINVAL);
    ret("grant.dump_table", op(3, arg.as_ptr() as u64, 1), Errno::ENOSYS);
    for cmd in [13, 100, 0xffff_ffff] {
        ret(format_args!("grant.unknown.{cmd}"), op(cmd, 0, 1), Errno::ENOSYS);
    }
}

fn version2() {
    // Entries of 16 bytes; the status words move out.
    let (r, w) = words(SET_VERSION, [2]);
    ret("grant.version2.set", r, 0);
    eq("grant.version2.was", w[0] & 0xffff_ffff, 1);
    eq("grant.version2.get", words(GET_VERSION, [SELF]).1[0] >> 32, 2);
    let frames = Page::take();
    let (r, w) = words(GET_STATUS_FRAMES, [1 | SELF << 32, frames.va()]);
    ret("grant.version2.status_frames", r, 0);
    ret("grant.version2.status_frames.status", status(w[0], 48), OKAY);
    is("grant.version2.status_frames.frame", frames.get(0) != 0);
    ret("grant.version2.back", words(SET_VERSION, [1]).0, 0);
    eq("grant.version2.back.get", words(GET_VERSION, [SELF]).1[0] >> 32, 1);
}
