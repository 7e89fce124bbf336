//! `cargo xtask run`: boots a machine with its serial console on this terminal.

use crate::args::Args;
use crate::bootdisk::{self, Item, Menu, Protocol};
use crate::compile;
use crate::error::{Error, Result};
use crate::qemu::{Board, Bus, Disk, Machine};
use crate::setup::{self, Need};
use crate::stock::{self, Kernel, Series};
use crate::terminal::Line;
use crate::{bochs, initrd, paths, rootdisk, terminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

const HELP: &str = "\
Usage: cargo xtask run [OPTIONS]        (./qemu-run.sh takes the same options)

Builds Xenolith if needed, boots it from GRUB in QEMU with a stock Debian kernel as domain 0, and
connects this terminal to the serial console. Every key goes to the machine, Ctrl-a and Ctrl-c too:
Ctrl-a three times switches between dom0 and the hypervisor. Ctrl-] ends the emulator; so does
`poweroff` in dom0.
";

/// The options that say what is booted.
pub const BOOT_HELP: &str = "\
What is booted:
  --kernel FILE|6.1|6.12  dom0's kernel: a file, or a stock series (default 6.1)
  --vmlinux               hand over the unpacked ELF image of the kernel
  --initrd FILE           initial RAM disk (default: busybox with drivers and a shell)
  --script FILE           run this shell script in dom0 instead of a shell, then power off
  --append TEXT           add to the kernel's command line
  --append-xen TEXT       add to the hypervisor's command line
  --image FILE            boot this hypervisor instead of building Xenolith
  --xen                   boot Debian's Xen 4.17 instead of Xenolith
  --bare                  boot the kernel without a hypervisor
  --multiboot1            hand over by multiboot1
  --module FILE           a further module for the hypervisor (may be repeated)
  --no-build              use target/xenolith.gz as it is
";

const MACHINE_HELP: &str = "\
The machine:
  --memory MIB            default 1024
  --cpus N                default 1
  --cpu MODEL             QEMU's name of the model with features (default max)
  --machine pc|q35        default q35
  --uefi                  OVMF instead of SeaBIOS
  --root                  boot into a Debian root disk (made once by mmdebstrap; login root)
  --disk FILE[,BUS]       attach a raw disk; BUS is ahci, ide, virtio or nvme (default virtio)
  --nic MODEL             e1000, e1000e or virtio-net-pci (may be repeated; default virtio-net-pci)
  --gdb                   wait for gdb at localhost:1234
  --icount                repeatable time: one instruction is one virtual nanosecond
  --bochs                 Bochs instead of QEMU (slow: for small guests)
  --display               show the screen in a window
  --qemu WORD             a further word for QEMU (may be repeated)
  --no-reboot             a reset ends the emulator
  --timeout SECONDS       end the emulator after this time
  --headless              no keyboard: only show the console
";

/// Which hypervisor is under the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hypervisor {
    /// What `cargo xtask build` makes.
    Xenolith,
    /// Debian's Xen 4.17.
    DebianXen,
    /// A file.
    Image(PathBuf),
    /// None: the kernel runs on the bare machine.
    Bare,
}

impl Hypervisor {
    /// The image to load, unless there is none.
    pub fn image(&self) -> Result<Option<PathBuf>> {
        Ok(match self {
            Self::Xenolith => Some(paths::xenolith_gz()),
            Self::DebianXen => Some(stock::debian_xen()?),
            Self::Image(path) => Some(path.clone()),
            Self::Bare => None,
        })
    }
}

/// The hypervisor's command line when nothing is added.
pub const XEN_CMDLINE: &str =
    "placeholder console=com1 com1=115200,8n1 loglvl=all guest_loglvl=all";
/// dom0's command line when nothing is added.
pub const DOM0_CMDLINE: &str = "console=hvc0 earlyprintk=xen";
/// The command line of a kernel without a hypervisor.
pub const BARE_CMDLINE: &str = "console=ttyS0,115200 earlyprintk=serial,ttyS0,115200";

/// What is booted, whatever boots it.
#[derive(Debug, Clone)]
pub struct Boot {
    /// The hypervisor.
    pub hypervisor: Hypervisor,
    /// The hand-over protocol, if there is a hypervisor.
    pub protocol: Protocol,
    /// dom0's kernel.
    pub kernel: PathBuf,
    /// dom0's initial RAM disk.
    pub initrd: PathBuf,
    /// The hypervisor's command line.
    pub xen_cmdline: String,
    /// The kernel's command line.
    pub cmdline: String,
    /// Further modules.
    pub modules: Vec<PathBuf>,
}

impl Boot {
    /// Reads the options of [`BOOT_HELP`] and makes what they name.
    pub fn from_args(args: &mut Args) -> Result<Self> {
        let image = args.value("--image")?.map(PathBuf::from);
        let hypervisor = match (args.flag("--xen"), args.flag("--bare"), image) {
            (false, false, None) => Hypervisor::Xenolith,
            (true, false, None) => Hypervisor::DebianXen,
            (false, true, None) => Hypervisor::Bare,
            (false, false, Some(image)) => Hypervisor::Image(image),
            _ => return Err(Error::msg("--xen, --bare and --image exclude each other")),
        };
        let no_build = args.flag("--no-build");
        if hypervisor == Hypervisor::Xenolith && !no_build {
            compile::build(&compile::Options {
                no_guests: true,
                ..Default::default()
            })?;
        }
        let kernel = match args.value("--kernel")? {
            None => stock::kernel(Series::Linux61)?,
            Some(text) => match text.parse::<Series>() {
                Ok(series) => stock::kernel(series)?,
                Err(()) => stock::foreign_kernel(Path::new(&text)),
            },
        };
        let initrd = match (args.value("--initrd")?, args.value("--script")?) {
            (Some(file), None) => PathBuf::from(file),
            (None, None) => initrd::base(&kernel)?,
            (None, Some(script)) => {
                let to = paths::target().join("scratch/run-initrd.cpio");
                initrd::with_script(&kernel, &paths::read_text(Path::new(&script))?, &[], &to)?;
                to
            }
            _ => return Err(Error::msg("--initrd and --script exclude each other")),
        };
        let append = args.values("--append")?;
        let append_xen = args.values("--append-xen")?;
        let base = if hypervisor == Hypervisor::Bare {
            BARE_CMDLINE
        } else {
            DOM0_CMDLINE
        };
        let multiboot1 = args.flag("--multiboot1");
        let vmlinux = args.flag("--vmlinux");
        Ok(Self {
            protocol: if multiboot1 {
                Protocol::Multiboot1
            } else {
                Protocol::Multiboot2
            },
            kernel: if vmlinux {
                kernel.vmlinux()?
            } else {
                kernel.vmlinuz.clone()
            },
            initrd,
            xen_cmdline: joined(XEN_CMDLINE, &append_xen),
            cmdline: joined(base, &append),
            modules: args
                .values("--module")?
                .into_iter()
                .map(PathBuf::from)
                .collect(),
            hypervisor,
        })
    }

    /// The usual boot of a kernel with an initial RAM disk.
    pub fn new(hypervisor: Hypervisor, kernel: &Kernel, initrd: PathBuf) -> Self {
        let bare = hypervisor == Hypervisor::Bare;
        Self {
            protocol: Protocol::Multiboot2,
            kernel: kernel.vmlinuz.clone(),
            initrd,
            xen_cmdline: XEN_CMDLINE.to_owned(),
            cmdline: if bare { BARE_CMDLINE } else { DOM0_CMDLINE }.to_owned(),
            modules: Vec::new(),
            hypervisor,
        }
    }

    /// What GRUB has to load.
    pub fn menu(&self) -> Result<Menu> {
        let kernel = Item {
            file: self.kernel.clone(),
            cmdline: self.cmdline.clone(),
        };
        let plain = |file: &PathBuf| Item {
            file: file.clone(),
            cmdline: String::new(),
        };
        let mut items = Vec::new();
        let protocol = match self.hypervisor.image()? {
            Some(file) => {
                items.push(Item {
                    file,
                    cmdline: self.xen_cmdline.clone(),
                });
                self.protocol
            }
            None => Protocol::Linux,
        };
        items.push(kernel);
        items.push(plain(&self.initrd));
        items.extend(self.modules.iter().map(plain));
        Ok(Menu {
            protocol,
            items,
            commands: Vec::new(),
        })
    }
}

fn joined(base: &str, more: &[String]) -> String {
    more.iter()
        .fold(base.to_owned(), |text, word| text + " " + word)
}

/// Reads the options that describe the machine.
pub fn machine_from_args(args: &mut Args) -> Result<Machine> {
    let mut machine = Machine {
        display: args.flag("--display"),
        ..Machine::default()
    };
    if let Some(board) = args.parsed::<Board>("--machine")? {
        machine.board = board;
    }
    machine.memory = args.parsed("--memory")?.unwrap_or(machine.memory);
    machine.cpus = args.parsed("--cpus")?.unwrap_or(machine.cpus);
    machine.cpu = args.value("--cpu")?.unwrap_or(machine.cpu);
    machine.uefi = args.flag("--uefi");
    machine.gdb = args.flag("--gdb");
    machine.icount = args.flag("--icount");
    machine.no_reboot = args.flag("--no-reboot");
    for text in args.values("--disk")? {
        let (file, bus) = match text.rsplit_once(',') {
            Some((file, bus)) => (
                file,
                bus.parse()
                    .map_err(|()| Error::msg(format!("--disk: no bus `{bus}`")))?,
            ),
            None => (text.as_str(), Bus::Virtio),
        };
        machine.disks.push(Disk {
            file: file.into(),
            bus,
            snapshot: false,
        });
    }
    if args.flag("--root") {
        let file = rootdisk::image()?;
        machine.disks.push(Disk {
            file,
            bus: Bus::Virtio,
            snapshot: true,
        });
    }
    machine.nics = args.values("--nic")?;
    if machine.nics.is_empty() {
        machine.nics.push("virtio-net-pci".to_owned());
    }
    machine.extra = args.values("--qemu")?;
    Ok(machine)
}

/// `cargo xtask run`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    if args.flag("--help") || args.flag("-h") {
        print!("{HELP}\n{BOOT_HELP}\n{MACHINE_HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let root = args.has("--root");
    let mut machine = machine_from_args(&mut args)?;
    let bochs = args.flag("--bochs");
    let headless = args.flag("--headless");
    let timeout = args.parsed("--timeout")?.map(Duration::from_secs);
    setup::ensure(&[
        Need::BootImages,
        if bochs { Need::Bochs } else { Need::Qemu },
    ])?;
    let mut boot = Boot::from_args(&mut args)?;
    args.finish()?;
    if root {
        boot.cmdline
            .push_str(&format!(" root=LABEL={} net.ifnames=0", rootdisk::LABEL));
    }
    let scratch = paths::Scratch::new("run")?;
    let (command, line) = if bochs {
        let iso = scratch.join("boot.iso");
        bootdisk::write_iso(&boot.menu()?, &iso)?;
        let cpu = if machine.cpu == "max" {
            bochs::INTEL.to_owned()
        } else {
            machine.cpu
        };
        let machine = bochs::Machine {
            cpu,
            cpus: machine.cpus,
            memory: machine.memory,
            iso,
        };
        let (command, listener) = machine.command(scratch.path())?;
        (command, Line::Tcp(listener))
    } else {
        machine.boot = scratch.join("boot.img");
        bootdisk::write_disk(&boot.menu()?, &machine.boot)?;
        (machine.command(scratch.path(), None)?, Line::Standard)
    };
    eprintln!("run: booting; Ctrl-] ends the emulator");
    match terminal::attach(command, line, !headless, timeout)? {
        Some(status) if !status.success() => {
            Err(Error::msg(format!("the emulator ended with {status}")))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
