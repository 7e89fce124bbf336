//! What the domain builder promises at the start of the day (`struct start_info` and the text before it, `xen.h`).

use super::Test;
use crate::rt::boot::{P2M_BASE, VIRT_BASE};
use crate::rt::check::{eq, is, that};
use crate::rt::mem::{PAGE, Page, bit, pfn_to_va, read8, read64, write64};
use crate::rt::shared::{self, offset};
use crate::rt::trap::{self, PF, fault_code};
use crate::rt::{self, paging, upcall_mask_at_start};
use abi::xen::{SIF_INITDOMAIN, SIF_MOD_START_PFN, SIF_PRIVILEGED};

pub const TESTS: &[Test] = &[
    ("start_info", start_info),
    ("module", module),
    ("console", console),
    ("layout", layout),
    ("p2m", p2m),
    ("m2p", m2p),
    ("shared_info", shared_info),
    ("hypercall_page", hypercall_page),
];

fn start_info() {
    let s = rt::info();
    is("start.magic", s.magic.starts_with(b"xen-3.0-x86_64"));
    that("start.nr_pages", s.nr_pages, s.nr_pages > 1024);
    that(
        "start.shared_info.aligned",
        s.shared_info,
        s.shared_info != 0 && s.shared_info & 0xfff == 0,
    );
    let privileges = s.flags & (SIF_PRIVILEGED | SIF_INITDOMAIN);
    is(
        "start.flags.privilege",
        privileges == 0 || privileges == SIF_PRIVILEGED | SIF_INITDOMAIN,
    );
    eq("start.flags.unknown", (s.flags & 0xffff_00e0).into(), 0);
    is("start.upcall_mask", upcall_mask_at_start());
    is("start.command_line.ends", s.cmd_line.contains(&0));
    that(
        "start.first_p2m_pfn",
        s.first_p2m_pfn,
        s.first_p2m_pfn != 0 && s.first_p2m_pfn < s.nr_pages,
    );
    // The list's frames and the tables that map it: one L3, and an L2 and L1s.
    let list = (s.nr_pages * 8).div_ceil(PAGE);
    that(
        "start.nr_p2m_frames",
        s.nr_p2m_frames,
        s.nr_p2m_frames >= list + 3,
    );
    eq("start.mfn_list", s.mfn_list, P2M_BASE);
}

fn module() {
    let s = rt::info();
    if s.mod_len == 0 {
        eq("start.module.none", s.mod_start, 0);
    } else {
        is("start.module.by_pfn", s.flags & SIF_MOD_START_PFN != 0);
        that(
            "start.module.inside",
            s.mod_start,
            s.mod_start + s.mod_len.div_ceil(PAGE) <= s.nr_pages,
        );
    }
}

fn console() {
    let s = rt::info();
    if !rt::is_dom0() {
        let [mfn, evtchn] = s.console.0;
        that(
            "start.console.domU.mfn",
            mfn,
            paging::mfn_to_pfn(mfn) < s.nr_pages,
        );
        that("start.console.domU.evtchn", evtchn, evtchn != 0);
        that(
            "start.store.mfn",
            s.store_mfn,
            paging::mfn_to_pfn(s.store_mfn) < s.nr_pages,
        );
        that(
            "start.store.evtchn",
            s.store_evtchn.into(),
            s.store_evtchn != 0,
        );
        return;
    }
    let (off, size) = (s.console.0[0] & 0xffff_ffff, s.console.0[0] >> 32);
    that(
        "start.console.dom0.offset",
        off,
        off >= 1168 && off + size <= PAGE,
    );
    that("start.console.dom0.size", size, size != 0);
    let kind = read8(&raw const *s as u64 + off);
    that(
        "start.console.dom0.video_type",
        kind.into(),
        matches!(kind, 3 | 0x23 | 0x70),
    );
}

fn layout() {
    let s = rt::info();
    let info_va = &raw const *s as u64;
    let stack_va = s.pt_base + s.nr_pt_frames * PAGE;
    is(
        "start.layout.start_info.aligned",
        info_va.is_multiple_of(PAGE),
    );
    is("start.layout.tables.after_start_info", s.pt_base > info_va);
    // The boot stack follows the tables, and at least 512 KiB of padding follow it, up to a 4 MiB boundary.
    let end = (stack_va + PAGE + (512 << 10)).next_multiple_of(4 << 20);
    eq(
        "start.layout.last_page.readable",
        fault_code(|| read64(end - PAGE)),
        0,
    );
    eq(
        "start.layout.last_page.writable",
        fault_code(|| write64(end - PAGE, 1)),
        0,
    );
    eq(
        "start.layout.first_page.readable",
        fault_code(|| read64(VIRT_BASE)),
        0,
    );
    let beyond = trap::catch(|| read64(end));
    is(
        "start.layout.end",
        beyond.is_err_and(|f| f.code() == PF << 32 && f.cr2 == end),
    );
    let mut one_to_one = true;
    let mut tables_read_only = true;
    for pfn in 0..(end - VIRT_BASE) / PAGE {
        let va = pfn_to_va(pfn);
        let pte = paging::pte(va);
        // The shared-info page is mapped over one of the pool.
        if va != shared::page() {
            one_to_one &= (pte & paging::ADDR) / PAGE == paging::pfn_to_mfn(pfn);
        }
        if (s.pt_base..stack_va).contains(&va) {
            tables_read_only &= pte & paging::RW == 0;
        }
    }
    is("start.layout.one_to_one", one_to_one);
    is("start.layout.tables.read_only", tables_read_only);
    eq(
        "start.layout.tables.write",
        fault_code(|| write64(s.pt_base + 8 * 300, 0)),
        PF << 32 | 3,
    );
    let l4 = Page::at(s.pt_base);
    is("start.layout.l4.m2p_slot", l4.get(256) & paging::P != 0);
    is("start.layout.l4.image_slot", l4.get(511) & paging::P != 0);
}

fn p2m() {
    let n = rt::info().nr_pages;
    let mut consistent = true;
    for pfn in 0..n {
        consistent &= paging::mfn_to_pfn(paging::pfn_to_mfn(pfn)) == pfn;
    }
    is("start.p2m.agrees_with_m2p", consistent);
    let va = paging::p2m_entry(0);
    eq(
        "start.p2m.writable",
        fault_code(|| write64(va, read64(va))),
        0,
    );
}

fn m2p() {
    let mfn = Page::take().mfn();
    let va = paging::M2P + mfn * 8;
    eq("start.m2p.readable", fault_code(|| read64(va)), 0);
    let write = trap::catch(|| write64(va, 0));
    is(
        "start.m2p.read_only",
        write.is_err_and(|f| f.code() == PF << 32 | 3 && f.cr2 == va),
    );
    // The shared-info frame is the hypervisor's, not in the guest's physical space.
    let shared = paging::mfn_to_pfn(rt::info().shared_info / PAGE);
    that(
        "start.m2p.shared_info",
        shared,
        shared >= rt::info().nr_pages,
    );
}

fn shared_info() {
    let base = shared::page();
    that(
        "start.wallclock.version",
        read64(base + offset::WC_VERSION),
        read64(base + offset::WC_VERSION) & 1 == 0,
    );
    let t = shared::time_info();
    that(
        "start.time.version",
        t.version.into(),
        t.version != 0 && t.version & 1 == 0,
    );
    that("start.time.mul", t.mul.into(), t.mul != 0);
    let mut quiet = true;
    for port in 0..4096 {
        quiet &= !bit(base + offset::PENDING, port);
    }
    is("start.no_pending_events", quiet);
}

fn hypercall_page() {
    use crate::rt::hypercall::{call, call_page, nr};
    let direct = call(nr::XEN_VERSION, [0; 6]);
    eq(
        "hypercall_page.xen_version",
        call_page(nr::XEN_VERSION, [0; 6]) as u64,
        direct as u64,
    );
    let page = rt::hypercall::page();
    that(
        "hypercall_page.filled",
        read64(page),
        read64(page) != 0xcccc_cccc_cccc_cccc,
    );
    eq(
        "hypercall_page.writable",
        fault_code(|| write64(page + 4088, 0)),
        0,
    );
}
