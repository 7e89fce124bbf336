//! Calls by which a vCPU waits, and a domain stops.

use abi::Errno;
use abi::sched::*;
use arrayvec::ArrayVec;
use core::sync::atomic::Ordering;
use domain::{Machine, Purpose, block};
use events::Poll;
use units::Nanos;

use crate::{Answer, Call};

/// `sched_op_compat(cmd, arg)`: yield, block, and shutdown with the reason as argument.
pub fn compat<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, arg, ..] = call.args;
    match cmd as u32 {
        SCHEDOP_YIELD => Ok(0),
        SCHEDOP_BLOCK => wait(call),
        SCHEDOP_SHUTDOWN => {
            call.hv.shutdown(call.domain, arg as u8 as u32);
            Ok(0)
        }
        _ => Err(Errno::ENOSYS.into()),
    }
}

/// `sched_op(cmd, arg)`.
pub fn sched_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, arg, ..] = call.args;
    match cmd as u32 {
        SCHEDOP_YIELD => {
            call.hv.yield_now(call.vcpu);
            Ok(0)
        }
        SCHEDOP_BLOCK => wait(call),
        SCHEDOP_SHUTDOWN => {
            let op: SchedShutdown = call.read(arg)?;
            call.hv.shutdown(call.domain, op.reason & 0xff);
            Ok(0)
        }
        SCHEDOP_SHUTDOWN_CODE => {
            let op: SchedShutdown = call.read(arg)?;
            call.hv.note_shutdown_code(call.domain, op.reason & 0xff)?;
            Ok(0)
        }
        SCHEDOP_POLL => poll(call, &call.read(arg)?),
        SCHEDOP_REMOTE_SHUTDOWN => {
            let op: SchedRemoteShutdown = call.read(arg)?;
            let domain = call
                .hv
                .domain(units::DomId(op.domain_id))
                .ok_or(Errno::ESRCH)?;
            call.need_control()?;
            call.hv.shutdown(&domain, op.reason & 0xff);
            Ok(0)
        }
        SCHEDOP_WATCHDOG => {
            let op: SchedWatchdog = call.read(arg)?;
            match call.hv.watchdog(call.domain, op.id, op.timeout) {
                // Its result is an unsigned int, the error included.
                Err(Errno::ENOSPC) => Ok((Errno::ENOSPC.to_ret() as u32).into()),
                done => Ok(done?),
            }
        }
        SCHEDOP_PIN_OVERRIDE => {
            call.need_hardware()?;
            let op: SchedPinOverride = call.read(arg)?;
            pin_override(call, op.pcpu)
        }
        _ => Err(Errno::ENOSYS.into()),
    }
}

/// Ties the vCPU to a processor until further notice, or (below 0) no more.
fn pin_override<M: Machine>(call: &Call<'_, M>, pcpu: i32) -> Answer {
    let pinned = &call.vcpu.pin_override;
    let Ok(cpu) = u32::try_from(pcpu) else {
        return if pinned.swap(false, Ordering::Relaxed) {
            Ok(0)
        } else {
            Err(Errno::EINVAL.into())
        };
    };
    // The vCPU is on the only processor there is, so that being tied to it needs nothing.
    if cpu >= call.hv.machine.cpu_count() || cpu != call.hv.machine.this_cpu().0 {
        return Err(Errno::EINVAL.into());
    }
    if pinned.swap(true, Ordering::Relaxed) {
        Err(Errno::EBUSY.into())
    } else {
        Ok(0)
    }
}

/// Unmasks events and sleeps until one is pending.
fn wait<M: Machine>(call: &Call<'_, M>) -> Answer {
    call.hv.block(call.vcpu);
    Ok(0)
}

/// Sleeps until one of some ports is pending, whether masked or not, or time is up.
fn poll<M: Machine>(call: &Call<'_, M>, op: &SchedPoll) -> Answer {
    let mut ports: ArrayVec<u32, { events::MAX_POLL_PORTS }> = ArrayVec::new();
    if op.nr_ports as usize > ports.capacity() {
        return Err(Errno::EINVAL.into());
    }
    for index in 0..op.nr_ports {
        let port: u32 = call.read_at(op.ports.addr(), index.into())?;
        if port == 0 {
            return Err(Errno::EINVAL.into());
        }
        let _ = ports.try_push(port);
    }
    let vcpu = call.vcpu;
    // Blocked before the ports are looked at, so that an event in between wakes.
    vcpu.add_block(block::POLLING);
    let polled = call
        .domain
        .ports
        .lock()
        .poll(&call.hv.machine, vcpu.id, &ports);
    match polled {
        Ok(Poll::Waiting) => {
            if op.timeout != 0 {
                call.hv.set_timer(vcpu, Purpose::Poll, Nanos(op.timeout));
            }
            Ok(0)
        }
        done => {
            call.hv.unblock(vcpu, block::POLLING);
            done.map_err(Errno::from)?;
            Ok(0)
        }
    }
}

/// `set_timer_op(deadline)`: 0 for none.
pub fn set_timer_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let deadline = match call.args[0] {
        0 => Nanos::NEVER,
        // A time far ahead is a guest whose reckoning overflowed: it gets a tick soon, as it always did.
        t if (t as i64) < 0 => call.hv.machine.now() + Nanos::from_millis(100),
        t => Nanos(t),
    };
    call.hv.set_timer(call.vcpu, Purpose::OneShot, deadline);
    Ok(0)
}
