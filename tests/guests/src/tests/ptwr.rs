//! Writes to page tables by ordinary instructions, which the hypervisor emulates for a guest that asked for it
//! (`VMASST_TYPE_writable_pagetables`, `xen.h`): to L1 tables only, checked as an update is.

use super::Test;
use crate::rt::check::{eq, ret, same};
use crate::rt::hypercall::{call3, nr};
use crate::rt::is_dom0;
use crate::rt::mem::{Page, read64, write8, write16, write32, write64};
use crate::rt::paging::{
    self, ADDR, KERNEL_RO, KERNEL_RW, NX, P, RW, UVMF_INVLPG, ext, mmuext, pte_maddr, table,
    update_va,
};
use crate::rt::trap::{PF, fault_code};
use core::arch::asm;

pub const TESTS: &[Test] = &[
    ("without", without),
    ("plain", plain),
    ("sizes", sizes),
    ("locked", locked),
    ("refused", refused),
];

const ENABLE: u64 = abi::xen::VMASST_CMD_ENABLE as u64;
const DISABLE: u64 = abi::xen::VMASST_CMD_DISABLE as u64;
const WRITABLE_PAGETABLES: u64 = abi::xen::VMASST_TYPE_WRITABLE_PAGETABLES as u64;

fn assist(cmd: u64) -> i64 {
    call3(nr::VM_ASSIST, cmd, WRITABLE_PAGETABLES, 0)
}

/// The virtual address, read-only mapped, of the L1 entry for `va`.
fn entry_va(va: u64) -> u64 {
    table(va, 1).map_or(0, |t| t.va() + paging::index(va, 1) * 8)
}

fn without() {
    let w = Page::take();
    ret("ptwr.disable", assist(DISABLE), 0);
    let at = entry_va(w.va());
    // The initial domain gets the emulation all the same, because it may map I/O memory read-only.
    let want = if is_dom0() { 0 } else { PF << 32 | 3 };
    let value = read64(at);
    eq("ptwr.without", fault_code(|| write64(at, value)), want);
}

fn plain() {
    ret("ptwr.enable", assist(ENABLE), 0);
    let (w, a) = (Page::take(), Page::take());
    a.fill(0xa);
    let at = entry_va(w.va());
    eq(
        "ptwr.write",
        fault_code(|| write64(at, a.maddr(0) | KERNEL_RW)),
        0,
    );
    ret("ptwr.flush", mmuext(ext::INVLPG_LOCAL, w.va(), 0), 0);
    eq("ptwr.write.effect", w.get(0), 0xa);
    eq("ptwr.clear", fault_code(|| write64(at, 0)), 0);
    mmuext(ext::INVLPG_LOCAL, w.va(), 0);
    eq("ptwr.clear.effect", fault_code(|| w.get(0)), PF << 32);
    eq(
        "ptwr.not_present",
        fault_code(|| write64(at, 0x1234_5678_0000_0ff0)),
        0,
    );
    eq("ptwr.not_present.kept", read64(at), 0x1234_5678_0000_0ff0);
    ret("ptwr.tidy", paging::protect(w, true), 0);
}

fn sizes() {
    let (w, a) = (Page::take(), Page::take());
    let at = entry_va(w.va());
    ret(
        "ptwr.sizes.map",
        update_va(w.va(), a.maddr(0) | KERNEL_RW, UVMF_INVLPG),
        0,
    );
    eq("ptwr.byte", fault_code(|| write8(at, (P | RW) as u8)), 0);
    eq("ptwr.byte.effect", read64(at) & 0xff & !4, P | RW);
    eq(
        "ptwr.word",
        fault_code(|| write16(at, (a.maddr(0) & 0xf000 | P) as u16)),
        0,
    );
    same("ptwr.word.effect", read64(at) & ADDR, a.maddr(0));
    eq(
        "ptwr.dword",
        fault_code(|| write32(at, (a.maddr(0) | P | RW) as u32)),
        0,
    );
    eq("ptwr.dword.effect", read64(at) & 0xf & !4, P | RW);
    eq(
        "ptwr.dword.high",
        fault_code(|| write32(at + 4, 1 << 31)),
        0,
    );
    eq("ptwr.dword.high.effect", read64(at) & NX, NX);
    eq(
        "ptwr.misaligned",
        fault_code(|| write64(at + 4, 0)),
        PF << 32 | 3,
    );
    ret("ptwr.sizes.tidy", paging::protect(w, true), 0);
}

fn locked() {
    let (w, a) = (Page::take(), Page::take());
    a.fill(0xa);
    let at = entry_va(w.va());
    let own = read64(at);
    let want = a.maddr(0) | KERNEL_RW;
    let mut old = want;
    // SAFETY: an exchange on an entry that maps a page of this test alone.
    let code =
        fault_code(|| unsafe { asm!("xchg [{p}], {v}", p = in(reg) at, v = inout(reg) old) });
    eq("ptwr.xchg", code, 0);
    same("ptwr.xchg.old", old, own);
    mmuext(ext::INVLPG_LOCAL, w.va(), 0);
    eq("ptwr.xchg.effect", w.get(0), 0xa);

    let now = read64(at);
    let mut expected = now;
    // SAFETY: as above.
    let code = fault_code(|| unsafe {
        asm!("lock cmpxchg [{p}], {v}", p = in(reg) at, v = in(reg) own, inout("rax") expected);
    });
    eq("ptwr.cmpxchg", code, 0);
    same("ptwr.cmpxchg.effect", read64(at) & ADDR, own & ADDR);
    let mut expected = 0u64;
    // SAFETY: as above; this one is meant to fail its comparison.
    let code = fault_code(|| unsafe {
        asm!("lock cmpxchg [{p}], {v}", p = in(reg) at, v = in(reg) want, inout("rax") expected);
    });
    eq("ptwr.cmpxchg.unequal", code, 0);
    same("ptwr.cmpxchg.unequal.old", expected & ADDR, own & ADDR);
    same("ptwr.cmpxchg.unequal.same", read64(at) & ADDR, own & ADDR);

    let mut carry: u8 = 9;
    // Bit 10 is the guest's to use.
    // SAFETY: as above.
    let code = fault_code(|| unsafe {
        asm!("lock bts qword ptr [{p}], 10", "setc {c}", p = in(reg) at, c = out(reg_byte) carry)
    });
    eq("ptwr.bts", code, 0);
    eq("ptwr.bts.carry", carry.into(), 0);
    eq("ptwr.bts.effect", read64(at) >> 10 & 1, 1);
    // SAFETY: as above.
    let code = fault_code(|| unsafe {
        asm!("lock btr qword ptr [{p}], 10", "setc {c}", p = in(reg) at, c = out(reg_byte) carry)
    });
    eq("ptwr.btr", code, 0);
    eq("ptwr.btr.carry", carry.into(), 1);
    eq("ptwr.btr.effect", read64(at) >> 10 & 1, 0);
    // SAFETY: as above.
    let code = fault_code(|| unsafe { asm!("lock or qword ptr [{p}], 0x200", p = in(reg) at) });
    eq("ptwr.or", code, 0);
    // SAFETY: as above.
    let code = fault_code(|| unsafe { asm!("lock and qword ptr [{p}], -0x201", p = in(reg) at) });
    eq("ptwr.and", code, 0);
    // SAFETY: as above.
    let code = fault_code(|| unsafe { asm!("and qword ptr [{p}], -3", p = in(reg) at) });
    eq("ptwr.and.write_protect", code, 0);
    mmuext(ext::INVLPG_LOCAL, w.va(), 0);
    eq(
        "ptwr.and.write_protect.effect",
        fault_code(|| w.set(0, 1)),
        PF << 32 | 3,
    );
    let value = own;
    // SAFETY: a string store of one entry, as above.
    let code = fault_code(|| unsafe {
        asm!("rep movsq", inout("rsi") &raw const value => _, inout("rdi") at => _, inout("rcx") 1u64 => _);
    });
    eq("ptwr.movs", code, 0);
    ret("ptwr.locked.tidy", paging::protect(w, true), 0);
}

fn refused() {
    let (w, a) = (Page::take(), Page::take());
    let at = entry_va(w.va());
    let own = read64(at);
    let tables = (1..=4).filter_map(|level| table(w.va(), level));
    for (t, level) in tables.zip((1..=4).rev()) {
        eq(
            format_args!("ptwr.refused.writable_table.{level}"),
            fault_code(|| write64(at, t.maddr(0) | KERNEL_RW)),
            PF << 32 | 3,
        );
    }
    eq(
        "ptwr.refused.huge",
        fault_code(|| write64(at, ADDR | KERNEL_RW)),
        PF << 32 | 3,
    );
    let xen = super::memory::machphys_frame() * 4096;
    eq(
        "ptwr.refused.hypervisor",
        fault_code(|| write64(at, xen | KERNEL_RO)),
        PF << 32 | 3,
    );
    same("ptwr.refused.same", read64(at), own);
    for level in 2..=4 {
        let Some(t) = table(w.va(), level) else {
            continue;
        };
        let va = t.va() + paging::index(w.va(), level) * 8;
        eq(
            format_args!("ptwr.refused.l{level}"),
            fault_code(|| write64(va, read64(va))),
            PF << 32 | 3,
        );
    }
    // A read-only page that is no table.
    ret("ptwr.refused.data.protect", paging::protect(a, false), 0);
    eq(
        "ptwr.refused.data",
        fault_code(|| a.set(0, 1)),
        PF << 32 | 3,
    );
    eq("ptwr.refused.pte", (pte_maddr(w.va()) != 0).into(), 1);
    ret("ptwr.disable_again", assist(DISABLE), 0);
}
