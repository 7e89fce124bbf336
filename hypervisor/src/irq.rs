//! Physical interrupts: from a vector to a domain's port and back.
//!
//! Number spaces meet here. A *vector* is what the processor takes; a *GSI* is an I/O APIC input; a *pirq* is
//! what the hardware domain calls an interrupt. Lines have their GSI as pirq, messages get numbers from the top
//! down. A level-triggered line is masked when it fires and unmasked when the domain says that it is done,
//! so a device that the domain is slow with can't keep the processor from everything else.

use abi::Errno;
use arch_defs::apic::{Polarity, Route, Trigger};
use arch_defs::msi::MsiMessage;
use arch_x86::platform::ioapic::IoApics;
use arch_x86::platform::lapic::Lapic;
use domain::machine::IrqSource;
use spin::Mutex;
use units::DomId;

use crate::msi;

/// Numbers that the hardware domain may use.
pub const NR_PIRQS: usize = 1024;
/// Vectors for devices. 0x80 and 0x82 belong to guests' software interrupts.
const FIRST_VECTOR: u8 = 0x30;
const LAST_VECTOR: u8 = 0xdf;
/// The 8259s deliver here, which only spurious interrupts do.
pub const PIC_BASE: u8 = 0x20;
/// The processor's own timer.
pub const TIMER_VECTOR: u8 = 0xf0;
/// Wakes a processor to look at its work.
pub const KICK_VECTOR: u8 = 0xf1;
/// APIC errors.
pub const ERROR_VECTOR: u8 = 0xfe;
/// Spurious interrupts of the APIC.
pub const SPURIOUS_VECTOR: u8 = 0xff;

/// Who gets an interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody.
    None,
    /// The hypervisor's console.
    Console,
    /// A domain's port for this pirq.
    Domain(DomId),
}

/// One interrupt.
#[derive(Clone, Copy, Debug)]
struct Irq {
    source: Option<IrqSource>,
    vector: u8,
    level: bool,
    active_low: bool,
    owner: Owner,
    /// Fired and masked until the owner is done.
    in_flight: bool,
    count: u64,
}

impl Irq {
    const NONE: Self = Self {
        source: None,
        vector: 0,
        level: false,
        active_low: false,
        owner: Owner::None,
        in_flight: false,
        count: 0,
    };
}

struct State {
    irqs: [Irq; NR_PIRQS],
    by_vector: [u16; 256],
    io_apics: Option<IoApics>,
    lapic: Option<Lapic>,
    lines: u32,
}

const NO_IRQ: u16 = u16::MAX;

static STATE: Mutex<State> = Mutex::new(State {
    irqs: [Irq::NONE; NR_PIRQS],
    by_vector: [NO_IRQ; 256],
    io_apics: None,
    lapic: None,
    lines: 0,
});

impl State {
    fn irq(&mut self, pirq: u32) -> Result<&mut Irq, Errno> {
        self.irqs.get_mut(pirq as usize).ok_or(Errno::EINVAL)
    }

    fn vector(&mut self, pirq: u32) -> Result<u8, Errno> {
        let old = self.irq(pirq)?.vector;
        if old != 0 {
            return Ok(old);
        }
        let free = (FIRST_VECTOR..=LAST_VECTOR)
            .filter(|v| !matches!(v, 0x80 | 0x82))
            .find(|v| self.by_vector.get(usize::from(*v)) == Some(&NO_IRQ))
            .ok_or(Errno::ENOSPC)?;
        if let Some(slot) = self.by_vector.get_mut(usize::from(free)) {
            *slot = pirq as u16;
        }
        self.irq(pirq)?.vector = free;
        Ok(free)
    }

    /// `count` (a power of two) consecutive vectors, aligned, for as many numbers from `pirq` on.
    fn vector_block(&mut self, pirq: u32, count: u16) -> Result<u8, Errno> {
        let usable = |v: u16| {
            !matches!(v, 0x80 | 0x82) && self.by_vector.get(usize::from(v)) == Some(&NO_IRQ)
        };
        let first = (u16::from(FIRST_VECTOR)..=u16::from(LAST_VECTOR) + 1 - count)
            .filter(|v| v & (count - 1) == 0)
            .find(|v| (*v..v + count).all(usable))
            .ok_or(Errno::ENOSPC)?;
        for i in 0..count {
            if let Some(slot) = self.by_vector.get_mut(usize::from(first + i)) {
                *slot = (pirq + u32::from(i)) as u16;
            }
            self.irq(pirq + u32::from(i))?.vector = (first + i) as u8;
        }
        Ok(first as u8)
    }

    /// `count` free numbers in a row, at `wanted` or anywhere above the lines.
    fn free_block(&self, wanted: Option<u32>, count: u16) -> Result<u32, Errno> {
        let free = |n: u32| {
            (n..n + u32::from(count)).all(|i| {
                self.irqs
                    .get(i as usize)
                    .is_some_and(|q| q.source.is_none())
            })
        };
        match wanted {
            Some(n) if n < self.lines => Err(Errno::EINVAL),
            Some(n) if free(n) => Ok(n),
            Some(_) => Err(Errno::EEXIST),
            None => (self.lines..NR_PIRQS as u32 - u32::from(count))
                .rev()
                .find(|n| free(*n))
                .ok_or(Errno::ENOSPC),
        }
    }

    fn release_vector(&mut self, pirq: u32) {
        let Ok(irq) = self.irq(pirq) else { return };
        let vector = core::mem::take(&mut irq.vector);
        if vector != 0
            && let Some(slot) = self.by_vector.get_mut(usize::from(vector))
        {
            *slot = NO_IRQ;
        }
    }

    /// Programs the line of `pirq`.
    fn route(&mut self, pirq: u32, masked: bool) -> Result<(), Errno> {
        let irq = *self.irq(pirq)?;
        if let (Some(IrqSource::Gsi(gsi)), Some(apics)) = (irq.source, self.io_apics.as_mut()) {
            let dest = self.lapic.as_ref().map_or(0, |l| l.id() as u8);
            let route = Route {
                vector: irq.vector,
                dest,
                trigger: if irq.level {
                    Trigger::Level
                } else {
                    Trigger::Edge
                },
                polarity: if irq.active_low {
                    Polarity::Low
                } else {
                    Polarity::High
                },
                masked,
            };
            apics.route(gsi, route).map_err(|_| Errno::EINVAL)?;
        }
        if let Some(IrqSource::Msi {
            device,
            entry,
            table,
            ..
        }) = irq.source
        {
            msi::set_masked(device, table.get() != 0, entry, masked);
        }
        Ok(())
    }
}

/// Takes over the interrupt controllers. `line` gives a GSI's default trigger mode and polarity as (level, active low).
pub fn init(lapic: Lapic, io_apics: Option<IoApics>, line: impl Fn(u32) -> (bool, bool)) {
    let mut state = STATE.lock();
    state.lines = io_apics
        .as_ref()
        .map_or(0, IoApics::gsi_end)
        .min(NR_PIRQS as u32 / 2);
    state.io_apics = io_apics;
    state.lapic = Some(lapic);
    for gsi in 0..state.lines {
        let (level, active_low) = line(gsi);
        if let Ok(irq) = state.irq(gsi) {
            *irq = Irq {
                source: Some(IrqSource::Gsi(gsi)),
                level,
                active_low,
                ..Irq::NONE
            };
        }
    }
}

/// Ends the interrupt that the processor took last.
pub fn eoi() {
    if let Some(lapic) = &STATE.lock().lapic {
        lapic.eoi();
    }
}

/// What to do about an interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    None,
    /// Look at the console's UART.
    Console,
    /// Raise this pirq in that domain.
    Raise(DomId, u32),
}

/// Takes a device interrupt.
pub fn take(vector: u8) -> Action {
    let mut guard = STATE.lock();
    let state = &mut *guard;
    let pirq = state
        .by_vector
        .get(usize::from(vector))
        .copied()
        .unwrap_or(NO_IRQ);
    let mut action = Action::None;
    if let Some(irq) = state.irqs.get_mut(usize::from(pirq)) {
        irq.count += 1;
        action = match irq.owner {
            Owner::None => Action::None,
            Owner::Console => Action::Console,
            Owner::Domain(id) => Action::Raise(id, u32::from(pirq)),
        };
        let hold = irq.owner == Owner::None || irq.level && irq.owner != Owner::Console;
        if let (true, Some(IrqSource::Gsi(gsi)), Some(apics)) =
            (hold, irq.source, state.io_apics.as_mut())
        {
            apics.mask(gsi);
            irq.in_flight = true;
        }
    }
    if let Some(lapic) = &state.lapic {
        lapic.eoi();
    }
    action
}

/// The domain is done with `pirq`.
pub fn end(pirq: u32) {
    let mut guard = STATE.lock();
    let state = &mut *guard;
    let Some(irq) = state.irqs.get_mut(pirq as usize) else {
        return;
    };
    if core::mem::take(&mut irq.in_flight)
        && let (Some(IrqSource::Gsi(gsi)), Some(apics)) = (irq.source, state.io_apics.as_mut())
    {
        apics.unmask(gsi);
    }
}

/// True for a number that names something.
pub fn exists(pirq: u32) -> bool {
    STATE.lock().irq(pirq).is_ok_and(|i| i.source.is_some())
}

/// True where the line waits for [`end`].
pub fn needs_eoi(pirq: u32) -> bool {
    STATE
        .lock()
        .irq(pirq)
        .is_ok_and(|i| i.level && matches!(i.source, Some(IrqSource::Gsi(_))))
}

/// Gives `pirq` to an owner and opens it.
pub fn bind(pirq: u32, owner: Owner) -> Result<(), Errno> {
    let mut state = STATE.lock();
    if state.irq(pirq)?.source.is_none() {
        return Err(Errno::EINVAL);
    }
    if state.irq(pirq)?.owner != Owner::None {
        return Err(Errno::EBUSY);
    }
    state.vector(pirq)?;
    state.irq(pirq)?.owner = owner;
    state.irq(pirq)?.in_flight = false;
    state.route(pirq, false).inspect_err(|_| {
        if let Ok(irq) = state.irq(pirq) {
            irq.owner = Owner::None;
        }
    })
}

/// Takes `pirq` back from its owner.
pub fn unbind(pirq: u32) {
    let mut state = STATE.lock();
    let _ = state.route(pirq, true);
    if let Ok(irq) = state.irq(pirq) {
        irq.owner = Owner::None;
        irq.in_flight = false;
    }
    if matches!(
        state.irq(pirq).map(|i| i.source),
        Ok(Some(IrqSource::Gsi(_)))
    ) {
        state.release_vector(pirq);
    }
}

/// Sets how a line signals.
pub fn setup_line(gsi: u32, level: bool, active_low: bool) -> Result<(), Errno> {
    let mut state = STATE.lock();
    if gsi >= state.lines {
        return Err(Errno::EINVAL);
    }
    let irq = state.irq(gsi)?;
    let owned = irq.owner != Owner::None;
    if owned && (irq.level, irq.active_low) != (level, active_low) {
        // Somebody listens already; the line stays as it is.
        return Ok(());
    }
    (irq.level, irq.active_low) = (level, active_low);
    Ok(())
}

/// Maps a source to a pirq. Answers its number, and how many from there on.
pub fn map(source: IrqSource, wanted: Option<u32>) -> Result<(u32, u16), Errno> {
    let mut state = STATE.lock();
    let IrqSource::Msi {
        device,
        entry,
        table,
        count,
    } = source
    else {
        let IrqSource::Gsi(gsi) = source else {
            return Err(Errno::EINVAL);
        };
        return if gsi < state.lines && wanted.is_none_or(|w| w == gsi) {
            Ok((gsi, 1))
        } else {
            Err(Errno::EINVAL)
        };
    };
    let same = |i: &Irq| matches!(i.source, Some(IrqSource::Msi { device: d, entry: e, .. }) if d == device && e == entry);
    if state.irqs.iter().any(same) {
        return Err(Errno::EEXIST);
    }
    let dest = state.lapic.as_ref().map_or(0, Lapic::id);
    let msix = table.get() != 0;
    let count = if msix {
        1
    } else {
        count.max(1).min(msi::vectors(device)?)
    };
    let count = 1 << count.ilog2();
    let pirq = state.free_block(wanted, count)?;
    let vector = state.vector_block(pirq, count)?;
    let message = MsiMessage::new(vector, dest).ok_or(Errno::ENXIO);
    let done = message.and_then(|message| {
        if msix {
            msi::set_up_entry(device, entry, table, message)
        } else {
            msi::set_up(device, message, count.ilog2() as u8)
        }
    });
    for i in 0..count {
        let n = pirq + u32::from(i);
        if done.is_ok() {
            let source = IrqSource::Msi {
                device,
                entry: if msix { entry } else { i },
                table,
                count,
            };
            state.irq(n)?.source = Some(source);
        } else {
            state.release_vector(n);
        }
    }
    done.map(|()| (pirq, count))
}

/// Undoes [`map`].
pub fn unmap(pirq: u32) -> Result<(), Errno> {
    let mut state = STATE.lock();
    let irq = *state.irq(pirq)?;
    match irq.source {
        None => Err(Errno::EINVAL),
        Some(IrqSource::Gsi(_)) => Ok(()),
        Some(IrqSource::Msi {
            device,
            entry,
            table,
            ..
        }) => {
            if irq.owner != Owner::None {
                return Err(Errno::EBUSY);
            }
            msi::release(device, table.get() != 0, entry);
            state.release_vector(pirq);
            *state.irq(pirq)? = Irq::NONE;
            Ok(())
        }
    }
}

/// A free number.
pub fn free(gsi: bool) -> Result<u32, Errno> {
    let state = STATE.lock();
    let lines = state.lines as usize;
    let range = if gsi { 0..lines } else { lines..NR_PIRQS };
    let mut free = range
        .rev()
        .filter(|n| state.irqs.get(*n).is_some_and(|i| i.source.is_none()));
    free.next().map(|n| n as u32).ok_or(Errno::ENOSPC)
}

/// Reads an I/O APIC register for the hardware domain.
pub fn apic_read(base: units::MAddr, reg: u32) -> Option<u32> {
    let mut state = STATE.lock();
    Some(
        state
            .io_apics
            .as_mut()?
            .at_addr(base)?
            .read_reg(u8::try_from(reg).ok()?),
    )
}

/// True for the address of an I/O APIC. What the hardware domain writes there is accepted and ignored: routing is ours.
pub fn apic_write(base: units::MAddr) -> bool {
    let mut state = STATE.lock();
    state
        .io_apics
        .as_mut()
        .is_some_and(|a| a.at_addr(base).is_some())
}

/// Prints what is bound, for the debug key.
pub fn dump() {
    let state = STATE.lock();
    for (n, irq) in state
        .irqs
        .iter()
        .enumerate()
        .filter(|(_, i)| i.owner != Owner::None)
    {
        log::info!(
            "  irq {n}: vector {:#04x} {} {} {:?} count {}{}",
            irq.vector,
            if irq.level { "level" } else { "edge" },
            if irq.active_low { "low" } else { "high" },
            irq.owner,
            irq.count,
            if irq.in_flight { " in flight" } else { "" },
        );
    }
}
