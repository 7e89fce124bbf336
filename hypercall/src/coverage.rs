//! `docs/abi-coverage.md`, made from [the table](crate::table::CALLS).

use alloc::string::String;
use core::fmt::{self, Write};

use crate::ops::Op;
use crate::table::{CALLS, Info, Service};

const HEAD: &str = "\
# Coverage of the hypercall interface

Made from `hypercall/src/table.rs` and `hypercall/src/ops.rs`; `XENOLITH_BLESS=1 cargo test -p hypercall` rewrites it, and a
test fails where it is out of date. Another test makes every call listed here as dom0 and compares the answer with what is said.

*Done*: as the interface says. *Partly*: something is missing, and what. An error: always that one, and why, as Xen answers
where it lacks the feature unless another reason is given.

";

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Partly(what) => write!(f, "partly: {what}"),
            Self::Refused(errno, why) => write!(f, "{}: {why}", errno.name().unwrap_or("an error")),
        }
    }
}

/// Sub-operations that are served, of how many.
fn served(ops: &[Op]) -> (usize, usize) {
    let refused = ops
        .iter()
        .filter(|o| matches!(o.service, Service::Refused(..)))
        .count();
    (ops.len() - refused, ops.len())
}

fn summary(out: &mut String) -> fmt::Result {
    out.push_str("| number | call | service | sub-operations served |\n|---|---|---|---|\n");
    for Info {
        number,
        name,
        service,
        ops,
    } in CALLS
    {
        write!(out, "| {number} | `{name}` | {service} | ")?;
        match served(ops) {
            (_, 0) => out.push_str("|\n"),
            (some, all) => writeln!(out, "{some} of {all} |")?,
        }
    }
    Ok(())
}

fn details(out: &mut String) -> fmt::Result {
    for (at, info) in CALLS.iter().enumerate().filter(|(_, i)| !i.ops.is_empty()) {
        writeln!(out, "\n## `{}` ({})\n", info.name, info.number)?;
        // Old forms share the list of the new one.
        let same = |c: &&Info| core::ptr::eq(c.ops, info.ops);
        if let Some(before) = CALLS.iter().take(at).find(same) {
            writeln!(out, "As `{}`.", before.name)?;
            continue;
        }
        out.push_str("| number | sub-operation | service |\n|---|---|---|\n");
        for Op {
            number,
            name,
            service,
        } in info.ops
        {
            writeln!(out, "| {number} | `{name}` | {service} |")?;
        }
    }
    Ok(())
}

/// The text of the document.
pub fn coverage() -> String {
    let mut out = String::from(HEAD);
    // Writing to a string can't fail.
    let _ = summary(&mut out);
    let _ = details(&mut out);
    out
}
