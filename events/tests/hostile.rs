//! A guest that writes anything anywhere at any time: no panic, bounded work, and neighbours unharmed.

mod common;

use common::*;
use events::{Layout, Peer, PortTable};
use proptest::prelude::*;
use units::{DomId, Mfn, VcpuId};

const VCPUS: u32 = 4;

#[derive(Clone, Debug)]
enum Op {
    Scribble(u64, usize, u64),
    Word(u32, u32),
    Send(u32),
    SetPending(u32),
    Virq(u32, u32),
    Unmask(u32),
    Close(u32),
    Bind(u32),
    BindVcpu(u32, u32),
    Priority(u32, u32),
    Control(u32, u64, u32),
    Array(u64),
    Info(u32, u64, u32),
    Poll(u32, Vec<u32>),
    Layout(bool),
    Leave,
}

fn op() -> impl Strategy<Value = Op> {
    let port = || prop_oneof![4 => 0u32..24, 1 => any::<u32>()];
    let vcpu = || 0u32..VCPUS + 1;
    // Frames of every use, and some that are none.
    let frame = || prop_oneof![Just(0u64), 10u64..14, 20u64..22, 30u64..33, any::<u64>()];
    let offset = || prop_oneof![(0u32..600).prop_map(|w| w * 8), any::<u32>()];
    let flags = prop_oneof![
        any::<u32>(),
        (0u32..16).prop_map(|f| f << 28),
        (0u32..24).prop_map(|p| p | LINKED)
    ];
    prop_oneof![
        4 => (frame(), 0usize..512, any::<u64>()).prop_map(|(f, i, v)| Op::Scribble(f, i, v)),
        8 => (0u32..24, flags).prop_map(|(p, w)| Op::Word(p, w)),
        8 => port().prop_map(Op::Send),
        8 => port().prop_map(Op::SetPending),
        2 => (0u32..30, vcpu()).prop_map(|(q, v)| Op::Virq(q, v)),
        6 => port().prop_map(Op::Unmask),
        2 => port().prop_map(Op::Close),
        6 => vcpu().prop_map(Op::Bind),
        3 => (port(), vcpu()).prop_map(|(p, v)| Op::BindVcpu(p, v)),
        3 => (port(), any::<u32>()).prop_map(|(p, q)| Op::Priority(p, q % 32)),
        2 => (vcpu(), frame(), offset()).prop_map(|(v, f, o)| Op::Control(v, f, o)),
        1 => frame().prop_map(Op::Array),
        1 => (vcpu(), frame(), offset()).prop_map(|(v, f, o)| Op::Info(v, f, o)),
        2 => (vcpu(), prop::collection::vec(port(), 0..5)).prop_map(|(v, p)| Op::Poll(v, p)),
        1 => any::<bool>().prop_map(Op::Layout),
        1 => Just(Op::Leave),
    ]
}

/// Atomic accesses that any one operation may make: the retries of one link, and a poll's ports.
const WORK: usize = 200;

fn attack(ops: &[Op]) {
    let ram = Ram::new();
    let mut table = PortTable::new(DomId(1), SHARED_INFO, Layout::Bits64, 8).unwrap();
    for _ in 0..VCPUS {
        table.add_vcpu().unwrap();
    }
    let mut pages = 0;
    for op in ops {
        let before = ram.accesses.load(std::sync::atomic::Ordering::SeqCst);
        let mut allowed = WORK;
        match op {
            Op::Scribble(frame, index, value) => {
                ram.scribble(*frame as usize % FRAMES * 512 + index, *value)
            }
            Op::Word(port, bits) => {
                let word = event_word(&ram, *port);
                word.clear(u32::MAX);
                word.set(*bits);
            }
            Op::Send(port) => drop(table.send(&ram, *port)),
            Op::SetPending(port) => {
                let _ = table.set_pending(&ram, *port);
            }
            Op::Virq(virq, vcpu) => {
                allowed += 1024 * pages;
                let _ = table.bind_virq(&ram, *virq, VcpuId(*vcpu));
                let _ = table.raise_virq(&ram, *virq, VcpuId(*vcpu));
            }
            Op::Unmask(port) => drop(table.unmask(&ram, *port)),
            Op::Close(port) => drop(table.close(&ram, *port, Peer::Gone)),
            Op::Bind(vcpu) => {
                // Looking for a port that isn't linked costs an access each.
                allowed += 3 * 1024 * pages;
                let _ = table.bind_ipi(&ram, VcpuId(*vcpu));
                if let Ok(port) = table.alloc_unbound(&ram, DomId(1)) {
                    let _ = table.bind_loopback(&ram, port);
                }
            }
            Op::BindVcpu(port, vcpu) => drop(table.bind_vcpu(*port, VcpuId(*vcpu))),
            Op::Priority(port, priority) => drop(table.set_priority(*port, *priority)),
            Op::Control(vcpu, frame, offset) => {
                allowed += 4096;
                let _ = table.init_control(&ram, VcpuId(*vcpu), Mfn::new(*frame), *offset);
            }
            Op::Array(frame) => {
                allowed += 1024 * 80;
                let added = table.expand_array(&ram, Mfn::new(*frame), |_| {});
                pages += usize::from(added.is_ok());
            }
            Op::Info(vcpu, frame, offset) => {
                let _ = table.register_vcpu_info(&ram, VcpuId(*vcpu), Mfn::new(*frame), *offset);
            }
            Op::Poll(vcpu, ports) => {
                let _ = table.poll(&ram, VcpuId(*vcpu), ports);
                while table.take_woken().is_some() {}
            }
            Op::Layout(wide) => table.set_layout(match wide {
                true => Layout::Bits64,
                false => Layout::Bits32,
            }),
            Op::Leave => table.leave_fifo(|_| {}),
        }
        let work = ram.accesses.load(std::sync::atomic::Ordering::SeqCst) - before;
        assert!(work <= allowed, "{op:?}: {work} accesses");
    }
    // Whatever happened, a domain that starts over has working events.
    let mut port = 0;
    while let Some(next) = table.next_open(port, true) {
        table.close_any(&ram, next, Peer::Gone).unwrap();
        port = next;
    }
    table.leave_fifo(|_| {});
    table.forget_vcpu_infos(|_| {});
    table.set_layout(Layout::Bits64);
    (0..FRAMES * 512).for_each(|i| ram.scribble(i, 0));
    let port = table.bind_ipi(&ram, VcpuId(1)).unwrap();
    assert_eq!(port, 1);
    assert_eq!(table.set_pending(&ram, port).upcall, Some(VcpuId(1)));
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn corruption_costs_only_the_guest(ops in prop::collection::vec(op(), 1..400)) {
        attack(&ops);
    }
}

/// A guest thread that hammers the tail's word must not hold a sender up for long.
#[test]
fn a_hammered_tail_does_not_stall() {
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    let ram = Ram::new();
    let mut table = PortTable::new(DomId(1), SHARED_INFO, Layout::Bits64, 0).unwrap();
    table.add_vcpu().unwrap();
    enter_fifo(&mut table, &ram, 1, 1);
    let ports: Vec<u32> = (0..8)
        .map(|_| table.bind_ipi(&ram, VcpuId(0)).unwrap())
        .collect();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0u32;
            while !done.load(SeqCst) {
                for port in 0..10 {
                    n = n.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
                    event_word(&ram, port)
                        .0
                        .store(u64::from(n) << 32 | u64::from(!n), SeqCst);
                }
            }
        });
        for n in 0..100_000 {
            let _ = table.set_pending(&ram, ports[n % ports.len()]);
        }
        done.store(true, SeqCst);
    });
}
