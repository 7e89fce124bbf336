//! Time from GRUB's hand-over to dom0's first line, beside Debian's Xen 4.17.
//!
//! Under `-icount shift=0` a virtual nanosecond is an instruction, so the figures repeat whatever
//! the host does. Debian's figures are measured once for a set of versions and kept in the cache.

use super::{BOOT, Checks, Ctx, Dom0, Test};
use crate::error::{Error, Result};
use crate::gdb::Gdb;
use crate::paths::{self, Scratch};
use crate::qemu::{self, Machine};
use crate::run::Hypervisor;
use crate::stock::{self, Series};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A byte of low memory that nothing uses, for GRUB to write to.
const MARK: u64 = 0x600;
/// Of Debian's time, what Xenolith may take with an unpacked kernel.
const UNPACKED_LIMIT: f64 = 0.5;
/// Of Debian's time, what Xenolith may take with the stock kernel.
const PACKED_LIMIT: f64 = 1.0;

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    vec![Test::new("speed-boot", speed).memory(2048)]
}

fn speed(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let debian = Ctx {
        hypervisor: Hypervisor::DebianXen,
        ..ctx.clone()
    };
    let ours_unpacked = measure(ctx, true)?;
    let ours_packed = measure(ctx, false)?;
    let xen_unpacked = measure_once(&debian, true)?;
    let xen_packed = measure_once(&debian, false)?;
    let seconds = |nanos: u64| nanos as f64 / 1e9;
    let row = |what: &str, ours: u64, xen: u64| {
        let ratio = ours as f64 / xen as f64;
        format!(
            "{what}: {:.3} s, Debian's Xen {:.3} s: {ratio:.2}",
            seconds(ours),
            seconds(xen)
        )
    };
    checks.note(row("unpacked kernel", ours_unpacked, xen_unpacked));
    checks.note(row("stock bzImage", ours_packed, xen_packed));
    checks.note(row(
        "unpacking alone",
        ours_packed.saturating_sub(ours_unpacked),
        xen_packed.saturating_sub(xen_unpacked).max(1),
    ));
    let within = |ours: u64, xen: u64, limit: f64| ours as f64 <= xen as f64 * limit;
    if ctx.hypervisor == Hypervisor::DebianXen {
        // Against itself only repeatability can be judged.
        checks.check(
            "measures the same twice",
            within(ours_unpacked, xen_unpacked, 1.02),
        );
        checks.check(
            "measures the same twice",
            within(xen_unpacked, ours_unpacked, 1.02),
        );
        return Ok(());
    }
    checks.check(
        &format!("unpacked kernel within {UNPACKED_LIMIT} of Xen's time"),
        within(ours_unpacked, xen_unpacked, UNPACKED_LIMIT),
    );
    checks.check(
        &format!("stock bzImage within {PACKED_LIMIT} of Xen's time"),
        within(ours_packed, xen_packed, PACKED_LIMIT),
    );
    Ok(())
}

/// Virtual nanoseconds from GRUB's hand-over to the moment at which dom0 writes its first line.
///
/// Both ends are exact: the machine stops at GRUB's last command, which writes a byte that is
/// watched, and at the kernel's function that writes early console lines.
fn measure(ctx: &Ctx, vmlinux: bool) -> Result<u64> {
    let writer = first_line_writer(ctx)?;
    let sockets = Scratch::new("gdb")?;
    let socket = sockets.join("gdb");
    let gdb_words = [
        "-gdb".to_owned(),
        format!("unix:{},server=on,wait=off", socket.display()),
    ];
    let machine = Machine {
        icount: true,
        extra: gdb_words.to_vec(),
        ..Machine::default()
    };
    let tag = match (vmlinux, &ctx.hypervisor) {
        (true, Hypervisor::DebianXen) => "debian-vmlinux",
        (false, Hypervisor::DebianXen) => "debian-bzimage",
        (true, _) => "vmlinux",
        (false, _) => "bzimage",
    };
    let commands = [
        "echo XT-PAUSE",
        "read pause",
        &format!("write_byte {MARK:#x} 0x5a"),
    ];
    let commands = commands.map(str::to_owned).to_vec();
    let dom0 = Dom0 {
        vmlinux,
        tag,
        commands,
        ..Dom0::default()
    };
    let mut guest = ctx.boot(&machine, &dom0)?;
    guest.session.expect("XT-PAUSE", BOOT * 2)?;
    let mut qmp = guest.session.qmp()?;
    let mut gdb = Gdb::connect(&socket)?;
    guest.session.type_keys(b"\r")?;
    gdb.run_to_write(MARK, BOOT)?;
    let start = qmp.icount()?;
    gdb.run_to(writer, BOOT * 4)
        .map_err(|error| guest.session.problem(&error.to_string()))?;
    let end = qmp.icount()?;
    end.checked_sub(start)
        .ok_or_else(|| Error::msg("the instruction count went back"))
}

/// Address of the function with which the stock kernel writes to Xen's console before it has a
/// driver for it. The kernel itself tells, once; a PV kernel is not moved to a random place.
fn first_line_writer(ctx: &Ctx) -> Result<u64> {
    const NAME: &str = "xenboot_write_console";
    let release = stock::kernel(Series::Linux61)?.release;
    let file = paths::cache()
        .join("speed")
        .join(format!("{NAME}-{release}"));
    let parse = |text: &str| u64::from_str_radix(text.trim(), 16).ok();
    if let Some(known) = std::fs::read_to_string(&file)
        .ok()
        .and_then(|text| parse(&text))
    {
        return Ok(known);
    }
    let bare = Ctx {
        hypervisor: Hypervisor::Bare,
        ..ctx.clone()
    };
    let dom0 = Dom0 {
        script: Some(format!(
            "echo XT-SYMBOL $(grep -w {NAME} /proc/kallsyms)\npass told\n"
        )),
        append: "nokaslr xt.nocoldplug=1".to_owned(),
        tag: "symbol",
        ..Dom0::default()
    };
    let mut guest = bare.boot(&Machine::default(), &dom0)?;
    let line = guest.session.expect("XT-SYMBOL", BOOT)?.line;
    let word = line.split_whitespace().nth(1).unwrap_or_default();
    let address =
        parse(word).ok_or_else(|| Error::msg(format!("the kernel has no {NAME}: `{line}`")))?;
    paths::write_atomic(&file, word)?;
    Ok(address)
}

fn measure_once(ctx: &Ctx, vmlinux: bool) -> Result<u64> {
    let mut key = DefaultHasher::new();
    (
        2,
        qemu::version(),
        vmlinux,
        stock::kernel(Series::Linux61)?.release,
    )
        .hash(&mut key);
    paths::read(&stock::debian_xen()?)?.hash(&mut key);
    let file = paths::cache()
        .join("speed")
        .join(format!("{:016x}", key.finish()));
    if let Some(known) = std::fs::read_to_string(&file)
        .ok()
        .and_then(|t| t.trim().parse().ok())
    {
        return Ok(known);
    }
    let measured = measure(ctx, vmlinux)?;
    paths::write_atomic(&file, format!("{measured}\n"))?;
    Ok(measured)
}
