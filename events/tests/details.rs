//! Single points of the ABI that the random tests don't aim at.

mod common;

use std::sync::atomic::Ordering::SeqCst;

use abi::event_channel::EvtchnStatus;
use common::*;
use events::{Error, Layout, Notify, Poll, PortTable, VcpuInfo};
use units::{DomId, FrameAccess, Mfn, VcpuId};

fn table(vcpus: u32) -> (Ram, PortTable) {
    let ram = Ram::new();
    let mut table = PortTable::new(DomId(3), SHARED_INFO, Layout::Bits64, 8).unwrap();
    for _ in 0..vcpus {
        table.add_vcpu().unwrap();
    }
    (ram, table)
}

fn upcall(vcpu: u32) -> Notify {
    Notify {
        upcall: Some(VcpuId(vcpu)),
        woken: false,
    }
}

#[test]
fn two_level_bits_are_where_the_header_has_them() {
    for (layout, mask_at, selector) in [
        (Layout::Bits64, 2560, 64 + 8),
        (Layout::Bits32, 2176, 64 + 4),
    ] {
        let (ram, mut table) = table(2);
        table.set_layout(layout);
        let mut port = 0;
        while port < 77 {
            port = table.bind_ipi(&ram, VcpuId(1)).unwrap();
        }
        assert_eq!(table.set_pending(&ram, 77), upcall(1));
        let mut byte = [0];
        ram.read_bytes(SHARED_INFO, 2048 + 77 / 8, &mut byte);
        assert_eq!(byte, [1 << (77 % 8)]);
        ram.read_bytes(SHARED_INFO, selector, &mut byte);
        let width = if layout == Layout::Bits64 { 64 } else { 32 };
        assert_eq!(byte, [1 << (77 / width)]);
        ram.read_bytes(SHARED_INFO, 64, &mut byte);
        assert_eq!(byte, [1]);
        // Masked: pending, no upcall; unmasking through the hypervisor brings it.
        ram.write_bytes(SHARED_INFO, 64, &[0; 16]);
        ram.write_bytes(SHARED_INFO, mask_at + 76 / 8, &[1 << (76 % 8)]);
        assert_eq!(table.set_pending(&ram, 76), Notify::NONE);
        assert!(table.is_pending(&ram, 76) && table.is_masked(&ram, 76));
        assert_eq!(table.unmask(&ram, 76).unwrap().notify, upcall(1));
        assert!(!table.is_masked(&ram, 76));
    }
}

#[test]
fn fifo_words_and_control_block_are_where_the_header_has_them() {
    let (ram, mut table) = table(2);
    enter_fifo(&mut table, &ram, 2, 1);
    let a = table.bind_ipi(&ram, VcpuId(1)).unwrap();
    let b = table.bind_ipi(&ram, VcpuId(1)).unwrap();
    for port in [a, b] {
        table.set_priority(port, 3).unwrap();
        let _ = table.unmask(&ram, port).unwrap();
    }
    assert_eq!(table.set_pending(&ram, a), upcall(1));
    assert_eq!(table.set_pending(&ram, b), Notify::NONE);
    assert_eq!(event_word(&ram, a).load(), PENDING | LINKED | b);
    assert_eq!(event_word(&ram, b).load(), PENDING | LINKED);
    let (frame, offset) = control_block(1);
    let mut bytes = [0; 72];
    ram.read_bytes(frame, offset as usize, &mut bytes);
    assert_eq!(bytes[..4], (1u32 << 3).to_le_bytes());
    assert_eq!(bytes[8 + 3 * 4..][..4], a.to_le_bytes());
    assert_eq!(bytes.iter().filter(|b| **b != 0).count(), 2);
}

#[test]
fn a_port_is_not_reused_while_it_is_queued() {
    let (ram, mut table) = table(1);
    enter_fifo(&mut table, &ram, 1, 1);
    let port = table.bind_ipi(&ram, VcpuId(0)).unwrap();
    let _ = table.unmask(&ram, port).unwrap();
    let _ = table.set_pending(&ram, port);
    table.close(&ram, port, events::Peer::None).unwrap();
    assert_eq!(event_word(&ram, port).load(), LINKED);
    assert_eq!(table.bind_ipi(&ram, VcpuId(0)), Ok(port + 1));
    event_word(&ram, port).clear(LINKED);
    assert_eq!(table.bind_ipi(&ram, VcpuId(0)), Ok(port));
}

#[test]
fn events_of_the_two_level_days_survive_the_change_to_fifo() {
    let (ram, mut table) = table(1);
    let port = table.bind_ipi(&ram, VcpuId(0)).unwrap();
    let other = table.bind_ipi(&ram, VcpuId(0)).unwrap();
    let _ = table.set_pending(&ram, port);
    ram.write_bytes(SHARED_INFO, 0, &[0; 16]);
    table
        .init_control(&ram, VcpuId(0), Mfn::new(CONTROL), 0)
        .unwrap();
    assert_eq!(table.set_pending(&ram, other), Notify::NONE);
    let mut raised = vec![];
    table
        .expand_array(&ram, Mfn::new(ARRAY), |n| raised.push(n))
        .unwrap();
    assert_eq!(raised, [upcall(0), Notify::NONE]);
    assert_eq!(event_word(&ram, port).load(), PENDING | LINKED | other);
}

#[test]
fn control_blocks_and_array_pages_have_limits() {
    let (ram, mut table) = table(2);
    let mfn = Mfn::new(CONTROL);
    assert_eq!(
        table.expand_array(&ram, mfn, |_| {}),
        Err(Error::NoEventArray)
    );
    assert_eq!(
        table.init_control(&ram, VcpuId(2), mfn, 0),
        Err(Error::NoSuchVcpu)
    );
    assert_eq!(
        table.init_control(&ram, VcpuId(0), mfn, 4),
        Err(Error::BadOffset)
    );
    assert_eq!(
        table.init_control(&ram, VcpuId(0), mfn, 4032),
        Err(Error::BadOffset)
    );
    assert!(!table.is_fifo());
    table.init_control(&ram, VcpuId(0), mfn, 4024).unwrap();
    assert_eq!(
        table.init_control(&ram, VcpuId(0), mfn, 0),
        Err(Error::ControlBlockSet)
    );
    for page in 0..128 {
        table
            .expand_array(&ram, Mfn::new(ARRAY + page), |_| {})
            .unwrap();
    }
    assert_eq!(
        table.expand_array(&ram, mfn, |_| {}),
        Err(Error::EventArrayFull)
    );
    // Leaving gives every frame back once.
    let mut frames = vec![];
    table.leave_fifo(|frame| frames.push(frame));
    let expected = (0..128).map(|p| Mfn::new(ARRAY + p));
    assert_eq!(
        frames,
        [mfn].into_iter().chain(expected).collect::<Vec<_>>()
    );
    assert!(!table.is_fifo());
    table.leave_fifo(|_| panic!("twice"));
}

#[test]
fn an_event_without_control_block_waits_for_it() {
    let (ram, mut table) = table(2);
    enter_fifo(&mut table, &ram, 1, 1);
    let port = table.bind_ipi(&ram, VcpuId(1)).unwrap();
    event_word(&ram, port).clear(MASKED);
    assert_eq!(table.set_pending(&ram, port), Notify::NONE);
    assert_eq!(event_word(&ram, port).load(), PENDING);
    let (frame, offset) = control_block(1);
    table.init_control(&ram, VcpuId(1), frame, offset).unwrap();
    assert_eq!(table.unmask(&ram, port).unwrap().notify, upcall(1));
}

#[test]
fn vcpu_info_moves_with_its_contents_and_everything_pending() {
    let (ram, mut table) = table(34);
    ram.write_bytes(SHARED_INFO, 64, &[0, 1]);
    ram.write_bytes(SHARED_INFO, 64 + 16, &[0xcc; 48]);
    let place = Mfn::new(INFO);
    assert_eq!(
        table.register_vcpu_info(&ram, VcpuId(1), place, 4040),
        Err(Error::BadOffset)
    );
    assert_eq!(
        table.register_vcpu_info(&ram, VcpuId(1), place, 4),
        Err(Error::BadOffset)
    );
    assert_eq!(
        table.register_vcpu_info(&ram, VcpuId(34), place, 0),
        Err(Error::NoSuchVcpu)
    );
    assert_eq!(
        table.register_vcpu_info(&ram, VcpuId(1), place, 4032),
        Ok(upcall(1))
    );
    let mut bytes = [0; 64];
    ram.read_bytes(place, 4032, &mut bytes);
    assert_eq!(bytes[..2], [1, 1]);
    assert_eq!(bytes[8..16], [0xff; 8]);
    assert_eq!(bytes[16..], [0xcc; 48]);
    assert_eq!(
        table.register_vcpu_info(&ram, VcpuId(1), place, 0),
        Err(Error::VcpuInfoSet)
    );
    // A vCPU beyond the legacy ones hears nothing until it has a place.
    let port = table.bind_ipi(&ram, VcpuId(33)).unwrap();
    assert_eq!(table.vcpu_info(VcpuId(33)), None);
    assert_eq!(table.set_pending(&ram, port), Notify::NONE);
    assert_eq!(
        table.register_vcpu_info(&ram, VcpuId(33), place, 0),
        Ok(upcall(33))
    );
    let info = table.vcpu_info(VcpuId(33)).unwrap();
    assert!(info.is_pending(&ram) && info.is_masked(&ram) && !info.wants_upcall(&ram));
    info.unmask(&ram);
    assert!(info.wants_upcall(&ram));
    info.mask(&ram);
    assert!(!info.wants_upcall(&ram));
    assert_eq!((info.frame(), info.offset()), (place, 0));
    let mut frames = vec![];
    table.forget_vcpu_infos(|f| frames.push(f));
    assert_eq!(frames, [place, place]);
    assert_eq!(table.vcpu_info(VcpuId(33)), None);
    assert_eq!(
        table.vcpu_info(VcpuId(1)),
        VcpuInfo::new(SHARED_INFO, 64).ok()
    );
}

#[test]
fn pollers_wake_for_their_port_or_for_any() {
    for fifo in [false, true] {
        let (ram, mut table) = table(4);
        if fifo {
            enter_fifo(&mut table, &ram, 4, 1);
        }
        let a = table.bind_ipi(&ram, VcpuId(0)).unwrap();
        let b = table.bind_ipi(&ram, VcpuId(0)).unwrap();
        assert_eq!(table.poll(&ram, VcpuId(1), &[a]), Ok(Poll::Waiting));
        assert_eq!(table.poll(&ram, VcpuId(2), &[b]), Ok(Poll::Waiting));
        assert_eq!(table.poll(&ram, VcpuId(3), &[a, b]), Ok(Poll::Waiting));
        assert!(table.set_pending(&ram, a).woken);
        assert_eq!(table.take_woken(), Some(VcpuId(1)));
        assert_eq!(table.take_woken(), Some(VcpuId(3)));
        assert_eq!(table.take_woken(), None);
        // An event that is pending already is no news.
        assert_eq!(table.poll(&ram, VcpuId(3), &[]), Ok(Poll::Waiting));
        assert!(!table.set_pending(&ram, a).woken);
        assert!(table.poll_end(VcpuId(3)) && !table.poll_end(VcpuId(3)));
        assert_eq!(table.poll(&ram, VcpuId(1), &[b, a]), Ok(Poll::Pending));
        assert_eq!(
            table.poll(&ram, VcpuId(1), &[b, 5000]),
            Err(Error::NoSuchPort)
        );
        assert_eq!(
            table.poll(&ram, VcpuId(1), &[b; 129]),
            Err(Error::TooManyPorts)
        );
        assert_eq!(table.poll(&ram, VcpuId(9), &[b]), Err(Error::NoSuchVcpu));
        assert!(table.set_pending(&ram, b).woken);
        assert_eq!(table.take_woken(), Some(VcpuId(2)));
        assert!(!table.poll_end(VcpuId(2)));
    }
}

#[test]
fn status_has_the_headers_form() {
    let (ram, mut table) = table(2);
    let blank = EvtchnStatus {
        dom: 3,
        _pad0: [0; 2],
        port: 0,
        status: 99,
        vcpu: 99,
        u: abi::Union32::ZERO,
    };
    let ask = |table: &PortTable, port| {
        let mut status = blank;
        table.status(port).unwrap().write_status(&mut status);
        (status.status, status.vcpu, status.u.0)
    };
    assert_eq!(ask(&table, 0), (0, 0, [0, 0]));
    assert_eq!(ask(&table, 9), (0, 0, [0, 0]));
    let unbound = table.alloc_unbound(&ram, DomId(3)).unwrap();
    assert_eq!(ask(&table, unbound), (1, 0, [3, 0]));
    let (bound, _) = table.bind_loopback(&ram, unbound).unwrap();
    assert_eq!(ask(&table, bound), (2, 0, [3, unbound]));
    let pirq = table
        .bind_pirq(&ram, 5, false, || Ok::<_, Error>(()))
        .unwrap();
    assert_eq!(ask(&table, pirq), (3, 0, [5, 0]));
    let virq = table.bind_virq(&ram, 1, VcpuId(1)).unwrap();
    assert_eq!(ask(&table, virq), (4, 1, [1, 0]));
    let ipi = table.bind_ipi(&ram, VcpuId(1)).unwrap();
    assert_eq!(ask(&table, ipi), (5, 1, [0, 0]));
}

#[test]
fn the_fast_path_is_short() {
    let (ram, mut table) = table(1);
    enter_fifo(&mut table, &ram, 1, 1);
    let port = table.bind_ipi(&ram, VcpuId(0)).unwrap();
    let _ = table.unmask(&ram, port).unwrap();
    let count = |table: &mut PortTable| {
        let before = ram.accesses.load(SeqCst);
        let _ = table.set_pending(&ram, port);
        ram.accesses.load(SeqCst) - before
    };
    // Event word, head, ready, upcall flag; later, with everything set, the event word alone.
    assert_eq!(count(&mut table), 4);
    assert_eq!(count(&mut table), 1);
}

/// RAM that remembers which words were asked for, in order.
struct Recorder<'r> {
    ram: &'r Ram,
    log: std::cell::RefCell<Vec<(Mfn, usize)>>,
}

impl FrameAccess for Recorder<'_> {
    fn word(&self, frame: Mfn, index: usize) -> &std::sync::atomic::AtomicU64 {
        self.log.borrow_mut().push((frame, index));
        self.ram.word(frame, index)
    }
}

/// The guest clears from the top down, so the hypervisor must set from the bottom up: a thread test
/// would need luck to see the difference.
#[test]
fn shared_words_are_touched_in_the_order_of_the_protocol() {
    let order = |ram: &Ram, table: &mut PortTable, port| {
        let log = std::cell::RefCell::default();
        let recorder = Recorder { ram, log };
        assert_eq!(table.set_pending(&recorder, port), upcall(1));
        let mut log = recorder.log.into_inner();
        log.dedup();
        log
    };
    let (ram, mut table) = table(2);
    let port = table.bind_ipi(&ram, VcpuId(1)).unwrap();
    let (pending, mask) = ((SHARED_INFO, 2048 / 8), (SHARED_INFO, 2560 / 8));
    let (selector, flag) = ((SHARED_INFO, 64 / 8 + 1), (SHARED_INFO, 64 / 8));
    assert_eq!(
        order(&ram, &mut table, port),
        [pending, mask, selector, flag]
    );
    ram.zero(SHARED_INFO);
    enter_fifo(&mut table, &ram, 2, 1);
    let _ = table.unmask(&ram, port).unwrap();
    let (frame, offset) = control_block(1);
    let ready = offset as usize / 8;
    let head = ready + 1 + 7 / 2;
    assert_eq!(
        order(&ram, &mut table, port),
        [(Mfn::new(ARRAY), 0), (frame, head), (frame, ready), flag]
    );
}

#[test]
fn unmasking_an_idle_port_notifies_nobody() {
    for fifo in [false, true] {
        let (ram, mut table) = table(1);
        let abi = if fifo { Abi::Fifo } else { Abi::TwoLevel };
        if fifo {
            enter_fifo(&mut table, &ram, 1, 1);
        }
        let port = table.bind_ipi(&ram, VcpuId(0)).unwrap();
        mask(&ram, abi, port);
        assert_eq!(table.unmask(&ram, port).unwrap().notify, Notify::NONE);
        assert!(!is_masked(&ram, abi, port) && !is_pending(&ram, abi, port));
    }
}

#[test]
fn a_garbage_link_in_the_tail_is_overwritten() {
    let (ram, mut table) = table(1);
    enter_fifo(&mut table, &ram, 1, 1);
    let [a, b] = [0; 2].map(|_| table.bind_ipi(&ram, VcpuId(0)).unwrap());
    for port in [a, b] {
        let _ = table.unmask(&ram, port).unwrap();
    }
    let _ = table.set_pending(&ram, a);
    event_word(&ram, a).set(0x1_5555);
    let _ = table.set_pending(&ram, b);
    assert_eq!(event_word(&ram, a).load(), PENDING | LINKED | b);
}
