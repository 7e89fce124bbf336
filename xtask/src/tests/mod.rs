//! Tests that boot a machine in an emulator and look at what it does.
//!
//! Each test is a function over a [`Ctx`]; it adds to [`Checks`], and an error that it returns is
//! one failed check. All run against any hypervisor image: on Debian's Xen they show that the test
//! itself is right, on Xenolith that Xenolith is.

mod bad_input;
mod boot;
mod console;
mod devices;
mod guests;
mod load;
mod matrix;
mod power;
mod rootdisk;
mod speed;
mod time;

mod scheduler;

pub use matrix::write_table;
pub use scheduler::{Options, Summary, run_all};

use crate::bootdisk;
use crate::error::Result;
use crate::initrd;
use crate::paths::Scratch;
use crate::qemu::Machine;
use crate::run::{Boot, Hypervisor};
use crate::session::{Session, parse_counts};
use crate::stock::{self, Series};
use std::path::PathBuf;
use std::time::Duration;

/// A test of the list.
#[derive(Clone)]
pub struct Test {
    /// Its name, by which it can be chosen.
    pub name: String,
    /// Memory that its machines take at most, in MiB.
    pub memory: u64,
    /// Run only when asked for by `--long` or by name.
    pub long: bool,
    /// What it does.
    pub body: Body,
}

/// The code of a test.
pub type Body = std::sync::Arc<dyn Fn(&Ctx, &mut Checks) -> Result<()> + Send + Sync>;

impl Test {
    /// A test of a machine with 1 GiB.
    pub fn new(
        name: impl Into<String>,
        body: impl Fn(&Ctx, &mut Checks) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            memory: 1024,
            long: false,
            body: std::sync::Arc::new(body),
        }
    }

    /// With another amount of memory, in MiB.
    pub fn memory(mut self, mib: u64) -> Self {
        self.memory = mib;
        self
    }

    /// Run only when asked for.
    pub fn long(mut self) -> Self {
        self.long = true;
        self
    }
}

/// Every test, in the order in which they are started: the most telling first.
pub fn all() -> Vec<Test> {
    let mut tests = Vec::new();
    tests.extend(guests::tests());
    tests.extend(boot::tests());
    tests.extend(devices::tests());
    tests.extend(power::tests());
    tests.extend(console::tests());
    tests.extend(speed::tests());
    tests.extend(time::tests());
    tests.extend(rootdisk::tests());
    tests.extend(matrix::tests());
    tests.extend(bad_input::tests());
    tests.extend(load::tests());
    tests
}

/// What a test is run against.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The hypervisor under test.
    pub hypervisor: Hypervisor,
    /// The test's name, from which its logs are named.
    pub name: String,
}

/// What a test has found.
#[derive(Debug, Clone, Default)]
pub struct Checks {
    /// Number of checks that held.
    pub passed: u32,
    /// What did not hold.
    pub failures: Vec<String>,
    /// Facts worth printing whether or not all held.
    pub notes: Vec<String>,
}

impl Checks {
    /// Records one check.
    pub fn check(&mut self, what: &str, holds: bool) {
        if holds {
            self.passed += 1;
        } else {
            self.failures.push(what.to_owned());
        }
    }

    /// Records a fact.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Counts the `XT-PASS` and `XT-FAIL` lines of a script in dom0, and complains if the script's
    /// own count differs or there was none.
    pub fn count_script(&mut self, text: &str) {
        let mut passed = 0;
        let mut failed = 0;
        for line in text.lines() {
            if line.contains("XT-PASS") {
                passed += 1;
            } else if let Some((_, what)) = line.split_once("XT-FAIL ") {
                failed += 1;
                self.failures.push(what.trim().to_owned());
            } else if let Some((_, note)) = line.split_once("XT-NOTE ") {
                self.note(note.trim());
            } else if line.contains("XT-END ") && parse_counts(line) != Some((passed, failed)) {
                self.failures
                    .push(format!("console lost lines of the script: {}", line.trim()));
            }
        }
        self.passed += passed;
        if passed + failed == 0 {
            self.failures
                .push("the script in dom0 checked nothing".to_owned());
        }
    }
}

/// A booted machine with the scratch files it uses.
pub struct Guest {
    /// Its console.
    pub session: Session,
    /// Removed when the emulator has ended; fields are dropped in this order.
    _scratch: Scratch,
}

/// How dom0 is booted in a test.
#[derive(Debug, Clone, Default)]
pub struct Dom0 {
    /// The kernel's series.
    pub series: Option<Series>,
    /// Hand over the unpacked kernel.
    pub vmlinux: bool,
    /// Shell script to run instead of a shell.
    pub script: Option<String>,
    /// Files for the script.
    pub files: Vec<(&'static str, PathBuf)>,
    /// Added to the hypervisor's command line.
    pub append_xen: String,
    /// Added to the kernel's command line.
    pub append: String,
    /// GRUB commands before the hand-over.
    pub commands: Vec<String>,
    /// Part of the log's name if the test boots more than once.
    pub tag: &'static str,
}

impl Ctx {
    /// Boots a machine with dom0; returns as soon as the emulator runs.
    pub fn boot(&self, machine: &Machine, dom0: &Dom0) -> Result<Guest> {
        let scratch = Scratch::new(&self.name)?;
        let kernel = stock::kernel(dom0.series.unwrap_or(Series::Linux61))?;
        let initrd = match &dom0.script {
            None => initrd::base(&kernel)?,
            Some(script) => {
                let path = scratch.join("initrd");
                let files: Vec<_> = dom0
                    .files
                    .iter()
                    .map(|(name, path)| (*name, path.as_path()))
                    .collect();
                initrd::with_script(&kernel, script, &files, &path)?;
                path
            }
        };
        let mut boot = Boot::new(self.hypervisor.clone(), &kernel, initrd);
        if dom0.vmlinux {
            boot.kernel = kernel.vmlinux()?;
        }
        boot.xen_cmdline.push_str(&format!(" {}", dom0.append_xen));
        boot.cmdline.push_str(&format!(" {}", dom0.append));
        let menu = bootdisk::Menu {
            commands: dom0.commands.clone(),
            ..boot.menu()?
        };
        self.start(machine, &menu, scratch, dom0.tag)
    }

    /// Boots a machine with any menu.
    pub fn start(
        &self,
        machine: &Machine,
        menu: &bootdisk::Menu,
        scratch: Scratch,
        tag: &str,
    ) -> Result<Guest> {
        let mut machine = machine.clone();
        machine.boot = scratch.join("boot.img");
        bootdisk::write_disk(menu, &machine.boot)?;
        let qmp = scratch.join("qmp");
        let command = machine.command(scratch.path(), Some(&qmp))?;
        let session = Session::start(command, Some(&qmp), &self.log(tag))?;
        Ok(Guest {
            session,
            _scratch: scratch,
        })
    }

    /// The name of a log of this test.
    pub fn log(&self, tag: &str) -> String {
        let under = match self.hypervisor {
            Hypervisor::Xenolith => "",
            Hypervisor::DebianXen => "xen-",
            Hypervisor::Image(_) => "image-",
            Hypervisor::Bare => "bare-",
        };
        let dash = if tag.is_empty() { "" } else { "-" };
        format!("{under}{}{dash}{tag}", self.name)
    }
}

impl Guest {
    /// Waits for the script in dom0 to end, counts its checks, and sees the machine power off.
    pub fn finish(&mut self, checks: &mut Checks, limit: Duration) -> Result<()> {
        let end = self.session.expect("XT-END ", limit);
        checks.count_script(&self.session.text());
        end?;
        let ended = self.session.wait_end(POWER_OFF)?;
        checks.check("poweroff ends the emulator", ended.success());
        checks.check(
            "no warning in either log",
            warnings(&self.session.text()).is_empty(),
        );
        for line in warnings(&self.session.text()) {
            checks.note(format!("warning: {line}"));
        }
        Ok(())
    }
}

/// Time for GRUB, the hypervisor and the kernel until dom0's init runs.
pub const BOOT: Duration = Duration::from_secs(240);
/// Time from dom0's `poweroff -f` to the emulator's end.
pub const POWER_OFF: Duration = Duration::from_secs(60);

/// Lines that say that something went wrong without stopping the machine.
fn warnings(text: &str) -> Vec<String> {
    const SIGNS: &[&str] = &[
        "WARNING: CPU",
        "BUG: ",
        "Oops: ",
        "general protection fault",
        "Call Trace:",
        "rcu: INFO: ",
        "soft lockup",
        "Xen WARN at",
        "Xen BUG at",
        "ASSERT",
        "Unhandled",
    ];
    text.lines()
        .filter(|line| SIGNS.iter().any(|sign| line.contains(sign)))
        .map(|line| line.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod unit {
    use super::{Checks, all, warnings};
    use std::collections::BTreeSet;

    #[test]
    fn names_are_distinct() {
        let tests = all();
        let names: BTreeSet<_> = tests.iter().map(|test| test.name.clone()).collect();
        assert_eq!(names.len(), tests.len());
    }

    #[test]
    fn a_script_is_counted_line_by_line() {
        let mut checks = Checks::default();
        checks.count_script("XT-PASS a\nXT-FAIL b: wanted 1\nXT-END 1 passed, 1 failed\n");
        assert_eq!((checks.passed, checks.failures.len()), (1, 1));
        let mut lost = Checks::default();
        lost.count_script("XT-PASS a\nXT-END 2 passed, 0 failed\n");
        assert_eq!(lost.failures.len(), 1);
        let mut empty = Checks::default();
        empty.count_script("XT-END 0 passed, 0 failed\n");
        assert_eq!(empty.failures.len(), 1);
    }

    #[test]
    fn warnings_are_seen() {
        assert_eq!(warnings("a\n[ 1.0] WARNING: CPU: 0 PID: 1\nb").len(), 1);
        assert!(warnings("all is well").is_empty());
    }
}
