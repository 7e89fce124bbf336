//! `update_va_mapping`, `mmu_update` and `mmuext_op` (`xen.h`) used as a kernel uses them, and with bad arguments.

use super::Test;
use crate::rt;
use crate::rt::check::{bad_pointers, eq, is, ret, same};
use crate::rt::hypercall::{call, nr};
use crate::rt::mem::{PAGE, Page, read64};
use crate::rt::paging::{
    self, A, ADDR, AVAIL, D, DOMID_IO, DOMID_SELF, DOMID_XEN, G, KERNEL_RO, KERNEL_RW, MmuUpdate,
    MmuextOp, NX, P, PCD, PWT, RW, US, UVMF_ALL, UVMF_INVLPG, UVMF_NONE, UVMF_TLB_FLUSH, ext,
    mmu_update_for, mmuext, pte, pte_maddr, update_va,
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
    ("pin", pin),
    ("pin_bad", pin_bad),
    ("base_pointers", base_pointers),
    ("flushes", flushes),
    ("page_ops", page_ops),
    ("ext_bad", ext_bad),
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

fn no_domain() -> Errno {
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
    eq(
        "mmu.va.clear.fault",
        fault_code(|| drop(w.get(0))),
        PF << 32,
    );
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
        fault_code(|| drop(w.get(0))),
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
        one(mfn * PAGE | paging::MMU_MACHPHYS_UPDATE, 0x4321),
        0,
    );
    eq("mmu.kind.machphys.m2p", paging::mfn_to_pfn(mfn), 0x4321);
    ret(
        "mmu.kind.machphys.offset",
        one(mfn * PAGE + 0x128 | paging::MMU_MACHPHYS_UPDATE, pfn),
        0,
    );
    eq("mmu.kind.machphys.offset.m2p", paging::mfn_to_pfn(mfn), pfn);
    let xen = super::memory::machphys_frame();
    ret(
        "mmu.kind.machphys.not_ours",
        one(xen * PAGE | paging::MMU_MACHPHYS_UPDATE, 1),
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
    ret(
        "mmu.update.too_many",
        raw(reqs, 1 << 30, DOMID_SELF),
        Errno::EINVAL,
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

fn pin() {
    let data = Page::take();
    let l1 = l1_of(&[data.maddr(0) | KERNEL_RW]);
    let l2 = l1_of(&[l1.maddr(0) | paging::TABLE]);
    let l3 = l1_of(&[l2.maddr(0) | paging::TABLE]);
    let l4 = l1_of(&[l3.maddr(0) | paging::TABLE]);
    for (name, cmd, page) in [
        ("l1", ext::PIN_L1_TABLE, l1),
        ("l2", ext::PIN_L2_TABLE, l2),
        ("l3", ext::PIN_L3_TABLE, l3),
        ("l4", ext::PIN_L4_TABLE, l4),
    ] {
        ret(
            format_args!("mmu.pin.{name}"),
            mmuext(cmd, page.mfn(), 0),
            0,
        );
        ret(
            format_args!("mmu.pin.{name}.twice"),
            mmuext(cmd, page.mfn(), 0),
            Errno::EINVAL,
        );
        let writable = update_va(page.va(), page.maddr(0) | KERNEL_RW, UVMF_INVLPG);
        ret(
            format_args!("mmu.pin.{name}.writable_mapping"),
            writable,
            Errno::EBUSY,
        );
        let up = (cmd + 1) % 4;
        ret(
            format_args!("mmu.pin.{name}.other_level"),
            mmuext(up, page.mfn(), 0),
            Errno::EINVAL,
        );
    }
    // The hypervisor fills its own slots in, the guest's stay.
    is(
        "mmu.pin.l4.hypervisor_slots",
        (256..272).any(|i| l4.get(i) != 0),
    );
    same("mmu.pin.l4.own_slot", l4.get(0) & ADDR, l3.maddr(0));
    for (name, page) in [("l4", l4), ("l3", l3), ("l2", l2), ("l1", l1)] {
        ret(
            format_args!("mmu.unpin.{name}"),
            mmuext(ext::UNPIN_TABLE, page.mfn(), 0),
            0,
        );
        ret(
            format_args!("mmu.unpin.{name}.twice"),
            mmuext(ext::UNPIN_TABLE, page.mfn(), 0),
            Errno::EINVAL,
        );
        ret(
            format_args!("mmu.unpin.{name}.writable_mapping"),
            paging::protect(page, true),
            0,
        );
    }
    data.fill(1);
}

fn pin_bad() {
    let data = Page::take();
    ret(
        "mmu.pin.mapped_writable",
        mmuext(ext::PIN_L1_TABLE, data.mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.pin.unpin_data",
        mmuext(ext::UNPIN_TABLE, data.mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.pin.huge",
        mmuext(ext::PIN_L1_TABLE, 0xff_ffff_ffff, 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.pin.hypervisor",
        mmuext(ext::PIN_L4_TABLE, super::memory::machphys_frame(), 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.unpin.hypervisor",
        mmuext(ext::UNPIN_TABLE, super::memory::machphys_frame(), 0),
        Errno::EINVAL,
    );
    let l1 = l1_of(&[ADDR | P]);
    ret(
        "mmu.pin.bad_entry",
        mmuext(ext::PIN_L1_TABLE, l1.mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.pin.bad_entry.as_l2",
        mmuext(ext::PIN_L2_TABLE, l1.mfn(), 0),
        Errno::EINVAL,
    );
    let run = Page::take();
    let l2 = l1_of(&[run.maddr(0) | paging::TABLE]);
    ret(
        "mmu.pin.l2_of_writable_page",
        mmuext(ext::PIN_L2_TABLE, l2.mfn(), 0),
        Errno::EINVAL,
    );
    let pse = l1_of(&[run.maddr(0) & !0x1f_ffff | paging::TABLE | paging::PSE]);
    ret(
        "mmu.pin.l2_pse",
        mmuext(ext::PIN_L2_TABLE, pse.mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.unpin.base",
        mmuext(ext::UNPIN_TABLE, paging::l4().mfn(), 0),
        0,
    );
    ret(
        "mmu.unpin.base.again",
        mmuext(ext::UNPIN_TABLE, paging::l4().mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.pin.base",
        mmuext(ext::PIN_L4_TABLE, paging::l4().mfn(), 0),
        0,
    );
}

fn base_pointers() {
    // A second kernel address space, a copy of the first.
    let copy = Page::take();
    for i in (0..256).chain(272..512) {
        copy.set(i, paging::l4().get(i));
    }
    ret("mmu.base.protect", paging::protect(copy, false), 0);
    ret("mmu.base.new", mmuext(ext::NEW_BASEPTR, copy.mfn(), 0), 0);
    same("mmu.base.new.reads", read64(copy.va()), copy.get(0));
    ret(
        "mmu.base.new.same",
        mmuext(ext::NEW_BASEPTR, copy.mfn(), 0),
        0,
    );
    ret(
        "mmu.base.old",
        mmuext(ext::NEW_BASEPTR, paging::l4().mfn(), 0),
        0,
    );
    ret(
        "mmu.base.not_a_table",
        mmuext(ext::NEW_BASEPTR, Page::take().mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.base.l1",
        mmuext(ext::NEW_BASEPTR, l1_of(&[P | ADDR]).mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.base.huge",
        mmuext(ext::NEW_BASEPTR, 0xff_ffff_ffff, 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.base.zero",
        mmuext(ext::NEW_BASEPTR, 0, 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.user_base.new",
        mmuext(ext::NEW_USER_BASEPTR, copy.mfn(), 0),
        0,
    );
    ret(
        "mmu.user_base.same",
        mmuext(ext::NEW_USER_BASEPTR, copy.mfn(), 0),
        0,
    );
    ret(
        "mmu.user_base.in_use",
        paging::protect(copy, true),
        Errno::EBUSY,
    );
    ret(
        "mmu.user_base.not_a_table",
        mmuext(ext::NEW_USER_BASEPTR, Page::take().mfn(), 0),
        Errno::EINVAL,
    );
    ret("mmu.user_base.none", mmuext(ext::NEW_USER_BASEPTR, 0, 0), 0);
    ret("mmu.user_base.free", paging::protect(copy, true), 0);
}

fn flushes() {
    let mask = Page::take();
    mask.set(0, 1);
    ret("mmu.flush.tlb_local", mmuext(ext::TLB_FLUSH_LOCAL, 0, 0), 0);
    ret(
        "mmu.flush.invlpg_local",
        mmuext(ext::INVLPG_LOCAL, mask.va(), 0),
        0,
    );
    ret(
        "mmu.flush.invlpg_local.hypervisor",
        mmuext(ext::INVLPG_LOCAL, paging::M2P, 0),
        0,
    );
    ret(
        "mmu.flush.invlpg_local.non_canonical",
        mmuext(ext::INVLPG_LOCAL, 1 << 63, 0),
        0,
    );
    ret(
        "mmu.flush.tlb_multi",
        mmuext(ext::TLB_FLUSH_MULTI, 0, mask.va()),
        0,
    );
    ret(
        "mmu.flush.invlpg_multi",
        mmuext(ext::INVLPG_MULTI, mask.va(), mask.va()),
        0,
    );
    ret("mmu.flush.tlb_all", mmuext(ext::TLB_FLUSH_ALL, 0, 0), 0);
    ret(
        "mmu.flush.invlpg_all",
        mmuext(ext::INVLPG_ALL, mask.va(), 0),
        0,
    );
    bad_pointers("mmu.flush.tlb_multi.mask", Errno::EINVAL, |p| {
        mmuext(ext::TLB_FLUSH_MULTI, 0, p)
    });
    bad_pointers("mmu.flush.invlpg_multi.mask", Errno::EINVAL, |p| {
        mmuext(ext::INVLPG_MULTI, mask.va(), p)
    });
    let cache = if rt::is_dom0() {
        0
    } else {
        Errno::EACCES.to_ret()
    };
    ret("mmu.flush.cache", mmuext(ext::FLUSH_CACHE, 0, 0), cache);
    let global = if rt::is_dom0() {
        0
    } else {
        Errno::EINVAL.to_ret()
    };
    ret(
        "mmu.flush.cache_global",
        mmuext(ext::FLUSH_CACHE_GLOBAL, 0, 0),
        global,
    );
}

fn page_ops() {
    let (a, b) = (Page::take(), Page::take());
    a.fill(0x1234);
    ret("mmu.copy_page", mmuext(ext::COPY_PAGE, b.mfn(), a.mfn()), 0);
    eq("mmu.copy_page.copied", b.get(0) | b.get(511), 0x1234);
    ret("mmu.clear_page", mmuext(ext::CLEAR_PAGE, a.mfn(), 0), 0);
    eq("mmu.clear_page.cleared", a.get(0) | a.get(511), 0);
    let xen = super::memory::machphys_frame();
    let table = paging::l4().mfn();
    ret(
        "mmu.clear_page.table",
        mmuext(ext::CLEAR_PAGE, table, 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.clear_page.hypervisor",
        mmuext(ext::CLEAR_PAGE, xen, 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.clear_page.huge",
        mmuext(ext::CLEAR_PAGE, 0xff_ffff_ffff, 0),
        Errno::EINVAL,
    );
    ret(
        "mmu.copy_page.to_table",
        mmuext(ext::COPY_PAGE, table, a.mfn()),
        Errno::EINVAL,
    );
    ret(
        "mmu.copy_page.from_table",
        mmuext(ext::COPY_PAGE, a.mfn(), table),
        0,
    );
    ret(
        "mmu.copy_page.from_hypervisor",
        mmuext(ext::COPY_PAGE, a.mfn(), xen),
        Errno::EINVAL,
    );
    ret(
        "mmu.mark_super",
        mmuext(ext::MARK_SUPER, a.mfn(), 0),
        Errno::EOPNOTSUPP,
    );
    ret(
        "mmu.unmark_super",
        mmuext(ext::UNMARK_SUPER, a.mfn(), 0),
        Errno::EOPNOTSUPP,
    );
    for cmd in [14, 21, 22, 1000, u32::MAX] {
        ret(
            format_args!("mmu.ext.unknown.{cmd}"),
            mmuext(cmd, 0, 0),
            Errno::ENOSYS,
        );
    }
}

fn ext_bad() {
    let flush = MmuextOp {
        cmd: ext::TLB_FLUSH_LOCAL,
        arg1: 0,
        arg2: 0,
    };
    let bad = MmuextOp {
        cmd: 1000,
        arg1: 0,
        arg2: 0,
    };
    let (r, done) = paging::mmuext_for(&[flush, bad, flush], DOMID_SELF);
    ret("mmu.ext.second_bad", r, Errno::ENOSYS);
    eq("mmu.ext.second_bad.done", done.into(), 1);
    let (r, done) = paging::mmuext_for(&[flush, flush], DOMID_SELF);
    ret("mmu.ext.two", r, 0);
    eq("mmu.ext.two.done", done.into(), 2);
    ret("mmu.ext.none", paging::mmuext_for(&[], DOMID_SELF).0, 0);
    ret(
        "mmu.ext.no_domain",
        paging::mmuext_for(&[flush], 0x1234).0,
        no_domain(),
    );
    ret(
        "mmu.ext.domid_xen",
        paging::mmuext_for(&[flush], DOMID_XEN).0,
        Errno::EPERM,
    );
    let ops = &raw const flush as u64;
    bad_pointers("mmu.ext.ops", Errno::EFAULT, |p| {
        call(nr::MMUEXT_OP, [p, 1, 0, DOMID_SELF, 0, 0])
    });
    ret(
        "mmu.ext.bad_done",
        call(nr::MMUEXT_OP, [ops, 1, paging::M2P, DOMID_SELF, 0, 0]),
        0,
    );
    ret(
        "mmu.ext.too_many",
        call(nr::MMUEXT_OP, [ops, 1 << 30, 0, DOMID_SELF, 0, 0]),
        Errno::EINVAL,
    );
}
