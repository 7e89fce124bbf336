//! The `console=` and `vga=` options as data.
//!
//! `console=` is a list of `vga`, `com1`, `com2` and `none`; a `com` may carry `H` or `L`, with which
//! Xen lets two users share a line by the characters' top bit. Devices that we don't drive (`dbgp`,
//! `ehci`, `xhci`, `pv`, `xen`) are skipped and remembered, so that the caller can warn. The last
//! option given counts whole. Without any option the set is `com1,vga`.
//!
//! `vga=` chooses a screen mode. The mode was already set by the boot loader when we run, so only
//! `keep` changes what we do: dom0's own screen driver takes the screen over when dom0 starts
//! unless the administrator asked us to keep it.

/// The devices that hypervisor messages go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsoleSet {
    /// The screen.
    pub vga: bool,
    /// The first UART.
    pub com1: bool,
    /// The second UART.
    pub com2: bool,
    /// True where the option named a device that is unknown or not driven.
    pub skipped: bool,
}

impl Default for ConsoleSet {
    fn default() -> Self {
        Self {
            vga: true,
            com1: true,
            com2: false,
            skipped: false,
        }
    }
}

impl ConsoleSet {
    /// Reads the value of a `console=` option.
    pub fn parse(option: &str) -> Self {
        let mut set = Self {
            vga: false,
            com1: false,
            com2: false,
            skipped: false,
        };
        for device in option.split(',').filter(|d| !d.is_empty()) {
            match device.strip_suffix(['H', 'L']).unwrap_or(device) {
                "vga" => set.vga = true,
                "com1" => set.com1 = true,
                "com2" => set.com2 = true,
                "none" => {}
                _ => set.skipped = true,
            }
        }
        set
    }
}

/// What the `vga=` option asks of the hypervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct VgaOption {
    /// Go on writing to the screen after dom0 has started.
    pub keep: bool,
    /// True where a part of the option is not one that Xen documents.
    pub unknown: bool,
}

impl VgaOption {
    /// Reads the value of a `vga=` option.
    pub fn parse(option: &str) -> Self {
        let mut vga = Self::default();
        for part in option.split(',').filter(|p| !p.is_empty()) {
            match part {
                "keep" => vga.keep = true,
                "ask" | "current" => {}
                _ if ["text-", "gfx-", "mode-"]
                    .iter()
                    .any(|p| part.starts_with(p)) => {}
                _ => vga.unknown = true,
            }
        }
        vga
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn console_lists() {
        let set = ConsoleSet::parse("com2H,none");
        assert!(set.com2 && !set.com1 && !set.vga && !set.skipped);
        let set = ConsoleSet::parse("dbgp,,vga");
        assert!(set.vga && set.skipped && !set.com1);
        let set = ConsoleSet::parse("none");
        assert!(!set.vga && !set.com1 && !set.com2 && !set.skipped);
    }

    #[test]
    fn vga_words() {
        assert!(VgaOption::parse("gfx-1024x768x32,keep").keep);
        assert!(!VgaOption::parse("text-80x25").keep);
        assert!(!VgaOption::parse("current").unknown);
        assert!(VgaOption::parse("plasma").unknown);
    }
}
