//! The toolstack's interface, as far as it is there.
//!
//! The order of checks is the interface's own: the argument is readable, its version is ours, the caller may.

use abi::Errno;
use abi::domctl::XenDomctl;
use abi::sysctl::XenSysctl;
use abi::version::{XEN_DOMCTL_INTERFACE_VERSION, XEN_SYSCTL_INTERFACE_VERSION};
use domain::Machine;

use crate::{Answer, Call};

/// `sysctl(op)`.
pub fn sysctl<M: Machine>(call: &Call<'_, M>) -> Answer {
    let op: XenSysctl = call.read(call.args[0])?;
    if op.interface_version != XEN_SYSCTL_INTERFACE_VERSION {
        return Err(Errno::EACCES.into());
    }
    call.need_control()?;
    Err(Errno::ENOSYS.into())
}

/// `domctl(op)`.
pub fn domctl<M: Machine>(call: &Call<'_, M>) -> Answer {
    let op: XenDomctl = call.read(call.args[0])?;
    if op.interface_version != XEN_DOMCTL_INTERFACE_VERSION {
        return Err(Errno::EACCES.into());
    }
    call.need_control()?;
    Err(Errno::ENOSYS.into())
}
