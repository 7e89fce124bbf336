//! The hypervisor's command line.

use log::LevelFilter;

/// The value of the last `name=value` on the line.
pub fn last_value<'c>(cmdline: &'c str, name: &str) -> Option<&'c str> {
    cmdline
        .split_ascii_whitespace()
        .rev()
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// Options that are known and accepted although nothing here depends on them yet.
const ACCEPTED: &[&str] = &[
    "placeholder",
    "no-real-mode",
    "edd",
    "console",
    "com1",
    "com2",
    "sync_console",
    "guest_loglvl",
    "vga",
    "reboot",
    "iommu",
    "sched",
    "smt",
    "nosmt",
    "spec-ctrl",
    "xpti",
    "pv-l1tf",
    "ucode",
    "watchdog",
    "maxcpus",
    "dom0_vcpus_pin",
];

/// dom0's memory, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dom0Mem {
    /// Wanted amount; negative means all but so much.
    pub size: Option<i64>,
    /// At least.
    pub min: Option<i64>,
    /// What the domain may grow to.
    pub max: Option<i64>,
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Messages to show.
    pub level: LevelFilter,
    /// Stay down after a crash.
    pub noreboot: bool,
    /// Stamp messages with the time.
    pub timestamps: bool,
    /// Bytes of the console ring.
    pub conring: usize,
    /// dom0's memory.
    pub dom0_mem: Dom0Mem,
    /// dom0's vCPUs.
    pub dom0_vcpus: u32,
    /// Leave the APIC in xAPIC mode.
    pub no_x2apic: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            level: LevelFilter::Info,
            noreboot: false,
            timestamps: false,
            conring: 16384,
            dom0_mem: Dom0Mem::default(),
            dom0_vcpus: 1,
            no_x2apic: false,
        }
    }
}

/// A size with an optional suffix; without one, KiB, as Xen has it for memory options.
fn size(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (digits, shift) = match digits.as_bytes().last()? {
        b'b' | b'B' => (&digits[..digits.len() - 1], 0),
        b'k' | b'K' => (&digits[..digits.len() - 1], 10),
        b'm' | b'M' => (&digits[..digits.len() - 1], 20),
        b'g' | b'G' => (&digits[..digits.len() - 1], 30),
        b't' | b'T' => (&digits[..digits.len() - 1], 40),
        _ => (digits, 10),
    };
    let value: i64 = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    value.checked_mul(1 << shift)?.checked_mul(sign)
}

fn level(text: &str) -> Option<LevelFilter> {
    // `lower/upper`: the upper one is rate limited in Xen; the lower decides what always shows.
    match text.split('/').next()? {
        "none" => Some(LevelFilter::Off),
        "error" => Some(LevelFilter::Error),
        "warning" => Some(LevelFilter::Warn),
        "info" => Some(LevelFilter::Info),
        "debug" | "all" => Some(LevelFilter::Debug),
        _ => None,
    }
}

fn boolean(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "no" | "off" | "false" | "disable"))
}

impl Options {
    /// Reads the line. `complain` hears of every option that is unknown or has a value without sense; none stops the boot.
    pub fn parse(cmdline: &str, mut complain: impl FnMut(&str, &str)) -> Self {
        let mut options = Self::default();
        for word in cmdline.split_ascii_whitespace() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            let mut bad = false;
            match name {
                "loglvl" => match value.and_then(level) {
                    Some(level) => options.level = level,
                    None => bad = true,
                },
                "noreboot" => options.noreboot = boolean(value),
                "console_timestamps" => {
                    options.timestamps = !matches!(value, Some("none" | "no" | "off" | "0"))
                }
                "conring_size" => match value.and_then(size) {
                    Some(n) if n > 0 => {
                        options.conring = (n as usize).clamp(4096, 4 << 20).next_power_of_two()
                    }
                    _ => bad = true,
                },
                "dom0_mem" => match value {
                    Some(list) => bad = !options.dom0_mem.parse(list),
                    None => bad = true,
                },
                "dom0_max_vcpus" => match value
                    .map(|v| v.rsplit('-').next().unwrap_or(v))
                    .and_then(|v| v.parse().ok())
                {
                    Some(n @ 1..=64) => options.dom0_vcpus = n,
                    _ => bad = true,
                },
                "x2apic" => options.no_x2apic = !boolean(value),
                "no-x2apic" => options.no_x2apic = true,
                _ if ACCEPTED.contains(&name) => {}
                _ if name.starts_with("no-")
                    && ACCEPTED.contains(&name.trim_start_matches("no-")) => {}
                _ => complain(word, "unknown option ignored"),
            }
            if bad {
                complain(word, "value makes no sense, option ignored");
            }
        }
        options
    }
}

impl Dom0Mem {
    fn parse(&mut self, list: &str) -> bool {
        let mut good = true;
        for part in list.split(',').filter(|p| !p.is_empty()) {
            let (slot, text) = match part.split_once(':') {
                Some(("min", text)) => (&mut self.min, text),
                Some(("max", text)) => (&mut self.max, text),
                Some(_) => {
                    good = false;
                    continue;
                }
                None => (&mut self.size, part),
            };
            match size(text) {
                Some(n) => *slot = Some(n),
                None => good = false,
            }
        }
        good
    }

    /// Frames for dom0 and the most it may have, of `free` frames. Without a wish it gets all but a sixteenth, at most
    /// 128 MiB of that kept back.
    pub fn frames(&self, free: u64) -> (u64, u64) {
        let keep = (free / 16).min(128 << 8);
        let resolve = |bytes: i64| {
            let frames = (bytes.unsigned_abs()) >> 12;
            if bytes < 0 {
                free.saturating_sub(frames)
            } else {
                frames
            }
        };
        let max = self.max.map_or(u64::MAX, resolve);
        let min = self.min.map_or(0, resolve);
        let wanted = match self.size {
            Some(bytes) if bytes != 0 => resolve(bytes),
            _ => free.saturating_sub(keep),
        };
        let frames = wanted
            .min(max)
            .max(min)
            .min(free.saturating_sub(keep.min(2048)));
        (frames, max)
    }
}
