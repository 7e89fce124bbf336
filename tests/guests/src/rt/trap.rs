//! Exceptions, callbacks, and the way out of a test that went wrong.
//!
//! The hypervisor delivers traps by building a frame on the kernel stack: RCX, R11, an error code where the
//! processor has one, then RIP, CS, RFLAGS, RSP, SS. Each stub below turns that into a [`Frame`]; the return is
//! always the `iret` hypercall. In a frame from the guest's kernel the CS has privilege level 0, from its user
//! mode 3 (`arch-x86/xen-x86_64.h`), although both run in ring 3.
//!
//! [`catch`] runs a closure and reports the first fault as a value. It works by redirecting the interrupted
//! frame to a recovery point with the stack pointer of the time; closures given to it must own nothing that needs
//! dropping.

use super::cell::Global;
use super::hypercall::{call, nr};
use super::shared;
use crate::say;
use core::arch::global_asm;

/// Pseudo-vectors of the callbacks.
pub const EVENT: u64 = 256;
pub const SYSCALL: u64 = 257;
pub const NMI_CALLBACK: u64 = 259;
pub const SYSENTER: u64 = 260;
pub const SYSCALL32: u64 = 261;

pub const DE: u64 = 0;
pub const DB: u64 = 1;
pub const BP: u64 = 3;
pub const OF: u64 = 4;
pub const UD: u64 = 6;
pub const NM: u64 = 7;
pub const SS: u64 = 12;
pub const GP: u64 = 13;
pub const PF: u64 = 14;

pub const KERNEL_CS: u64 = 0xe030;
pub const USER_CS: u64 = 0xe033;
pub const USER_CS32: u64 = 0xe023;
pub const FLAT_SS: u64 = 0xe02b;

/// Registers at a trap, in the order of the stubs' pushes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Frame {
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
    pub vector: u64,
    pub error: u64,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

impl Frame {
    pub const ZERO: Self = Self {
        r15: 0,
        r14: 0,
        r13: 0,
        r12: 0,
        rbp: 0,
        rbx: 0,
        r11: 0,
        r10: 0,
        r9: 0,
        r8: 0,
        rax: 0,
        rcx: 0,
        rdx: 0,
        rsi: 0,
        rdi: 0,
        vector: 0,
        error: 0,
        rip: 0,
        cs: 0,
        rflags: 0,
        rsp: 0,
        ss: 0,
    };

    pub const fn is_from_user(&self) -> bool {
        self.cs & 3 == 3
    }
}

global_asm!(
    ".globl protected_call, enter_context, recovery_point, trap_stub_table, event_stub, syscall_stub",
    ".globl failsafe_stub, nmi_stub, sysenter_stub, syscall32_stub",
    ".macro STUB name, number, has_error",
    "\\name:",
    "    pop rcx",
    "    pop r11",
    "    .if \\has_error == 0",
    "    push 0",
    "    .endif",
    "    push \\number",
    "    jmp trap_common",
    ".endm",
    ".irp n, 0,1,2,3,4,5,6,7,9,15,16,18,19,20,22,23,24,25,26,27,28,31,128",
    "STUB trap_stub_\\n, \\n, 0",
    ".endr",
    ".irp n, 8,10,11,12,13,14,17,21,29,30",
    "STUB trap_stub_\\n, \\n, 1",
    ".endr",
    "STUB event_stub, 256, 0",
    "STUB syscall_stub, 257, 0",
    "STUB nmi_stub, 259, 0",
    "STUB sysenter_stub, 260, 0",
    "STUB syscall32_stub, 261, 0",
    // The failsafe frame has DS, ES, FS and GS between R11 and RIP. Pseudo-vector 258.
    "failsafe_stub:",
    "    pop rcx",
    "    pop r11",
    "    add rsp, 32",
    "    push 0",
    "    push 258",
    "trap_common:",
    "    push rdi",
    "    push rsi",
    "    push rdx",
    "    push rcx",
    "    push rax",
    "    push r8",
    "    push r9",
    "    push r10",
    "    push r11",
    "    push rbx",
    "    push rbp",
    "    push r12",
    "    push r13",
    "    push r14",
    "    push r15",
    "    cld",
    "    mov rdi, rsp",
    "    call {handler}",
    "trap_return:",
    "    pop r15",
    "    pop r14",
    "    pop r13",
    "    pop r12",
    "    pop rbp",
    "    pop rbx",
    "    pop r11",
    "    pop r10",
    "    pop r9",
    "    pop r8",
    "    pop rax",
    "    pop rcx",
    "    pop rdx",
    "    pop rsi",
    "    pop rdi",
    // vector and error become rcx and flags of struct iret_context
    "    mov [rsp], rcx",
    "    mov rcx, [rip + {flags}]",
    "    mov [rsp + 8], rcx",
    "    push r11",
    "    push rax",
    "    mov eax, 23",
    "    syscall",
    "    ud2",
    // protected_call(f, arg): 0 if f returned, 1 if a trap cut it short.
    "protected_call:",
    "    push rbp",
    "    push rbx",
    "    push r12",
    "    push r13",
    "    push r14",
    "    push r15",
    "    sub rsp, 8",
    "    mov [rip + {recover}], rsp",
    "    mov rax, rdi",
    "    mov rdi, rsi",
    "    call rax",
    "    xor eax, eax",
    "recovery_point:",
    "    add rsp, 8",
    "    pop r15",
    "    pop r14",
    "    pop r13",
    "    pop r12",
    "    pop rbx",
    "    pop rbp",
    "    ret",
    // enter_context(frame): leaves by iret; comes back through recovery_point.
    "enter_context:",
    "    push rbp",
    "    push rbx",
    "    push r12",
    "    push r13",
    "    push r14",
    "    push r15",
    "    sub rsp, 8",
    "    mov [rip + {recover}], rsp",
    "    sub rsp, {frame_size}",
    "    mov rsi, rdi",
    "    mov rdi, rsp",
    "    mov ecx, {frame_size} / 8",
    "    cld",
    "    rep movsq",
    "    jmp trap_return",
    ".pushsection .rodata.traps, \"a\", @progbits",
    ".balign 8",
    "trap_stub_table:",
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,128",
    "    .quad trap_stub_\\n",
    ".endr",
    ".popsection",
    handler = sym trap_entry,
    flags = sym IRET_FLAGS,
    recover = sym RECOVER_RSP,
    frame_size = const size_of::<Frame>(),
);

unsafe extern "C" {
    static trap_stub_table: [u64; 33];
    fn protected_call(f: extern "C" fn(*mut u8), arg: *mut u8) -> u64;
    fn enter_context(frame: *const Frame);
    fn recovery_point();
    fn event_stub();
    fn syscall_stub();
    fn failsafe_stub();
    fn nmi_stub();
    fn sysenter_stub();
    fn syscall32_stub();
}

/// `VGCF_*` flags of the next `iret` hypercalls.
pub static IRET_FLAGS: Global<u64> = Global::new(0);

/// The upcall mask as the last trap from user mode found it.
pub static LAST_ENTRY_MASK: Global<bool> = Global::new(false);

static RECOVER_RSP: Global<u64> = Global::new(0);
static FAULT: Global<Fault> = Global::new(Fault {
    vector: 0,
    error: 0,
    cr2: 0,
    rip: 0,
});
static USER_FRAME: Global<Frame> = Global::new(Frame::ZERO);
static USER_CR2: Global<u64> = Global::new(0);
static IN_USER: Global<bool> = Global::new(false);
/// A first look at kernel-mode traps.
type Hook = fn(&mut Frame) -> bool;

static HOOK: Global<Option<Hook>> = Global::new(None);

/// What a fault said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    pub vector: u64,
    pub error: u64,
    /// Only meaningful for #PF.
    pub cr2: u64,
    pub rip: u64,
}

impl Fault {
    /// Vector and error code in one number, for comparing: vector in bits 63..32.
    pub const fn code(self) -> u64 {
        self.vector << 32 | self.error
    }
}

/// An entry of the virtual IDT (`struct trap_info`, `arch-x86/xen.h`).
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct TrapInfo {
    pub vector: u8,
    /// Bits 1..0: the privilege level that may call it by `int`; bit 2: disable events.
    pub flags: u8,
    pub cs: u16,
    pub address: u64,
}

/// The stub's address for vector 0..=31 or 0x80.
pub fn stub(vector: u8) -> u64 {
    let index = if vector == 0x80 { 32 } else { vector as usize };
    // SAFETY: the table is constant data of 33 entries.
    unsafe { trap_stub_table[index] }
}

/// The stubs of the callbacks.
pub fn event_entry() -> u64 {
    event_stub as *const () as u64
}
pub fn syscall_entry() -> u64 {
    syscall_stub as *const () as u64
}
pub fn failsafe_entry() -> u64 {
    failsafe_stub as *const () as u64
}
pub fn nmi_entry() -> u64 {
    nmi_stub as *const () as u64
}
pub fn sysenter_entry() -> u64 {
    sysenter_stub as *const () as u64
}
pub fn syscall32_entry() -> u64 {
    syscall32_stub as *const () as u64
}

/// The usual virtual IDT: breakpoints, overflow and 0x80 for user mode, all without disabling events.
pub fn install() -> i64 {
    let mut table = [TrapInfo::default(); 34];
    for (i, t) in table[..33].iter_mut().enumerate() {
        let vector = if i == 32 { 0x80 } else { i as u8 };
        let dpl = if matches!(vector, 3 | 4 | 0x80) { 3 } else { 0 };
        *t = TrapInfo {
            vector,
            flags: dpl,
            cs: USER_CS as u16,
            address: stub(vector),
        };
    }
    call(nr::SET_TRAP_TABLE, [table.as_ptr() as u64, 0, 0, 0, 0, 0])
}

/// Replaces one vector's entry.
pub fn set_vector(vector: u8, flags: u8) -> i64 {
    let table = [
        TrapInfo {
            vector,
            flags,
            cs: USER_CS as u16,
            address: stub(vector),
        },
        TrapInfo::default(),
    ];
    call(nr::SET_TRAP_TABLE, [table.as_ptr() as u64, 0, 0, 0, 0, 0])
}

/// Looks at kernel-mode traps first; answers whether it has dealt with one.
pub fn set_hook(hook: Option<Hook>) {
    HOOK.set(hook);
}

/// Runs `f`; the first fault in it ends it.
pub fn catch<T: Copy, F: FnOnce() -> T>(f: F) -> Result<T, Fault> {
    struct Slot<T, F>(Option<F>, Option<T>);
    extern "C" fn run<T, F: FnOnce() -> T>(arg: *mut u8) {
        // SAFETY: `arg` is the slot below, which outlives the call and which nothing else touches meanwhile.
        let slot = unsafe { &mut *arg.cast::<Slot<T, F>>() };
        slot.1 = slot.0.take().map(|f| f());
    }
    let mut slot = Slot(Some(f), None);
    let outer = RECOVER_RSP.get();
    // SAFETY: `run` takes a pointer to exactly this slot; a cut call leaves nothing to be dropped (see above).
    let cut = unsafe { protected_call(run::<T, F>, (&raw mut slot).cast()) };
    RECOVER_RSP.set(outer);
    match slot.1 {
        Some(value) if cut == 0 => Ok(value),
        _ => Err(FAULT.get()),
    }
}

/// The fault of `f` as a number, 0 if it had none: vector in bits 63..32, error code below; see [`Fault::code`].
pub fn fault_code<T: Copy>(f: impl FnOnce() -> T) -> u64 {
    catch(f).map_or_else(Fault::code, |_| 0)
}

/// Runs a user-mode context until its first trap; returns the registers then, and CR2.
pub fn run_user(frame: &Frame) -> (Frame, u64) {
    let outer = RECOVER_RSP.get();
    IN_USER.set(true);
    // SAFETY: the trap that ends user mode comes back here with the callee's registers restored.
    unsafe { enter_context(frame) };
    RECOVER_RSP.set(outer);
    (USER_FRAME.get(), USER_CR2.get())
}

/// Sends an interrupted frame to the innermost recovery point.
fn redirect(f: &mut Frame) {
    f.rip = recovery_point as *const () as u64;
    f.cs = KERNEL_CS;
    f.ss = FLAT_SS;
    f.rsp = RECOVER_RSP.get();
    f.rax = 1;
    f.rflags &= !(1 << 8 | 1 << 10 | 1 << 18);
}

extern "C" fn trap_entry(f: &mut Frame) {
    let cr2 = shared::cr2();
    if f.vector == EVENT {
        super::event::upcall(f);
        if !(f.is_from_user() && super::event::leaves_user()) {
            return;
        }
    }
    if f.is_from_user() && IN_USER.get() {
        IN_USER.set(false);
        USER_FRAME.set(*f);
        USER_CR2.set(cr2);
        LAST_ENTRY_MASK.set(shared::upcall_mask());
        redirect(f);
        return;
    }
    if let Some(hook) = HOOK.get()
        && hook(f)
    {
        return;
    }
    if RECOVER_RSP.get() != 0 {
        IN_USER.set(false);
        FAULT.set(Fault {
            vector: f.vector,
            error: f.error,
            cr2,
            rip: f.rip,
        });
        redirect(f);
        return;
    }
    say!(
        "FAIL unexpected trap {} error {:#x} at {:#x}:{:#x} cr2 {:#x}",
        f.vector,
        f.error,
        f.cs,
        f.rip,
        cr2
    );
    crate::end::crash()
}
