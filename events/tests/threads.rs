//! Real concurrency: senders on their own threads against a guest that never stops consuming.

mod common;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use common::*;
use events::{Layout, PortTable};
use units::{DomId, VcpuId};

const PORTS: u32 = 5;
const SENDS: u64 = 500_000;

/// Each sender counts up a word and then sends; the handler must in the end have seen the last count.
fn storm(abi: Abi) {
    let ram = Ram::new();
    let mut table = PortTable::new(DomId(1), SHARED_INFO, Layout::Bits64, 0).unwrap();
    table.add_vcpu().unwrap();
    if abi == Abi::Fifo {
        enter_fifo(&mut table, &ram, 1, 1);
    }
    for expected in 1..=PORTS {
        assert_eq!(table.bind_ipi(&ram, VcpuId(0)), Ok(expected));
        if unmask_locally(&ram, abi, expected) {
            let _ = table.unmask(&ram, expected).unwrap();
        }
    }
    let table = Mutex::new(table);
    let counts: Vec<AtomicU64> = (0..=PORTS).map(|_| AtomicU64::new(0)).collect();
    let seen: Vec<AtomicU64> = (0..=PORTS).map(|_| AtomicU64::new(0)).collect();
    let (done, handled) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let guest = scope.spawn(|| {
            let mut vcpu = Consumer::new(0, abi);
            loop {
                let finishing = done.load(SeqCst);
                match vcpu.step(&ram, |_| true) {
                    Step::Working => {}
                    // Nothing after everything has been sent: the end.
                    Step::Idle if finishing => break,
                    Step::Idle => std::thread::yield_now(),
                    Step::Event(port) => {
                        let n = handled.fetch_add(1, SeqCst);
                        let now = counts[port as usize].load(SeqCst);
                        seen[port as usize].store(now, SeqCst);
                        // Sometimes as a late-EOI handler: masked for a while.
                        if n % 3 == 0 {
                            mask(&ram, abi, port);
                            std::hint::spin_loop();
                            if unmask_locally(&ram, abi, port) {
                                let _ = table.lock().unwrap().unmask(&ram, port).unwrap();
                            }
                        }
                    }
                }
            }
        });
        let senders: Vec<_> = (1..=PORTS)
            .map(|port| {
                let (table, ram, counts) = (&table, &ram, &counts);
                scope.spawn(move || {
                    for n in 1..=SENDS / u64::from(PORTS) {
                        counts[port as usize].store(n, SeqCst);
                        let sent = table.lock().unwrap().send(ram, port);
                        let _ = sent.unwrap();
                    }
                })
            })
            .collect();
        senders.into_iter().for_each(|s| s.join().unwrap());
        done.store(true, SeqCst);
        guest.join().unwrap();
    });
    for port in 1..=PORTS as usize {
        assert_eq!(
            counts[port].load(SeqCst),
            seen[port].load(SeqCst),
            "{abi:?} port {port}"
        );
    }
    assert!(handled.load(SeqCst) > 0);
}

#[test]
fn two_level_under_fire() {
    storm(Abi::TwoLevel);
}

#[test]
fn fifo_under_fire() {
    storm(Abi::Fifo);
}
