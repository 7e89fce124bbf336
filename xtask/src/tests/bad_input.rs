//! Input that cannot be booted, each answered by a message that names the thing, and no hang.
//!
//! A machine that ends after its message, resets, or stands with the message on its console has
//! answered; one that says nothing about the cause has not. What can be boot-tested only with
//! effort (overlapping E820 entries, which GRUB sorts out before it hands over) is covered by the
//! unit tests and fuzz targets of the parsers.

use super::{BOOT, Checks, Ctx, Guest, Test};
use crate::bootdisk::{Item, Menu};
use crate::elf::{self, LOAD, NOTE, Segment};
use crate::error::{Error, Result};
use crate::gdb::Gdb;
use crate::paths::{self, Scratch};
use crate::qemu::Machine;
use crate::run::{DOM0_CMDLINE, XEN_CMDLINE};
use crate::session::Session;
use crate::stock::{self, Series};
use crate::{initrd, payload};
use std::path::{Path, PathBuf};
use std::time::Duration;

const QUIET: Duration = Duration::from_secs(8);

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        Test::new("bad-no-module", no_module),
        Test::new("bad-not-a-kernel", not_a_kernel),
        Test::new("bad-truncated", truncated),
        Test::new("bad-elf", bad_elf),
        Test::new("bad-notes", bad_notes),
        Test::new("bad-initrd-size", initrd_size),
        Test::new("bad-dom0-mem", dom0_mem),
        Test::new("bad-long-cmdline", long_cmdline),
        Test::new("bad-memory-holes", memory_holes),
        Test::new("bad-acpi", bad_acpi),
        Test::new("bad-cpu-ids", cpu_ids),
    ];
    for format in payload::Format::ALL {
        tests.push(Test::new(
            format!("payload-{}", format.name()),
            move |ctx, checks| payload_format(ctx, checks, format),
        ));
    }
    tests
}

fn item(file: &Path, cmdline: &str) -> Item {
    Item {
        file: file.to_owned(),
        cmdline: cmdline.to_owned(),
    }
}

fn hypervisor(ctx: &Ctx, more: &str) -> Result<Item> {
    let image = ctx.hypervisor.image()?;
    let image = image.ok_or_else(|| Error::msg("this test needs a hypervisor"))?;
    Ok(item(&image, &format!("{XEN_CMDLINE} {more}")))
}

fn machine() -> Machine {
    Machine {
        memory: 768,
        no_reboot: true,
        ..Machine::default()
    }
}

/// Boots with a file as dom0's kernel and looks for one of the words in what the hypervisor says.
fn kernel_is_refused(
    ctx: &Ctx,
    checks: &mut Checks,
    what: &str,
    kernel: &[u8],
    words: &[&str],
) -> Result<()> {
    let scratch = Scratch::new(&ctx.name)?;
    let file = scratch.join("kernel");
    paths::write(&file, kernel)?;
    let items = vec![hypervisor(ctx, "")?, item(&file, DOM0_CMDLINE)];
    let menu = Menu {
        items,
        ..Menu::default()
    };
    let mut guest = ctx.start(&machine(), &menu, scratch, what)?;
    complains(&mut guest.session, checks, what, words)
}

/// The hypervisor says a line with one of the words (in any case) and falls silent or ends.
fn complains(session: &mut Session, checks: &mut Checks, what: &str, words: &[&str]) -> Result<()> {
    session.expect("XT-GRUB hands over", BOOT)?;
    session.tolerate_panics();
    let text = session.settle(QUIET, Duration::from_secs(120));
    let line = text.lines().rfind(|line| {
        let line = line.to_lowercase();
        // Names in a backtrace are no message, and the last word on the boot names no cause.
        line.contains("(xen)")
            && !line.contains("[<")
            && !line.contains("nothing to run")
            && words.iter().any(|w| line.contains(w))
    });
    let crashed = ["call trace:", "Backtrace:", "Hypervisor fault"];
    checks.check(
        &format!("{what}: the hypervisor does not fault"),
        !crashed.iter().any(|sign| text.contains(sign)),
    );
    match line {
        Some(line) => checks.note(format!("{what}: {}", line.trim())),
        None => {
            let last = text
                .lines()
                .rfind(|line| !line.trim().is_empty())
                .unwrap_or("(nothing)");
            checks.note(format!(
                "{what}: no line with any of {words:?}; the last is `{last}`"
            ));
        }
    }
    checks.check(
        &format!("{what}: a message names the cause"),
        line.is_some(),
    );
    checks.check(
        &format!("{what}: dom0 does not run"),
        !text.contains("Linux version"),
    );
    Ok(())
}

fn no_module(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let menu = Menu {
        items: vec![hypervisor(ctx, "")?],
        ..Menu::default()
    };
    let mut guest = ctx.start(&machine(), &menu, Scratch::new(&ctx.name)?, "")?;
    complains(
        &mut guest.session,
        checks,
        "no module",
        &["module", "dom0 kernel"],
    )
}

fn not_a_kernel(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let words = ["kernel", "image", "elf", "magic"];
    let text = b"This is a letter and no kernel.\n".repeat(1000);
    kernel_is_refused(ctx, checks, "text", &text, &words)?;
    kernel_is_refused(ctx, checks, "zeros", &vec![0; 100_000], &words)?;
    kernel_is_refused(ctx, checks, "one-byte", b"x", &words)
}

fn truncated(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let kernel = paths::read(&stock::kernel(Series::Linux61)?.vmlinuz)?;
    let (start, end) = stock::payload_range(&kernel)?;
    let places = [
        16,
        0x1f0,
        0x202,
        0x250,
        start - 1,
        start + 3,
        start + 4096,
        start + (end - start) / 2,
        end - 5,
        end - 1,
    ];
    let words = [
        "bzimage", "kernel", "payload", "truncat", "elf", "magic", "xz",
    ];
    for at in places {
        kernel_is_refused(ctx, checks, &format!("cut-at-{at}"), &kernel[..at], &words)?;
    }
    Ok(())
}

fn payload_format(ctx: &Ctx, checks: &mut Checks, format: payload::Format) -> Result<()> {
    let kernel = stock::kernel(Series::Linux61)?;
    let file = payload::repacked(&kernel, format)?;
    let items = vec![
        hypervisor(ctx, "")?,
        item(&file, DOM0_CMDLINE),
        item(&initrd::base(&kernel)?, ""),
    ];
    let menu = Menu {
        items,
        ..Menu::default()
    };
    let good = ctx.start(&machine(), &menu, Scratch::new(&ctx.name)?, "good");
    let first = good?.session.expect("Linux version", BOOT);
    checks.check(
        &format!("a kernel packed with {} starts", format.name()),
        first.is_ok(),
    );
    if let Err(error) = first {
        checks.note(error.to_string());
    }

    let mut bytes = paths::read(&file)?;
    let (start, end) = stock::payload_range(&bytes)?;
    if format == payload::Format::Lz4 {
        // The legacy frame has no checksum; what can be seen to be wrong is a block's length.
        bytes[start + 4..start + 8].copy_from_slice(&0x7fff_fff0_u32.to_le_bytes());
    } else {
        let middle = start + (end - start) / 2;
        for byte in &mut bytes[middle..middle + 4096] {
            *byte ^= 0x5a;
        }
    }
    let words = [
        "corrupt",
        "decompress",
        "unpack",
        "payload",
        "crc",
        format.name(),
        "kernel",
    ];
    kernel_is_refused(ctx, checks, "corrupt", &bytes, &words)
}

/// Virtual address at which the small test kernels are linked.
const BASE: u64 = 0xffff_ffff_8000_0000;
/// Their entry point: one MiB into the image, as PV kernels leave low memory free.
const ENTRY: u64 = BASE + (1 << 20);

/// The notes of a kernel that Xen would take.
fn usual_notes(entry: u64, base: u64) -> Vec<u8> {
    // Numbers from xen/elfnote.h.
    const NOTE_ENTRY: u32 = 1;
    const NOTE_VIRT_BASE: u32 = 3;
    const NOTE_XEN_VERSION: u32 = 5;
    const NOTE_GUEST_OS: u32 = 6;
    const NOTE_LOADER: u32 = 8;
    [
        elf::note(NOTE_GUEST_OS, b"test\0"),
        elf::note(NOTE_XEN_VERSION, b"xen-3.0\0"),
        elf::note(NOTE_LOADER, b"generic\0"),
        elf::note(NOTE_ENTRY, &entry.to_le_bytes()),
        elf::note(NOTE_VIRT_BASE, &base.to_le_bytes()),
    ]
    .concat()
}

/// A page of code followed by notes, with these segments before the one of the notes.
fn small_kernel(notes: &[u8], loads: &[Segment]) -> Vec<u8> {
    let mut body = vec![0xf4; 4096];
    body.extend(notes);
    let mut segments = loads.to_vec();
    segments.push(Segment {
        kind: NOTE,
        offset: elf::BODY + 4096,
        address: ENTRY + 4096,
        file_size: notes.len() as u64,
        memory_size: notes.len() as u64,
    });
    elf::file(ENTRY, &segments, &body)
}

fn load(address: u64, file_size: u64, memory_size: u64) -> Segment {
    Segment {
        kind: LOAD,
        offset: elf::BODY,
        address,
        file_size,
        memory_size,
    }
}

fn bad_elf(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let notes = usual_notes(ENTRY, BASE);
    let words = ["segment", "elf", "kernel", "header", "image"];
    let mut refused = |what: &str, loads: &[Segment]| {
        kernel_is_refused(ctx, checks, what, &small_kernel(&notes, loads), &words)
    };
    refused(
        "overlap",
        &[load(ENTRY, 4096, 8192), load(ENTRY + 4096, 4096, 4096)],
    )?;
    refused("huge", &[load(ENTRY, 4096, 1 << 40)])?;
    refused(
        "wraps",
        &[load(ENTRY, 4096, 4096), load(u64::MAX - 4095, 4096, 16384)],
    )?;
    refused("past-the-end", &[load(ENTRY, 1 << 30, 1 << 30)])?;
    refused("file-size-over-memory-size", &[load(ENTRY, 4096, 16)])?;
    refused("no-segments", &[])
}

fn bad_notes(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    const NOTE_INIT_P2M: u32 = 15;
    let words = [
        "note",
        "entry",
        "virt_base",
        "elf",
        "kernel",
        "p2m",
        "xen_version",
    ];
    let mut refused = |what: &str, notes: &[u8]| {
        let length = 4096 + notes.len() as u64;
        let kernel = small_kernel(notes, &[load(ENTRY, length, length)]);
        kernel_is_refused(ctx, checks, what, &kernel, &words)
    };
    refused("none", &[])?;
    refused("entry-outside", &usual_notes(BASE - (1 << 32), BASE))?;
    refused("base-above-image", &usual_notes(ENTRY, BASE + (1 << 30)))?;
    let mut huge = usual_notes(ENTRY, BASE);
    huge[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    refused("note-past-the-end", &huge)?;
    let mut p2m = usual_notes(ENTRY, BASE);
    p2m.extend(elf::note(NOTE_INIT_P2M, &BASE.to_le_bytes()));
    refused("p2m-over-the-image", &p2m)
}

/// Boots the stock kernel with something wrong around it.
fn boot_stock(ctx: &Ctx, machine: &Machine, append_xen: &str, tag: &str) -> Result<Guest> {
    let kernel = stock::kernel(Series::Linux61)?;
    let initrd = initrd::base(&kernel)?;
    boot_files(ctx, machine, append_xen, tag, &initrd, &[])
}

fn boot_files(
    ctx: &Ctx,
    machine: &Machine,
    append_xen: &str,
    tag: &str,
    initrd: &Path,
    commands: &[&str],
) -> Result<Guest> {
    let kernel = stock::kernel(Series::Linux61)?;
    let items = vec![
        hypervisor(ctx, append_xen)?,
        item(&kernel.vmlinuz, DOM0_CMDLINE),
        item(initrd, ""),
    ];
    let commands = commands.iter().map(|line| (*line).to_owned()).collect();
    let menu = Menu {
        items,
        commands,
        ..Menu::default()
    };
    ctx.start(machine, &menu, Scratch::new(&ctx.name)?, tag)
}

fn initrd_size(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let scratch = Scratch::new(&ctx.name)?;
    let file: PathBuf = scratch.join("initrd");
    paths::write(&file, vec![0x30; 160 << 20])?;
    let mut guest = boot_files(ctx, &machine(), "dom0_mem=128M,max:128M", "", &file, &[])?;
    complains(
        &mut guest.session,
        checks,
        "initrd larger than dom0's memory",
        &["initrd", "ramdisk", "module", "dom0_mem", "memory"],
    )
}

fn dom0_mem(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let mut guest = boot_stock(ctx, &machine(), "dom0_mem=100G", "large")?;
    guest.session.expect("XT-GRUB hands over", BOOT)?;
    let end = guest.session.expect_any(&["Linux version", "Panic"], BOOT);
    checks.check("dom0_mem=100G ends in a boot or a message", end.is_ok());
    let text = guest.session.text().to_lowercase();
    checks.check(
        "dom0_mem=100G is answered by name",
        text.contains("dom0_mem"),
    );
    drop(guest);
    let mut guest = boot_stock(ctx, &machine(), "dom0_mem=0", "zero")?;
    guest.session.tolerate_panics();
    let end = guest
        .session
        .expect_any(&["Linux version", "dom0_mem", "Panic on"], BOOT);
    checks.check("dom0_mem=0 ends in a boot or a message", end.is_ok());
    Ok(())
}

fn long_cmdline(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let words: String = (0..8192).map(|at| format!("w{at:05}= ")).collect();
    let mut guest = boot_stock(ctx, &machine(), &words, "")?;
    guest.session.expect("XT-GRUB hands over", BOOT)?;
    let first = guest.session.expect("Linux version", BOOT);
    checks.check(
        "64 KiB of unknown options do not stop the boot",
        first.is_ok(),
    );
    if let Err(error) = first {
        checks.note(error.to_string());
    }
    let text = guest.session.text();
    let said = text.lines().any(|line| {
        line.contains("(XEN)") && (line.contains("ommand line") || line.contains("w00001"))
    });
    checks.check("the command line is remarked upon", said);
    Ok(())
}

/// GRUB can cut pieces out of the memory map that it hands over. They lie above the memory in which
/// Linux expects its image, which it cannot move.
fn memory_holes(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let kernel = stock::kernel(Series::Linux61)?;
    let cuts = [
        "cutmem 0x8000000 0x8001000",
        "cutmem 0x8003000 0x8008000",
        "cutmem 0x10000000 0x14000000",
        "cutmem 0x1ffff000 0x20000000",
    ];
    let mut guest = boot_files(ctx, &machine(), "", "", &initrd::base(&kernel)?, &cuts)?;
    let init = guest.session.expect("XT-INIT", BOOT);
    checks.check("dom0 boots on memory with holes", init.is_ok());
    init.map(|_| ())
}

/// Where the firmware's tables lie in a stopped machine.
struct Tables {
    rsdp: u64,
    madt: u64,
    madt_length: u32,
}

fn find_tables(gdb: &mut Gdb) -> Result<Tables> {
    let missing = || Error::msg("the firmware's ACPI tables were not found");
    let low = gdb.read(0xe_0000, 0x2_0000)?;
    let at = low
        .chunks(16)
        .position(|chunk| chunk.starts_with(b"RSD PTR "))
        .ok_or_else(missing)?;
    let rsdp = 0xe_0000 + at as u64 * 16;
    let word = |bytes: &[u8], at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let rsdt = u64::from(word(&low, at * 16 + 16).ok_or_else(missing)?);
    let length = word(&gdb.read(rsdt, 8)?, 4).ok_or_else(missing)?.min(1024);
    let entries = gdb.read(rsdt, length as usize)?;
    for offset in (36..entries.len()).step_by(4) {
        let table = u64::from(word(&entries, offset).ok_or_else(missing)?);
        let head = gdb.read(table, 8)?;
        if head.starts_with(b"APIC") {
            let madt_length = word(&head, 4).ok_or_else(missing)?;
            return Ok(Tables {
                rsdp,
                madt: table,
                madt_length,
            });
        }
    }
    Err(missing())
}

/// Boots to GRUB, lets `spoil` at the tables, and goes on.
fn boot_spoilt(
    ctx: &Ctx,
    cpus: u32,
    tag: &str,
    spoil: impl FnOnce(&mut Gdb, &Tables) -> Result<()>,
) -> Result<Guest> {
    let kernel = stock::kernel(Series::Linux61)?;
    let socket_folder = Scratch::new("gdb")?;
    let socket = socket_folder.join("gdb");
    let mut machine = Machine { cpus, ..machine() };
    machine.extra = vec![
        "-gdb".to_owned(),
        format!("unix:{},server=on,wait=off", socket.display()),
    ];
    let commands = ["echo XT-PAUSE", "read pause"];
    let mut guest = boot_files(ctx, &machine, "", tag, &initrd::base(&kernel)?, &commands)?;
    guest.session.expect("XT-PAUSE", BOOT)?;
    let mut gdb = Gdb::connect(&socket)?;
    let tables = find_tables(&mut gdb)?;
    spoil(&mut gdb, &tables)?;
    gdb.detach()?;
    guest.session.type_keys(b"\r")?;
    guest.session.expect("XT-GRUB hands over", BOOT)?;
    Ok(guest)
}

/// A spoilt table is remarked upon, and the boot goes on or ends with a message.
fn bad_acpi(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let mut spoilt = |what: &'static str, spoil: &dyn Fn(&mut Gdb, &Tables) -> Result<()>| {
        let mut guest = boot_spoilt(ctx, 1, what, spoil)?;
        guest.session.tolerate_panics();
        let ends = ["Linux version", "Panic"];
        let end = guest.session.expect_any(&ends, BOOT);
        checks.check(
            &format!("{what}: the boot goes on or ends with a message"),
            end.is_ok(),
        );
        let text = guest.session.text();
        let line = text.lines().find(|line| {
            let line = line.to_lowercase();
            line.contains("(xen)")
                && [
                    "checksum",
                    "length",
                    "not found",
                    "absent",
                    "no acpi",
                    "no rsdp",
                    "invalid",
                    "bad ",
                    "error",
                    "unable",
                ]
                .iter()
                .any(|word| line.contains(word))
                && ["acpi", "apic", "madt", "rsdp", "rsdt"]
                    .iter()
                    .any(|word| line.contains(word))
        });
        checks.note(format!(
            "{what}: {}",
            line.unwrap_or("(no line about it)").trim()
        ));
        checks.check(&format!("{what}: a message names it"), line.is_some());
        Ok::<(), Error>(())
    };
    spoilt("bad-checksum", &|gdb, tables| {
        let sum = gdb.read(tables.madt + 9, 1)?;
        gdb.write(tables.madt + 9, &[sum[0].wrapping_add(1)])
    })?;
    spoilt("long-length", &|gdb, tables| {
        gdb.write(tables.madt + 4, &[0xff, 0xff, 0xff, 0x7f])
    })?;
    spoilt("short-length", &|gdb, tables| {
        gdb.write(tables.madt + 4, &[9, 0, 0, 0])
    })?;
    spoilt("absent", &|gdb, tables| gdb.write(tables.rsdp, b"NOTHING "))
}

/// Eight processors, of which some have an id that cannot be or is taken.
fn cpu_ids(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let mut guest = boot_spoilt(ctx, 8, "", |gdb, tables| {
        let mut madt = gdb.read(tables.madt, tables.madt_length as usize)?;
        let mut at = 44;
        let mut processor = 0;
        while let [kind, length, ..] = madt[at..] {
            if kind == 0 {
                processor += 1;
                match processor {
                    3 => madt[at + 3] = 0xff,
                    4 => madt[at + 3] = 0,
                    5 => madt[at + 3] = 0xc8,
                    _ => {}
                }
            }
            at += usize::from(length.max(2));
            if at + 2 > madt.len() {
                break;
            }
        }
        madt[9] = 0;
        let sum = madt.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        madt[9] = 0u8.wrapping_sub(sum);
        gdb.write(tables.madt, &madt)
    })?;
    let init = guest.session.expect("XT-INIT", BOOT * 2);
    checks.check("dom0 boots beside processors with bad ids", init.is_ok());
    init.map(|_| ())
}
