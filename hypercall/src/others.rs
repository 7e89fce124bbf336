//! Calls of features that this hypervisor hasn't got, answering what callers that probe for them know to read: crash
//! kernels, profiling, performance counters, device models, translated guests.

use abi::Errno;
use abi::hvm::dm_op::XenDmOpBuf;
use abi::hvm::*;
use abi::hypfs::*;
use abi::kexec::*;
use domain::Machine;
use units::GuestAddr;

use crate::{Answer, Call};

/// Most buffers that a device model may pass.
const MAX_BUFFERS: u64 = 2;
/// Highest command of `xenoprof_op` (`xenoprof.h`), and the two that others than the first profiler may use.
const XENOPROF_LAST: u32 = 17;
const XENOPROF_INIT: u32 = 0;
const XENOPROF_GET_BUFFER: u32 = 14;

/// `hvm_op(cmd, arg)`: about translated domains, of which there are none.
pub fn hvm_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, arg, ..] = call.args;
    let domain = match cmd as u32 {
        HVMOP_SET_PARAM | HVMOP_GET_PARAM => {
            let op: XenHvmParam = call.read(arg)?;
            if op.index as usize >= HVM_NR_PARAMS {
                return Err(Errno::EINVAL.into());
            }
            op.domid
        }
        HVMOP_SET_EVTCHN_UPCALL_VECTOR => {
            // About the caller, which is none.
            let _: XenHvmEvtchnUpcallVector = call.read(arg)?;
            return Err(Errno::EINVAL.into());
        }
        HVMOP_GET_MEM_TYPE => call.read::<XenHvmGetMemType>(arg)?.domid,
        HVMOP_ALTP2M => {
            let op: XenHvmAltp2mOp = call.read(arg)?;
            if op.version != HVMOP_ALTP2M_INTERFACE_VERSION {
                return Err(Errno::EINVAL.into());
            }
            op.domain
        }
        // Others are about the caller too, or retired.
        HVMOP_FLUSH_TLBS
        | HVMOP_PAGETABLE_DYING
        | HVMOP_GET_TIME
        | HVMOP_XENTRACE
        | HVMOP_GUEST_REQUEST_VM_EVENT => {
            return Err(Errno::ENOSYS.into());
        }
        _ => return Err(Errno::ENOSYS.into()),
    };
    call.any_domain(domain)?;
    Err(Errno::EINVAL.into())
}

/// `dm_op(domain, count, buffers)`.
pub fn dm_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [domain, count, buffers, ..] = call.args;
    if count & 0xffff_ffff > MAX_BUFFERS {
        return Err(Errno::E2BIG.into());
    }
    for index in 0..count & 0xffff_ffff {
        let _: XenDmOpBuf = call.read_at(buffers, index)?;
    }
    call.remote_domain(domain as u16)?;
    Err(Errno::EINVAL.into())
}

/// `xenpmu_op(cmd, arg)`: performance counters aren't given to guests, which is also Xen's default.
pub fn xenpmu_op<M: Machine>(_: &Call<'_, M>) -> Answer {
    Err(Errno::EOPNOTSUPP.into())
}

/// `xenoprof_op(cmd, arg)`: no profiler can start, so nobody is the first one.
pub fn xenoprof_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    match call.args[0] as u32 {
        XENOPROF_INIT | XENOPROF_GET_BUFFER => Err(Errno::ENODEV.into()),
        cmd if cmd <= XENOPROF_LAST => Err(Errno::EPERM.into()),
        _ => Err(Errno::EINVAL.into()),
    }
}

/// `kexec_op(cmd, arg)`: no memory is set aside for a crash kernel, so none can be loaded.
pub fn kexec_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, arg, ..] = call.args;
    call.need_control()?;
    match cmd as u32 {
        KEXEC_CMD_KEXEC_GET_RANGE => {
            let mut range: XenKexecRange = call.read(arg)?;
            match range.range {
                KEXEC_RANGE_MA_CRASH | KEXEC_RANGE_MA_XENHEAP | KEXEC_RANGE_MA_VMCOREINFO => {}
                _ => return Err(Errno::EINVAL.into()),
            }
            (range.start, range.size) = (0, 0);
            call.write(arg, &range)?;
            Ok(0)
        }
        KEXEC_CMD_KEXEC => {
            let op: XenKexecExec = call.read(arg)?;
            Err(kexec_kind(op.kind as u32, Errno::ENOENT).into())
        }
        KEXEC_CMD_KEXEC_LOAD => {
            let op: XenKexecLoad = call.read(arg)?;
            Err(kexec_kind(op.kind.into(), Errno::EOPNOTSUPP).into())
        }
        KEXEC_CMD_KEXEC_LOAD_V1 => Err(Errno::EOPNOTSUPP.into()),
        KEXEC_CMD_KEXEC_UNLOAD | KEXEC_CMD_KEXEC_UNLOAD_V1 => Ok(0),
        KEXEC_CMD_KEXEC_STATUS => {
            let op: XenKexecStatus = call.read(arg)?;
            if u32::from(op.kind) > KEXEC_TYPE_CRASH {
                Err(Errno::EINVAL.into())
            } else {
                Ok(0)
            }
        }
        // As Xen has it: what isn't known does nothing, successfully.
        _ => Ok(0),
    }
}

fn kexec_kind(kind: u32, missing: Errno) -> Errno {
    if kind > KEXEC_TYPE_CRASH {
        Errno::EINVAL
    } else {
        missing
    }
}

/// `hypfs_op(cmd, path, length, buffer, size)`: a file system with nothing in it but its root.
pub fn hypfs_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, path, length, buffer, size, _] = call.args;
    call.need_control()?;
    let cmd = cmd as u32;
    if cmd == XEN_HYPFS_OP_GET_VERSION {
        return Ok(XEN_HYPFS_VERSION.into());
    }
    if length == 0 || length > XEN_HYPFS_MAX_PATHLEN as u64 {
        return Err(Errno::EINVAL.into());
    }
    let mut text = [0; XEN_HYPFS_MAX_PATHLEN];
    let text = text.get_mut(..length as usize).ok_or(Errno::EINVAL)?;
    call.hv
        .machine
        .copy_in(GuestAddr::new(path), text)
        .map_err(|_| Errno::EFAULT)?;
    let Some((0, name)) = text.split_last() else {
        return Err(Errno::EINVAL.into());
    };
    if name != b"/" {
        return Err(if name.first() == Some(&b'/') {
            Errno::ENOENT
        } else {
            Errno::EINVAL
        }
        .into());
    }
    match cmd {
        XEN_HYPFS_OP_READ => {
            if size < size_of::<XenHypfsDirentry>() as u64 {
                return Err(Errno::ENOBUFS.into());
            }
            let root = XenHypfsDirentry {
                kind: XEN_HYPFS_TYPE_DIR,
                encoding: XEN_HYPFS_ENC_PLAIN,
                _pad0: 0,
                content_len: 0,
                max_write_len: 0,
            };
            call.write(buffer, &root)?;
            Ok(0)
        }
        XEN_HYPFS_OP_WRITE_CONTENTS => Err(Errno::EACCES.into()),
        _ => Err(Errno::EOPNOTSUPP.into()),
    }
}
