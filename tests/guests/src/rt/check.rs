//! What tests say: one line for each answer, and the two counts.

use super::cell::Global;
use crate::say;
use abi::Errno;
use core::fmt;

static PASSED: Global<u64> = Global::new(0);
static FAILED: Global<u64> = Global::new(0);

/// A hypercall's answer, printed by name where it has one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Answer(pub i64);

impl From<i64> for Answer {
    fn from(v: i64) -> Self {
        Self(v)
    }
}

impl From<Errno> for Answer {
    fn from(e: Errno) -> Self {
        Self(e.to_ret())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.0 < 0 {
            ERRNOS
                .iter()
                .find(|e| e.to_ret() == self.0)
                .and_then(|e| e.name())
        } else {
            None
        };
        match name {
            Some(name) => write!(f, "-{name}"),
            None if self.0.unsigned_abs() < 4096 => write!(f, "{}", self.0),
            None => write!(f, "{:#x}", self.0),
        }
    }
}

/// All that the tests expect by name.
const ERRNOS: &[Errno] = &[
    Errno::EPERM,
    Errno::ENOENT,
    Errno::ESRCH,
    Errno::EIO,
    Errno::ENXIO,
    Errno::E2BIG,
    Errno::EBADF,
    Errno::EAGAIN,
    Errno::ENOMEM,
    Errno::EACCES,
    Errno::EFAULT,
    Errno::EBUSY,
    Errno::EEXIST,
    Errno::EXDEV,
    Errno::ENODEV,
    Errno::EINVAL,
    Errno::ENOSPC,
    Errno::EROFS,
    Errno::EDOM,
    Errno::ERANGE,
    Errno::ENOSYS,
    Errno::ENODATA,
    Errno::ETIME,
    Errno::EOVERFLOW,
    Errno::EILSEQ,
    Errno::ERESTART,
    Errno::EOPNOTSUPP,
    Errno::ENOBUFS,
];

fn report(name: impl fmt::Display, got: fmt::Arguments<'_>, want: fmt::Arguments<'_>, good: bool) {
    if good {
        PASSED.bump();
        say!("ok {name}: {got}");
    } else {
        FAILED.bump();
        say!("FAIL {name}: expected {want} got {got}");
    }
}

/// A hypercall's return value.
pub fn ret(name: impl fmt::Display, got: i64, want: impl Into<Answer>) {
    let (got, want) = (Answer(got), want.into());
    report(
        name,
        format_args!("{got}"),
        format_args!("{want}"),
        got == want,
    );
}

/// A grant operation's status (`enum grant_status`, `grant_table.h`).
pub fn status(name: impl fmt::Display, got: i64, want: i64) {
    report(
        name,
        format_args!("GNTST {got}"),
        format_args!("GNTST {want}"),
        got == want,
    );
}

/// Addresses in the guest's part of the address space where nothing is mapped.
pub const UNMAPPED_POINTERS: &[(&str, u64)] = &[
    ("null", 0),
    ("unmapped", 0x1234_5678_9000),
    ("top", 0xffff_ffff_ffff_fff8),
];

/// Addresses outside the guest's part, the non-canonical hole included. That the guest may read the
/// machine-to-physical table does not make it an argument.
pub const FORBIDDEN_POINTERS: &[(&str, u64)] = &[
    ("m2p", super::paging::M2P),
    ("hypervisor", 0xffff_8300_0010_0000),
    ("hypervisor_end", 0xffff_87ff_ffff_fff8),
    ("non_canonical", 0x8000_0000_0000_0000),
];

/// Every bad pointer gets the same answer.
pub fn bad_pointers(name: impl fmt::Display, want: impl Into<Answer>, f: impl FnMut(u64) -> i64) {
    let want = want.into();
    bad_pointers_apart(name, want, want, f);
}

/// Unmapped and forbidden pointers get different answers: the second kind is refused before any other check.
pub fn bad_pointers_apart(
    name: impl fmt::Display,
    unmapped: impl Into<Answer>,
    forbidden: impl Into<Answer>,
    mut f: impl FnMut(u64) -> i64,
) {
    let (unmapped, forbidden) = (unmapped.into(), forbidden.into());
    for (what, ptr) in UNMAPPED_POINTERS {
        ret(format_args!("{name}.pointer.{what}"), f(*ptr), unmapped);
    }
    for (what, ptr) in FORBIDDEN_POINTERS {
        ret(format_args!("{name}.pointer.{what}"), f(*ptr), forbidden);
    }
}

/// A number that is part of the contract.
pub fn eq(name: impl fmt::Display, got: u64, want: u64) {
    report(
        name,
        format_args!("{got:#x}"),
        format_args!("{want:#x}"),
        got == want,
    );
}

/// A number that depends on where things lie in the machine: it shows only on failure.
pub fn same(name: impl fmt::Display, got: u64, want: u64) {
    if got == want {
        is(name, true);
    } else {
        eq(name, got, want);
    }
}

/// A condition.
pub fn is(name: impl fmt::Display, good: bool) {
    report(name, format_args!("{good}"), format_args!("true"), good);
}

/// A condition about a number that differs from run to run; the number shows only on failure.
pub fn that(name: impl fmt::Display, value: u64, good: bool) {
    if good {
        is(name, true);
    } else {
        report(
            name,
            format_args!("{value:#x} ({value})"),
            format_args!("another value"),
            false,
        );
    }
}

/// A test that ended by a trap nobody wanted.
pub fn aborted(name: impl fmt::Display, fault: super::trap::Fault) {
    FAILED.bump();
    say!(
        "FAIL {name}: trap {} error {:#x} at {:#x} cr2 {:#x}",
        fault.vector,
        fault.error,
        fault.rip,
        fault.cr2
    );
}

pub fn counts() -> (u64, u64) {
    (PASSED.get(), FAILED.get())
}
