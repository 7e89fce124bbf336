//! Calls about the caller's own virtual processor: traps, callbacks, descriptors, segments, debug registers.

use abi::Errno;
use abi::arch_x86::{
    SEGBASE_FS, SEGBASE_GS_KERNEL, SEGBASE_GS_USER, SEGBASE_GS_USER_SEL, TrapInfo,
};
use abi::callback::*;
use arch_defs::layout::selector;
use arch_defs::pte::canonical;
use arrayvec::ArrayVec;
use domain::machine::Base;
use domain::pv::iret::{IretError, iret as load_frame};
use domain::{Machine, Trap};
use units::{MAddr, Mfn};

use crate::{Answer, Call, Stop};

/// Code selectors that a guest may name lead to ring 3: anything but the hypervisor's own gets privilege 3.
fn code_selector(cs: u16) -> u16 {
    if cs & !3 == selector::HV_CS {
        0
    } else {
        cs | 3
    }
}

/// Entries of a trap table between two preemption points.
const BATCH: u64 = 64;

/// `set_trap_table(table)`: entries up to one with address 0; a null table forgets all.
pub fn set_trap_table<M: Machine>(call: &Call<'_, M>) -> Answer {
    let table = call.args[0];
    if table == 0 {
        call.vcpu.pv.lock().traps.fill(Trap::default());
        return Ok(0);
    }
    for index in 0.. {
        if index != 0 && index % BATCH == 0 {
            // The rest of the list is a list.
            call.preemption_point([
                table.wrapping_add(index * size_of::<TrapInfo>() as u64),
                0,
                0,
                0,
                0,
                0,
            ])?;
        }
        let entry: TrapInfo = call.read_at(table, index)?;
        if entry.address == 0 {
            break;
        }
        if !canonical(entry.address) {
            return Err(Errno::EINVAL.into());
        }
        if let Some(slot) = call.vcpu.pv.lock().traps.get_mut(usize::from(entry.vector)) {
            *slot = Trap {
                cs: code_selector(entry.cs),
                flags: entry.flags,
                address: entry.address,
            };
        }
    }
    Ok(0)
}

/// `set_gdt(frames, entries)`.
pub fn set_gdt<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [list, entries, ..] = call.args;
    if entries > u64::from(abi::arch_x86::FIRST_RESERVED_GDT_ENTRY) {
        return Err(Errno::EINVAL.into());
    }
    let mut frames: ArrayVec<Mfn, 14> = ArrayVec::new();
    for index in 0..entries.div_ceil(512) {
        let _ = frames.try_push(Mfn::new(call.read_at(list, index)?));
    }
    call.hv.with_mmu(call.domain, false, |mmu| {
        for (taken, frame) in frames.iter().enumerate() {
            if let Err(e) = mmu.get_descriptor_page(*frame) {
                frames
                    .iter()
                    .take(taken)
                    .for_each(|f| mmu.put_page_and_type(*f));
                log::debug!(
                    "{}{}: GDT frame {frame} refused: {e:?}",
                    call.domain.id,
                    call.vcpu.id
                );
                return Err(Stop::from(Errno::EINVAL));
            }
        }
        let old = {
            let mut pv = call.vcpu.pv.lock();
            pv.gdt_entries = entries as u32;
            core::mem::replace(&mut pv.gdt_frames, frames)
        };
        call.hv.machine.show_gdt(&call.vcpu.pv.lock().gdt_frames);
        old.iter().for_each(|f| mmu.put_page_and_type(*f));
        Ok(0)
    })
}

/// `stack_switch(ss, sp)`.
pub fn stack_switch<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [ss, sp, ..] = call.args;
    call.vcpu.block.kernel_ss.set(ss & 0xffff | 3);
    call.vcpu.block.kernel_sp.set(sp);
    Ok(0)
}

/// `set_callbacks(event, failsafe, syscall)`: an old call that has no errors. A bad address changes nothing.
pub fn set_callbacks<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [event, failsafe, syscall, ..] = call.args;
    for (kind, address) in [
        (CALLBACKTYPE_EVENT, event),
        (CALLBACKTYPE_FAILSAFE, failsafe),
        (CALLBACKTYPE_SYSCALL, syscall),
    ] {
        let _ = set_callback(call, kind, address, None);
    }
    Ok(0)
}

/// Registers a callback. Without `mask`, whether it masks events stays as it is.
fn set_callback<M: Machine>(
    call: &Call<'_, M>,
    kind: u16,
    address: u64,
    mask: Option<bool>,
) -> Answer {
    if !canonical(address) {
        return Err(Errno::EINVAL.into());
    }
    let block = &call.vcpu.block;
    let mut pv = call.vcpu.pv.lock();
    let slot = match kind {
        CALLBACKTYPE_EVENT => &mut pv.event,
        CALLBACKTYPE_FAILSAFE => &mut pv.failsafe,
        CALLBACKTYPE_SYSCALL32 => &mut pv.syscall32,
        CALLBACKTYPE_SYSENTER => &mut pv.sysenter,
        CALLBACKTYPE_SYSCALL => {
            block.syscall_entry.set(address);
            if let Some(mask) = mask {
                block.syscall_masks.set(mask.into());
            }
            return Ok(0);
        }
        CALLBACKTYPE_NMI => {
            pv.nmi = address;
            return Ok(0);
        }
        _ => return Err(Errno::ENOSYS.into()),
    };
    slot.address = address;
    if let Some(mask) = mask {
        slot.mask_events = mask;
    }
    Ok(0)
}

/// `callback_op(cmd, arg)`.
pub fn callback_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, arg, ..] = call.args;
    match cmd as u32 {
        CALLBACKOP_REGISTER => {
            let op: CallbackRegister = call.read(arg)?;
            set_callback(
                call,
                op.kind,
                op.address,
                Some(op.flags & CALLBACKF_MASK_EVENTS != 0),
            )
        }
        CALLBACKOP_UNREGISTER => {
            let op: CallbackUnregister = call.read(arg)?;
            match op.kind {
                CALLBACKTYPE_NMI => call.vcpu.pv.lock().nmi = 0,
                CALLBACKTYPE_EVENT
                | CALLBACKTYPE_FAILSAFE
                | CALLBACKTYPE_SYSCALL
                | CALLBACKTYPE_SYSCALL32
                | CALLBACKTYPE_SYSENTER => return Err(Errno::EINVAL.into()),
                _ => return Err(Errno::ENOSYS.into()),
            }
            Ok(0)
        }
        _ => Err(Errno::ENOSYS.into()),
    }
}

/// `nmi_op(cmd, arg)`.
pub fn nmi_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, arg, ..] = call.args;
    match cmd as u32 {
        abi::nmi::XENNMI_REGISTER_CALLBACK => {
            let op: abi::nmi::XennmiCallback = call.read(arg)?;
            // Real ones are for the first vCPU of the domain that has the hardware.
            if !call.domain.io.hardware || call.vcpu.id.0 != 0 {
                return Err(Errno::EINVAL.into());
            }
            set_callback(call, CALLBACKTYPE_NMI, op.handler_address, None)
        }
        abi::nmi::XENNMI_UNREGISTER_CALLBACK => {
            call.vcpu.pv.lock().nmi = 0;
            Ok(0)
        }
        _ => Err(Errno::ENOSYS.into()),
    }
}

/// `fpu_taskswitch(set)`.
pub fn fpu_taskswitch<M: Machine>(call: &Call<'_, M>) -> Answer {
    let on = call.args[0] != 0;
    call.vcpu.pv.lock().task_switched = on;
    call.hv.machine.set_task_switched(on);
    Ok(0)
}

/// `set_debugreg(reg, value)`.
pub fn set_debugreg<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [reg, value, ..] = call.args;
    if reg as u32 > 7 {
        return Err(Errno::ENODEV.into());
    }
    call.hv.set_debug(call.vcpu, reg as u32, value)?;
    Ok(0)
}

/// `get_debugreg(reg)`.
pub fn get_debugreg<M: Machine>(call: &Call<'_, M>) -> Answer {
    let index = match call.args[0] as u32 {
        4 => 6,
        5 => 7,
        n => n,
    };
    let value = call.vcpu.pv.lock().debug.get(index as usize).copied();
    value.ok_or_else(|| Errno::ENODEV.into())
}

/// `update_descriptor(machine address, descriptor)`.
pub fn update_descriptor<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [at, descriptor, ..] = call.args;
    call.hv
        .with_mmu(call.domain, false, |mmu| {
            mmu.update_descriptor(MAddr::new(at), descriptor)
        })
        .map_err(|_| Errno::EINVAL)?;
    Ok(0)
}

/// `set_segment_base(which, base)`.
pub fn set_segment_base<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [which, base, ..] = call.args;
    let m = &call.hv.machine;
    let ok = match which as u32 {
        SEGBASE_FS => m.set_base(Base::Fs, base),
        SEGBASE_GS_USER => m.set_base(Base::GsOther, base),
        SEGBASE_GS_KERNEL => m.set_base(Base::Gs, base),
        SEGBASE_GS_USER_SEL => m.load_user_gs(base as u16),
        _ => return Err(Errno::EINVAL.into()),
    };
    // A selector without a usable segment becomes null, and Xen says so by no error; a base that isn't canonical is one.
    if ok || which as u32 == SEGBASE_GS_USER_SEL {
        Ok(0)
    } else {
        Err(Errno::EINVAL.into())
    }
}

/// `vm_assist(cmd, type)`.
pub fn vm_assist<M: Machine>(call: &Call<'_, M>) -> Answer {
    use abi::xen::*;
    use core::sync::atomic::Ordering;
    let [cmd, kind, ..] = call.args;
    // Those of 32-bit guests are taken and change nothing.
    const KNOWN: u64 = 1 << VMASST_TYPE_4GB_SEGMENTS
        | 1 << VMASST_TYPE_4GB_SEGMENTS_NOTIFY
        | 1 << VMASST_TYPE_WRITABLE_PAGETABLES
        | 1 << VMASST_TYPE_PAE_EXTENDED_CR3
        | 1 << VMASST_TYPE_ARCHITECTURAL_IOPL
        | 1 << VMASST_TYPE_RUNSTATE_UPDATE_FLAG
        | 1 << VMASST_TYPE_M2P_STRICT;
    let kind = kind as u32;
    if kind >= 64 || KNOWN >> kind & 1 == 0 {
        return Err(Errno::EINVAL.into());
    }
    let bits = &call.domain.vm_assist;
    match cmd as u32 {
        VMASST_CMD_ENABLE => bits.fetch_or(1 << kind, Ordering::Relaxed),
        VMASST_CMD_DISABLE => bits.fetch_and(!(1 << kind), Ordering::Relaxed),
        _ => return Err(Errno::ENOSYS.into()),
    };
    Ok(0)
}

/// `iret()`.
pub fn iret<M: Machine>(call: &Call<'_, M>) -> Answer {
    if let Err(e) = load_frame(&call.hv.machine, call.vcpu) {
        let why = match e {
            IretError::Unreadable(_) => "its return frame can't be read",
            IretError::NoUserTable => "it returns to user mode without a user page table",
        };
        call.hv.crash(call.vcpu, format_args!("{why} ({e:?})"));
    }
    Err(Stop::Replaced)
}
