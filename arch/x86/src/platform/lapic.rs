//! The local APIC: each processor's interrupt controller, IPI sender and timer.
//!
//! [`Lapic`] hides which of the two programming interfaces is in use. It holds no per-processor state:
//! one value serves every processor, and each method acts on the processor that calls it. The mode is
//! chosen once, on the boot processor ([`Lapic::detect`]); every other processor enters the same mode
//! ([`Lapic::enter`]), since IPIs name their target differently in the two modes.
//!
//! x2APIC is preferred only where the caller asks: without interrupt remapping an I/O APIC or MSI
//! can't reach IDs above 255, and some emulators can't count instructions with it. If the firmware left
//! x2APIC on, it stays on, because firmware does so when there are IDs that xAPIC can't name.
//!
//! Ordering. An xAPIC register write is an uncached store, ordered after earlier stores. An x2APIC
//! register write is a `wrmsr` that may overtake them: a receiver could then miss the very work that it
//! was woken for. [`Lapic::send`] fences first in x2APIC mode, so in both modes stores before `send`
//! are visible to the IPI's handler.

use arch_defs::apic::{
    APIC_BASE_ADDR, APIC_BASE_ENABLE, APIC_BASE_X2APIC, Delivery, ICR_PENDING, Ipi, IpiDest, Lvt,
    MSR_APIC_BASE, MSR_TSC_DEADLINE, Polarity, Reg, SPURIOUS_ENABLE, TIMER_DIVIDE_BY_1, TimerScale,
    Trigger, icr,
};
use core::arch::x86_64::{_mm_lfence, _mm_mfence};
use raw_cpuid::CpuId as Cpuid;
use units::{MAddr, Nanos};
use x86_64::instructions::interrupts::without_interrupts;
use x86_64::registers::model_specific::Msr;

use super::io::Mmio;

/// Reads of the delivery status before an xAPIC IPI is sent regardless; acceptance takes about a
/// microsecond.
const SEND_POLLS: u32 = 100_000;

/// Why there is no usable local APIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LapicError {
    /// CPUID reports none.
    Absent,
    /// The register page at this address can't be mapped.
    Unmappable(MAddr),
    /// The registers read as all ones: nothing decodes the page.
    Dead(MAddr),
}

#[derive(Clone, Copy, Debug)]
enum Access {
    XApic(Mmio),
    X2Apic,
}

/// Access to the calling processor's local APIC.
#[derive(Clone, Copy, Debug)]
pub struct Lapic {
    access: Access,
}

/// A LINT pin's use, from the MADT's "local APIC NMI" entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lint {
    /// Not connected, or not wanted.
    Off,
    /// The 8259's output; wanted only without I/O APICs.
    ExtInt,
    /// The board's NMI line.
    Nmi {
        /// Polarity of the line.
        polarity: Polarity,
    },
}

impl Lint {
    const fn lvt(self) -> Lvt {
        match self {
            Self::Off => Lvt::MASKED,
            Self::ExtInt => Lvt::lint(Delivery::ExtInt, Trigger::Edge, Polarity::High),
            Self::Nmi { polarity } => Lvt::lint(Delivery::Nmi, Trigger::Edge, polarity),
        }
    }
}

/// What [`Lapic::setup`] programs.
#[derive(Clone, Copy, Debug)]
pub struct LapicSetup {
    /// Vector of spurious interrupts. Old parts force its low four bits to ones.
    pub spurious: u8,
    /// Vector of APIC errors.
    pub error: u8,
    /// Vector of thermal events; `None` leaves what the firmware set (often an SMI).
    pub thermal: Option<u8>,
    /// LINT0 and LINT1.
    pub lint: [Lint; 2],
}

fn rdmsr(msr: u32) -> u64 {
    // SAFETY: only for the APIC registers, present once `detect` has seen the APIC; reading has no effect on memory.
    unsafe { Msr::new(msr).read() }
}

fn wrmsr(msr: u32, value: u64) {
    // SAFETY: only for the APIC registers. They direct interrupts to vectors that `setup`'s and
    // `send`'s callers answer for; they don't touch memory.
    unsafe { Msr::new(msr).write(value) }
}

impl Lapic {
    /// Finds the boot processor's APIC, turns it on, and chooses the mode: x2APIC if the firmware left
    /// it on, or if `want_x2apic` and the processor has it; otherwise xAPIC.
    ///
    /// # Safety
    /// Must run on the boot processor with interrupts off, before anything else drives the APIC.
    pub unsafe fn detect(want_x2apic: bool) -> Result<Self, LapicError> {
        let features = Cpuid::new().get_feature_info().ok_or(LapicError::Absent)?;
        // CPUID's APIC bit mirrors the enable bit, so a disabled APIC looks absent until turned on. On
        // any 64-bit processor the MSR exists.
        let base = rdmsr(MSR_APIC_BASE);
        let x2apic = base & APIC_BASE_X2APIC != 0 || want_x2apic && features.has_x2apic();
        let access = if x2apic {
            Access::X2Apic
        } else {
            let addr = MAddr::new(base & APIC_BASE_ADDR);
            // SAFETY: the MSR says that the APIC's page is here.
            let page = unsafe { Mmio::map(addr, 0x1000) };
            Access::XApic(page.ok_or(LapicError::Unmappable(addr))?)
        };
        let lapic = Self { access };
        lapic.enter();
        if let Access::XApic(page) = access
            && page.read32(Reg::Version.offset()) == !0
        {
            return Err(LapicError::Dead(MAddr::new(base & APIC_BASE_ADDR)));
        }
        Ok(lapic)
    }

    /// Puts the calling processor's APIC into the chosen mode. Every processor other than the first
    /// calls it before any other method. An APIC that is in x2APIC mode already stays there.
    pub fn enter(&self) {
        let base = rdmsr(MSR_APIC_BASE);
        let mut want = base | APIC_BASE_ENABLE;
        if base & APIC_BASE_ENABLE == 0 {
            // Off to x2APIC in one step is an illegal transition; pass through xAPIC.
            wrmsr(MSR_APIC_BASE, want);
        }
        if matches!(self.access, Access::X2Apic) {
            want |= APIC_BASE_X2APIC;
        }
        if want != base {
            wrmsr(MSR_APIC_BASE, want);
        }
    }

    #[inline]
    fn read(&self, reg: Reg) -> u32 {
        match self.access {
            Access::XApic(page) => page.read32(reg.offset()),
            Access::X2Apic => rdmsr(reg.msr()) as u32,
        }
    }

    #[inline]
    fn write(&self, reg: Reg, value: u32) {
        match self.access {
            Access::XApic(page) => page.write32(reg.offset(), value),
            Access::X2Apic => wrmsr(reg.msr(), value.into()),
        }
    }

    /// True in x2APIC mode.
    pub fn is_x2apic(&self) -> bool {
        matches!(self.access, Access::X2Apic)
    }

    /// The calling processor's APIC ID.
    pub fn id(&self) -> u32 {
        match self.access {
            Access::XApic(_) => self.read(Reg::Id) >> 24,
            Access::X2Apic => self.read(Reg::Id),
        }
    }

    /// The version register's low byte; `0x10` and up is an integrated APIC.
    pub fn version(&self) -> u8 {
        self.read(Reg::Version) as u8
    }

    /// Index of the highest local vector table entry.
    pub fn max_lvt(&self) -> u8 {
        (self.read(Reg::Version) >> 16) as u8
    }

    /// Programs the calling processor's APIC: accepts every priority, LINT pins and error interrupt as
    /// given, timer and performance counters off, stale errors and in-service bits cleared.
    pub fn setup(&self, setup: &LapicSetup) {
        self.write(Reg::LvtTimer, Lvt::MASKED.0);
        self.write(Reg::TimerInitial, 0);
        if self.max_lvt() >= 4 {
            self.write(Reg::LvtPerf, Lvt::MASKED.0);
        }
        if !self.is_x2apic() {
            // Flat model; we only use physical destinations, but firmware may have left clusters.
            self.write(Reg::Dfr, !0);
            self.write(Reg::Ldr, 0);
        }
        self.write(Reg::Tpr, 0);
        // Interrupts that the firmware accepted and never finished would block their priority for
        // ever. One EOI per in-service bit; the bound is the number of vectors.
        for _ in 0..256 {
            if (0..8).all(|word| self.vector_word(Reg::Isr, word) == 0) {
                break;
            }
            self.eoi();
        }
        self.write(Reg::Spurious, SPURIOUS_ENABLE | u32::from(setup.spurious));
        self.write(Reg::LvtLint0, setup.lint[0].lvt().0);
        self.write(Reg::LvtLint1, setup.lint[1].lvt().0);
        if let Some(vector) = setup.thermal
            && self.max_lvt() >= 5
        {
            self.write(Reg::LvtThermal, Lvt::fixed(vector).0);
        }
        self.take_errors();
        self.write(Reg::LvtError, Lvt::fixed(setup.error).0);
    }

    /// Stops accepting interrupts (INIT, NMI and start-up IPIs still come), for a processor that goes
    /// off line or a machine that is handed over.
    pub fn shut_down(&self) {
        self.write(Reg::LvtTimer, Lvt::MASKED.0);
        self.write(Reg::LvtLint0, Lvt::MASKED.0);
        self.write(Reg::LvtError, Lvt::MASKED.0);
        self.write(Reg::Spurious, self.read(Reg::Spurious) & !SPURIOUS_ENABLE);
    }

    /// Ends the interrupt in service of the highest priority.
    #[inline]
    pub fn eoi(&self) {
        self.write(Reg::Eoi, 0);
    }

    /// Sends a fixed interrupt or an NMI; see the module's note on ordering. INIT and start-up are
    /// for [`Self::send_boot`], and not sent. In xAPIC mode IDs above 255 don't exist and nothing is
    /// sent. Waits at most some milliseconds for an earlier IPI to leave.
    #[inline]
    pub fn send(&self, dest: IpiDest, ipi: Ipi) {
        if matches!(ipi, Ipi::Fixed(_) | Ipi::Nmi) {
            self.issue(dest, ipi);
        }
    }

    /// Sends INIT or start-up to the processor with this APIC ID.
    ///
    /// # Safety
    /// The processor must not be running code of ours, and for a start-up IPI the page must hold a
    /// real-mode entry that leads it safely into the hypervisor.
    pub unsafe fn send_boot(&self, id: u32, ipi: Ipi) {
        self.issue(IpiDest::Apic(id), ipi);
    }

    #[inline]
    fn issue(&self, dest: IpiDest, ipi: Ipi) {
        let (low, id) = icr(ipi, dest);
        match self.access {
            Access::X2Apic => {
                // SAFETY: fences have no preconditions.
                unsafe {
                    _mm_mfence();
                    _mm_lfence();
                }
                if let (IpiDest::Myself, Ipi::Fixed(vector)) = (dest, ipi) {
                    wrmsr(Reg::SelfIpi.msr(), vector.into());
                } else {
                    wrmsr(Reg::IcrLow.msr(), u64::from(id) << 32 | u64::from(low));
                }
            }
            Access::XApic(page) => {
                if id > 0xff {
                    return;
                }
                // An interrupt between the two writes could send its own IPI and change the destination.
                without_interrupts(|| {
                    self.wait_sent();
                    page.write32(Reg::IcrHigh.offset(), id << 24);
                    page.write32(Reg::IcrLow.offset(), low);
                });
            }
        }
    }

    /// Waits, bounded, until the last IPI was accepted. True when it was.
    pub fn wait_sent(&self) -> bool {
        self.is_x2apic()
            || (0..SEND_POLLS).any(|_| {
                let sent = self.read(Reg::IcrLow) & ICR_PENDING == 0;
                if !sent {
                    core::hint::spin_loop();
                }
                sent
            })
    }

    /// Reads and clears the error status register (SDM vol. 3 "Error handling" for the bits).
    pub fn take_errors(&self) -> u32 {
        self.write(Reg::Esr, 0);
        self.read(Reg::Esr)
    }

    fn vector_word(&self, first: Reg, word: u8) -> u32 {
        let word = usize::from(word & 7);
        match self.access {
            Access::XApic(page) => page.read32(first.offset() + word * 0x10),
            Access::X2Apic => rdmsr(first.msr() + word as u32) as u32,
        }
    }

    /// True where `vector` was requested and not yet taken.
    pub fn is_requested(&self, vector: u8) -> bool {
        self.vector_word(Reg::Irr, vector / 32) >> (vector % 32) & 1 != 0
    }

    /// True where `vector` was taken and not yet ended.
    pub fn is_in_service(&self, vector: u8) -> bool {
        self.vector_word(Reg::Isr, vector / 32) >> (vector % 32) & 1 != 0
    }

    /// True where the interrupt in service with `vector` came from a level-triggered line.
    pub fn is_level(&self, vector: u8) -> bool {
        self.vector_word(Reg::Tmr, vector / 32) >> (vector % 32) & 1 != 0
    }

    /// Routes performance counter overflow: a vector, an NMI for `None`. Taking the interrupt masks
    /// the entry, so the handler calls this again.
    pub fn set_perf(&self, vector: Option<u8>) {
        let lvt = match vector {
            Some(vector) => Lvt::fixed(vector),
            None => Lvt::lint(Delivery::Nmi, Trigger::Edge, Polarity::High),
        };
        if self.max_lvt() >= 4 {
            self.write(Reg::LvtPerf, lvt.0);
        }
    }

    /// Measures how fast the timer counts, in Hz, against `now` over `window` (a few milliseconds are
    /// enough for the timer's purpose). Leaves the timer stopped. 0 where it doesn't count at all.
    pub fn calibrate_timer(&self, now: impl Fn() -> Nanos, window: Nanos) -> u64 {
        self.write(Reg::LvtTimer, Lvt::MASKED.0);
        self.write(Reg::TimerDivide, TIMER_DIVIDE_BY_1);
        self.write(Reg::TimerInitial, !0);
        let (start, from) = (now(), self.read(Reg::TimerCurrent));
        let elapsed = loop {
            let elapsed = now().since(start);
            if elapsed >= window {
                break elapsed;
            }
            core::hint::spin_loop();
        };
        let count = from.saturating_sub(self.read(Reg::TimerCurrent));
        self.write(Reg::TimerInitial, 0);
        let hz = u128::from(count) * 1_000_000_000 / u128::from(elapsed.0.max(1));
        hz as u64
    }

    /// Readies the calling processor's timer to interrupt with `vector`. Then arm it with the value's
    /// methods. `hz` is from [`Self::calibrate_timer`]; TSC-deadline mode is used where `deadline` asks
    /// and the processor has it.
    pub fn start_timer(&self, vector: u8, hz: u64, deadline: bool) -> LapicTimer {
        let deadline = deadline && has_tsc_deadline();
        self.write(Reg::TimerInitial, 0);
        if deadline {
            self.write(Reg::LvtTimer, Lvt::tsc_deadline(vector).0);
            // In xAPIC mode the store above must land before the first write of the deadline MSR.
            // SAFETY: fences have no preconditions.
            unsafe { _mm_mfence() };
        } else {
            self.write(Reg::TimerDivide, TIMER_DIVIDE_BY_1);
            self.write(Reg::LvtTimer, Lvt::fixed(vector).0);
        }
        LapicTimer {
            lapic: *self,
            scale: TimerScale::new(hz),
            deadline,
        }
    }
}

/// Whether the processor's timer can be armed with a TSC value.
pub fn has_tsc_deadline() -> bool {
    Cpuid::new()
        .get_feature_info()
        .is_some_and(|f| f.has_tsc_deadline())
}

/// A timer made ready by [`Lapic::start_timer`]; like [`Lapic`] it acts on the calling processor.
#[derive(Clone, Copy, Debug)]
pub struct LapicTimer {
    lapic: Lapic,
    scale: TimerScale,
    deadline: bool,
}

impl LapicTimer {
    /// True where the timer takes TSC deadlines ([`Self::arm_tsc`]), false where it counts down
    /// ([`Self::arm_in`]).
    #[inline]
    pub fn is_deadline(&self) -> bool {
        self.deadline
    }

    /// Fires when the TSC reaches `tsc`, at once where that is past. TSC-deadline mode only; ignored
    /// otherwise.
    #[inline]
    pub fn arm_tsc(&self, tsc: u64) {
        if self.deadline {
            // 0 would disarm.
            wrmsr(MSR_TSC_DEADLINE, tsc.max(1));
        }
    }

    /// Fires in `span`, or earlier where the counter's 32 bits don't reach so far: the handler looks
    /// at the time and arms again. One-shot mode only; ignored otherwise.
    #[inline]
    pub fn arm_in(&self, span: Nanos) {
        if !self.deadline {
            self.lapic
                .write(Reg::TimerInitial, self.scale.count(span.0));
        }
    }

    /// Disarms the timer. An expiry that the APIC has already latched is still delivered.
    #[inline]
    pub fn disarm(&self) {
        if self.deadline {
            wrmsr(MSR_TSC_DEADLINE, 0);
        } else {
            self.lapic.write(Reg::TimerInitial, 0);
        }
    }
}
