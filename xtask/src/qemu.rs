//! The command line of QEMU for a described machine.

use crate::error::{Error, Result};
use crate::{paths, proc};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

/// The chip set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Board {
    /// i440FX, no PCI Express.
    Pc,
    /// Q35 with MCFG.
    Q35,
}

impl FromStr for Board {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        match text {
            "pc" => Ok(Self::Pc),
            "q35" => Ok(Self::Q35),
            _ => Err(()),
        }
    }
}

/// How a disk is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bus {
    /// SATA on an AHCI controller.
    Ahci,
    /// IDE on the chip set's controller (pc only).
    Ide,
    /// virtio-blk.
    Virtio,
    /// NVMe, which uses MSI-X.
    Nvme,
}

impl FromStr for Bus {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        match text {
            "ahci" => Ok(Self::Ahci),
            "ide" => Ok(Self::Ide),
            "virtio" => Ok(Self::Virtio),
            "nvme" => Ok(Self::Nvme),
            _ => Err(()),
        }
    }
}

/// A disk besides the one that GRUB boots from.
#[derive(Debug, Clone)]
pub struct Disk {
    /// The image on the host.
    pub file: PathBuf,
    /// How it is attached.
    pub bus: Bus,
    /// Writes are dropped when the emulator ends.
    pub snapshot: bool,
}

/// A machine to be emulated.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The chip set.
    pub board: Board,
    /// Boot by OVMF instead of SeaBIOS.
    pub uefi: bool,
    /// Memory in MiB.
    pub memory: u64,
    /// Number of processors.
    pub cpus: u32,
    /// QEMU's `-cpu` argument.
    pub cpu: String,
    /// The disk that GRUB boots from.
    pub boot: PathBuf,
    /// Other disks.
    pub disks: Vec<Disk>,
    /// QEMU's names of the network cards (`e1000`, `virtio-net-pci`), each on user networking.
    pub nics: Vec<String>,
    /// Repeatable time: one instruction is one virtual nanosecond.
    pub icount: bool,
    /// Wait for a debugger on TCP port 1234.
    pub gdb: bool,
    /// A reset of the machine ends the emulator.
    pub no_reboot: bool,
    /// Show a window.
    pub display: bool,
    /// Further words for QEMU.
    pub extra: Vec<String>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            board: Board::Q35,
            uefi: false,
            memory: 1024,
            cpus: 1,
            cpu: "max".to_owned(),
            boot: PathBuf::new(),
            disks: Vec::new(),
            nics: Vec::new(),
            icount: false,
            gdb: false,
            no_reboot: false,
            display: false,
            extra: Vec::new(),
        }
    }
}

impl Machine {
    /// The command, with the first serial port on standard input and output and the machine
    /// protocol (QMP) on the socket `qmp`.
    ///
    /// No key is taken from the serial line: QEMU's own multiplexer would eat Ctrl-a, which Xen's
    /// console uses, so its escape is off and control characters pass.
    pub fn command(&self, scratch: &Path, qmp: Option<&Path>) -> Result<Command> {
        // setpriv makes the kernel end the emulator when the tool dies, however it dies.
        let mut command = Command::new("setpriv");
        command.args([
            "--pdeathsig",
            "KILL",
            "--",
            "qemu-system-x86_64",
            "-nodefaults",
        ]);
        let kvm = !self.icount && kvm_works();
        let board = match self.board {
            Board::Pc => "pc",
            Board::Q35 => "q35",
        };
        command.args(["-machine", board, "-accel", if kvm { "kvm" } else { "tcg" }]);
        command.args([
            "-m",
            &self.memory.to_string(),
            "-smp",
            &self.cpus.to_string(),
        ]);
        command.args(["-cpu", &self.cpu_argument(kvm)]);
        command.args([
            "-chardev",
            "stdio,id=com1,signal=off,mux=off",
            "-serial",
            "chardev:com1",
        ]);
        command.args(["-monitor", "none", "-vga", "std"]);
        if !self.display {
            command.args(["-display", "none"]);
        }
        if let Some(socket) = qmp {
            command
                .arg("-qmp")
                .arg(format!("unix:{},server=on,wait=off", socket.display()));
        }
        if self.icount {
            command.args(["-icount", "shift=0,sleep=off"]);
            // The host's clock would tick at another pace than the machine's.
            command.args(["-rtc", "base=2024-01-01T00:00:00,clock=vm"]);
        }
        if self.gdb {
            command.args(["-s", "-S"]);
        }
        if self.no_reboot {
            command.arg("-no-reboot");
        }
        if self.uefi {
            self.add_firmware(&mut command, scratch)?;
        }
        self.add_disks(&mut command);
        for (at, nic) in self.nics.iter().enumerate() {
            // The net of each card differs, so that a guest with several can tell them apart.
            command.args([
                "-netdev",
                &format!("user,id=net{at},net=10.0.{}.0/24", at + 2),
            ]);
            command.args(["-device", &format!("{nic},netdev=net{at}")]);
        }
        command.args(&self.extra);
        Ok(command)
    }

    fn cpu_argument(&self, kvm: bool) -> String {
        let model = if kvm && self.cpu == "max" {
            "host"
        } else {
            &self.cpu
        };
        // Both draw on the host's clock, which stops QEMU under icount ("Bad icount read").
        let icount = if self.icount {
            ",-x2apic,-tsc-deadline"
        } else {
            ""
        };
        format!("{model}{icount}")
    }

    fn add_firmware(&self, command: &mut Command, scratch: &Path) -> Result<()> {
        let code = Path::new("/usr/share/OVMF/OVMF_CODE_4M.fd");
        let vars = scratch.join("OVMF_VARS.fd");
        let from = Path::new("/usr/share/OVMF/OVMF_VARS_4M.fd");
        fs::copy(from, &vars).map_err(Error::io("copy", from))?;
        command.arg("-drive");
        command.arg(format!(
            "if=pflash,format=raw,unit=0,readonly=on,file={}",
            code.display()
        ));
        command.arg("-drive").arg(format!(
            "if=pflash,format=raw,unit=1,file={}",
            vars.display()
        ));
        Ok(())
    }

    fn add_disks(&self, command: &mut Command) {
        let drive = |id: &str, file: &Path, options: &str| {
            format!(
                "id={id},if=none,format=raw,file={}{options}",
                file.display()
            )
        };
        if self.boot.extension().is_some_and(|ext| ext == "iso") {
            command.arg("-cdrom").arg(&self.boot);
        } else {
            command
                .arg("-drive")
                .arg(drive("boot", &self.boot, ",readonly=on"));
            command.args([
                "-device",
                "virtio-blk-pci,drive=boot,serial=xtboot,bootindex=0",
            ]);
        }
        let ahci = |disk: &Disk| disk.bus == Bus::Ahci;
        if self.board == Board::Pc && self.disks.iter().any(ahci) {
            command.args(["-device", "ich9-ahci,id=ahci"]);
        }
        let bus = if self.board == Board::Q35 {
            "ide"
        } else {
            "ahci"
        };
        for (at, disk) in self.disks.iter().enumerate() {
            let id = format!("disk{at}");
            let options = if disk.snapshot { ",snapshot=on" } else { "" };
            command.arg("-drive").arg(drive(&id, &disk.file, options));
            let device = match disk.bus {
                Bus::Ahci => format!("ide-hd,drive={id},serial=xt{at},bus={bus}.{at}"),
                Bus::Ide => format!("ide-hd,drive={id},serial=xt{at},bus=ide.{}", at / 2),
                Bus::Virtio => format!("virtio-blk-pci,drive={id},serial=xt{at}"),
                Bus::Nvme => format!("nvme,drive={id},serial=xt{at}"),
            };
            command.args(["-device", &device]);
        }
    }
}

/// KVM is used only where it can work: `/dev/kvm` can exist on a processor that has neither
/// extension.
pub fn kvm_works() -> bool {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let capable = cpuinfo
        .lines()
        .find(|line| line.starts_with("flags"))
        .is_some_and(|line| {
            line.split_whitespace()
                .any(|flag| flag == "vmx" || flag == "svm")
        });
    let usable = || {
        fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/kvm")
            .is_ok()
    };
    capable && usable()
}

/// Makes an empty disk image of `mib` MiB.
pub fn empty_disk(path: &Path, mib: u64) -> Result<()> {
    if let Some(parent) = path.parent() {
        paths::make_dir(parent)?;
    }
    let file = fs::File::create(path).map_err(Error::io("create", path))?;
    file.set_len(mib << 20).map_err(Error::io("extend", path))
}

/// QEMU's version line, for logs.
pub fn version() -> String {
    let text = proc::text(Command::new("qemu-system-x86_64").arg("--version")).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
