//! The toolstack's interface, as far as it is there.

use abi::Errno;
use domain::Machine;

use crate::{Answer, Call};

/// `sysctl`: refused to those without the right before anything else is looked at.
pub fn sysctl<M: Machine>(call: &Call<'_, M>) -> Answer {
    call.need_control()?;
    Err(Errno::ENOSYS.into())
}

/// `domctl`: as [`sysctl`].
pub fn domctl<M: Machine>(call: &Call<'_, M>) -> Answer {
    call.need_control()?;
    Err(Errno::ENOSYS.into())
}
