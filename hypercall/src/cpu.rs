//! Calls about the caller's own virtual processor: traps, callbacks, descriptors, segments, debug registers.

use abi::Errno;
use abi::arch_x86::{SEGBASE_FS, SEGBASE_GS_KERNEL, SEGBASE_GS_USER, SEGBASE_GS_USER_SEL, TrapInfo};
use abi::callback::*;
use arch_defs::layout::{guest_range_ok, selector};
use arrayvec::ArrayVec;
use domain::machine::Base;
use domain::pv::iret::{IretError, iret as load_frame};
use domain::{Machine, Trap};
use units::{MAddr, Mfn};

use crate::{Answer, Call, Stop};

/// Code selectors that a guest may name lead to ring 3: anything but the hypervisor's own gets privilege 3.
fn code_selector(cs: u16) -> u16 {
    if cs & !3 == selector::HV_CS { 0 } else { cs | 3 }
}

fn address_ok(address: u64) -> bool {
    guest_range_ok(address, 1)
}

/// `set_trap_table(table)`: entries up to one with address 0; a null table forgets all.
pub fn set_trap_table<M: Machine>(call: &Call<'_, M>) -> Answer {
    let table = call.args[0];
    if table == 0 {
        call.vcpu.pv.lock().traps.fill(Trap::default());
        return Ok(0);
    }
    // At most one entry a vector makes sense; more only overwrite.
    for index in 0..=256u64 {
        let entry: TrapInfo = call.read_at(table, index)?;
        if entry.address == 0 {
            return Ok(0);
        }
        if !address_ok(entry.address) {
            return Err(Errno::EINVAL.into());
        }
        if let Some(slot) = call.vcpu.pv.lock().traps.get_mut(usize::from(entry.vector)) {
            *slot = Trap { cs: code_selector(entry.cs), flags: entry.flags, address: entry.address };
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
                frames.iter().take(taken).for_each(|f| mmu.put_page_and_type(*f));
                log::debug!("{}{}: GDT frame {frame} refused: {e:?}", call.domain.id, call.vcpu.id);
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

/// `set_callbacks(event, failsafe, syscall)`.
pub fn set_callbacks<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [event, failsafe, syscall, ..] = call.args;
    for (kind, address) in [(CALLBACKTYPE_EVENT, event), (CALLBACKTYPE_FAILSAFE, failsafe), (CALLBACKTYPE_SYSCALL, syscall)] {
        set_callback(call, kind, address, None)?;
    }
    Ok(0)
}

/// Registers a callback. Without `mask`, whether it masks events stays as it is.
fn set_callback<M: Machine>(call: &Call<'_, M>, kind: u16, address: u64, mask: Option<bool>) -> Answer {
    if !address_ok(address) {
        return Err(Errno::EINVAL.into());
    }
    let block = &call.vcpu.block;
    let mut pv = call.vcpu.pv.lock();
    let slot = match kind {
        CALLBACKTYPE_EVENT => &mut pv.event,
        CALLBACKTYPE_FAILSAFE => &mut pv.failsafe,
        CALLBACKTYPE_SYSCALL32 => &mut pv.syscall32,
        CALLBACKTYPE_SYSENTER | CALLBACKTYPE_SYSENTER_DEPRECATED => &mut pv.sysenter,
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
            set_callback(call, op.kind, op.address, Some(op.flags & CALLBACKF_MASK_EVENTS != 0))
        }
        CALLBACKOP_UNREGISTER => {
            let op: CallbackUnregister = call.read(arg)?;
            match op.kind {
                CALLBACKTYPE_NMI => call.vcpu.pv.lock().nmi = 0,
                CALLBACKTYPE_EVENT | CALLBACKTYPE_FAILSAFE | CALLBACKTYPE_SYSCALL | CALLBACKTYPE_SYSCALL32
                | CALLBACKTYPE_SYSENTER | CALLBACKTYPE_SYSENTER_DEPRECATED => return Err(Errno::EINVAL.into()),
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
    call.hv.set_debug(call.vcpu, reg as u32, value)?;
    Ok(0)
}

/// `get_debugreg(reg)`.
pub fn get_debugreg<M: Machine>(call: &Call<'_, M>) -> Answer {
    let index = match call.args[0] {
        4 => 6,
        5 => 7,
        n => n,
    };
    let value = call.vcpu.pv.lock().debug.get(index as usize).copied();
    value.ok_or_else(|| Errno::EINVAL.into())
}

/// `update_descriptor(machine address, descriptor)`.
pub fn update_descriptor<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [at, descriptor, ..] = call.args;
    call.hv
        .with_mmu(call.domain, false, |mmu| mmu.update_descriptor(MAddr::new(at), descriptor))
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
    if ok || which as u32 == SEGBASE_GS_USER_SEL { Ok(0) } else { Err(Errno::EINVAL.into()) }
}

/// `vm_assist(cmd, type)`.
pub fn vm_assist<M: Machine>(call: &Call<'_, M>) -> Answer {
    use core::sync::atomic::Ordering;
    let [cmd, kind, ..] = call.args;
    // writable_pagetables, pae_extended_cr3 (32-bit only), architectural_iopl, runstate_update_flag, m2p_strict.
    const KNOWN: u64 = 1 << 2 | 1 << 4 | 1 << 5 | 1 << 32;
    if kind >= 64 || KNOWN >> kind & 1 == 0 {
        return Err(Errno::EINVAL.into());
    }
    let bits = &call.domain.vm_assist;
    match cmd as u32 {
        abi::xen::VMASST_CMD_ENABLE => bits.fetch_or(1 << kind, Ordering::Relaxed),
        abi::xen::VMASST_CMD_DISABLE => bits.fetch_and(!(1 << kind), Ordering::Relaxed),
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
