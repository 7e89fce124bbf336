//! Everything that the line asks for, as one value.

use arch_defs::console::{ConsoleSet, VgaOption};
use arch_defs::reboot::RebootOption;
use arch_defs::uart::UartConfig;
use log::LevelFilter;

use crate::dom0::{Dom0Mem, VcpuRange};
use crate::line::words;
use crate::value::{Levels, Timestamps, boolean, size, unsigned};

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The hypervisor's messages to show.
    pub loglvl: Levels,
    /// Messages about guests to show.
    pub guest_loglvl: Levels,
    /// Stay down after a crash.
    pub noreboot: bool,
    /// What stands before each message.
    pub timestamps: Timestamps,
    /// Bytes of the console ring, a power of two from 4 KiB to 4 MiB.
    pub conring: usize,
    /// Wait for the console instead of dropping messages.
    pub sync_console: bool,
    /// Go on writing to the screen when dom0 has started.
    pub vga_keep: bool,
    /// dom0's memory.
    pub dom0_mem: Dom0Mem,
    /// dom0's vCPUs.
    pub dom0_max_vcpus: VcpuRange,
    /// Pin each vCPU of dom0 to a processor.
    pub dom0_vcpus_pin: bool,
    /// Use at most so many processors.
    pub maxcpus: Option<u32>,
    /// Leave the APIC in xAPIC mode.
    pub no_x2apic: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            loglvl: Levels {
                lower: LevelFilter::Info,
                upper: LevelFilter::Info,
            },
            guest_loglvl: Levels {
                lower: LevelFilter::Off,
                upper: LevelFilter::Warn,
            },
            noreboot: false,
            timestamps: Timestamps::None,
            conring: 16 << 10,
            sync_console: false,
            vga_keep: false,
            dom0_mem: Dom0Mem::default(),
            dom0_max_vcpus: VcpuRange::default(),
            dom0_vcpus_pin: false,
            maxcpus: None,
            no_x2apic: false,
        }
    }
}

/// Replaces `slot` if there is a value; false if not.
fn put<T>(slot: &mut T, value: Option<T>) -> bool {
    match value {
        Some(value) => {
            *slot = value;
            true
        }
        None => false,
    }
}

impl Options {
    /// Reads the line. `complain` hears of every word that is unknown or has a value without sense, and why; none stops
    /// the boot.
    pub fn parse(line: &str, mut complain: impl FnMut(&str, &str)) -> Self {
        let mut options = Self::default();
        for word in words(line) {
            match word.info {
                None => complain(word.text, "unknown option ignored"),
                Some(info) => {
                    if let Err(why) = options.apply(info.name, word.value) {
                        complain(word.text, why);
                    }
                }
            }
        }
        options
    }

    fn apply(&mut self, name: &str, value: Option<&str>) -> Result<(), &'static str> {
        let good = match name {
            "loglvl" => put(&mut self.loglvl, value.and_then(Levels::parse)),
            "guest_loglvl" => put(&mut self.guest_loglvl, value.and_then(Levels::parse)),
            "noreboot" => put(&mut self.noreboot, boolean(value)),
            "console_timestamps" => put(&mut self.timestamps, Timestamps::parse(value)),
            "conring_size" => put(&mut self.conring, value.and_then(ring)),
            "sync_console" => put(&mut self.sync_console, boolean(value)),
            "dom0_mem" => value.is_some_and(|list| self.dom0_mem.parse(list)),
            "dom0_max_vcpus" => put(&mut self.dom0_max_vcpus, value.and_then(VcpuRange::parse)),
            "dom0_vcpus_pin" => put(&mut self.dom0_vcpus_pin, boolean(value)),
            "maxcpus" => put(&mut self.maxcpus, value.and_then(cpus).map(Some)),
            "x2apic" => put(&mut self.no_x2apic, boolean(value).map(|on| !on)),
            "vga" => {
                let vga = VgaOption::parse(value.unwrap_or_default());
                self.vga_keep = vga.keep;
                !vga.unknown
            }
            "console" => {
                if value.is_none_or(|v| ConsoleSet::parse(v).skipped) {
                    return Err("names a device that isn't driven");
                }
                true
            }
            "com1" | "com2" => {
                if value.is_none_or(|v| UartConfig::COM1.parse(v).is_err()) {
                    return Err("value makes no sense, the usual port and speed are used");
                }
                true
            }
            "reboot" => value.is_some_and(|v| !RebootOption::parse(v).unknown),
            _ => true,
        };
        good.then_some(())
            .ok_or("value makes no sense, option ignored")
    }
}

fn ring(text: &str) -> Option<usize> {
    let bytes = usize::try_from(size(text)?).ok().filter(|n| *n > 0)?;
    Some(bytes.clamp(4 << 10, 4 << 20).next_power_of_two())
}

fn cpus(text: &str) -> Option<u32> {
    unsigned(text)
        .filter(|n| *n > 0)
        .and_then(|n| u32::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use crate::table::OPTIONS;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    fn parse(line: &str) -> (Options, Vec<String>) {
        let mut complaints = Vec::new();
        let options = Options::parse(line, |word, _| complaints.push(word.to_string()));
        (options, complaints)
    }

    #[test]
    fn what_grub_writes_is_silent() {
        let (options, complaints) = parse("placeholder no-real-mode edd=off");
        assert_eq!(complaints, [""; 0]);
        assert_eq!(options, Options::default());
    }

    #[test]
    fn every_word_counts() {
        let (o, complaints) = parse(
            "placeholder loglvl=all/all guest-loglvl=info noreboot console_timestamps=boot conring_size=40k \
             sync_console dom0_mem=1G,max:2G dom0_max_vcpus=2-4 dom0_vcpus_pin maxcpus=3 vga=current,keep \
             console=com2,vga com1=9600,8n1 reboot=acpi no-x2apic",
        );
        assert_eq!(complaints, [""; 0]);
        assert_eq!(o.loglvl.lower, LevelFilter::Debug);
        assert_eq!(o.guest_loglvl.lower, LevelFilter::Info);
        assert!(o.noreboot && o.sync_console && o.vga_keep && o.dom0_vcpus_pin && o.no_x2apic);
        assert_eq!(o.timestamps, Timestamps::Boot);
        assert_eq!(o.conring, 64 << 10);
        assert_eq!(o.dom0_mem.frames(4 << 18), (1 << 18, 2 << 18));
        assert_eq!(o.dom0_max_vcpus, VcpuRange { min: 2, max: 4 });
        assert_eq!(o.maxcpus, Some(3));
    }

    #[test]
    fn the_last_word_counts() {
        assert!(!parse("noreboot no-noreboot").0.noreboot);
        assert!(!parse("vga=keep vga=gfx-800x600x32").0.vga_keep);
        assert!(!parse("x2apic=0 x2apic=1").0.no_x2apic);
        assert!(!parse("-- noreboot").0.noreboot);
    }

    #[test]
    fn nonsense_is_reported_and_changes_nothing() {
        for word in [
            "nonsense",
            "no-nonsense",
            "loglvl",
            "loglvl=loud",
            "noreboot=perhaps",
            "conring_size=-4",
            "conring_size",
            "dom0_mem",
            "dom0_mem=lots",
            "dom0_max_vcpus=4-2",
            "maxcpus=0",
            "com1",
            "com1=12x",
            "console=pigeon",
            "reboot=slowly",
            "vga=plasma",
            "no-x2apic=1",
            "=",
            "no-",
        ] {
            let (options, complaints) = parse(word);
            assert_eq!(complaints, [word]);
            assert_eq!(options, Options::default(), "{word}");
        }
    }

    #[test]
    fn switches_off_with_a_prefix() {
        for name in ["smt", "watchdog", "iommu", "spec-ctrl", "spec_ctrl"] {
            assert_eq!(parse(&alloc::format!("no-{name}")).1, [""; 0], "{name}");
        }
    }

    #[test]
    fn names_in_the_table_are_unique() {
        for (i, a) in OPTIONS.iter().enumerate() {
            let fold = |name: &str| name.replace('_', "-");
            assert!(
                OPTIONS
                    .iter()
                    .skip(i + 1)
                    .all(|b| fold(a.name) != fold(b.name)),
                "{}",
                a.name
            );
        }
    }
}
