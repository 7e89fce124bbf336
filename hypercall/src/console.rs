//! `console_io`: the hypervisor's console for domains.

use abi::Errno;
use abi::xen::{CONSOLEIO_READ, CONSOLEIO_WRITE};
use domain::Machine;
use units::GuestAddr;

use crate::{Answer, Call};

/// Bytes between two preemption points.
const CHUNK: usize = 128;

/// `console_io(cmd, count, buffer)`.
pub fn console_io<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, count, buffer, ..] = call.args;
    let m = &call.hv.machine;
    let count = count & 0xffff_ffff;
    match cmd as u32 {
        CONSOLEIO_WRITE => {
            if count > i32::MAX as u64 {
                return Err(Errno::EINVAL.into());
            }
            let mut done = 0;
            while done < count {
                let mut text = [0; CHUNK];
                let len = (count - done).min(CHUNK as u64) as usize;
                let part = text.get_mut(..len).ok_or(Errno::EINVAL)?;
                m.copy_in(GuestAddr::new(buffer.wrapping_add(done)), part)
                    .map_err(|_| Errno::EFAULT)?;
                m.console_write(call.domain.id, part);
                done += len as u64;
                if done < count {
                    call.preemption_point([cmd, count - done, buffer.wrapping_add(done), 0, 0, 0])?;
                }
            }
            Ok(0)
        }
        CONSOLEIO_READ => {
            call.need_hardware()?;
            if count > i32::MAX as u64 {
                return Err(Errno::EINVAL.into());
            }
            let mut text = [0; CHUNK];
            let want = (count as usize).min(CHUNK);
            let part = text.get_mut(..want).ok_or(Errno::EINVAL)?;
            let len = m.console_read(part);
            let part = part.get(..len).ok_or(Errno::EINVAL)?;
            m.copy_out(GuestAddr::new(buffer), part)
                .map_err(|_| Errno::EFAULT)?;
            Ok(len as u64)
        }
        _ => Err(Errno::ENOSYS.into()),
    }
}
