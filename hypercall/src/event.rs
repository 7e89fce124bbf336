//! `event_channel_op`.

use abi::Errno;
use abi::event_channel::*;
use domain::{Domain, Machine};
use events::{Closed, Notify, Peer, Received, Sent};
use mm::FrameType;
use units::{DomId, Mfn, VcpuId};

use crate::{Answer, Call, Stop};

/// Ports closed between two preemption points.
const BATCH: u32 = 64;

/// `event_channel_op_compat(op)`: command and argument in one structure.
pub fn compat<M: Machine>(call: &Call<'_, M>) -> Answer {
    let at = call.args[0];
    let cmd: u32 = call.read(at)?;
    operate(
        call,
        cmd,
        at.wrapping_add(core::mem::offset_of!(EvtchnOp, u) as u64),
    )
}

/// `event_channel_op(cmd, arg)`.
pub fn event_channel_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    operate(call, call.args[0] as u32, call.args[1])
}

fn operate<M: Machine>(call: &Call<'_, M>, cmd: u32, arg: u64) -> Answer {
    let m = &call.hv.machine;
    let ports = || call.domain.ports.lock();
    match cmd {
        EVTCHNOP_SEND => {
            let op: EvtchnSend = call.read(arg)?;
            send(call, call.domain, op.port)?;
        }
        EVTCHNOP_UNMASK => {
            let op: EvtchnUnmask = call.read(arg)?;
            let unmasked = ports().unmask(m, op.port).map_err(Errno::from)?;
            call.hv.notify(call.domain, unmasked.notify);
            if let Some(pirq) = unmasked.pirq {
                m.end_irq(pirq);
            }
        }
        EVTCHNOP_ALLOC_UNBOUND => {
            let mut op: EvtchnAllocUnbound = call.read(arg)?;
            let domain = call.hv.target(call.domain, op.dom)?;
            let remote = if DomId(op.remote_dom) == DomId::SELF {
                call.domain.id
            } else {
                DomId(op.remote_dom)
            };
            op.port = domain
                .ports
                .lock()
                .alloc_unbound(m, remote)
                .map_err(Errno::from)?;
            call.write(arg, &op)?;
        }
        EVTCHNOP_BIND_INTERDOMAIN => {
            let mut op: EvtchnBindInterdomain = call.read(arg)?;
            let (port, notify) = bind_interdomain(call, DomId(op.remote_dom), op.remote_port)?;
            op.local_port = port;
            call.hv.notify(call.domain, notify);
            call.write(arg, &op)?;
        }
        EVTCHNOP_BIND_VIRQ => {
            let mut op: EvtchnBindVirq = call.read(arg)?;
            op.port = ports()
                .bind_virq(m, op.virq, VcpuId(op.vcpu))
                .map_err(Errno::from)?;
            call.write(arg, &op)?;
        }
        EVTCHNOP_BIND_IPI => {
            let mut op: EvtchnBindIpi = call.read(arg)?;
            op.port = ports().bind_ipi(m, VcpuId(op.vcpu)).map_err(Errno::from)?;
            call.write(arg, &op)?;
        }
        EVTCHNOP_BIND_PIRQ => {
            let mut op: EvtchnBindPirq = call.read(arg)?;
            let share = op.flags & BIND_PIRQ__WILL_SHARE != 0;
            if op.pirq >= ports().nr_pirqs() {
                return Err(Errno::EINVAL.into());
            }
            if !call.domain.io.hardware || !m.irq_exists(op.pirq) {
                return Err(Errno::EPERM.into());
            }
            op.port = ports().bind_pirq(m, op.pirq, share, || {
                m.bind_irq(op.pirq, call.domain.id, share)
            })?;
            call.domain
                .interrupts
                .lock()
                .show_eoi(m, op.pirq, m.irq_needs_eoi(op.pirq));
            call.write(arg, &op)?;
        }
        EVTCHNOP_CLOSE => {
            let op: EvtchnClose = call.read(arg)?;
            close(call, call.domain, op.port)?;
        }
        EVTCHNOP_STATUS => {
            let mut op: EvtchnStatus = call.read(arg)?;
            let domain = call.hv.target(call.domain, op.dom)?;
            let info = domain.ports.lock().status(op.port).map_err(Errno::from)?;
            info.write_status(&mut op);
            call.write(arg, &op)?;
        }
        EVTCHNOP_BIND_VCPU => {
            let op: EvtchnBindVcpu = call.read(arg)?;
            ports()
                .bind_vcpu(op.port, VcpuId(op.vcpu))
                .map_err(Errno::from)?;
        }
        EVTCHNOP_RESET | EVTCHNOP_RESET_CONT => {
            let op: EvtchnReset = call.read(arg)?;
            let domain = call.hv.target(call.domain, op.dom)?;
            reset(call, &domain)?;
        }
        EVTCHNOP_INIT_CONTROL => {
            let mut op: EvtchnInitControl = call.read(arg)?;
            let vcpu = VcpuId(op.vcpu);
            ports()
                .check_init_control(vcpu, op.offset)
                .map_err(Errno::from)?;
            let frame = take_page(call, op.control_gfn)?;
            if let Err(e) = ports().init_control(m, vcpu, frame, op.offset) {
                put_page(call, frame);
                return Err(Errno::from(e).into());
            }
            op.link_bits = EVTCHN_FIFO_LINK_BITS as u8;
            call.write(arg, &op)?;
        }
        EVTCHNOP_EXPAND_ARRAY => {
            let op: EvtchnExpandArray = call.read(arg)?;
            ports().check_expand_array().map_err(Errno::from)?;
            let frame = take_page(call, op.array_gfn)?;
            let mut raised: alloc::vec::Vec<Notify> = alloc::vec::Vec::new();
            let done = ports().expand_array(m, frame, |n| raised.push(n));
            raised
                .into_iter()
                .for_each(|n| call.hv.notify(call.domain, n));
            if let Err(e) = done {
                put_page(call, frame);
                return Err(Errno::from(e).into());
            }
        }
        EVTCHNOP_SET_PRIORITY => {
            let op: EvtchnSetPriority = call.read(arg)?;
            ports()
                .set_priority(op.port, op.priority)
                .map_err(Errno::from)?;
        }
        _ => return Err(Errno::ENOSYS.into()),
    }
    Ok(0)
}

/// Holds a page of the caller as writable by the hypervisor.
fn take_page<M: Machine>(call: &Call<'_, M>, gfn: u64) -> Result<Mfn, Stop> {
    let frame = Mfn::new(gfn);
    call.hv
        .with_mmu(call.domain, false, |mmu| {
            mmu.get_page_and_type(frame, call.domain.id, FrameType::Writable)
        })
        .map_err(|_| Errno::EINVAL)?;
    Ok(frame)
}

fn put_page<M: Machine>(call: &Call<'_, M>, frame: Mfn) {
    call.hv
        .with_mmu(call.domain, false, |mmu| mmu.put_page_and_type(frame));
}

/// Raises an event at the other end of `port`.
fn send<M: Machine>(call: &Call<'_, M>, from: &Domain, port: u32) -> Result<(), Stop> {
    let m = &call.hv.machine;
    let sent = from.ports.lock().send(m, port).map_err(Errno::from)?;
    match sent {
        Sent::Here(Received::Guest(notify)) => call.hv.notify(from, notify),
        Sent::Here(Received::Consumer { .. }) => {}
        Sent::Remote { domain, port: to } => {
            // A domain that has gone meanwhile gets nothing.
            if let Some(domain) = call.hv.domain(domain) {
                let received = domain.ports.lock().receive(m, to, from.id, port);
                if let Received::Guest(notify) = received {
                    call.hv.notify(&domain, notify);
                }
            }
        }
    }
    Ok(())
}

fn bind_interdomain<M: Machine>(
    call: &Call<'_, M>,
    remote: DomId,
    remote_port: u32,
) -> Result<(u32, Notify), Stop> {
    let m = &call.hv.machine;
    let own = call.domain;
    if remote == DomId::SELF || remote == own.id {
        return Ok(own
            .ports
            .lock()
            .bind_loopback(m, remote_port)
            .map_err(Errno::from)?);
    }
    let other = call.hv.domain(remote).ok_or(Errno::ESRCH)?;
    // Tables are locked by rising domain number.
    let (mut local, mut peer);
    if own.id < other.id {
        local = own.ports.lock();
        peer = other.ports.lock();
    } else {
        peer = other.ports.lock();
        local = own.ports.lock();
    }
    Ok(events::bind_interdomain(m, &mut local, &mut peer, remote_port).map_err(Errno::from)?)
}

pub(crate) fn close<M: Machine>(call: &Call<'_, M>, own: &Domain, port: u32) -> Result<(), Stop> {
    let m = &call.hv.machine;
    let closed = loop {
        let peer = own.ports.lock().peer_domain(port);
        let Some(id) = peer else {
            break own
                .ports
                .lock()
                .close(m, port, Peer::None)
                .map_err(Errno::from)?;
        };
        let Some(other) = call.hv.domain(id) else {
            break own
                .ports
                .lock()
                .close(m, port, Peer::Gone)
                .map_err(Errno::from)?;
        };
        let (mut local, mut peer);
        if own.id < other.id {
            local = own.ports.lock();
            peer = other.ports.lock();
        } else {
            peer = other.ports.lock();
            local = own.ports.lock();
        }
        // The port may lead elsewhere by now.
        if local.peer_domain(port) == Some(other.id) {
            break local
                .close(m, port, Peer::Locked(&mut peer))
                .map_err(Errno::from)?;
        }
    };
    if let Closed::Pirq(pirq) = closed {
        m.unbind_irq(pirq);
        own.interrupts.lock().show_eoi(m, pirq, false);
    }
    Ok(())
}

/// Closes all ports and goes back to the 2-level ABI.
fn reset<M: Machine>(call: &Call<'_, M>, domain: &Domain) -> Result<(), Stop> {
    let mut after = 0;
    for closed in 1u32.. {
        let next = domain.ports.lock().next_open(after, false);
        let Some(port) = next else { break };
        close(call, domain, port)?;
        after = port;
        if closed % BATCH == 0 {
            // What is closed stays closed.
            call.preemption_point(call.args)?;
        }
    }
    let mut frames = alloc::vec::Vec::new();
    domain.ports.lock().leave_fifo(|f| frames.push(f));
    call.hv.with_mmu(domain, false, |mmu| {
        frames.into_iter().for_each(|f| mmu.put_page_and_type(f))
    });
    Ok(())
}
