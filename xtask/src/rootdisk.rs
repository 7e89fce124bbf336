//! A Debian root disk for dom0, made once by mmdebstrap and kept in the cache.
//!
//! No loop device is mounted: mke2fs fills the file system from a folder while mmdebstrap still
//! holds it, so this works without root too where the kernel allows user namespaces.

use crate::error::Result;
use crate::setup::{self, Need};
use crate::{apt, paths, proc};
use std::path::PathBuf;
use std::process::Command;

/// Label of the file system.
pub const LABEL: &str = "xtroot";
/// The program on the disk that a test starts with `init=`.
pub const TEST_INIT: &str = "/sbin/xt-init";

const XT_INIT: &str = include_str!("../assets/root-init.sh");
const SIZE: &str = "1500M";
const PACKAGES: &str = "systemd-sysv,udev,kmod,iproute2,iputils-ping,ifupdown,isc-dhcp-client,\
                        procps,less,nano-tiny,gzip";

/// The image; attach it with `snapshot` so that it stays as made.
pub fn image() -> Result<PathBuf> {
    let release = apt::codename()?;
    let path = paths::cache()
        .join("root")
        .join(format!("{release}-1.ext4"));
    let _making = paths::making();
    if path.is_file() {
        return Ok(path);
    }
    setup::ensure(&[Need::RootDisks])?;
    eprintln!(
        "root disk: making {} (once; takes a few minutes)",
        path.display()
    );
    let part = paths::part_of(&path);
    if let Some(folder) = part.parent() {
        paths::make_dir(folder)?;
    }
    let scratch = paths::Scratch::new("root")?;
    let init = scratch.join("xt-init");
    paths::write(&init, XT_INIT)?;
    let configure = "set -e\n\
         echo xenolith >\"$1/etc/hostname\"\n\
         echo 'LABEL=xtroot / ext4 errors=remount-ro 0 1' >\"$1/etc/fstab\"\n\
         printf 'auto lo\\niface lo inet loopback\\nallow-hotplug eth0\\niface eth0 inet dhcp\\n' \
         >\"$1/etc/network/interfaces\"\n\
         chroot \"$1\" passwd -d root\n\
         ln -sf /lib/systemd/system/serial-getty@.service \
         \"$1/etc/systemd/system/getty.target.wants/serial-getty@hvc0.service\"\n";
    // The tree is copied first because mmdebstrap has /proc and /sys mounted in it during hooks.
    let make = format!(
        "set -e; tree='{tree}'; mkdir \"$tree\"\n\
         tar --one-file-system -C \"$1\" -cp . | tar -C \"$tree\" -xp\n\
         rm -f '{part}'; mke2fs -q -t ext4 -L {LABEL} -d \"$tree\" '{part}' {SIZE}\n",
        tree = scratch.join("tree").display(),
        part = part.display()
    );
    let copy = format!("install -m 755 '{}' \"$1{TEST_INIT}\"", init.display());
    let mut command = Command::new("mmdebstrap");
    command.args(["--variant=minbase", "--format=null"]);
    command.arg(format!("--include={PACKAGES}"));
    for hook in [configure, &copy, &make] {
        command.arg(format!("--customize-hook={hook}"));
    }
    // Without a mirror argument mmdebstrap takes the sources of the machine, which may have more
    // than the distribution; its own URI is enough.
    command.args([&release, "-", &apt::release_uri()?]);
    proc::output(&mut command)?;
    std::fs::rename(&part, &path).map_err(crate::error::Error::io("rename to", &path))?;
    Ok(path)
}
