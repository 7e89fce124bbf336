//! `vcpu_op`.

use abi::Errno;
use abi::arch_x86::VcpuGuestContext;
use abi::vcpu::*;
use domain::{Machine, Purpose, block};
use units::{GuestAddr, Mfn, Nanos, VcpuId};
use zerocopy::{FromZeros, IntoBytes};

use crate::{Answer, Call};

/// Shortest period of the periodic timer.
const MIN_PERIOD: u64 = 1_000_000;

/// And the longest: a quarter of all time.
const MAX_PERIOD: u64 = u64::MAX >> 2;

/// `vcpu_op(cmd, vcpu, arg)`.
pub fn vcpu_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, id, arg, ..] = call.args;
    let cmd = cmd as u32;
    let vcpu = u32::try_from(id)
        .ok()
        .and_then(|id| call.domain.vcpu(VcpuId(id)))
        .ok_or(Errno::ENOENT)?;
    let own = vcpu.id == call.vcpu.id;
    match cmd {
        VCPUOP_INITIALISE => {
            // Beyond the room in the shared page a vCPU needs a place for its record first.
            if call.domain.ports.lock().vcpu_info(vcpu.id).is_none() {
                return Err(Errno::EINVAL.into());
            }
            let mut context = alloc::boxed::Box::new(VcpuGuestContext::new_zeroed());
            call.hv
                .machine
                .copy_in(GuestAddr::new(arg), context.as_mut_bytes())
                .map_err(|_| Errno::EFAULT)?;
            call.hv.initialise_vcpu(call.domain, vcpu, &context)?;
            Ok(0)
        }
        VCPUOP_UP => {
            if !vcpu.is_initialised() {
                return Err(Errno::EINVAL.into());
            }
            call.hv.unblock(vcpu, block::DOWN);
            Ok(0)
        }
        VCPUOP_DOWN => {
            let up = call
                .domain
                .vcpus()
                .iter()
                .filter(|v| v.blocked() & block::DOWN == 0)
                .count();
            if up == 1 && vcpu.blocked() & block::DOWN == 0 {
                // The last one going down is how old kernels power off.
                call.hv.shutdown(call.domain, abi::sched::SHUTDOWN_POWEROFF);
                return Ok(0);
            }
            vcpu.add_block(block::DOWN);
            call.hv.machine.kick(vcpu.cpu());
            Ok(0)
        }
        VCPUOP_IS_UP => Ok(u64::from(vcpu.blocked() & block::DOWN == 0)),
        VCPUOP_GET_RUNSTATE_INFO => {
            call.write(arg, &call.hv.runstate_record(vcpu))?;
            Ok(0)
        }
        VCPUOP_REGISTER_RUNSTATE_MEMORY_AREA => {
            let op: VcpuRegisterRunstateMemoryArea = call.read(arg)?;
            call.need_range(op.addr, 1, size_of::<VcpuRunstateInfo>())?;
            if op.addr != 0 {
                // A place that can't be written is taken all the same, and stays unwritten.
                call.hv.publish_runstate(vcpu, GuestAddr::new(op.addr));
            }
            vcpu.pv.lock().runstate_area = op.addr;
            Ok(0)
        }
        VCPUOP_REGISTER_VCPU_TIME_MEMORY_AREA => {
            let op: VcpuRegisterTimeMemoryArea = call.read(arg)?;
            call.need_range(op.addr, 1, 1)?;
            vcpu.pv.lock().time_area = op.addr;
            if own {
                call.hv.publish_areas(vcpu);
            }
            Ok(0)
        }
        VCPUOP_SET_PERIODIC_TIMER => {
            let op: VcpuSetPeriodicTimer = call.read(arg)?;
            if !(MIN_PERIOD..=MAX_PERIOD).contains(&op.period_ns) {
                return Err(Errno::EINVAL.into());
            }
            call.hv.set_periodic(vcpu, op.period_ns);
            Ok(0)
        }
        VCPUOP_STOP_PERIODIC_TIMER => {
            call.hv.set_periodic(vcpu, 0);
            Ok(0)
        }
        VCPUOP_SET_SINGLESHOT_TIMER => {
            if !own {
                return Err(Errno::EINVAL.into());
            }
            let op: VcpuSetSingleshotTimer = call.read(arg)?;
            // `VCPU_SSHOTTMR_FUTURE` wants an error for a time that is past, and has long not got it: the timer fires at once.
            call.hv
                .set_timer(vcpu, Purpose::OneShot, Nanos(op.timeout_abs_ns));
            Ok(0)
        }
        VCPUOP_STOP_SINGLESHOT_TIMER => {
            if !own {
                return Err(Errno::EINVAL.into());
            }
            call.hv.set_timer(vcpu, Purpose::OneShot, Nanos::NEVER);
            Ok(0)
        }
        VCPUOP_REGISTER_VCPU_INFO => {
            let op: VcpuRegisterVcpuInfo = call.read(arg)?;
            if !own && vcpu.blocked() & block::DOWN == 0 {
                return Err(Errno::EINVAL.into());
            }
            call.hv
                .register_vcpu_info(call.domain, vcpu, Mfn::new(op.mfn), op.offset)?;
            Ok(0)
        }
        VCPUOP_SEND_NMI => {
            vcpu.nmi_pending
                .store(true, core::sync::atomic::Ordering::Release);
            call.hv.wake(vcpu);
            Ok(0)
        }
        // Only a vCPU that stays on one processor has a physical identity, and none is made to.
        VCPUOP_GET_PHYSID => Err(Errno::EINVAL.into()),
        _ => Err(Errno::ENOSYS.into()),
    }
}
