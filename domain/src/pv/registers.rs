//! Control, debug and model-specific registers, CPUID and ports as a PV guest gets them.

use alloc::sync::Arc;

use abi::Errno;
use arch_defs::layout::{guest_range_ok, selector};

use crate::Hypervisor;
use crate::domain::Domain;
use crate::machine::{Base, Machine};
use crate::vcpu::Vcpu;

const FS_BASE: u32 = 0xc000_0100;
const GS_BASE: u32 = 0xc000_0101;
const KERNEL_GS_BASE: u32 = 0xc000_0102;
const EFER: u32 = 0xc000_0080;
const PAT: u32 = 0x277;
const APIC_BASE: u32 = 0x1b;
const XEN_PAT: u64 = 0x0000_0501_0007_0406;

/// CR4 bits of a PV guest: DE PAE MCE PGE OSFXSR OSXMMEXCPT are always on for it.
const CR4_FIXED: u64 = 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 9 | 1 << 10;
/// And these it chooses: TSD, FSGSBASE, OSXSAVE.
const CR4_CHOICE: u64 = 1 << 2 | 1 << 16 | 1 << 18;

impl<M: Machine> Hypervisor<M> {
    /// The CR4 that a guest gets when it asks for `wanted`.
    pub fn guest_cr4(&self, wanted: u64) -> u64 {
        wanted & CR4_CHOICE | CR4_FIXED
    }

    /// True where code selector `cs` runs 64-bit code: the flat one or a descriptor of the guest with L set.
    pub fn code_is_64bit(&self, vcpu: &Vcpu, cs: u16) -> bool {
        match cs | 3 {
            selector::FLAT_CS64 => return true,
            selector::FLAT_CS32 => return false,
            _ => {}
        }
        let index = usize::from(cs >> 3);
        let frame = if cs & 4 == 0 { vcpu.pv.lock().gdt_frames.get(index / 512).copied() } else { None };
        frame.is_some_and(|f| self.machine.word(f, index % 512).load(core::sync::atomic::Ordering::Relaxed) >> 53 & 1 != 0)
    }

    /// Ports that the hypervisor keeps for itself: the interrupt controllers, the timer's first two channels, its consoles.
    pub fn port_allowed(&self, domain: &Domain, port: u16, size: u8) -> bool {
        let last = port.saturating_add(u16::from(size) - 1);
        domain.io.hardware && !self.facts.private_ports.iter().any(|(a, b)| *a <= last && port <= *b)
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
                let io = (0..4).any(|i| value >> (i * 2) & 3 != 0 && value >> (16 + i * 4) & 3 == 2);
                if io {
                    return Err(Errno::EPERM);
                }
                value
            }
            _ => return Err(Errno::EINVAL),
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
        self.machine.load_debug(&[d[0], d[1], d[2], d[3]], d[6], d[7]);
        Ok(())
    }

    /// One CPUID leaf as the guest sees it.
    pub fn guest_cpuid(&self, vcpu: &Vcpu, domain: &Domain, leaf: u32, subleaf: u32) -> [u32; 4] {
        let _ = (vcpu, domain);
        self.machine.cpuid(leaf, subleaf)
    }

    /// Reads a model-specific register for the guest; `None` is a #GP.
    pub fn read_msr(&self, vcpu: &Vcpu, domain: &Domain, msr: u32) -> Option<u64> {
        let _ = vcpu;
        match msr {
            FS_BASE => Some(self.machine.base(Base::Fs)),
            GS_BASE => Some(self.machine.base(Base::Gs)),
            KERNEL_GS_BASE => Some(self.machine.base(Base::GsOther)),
            EFER => Some(0xd01),
            PAT => Some(XEN_PAT),
            APIC_BASE if domain.io.hardware => self.machine.rdmsr(msr),
            _ => None,
        }
    }

    /// Writes a model-specific register for the guest; false is a #GP.
    pub fn write_msr(&self, vcpu: &Vcpu, domain: &Domain, msr: u32, value: u64) -> bool {
        let _ = (vcpu, domain);
        match msr {
            FS_BASE => self.machine.set_base(Base::Fs, value),
            GS_BASE => self.machine.set_base(Base::Gs, value),
            KERNEL_GS_BASE => self.machine.set_base(Base::GsOther, value),
            EFER => value == 0xd01,
            PAT => value == XEN_PAT,
            _ => false,
        }
    }
}
