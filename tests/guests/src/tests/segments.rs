//! Descriptor tables: `set_gdt`, `update_descriptor`, the LDT, segment bases (`arch-x86/xen.h`,
//! `arch-x86/xen-x86_64.h`), and debug registers.

use super::Test;
use super::mmu::l1_of;
use crate::rt;
use crate::rt::cell::Global;
use crate::rt::check::{bad_pointers, eq, is, ret};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::Page;
use crate::rt::paging::{self, ext, mmuext};
use crate::rt::trap::{BP, DB, GP, PF, fault_code, set_hook};
use abi::Errno;
use core::arch::asm;

pub const TESTS: &[Test] = &[
    ("gdt", gdt),
    ("gdt_bad", gdt_bad),
    ("descriptors", descriptors),
    ("ldt", ldt),
    ("bases", bases),
    ("debug_registers", debug_registers),
    ("watchpoint", watchpoint),
];

/// Flat descriptors of privilege level 3.
const DATA3: u64 = 0x00cf_f300_0000_ffff;
const CODE3: u64 = 0x00af_fb00_0000_ffff;

fn set_gdt(frames: &[u64], entries: u64) -> i64 {
    call3(nr::SET_GDT, frames.as_ptr() as u64, entries, 0)
}

fn update(ma: u64, descriptor: u64) -> i64 {
    call3(nr::UPDATE_DESCRIPTOR, ma, descriptor, 0)
}

/// Loads DS and puts the old value back; the fault code, or 0.
fn load_ds(selector: u16) -> u64 {
    // SAFETY: 64-bit code does not use DS.
    fault_code(|| unsafe {
        asm!("mov {old:x}, ds", "mov ds, {s:x}", "mov ds, {old:x}", s = in(reg) selector, old = out(reg) _)
    })
}

fn gdt() {
    let table = l1_of(&[0, DATA3, CODE3]);
    eq("segment.gdt.before", load_ds(8 | 3), GP << 32 | 8);
    ret("segment.gdt.set", set_gdt(&[table.mfn()], 512), 0);
    eq("segment.gdt.loads", load_ds(8 | 3), 0);
    eq("segment.gdt.hypervisor_part", load_ds(0xe02b), 0);
    ret(
        "segment.gdt.writable",
        paging::protect(table, true),
        Errno::EBUSY,
    );
    ret("segment.gdt.twice", set_gdt(&[table.mfn()], 512), 0);
    ret("segment.gdt.short", set_gdt(&[table.mfn()], 1), 0);
    ret("segment.gdt.none", set_gdt(&[], 0), 0);
    eq("segment.gdt.gone", load_ds(8 | 3), GP << 32 | 8);
    ret("segment.gdt.free", paging::protect(table, true), 0);
}

fn gdt_bad() {
    let table = l1_of(&[0, DATA3]);
    let writable = Page::take();
    ret(
        "segment.gdt.too_long",
        set_gdt(&[table.mfn()], 7169),
        Errno::EINVAL,
    );
    ret(
        "segment.gdt.huge_frame",
        set_gdt(&[0xff_ffff_ffff], 512),
        Errno::EINVAL,
    );
    ret(
        "segment.gdt.mapped_writable",
        set_gdt(&[writable.mfn()], 512),
        Errno::EINVAL,
    );
    ret(
        "segment.gdt.hypervisor_frame",
        set_gdt(&[super::memory::machphys_frame()], 512),
        Errno::EINVAL,
    );
    ret(
        "segment.gdt.page_table",
        set_gdt(&[paging::l4().mfn()], 512),
        Errno::EINVAL,
    );
    bad_pointers("segment.gdt.list", Errno::EFAULT, |p| {
        call3(nr::SET_GDT, p, 512, 0)
    });
    // Descriptors that would open the hypervisor are refused or made harmless.
    for (name, d) in [
        ("level0_code", 0x00af_9b00_0000_ffff_u64),
        ("level0_data", 0x00cf_9300_0000_ffff),
        ("call_gate", 0x0000_ec00_0008_0000),
        ("tss", 0x0000_e900_0000_0067),
        ("ldt", 0x0000_e200_0000_0067),
        ("interrupt_gate", 0x0000_ee00_0008_0000),
    ] {
        let t = l1_of(&[0, d]);
        let r = set_gdt(&[t.mfn()], 512);
        // Code and data go to level 3. A call gate stays for the hypervisor to emulate, closed to level 3.
        let (want, level) = match name {
            "level0_code" | "level0_data" => (0, 3),
            "call_gate" => (0, 0),
            _ => (Errno::EINVAL.to_ret(), 3),
        };
        ret(format_args!("segment.gdt.{name}"), r, want);
        if r == 0 {
            eq(
                format_args!("segment.gdt.{name}.level"),
                t.get(1) >> 45 & 3,
                level,
            );
        }
        ret(format_args!("segment.gdt.{name}.none"), set_gdt(&[], 0), 0);
    }
}

fn descriptors() {
    let table = l1_of(&[0, DATA3, CODE3]);
    ret("segment.descriptor.gdt", set_gdt(&[table.mfn()], 512), 0);
    ret(
        "segment.descriptor.update",
        update(table.maddr(4), DATA3),
        0,
    );
    eq("segment.descriptor.loads", load_ds((4 * 8) | 3), 0);
    ret("segment.descriptor.clear", update(table.maddr(4), 0), 0);
    eq(
        "segment.descriptor.gone",
        load_ds((4 * 8) | 3),
        GP << 32 | 0x20,
    );
    ret(
        "segment.descriptor.not_present",
        update(table.maddr(4), DATA3 & !(1 << 47)),
        0,
    );
    eq(
        "segment.descriptor.not_present.load",
        load_ds((4 * 8) | 3),
        11 << 32 | 0x20,
    );
    ret(
        "segment.descriptor.level0",
        update(table.maddr(5), 0x00cf_9300_0000_ffff),
        0,
    );
    eq(
        "segment.descriptor.level0.raised",
        table.get(5) >> 45 & 3,
        3,
    );
    ret(
        "segment.descriptor.call_gate",
        update(table.maddr(5), 0x0000_ec00_0008_0000),
        0,
    );
    ret(
        "segment.descriptor.tss",
        update(table.maddr(5), 0x0000_e900_0000_0067),
        Errno::EINVAL,
    );
    ret(
        "segment.descriptor.not_present_system",
        update(table.maddr(5), 0x0000_6900_0000_0067),
        0,
    );
    ret(
        "segment.descriptor.misaligned",
        update(table.maddr(5) + 4, DATA3),
        Errno::EINVAL,
    );
    ret(
        "segment.descriptor.huge",
        update(0xf_ffff_ffff_f000, DATA3),
        Errno::EINVAL,
    );
    ret(
        "segment.descriptor.hypervisor",
        update(super::memory::machphys_frame() << 12, DATA3),
        Errno::EINVAL,
    );
    ret(
        "segment.descriptor.page_table",
        update(paging::l4().maddr(100), 0),
        Errno::EINVAL,
    );
    let plain = Page::take();
    ret(
        "segment.descriptor.data_page",
        update(plain.maddr(3), DATA3),
        0,
    );
    eq("segment.descriptor.data_page.written", plain.get(3), DATA3);
    ret("segment.descriptor.tidy", set_gdt(&[], 0), 0);
}

fn ldt() {
    let table = l1_of(&[DATA3, CODE3]);
    eq("segment.ldt.before", load_ds(7), GP << 32 | 4);
    ret("segment.ldt.set", mmuext(ext::SET_LDT, table.va(), 2), 0);
    eq("segment.ldt.loads", load_ds(7), 0);
    eq("segment.ldt.beyond", load_ds(0x17), GP << 32 | 0x14);
    ret(
        "segment.ldt.update",
        rt::paging::mmuext(ext::SET_LDT, table.va(), 512),
        0,
    );
    ret("segment.ldt.descriptor", update(table.maddr(9), DATA3), 0);
    eq("segment.ldt.descriptor.loads", load_ds((9 * 8) | 7), 0);
    ret(
        "segment.ldt.in_use",
        paging::protect(table, true),
        Errno::EBUSY,
    );
    ret("segment.ldt.none", mmuext(ext::SET_LDT, 0, 0), 0);
    eq("segment.ldt.gone", load_ds(7), GP << 32 | 4);
    ret("segment.ldt.free", paging::protect(table, true), 0);
    // A page that may not hold descriptors faults when it is used, not when it is named.
    let writable = Page::take();
    writable.set(0, DATA3);
    ret(
        "segment.ldt.writable",
        mmuext(ext::SET_LDT, writable.va(), 1),
        0,
    );
    let r = crate::rt::trap::catch(|| {
        // SAFETY: must fault.
        unsafe { asm!("mov ds, {s:x}", s = in(reg) 7u16) }
    });
    is(
        "segment.ldt.writable.load",
        r.is_err_and(|f| f.vector == PF || f.vector == GP),
    );
    ret(
        "segment.ldt.misaligned",
        mmuext(ext::SET_LDT, writable.va() + 8, 1),
        Errno::EINVAL,
    );
    ret(
        "segment.ldt.too_long",
        mmuext(ext::SET_LDT, writable.va(), 8193),
        Errno::EINVAL,
    );
    ret(
        "segment.ldt.hypervisor",
        mmuext(ext::SET_LDT, 0xffff_8300_0000_0000, 1),
        Errno::EINVAL,
    );
    ret("segment.ldt.tidy", mmuext(ext::SET_LDT, 0, 0), 0);
}

fn bases() {
    let set = |which, base| call3(nr::SET_SEGMENT_BASE, which, base, 0);
    let page = Page::take();
    page.set(0, 0xf500);
    ret("segment.base.fs", set(0, page.va()), 0);
    let v: u64;
    // SAFETY: a load through the base just set.
    unsafe { asm!("mov {v}, fs:[0]", v = out(reg) v) };
    eq("segment.base.fs.reads", v, 0xf500);
    ret("segment.base.gs_kernel", set(2, page.va()), 0);
    let v: u64;
    // SAFETY: as above.
    unsafe { asm!("mov {v}, gs:[0]", v = out(reg) v) };
    eq("segment.base.gs_kernel.reads", v, 0xf500);
    ret("segment.base.gs_user", set(1, 0x1000), 0);
    let v: u64;
    // SAFETY: as above; the kernel's own base is in force.
    unsafe { asm!("mov {v}, gs:[0]", v = out(reg) v) };
    eq("segment.base.gs_user.apart", v, 0xf500);
    for which in 0..3 {
        ret(
            format_args!("segment.base.{which}.non_canonical"),
            set(which, 1 << 63),
            Errno::EINVAL,
        );
        ret(format_args!("segment.base.{which}.zero"), set(which, 0), 0);
    }
    ret("segment.base.selector.flat", set(3, 0xe02b), 0);
    ret("segment.base.selector.null", set(3, 0), 0);
    ret("segment.base.selector.bad", set(3, 0x1003), 0);
    ret("segment.base.selector.hypervisor", set(3, 0xe010), 0);
    ret("segment.base.unknown", set(4, 0), Errno::EINVAL);
    ret("segment.base.unknown_large", set(1 << 31, 0), Errno::EINVAL);
}

fn debug_registers() {
    let set = |n, v| call3(nr::SET_DEBUGREG, n, v, 0);
    let get = |n| call3(nr::GET_DEBUGREG, n, 0, 0);
    for n in 0..4 {
        ret(format_args!("debug.{n}.set"), set(n, 0x1000 + n), 0);
        ret(format_args!("debug.{n}.get"), get(n), 0x1000 + n as i64);
        ret(
            format_args!("debug.{n}.hypervisor"),
            set(n, 0xffff_82d0_4020_0000),
            Errno::EPERM,
        );
        ret(format_args!("debug.{n}.same"), get(n), 0x1000 + n as i64);
        ret(format_args!("debug.{n}.zero"), set(n, 0), 0);
    }
    ret("debug.6.set", set(6, 0), 0);
    ret("debug.6.reserved", get(6), 0xffff_0ff0);
    ret("debug.7.get", get(7), 0x400);
    ret("debug.7.general_detect", set(7, 0x2400), Errno::EPERM);
    ret("debug.7.set", set(7, 0x401), 0);
    ret("debug.7.get_set", get(7), 0x401);
    ret("debug.7.io", set(7, 0x2_0402), Errno::EPERM);
    ret("debug.7.clear", set(7, 0), 0);
    ret("debug.7.cleared", get(7), 0x400);
    // Without CR4.DE these two are the next two.
    ret("debug.4.set", set(4, 0), 0);
    ret("debug.5.set", set(5, 0), 0);
    ret("debug.4.get", get(4), 0xffff_0ff0);
    ret("debug.5.get", get(5), 0x400);
    ret("debug.8.set", set(8, 0), Errno::ENODEV);
    ret("debug.8.get", get(8), Errno::ENODEV);
    ret("debug.large.get", get(1 << 31), Errno::ENODEV);
}

fn watchpoint() {
    static HITS: Global<u64> = Global::new(0);
    let page = Page::take();
    let set = |n, v| call3(nr::SET_DEBUGREG, n, v, 0);
    set_hook(Some(|f| {
        if f.vector == DB {
            HITS.bump();
            return true;
        }
        f.vector == BP
    }));
    ret("debug.watch.address", set(0, page.va()), 0);
    // Local enable, writes, eight bytes.
    ret("debug.watch.enable", set(7, 0x400 | 1 | 0b1001 << 16), 0);
    page.set(1, 1);
    eq("debug.watch.elsewhere", HITS.get(), 0);
    page.set(0, 1);
    eq("debug.watch.hit", HITS.get(), 1);
    eq(
        "debug.watch.status",
        call3(nr::GET_DEBUGREG, 6, 0, 0) as u64 & 0xf,
        1,
    );
    ret("debug.watch.disable", set(7, 0), 0);
    page.set(0, 2);
    eq("debug.watch.disabled", HITS.get(), 1);
    set_hook(None);
    ret("debug.watch.status_clear", set(6, 0), 0);
    ret("debug.watch.address_clear", set(0, 0), 0);
}
