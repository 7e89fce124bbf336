//! Last words.

use core::sync::atomic::{AtomicU32, Ordering};

use arch_x86::traps::{self, HostFrame};

use crate::console;
use crate::symbols::Symbol;

static DEPTH: AtomicU32 = AtomicU32::new(0);

fn begin() {
    if DEPTH.fetch_add(1, Ordering::SeqCst) > 2 {
        arch_x86::cpu::halt();
    }
    console::bust_lock();
    if log::max_level() == log::LevelFilter::Off {
        // Nothing has been opened yet, or the administrator wanted silence, which ends here.
        console::init("");
    }
}

fn backtrace(from: u64) {
    log::error!("Backtrace:");
    traps::backtrace(from, |ret| log::error!("  [{}]", Symbol(ret)));
}

/// The Rust panic hook.
pub fn on_panic(info: &core::panic::PanicInfo<'_>) -> ! {
    begin();
    log::error!("****************************************");
    log::error!("Panic: {}", info.message());
    if let Some(at) = info.location() {
        log::error!("at {at}");
    }
    backtrace(traps::frame_pointer());
    finish()
}

/// A fault in the hypervisor itself.
pub fn on_fault(frame: &HostFrame) -> ! {
    begin();
    log::error!("****************************************");
    log::error!(
        "Hypervisor fault: vector {} error code {:#x}",
        frame.vector,
        frame.error_code
    );
    log::error!("rip [{}]", Symbol(frame.rip));
    log::error!(
        "cs {:#06x} rflags {:016x} rsp {:016x} ss {:#06x}",
        frame.cs,
        frame.rflags,
        frame.rsp,
        frame.ss
    );
    log::error!(
        "rax {:016x} rbx {:016x} rcx {:016x} rdx {:016x}",
        frame.rax,
        frame.rbx,
        frame.rcx,
        frame.rdx
    );
    log::error!(
        "rsi {:016x} rdi {:016x} rbp {:016x} r8  {:016x}",
        frame.rsi,
        frame.rdi,
        frame.rbp,
        frame.r8
    );
    log::error!(
        "r9  {:016x} r10 {:016x} r11 {:016x} r12 {:016x}",
        frame.r9,
        frame.r10,
        frame.r11,
        frame.r12
    );
    log::error!(
        "r13 {:016x} r14 {:016x} r15 {:016x} cr2 {:016x}",
        frame.r13,
        frame.r14,
        frame.r15,
        traps::read_cr2()
    );
    log::error!("cr3 {:016x}", arch_x86::paging::read_cr3());
    backtrace(frame.rbp);
    finish()
}

/// A machine check: nothing that the processor holds can be trusted.
pub fn on_machine_check(frame: &HostFrame) -> ! {
    begin();
    log::error!("Machine check at [{}]", Symbol(frame.rip));
    finish()
}

fn finish() -> ! {
    log::error!("Stopped.");
    arch_x86::cpu::halt()
}
