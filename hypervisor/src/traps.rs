//! Entries into the hypervisor, sorted.

use arch_defs::vcpu::VcpuBlock;
use arch_x86::traps::{self, Handlers, HostFrame};

/// Registers the handlers.
pub fn init() {
    traps::init(Handlers { guest, iret_fault: guest, interrupt, urgent, fatal: crate::panic::on_fault });
}

extern "C" fn guest(block: &'static VcpuBlock) -> &'static VcpuBlock {
    block
}

fn interrupt(_vector: u8) {}

fn urgent(frame: &HostFrame) {
    log::warn!("NMI or machine check, vector {}", frame.vector);
}
