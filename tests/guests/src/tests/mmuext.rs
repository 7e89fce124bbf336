//! `mmuext_op` (`xen.h`): pinning tables, switching between them, flushing.

use super::Test;
use super::mmu::{before_a_hole, l1_of, no_domain};
use crate::rt;
use crate::rt::check::{bad_pointers, eq, is, ret, same};
use crate::rt::hypercall::{call, nr};
use crate::rt::mem::{Page, read64, write64};
use crate::rt::paging::{
    self, ADDR, DOMID_SELF, DOMID_XEN, KERNEL_RW, MmuextOp, P, UVMF_INVLPG, ext, mmuext, update_va,
};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("pin", pin),
    ("pin_bad", pin_bad),
    ("base_pointers", base_pointers),
    ("flushes", flushes),
    ("page_ops", page_ops),
    ("ext_bad", ext_bad),
];

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
    let edge = before_a_hole();
    write64(edge - 24, ext::TLB_FLUSH_LOCAL.into());
    ret(
        "mmu.ext.too_many",
        call(nr::MMUEXT_OP, [edge - 24, 1 << 30, 0, DOMID_SELF, 0, 0]),
        Errno::EFAULT,
    );
}
