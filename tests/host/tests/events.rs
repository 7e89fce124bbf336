//! Event channels by real handlers.

use abi::Errno;
use abi::Handle;
use abi::event_channel::*;
use abi::physdev::*;
use abi::sched::*;
use abi::xen::*;
use domain::{Machine, block};
use host_tests::{Guest, TABLES, World};
use units::{Clock, FrameAccess, Nanos, VcpuId};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes};

const ARG: usize = TABLES;

/// Makes a call whose structure comes back changed.
fn op<T: FromBytes + IntoBytes + Immutable>(g: &Guest<'_>, cmd: u32, arg: &mut T) -> i64 {
    let at = g.put(g.va(ARG), arg);
    let answer = g.call(__HYPERVISOR_EVENT_CHANNEL_OP, [cmd.into(), at, 0, 0, 0, 0]);
    *arg = g.get(at);
    answer
}

fn unbound(g: &Guest<'_>, remote: u16) -> u32 {
    let mut arg = EvtchnAllocUnbound {
        dom: DOMID_SELF,
        remote_dom: remote,
        port: 0,
    };
    assert_eq!(op(g, EVTCHNOP_ALLOC_UNBOUND, &mut arg), 0);
    arg.port
}

fn connect(g: &Guest<'_>, remote: u16, port: u32) -> (i64, u32) {
    let mut arg = EvtchnBindInterdomain::new_zeroed();
    (arg.remote_dom, arg.remote_port) = (remote, port);
    (op(g, EVTCHNOP_BIND_INTERDOMAIN, &mut arg), arg.local_port)
}

fn send(g: &Guest<'_>, port: u32) -> i64 {
    op(g, EVTCHNOP_SEND, &mut EvtchnSend { port })
}

fn close(g: &Guest<'_>, port: u32) -> i64 {
    op(g, EVTCHNOP_CLOSE, &mut EvtchnClose { port })
}

fn pending(g: &Guest<'_>, port: u32) -> bool {
    g.domain.ports.lock().is_pending(&g.world.hv.machine, port)
}

/// Clears a port's bit, as a guest does.
fn take(g: &Guest<'_>, port: u32) {
    let at = core::mem::offset_of!(SharedInfo, evtchn_pending) / 8 + port as usize / 64;
    let word = g.world.hv.machine.word(g.domain.shared_info, at);
    word.fetch_and(!(1 << (port % 64)), std::sync::atomic::Ordering::Relaxed);
}

#[test]
fn two_domains_talk() {
    let world = World::new(256);
    let (a, b) = (world.guest(1, 16), world.guest(2, 16));
    let here = {
        a.enter();
        unbound(&a, 2)
    };
    b.enter();
    assert_eq!(connect(&b, 1, here + 1).0, Errno::EINVAL.to_ret());
    assert_eq!(connect(&b, 7, here).0, Errno::ESRCH.to_ret());
    let (answer, there) = connect(&b, 1, here);
    assert_eq!(answer, 0);
    assert!(
        pending(&b, there),
        "a new channel may have been used already"
    );
    assert_eq!(connect(&b, 1, here).0, Errno::EINVAL.to_ret(), "taken");
    assert_eq!(send(&b, there), 0);
    assert!(pending(&a, here));
    // The other end going leaves this one waiting for it.
    assert_eq!(close(&b, there), 0);
    a.enter();
    let mut status = EvtchnStatus::new_zeroed();
    (status.dom, status.port) = (DOMID_SELF, here);
    assert_eq!(op(&a, EVTCHNOP_STATUS, &mut status), 0);
    assert_eq!(status.status, EVTCHNSTAT_UNBOUND);
    // A domain without rights asks about itself only.
    status.dom = 2;
    assert_eq!(op(&a, EVTCHNOP_STATUS, &mut status), Errno::EPERM.to_ret());
    world.audit();
}

#[test]
fn waiting_for_a_port_ends_with_its_event() {
    let world = World::new(256);
    let (a, b) = (world.guest(1, 16), world.guest(2, 16));
    a.enter();
    let here = unbound(&a, 2);
    b.enter();
    let (_, there) = connect(&b, 1, here);
    a.enter();
    take(&a, here);
    let poll = |ports: &[u32], timeout: u64| {
        let list = a.va(ARG) + 512;
        for (at, port) in (list..).step_by(4).zip(ports) {
            a.put(at, port);
        }
        let mut arg = SchedPoll::new_zeroed();
        (arg.ports, arg.nr_ports, arg.timeout) = (Handle::new(list), ports.len() as u32, timeout);
        a.call(
            __HYPERVISOR_SCHED_OP,
            [SCHEDOP_POLL.into(), a.put(a.va(ARG), &arg), 0, 0, 0, 0],
        )
    };
    let asleep = || a.vcpu.blocked() & block::POLLING != 0;
    assert_eq!(poll(&[here], 0), 0);
    assert!(asleep());
    b.enter();
    assert_eq!(send(&b, there), 0);
    assert!(!asleep());
    a.enter();
    assert_eq!(poll(&[here], 0), 0, "pending: no sleep");
    assert!(!asleep());
    take(&a, here);
    // Time ends it too.
    let machine = &world.hv.machine;
    let end = machine.now() + Nanos::from_millis(5);
    assert_eq!(poll(&[here], end.0), 0);
    assert!(asleep() && machine.deadline() >= end);
    machine.advance(Nanos::from_millis(6));
    world.hv.run_timers(Nanos::NEVER);
    assert!(!asleep());
    assert_eq!(poll(&[0], 0), Errno::EINVAL.to_ret());
    assert_eq!(poll(&[4096], 0), Errno::EINVAL.to_ret());
    assert!(!asleep());
}

#[test]
fn fifo_pages_are_held_and_let_go() {
    let world = World::new(256);
    let g = world.guest(1, 16);
    let mut init = EvtchnInitControl::new_zeroed();
    init.control_gfn = g.frames[10].get();
    assert_eq!(op(&g, EVTCHNOP_INIT_CONTROL, &mut init), 0);
    assert_eq!(u32::from(init.link_bits), EVTCHN_FIFO_LINK_BITS);
    let mut page = EvtchnExpandArray {
        array_gfn: g.frames[2].get(),
    };
    assert_eq!(
        op(&g, EVTCHNOP_EXPAND_ARRAY, &mut page),
        Errno::EINVAL.to_ret(),
        "a page table"
    );
    page.array_gfn = g.frames[11].get();
    assert_eq!(op(&g, EVTCHNOP_EXPAND_ARRAY, &mut page), 0);
    let ports: Vec<u32> = (0..100).map(|_| unbound(&g, DOMID_SELF)).collect();
    let (_, other) = connect(&g, DOMID_SELF, ports[0]);
    assert_eq!(send(&g, other), 0);
    let word: u32 = g.get(g.va(11) + u64::from(ports[0]) * 4);
    assert_eq!(word >> EVTCHN_FIFO_PENDING, 1);
    // Neither page can become a table while it is used.
    for page in [10, 11] {
        assert_eq!(
            g.call(
                __HYPERVISOR_UPDATE_VA_MAPPING,
                [g.va(page), 0, UVMF_INVLPG, 0, 0, 0]
            ),
            0
        );
        let pin = MmuextOp {
            cmd: MMUEXT_PIN_L1_TABLE,
            _pad0: [0; 4],
            arg1: g.frames[page].get(),
            arg2: 0,
        };
        let at = g.put(g.va(ARG), &pin);
        assert_eq!(
            g.call(__HYPERVISOR_MMUEXT_OP, [at, 1, 0, DOMID_SELF.into(), 0, 0]),
            Errno::EINVAL.to_ret()
        );
    }
    world
        .hv
        .machine
        .preempt_every
        .store(1, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(
        op(&g, EVTCHNOP_RESET, &mut EvtchnReset { dom: DOMID_SELF }),
        0
    );
    assert!(!g.domain.ports.lock().is_fifo());
    assert_eq!(close(&g, ports[50]), Errno::EINVAL.to_ret());
    let pin = MmuextOp {
        cmd: MMUEXT_PIN_L1_TABLE,
        _pad0: [0; 4],
        arg1: g.frames[10].get(),
        arg2: 0,
    };
    let at = g.put(g.va(ARG), &pin);
    assert_eq!(
        g.call(__HYPERVISOR_MMUEXT_OP, [at, 1, 0, DOMID_SELF.into(), 0, 0]),
        0
    );
    world.audit();
}

#[test]
fn interrupts_are_told_in_the_page() {
    let world = World::new(256);
    let g = world.dom0(16);
    let physdev = |cmd: u32, at: u64| g.call(__HYPERVISOR_PHYSDEV_OP, [cmd.into(), at, 0, 0, 0, 0]);
    let bind = |pirq: u32| {
        let mut arg = EvtchnBindPirq {
            pirq,
            flags: 0,
            port: 0,
        };
        (op(&g, EVTCHNOP_BIND_PIRQ, &mut arg), arg.port)
    };
    let told = |pirq: u32| g.get::<u64>(g.va(9) + u64::from(pirq) / 64 * 8) >> (pirq % 64) & 1 != 0;
    // Lines from 16 on are level-triggered here.
    assert_eq!(bind(17).0, 0);
    let page = PhysdevPirqEoiGmfn {
        gmfn: g.frames[9].get(),
    };
    assert_eq!(
        physdev(PHYSDEVOP_PIRQ_EOI_GMFN_V2, g.put(g.va(ARG), &page)),
        0
    );
    assert_eq!(
        physdev(PHYSDEVOP_PIRQ_EOI_GMFN_V1, g.put(g.va(ARG), &page)),
        Errno::EBUSY.to_ret()
    );
    assert!(told(17) && !told(18));
    let (_, edge) = bind(4);
    let (_, level) = bind(18);
    assert!(told(18) && !told(4));
    assert_eq!(
        physdev(PHYSDEVOP_EOI, g.put(g.va(ARG), &PhysdevEoi { irq: 18 })),
        0
    );
    assert_eq!(
        physdev(PHYSDEVOP_EOI, g.put(g.va(ARG), &PhysdevEoi { irq: 19 })),
        Errno::EINVAL.to_ret()
    );
    assert_eq!(close(&g, level), 0);
    assert_eq!(close(&g, edge), 0);
    assert!(!told(18));
    assert_eq!(bind(200).0, Errno::EPERM.to_ret());
    assert_eq!(bind(u32::MAX).0, Errno::EINVAL.to_ret());
    world.audit();
}

#[test]
fn ticks_come_while_the_vcpu_runs() {
    let world = World::new(256);
    let g = world.guest(1, 16);
    let mut bind = EvtchnBindVirq::new_zeroed();
    assert_eq!(op(&g, EVTCHNOP_BIND_VIRQ, &mut bind), 0);
    let (hv, m) = (&world.hv, &world.hv.machine);
    let tick = |after: u64| {
        take(&g, bind.port);
        m.advance(Nanos::from_millis(after));
        hv.run_timers(Nanos::NEVER);
        pending(&g, bind.port)
    };
    assert!(!tick(50), "not on a processor yet");
    hv.running(&g.vcpu);
    assert!(tick(0) || tick(11), "ten milliseconds are the default");
    assert!(tick(11) && !tick(1));
    // A vCPU without processor misses its ticks and gets one for all.
    hv.put_back(g.vcpu.clone());
    assert!(!tick(100));
    hv.running(&g.vcpu);
    assert!(pending(&g, bind.port));
    let vcpu = |cmd: u32, arg: u64| g.call(__HYPERVISOR_VCPU_OP, [cmd.into(), 0, arg, 0, 0, 0]);
    assert_eq!(vcpu(abi::vcpu::VCPUOP_STOP_PERIODIC_TIMER, 0), 0);
    assert!(!tick(1000));
    let period = g.put(g.va(ARG), &2_000_000u64);
    assert_eq!(vcpu(abi::vcpu::VCPUOP_SET_PERIODIC_TIMER, period), 0);
    assert!(tick(3));
    assert_eq!(g.domain.vcpu(VcpuId(0)).map(|v| v.id), Some(VcpuId(0)));
    let _ = m.cpu_count();
}
