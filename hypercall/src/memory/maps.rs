//! What a domain may know of memory: the machine's map, its own, and the machine-to-physical table.

use abi::Errno;
use abi::arch_x86::MACH2PHYS_VIRT_END;
use abi::memory::*;
use arch_defs::layout;
use domain::Machine;

use crate::{Answer, Call};

/// Most entries of a map that the toolstack may set.
const MAX_ENTRIES: u32 = 1024;

/// `XENMEM_machphys_mfn_list`: frames of the machine-to-physical table, one for each 2 MiB of it.
pub fn machphys_list<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let mut list: XenMachphysMfnList = call.read(arg)?;
    let frames = call.hv.machine.m2p_frames();
    let count = frames.len().min(list.max_extents as usize);
    for (mfn, i) in frames.iter().take(count).zip(0..) {
        call.write_at(list.extent_start.addr(), i, &mfn.get())?;
    }
    list.nr_extents = count as u32;
    call.write(arg, &list)?;
    Ok(0)
}

/// `XENMEM_machphys_mapping`: where the guest sees that table.
pub fn machphys_mapping<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let value = XenMachphysMapping {
        v_start: layout::M2P_GUEST,
        v_end: MACH2PHYS_VIRT_END,
        max_mfn: call.hv.facts.max_frame.saturating_sub(1),
    };
    call.write(arg, &value)?;
    Ok(0)
}

/// `XENMEM_memory_map`: the map that the toolstack gave the caller.
pub fn memory_map<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let mut map: XenMemoryMap = call.read(arg)?;
    let plan = call.domain.memory.lock();
    if plan.map.is_empty() {
        return Err(Errno::ENOSYS.into());
    }
    let count = plan.map.len().min(map.nr_entries as usize);
    for ((addr, size, kind), i) in plan.map.iter().take(count).zip(0..) {
        call.write_at(
            map.buffer.addr(),
            i,
            &E820Entry {
                addr: *addr,
                size: *size,
                kind: *kind,
            },
        )?;
    }
    map.nr_entries = count as u32;
    call.write(arg, &map)?;
    Ok(0)
}

/// `XENMEM_set_memory_map`.
pub fn set_memory_map<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let request: XenForeignMemoryMap = call.read(arg)?;
    if request.map.nr_entries > MAX_ENTRIES {
        return Err(Errno::EINVAL.into());
    }
    let domain = call.hv.target(call.domain, request.domid)?;
    let mut map = alloc::vec::Vec::new();
    for i in 0..request.map.nr_entries {
        let entry: E820Entry = call.read_at(request.map.buffer.addr(), i.into())?;
        map.push((entry.addr, entry.size, entry.kind));
    }
    domain.memory.lock().map = map;
    Ok(0)
}

/// `XENMEM_machine_memory_map`: the firmware's map. Without a buffer only the number of entries is answered; one that
/// is too short gets what fits and an error.
pub fn machine_memory_map<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    call.need_control()?;
    let mut map: XenMemoryMap = call.read(arg)?;
    let entries = &call.hv.facts.e820;
    let buffer = map.buffer.addr();
    let room = if buffer == 0 {
        0
    } else {
        map.nr_entries as usize
    };
    call.need_range(buffer, room as u64, size_of::<E820Entry>())?;
    for ((addr, size, kind), i) in entries.iter().take(room).zip(0..) {
        call.write_at(
            buffer,
            i,
            &E820Entry {
                addr: *addr,
                size: *size,
                kind: *kind,
            },
        )?;
    }
    let short = buffer != 0 && room < entries.len();
    map.nr_entries = if short { room } else { entries.len() } as u32;
    call.write(arg, &map)?;
    if short {
        Err(Errno::EINVAL.into())
    } else {
        Ok(0)
    }
}

/// `XENMEM_reserved_device_memory_map`: memory that devices need mapped one to one. Without an IOMMU there is none.
pub fn reserved_device_memory<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let mut map: XenReservedDeviceMemoryMap = call.read(arg)?;
    if map.flags & !XENMEM_RDM_ALL != 0 {
        return Err(Errno::EINVAL.into());
    }
    map.nr_entries = 0;
    call.write(arg, &map)?;
    Ok(0)
}

/// `XENMEM_get_vnumainfo`: no domain has virtual NUMA nodes.
pub fn vnuma<M: Machine>(call: &Call<'_, M>, arg: u64) -> Answer {
    let request: XenVnumaTopologyInfo = call.read(arg)?;
    call.hv.target(call.domain, request.domid)?;
    Err(Errno::EOPNOTSUPP.into())
}
