//! `platform_op`: the hardware domain's view of the platform.

use abi::Errno;
use abi::platform::*;
use abi::version::XENPF_INTERFACE_VERSION;
use domain::Machine;
use timekeeping::Wallclock;
use units::Nanos;
use zerocopy::{FromBytes, IntoBytes};

use crate::{Answer, Call};

/// `platform_op(op)`.
pub fn platform_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let at = call.args[0];
    call.need_control()?;
    let mut op: XenPlatformOp = call.read(at)?;
    if op.interface_version != XENPF_INTERFACE_VERSION {
        return Err(Errno::EACCES.into());
    }
    let hv = call.hv;
    match op.cmd {
        XENPF_SETTIME32 => {
            let (t, _) = XenpfSettime32::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            set_time(call, t.secs.into(), t.nsecs, t.system_time);
            Ok(0)
        }
        XENPF_SETTIME64 => {
            let (t, _) = XenpfSettime64::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            if t._pad0 != 0 {
                return Err(Errno::EINVAL.into());
            }
            set_time(call, t.secs, t.nsecs, t.system_time);
            Ok(0)
        }
        XENPF_GET_CPUINFO => {
            let (mut info, _) = XenpfPcpuinfo::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            let cpus = hv.machine.cpu_count();
            info.max_present = cpus.saturating_sub(1);
            if info.xen_cpuid < cpus {
                info.apic_id = hv.machine.apic_id(info.xen_cpuid);
                info.acpi_id = info.xen_cpuid;
                info.flags = XEN_PCPU_FLAGS_ONLINE;
            } else {
                info.flags = XEN_PCPU_FLAGS_INVALID;
            }
            put(&mut op, &info)?;
            call.write(at, &op)?;
            Ok(0)
        }
        XENPF_FIRMWARE_INFO => {
            let (info, _) = XenpfFirmwareInfo::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            match info.kind {
                XEN_FW_KBD_SHIFT_FLAGS | XEN_FW_DISK_INFO | XEN_FW_DISK_MBR_SIGNATURE | XEN_FW_VBEDDC_INFO => Err(Errno::ESRCH.into()),
                XEN_FW_EFI_INFO => Err(Errno::ENOSYS.into()),
                _ => Err(Errno::EINVAL.into()),
            }
        }
        XENPF_ENTER_ACPI_SLEEP => {
            let (sleep, _) = XenpfEnterAcpiSleep::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            match sleep.sleep_state {
                5 => hv.machine.end(domain::machine::End::PowerOff),
                _ => Err(Errno::ENOSYS.into()),
            }
        }
        XENPF_PLATFORM_QUIRK => Err(Errno::EINVAL.into()),
        // Power management tables are parsed by dom0 for us; without frequency scaling there is nothing to do with them.
        XENPF_SET_PROCESSOR_PMINFO => Err(Errno::ENOSYS.into()),
        _ => Err(Errno::ENOSYS.into()),
    }
}

fn put<T: IntoBytes + zerocopy::Immutable>(op: &mut XenPlatformOp, value: &T) -> Result<(), Errno> {
    let bytes = value.as_bytes();
    op.u.as_mut_bytes().get_mut(..bytes.len()).ok_or(Errno::EINVAL)?.copy_from_slice(bytes);
    Ok(())
}

fn set_time<M: Machine>(call: &Call<'_, M>, secs: u64, nsecs: u32, at: u64) {
    *call.hv.wallclock.lock() = Wallclock::set(secs, nsecs.into(), Nanos(at));
    for domain in call.hv.domains() {
        call.hv.publish_wallclock(&domain);
    }
}
