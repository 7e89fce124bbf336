//! Calls about a translated domain's physical map. A PV domain has none, and most of them say so; each checks
//! its arguments first in the order that callers know.

use abi::Errno;
use abi::memory::*;
use domain::Machine;

use crate::{Answer, Call};

/// `XENMEM_add_to_physmap`.
pub fn add<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let op: XenAddToPhysmap = call.read(arg)?;
    if op.space == XENMAPSPACE_GMFN_FOREIGN {
        // Only the batched call names the foreign domain.
        return Err(Errno::ENOSYS.into());
    }
    call.hv.target(call.domain, op.domid)?;
    Err(Errno::EACCES.into())
}

/// `XENMEM_add_to_physmap_batch`.
pub fn add_batch<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let op: XenAddToPhysmapBatch = call.read(arg)?;
    call.hv.target(call.domain, op.domid)?;
    Err(Errno::EACCES.into())
}

/// `XENMEM_remove_from_physmap`.
pub fn remove<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let op: XenRemoveFromPhysmap = call.read(arg)?;
    call.hv.target(call.domain, op.domid)?;
    Err(Errno::EACCES.into())
}

/// `XENMEM_set_pod_target` and `XENMEM_get_pod_target`.
pub fn pod_target<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let op: XenPodTarget = call.read(arg)?;
    call.hv.target(call.domain, op.domid)?;
    Err(Errno::EINVAL.into())
}

/// `XENMEM_access_op`.
pub fn access<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let op: XenMemAccessOp = call.read(arg)?;
    call.remote_domain(op.domid)?;
    call.need_control()?;
    Err(Errno::EINVAL.into())
}

/// `XENMEM_acquire_resource`: frames of the hypervisor that belong to a domain's equipment. There are none of any kind
/// yet.
pub fn acquire_resource<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let op: XenMemAcquireResource = call.read(arg)?;
    if op._pad0 != 0 {
        return Err(Errno::EINVAL.into());
    }
    call.remote_domain(op.domid)?;
    call.need_control()?;
    match op.kind {
        XENMEM_RESOURCE_GRANT_TABLE => Err(Errno::EOPNOTSUPP.into()),
        _ => Err(Errno::EINVAL.into()),
    }
}
