//! Guests that do anything: nothing panics, every call ends, and the ledger still adds up.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use abi::event_channel::*;
use abi::memory::*;
use abi::vcpu::*;
use abi::xen::*;
use host_tests::{Chaos, Ended, Source, World};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Calls and commands that succeeded, and how often.
type Done = BTreeMap<(u64, u64), u32>;

fn trial(dom0: bool, every: u32, bytes: &[u8], done: &mut Done) {
    let world = World::new(384);
    let (own, other) = if dom0 {
        (world.dom0(40), world.guest(1, 16))
    } else {
        (world.guest(1, 40), world.guest(2, 16))
    };
    world
        .hv
        .machine
        .preempt_every
        .store(every, Ordering::Relaxed);
    let chaos = Chaos::new(&own, &other);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let mut source = Source::new(bytes);
        let each = std::env::var_os("XENOLITH_AUDIT_EACH").is_some();
        while !source.is_empty() {
            let did = chaos.step(&mut source);
            if each {
                println!("{did:x?}");
                world.audit();
            }
            if let Some(did) = did.filter(|d| d.answer >= 0) {
                *done.entry((did.number, did.command)).or_default() += 1;
            }
        }
    }));
    match ended {
        Ok(()) => {}
        // A control domain may end the machine.
        Err(panic) if dom0 && panic.is::<Ended>() => {}
        Err(panic) => std::panic::resume_unwind(panic),
    }
    world.audit();
}

fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("XENOLITH_PROPTEST_CASES")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(default);
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..3000)
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn guests_break_nothing(bytes in bytes(), every in 0u32..6) {
        trial(false, every, &bytes, &mut Done::new());
    }

    #[test]
    fn dom0_breaks_nothing(bytes in bytes(), every in 0u32..6) {
        trial(true, every, &bytes, &mut Done::new());
    }
}

/// What is random must still get somewhere, or nothing is tested.
#[test]
fn steps_have_effects() {
    let mut runner = TestRunner::deterministic();
    let mut done = Done::new();
    for n in 0..60 {
        let steps = bytes().new_tree(&mut runner).unwrap().current();
        trial(n % 2 == 0, 0, &steps, &mut done);
    }
    let pins = [
        MMUEXT_PIN_L1_TABLE,
        MMUEXT_PIN_L2_TABLE,
        MMUEXT_PIN_L3_TABLE,
        MMUEXT_PIN_L4_TABLE,
    ];
    let tables = pins
        .into_iter()
        .chain([MMUEXT_NEW_BASEPTR, MMUEXT_NEW_USER_BASEPTR]);
    let memory = [
        XENMEM_INCREASE_RESERVATION,
        XENMEM_DECREASE_RESERVATION,
        XENMEM_POPULATE_PHYSMAP,
        XENMEM_EXCHANGE,
    ];
    let events = [EVTCHNOP_ALLOC_UNBOUND, EVTCHNOP_BIND_PIRQ, EVTCHNOP_RESET];
    let wanted = (tables.map(|c| (__HYPERVISOR_MMUEXT_OP, c)))
        .chain(memory.map(|c| (__HYPERVISOR_MEMORY_OP, c)))
        .chain(events.map(|c| (__HYPERVISOR_EVENT_CHANNEL_OP, c)))
        .chain([VCPUOP_DOWN, VCPUOP_IS_UP].map(|c| (__HYPERVISOR_VCPU_OP, c)))
        .chain([
            (__HYPERVISOR_MMU_UPDATE, 0),
            (__HYPERVISOR_UPDATE_VA_MAPPING, 0),
            (__HYPERVISOR_SET_GDT, 0),
        ]);
    for (number, command) in wanted {
        assert!(
            done.contains_key(&(number, command.into())),
            "call {number} never succeeded at {command}"
        );
    }
}
