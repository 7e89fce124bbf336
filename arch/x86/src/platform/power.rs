//! Turning the machine off, and resetting it.
//!
//! Neither may fail silently, and both are called when little works: so everything that needs memory
//! or mappings is prepared in [`Power::new`], the methods take `&self` and no lock, and every wait is
//! bounded. What the machine doesn't obey returns to the caller, who tries the next thing; only
//! [`Power::reset`] never returns, since a triple fault always works.

use arch_defs::acpi::aml::SleepTypes;
use arch_defs::acpi::{AcpiInfo, Fadt, Gas, RegisterAt};
use arch_defs::reboot::ResetMethod;
use x86_64::VirtAddr;
use x86_64::instructions::tables::lidt;
use x86_64::structures::DescriptorTablePointer;

use super::io::{self, Mmio};

/// PM1 control: ACPI events come as SCI, that is, the machine is in ACPI mode.
const SCI_EN: u16 = 1;
/// PM1 control: the sleep type's position.
const SLP_TYP: u32 = 10;
/// PM1 control: write-only, enters the sleep state.
const SLP_EN: u16 = 1 << 13;
const RESET_CONTROL: u16 = 0xcf9;
const KEYBOARD: u16 = 0x64;
const PULSE_RESET: u8 = 0xfe;

/// A register of at most 32 bits that is ready for use.
#[derive(Clone, Copy, Debug)]
enum Register {
    Port(u16),
    Memory(Mmio),
    PciConfig(u32, u16),
}

impl Register {
    /// # Safety
    /// `gas` must come from the FADT.
    unsafe fn new(gas: &Gas) -> Option<Self> {
        Some(match gas.place()? {
            RegisterAt::Port(port) => Self::Port(port),
            // SAFETY: the caller vouches that this is the FADT's register.
            RegisterAt::Memory(addr) => Self::Memory(unsafe { Mmio::map(addr, 4) }?),
            RegisterAt::PciConfig {
                device,
                function,
                offset,
            } => {
                let address = 1 << 31
                    | u32::from(device) << 11
                    | u32::from(function) << 8
                    | u32::from(offset & 0xfc);
                Self::PciConfig(address, 0xcfc + (offset & 3))
            }
        })
    }

    fn read16(self) -> u16 {
        match self {
            // SAFETY: `new`'s caller vouched for the register; power management registers read without effect.
            Self::Port(port) => unsafe { io::in16(port) },
            Self::Memory(regs) => regs.read16(0),
            Self::PciConfig(..) => 0,
        }
    }

    fn write16(self, value: u16) {
        match self {
            // SAFETY: as in `read16`; these registers change the power state, not memory.
            Self::Port(port) => unsafe { io::out16(port, value) },
            Self::Memory(regs) => regs.write16(0, value),
            Self::PciConfig(..) => {}
        }
    }

    fn write8(self, value: u8) {
        match self {
            // SAFETY: as in `write16`.
            Self::Port(port) => unsafe { io::out8(port, value) },
            Self::Memory(regs) => regs.write8(0, value),
            // SAFETY: the machine is about to be reset; whoever was between the two halves of a
            // configuration access won't finish it.
            Self::PciConfig(address, data) => unsafe {
                io::out32(0xcf8, address);
                io::out8(data, value);
            },
        }
    }
}

/// The means to turn the machine off and to reset it.
#[derive(Debug, Default)]
pub struct Power {
    pm1: [Option<Register>; 2],
    sleep_control: Option<Register>,
    reset: Option<(Register, u8)>,
    acpi_enable: Option<(u16, u8)>,
    s5: Option<SleepTypes>,
    keyboard: bool,
}

impl Power {
    /// Prepares what the tables offer. Without tables only the chipset's ways of resetting remain.
    ///
    /// # Safety
    /// `info` must be this machine's. dom0 may use the same registers; that is harmless.
    pub unsafe fn new(info: Option<&AcpiInfo>) -> Self {
        let Some((info, fadt)) = info.and_then(|i| Some((i, i.fadt?))) else {
            return Self {
                keyboard: true,
                ..Self::default()
            };
        };
        // SAFETY: the caller vouches for the tables.
        let register = |gas| unsafe { Register::new(gas) };
        let reduced = fadt.hardware_reduced();
        Self {
            pm1: if reduced {
                [None; 2]
            } else {
                [register(&fadt.pm1a_control), register(&fadt.pm1b_control)]
            },
            sleep_control: if reduced {
                register(&fadt.sleep_control)
            } else {
                None
            },
            reset: fadt
                .has_reset()
                .then(|| Some((register(&fadt.reset)?, fadt.reset_value)))
                .flatten(),
            acpi_enable: Self::enabler(&fadt),
            s5: info.s5,
            keyboard: fadt.has_8042(),
        }
    }

    fn enabler(fadt: &Fadt) -> Option<(u16, u8)> {
        let needed = fadt.smi_cmd != 0 && fadt.acpi_enable != 0 && !fadt.hardware_reduced();
        needed.then_some((fadt.smi_cmd, fadt.acpi_enable))
    }

    /// Whether [`Self::off`] has a chance.
    pub fn can_turn_off(&self) -> bool {
        self.s5.is_some() && (self.pm1[0].is_some() || self.sleep_control.is_some())
    }

    /// Puts the machine into ACPI mode if it isn't: dom0 usually did. In legacy mode sleep requests
    /// are ignored.
    fn enable_acpi(&self) {
        let (Some(pm1a), Some((port, value))) = (self.pm1[0], self.acpi_enable) else {
            return;
        };
        if pm1a.read16() & SCI_EN == 0 {
            // SAFETY: the FADT's SMI command port with the FADT's command.
            unsafe { io::out8(port, value) };
            (0..10_000).any(|_| {
                pause(10);
                pm1a.read16() & SCI_EN != 0
            });
        }
    }

    /// Turns the machine off. Returns where it doesn't obey.
    pub fn off(&self) {
        let Some(s5) = self.s5 else { return };
        self.enable_acpi();
        if let Some(control) = self.sleep_control {
            control.write8(s5.a << 2 | 1 << 5);
        }
        let types = [s5.a, s5.b];
        let values = [0, 1].map(|i| {
            let keep = self.pm1[i].map_or(0, Register::read16) & !(7 << SLP_TYP | SLP_EN);
            keep | u16::from(types[i]) << SLP_TYP
        });
        self.write_pm1(values);
        self.write_pm1(values.map(|v| v | SLP_EN));
        // Boards cut the power at their leisure; an emulator may be busy with its disks.
        pause(3_000_000);
    }

    /// Enters a sleep state with the PM1 control values that dom0 computed
    /// (`XENPF_enter_acpi_sleep`); `reduced` says that they are for the sleep control register
    /// (`XENPF_ACPI_SLEEP_EXTENDED`). Returns where the machine doesn't obey, or woke up.
    pub fn sleep(&self, a: u16, b: u16, reduced: bool) {
        if reduced {
            if let Some(control) = self.sleep_control {
                control.write8(a as u8 | 1 << 5);
            }
        } else {
            self.write_pm1([a & !SLP_EN, b & !SLP_EN]);
            self.write_pm1([a | SLP_EN, b | SLP_EN]);
        }
        pause(100_000);
    }

    fn write_pm1(&self, values: [u16; 2]) {
        for (register, value) in self.pm1.iter().zip(values) {
            if let Some(register) = register {
                register.write16(value);
            }
        }
    }

    /// Resets the machine, beginning with `first`; without a wish, with what the tables offer.
    ///
    /// # Safety
    /// All that was to be saved must have been. Other processors should be stopped, devices quiet.
    pub unsafe fn reset(&self, first: Option<ResetMethod>) -> ! {
        x86_64::instructions::interrupts::disable();
        for method in first.unwrap_or(ResetMethod::Acpi).then_others() {
            match method {
                ResetMethod::Acpi => {
                    if let Some((register, value)) = self.reset {
                        register.write8(value);
                        pause(50_000);
                    }
                }
                ResetMethod::Pci => pci_reset(0x02),
                ResetMethod::Power => pci_reset(0x0a),
                ResetMethod::Keyboard => {
                    if self.keyboard || first == Some(ResetMethod::Keyboard) {
                        keyboard_reset();
                    }
                }
                ResetMethod::TripleFault => break,
            }
        }
        triple_fault()
    }
}

/// Waits about `micros` microseconds: a write to the diagnostics port takes one on the ISA bus.
fn pause(micros: u32) {
    for _ in 0..micros {
        // SAFETY: port 0x80 shows POST codes and does nothing else.
        unsafe { io::out8(0x80, 0) };
    }
}

fn pci_reset(kind: u8) {
    // SAFETY: the reset control register; the caller wants the reset. On boards without it nothing listens.
    unsafe {
        io::out8(RESET_CONTROL, kind);
        pause(50);
        io::out8(RESET_CONTROL, kind | 0x04);
    }
    pause(50_000);
}

fn keyboard_reset() {
    for _ in 0..10 {
        // Bit 1: the controller hasn't taken the last command yet.
        // SAFETY: the keyboard controller's port; the caller wants the reset.
        (0..10_000).any(|_| unsafe { io::in8(KEYBOARD) } & 2 == 0);
        pause(50);
        // SAFETY: as above.
        unsafe { io::out8(KEYBOARD, PULSE_RESET) };
        pause(5_000);
    }
}

fn triple_fault() -> ! {
    let none = DescriptorTablePointer {
        limit: 0,
        base: VirtAddr::zero(),
    };
    // SAFETY: no exception can be delivered any more, which is the point: the processor shuts down and
    // the board resets.
    unsafe {
        lidt(&none);
        core::arch::asm!("ud2", options(noreturn));
    }
}
