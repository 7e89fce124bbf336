//! Page tables that would give the guest what it must not have: all refused, and nothing changed by the refusal.

use super::Test;
use super::memory::machphys_frame;
use super::mmu::l1_of;
use crate::rt;
use crate::rt::check::{eq, is, ret, same};
use crate::rt::mem::{PAGE, Page, read64};
use crate::rt::paging::{
    self, A, ADDR, DOMID_SELF, KERNEL_RO, KERNEL_RW, P, PSE, RW, TABLE, US, UVMF_INVLPG, UVMF_NONE,
    entry, ext, mmuext, pte_maddr, set_entry, update_va,
};
use crate::rt::trap::{PF, fault_code};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("writable_table", writable_table),
    ("foreign_frames", foreign_frames),
    ("upper_levels", upper_levels),
    ("hypervisor_slots", hypervisor_slots),
    ("large_pages", large_pages),
    ("linear_tables", linear_tables),
    ("type_confusion", type_confusion),
    ("stale_tlb", stale_tlb),
    ("give_away", give_away),
];

fn writable_table() {
    let w = Page::take();
    for level in 1..=4 {
        let Some(t) = paging::table(w.va(), level) else {
            return is("attack.writable.walk", false);
        };
        ret(
            format_args!("attack.writable.va.l{level}"),
            update_va(w.va(), t.maddr(0) | KERNEL_RW, UVMF_INVLPG),
            Errno::EBUSY,
        );
        ret(
            format_args!("attack.writable.update.l{level}"),
            set_entry(pte_maddr(w.va()), t.maddr(0) | P | RW | US),
            Errno::EBUSY,
        );
        ret(
            format_args!("attack.read_only.l{level}"),
            update_va(w.va(), t.maddr(0) | KERNEL_RO, UVMF_INVLPG),
            0,
        );
        same(
            format_args!("attack.read_only.l{level}.reads"),
            w.get(511),
            t.get(511),
        );
        // A dom0's writes to L1 tables are emulated.
        let want = if level == 1 && rt::is_dom0() {
            0
        } else {
            PF << 32 | 3
        };
        let value = w.get(511);
        eq(
            format_args!("attack.read_only.l{level}.write"),
            fault_code(|| w.set(511, value)),
            want,
        );
        paging::protect(w, true);
    }
    // A table that maps itself writable.
    let page = Page::take();
    page.set(0, page.maddr(0) | KERNEL_RW);
    paging::protect(page, false);
    ret(
        "attack.writable.self",
        mmuext(ext::PIN_L1_TABLE, page.mfn(), 0),
        Errno::EBUSY,
    );
    ret(
        "attack.writable.self.unharmed",
        paging::protect(page, true),
        0,
    );
    // Two tables that map each other writable.
    let (a, b) = (Page::take(), Page::take());
    a.set(0, b.maddr(0) | KERNEL_RW);
    b.set(0, a.maddr(0) | KERNEL_RW);
    paging::protect(a, false);
    paging::protect(b, false);
    ret(
        "attack.writable.pair.first",
        mmuext(ext::PIN_L1_TABLE, a.mfn(), 0),
        0,
    );
    ret(
        "attack.writable.pair.second",
        mmuext(ext::PIN_L1_TABLE, b.mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "attack.writable.pair.unpin",
        mmuext(ext::UNPIN_TABLE, a.mfn(), 0),
        0,
    );
    ret(
        "attack.writable.pair.after",
        mmuext(ext::PIN_L1_TABLE, b.mfn(), 0),
        0,
    );
    ret(
        "attack.writable.pair.first_again",
        mmuext(ext::PIN_L1_TABLE, a.mfn(), 0),
        Errno::EINVAL,
    );
    ret(
        "attack.writable.pair.unpin_second",
        mmuext(ext::UNPIN_TABLE, b.mfn(), 0),
        0,
    );
}

fn foreign_frames() {
    let w = Page::take();
    let xen = machphys_frame() * PAGE;
    ret(
        "attack.frame.m2p_writable",
        update_va(w.va(), xen | KERNEL_RW, UVMF_INVLPG),
        Errno::EBUSY,
    );
    ret(
        "attack.frame.m2p_read_only",
        update_va(w.va(), xen | KERNEL_RO, UVMF_INVLPG),
        Errno::EBUSY,
    );
    let l1 = l1_of(&[xen | KERNEL_RO]);
    ret(
        "attack.frame.in_pinned_l1",
        mmuext(ext::PIN_L1_TABLE, l1.mfn(), 0),
        Errno::EBUSY,
    );
    let l2 = l1_of(&[xen | TABLE]);
    ret(
        "attack.frame.in_pinned_l2",
        mmuext(ext::PIN_L2_TABLE, l2.mfn(), 0),
        Errno::EINVAL,
    );
    let l4 = l1_of(&[xen | TABLE]);
    ret(
        "attack.frame.in_pinned_l4",
        mmuext(ext::PIN_L4_TABLE, l4.mfn(), 0),
        Errno::EINVAL,
    );
    // Every frame of the machine that is neither the guest's, nor shared with it, nor I/O space.
    let shared = super::grants::frames();
    let top = rt::hypercall::call3(rt::hypercall::nr::MEMORY_OP, 2, 0, 0) as u64;
    let mut writable = 0u64;
    for mfn in 0x100..top {
        let pfn = paging::mfn_to_pfn(mfn);
        let own = pfn < paging::nr_pages() && paging::pfn_to_mfn(pfn) == mfn;
        let ours =
            own || mfn == rt::info().shared_info / PAGE || (0..512).any(|i| shared.get(i) == mfn);
        if !ours {
            let r = update_va(w.va(), (mfn * PAGE) | KERNEL_RW, UVMF_NONE);
            writable += u64::from(r == 0 && !is_io(mfn));
        }
    }
    eq("attack.frame.ram_scan", writable, 0);
    ret("attack.frame.tidy", paging::protect(w, true), 0);
}

/// Whether the firmware's map calls a frame something else than RAM, so that dom0 may map it.
fn is_io(mfn: u64) -> bool {
    let buffer = [0u8; 20 * 32];
    let arg = [32u64, buffer.as_ptr() as u64];
    if rt::hypercall::call3(rt::hypercall::nr::MEMORY_OP, 10, arg.as_ptr() as u64, 0) != 0 {
        return false;
    }
    let count = read64(arg.as_ptr() as u64) & 0xffff_ffff;
    !(0..count).any(|i| {
        let at = buffer.as_ptr() as u64 + i * 20;
        let (base, len) = (read64(at), read64(at + 8));
        rt::mem::read32(at + 16) == 1 && (base / PAGE..(base + len) / PAGE).contains(&mfn)
    })
}

fn upper_levels() {
    let data = Page::take();
    let l1 = l1_of(&[data.maddr(0) | KERNEL_RW]);
    let l2 = l1_of(&[l1.maddr(0) | TABLE]);
    let l3 = l1_of(&[l2.maddr(0) | TABLE]);
    let l4 = l1_of(&[l3.maddr(0) | TABLE]);
    ret(
        "attack.upper.pin",
        mmuext(ext::PIN_L4_TABLE, l4.mfn(), 0),
        0,
    );
    let fresh = Page::take();
    for (name, table, good) in [("l2", l2, l1), ("l3", l3, l2), ("l4", l4, l3)] {
        let at = table.maddr(1);
        let set = |val| set_entry(at, val);
        ret(
            format_args!("attack.upper.{name}.to_data"),
            set(data.maddr(0) | TABLE),
            Errno::EINVAL,
        );
        ret(
            format_args!("attack.upper.{name}.to_writable"),
            set(fresh.maddr(0) | TABLE),
            Errno::EINVAL,
        );
        ret(
            format_args!("attack.upper.{name}.huge"),
            set(ADDR | TABLE),
            Errno::EINVAL,
        );
        ret(
            format_args!("attack.upper.{name}.hypervisor"),
            set((machphys_frame() * PAGE) | TABLE),
            Errno::EINVAL,
        );
        ret(
            format_args!("attack.upper.{name}.pse"),
            set(good.maddr(0) | TABLE | PSE),
            Errno::EINVAL,
        );
        ret(
            format_args!("attack.upper.{name}.global"),
            set(good.maddr(0) | TABLE | paging::G),
            Errno::EINVAL,
        );
        ret(
            format_args!("attack.upper.{name}.pcd"),
            set(good.maddr(0) | TABLE | paging::PCD),
            Errno::EINVAL,
        );
        ret(
            format_args!("attack.upper.{name}.bit_52"),
            set(good.maddr(0) | TABLE | 1 << 52),
            0,
        );
        ret(
            format_args!("attack.upper.{name}.bit_62"),
            set(good.maddr(0) | TABLE | 1 << 62),
            0,
        );
        ret(
            format_args!("attack.upper.{name}.second_reference"),
            set(good.maddr(0) | TABLE),
            0,
        );
        ret(
            format_args!("attack.upper.{name}.read_only"),
            set(good.maddr(0) | P | US | A),
            0,
        );
        ret(
            format_args!("attack.upper.{name}.no_user"),
            set(good.maddr(0) | P | RW),
            0,
        );
        eq(
            format_args!("attack.upper.{name}.no_user.kept"),
            table.get(1) & 0xfff & !A,
            P | RW | US,
        );
        ret(format_args!("attack.upper.{name}.clear"), set(0), 0);
        ret(
            format_args!("attack.upper.{name}.not_present"),
            set(0x1234_5678_9abc_def0),
            0,
        );
        eq(
            format_args!("attack.upper.{name}.not_present.kept"),
            table.get(1),
            0x1234_5678_9abc_def0,
        );
    }
    ret(
        "attack.upper.unpin",
        mmuext(ext::UNPIN_TABLE, l4.mfn(), 0),
        0,
    );
    for (name, table) in [("l1", l1), ("l2", l2), ("l3", l3), ("l4", l4)] {
        ret(
            format_args!("attack.upper.{name}.free"),
            paging::protect(table, true),
            0,
        );
    }
}

fn hypervisor_slots() {
    let base = paging::l4();
    let l3 = l1_of(&[]);
    for slot in [256, 257, 258, 260, 261, 262, 263, 270, 271] {
        let before = base.get(slot);
        ret(
            format_args!("attack.slot.{slot}.clear"),
            set_entry(base.maddr(slot), 0),
            Errno::EINVAL,
        );
        ret(
            format_args!("attack.slot.{slot}.set"),
            set_entry(base.maddr(slot), l3.maddr(0) | TABLE),
            Errno::EINVAL,
        );
        same(
            format_args!("attack.slot.{slot}.same"),
            base.get(slot),
            before,
        );
    }
    for slot in [255, 272, 510] {
        ret(
            format_args!("attack.slot.{slot}.guest"),
            set_entry(base.maddr(slot), l3.maddr(0) | TABLE),
            0,
        );
        ret(
            format_args!("attack.slot.{slot}.guest_clear"),
            set_entry(base.maddr(slot), 0),
            0,
        );
    }
    // What a fresh L4 says in these slots does not count.
    let l4 = Page::take();
    for slot in 256..272 {
        l4.set(slot, ADDR | TABLE);
    }
    paging::protect(l4, false);
    ret(
        "attack.slot.fresh.pin",
        mmuext(ext::PIN_L4_TABLE, l4.mfn(), 0),
        0,
    );
    is(
        "attack.slot.fresh.replaced",
        (256..272).all(|i| l4.get(i) != ADDR | TABLE),
    );
    ret(
        "attack.slot.fresh.unpin",
        mmuext(ext::UNPIN_TABLE, l4.mfn(), 0),
        0,
    );
    // Through the guest's own tables the hypervisor's space stays closed.
    for (name, va) in [
        ("linear", 0xffff_8100_0000_0000_u64),
        ("per_domain", 0xffff_8200_0000_0000),
        ("text", 0xffff_82d0_4020_0000),
        ("direct_map", 0xffff_8300_0000_0000),
    ] {
        eq(
            format_args!("attack.space.{name}.read"),
            fault_code(|| read64(va)) >> 32,
            PF,
        );
        eq(
            format_args!("attack.space.{name}.write"),
            fault_code(|| rt::mem::write64(va, 0)) >> 32,
            PF,
        );
    }
}

fn large_pages() {
    let base = Page::take();
    let Some((l2e, old)) = entry(base.va(), 2) else {
        return is("attack.large.walk", false);
    };
    let val = base.maddr(0) & !0x1f_ffff | TABLE | PSE;
    ret("attack.large.l2_update", set_entry(l2e, val), Errno::EINVAL);
    same(
        "attack.large.l2_same",
        entry(base.va(), 2).map_or(0, |e| e.1),
        old,
    );
    let l3 = l1_of(&[TABLE | PSE]);
    ret(
        "attack.large.l3_pin",
        mmuext(ext::PIN_L3_TABLE, l3.mfn(), 0),
        Errno::EINVAL,
    );
}

fn linear_tables() {
    let l4 = paging::l4();
    let slot = 100;
    ret(
        "attack.linear.l4.writable",
        set_entry(l4.maddr(slot), l4.maddr(0) | TABLE),
        Errno::EINVAL,
    );
    let r = set_entry(l4.maddr(slot), l4.maddr(0) | P | US | A);
    ret("attack.linear.l4.read_only", r, 0);
    if r == 0 {
        let window = slot << 39 | slot << 30 | slot << 21 | slot << 12;
        same(
            "attack.linear.l4.reads",
            read64(window + 511 * 8),
            l4.get(511),
        );
        eq(
            "attack.linear.l4.write",
            fault_code(|| rt::mem::write64(window + 300 * 8, 1)),
            PF << 32 | 3,
        );
        ret("attack.linear.l4.clear", set_entry(l4.maddr(slot), 0), 0);
    }
    let l3 = l1_of(&[]);
    ret(
        "attack.linear.l3.pin",
        mmuext(ext::PIN_L3_TABLE, l3.mfn(), 0),
        0,
    );
    ret(
        "attack.linear.l3.writable",
        set_entry(l3.maddr(1), l3.maddr(0) | TABLE),
        Errno::EINVAL,
    );
    ret(
        "attack.linear.l3.read_only",
        set_entry(l3.maddr(1), l3.maddr(0) | P | US | A),
        0,
    );
    ret(
        "attack.linear.l3.unpin",
        mmuext(ext::UNPIN_TABLE, l3.mfn(), 0),
        0,
    );
    // In a table that is being validated for the first time.
    let l4 = Page::take();
    l4.set(3, l4.maddr(0) | P | US | A);
    paging::protect(l4, false);
    ret(
        "attack.linear.fresh",
        mmuext(ext::PIN_L4_TABLE, l4.mfn(), 0),
        0,
    );
    ret(
        "attack.linear.fresh.unpin",
        mmuext(ext::UNPIN_TABLE, l4.mfn(), 0),
        0,
    );
    ret("attack.linear.fresh.writable", paging::protect(l4, true), 0);
    let l4 = l1_of(&[]);
    let other = Page::take();
    other.set(3, l4.maddr(0) | P | US | A);
    paging::protect(other, false);
    ret(
        "attack.linear.other",
        mmuext(ext::PIN_L4_TABLE, other.mfn(), 0),
        0,
    );
    ret(
        "attack.linear.other.writable",
        paging::protect(l4, true),
        Errno::EBUSY,
    );
    ret(
        "attack.linear.other.unpin",
        mmuext(ext::UNPIN_TABLE, other.mfn(), 0),
        0,
    );
    ret("attack.linear.other.free", paging::protect(l4, true), 0);
}

fn type_confusion() {
    let l1 = l1_of(&[]);
    ret("attack.type.l1", mmuext(ext::PIN_L1_TABLE, l1.mfn(), 0), 0);
    for (name, cmd) in [
        ("l2", ext::PIN_L2_TABLE),
        ("l3", ext::PIN_L3_TABLE),
        ("l4", ext::PIN_L4_TABLE),
    ] {
        ret(
            format_args!("attack.type.l1_as_{name}"),
            mmuext(cmd, l1.mfn(), 0),
            Errno::EINVAL,
        );
    }
    ret(
        "attack.type.l1_as_base",
        mmuext(ext::NEW_BASEPTR, l1.mfn(), 0),
        Errno::EINVAL,
    );
    let l3 = l1_of(&[l1.maddr(0) | TABLE]);
    ret(
        "attack.type.l3_of_l1",
        mmuext(ext::PIN_L3_TABLE, l3.mfn(), 0),
        Errno::EINVAL,
    );
    let gdt = l1.mfn();
    let arg = [gdt];
    let r = rt::hypercall::call3(rt::hypercall::nr::SET_GDT, arg.as_ptr() as u64, 1, 0);
    ret("attack.type.l1_as_gdt", r, Errno::EINVAL);
    // The same table under two parents is legal.
    let a = l1_of(&[l1.maddr(0) | TABLE]);
    let b = l1_of(&[l1.maddr(0) | TABLE, l1.maddr(0) | TABLE]);
    ret(
        "attack.type.shared.a",
        mmuext(ext::PIN_L2_TABLE, a.mfn(), 0),
        0,
    );
    ret(
        "attack.type.shared.b",
        mmuext(ext::PIN_L2_TABLE, b.mfn(), 0),
        0,
    );
    ret(
        "attack.type.shared.unpin_l1",
        mmuext(ext::UNPIN_TABLE, l1.mfn(), 0),
        0,
    );
    ret(
        "attack.type.shared.l1_writable",
        paging::protect(l1, true),
        Errno::EBUSY,
    );
    ret(
        "attack.type.shared.unpin_a",
        mmuext(ext::UNPIN_TABLE, a.mfn(), 0),
        0,
    );
    ret(
        "attack.type.shared.l1_still",
        paging::protect(l1, true),
        Errno::EBUSY,
    );
    ret(
        "attack.type.shared.unpin_b",
        mmuext(ext::UNPIN_TABLE, b.mfn(), 0),
        0,
    );
    ret("attack.type.shared.l1_free", paging::protect(l1, true), 0);
}

fn stale_tlb() {
    // The translation of a page that was writable must be gone once the page is a table.
    let (w, t) = (Page::take(), Page::take());
    paging::protect(t, false);
    ret(
        "attack.stale.map",
        update_va(w.va(), t.maddr(0) | KERNEL_RW, UVMF_INVLPG),
        0,
    );
    w.fill(0);
    ret(
        "attack.stale.unmap_unflushed",
        update_va(w.va(), 0, UVMF_NONE),
        0,
    );
    ret("attack.stale.pin", mmuext(ext::PIN_L1_TABLE, t.mfn(), 0), 0);
    eq(
        "attack.stale.write",
        fault_code(|| w.set(0, ADDR | KERNEL_RW)) >> 32,
        PF,
    );
    eq("attack.stale.table", t.get(0), 0);
    ret(
        "attack.stale.unpin",
        mmuext(ext::UNPIN_TABLE, t.mfn(), 0),
        0,
    );
    ret("attack.stale.tidy", paging::protect(w, true), 0);
}

fn give_away() {
    // A frame in use as a table can lose the reference that its allocation holds, but not its type.
    let l1 = l1_of(&[]);
    let l2 = l1_of(&[l1.maddr(0) | TABLE]);
    ret("attack.give.pin", mmuext(ext::PIN_L2_TABLE, l2.mfn(), 0), 0);
    let mfn = l1.mfn();
    let slot = l1.pfn();
    #[repr(C)]
    struct Reservation(u64, u64, u32, u32, u16);
    let input = Reservation(&raw const mfn as u64, 1, 0, 0, DOMID_SELF as u16);
    let output = Reservation(&raw const slot as u64, 1, 0, 0, DOMID_SELF as u16);
    let exchange = (input, output, 0u64);
    let exchange = &raw const exchange as u64;
    ret(
        "attack.give.exchange",
        rt::hypercall::call3(rt::hypercall::nr::MEMORY_OP, 11, exchange, 0),
        Errno::EINVAL,
    );
    ret(
        "attack.give.writable",
        paging::protect(l1, true),
        Errno::EBUSY,
    );
    ret(
        "attack.give.unpin",
        mmuext(ext::UNPIN_TABLE, l2.mfn(), 0),
        0,
    );
    ret("attack.give.free", paging::protect(l1, true), 0);
}
