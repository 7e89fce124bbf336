//! What domains need of the machine.
//!
//! The seams of `units` cover memory, translation caches, kicks and time. A PV vCPU also lends its
//! real segment registers, debug registers and root table to the guest; the control domain reaches devices
//! and the console. Those are here, so that there is one list of everything the policy side can make the
//! machine do.

use units::{Clock, FrameAccess, GuestMemory, Kick, Mfn, TlbFlush};

use crate::vcpu::FpuChunk;

/// A segment base register of the running vCPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// FS.
    Fs,
    /// GS of the mode that runs.
    Gs,
    /// GS of the other mode.
    GsOther,
}

/// How the machine is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Soft-off.
    PowerOff,
    /// Reset.
    Reboot,
    /// Stop and wait for somebody to look.
    Halt,
}

/// A PCI function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PciAddress {
    /// Segment group.
    pub segment: u16,
    /// Bus.
    pub bus: u8,
    /// Device in bits 3 to 7, function in bits 0 to 2.
    pub devfn: u8,
}

/// Where a physical IRQ comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IrqSource {
    /// An I/O APIC input.
    Gsi(u32),
    /// Message-signalled interrupts of a function: MSI-X entry `entry` where `table` isn't zero, else `count` MSI vectors.
    Msi {
        /// The function.
        device: PciAddress,
        /// MSI-X entry.
        entry: u16,
        /// Machine address of the MSI-X table's BAR, 0 for MSI.
        table: units::MAddr,
        /// MSI vectors wanted.
        count: u16,
    },
}

/// The machine as domains use it. Methods about "this processor" or "the running vCPU" act at once; for a
/// vCPU that isn't running the saved state is changed instead and they aren't called.
pub trait Machine: FrameAccess + GuestMemory + TlbFlush + Kick + Clock + Sync + 'static {
    /// Runs this processor on the address space rooted at `cr3` (a frame address; a validated L4 table).
    fn load_base(&self, cr3: u64);
    /// Swaps the two GS bases.
    fn swap_gs(&self);
    /// Reads a segment base.
    fn base(&self, which: Base) -> u64;
    /// Writes a segment base; false where it isn't canonical.
    fn set_base(&self, which: Base, value: u64) -> bool;
    /// Loads the user-mode GS selector; false where it names no usable segment (it is null then).
    fn load_user_gs(&self, selector: u16) -> bool;
    /// Saves or loads all user segment state to or from a block that isn't running.
    fn save_segments(&self, to: &arch_defs::vcpu::SegmentRegs);
    /// See [`Self::save_segments`]; false where a selector was bad.
    fn load_segments(&self, from: &arch_defs::vcpu::SegmentRegs) -> bool;
    /// Shows these frames in the GDT window.
    fn show_gdt(&self, frames: &[Mfn]);
    /// Shows a frame, or nothing, as page `index` of the LDT window.
    fn show_ldt_page(&self, index: usize, frame: Option<Mfn>);
    /// Loads an LDT of so many entries.
    fn load_ldt(&self, entries: u32);
    /// Offset in the LDT window of `va`, if it lies there.
    fn ldt_window_offset(&self, va: u64) -> Option<u64>;
    /// Loads debug registers 0 to 3, 6 and 7.
    fn load_debug(&self, dr: &[u64; 4], dr6: u64, dr7: u64);
    /// Reads debug register 6.
    fn debug_status(&self) -> u64;
    /// Makes the next FPU instruction fault, or not.
    fn set_task_switched(&self, on: bool);
    /// Saves this processor's FPU registers.
    fn save_fpu(&self, to: &mut [FpuChunk]);
    /// Loads them.
    fn load_fpu(&self, from: &[FpuChunk]);
    /// Bytes of FPU state.
    fn fpu_size(&self) -> usize;
    /// XSAVE components that guests may have; 0 without XSAVE.
    fn xcr0_supported(&self) -> u64;
    /// Loads an XCR0 that was checked; false where it is not acceptable.
    fn load_xcr0(&self, value: u64) -> bool;
    /// Lets the running vCPU use permitted ports directly, or not.
    fn open_io_bitmap(&self, open: bool);
    /// Where entries store the registers of `block`, from now on.
    fn set_current(&self, block: &arch_defs::vcpu::VcpuBlock);
    /// Address of the last page fault.
    fn fault_address(&self) -> u64;
    /// Compare-and-swap on guest memory of 1, 2, 4 or 8 bytes; answers what was there.
    fn cmpxchg_guest(
        &self,
        at: units::GuestAddr,
        old: u64,
        new: u64,
        size: usize,
    ) -> Result<u64, units::Fault>;
    /// CPUID as the processor gives it.
    fn cpuid(&self, leaf: u32, subleaf: u32) -> [u32; 4];
    /// Reads a model-specific register; `None` where it faults.
    fn rdmsr(&self, msr: u32) -> Option<u64>;
    /// Loads TSC_AUX.
    fn set_tsc_aux(&self, value: u32);
    /// Forgets what branch predictors learned.
    fn prediction_barrier(&self);
    /// Reads a port of 1, 2 or 4 bytes for a domain that may use it.
    fn port_in(&self, port: u16, size: u8) -> u32;
    /// Writes a port.
    fn port_out(&self, port: u16, size: u8, value: u32);
    /// The time-stamp counter.
    fn tsc(&self) -> u64;
    /// Writes back and invalidates caches.
    fn wbinvd(&self);
    /// Reads PCI configuration space through the hypervisor's own access method: `address` as in port 0xcf8.
    fn pci_read(&self, address: u32, offset: u8, size: u8) -> u32;
    /// Writes PCI configuration space.
    fn pci_write(&self, address: u32, offset: u8, size: u8, value: u32);
    /// Takes text that a domain prints on the hypervisor's console.
    fn console_write(&self, domain: units::DomId, text: &[u8]);
    /// Hands out input that was typed for dom0.
    fn console_read(&self, to: &mut [u8]) -> usize;
    /// A preemption point: lets interrupts in and says whether something waits that must not wait long.
    fn preempt(&self) -> bool;
    /// Ends the machine.
    fn end(&self, how: End) -> !;
    /// A domain's interrupt was handled: let the line interrupt again. `pirq` is the domain's number for it.
    fn end_irq(&self, pirq: u32);
    /// True for a number that names an interrupt line or a mapped message.
    fn irq_exists(&self, pirq: u32) -> bool;
    /// True where the line stays silent until [`Self::end_irq`].
    fn irq_needs_eoi(&self, pirq: u32) -> bool;
    /// Starts delivering a physical IRQ to a domain's port.
    fn bind_irq(&self, pirq: u32, domain: units::DomId, share: bool) -> Result<(), abi::Errno>;
    /// Ends it.
    fn unbind_irq(&self, pirq: u32);
    /// Maps a source to a number of the domain's choice, or any. Answers number and count.
    fn map_irq(
        &self,
        domain: units::DomId,
        source: IrqSource,
        wanted: Option<u32>,
    ) -> Result<(u32, u16), abi::Errno>;
    /// Undoes [`Self::map_irq`].
    fn unmap_irq(&self, domain: units::DomId, pirq: u32) -> Result<(), abi::Errno>;
    /// A number that [`Self::map_irq`] would accept, below the lines for `gsi`.
    fn free_pirq(&self, domain: units::DomId, gsi: bool) -> Result<u32, abi::Errno>;
    /// Sets trigger mode and polarity of an I/O APIC input.
    fn setup_gsi(&self, gsi: u32, level: bool, active_low: bool) -> Result<(), abi::Errno>;
    /// Reads a register of the I/O APIC at an address.
    fn ioapic_read(&self, base: units::MAddr, reg: u32) -> Option<u32>;
    /// Writes one, as far as that is the domain's business.
    fn ioapic_write(&self, base: units::MAddr, reg: u32, value: u32) -> bool;
    /// Dom0 found or lost a PCI function.
    fn pci_device(&self, device: PciAddress, there: bool) -> Result<(), abi::Errno>;
    /// Dom0 found (or not) that firmware reserves this configuration window.
    fn mmcfg(
        &self,
        base: units::MAddr,
        segment: u16,
        first_bus: u8,
        last_bus: u8,
        reserved: bool,
    ) -> Result<(), abi::Errno>;
    /// Writes a function's interrupt messages again after it lost them.
    fn restore_msi(&self, device: PciAddress) -> Result<(), abi::Errno>;
    /// Frames of the M2P table, the first of each 2 MiB.
    fn m2p_frames(&self) -> alloc::vec::Vec<Mfn>;
    /// Processors.
    fn cpu_count(&self) -> u32;
    /// A processor's APIC number.
    fn apic_id(&self, cpu: u32) -> u32;
    /// What EFI firmware left, where the machine was started by it.
    fn efi(&self) -> Option<EfiTables> {
        None
    }
}

/// The parts of the EFI system table that outlive boot services (UEFI specification, `EFI_SYSTEM_TABLE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EfiTables {
    /// Machine address of the configuration tables.
    pub tables: u64,
    /// How many there are.
    pub count: u32,
    /// Revision of the system table: the specification's version.
    pub revision: u32,
    /// Revision of the runtime services table.
    pub runtime_revision: u32,
    /// The vendor's own revision of the firmware.
    pub firmware_revision: u32,
    /// The vendor's name in UTF-16, zero-terminated.
    pub vendor: [u16; 64],
}
