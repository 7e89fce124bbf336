//! `update_va_mapping` and `mmu_update` (`xen.h`) used as a kernel uses them, and with bad arguments.

use super::Test;
use crate::rt;
use crate::rt::check::{bad_pointers, eq, ret, same};
use crate::rt::hypercall::{call, nr};
use crate::rt::mem::{PAGE, Page, read64, write64};
use crate::rt::paging::{
    self, A, ADDR, AVAIL, D, DOMID_IO, DOMID_SELF, DOMID_XEN, G, KERNEL_RO, KERNEL_RW, MmuUpdate,
    NX, P, PCD, PWT, RW, US, UVMF_ALL, UVMF_INVLPG, UVMF_NONE, UVMF_TLB_FLUSH, ext, mmu_update_for,
    mmuext, pte, pte_maddr, update_va,
};
use crate::rt::trap::{PF, fault_code};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("va_mapping", va_mapping),
    ("va_flags", va_flags),
    ("va_bad", va_bad),
    ("other_domain", other_domain),
    ("update", update),
    ("update_kinds", update_kinds),
    ("update_bad", update_bad),
];

/// An L1 table that maps the pages given, read-only mapped and ready to be used as a table.
pub fn l1_of(entries: &[u64]) -> Page {
    let t = Page::take();
    for (e, i) in entries.iter().zip(0..) {
        t.set(i, *e);
    }
    assert_eq!(paging::protect(t, false), 0);
    t
}

/// An address with a page before it and nothing mapped after it.
pub fn before_a_hole() -> u64 {
    let pair = Page::take_run(2);
    assert_eq!(update_va(pair.nth(1).va(), 0, UVMF_INVLPG), 0);
    pair.nth(1).va()
}

pub fn no_domain() -> Errno {
    if rt::is_dom0() {
        Errno::ESRCH
    } else {
        Errno::EPERM
    }
}

fn va_mapping() {
    let (w, a, b) = (Page::take(), Page::take(), Page::take());
    a.fill(0xa);
    b.fill(0xb);
    ret(
        "mmu.va.map",
        update_va(w.va(), a.maddr(0) | KERNEL_RW, UVMF_INVLPG),
        0,
    );
    eq("mmu.va.reads", w.get(0), 0xa);
    w.set(1, 0xaa);
    eq("mmu.va.writes", a.get(1), 0xaa);
    ret(
        "mmu.va.remap",
        update_va(w.va(), b.maddr(0) | KERNEL_RW, UVMF_INVLPG),
        0,
    );
    eq("mmu.va.remap.reads", w.get(0), 0xb);
    ret(
        "mmu.va.read_only",
        update_va(w.va(), b.maddr(0) | KERNEL_RO, UVMF_INVLPG),
        0,
    );
    eq("mmu.va.read_only.reads", w.get(0), 0xb);
    eq(
        "mmu.va.read_only.fault",
        fault_code(|| w.set(0, 0)),
        PF << 32 | 3,
    );
    ret("mmu.va.clear", update_va(w.va(), 0, UVMF_INVLPG), 0);
    eq("mmu.va.clear.fault", fault_code(|| w.get(0)), PF << 32);
    eq(
        "mmu.va.clear.write_fault",
        fault_code(|| w.set(0, 0)),
        PF << 32 | 2,
    );
    ret(
        "mmu.va.not_present",
        update_va(w.va(), 0xdead_beef_0000_0ffe, UVMF_INVLPG),
        0,
    );
    eq(
        "mmu.va.not_present.kept",
        pte(w.va()),
        0xdead_beef_0000_0ffe,
    );
    eq(
        "mmu.va.not_present.fault",
        fault_code(|| w.get(0)),
        PF << 32,
    );
    // What the hypervisor makes of the flags.
    for (name, flags) in [
        ("kernel_rw", KERNEL_RW),
        ("kernel_ro", KERNEL_RO),
        ("user", P | US | A),
        ("user_global", P | US | G | A),
        ("global", P | G | A),
        ("avail", P | AVAIL | A),
        ("uncached", P | PCD | PWT | A),
        ("write_through", P | PWT | A),
        ("pat", P | paging::PSE | A),
        ("clean", P | RW),
    ] {
        ret(
            format_args!("mmu.va.flags.{name}"),
            update_va(w.va(), a.maddr(0) | flags, UVMF_INVLPG),
            0,
        );
        // All is user to the processor, and what the guest calls user becomes global too. Bit 52 is the
        // hypervisor's own mark.
        let want = if flags & US != 0 {
            flags | G
        } else {
            flags | US
        };
        eq(
            format_args!("mmu.va.flags.{name}.kept"),
            pte(w.va()) & !ADDR & !(1 << 52),
            want,
        );
    }
    w.set(0, 1);
    eq("mmu.va.accessed_dirty", pte(w.va()) & (A | D), A | D);
}

fn va_flags() {
    let (w, a, b) = (Page::take(), Page::take(), Page::take());
    a.set(0, 0xa);
    b.set(0, 0xb);
    let mask = Page::take();
    mask.set(0, 1);
    let empty = Page::take();
    for (name, flags) in [
        ("tlb_flush", UVMF_TLB_FLUSH),
        ("tlb_flush_all", UVMF_TLB_FLUSH | UVMF_ALL),
        ("invlpg", UVMF_INVLPG),
        ("invlpg_all", UVMF_INVLPG | UVMF_ALL),
        ("tlb_flush_multi", UVMF_TLB_FLUSH | mask.va()),
        ("invlpg_multi", UVMF_INVLPG | mask.va()),
    ] {
        ret(
            format_args!("mmu.va.flush.{name}.first"),
            update_va(w.va(), a.maddr(0) | KERNEL_RW, flags),
            0,
        );
        let first = w.get(0);
        ret(
            format_args!("mmu.va.flush.{name}.second"),
            update_va(w.va(), b.maddr(0) | KERNEL_RW, flags),
            0,
        );
        eq(
            format_args!("mmu.va.flush.{name}"),
            first << 8 | w.get(0),
            0xa0b,
        );
    }
    ret(
        "mmu.va.flush.none",
        update_va(w.va(), a.maddr(0) | KERNEL_RW, UVMF_NONE),
        0,
    );
    ret(
        "mmu.va.flush.none.invlpg",
        mmuext(ext::INVLPG_LOCAL, w.va(), 0),
        0,
    );
    eq("mmu.va.flush.none.after", w.get(0), 0xa);
    ret(
        "mmu.va.flush.both",
        update_va(w.va(), b.maddr(0) | KERNEL_RW, 3),
        0,
    );
    ret(
        "mmu.va.flush.empty_mask",
        update_va(w.va(), a.maddr(0) | KERNEL_RW, UVMF_INVLPG | empty.va()),
        0,
    );
    bad_pointers("mmu.va.flush.multi", Errno::EFAULT, |p| match p & !7 {
        0 => Errno::EFAULT.to_ret(),
        p => update_va(w.va(), a.maddr(0) | KERNEL_RW, UVMF_INVLPG | p),
    });
    // The mapping was changed before the mask was looked at.
    ret(
        "mmu.va.flush.tidy",
        update_va(w.va(), w.maddr(0) | KERNEL_RW, UVMF_TLB_FLUSH),
        0,
    );
}

fn va_bad() {
    let (w, a) = (Page::take(), Page::take());
    let good = a.maddr(0) | KERNEL_RW;
    for (name, va) in [
        ("unmapped_table", 0x1234_5678_9000),
        ("null", 0),
        ("m2p", paging::M2P),
        ("hypervisor", 0xffff_8300_0010_0000),
        ("xen_text", 0xffff_82d0_4020_0000),
        ("linear_tables", 0xffff_8140_0000_0000),
        ("non_canonical", 0x8000_0000_0000_0000),
        ("hole", 0xffff_8800_0000_0000),
    ] {
        ret(
            format_args!("mmu.va.bad_address.{name}"),
            update_va(va, good, UVMF_INVLPG),
            Errno::EINVAL,
        );
    }
    ret(
        "mmu.va.bad_frame.huge",
        update_va(w.va(), ADDR | KERNEL_RW, UVMF_INVLPG),
        Errno::EINVAL,
    );
    // The processor ignores these bits in a leaf entry.
    for bit in 52..63 {
        ret(
            format_args!("mmu.va.high_bit.{bit}"),
            update_va(w.va(), good | 1 << bit, UVMF_INVLPG),
            0,
        );
    }
    ret(
        "mmu.va.offset_in_address",
        update_va(w.va() + 0x123, good, UVMF_INVLPG),
        0,
    );
    ret("mmu.va.tidy", paging::protect(w, true), 0);
}

fn other_domain() {
    let (w, a) = (Page::take(), Page::take());
    let f = |dom: u64, val: u64| {
        call(
            nr::UPDATE_VA_MAPPING_OTHERDOMAIN,
            [w.va(), val, UVMF_INVLPG, dom, 0, 0],
        )
    };
    let good = a.maddr(0) | KERNEL_RW;
    ret("mmu.va_other.self", f(DOMID_SELF, good), 0);
    ret("mmu.va_other.no_domain", f(0x1234, good), Errno::ESRCH);
    ret("mmu.va_other.io.ram", f(DOMID_IO, good), 0);
    ret("mmu.va_other.xen.own", f(DOMID_XEN, good), 0);
    let m2p = super::memory::machphys_frame() * PAGE;
    ret(
        "mmu.va_other.xen.m2p_writable",
        f(DOMID_XEN, m2p | KERNEL_RW),
        Errno::EBUSY,
    );
    if rt::is_dom0() {
        ret("mmu.va_other.xen.m2p", f(DOMID_XEN, m2p | KERNEL_RO), 0);
        same(
            "mmu.va_other.xen.m2p.reads",
            w.get(7),
            read64(paging::M2P + 7 * 8),
        );
        // The local APIC page is never the guest's; a page of the video memory is.
        ret(
            "mmu.va_other.io.video",
            f(DOMID_IO, 0xb_8000 | KERNEL_RW | PCD),
            0,
        );
        ret(
            "mmu.va_other.io.local_apic",
            f(DOMID_IO, 0xfee0_0000 | KERNEL_RW | PCD),
            Errno::EPERM,
        );
    }
    ret("mmu.va_other.tidy", paging::protect(w, true), 0);
}

fn update() {
    let (w, a, b) = (Page::take_run(3), Page::take(), Page::take());
    a.fill(0xa);
    let at = |n: u64| pte_maddr(w.nth(n).va());
    let req = |n: u64, val: u64| MmuUpdate { ptr: at(n), val };
    let (good, other) = (a.maddr(0) | KERNEL_RW, b.maddr(0) | KERNEL_RW);
    let (r, done) = mmu_update_for(&[req(0, good), req(1, good), req(2, other)], DOMID_SELF);
    ret("mmu.update.three", r, 0);
    eq("mmu.update.three.done", done.into(), 3);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    eq("mmu.update.alias", w.nth(1).get(9), 0xa);
    let (r, done) = mmu_update_for(
        &[req(0, other), req(1, ADDR | KERNEL_RW), req(2, good)],
        DOMID_SELF,
    );
    ret("mmu.update.second_bad", r, Errno::EINVAL);
    eq("mmu.update.second_bad.done", done.into(), 1);
    same(
        "mmu.update.second_bad.first",
        pte(w.va()) & ADDR,
        b.maddr(0),
    );
    same(
        "mmu.update.second_bad.third",
        pte(w.nth(2).va()) & ADDR,
        b.maddr(0),
    );
    let (r, done) = mmu_update_for(&[], DOMID_SELF);
    ret("mmu.update.none", r, 0);
    eq("mmu.update.none.done", done.into(), 0);
    let one = [req(0, good)];
    let reqs = one.as_ptr() as u64;
    ret(
        "mmu.update.no_done",
        call(nr::MMU_UPDATE, [reqs, 1, 0, DOMID_SELF, 0, 0]),
        0,
    );
    ret(
        "mmu.update.bad_done",
        call(nr::MMU_UPDATE, [reqs, 1, paging::M2P, DOMID_SELF, 0, 0]),
        0,
    );
    // A batch long enough that the hypervisor may want to be preempted in it.
    let list = Page::take_run(8);
    for n in 0..2048 {
        list.set(n * 2, at(n % 3));
        list.set(n * 2 + 1, if n % 2 == 0 { good } else { other });
    }
    let done = rt::cell::Global::new(0u32);
    ret(
        "mmu.update.long",
        call(
            nr::MMU_UPDATE,
            [list.va(), 2048, done.addr() as u64, DOMID_SELF, 0, 0],
        ),
        0,
    );
    eq("mmu.update.long.done", done.get().into(), 2048);
    for n in 0..3 {
        paging::protect(w.nth(n), true);
    }
}

fn update_kinds() {
    let (w, a) = (Page::take(), Page::take());
    let at = pte_maddr(w.va());
    let one = |ptr: u64, val: u64| mmu_update_for(&[MmuUpdate { ptr, val }], DOMID_SELF).0;
    // Accessed and dirty survive the second kind only.
    ret("mmu.kind.normal", one(at, a.maddr(0) | P | RW | NX), 0);
    mmuext(ext::TLB_FLUSH_LOCAL, 0, 0);
    w.set(0, 1);
    eq("mmu.kind.dirty", pte(w.va()) & (A | D), A | D);
    ret(
        "mmu.kind.preserve_ad",
        one(
            at | paging::MMU_PT_UPDATE_PRESERVE_AD,
            a.maddr(0) | P | RW | NX | AVAIL,
        ),
        0,
    );
    eq(
        "mmu.kind.preserve_ad.kept",
        pte(w.va()) & (A | D | AVAIL),
        A | D | AVAIL,
    );
    ret(
        "mmu.kind.normal_again",
        one(at, a.maddr(0) | P | RW | NX),
        0,
    );
    eq("mmu.kind.normal.lost", pte(w.va()) & (A | D), 0);
    ret(
        "mmu.kind.no_translate",
        one(
            at | paging::MMU_PT_UPDATE_NO_TRANSLATE,
            a.maddr(0) | KERNEL_RO,
        ),
        0,
    );
    ret("mmu.kind.tidy", paging::protect(w, true), 0);

    let page = Page::take();
    let (mfn, pfn) = (page.mfn(), page.pfn());
    ret(
        "mmu.kind.machphys",
        one((mfn * PAGE) | paging::MMU_MACHPHYS_UPDATE, 0x4321),
        0,
    );
    eq("mmu.kind.machphys.m2p", paging::mfn_to_pfn(mfn), 0x4321);
    ret(
        "mmu.kind.machphys.offset",
        one((mfn * PAGE + 0x128) | paging::MMU_MACHPHYS_UPDATE, pfn),
        0,
    );
    eq("mmu.kind.machphys.offset.m2p", paging::mfn_to_pfn(mfn), pfn);
    let xen = super::memory::machphys_frame();
    ret(
        "mmu.kind.machphys.not_ours",
        one((xen * PAGE) | paging::MMU_MACHPHYS_UPDATE, 1),
        Errno::EINVAL,
    );
    ret(
        "mmu.kind.machphys.huge",
        one(0xf_ffff_ffff_f000 | paging::MMU_MACHPHYS_UPDATE, 1),
        Errno::EINVAL,
    );

    // An update of a frame that is no table is a plain write, as long as the guest may write there.
    ret(
        "mmu.kind.data_page",
        one(page.maddr(3), 0x1122_3344_5566_7788),
        0,
    );
    eq(
        "mmu.kind.data_page.written",
        page.get(3),
        0x1122_3344_5566_7788,
    );
    for kind in 4..8 {
        ret(
            format_args!("mmu.kind.unknown.{kind}"),
            one(page.maddr(5) + kind, 0x55),
            Errno::ENOSYS,
        );
    }
    eq("mmu.kind.unknown.not_written", page.get(5) | page.get(6), 0);
}

fn update_bad() {
    let (w, a) = (Page::take(), Page::take());
    let good = MmuUpdate {
        ptr: pte_maddr(w.va()),
        val: a.maddr(0) | KERNEL_RW,
    };
    let reqs = &raw const good as u64;
    let raw = |reqs: u64, n: u64, dom: u64| call(nr::MMU_UPDATE, [reqs, n, 0, dom, 0, 0]);
    bad_pointers("mmu.update.requests", Errno::EFAULT, |p| {
        raw(p, 1, DOMID_SELF)
    });
    // More than there are: it stops where the list can't be read.
    let edge = before_a_hole();
    write64(edge - 16, good.ptr);
    write64(edge - 8, good.val);
    ret(
        "mmu.update.too_many",
        raw(edge - 16, 1 << 30, DOMID_SELF),
        Errno::EFAULT,
    );
    ret("mmu.update.no_domain", raw(reqs, 1, 0x1234), no_domain());
    ret(
        "mmu.update.domid_invalid",
        raw(reqs, 1, 0x7ff4),
        no_domain(),
    );
    ret(
        "mmu.update.table_owner.self",
        raw(reqs, 1, (DOMID_SELF + 1) << 16 | DOMID_SELF),
        Errno::ESRCH,
    );
    ret(
        "mmu.update.table_owner.none",
        raw(reqs, 1, 0x1235 << 16 | DOMID_SELF),
        Errno::ESRCH,
    );
    ret("mmu.update.domid_io.ram", raw(reqs, 1, DOMID_IO), 0);
    let xen = super::memory::machphys_frame() * PAGE;
    let one = |ptr: u64, val: u64| mmu_update_for(&[MmuUpdate { ptr, val }], DOMID_SELF).0;
    ret(
        "mmu.update.table_not_ours",
        one(xen, good.val),
        Errno::EINVAL,
    );
    ret(
        "mmu.update.table_huge",
        one(0xf_ffff_ffff_f000, good.val),
        Errno::EINVAL,
    );
    ret(
        "mmu.update.table_mmio",
        one(0xfee0_0000, good.val),
        Errno::EINVAL,
    );
    let preempted = 1 << 31;
    ret(
        "mmu.update.preempted_flag",
        raw(reqs, 1 | preempted, DOMID_SELF),
        0,
    );
    ret("mmu.update.tidy", paging::protect(w, true), 0);
}
