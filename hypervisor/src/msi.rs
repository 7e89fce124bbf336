//! Message-signalled interrupts of the hardware domain's devices.
//!
//! The domain finds the devices and asks for interrupts; the messages themselves are written here, because an
//! interrupt message is a write to the processors' interrupt logic with a vector of our choice. All access to
//! configuration space goes through one lock, the domain's own included.

use alloc::vec::Vec;

use abi::Errno;
use arch_defs::msi::MsiMessage;
use arch_defs::pci::Sbdf;
use arch_x86::platform::msi::{Msi, MsiError, Msix};
use arch_x86::platform::pci::PciConfig;
use domain::machine::PciAddress;
use spin::Mutex;
use units::MAddr;

use crate::raw;

struct State {
    pci: PciConfig,
    msi: Vec<(Sbdf, Msi)>,
    /// With the number of entries in use.
    msix: Vec<(Sbdf, Msix, u32)>,
}

static STATE: Mutex<State> = Mutex::new(State {
    pci: raw::pci_config(),
    msi: Vec::new(),
    msix: Vec::new(),
});

fn function(device: PciAddress) -> Sbdf {
    Sbdf::new(device.segment, device.bus, device.devfn)
}

fn errno(e: MsiError) -> Errno {
    match e {
        MsiError::NotCapable => Errno::ENODEV,
        MsiError::NoSuchEntry { .. } => Errno::EINVAL,
        MsiError::NoTable | MsiError::MemoryOff => Errno::ENXIO,
    }
}

/// Adds an ECAM window.
pub fn add_region(region: arch_defs::acpi::Mcfg) {
    raw::add_pci_region(&mut STATE.lock().pci, region);
}

/// Reads configuration space as port 0xcfc + `offset` with `address` in port 0xcf8 would.
pub fn ports_read(address: u32, offset: u8, size: u8) -> u32 {
    STATE.lock().pci.ports_read(address, offset, size)
}

/// Writes it.
pub fn ports_write(address: u32, offset: u8, size: u8, value: u32) {
    STATE.lock().pci.ports_write(address, offset, size, value);
}

/// Programs MSI-X entry `entry`, masked.
pub fn set_up_entry(
    device: PciAddress,
    entry: u16,
    table: MAddr,
    message: MsiMessage,
) -> Result<(), Errno> {
    let f = function(device);
    let state = &mut *STATE.lock();
    if !state.msix.iter().any(|(at, ..)| *at == f) {
        let found = raw::find_msix(&mut state.pci, f, table.get()).map_err(errno)?;
        state.msix.push((f, found, 0));
    }
    let Some((_, msix, users)) = state.msix.iter_mut().find(|(at, ..)| *at == f) else {
        return Err(Errno::ENODEV);
    };
    msix.enable(&mut state.pci);
    msix.set_up(entry, message).map_err(errno)?;
    *users += 1;
    Ok(())
}

/// Programs MSI for `1 << log2` vectors.
pub fn set_up(device: PciAddress, message: MsiMessage, log2: u8) -> Result<(), Errno> {
    let f = function(device);
    let state = &mut *STATE.lock();
    let mut msi = Msi::find(&mut state.pci, f).map_err(errno)?;
    msi.set_up(&mut state.pci, message, log2).map_err(errno)?;
    state.msi.retain(|(at, _)| *at != f);
    state.msi.push((f, msi));
    Ok(())
}

/// Most vectors that a function's MSI has.
pub fn vectors(device: PciAddress) -> Result<u16, Errno> {
    let state = &mut *STATE.lock();
    Ok(Msi::find(&mut state.pci, function(device))
        .map_err(errno)?
        .vectors())
}

/// Masks or unmasks one message.
pub fn set_masked(device: PciAddress, msix: bool, entry: u16, masked: bool) {
    let f = function(device);
    let state = &mut *STATE.lock();
    if msix {
        if let Some((_, msix, _)) = state.msix.iter().find(|(at, ..)| *at == f) {
            let _ = msix.set_masked(entry, masked);
        }
    } else if let Some((_, msi)) = state.msi.iter().find(|(at, _)| *at == f) {
        msi.set_masked(&mut state.pci, entry as u8, masked);
    }
}

/// One message of a function is out of use; with the last one the function's messages are turned off.
pub fn release(device: PciAddress, msix: bool, entry: u16) {
    set_masked(device, msix, entry, true);
    let f = function(device);
    let state = &mut *STATE.lock();
    if msix {
        if let Some((_, msix, users)) = state.msix.iter_mut().find(|(at, ..)| *at == f) {
            *users = users.saturating_sub(1);
            if *users == 0 {
                msix.shut_down(&mut state.pci);
            }
        }
    } else if let Some((_, msi)) = state.msi.iter_mut().find(|(at, _)| *at == f) {
        msi.shut_down(&mut state.pci);
    }
}
