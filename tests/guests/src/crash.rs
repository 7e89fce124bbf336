//! The ways a guest can bring itself down, for what watches guests: each ends the domain, none the machine.

use crate::end;
use crate::rt::hypercall::{call3, nr};
use crate::say;
use core::arch::asm;

/// An address that no guest of ours maps.
const NOWHERE: u64 = 0x1234_5678_9000;

/// Crashes in the way named; shuts down with that reason for any other name.
pub fn run(way: &str) -> ! {
    say!("crash: {way}");
    match way {
        "trap" => {
            // An exception without a handler.
            call3(nr::SET_TRAP_TABLE, 0, 0, 0);
            // SAFETY: the domain ends here.
            unsafe { asm!("ud2") };
        }
        // SAFETY: an exception without a stack to deliver it on; the domain ends here.
        "stack" => unsafe { asm!("mov rsp, {p}", "ud2", p = in(reg) NOWHERE) },
        // SAFETY: a return to a context that can't be read; the domain ends here.
        "iret" => unsafe { asm!("mov rsp, {p}", "mov eax, 23", "syscall", p = in(reg) NOWHERE) },
        _ => {}
    }
    end::crash()
}
