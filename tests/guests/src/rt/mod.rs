//! The runtime: what a kernel needs before it can ask questions.

pub mod boot;
pub mod cell;
pub mod check;
pub mod console;
pub mod event;
pub mod hypercall;
pub mod mem;
pub mod paging;
pub mod shared;
pub mod time;
pub mod trap;
pub mod user;

use abi::xen::{SIF_INITDOMAIN, StartInfo};
use boot::STACK_SIZE;
use cell::Global;
use hypercall::{call3, nr};

#[repr(C, align(4096))]
struct Stack([u8; STACK_SIZE]);

/// Where user-mode traps land.
static TRAP_STACK: Global<Stack> = Global::new(Stack([0; STACK_SIZE]));
static INFO: Global<u64> = Global::new(0);
static UPCALL_MASK_AT_START: Global<bool> = Global::new(false);

/// The top of the kernel stack for traps from user mode.
pub fn trap_stack() -> u64 {
    TRAP_STACK.addr() as u64 + STACK_SIZE as u64
}

/// Makes the kernel able to take traps and events.
pub fn init(info: &'static StartInfo) {
    INFO.set(&raw const *info as u64);
    paging::init(info);
    console::init(info);
    let shared = shared::map(info.shared_info);
    UPCALL_MASK_AT_START.set(shared::upcall_mask());
    let traps = trap::install();
    let callbacks = event::install();
    let stack = call3(nr::STACK_SWITCH, trap::FLAT_SS, trap_stack(), 0);
    assert!(
        shared == 0 && traps == 0 && callbacks == 0 && stack == 0,
        "{shared} {traps} {callbacks} {stack}"
    );
    for port in 0..4096 {
        mem::bit_set(shared::page() + shared::offset::MASK, port, true);
    }
    event::enable();
}

/// The start-of-day structure.
pub fn info() -> &'static StartInfo {
    // SAFETY: the address that the domain builder passed; nobody writes to the page again.
    unsafe { &*(INFO.get() as *const StartInfo) }
}

/// Whether this is the initial domain, with its privileges.
pub fn is_dom0() -> bool {
    info().flags & SIF_INITDOMAIN != 0
}

pub fn upcall_mask_at_start() -> bool {
    UPCALL_MASK_AT_START.get()
}
