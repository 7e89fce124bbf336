//! `memory_op`: how much memory a domain has, which frames, and what it is told of them.
//!
//! The command's low six bits number the operation; for operations on lists of extents the bits above say
//! how many extents are done, by which an interrupted call finds its place again.

mod exchange;
mod maps;
mod physmap;
mod reservation;

use alloc::sync::Arc;

use abi::Errno;
use abi::memory::*;
use domain::{Domain, Machine};
use mm::MmError;
use units::Order;

use crate::{Answer, Call, Stop};

/// Largest order that a domain without hardware may ask for, and one with (`memop-max-order`).
const MAX_ORDER: u32 = 9;
const MAX_ORDER_HARDWARE: u32 = 12;

fn errno(e: MmError) -> Errno {
    match e {
        MmError::NoMemory | MmError::OverLimit => Errno::ENOMEM,
        _ => Errno::EINVAL,
    }
}

/// `memory_op(cmd, arg)`.
pub fn memory_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, arg, ..] = call.args;
    let start = (cmd & 0xffff_ffff) >> MEMOP_EXTENT_SHIFT;
    let op = (cmd & MEMOP_CMD_MASK) as u32;
    match op {
        XENMEM_INCREASE_RESERVATION | XENMEM_DECREASE_RESERVATION | XENMEM_POPULATE_PHYSMAP => {
            reservation::adjust(call, op, start, arg)
        }
        XENMEM_ADD_TO_PHYSMAP_BATCH => physmap::add_batch(call, arg),
        _ if start != 0 => Err(Errno::EINVAL.into()),
        XENMEM_EXCHANGE => exchange::exchange(call, arg),
        XENMEM_MAXIMUM_RAM_PAGE => Ok(call.hv.facts.max_frame),
        XENMEM_CURRENT_RESERVATION => Ok(named(call, arg)?.pages.lock().total()),
        XENMEM_MAXIMUM_RESERVATION => Ok(named(call, arg)?.pages.lock().max().min(u32::MAX.into())),
        XENMEM_MAXIMUM_GPFN => Ok(named(call, arg)?.max_pfn(&call.hv.machine)),
        XENMEM_CLAIM_PAGES => claim(call, arg),
        XENMEM_ADD_TO_PHYSMAP => physmap::add(call, arg),
        XENMEM_REMOVE_FROM_PHYSMAP => physmap::remove(call, arg),
        XENMEM_SET_POD_TARGET | XENMEM_GET_POD_TARGET => physmap::pod_target(call, arg),
        XENMEM_ACCESS_OP => physmap::access(call, arg),
        XENMEM_ACQUIRE_RESOURCE => physmap::acquire_resource(call, arg),
        XENMEM_MACHPHYS_MFN_LIST => maps::machphys_list(call, arg),
        XENMEM_MACHPHYS_MAPPING => maps::machphys_mapping(call, arg),
        // A table for 32-bit PV guests, of which there are none.
        XENMEM_MACHPHYS_COMPAT_MFN_LIST => Err(Errno::EOPNOTSUPP.into()),
        XENMEM_MEMORY_MAP => maps::memory_map(call, arg),
        XENMEM_SET_MEMORY_MAP => maps::set_memory_map(call, arg),
        XENMEM_MACHINE_MEMORY_MAP => maps::machine_memory_map(call, arg),
        XENMEM_RESERVED_DEVICE_MEMORY_MAP => maps::reserved_device_memory(call, arg),
        XENMEM_GET_VNUMAINFO => maps::vnuma(call, arg),
        // Nothing is ever shared.
        XENMEM_GET_SHARING_FREED_PAGES | XENMEM_GET_SHARING_SHARED_PAGES => Ok(0),
        _ => Err(Errno::ENOSYS.into()),
    }
}

/// The domain named by the `domid_t` at `arg`.
fn named<M: Machine>(call: &Call<'_, M>, arg: u64) -> Result<Arc<Domain>, Stop> {
    let id: u16 = call.read(arg)?;
    Ok(call.hv.target(call.domain, id)?)
}

/// The order, where the caller may have extents of it.
fn permitted<M: Machine>(call: &Call<'_, M>, order: u32) -> Option<Order> {
    let limit = if call.domain.io.hardware {
        MAX_ORDER_HARDWARE
    } else {
        MAX_ORDER
    };
    Order::new(order).filter(|o| o.get() <= limit)
}

/// Memory flags: a limit on addresses, none, or one that no frame can satisfy.
fn address_bits<M: Machine>(call: &Call<'_, M>, flags: u32) -> Result<Option<u32>, Errno> {
    let bits = xenmemf_get_address_bits(flags);
    // Bits that all of memory fits into restrict nothing.
    let enough = Order::holding(call.hv.facts.max_frame).get() + units::PAGE_SHIFT;
    match bits {
        0 => Ok(None),
        bits if bits >= enough => Ok(None),
        bits if bits <= units::PAGE_SHIFT => Err(Errno::EINVAL),
        bits => Ok(Some(bits)),
    }
}

/// `XENMEM_claim_pages`: sets frames aside for a domain that is being built.
fn claim<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let r: XenMemoryReservation = call.read(arg)?;
    if !r.extent_start.is_null() || r.extent_order != 0 || r.mem_flags != 0 {
        return Err(Errno::EINVAL.into());
    }
    let domain = call.hv.domain(units::DomId(r.domid)).ok_or(Errno::EINVAL)?;
    call.need_control()?;
    // The count of pages is an unsigned int to Xen.
    let pages = u64::from(r.nr_extents as u32);
    call.hv.claim_pages(&domain, pages).map_err(errno)?;
    Ok(0)
}
