//! `physdev_op`: interrupts and devices of the hardware domain.

use abi::Errno;
use abi::physdev::*;
use alloc::vec::Vec;
use domain::machine::{IrqSource, PciAddress};
use domain::{MAX_PIRQS, Machine};
use mm::FrameType;
use units::{MAddr, Mfn};

use crate::{Answer, Call, Stop};

/// `physdev_op_compat(op)`: command and argument in one structure.
pub fn compat<M: Machine>(call: &Call<'_, M>) -> Answer {
    let at = call.args[0];
    let cmd: u32 = call.read(at)?;
    operate(
        call,
        cmd,
        at.wrapping_add(core::mem::offset_of!(PhysdevOp, u) as u64),
    )
}

/// `physdev_op(cmd, arg)`.
pub fn physdev_op<M: Machine>(call: &Call<'_, M>) -> Answer {
    operate(call, call.args[0] as u32, call.args[1])
}

fn operate<M: Machine>(call: &Call<'_, M>, cmd: u32, arg: u64) -> Answer {
    let m = &call.hv.machine;
    match cmd {
        PHYSDEVOP_EOI => {
            let op: PhysdevEoi = call.read(arg)?;
            let Some(port) = call.domain.ports.lock().pirq_port(op.irq) else {
                return Err(Errno::EINVAL.into());
            };
            if call.domain.interrupts.lock().end_unmasks {
                let unmasked = call
                    .domain
                    .ports
                    .lock()
                    .unmask(m, port)
                    .map_err(Errno::from)?;
                call.hv.notify(call.domain, unmasked.notify);
            }
            m.end_irq(op.irq);
        }
        PHYSDEVOP_PIRQ_EOI_GMFN_V1 | PHYSDEVOP_PIRQ_EOI_GMFN_V2 => {
            let op: PhysdevPirqEoiGmfn = call.read(arg)?;
            eoi_page(call, Mfn::new(op.gmfn), cmd == PHYSDEVOP_PIRQ_EOI_GMFN_V1)?;
        }
        PHYSDEVOP_IRQ_UNMASK_NOTIFY => {}
        PHYSDEVOP_IRQ_STATUS_QUERY => {
            let mut op: PhysdevIrqStatusQuery = call.read(arg)?;
            if op.irq >= call.domain.ports.lock().nr_pirqs() || !m.irq_exists(op.irq) {
                return Err(Errno::EINVAL.into());
            }
            op.flags = if m.irq_needs_eoi(op.irq) {
                XENIRQSTAT_NEEDS_EOI
            } else {
                0
            };
            call.write(arg, &op)?;
        }
        PHYSDEVOP_SET_IOPL => {
            let op: PhysdevSetIopl = call.read(arg)?;
            if op.iopl > 3 {
                return Err(Errno::EINVAL.into());
            }
            call.hv.set_iopl(call.vcpu, call.domain, op.iopl as u8);
        }
        PHYSDEVOP_SET_IOBITMAP => {
            let op: PhysdevSetIobitmap = call.read(arg)?;
            if op.nr_ports > 65536
                || call
                    .need_range(op.bitmap.addr(), op.nr_ports.into(), 1)
                    .is_err()
            {
                return Err(Errno::EINVAL.into());
            }
            let mut pv = call.vcpu.pv.lock();
            (pv.io_bitmap, pv.io_bitmap_ports) = (op.bitmap.addr(), op.nr_ports);
        }
        PHYSDEVOP_APIC_READ => {
            call.need_hardware()?;
            let mut op: PhysdevApic = call.read(arg)?;
            op.value = m
                .ioapic_read(MAddr::new(op.apic_physbase), op.reg)
                .ok_or(Errno::EINVAL)?;
            call.write(arg, &op)?;
        }
        PHYSDEVOP_APIC_WRITE => {
            call.need_hardware()?;
            let op: PhysdevApic = call.read(arg)?;
            if !m.ioapic_write(MAddr::new(op.apic_physbase), op.reg, op.value) {
                return Err(Errno::EINVAL.into());
            }
        }
        PHYSDEVOP_ALLOC_IRQ_VECTOR => {
            // Vectors are nobody's business but ours; old kernels want one told, and the number itself will do.
            let mut op: PhysdevIrq = call.read(arg)?;
            op.vector = op.irq;
            call.write(arg, &op)?;
        }
        PHYSDEVOP_SETUP_GSI => {
            call.need_hardware()?;
            let op: PhysdevSetupGsi = call.read(arg)?;
            let gsi = u32::try_from(op.gsi).map_err(|_| Errno::EINVAL)?;
            if gsi < MAX_PIRQS && !call.domain.interrupts.lock().set_up_line(gsi) {
                return Err(Errno::EEXIST.into());
            }
            m.setup_gsi(gsi, op.triggering != 0, op.polarity != 0)
                .inspect_err(|_| call.domain.interrupts.lock().forget_line(gsi))?;
        }
        PHYSDEVOP_MAP_PIRQ => {
            call.need_hardware()?;
            let mut op: PhysdevMapPirq = call.read(arg)?;
            let domain = call.hv.target(call.domain, op.domid)?;
            if domain.id != call.domain.id {
                return Err(Errno::EOPNOTSUPP.into());
            }
            let wanted = u32::try_from(op.pirq).ok();
            let segment = if op.kind == MAP_PIRQ_TYPE_MSI {
                0
            } else {
                (op.bus >> 16) as u16
            };
            let device = PciAddress {
                segment,
                bus: op.bus as u8,
                devfn: op.devfn as u8,
            };
            let source = match op.kind {
                MAP_PIRQ_TYPE_GSI => {
                    IrqSource::Gsi(u32::try_from(op.index).map_err(|_| Errno::EINVAL)?)
                }
                MAP_PIRQ_TYPE_MSI | MAP_PIRQ_TYPE_MSI_SEG => IrqSource::Msi {
                    device,
                    entry: op.entry_nr as u16,
                    table: MAddr::new(op.table_base),
                    count: 1,
                },
                MAP_PIRQ_TYPE_MULTI_MSI => {
                    if op.table_base != 0 || op.entry_nr <= 0 || op.entry_nr > 32 {
                        return Err(Errno::EINVAL.into());
                    }
                    IrqSource::Msi {
                        device,
                        entry: 0,
                        table: MAddr::new(0),
                        count: op.entry_nr as u16,
                    }
                }
                _ => return Err(Errno::EINVAL.into()),
            };
            let (pirq, count) = m.map_irq(domain.id, source, wanted)?;
            domain.interrupts.lock().set_mapped(pirq, count, true);
            op.pirq = pirq as i32;
            if op.kind == MAP_PIRQ_TYPE_MULTI_MSI {
                op.entry_nr = i32::from(count);
            }
            call.write(arg, &op)?;
        }
        PHYSDEVOP_UNMAP_PIRQ => {
            call.need_hardware()?;
            let op: PhysdevUnmapPirq = call.read(arg)?;
            let domain = call.hv.target(call.domain, op.domid)?;
            let pirq = u32::try_from(op.pirq).map_err(|_| Errno::EINVAL)?;
            if !domain.interrupts.lock().is_mapped(pirq) {
                return Err(Errno::EINVAL.into());
            }
            m.unmap_irq(domain.id, pirq)?;
            domain.interrupts.lock().set_mapped(pirq, 1, false);
        }
        PHYSDEVOP_GET_FREE_PIRQ => {
            call.need_hardware()?;
            let mut op: PhysdevGetFreePirq = call.read(arg)?;
            op.pirq = if op.kind == MAP_PIRQ_TYPE_GSI {
                free_line(call)?
            } else {
                m.free_pirq(call.domain.id, false)?
            };
            call.write(arg, &op)?;
        }
        PHYSDEVOP_PCI_DEVICE_ADD => {
            let op: PhysdevPciDeviceAdd = call.read(arg)?;
            device(
                call,
                PciAddress {
                    segment: op.seg,
                    bus: op.bus,
                    devfn: op.devfn,
                },
                true,
            )?;
        }
        PHYSDEVOP_PCI_DEVICE_REMOVE => {
            let op: PhysdevPciDevice = call.read(arg)?;
            device(
                call,
                PciAddress {
                    segment: op.seg,
                    bus: op.bus,
                    devfn: op.devfn,
                },
                false,
            )?;
        }
        PHYSDEVOP_MANAGE_PCI_ADD | PHYSDEVOP_MANAGE_PCI_REMOVE => {
            let op: PhysdevManagePci = call.read(arg)?;
            device(
                call,
                PciAddress {
                    segment: 0,
                    bus: op.bus,
                    devfn: op.devfn,
                },
                cmd == PHYSDEVOP_MANAGE_PCI_ADD,
            )?;
        }
        PHYSDEVOP_MANAGE_PCI_ADD_EXT => {
            let op: PhysdevManagePciExt = call.read(arg)?;
            device(
                call,
                PciAddress {
                    segment: 0,
                    bus: op.bus,
                    devfn: op.devfn,
                },
                true,
            )?;
        }
        PHYSDEVOP_PCI_MMCFG_RESERVED => {
            call.need_hardware()?;
            let op: PhysdevPciMmcfgReserved = call.read(arg)?;
            m.mmcfg(
                MAddr::new(op.address),
                op.segment,
                op.start_bus,
                op.end_bus,
                op.flags & XEN_PCI_MMCFG_RESERVED != 0,
            )?;
        }
        PHYSDEVOP_DBGP_OP => {
            // A debug port that a USB controller's reset would disturb; the console uses none.
            call.need_hardware()?;
            let op: PhysdevDbgpOp = call.read(arg)?;
            if !matches!(
                op.op,
                PHYSDEVOP_DBGP_RESET_PREPARE | PHYSDEVOP_DBGP_RESET_DONE
            ) {
                return Err(Errno::ENOSYS.into());
            }
        }
        PHYSDEVOP_PREPARE_MSIX | PHYSDEVOP_RELEASE_MSIX => {
            call.need_hardware()?;
            let _: PhysdevPciDevice = call.read(arg)?;
        }
        PHYSDEVOP_RESTORE_MSI | PHYSDEVOP_RESTORE_MSI_EXT => {
            call.need_hardware()?;
            let device = if cmd == PHYSDEVOP_RESTORE_MSI {
                let op: PhysdevRestoreMsi = call.read(arg)?;
                PciAddress {
                    segment: 0,
                    bus: op.bus,
                    devfn: op.devfn,
                }
            } else {
                let op: PhysdevPciDevice = call.read(arg)?;
                PciAddress {
                    segment: op.seg,
                    bus: op.bus,
                    devfn: op.devfn,
                }
            };
            m.restore_msi(device)?;
        }
        _ => return Err(Errno::ENOSYS.into()),
    }
    Ok(0)
}

/// Makes a page of the caller say which interrupts want their end told.
fn eoi_page<M: Machine>(call: &Call<'_, M>, frame: Mfn, unmask: bool) -> Result<(), Stop> {
    let m = &call.hv.machine;
    call.hv
        .with_mmu(call.domain, false, |mmu| {
            mmu.get_page_and_type(frame, call.domain.id, FrameType::Writable)
        })
        .map_err(|_| Errno::EINVAL)?;
    let bound: Vec<u32> = call
        .domain
        .ports
        .lock()
        .pirqs()
        .map(|(pirq, _)| pirq)
        .collect();
    let mut interrupts = call.domain.interrupts.lock();
    if !interrupts.set_eoi_page(frame) {
        drop(interrupts);
        call.hv
            .with_mmu(call.domain, false, |mmu| mmu.put_page_and_type(frame));
        return Err(Errno::EBUSY.into());
    }
    interrupts.end_unmasks = unmask;
    bound
        .into_iter()
        .for_each(|pirq| interrupts.show_eoi(m, pirq, m.irq_needs_eoi(pirq)));
    Ok(())
}

/// The first line beyond those of old PCs that the caller hasn't mapped.
fn free_line<M: Machine>(call: &Call<'_, M>) -> Result<u32, Stop> {
    const FIRST: u32 = 16;
    let free = |n: &u32| {
        let known = call.domain.interrupts.lock().is_mapped(*n);
        !known && call.domain.ports.lock().pirq_port(*n).is_none()
    };
    let mut lines = (FIRST..MAX_PIRQS).take_while(|n| call.hv.machine.irq_exists(*n));
    Ok(lines.find(free).ok_or(Errno::ENOSPC)?)
}

/// Notes a PCI function that came or went.
fn device<M: Machine>(call: &Call<'_, M>, device: PciAddress, present: bool) -> Result<(), Stop> {
    call.need_hardware()?;
    let m = &call.hv.machine;
    if !present && !call.domain.interrupts.lock().has_device(device) {
        return Err(Errno::ENODEV.into());
    }
    m.pci_device(device, present)?;
    call.domain.interrupts.lock().set_device(device, present);
    Ok(())
}
