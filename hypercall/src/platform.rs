//! `platform_op`: the hardware domain's view of the platform.

use abi::Errno;
use abi::platform::*;
use abi::version::XENPF_INTERFACE_VERSION;
use domain::Machine;
use timekeeping::Wallclock;
use units::Nanos;
use zerocopy::{FromBytes, IntoBytes};

use crate::{Answer, Call, Stop};

/// `platform_op(op)`.
pub fn platform_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    let at = call.args[0];
    let mut op: XenPlatformOp = call.read(at)?;
    if op.interface_version != XENPF_INTERFACE_VERSION {
        return Err(Errno::EACCES.into());
    }
    call.need_control()?;
    let hv = call.hv;
    match op.cmd {
        XENPF_SETTIME32 => {
            let (t, _) =
                XenpfSettime32::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            set_time(call, t.secs.into(), t.nsecs, t.system_time);
            Ok(0)
        }
        XENPF_SETTIME64 => {
            let (t, _) =
                XenpfSettime64::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            if t._pad0 != 0 {
                return Err(Errno::EINVAL.into());
            }
            set_time(call, t.secs, t.nsecs, t.system_time);
            Ok(0)
        }
        XENPF_GET_CPUINFO => {
            let (mut info, _) =
                XenpfPcpuinfo::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
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
        XENPF_GET_CPU_VERSION => {
            let (mut info, _) =
                XenpfPcpuVersion::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            let cpus = hv.machine.cpu_count();
            info.max_present = cpus.saturating_sub(1);
            info.vendor_id = [0; 12];
            (info.family, info.model, info.stepping) = (0, 0, 0);
            if info.xen_cpuid < cpus {
                let [_, b, c, d] = hv.machine.cpuid(0, 0);
                let name = [b, d, c].into_iter().flat_map(u32::to_le_bytes);
                info.vendor_id
                    .iter_mut()
                    .zip(name)
                    .for_each(|(to, from)| *to = from);
                (info.family, info.model, info.stepping) = signature(hv.machine.cpuid(1, 0)[0]);
            }
            put(&mut op, &info)?;
            call.write(at, &op)?;
            Ok(0)
        }
        XENPF_READ_MEMTYPE => {
            let (mut info, _) =
                XenpfReadMemtype::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            (info.mfn, info.nr_mfns, info.kind) = memory_type(call, info.reg)?;
            put(&mut op, &info)?;
            call.write(at, &op)?;
            Ok(0)
        }
        XENPF_GET_SYMBOL => {
            let (mut info, _) =
                XenpfSymdata::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            // No symbols are told: this is how the end of the list looks.
            if info.namelen != 0 {
                call.write(info.name.addr(), &0u8)?;
            }
            (info.namelen, info.address, info.kind) = (0, 0, 0);
            put(&mut op, &info)?;
            call.write(at, &op)?;
            Ok(0)
        }
        XENPF_CPU_ONLINE | XENPF_CPU_OFFLINE => {
            let (cpu, _) =
                XenpfCpuOl::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            match (cpu.cpuid, op.cmd) {
                (n, _) if n >= hv.machine.cpu_count() => Err(Errno::EINVAL.into()),
                // All that there are run, and stay.
                (_, XENPF_CPU_ONLINE) => Ok(0),
                _ => Err(Errno::EOPNOTSUPP.into()),
            }
        }
        XENPF_CORE_PARKING => {
            let (mut info, _) =
                XenpfCoreParking::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            if info.kind != XEN_CORE_PARKING_GET {
                return Err(Errno::EINVAL.into());
            }
            info.idle_nums = 0;
            put(&mut op, &info)?;
            call.write(at, &op)?;
            Ok(0)
        }
        XENPF_FIRMWARE_INFO => {
            let (mut info, _) =
                XenpfFirmwareInfo::read_from_prefix(op.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
            match info.kind {
                // Neither drives nor monitors were asked about at boot: the first of the list is beyond its end.
                XEN_FW_DISK_INFO | XEN_FW_DISK_MBR_SIGNATURE | XEN_FW_VBEDDC_INFO => {
                    Err(Errno::ESRCH.into())
                }
                XEN_FW_KBD_SHIFT_FLAGS => {
                    info.u
                        .as_mut_bytes()
                        .iter_mut()
                        .take(1)
                        .for_each(|b| *b = 0);
                    put(&mut op, &info)?;
                    call.write(at, &op)?;
                    Ok(0)
                }
                XEN_FW_EFI_INFO => {
                    efi_info(call, &mut info)?;
                    put(&mut op, &info)?;
                    call.write(at, &op)?;
                    Ok(0)
                }
                _ => Err(Errno::EINVAL.into()),
            }
        }
        XENPF_ENTER_ACPI_SLEEP => {
            let (sleep, _) = XenpfEnterAcpiSleep::read_from_prefix(op.u.as_bytes())
                .map_err(|_| Errno::EINVAL)?;
            match sleep.sleep_state {
                5 => hv.machine.end(domain::machine::End::PowerOff),
                _ => Err(Errno::ENOSYS.into()),
            }
        }
        XENPF_PLATFORM_QUIRK | XENPF_MICROCODE_UPDATE => Err(Errno::EINVAL.into()),
        // The firmware's memory types stay as they are.
        XENPF_ADD_MEMTYPE | XENPF_DEL_MEMTYPE => Err(Errno::EOPNOTSUPP.into()),
        // Everything about frequencies, idle states, hot-plug and EFI is missing.
        _ => Err(Errno::ENOSYS.into()),
    }
}

/// `XEN_FW_EFI_INFO`: what dom0 needs to find the tables, most of all the ACPI root pointer, which EFI machines
/// have nowhere else. On other machines nothing is known of it.
fn efi_info<M: Machine>(call: &Call<'_, M>, info: &mut XenpfFirmwareInfo) -> Result<(), Stop> {
    let efi = call.hv.machine.efi().ok_or(Errno::ENOSYS)?;
    let (mut vendor, _) =
        XenpfEfiVendor::read_from_prefix(info.u.as_bytes()).map_err(|_| Errno::EINVAL)?;
    let out = info.u.as_mut_bytes();
    let mut tell = |bytes: &[u8]| out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    match info.index {
        XEN_FW_EFI_VERSION => tell(efi.revision.as_bytes()),
        XEN_FW_EFI_RT_VERSION => tell(efi.runtime_revision.as_bytes()),
        XEN_FW_EFI_CONFIG_TABLE => {
            let cfg = XenpfEfiCfg {
                addr: efi.tables,
                nent: efi.count,
                _pad0: [0; 4],
            };
            tell(cfg.as_bytes());
        }
        XEN_FW_EFI_VENDOR => {
            vendor.revision = efi.firmware_revision;
            let room = (vendor.bufsz / 2) as usize;
            if room > 0 && !vendor.name.is_null() {
                let len = efi.vendor.iter().take_while(|c| **c != 0).count();
                let len = len.min(room - 1);
                let name = efi.vendor.iter().copied().take(len).chain([0]);
                for (i, c) in name.enumerate() {
                    call.write(vendor.name.addr().wrapping_add(i as u64 * 2), &c)?;
                }
            }
            tell(vendor.as_bytes());
        }
        // Memory types and option ROMs were not kept.
        XEN_FW_EFI_MEM_INFO | XEN_FW_EFI_PCI_ROM | XEN_FW_EFI_APPLE_PROPERTIES => {
            return Err(Errno::ENODEV.into());
        }
        _ => return Err(Errno::EINVAL.into()),
    }
    Ok(())
}

/// Family, model and stepping from eax of CPUID leaf 1.
fn signature(eax: u32) -> (u32, u32, u32) {
    let (base, extended) = (eax >> 8 & 0xf, eax >> 20 & 0xff);
    let family = if base == 0xf { base + extended } else { base };
    let model = eax >> 4 & 0xf
        | if matches!(base, 6 | 0xf) {
            eax >> 12 & 0xf0
        } else {
            0
        };
    (family, model, eax & 0xf)
}

/// First frame, frames and type of a variable-range MTRR; no frames where it isn't in use.
fn memory_type<M: Machine>(call: &Call<'_, M>, reg: u32) -> Result<(u64, u64, u32), Errno> {
    const CAPABILITIES: u32 = 0xfe;
    const FIRST_BASE: u32 = 0x200;
    const VALID: u64 = 1 << 11;
    let m = &call.hv.machine;
    let count = m.rdmsr(CAPABILITIES).ok_or(Errno::EINVAL)? & 0xff;
    if u64::from(reg) >= count {
        return Err(Errno::EINVAL);
    }
    let base = m.rdmsr(FIRST_BASE + 2 * reg).ok_or(Errno::EINVAL)?;
    let mask = m.rdmsr(FIRST_BASE + 2 * reg + 1).ok_or(Errno::EINVAL)?;
    if mask & VALID == 0 {
        return Ok((0, 0, 0));
    }
    let width = (1u64 << call.hv.facts.address_bits.min(52)) - 1;
    let frames = (!mask & width) >> units::PAGE_SHIFT;
    Ok((
        (base & width) >> units::PAGE_SHIFT,
        frames + 1,
        (base & 0xff) as u32,
    ))
}

fn put<T: IntoBytes + zerocopy::Immutable>(op: &mut XenPlatformOp, value: &T) -> Result<(), Errno> {
    let bytes = value.as_bytes();
    op.u.as_mut_bytes()
        .get_mut(..bytes.len())
        .ok_or(Errno::EINVAL)?
        .copy_from_slice(bytes);
    Ok(())
}

fn set_time<M: Machine>(call: &Call<'_, M>, secs: u64, nsecs: u32, at: u64) {
    *call.hv.wallclock.lock() = Wallclock::set(secs, nsecs.into(), Nanos(at));
    for domain in call.hv.domains() {
        call.hv.publish_wallclock(&domain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_split_as_the_manuals_say() {
        // A Skylake, a Zen 2 and a Pentium.
        assert_eq!(signature(0x506e3), (6, 0x5e, 3));
        assert_eq!(signature(0x830f10), (0x17, 0x31, 0));
        assert_eq!(signature(0x513), (5, 1, 3));
    }
}
