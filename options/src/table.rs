//! What options there are.

use core::fmt::{Result, Write};

/// How much an option matters to those who come from Xen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// In everyday use, or written by boot loaders' scripts.
    First,
    /// Used now and then.
    Second,
}

/// What comes of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does what it says.
    Done,
    /// It is known and changes nothing.
    Accepted,
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct OptionInfo {
    /// Its name as Xen's manual spells it; `-` and `_` are the same.
    pub name: &'static str,
    /// The form of its value; empty for a bare word.
    pub syntax: &'static str,
    /// How much it matters.
    pub tier: Tier,
    /// What comes of it.
    pub effect: Effect,
    /// What it is for, in a sentence.
    pub help: &'static str,
}

const fn done(name: &'static str, syntax: &'static str, help: &'static str) -> OptionInfo {
    OptionInfo {
        name,
        syntax,
        tier: Tier::First,
        effect: Effect::Done,
        help,
    }
}

const fn accepted(name: &'static str, syntax: &'static str, help: &'static str) -> OptionInfo {
    OptionInfo {
        effect: Effect::Accepted,
        ..done(name, syntax, help)
    }
}

const fn second(info: OptionInfo) -> OptionInfo {
    OptionInfo {
        tier: Tier::Second,
        ..info
    }
}

const BOOL: &str = "<boolean>";
const LEVELS: &str = "none|error|warning|info|debug|all[/<upper>]";

/// All options that are known.
pub const OPTIONS: &[OptionInfo] = &[
    done(
        "com1",
        "<baud>[/<base-baud>][,<DPS>[,<io-base>[,<irq>]]]",
        "Settings of the first serial port. Default: 115200 8n1 at 0x3f8, interrupt 4.",
    ),
    done(
        "com2",
        "<baud>[/<base-baud>][,<DPS>[,<io-base>[,<irq>]]]",
        "Settings of the second serial port. Default: 115200 8n1 at 0x2f8, interrupt 3.",
    ),
    done(
        "conring_size",
        "<size>",
        "Size of the ring that remembers messages, rounded up to a power of two, 4 KiB to 4 MiB. Default: 16 KiB.",
    ),
    done(
        "console",
        "vga|com1|com2|none[,...]",
        "Where messages go. Default: `com1,vga`. Other devices of Xen's are skipped.",
    ),
    done(
        "console_timestamps",
        "none|date|datems|boot|raw|<boolean>",
        "What stands before each message. All but `none` show the time since boot so far.",
    ),
    done(
        "dom0_max_vcpus",
        "<n>|<min>-<max>|<min>-|-<max>",
        "Number of vCPUs of domain 0. Within a range it is the number of processors in use, of which there is 1 so far.",
    ),
    done(
        "dom0_mem",
        "<size>[,min:<size>][,max:<size>]",
        "Memory of domain 0. A size may be negative (all but so much), a share of free memory (`25%`), or both (`1G+25%`). Default: all but a sixteenth, of which at most 128 MiB are kept back.",
    ),
    accepted(
        "dom0_vcpus_pin",
        BOOL,
        "Pin each vCPU of domain 0 to one processor.",
    ),
    accepted(
        "edd",
        "off|on|skipmbr",
        "How to ask the BIOS for disk data. The BIOS isn't asked.",
    ),
    accepted(
        "guest_loglvl",
        LEVELS,
        "Which messages about guests to show.",
    ),
    accepted("iommu", "<list>", "Use of the IOMMU."),
    done(
        "loglvl",
        LEVELS,
        "Which of the hypervisor's messages to show. Of two levels the first counts, as nothing is rate limited yet. Default: `info`.",
    ),
    accepted("maxcpus", "<n>", "How many processors to use."),
    accepted("no-real-mode", "", "Don't call the BIOS. It never is."),
    done(
        "noreboot",
        BOOL,
        "Stay down when domain 0 crashes, so that the last messages can be read.",
    ),
    accepted(
        "placeholder",
        "",
        "What GRUB's scripts write as first word.",
    ),
    accepted(
        "pv-l1tf",
        "<list>",
        "Protection against L1TF for PV guests.",
    ),
    done(
        "reboot",
        "acpi|kbd|pci|Power|triple[,warm|cold]",
        "Which way of resetting the machine to try first. `no` is understood but doesn't keep the machine from resetting yet; use `noreboot`.",
    ),
    accepted(
        "sched",
        "credit|credit2|rtds|null|arinc653",
        "Which scheduler to use.",
    ),
    accepted("smt", BOOL, "Use of hyperthreads."),
    accepted(
        "spec-ctrl",
        "<list>",
        "Protection against speculation across domains.",
    ),
    done(
        "sync_console",
        BOOL,
        "Wait for the console instead of dropping messages. This is always so.",
    ),
    accepted(
        "ucode",
        "scan|<n>|nmi=<boolean>",
        "Update of the processors' microcode.",
    ),
    done(
        "vga",
        "keep|ask|current|text-...|gfx-...|mode-...[,...]",
        "`keep` goes on writing to the screen when domain 0 runs. The mode is the one that the boot loader has set.",
    ),
    accepted(
        "watchdog",
        "<boolean>|force",
        "Crash when a processor hangs.",
    ),
    accepted("xpti", "<list>", "Page-table isolation for PV guests."),
    second(accepted(
        "bootscrub",
        "<boolean>|idle",
        "Clear free memory at boot.",
    )),
    second(accepted(
        "clocksource",
        "pit|hpet|acpi|tsc",
        "Which clock time is kept by.",
    )),
    second(accepted(
        "cpufreq",
        "none|dom0-kernel|xen[,...]",
        "Who sets the processors' frequency.",
    )),
    second(accepted(
        "cpuid",
        "<list>",
        "Hide features of the processor.",
    )),
    second(accepted("cpuidle", BOOL, "Use of deep idle states.")),
    second(accepted(
        "crashkernel",
        "<size>[@<offset>]",
        "Memory kept for a crash kernel.",
    )),
    second(accepted(
        "dom0",
        "<list>",
        "Kind and rights of domain 0; it is always PV.",
    )),
    second(accepted("gnttab", "<list>", "Versions of grant tables.")),
    second(accepted(
        "gnttab_max_frames",
        "<n>",
        "Largest grant table in frames.",
    )),
    second(accepted(
        "gnttab_max_maptrack_frames",
        "<n>",
        "Most frames to track grant mappings in.",
    )),
    second(accepted("hap", BOOL, "Use of nested paging.")),
    second(accepted("hpet", "<list>", "Use of the HPET.")),
    second(accepted("max_cstate", "<n>", "Deepest idle state.")),
    second(accepted(
        "mmcfg",
        "<boolean>[,amd-fam10]",
        "Use of memory-mapped PCI configuration space.",
    )),
    second(accepted(
        "nmi",
        "ignore|dom0|fatal",
        "What to do on an NMI from the chipset.",
    )),
    second(accepted("nosmp", BOOL, "Use one processor only.")),
    second(accepted(
        "numa",
        "<boolean>|fake=<n>|noacpi",
        "Use of the memory's topology.",
    )),
    second(accepted(
        "sched_credit_tslice_ms",
        "<n>",
        "Time slice of the credit scheduler.",
    )),
    second(accepted(
        "sched_ratelimit_us",
        "<n>",
        "Shortest run of a vCPU.",
    )),
    second(accepted(
        "tsc",
        "unstable|skewed|stable:socket",
        "What is known of the time-stamp counters.",
    )),
    second(done(
        "x2apic",
        BOOL,
        "Use the local APIC's x2APIC mode if there is one. Default: yes.",
    )),
];

/// Writes the manual's page about the command line in Markdown.
pub fn reference(out: &mut impl Write) -> Result {
    out.write_str(INTRODUCTION)?;
    for (tier, title) in [
        (Tier::First, "Options in everyday use"),
        (Tier::Second, "Other options"),
    ] {
        write!(
            out,
            "\n## {title}\n\n| option | works | meaning |\n|---|---|---|\n"
        )?;
        for o in OPTIONS.iter().filter(|o| o.tier == tier) {
            write!(out, "| `{}", o.name)?;
            if !o.syntax.is_empty() {
                out.write_char('=')?;
            }
            for c in o.syntax.chars() {
                // A bar would end the table's cell.
                match c {
                    '|' => out.write_str("\\|")?,
                    c => out.write_char(c)?,
                }
            }
            let works = match o.effect {
                Effect::Done => "yes",
                Effect::Accepted => "no effect",
            };
            writeln!(out, "` | {works} | {} |", o.help)?;
        }
    }
    Ok(())
}

const INTRODUCTION: &str = "\
# The hypervisor's command line

<!-- Made from the table in options/src/table.rs: `XENOLITH_BLESS=1 cargo test -p options` writes it. -->

The words after the image's name on GRUB's `multiboot2` line are options, in the syntax of Xen. With
Debian's GRUB they come from `GRUB_CMDLINE_XEN` and `GRUB_CMDLINE_XEN_DEFAULT` in `/etc/default/grub`.

- A word is `name`, `name=value`, or `no-name` to switch something off. In names `-` and `_` are the same.
- Of several words with one name the last counts.
- `--` ends the options. What follows it is ignored so far.
- `<boolean>` is one of `yes on true enable 1` or `no off false disable 0`; a bare name means yes.
- `<size>` is a number, decimal or after `0x` hexadecimal, with a suffix `B K M G T`; without one it is KiB.

Nothing on the line stops a boot. An unknown word, or a value without sense, is reported as a warning.
Options that are known but without effect are reported as information, except those that boot
loaders' scripts write by themselves: `placeholder`, `no-real-mode` and `edd`.
";
