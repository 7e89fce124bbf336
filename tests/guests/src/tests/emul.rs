//! Privileged instructions that the hypervisor carries out for a PV kernel, and those it does not.

use super::Test;
use crate::rt;
use crate::rt::check::{eq, is, ret, same, that};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::Page;
use crate::rt::paging;
use crate::rt::shared;
use crate::rt::trap::{GP, UD, catch, fault_code};
use abi::Errno;
use core::arch::asm;

pub const TESTS: &[Test] = &[
    ("control_registers", control_registers),
    ("interrupt_flag", interrupt_flag),
    ("cpuid", cpuid),
    ("msrs", msrs),
    ("ports", ports),
    ("debug_registers", debug_registers),
    ("others", others),
];

fn control_registers() {
    let (mut cr0, mut cr2, mut cr3, mut cr4) = (0u64, 0u64, 0u64, 0u64);
    // SAFETY: reads of control registers, emulated.
    eq(
        "emul.cr0.read",
        fault_code(|| unsafe { asm!("mov {v}, cr0", v = out(reg) cr0) }),
        0,
    );
    // PE, MP, ET, NE, WP, AM, PG.
    eq("emul.cr0.value", cr0 & !(1 << 3), 0x8005_0033);
    // SAFETY: as above.
    eq(
        "emul.cr2.read",
        fault_code(|| unsafe { asm!("mov {v}, cr2", v = out(reg) cr2) }),
        0,
    );
    same("emul.cr2.value", cr2, shared::cr2());
    // SAFETY: as above.
    eq(
        "emul.cr3.read",
        fault_code(|| unsafe { asm!("mov {v}, cr3", v = out(reg) cr3) }),
        0,
    );
    same("emul.cr3.value", cr3, paging::l4().mfn() << 12);
    // SAFETY: as above.
    eq(
        "emul.cr4.read",
        fault_code(|| unsafe { asm!("mov {v}, cr4", v = out(reg) cr4) }),
        0,
    );
    that("emul.cr4.pae", cr4, cr4 & 1 << 5 != 0);
    that(
        "emul.cr4.hidden",
        cr4,
        cr4 & (1 << 13 | 1 << 20 | 1 << 21) == 0,
    );
    // SAFETY: writes back what was read.
    eq(
        "emul.cr0.write_same",
        fault_code(|| unsafe { asm!("mov cr0, {v}", v = in(reg) cr0) }),
        0,
    );
    // SAFETY: a change that must be refused: paging off.
    eq(
        "emul.cr0.write_no_paging",
        fault_code(|| unsafe { asm!("mov cr0, {v}", v = in(reg) cr0 & !(1 << 31)) }),
        GP << 32,
    );
    // SAFETY: sets TS and clears it again.
    eq(
        "emul.cr0.write_ts",
        fault_code(|| unsafe { asm!("mov cr0, {v}", v = in(reg) cr0 | 8) }),
        0,
    );
    // SAFETY: an FPU instruction that faults while TS is set.
    eq(
        "emul.cr0.ts_works",
        fault_code(|| unsafe { asm!("fnop") }) >> 32,
        7,
    );
    // SAFETY: CLTS.
    eq("emul.clts", fault_code(|| unsafe { asm!("clts") }), 0);
    // SAFETY: writes back what was read.
    eq(
        "emul.cr4.write_same",
        fault_code(|| unsafe { asm!("mov cr4, {v}", v = in(reg) cr4) }),
        0,
    );
    // SAFETY: writes back what was read.
    eq(
        "emul.cr3.write_same",
        fault_code(|| unsafe { asm!("mov cr3, {v}", v = in(reg) cr3) }),
        0,
    );
    let page = Page::take().maddr(0);
    // SAFETY: a page that is no table must be refused.
    eq(
        "emul.cr3.write_bad",
        fault_code(|| unsafe { asm!("mov cr3, {v}", v = in(reg) page) }),
        GP << 32,
    );
    // SAFETY: CR2 is a variable to the guest.
    eq(
        "emul.cr2.write",
        fault_code(|| unsafe { asm!("mov cr2, {v}", v = in(reg) 0x1234_5000u64) }),
        0,
    );
    eq("emul.cr2.written", shared::cr2(), 0x1234_5000);
    // SAFETY: read of a register that PV guests do not have.
    eq(
        "emul.cr8.read",
        fault_code(|| unsafe { asm!("mov {v}, cr8", v = out(reg) _) }),
        GP << 32,
    );
    let msw: u64;
    // SAFETY: SMSW; with UMIP it is trapped.
    unsafe { asm!("smsw {v}", v = out(reg) msw) };
    that("emul.smsw", msw, msw & 1 != 0);
    // SAFETY: LMSW with the current value.
    eq(
        "emul.lmsw",
        fault_code(|| unsafe { asm!("lmsw {v:x}", v = in(reg) msw & !8) }),
        GP << 32,
    );
}

/// `PHYSDEVOP_set_iopl`.
fn set_iopl(level: u32) -> i64 {
    call3(nr::PHYSDEV_OP, 6, &raw const level as u64, 0)
}

fn interrupt_flag() {
    // Without I/O privilege they fault; with it they are left without effect.
    // SAFETY: no effect outside the emulation.
    unsafe {
        eq("emul.cli.level0", fault_code(|| asm!("cli")), GP << 32);
        eq("emul.sti.level0", fault_code(|| asm!("sti")), GP << 32);
        ret("emul.iopl", set_iopl(1), 0);
        eq("emul.cli", fault_code(|| asm!("cli")), 0);
        is("emul.cli.no_mask", !shared::upcall_mask());
        eq("emul.sti", fault_code(|| asm!("sti")), 0);
    }
    let flags: u64;
    // SAFETY: reads the flags; the real interrupt flag is always set in a guest.
    unsafe { asm!("cli", "pushfq", "pop {f}", "sti", f = out(reg) flags) };
    eq("emul.cli.flags", flags & 0x200, 0x200);
    eq("emul.iopl.flags", flags >> 12 & 3, 0);
    // SAFETY: POPF can't clear it either.
    let flags = unsafe {
        let f: u64;
        asm!("pushfq", "and qword ptr [rsp], -0x201", "popfq", "pushfq", "pop {f}", f = out(reg) f);
        f
    };
    eq("emul.popf.flags", flags & 0x200, 0x200);
    ret("emul.iopl.again", set_iopl(0), 0);
    ret("emul.iopl.bad", set_iopl(4), Errno::EINVAL);
}

fn leaf(a: u32, c: u32) -> [u32; 4] {
    let r = core::arch::x86_64::__cpuid_count(a, c);
    [r.eax, r.ebx, r.ecx, r.edx]
}

/// CPUID with the prefix that asks for emulation (`XEN_CPUID`, `arch-x86/xen.h`).
fn xen_leaf(a: u32, c: u32) -> [u32; 4] {
    let (eax, ebx, ecx, edx);
    // SAFETY: an undefined instruction that the hypervisor recognizes; RBX is saved around it.
    unsafe {
        asm!("push rbx", ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e", "cpuid", "mov {b:e}, ebx", "pop rbx",
            b = out(reg) ebx, inout("eax") a => eax, inout("ecx") c => ecx, out("edx") edx);
    }
    [eax, ebx, ecx, edx]
}

fn cpuid() {
    let l0 = xen_leaf(0, 0);
    that(
        "emul.cpuid.leaf0",
        l0[0].into(),
        (1..0x100).contains(&l0[0]),
    );
    let sig = xen_leaf(0x4000_0000, 0);
    is(
        "emul.cpuid.xen.signature",
        sig[1..] == [0x566e_6558, 0x6558_4d4d, 0x4d4d_566e],
    );
    that(
        "emul.cpuid.xen.leaves",
        sig[0].into(),
        (0x4000_0002..0x4000_0010).contains(&sig[0]),
    );
    eq(
        "emul.cpuid.xen.version",
        xen_leaf(0x4000_0001, 0)[0].into(),
        4 << 16 | 17,
    );
    let pages = xen_leaf(0x4000_0002, 0);
    eq("emul.cpuid.xen.hypercall_pages", pages[0].into(), 1);
    eq("emul.cpuid.xen.features", (pages[2] & 1).into(), 1);
    let time = xen_leaf(0x4000_0003, 0);
    that(
        "emul.cpuid.xen.tsc_khz",
        time[2].into(),
        rt::is_dom0() || time[2] > 1000,
    );
    let beyond = xen_leaf(sig[0] + 1, 0);
    is("emul.cpuid.xen.beyond", beyond == [0; 4]);
    let l1 = xen_leaf(1, 0);
    // A PV kernel is told that there is a hypervisor, and not of VMX, MTRRs it can't write, MONITOR or PSE36.
    eq("emul.cpuid.hypervisor", (l1[2] >> 31).into(), 1);
    eq("emul.cpuid.vmx", (l1[2] >> 5 & 1).into(), 0);
    eq("emul.cpuid.pse", (l1[3] >> 3 & 1).into(), 0);
    eq("emul.cpuid.pse36", (l1[3] >> 17 & 1).into(), 0);
    eq("emul.cpuid.pge", (l1[3] >> 13 & 1).into(), 0);
    eq("emul.cpuid.apic", (l1[3] >> 9 & 1).into(), 1);
    eq("emul.cpuid.pcid", (l1[2] >> 17 & 1).into(), 0);
    let l7 = xen_leaf(7, 0);
    eq("emul.cpuid.smep", (l7[1] >> 7 & 1).into(), 0);
    eq("emul.cpuid.smap", (l7[1] >> 20 & 1).into(), 0);
    eq("emul.cpuid.umip", (l7[2] >> 2 & 1).into(), 0);
    let e1 = xen_leaf(0x8000_0001, 0);
    eq("emul.cpuid.long_mode", (e1[3] >> 29 & 1).into(), 1);
    eq("emul.cpuid.syscall", (e1[3] >> 11 & 1).into(), 1);
    eq("emul.cpuid.nx", (e1[3] >> 20 & 1).into(), 1);
    eq("emul.cpuid.page1gb", (e1[3] >> 26 & 1).into(), 0);
    eq("emul.cpuid.svm", (e1[2] >> 2 & 1).into(), 0);
    // Whether the plain instruction faults into the hypervisor depends on the processor; it must work.
    let plain = leaf(0, 0);
    is("emul.cpuid.plain", plain[1..] == l0[1..]);
}

fn rdmsr(n: u32) -> Result<u64, u64> {
    let (mut lo, mut hi) = (0u32, 0u32);
    // SAFETY: emulated; a fault is the answer.
    match catch(|| unsafe { asm!("rdmsr", in("ecx") n, out("eax") lo, out("edx") hi) }) {
        Ok(()) => Ok(u64::from(hi) << 32 | u64::from(lo)),
        Err(f) => Err(f.code()),
    }
}

fn wrmsr(n: u32, v: u64) -> u64 {
    // SAFETY: as above; the tests write only what was there or what only the guest sees.
    fault_code(|| unsafe {
        asm!("wrmsr", in("ecx") n, in("eax") v as u32, in("edx") (v >> 32) as u32)
    })
}

fn msrs() {
    const EFER: u32 = 0xc000_0080;
    const FS_BASE: u32 = 0xc000_0100;
    const GS_BASE: u32 = 0xc000_0101;
    const KERNEL_GS_BASE: u32 = 0xc000_0102;
    let efer = rdmsr(EFER);
    is("emul.efer.read", efer.is_ok());
    eq("emul.efer.lma_nx_sce", efer.unwrap_or(0) & 0xd01, 0xd01);
    eq("emul.efer.svme", efer.unwrap_or(0) >> 12 & 1, 0);
    for (name, n) in [
        ("fs_base", FS_BASE),
        ("gs_base", GS_BASE),
        ("kernel_gs_base", KERNEL_GS_BASE),
    ] {
        eq(
            format_args!("emul.msr.{name}.write"),
            wrmsr(n, 0x1234_5000),
            0,
        );
        eq(
            format_args!("emul.msr.{name}.read"),
            rdmsr(n).unwrap_or(1),
            0x1234_5000,
        );
        eq(
            format_args!("emul.msr.{name}.non_canonical"),
            wrmsr(n, 1 << 63),
            GP << 32,
        );
        eq(format_args!("emul.msr.{name}.zero"), wrmsr(n, 0), 0);
    }
    for (name, n) in [
        ("lstar", 0xc000_0082),
        ("star", 0xc000_0081),
        ("sfmask", 0xc000_0084),
    ] {
        eq(
            format_args!("emul.msr.{name}.read"),
            rdmsr(n).err().unwrap_or(0),
            GP << 32,
        );
        eq(format_args!("emul.msr.{name}.write"), wrmsr(n, 0), GP << 32);
    }
    for (name, n) in [
        ("unknown", 0x1234_5678),
        ("hypervisor", 0x4000_0010),
        ("x2apic", 0x802),
    ] {
        eq(
            format_args!("emul.msr.{name}.read"),
            rdmsr(n).err().unwrap_or(0),
            GP << 32,
        );
        eq(format_args!("emul.msr.{name}.write"), wrmsr(n, 0), GP << 32);
    }
    is("emul.msr.apic_base.read", rdmsr(0x1b).is_ok());
    is("emul.msr.pat.read", rdmsr(0x277).is_ok());
    eq(
        "emul.msr.pat.value",
        rdmsr(0x277).unwrap_or(0),
        0x0000_0501_0007_0406,
    );
    is("emul.msr.tsc.read", rdmsr(0x10).is_ok());
}

fn ports() {
    let mut v = 0u8;
    // SAFETY: refused.
    let code = fault_code(|| unsafe { asm!("in al, dx", in("dx") 0x71u16, out("al") v) });
    eq("emul.in.level0", code, GP << 32);
    ret("emul.in.iopl", set_iopl(1), 0);
    // SAFETY: reads the CMOS index port, which has no effect.
    let code = fault_code(|| unsafe { asm!("in al, dx", in("dx") 0x71u16, out("al") v) });
    let want = if rt::is_dom0() { 0 } else { GP << 32 };
    eq("emul.in.cmos", code, want);
    // SAFETY: the POST code port.
    eq(
        "emul.out.post",
        fault_code(|| unsafe { asm!("out dx, al", in("dx") 0x80u16, in("al") 0u8) }),
        want,
    );
    // Ports that the hypervisor keeps, its interrupt controller and its serial line, float.
    for (name, port) in [("pic", 0x21u16), ("serial", 0x3fd)] {
        // SAFETY: a read without effect.
        let code = fault_code(|| unsafe { asm!("in al, dx", in("dx") port, out("al") v) });
        eq(format_args!("emul.in.{name}"), code, 0);
        eq(format_args!("emul.in.{name}.value"), v.into(), 0xff);
    }
    // PCI configuration by the old mechanism goes through the hypervisor.
    let mut id = 0u32;
    // SAFETY: selects and reads the host bridge's identification.
    let code = fault_code(|| unsafe {
        asm!("out dx, eax", "mov dx, 0xcfc", "in eax, dx", in("dx") 0xcf8u16, inout("eax") 0x8000_0000u32 => id);
    });
    if rt::is_dom0() {
        eq("emul.pci", code, 0);
        that("emul.pci.host_bridge", id.into(), id != 0 && id != u32::MAX);
    }
    ret("emul.in.iopl_again", set_iopl(0), 0);
}

fn debug_registers() {
    let mut v = 0u64;
    // SAFETY: a debug register that only the guest uses.
    eq(
        "emul.dr0.write",
        fault_code(|| unsafe { asm!("mov dr0, {v}", v = in(reg) 0x1234u64) }),
        0,
    );
    // SAFETY: as above.
    eq(
        "emul.dr0.read",
        fault_code(|| unsafe { asm!("mov {v}, dr0", v = out(reg) v) }),
        0,
    );
    eq("emul.dr0.value", v, 0x1234);
    // SAFETY: as above.
    eq(
        "emul.dr7.read",
        fault_code(|| unsafe { asm!("mov {v}, dr7", v = out(reg) v) }),
        0,
    );
    eq("emul.dr7.value", v, 0x400);
    // SAFETY: as above.
    eq(
        "emul.dr6.read",
        fault_code(|| unsafe { asm!("mov {v}, dr6", v = out(reg) v) }),
        0,
    );
    eq("emul.dr6.value", v & 0xffff_0ff0, 0xffff_0ff0);
    // SAFETY: an address in the hypervisor must be refused.
    eq(
        "emul.dr0.hypervisor",
        fault_code(|| unsafe { asm!("mov dr0, {v}", v = in(reg) 0xffff_82d0_4020_0000u64) }),
        GP << 32,
    );
    // SAFETY: leaves the register clear.
    unsafe { asm!("mov dr0, {v}", v = in(reg) 0u64) };
}

fn others() {
    // SAFETY: each either has no lasting effect or faults.
    unsafe {
        eq("emul.wbinvd", fault_code(|| asm!("wbinvd")), 0);
        eq("emul.invd", fault_code(|| asm!("invd")), 0);
        eq(
            "emul.rdpmc",
            fault_code(|| asm!("rdpmc", in("ecx") 0, out("eax") _, out("edx") _)) >> 32,
            GP,
        );
        eq(
            "emul.rdtsc",
            fault_code(|| asm!("rdtsc", out("eax") _, out("edx") _)),
            0,
        );
        eq(
            "emul.xgetbv",
            fault_code(|| asm!("xgetbv", in("ecx") 0, out("eax") _, out("edx") _)),
            0,
        );
        eq(
            "emul.monitor",
            fault_code(|| asm!("monitor", in("rax") 0, in("ecx") 0, in("edx") 0)) >> 32,
            UD,
        );
        eq(
            "emul.lldt",
            fault_code(|| asm!("lldt ax", in("ax") 0u16)),
            GP << 32,
        );
        eq(
            "emul.iretq_kernel",
            fault_code(|| {
                asm!(
            "mov rax, rsp", "mov rcx, ss", "push rcx", "push rax", "pushfq", "mov rcx, cs", "push rcx",
            "lea rcx, [rip + 2f]", "push rcx", "iretq", "2:", out("rax") _, out("rcx") _)
            }),
            0,
        );
    }
    let (mut lo, mut hi) = (0u32, 0u32);
    // SAFETY: reads XCR0 and writes it back.
    unsafe {
        eq(
            "emul.xcr0",
            fault_code(|| asm!("xgetbv", in("ecx") 0, out("eax") lo, out("edx") hi)),
            0,
        );
        is("emul.xcr0.value", lo & 3 == 3);
        eq(
            "emul.xsetbv.disabled",
            fault_code(|| asm!("xsetbv", in("ecx") 0, in("eax") lo, in("edx") hi)),
            UD << 32,
        );
        let mut cr4 = 0u64;
        eq(
            "emul.cr4.osxsave",
            fault_code(|| asm!("mov {v}, cr4", "bts {v}, 18", "mov cr4, {v}", v = out(reg) cr4)),
            0,
        );
        asm!("mov {v}, cr4", v = out(reg) cr4);
        eq("emul.cr4.osxsave.kept", cr4 >> 18 & 1, 1);
        eq(
            "emul.xsetbv.same",
            fault_code(|| asm!("xsetbv", in("ecx") 0, in("eax") lo, in("edx") hi)),
            0,
        );
        eq(
            "emul.xsetbv.no_x87",
            fault_code(|| asm!("xsetbv", in("ecx") 0, in("eax") 2, in("edx") 0)),
            GP << 32,
        );
        eq(
            "emul.xsetbv.unknown",
            fault_code(|| asm!("xsetbv", in("ecx") 0, in("eax") lo, in("edx") 0x8000_0000u32)),
            GP << 32,
        );
        eq(
            "emul.xsetbv.index",
            fault_code(|| asm!("xsetbv", in("ecx") 7, in("eax") lo, in("edx") hi)),
            GP << 32,
        );
    }
}
