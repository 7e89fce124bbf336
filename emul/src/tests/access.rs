use alloc::vec;
use proptest::prelude::*;

use crate::fake::{Event, FakeCpu};
use crate::{Exception, Outcome, Refusal, Width, data_access, page_table_write, rflags};

const RAX: usize = 0;
const RCX: usize = 1;
const RDX: usize = 2;
const RBX: usize = 3;
const RSI: usize = 6;
const RDI: usize = 7;

const PTE: u64 = 0x8000_0001_2345_6067;

/// A kernel with rdi at entry 3 of a page table that holds `PTE`.
fn table(code: &[u8]) -> FakeCpu {
    let mut cpu = FakeCpu::new(code);
    cpu.gprs[RDI] = cpu.base + 24;
    cpu.memory[24..32].copy_from_slice(&PTE.to_le_bytes());
    cpu
}

fn entry(cpu: &FakeCpu) -> u64 {
    u64::from_le_bytes(cpu.memory[24..32].try_into().unwrap())
}

fn run(code: &[u8], prepare: impl FnOnce(&mut FakeCpu)) -> FakeCpu {
    let mut cpu = table(code);
    prepare(&mut cpu);
    let (rip, fault) = (cpu.rip, cpu.base + 24);
    assert_eq!(
        page_table_write(&mut cpu, fault),
        Outcome::Done,
        "{code:x?}"
    );
    assert_eq!(cpu.rip, rip + code.len() as u64, "{code:x?}");
    cpu
}

#[test]
fn what_linux_does_to_page_tables() {
    let at = 0x10018;
    // mov %rax,(%rdi): native_set_pte
    let cpu = run(&[0x48, 0x89, 0x07], |cpu| cpu.gprs[RAX] = 7);
    assert_eq!(cpu.events, [Event::Write(at, Width::Qword, 7)]);
    // movq $0,(%rdi): native_pte_clear
    let cpu = run(&[0x48, 0xc7, 0x07, 0, 0, 0, 0], |_| {});
    assert_eq!((entry(&cpu), cpu.events.len()), (0, 1));
    // movq $-1 is sign-extended.
    let cpu = run(&[0x48, 0xc7, 0x47, 0x00, 0xff, 0xff, 0xff, 0xff], |_| {});
    assert_eq!(entry(&cpu), u64::MAX);
    // xchg %rax,(%rdi): ptep_get_and_clear
    let cpu = run(&[0x48, 0x87, 0x07], |_| {});
    assert_eq!(cpu.events, [Event::Cmpxchg(at, Width::Qword, PTE, 0)]);
    assert_eq!((cpu.gprs[RAX], entry(&cpu)), (PTE, 0));
    // lock cmpxchg %rcx,(%rdi)
    let cpu = run(&[0xf0, 0x48, 0x0f, 0xb1, 0x0f], |cpu| {
        (cpu.gprs[RAX], cpu.gprs[RCX]) = (PTE, 0x55);
    });
    assert_eq!(entry(&cpu), 0x55);
    assert_ne!(cpu.rflags & rflags::ZF, 0);
    let cpu = run(&[0xf0, 0x48, 0x0f, 0xb1, 0x0f], |cpu| {
        (cpu.gprs[RAX], cpu.gprs[RCX], cpu.rflags) = (0, 0x55, cpu.rflags | rflags::ZF);
    });
    assert_eq!((entry(&cpu), cpu.gprs[RAX]), (PTE, PTE));
    assert_eq!(cpu.rflags & rflags::ZF, 0);
    // lock btrq $5,(%rdi): ptep_test_and_clear_young
    let cpu = run(&[0xf0, 0x48, 0x0f, 0xba, 0x37, 5], |_| {});
    assert_eq!(
        cpu.events,
        [Event::Cmpxchg(at, Width::Qword, PTE, PTE & !0x20)]
    );
    assert_ne!(cpu.rflags & rflags::CF, 0);
    // lock andb $0xfd,(%rdi): clear_bit(_PAGE_BIT_RW)
    let cpu = run(&[0xf0, 0x80, 0x27, 0xfd], |_| {});
    assert_eq!(cpu.events, [Event::Cmpxchg(at, Width::Byte, 0x67, 0x65)]);
    assert_eq!(entry(&cpu), PTE & !2);
    // lock orq %rsi,(%rdi)
    let cpu = run(&[0xf0, 0x48, 0x09, 0x37], |cpu| cpu.gprs[RSI] = 0x100);
    assert_eq!(entry(&cpu), PTE | 0x100);
    // lock xaddq
    let cpu = run(&[0xf0, 0x48, 0x0f, 0xc1, 0x07], |cpu| {
        cpu.gprs[RAX] = 0x1000
    });
    assert_eq!((cpu.gprs[RAX], entry(&cpu)), (PTE, PTE + 0x1000));
    // mov %ax,(%rdi)
    let cpu = run(&[0x66, 0x89, 0x07], |cpu| cpu.gprs[RAX] = 0x1_0003);
    assert_eq!(cpu.events, [Event::Write(at, Width::Word, 3)]);
}

#[test]
fn bit_index_in_a_register_reaches_beyond_the_operand() {
    // lock btsq %rax,(%rbx) with a negative index.
    let cpu = run(&[0xf0, 0x48, 0x0f, 0xab, 0x03], |cpu| {
        cpu.gprs[RBX] = cpu.base + 32;
        cpu.gprs[RAX] = (-64i64 + 9) as u64;
    });
    assert_eq!(
        cpu.events,
        [Event::Cmpxchg(0x10018, Width::Qword, PTE, PTE | 1 << 9)]
    );
    // btrl %eax,(%rbx): 32-bit units.
    let cpu = run(&[0x0f, 0xb3, 0x03], |cpu| {
        cpu.gprs[RBX] = cpu.base;
        cpu.gprs[RAX] = 24 * 8 + 1;
    });
    assert_eq!(entry(&cpu), PTE & !2);
    assert_eq!(
        cpu.events,
        [Event::Write(0x10018, Width::Dword, 0x2345_6065)]
    );
}

#[test]
fn wide_compare_exchanges() {
    let halves = |cpu: &mut FakeCpu| {
        (cpu.gprs[RDX], cpu.gprs[RAX]) = (PTE >> 32, PTE & 0xffff_ffff);
        (cpu.gprs[RCX], cpu.gprs[RBX]) = (1, 2);
    };
    let cpu = run(&[0xf0, 0x0f, 0xc7, 0x0f], halves);
    assert_eq!(entry(&cpu), 0x1_0000_0002);
    assert_ne!(cpu.rflags & rflags::ZF, 0);
    let cpu = run(&[0xf0, 0x0f, 0xc7, 0x0f], |cpu| cpu.gprs[RAX] = 1);
    assert_eq!(
        (cpu.gprs[RDX], cpu.gprs[RAX]),
        (PTE >> 32, PTE & 0xffff_ffff)
    );
    assert_eq!((entry(&cpu), cpu.rflags & rflags::ZF), (PTE, 0));
    let pair = |cpu: &mut FakeCpu| {
        cpu.gprs[RDI] = cpu.base + 16;
        (cpu.gprs[RDX], cpu.gprs[RAX]) = (PTE, 0);
        (cpu.gprs[RCX], cpu.gprs[RBX]) = (3, 4);
    };
    let cpu = run(&[0xf0, 0x48, 0x0f, 0xc7, 0x0f], pair);
    assert_eq!((entry(&cpu), cpu.memory[16]), (3, 4));
    let mut cpu = table(&[0xf0, 0x48, 0x0f, 0xc7, 0x0f]);
    assert_eq!(
        data_access(&mut cpu),
        Outcome::Exception(Exception::GP),
        "misaligned"
    );
}

#[test]
fn a_contended_entry_restarts_a_locked_instruction() {
    for code in [
        &[0x48u8, 0x87, 0x07][..],
        &[0x66, 0x87, 0x07],
        &[0xf0, 0x48, 0x0f, 0xba, 0x37, 5],
        &[0xf0, 0x48, 0x01, 0x07],
    ] {
        let mut cpu = table(code);
        cpu.contended = true;
        let before = cpu.clone();
        assert_eq!(
            page_table_write(&mut cpu, 0x10018),
            Outcome::Again,
            "{code:x?}"
        );
        assert_eq!(
            (cpu.gprs, cpu.rip, cpu.rflags),
            (before.gprs, before.rip, before.rflags)
        );
        cpu.contended = false;
        assert_eq!(
            page_table_write(&mut cpu, 0x10018),
            Outcome::Done,
            "{code:x?}"
        );
    }
}

#[test]
fn only_the_kernel_writes_its_page_tables() {
    let mut cpu = table(&[0x48, 0x89, 0x07]);
    cpu.kernel = false;
    assert_eq!(
        page_table_write(&mut cpu, 0x10018),
        Outcome::Refused(Refusal::UserMode)
    );
    assert!(cpu.events.is_empty());
}

#[test]
fn an_operand_across_pages_is_not_taken_for_the_entry_at_its_fault() {
    let mut cpu = table(&[0x48, 0x89, 0x07]);
    cpu.memory.resize(8192, 0);
    cpu.gprs[RDI] = cpu.base + 0xffc;
    cpu.gprs[RAX] = 0x1122_3344_5566_7788;
    assert_eq!(page_table_write(&mut cpu, 0x11000), Outcome::Done);
    assert_eq!(
        cpu.events,
        [Event::Write(0x10ffc, Width::Qword, 0x1122_3344_5566_7788)]
    );
}

#[test]
fn strings_of_entries() {
    // rep stosq
    let cpu = run(&[0xf3, 0x48, 0xab], |cpu| {
        cpu.gprs[RCX] = 2;
        cpu.gprs[RAX] = 9;
    });
    assert_eq!(
        (entry(&cpu), cpu.memory[32], cpu.gprs[RDI]),
        (9, 9, 0x10028)
    );
    // rep movsl
    let cpu = run(&[0xf3, 0xa5], |cpu| {
        cpu.gprs[RCX] = 2;
        cpu.gprs[RSI] = cpu.gprs[RDI];
        cpu.gprs[RDI] = cpu.base + 0x100;
    });
    assert_eq!(cpu.memory[0x100..0x108], PTE.to_le_bytes());
    // lodsw
    let cpu = run(&[0x66, 0xad], |cpu| {
        cpu.gprs[RSI] = cpu.gprs[RDI];
        cpu.gprs[RAX] = u64::MAX;
    });
    assert_eq!(cpu.gprs[RAX], 0xffff_ffff_ffff_6067);
}

#[test]
fn loads_extend_and_swap() {
    let negative =
        |cpu: &mut FakeCpu| cpu.memory[24..28].copy_from_slice(&[0x80, 0xff, 0x34, 0x92]);
    for (code, rax) in [
        (&[0x0fu8, 0xb6, 0x07][..], 0x80u64),
        (&[0x0f, 0xbe, 0x07], 0xffff_ff80),
        (&[0x48, 0x0f, 0xbe, 0x07], 0xffff_ffff_ffff_ff80),
        (&[0x0f, 0xb7, 0x07], 0xff80),
        (&[0x48, 0x63, 0x07], 0xffff_ffff_9234_ff80),
        (&[0x8b, 0x07], 0x9234_ff80),
        (&[0x8a, 0x27], 0x8000),
        (&[0x0f, 0x38, 0xf0, 0x07], 0x80ff_3492),
    ] {
        assert_eq!(run(code, negative).gprs[RAX], rax, "{code:x?}");
    }
    let cpu = run(&[0x0f, 0x38, 0xf1, 0x07], |cpu| cpu.gprs[RAX] = 0x0102_0304);
    assert_eq!(cpu.memory[24..28], [1, 2, 3, 4]);
    // movabs %eax to an absolute address.
    let cpu = run(&[0xa3, 0x18, 0, 1, 0, 0, 0, 0, 0], |cpu| cpu.gprs[RAX] = 5);
    assert_eq!(entry(&cpu) as u32, 5);
}

#[test]
fn addressing_modes() {
    for (code, prepare) in [
        // disp32(%rip)
        (
            &[0x89u8, 0x05, 0x12, 0, 1, 0][..],
            (|cpu| cpu.rip = 0) as fn(&mut FakeCpu),
        ),
        // 8(%rbx,%rcx,4)
        (&[0x89, 0x44, 0x8b, 8], |cpu| {
            cpu.gprs[RBX] = 0x10000;
            cpu.gprs[RCX] = 4;
        }),
        // %gs:0x18
        (&[0x65, 0x89, 0x04, 0x25, 0x18, 0, 0, 0], |cpu| {
            cpu.bases[5] = 0x10000
        }),
        // %ds: has no base in 64-bit code.
        (&[0x3e, 0x89, 0x07], |cpu| cpu.bases[3] = 0x999),
        // (%edi)
        (&[0x67, 0x89, 0x07], |cpu| cpu.gprs[RDI] |= 0xff << 32),
        // -8(%r12,%r15)
        (&[0x43, 0x89, 0x44, 0x3c, 0xf8], |cpu| {
            cpu.gprs[12] = 0x10030;
            cpu.gprs[15] = (-16i64) as u64;
        }),
    ] {
        let mut cpu = table(code);
        prepare(&mut cpu);
        cpu.gprs[RAX] = 0x77;
        assert_eq!(data_access(&mut cpu), Outcome::Done, "{code:x?}");
        assert_eq!(
            cpu.events,
            [Event::Write(0x10018, Width::Dword, 0x77)],
            "{code:x?}"
        );
    }
}

#[test]
fn addresses_must_be_canonical() {
    for addr in [
        0x8000_0000_0000u64,
        0x7fff_ffff_fffc,
        0xffff_7fff_ffff_ffff,
        1 << 63,
    ] {
        let mut cpu = table(&[0x48, 0x89, 0x07]);
        cpu.gprs[RDI] = addr;
        assert_eq!(
            data_access(&mut cpu),
            Outcome::Exception(Exception::GP),
            "{addr:#x}"
        );
    }
}

#[test]
fn register_forms_and_others_are_refused() {
    for code in [
        &[0x48u8, 0x89, 0xc7][..],
        &[0x48, 0x01, 0xc7],
        &[0xff, 0x37],
        &[0x0f, 0x11, 0x07],
        &[0x0f, 0x32],
    ] {
        let mut cpu = table(code);
        let before = cpu.clone();
        assert_eq!(
            data_access(&mut cpu),
            Outcome::Refused(Refusal::Unsupported),
            "{code:x?}"
        );
        assert_eq!(cpu, before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::cases(2000)))]

    /// The shortcut and the decoder do the same.
    #[test]
    fn the_shortcut_agrees_with_the_decoder(
        code in prop::sample::select(vec![
            &[0x48u8, 0x89, 0x07][..], &[0x4c, 0x89, 0x3f], &[0x48, 0x87, 0x0f], &[0xf0, 0x48, 0x87, 0x17],
            &[0x48, 0x0f, 0xb1, 0x0f], &[0xf0, 0x4c, 0x0f, 0xb1, 0x07], &[0x48, 0xc7, 0x47, 0, 1, 2, 3, 0x84],
        ]),
        gprs in any::<[u64; 16]>(),
        equal in any::<bool>(),
        contended in any::<bool>(),
        flags in any::<u64>(),
    ) {
        let mut quick = table(code);
        let rdi = quick.gprs[RDI];
        quick.gprs = gprs;
        quick.gprs[RDI] = rdi;
        if equal { quick.gprs[RAX] = PTE; }
        quick.contended = contended;
        quick.rflags = flags & rflags::STATUS | 2;
        let mut full = quick.clone();
        prop_assert_eq!(page_table_write(&mut quick, rdi), data_access(&mut full));
        prop_assert_eq!(quick, full);
    }
}
