//! Making domains and vCPUs, and what a vCPU may be told before it runs.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use abi::Errno;
use abi::arch_x86::*;
use arch_defs::pte::canonical;
use arch_defs::vcpu::mode;
use arrayvec::ArrayVec;
use events::{Layout, PortTable};
use mm::{DomainPages, FrameType};
use units::{DomId, Mfn, VcpuId};

use crate::Hypervisor;
use crate::domain::{Domain, Io};
use crate::interrupts::MAX_PIRQS;
use crate::machine::Machine;
use crate::time::Purpose;
use crate::vcpu::{RunState, Trap, Vcpu};

const IF: u64 = 1 << 9;
const IOPL: u64 = 3 << 12;

impl<M: Machine> Hypervisor<M> {
    /// A domain with `vcpus` vCPUs, all down, and no memory but its shared page; at most `max_pages`.
    pub fn create_domain(
        &self,
        id: DomId,
        io: Io,
        vcpus: u32,
        max_pages: u64,
    ) -> Result<Arc<Domain>, Errno> {
        let shared = self.alloc_hypervisor_frame().map_err(Errno::from)?;
        self.ledger.share(shared, id, true).map_err(Errno::from)?;
        let pirqs = if io.hardware { MAX_PIRQS } else { 0 };
        let mut ports = PortTable::new(id, shared, Layout::Bits64, pirqs).map_err(Errno::from)?;
        for _ in 0..vcpus {
            ports.add_vcpu().map_err(Errno::from)?;
        }
        let host = &self.facts.cpu_policy;
        let policy = if io.hardware {
            host.dom0()
        } else {
            host.pv_default()
        };
        let domain = Domain::new(
            id,
            io,
            policy.into(),
            shared,
            DomainPages::new(id, max_pages),
            ports,
        );
        let list: Vec<Arc<Vcpu>> = (0..vcpus)
            .map(|n| {
                let info = domain.ports.lock().vcpu_info(VcpuId(n));
                // A vCPU beyond the shared page's room has to register a place before it can be brought up.
                let place = info.map_or((shared, 0), |i| (i.frame(), i.offset() as u32));
                Vcpu::new(
                    &Arc::downgrade(&domain),
                    VcpuId(n),
                    place,
                    self.machine.fpu_size(),
                )
            })
            .collect();
        for vcpu in &list {
            vcpu.pv.lock().cr4 = self.guest_cr4(&domain, 0);
            crate::pv::bounce::set_upcall_mask(&self.machine, vcpu, true);
            self.publish_time(vcpu);
        }
        domain.set_vcpus(list);
        self.publish_wallclock(&domain);
        self.add_domain(domain.clone());
        Ok(domain)
    }

    /// Moves a vCPU's `vcpu_info` (`VCPUOP_register_vcpu_info`).
    pub fn register_vcpu_info(
        &self,
        domain: &Arc<Domain>,
        vcpu: &Arc<Vcpu>,
        frame: Mfn,
        offset: u32,
    ) -> Result<(), Errno> {
        domain
            .ports
            .lock()
            .check_register_vcpu_info(vcpu.id, offset)
            .map_err(|e| match e {
                events::Error::BadOffset => Errno::ENXIO,
                e => e.into(),
            })?;
        self.with_mmu(domain, false, |mmu| {
            mmu.get_page_and_type(frame, domain.id, FrameType::Writable)
        })
        .map_err(|_| Errno::EINVAL)?;
        let done = domain
            .ports
            .lock()
            .register_vcpu_info(&self.machine, vcpu.id, frame, offset);
        match done {
            Ok(notify) => {
                vcpu.info_frame.store(frame.get(), Ordering::Relaxed);
                vcpu.info_offset.store(offset, Ordering::Relaxed);
                self.publish_time(vcpu);
                self.notify(domain, notify);
                Ok(())
            }
            Err(e) => {
                self.with_mmu(domain, false, |mmu| mmu.put_page_and_type(frame));
                Err(e.into())
            }
        }
    }

    /// Sets or (0) stops the periodic timer.
    pub fn set_periodic(&self, vcpu: &Arc<Vcpu>, period: u64) {
        vcpu.period.store(period, Ordering::Relaxed);
        vcpu.next_tick.store(
            (self.machine.now() + units::Nanos(period)).0,
            Ordering::Relaxed,
        );
        if vcpu.runstates.lock().state == RunState::Running && period != 0 {
            self.start_ticks(vcpu);
        } else {
            self.stop_ticks(vcpu);
        }
    }

    /// Virtual I/O privilege level.
    pub fn set_iopl(&self, vcpu: &Arc<Vcpu>, domain: &Domain, iopl: u8) {
        vcpu.pv.lock().iopl = iopl;
        let direct = domain.io.hardware && iopl >= 1;
        vcpu.block.io_bitmap.set(direct.into());
        self.machine.open_io_bitmap(direct && vcpu.kernel_mode());
    }

    /// Notes why a domain will stop, before it does.
    pub fn note_shutdown_code(&self, domain: &Domain, code: u32) -> Result<(), Errno> {
        let mut noted = domain.shutdown_code.lock();
        if noted.is_some() {
            return Err(Errno::EBUSY);
        }
        *noted = Some(code);
        Ok(())
    }

    /// Arms, re-arms or stops a watchdog of the domain: `id` 0 takes a free one.
    pub fn watchdog(&self, domain: &Arc<Domain>, id: u32, seconds: u32) -> Result<u64, Errno> {
        let mut dogs = domain.watchdogs.lock();
        let deadline = self.machine.now() + units::Nanos::from_millis(u64::from(seconds) * 1000);
        if id == 0 {
            if seconds == 0 {
                return Err(Errno::EINVAL);
            }
            let free = dogs
                .iter()
                .position(|d| *d == units::Nanos::NEVER)
                .ok_or(Errno::ENOSPC)?;
            if let Some(dog) = dogs.get_mut(free) {
                *dog = deadline;
            }
            drop(dogs);
            self.watch_dogs(domain);
            return Ok(free as u64 + 1);
        }
        let dog = dogs.get_mut(id as usize - 1).ok_or(Errno::EINVAL)?;
        if *dog == units::Nanos::NEVER {
            return Err(Errno::EINVAL);
        }
        *dog = if seconds == 0 {
            units::Nanos::NEVER
        } else {
            deadline
        };
        drop(dogs);
        self.watch_dogs(domain);
        Ok(0)
    }

    /// Arms the domain's timer for its next watchdog, shutting the domain down for one that is due.
    pub(crate) fn watch_dogs(&self, domain: &Arc<Domain>) {
        let next = domain
            .watchdogs
            .lock()
            .iter()
            .copied()
            .min()
            .unwrap_or(units::Nanos::NEVER);
        if next <= self.machine.now() {
            log::warn!("{}: watchdog fired", domain.id);
            self.shutdown(domain, abi::sched::SHUTDOWN_WATCHDOG);
        } else if let Some(first) = domain.vcpus().first() {
            self.set_timer(first, Purpose::Watchdog, next);
        }
    }

    /// Gives a vCPU its first state (`VCPUOP_initialise`).
    pub fn initialise_vcpu(
        &self,
        domain: &Arc<Domain>,
        vcpu: &Arc<Vcpu>,
        c: &VcpuGuestContext,
    ) -> Result<(), Errno> {
        if vcpu.is_initialised() {
            return Err(Errno::EEXIST);
        }
        if c.gdt_ents > u64::from(FIRST_RESERVED_GDT_ENTRY) || c.ldt_ents > 8192 {
            return Err(Errno::EINVAL);
        }
        for address in [
            c.event_callback_eip,
            c.failsafe_callback_eip,
            c.syscall_callback_eip,
        ] {
            if !canonical(address) {
                return Err(Errno::EINVAL);
            }
        }
        let roots = [
            Mfn::new(xen_cr3_to_pfn(c.ctrlreg[3])),
            Mfn::new(xen_cr3_to_pfn(c.ctrlreg[1] & !1)),
        ];
        let gdt: ArrayVec<Mfn, 14> = c
            .gdt_frames
            .iter()
            .take(c.gdt_ents.div_ceil(512) as usize)
            .map(|f| Mfn::new(*f))
            .collect();
        self.with_mmu(domain, false, |mmu| {
            for (taken, frame) in gdt.iter().enumerate() {
                if mmu.get_descriptor_page(*frame).is_err() {
                    gdt.iter()
                        .take(taken)
                        .for_each(|f| mmu.put_page_and_type(*f));
                    return Err(Errno::EINVAL);
                }
            }
            let held = mmu.get_root(roots[0]).and_then(|()| {
                if roots[1].get() == 0 {
                    return Ok(());
                }
                mmu.get_root(roots[1])
                    .inspect_err(|_| mmu.put_root(roots[0]))
            });
            held.map_err(|_| {
                gdt.iter().for_each(|f| mmu.put_page_and_type(*f));
                Errno::EINVAL
            })
        })?;
        let (block, regs, u) = (&vcpu.block, &vcpu.block.regs, &c.user_regs);
        for (to, from) in [
            (&regs.r15, u.r15),
            (&regs.r14, u.r14),
            (&regs.r13, u.r13),
            (&regs.r12, u.r12),
            (&regs.rbp, u.rbp),
            (&regs.rbx, u.rbx),
            (&regs.r11, u.r11),
            (&regs.r10, u.r10),
            (&regs.r9, u.r9),
            (&regs.r8, u.r8),
            (&regs.rax, u.rax),
            (&regs.rcx, u.rcx),
            (&regs.rdx, u.rdx),
            (&regs.rsi, u.rsi),
            (&regs.rdi, u.rdi),
            (&regs.rip, u.rip),
            (&regs.rsp, u.rsp),
            (&regs.cs, u64::from(u.cs | 3)),
            (&regs.ss, u64::from(u.ss | 3)),
            (&regs.rflags, u.rflags & 0x3f_7fd5 & !IOPL | IF | 2),
        ] {
            to.set(from);
        }
        block.mode.set(if c.flags & VGCF_IN_KERNEL != 0 {
            mode::KERNEL
        } else {
            0
        });
        block.cr3_kernel.set(roots[0].get() << 12);
        block.cr3_user.set(roots[1].get() << 12);
        block.kernel_sp.set(c.kernel_sp);
        block.kernel_ss.set(c.kernel_ss & 0xffff | 3);
        block.syscall_entry.set(c.syscall_callback_eip);
        block
            .syscall_masks
            .set((c.flags & VGCF_SYSCALL_DISABLES_EVENTS != 0).into());
        let seg = &block.seg;
        for (to, from) in [
            (&seg.ds, u.ds),
            (&seg.es, u.es),
            (&seg.fs, u.fs),
            (&seg.gs, u.gs),
        ] {
            to.set(from.into());
        }
        let kernel = c.flags & VGCF_IN_KERNEL != 0;
        seg.fs_base.set(c.fs_base);
        seg.gs_base.set(if kernel {
            c.gs_base_kernel
        } else {
            c.gs_base_user
        });
        seg.gs_base_other.set(if kernel {
            c.gs_base_user
        } else {
            c.gs_base_kernel
        });
        let mut pv = vcpu.pv.lock();
        pv.iopl = (u.rflags >> 12 & 3) as u8;
        block
            .io_bitmap
            .set((domain.io.hardware && pv.iopl >= 1).into());
        pv.event.address = c.event_callback_eip;
        pv.event.mask_events = false;
        pv.failsafe.address = c.failsafe_callback_eip;
        pv.failsafe.mask_events = c.flags & VGCF_FAILSAFE_DISABLES_EVENTS != 0;
        pv.gdt_frames = gdt;
        pv.gdt_entries = c.gdt_ents as u32;
        (pv.ldt_base, pv.ldt_entries) = (c.ldt_base, c.ldt_ents as u32);
        pv.cr4 = self.guest_cr4(domain, c.ctrlreg[4]);
        pv.task_switched = c.ctrlreg[0] & 8 != 0;
        for t in c
            .trap_ctxt
            .iter()
            .filter(|t| t.address != 0 && canonical(t.address))
        {
            if let Some(slot) = pv.traps.get_mut(usize::from(t.vector)) {
                *slot = Trap {
                    cs: t.cs | 3,
                    flags: t.flags,
                    address: t.address,
                };
            }
        }
        if c.flags & VGCF_I387_VALID != 0 {
            let mut bytes = c.fpu_ctxt.iter().copied();
            pv.fpu
                .iter_mut()
                .flat_map(|chunk| chunk.0.iter_mut())
                .zip(&mut bytes)
                .for_each(|(to, from)| *to = from);
            // MXCSR may have only bits that every processor accepts.
            if let Some(first) = pv.fpu.first_mut() {
                let mxcsr = first.0.get_mut(26..28);
                if let Some(high) = mxcsr {
                    high.fill(0);
                }
            }
        }
        Ok(())
    }
}
