//! `memory_op`.

use abi::Errno;
use abi::memory::*;
use arch_defs::layout;
use domain::{Domain, Machine};
use mm::MmError;
use units::{DomId, Mfn, Order, Pfn};

use crate::{Answer, Call, Stop};

/// Bits of `cmd` that number the operation; those above hold how many extents are done.
const CMD_BITS: u32 = 6;
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
    let start = (cmd & 0xffff_ffff) >> CMD_BITS;
    match cmd as u32 & ((1 << CMD_BITS) - 1) {
        op @ (XENMEM_INCREASE_RESERVATION | XENMEM_DECREASE_RESERVATION | XENMEM_POPULATE_PHYSMAP) => reservation(call, op, start, arg),
        XENMEM_EXCHANGE => exchange(call, arg),
        XENMEM_MAXIMUM_RAM_PAGE => Ok(call.hv.facts.max_frame.saturating_sub(1)),
        XENMEM_CURRENT_RESERVATION => Ok(named(call, arg)?.pages.lock().total()),
        XENMEM_MAXIMUM_RESERVATION => Ok(named(call, arg)?.pages.lock().max()),
        XENMEM_MAXIMUM_GPFN => {
            let domain = named(call, arg)?;
            Ok(domain.max_pfn(&call.hv.machine))
        }
        XENMEM_MACHPHYS_MFN_LIST => machphys_list(call, arg),
        XENMEM_MACHPHYS_MAPPING => {
            let end = layout::M2P_GUEST + call.hv.facts.max_frame.max(1).next_multiple_of(1 << 18) * 8;
            let value = XenMachphysMapping { v_start: layout::M2P_GUEST, v_end: end, max_mfn: call.hv.facts.max_frame.saturating_sub(1) };
            call.write(arg, &value)?;
            Ok(0)
        }
        XENMEM_MEMORY_MAP => {
            // Only domains for which the toolstack set a map have one.
            Err(Errno::ENOSYS.into())
        }
        XENMEM_MACHINE_MEMORY_MAP => {
            call.need_control()?;
            let mut map: XenMemoryMap = call.read(arg)?;
            let entries = &call.hv.facts.e820;
            let count = entries.len().min(map.nr_entries as usize);
            for (i, (addr, size, kind)) in entries.iter().take(count).enumerate() {
                call.write_at(map.buffer.addr(), i as u64, &E820Entry { addr: *addr, size: *size, kind: *kind })?;
            }
            map.nr_entries = count as u32;
            call.write(arg, &map)?;
            Ok(0)
        }
        XENMEM_CLAIM_PAGES => {
            call.need_control()?;
            Err(Errno::ENOSYS.into())
        }
        XENMEM_GET_SHARING_FREED_PAGES | XENMEM_GET_SHARING_SHARED_PAGES => Ok(0),
        XENMEM_GET_VNUMAINFO => Err(Errno::EOPNOTSUPP.into()),
        _ => Err(Errno::ENOSYS.into()),
    }
}

/// The domain named by the `domid_t` at `arg`.
fn named<M: Machine>(call: &Call<'_, M>, arg: u64) -> Result<alloc::sync::Arc<Domain>, Stop> {
    let id: u16 = call.read(arg)?;
    Ok(call.hv.target(call.domain, id)?)
}

/// Reservation calls answer how many extents they did; an error only where the first one failed is none.
fn reservation<M: Machine>(call: &Call<'_, M>, op: u32, start: u64, arg: u64) -> Answer {
    let r: XenMemoryReservation = call.read(arg)?;
    if r.nr_extents > u64::from(u32::MAX) >> CMD_BITS || start > r.nr_extents {
        return Ok(start);
    }
    let domain = match call.hv.target(call.domain, r.domid) {
        Ok(domain) => domain,
        Err(e) => return if start == 0 { Err(e.into()) } else { Ok(start) },
    };
    let limit = if call.domain.io.hardware { MAX_ORDER_HARDWARE } else { MAX_ORDER };
    let Some(order) = Order::new(r.extent_order).filter(|o| o.get() <= limit) else { return Ok(start) };
    let bits = match xenmemf_get_address_bits(r.mem_flags) {
        0 => None,
        bits => Some(bits),
    };
    for index in start..r.nr_extents {
        if index != start && index & 15 == 0 {
            call.preemption_point([u64::from(op) | index << CMD_BITS, arg, 0, 0, 0, 0])?;
        }
        let done = match op {
            XENMEM_DECREASE_RESERVATION => decrease(call, &domain, r.extent_start.addr(), index, order),
            _ => increase(call, &domain, op, r.extent_start.addr(), index, order, bits),
        };
        match done {
            Ok(()) => {}
            Err(Stop::Errno(e)) => {
                log::debug!("{}: memory_op {op} stopped at extent {index}: {e}", call.domain.id);
                return Ok(index);
            }
            Err(other) => return Err(other),
        }
    }
    Ok(r.nr_extents)
}

fn increase<M: Machine>(
    call: &Call<'_, M>,
    domain: &Domain,
    op: u32,
    list: u64,
    index: u64,
    order: Order,
    bits: Option<u32>,
) -> Result<(), Stop> {
    let first: u64 = if op == XENMEM_POPULATE_PHYSMAP { call.read_at(list, index)? } else { 0 };
    let over = {
        let pages = domain.pages.lock();
        pages.total().saturating_add(order.frames()) > pages.max()
    };
    if over {
        return Err(Errno::ENOMEM.into());
    }
    let block = call.hv.alloc_block(order, bits, false).map_err(errno)?;
    call.hv.assign_block(domain, &block, false).map_err(errno)?;
    if op == XENMEM_POPULATE_PHYSMAP {
        for (i, mfn) in block.frames().enumerate() {
            call.hv.ledger.set_m2p(mfn, Pfn::new(first.wrapping_add(i as u64)));
        }
        call.write_at(list, index, &block.mfn.get())?;
    } else if list != 0 {
        call.write_at(list, index, &block.mfn.get())?;
    }
    Ok(())
}

fn decrease<M: Machine>(call: &Call<'_, M>, domain: &Domain, list: u64, index: u64, order: Order) -> Result<(), Stop> {
    let first: u64 = call.read_at(list, index)?;
    for i in 0..order.frames() {
        let mfn = Mfn::new(first).checked_add(i).ok_or(Errno::EINVAL)?;
        call.hv.with_mmu(domain, false, |mmu| mmu.remove_page(mfn)).map_err(errno)?;
    }
    Ok(())
}

/// `XENMEM_exchange`: gives frames back and gets as many others with wanted properties (contiguous, low) for them.
fn exchange<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let mut x: XenMemoryExchange = call.read(arg)?;
    let (i, o) = (x.input, x.out);
    let limit = if call.domain.io.hardware { MAX_ORDER_HARDWARE } else { MAX_ORDER };
    if i.extent_order > limit || o.extent_order > limit {
        return Err(Errno::EPERM.into());
    }
    let (Some(in_order), Some(out_order)) = (Order::new(i.extent_order), Order::new(o.extent_order)) else {
        return Err(Errno::EPERM.into());
    };
    let sizes = i.nr_extents.checked_mul(in_order.frames()).zip(o.nr_extents.checked_mul(out_order.frames()));
    if i.domid != o.domid || x.nr_exchanged > i.nr_extents || sizes.is_none_or(|(a, b)| a != b) || i.nr_extents > u64::from(u32::MAX) {
        return Err(Errno::EINVAL.into());
    }
    let domain = call.hv.target(call.domain, i.domid)?;
    // A chunk is one extent of the larger side.
    let chunk = Order::new(in_order.get().max(out_order.get())).ok_or(Errno::EINVAL)?;
    let (in_each, out_each) = (chunk.frames() / in_order.frames(), chunk.frames() / out_order.frames());
    let bits = match xenmemf_get_address_bits(o.mem_flags) {
        0 => None,
        bits => Some(bits),
    };
    if x.nr_exchanged & (in_each - 1) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let result = loop {
        if x.nr_exchanged >= i.nr_extents {
            break Ok(0);
        }
        if let Err(e) = exchange_chunk(call, &domain, &x, (in_order, in_each), (out_order, out_each), bits) {
            break Err(e);
        }
        x.nr_exchanged += in_each;
        if x.nr_exchanged < i.nr_extents && call.hv.machine.preempt() {
            break Err(Stop::Again([XENMEM_EXCHANGE.into(), arg, 0, 0, 0, 0]));
        }
    };
    call.write(arg + core::mem::offset_of!(XenMemoryExchange, nr_exchanged) as u64, &x.nr_exchanged)?;
    result
}

fn exchange_chunk<M: Machine>(
    call: &Call<'_, M>,
    domain: &Domain,
    x: &XenMemoryExchange,
    (in_order, in_each): (Order, u64),
    (out_order, out_each): (Order, u64),
    bits: Option<u32>,
) -> Result<(), Stop> {
    let hv = call.hv;
    let out_start = x.nr_exchanged / in_each * out_each;
    let mut firsts = alloc::vec::Vec::new();
    for n in 0..in_each {
        firsts.push(call.read_at::<u64>(x.input.extent_start.addr(), x.nr_exchanged + n)?);
    }
    let mut pfns = alloc::vec::Vec::new();
    for n in 0..out_each {
        pfns.push(call.read_at::<u64>(x.out.extent_start.addr(), out_start + n)?);
    }
    // New frames first: nothing of the domain changes where there are none.
    let mut blocks = alloc::vec::Vec::new();
    let mut failed = None;
    for _ in 0..out_each {
        match hv.alloc_block(out_order, bits, false) {
            Ok(block) => blocks.push(block),
            Err(e) => failed = Some(errno(e)),
        }
    }
    let mut stolen = alloc::vec::Vec::new();
    if failed.is_none() {
        'steal: for first in &firsts {
            for n in 0..in_order.frames() {
                let mfn = Mfn::new(*first).add(n);
                let pfn = hv.ledger.m2p(mfn);
                match domain.pages.lock().steal(&hv.ledger, mfn) {
                    Ok(()) => stolen.push((mfn, pfn)),
                    Err(_) => {
                        failed = Some(Errno::EINVAL);
                        break 'steal;
                    }
                }
            }
        }
    }
    let stamp = Some(hv.machine.stamp());
    if let Some(e) = failed {
        for (mfn, pfn) in stolen {
            // The frame has just been the domain's own and still holds its data.
            let _ = domain.pages.lock().assign(&hv.ledger, mfn, true);
            hv.ledger.set_m2p(mfn, pfn);
        }
        for block in blocks {
            let _ = hv.frames.lock().free(block.mfn, block.order, stamp);
        }
        return Err(e.into());
    }
    for (mfn, _) in stolen {
        let _ = hv.frames.lock().free(mfn, Order::PAGE, stamp);
    }
    for (n, (block, pfn)) in blocks.iter().zip(pfns).enumerate() {
        hv.assign_block(domain, block, true).map_err(errno)?;
        for (i, mfn) in block.frames().enumerate() {
            hv.ledger.set_m2p(mfn, Pfn::new(pfn.wrapping_add(i as u64)));
        }
        call.write_at(x.out.extent_start.addr(), out_start + n as u64, &block.mfn.get())?;
    }
    Ok(())
}

/// `XENMEM_machphys_mfn_list`: frames of the M2P table, one for each 2 MiB of it.
fn machphys_list<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let mut list: XenMachphysMfnList = call.read(arg)?;
    let frames = call.hv.machine.m2p_frames();
    let count = frames.len().min(list.max_extents as usize);
    for (i, mfn) in frames.iter().take(count).enumerate() {
        call.write_at(list.extent_start.addr(), i as u64, &mfn.get())?;
    }
    list.nr_extents = count as u32;
    call.write(arg, &list)?;
    let _ = DomId::XEN;
    Ok(0)
}
