//! `XENMEM_exchange`: gives frames back and gets as many others with wanted properties (contiguous, low) for them.
//!
//! Work goes chunk by chunk, a chunk being one extent of the larger side. A chunk either happens as a whole or
//! leaves the domain with the frames it had; `nr_exchanged` tells how far the call got.

use alloc::vec::Vec;

use abi::Errno;
use abi::memory::*;
use domain::{Domain, Machine};
use mm::Block;
use units::{Mfn, Order, Pfn};

use super::{address_bits, errno, permitted};
use crate::{Answer, Call, Stop};

/// The shape of an exchange.
struct Shape {
    in_order: Order,
    out_order: Order,
    /// Extents of each side in a chunk.
    in_each: u64,
    out_each: u64,
    bits: Option<u32>,
}

/// `XENMEM_exchange(arg)`.
pub fn exchange<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let mut x: XenMemoryExchange = call.read(arg)?;
    let (i, o) = (x.input, x.out);
    let in_order = permitted(call, i.extent_order).ok_or(Errno::EPERM)?;
    let out_order = permitted(call, o.extent_order).ok_or(Errno::EPERM)?;
    let sizes = i
        .nr_extents
        .checked_mul(in_order.frames())
        .zip(o.nr_extents.checked_mul(out_order.frames()));
    if i.domid != o.domid
        || x.nr_exchanged > i.nr_extents
        || sizes.is_none_or(|(a, b)| a != b)
        || i.nr_extents > u64::from(u32::MAX)
    {
        return Err(Errno::EINVAL.into());
    }
    call.need_range(i.extent_start.addr(), i.nr_extents, size_of::<u64>())?;
    call.need_range(o.extent_start.addr(), o.nr_extents, size_of::<u64>())?;
    let chunk = in_order.max(out_order).frames();
    let shape = Shape {
        in_order,
        out_order,
        in_each: chunk / in_order.frames(),
        out_each: chunk / out_order.frames(),
        bits: address_bits(call, o.mem_flags)?,
    };
    if x.nr_exchanged & (shape.in_each - 1) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let domain = call.hv.target(call.domain, i.domid)?;
    let result = loop {
        if x.nr_exchanged >= i.nr_extents {
            break Ok(0);
        }
        if let Err(e) = one_chunk(call, &domain, &x, &shape) {
            break Err(e.into());
        }
        x.nr_exchanged += shape.in_each;
        if x.nr_exchanged < i.nr_extents && call.hv.machine.preempt() {
            break Err(Stop::Again([XENMEM_EXCHANGE.into(), arg, 0, 0, 0, 0]));
        }
    };
    let at = arg.wrapping_add(core::mem::offset_of!(XenMemoryExchange, nr_exchanged) as u64);
    call.write(at, &x.nr_exchanged)?;
    result
}

fn one_chunk<M: Machine>(
    call: &Call<'_, M>,
    domain: &Domain,
    x: &XenMemoryExchange,
    shape: &Shape,
) -> Result<(), Errno> {
    let hv = call.hv;
    let out_list = x.out.extent_start.addr();
    let out_start = x.nr_exchanged / shape.in_each * shape.out_each;
    let mut old = Vec::new();
    let mut new = Vec::new();
    let mut places = Vec::new();
    let prepared = take_old(call, domain, x, shape, &mut old)
        .and_then(|()| {
            for _ in 0..shape.out_each {
                new.push(
                    hv.alloc_block(shape.out_order, shape.bits, false)
                        .map_err(errno)?,
                );
            }
            Ok(())
        })
        .and_then(|()| {
            for n in 0..shape.out_each {
                places.push(
                    call.read_at::<u64>(out_list, out_start + n)
                        .map_err(|_| Errno::EFAULT)?,
                );
            }
            Ok(())
        });
    if let Err(e) = prepared {
        put_back(call, domain, &old);
        new.iter().for_each(|block: &Block| hv.free_block(block));
        return Err(e);
    }
    let stamp = Some(hv.machine.stamp());
    for (mfn, _) in old {
        if let Err(e) = hv.frames.lock().free(mfn, Order::PAGE, stamp) {
            log::error!("exchanged frame {mfn} can't be freed: {e:?}");
        }
    }
    let mut told = Ok(());
    for (n, (block, first)) in (0..).zip(new.iter().zip(places)) {
        hv.assign_block(domain, block, true).map_err(errno)?;
        for (mfn, i) in block.frames().zip(0u64..) {
            hv.ledger.set_m2p(mfn, Pfn::new(first.wrapping_add(i)));
        }
        if call
            .write_at(out_list, out_start + n, &block.mfn.get())
            .is_err()
        {
            told = Err(Errno::EFAULT);
        }
    }
    told
}

/// Takes the frames of one chunk from the domain. What was taken is in `old`, with its place, even on errors.
fn take_old<M: Machine>(
    call: &Call<'_, M>,
    domain: &Domain,
    x: &XenMemoryExchange,
    shape: &Shape,
    old: &mut Vec<(Mfn, Pfn)>,
) -> Result<(), Errno> {
    for n in 0..shape.in_each {
        let first: u64 = call
            .read_at(x.input.extent_start.addr(), x.nr_exchanged + n)
            .map_err(|_| Errno::EFAULT)?;
        for i in 0..shape.in_order.frames() {
            let mfn = Mfn::new(first).checked_add(i).ok_or(Errno::EINVAL)?;
            let pfn = call.hv.ledger.m2p(mfn);
            domain
                .pages
                .lock()
                .steal(&call.hv.ledger, mfn)
                .map_err(|_| Errno::EINVAL)?;
            old.push((mfn, pfn));
        }
    }
    Ok(())
}

fn put_back<M: Machine>(call: &Call<'_, M>, domain: &Domain, old: &[(Mfn, Pfn)]) {
    for (mfn, pfn) in old {
        // The frame has just been the domain's own and still holds its data.
        if let Err(e) = domain.pages.lock().assign(&call.hv.ledger, *mfn, true) {
            log::error!("frame {mfn} of an exchange that failed is lost: {e:?}");
        }
        call.hv.ledger.set_m2p(*mfn, *pfn);
    }
}
