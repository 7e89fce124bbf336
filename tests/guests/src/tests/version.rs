//! `xen_version` (`version.h`) and calls that don't exist.

use super::Test;
use crate::rt;
use crate::rt::check::{Answer, bad_pointers, eq, is, ret};
use crate::rt::hypercall::{call, call_int82, call_page, call3, nr};
use crate::rt::mem::{Page, read8, read32, read64};
use crate::rt::paging;
use crate::rt::trap::{GP, catch, fault_code};
use abi::Errno;

pub const TESTS: &[Test] = &[
    ("subops", subops),
    ("features", features),
    ("build_id", build_id),
    ("bad", bad),
    ("unknown_calls", unknown_calls),
    ("doors", doors),
];

const EXTRAVERSION: u64 = abi::version::XENVER_EXTRAVERSION as u64;
const COMPILE_INFO: u64 = abi::version::XENVER_COMPILE_INFO as u64;
const CAPABILITIES: u64 = abi::version::XENVER_CAPABILITIES as u64;
const CHANGESET: u64 = abi::version::XENVER_CHANGESET as u64;
const PLATFORM_PARAMETERS: u64 = abi::version::XENVER_PLATFORM_PARAMETERS as u64;
const GET_FEATURES: u64 = abi::version::XENVER_GET_FEATURES as u64;
const PAGESIZE: u64 = abi::version::XENVER_PAGESIZE as u64;
const GUEST_HANDLE: u64 = abi::version::XENVER_GUEST_HANDLE as u64;
const COMMANDLINE: u64 = abi::version::XENVER_COMMANDLINE as u64;
const BUILD_ID: u64 = abi::version::XENVER_BUILD_ID as u64;

fn version(cmd: u64, arg: u64) -> i64 {
    call3(nr::XEN_VERSION, cmd, arg, 0)
}

/// Whether the `len` bytes at `va` hold a NUL.
fn terminated(va: u64, len: u64) -> bool {
    (0..len).any(|i| read8(va + i) == 0)
}

fn contains(va: u64, len: u64, what: &[u8]) -> bool {
    (0..len - what.len() as u64).any(|i| what.iter().zip(0..).all(|(&b, j)| read8(va + i + j) == b))
}

fn subops() {
    let page = Page::take();
    let buf = page.va();
    ret("version.version", version(0, 0), 4 << 16 | 17);
    ret(
        "version.version.argument_ignored",
        version(0, 1),
        4 << 16 | 17,
    );
    page.fill(u64::MAX);
    ret("version.extraversion", version(EXTRAVERSION, buf), 0);
    is("version.extraversion.terminated", terminated(buf, 16));
    eq("version.extraversion.size", read64(buf + 16), u64::MAX);
    page.fill(u64::MAX);
    ret("version.compile_info", version(COMPILE_INFO, buf), 0);
    is("version.compile_info.compiler", terminated(buf, 64));
    is("version.compile_info.by", terminated(buf + 64, 16));
    is("version.compile_info.domain", terminated(buf + 80, 32));
    is("version.compile_info.date", terminated(buf + 112, 32));
    eq("version.compile_info.size", read64(buf + 144), u64::MAX);
    page.fill(u64::MAX);
    ret("version.capabilities", version(CAPABILITIES, buf), 0);
    is("version.capabilities.terminated", terminated(buf, 1024));
    is(
        "version.capabilities.pv64",
        contains(buf, 1024, b"xen-3.0-x86_64 "),
    );
    eq("version.capabilities.size", read64(buf + 1024), u64::MAX);
    page.fill(u64::MAX);
    ret("version.changeset", version(CHANGESET, buf), 0);
    is("version.changeset.terminated", terminated(buf, 64));
    eq("version.changeset.size", read64(buf + 64), u64::MAX);
    page.fill(u64::MAX);
    ret(
        "version.platform_parameters",
        version(PLATFORM_PARAMETERS, buf),
        0,
    );
    eq(
        "version.platform_parameters.virt_start",
        read64(buf),
        paging::M2P,
    );
    eq(
        "version.platform_parameters.size",
        read64(buf + 8),
        u64::MAX,
    );
    ret("version.pagesize", version(PAGESIZE, 0), 4096);
    page.fill(u64::MAX);
    ret("version.guest_handle", version(GUEST_HANDLE, buf), 0);
    eq("version.guest_handle.size", read64(buf + 16), u64::MAX);
    if rt::is_dom0() {
        eq(
            "version.guest_handle.dom0",
            read64(buf) | read64(buf + 8),
            0,
        );
        page.fill(u64::MAX);
        ret("version.commandline", version(COMMANDLINE, buf), 0);
        is("version.commandline.terminated", terminated(buf, 1024));
        eq("version.commandline.size", read64(buf + 1024), u64::MAX);
    }
}

fn features() {
    let page = Page::take();
    page.set(0, 0xffff_ffff_0000_0000);
    ret("version.get_features", version(GET_FEATURES, page.va()), 0);
    let bits = read32(page.va() + 4);
    // mmu_pt_update_preserve_ad, highmem_assist, gnttab_map_avail_bits, memory_op_vnode_supported, direct_mapped
    let always = 1 << 5 | 1 << 6 | 1 << 7 | 1 << 13 | 1 << 17;
    let dom0 = if rt::is_dom0() { 1 << 11 } else { 0 };
    let pae = 1 << 4;
    eq(
        "version.get_features.submap0",
        (bits & !pae).into(),
        always | dom0,
    );
    page.set(0, 0xffff_ffff_0000_0001);
    ret(
        "version.get_features.submap1",
        version(GET_FEATURES, page.va()),
        Errno::EINVAL,
    );
    eq(
        "version.get_features.submap1.value",
        read32(page.va() + 4).into(),
        0xffff_ffff,
    );
}

fn build_id() {
    let page = Page::take();
    let size = version(BUILD_ID, 0);
    is("version.build_id.size", size > 0);
    page.fill(u64::MAX);
    page.set(0, 0xffff_ffff_0000_0100);
    ret("version.build_id", version(BUILD_ID, page.va()), size);
    page.set(0, 1);
    ret(
        "version.build_id.short",
        version(BUILD_ID, page.va()),
        Errno::ENOBUFS,
    );
    page.set(0, 0);
    ret(
        "version.build_id.zero",
        version(BUILD_ID, page.va()),
        Errno::EINVAL,
    );
}

fn bad() {
    ret("version.unknown", version(11, 0), Errno::ENOSYS);
    ret("version.unknown.large", version(u64::MAX, 0), Errno::ENOSYS);
    ret(
        "version.high_bits_ignored",
        version(1 << 32, 0),
        4 << 16 | 17,
    );
    ret(
        "version.pagesize.argument",
        version(PAGESIZE, 1),
        Errno::EINVAL,
    );
    for (name, cmd) in [
        ("version.extraversion", EXTRAVERSION),
        ("version.compile_info", COMPILE_INFO),
        ("version.capabilities", CAPABILITIES),
        ("version.changeset", CHANGESET),
        ("version.platform_parameters", PLATFORM_PARAMETERS),
        ("version.get_features", GET_FEATURES),
        ("version.guest_handle", GUEST_HANDLE),
        ("version.commandline", COMMANDLINE),
    ] {
        bad_pointers(name, Errno::EFAULT, |p| version(cmd, p));
    }
    let read_only = Page::take();
    ret(
        "version.read_only.protect",
        paging::protect(read_only, false),
        0,
    );
    ret(
        "version.extraversion.read_only",
        version(EXTRAVERSION, read_only.va()),
        Errno::EFAULT,
    );
    ret(
        "version.get_features.read_only",
        version(GET_FEATURES, read_only.va()),
        Errno::EFAULT,
    );
    // A buffer that ends in an unmapped page is filled as far as it goes.
    let pair = Page::take_run(2);
    ret(
        "version.split.unmap",
        paging::update_va(pair.nth(1).va(), 0, paging::UVMF_INVLPG),
        0,
    );
    ret(
        "version.capabilities.split",
        version(CAPABILITIES, pair.nth(1).va() - 8),
        Errno::EFAULT,
    );
}

fn unknown_calls() {
    for n in [
        11,
        43,
        44,
        47,
        50,
        55,
        56,
        63,
        64,
        100,
        1000,
        0x7fff_ffff,
        0xffff_ffff,
        1 << 32,
        u64::MAX,
    ] {
        ret(
            format_args!("unknown_call.{n:#x}"),
            call(n, [0; 6]),
            Errno::ENOSYS,
        );
    }
    if !rt::is_dom0() {
        return;
    }
    // Calls whose subject a build may lack, with a subcommand that can't exist.
    for (name, n, want) in [
        ("xsm_op", nr::XSM_OP, Errno::ENOSYS.into()),
        ("tmem_op", nr::TMEM_OP, Errno::ENOSYS.into()),
        ("argo_op", nr::ARGO_OP, Errno::ENOSYS.into()),
        ("dm_op", nr::DM_OP, Errno::E2BIG.into()),
        ("xenpmu_op", nr::XENPMU_OP, Errno::EOPNOTSUPP.into()),
        ("hvm_op", nr::HVM_OP, Errno::ENOSYS.into()),
        ("xenoprof_op", nr::XENOPROF_OP, Errno::EINVAL.into()),
        ("kexec_op", nr::KEXEC_OP, Answer(0)),
        ("hypfs_op", nr::HYPFS_OP, Errno::EINVAL.into()),
    ] {
        ret(
            format_args!("unknown_subcommand.{name}"),
            call(n, [u64::MAX; 6]),
            want,
        );
    }
}

fn doors() {
    let direct = call(nr::XEN_VERSION, [0; 6]);
    ret("door.page", call_page(nr::XEN_VERSION, [0; 6]), direct);
    ret("door.page.unknown", call_page(43, [0; 6]), Errno::ENOSYS);
    let mut answer = 0;
    let fault = catch(|| answer = call_int82(nr::XEN_VERSION, [0; 6]));
    eq(
        "door.int82.fault",
        fault.map_or_else(|f| f.code(), |()| 0),
        GP << 32 | 0x82 << 3 | 2,
    );
    ret("door.int82", answer, 0);
    eq(
        "door.page.iret_stub",
        fault_code(|| read64(rt::hypercall::page() + 23 * 32)),
        0,
    );
}
