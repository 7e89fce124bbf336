//! The virtual processor that the emulator works on.
//!
//! Registers are those of the vCPU's block. Memory is reached as the guest itself would, except that a store to
//! one of its page tables ([`PvCpu::for_table`]) becomes a checked page-table update, and one to device memory
//! that it may only read ([`PvCpu::for_read_only`]) is dropped.

use alloc::sync::Arc;

use emul::{Exception, Gpr, Memory, Privileged, Registers, Segment, Stop, Width};
use units::GuestAddr;

use crate::Hypervisor;
use crate::domain::Domain;
use crate::machine::{Base, Machine};
use crate::vcpu::Vcpu;

/// What stores do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stores {
    /// Go to guest memory.
    Plain,
    /// Update the page table mapped at this page.
    Table(u64),
    /// Vanish, in this page.
    Vanish(u64),
}

/// The running vCPU as the emulator sees it.
pub struct PvCpu<'a, M: Machine> {
    hv: &'a Hypervisor<M>,
    vcpu: &'a Arc<Vcpu>,
    domain: &'a Arc<Domain>,
    stores: Stores,
    forced: bool,
}

impl<'a, M: Machine> PvCpu<'a, M> {
    /// For privileged operations.
    pub fn new(hv: &'a Hypervisor<M>, vcpu: &'a Arc<Vcpu>, domain: &'a Arc<Domain>) -> Self {
        Self {
            hv,
            vcpu,
            domain,
            stores: Stores::Plain,
            forced: false,
        }
    }

    /// For the forced-emulation prefix.
    pub fn forced(hv: &'a Hypervisor<M>, vcpu: &'a Arc<Vcpu>, domain: &'a Arc<Domain>) -> Self {
        Self {
            forced: true,
            ..Self::new(hv, vcpu, domain)
        }
    }

    /// For a store to the page table that is mapped at `addr`'s page.
    pub fn for_table(
        hv: &'a Hypervisor<M>,
        vcpu: &'a Arc<Vcpu>,
        domain: &'a Arc<Domain>,
        addr: u64,
    ) -> Self {
        Self {
            hv,
            vcpu,
            domain,
            stores: Stores::Table(addr & !0xfff),
            forced: false,
        }
    }

    /// For a store to read-only device memory at `addr`'s page.
    pub fn for_read_only(
        hv: &'a Hypervisor<M>,
        vcpu: &'a Arc<Vcpu>,
        domain: &'a Arc<Domain>,
        addr: u64,
    ) -> Self {
        Self {
            hv,
            vcpu,
            domain,
            stores: Stores::Vanish(addr & !0xfff),
            forced: false,
        }
    }

    fn fault(addr: u64, write: bool) -> Stop {
        Stop::Exception(Exception::page_fault(addr, if write { 2 } else { 0 }))
    }

    /// True where the guest lets the running code use the port: by its privilege level, or by the bitmap that its
    /// kernel named for it (0 permits).
    fn port_ok(&self, port: u16, width: Width) -> bool {
        let (iopl, bitmap, ports) = {
            let pv = self.vcpu.pv.lock();
            (pv.iopl, pv.io_bitmap, pv.io_bitmap_ports)
        };
        let last = u32::from(port) + width.bytes() - 1;
        let by_level = iopl >= if self.vcpu.kernel_mode() { 1 } else { 3 };
        last <= 0xffff && (by_level || last < ports && self.bitmap_permits(bitmap, port, width))
    }

    fn bitmap_permits(&self, bitmap: u64, port: u16, width: Width) -> bool {
        (0..width.bytes()).all(|i| {
            let port = u64::from(port) + u64::from(i);
            let mut byte = [0xff];
            let at = GuestAddr::new(bitmap.wrapping_add(port / 8));
            self.hv.machine.copy_in(at, &mut byte).is_ok() && byte[0] >> (port % 8) & 1 == 0
        })
    }

    /// True once the guest has switched XSAVE on.
    fn has_xsave(&self) -> bool {
        self.hv.machine.xcr0_supported() != 0
            && self.vcpu.pv.lock().cr4 & policy::control::cr4::OSXSAVE != 0
    }
}

const PCI_ADDRESS: u16 = 0xcf8;
const PCI_DATA: u16 = 0xcfc;

impl<M: Machine> Registers for PvCpu<'_, M> {
    fn gpr(&self, reg: Gpr) -> u64 {
        self.vcpu.block.regs.gpr(reg.number()).get()
    }

    fn set_gpr(&mut self, reg: Gpr, value: u64) {
        self.vcpu.block.regs.gpr(reg.number()).set(value);
    }

    fn rip(&self) -> u64 {
        self.vcpu.block.regs.rip.get()
    }

    fn set_rip(&mut self, rip: u64) {
        self.vcpu.block.regs.rip.set(rip);
    }

    fn rflags(&self) -> u64 {
        self.vcpu.block.regs.rflags.get()
    }

    fn set_rflags(&mut self, rflags: u64) {
        self.vcpu.block.regs.rflags.set(rflags);
    }

    fn segment_base(&self, segment: Segment) -> u64 {
        match segment {
            Segment::Fs => self.hv.machine.base(Base::Fs),
            Segment::Gs => self.hv.machine.base(Base::Gs),
            _ => 0,
        }
    }

    fn kernel_mode(&self) -> bool {
        self.vcpu.kernel_mode()
    }

    fn code_bits(&self) -> u32 {
        // The flat 32-bit segment and user descriptors of the GDT window; anything else runs 64-bit code.
        if self.vcpu.kernel_mode()
            || self
                .hv
                .code_is_64bit(self.vcpu, self.vcpu.block.regs.cs.get() as u16)
        {
            64
        } else {
            32
        }
    }
}

impl<M: Machine> Memory for PvCpu<'_, M> {
    fn fetch(&mut self, rip: u64, to: &mut [u8; 15]) -> Result<usize, Stop> {
        let m = &self.hv.machine;
        if m.copy_in(GuestAddr::new(rip), to).is_ok() {
            return Ok(15);
        }
        // The code may end with its page.
        let len = (4096 - (rip & 0xfff) as usize).min(15);
        let part = to
            .get_mut(..len)
            .filter(|p| p.len() < 15)
            .ok_or(Stop::Refused)?;
        match m.copy_in(GuestAddr::new(rip), part) {
            Ok(()) => Ok(len),
            Err(_) => Err(Stop::Exception(Exception::page_fault(rip, 0x10))),
        }
    }

    fn read(&mut self, addr: u64, width: Width) -> Result<u64, Stop> {
        let mut bytes = [0; 8];
        let part = bytes
            .get_mut(..width.bytes() as usize)
            .ok_or(Stop::Refused)?;
        self.hv
            .machine
            .copy_in(GuestAddr::new(addr), part)
            .map_err(|_| Self::fault(addr, false))?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn write(&mut self, addr: u64, width: Width, value: u64) -> Result<(), Stop> {
        match self.stores {
            Stores::Plain => {
                let bytes = value.to_le_bytes();
                let part = bytes.get(..width.bytes() as usize).ok_or(Stop::Refused)?;
                self.hv
                    .machine
                    .copy_out(GuestAddr::new(addr), part)
                    .map_err(|_| Self::fault(addr, true))
            }
            Stores::Table(page) if addr & !0xfff == page => self
                .hv
                .emulated_store(
                    self.vcpu,
                    self.domain,
                    addr,
                    width.bytes() as usize,
                    None,
                    value,
                )
                .map(|_| ()),
            Stores::Vanish(page) if addr & !0xfff == page => Ok(()),
            _ => Err(Stop::Refused),
        }
    }

    fn cmpxchg(&mut self, addr: u64, width: Width, old: u64, new: u64) -> Result<u64, Stop> {
        match self.stores {
            Stores::Plain => self
                .hv
                .machine
                .cmpxchg_guest(GuestAddr::new(addr), old, new, width.bytes() as usize)
                .map_err(|_| Self::fault(addr, true)),
            Stores::Table(page) if addr & !0xfff == page => self.hv.emulated_store(
                self.vcpu,
                self.domain,
                addr,
                width.bytes() as usize,
                Some(old),
                new,
            ),
            Stores::Vanish(page) if addr & !0xfff == page => self.read(addr, width),
            _ => Err(Stop::Refused),
        }
    }
}

impl<M: Machine> Privileged for PvCpu<'_, M> {
    fn iopl_ok(&self) -> bool {
        self.vcpu.pv.lock().iopl >= if self.vcpu.kernel_mode() { 1 } else { 3 }
    }

    fn port_in(&mut self, port: u16, width: Width) -> Result<u32, Stop> {
        if !self.port_ok(port, width) {
            return Err(Stop::Refused);
        }
        if !self.domain.io.hardware {
            return Ok(u32::MAX);
        }
        let m = &self.hv.machine;
        let size = width.bytes() as u8;
        Ok(match port {
            PCI_ADDRESS if size == 4 => self.vcpu.pv.lock().pci_address,
            PCI_DATA..=0xcff => {
                let address = self.vcpu.pv.lock().pci_address;
                m.pci_read(address, (port - PCI_DATA) as u8, size)
            }
            _ if self.hv.port_allowed(self.domain, port, size) => m.port_in(port, size),
            _ => u32::MAX,
        })
    }

    fn port_out(&mut self, port: u16, width: Width, value: u32) -> Result<(), Stop> {
        if !self.port_ok(port, width) {
            return Err(Stop::Refused);
        }
        if !self.domain.io.hardware {
            return Ok(());
        }
        let m = &self.hv.machine;
        let size = width.bytes() as u8;
        match port {
            PCI_ADDRESS if size == 4 => self.vcpu.pv.lock().pci_address = value,
            PCI_DATA..=0xcff => {
                let address = self.vcpu.pv.lock().pci_address;
                m.pci_write(address, (port - PCI_DATA) as u8, size, value);
            }
            _ if self.hv.port_allowed(self.domain, port, size) => m.port_out(port, size, value),
            _ => {}
        }
        Ok(())
    }

    fn rdmsr(&mut self, msr: u32) -> Result<u64, Stop> {
        self.hv
            .read_msr(self.vcpu, self.domain, msr)
            .ok_or(Stop::Refused)
    }

    fn wrmsr(&mut self, msr: u32, value: u64) -> Result<(), Stop> {
        if self.hv.write_msr(self.vcpu, self.domain, msr, value) {
            Ok(())
        } else {
            Err(Stop::Refused)
        }
    }

    fn read_cr(&mut self, cr: u8) -> Result<u64, Stop> {
        let pv = self.vcpu.pv.lock();
        match cr {
            // PG AM WP NE ET MP PE, and the guest's TS.
            0 => Ok(0x8005_0033 | if pv.task_switched { 8 } else { 0 }),
            2 => {
                let (frame, offset) = self.vcpu.info();
                let at = offset + core::mem::offset_of!(abi::xen::VcpuInfo, arch);
                Ok(self
                    .hv
                    .machine
                    .word(frame, at / 8)
                    .load(core::sync::atomic::Ordering::Relaxed))
            }
            3 => Ok(self.vcpu.block.cr3_kernel.get()),
            4 => Ok(pv.cr4),
            _ => Err(Stop::Refused),
        }
    }

    fn write_cr(&mut self, cr: u8, value: u64) -> Result<(), Stop> {
        match cr {
            0 => {
                if (value ^ 0x8005_0033) & !8 != 0 {
                    log::warn!(
                        "{}{}: tried to change CR0 to {value:#x}",
                        self.domain.id,
                        self.vcpu.id
                    );
                    return Err(Stop::Refused);
                }
                let on = value & 8 != 0;
                self.vcpu.pv.lock().task_switched = on;
                self.hv.machine.set_task_switched(on);
                Ok(())
            }
            2 => {
                let (frame, offset) = self.vcpu.info();
                let at = offset + core::mem::offset_of!(abi::xen::VcpuInfo, arch);
                self.hv
                    .machine
                    .word(frame, at / 8)
                    .store(value, core::sync::atomic::Ordering::Relaxed);
                Ok(())
            }
            3 => self
                .hv
                .new_base(self.vcpu, self.domain, units::Mfn::new(value >> 12))
                .map_err(|_| Stop::Refused),
            4 => {
                self.vcpu.pv.lock().cr4 = self.hv.guest_cr4(self.domain, value);
                Ok(())
            }
            _ => Err(Stop::Refused),
        }
    }

    fn read_dr(&mut self, dr: u8) -> Result<u64, Stop> {
        let index = match dr {
            4 => 6,
            5 => 7,
            n => n,
        };
        self.vcpu
            .pv
            .lock()
            .debug
            .get(usize::from(index))
            .copied()
            .ok_or(Stop::Refused)
    }

    fn write_dr(&mut self, dr: u8, value: u64) -> Result<(), Stop> {
        self.hv
            .set_debug(self.vcpu, u32::from(dr), value)
            .map_err(|_| Stop::Exception(Exception::GP))
    }

    fn cpuid(&mut self, leaf: u32, subleaf: u32) -> Result<[u32; 4], Stop> {
        Ok(self
            .hv
            .guest_cpuid(self.vcpu, self.domain, leaf, subleaf, self.forced))
    }

    fn rdtsc(&mut self) -> Result<u64, Stop> {
        Ok(self.hv.machine.tsc())
    }

    fn tsc_aux(&mut self) -> Result<u32, Stop> {
        Ok(self.vcpu.pv.lock().tsc_aux)
    }

    fn xgetbv(&mut self, xcr: u32) -> Result<u64, Stop> {
        match xcr {
            _ if !self.has_xsave() => Err(Stop::Exception(Exception::UD)),
            0 => Ok(self.vcpu.pv.lock().xcr0),
            _ => Err(Stop::Refused),
        }
    }

    fn xsetbv(&mut self, xcr: u32, value: u64) -> Result<(), Stop> {
        if !self.has_xsave() {
            return Err(Stop::Exception(Exception::UD));
        }
        if xcr != 0 || !self.hv.machine.load_xcr0(value) {
            return Err(Stop::Refused);
        }
        self.vcpu.pv.lock().xcr0 = value;
        Ok(())
    }

    fn wbinvd(&mut self) -> Result<(), Stop> {
        if self.domain.io.hardware {
            self.hv.machine.wbinvd();
        }
        Ok(())
    }
}
