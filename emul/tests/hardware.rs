//! The emulator against the processor that runs this test.
//!
//! The list below becomes a small C program, [`ORACLE`], which executes each instruction natively on
//! registers, flags and memory that it is sent and answers what became of them, and the
//! instruction's bytes. Those bytes then go through the emulator from the same state. Both must end the
//! same, but for flags that the manuals leave undefined. The C compiler is the one that links
//! this very test.
#![cfg(target_arch = "x86_64")]

extern crate alloc;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::{env, fs, process};

use emul::{
    Exception, Gpr, Memory, Outcome, Privileged, Registers, Segment, Stop, Width, data_access,
    forced, page_table_write, privileged, rflags,
};
use proptest::prelude::*;

#[path = "../src/fake.rs"]
#[allow(dead_code)]
mod fake;
use fake::FakeCpu;

const ALL: u64 = rflags::STATUS;
/// Logic leaves AF undefined.
const LOGIC: u64 = ALL & !rflags::AF;
/// Shifts by one.
const ONCE: u64 = LOGIC;
/// Shifts by more leave OF undefined as well.
const MORE: u64 = LOGIC & !rflags::OF;
/// Bit tests define CF and keep ZF.
const BITS: u64 = rflags::CF | rflags::ZF;
/// Rotations by more than one leave OF undefined and keep the rest.
const ROTATE: u64 = ALL & !rflags::OF;

/// Bytes of memory, and where in them the operand is.
const SIZE: usize = 64;
const AT: usize = 16;

/// What an instruction works on.
#[derive(Clone, Copy, Debug)]
struct State {
    rax: u64,
    rcx: u64,
    rdx: u64,
    flags: u64,
    memory: [u8; SIZE],
}

/// The program that executes them. It reads records of number, rax, rcx, rdx, flags and memory, and
/// writes them back with the instruction's length and bytes added.
const ORACLE: &str = r#"
#include <stdio.h>
#include <string.h>

struct record { unsigned long number, rax, rcx, rdx, flags; unsigned char memory[64]; };

#define CASE(n, text) case n: __asm__ volatile( \
    "push %%rsi; popfq; 2: .intel_syntax noprefix; " text "; .att_syntax prefix; 3:" \
    "pushfq; pop %%rsi; lea 2b(%%rip), %%r8; lea 3b(%%rip), %%r9" \
    : "+a"(r.rax), "+c"(r.rcx), "+d"(r.rdx), "+S"(r.flags), "=r"(start), "=r"(end) \
    : "D"(r.memory + 16) : "cc", "memory"); break;

int main(void)
{
    struct record r;
    while (fread(&r, sizeof r, 1, stdin) == 1) {
        register const unsigned char *start __asm__("r8");
        register const unsigned char *end __asm__("r9");
        unsigned char code[16] = { 0 };
        switch (r.number) {
#include CASES
        default: return 1;
        }
        const unsigned char *from = start, *to = end;
        code[0] = to - from;
        memcpy(code + 1, from, to - from);
        if (fwrite(&r, sizeof r, 1, stdout) != 1 || fwrite(code, 16, 1, stdout) != 1)
            return 1;
        fflush(stdout);
    }
    return 0;
}
"#;

/// Length of a record, and of one with the code after it.
const RECORD: usize = 40 + SIZE;
const REPLY: usize = RECORD + 16;

fn start_oracle() -> Child {
    let dir = env::temp_dir().join(format!("xenolith-emul-{}", process::id()));
    fs::create_dir_all(&dir).unwrap();
    let (source, cases, program) = (
        dir.join("oracle.c"),
        dir.join("cases.h"),
        dir.join("oracle"),
    );
    let mut list = String::new();
    for (number, (text, ..)) in instructions().enumerate() {
        writeln!(list, "CASE({number}, \"{text}\")").unwrap();
    }
    fs::write(&source, ORACLE).unwrap();
    fs::write(&cases, list).unwrap();
    let compiled = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-O1", "-mno-red-zone"])
        .arg(format!("-DCASES=\"{}\"", cases.display()))
        .arg("-o")
        .args([&program, &source])
        .status()
        .unwrap();
    assert!(compiled.success(), "the oracle does not compile");
    let child = Command::new(&program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    fs::remove_dir_all(&dir).unwrap();
    child
}

fn oracle() -> MutexGuard<'static, Child> {
    static ORACLE: LazyLock<Mutex<Child>> = LazyLock::new(|| Mutex::new(start_oracle()));
    ORACLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Executes instruction `number` natively: its bytes and the state after it.
fn native(child: &mut Child, number: usize, before: &State) -> (Vec<u8>, State) {
    let words = [
        number as u64,
        before.rax,
        before.rcx,
        before.rdx,
        before.flags,
    ];
    let mut record: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    record.extend(before.memory);
    child.stdin.as_mut().unwrap().write_all(&record).unwrap();
    let mut reply = [0; REPLY];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut reply)
        .unwrap();
    let word = |index: usize| u64::from_le_bytes(reply[index * 8..][..8].try_into().unwrap());
    let after = State {
        rax: word(1),
        rcx: word(2),
        rdx: word(3),
        flags: word(4),
        memory: reply[40..RECORD].try_into().unwrap(),
    };
    let len = usize::from(reply[RECORD]);
    (reply[RECORD + 1..][..len].to_vec(), after)
}

/// What rcx may be.
#[derive(Clone, Copy)]
enum Count {
    /// Anything.
    Any,
    /// A bit index that stays in the buffer.
    Index,
    /// Less than the width, beyond which CF is undefined.
    Below(u64),
}

/// The instruction and the flags that it defines or keeps.
type Instruction = (&'static str, u64);

const INSTRUCTIONS: &[Instruction] = &[
    ("mov [rdi], al", ALL),
    ("mov [rdi], ah", ALL),
    ("mov [rdi], cx", ALL),
    ("mov [rdi], ecx", ALL),
    ("mov [rdi], rcx", ALL),
    ("mov rdx, [rdi]", ALL),
    ("mov edx, [rdi]", ALL),
    ("mov dx, [rdi]", ALL),
    ("mov dl, [rdi]", ALL),
    ("mov dh, [rdi]", ALL),
    ("mov qword ptr [rdi], -5", ALL),
    ("mov dword ptr [rdi + 4], 0x12345678", ALL),
    ("mov word ptr [rdi], 0x8001", ALL),
    ("mov byte ptr [rdi - 1], 0x81", ALL),
    ("movnti [rdi], rax", ALL),
    ("movzx eax, byte ptr [rdi]", ALL),
    ("movzx rax, word ptr [rdi]", ALL),
    ("movsx ax, byte ptr [rdi]", ALL),
    ("movsx rax, byte ptr [rdi]", ALL),
    ("movsx eax, word ptr [rdi]", ALL),
    ("movsxd rax, dword ptr [rdi]", ALL),
    ("add [rdi], al", ALL),
    ("add [rdi], cx", ALL),
    ("lock add [rdi], ecx", ALL),
    ("lock add [rdi], rcx", ALL),
    ("add rdx, [rdi]", ALL),
    ("add dl, [rdi]", ALL),
    ("add qword ptr [rdi], -1", ALL),
    ("add ch, [rdi]", ALL),
    ("adc [rdi], al", ALL),
    ("adc [rdi], rcx", ALL),
    ("lock adc dword ptr [rdi], 0x7fffffff", ALL),
    ("adc cx, [rdi]", ALL),
    ("sub [rdi], al", ALL),
    ("sub [rdi], cx", ALL),
    ("lock sub [rdi], rcx", ALL),
    ("sub edx, [rdi]", ALL),
    ("sbb [rdi], al", ALL),
    ("sbb [rdi], rcx", ALL),
    ("lock sbb [rdi], ecx", ALL),
    ("sbb dx, [rdi]", ALL),
    ("cmp [rdi], al", ALL),
    ("cmp [rdi], rcx", ALL),
    ("cmp ecx, [rdi]", ALL),
    ("cmp word ptr [rdi], 5", ALL),
    ("and [rdi], al", LOGIC),
    ("lock and [rdi], rcx", LOGIC),
    ("and dword ptr [rdi], -3", LOGIC),
    ("and rdx, [rdi]", LOGIC),
    ("lock and byte ptr [rdi], 0xfd", LOGIC),
    ("or [rdi], al", LOGIC),
    ("lock or [rdi], rcx", LOGIC),
    ("or cx, [rdi]", LOGIC),
    ("lock or byte ptr [rdi], 2", LOGIC),
    ("xor [rdi], al", LOGIC),
    ("lock xor [rdi], rcx", LOGIC),
    ("xor edx, [rdi]", LOGIC),
    ("test [rdi], al", LOGIC),
    ("test [rdi], rcx", LOGIC),
    ("test dword ptr [rdi], 0x80000001", LOGIC),
    ("inc byte ptr [rdi]", ALL),
    ("inc word ptr [rdi]", ALL),
    ("lock inc dword ptr [rdi]", ALL),
    ("inc qword ptr [rdi]", ALL),
    ("dec byte ptr [rdi]", ALL),
    ("dec word ptr [rdi]", ALL),
    ("lock dec dword ptr [rdi]", ALL),
    ("dec qword ptr [rdi]", ALL),
    ("neg byte ptr [rdi]", ALL),
    ("lock neg qword ptr [rdi]", ALL),
    ("neg dword ptr [rdi]", ALL),
    ("not byte ptr [rdi]", ALL),
    ("lock not qword ptr [rdi]", ALL),
    ("shl byte ptr [rdi], 1", ONCE),
    ("shl qword ptr [rdi], 1", ONCE),
    ("shl dword ptr [rdi], 7", MORE),
    ("shr byte ptr [rdi], 1", ONCE),
    ("shr qword ptr [rdi], 1", ONCE),
    ("shr word ptr [rdi], 7", MORE),
    ("sar byte ptr [rdi], 1", ONCE),
    ("sar qword ptr [rdi], 1", ONCE),
    ("sar dword ptr [rdi], 31", MORE),
    ("sar byte ptr [rdi], cl", MORE),
    ("sar qword ptr [rdi], cl", MORE),
    ("rol byte ptr [rdi], 1", ALL),
    ("rol qword ptr [rdi], 1", ALL),
    ("rol word ptr [rdi], 9", ROTATE),
    ("ror byte ptr [rdi], 1", ALL),
    ("ror qword ptr [rdi], 1", ALL),
    ("ror dword ptr [rdi], 9", ROTATE),
    ("rol byte ptr [rdi], cl", ROTATE),
    ("ror qword ptr [rdi], cl", ROTATE),
    ("rol dword ptr [rdi], cl", ROTATE),
    ("bt qword ptr [rdi], 5", BITS),
    ("lock bts qword ptr [rdi], 63", BITS),
    ("lock btr dword ptr [rdi], 6", BITS),
    ("btc word ptr [rdi], 15", BITS),
    ("lock btr qword ptr [rdi], 7", BITS),
    ("xchg [rdi], al", ALL),
    ("xchg [rdi], cx", ALL),
    ("xchg [rdi], ecx", ALL),
    ("lock xchg [rdi], rcx", ALL),
    ("xchg ah, [rdi]", ALL),
    ("xadd [rdi], al", ALL),
    ("xadd [rdi], cx", ALL),
    ("lock xadd [rdi], ecx", ALL),
    ("lock xadd [rdi], rcx", ALL),
    ("cmpxchg [rdi], cl", ALL),
    ("cmpxchg [rdi], cx", ALL),
    ("lock cmpxchg [rdi], ecx", ALL),
    ("lock cmpxchg [rdi], rcx", ALL),
];

/// Bit tests whose index must stay within the buffer.
const INDEXED: &[Instruction] = &[
    ("bt [rdi], cx", BITS),
    ("bt [rdi], rcx", BITS),
    ("lock bts [rdi], rcx", BITS),
    ("lock btr [rdi], ecx", BITS),
    ("btc [rdi], rcx", BITS),
    ("btr [rdi], cx", BITS),
];

/// Shifts whose CF is defined only for counts below the width.
const COUNTED: &[(&str, u64, u64)] = &[
    ("shl byte ptr [rdi], cl", MORE, 8),
    ("shr byte ptr [rdi], cl", MORE, 8),
    ("shl word ptr [rdi], cl", MORE, 16),
    ("shl dword ptr [rdi], cl", MORE, 32),
    ("shr dword ptr [rdi], cl", MORE, 32),
    ("shl qword ptr [rdi], cl", MORE, 64),
    ("shr qword ptr [rdi], cl", MORE, 64),
];

/// All of them, in the order of their numbers.
fn instructions() -> impl Iterator<Item = (&'static str, u64, Count)> {
    let any = INSTRUCTIONS
        .iter()
        .map(|(text, mask)| (*text, *mask, Count::Any));
    let indexed = INDEXED
        .iter()
        .map(|(text, mask)| (*text, *mask, Count::Index));
    let counted = COUNTED
        .iter()
        .map(|(text, mask, width)| (*text, *mask, Count::Below(*width)));
    any.chain(indexed).chain(counted)
}

fn compare(child: &mut Child, number: usize, name: &str, mask: u64, before: State) {
    let (code, after) = native(child, number, &before);
    assert!(!code.is_empty());
    let mut cpu = FakeCpu::new(&code);
    cpu.memory = before.memory.to_vec();
    cpu.rflags = before.flags;
    for (reg, value) in [
        (Gpr::RAX, before.rax),
        (Gpr::RCX, before.rcx),
        (Gpr::RDX, before.rdx),
        (Gpr::RDI, cpu.base + AT as u64),
    ] {
        cpu.set_gpr(reg, value);
    }
    assert_eq!(data_access(&mut cpu), Outcome::Done, "{name}");
    let got = [Gpr::RAX, Gpr::RCX, Gpr::RDX].map(|r| cpu.gpr(r));
    let want = [after.rax, after.rcx, after.rdx];
    assert_eq!(got, want, "registers of {name} from {before:x?}");
    let (got, want) = (&cpu.memory[..], &after.memory[..]);
    assert_eq!(got, want, "memory of {name} from {before:x?}");
    let (got, want) = (cpu.rflags & mask, after.flags & mask);
    assert_eq!(got, want, "flags of {name} from {before:x?}");
}

/// Values that find the edges of arithmetic oftener than chance does.
fn word() -> impl Strategy<Value = u64> {
    const EDGES: [u64; 14] = [
        0,
        1,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        i64::MAX as u64,
        1 << 63,
        u64::MAX,
    ];
    prop_oneof![any::<u64>(), prop::sample::select(&EDGES), 0u64..70]
}

fn state() -> impl Strategy<Value = State> {
    let flags = any::<u64>().prop_map(|f| f & rflags::STATUS | rflags::IF | 2);
    let memory = (any::<[u64; 8]>(), word(), any::<bool>());
    (word(), word(), word(), flags, memory).prop_map(|(rax, rcx, rdx, flags, memory)| {
        let (mut words, value, equal) = memory;
        // Half of the compare-exchanges should succeed.
        words[AT / 8] = if equal { rax } else { value };
        let mut bytes = [0; 64];
        for (to, from) in bytes.chunks_mut(8).zip(words) {
            to.copy_from_slice(&from.to_le_bytes());
        }
        State {
            rax,
            rcx,
            rdx,
            flags,
            memory: bytes,
        }
    })
}

fn cases() -> u32 {
    std::env::var("XENOLITH_PROPTEST_CASES")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(500)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn every_instruction_does_what_this_processor_does(state in state()) {
        let mut child = oracle();
        for (number, (name, mask, count)) in instructions().enumerate() {
            let rcx = match count {
                Count::Any => state.rcx,
                Count::Index => (i64::from(state.rcx as i8).rem_euclid(192) - 64) as u64,
                Count::Below(width) => state.rcx % width,
            };
            compare(&mut child, number, name, mask, State { rcx, ..state });
        }
    }
}
