//! A tiny 64-bit PV kernel that checks the Xen PV interface from inside and reports on the console.
//!
//! Words of the command line choose what it does: `hello`, `spin` (never ends, uses its processor), `idle` (never
//! ends, blocks), `bench`, `crash=trap`, `crash=stack`, `crash=iret` or `crash=shutdown`, or by default the tests.
//! `test=start+traps` limits them to topics that begin so, `skip=grants` leaves such topics out, and `end=reboot` or `end=crash` changes the reason of
//! the final shutdown, which is otherwise poweroff.
//!
//! Every answer that the tests expect is what Debian's Xen 4.17 gives; `oracle-4.17.txt` beside this crate is the
//! output there, and says how it was made. Numbers come from the `abi` crate. Argument blocks are laid out here
//! once more, from the headers, so that a wrong layout in `abi` can't agree with itself.
#![no_std]
#![no_main]

mod bench;
mod crash;
mod end;
mod rt;
mod tests;

use abi::sched::SCHEDOP_BLOCK;
use abi::xen::StartInfo;
use core::panic::PanicInfo;
use rt::check;
use rt::hypercall::{call3, nr};

/// The command line up to its NUL.
fn command_line(info: &StartInfo) -> &str {
    let end = info
        .cmd_line
        .iter()
        .position(|&b| b == 0)
        .unwrap_or(info.cmd_line.len());
    core::str::from_utf8(&info.cmd_line[..end]).unwrap_or("")
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
    let line = command_line(info);
    say!("command line: {line}");
    rt::init(info);
    let mut mode = "test";
    let mut topics = "";
    let mut skipped = "";
    for word in line.split_ascii_whitespace() {
        match word.split_once('=') {
            Some(("test", list)) => topics = list,
            Some(("skip", list)) => skipped = list,
            Some(("end", reason)) => end::choose(reason),
            Some(("crash", way)) => crash::run(way),
            None => mode = word,
            Some(_) => {}
        }
    }
    match mode {
        "hello" => check::is("hello", true),
        "spin" => loop {
            core::hint::spin_loop();
        },
        "idle" => loop {
            call3(nr::SCHED_OP, SCHEDOP_BLOCK.into(), 0, 0);
        },
        "bench" => {
            bench::run();
            check::is("bench", true);
        }
        _ => tests::run(topics, skipped),
    }
    let (passed, failed) = check::counts();
    say!("{passed} passed, {failed} failed");
    end::finish()
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    say!("PANIC {info}");
    end::crash()
}
