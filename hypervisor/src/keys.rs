//! Debug keys: what a person at the serial line (or `xl debug-keys`) may ask.

use domain::machine::End;
use domain::pv::exceptions;
use domain::{Hypervisor, Machine};
use units::Clock;

use crate::hw::Hw;
use crate::{irq, traps};

/// Does what a key stands for.
pub fn press(hv: &Hypervisor<Hw>, key: u8) {
    match key {
        b'h' | b'?' => {
            log::info!("'h' pressed -> showing installed handlers");
            for (key, text) in KEYS {
                log::info!(" key '{key}' => {text}");
            }
        }
        b'q' => domains(hv),
        b'r' => {
            log::info!(
                "'r' pressed -> dumping run queues, now {:?}",
                hv.machine.now()
            );
            traps::describe_current();
            hv.describe_queue(|vcpu, state| log::info!("  {vcpu}: {state}"));
        }
        b'd' | b'0' => {
            log::info!("'{}' pressed -> dumping registers", key as char);
            for domain in hv.domains() {
                for vcpu in domain.vcpus().iter().filter(|v| v.is_initialised()) {
                    log::info!("{}{}:", domain.id, vcpu.id);
                    exceptions::dump(&hv.machine, vcpu);
                }
            }
        }
        b'm' => {
            let frames = hv.frames.lock();
            log::info!(
                "'m' pressed -> memory: {} pages managed, {} free, {} below 4 GiB",
                frames.managed(),
                frames.total_free(),
                frames.free_below(32)
            );
        }
        b'i' => {
            log::info!("'i' pressed -> interrupts");
            irq::dump();
        }
        b't' => {
            log::info!(
                "'t' pressed -> time: {:?}, TSC {} at {} Hz",
                hv.machine.now(),
                hv.machine.tsc(),
                hv.facts.clock.hz()
            );
        }
        b'R' => {
            log::info!("'R' pressed -> rebooting machine");
            hv.machine.end(End::Reboot);
        }
        key if key.is_ascii_graphic() => {
            log::info!("'{}' pressed -> no handler; 'h' lists them", key as char)
        }
        _ => {}
    }
}

const KEYS: &[(char, &str)] = &[
    ('0', "dump domain registers"),
    ('d', "dump registers"),
    ('h', "show this message"),
    ('i', "dump interrupt bindings"),
    ('m', "memory info"),
    ('q', "dump domain (and guest debug) info"),
    ('r', "dump run queues"),
    ('t', "display clock"),
    ('R', "reboot machine"),
];

fn domains(hv: &Hypervisor<Hw>) {
    log::info!(
        "'q' pressed -> dumping domain info (now = {:?})",
        hv.machine.now()
    );
    for domain in hv.domains() {
        let (pages, max) = {
            let pages = domain.pages.lock();
            (pages.total(), pages.max())
        };
        log::info!(
            "General information for domain {}: {:?} {:?} nr_pages={pages} max_pages={max}",
            domain.id.0,
            domain.state(),
            domain.io
        );
        for vcpu in domain.vcpus() {
            log::info!(
                "    {}: blocked {:#x} on {} cr3 {:#x}",
                vcpu.id,
                vcpu.blocked(),
                vcpu.cpu(),
                vcpu.block.cr3_kernel.get()
            );
        }
        let ports = domain.ports.lock();
        for port in ports.ports() {
            log::info!(
                "    port {}: {:?} vcpu {}",
                port.port,
                port.state,
                port.vcpu
            );
        }
    }
}
