//! `multicall`: several calls in one.

use abi::Errno;
use abi::xen::MulticallEntry;
use domain::Machine;

use crate::{Answer, Call, Stop, table};

/// `multicall(entries, count)`: each entry's result goes back into it. Errors of entries don't stop the rest.
pub fn multicall<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [list, count, ..] = call.args;
    let count = count & 0xffff_ffff;
    call.need_range(list, count, size_of::<MulticallEntry>())?;
    for index in 0..count {
        let at = list.wrapping_add(index * size_of::<MulticallEntry>() as u64);
        let rest = [at, count - index, 0, 0, 0, 0];
        if index & 15 == 15 {
            call.preemption_point(rest)?;
        }
        let mut entry: MulticallEntry = call.read(at)?;
        let inner = Call {
            hv: call.hv,
            vcpu: call.vcpu,
            domain: call.domain,
            args: entry.args,
        };
        entry.result = match entry.op {
            // One level only, and the return frame belongs to a call of its own.
            abi::xen::__HYPERVISOR_MULTICALL => Errno::EINVAL.to_ret() as u64,
            abi::xen::__HYPERVISOR_IRET => Errno::ENOSYS.to_ret() as u64,
            op => match table::perform(&inner, op) {
                Ok(value) => value,
                Err(Stop::Errno(e)) => e.to_ret() as u64,
                Err(Stop::Again(args)) => {
                    entry.args = args;
                    call.write(at, &entry)?;
                    return Err(Stop::Again(rest));
                }
                Err(Stop::Replaced) => return Err(Stop::Replaced),
            },
        };
        // Only the result is ours to change.
        call.write(
            at.wrapping_add(core::mem::offset_of!(MulticallEntry, result) as u64),
            &entry.result,
        )?;
    }
    Ok(0)
}
