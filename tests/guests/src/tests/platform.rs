//! `physdev_op` (`physdev.h`) and `platform_op` (`platform.h`), as far as they are safe to try on a machine.

use super::Test;
use crate::rt;
use crate::rt::check::{bad_pointers, eq, is, ret, that};
use crate::rt::hypercall::{call3, nr};
use crate::rt::mem::{Page, read32, read64};
use crate::rt::paging;
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("iopl", iopl),
    ("io_bitmap", io_bitmap),
    ("irqs", irqs),
    ("pirq", pirq),
    ("pci", pci),
    ("physdev_bad", physdev_bad),
    ("platform", platform),
    ("platform_bad", platform_bad),
];

const EOI: u64 = abi::physdev::PHYSDEVOP_EOI as u64;
const IRQ_STATUS_QUERY: u64 = abi::physdev::PHYSDEVOP_IRQ_STATUS_QUERY as u64;
const SET_IOPL: u64 = abi::physdev::PHYSDEVOP_SET_IOPL as u64;
const SET_IOBITMAP: u64 = abi::physdev::PHYSDEVOP_SET_IOBITMAP as u64;
const APIC_READ: u64 = abi::physdev::PHYSDEVOP_APIC_READ as u64;
const APIC_WRITE: u64 = abi::physdev::PHYSDEVOP_APIC_WRITE as u64;
const ALLOC_IRQ_VECTOR: u64 = abi::physdev::PHYSDEVOP_ALLOC_IRQ_VECTOR as u64;
const FREE_IRQ_VECTOR: u64 = abi::physdev::PHYSDEVOP_FREE_IRQ_VECTOR as u64;
const MAP_PIRQ: u64 = abi::physdev::PHYSDEVOP_MAP_PIRQ as u64;
const UNMAP_PIRQ: u64 = abi::physdev::PHYSDEVOP_UNMAP_PIRQ as u64;
const PIRQ_EOI_GMFN_V1: u64 = abi::physdev::PHYSDEVOP_PIRQ_EOI_GMFN_V1 as u64;
const SETUP_GSI: u64 = abi::physdev::PHYSDEVOP_SETUP_GSI as u64;
const GET_FREE_PIRQ: u64 = abi::physdev::PHYSDEVOP_GET_FREE_PIRQ as u64;
const PCI_MMCFG_RESERVED: u64 = abi::physdev::PHYSDEVOP_PCI_MMCFG_RESERVED as u64;
const PCI_DEVICE_ADD: u64 = abi::physdev::PHYSDEVOP_PCI_DEVICE_ADD as u64;
const PCI_DEVICE_REMOVE: u64 = abi::physdev::PHYSDEVOP_PCI_DEVICE_REMOVE as u64;
const PIRQ_EOI_GMFN_V2: u64 = abi::physdev::PHYSDEVOP_PIRQ_EOI_GMFN_V2 as u64;

const IO_APIC: u64 = 0xfec0_0000;

fn physdev(cmd: u64, arg: u64) -> i64 {
    call3(nr::PHYSDEV_OP, cmd, arg, 0)
}

/// A call with 32-bit words; the words afterwards.
fn words<const N: usize>(cmd: u64, mut arg: [u32; N]) -> (i64, [u32; N]) {
    let r = physdev(cmd, arg.as_mut_ptr() as u64);
    core::hint::black_box(&mut arg);
    (r, arg)
}

fn iopl() {
    for level in 0..4 {
        ret(
            format_args!("physdev.set_iopl.{level}"),
            words(SET_IOPL, [level]).0,
            0,
        );
    }
    ret("physdev.set_iopl.4", words(SET_IOPL, [4]).0, Errno::EINVAL);
    ret(
        "physdev.set_iopl.huge",
        words(SET_IOPL, [u32::MAX]).0,
        Errno::EINVAL,
    );
    ret("physdev.set_iopl.back", words(SET_IOPL, [0]).0, 0);
}

fn io_bitmap() {
    let map = Page::take_run(2);
    let set = |p: u64, ports: u32| {
        let arg = [p, ports.into()];
        physdev(SET_IOBITMAP, arg.as_ptr() as u64)
    };
    map.fill(u64::MAX);
    ret("physdev.set_iobitmap", set(map.va(), 4096), 0);
    ret("physdev.set_iobitmap.all", set(map.va(), 65536), 0);
    ret(
        "physdev.set_iobitmap.too_many",
        set(map.va(), 65537),
        Errno::EINVAL,
    );
    bad_pointers("physdev.set_iobitmap.map", 0, |p| match p {
        0 => 0,
        p if (paging::M2P..0xffff_8800_0000_0000).contains(&p) || p == 1 << 63 => {
            if set(p, 1024) == Errno::EINVAL.to_ret() {
                0
            } else {
                1
            }
        }
        p => set(p, 1024),
    });
    ret("physdev.set_iobitmap.none", set(0, 0), 0);
}

fn irqs() {
    if !rt::is_dom0() {
        ret(
            "physdev.irq_status.domU",
            words(IRQ_STATUS_QUERY, [1, 0]).0,
            Errno::EINVAL,
        );
        return;
    }
    let (r, w) = words(IRQ_STATUS_QUERY, [9, 0]);
    ret("physdev.irq_status", r, 0);
    that("physdev.irq_status.flags", w[1].into(), w[1] & !3 == 0);
    ret(
        "physdev.irq_status.huge",
        words(IRQ_STATUS_QUERY, [u32::MAX, 0]).0,
        Errno::EINVAL,
    );
    ret("physdev.eoi.huge", words(EOI, [u32::MAX]).0, Errno::EINVAL);
    ret("physdev.eoi.not_bound", words(EOI, [9]).0, Errno::EINVAL);
    // The version register of the first I/O APIC.
    let arg = [IO_APIC, 1];
    ret(
        "physdev.apic_read",
        physdev(APIC_READ, arg.as_ptr() as u64),
        0,
    );
    let version = read64(arg.as_ptr() as u64 + 8) >> 32;
    that(
        "physdev.apic_read.version",
        version,
        (0x10..0x30).contains(&(version & 0xff)),
    );
    let arg = [0x1234_5000u64, 1];
    ret(
        "physdev.apic_read.nowhere",
        physdev(APIC_READ, arg.as_ptr() as u64),
        Errno::EINVAL,
    );
    let arg = [IO_APIC, 0x12];
    ret(
        "physdev.apic_read.redirection",
        physdev(APIC_READ, arg.as_ptr() as u64),
        0,
    );
    bad_pointers("physdev.apic_read", Errno::EFAULT, |p| {
        physdev(APIC_READ, p)
    });
    bad_pointers("physdev.apic_write", Errno::EFAULT, |p| {
        physdev(APIC_WRITE, p)
    });
    ret(
        "physdev.alloc_irq_vector.huge",
        words(ALLOC_IRQ_VECTOR, [u32::MAX, 0]).0,
        0,
    );
    let (r, w) = words(ALLOC_IRQ_VECTOR, [9, 0]);
    ret("physdev.alloc_irq_vector", r, 0);
    eq("physdev.alloc_irq_vector.vector", w[1].into(), 9);
    ret(
        "physdev.free_irq_vector",
        words(FREE_IRQ_VECTOR, [9, 9]).0,
        Errno::ENOSYS,
    );
    ret(
        "physdev.setup_gsi.huge",
        words(SETUP_GSI, [0x7fff_ffff, 0]).0,
        Errno::EINVAL,
    );
    ret(
        "physdev.setup_gsi.negative",
        words(SETUP_GSI, [u32::MAX, 0]).0,
        Errno::EINVAL,
    );
    bad_pointers("physdev.setup_gsi", Errno::EFAULT, |p| {
        physdev(SETUP_GSI, p)
    });
    ret("physdev.setup_gsi.9", words(SETUP_GSI, [9, 0x0101]).0, 0);
    ret(
        "physdev.setup_gsi.9_again",
        words(SETUP_GSI, [9, 0x0101]).0,
        Errno::EEXIST,
    );
}

/// `struct physdev_map_pirq` as words: domid, type, index, pirq, bus, devfn, entry, pad, table base.
fn map_pirq(domid: u32, kind: u32, index: u32, pirq: u32) -> (i64, u32) {
    let (r, w) = words(MAP_PIRQ, [domid, kind, index, pirq, 0, 0, 0, 0, 0, 0]);
    (r, w[3])
}

fn pirq() {
    const SELF: u32 = 0x7ff0;
    const GSI: u32 = 1;
    if !rt::is_dom0() {
        ret(
            "physdev.map_pirq.domU",
            map_pirq(SELF, GSI, 9, u32::MAX).0,
            Errno::EPERM,
        );
        return;
    }
    let (r, p) = map_pirq(SELF, GSI, 9, 9);
    ret("physdev.map_pirq", r, 0);
    eq("physdev.map_pirq.same", p.into(), 9);
    ret("physdev.map_pirq.again", map_pirq(SELF, GSI, 9, 9).0, 0);
    ret(
        "physdev.map_pirq.any",
        map_pirq(SELF, GSI, 9, u32::MAX).0,
        0,
    );
    ret(
        "physdev.map_pirq.no_domain",
        map_pirq(0x1234, GSI, 9, 9).0,
        Errno::ESRCH,
    );
    ret(
        "physdev.map_pirq.bad_type",
        map_pirq(SELF, 7, 9, 9).0,
        Errno::EINVAL,
    );
    ret(
        "physdev.map_pirq.huge",
        map_pirq(SELF, GSI, 0x7fff_ffff, 9).0,
        Errno::EINVAL,
    );
    let (r, w) = super::events::op32(super::events::BIND_PIRQ, [9, 0, 0]);
    ret("physdev.bind_pirq", r, 0);
    ret(
        "physdev.bind_pirq.again",
        super::events::op32(super::events::BIND_PIRQ, [9, 0, 0]).0,
        Errno::EEXIST,
    );
    ret("physdev.eoi", words(EOI, [9]).0, 0);
    // Unmapping forces the event channel off it.
    ret("physdev.unmap_pirq", words(UNMAP_PIRQ, [SELF, 9]).0, 0);
    ret(
        "physdev.bind_pirq.close",
        super::events::close_port(w[2]),
        0,
    );
    ret(
        "physdev.unmap_pirq.again",
        words(UNMAP_PIRQ, [SELF, 9]).0,
        Errno::EINVAL,
    );
    ret(
        "physdev.unmap_pirq.huge",
        words(UNMAP_PIRQ, [SELF, 0x7fff_ffff]).0,
        Errno::EINVAL,
    );
    let (r, w) = words(GET_FREE_PIRQ, [GSI, 0]);
    ret("physdev.get_free_pirq", r, 0);
    that("physdev.get_free_pirq.number", w[1].into(), w[1] > 15);
    // The page that tells which interrupts want an end-of-interrupt call.
    let page = Page::take();
    let set = |cmd, mfn: u64| {
        let arg = [mfn];
        physdev(cmd, arg.as_ptr() as u64)
    };
    ret(
        "physdev.pirq_eoi_gmfn.frame",
        set(PIRQ_EOI_GMFN_V2, 0xff_ffff_ffff),
        Errno::EINVAL,
    );
    ret(
        "physdev.pirq_eoi_gmfn.table",
        set(PIRQ_EOI_GMFN_V2, paging::l4().mfn()),
        Errno::EINVAL,
    );
    ret(
        "physdev.pirq_eoi_gmfn",
        set(PIRQ_EOI_GMFN_V2, page.mfn()),
        0,
    );
    ret(
        "physdev.pirq_eoi_gmfn.again",
        set(PIRQ_EOI_GMFN_V2, page.mfn()),
        Errno::EBUSY,
    );
    ret(
        "physdev.pirq_eoi_gmfn.v1_too",
        set(PIRQ_EOI_GMFN_V1, page.mfn()),
        Errno::EBUSY,
    );
    bad_pointers("physdev.map_pirq", Errno::EFAULT, |p| physdev(MAP_PIRQ, p));
    bad_pointers("physdev.unmap_pirq", Errno::EFAULT, |p| {
        physdev(UNMAP_PIRQ, p)
    });
}

fn pci() {
    if !rt::is_dom0() {
        return;
    }
    // seg 0, bus 0, device 1 function 0.
    let device = |bus: u32, devfn: u32| [bus << 16 | devfn << 24, 0, 0];
    ret(
        "physdev.pci_device_add",
        words(PCI_DEVICE_ADD, device(0, 8)).0,
        0,
    );
    ret(
        "physdev.pci_device_add.again",
        words(PCI_DEVICE_ADD, device(0, 8)).0,
        0,
    );
    ret(
        "physdev.pci_device_remove.none",
        words(PCI_DEVICE_REMOVE, device(0xfe, 8)).0,
        Errno::ENODEV,
    );
    bad_pointers("physdev.pci_device_add", Errno::EFAULT, |p| {
        physdev(PCI_DEVICE_ADD, p)
    });
    bad_pointers("physdev.pci_device_remove", Errno::EFAULT, |p| {
        physdev(PCI_DEVICE_REMOVE, p)
    });
    bad_pointers("physdev.pci_mmcfg_reserved", Errno::EFAULT, |p| {
        physdev(PCI_MMCFG_RESERVED, p)
    });
}

fn physdev_bad() {
    bad_pointers("physdev.set_iopl", Errno::EFAULT, |p| physdev(SET_IOPL, p));
    bad_pointers("physdev.set_iobitmap", Errno::EFAULT, |p| {
        physdev(SET_IOBITMAP, p)
    });
    bad_pointers("physdev.irq_status", Errno::EFAULT, |p| {
        physdev(IRQ_STATUS_QUERY, p)
    });
    bad_pointers("physdev.eoi", Errno::EFAULT, |p| physdev(EOI, p));
    bad_pointers("physdev.alloc_irq_vector", Errno::EFAULT, |p| {
        physdev(ALLOC_IRQ_VECTOR, p)
    });
    bad_pointers("physdev.get_free_pirq", Errno::EFAULT, |p| {
        physdev(GET_FREE_PIRQ, p)
    });
    for cmd in [0, 1, 2, 3, 18, 22, 32, 100, 0xffff_ffff] {
        ret(
            format_args!("physdev.unknown.{cmd}"),
            physdev(cmd, 0),
            Errno::ENOSYS,
        );
    }
    ret("physdev.irq_unmask_notify", physdev(4, 0), 0);
}

const VERSION: u32 = abi::version::XENPF_INTERFACE_VERSION;

/// A platform call in a page of its own: command, interface version, and words from offset 8.
fn platform_op(cmd: u32, version: u32, args: &[u64]) -> (i64, Page) {
    let page = Page::take();
    page.set(0, u64::from(cmd) | u64::from(version) << 32);
    for (a, i) in args.iter().zip(1..) {
        page.set(i, *a);
    }
    (call3(nr::PLATFORM_OP, page.va(), 0, 0), page)
}

fn platform() {
    const READ_MEMTYPE: u32 = abi::platform::XENPF_READ_MEMTYPE;
    const GET_CPU_VERSION: u32 = abi::platform::XENPF_GET_CPU_VERSION;
    const GETIDLETIME: u32 = abi::platform::XENPF_GETIDLETIME;
    const GET_CPUINFO: u32 = abi::platform::XENPF_GET_CPUINFO;
    const SETTIME64: u32 = abi::platform::XENPF_SETTIME64;
    const GET_SYMBOL: u32 = abi::platform::XENPF_GET_SYMBOL;
    if !rt::is_dom0() {
        ret(
            "platform.domU",
            platform_op(GET_CPUINFO, VERSION, &[0]).0,
            Errno::EPERM,
        );
        return;
    }
    let (r, p) = platform_op(GET_CPUINFO, VERSION, &[0, 0xffff_ffff_ffff_ffff]);
    ret("platform.get_cpuinfo", r, 0);
    eq(
        "platform.get_cpuinfo.online",
        u64::from(read32(p.va() + 16)) & 3,
        1,
    );
    let (r, p) = platform_op(GET_CPUINFO, VERSION, &[4000]);
    ret("platform.get_cpuinfo.none", r, 0);
    eq(
        "platform.get_cpuinfo.none.flags",
        read32(p.va() + 16).into(),
        2,
    );
    let (r, p) = platform_op(GET_CPU_VERSION, VERSION, &[0]);
    ret("platform.get_cpu_version", r, 0);
    is("platform.get_cpu_version.vendor", read32(p.va() + 16) != 0);
    let (r, p) = platform_op(READ_MEMTYPE, VERSION, &[0]);
    ret("platform.read_memtype", r, 0);
    that(
        "platform.read_memtype.type",
        p.get(4),
        p.get(4) & 0xffff_ffff < 8,
    );
    ret(
        "platform.read_memtype.none",
        platform_op(READ_MEMTYPE, VERSION, &[255]).0,
        Errno::EINVAL,
    );
    // Idle times are for a dom0 that governs frequencies.
    ret(
        "platform.getidletime",
        platform_op(GETIDLETIME, VERSION, &[0, 1, 0, 0]).0,
        Errno::ENOSYS,
    );
    ret(
        "platform.settime.mbz",
        platform_op(SETTIME64, VERSION, &[1, 1 << 32, 0]).0,
        Errno::EINVAL,
    );
    let name = Page::take();
    let (r, _) = platform_op(GET_SYMBOL, VERSION, &[256, name.va(), 0, 0]);
    ret("platform.get_symbol", r, 0);
    // The wall clock follows a setting.
    let (r, _) = platform_op(SETTIME64, VERSION, &[1_700_000_000, 0, rt::time::now()]);
    ret("platform.settime", r, 0);
    let sec = u64::from(read32(rt::shared::page() + rt::shared::offset::WC_SEC))
        + rt::time::now() / 1_000_000_000;
    that(
        "platform.settime.wallclock",
        sec,
        sec.abs_diff(1_700_000_000) <= 2,
    );
}

fn platform_bad() {
    let want: Errno = Errno::EFAULT;
    bad_pointers("platform.argument", want, |p| {
        call3(nr::PLATFORM_OP, p, 0, 0)
    });
    if rt::is_dom0() {
        ret(
            "platform.version",
            platform_op(55, VERSION + 1, &[0]).0,
            Errno::EACCES,
        );
        ret(
            "platform.version_old",
            platform_op(55, 0, &[0]).0,
            Errno::EACCES,
        );
        for cmd in [0, 1, 16, 64, 1000, u32::MAX] {
            ret(
                format_args!("platform.unknown.{cmd}"),
                platform_op(cmd, VERSION, &[0]).0,
                Errno::ENOSYS,
            );
        }
    }
}
