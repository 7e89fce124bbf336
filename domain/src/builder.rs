//! Building a PV domain from a kernel image, at boot.
//!
//! The bootstrap region that a PV kernel starts in (`xen.h`, "Start-of-day memory layout") maps
//! pseudo-physical frame `n` at `virt_base + n * 4096`:
//!
//! ```text
//! kernel | RAM disk, unless it goes by frame number | p2m list, unless it has an address of its own |
//! start info | page tables | boot stack | at least 512 KiB more, up to a 4 MiB boundary
//! ```
//!
//! Whatever lies outside of it (RAM disk and p2m list of modern kernels) follows in pseudo-physical
//! order. The tables are written through the direct map while they are still plain frames; then pinning
//! the root makes the frame ledger check every entry as if a guest had asked for it. Nothing about the
//! builder is trusted.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use abi::arch_x86::{FLAT_KERNEL_CS64, FLAT_KERNEL_SS64};
use abi::xen::*;
use arch_defs::pte::{Level, Pte};
use arch_defs::vcpu::mode;
use image::{Loaded, PvKernel};
use mm::MmError;
use units::{Mfn, Order, PAGE_SIZE, Pfn};
use zerocopy::{FromZeros, IntoBytes};

use crate::Hypervisor;
use crate::domain::Domain;
use crate::machine::Machine;
use crate::vcpu::block;

/// What to build.
pub struct Recipe<'a> {
    /// The kernel.
    pub kernel: &'a Loaded<'a>,
    /// The RAM disk, empty for none.
    pub initrd: &'a [u8],
    /// The kernel's command line.
    pub cmdline: &'a str,
    /// Memory, in frames.
    pub pages: u64,
}

/// Why a domain can't be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The image is no PV kernel.
    NotPv(alloc::string::String),
    /// The kernel demands features that PV domains don't have here.
    Features,
    /// Not enough free memory: frames wanted, frames got.
    NoMemory(u64, u64),
    /// Kernel, RAM disk and tables don't fit into the domain's memory: frames needed, frames there are.
    TooSmall(u64, u64),
    /// The bootstrap region leaves the part of the address space that the kernel may use.
    Layout(u64, u64),
    /// The command line is longer than the domain can be given: bytes, limit.
    Cmdline(usize, usize),
    /// The frame ledger refused.
    Refused(&'static str, MmError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPv(why) => write!(f, "the kernel can't be started as a PV domain: {why}"),
            Self::Features => {
                f.write_str("the kernel requires a feature that 64-bit PV domains don't have")
            }
            Self::NoMemory(want, got) => write!(
                f,
                "dom0_mem: {} MiB wanted but only {} MiB are free",
                want / 256,
                got / 256
            ),
            Self::TooSmall(need, have) => {
                write!(
                    f,
                    "kernel and initrd need {} MiB but the domain has {} MiB",
                    need.div_ceil(256),
                    have / 256
                )
            }
            Self::Layout(a, b) => write!(
                f,
                "bootstrap region {a:#x}-{b:#x} doesn't fit between the kernel's base and the hypervisor"
            ),
            Self::Cmdline(len, max) => {
                write!(f, "kernel command line of {len} bytes is longer than {max}")
            }
            Self::Refused(what, e) => write!(f, "{what} refused: {e:?}"),
        }
    }
}

/// Every vCPU starts with a periodic timer of 100 Hz, in ns; kernels that don't want it stop it.
const FIRST_PERIOD: u64 = 10_000_000;
/// Extra mapped memory behind the stack.
const SLACK: u64 = 512 << 10;

/// Where things go, in pseudo-physical frames from the start of the region.
struct Plan {
    base: u64,
    initrd: u64,
    initrd_frames: u64,
    initrd_mapped: bool,
    p2m: u64,
    p2m_frames: u64,
    start_info: u64,
    tables: u64,
    table_frames: u64,
    stack: u64,
    region_end: u64,
    /// Frames of tables that map the p2m list at an address of its own; behind the list.
    p2m_table_frames: u64,
    end: u64,
}

/// Tables needed to map `[start, end)`, not counting the root.
fn tables_for(start: u64, end: u64) -> u64 {
    [21, 30, 39]
        .into_iter()
        .map(|shift| ((end - 1) >> shift) - (start >> shift) + 1)
        .sum()
}

fn plan(kernel: &PvKernel, initrd_len: u64, pages: u64) -> Result<Plan, BuildError> {
    let base = kernel.virt_base;
    let frames = |bytes: u64| bytes.div_ceil(PAGE_SIZE as u64);
    let kernel_end = frames(kernel.virt_end - base);
    let (initrd_frames, p2m_frames) = (frames(initrd_len), frames(pages * 8));
    let own_p2m = kernel.p2m_base.is_some();
    let initrd_mapped = !kernel.mod_start_pfn;
    let mut at = kernel_end;
    let mut initrd = at;
    if initrd_mapped {
        at += initrd_frames;
    }
    let mut p2m = at;
    if !own_p2m {
        at += p2m_frames;
    }
    let start_info = at;
    let tables = at + 1;
    // The tables lie in the region that they map: grow until it holds.
    let mut table_frames = 1;
    let (stack, region_end) = loop {
        let stack = tables + table_frames;
        let end = base
            .checked_add((stack + 1) * PAGE_SIZE as u64 + SLACK)
            .and_then(|e| e.checked_next_multiple_of(4 << 20))
            .filter(|e| *e > base)
            .ok_or(BuildError::Layout(base, u64::MAX))?;
        let need = 1 + tables_for(base, end);
        if need <= table_frames {
            break (stack, (end - base) / PAGE_SIZE as u64);
        }
        table_frames = need;
    };
    let mut end = region_end;
    if !initrd_mapped {
        initrd = end;
        end += initrd_frames;
    }
    let mut p2m_table_frames = 0;
    if let Some(list) = kernel.p2m_base {
        p2m = end;
        p2m_table_frames = tables_for(list, list + p2m_frames * PAGE_SIZE as u64);
        end += p2m_frames + p2m_table_frames;
    }
    let plan = Plan {
        base,
        initrd,
        initrd_frames,
        initrd_mapped,
        p2m,
        p2m_frames,
        start_info,
        tables,
        table_frames,
        stack,
        region_end,
        p2m_table_frames,
        end,
    };
    let last = base + region_end * PAGE_SIZE as u64 - 1;
    if !arch_defs::layout::guest_range_ok(base, last - base + 1) {
        return Err(BuildError::Layout(base, last));
    }
    if plan.end > pages {
        return Err(BuildError::TooSmall(plan.end, pages));
    }
    Ok(plan)
}

impl Plan {
    fn va(&self, pfn: u64) -> u64 {
        self.base + pfn * PAGE_SIZE as u64
    }
}

/// Writes page tables from a supply of frames.
struct Tables<'m, M: Machine> {
    m: &'m M,
    root: Mfn,
    supply: core::ops::Range<u64>,
    p2m: &'m [Mfn],
}

impl<M: Machine> Tables<'_, M> {
    fn map(&mut self, va: u64, mfn: Mfn, writable: bool) -> Result<(), BuildError> {
        use core::sync::atomic::Ordering::Relaxed;
        let flags = Pte::P | Pte::US | Pte::A | Pte::D;
        let mut table = self.root;
        for level in [Level::L4, Level::L3, Level::L2] {
            let word = self.m.word(table, level.index(va));
            let entry = Pte(word.load(Relaxed));
            table = if entry.present() {
                entry.frame()
            } else {
                let pfn = self
                    .supply
                    .next()
                    .ok_or(BuildError::Refused("page tables", MmError::NoMemory))?;
                let frame = self.p2m.get(pfn as usize).copied().unwrap_or(Mfn::INVALID);
                word.store(Pte::new(frame, flags | Pte::RW).0, Relaxed);
                frame
            };
        }
        let rw = if writable { Pte::RW } else { 0 };
        self.m
            .word(table, Level::L1.index(va))
            .store(Pte::new(mfn, flags | rw).0, Relaxed);
        Ok(())
    }
}

impl<M: Machine> Hypervisor<M> {
    /// Gives `domain` its memory and its first vCPU a kernel to run. The domain stays paused.
    pub fn build(&self, domain: &Arc<Domain>, recipe: &Recipe<'_>) -> Result<(), BuildError> {
        let kernel = recipe
            .kernel
            .pv()
            .map_err(|e| BuildError::NotPv(alloc::format!("{e}")))?;
        let limit = MAX_GUEST_CMDLINE as usize - 1;
        if recipe.cmdline.len() > limit {
            return Err(BuildError::Cmdline(recipe.cmdline.len(), limit));
        }
        // Linux demands writable page tables and never relied on them; emulated writes serve.
        if kernel
            .features
            .requires(abi::features::XENFEAT_AUTO_TRANSLATED_PHYSMAP)
            || kernel
                .features
                .requires(abi::features::XENFEAT_SUPERVISOR_MODE_KERNEL)
        {
            return Err(BuildError::Features);
        }
        let plan = plan(kernel, recipe.initrd.len() as u64, recipe.pages)?;
        let free = self.frames.lock().total_free();
        if free < recipe.pages {
            return Err(BuildError::NoMemory(recipe.pages, free));
        }
        let p2m = self.populate(domain, recipe.pages)?;
        let frame = |pfn: u64| p2m.get(pfn as usize).copied().unwrap_or(Mfn::INVALID);
        let m = &self.machine;

        for segment in recipe.kernel.segments() {
            let at = segment.paddr.wrapping_sub(kernel.elf_paddr_offset);
            self.place(&p2m, at, recipe.kernel.bytes_of(segment), segment.memsz);
        }
        self.place(
            &p2m,
            plan.initrd * PAGE_SIZE as u64,
            recipe.initrd,
            plan.initrd_frames * PAGE_SIZE as u64,
        );
        let tables_bytes = (plan.table_frames) * PAGE_SIZE as u64;
        self.place(
            &p2m,
            plan.start_info * PAGE_SIZE as u64,
            &[],
            PAGE_SIZE as u64 + tables_bytes,
        );
        self.place(
            &p2m,
            (plan.p2m + plan.p2m_frames) * PAGE_SIZE as u64,
            &[],
            plan.p2m_table_frames * PAGE_SIZE as u64,
        );
        for (n, mfn) in p2m.iter().enumerate() {
            m.word(frame(plan.p2m + n as u64 / 512), n % 512)
                .store(mfn.get(), core::sync::atomic::Ordering::Relaxed);
            self.ledger.set_m2p(*mfn, Pfn::new(n as u64));
        }

        let root = frame(plan.tables);
        let mut tables = Tables {
            m,
            root,
            supply: plan.tables + 1..plan.tables + plan.table_frames,
            p2m: &p2m,
        };
        let is_table = |pfn: u64| {
            (plan.tables..plan.tables + plan.table_frames).contains(&pfn)
                || (plan.p2m + plan.p2m_frames..plan.p2m + plan.p2m_frames + plan.p2m_table_frames)
                    .contains(&pfn)
                    && kernel.p2m_base.is_some()
        };
        for pfn in 0..plan.region_end {
            tables.map(plan.va(pfn), frame(pfn), !is_table(pfn))?;
        }
        if let Some(list) = kernel.p2m_base {
            tables.supply =
                plan.p2m + plan.p2m_frames..plan.p2m + plan.p2m_frames + plan.p2m_table_frames;
            for n in 0..plan.p2m_frames {
                tables.map(list + n * PAGE_SIZE as u64, frame(plan.p2m + n), true)?;
            }
        }
        if let Some(page) = kernel.virt_hypercall {
            self.fill_hypercall_page(frame((page - plan.base) / PAGE_SIZE as u64));
        }
        self.write_start_info(domain, recipe, kernel, &plan, frame(plan.start_info));

        self.with_mmu(domain, false, |mmu| {
            mmu.pin(Level::L4, root)
                .map_err(|e| BuildError::Refused("initial page tables", e))?;
            mmu.get_root(root)
                .map_err(|e| BuildError::Refused("initial root table", e))
        })?;
        let Some(vcpu) = domain.vcpus().first() else {
            return Ok(());
        };
        let regs = &vcpu.block.regs;
        regs.rip.set(kernel.virt_entry);
        regs.rsi.set(plan.va(plan.start_info));
        regs.rsp.set(plan.va(plan.stack + 1));
        regs.cs.set(FLAT_KERNEL_CS64.into());
        regs.ss.set(FLAT_KERNEL_SS64.into());
        regs.rflags.set(0x202);
        vcpu.block.mode.set(mode::KERNEL);
        vcpu.block.cr3_kernel.set(root.get() << 12);
        log::info!(
            "{}: kernel {:#x}-{:#x} initrd pfn {:#x}+{:#x} p2m pfn {:#x}+{:#x} start info {:#x} tables pfn {:#x}+{} entry {:#x}",
            domain.id,
            kernel.virt_start,
            kernel.virt_end,
            plan.initrd,
            plan.initrd_frames,
            plan.p2m,
            plan.p2m_frames,
            plan.va(plan.start_info),
            plan.tables,
            plan.table_frames,
            kernel.virt_entry,
        );
        Ok(())
    }

    /// Starts a built domain.
    pub fn start(&self, domain: &Arc<Domain>) {
        if let Some(vcpu) = domain.vcpus().first() {
            self.set_periodic(vcpu, FIRST_PERIOD);
            self.unblock(vcpu, block::DOWN);
        }
    }

    /// Frames for a domain, largest blocks first.
    fn populate(&self, domain: &Domain, pages: u64) -> Result<Vec<Mfn>, BuildError> {
        let mut p2m = Vec::with_capacity(pages as usize);
        let mut order = 18;
        while (p2m.len() as u64) < pages {
            let left = pages - p2m.len() as u64;
            while order > 0 && 1 << order > left {
                order -= 1;
            }
            let size = Order::new(order).unwrap_or(Order::PAGE);
            match self.alloc_block(size, None, true) {
                Ok(block) => {
                    self.assign_block(domain, &block, false)
                        .map_err(|e| BuildError::Refused("memory", e))?;
                    p2m.extend(block.frames());
                }
                Err(_) if order > 0 => order -= 1,
                Err(_) => return Err(BuildError::NoMemory(pages, p2m.len() as u64)),
            }
        }
        Ok(p2m)
    }

    /// Copies `bytes` to pseudo-physical address `at` and clears the rest of `size` bytes.
    fn place(&self, p2m: &[Mfn], at: u64, bytes: &[u8], size: u64) {
        let m = &self.machine;
        let page = PAGE_SIZE as u64;
        let end = at + size.max(bytes.len() as u64);
        let mut pos = at;
        while pos < end {
            let Some(mfn) = p2m.get((pos / page) as usize) else {
                return;
            };
            let offset = (pos % page) as usize;
            let len = ((end - pos) as usize).min(PAGE_SIZE - offset);
            let from = (pos - at) as usize;
            let part = bytes.get(from..).unwrap_or(&[]);
            let part = part.get(..len).unwrap_or(part);
            if part.is_empty() && len == PAGE_SIZE {
                m.zero(*mfn);
            } else {
                m.write_bytes(*mfn, offset, part);
                let zeroes = [0u8; 256];
                let mut rest = offset + part.len();
                while rest < offset + len {
                    let n = (offset + len - rest).min(zeroes.len());
                    m.write_bytes(*mfn, rest, zeroes.get(..n).unwrap_or(&zeroes));
                    rest += n;
                }
            }
            pos += len as u64;
        }
    }

    /// The hypercall page: at 32 bytes a call, `push rcx; push r11; mov eax, n; syscall; pop r11; pop rcx; ret`; for
    /// iret, which needs its stack as it is, a frame's head instead and no return.
    pub fn fill_hypercall_page(&self, frame: Mfn) {
        let m = &self.machine;
        for n in 0..128u32 {
            let [a, b, c, d] = n.to_le_bytes();
            let stub: &[u8] = if u64::from(n) == __HYPERVISOR_IRET {
                &[0x51, 0x41, 0x53, 0x50, 0xb8, a, b, c, d, 0x0f, 0x05]
            } else {
                &[
                    0x51, 0x41, 0x53, 0xb8, a, b, c, d, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3,
                ]
            };
            let mut bytes = [0xcc; 32];
            bytes
                .iter_mut()
                .zip(stub)
                .for_each(|(to, from)| *to = *from);
            m.write_bytes(frame, n as usize * 32, &bytes);
        }
    }

    fn write_start_info(
        &self,
        domain: &Domain,
        recipe: &Recipe<'_>,
        kernel: &PvKernel,
        plan: &Plan,
        frame: Mfn,
    ) {
        let mut info = StartInfo::new_zeroed();
        let text = |to: &mut [u8], s: &str| to.iter_mut().zip(s.bytes()).for_each(|(t, f)| *t = f);
        text(&mut info.magic, "xen-3.0-x86_64");
        info.nr_pages = recipe.pages;
        info.shared_info = domain.shared_info.get() << 12;
        info.pt_base = plan.va(plan.tables);
        info.nr_pt_frames = plan.table_frames;
        info.mfn_list = kernel.p2m_base.unwrap_or(plan.va(plan.p2m));
        if kernel.p2m_base.is_some() {
            info.first_p2m_pfn = plan.p2m;
            info.nr_p2m_frames = plan.p2m_frames + plan.p2m_table_frames;
        }
        if plan.initrd_frames != 0 {
            info.mod_len = recipe.initrd.len() as u64;
            info.mod_start = if plan.initrd_mapped {
                plan.va(plan.initrd)
            } else {
                info.flags |= SIF_MOD_START_PFN;
                plan.initrd
            };
        }
        text(&mut info.cmd_line, recipe.cmdline);
        let screen = size_of::<StartInfo>();
        if domain.io.hardware {
            info.flags |= SIF_PRIVILEGED | SIF_INITDOMAIN;
            let place = StartInfoConsoleDom0 {
                info_off: screen as u32,
                info_size: size_of::<Dom0VgaConsoleInfo>() as u32,
            };
            if self.facts.screen.video_type != 0 {
                info.console
                    .as_mut_bytes()
                    .iter_mut()
                    .zip(place.as_bytes())
                    .for_each(|(t, f)| *t = *f);
                self.machine
                    .write_bytes(frame, screen, self.facts.screen.as_bytes());
            }
        }
        self.machine.write_bytes(frame, 0, info.as_bytes());
    }
}
