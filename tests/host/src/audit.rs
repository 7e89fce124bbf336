//! The auditor.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arch_defs::layout::{HYPERVISOR_SLOTS, M2P_GUEST};
use arch_defs::pte::{ENTRIES, Level, Pte};
use domain::Domain;
use mm::{FrameType, Kind, Refs};
use units::{DomId, FrameAccess, Mfn};

use crate::world::{SLOTS, World};

/// References as they ought to be.
struct Count {
    refs: Vec<u64>,
    types: Vec<[u32; 8]>,
}

impl Count {
    fn hold(&mut self, mfn: Mfn, ty: FrameType) {
        if let Some(refs) = self.refs.get_mut(mfn.index()) {
            *refs += 1;
            self.types[mfn.index()][ty as usize] += 1;
        }
    }

    /// What a domain and its vCPUs hold outside page tables.
    fn domain(&mut self, domain: &Domain) {
        for vcpu in domain.vcpus() {
            for root in [&vcpu.block.cr3_kernel, &vcpu.block.cr3_user] {
                if root.get() != 0 {
                    self.hold(Mfn::new(root.get() >> 12), FrameType::L4);
                }
            }
            let pv = vcpu.pv.lock();
            pv.gdt_frames
                .iter()
                .for_each(|f| self.hold(*f, FrameType::SegDesc));
            pv.ldt_frames
                .iter()
                .flatten()
                .for_each(|f| self.hold(*f, FrameType::SegDesc));
            // A place of the guest's choice, be it the shared page, is held.
            let registered = domain.ports.lock().check_register_vcpu_info(vcpu.id, 0);
            if registered == Err(events::Error::VcpuInfoSet) {
                self.hold(vcpu.info().0, FrameType::Writable);
            }
        }
        if let Some(page) = domain.interrupts.lock().eoi_page() {
            self.hold(page, FrameType::Writable);
        }
    }
}

impl World {
    /// Recounts everything that the frame ledger counts, and compares. Domains that use the FIFO ABI for events are taken
    /// off it first: which frames that holds isn't to be seen otherwise.
    pub fn audit(&self) {
        for domain in self.hv.domains() {
            let mut held = Vec::new();
            domain.ports.lock().leave_fifo(|frame| held.push(frame));
            self.hv.with_mmu(&domain, false, |mmu| {
                held.into_iter().for_each(|f| mmu.put_page_and_type(f))
            });
        }
        let domains: HashMap<DomId, Arc<Domain>> =
            self.hv.domains().into_iter().map(|d| (d.id, d)).collect();
        let n = self.hv.ledger.len();
        let mut count = Count {
            refs: vec![0; n],
            types: vec![[0; 8]; n],
        };
        domains.values().for_each(|d| count.domain(d));
        for i in 0..n {
            self.count_table(Mfn::new(i as u64), &domains, &mut count);
        }
        let mut free = 0;
        for i in 0..n {
            free += u64::from(self.compare(Mfn::new(i as u64), &count));
        }
        let heap = self.hv.frames.lock();
        assert_eq!(heap.total_free(), free, "free frames");
        let promised: u64 = domains
            .values()
            .map(|d| d.memory.lock().claim.outstanding())
            .sum();
        assert_eq!(heap.outstanding(), promised, "claimed frames");
        drop(heap);
        domains.values().for_each(|d| self.compare_list(d));
        self.compare_tlb();
    }

    fn count_table(&self, mfn: Mfn, domains: &HashMap<DomId, Arc<Domain>>, count: &mut Count) {
        let ledger = &self.hv.ledger;
        let frame = ledger.frame(mfn).unwrap();
        let (r, k) = (frame.refs(), frame.kind());
        if !r.has(Refs::RAM) {
            assert_eq!((r.0, k.0), (0, 0), "{mfn}: an entry for what isn't RAM");
            return;
        }
        let i = mfn.index();
        count.refs[i] += u64::from(r.has(Refs::ALLOCATED));
        if r.has(Refs::HYPERVISOR | Refs::ALLOCATED) {
            count.types[i][k.ty() as usize] += 1;
        }
        if r.has(Refs::FREE) || r.count() == 0 {
            return;
        }
        count.refs[i] += u64::from(k.has(Kind::PARTIAL)) + u64::from(k.has(Kind::PINNED));
        let Some(level) = k.ty().level() else {
            assert!(
                !k.has(Kind::PARTIAL) && !k.has(Kind::PINNED),
                "{mfn} {frame:?}"
            );
            return;
        };
        count.types[i][k.ty() as usize] += u32::from(k.has(Kind::PINNED));
        let entries = match k {
            k if k.has(Kind::VALIDATED) => ENTRIES,
            k if k.has(Kind::PARTIAL) => k.progress(),
            _ => {
                assert_eq!(k.count(), 0, "{mfn} is busy: {frame:?}");
                0
            }
        };
        for index in 0..entries {
            let pte = Pte(self.hv.machine.word(mfn, index).load(Ordering::Relaxed));
            if level == Level::L4 && HYPERVISOR_SLOTS.contains(&index) {
                let want = SLOTS
                    .iter()
                    .find(|s| usize::from(s.0) == index)
                    .map_or(0, |s| s.1);
                // User code's tables don't show the machine-to-physical table.
                let hidden = index == Level::L4.index(M2P_GUEST) && pte.0 == 0;
                assert!(
                    !k.has(Kind::VALIDATED) || pte.0 == want || hidden,
                    "{mfn} slot {index}: {pte:?}"
                );
                continue;
            }
            if pte.present() {
                self.count_entry(mfn, level, pte, &domains[&r.owner()], count);
            }
        }
    }

    fn count_entry(&self, table: Mfn, level: Level, pte: Pte, domain: &Domain, count: &mut Count) {
        assert!(
            pte.has(Pte::US),
            "{table}: {pte:?} is out of the guest's reach"
        );
        let to = pte.frame();
        let Some(target) = self.hv.ledger.ram(to) else {
            assert!(
                level == Level::L1 && domain.io.hardware,
                "{table}: {pte:?} maps what isn't RAM"
            );
            let private = self
                .hv
                .facts
                .private_mmio
                .iter()
                .any(|(a, b)| *a <= to && to < *b);
            assert!(!private, "{table}: {pte:?} maps the hypervisor's devices");
            return;
        };
        let owner = target.refs().owner();
        if let Some(below) = level.below() {
            assert_eq!(owner, domain.id, "{table}: {pte:?} is a foreign table");
            count.hold(to, FrameType::table(below));
            return;
        }
        assert!(
            owner == domain.id || domain.io.control,
            "{table} of {} maps {to} of {owner}",
            domain.id
        );
        count.refs[to.index()] += 1;
        if pte.writable() {
            count.types[to.index()][FrameType::Writable as usize] += 1;
        }
    }

    /// Compares one frame; true for a free one.
    fn compare(&self, mfn: Mfn, count: &Count) -> bool {
        let frame = self.hv.ledger.frame(mfn).unwrap();
        let (r, k) = (frame.refs(), frame.kind());
        assert_eq!(
            r.count(),
            count.refs[mfn.index()],
            "{mfn}: references of {frame:?}"
        );
        if r.has(Refs::FREE) || !r.has(Refs::RAM) {
            return r.has(Refs::FREE);
        }
        for (ty, want) in count.types[mfn.index()].iter().enumerate() {
            let found = if k.ty() as usize == ty { k.count() } else { 0 };
            assert_eq!(found, *want, "{mfn}: references to type {ty} of {frame:?}");
        }
        assert!(
            k.count() == 0 || k.has(Kind::PARTIAL) || k.has(Kind::VALIDATED),
            "{mfn}: {frame:?} was never checked"
        );
        assert!(
            r.count() != 0 || r.has(Refs::HYPERVISOR),
            "{mfn} leaked: {frame:?}"
        );
        false
    }

    fn compare_list(&self, domain: &Domain) {
        let pages = domain.pages.lock();
        let listed: HashSet<u64> = pages.iter(&self.hv.ledger).map(Mfn::get).collect();
        assert_eq!(listed.len() as u64, pages.total(), "{}: pages", domain.id);
        for i in 0..self.hv.ledger.len() as u64 {
            let r = self.hv.ledger.frame(Mfn::new(i)).unwrap().refs();
            let owned = r.has(Refs::RAM) && !r.has(Refs::HYPERVISOR) && r.owner() == domain.id;
            assert_eq!(
                owned,
                listed.contains(&i),
                "{}: frame {i:#x} {r:?}",
                domain.id
            );
        }
    }

    /// No translation left over gives access to what has become something else.
    fn compare_tlb(&self) {
        for cached in self.hv.machine.cached().iter().filter(|c| c.writable) {
            let frame = self.hv.ledger.frame(cached.frame);
            let Some((r, k)) = frame.map(|f| (f.refs(), f.kind())) else {
                continue;
            };
            if r.count() == 0 || r.has(Refs::FREE) {
                continue;
            }
            assert!(
                k.count() == 0 || k.ty() == FrameType::Writable,
                "a stale translation writes {cached:?}: {frame:?}"
            );
            assert_eq!(
                Some(r.owner()),
                cached.owner,
                "a stale translation writes {cached:?}: {frame:?}"
            );
        }
    }
}
