//! Control, debug and model-specific registers, CPUID and ports as a PV guest gets them.

use alloc::sync::Arc;

use abi::Errno;
use arch_defs::layout::{guest_range_ok, selector};
use mm::FrameType;
use policy::Context;
use policy::msr::{Accessor, MsrRead, MsrWrite, VcpuMsr};
use units::Mfn;

use crate::Hypervisor;
use crate::domain::Domain;
use crate::machine::{Base, Machine};
use crate::vcpu::Vcpu;

impl<M: Machine> Hypervisor<M> {
    /// The CR4 that a guest gets when it asks for `wanted`.
    pub fn guest_cr4(&self, domain: &Domain, wanted: u64) -> u64 {
        domain.policy.guest_cr4(wanted, self.facts.cr4)
    }

    /// True where code selector `cs` runs 64-bit code: the flat one or a descriptor of the guest with L set.
    pub fn code_is_64bit(&self, vcpu: &Vcpu, cs: u16) -> bool {
        match cs | 3 {
            selector::FLAT_CS64 => return true,
            selector::FLAT_CS32 => return false,
            _ => {}
        }
        let index = usize::from(cs >> 3);
        let frame = if cs & 4 == 0 {
            vcpu.pv.lock().gdt_frames.get(index / 512).copied()
        } else {
            None
        };
        frame.is_some_and(|f| {
            self.machine
                .word(f, index % 512)
                .load(core::sync::atomic::Ordering::Relaxed)
                >> 53
                & 1
                != 0
        })
    }

    /// Ports that the hypervisor keeps for itself: the interrupt controllers, the timer's first two channels, its consoles.
    pub fn port_allowed(&self, domain: &Domain, port: u16, size: u8) -> bool {
        let last = port.saturating_add(u16::from(size) - 1);
        domain.io.hardware
            && !self
                .facts
                .private_ports
                .iter()
                .any(|(a, b)| *a <= last && port <= *b)
    }

    /// `set_debugreg`.
    pub fn set_debug(&self, vcpu: &Arc<Vcpu>, reg: u32, value: u64) -> Result<(), Errno> {
        let mut pv = vcpu.pv.lock();
        let value = match reg {
            0..=3 if guest_range_ok(value, 8) => value,
            0..=3 => return Err(Errno::EPERM),
            // Status: reserved bits read as ones.
            4 | 6 => value & !0xffff_ffff_ffff_1000 | 0xffff_0ff0,
            5 | 7 => {
                let value = value & !0xffff_ffff_0000_d800 | 0x400;
                // General detect would let a guest trap our own accesses; I/O breakpoints need CR4.DE handling.
                if value & (1 << 13) != 0 {
                    return Err(Errno::EPERM);
                }
                let io =
                    (0..4).any(|i| value >> (i * 2) & 3 != 0 && value >> (16 + i * 4) & 3 == 2);
                if io {
                    return Err(Errno::EPERM);
                }
                value
            }
            _ => return Err(Errno::ENODEV),
        };
        let index = match reg {
            4 => 6,
            5 => 7,
            n => n as usize,
        };
        if let Some(slot) = pv.debug.get_mut(index) {
            *slot = value;
        }
        let d = pv.debug;
        self.machine
            .load_debug(&[d[0], d[1], d[2], d[3]], d[6], d[7]);
        Ok(())
    }

    /// One CPUID leaf as the guest sees it; `forced` by the emulation prefix.
    pub fn guest_cpuid(
        &self,
        vcpu: &Vcpu,
        domain: &Domain,
        leaf: u32,
        subleaf: u32,
        forced: bool,
    ) -> [u32; 4] {
        let by = {
            let pv = vcpu.pv.lock();
            Context {
                kernel: vcpu.kernel_mode(),
                forced,
                cr4: pv.cr4,
                xcr0: pv.xcr0,
            }
        };
        domain
            .policy
            .cpuid(leaf, subleaf, &by, &self.facts.hypervisor_leaves)
    }

    /// Reads a model-specific register for the guest; `None` is a #GP.
    pub fn read_msr(&self, vcpu: &Vcpu, domain: &Domain, msr: u32) -> Option<u64> {
        let m = &self.machine;
        match domain.policy.rdmsr(msr, accessor(vcpu, domain)) {
            MsrRead::Value(value) => Some(value),
            MsrRead::Host { mask, set } => m.rdmsr(msr).map(|v| v & mask | set),
            MsrRead::Fault => None,
            MsrRead::Vcpu(register) => match register {
                VcpuMsr::FsBase => Some(m.base(Base::Fs)),
                VcpuMsr::GsBase => Some(m.base(Base::Gs)),
                VcpuMsr::KernelGsBase => Some(m.base(Base::GsOther)),
                VcpuMsr::Tsc => Some(m.tsc()),
                VcpuMsr::TscAux => Some(vcpu.pv.lock().tsc_aux.into()),
                VcpuMsr::MiscFeatures => Some(vcpu.pv.lock().misc_features),
                VcpuMsr::SpecCtrl | VcpuMsr::DrMask(_) => None,
            },
        }
    }

    /// Writes a model-specific register for the guest; false is a #GP.
    pub fn write_msr(&self, vcpu: &Vcpu, domain: &Domain, msr: u32, value: u64) -> bool {
        let m = &self.machine;
        match domain.policy.wrmsr(msr, value, accessor(vcpu, domain)) {
            MsrWrite::Ignored => true,
            MsrWrite::PredictionBarrier => {
                m.prediction_barrier();
                true
            }
            MsrWrite::HypercallPage(gfn) => self.write_hypercall_page(domain, Mfn::new(gfn)),
            MsrWrite::Fault => false,
            MsrWrite::Vcpu(register, value) => match register {
                VcpuMsr::FsBase => m.set_base(Base::Fs, value),
                VcpuMsr::GsBase => m.set_base(Base::Gs, value),
                VcpuMsr::KernelGsBase => m.set_base(Base::GsOther, value),
                VcpuMsr::TscAux => {
                    vcpu.pv.lock().tsc_aux = value as u32;
                    m.set_tsc_aux(value as u32);
                    true
                }
                VcpuMsr::MiscFeatures => {
                    vcpu.pv.lock().misc_features = value;
                    true
                }
                VcpuMsr::Tsc | VcpuMsr::SpecCtrl | VcpuMsr::DrMask(_) => false,
            },
        }
    }

    /// Fills a page of the guest with hypercall stubs, where it may be written.
    fn write_hypercall_page(&self, domain: &Domain, frame: Mfn) -> bool {
        self.with_mmu(domain, false, |mmu| {
            if mmu
                .get_page_and_type(frame, domain.id, FrameType::Writable)
                .is_err()
            {
                return false;
            }
            self.fill_hypercall_page(frame);
            mmu.put_page_and_type(frame);
            true
        })
    }
}

fn accessor(vcpu: &Vcpu, domain: &Domain) -> Accessor {
    Accessor {
        hardware_domain: domain.io.hardware,
        vcpu: vcpu.id.0,
    }
}
