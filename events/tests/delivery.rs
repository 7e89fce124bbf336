//! No event is lost and none invented: random senders against guests that consume like Linux.

mod common;

use std::collections::BTreeMap;

use common::*;
use events::{Layout, Notify, Peer, PortState, PortTable, Received, Sent};
use proptest::prelude::*;
use units::{DomId, FrameAccess, Mfn, VcpuId};

const VCPUS: u32 = 3;
const DOMAIN: DomId = DomId(7);

#[derive(Clone, Debug)]
enum Op {
    OpenPair,
    OpenIpi(u32),
    OpenVirq(u32, u32),
    Close(usize),
    Send(usize),
    Virq(u32, u32),
    Mask(usize),
    Unmask(usize),
    Rebind(usize, u32),
    Priority(usize, u32),
    Run(u32, usize),
    MoveInfo(u32),
    AddPage,
}

fn op() -> impl Strategy<Value = Op> {
    let vcpu = || 0..VCPUS;
    let port = || 0usize..64;
    prop_oneof![
        2 => Just(Op::OpenPair),
        1 => vcpu().prop_map(Op::OpenIpi),
        1 => (0u32..24, vcpu()).prop_map(|(q, v)| Op::OpenVirq(q, v)),
        2 => port().prop_map(Op::Close),
        20 => port().prop_map(Op::Send),
        3 => (0u32..24, vcpu()).prop_map(|(q, v)| Op::Virq(q, v)),
        3 => port().prop_map(Op::Mask),
        6 => port().prop_map(Op::Unmask),
        3 => (port(), vcpu()).prop_map(|(p, v)| Op::Rebind(p, v)),
        3 => (port(), 0u32..16).prop_map(|(p, q)| Op::Priority(p, q)),
        20 => (vcpu(), 1usize..12).prop_map(|(v, n)| Op::Run(v, n)),
        1 => vcpu().prop_map(Op::MoveInfo),
        1 => Just(Op::AddPage),
    ]
}

/// The naive model of one port: who handles it and whether an event is owed.
#[derive(Clone, Copy, Default)]
struct Port {
    vcpu: u32,
    owed: bool,
}

struct World {
    ram: Ram,
    table: PortTable,
    abi: Abi,
    pages: u64,
    guests: Vec<Consumer>,
    ports: BTreeMap<u32, Port>,
    delivered: usize,
}

impl World {
    fn new(abi: Abi, before: u32) -> Self {
        let ram = Ram::new();
        let mut table = PortTable::new(DOMAIN, SHARED_INFO, Layout::Bits64, 16).unwrap();
        for _ in 0..VCPUS {
            table.add_vcpu().unwrap();
        }
        if abi == Abi::Fifo {
            enter_fifo(&mut table, &ram, VCPUS, 1);
        }
        // Moves the ports under test up to where event words and bitmap words change.
        for _ in 0..before {
            table.alloc_unbound(&ram, DomId(99)).unwrap();
        }
        Self {
            ram,
            table,
            abi,
            pages: 1,
            guests: (0..VCPUS).map(|v| Consumer::new(v, abi)).collect(),
            ports: BTreeMap::new(),
            delivered: 0,
        }
    }

    fn nth(&self, n: usize) -> Option<u32> {
        let count = self.ports.len();
        self.ports.keys().copied().nth(n.checked_rem(count)?)
    }

    fn has_word(&self, port: u32) -> bool {
        self.abi == Abi::TwoLevel || u64::from(port / 1024) < self.pages
    }

    fn upcalls(&self) -> Vec<bool> {
        let pending = |g: &Consumer| g.upcall_pending(&self.ram);
        self.guests.iter().map(pending).collect()
    }

    /// Runs `f`, which raises at most one event, and checks that its answer is what memory shows.
    fn raising(&mut self, f: impl FnOnce(&mut PortTable, &Ram) -> Notify) {
        let before = self.upcalls();
        let notify = f(&mut self.table, &self.ram);
        for (vcpu, (old, new)) in before.into_iter().zip(self.upcalls()).enumerate() {
            let told = notify.upcall == Some(VcpuId(vcpu as u32));
            assert_eq!(!old && new, told, "vcpu {vcpu}: {notify:?}");
            assert!(new || !old);
        }
        assert!(!notify.woken);
    }

    fn owe(&mut self, port: u32) {
        self.ports.get_mut(&port).unwrap().owed = true;
    }

    fn opened(&mut self, port: u32, vcpu: u32) {
        let owed = false;
        assert!(self.ports.insert(port, Port { vcpu, owed }).is_none());
    }

    fn apply(&mut self, op: &Op) {
        match *op {
            Op::OpenPair if self.ports.len() < 40 => {
                let a = self.table.alloc_unbound(&self.ram, DOMAIN).unwrap();
                self.opened(a, 0);
                let mut b = 0;
                self.raising(|t, ram| {
                    let (port, notify) = t.bind_loopback(ram, a).unwrap();
                    b = port;
                    notify
                });
                self.opened(b, 0);
                self.owe(b);
            }
            Op::OpenIpi(vcpu) if self.ports.len() < 40 => {
                let port = self.table.bind_ipi(&self.ram, VcpuId(vcpu)).unwrap();
                self.opened(port, vcpu);
            }
            Op::OpenVirq(virq, vcpu) if self.ports.len() < 40 => {
                if let Ok(port) = self.table.bind_virq(&self.ram, virq, VcpuId(vcpu)) {
                    self.opened(port, vcpu);
                }
            }
            Op::Close(n) => {
                let Some(port) = self.nth(n) else { return };
                self.table.close(&self.ram, port, Peer::None).unwrap();
                self.ports.remove(&port);
            }
            Op::Send(n) => {
                let Some(port) = self.nth(n) else { return };
                let target = match self.table.status(port).unwrap().state {
                    PortState::Interdomain { port, .. } => port,
                    PortState::Ipi => port,
                    PortState::Unbound { .. } => 0,
                    _ => return assert!(self.table.send(&self.ram, port).is_err()),
                };
                self.raising(|t, ram| match t.send(ram, port).unwrap() {
                    Sent::Here(Received::Guest(notify)) => notify,
                    other => panic!("{other:?}"),
                });
                if target != 0 {
                    self.owe(target);
                }
            }
            Op::Virq(virq, vcpu) => {
                let port = self.table.virq_port(virq, VcpuId(vcpu));
                self.raising(|t, ram| t.raise_virq(ram, virq, VcpuId(vcpu)));
                if let Some(port) = port {
                    self.owe(port);
                }
            }
            Op::Mask(n) => {
                let port = self.nth(n).filter(|p| self.has_word(*p));
                if let Some(port) = port {
                    mask(&self.ram, self.abi, port);
                }
            }
            Op::Unmask(n) => {
                let port = self.nth(n).filter(|p| self.has_word(*p));
                if let Some(port) = port {
                    self.unmask(port);
                }
            }
            Op::Rebind(n, vcpu) => {
                let Some(port) = self.nth(n).filter(|p| self.has_word(*p)) else {
                    return;
                };
                let masked = is_masked(&self.ram, self.abi, port);
                mask(&self.ram, self.abi, port);
                if self.table.bind_vcpu(port, VcpuId(vcpu)).is_ok() {
                    self.ports.get_mut(&port).unwrap().vcpu = vcpu;
                }
                if !masked {
                    self.unmask(port);
                }
            }
            Op::Priority(n, priority) => {
                let Some(port) = self.nth(n) else { return };
                let answer = self.table.set_priority(port, priority);
                assert_eq!(answer.is_ok(), self.abi == Abi::Fifo);
            }
            Op::Run(vcpu, steps) => {
                for _ in 0..steps {
                    self.step(vcpu as usize);
                }
            }
            Op::MoveInfo(vcpu) => {
                let (frame, offset) = (Mfn::new(INFO), 64 * (vcpu + 5));
                let (id, guest) = (VcpuId(vcpu), &mut self.guests[vcpu as usize]);
                let old = guest.info;
                let moved = self.table.register_vcpu_info(&self.ram, id, frame, offset);
                if old.0 == frame {
                    return assert_eq!(moved, Err(events::Error::VcpuInfoSet));
                }
                assert_eq!(moved.unwrap().upcall, Some(id));
                guest.info = (frame, offset as usize);
                // Nobody looks at the old place any more.
                self.ram.zero_range(old);
            }
            Op::AddPage if self.abi == Abi::Fifo && self.pages < 2 => {
                let page = ARRAY + self.pages;
                init_array_page(&self.ram, page);
                let mut raised = 0;
                self.table
                    .expand_array(&self.ram, Mfn::new(page), |_| raised += 1)
                    .unwrap();
                let new = |(port, model): (&u32, &Port)| {
                    u64::from(port / 1024) == self.pages && model.owed
                };
                assert_eq!(raised, self.ports.iter().filter(|e| new(*e)).count());
                self.pages += 1;
            }
            _ => {}
        }
    }

    fn unmask(&mut self, port: u32) {
        if unmask_locally(&self.ram, self.abi, port) {
            self.raising(|t, ram| t.unmask(ram, port).unwrap().notify);
        }
    }

    fn step(&mut self, vcpu: usize) -> bool {
        let ports = &self.ports;
        let bound = |port| ports.get(&port).is_some_and(|p| p.vcpu == vcpu as u32);
        match self.guests[vcpu].step(&self.ram, bound) {
            Step::Idle => false,
            Step::Working => true,
            Step::Event(port) => {
                let model = self.ports.get_mut(&port).expect("event of a closed port");
                assert!(model.owed, "invented event on port {port}");
                model.owed = false;
                self.delivered += 1;
                true
            }
        }
    }

    /// Lets all guests run until they sleep: then nothing unmasked may be left.
    fn settle(&mut self) {
        for vcpu in 0..self.guests.len() {
            let mut steps = 0;
            while self.step(vcpu) {
                steps += 1;
                assert!(steps < 100_000, "endless work");
            }
        }
        for (port, model) in &self.ports {
            let deaf = !self.has_word(*port) || is_masked(&self.ram, self.abi, *port);
            assert!(!model.owed || deaf, "lost event on port {port}");
            let unmade = is_pending(&self.ram, self.abi, *port) && !model.owed;
            assert!(!unmade, "pending but not owed: {port}");
        }
    }
}

trait ZeroRange {
    fn zero_range(&self, info: (Mfn, usize));
}

impl ZeroRange for Ram {
    fn zero_range(&self, (frame, offset): (Mfn, usize)) {
        self.write_bytes(frame, offset, &[0; 64]);
    }
}

fn run(abi: Abi, before: u32, ops: &[Op]) -> usize {
    let mut world = World::new(abi, before);
    for (i, op) in ops.iter().enumerate() {
        world.apply(op);
        if i % 64 == 63 {
            world.settle();
        }
    }
    // Unmask all: then whatever is owed must come.
    for port in world.ports.keys().copied().collect::<Vec<_>>() {
        if world.has_word(port) {
            world.unmask(port);
        }
    }
    world.settle();
    world.delivered
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 100..900)
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn two_level_loses_and_invents_nothing(ops in ops(), before in prop_oneof![Just(0u32), Just(50)]) {
        run(Abi::TwoLevel, before, &ops);
    }

    #[test]
    fn fifo_loses_and_invents_nothing(ops in ops(), before in prop_oneof![Just(0u32), Just(1015u32)]) {
        run(Abi::Fifo, before, &ops);
    }
}

#[test]
fn the_tests_deliver_something() {
    let mut script = vec![
        Op::OpenPair,
        Op::OpenPair,
        Op::OpenIpi(2),
        Op::OpenVirq(0, 1),
    ];
    script.extend((0..8).map(Op::Unmask));
    for n in 0..200 {
        script.push(Op::Send(n % 6));
        script.push(Op::Virq(0, 1));
        script.push(Op::Run(n as u32 % VCPUS, 9));
    }
    for abi in [Abi::TwoLevel, Abi::Fifo] {
        let delivered = run(abi, 0, &script);
        assert!(delivered > 100, "{abi:?}: {delivered}");
    }
}
