//! The emulator against the processor that runs this test.
//!
//! Each instruction is assembled in place and executed natively on a buffer; its bytes, read back
//! from the code of this very program, then go through the emulator with the same registers, flags
//! and memory. Both must end the same, but for flags that the manuals leave undefined.
#![cfg(target_arch = "x86_64")]

extern crate alloc;

use std::arch::asm;

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

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
struct Buffer([u8; 64]);

/// What an instruction works on. Its memory operand is in the middle of the buffer.
#[derive(Clone, Copy, Debug)]
struct State {
    rax: u64,
    rcx: u64,
    rdx: u64,
    flags: u64,
    memory: Buffer,
}

/// Offset of the operand in the buffer.
const AT: usize = 16;

/// Runs an instruction natively and gives its bytes.
type Native = fn(&mut State) -> &'static [u8];

macro_rules! native {
    ($($insn:literal : $mask:expr),* $(,)?) => {
        &[$(($insn, $mask, {
            fn run(s: &mut State) -> &'static [u8] {
                let (start, end): (usize, usize);
                let at = s.memory.0.as_mut_ptr().wrapping_add(AT);
                // SAFETY: every instruction in the lists touches at most 16 bytes on either side
                // of `at`, which lie in the buffer, and the registers named here. Only status
                // flags change.
                unsafe {
                    asm!(
                        "push {flags}", "popfq",
                        "2:", $insn, "3:",
                        "pushfq", "pop {flags}",
                        "lea {start}, [rip + 2b]",
                        "lea {end}, [rip + 3b]",
                        flags = inout(reg) s.flags,
                        start = out(reg) start,
                        end = out(reg) end,
                        inout("rax") s.rax,
                        inout("rcx") s.rcx,
                        inout("rdx") s.rdx,
                        in("rdi") at,
                    );
                }
                // SAFETY: the two labels enclose the instruction in this program's text.
                unsafe { core::slice::from_raw_parts(start as *const u8, end - start) }
            }
            run as Native
        })),*]
    };
}

/// The instruction, the flags that it defines or keeps, and how to run it.
const INSTRUCTIONS: &[(&str, u64, Native)] = native! {
    "mov [rdi], al": ALL, "mov [rdi], ah": ALL, "mov [rdi], cx": ALL, "mov [rdi], ecx": ALL,
    "mov [rdi], rcx": ALL, "mov rdx, [rdi]": ALL, "mov edx, [rdi]": ALL, "mov dx, [rdi]": ALL,
    "mov dl, [rdi]": ALL, "mov dh, [rdi]": ALL, "mov qword ptr [rdi], -5": ALL,
    "mov dword ptr [rdi + 4], 0x12345678": ALL, "mov word ptr [rdi], 0x8001": ALL,
    "mov byte ptr [rdi - 1], 0x81": ALL, "movnti [rdi], rax": ALL,
    "movzx eax, byte ptr [rdi]": ALL, "movzx rax, word ptr [rdi]": ALL,
    "movsx ax, byte ptr [rdi]": ALL, "movsx rax, byte ptr [rdi]": ALL,
    "movsx eax, word ptr [rdi]": ALL, "movsxd rax, dword ptr [rdi]": ALL,
    "add [rdi], al": ALL, "add [rdi], cx": ALL, "lock add [rdi], ecx": ALL,
    "lock add [rdi], rcx": ALL, "add rdx, [rdi]": ALL, "add dl, [rdi]": ALL,
    "add qword ptr [rdi], -1": ALL, "add ch, [rdi]": ALL,
    "adc [rdi], al": ALL, "adc [rdi], rcx": ALL, "lock adc dword ptr [rdi], 0x7fffffff": ALL,
    "adc cx, [rdi]": ALL,
    "sub [rdi], al": ALL, "sub [rdi], cx": ALL, "lock sub [rdi], rcx": ALL, "sub edx, [rdi]": ALL,
    "sbb [rdi], al": ALL, "sbb [rdi], rcx": ALL, "lock sbb [rdi], ecx": ALL, "sbb dx, [rdi]": ALL,
    "cmp [rdi], al": ALL, "cmp [rdi], rcx": ALL, "cmp ecx, [rdi]": ALL, "cmp word ptr [rdi], 5": ALL,
    "and [rdi], al": LOGIC, "lock and [rdi], rcx": LOGIC, "and dword ptr [rdi], -3": LOGIC,
    "and rdx, [rdi]": LOGIC, "lock and byte ptr [rdi], 0xfd": LOGIC,
    "or [rdi], al": LOGIC, "lock or [rdi], rcx": LOGIC, "or cx, [rdi]": LOGIC,
    "lock or byte ptr [rdi], 2": LOGIC,
    "xor [rdi], al": LOGIC, "lock xor [rdi], rcx": LOGIC, "xor edx, [rdi]": LOGIC,
    "test [rdi], al": LOGIC, "test [rdi], rcx": LOGIC, "test dword ptr [rdi], 0x80000001": LOGIC,
    "inc byte ptr [rdi]": ALL, "inc word ptr [rdi]": ALL, "lock inc dword ptr [rdi]": ALL,
    "inc qword ptr [rdi]": ALL, "dec byte ptr [rdi]": ALL, "dec word ptr [rdi]": ALL,
    "lock dec dword ptr [rdi]": ALL, "dec qword ptr [rdi]": ALL,
    "neg byte ptr [rdi]": ALL, "lock neg qword ptr [rdi]": ALL, "neg dword ptr [rdi]": ALL,
    "not byte ptr [rdi]": ALL, "lock not qword ptr [rdi]": ALL,
    "shl byte ptr [rdi], 1": ONCE, "shl qword ptr [rdi], 1": ONCE, "shl dword ptr [rdi], 7": MORE,
    "shr byte ptr [rdi], 1": ONCE, "shr qword ptr [rdi], 1": ONCE, "shr word ptr [rdi], 7": MORE,
    "sar byte ptr [rdi], 1": ONCE, "sar qword ptr [rdi], 1": ONCE, "sar dword ptr [rdi], 31": MORE,
    "sar byte ptr [rdi], cl": MORE, "sar qword ptr [rdi], cl": MORE,
    "rol byte ptr [rdi], 1": ALL, "rol qword ptr [rdi], 1": ALL, "rol word ptr [rdi], 9": ROTATE,
    "ror byte ptr [rdi], 1": ALL, "ror qword ptr [rdi], 1": ALL, "ror dword ptr [rdi], 9": ROTATE,
    "rol byte ptr [rdi], cl": ROTATE, "ror qword ptr [rdi], cl": ROTATE,
    "rol dword ptr [rdi], cl": ROTATE,
    "bt qword ptr [rdi], 5": BITS, "lock bts qword ptr [rdi], 63": BITS,
    "lock btr dword ptr [rdi], 6": BITS, "btc word ptr [rdi], 15": BITS,
    "lock btr qword ptr [rdi], 7": BITS,
    "xchg [rdi], al": ALL, "xchg [rdi], cx": ALL, "xchg [rdi], ecx": ALL,
    "lock xchg [rdi], rcx": ALL, "xchg ah, [rdi]": ALL,
    "xadd [rdi], al": ALL, "xadd [rdi], cx": ALL, "lock xadd [rdi], ecx": ALL,
    "lock xadd [rdi], rcx": ALL,
    "cmpxchg [rdi], cl": ALL, "cmpxchg [rdi], cx": ALL, "lock cmpxchg [rdi], ecx": ALL,
    "lock cmpxchg [rdi], rcx": ALL,
};

/// Bit tests whose index must stay within the buffer.
const INDEXED: &[(&str, u64, Native)] = native! {
    "bt [rdi], cx": BITS, "bt [rdi], rcx": BITS, "lock bts [rdi], rcx": BITS,
    "lock btr [rdi], ecx": BITS, "btc [rdi], rcx": BITS, "btr [rdi], cx": BITS,
};

/// Shifts whose CF is defined only for counts below the width.
const COUNTED: &[(&str, u64, Native)] = native! {
    "shl byte ptr [rdi], cl": MORE, "shr byte ptr [rdi], cl": MORE, "shl word ptr [rdi], cl": MORE,
    "shl dword ptr [rdi], cl": MORE, "shr dword ptr [rdi], cl": MORE, "shl qword ptr [rdi], cl": MORE,
    "shr qword ptr [rdi], cl": MORE,
};

fn compare(name: &str, mask: u64, native: Native, mut state: State) {
    let base = state.memory.0.as_ptr() as u64;
    let mut cpu = FakeCpu::new(&[]);
    cpu.base = base;
    cpu.memory = state.memory.0.to_vec();
    cpu.rflags = state.flags;
    for (reg, value) in [
        (Gpr::RAX, state.rax),
        (Gpr::RCX, state.rcx),
        (Gpr::RDX, state.rdx),
        (Gpr::RDI, base + AT as u64),
    ] {
        cpu.set_gpr(reg, value);
    }
    let before = state;
    cpu.code = native(&mut state).to_vec();
    assert!(!cpu.code.is_empty());
    assert_eq!(data_access(&mut cpu), Outcome::Done, "{name}");
    let got = [Gpr::RAX, Gpr::RCX, Gpr::RDX].map(|r| cpu.gpr(r));
    let want = [state.rax, state.rcx, state.rdx];
    assert_eq!(got, want, "registers of {name} from {before:x?}");
    let (got, want) = (&cpu.memory[..], &state.memory.0[..]);
    assert_eq!(got, want, "memory of {name} from {before:x?}");
    let (got, want) = (cpu.rflags & mask, state.flags & mask);
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
            memory: Buffer(bytes),
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
        for (name, mask, native) in INSTRUCTIONS {
            compare(name, *mask, *native, state);
        }
        for (name, mask, native) in INDEXED {
            let index = i64::from(state.rcx as i8).rem_euclid(192) - 64;
            compare(name, *mask, *native, State { rcx: index as u64, ..state });
        }
        for (name, mask, native) in COUNTED {
            let width = match *name {
                n if n.contains("byte") => 8,
                n if n.contains("qword") => 64,
                n if n.contains("dword") => 32,
                _ => 16,
            };
            compare(name, *mask, *native, State { rcx: state.rcx % width, ..state });
        }
    }
}
