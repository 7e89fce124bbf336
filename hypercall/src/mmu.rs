//! Page-table calls.
//!
//! `mmu_update` and `mmuext_op` work through lists. Where one stops, the element that stopped it is told by the
//! count of those done, which goes to the caller's `done` if there is one; that this can't be written is the
//! caller's own loss. A call that must be interrupted starts again on the rest of its list, with a bit
//! in the count that says so.

use alloc::sync::Arc;

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
    tables: Arc<Domain>,
    frames: DomId,
}

/// Reads `foreigndom`: frames' owner in the low half, tables' owner plus one in the high half.
fn parties<M: Machine>(call: &Call<'_, M>, foreign: u64) -> Result<Parties, Stop> {
    let foreign = foreign as u32;
    let tables = match foreign >> 16 {
        0 => call.domain.clone(),
        n => call.hv.domain(DomId((n - 1) as u16)).ok_or(Errno::ESRCH)?,
    };
    let frames = match DomId(foreign as u16) {
        DomId::SELF => call.domain.id,
        special @ (DomId::IO | DomId::XEN) => special,
        id => call.hv.domain(id).ok_or(Errno::ESRCH)?.id,
    };
    if frames != call.domain.id && frames != DomId::IO {
        call.need_control()?;
    }
    call.need_right_to(&tables)?;
    Ok(Parties { tables, frames })
}

/// How far a list is done.
struct Progress {
    list: u64,
    size: u64,
    count: u64,
    done_at: u64,
    before: u32,
    index: u64,
    foreign: u64,
}

impl Progress {
    fn new<M: Machine>(call: &Call<'_, M>, size: usize) -> Result<Self, Stop> {
        let [list, count, done_at, foreign, ..] = call.args;
        let before = if count & CONTINUED != 0 && done_at != 0 {
            call.read(done_at).unwrap_or(0)
        } else {
            0
        };
        let count = count & !CONTINUED & 0xffff_ffff;
        call.need_range(list, count, size)?;
        Ok(Self {
            list,
            size: size as u64,
            count,
            done_at,
            before,
            index: 0,
            foreign,
        })
    }

    /// The arguments for the rest.
    fn again(&self) -> Stop {
        let list = self.list.wrapping_add(self.index * self.size);
        Stop::Again([
            list,
            (self.count - self.index) | CONTINUED,
            self.done_at,
            self.foreign,
            0,
            0,
        ])
    }

    /// Tells the caller.
    fn tell<M: Machine>(&self, call: &Call<'_, M>) {
        if self.done_at != 0 {
            let _ = call.write(self.done_at, &self.before.wrapping_add(self.index as u32));
        }
    }
}

/// What a refused L1 entry answers.
fn leaf_errno(e: MmError) -> Errno {
    match e {
        MmError::NoMemory => Errno::ENOMEM,
        MmError::IoDenied => Errno::EPERM,
        // Somebody else's, or in use as something that mustn't be mapped so.
        MmError::TypeConflict | MmError::NotOwner => Errno::EBUSY,
        _ => Errno::EINVAL,
    }
}

/// What anything else answers.
fn errno(e: MmError) -> Errno {
    match e {
        MmError::NoMemory => Errno::ENOMEM,
        MmError::IoDenied => Errno::EPERM,
        _ => Errno::EINVAL,
    }
}

/// `mmu_update(requests, count, done, foreigndom)`.
pub fn mmu_update<M: Machine>(call: &Call<'_, M>) -> Answer {
    let mut at = Progress::new(call, size_of::<MmuUpdate>())?;
    let who = parties(call, at.foreign)?;
    let result = loop {
        if at.index == at.count {
            break Ok(0);
        }
        if at.index & 63 == 63 && call.hv.machine.preempt() {
            break Err(at.again());
        }
        let request: MmuUpdate = match call.read_at(at.list, at.index) {
            Ok(request) => request,
            Err(e) => break Err(e),
        };
        if request.ptr & 7 > MMU_PT_UPDATE_NO_TRANSLATE {
            break Err(Errno::ENOSYS.into());
        }
        let done = call.hv.with_mmu(&who.tables, true, |mmu| {
            mmu.mmu_update(request.ptr, request.val, who.frames)
        });
        match done {
            Ok(()) => at.index += 1,
            Err(MmError::Preempted) => {
                call.hv.machine.preempt();
                break Err(at.again());
            }
            Err(e) => {
                log::debug!(
                    "{}{}: mmu_update {:#x} = {:#x} refused: {e:?}",
                    call.domain.id,
                    call.vcpu.id,
                    request.ptr,
                    request.val
                );
                break Err(update_errno(call, &who, &request, e).into());
            }
        }
    };
    at.tell(call);
    result
}

/// What a refused request answers: an entry of an L1 table by other errors than a table's own.
fn update_errno<M: Machine>(
    call: &Call<'_, M>,
    who: &Parties,
    request: &MmuUpdate,
    e: MmError,
) -> Errno {
    let table = Mfn::new(request.ptr >> units::PAGE_SHIFT);
    let ours = call.hv.ledger.owner(table) == Some(who.tables.id);
    let is_l1 = call
        .hv
        .ledger
        .frame(table)
        .is_some_and(|f| f.kind().ty() == FrameType::L1);
    if ours && is_l1 && request.ptr & 3 != MMU_MACHPHYS_UPDATE {
        leaf_errno(e)
    } else {
        errno(e)
    }
}

/// Flushes that `update_va_mapping` asks for.
fn flush<M: Machine>(call: &Call<'_, M>, va: u64, flags: u64) -> Result<(), Stop> {
    let m = &call.hv.machine;
    let here = CpuMask::of(m.this_cpu());
    let kind = flags & UVMF_FLUSHTYPE_MASK;
    if !matches!(kind, UVMF_TLB_FLUSH | UVMF_INVLPG) {
        return Ok(());
    }
    let cpus = match flags & !UVMF_FLUSHTYPE_MASK {
        UVMF_LOCAL => here,
        UVMF_ALL => call.hv.dirty_cpus(call.domain),
        mask => vcpus_to_cpus(call, mask)?,
    };
    if kind == UVMF_TLB_FLUSH {
        m.flush(&cpus);
    } else {
        m.flush_page(&cpus, GuestAddr::new(va));
    }
    Ok(())
}

/// The processors of the vCPUs in the guest's bitmap at `mask`.
fn vcpus_to_cpus<M: Machine>(call: &Call<'_, M>, mask: u64) -> Result<CpuMask, Stop> {
    let mut cpus = CpuMask::EMPTY;
    let vcpus = call.domain.vcpus();
    for (group, i) in vcpus.chunks(8).zip(0u64..) {
        let bits: u8 = call.read_at(mask, i)?;
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
    let root = Mfn::new(call.vcpu.block.cr3_kernel.get() >> units::PAGE_SHIFT);
    call.hv
        .with_mmu(call.domain, false, |mmu| {
            mmu.update_va_mapping(root, va, entry, owner)
        })
        .map_err(|e| {
            log::debug!(
                "{}{}: update_va_mapping {va:#x} = {entry:#x} refused: {e:?}",
                call.domain.id,
                call.vcpu.id
            );
            leaf_errno(e)
        })?;
    flush(call, va, flags)?;
    Ok(0)
}

/// `mmuext_op(ops, count, done, foreigndom)`.
pub fn mmuext_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let mut at = Progress::new(call, size_of::<MmuextOp>())?;
    // Tables always are the caller's own here.
    let who = parties(call, at.foreign & 0xffff)?;
    let result = loop {
        if at.index == at.count {
            break Ok(0);
        }
        if at.index & 15 == 15 && call.hv.machine.preempt() {
            break Err(at.again());
        }
        let op: MmuextOp = match call.read_at(at.list, at.index) {
            Ok(op) => op,
            Err(e) => break Err(e),
        };
        match one_mmuext(call, &who, &op) {
            Ok(()) => at.index += 1,
            Err(Stop::Again(_)) => break Err(at.again()),
            Err(e) => {
                log::debug!(
                    "{}{}: mmuext_op {} {:#x} {:#x} refused: {e:?}",
                    call.domain.id,
                    call.vcpu.id,
                    op.cmd,
                    op.arg1,
                    op.arg2
                );
                break Err(e);
            }
        }
    };
    at.tell(call);
    result
}

fn one_mmuext<M: Machine>(call: &Call<'_, M>, who: &Parties, op: &MmuextOp) -> Result<(), Stop> {
    let m = &call.hv.machine;
    let frame = Mfn::new(op.arg1);
    let here = || CpuMask::of(m.this_cpu());
    let all = || call.hv.dirty_cpus(call.domain);
    let some = |mask| vcpus_to_cpus(call, mask).map_err(|_| Errno::EINVAL);
    match op.cmd {
        MMUEXT_PIN_L1_TABLE..=MMUEXT_PIN_L4_TABLE => {
            let level = Level::new(op.cmd - MMUEXT_PIN_L1_TABLE + 1).ok_or(Errno::EINVAL)?;
            let owner = call.hv.domain(who.frames).ok_or(Errno::EINVAL)?;
            let pinned = call.hv.with_mmu(&owner, true, |mmu| mmu.pin(level, frame));
            pinned.map_err(|e| refused(e, || pin_errno(call, &owner, level, frame, e)))
        }
        MMUEXT_UNPIN_TABLE => {
            let owner = call.hv.domain(who.frames).ok_or(Errno::EINVAL)?;
            call.hv
                .with_mmu(&owner, true, |mmu| mmu.unpin(frame))
                .map_err(|e| refused(e, || errno(e)))
        }
        MMUEXT_CLEAR_PAGE => Ok(call
            .hv
            .with_mmu(call.domain, false, |mmu| mmu.clear_page(frame, who.frames))
            .map_err(errno)?),
        MMUEXT_COPY_PAGE => {
            let from = Mfn::new(op.arg2);
            Ok(call
                .hv
                .with_mmu(call.domain, false, |mmu| {
                    mmu.copy_page(frame, from, who.frames)
                })
                .map_err(errno)?)
        }
        MMUEXT_MARK_SUPER | MMUEXT_UNMARK_SUPER => Err(Errno::EOPNOTSUPP.into()),
        MMUEXT_NEW_BASEPTR..=MMUEXT_SET_LDT
        | MMUEXT_NEW_USER_BASEPTR
        | MMUEXT_FLUSH_CACHE_GLOBAL
            if who.frames != call.domain.id =>
        {
            Err(Errno::EPERM.into())
        }
        MMUEXT_NEW_BASEPTR => {
            if frame.get() == 0 {
                return Err(Errno::EINVAL.into());
            }
            preemptible(call.hv.new_base(call.vcpu, call.domain, frame))?;
            call.hv.clear_ldt(call.vcpu, call.domain);
            Ok(())
        }
        MMUEXT_NEW_USER_BASEPTR => {
            preemptible(call.hv.new_user_base(call.vcpu, call.domain, frame))
        }
        MMUEXT_TLB_FLUSH_LOCAL => {
            m.flush(&here());
            Ok(())
        }
        MMUEXT_INVLPG_LOCAL => {
            m.flush_page(&here(), GuestAddr::new(op.arg1));
            Ok(())
        }
        MMUEXT_TLB_FLUSH_MULTI => {
            m.flush(&some(op.arg2)?);
            Ok(())
        }
        MMUEXT_INVLPG_MULTI => {
            m.flush_page(&some(op.arg2)?, GuestAddr::new(op.arg1));
            Ok(())
        }
        MMUEXT_TLB_FLUSH_ALL => {
            m.flush(&all());
            Ok(())
        }
        MMUEXT_INVLPG_ALL => {
            m.flush_page(&all(), GuestAddr::new(op.arg1));
            Ok(())
        }
        MMUEXT_FLUSH_CACHE | MMUEXT_FLUSH_CACHE_GLOBAL => {
            if !call.domain.io.hardware {
                let global = op.cmd == MMUEXT_FLUSH_CACHE_GLOBAL;
                return Err(if global { Errno::EINVAL } else { Errno::EACCES }.into());
            }
            m.wbinvd();
            Ok(())
        }
        MMUEXT_SET_LDT => {
            let (base, entries) = (op.arg1, op.arg2);
            let inside = arch_defs::layout::guest_range_ok(base, entries.saturating_mul(8));
            if base & 0xfff != 0 || entries > 8192 || !inside {
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
        _ => Err(Errno::ENOSYS.into()),
    }
}

fn refused(e: MmError, errno: impl FnOnce() -> Errno) -> Stop {
    if e == MmError::Preempted {
        Stop::Again([0; 6])
    } else {
        errno().into()
    }
}

/// What a refused pin answers: a conflict about the frame itself is an invalid request, one about what an L1 table maps
/// means that the thing mapped is busy.
fn pin_errno<M: Machine>(
    call: &Call<'_, M>,
    owner: &Domain,
    level: Level,
    frame: Mfn,
    e: MmError,
) -> Errno {
    let kind = call.hv.ledger.frame(frame).map(|f| f.kind());
    let fits = kind.is_some_and(|k| k.count() == 0 || k.ty() == FrameType::table(level));
    if level == Level::L1 && fits && call.hv.ledger.owner(frame) == Some(owner.id) {
        leaf_errno(e)
    } else {
        errno(e)
    }
}

fn preemptible(done: Result<(), Errno>) -> Result<(), Stop> {
    match done {
        Err(Errno::ERESTART) => Err(Stop::Again([0; 6])),
        Err(Errno::ENOMEM) => Err(Errno::ENOMEM.into()),
        Err(_) => Err(Errno::EINVAL.into()),
        Ok(()) => Ok(()),
    }
}
