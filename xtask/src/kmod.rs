//! Choosing kernel modules for an initial RAM disk, with what they depend on.

use crate::error::Result;
use crate::paths;
use crate::proc;
use crate::stock::Kernel;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Modules for the hardware that the emulators offer, for dom0's role, and for guests.
pub const WANTED: &[&str] = &[
    "virtio_pci",
    "virtio_blk",
    "virtio_net",
    "virtio_scsi",
    "virtio_rng",
    "e1000",
    "e1000e",
    "ahci",
    "ata_piix",
    "ata_generic",
    "sd_mod",
    "sr_mod",
    "nvme",
    "xhci_pci",
    "ehci_pci",
    "uhci_hcd",
    "usbhid",
    "usb_storage",
    "ext4",
    "crc32c_generic",
    "crc32c_intel",
    "vfat",
    "nls_ascii",
    "isofs",
    "loop",
    "overlay",
    "squashfs",
    "af_packet",
    "bridge",
    "tun",
    "evdev",
    "msr",
    "xenfs",
    "xen_privcmd",
    "xen_evtchn",
    "xen_gntdev",
    "xen_gntalloc",
    "xen_blkback",
    "xen_netback",
    "xen_pciback",
    "xen_acpi_processor",
    "xen_blkfront",
    "xen_netfront",
];

/// A module file and its name below `/lib/modules/<release>/`.
#[derive(Debug)]
pub struct Module {
    /// The path in `modules.dep`, without a compression suffix.
    pub name: String,
    /// The module, uncompressed.
    pub data: Vec<u8>,
}

/// The chosen modules with the index files that busybox's modprobe reads.
#[derive(Debug)]
pub struct Selection {
    /// The modules.
    pub modules: Vec<Module>,
    /// `modules.dep` for them.
    pub dep: String,
    /// `modules.alias` for them.
    pub alias: String,
}

/// Picks `wanted` with all they need. A name that the kernel has no module of is left out: then it
/// is built in, or does not exist in this version.
pub fn select(kernel: &Kernel, wanted: &[&str]) -> Result<Selection> {
    let folder = kernel.modules();
    let dep = paths::read_text(&folder.join("modules.dep"))?;
    let mut by_name = BTreeMap::new();
    let mut needs = BTreeMap::new();
    for line in dep.lines() {
        if let Some((file, rest)) = line.split_once(':') {
            by_name.insert(module_name(file), file);
            needs.insert(file, rest.split_whitespace().collect::<Vec<_>>());
        }
    }
    let mut chosen = BTreeSet::new();
    for name in wanted {
        if let Some(file) = by_name.get(*name) {
            chosen.insert(*file);
            // modules.dep lists the whole closure already.
            chosen.extend(needs.get(file).into_iter().flatten().copied());
        }
    }
    let mut modules = Vec::new();
    let mut trimmed = String::new();
    for file in &chosen {
        modules.push(Module {
            name: plain(file).to_owned(),
            data: load(&folder.join(file))?,
        });
        let list: Vec<&str> = needs
            .get(file)
            .into_iter()
            .flatten()
            .map(|need| plain(need))
            .collect();
        trimmed.push_str(&format!("{}: {}\n", plain(file), list.join(" ")));
    }
    let names: BTreeSet<String> = chosen.iter().map(|file| module_name(file)).collect();
    let alias = paths::read_text(&folder.join("modules.alias"))?
        .lines()
        .filter(|line| {
            line.rsplit(' ')
                .next()
                .is_some_and(|name| names.contains(&name.replace('-', "_")))
        })
        .fold(String::new(), |text, line| text + line + "\n");
    Ok(Selection {
        modules,
        dep: trimmed,
        alias,
    })
}

fn plain(file: &str) -> &str {
    [".xz", ".zst", ".gz"]
        .iter()
        .find_map(|end| file.strip_suffix(end))
        .unwrap_or(file)
}

fn module_name(file: &str) -> String {
    let leaf = plain(file).rsplit('/').next().unwrap_or(file);
    leaf.trim_end_matches(".ko").replace('-', "_")
}

fn load(path: &Path) -> Result<Vec<u8>> {
    let program = match path.extension().and_then(|ext| ext.to_str()) {
        Some("xz") => "xz",
        Some("zst") => "zstd",
        Some("gz") => "gzip",
        _ => return paths::read(path),
    };
    proc::output(Command::new(program).arg("-dc").arg(path))
}

#[cfg(test)]
mod tests {
    use super::module_name;

    #[test]
    fn names_modules_as_the_kernel_does() {
        assert_eq!(
            module_name("kernel/drivers/xen/xen-gntdev.ko.xz"),
            "xen_gntdev"
        );
        assert_eq!(module_name("kernel/fs/ext4/ext4.ko"), "ext4");
    }
}
