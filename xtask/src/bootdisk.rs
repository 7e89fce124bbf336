//! Disks that GRUB 2.06 boots from, on BIOS and on UEFI.
//!
//! A test boots from a raw disk made for it in a fraction of a second: a master boot record and
//! GRUB's core image in front, then one FAT partition with the same GRUB for UEFI, the
//! configuration, and the files. GRUB's `boot.img` loads sector 1 and `diskboot.img` continues at
//! sector 2 unless an installer says otherwise, so the two only have to be laid down in order.
//! `cargo xtask iso` makes a hybrid ISO with grub-mkrescue instead, for burning, sticks, and Bochs.

use crate::args::Args;
use crate::error::{Error, Result};
use crate::run::Boot;
use crate::setup::{self, Need};
use crate::{paths, proc};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask iso [--output FILE] [BOOT OPTIONS]

Makes a hybrid ISO (BIOS and UEFI, CD or stick) that boots Xenolith with a stock kernel; default
target/xenolith.iso. Takes the same options as `cargo xtask run` for what is booted.
";

const GRUB_LIB: &str = "/usr/lib/grub";
const PARTITION_START: u64 = 2048;
const SECTOR: u64 = 512;
const MODULES: &[&str] = &[
    "part_msdos",
    "fat",
    "search_fs_file",
    "normal",
    "configfile",
    "multiboot",
    "multiboot2",
    "linux",
    "gzio",
    "echo",
    "serial",
    "terminal",
    "test",
    "minicmd",
    "mmap",
    "memrw",
    "read",
    "reboot",
    "halt",
    "all_video",
];

/// How GRUB hands over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Multiboot2 (`multiboot2`, `module2`).
    #[default]
    Multiboot2,
    /// Multiboot1 (`multiboot`, `module`).
    Multiboot1,
    /// Linux's own (`linux`, `initrd`).
    Linux,
}

/// One file that GRUB loads, with its command line.
#[derive(Debug, Clone)]
pub struct Item {
    /// The file on the host.
    pub file: PathBuf,
    /// What follows it on the line.
    pub cmdline: String,
}

/// What GRUB boots: the first item is the hypervisor or kernel, the others are modules.
#[derive(Debug, Clone, Default)]
pub struct Menu {
    /// The hand-over protocol.
    pub protocol: Protocol,
    /// The files in order.
    pub items: Vec<Item>,
    /// GRUB commands to run before the hand-over.
    pub commands: Vec<String>,
}

impl Menu {
    /// The configuration, with files named `/boot/0`, `/boot/1`, ….
    fn config(&self) -> String {
        let (first, next) = match self.protocol {
            Protocol::Multiboot2 => ("multiboot2", "module2"),
            Protocol::Multiboot1 => ("multiboot", "module"),
            Protocol::Linux => ("linux", "initrd"),
        };
        let mut text = String::from(
            "serial --unit=0 --speed=115200\nterminal_output serial\nterminal_input serial\n\
             set gfxpayload=keep\n",
        );
        for (at, item) in self.items.iter().enumerate() {
            let verb = if at == 0 { first } else { next };
            // GRUB gives a multiboot module its command line as written, name and all.
            text.push_str(&format!("{verb} {} {}\n", name(at), quote(&item.cmdline)));
        }
        for command in &self.commands {
            text.push_str(&format!("{command}\n"));
        }
        text.push_str("echo XT-GRUB hands over\nboot\n");
        text
    }

    fn size(&self) -> Result<u64> {
        self.items.iter().try_fold(0, |sum, item| {
            Ok(sum
                + fs::metadata(&item.file)
                    .map_err(Error::io("look at", &item.file))?
                    .len())
        })
    }
}

fn name(at: usize) -> String {
    format!("/boot/{at}")
}

/// Protects words from GRUB's shell.
fn quote(cmdline: &str) -> String {
    let word = |word: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=,.:/+@%".contains(c);
        if word.chars().all(plain) {
            word.to_owned()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    cmdline
        .split_whitespace()
        .map(word)
        .collect::<Vec<_>>()
        .join(" ")
}

/// `cargo xtask iso`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    if args.flag("--help") {
        print!("{HELP}\n{}", crate::run::BOOT_HELP);
        return Ok(ExitCode::SUCCESS);
    }
    let output = args.value("--output")?.map(PathBuf::from);
    let output = output.unwrap_or_else(|| paths::target().join("xenolith.iso"));
    let boot = Boot::from_args(&mut args)?;
    args.finish()?;
    write_iso(&boot.menu()?, &output)?;
    eprintln!("built: {}", output.display());
    Ok(ExitCode::SUCCESS)
}

/// Writes a raw disk that boots `menu` on BIOS and UEFI.
pub fn write_disk(menu: &Menu, to: &Path) -> Result<()> {
    let grub = grub_images()?;
    let boot = paths::read(&Path::new(GRUB_LIB).join("i386-pc/boot.img"))?;
    let core = paths::read(&grub.bios)?;
    if core.len() as u64 > (PARTITION_START - 1) * SECTOR {
        return Err(Error::msg(
            "GRUB's core image does not fit before the partition",
        ));
    }
    // FAT32 needs 65525 clusters at least; the file is sparse, so its size costs nothing.
    let size = (menu.size()? + (64 << 20))
        .max(300 << 20)
        .next_multiple_of(1 << 20);
    let sectors = size / SECTOR - PARTITION_START;
    let mut record = boot
        .get(..440)
        .ok_or_else(|| Error::msg("GRUB's boot.img is short"))?
        .to_vec();
    record.resize(446, 0);
    record.extend([0x80, 0xfe, 0xff, 0xff, 0x0c, 0xfe, 0xff, 0xff]);
    record.extend((PARTITION_START as u32).to_le_bytes());
    record.extend((sectors as u32).to_le_bytes());
    record.resize(510, 0);
    record.extend([0x55, 0xaa]);

    if let Some(parent) = to.parent() {
        paths::make_dir(parent)?;
    }
    let file = fs::File::create(to).map_err(Error::io("create", to))?;
    let write =
        |at: u64, bytes: &[u8]| file.write_all_at(bytes, at).map_err(Error::io("write", to));
    file.set_len(size).map_err(Error::io("extend", to))?;
    write(0, &record)?;
    write(SECTOR, &core)?;
    drop(file);

    let scratch = paths::Scratch::new("menu")?;
    let config = scratch.join("grub.cfg");
    paths::write(&config, menu.config())?;
    let volume = format!("{}@@{}", to.display(), PARTITION_START * SECTOR);
    let mtool = |program: &str| {
        let mut command = Command::new(program);
        command.env("MTOOLS_SKIP_CHECK", "1").args(["-i", &volume]);
        command
    };
    let hidden = PARTITION_START.to_string();
    proc::output(
        mtool("mformat")
            .args([
                "-F", "-c", "8", "-h", "255", "-s", "63", "-H", &hidden, "-T",
            ])
            .args([&sectors.to_string(), "-v", "XENOLITH", "::"]),
    )?;
    proc::output(mtool("mmd").args(["::/EFI", "::/EFI/BOOT", "::/boot", "::/boot/grub"]))?;
    proc::output(mtool("mcopy").arg(&grub.efi).arg("::/EFI/BOOT/BOOTX64.EFI"))?;
    proc::output(mtool("mcopy").arg(&config).arg("::/boot/grub/grub.cfg"))?;
    for (at, item) in menu.items.iter().enumerate() {
        proc::output(
            mtool("mcopy")
                .arg(&item.file)
                .arg(format!("::{}", name(at))),
        )?;
    }
    Ok(())
}

/// Writes a hybrid ISO with grub-mkrescue.
pub fn write_iso(menu: &Menu, to: &Path) -> Result<()> {
    setup::ensure(&[Need::BootImages])?;
    let scratch = paths::Scratch::new("iso")?;
    let boot = scratch.join("root/boot");
    paths::write(&boot.join("grub/grub.cfg"), menu.config())?;
    for (at, item) in menu.items.iter().enumerate() {
        let into = boot.join(at.to_string());
        fs::copy(&item.file, &into).map_err(Error::io("copy", &item.file))?;
    }
    if let Some(parent) = to.parent() {
        paths::make_dir(parent)?;
    }
    let mut make = Command::new("grub-mkrescue");
    make.arg("-o").arg(to).arg(scratch.join("root"));
    proc::output(&mut make)?;
    Ok(())
}

struct GrubImages {
    bios: PathBuf,
    efi: PathBuf,
}

/// GRUB's core for both firmwares, made once for each version of GRUB.
fn grub_images() -> Result<GrubImages> {
    let _making = paths::making();
    setup::ensure(&[Need::BootImages])?;
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${Version}", "grub-common"]);
    let version = proc::text(&mut query)?.replace([':', '+'], "-");
    let folder = paths::cache().join("grub").join(format!("{version}-3"));
    let images = GrubImages {
        bios: folder.join("core.img"),
        efi: folder.join("bootx64.efi"),
    };
    if images.bios.is_file() && images.efi.is_file() {
        return Ok(images);
    }
    let scratch = paths::Scratch::new("grub")?;
    let early = scratch.join("early.cfg");
    paths::write(
        &early,
        "search.file /boot/grub/grub.cfg root\nset prefix=($root)/boot/grub\n\
         configfile /boot/grub/grub.cfg\n",
    )?;
    let formats = [
        ("i386-pc", &images.bios, "biosdisk"),
        ("x86_64-efi", &images.efi, "efi_gop"),
    ];
    for (format, to, extra) in formats {
        let part = scratch.join(format);
        let mut make = Command::new("grub-mkimage");
        make.args(["-O", format, "-p", "/boot/grub", "-c"])
            .arg(&early)
            .arg("-o")
            .arg(&part);
        make.args(MODULES).arg(extra);
        proc::output(&mut make)?;
        paths::write_atomic(to, paths::read(&part)?)?;
    }
    Ok(images)
}

#[cfg(test)]
mod tests {
    use super::{Item, Menu, Protocol, quote};

    #[test]
    fn words_survive_grubs_shell() {
        assert_eq!(quote("console=com1 a$b  c;d"), "console=com1 'a$b' 'c;d'");
        assert_eq!(quote("it's"), "'it'\\''s'");
    }

    #[test]
    fn modules_follow_the_hypervisor() {
        let item = |cmdline: &str| Item {
            file: "x".into(),
            cmdline: cmdline.into(),
        };
        let menu = Menu {
            protocol: Protocol::Multiboot2,
            commands: Vec::new(),
            items: vec![item("a"), item("b")],
        };
        let config = menu.config();
        assert!(config.contains("\nmultiboot2 /boot/0 a\nmodule2 /boot/1 b\n"));
    }
}
