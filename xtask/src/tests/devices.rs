//! dom0 drives emulated disks and network cards: data written are read back, data sent arrive.

use super::{BOOT, Checks, Ctx, Dom0, Test};
use crate::error::{Error, Result};
use crate::netserver::{self, NetServer, PAYLOAD};
use crate::paths::Scratch;
use crate::qemu::{self, Board, Bus, Disk, Machine};
use crate::stock::Series;
use std::io::Read;
use std::path::Path;

const SCRIPT: &str = include_str!("../../../tests/emulator/devices.sh");

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    vec![
        Test::new("devices-q35", |ctx, checks| {
            devices(ctx, checks, Board::Q35, Series::Linux61)
        }),
        Test::new("devices-pc", |ctx, checks| {
            devices(ctx, checks, Board::Pc, Series::Linux612)
        }),
    ]
}

/// One boot with an AHCI, a virtio and an NVMe disk and with an e1000 and a virtio network card.
fn devices(ctx: &Ctx, checks: &mut Checks, board: Board, series: Series) -> Result<()> {
    let disks = Scratch::new(&ctx.name)?;
    let server = NetServer::start()?;
    let (payload, sum) = netserver::payload_file()?;
    let mut machine = Machine {
        board,
        ..Machine::default()
    };
    for (name, bus) in [
        ("ahci", Bus::Ahci),
        ("virtio", Bus::Virtio),
        ("nvme", Bus::Nvme),
    ] {
        let file = disks.join(name);
        qemu::empty_disk(&file, 64)?;
        machine.disks.push(Disk {
            file,
            bus,
            snapshot: false,
        });
    }
    machine.nics = vec!["e1000".to_owned(), "virtio-net-pci".to_owned()];
    let dom0 = Dom0 {
        series: Some(series),
        script: Some(format!("port={}\nwanted={sum}\n{SCRIPT}", server.port())),
        ..Dom0::default()
    };
    let mut guest = ctx.boot(&machine, &dom0)?;
    guest.session.expect("XT-READY", BOOT)?;
    guest.finish(checks, BOOT * 3)?;
    for disk in &machine.disks {
        let same = starts_equal(&disk.file, &payload)?;
        let name = disk
            .file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        checks.check(&format!("the {name} disk holds what dom0 wrote"), same);
    }
    let uploads = server.uploads();
    checks.check(
        &format!("what dom0 sent arrived over both cards: {uploads:?}"),
        uploads == [true, true],
    );
    Ok(())
}

/// True if the image begins with the payload.
fn starts_equal(image: &Path, payload: &Path) -> Result<bool> {
    let mut start = Vec::new();
    let file = std::fs::File::open(image).map_err(Error::io("open", image))?;
    file.take(PAYLOAD as u64)
        .read_to_end(&mut start)
        .map_err(Error::io("read", image))?;
    Ok(start == crate::paths::read(payload)?)
}
