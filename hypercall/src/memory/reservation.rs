//! Getting memory and giving it back: `XENMEM_increase_reservation`, `_decrease_reservation`, `_populate_physmap`.
//!
//! These calls have no errors: they answer how many extents they did, and whatever stops them, a bad pointer
//! included, stops the count there. A guest that balloons out reads the number and tries again later.

use abi::memory::*;
use domain::{Domain, Machine};
use units::{Mfn, Order, Pfn};

use super::{address_bits, permitted};
use crate::{Answer, Call, Stop};

/// Extents of one page between two preemption points.
const BATCH: u64 = 16;

/// Something stopped the count.
struct Stopped;

impl From<Stop> for Stopped {
    fn from(_: Stop) -> Self {
        Self
    }
}

impl From<mm::MmError> for Stopped {
    fn from(_: mm::MmError) -> Self {
        Self
    }
}

/// One of the three calls; `start` extents are done.
pub fn adjust<M: Machine>(call: &Call<'_, M>, op: u32, start: u64, arg: u64) -> Answer {
    let Ok(r) = call.read::<XenMemoryReservation>(arg) else {
        return Ok(start);
    };
    if r.nr_extents > u64::from(u32::MAX) >> MEMOP_EXTENT_SHIFT || start >= r.nr_extents {
        return Ok(start);
    }
    let Ok(domain) = call.hv.target(call.domain, r.domid) else {
        return Ok(start);
    };
    let Some(order) = permitted(call, r.extent_order) else {
        return Ok(start);
    };
    let Ok(bits) = address_bits(call, r.mem_flags) else {
        return Ok(start);
    };
    // Memory on demand is for translated domains.
    if op == XENMEM_POPULATE_PHYSMAP && r.mem_flags & XENMEMF_POPULATE_ON_DEMAND != 0 {
        return Ok(start);
    }
    let list = r.extent_start.addr();
    let optional = op == XENMEM_INCREASE_RESERVATION && list == 0;
    if !optional
        && call
            .need_range(list, r.nr_extents, size_of::<u64>())
            .is_err()
    {
        return Ok(start);
    }
    let batch = (BATCH >> order.get()).max(1);
    for index in start..r.nr_extents {
        if index != start && index % batch == 0 {
            call.preemption_point([u64::from(op) | index << MEMOP_EXTENT_SHIFT, arg, 0, 0, 0, 0])?;
        }
        let done = match op {
            XENMEM_DECREASE_RESERVATION => decrease(call, &domain, list, index, order),
            XENMEM_POPULATE_PHYSMAP => populate(call, &domain, list, index, order, bits),
            _ => increase(call, &domain, list, index, order, bits),
        };
        if done.is_err() {
            log::debug!(
                "{}: memory_op {op} stopped at extent {index} of {}",
                call.domain.id,
                r.nr_extents
            );
            return Ok(index);
        }
    }
    Ok(r.nr_extents)
}

/// A new block of the domain's.
fn grow<M: Machine>(
    call: &Call<'_, M>,
    domain: &Domain,
    order: Order,
    bits: Option<u32>,
) -> Result<mm::Block, Stopped> {
    let over = {
        let pages = domain.pages.lock();
        pages.total().saturating_add(order.frames()) > pages.max()
    };
    if over {
        return Err(Stopped);
    }
    let block = call.hv.alloc_for(domain, order, bits)?;
    call.hv.assign_block(domain, &block, false)?;
    Ok(block)
}

fn increase<M: Machine>(
    call: &Call<'_, M>,
    domain: &Domain,
    list: u64,
    index: u64,
    order: Order,
    bits: Option<u32>,
) -> Result<(), Stopped> {
    let block = grow(call, domain, order, bits)?;
    if list != 0 {
        call.write_at(list, index, &block.mfn.get())
            .inspect_err(|_| shrink(call, domain, block.mfn, order))?;
    }
    Ok(())
}

fn populate<M: Machine>(
    call: &Call<'_, M>,
    domain: &Domain,
    list: u64,
    index: u64,
    order: Order,
    bits: Option<u32>,
) -> Result<(), Stopped> {
    let first: u64 = call.read_at(list, index)?;
    let block = grow(call, domain, order, bits)?;
    for (mfn, n) in block.frames().zip(0u64..) {
        call.hv.ledger.set_m2p(mfn, Pfn::new(first.wrapping_add(n)));
    }
    call.write_at(list, index, &block.mfn.get())
        .inspect_err(|_| shrink(call, domain, block.mfn, order))?;
    Ok(())
}

/// Takes back what the domain can't be told of.
fn shrink<M: Machine>(call: &Call<'_, M>, domain: &Domain, first: Mfn, order: Order) {
    call.hv.with_mmu(domain, false, |mmu| {
        for n in 0..order.frames() {
            let _ = mmu.remove_page(first.add(n));
        }
    });
}

fn decrease<M: Machine>(
    call: &Call<'_, M>,
    domain: &Domain,
    list: u64,
    index: u64,
    order: Order,
) -> Result<(), Stopped> {
    let first: u64 = call.read_at(list, index)?;
    call.hv.with_mmu(domain, false, |mmu| {
        for n in 0..order.frames() {
            mmu.remove_page(Mfn::new(first).checked_add(n).ok_or(Stopped)?)?;
        }
        Ok(())
    })
}
