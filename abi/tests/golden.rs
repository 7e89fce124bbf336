//! The crate against the headers of Xen 4.17: every constant's value, every structure's size, every
//! field's offset and size.
//!
//! `golden/list.rs` names what is compared, here and in C. A C program made from it prints the table
//! that the headers give; `golden.txt` is that table, kept so that the comparison needs neither
//! headers nor compiler. Where both are at hand, the table itself is checked too, and
//! `XENOLITH_BLESS=1` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const HEADERS: &str = "/usr/include/xen";

/// Tools see all but a few error numbers, which the hypervisor keeps to itself.
const PRELUDE: &str = "\
#define __XEN__ 1
#include <xen/errno.h>
#undef __XEN__
#define __XEN_TOOLS__ 1
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
";

/// Headers in an order in which each finds the types it uses.
const INCLUDES: &[&str] = &[
    "xen.h",
    "arch-x86/cpuid.h",
    "arch-x86/cpufeatureset.h",
    "event_channel.h",
    "sched.h",
    "vcpu.h",
    "version.h",
    "features.h",
    "memory.h",
    "physdev.h",
    "callback.h",
    "elfnote.h",
    "platform.h",
    "nmi.h",
    "grant_table.h",
    "hvm/hvm_op.h",
    "hvm/params.h",
    "hvm/hvm_vcpu.h",
    "hvm/ioreq.h",
    "hvm/dm_op.h",
    "hvm/e820.h",
    "hvm/hvm_info_table.h",
    "hvm/save.h",
    "arch-x86/hvm/start_info.h",
    "domctl.h",
    "sysctl.h",
    "kexec.h",
    "xsm/flask_op.h",
    "argo.h",
    "io/console.h",
    "hypfs.h",
    "pmu.h",
    "arch-x86/xen-mca.h",
    "trace.h",
];

struct Constant {
    c: &'static str,
    value: u64,
    bits: u32,
}

struct Field {
    c: &'static str,
    offset: usize,
    size: usize,
}

struct Structure {
    c: &'static str,
    size: usize,
    fields: Vec<Field>,
}

#[derive(Default)]
struct Listed {
    constants: Vec<Constant>,
    structures: Vec<Structure>,
}

fn size_behind<S, F>(_: impl Fn(&S) -> &F) -> usize {
    size_of::<F>()
}

macro_rules! c_name {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $c:ident) => {
        stringify!($c)
    };
    ($name:ident $c:literal) => {
        $c
    };
}

macro_rules! table {
    ($(module $module:ident in $($path:ident)::+ {
        constants { $($constant:ident $(= $constant_c:tt)?,)* }
        structures { $($structure:ident = $structure_c:literal {
            $($field:ident $(= $field_c:literal)?),*
        })* }
    })*) => {
        mod listed {
            use super::*;

            $(pub fn $module(listed: &mut Listed) {
                use abi::$($path)::+::*;
                listed.constants.extend([$(Constant {
                    c: c_name!($constant $($constant_c)?),
                    value: $constant as i64 as u64,
                    bits: (size_of_val(&$constant) * 8) as u32,
                },)*]);
                $(listed.structures.push(Structure {
                    c: $structure_c,
                    size: size_of::<$structure>(),
                    fields: vec![$(Field {
                        c: c_name!($field $($field_c)?),
                        offset: std::mem::offset_of!($structure, $field),
                        size: size_behind(|s: &$structure| &s.$field),
                    },)*],
                });)*
            })*
        }

        fn listed() -> Listed {
            let mut listed = Listed::default();
            listed.constants.extend(error_numbers());
            $(listed::$module(&mut listed);)*
            listed
        }

        /// Names, as this crate has them, of the constants in the list.
        const NAMES: &[&str] = &[$($(stringify!($constant),)*)*];
    };
}

include!("golden/list.rs");

macro_rules! error_numbers {
    ($($name:ident)*) => {
        fn error_numbers() -> Vec<Constant> {
            vec![$(Constant {
                c: concat!("XEN_", stringify!($name)),
                value: abi::Errno::$name.get() as u64,
                bits: 32,
            },)*]
        }
    };
}

error_numbers! {
    E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAGAIN EBADF EBADMSG EBUSY ECHILD ECONNREFUSED EDEADLK EDEADLOCK EDOM EEXIST EFAULT EILSEQ EINTR EINVAL EIO EISCONN EISDIR EMFILE EMLINK EMSGSIZE ENAMETOOLONG ENFILE ENOBUFS ENODATA ENODEV ENOENT ENOEXEC ENOLCK ENOMEM ENOSPC ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTSOCK ENXIO EOPNOTSUPP EOVERFLOW EPERM ERANGE ERESTART EROFS ESRCH ETIME ETIMEDOUT EWOULDBLOCK EXDEV
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The C program that prints the table.
fn program(listed: &Listed) -> String {
    let mut c = String::from(PRELUDE);
    for header in INCLUDES {
        let _ = writeln!(c, "#include <xen/{header}>");
    }
    for (i, structure) in listed.structures.iter().enumerate() {
        let _ = match structure.c.split_once("::") {
            Some((outer, path)) => {
                writeln!(c, "typedef __typeof__((({outer} *)0)->{path}) t{i};")
            }
            None => writeln!(c, "typedef {} t{i};", structure.c),
        };
    }
    c.push_str("int main(void)\n{\n");
    for Constant { c: name, .. } in &listed.constants {
        let _ = writeln!(
            c,
            r#"printf("const {name} %#llx\n", (unsigned long long)(long long)({name}));"#
        );
    }
    for (i, structure) in listed.structures.iter().enumerate() {
        let name = structure.c;
        let _ = writeln!(c, r#"printf("sizeof {name} %zu\n", sizeof(t{i}));"#);
        for Field { c: field, .. } in &structure.fields {
            let _ = writeln!(
                c,
                r#"printf("field {name} %zu %zu {field}\n", offsetof(t{i}, {field}), sizeof(((t{i} *)0)->{field}));"#
            );
        }
    }
    c.push_str("return 0;\n}\n");
    c
}

fn headers_are_there() -> bool {
    Path::new(HEADERS).join("xen.h").exists()
        && Command::new("cc").arg("--version").output().is_ok()
}

fn scratch(name: &str) -> PathBuf {
    let dir = env::temp_dir().join(format!("abi-{name}-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// The table that the headers give, if there are headers and a compiler.
fn table_of_headers(listed: &Listed) -> Option<String> {
    if !headers_are_there() {
        return None;
    }
    let dir = scratch("golden");
    let (source, binary) = (dir.join("golden.c"), dir.join("golden"));
    fs::write(&source, program(listed)).unwrap();
    let compiled = Command::new("cc")
        .args(["-w", "-o"])
        .arg(&binary)
        .arg(&source)
        .output()
        .unwrap();
    assert!(
        compiled.status.success(),
        "{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    let ran = Command::new(&binary).output().unwrap();
    fs::remove_dir_all(&dir).unwrap();
    Some(String::from_utf8(ran.stdout).unwrap())
}

fn kept_table() -> String {
    fs::read_to_string(file("tests/golden.txt")).unwrap()
}

/// The table that this crate gives, with constants as wide as the kept table has them.
fn differences(listed: &Listed, table: &str) -> Vec<String> {
    let lines: BTreeSet<&str> = table.lines().collect();
    let values: BTreeMap<&str, u64> = table
        .lines()
        .filter_map(|line| line.strip_prefix("const ")?.split_once(' '))
        .map(|(name, value)| {
            (
                name,
                u64::from_str_radix(value.trim_start_matches("0x"), 16).unwrap(),
            )
        })
        .collect();
    let mut wrong = Vec::new();
    for Constant { c, value, bits } in &listed.constants {
        // C knows many constants as `int`: bit 31 of one may be a sign to it and a flag to us.
        let narrow = |v: u64| v << (64 - bits) >> (64 - bits);
        let fits = |v: u64| v == narrow(v) || (v as i64) << (64 - bits) >> (64 - bits) == v as i64;
        match values.get(c) {
            Some(&header) if narrow(header) == narrow(*value) && fits(header) => {}
            header => wrong.push(format!("{c} is {value:#x}, not {header:#x?}")),
        }
    }
    let mut expect = |line: String| {
        if !lines.contains(line.as_str()) {
            wrong.push(line);
        }
    };
    for Structure { c, size, fields } in &listed.structures {
        expect(format!("sizeof {c} {size}"));
        for field in fields {
            expect(format!(
                "field {c} {} {} {}",
                field.offset, field.size, field.c
            ));
        }
    }
    wrong
}

#[test]
fn the_crate_agrees_with_the_kept_table() {
    let wrong = differences(&listed(), &kept_table());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_kept_table_agrees_with_the_headers() {
    let Some(table) = table_of_headers(&listed()) else {
        eprintln!("no headers or no compiler: the kept table is taken on trust");
        return;
    };
    if env::var_os("XENOLITH_BLESS").is_some() {
        fs::write(file("tests/golden.txt"), &table).unwrap();
    }
    let kept = kept_table();
    for (number, (header, kept)) in table.lines().zip(kept.lines()).enumerate() {
        assert_eq!(header, kept, "line {} of tests/golden.txt", number + 1);
    }
    assert_eq!(table.lines().count(), kept.lines().count());
}

#[test]
fn a_wrong_table_is_noticed() {
    let table = kept_table();
    let tampered = table.replacen(
        "sizeof struct start_info 1168",
        "sizeof struct start_info 1160",
        1,
    );
    assert_eq!(
        differences(&listed(), &tampered),
        ["sizeof struct start_info 1168"]
    );
    let tampered = table.replacen("const EVTCHNOP_send 0x4", "const EVTCHNOP_send 0x5", 1);
    assert_eq!(differences(&listed(), &tampered).len(), 1);
}

#[test]
fn no_error_number_is_missing() {
    let Ok(header) = fs::read_to_string(Path::new(HEADERS).join("errno.h")) else {
        return;
    };
    let known: BTreeSet<&str> = error_numbers()
        .iter()
        .filter_map(|number| number.c.strip_prefix("XEN_"))
        .collect();
    let missing: Vec<&str> = header
        .lines()
        .filter_map(|line| line.strip_prefix("XEN_ERRNO(")?.split_once(','))
        .map(|(name, _)| name)
        .filter(|name| !known.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Macros of the headers that aren't constants of the interface: how C spells types, old names
/// for what has a new one, switches of the preprocessor.
const LEFT_OUT: &[&str] = &[
    "COMPAT_FLEX_ARRAY_DIM",
    "GNTTABOP_error_msgs",
    "MAX_UNION_SIZE",
    "PRI_xen_pfn",
    "PRI_xen_ulong",
    "PRIu_xen_pfn",
    "XEN_CPUID",
    "XEN_HAVE_PV_GUEST_ENTRY",
    "XEN_HAVE_PV_UPCALL_MASK",
    "__HYPERVISOR_VIRT_END",
    "__HYPERVISOR_VIRT_START",
    "int64_aligned_t",
    "machine_to_phys_mapping",
    "uint64_aligned_t",
    "xen_vga_console_info",
    "xen_vga_console_info_t",
    "xen_wc_sec_hi",
];

#[test]
fn nothing_of_the_headers_is_missing() {
    if !headers_are_there() {
        return;
    }
    let macros = |headers: &[&str]| -> BTreeSet<String> {
        let mut c = String::from(PRELUDE);
        headers
            .iter()
            .for_each(|header| c.push_str(&format!("#include <xen/{header}>\n")));
        let dir = scratch("macros");
        let source = dir.join("macros.c");
        fs::write(&source, c).unwrap();
        let listed = Command::new("cc")
            .args(["-E", "-dM"])
            .arg(&source)
            .output()
            .unwrap();
        fs::remove_dir_all(&dir).unwrap();
        let names = String::from_utf8(listed.stdout).unwrap();
        names
            .lines()
            .filter_map(|line| line.strip_prefix("#define ")?.split_once(' '))
            .filter(|(name, value)| !name.contains('(') && !value.is_empty())
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    let known: BTreeSet<&str> = NAMES.iter().chain(OURS).copied().collect();
    let missing: Vec<String> = macros(INCLUDES)
        .difference(&macros(&[]))
        // A leading underscore marks the number of a bit whose mask has the name without it.
        .filter(|name| !name.starts_with('_') || name.starts_with("__HYPERVISOR"))
        .filter(|name| {
            !known.contains(name.to_uppercase().as_str()) && !LEFT_OUT.contains(&name.as_str())
        })
        .cloned()
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// What the crate adds to the headers, or spells from a number that they give to Xen alone.
const OURS: &[&str] = &[
    "E820_RAM",
    "E820_RESERVED",
    "E820_ACPI",
    "E820_NVS",
    "E820_UNUSABLE",
    "EVTCHNOP_RESET_CONT",
    "FEATURESET",
    "IOREQ_DATA_IS_PTR",
    "IOREQ_DF",
    "IOREQ_DIR",
    "IOREQ_STATE_MASK",
    "MEMOP_CMD_MASK",
    "MEMOP_EXTENT_SHIFT",
    "TI_DPL_MASK",
    "TI_MASK_EVENTS",
    "VERSION",
    "XEN_DOMCTL_SOFT_RESET_CONT",
    "XEN_EMULATE_PREFIX",
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn no_constant_escapes_the_table() {
    let listed: BTreeSet<&str> = NAMES.iter().chain(OURS).copied().collect();
    let mut files = Vec::new();
    sources(&file("src"), &mut files);
    let mut escaped = Vec::new();
    for path in files {
        let source = fs::read_to_string(&path).unwrap();
        for line in source.lines() {
            // Constants of an implementation are indented; only those of a module count.
            let Some(rest) = line.strip_prefix("pub const ") else {
                continue;
            };
            let Some((name, _)) = rest.split_once(':').filter(|(name, _)| !name.contains('('))
            else {
                continue;
            };
            if !listed.contains(name) {
                escaped.push(name.to_owned());
            }
        }
    }
    assert!(escaped.is_empty(), "{escaped:#?}");
}
