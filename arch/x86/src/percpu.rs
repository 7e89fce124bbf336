//! One processor's own memory: stacks, TSS, descriptor windows, variables.
//!
//! Each processor has an area of [`layout::PERCPU_SIZE`] at an aligned address, so code finds it from its stack
//! pointer and the guest keeps both GS bases. The pages between the parts are unmapped: a stack that
//! overflows faults instead of eating its neighbour.
//!
//! The GDT is a window of 16 pages. The first 14 show the running vCPU's own descriptor frames, so
//! that guest selectors work as they are; page 14 holds the hypervisor's descriptors
//! (`FIRST_RESERVED_GDT_PAGE`). GDTR never changes.

use core::arch::asm;
use core::mem::offset_of;
use core::sync::atomic::{AtomicU64, Ordering};

use arch_defs::layout::{self, percpu_page, selector};
use arch_defs::vcpu::VcpuBlock;
use units::{CpuId, Mfn};

use crate::cpu::{self, msr};
use crate::paging::{self, Attr};
use crate::traps;

/// Variables of one processor, on its own page.
#[repr(C)]
pub struct PerCpu {
    /// Guest rsp, for the few instructions before there is a stack.
    pub(crate) scratch: AtomicU64,
    /// End of the register area of the vCPU in [`Self::block`].
    pub(crate) regs_end: AtomicU64,
    /// Address of `syscall_common`.
    pub(crate) syscall: AtomicU64,
    /// The vCPU whose state is loaded, as an address.
    pub(crate) block: AtomicU64,
    /// Logical number.
    pub(crate) id: AtomicU64,
    /// What the GDT window shows, by page; 0 for nothing.
    gdt_frames: [AtomicU64; 14],
    /// What the LDT window shows.
    ldt_frames: [AtomicU64; 16],
}

/// Offsets that entry code uses.
pub(crate) const OFF_SCRATCH: usize = offset_of!(PerCpu, scratch);
pub(crate) const OFF_REGS_END: usize = offset_of!(PerCpu, regs_end);
pub(crate) const OFF_SYSCALL: usize = offset_of!(PerCpu, syscall);

fn area(cpu: CpuId) -> u64 {
    layout::PERCPU + u64::from(cpu.0) * layout::PERCPU_SIZE
}

fn page(cpu: CpuId, page: u64) -> u64 {
    area(cpu) + page * 4096
}

/// This processor's variables. Only valid on a per-CPU stack, which all code but early boot runs on.
#[inline]
pub(crate) fn this() -> &'static PerCpu {
    let rsp: u64;
    // SAFETY: reading rsp.
    unsafe { asm!("mov {}, rsp", out(reg) rsp, options(nomem, nostack, preserves_flags)) };
    let base = rsp & !(layout::PERCPU_SIZE - 1);
    // SAFETY: the stack lies in this processor's area, whose variables page is mapped for good and holds atomics.
    unsafe { &*((base + percpu_page::DATA * 4096) as *const PerCpu) }
}

/// The processor this code runs on.
#[inline]
pub fn this_cpu() -> CpuId {
    CpuId(this().id.load(Ordering::Relaxed) as u32)
}

/// Top of a processor's main stack.
pub(crate) fn stack_top(cpu: CpuId) -> u64 {
    page(cpu, percpu_page::STACK + percpu_page::STACK_PAGES)
}

unsafe extern "C" {
    static syscall_stub: u8;
    static syscall32_stub: u8;
}

/// A page of zeroes, shown read-only where the guest has no descriptors, so that a selector there is an empty
/// descriptor and not a page fault.
static NO_DESCRIPTORS: AtomicU64 = AtomicU64::new(0);

/// Frames of the I/O bitmap that all TSSs share, and the page that ends it.
static IO_BITMAP: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// Hypervisor descriptors of the reserved GDT page, from selector 0xe000.
fn descriptors(cpu: CpuId) -> [u64; 12] {
    let tss = page(cpu, percpu_page::TSS) + 4096 - TSS_SIZE;
    let mut d = [0; 12];
    d[(selector::HV_CS as usize >> 3) & 0x1ff] = 0x00af_9b00_0000_ffff;
    d[(selector::HV_DS as usize >> 3) & 0x1ff] = 0x00cf_9300_0000_ffff;
    d[(selector::FLAT_CS32 as usize >> 3) & 0x1ff] = 0x00cf_fb00_0000_ffff;
    d[(selector::FLAT_DS as usize >> 3) & 0x1ff] = 0x00cf_f300_0000_ffff;
    d[(selector::FLAT_CS64 as usize >> 3) & 0x1ff] = 0x00af_fb00_0000_ffff;
    let [lo, hi] = system_descriptor(tss, (TSS_SIZE + 8192) as u32, 0x89);
    d[(selector::TSS as usize >> 3) & 0x1ff] = lo;
    d[((selector::TSS as usize >> 3) & 0x1ff) + 1] = hi;
    d
}

fn system_descriptor(base: u64, limit: u32, access: u64) -> [u64; 2] {
    let limit = u64::from(limit);
    [
        limit & 0xffff
            | (base & 0xff_ffff) << 16
            | access << 40
            | (limit >> 16 & 0xf) << 48
            | (base >> 24 & 0xff) << 56,
        base >> 32,
    ]
}

const TSS_SIZE: u64 = 104;
/// I/O map base that lies beyond the TSS limit: every port traps.
const NO_IO_BITMAP: u16 = 0xffff;

fn tss_word(cpu: CpuId, offset: u64) -> *mut u32 {
    (page(cpu, percpu_page::TSS) + 4096 - TSS_SIZE + offset) as *mut u32
}

/// A frame could not be had for a processor's area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

/// Builds the area of `cpu`. `frame` gives zeroed frames.
pub fn create(cpu: CpuId, frame: fn() -> Option<Mfn>) -> Result<(), NoMemory> {
    build(cpu, frame).ok_or(NoMemory)
}

fn build(cpu: CpuId, frame: fn() -> Option<Mfn>) -> Option<()> {
    let map = |index: u64, count: u64| -> Option<()> {
        for i in 0..count {
            paging::map_page(page(cpu, index + i), frame()?, Attr::READ_WRITE)?;
        }
        Some(())
    };
    let stub = paging::image_addr((&raw const syscall_stub) as u64).mfn();
    paging::map_page(page(cpu, percpu_page::STUB), stub, Attr::EXECUTE)?;
    map(percpu_page::DATA, 1)?;
    map(percpu_page::TSS, 1)?;
    map(percpu_page::GDT + layout::RESERVED_GDT_PAGE, 1)?;
    for stack in [
        percpu_page::NMI_STACK,
        percpu_page::DOUBLE_FAULT_STACK,
        percpu_page::MACHINE_CHECK_STACK,
        percpu_page::DEBUG_STACK,
    ] {
        map(stack, percpu_page::IST_PAGES)?;
    }
    map(percpu_page::STACK, percpu_page::STACK_PAGES)?;
    // The window's tables exist from the start, so that showing a frame there never allocates.
    paging::prepare_page(page(cpu, percpu_page::LDT))?;

    if NO_DESCRIPTORS.load(Ordering::Relaxed) == 0 {
        NO_DESCRIPTORS.store(frame()?.get(), Ordering::Relaxed);
    }
    for i in 0..layout::RESERVED_GDT_PAGE {
        let empty = Mfn::new(NO_DESCRIPTORS.load(Ordering::Relaxed));
        paging::map_page(page(cpu, percpu_page::GDT + i), empty, Attr::READ_ONLY)?;
    }

    if IO_BITMAP[0].load(Ordering::Relaxed) == 0 {
        for slot in &IO_BITMAP {
            let f = frame()?;
            // SAFETY: a fresh frame; all ones deny every port.
            unsafe { core::ptr::write_bytes(crate::mem::direct(f.addr()), 0xff, 4096) };
            slot.store(f.get(), Ordering::Relaxed);
        }
    }
    for (i, slot) in IO_BITMAP.iter().enumerate() {
        paging::map_page(
            page(cpu, percpu_page::IO_BITMAP + i as u64),
            Mfn::new(slot.load(Ordering::Relaxed)),
            Attr::READ_ONLY,
        )?;
    }

    // SAFETY: the pages were mapped above and nobody else uses them yet.
    unsafe {
        let gdt = page(cpu, percpu_page::GDT + layout::RESERVED_GDT_PAGE) as *mut u64;
        for (i, d) in descriptors(cpu).into_iter().enumerate() {
            gdt.add(i).write(d);
        }
        let set = |offset: u64, value: u64| {
            tss_word(cpu, offset).write(value as u32);
            tss_word(cpu, offset + 4).write((value >> 32) as u32);
        };
        let ist = |n: u64, first: u64| {
            set(
                0x24 + (n - 1) * 8,
                page(cpu, first + percpu_page::IST_PAGES),
            )
        };
        ist(traps::IST_NMI.into(), percpu_page::NMI_STACK);
        ist(
            traps::IST_DOUBLE_FAULT.into(),
            percpu_page::DOUBLE_FAULT_STACK,
        );
        ist(
            traps::IST_MACHINE_CHECK.into(),
            percpu_page::MACHINE_CHECK_STACK,
        );
        ist(traps::IST_DEBUG.into(), percpu_page::DEBUG_STACK);
        tss_word(cpu, 0x64).write(u32::from(NO_IO_BITMAP) << 16);
        let data = &*(page(cpu, percpu_page::DATA) as *const PerCpu);
        data.id.store(cpu.0.into(), Ordering::Relaxed);
        data.syscall
            .store(traps::syscall_entry(), Ordering::Relaxed);
    }
    Some(())
}

#[repr(C, packed)]
struct TablePointer {
    limit: u16,
    base: u64,
}

/// Loads descriptor tables, task register and system-call entry points on this processor, whose area
/// is `cpu`'s.
///
/// # Safety
/// On the processor that will be `cpu`, after [`create`]; the IDT must be filled.
pub(crate) unsafe fn load(cpu: CpuId) {
    let gdt = TablePointer {
        limit: (layout::RESERVED_GDT_PAGE * 4096 + 4095) as u16,
        base: page(cpu, percpu_page::GDT),
    };
    let idt = TablePointer {
        limit: 4095,
        base: traps::idt_base(),
    };
    if cpu == CpuId(0) {
        // Still on boot code's segments: no interrupt comes between these stores and the load below.
        traps::fill_final();
    }
    // SAFETY: the descriptors were written by `create`; the far return loads a flat code segment, so
    // execution goes on at the next instruction; data selectors are null or flat.
    unsafe {
        asm!(
            "lgdt [{gdt}]",
            "lidt [{idt}]",
            "push {cs}",
            "lea {t}, [rip + 2f]",
            "push {t}",
            "retfq",
            "2:",
            "mov ss, {ss:e}",
            "mov ds, {zero:e}",
            "mov es, {zero:e}",
            "mov fs, {zero:e}",
            "mov gs, {zero:e}",
            "lldt {zero:x}",
            "ltr {tss:x}",
            gdt = in(reg) &gdt, idt = in(reg) &idt,
            cs = in(reg) u64::from(selector::HV_CS), ss = in(reg) u32::from(selector::HV_DS),
            tss = in(reg) u32::from(selector::TSS), zero = in(reg) 0u32, t = out(reg) _,
        );
        let star = u64::from(selector::HV_CS) << 32 | u64::from(selector::FLAT_CS32) << 48;
        let stub = page(cpu, percpu_page::STUB);
        let compat = (&raw const syscall32_stub) as u64 - (&raw const syscall_stub) as u64;
        // NT, AC, DF, IF, TF, RF, VM and IOPL are cleared on entry.
        let mask = 0x0007_7700;
        for (register, value) in [
            (msr::STAR, star),
            (msr::LSTAR, stub),
            (msr::CSTAR, stub + compat),
            (msr::SFMASK, mask),
            (msr::SYSENTER_CS, 0),
            (msr::PAT, cpu::PAT),
        ] {
            cpu::wrmsr(register, value);
        }
        if cpu::features().contains(cpu::Features::RDTSCP) {
            cpu::wrmsr(msr::TSC_AUX, cpu.0.into());
        }
    }
}

/// Makes `block` the vCPU whose register area entries on this processor fill.
pub fn set_current(block: &VcpuBlock) {
    let this = this();
    let end = core::ptr::from_ref(block) as u64 + arch_defs::vcpu::offset::REGS_END as u64;
    block.host_stack.set(stack_top(this_cpu()));
    this.block
        .store(core::ptr::from_ref(block) as u64, Ordering::Relaxed);
    this.regs_end.store(end, Ordering::Relaxed);
    // SAFETY: the TSS is this processor's own; rsp0 is only used by entries from ring 3.
    unsafe {
        tss_word(this_cpu(), 4).write_volatile(end as u32);
        tss_word(this_cpu(), 8).write_volatile((end >> 32) as u32);
    }
}

/// Opens or shuts the I/O bitmap on this processor. Shut, every port access from ring 3 traps.
pub fn enable_io_bitmap(on: bool) {
    let base = if on { TSS_SIZE as u16 } else { NO_IO_BITMAP };
    // SAFETY: this processor's own TSS.
    unsafe { tss_word(this_cpu(), 0x64).write_volatile(u32::from(base) << 16) }
}

/// Lets ring 3 use `port` directly where the bitmap is open, or takes that back.
pub fn permit_port(port: u16, yes: bool) {
    let frame = Mfn::new(IO_BITMAP[usize::from(port >> 15)].load(Ordering::Relaxed));
    let bit = u64::from(port & 0x7fff);
    let word = units::FrameAccess::word(&crate::mem::Direct, frame, (bit / 64) as usize);
    if yes {
        word.fetch_and(!(1 << (bit % 64)), Ordering::Relaxed);
    } else {
        word.fetch_or(1 << (bit % 64), Ordering::Relaxed);
    }
}

/// Permits the ports `first..=last`.
pub fn permit_ports(first: u16, last: u16) {
    (first..=last).for_each(|port| permit_port(port, true));
}

/// Denies the ports `first..=last`.
pub fn deny_ports(first: u16, last: u16) {
    (first..=last).for_each(|port| permit_port(port, false));
}

/// Shows `frames` in this processor's GDT window, nothing in the rest of its 14 guest pages. The
/// frames must be typed as descriptor pages, so that the guest can't write them.
pub fn show_gdt(frames: &[Mfn]) {
    let this = this();
    for (i, shown) in this.gdt_frames.iter().enumerate() {
        let want = frames.get(i).map_or(0, |f| f.get());
        if shown.load(Ordering::Relaxed) != want {
            let (frame, attr) = if want == 0 {
                (NO_DESCRIPTORS.load(Ordering::Relaxed), Attr::READ_ONLY)
            } else {
                (want, Attr::READ_WRITE)
            };
            // The table exists since `create`, so this can't fail.
            let _ = paging::remap_page(
                page(this_cpu(), percpu_page::GDT + i as u64),
                Mfn::new(frame),
                attr,
            );
            shown.store(want, Ordering::Relaxed);
        }
    }
}

/// Shows `frame` as page `index` (0 to 15) of this processor's LDT window.
pub fn show_ldt_page(index: usize, frame: Option<Mfn>) {
    let this = this();
    let Some(shown) = this.ldt_frames.get(index) else {
        return;
    };
    let want = frame.map_or(0, |f| f.get());
    if shown.swap(want, Ordering::Relaxed) != want {
        let attr = if want == 0 {
            Attr::empty()
        } else {
            Attr::READ_WRITE
        };
        let _ = paging::remap_page(
            page(this_cpu(), percpu_page::LDT + index as u64),
            Mfn::new(want),
            attr,
        );
    }
}

/// Loads an LDT of `entries` descriptors from the window, or none.
pub fn load_ldt(entries: u32) {
    // SAFETY: the descriptor lies in this processor's own GDT page; the window's pages fault while nothing is shown.
    unsafe {
        if entries == 0 {
            asm!("lldt {:x}", in(reg) 0u32, options(nostack, preserves_flags));
        } else {
            let [lo, hi] =
                system_descriptor(page(this_cpu(), percpu_page::LDT), entries * 8 - 1, 0x82);
            let gdt = page(this_cpu(), percpu_page::GDT + layout::RESERVED_GDT_PAGE) as *mut u64;
            let slot = (selector::LDT as usize >> 3) & 0x1ff;
            gdt.add(slot).write_volatile(lo);
            gdt.add(slot + 1).write_volatile(hi);
            asm!("lldt {:x}", in(reg) u32::from(selector::LDT), options(nostack, preserves_flags));
        }
    }
}

/// Byte offset in the LDT window of the faulting address `va`, if it lies there.
pub fn ldt_window_offset(va: u64) -> Option<u64> {
    let start = page(this_cpu(), percpu_page::LDT);
    (start..start + 16 * 4096).contains(&va).then(|| va - start)
}
