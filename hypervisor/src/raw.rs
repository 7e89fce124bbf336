//! The binary's only unsafe code: its entry, its allocator, its panic hook.

use arch_x86::boot::{self, BootInfo};
use arch_x86::heap::XenHeap;

#[global_allocator]
pub static HEAP: XenHeap = XenHeap::new();

static INFO: spin::Once<BootInfo> = spin::Once::new();

/// What the boot loader said.
pub fn boot_info() -> &'static BootInfo {
    INFO.get().expect("boot information is collected first")
}

#[unsafe(no_mangle)]
extern "C" fn boot_rust(mbi: u32, load: u32) -> ! {
    arch_x86::cpu::detect();
    INFO.call_once(|| {
        let mut info = BootInfo::default();
        // SAFETY: boot code calls this function once, with these values.
        unsafe { boot::collect(mbi, load, &mut info) };
        info
    });
    crate::early()
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    crate::panic::on_panic(info)
}

/// Switches to the final page tables.
pub fn build_tables(load: u64) {
    // SAFETY: called once from `early`, with the address that boot code used.
    if unsafe { arch_x86::paging::init(&boot::MEMORY, load) }.is_err() {
        panic!("no memory below 4 GiB for page tables");
    }
}

/// Leaves the boot stack for good and goes on in `late`.
pub fn start_boot_cpu() -> ! {
    // SAFETY: tables, area and handlers are in place.
    unsafe { arch_x86::start_boot_cpu(crate::late) }
}

/// Opens a UART at the ports that the administrator named.
pub fn open_serial(config: &arch_defs::uart::UartConfig) -> Option<arch_x86::platform::serial::Serial> {
    // SAFETY: the administrator says that a UART is there; dom0 is denied these ports.
    unsafe { arch_x86::platform::serial::Serial::init(config) }.ok()
}

/// Opens a lock that whoever held it will never release.
pub fn force_unlock<T>(lock: &spin::Mutex<T>) {
    // SAFETY: only after a fault, when this processor is the only one that still runs and never goes back.
    unsafe { lock.force_unlock() }
}

/// The image's symbols and strings as GRUB loaded them.
pub fn symbol_tables() -> Option<(&'static [u8], &'static [u8])> {
    let ((symbols, symbols_len), (strings, strings_len)) = INFO.get()?.symtab?;
    // SAFETY: taken from the memory map when the boot information was read; never written.
    unsafe {
        Some((
            arch_x86::mem::ram_slice(units::MAddr::new(symbols), symbols_len as usize),
            arch_x86::mem::ram_slice(units::MAddr::new(strings), strings_len as usize),
        ))
    }
}
