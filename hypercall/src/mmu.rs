//! Page-table calls.

use abi::Errno;
use abi::xen::*;
use arch_defs::pte::Level;
use domain::{Domain, Machine};
use mm::{FrameType, MmError};
use units::{CpuMask, DomId, GuestAddr, Mfn};

use crate::{Answer, Call, Stop};

/// Bit of a count that says that `done` has counted already (`MMU_UPDATE_PREEMPTED`).
const CONTINUED: u64 = 1 << 31;

/// The domain whose tables change and the one whose frames are mapped, from a `foreigndom` argument.
struct Parties {
    tables: alloc::sync::Arc<Domain>,
    frames: DomId,
}

/// Reads `foreigndom`: frames' owner in the low half, tables' owner plus one in the high half.
fn parties<M: Machine>(call: &Call<'_, M>, foreign: u64) -> Result<Parties, Stop> {
    let foreign = foreign as u32;
    let tables = match foreign >> 16 {
        0 => call.domain.clone(),
        n => call.hv.target(call.domain, (n - 1) as u16).map_err(|_| Errno::EPERM)?,
    };
    let frames = match DomId(foreign as u16) {
        DomId::SELF => call.domain.id,
        DomId::IO if call.domain.io.hardware => DomId::IO,
        DomId::XEN if call.domain.io.control => DomId::XEN,
        DomId::IO | DomId::XEN => return Err(Errno::EPERM.into()),
        id if !id.is_real() => return Err(Errno::ESRCH.into()),
        id => call.hv.target(call.domain, id.0)?.id,
    };
    Ok(Parties { tables, frames })
}

fn errno(e: MmError) -> Errno {
    match e {
        MmError::NoMemory => Errno::ENOMEM,
        MmError::IoDenied => Errno::EPERM,
        _ => Errno::EINVAL,
    }
}

/// `mmu_update(requests, count, done, foreigndom)`.
pub fn mmu_update<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [list, count, done_at, foreign, ..] = call.args;
    let mut done = 0u32;
    let count = if count & CONTINUED != 0 {
        if done_at != 0 {
            done = call.read(done_at)?;
        }
        count & !CONTINUED & 0xffff_ffff
    } else {
        count & 0xffff_ffff
    };
    let who = parties(call, foreign)?;
    let mut index = 0;
    let result = loop {
        if index == count {
            break Ok(0);
        }
        if index & 63 == 63 && call.hv.machine.preempt() {
            break Err(Stop::Again([list.wrapping_add(index * 16), (count - index) | CONTINUED, done_at, foreign, 0, 0]));
        }
        let request: MmuUpdate = match call.read_at(list, index) {
            Ok(request) => request,
            Err(e) => break Err(e),
        };
        let done = call.hv.with_mmu(&who.tables, true, |mmu| mmu.mmu_update(request.ptr, request.val, who.frames));
        match done {
            Ok(()) => index += 1,
            Err(MmError::Preempted) => {
                call.hv.machine.preempt();
                break Err(Stop::Again([list.wrapping_add(index * 16), (count - index) | CONTINUED, done_at, foreign, 0, 0]));
            }
            Err(e) => {
                log::debug!("{}{}: mmu_update {:#x} = {:#x} refused: {e:?}", call.domain.id, call.vcpu.id, request.ptr, request.val);
                break Err(errno(e).into());
            }
        }
    };
    if done_at != 0 {
        done = done.wrapping_add(index as u32);
        call.write(done_at, &done)?;
    }
    result
}

/// Flushes that `update_va_mapping` asks for.
fn flush<M: Machine>(call: &Call<'_, M>, va: u64, flags: u64) -> Result<(), Stop> {
    let m = &call.hv.machine;
    let here = CpuMask::of(m.this_cpu());
    let cpus = match flags & !UVMF_FLUSHTYPE_MASK {
        UVMF_LOCAL => here,
        UVMF_ALL => call.hv.dirty_cpus(call.domain),
        mask => vcpus_to_cpus(call, mask)?,
    };
    match flags & UVMF_FLUSHTYPE_MASK {
        UVMF_TLB_FLUSH => m.flush(&cpus),
        UVMF_INVLPG => m.flush_page(&cpus, GuestAddr::new(va)),
        _ => {}
    }
    Ok(())
}

/// The processors of the vCPUs in the guest's bitmap at `mask`.
fn vcpus_to_cpus<M: Machine>(call: &Call<'_, M>, mask: u64) -> Result<CpuMask, Stop> {
    let mut cpus = CpuMask::EMPTY;
    let vcpus = call.domain.vcpus();
    for (i, group) in vcpus.chunks(8).enumerate() {
        let bits: u8 = call.read_at(mask, i as u64)?;
        for (bit, vcpu) in group.iter().enumerate() {
            if bits >> bit & 1 != 0 {
                cpus.set(vcpu.cpu());
            }
        }
    }
    Ok(cpus.and(&call.hv.dirty_cpus(call.domain)))
}

/// `update_va_mapping(va, entry, flags)`.
pub fn update_va_mapping<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [va, entry, flags, ..] = call.args;
    map_va(call, va, entry, flags, call.domain.id)
}

/// `update_va_mapping_otherdomain(va, entry, flags, domid)`.
pub fn update_va_mapping_otherdomain<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [va, entry, flags, domid, ..] = call.args;
    let who = parties(call, domid & 0xffff)?;
    map_va(call, va, entry, flags, who.frames)
}

fn map_va<M: Machine>(call: &Call<'_, M>, va: u64, entry: u64, flags: u64, owner: DomId) -> Answer {
    let root = Mfn::new(call.vcpu.block.cr3_kernel.get() >> 12);
    call.hv.with_mmu(call.domain, false, |mmu| mmu.update_va_mapping(root, va, entry, owner)).map_err(|e| {
        log::debug!("{}{}: update_va_mapping {va:#x} = {entry:#x} refused: {e:?}", call.domain.id, call.vcpu.id);
        errno(e)
    })?;
    flush(call, va, flags)?;
    Ok(0)
}

/// `mmuext_op(ops, count, done, foreigndom)`.
pub fn mmuext_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [list, count, done_at, foreign, ..] = call.args;
    let mut done = 0u32;
    let count = if count & CONTINUED != 0 {
        if done_at != 0 {
            done = call.read(done_at)?;
        }
        count & !CONTINUED & 0xffff_ffff
    } else {
        count & 0xffff_ffff
    };
    let who = parties(call, foreign)?;
    let mut index = 0;
    let result = loop {
        if index == count {
            break Ok(0);
        }
        let rest = [list.wrapping_add(index * 24), (count - index) | CONTINUED, done_at, foreign, 0, 0];
        if index & 15 == 15 && call.hv.machine.preempt() {
            break Err(Stop::Again(rest));
        }
        let op: MmuextOp = match call.read_at(list, index) {
            Ok(op) => op,
            Err(e) => break Err(e),
        };
        match one_mmuext(call, &who, &op) {
            Ok(()) => index += 1,
            Err(Stop::Again(_)) => break Err(Stop::Again(rest)),
            Err(e) => {
                log::debug!("{}{}: mmuext_op {} {:#x} {:#x} refused: {e:?}", call.domain.id, call.vcpu.id, op.cmd, op.arg1, op.arg2);
                break Err(e);
            }
        }
    };
    if done_at != 0 {
        done = done.wrapping_add(index as u32);
        call.write(done_at, &done)?;
    }
    result
}

fn one_mmuext<M: Machine>(call: &Call<'_, M>, who: &Parties, op: &MmuextOp) -> Result<(), Stop> {
    let m = &call.hv.machine;
    let frame = Mfn::new(op.arg1);
    let here = CpuMask::of(m.this_cpu());
    let all = call.hv.dirty_cpus(call.domain);
    // The frames' owner is the subject of pins; everything else is about the caller itself.
    let subject = if who.frames == call.domain.id { call.domain.clone() } else { call.hv.target(call.domain, who.frames.0)? };
    let refuse = |e: MmError| match e {
        MmError::Preempted => Stop::Again([0; 6]),
        e => Stop::from(errno(e)),
    };
    match op.cmd {
        MMUEXT_PIN_L1_TABLE..=MMUEXT_PIN_L4_TABLE => {
            let level = Level::new(op.cmd - MMUEXT_PIN_L1_TABLE + 1).ok_or(Errno::EINVAL)?;
            call.hv.with_mmu(&subject, true, |mmu| mmu.pin(level, frame)).map_err(refuse)
        }
        MMUEXT_UNPIN_TABLE => call.hv.with_mmu(&subject, true, |mmu| mmu.unpin(frame)).map_err(refuse),
        _ if who.frames != call.domain.id => Err(Errno::EPERM.into()),
        MMUEXT_NEW_BASEPTR => {
            call.hv.clear_ldt(call.vcpu, call.domain);
            if frame.get() == 0 {
                return Err(Errno::EINVAL.into());
            }
            preemptible(call.hv.new_base(call.vcpu, call.domain, frame))
        }
        MMUEXT_NEW_USER_BASEPTR => preemptible(call.hv.new_user_base(call.vcpu, call.domain, frame)),
        MMUEXT_TLB_FLUSH_LOCAL => {
            m.flush(&here);
            Ok(())
        }
        MMUEXT_INVLPG_LOCAL => {
            m.flush_page(&here, GuestAddr::new(op.arg1));
            Ok(())
        }
        MMUEXT_TLB_FLUSH_MULTI => {
            m.flush(&vcpus_to_cpus(call, op.arg2)?);
            Ok(())
        }
        MMUEXT_INVLPG_MULTI => {
            m.flush_page(&vcpus_to_cpus(call, op.arg2)?, GuestAddr::new(op.arg1));
            Ok(())
        }
        MMUEXT_TLB_FLUSH_ALL => {
            m.flush(&all);
            Ok(())
        }
        MMUEXT_INVLPG_ALL => {
            m.flush_page(&all, GuestAddr::new(op.arg1));
            Ok(())
        }
        MMUEXT_FLUSH_CACHE => {
            if !call.domain.io.hardware {
                return Err(Errno::EACCES.into());
            }
            m.wbinvd();
            Ok(())
        }
        MMUEXT_FLUSH_CACHE_GLOBAL => {
            if !call.domain.io.hardware {
                return Err(Errno::EACCES.into());
            }
            m.wbinvd();
            Ok(())
        }
        MMUEXT_SET_LDT => {
            let (base, entries) = (op.arg1, op.arg2);
            if base & 0xfff != 0 || entries > 8192 {
                return Err(Errno::EINVAL.into());
            }
            call.hv.clear_ldt(call.vcpu, call.domain);
            {
                let mut pv = call.vcpu.pv.lock();
                (pv.ldt_base, pv.ldt_entries) = (base, entries as u32);
            }
            m.load_ldt(entries as u32);
            Ok(())
        }
        MMUEXT_CLEAR_PAGE => writable(call, frame, |f| m.zero(f)),
        MMUEXT_COPY_PAGE => {
            let from = Mfn::new(op.arg2);
            call.hv.ledger.get_page(from, call.domain.id).map_err(errno)?;
            let done = writable(call, frame, |f| m.copy_frame(f, from));
            call.hv.with_mmu(call.domain, false, |mmu| mmu.put_page(from));
            done
        }
        MMUEXT_MARK_SUPER | MMUEXT_UNMARK_SUPER => Err(Errno::EOPNOTSUPP.into()),
        _ => Err(Errno::ENOSYS.into()),
    }
}

fn preemptible(done: Result<(), Errno>) -> Result<(), Stop> {
    match done {
        Err(Errno::ERESTART) => Err(Stop::Again([0; 6])),
        done => done.map_err(Stop::from),
    }
}

/// Does something to a plain frame of the caller.
fn writable<M: Machine>(call: &Call<'_, M>, frame: Mfn, work: impl FnOnce(Mfn)) -> Result<(), Stop> {
    call.hv.with_mmu(call.domain, false, |mmu| {
        mmu.get_page_and_type(frame, call.domain.id, FrameType::Writable).map_err(errno)?;
        work(frame);
        mmu.put_page_and_type(frame);
        Ok(())
    })
}
