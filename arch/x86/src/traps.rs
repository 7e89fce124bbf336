//! The interrupt descriptor table and what happens between entry code and the hypervisor proper.

use core::arch::{asm, global_asm};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arch_defs::layout::{self, percpu_page, selector};
use arch_defs::vcpu::{VcpuBlock, entry, mode, offset};
use x86_64::VirtAddr;
use x86_64::instructions::segmentation::{CS, Segment};
use x86_64::instructions::tables::lidt;
use x86_64::structures::DescriptorTablePointer;

use crate::guest;
use crate::percpu;

global_asm!(
    include_str!("entry.s"),
    REGS = const offset::REGS,
    HOST_STACK = const offset::HOST_STACK,
    MODE = const offset::MODE,
    SYSRET = const mode::SYSRET,
    PERCPU_SIZE = const layout::PERCPU_SIZE,
    DATA_PAGE = const percpu_page::DATA * 4096,
    PC_SCRATCH = const percpu::OFF_SCRATCH,
    PC_REGS_END = const percpu::OFF_REGS_END,
    PC_SYSCALL = const percpu::OFF_SYSCALL,
    FLAT_DS = const selector::FLAT_DS,
    FLAT_CS64 = const selector::FLAT_CS64,
    FLAT_CS32 = const selector::FLAT_CS32,
    SYSCALL = const entry::SYSCALL,
    SYSCALL32 = const entry::SYSCALL32,
    guest_trap = sym GUEST_TRAP,
    host_trap = sym HOST_TRAP,
    iret_trap = sym IRET_TRAP,
    ist_trap = sym IST_TRAP,
);

pub(crate) const IST_NMI: u8 = 1;
pub(crate) const IST_DOUBLE_FAULT: u8 = 2;
pub(crate) const IST_MACHINE_CHECK: u8 = 3;
pub(crate) const IST_DEBUG: u8 = 4;

/// Registers at a trap out of ring 0, in the order in which entry code saves them.
#[derive(Debug)]
#[repr(C)]
#[allow(missing_docs)]
pub struct HostFrame {
    pub r15: u64,
    pub r14: u64,
    pub r13: u64,
    pub r12: u64,
    pub rbp: u64,
    pub rbx: u64,
    pub r11: u64,
    pub r10: u64,
    pub r9: u64,
    pub r8: u64,
    pub rax: u64,
    pub rcx: u64,
    pub rdx: u64,
    pub rsi: u64,
    pub rdi: u64,
    pub error_code: u32,
    pub vector: u32,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

/// What the hypervisor proper does on entries. Every function runs with interrupts off.
#[derive(Clone, Copy)]
pub struct Handlers {
    /// A vCPU trapped; its registers are in its block. Answers with the block to resume.
    pub guest: extern "C" fn(&'static VcpuBlock) -> &'static VcpuBlock,
    /// The vCPU's own return frame made `iretq` fault. Registers are as they would have been.
    pub iret_fault: extern "C" fn(&'static VcpuBlock) -> &'static VcpuBlock,
    /// An interrupt arrived while the hypervisor itself ran (idle or at a preemption point).
    pub interrupt: fn(vector: u8),
    /// NMI (2) or machine check (18), anywhere.
    pub urgent: fn(&HostFrame),
    /// The hypervisor itself faulted. Never returns.
    pub fatal: fn(&HostFrame) -> !,
}

static GUEST_TRAP: AtomicUsize = AtomicUsize::new(0);
static IRET_TRAP: AtomicUsize = AtomicUsize::new(0);
static HOST_TRAP: AtomicUsize = AtomicUsize::new(0);
static IST_TRAP: AtomicUsize = AtomicUsize::new(0);
static HANDLERS: spin::Once<Handlers> = spin::Once::new();

extern "C" fn host_trap(frame: &mut HostFrame) {
    if frame.vector >= 32 {
        if let Some(h) = HANDLERS.get() {
            (h.interrupt)(frame.vector as u8);
        }
    } else if let Some(rip) = guest::fixup(frame.rip) {
        frame.rip = rip;
    } else {
        fatal(frame);
    }
}

extern "C" fn ist_trap(frame: &mut HostFrame) {
    match (frame.vector, HANDLERS.get()) {
        (2 | 18, Some(h)) => (h.urgent)(frame),
        // A guest aimed a breakpoint at the system-call stub: it never sees the exception, nor do we stop for it.
        (1, _) => {}
        _ => fatal(frame),
    }
}

fn fatal(frame: &HostFrame) -> ! {
    match HANDLERS.get() {
        Some(h) => (h.fatal)(frame),
        None => crate::cpu::halt(),
    }
}

unsafe extern "C" {
    static vector_stubs: u8;
    fn syscall_common();
    fn enter_guest(block: &'static VcpuBlock) -> !;
}

pub(crate) fn syscall_entry() -> u64 {
    syscall_common as *const () as u64
}

/// The table, shared by all processors; read-only behind the CPU's back is enough.
static IDT: [AtomicU64; 512] = [const { AtomicU64::new(0) }; 512];

pub(crate) fn idt_base() -> u64 {
    IDT.as_ptr() as u64
}

/// Vectors that guest code may raise by itself: `int3`, `into`, `int 0x80` to its own kernel, `int 0x82`.
const SOFT: [usize; 4] = [3, 4, 0x80, 0x82];

/// Registers the handlers and loads a descriptor table that serves while boot code's GDT is in use, so that
/// a fault during boot is told and not a reset.
pub fn init(handlers: Handlers) {
    HANDLERS.call_once(|| handlers);
    GUEST_TRAP.store(handlers.guest as usize, Ordering::Relaxed);
    IRET_TRAP.store(handlers.iret_fault as usize, Ordering::Relaxed);
    HOST_TRAP.store(host_trap as *const () as usize, Ordering::Relaxed);
    IST_TRAP.store(ist_trap as *const () as usize, Ordering::Relaxed);
    let cs = CS::get_reg();
    if cs.0 != selector::HV_CS {
        fill(cs.0, false);
        let table = DescriptorTablePointer {
            limit: 4095,
            base: VirtAddr::new(idt_base()),
        };
        // SAFETY: the handlers are registered, and the entries name the code segment in use.
        unsafe { lidt(&table) };
    }
}

/// Fills the table for the hypervisor's own GDT and TSS.
pub(crate) fn fill_final() {
    fill(selector::HV_CS, true);
}

fn fill(cs: u16, own_stacks: bool) {
    let stubs = (&raw const vector_stubs) as u64;
    for vector in 0..256usize {
        let at = stubs + vector as u64 * 32;
        let ist: u8 = match vector {
            _ if !own_stacks => 0,
            1 => IST_DEBUG,
            2 => IST_NMI,
            8 => IST_DOUBLE_FAULT,
            18 => IST_MACHINE_CHECK,
            _ => 0,
        };
        let dpl = if SOFT.contains(&vector) { 3 } else { 0 };
        let low = at & 0xffff
            | u64::from(cs) << 16
            | u64::from(ist) << 32
            | (0x8e | dpl << 5) << 40
            | (at >> 16 & 0xffff) << 48;
        IDT[vector * 2].store(low, Ordering::Relaxed);
        IDT[vector * 2 + 1].store(at >> 32, Ordering::Relaxed);
    }
}

/// Enters a vCPU for the first time on this processor; entry code takes over the stack.
pub fn resume(block: &'static VcpuBlock) -> ! {
    // SAFETY: the block is the one that `percpu::set_current` made current, its registers were checked or
    // come from the processor; faults in the last instruction are handled by entry code.
    unsafe { enter_guest(block) }
}

/// CR2, the address of the last page fault.
#[inline]
pub fn read_cr2() -> u64 {
    let cr2;
    // SAFETY: reading CR2 has no effect.
    unsafe { asm!("mov {}, cr2", out(reg) cr2, options(nomem, nostack, preserves_flags)) };
    cr2
}

/// Follows saved frame pointers from `rbp` and gives return addresses. Stops at anything that doesn't look like
/// a frame on a hypervisor stack.
pub fn backtrace(mut rbp: u64, mut each: impl FnMut(u64)) {
    for _ in 0..48 {
        let on_stack = (layout::PERCPU..layout::PERCPU + (1 << 39)).contains(&rbp)
            || (layout::IMAGE..layout::IMAGE + 0x80_0000).contains(&rbp);
        if !on_stack || rbp & 7 != 0 {
            return;
        }
        let Some([next, ret]) = peek(rbp) else { return };
        if !(layout::IMAGE..layout::IMAGE + 0x80_0000).contains(&ret) {
            return;
        }
        each(ret);
        if next <= rbp {
            return;
        }
        rbp = next;
    }
}

/// Reads two words of hypervisor memory that may be unmapped.
pub fn peek(at: u64) -> Option<[u64; 2]> {
    let (a, b, ok): (u64, u64, u64);
    // SAFETY: a fault is caught by the exception table.
    unsafe {
        asm!(
            "2: mov {a}, [{at}]",
            "3: mov {b}, [{at} + 8]",
            "4:",
            ".pushsection .fixup_text, \"ax\"",
            "5: xor {ok:e}, {ok:e}",
            "jmp 4b",
            ".popsection",
            ".pushsection .ex_table, \"a\"",
            ".long 2b - ., 5b - .",
            ".long 3b - ., 5b - .",
            ".popsection",
            at = in(reg) at, a = out(reg) a, b = out(reg) b, ok = inout(reg) 1u64 => ok,
            options(nostack, readonly),
        );
    }
    (ok != 0).then_some([a, b])
}

/// The frame pointer of the caller.
#[inline(always)]
pub fn frame_pointer() -> u64 {
    let rbp;
    // SAFETY: reading rbp.
    unsafe { asm!("mov {}, rbp", out(reg) rbp, options(nomem, nostack, preserves_flags)) };
    rbp
}
