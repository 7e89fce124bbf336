//! The configuration of Bochs for a described machine.
//!
//! Bochs has what QEMU's TCG lacks: VT-x, and an AMD part with next-RIP save. It is too slow for a
//! whole Linux boot, so only small guests run on it. The package has the debugger built in, which
//! waits at start; a command file tells it to go on. Its sound code crashes on a machine without a
//! sound card unless it is told to use none.

use crate::error::{Error, Result};
use crate::paths;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Bochs processor model with VT-x.
pub const INTEL: &str = "corei7_skylake_x";
/// A Bochs processor model with AMD-V.
pub const AMD: &str = "ryzen";

/// A machine for Bochs.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Bochs's name of the processor model.
    pub cpu: String,
    /// Number of processors.
    pub cpus: u32,
    /// Memory in MiB.
    pub memory: u64,
    /// The ISO that GRUB boots from.
    pub iso: PathBuf,
}

impl Machine {
    /// Writes the configuration below `scratch`; Bochs will connect its first serial port to the
    /// returned listener.
    pub fn command(&self, scratch: &Path) -> Result<(Command, TcpListener)> {
        let tcp = |source| Error::Io {
            what: "listen for Bochs's serial line".into(),
            source,
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(tcp)?;
        let port = listener.local_addr().map_err(tcp)?.port();
        let log = scratch.join("bochs.log");
        let text = format!(
            "display_library: rfb, options=\"timeout=0\"\n\
             romimage: file=/usr/share/bochs/BIOS-bochs-latest\n\
             vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest\n\
             vga: extension=none
             cpu: model={cpu}, count={cpus}, ips=50000000, reset_on_triple_fault=0\n\
             clock: sync=none, time0=local\n\
             memory: guest={memory}, host={host}\n\
             ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14\n\
             ata0-master: type=cdrom, path=\"{iso}\", status=inserted\n\
             boot: cdrom\n\
             com1: enabled=1, mode=socket-client, dev=127.0.0.1:{port}\n\
             sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy\n\
             speaker: enabled=0\n\
             log: {log}\n\
             panic: action=fatal\n\
             error: action=report\n\
             info: action=ignore\n\
             debug: action=ignore\n",
            cpu = self.cpu,
            cpus = self.cpus,
            memory = self.memory,
            host = self.memory.min(1024),
            iso = self.iso.display(),
            log = log.display(),
        );
        let config = scratch.join("bochsrc");
        paths::write(&config, text)?;
        let go = scratch.join("go");
        paths::write(&go, "c\n")?;
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--", "bochs", "-q", "-f"])
            .arg(&config);
        command.arg("-rc").arg(&go).stdin(Stdio::null());
        Ok((command, listener))
    }
}
