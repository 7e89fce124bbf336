//! Event delivery by the 2-level ABI: counts what comes in.

use super::cell::Global;
use super::hypercall::{call3, nr};
use super::mem::{bit_set, read64};
use super::shared::{self, offset};
use super::trap::{self, Frame};

const PORTS: usize = 256;

static COUNTS: [Global<u64>; PORTS] = [const { Global::new(0) }; PORTS];
static UPCALLS: Global<u64> = Global::new(0);
static LAST_TSC: Global<u64> = Global::new(0);
static LEAVE_USER: Global<bool> = Global::new(false);
static LAST_FRAME: Global<Frame> = Global::new(Frame::ZERO);
static SCAN: Global<bool> = Global::new(true);
/// The upcall mask as the handler found it.
static MASK_SEEN: Global<bool> = Global::new(false);

/// `struct callback_register`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CallbackRegister {
    pub kind: u16,
    pub flags: u16,
    pub address: u64,
}

pub const CALLBACKTYPE_EVENT: u16 = abi::callback::CALLBACKTYPE_EVENT;
pub const CALLBACKTYPE_FAILSAFE: u16 = abi::callback::CALLBACKTYPE_FAILSAFE;
pub const CALLBACKTYPE_SYSCALL: u16 = abi::callback::CALLBACKTYPE_SYSCALL;
pub const CALLBACKF_MASK_EVENTS: u16 = abi::callback::CALLBACKF_MASK_EVENTS;

/// `CALLBACKOP_register`.
pub fn register(kind: u16, flags: u16, address: u64) -> i64 {
    let arg = CallbackRegister {
        kind,
        flags,
        address,
    };
    call3(nr::CALLBACK_OP, 0, &raw const arg as u64, 0)
}

/// Registers the three callbacks that every kernel has.
pub fn install() -> i64 {
    let all = [
        register(CALLBACKTYPE_EVENT, 0, trap::event_entry()),
        register(
            CALLBACKTYPE_FAILSAFE,
            CALLBACKF_MASK_EVENTS,
            trap::failsafe_entry(),
        ),
        register(
            CALLBACKTYPE_SYSCALL,
            CALLBACKF_MASK_EVENTS,
            trap::syscall_entry(),
        ),
    ];
    all.into_iter().find(|&r| r != 0).unwrap_or(0)
}

/// Called by the trap handler.
pub fn upcall(f: &Frame) {
    UPCALLS.bump();
    LAST_TSC.set(super::time::tsc());
    LAST_FRAME.set(*f);
    MASK_SEEN.set(shared::upcall_mask());
    shared::clear_upcall_pending();
    if !SCAN.get() {
        return;
    }
    let mut sel = shared::take_pending_sel();
    while sel != 0 {
        let word = u64::from(sel.trailing_zeros());
        sel &= sel - 1;
        let base = shared::page();
        let mut ready =
            read64(base + offset::PENDING + word * 8) & !read64(base + offset::MASK + word * 8);
        while ready != 0 {
            let port = word * 64 + u64::from(ready.trailing_zeros());
            ready &= ready - 1;
            bit_set(base + offset::PENDING, port, false);
            if let Some(c) = COUNTS.get(port as usize) {
                c.bump();
            }
        }
    }
}

/// Whether the handler scans the 2-level bitmaps (not once the FIFO ABI is in use).
pub fn set_scan(on: bool) {
    SCAN.set(on);
}

/// Whether an event ends [`trap::run_user`].
pub fn set_leaves_user(on: bool) {
    LEAVE_USER.set(on);
}

pub fn leaves_user() -> bool {
    LEAVE_USER.get()
}

/// How often `port` was seen pending.
pub fn count(port: u32) -> u64 {
    COUNTS.get(port as usize).map_or(0, Global::get)
}

pub fn upcalls() -> u64 {
    UPCALLS.get()
}

/// The time-stamp counter at the last upcall.
pub fn last_tsc() -> u64 {
    LAST_TSC.get()
}

/// The frame of the last upcall.
pub fn last_frame() -> Frame {
    LAST_FRAME.get()
}

/// The upcall mask as the last upcall found it.
pub fn mask_in_upcall() -> bool {
    MASK_SEEN.get()
}

/// Masks or unmasks a port in the shared bitmap, without telling the hypervisor.
pub fn mask(port: u32, on: bool) {
    bit_set(shared::page() + offset::MASK, port.into(), on);
}

/// Lets events in; a pending one is delivered before this returns.
pub fn enable() {
    shared::set_upcall_mask(false);
    if shared::upcall_pending() {
        // Any hypercall returns through the delivery check.
        call3(nr::XEN_VERSION, 0, 0, 0);
    }
}

pub fn disable() {
    shared::set_upcall_mask(true);
}
