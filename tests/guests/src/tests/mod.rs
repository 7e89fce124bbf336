//! The tests, one topic a file. A topic is a list of named functions; each runs to its end or to its first
//! unexpected trap, and the next one starts all the same.

mod attacks;
mod control;
mod emul;
pub mod events;
mod exchange;
mod fifo;
pub mod grants;
mod maps;
mod memory;
mod mmu;
mod mmuext;
mod platform;
mod ptwr;
mod sched;
mod segments;
mod small;
mod smp;
mod start;
mod state;
mod timers;
mod traps;
mod user;
mod vcpus;
mod version;

use crate::rt::check;
use crate::rt::trap;
use crate::say;

/// A named test.
type Test = (&'static str, fn());

const TOPICS: &[(&str, &[Test])] = &[
    ("start", start::TESTS),
    ("version", version::TESTS),
    ("memory", memory::TESTS),
    ("exchange", exchange::TESTS),
    ("maps", maps::TESTS),
    ("mmu", mmu::TESTS),
    ("mmuext", mmuext::TESTS),
    ("attacks", attacks::TESTS),
    ("ptwr", ptwr::TESTS),
    ("traps", traps::TESTS),
    ("user", user::TESTS),
    ("state", state::TESTS),
    ("emul", emul::TESTS),
    ("segments", segments::TESTS),
    ("events", events::TESTS),
    ("fifo", fifo::TESTS),
    ("timers", timers::TESTS),
    ("sched", sched::TESTS),
    ("small", small::TESTS),
    ("platform", platform::TESTS),
    ("grants", grants::TESTS),
    ("control", control::TESTS),
    ("smp", smp::TESTS),
    ("vcpus", vcpus::TESTS),
];

/// Runs the topics whose names begin with one of the words of `list`, or all, but not those of `skipped`.
pub fn run(list: &str, skipped: &str) {
    let names = |list: &str, topic: &str| {
        list.split(['+', ','])
            .any(|w| !w.is_empty() && topic.starts_with(w))
    };
    for (topic, tests) in TOPICS {
        if !list.is_empty() && !names(list, topic) || names(skipped, topic) {
            continue;
        }
        for (name, test) in *tests {
            say!("# {topic}.{name}");
            if let Err(fault) = trap::catch(test) {
                check::aborted(name, fault);
            }
            trap::set_hook(None);
        }
    }
}
