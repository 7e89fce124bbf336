//! The port tables of two domains against a naive model: same answers, same state, and a refused
//! operation changes neither the tables nor memory.

mod common;

use std::rc::Rc;

use abi::Errno;
use common::*;
use events::{
    Closed, Consumer as Owner, Error, Layout, Notify, Peer, PortInfo, PortState, PortTable,
    Received, Sent, bind_interdomain,
};
use proptest::prelude::*;
use units::{DomId, FrameAccess, Mfn, VcpuId};

const VCPUS: [u32; 2] = [3, 2];
const PIRQS: u32 = 6;
/// Low, so that running out of ports is common.
const LIMIT: u32 = 12;

#[derive(Clone, Debug)]
enum Op {
    Unbound(usize, usize),
    Consumer(usize, u32, usize),
    Interdomain(usize, usize, u32),
    Virq(usize, u32, u32),
    Ipi(usize, u32),
    Pirq(usize, u32, bool),
    Vcpu(usize, u32, u32),
    Close(usize, u32, bool),
    CloseUnlocked(usize, u32),
    Send(usize, u32),
    Priority(usize, u32, u32),
    Unmask(usize, u32),
    RaisePirq(usize, u32),
    Limit(usize, u32),
}

fn op() -> impl Strategy<Value = Op> {
    let d = || 0usize..2;
    let port = || 0u32..LIMIT + 2;
    let vcpu = || 0u32..4;
    prop_oneof![
        6 => (d(), d()).prop_map(|(a, b)| Op::Unbound(a, b)),
        1 => (d(), vcpu(), d()).prop_map(|(a, v, b)| Op::Consumer(a, v, b)),
        8 => (d(), d(), port()).prop_map(|(a, b, p)| Op::Interdomain(a, b, p)),
        3 => (d(), 0u32..26, vcpu()).prop_map(|(a, q, v)| Op::Virq(a, q, v)),
        2 => (d(), vcpu()).prop_map(|(a, v)| Op::Ipi(a, v)),
        3 => (d(), 0u32..PIRQS + 2, any::<bool>()).prop_map(|(a, p, r)| Op::Pirq(a, p, r)),
        4 => (d(), port(), vcpu()).prop_map(|(a, p, v)| Op::Vcpu(a, p, v)),
        12 => (d(), port(), any::<bool>()).prop_map(|(a, p, g)| Op::Close(a, p, g)),
        2 => (d(), port()).prop_map(|(a, p)| Op::CloseUnlocked(a, p)),
        6 => (d(), port()).prop_map(|(a, p)| Op::Send(a, p)),
        2 => (d(), port(), 0u32..18).prop_map(|(a, p, q)| Op::Priority(a, p, q)),
        2 => (d(), port()).prop_map(|(a, p)| Op::Unmask(a, p)),
        2 => (d(), 0u32..PIRQS + 2).prop_map(|(a, p)| Op::RaisePirq(a, p)),
        1 => (d(), 4u32..LIMIT).prop_map(|(a, l)| Op::Limit(a, l)),
    ]
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Port {
    state: PortState,
    vcpu: u32,
    owner: bool,
    priority: u8,
}

const FREE: Port = Port {
    state: PortState::Free,
    vcpu: 0,
    owner: false,
    priority: 7,
};

/// What a domain's ports should be.
#[derive(Clone)]
struct Model {
    limit: usize,
    ports: Vec<Port>,
}

fn global(virq: u32) -> bool {
    ![0, 1, 7, 13].contains(&virq)
}

impl Model {
    fn new() -> Self {
        let mut ports = vec![FREE; 128];
        ports[0].state = PortState::Reserved;
        Self {
            limit: LIMIT as usize,
            ports,
        }
    }

    fn free(&self) -> Result<usize, Errno> {
        let found = (1..self.limit).find(|p| self.ports[*p].state == PortState::Free);
        found.ok_or(Errno::ENOSPC)
    }

    fn open(&mut self, state: PortState, vcpu: u32) -> Result<u32, Errno> {
        let port = self.free()?;
        self.ports[port] = Port {
            state,
            vcpu,
            ..FREE
        };
        Ok(port as u32)
    }

    fn has(&self, test: impl Fn(&Port) -> bool) -> bool {
        self.ports.iter().any(test)
    }
}

struct World {
    ram: Rc<Ram>,
    tables: [PortTable; 2],
    models: [Model; 2],
    fifo: bool,
}

const DOMAINS: [DomId; 2] = [DomId(0), DomId(5)];

impl World {
    fn new(fifo: bool) -> Self {
        let ram = Rc::new(Ram::new());
        let tables = [0, 1].map(|i| {
            let shared_info = Mfn::new(i as u64);
            let mut table = PortTable::new(DOMAINS[i], shared_info, Layout::Bits64, PIRQS).unwrap();
            table.set_max_port(LIMIT - 1);
            for _ in 0..VCPUS[i] {
                table.add_vcpu().unwrap();
            }
            if fifo {
                // Each domain its own pages.
                for vcpu in 0..VCPUS[i] {
                    let frame = Mfn::new(10 + i as u64);
                    table
                        .init_control(&*ram, VcpuId(vcpu), frame, 72 * vcpu)
                        .unwrap();
                }
                table
                    .expand_array(&*ram, Mfn::new(30 + i as u64), |_| {})
                    .unwrap();
            }
            table
        });
        Self {
            ram,
            tables,
            models: [Model::new(), Model::new()],
            fifo,
        }
    }

    fn both(&mut self, first: usize) -> (&mut PortTable, &mut PortTable) {
        let [a, b] = &mut self.tables;
        if first == 0 { (a, b) } else { (b, a) }
    }

    fn interdomain(&mut self, d: usize, other: usize, port: u32) -> Result<u32, Errno> {
        let local = self.models[d].free()?;
        let waiting = PortState::Unbound { remote: DOMAINS[d] };
        let peer = self.models[other].ports.get(port as usize).copied();
        if peer.map(|p| p.state) != Some(waiting) {
            return Err(Errno::EINVAL);
        }
        self.models[d].ports[local] = Port {
            state: PortState::Interdomain {
                remote: DOMAINS[other],
                port,
            },
            ..FREE
        };
        self.models[other].ports[port as usize].state = PortState::Interdomain {
            remote: DOMAINS[d],
            port: local as u32,
        };
        Ok(local as u32)
    }

    fn model_close(&mut self, d: usize, port: u32, guest: bool) -> Result<Closed, Errno> {
        let old = self.models[d].ports[port as usize];
        if guest && old.owner {
            return Err(Errno::EINVAL);
        }
        let mut closed = Closed::Done;
        match old.state {
            PortState::Free | PortState::Reserved => return Err(Errno::EINVAL),
            PortState::Interdomain { remote, port } => {
                let other = if remote == DOMAINS[0] { 0 } else { 1 };
                let waiting = PortState::Unbound { remote: DOMAINS[d] };
                self.models[other].ports[port as usize].state = waiting;
            }
            PortState::Pirq { pirq, .. } => closed = Closed::Pirq(pirq),
            _ => {}
        }
        self.models[d].ports[port as usize] = FREE;
        Ok(closed)
    }

    fn check<T: PartialEq + std::fmt::Debug>(
        &mut self,
        op: &Op,
        got: Result<T, Errno>,
        want: Result<T, Errno>,
        before: Vec<u64>,
    ) {
        assert_eq!(got, want, "{op:?}");
        if got.is_err() {
            assert_eq!(
                before,
                self.ram.snapshot_of(&[0, 1, 10, 11, 30, 31]),
                "{op:?} wrote"
            );
        }
    }

    fn apply(&mut self, op: &Op) {
        let ram = self.ram.clone();
        let before = self.ram.snapshot_of(&[0, 1, 10, 11, 30, 31]);
        let e = Errno::from;
        match *op {
            Op::Unbound(d, r) => {
                let remote = DOMAINS[r];
                let got = self.tables[d].alloc_unbound(&*self.ram, remote).map_err(e);
                let want = self.models[d].open(PortState::Unbound { remote }, 0);
                self.check(op, got, want, before);
            }
            Op::Consumer(d, vcpu, r) => {
                let remote = DOMAINS[r];
                let owner = Owner(1.try_into().unwrap());
                let got =
                    self.tables[d].alloc_for_consumer(&*self.ram, VcpuId(vcpu), remote, owner);
                let want = if vcpu >= VCPUS[d] {
                    Err(Errno::ENOENT)
                } else {
                    self.models[d].open(PortState::Unbound { remote }, vcpu)
                };
                if let Ok(port) = want {
                    self.models[d].ports[port as usize].owner = true;
                }
                self.check(op, got.map_err(e), want, before);
            }
            Op::Interdomain(d, r, port) => {
                let got = if d == r {
                    self.tables[d].bind_loopback(&*ram, port).map(|b| b.0)
                } else {
                    let (local, remote) = self.both(d);
                    bind_interdomain(&*ram, local, remote, port).map(|b| b.0)
                };
                let want = self.interdomain(d, r, port);
                self.check(op, got.map_err(e), want, before);
            }
            Op::Virq(d, virq, vcpu) => {
                let got = self.tables[d].bind_virq(&*self.ram, virq, VcpuId(vcpu));
                let state = PortState::Virq { virq };
                let same = |p: &Port| p.state == state && (global(virq) || p.vcpu == vcpu);
                let want = if virq >= 24 || global(virq) && vcpu != 0 {
                    Err(Errno::EINVAL)
                } else if vcpu >= VCPUS[d] {
                    Err(Errno::ENOENT)
                } else if self.models[d].has(same) {
                    Err(Errno::EEXIST)
                } else {
                    self.models[d].open(state, vcpu)
                };
                self.check(op, got.map_err(e), want, before);
            }
            Op::Ipi(d, vcpu) => {
                let got = self.tables[d].bind_ipi(&*self.ram, VcpuId(vcpu));
                let want = if vcpu >= VCPUS[d] {
                    Err(Errno::ENOENT)
                } else {
                    self.models[d].open(PortState::Ipi, vcpu)
                };
                self.check(op, got.map_err(e), want, before);
            }
            Op::Pirq(d, pirq, refuse) => {
                let mut attached = false;
                let got = self.tables[d].bind_pirq(&*self.ram, pirq, true, || {
                    attached = true;
                    if refuse { Err(Errno::EBUSY) } else { Ok(()) }
                });
                let state = PortState::Pirq {
                    pirq,
                    will_share: true,
                };
                let want = if pirq >= PIRQS {
                    Err(Errno::EINVAL)
                } else if self.models[d].has(|p| p.state == state) {
                    Err(Errno::EEXIST)
                } else if let Err(full) = self.models[d].free() {
                    Err(full)
                } else if refuse {
                    Err(Errno::EBUSY)
                } else {
                    self.models[d].open(state, 0)
                };
                assert_eq!(attached, want.is_ok() || want == Err(Errno::EBUSY));
                self.check(op, got, want, before);
            }
            Op::Vcpu(d, port, vcpu) => {
                let got = self.tables[d].bind_vcpu(port, VcpuId(vcpu)).map_err(e);
                let entry = &mut self.models[d].ports[port as usize];
                let want = match entry.state {
                    _ if vcpu >= VCPUS[d] => Err(Errno::ENOENT),
                    _ if entry.owner => Err(Errno::EINVAL),
                    PortState::Free | PortState::Reserved | PortState::Ipi => Err(Errno::EINVAL),
                    PortState::Virq { virq } if !global(virq) => Err(Errno::EINVAL),
                    PortState::Pirq { pirq, .. } if entry.vcpu != vcpu => Ok(Some(pirq)),
                    _ => Ok(None),
                };
                if want.is_ok() {
                    entry.vcpu = vcpu;
                }
                self.check(op, got, want, before);
            }
            Op::Close(d, port, guest) => {
                let (table, other) = self.both(d);
                let peer = match table.peer_domain(port) {
                    Some(_) => Peer::Locked(other),
                    None => Peer::None,
                };
                let got = match guest {
                    true => table.close(&*ram, port, peer),
                    false => table.close_any(&*ram, port, peer),
                };
                let want = self.model_close(d, port, guest);
                self.check(op, got.map_err(e), want, before);
            }
            Op::CloseUnlocked(d, port) => {
                let state = self.models[d].ports[port as usize];
                let remote = DOMAINS[1 - d];
                if matches!(state.state, PortState::Interdomain { remote: r, .. } if r == remote) {
                    let want = match state.owner {
                        true => Error::NotGuests,
                        false => Error::PeerNotLocked(remote),
                    };
                    let got = self.tables[d].close(&*self.ram, port, Peer::None);
                    assert_eq!(got, Err(want));
                }
            }
            Op::Send(d, port) => self.send(op, d, port, before),
            Op::Priority(d, port, priority) => {
                let got = self.tables[d].set_priority(port, priority).map_err(e);
                let entry = &mut self.models[d].ports[port as usize];
                let closed = matches!(entry.state, PortState::Free | PortState::Reserved);
                let want = if !self.fifo {
                    Err(Errno::ENOSYS)
                } else if closed || entry.owner {
                    Err(Errno::EACCES)
                } else if priority > 15 {
                    Err(Errno::EINVAL)
                } else {
                    entry.priority = priority as u8;
                    Ok(())
                };
                self.check(op, got, want, before);
            }
            Op::Unmask(d, port) => {
                let got = self.tables[d].unmask(&*self.ram, port).unwrap();
                let want = match self.models[d].ports[port as usize].state {
                    PortState::Pirq { pirq, .. } => Some(pirq),
                    _ => None,
                };
                assert_eq!(got.pirq, want);
            }
            Op::RaisePirq(d, pirq) => {
                let got = self.tables[d].raise_pirq(&*self.ram, pirq);
                let is = |p: &Port| matches!(p.state, PortState::Pirq { pirq: q, .. } if q == pirq);
                let port = self.models[d].ports.iter().position(is);
                assert_eq!(got.is_some(), port.is_some());
                assert_eq!(self.tables[d].pirq_port(pirq), port.map(|p| p as u32));
                if let Some(port) = port {
                    assert!(self.tables[d].is_pending(&*self.ram, port as u32));
                }
            }
            Op::Limit(d, limit) => {
                self.tables[d].set_max_port(limit);
                self.models[d].limit = limit as usize + 1;
            }
        }
        self.compare();
        if self.fifo {
            // The guests take everything off their queues at once.
            self.ram.zero(Mfn::new(30));
            self.ram.zero(Mfn::new(31));
        }
    }

    fn send(&mut self, op: &Op, d: usize, port: u32, before: Vec<u64>) {
        let sent = self.tables[d].send(&*self.ram, port).map_err(Errno::from);
        let entry = self.models[d].ports[port as usize];
        let ok = !entry.owner
            && matches!(
                entry.state,
                PortState::Unbound { .. } | PortState::Interdomain { .. } | PortState::Ipi
            );
        let want = if ok { Ok(()) } else { Err(Errno::EINVAL) };
        self.check(op, sent.map(|_| ()), want, before);
        let (to, target, received) = match (entry.state, sent) {
            (_, Err(_)) => return,
            (
                PortState::Interdomain { remote, port: to },
                Ok(Sent::Remote { domain, port: got }),
            ) => {
                assert_eq!((domain, got), (remote, to));
                let other = 1 - d;
                // Somebody who isn't the peer gets nothing through.
                let stale = self.tables[other].receive(&*self.ram, to, remote, port);
                assert_eq!(stale, Received::Guest(Notify::NONE));
                (
                    to,
                    other,
                    self.tables[other].receive(&*self.ram, to, DOMAINS[d], port),
                )
            }
            (PortState::Interdomain { port: to, .. }, Ok(Sent::Here(r))) => (to, d, r),
            (PortState::Ipi, Ok(Sent::Here(r))) => (port, d, r),
            (PortState::Unbound { .. }, Ok(Sent::Here(r))) => {
                return assert_eq!(r, Received::Guest(Notify::NONE));
            }
            other => panic!("{other:?}"),
        };
        let model = self.models[target].ports[to as usize];
        match received {
            Received::Consumer { vcpu, port, .. } => {
                assert!(model.owner);
                assert_eq!((vcpu, port), (VcpuId(model.vcpu), to));
            }
            Received::Guest(_) => {
                assert!(!model.owner);
                assert!(self.tables[target].is_pending(&*self.ram, to));
            }
        }
    }

    fn compare(&self) {
        for (table, model) in self.tables.iter().zip(&self.models) {
            let want: Vec<(u32, Port)> = (0..)
                .zip(model.ports.iter().copied())
                .filter(|(_, p)| !matches!(p.state, PortState::Free | PortState::Reserved))
                .collect();
            let got: Vec<(u32, Port)> = table.ports().map(as_port).collect();
            assert_eq!(got, want);
            for port in 0..LIMIT + 2 {
                let Port { state, owner, .. } = model.ports[port as usize];
                let status = table.status(port);
                match owner {
                    true => assert_eq!(status, Err(Error::StatusHidden)),
                    false => assert_eq!(status.unwrap().state, state),
                }
            }
        }
    }
}

fn as_port(info: PortInfo) -> (u32, Port) {
    let port = Port {
        state: info.state,
        vcpu: info.vcpu.0,
        owner: info.consumer.is_some(),
        priority: info.priority,
    };
    (info.port, port)
}

proptest! {
    #![proptest_config(config(80))]

    #[test]
    fn tables_agree_with_the_model(fifo in any::<bool>(), ops in prop::collection::vec(op(), 1..250)) {
        let mut world = World::new(fifo);
        ops.iter().for_each(|op| world.apply(op));
        // The end of the domain: everything can be closed, and nothing is left on the other side.
        let [a, b] = &mut world.tables;
        let mut port = 0;
        while let Some(next) = a.next_open(port, true) {
            let peer = if a.peer_domain(next).is_some() { Peer::Locked(&mut *b) } else { Peer::None };
            a.close_any(&*world.ram, next, peer).unwrap();
            port = next;
        }
        prop_assert_eq!(a.ports().count(), 0);
        let lost = |i: PortInfo| matches!(i.state, PortState::Interdomain { remote, .. } if remote == DOMAINS[0]);
        prop_assert!(!b.ports().any(lost));
        prop_assert_eq!(a.pirqs().count(), 0);
    }
}

#[test]
fn ports_beyond_the_table_are_refused() {
    let ram = Ram::new();
    let mut table = PortTable::new(DomId(1), SHARED_INFO, Layout::Bits64, 0).unwrap();
    table.add_vcpu().unwrap();
    for port in [128, 4096, 131_072, u32::MAX] {
        assert_eq!(table.status(port), Err(Error::NoSuchPort));
        assert_eq!(table.send(&ram, port), Err(Error::NoSuchPort));
        assert_eq!(table.unmask(&ram, port), Err(Error::NoSuchPort));
        assert_eq!(table.close(&ram, port, Peer::None), Err(Error::NoSuchPort));
        assert_eq!(table.bind_vcpu(port, VcpuId(0)), Err(Error::NoSuchPort));
        assert_eq!(table.bind_loopback(&ram, port), Err(Error::NoSuchPort));
        assert_eq!(table.set_priority(port, 0), Err(Error::NoSuchPort));
        assert_eq!(table.set_pending(&ram, port), Notify::NONE);
    }
}

#[test]
fn each_abi_has_its_number_of_ports() {
    let ram = Ram::new();
    for (layout, fifo, ports) in [
        (Layout::Bits64, false, 4095),
        (Layout::Bits32, false, 1023),
        (Layout::Bits64, true, 131_071),
    ] {
        let mut table = PortTable::new(DomId(1), SHARED_INFO, layout, 0).unwrap();
        table.add_vcpu().unwrap();
        if fifo {
            table.init_control(&ram, VcpuId(0), Mfn::new(1), 0).unwrap();
        }
        for expected in 1..=ports {
            assert_eq!(table.alloc_unbound(&ram, DomId(2)), Ok(expected));
        }
        assert_eq!(table.alloc_unbound(&ram, DomId(2)), Err(Error::NoFreePort));
        table.close(&ram, 77, Peer::None).unwrap();
        assert_eq!(table.bind_ipi(&ram, VcpuId(0)), Ok(77));
        assert_eq!(table.ports().count(), ports as usize);
    }
}
