//! A tiny 64-bit PV kernel that checks the Xen PV interface from inside and reports on the console.
//!
//! Words of the command line choose what it does: `hello`, `spin`, `crash`, `bench`, or by default the tests;
//! `test=start+traps` limits them to topics that begin so, and `end=reboot` or `end=crash` changes the reason of
//! the final shutdown, which is otherwise poweroff.
#![no_std]
#![no_main]

mod end;
mod rt;
mod tests;

use core::panic::PanicInfo;
use rt::check;
use rt::start_info::StartInfo;

extern "C" fn main(info: &'static StartInfo) -> ! {
    let magic = core::str::from_utf8(&info.magic)
        .unwrap_or("?")
        .trim_end_matches('\0');
    say!(
        "hello from a PV guest: {magic}, {} pages, flags {:#x}",
        info.nr_pages,
        info.flags
    );
    let line = info.command_line();
    say!("command line: {line}");
    rt::init(info);
    let mut mode = "test";
    let mut topics = "";
    for word in line.split_ascii_whitespace() {
        match word.split_once('=') {
            Some(("test", list)) => topics = list,
            Some(("end", reason)) => end::choose(reason),
            None => mode = word,
            Some(_) => {}
        }
    }
    match mode {
        "hello" => check::is("hello", true),
        "spin" => loop {
            core::hint::spin_loop();
        },
        "crash" => end::crash(),
        _ => tests::run(topics),
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
