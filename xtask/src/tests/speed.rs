//! Time from GRUB's hand-over to dom0's first line, beside Debian's Xen 4.17.
//!
//! Under `-icount shift=0` a virtual nanosecond is an instruction, so the figures repeat whatever
//! the host does. Debian's figures are measured once for a set of versions and kept in the cache.

use super::{BOOT, Checks, Ctx, Dom0, Test};
use crate::error::{Error, Result};
use crate::paths;
use crate::qemu::{self, Machine};
use crate::run::Hypervisor;
use crate::stock::{self, Series};
use std::hash::{DefaultHasher, Hash, Hasher};

const FIRST_LINE: &str = "Linux version";
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

/// Virtual nanoseconds from GRUB's last word to dom0's first.
fn measure(ctx: &Ctx, vmlinux: bool) -> Result<u64> {
    let machine = Machine {
        icount: true,
        ..Machine::default()
    };
    let tag = match (vmlinux, &ctx.hypervisor) {
        (true, Hypervisor::DebianXen) => "debian-vmlinux",
        (false, Hypervisor::DebianXen) => "debian-bzimage",
        (true, _) => "vmlinux",
        (false, _) => "bzimage",
    };
    let mut guest = ctx.boot(
        &machine,
        &Dom0 {
            vmlinux,
            tag,
            ..Dom0::default()
        },
    )?;
    guest.session.expect("XT-GRUB hands over", BOOT * 2)?;
    let mut qmp = guest.session.qmp()?;
    let start = qmp.icount()?;
    guest.session.expect(FIRST_LINE, BOOT * 4)?;
    let end = qmp.icount()?;
    end.checked_sub(start)
        .ok_or_else(|| Error::msg("the instruction count went back"))
}

fn measure_once(ctx: &Ctx, vmlinux: bool) -> Result<u64> {
    let mut key = DefaultHasher::new();
    (
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
