use crate::fake::{Event, FakeCpu};
use crate::{
    Exception, Gpr, Outcome, Refusal, STRING_STEP, Stop, Width, forced, privileged, rflags,
};

const RAX: usize = 0;
const RCX: usize = 1;
const RDX: usize = 2;
const RBX: usize = 3;
const RSI: usize = 6;
const RDI: usize = 7;

/// Runs one instruction that must complete.
fn run(code: &[u8], prepare: impl FnOnce(&mut FakeCpu)) -> FakeCpu {
    let mut cpu = FakeCpu::new(code);
    prepare(&mut cpu);
    let rip = cpu.rip;
    assert_eq!(privileged(&mut cpu), Outcome::Done, "{code:x?}");
    assert_eq!(cpu.rip, rip + code.len() as u64, "{code:x?}");
    cpu
}

fn result(code: &[u8], prepare: impl FnOnce(&mut FakeCpu)) -> Outcome {
    let mut cpu = FakeCpu::new(code);
    prepare(&mut cpu);
    let before = cpu.clone();
    let outcome = privileged(&mut cpu);
    assert_eq!((cpu.gprs, cpu.rip), (before.gprs, before.rip), "{code:x?}");
    outcome
}

#[test]
fn ports_of_every_width() {
    let full = |cpu: &mut FakeCpu| {
        cpu.gprs[RAX] = 0xaaaa_bbbb_cccc_dddd;
        cpu.gprs[RDX] = 0x9999_03f8;
    };
    for (code, event, rax) in [
        (
            &[0xe4u8, 0x71][..],
            Event::In(0x71, Width::Byte),
            0xaaaa_bbbb_cccc_dd21u64,
        ),
        (
            &[0x66, 0xe5, 0xf0],
            Event::In(0xf0, Width::Word),
            0xaaaa_bbbb_cccc_4321,
        ),
        (&[0xe5, 0xf0], Event::In(0xf0, Width::Dword), 0x8765_4321),
        (
            &[0xec],
            Event::In(0x3f8, Width::Byte),
            0xaaaa_bbbb_cccc_dd21,
        ),
        (
            &[0x66, 0xed],
            Event::In(0x3f8, Width::Word),
            0xaaaa_bbbb_cccc_4321,
        ),
        (&[0xed], Event::In(0x3f8, Width::Dword), 0x8765_4321),
        (&[0x48, 0xed], Event::In(0x3f8, Width::Dword), 0x8765_4321),
        (
            &[0xe6, 0x70],
            Event::Out(0x70, Width::Byte, 0xdd),
            0xaaaa_bbbb_cccc_dddd,
        ),
        (
            &[0x66, 0xe7, 0x70],
            Event::Out(0x70, Width::Word, 0xdddd),
            0xaaaa_bbbb_cccc_dddd,
        ),
        (
            &[0xee],
            Event::Out(0x3f8, Width::Byte, 0xdd),
            0xaaaa_bbbb_cccc_dddd,
        ),
        (
            &[0xef],
            Event::Out(0x3f8, Width::Dword, 0xcccc_dddd),
            0xaaaa_bbbb_cccc_dddd,
        ),
    ] {
        let cpu = run(code, full);
        assert_eq!(cpu.events, [event]);
        assert_eq!(cpu.gprs[RAX], rax, "{code:x?}");
    }
}

#[test]
fn user_code_may_ask_for_ports_but_not_for_registers() {
    let cpu = run(&[0xec], |cpu| cpu.kernel = false);
    assert_eq!(cpu.events, [Event::In(0, Width::Byte)]);
    for code in [
        &[0x0fu8, 0x32][..],
        &[0x0f, 0x30],
        &[0x0f, 0x20, 0xd8],
        &[0x0f, 0x06],
        &[0x0f, 0x09],
        &[0xf4],
        &[0x0f, 0x01, 0xd1],
        &[0x0f, 0x01, 0x3f],
    ] {
        let refused = result(code, |cpu| cpu.kernel = false);
        assert_eq!(refused, Outcome::Refused(Refusal::UserMode), "{code:x?}");
    }
}

#[test]
fn string_input_stops_at_the_limit_and_goes_on() {
    let mut cpu = FakeCpu::new(&[0xf3, 0x6c]);
    cpu.gprs[RCX] = u64::from(STRING_STEP) + 3;
    cpu.gprs[RDI] = cpu.base;
    assert_eq!(privileged(&mut cpu), Outcome::Again);
    assert_eq!(cpu.gprs[RCX], 3);
    assert_eq!(cpu.gprs[RDI], cpu.base + u64::from(STRING_STEP));
    let rip = cpu.rip;
    assert_eq!(privileged(&mut cpu), Outcome::Done);
    assert_eq!((cpu.gprs[RCX], cpu.rip), (0, rip + 2));
    let filled = cpu.memory.iter().take_while(|b| **b == 0x21).count();
    assert_eq!(filled, STRING_STEP as usize + 3);
}

#[test]
fn a_port_is_not_read_for_memory_that_cannot_take_it() {
    let mut cpu = FakeCpu::new(&[0xf3, 0x6d]);
    cpu.gprs[RCX] = 3;
    cpu.gprs[RDI] = cpu.base + 4096 - 8;
    assert_eq!(privileged(&mut cpu), Outcome::Again);
    assert_eq!(cpu.gprs[RCX], 1);
    let inputs = |cpu: &FakeCpu| {
        cpu.events
            .iter()
            .filter(|e| matches!(e, Event::In(..)))
            .count()
    };
    assert_eq!(inputs(&cpu), 2);
    let end = cpu.base + 4096;
    let fault = Exception::page_fault(end, 6);
    assert_eq!(privileged(&mut cpu), Outcome::Exception(fault));
    assert_eq!((inputs(&cpu), cpu.gprs[RCX], cpu.gprs[RDI]), (2, 1, end));
}

#[test]
fn string_output_runs_down_with_the_direction_flag() {
    let cpu = run(&[0xf3, 0x66, 0x6f], |cpu| {
        cpu.rflags |= rflags::DF;
        cpu.gprs[RCX] = 2;
        cpu.gprs[RSI] = cpu.base + 2;
        cpu.gprs[RDX] = 0x1f0;
        cpu.memory[..4].copy_from_slice(&[1, 2, 3, 4]);
    });
    let out = |value| Event::Out(0x1f0, Width::Word, value);
    assert_eq!(cpu.events, [out(0x0403), out(0x0201)]);
    assert_eq!(cpu.gprs[RSI], cpu.base - 2);
}

#[test]
fn string_output_honours_a_segment_and_the_address_size() {
    let cpu = run(&[0x65, 0x67, 0x6e], |cpu| {
        cpu.bases[5] = cpu.base;
        cpu.gprs[RSI] = 0xffff_ffff_0000_0005;
        cpu.memory[5] = 0x77;
    });
    assert_eq!(cpu.events, [Event::Out(0, Width::Byte, 0x77)]);
    assert_eq!(cpu.gprs[RSI], 6);
}

#[test]
fn no_repetition_with_a_count_of_zero() {
    let cpu = run(&[0xf3, 0x6e], |cpu| cpu.gprs[RSI] = 0);
    assert!(cpu.events.is_empty());
}

#[test]
fn interrupt_flag_instructions_follow_the_virtual_iopl() {
    for code in [[0xfa], [0xfb]] {
        let cpu = run(&code, |cpu| cpu.iopl = true);
        assert_ne!(cpu.rflags & rflags::IF, 0);
        let denied = result(&code, |cpu| cpu.iopl = false);
        assert_eq!(denied, Outcome::Exception(Exception::GP));
    }
}

#[test]
fn control_and_debug_registers() {
    let cpu = run(&[0x0f, 0x20, 0xdb], |cpu| cpu.crs[3] = 0x1234_5678_9000);
    assert_eq!(cpu.gprs[RBX], 0x1234_5678_9000);
    let cpu = run(&[0x41, 0x0f, 0x22, 0xe7], |cpu| cpu.gprs[15] = 0x6f8);
    assert_eq!(cpu.events, [Event::WriteCr(4, 0x6f8)]);
    let cpu = run(&[0x44, 0x0f, 0x20, 0xc1], |cpu| cpu.crs[8] = 5);
    assert_eq!(
        (cpu.gprs[RCX], &cpu.events[..]),
        (5, &[Event::ReadCr(8)][..])
    );
    let cpu = run(&[0x0f, 0x21, 0xf8], |_| {});
    assert_eq!(cpu.gprs[RAX], 0xd7);
    let cpu = run(&[0x0f, 0x23, 0xc2], |cpu| cpu.gprs[RDX] = 0x4000);
    assert_eq!(cpu.events, [Event::WriteDr(0, 0x4000)]);
    let ud = result(&[0x0f, 0x20, 0xc8], |_| {});
    assert!(matches!(
        ud,
        Outcome::Exception(Exception::UD) | Outcome::Refused(_)
    ));
}

#[test]
fn task_switched_and_machine_status() {
    let cpu = run(&[0x0f, 0x06], |cpu| cpu.crs[0] = 0x8005_003b);
    assert_eq!(cpu.events[1..], [Event::WriteCr(0, 0x8005_0033)]);
    // lmsw sets TS, and can't clear PE.
    let cpu = run(&[0x0f, 0x01, 0xf0], |cpu| {
        cpu.crs[0] = 0x8005_0033;
        cpu.gprs[RAX] = 0xffff_fff8;
    });
    assert_eq!(cpu.events[1..], [Event::WriteCr(0, 0x8005_0039)]);
    let cpu = run(&[0x0f, 0x01, 0x30], |cpu| {
        cpu.gprs[RAX] = cpu.base;
        cpu.memory[0] = 0xa;
    });
    assert_eq!(cpu.events[1..], [Event::WriteCr(0, 0xa)]);
    let cpu = run(&[0x0f, 0x01, 0xe3], |cpu| cpu.crs[0] = 0x8005_0033);
    assert_eq!(cpu.gprs[RBX], 0x8005_0033);
}

#[test]
fn descriptor_tables_look_the_same_everywhere() {
    let cpu = run(&[0x0f, 0x01, 0x07], |cpu| {
        cpu.kernel = false;
        cpu.gprs[RDI] = cpu.base;
    });
    assert_eq!(
        cpu.memory[..10],
        [0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff]
    );
}

#[test]
fn model_specific_registers_split_over_two() {
    let cpu = run(&[0x0f, 0x32], |cpu| cpu.gprs[RCX] = 0xffff_ffff_c000_0080);
    assert_eq!(cpu.events, [Event::Rdmsr(0xc000_0080)]);
    assert_eq!((cpu.gprs[RDX], cpu.gprs[RAX]), (0x1122_3344, 0x5566_7788));
    let cpu = run(&[0x0f, 0x30], |cpu| {
        cpu.gprs[RCX] = 0x10;
        cpu.gprs[RDX] = 0xffff_ffff_0000_0001;
        cpu.gprs[RAX] = 0xffff_ffff_0000_0002;
    });
    assert_eq!(cpu.events, [Event::Wrmsr(0x10, 0x1_0000_0002)]);
}

#[test]
fn counters_and_extended_control() {
    let cpu = run(&[0x0f, 0x31], |_| {});
    assert_eq!((cpu.gprs[RDX], cpu.gprs[RAX]), (0x0123_4567, 0x89ab_cdef));
    let cpu = run(&[0x0f, 0x01, 0xf9], |_| {});
    assert_eq!((cpu.gprs[RDX], cpu.gprs[RCX]), (0x0123_4567, 0x55));
    let cpu = run(&[0x0f, 0x33], |cpu| cpu.gprs[RCX] = 2);
    assert_eq!((cpu.gprs[RDX], cpu.gprs[RAX]), (0xfe, 0xdcba_9876));
    let cpu = run(&[0x0f, 0x01, 0xd0], |_| {});
    assert_eq!((cpu.gprs[RDX], cpu.gprs[RAX]), (0, 7));
    let cpu = run(&[0x0f, 0x01, 0xd1], |cpu| cpu.gprs[RAX] = 7);
    assert_eq!(cpu.events, [Event::Xsetbv(0, 7)]);
}

#[test]
fn caches_translations_and_halting() {
    assert_eq!(run(&[0x0f, 0x08], |_| {}).events, [Event::Wbinvd]);
    assert_eq!(run(&[0x0f, 0x09], |_| {}).events, [Event::Wbinvd]);
    assert_eq!(run(&[0xf3, 0x0f, 0x09], |_| {}).events, [Event::Wbinvd]);
    assert_eq!(run(&[0xf4], |_| {}).events, [Event::Hlt]);
    let cpu = run(&[0x0f, 0x01, 0x7b, 0x10], |cpu| cpu.gprs[RBX] = 0x7000);
    assert_eq!(cpu.events, [Event::Invlpg(0x7010)]);
}

#[test]
fn the_rest_is_the_guests_fault() {
    for code in [
        &[0x0fu8, 0x01, 0xf8][..], // swapgs
        &[0x0f, 0x01, 0x10],       // lgdt
        &[0x0f, 0x00, 0xd8],       // ltr
        &[0x48, 0xcf],             // iretq
        &[0x90],
        &[0x0f, 0xff, 0xff],
        &[],
        &[0x48],
    ] {
        assert!(
            matches!(result(code, |_| {}), Outcome::Refused(_)),
            "{code:x?}"
        );
    }
}

#[test]
fn stepping_and_the_resume_flag() {
    let mut cpu = FakeCpu::new(&[0x0f, 0x32]);
    cpu.rflags |= rflags::TF | rflags::RF;
    assert_eq!(privileged(&mut cpu), Outcome::Stepped);
    assert_eq!(cpu.rflags & (rflags::TF | rflags::RF), rflags::TF);
    // Each element of a string is a step of its own.
    let mut cpu = FakeCpu::new(&[0xf3, 0x6e]);
    cpu.rflags |= rflags::TF;
    cpu.gprs[RCX] = 2;
    cpu.gprs[RSI] = cpu.base;
    let rip = cpu.rip;
    assert_eq!((privileged(&mut cpu), cpu.rip), (Outcome::Stepped, rip));
    assert_eq!((privileged(&mut cpu), cpu.rip), (Outcome::Stepped, rip + 2));
}

#[test]
fn a_refused_operation_changes_nothing() {
    for stop in [Stop::Refused, Stop::Retry, Exception::GP.into()] {
        let expected = match stop {
            Stop::Refused => Outcome::Refused(Refusal::Virtual),
            Stop::Retry => Outcome::Again,
            Stop::Exception(e) => Outcome::Exception(e),
        };
        for code in [
            &[0xecu8][..],
            &[0xee],
            &[0x0f, 0x32],
            &[0x0f, 0x30],
            &[0x0f, 0x20, 0xc0],
            &[0x0f, 0xa2],
        ] {
            let got = result(code, |cpu| (cpu.budget, cpu.stop) = (0, stop));
            assert_eq!(got, expected, "{code:x?}");
        }
    }
}

#[test]
fn forced_cpuid() {
    let code = [0x0f, 0x0b, b'x', b'e', b'n', 0x0f, 0xa2];
    let mut cpu = FakeCpu::new(&code);
    cpu.rflags |= rflags::RF;
    (cpu.gprs[RAX], cpu.gprs[RCX]) = (0xffff_ffff_4000_0000, 0xffff_ffff_0000_0001);
    let rip = cpu.rip;
    assert_eq!(forced(&mut cpu), Outcome::Done);
    assert_eq!(cpu.events, [Event::Cpuid(0x4000_0000, 1)]);
    assert_eq!((cpu.rip, cpu.rflags & rflags::RF), (rip + 7, 0));
    let got = [RAX, RBX, RCX, RDX].map(|r| cpu.gprs[r]);
    assert_eq!(got, [0xa, 0xb, 0xc, 0xd]);
    for len in 0..code.len() {
        let mut cpu = FakeCpu::new(&code[..len]);
        assert_eq!(forced(&mut cpu), Outcome::Refused(Refusal::Unsupported));
    }
    let mut cpu = FakeCpu::new(&[0x0f, 0x0b, b'x', b'e', b'n', 0x0f, 0x31]);
    assert_eq!(forced(&mut cpu), Outcome::Refused(Refusal::Unsupported));
    // A user's cpuid may fault; the fault is the cpuid's own.
    let mut cpu = FakeCpu::new(&code);
    (cpu.budget, cpu.stop) = (0, Exception::GP.into());
    assert_eq!(forced(&mut cpu), Outcome::Exception(Exception::GP));
    assert_eq!(cpu.rip, rip + 5);
}

#[test]
fn instructions_of_compatibility_mode() {
    let mut cpu = FakeCpu::new(&[0x0f, 0xa2]);
    (cpu.bits, cpu.kernel, cpu.rip) = (32, false, 0xffff_fffe);
    assert_eq!(privileged(&mut cpu), Outcome::Done);
    assert_eq!((cpu.rip, cpu.gprs[RBX]), (0, 0xb));
    assert_eq!(Gpr::new(RBX as u8), Gpr::RBX);
}
