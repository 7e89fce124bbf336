//! The ways a run ends.

use crate::rt::cell::Global;
use crate::rt::hypercall::{call3, nr};

const SCHEDOP_YIELD: u64 = abi::sched::SCHEDOP_YIELD as u64;
const SCHEDOP_SHUTDOWN: u64 = abi::sched::SCHEDOP_SHUTDOWN as u64;

const SHUTDOWN_POWEROFF: u32 = abi::sched::SHUTDOWN_POWEROFF;
const SHUTDOWN_REBOOT: u32 = abi::sched::SHUTDOWN_REBOOT;
const SHUTDOWN_CRASH: u32 = abi::sched::SHUTDOWN_CRASH;

/// What `end=` of the command line asked for.
static REASON: Global<u32> = Global::new(SHUTDOWN_POWEROFF);

/// Chooses the reason that [`finish`] gives.
pub fn choose(word: &str) {
    REASON.set(match word {
        "reboot" => SHUTDOWN_REBOOT,
        "crash" => SHUTDOWN_CRASH,
        _ => SHUTDOWN_POWEROFF,
    });
}

/// The reason that [`finish`] will give.
pub fn reason() -> u32 {
    REASON.get()
}

fn shutdown(reason: u32) -> ! {
    call3(nr::SCHED_OP, SCHEDOP_SHUTDOWN, &raw const reason as u64, 0);
    loop {
        call3(nr::SCHED_OP, SCHEDOP_YIELD, 0, 0);
    }
}

/// The orderly end.
pub fn finish() -> ! {
    shutdown(REASON.get())
}

/// The guest can't go on.
pub fn crash() -> ! {
    shutdown(SHUTDOWN_CRASH)
}
