//! A person at the serial console: a shell in dom0, and the hypervisor's debug keys.

use super::{BOOT, Checks, Ctx, Dom0, POWER_OFF, Test};
use crate::error::Result;
use crate::qemu::Machine;
use std::time::Duration;

const ANSWER: Duration = Duration::from_secs(30);
const SWITCH: &[u8] = b"\x01\x01\x01";

/// The tests of this file.
pub fn tests() -> Vec<Test> {
    vec![Test::new("console", console)]
}

fn console(ctx: &Ctx, checks: &mut Checks) -> Result<()> {
    let mut guest = ctx.boot(&Machine::default(), &Dom0::default())?;
    let session = &mut guest.session;
    session.expect("XT-SHELL dom0", BOOT)?;
    session.expect("dom0# ", BOOT)?;
    session.send("echo sum $((40 + 2))")?;
    checks.check(
        "the shell answers",
        session.expect("sum 42", ANSWER).is_ok(),
    );
    // A single Ctrl-a belongs to dom0: the line editor goes to the start of the line.
    session.type_keys(b"forward\x01echo moved-\n")?;
    let moved = session.expect("moved-forward", ANSWER);
    checks.check("a single Ctrl-a reaches dom0", moved.is_ok());

    session.type_keys(SWITCH)?;
    let switched = session.expect("erial input to Xen", ANSWER);
    checks.check(
        "Ctrl-a three times goes to the hypervisor",
        switched.is_ok(),
    );
    session.type_keys(b"h")?;
    let help = session.expect("key 'R'", ANSWER);
    checks.check("h lists the debug keys", help.is_ok());
    session.type_keys(b"q")?;
    let domains = session.expect("(XEN)", ANSWER);
    checks.check("q shows domains", domains.is_ok());
    session.type_keys(SWITCH)?;
    let back = session.expect("erial input to DOM0", ANSWER);
    checks.check("Ctrl-a three times comes back", back.is_ok());
    session.send("")?;
    session.send("echo back $((1 + 1))")?;
    checks.check(
        "dom0's shell is there again",
        session.expect("back 2", ANSWER).is_ok(),
    );
    session.send("exit")?;
    checks.check(
        "leaving the shell powers off",
        session.wait_end(POWER_OFF)?.success(),
    );
    Ok(())
}
