//! The four stores with which kernels change one page-table entry, recognised without the decoder.
//!
//! Linux's `set_pte`, `ptep_get_and_clear` and `try_cmpxchg` compile to a store, an exchange or a
//! compare-exchange of an aligned quadword. For such an access the faulting address that the
//! processor reported *is* the operand's address, so the addressing mode has to be skipped, not
//! evaluated. Everything else, and every prefix but REX and `lock`, goes to the full decoder.

use crate::data::finish_cmpxchg;
use crate::decode::MAX_LEN;
use crate::{Gpr, Memory, Registers, Stop, Width};

const LOCK: u8 = 0xf0;
const REX_W: u8 = 8;
const REX_R: u8 = 4;

/// What the bytes say, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    Register(Gpr),
    Immediate(u64),
    Exchange(Gpr),
    CompareExchange(Gpr),
}

/// Carries out the store and answers the address of the next instruction, or `None` where the
/// instruction is another one.
#[inline]
pub fn page_table_write<C: Registers + Memory>(
    cpu: &mut C,
    addr: u64,
) -> Result<Option<u64>, Stop> {
    // At the start of a page the fault may be that of an operand which began in the page before.
    if addr & 7 != 0 || addr & 0xfff == 0 || cpu.code_bits() != 64 {
        return Ok(None);
    }
    let rip = cpu.rip();
    let mut bytes = [0; MAX_LEN];
    let len = cpu.fetch(rip, &mut bytes)?;
    let Some((store, used)) = bytes.get(..len).and_then(recognise) else {
        return Ok(None);
    };
    match store {
        Store::Register(reg) => cpu.write(addr, Width::Qword, cpu.gpr(reg))?,
        Store::Immediate(value) => cpu.write(addr, Width::Qword, value)?,
        Store::Exchange(reg) => {
            let old = cpu.read(addr, Width::Qword)?;
            let new = cpu.gpr(reg);
            if cpu.cmpxchg(addr, Width::Qword, old, new)? != old {
                return Err(Stop::Retry);
            }
            cpu.set_gpr(reg, old);
        }
        Store::CompareExchange(reg) => {
            let (old, new) = (cpu.gpr(Gpr::RAX), cpu.gpr(reg));
            let found = cpu.cmpxchg(addr, Width::Qword, old, new)?;
            finish_cmpxchg(cpu, Width::Qword, found);
        }
    }
    Ok(Some(rip.wrapping_add(used as u64)))
}

/// The store that `code` begins with, and its length.
fn recognise(code: &[u8]) -> Option<(Store, usize)> {
    let (locked, rest) = match code {
        [LOCK, rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let [rex, opcode, rest @ ..] = rest else {
        return None;
    };
    if rex & 0xf8 != 0x40 | REX_W {
        return None;
    }
    // The second byte of a two-byte opcode stands in the first's place.
    let (opcode, rest) = match (opcode, rest) {
        (0x0f, [0xb1, rest @ ..]) => (0xb1, rest),
        (0x0f, _) => return None,
        (0xb1, _) => return None,
        (opcode, rest) => (*opcode, rest),
    };
    let modrm = *rest.first()?;
    let rest = rest.get(modrm_len(rest)?..)?;
    let field = modrm >> 3 & 7;
    let reg = Gpr::new(field | (rex & REX_R) << 1);
    let (store, rest) = match (opcode, locked) {
        (0x89, false) => (Store::Register(reg), rest),
        (0xc7, false) if field == 0 => {
            let (imm, rest) = rest.split_first_chunk::<4>()?;
            let value = i64::from(i32::from_le_bytes(*imm)) as u64;
            (Store::Immediate(value), rest)
        }
        (0x87, _) => (Store::Exchange(reg), rest),
        (0xb1, _) => (Store::CompareExchange(reg), rest),
        _ => return None,
    };
    Some((store, code.len().wrapping_sub(rest.len())))
}

/// Length of a ModRM byte in memory form, its SIB byte and its displacement.
fn modrm_len(bytes: &[u8]) -> Option<usize> {
    let modrm = *bytes.first()?;
    let sib = modrm & 7 == 4;
    let bare = if sib { 2 } else { 1 };
    // Base 5 without displacement bits means a 32-bit displacement.
    let base = if sib { *bytes.get(1)? & 7 } else { modrm & 7 };
    match (modrm >> 6, base) {
        (0, 5) => Some(bare | 4),
        (0, _) => Some(bare),
        (1, _) => Some(if sib { 3 } else { 2 }),
        (2, _) => Some(bare | 4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use iced_x86::{Code, Decoder, DecoderOptions, OpKind};
    use proptest::prelude::*;

    use super::*;

    fn reference(code: &[u8]) -> Option<usize> {
        let insn = Decoder::new(64, code, DecoderOptions::NONE).decode();
        let memory = insn.op0_kind() == OpKind::Memory;
        let known = matches!(
            insn.code(),
            Code::Mov_rm64_r64
                | Code::Mov_rm64_imm32
                | Code::Xchg_rm64_r64
                | Code::Cmpxchg_rm64_r64
        );
        (memory && known).then(|| insn.len())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(crate::tests::cases(4000)))]
        #[test]
        fn recognises_what_the_decoder_does(
            lock in any::<bool>(),
            rex in 0x48u8..0x50,
            opcode in prop::sample::select(vec![0x89u8, 0xc7, 0x87, 0xb1, 0x8b, 0x01]),
            tail in prop::array::uniform12(any::<u8>()),
            len in 1usize..=15,
        ) {
            let mut code = alloc::vec::Vec::new();
            if lock { code.push(LOCK); }
            code.push(rex);
            if opcode == 0xb1 { code.push(0x0f); }
            code.push(opcode);
            code.extend(tail);
            code.truncate(len);
            let ours = recognise(&code);
            prop_assert_eq!(ours.map(|(_, len)| len), reference(&code));
            if let Some((store, len)) = ours {
                let insn = Decoder::new(64, &code[..len], DecoderOptions::NONE).decode();
                let number = |op| (insn.op_register(op) as u32 - iced_x86::Register::RAX as u32) as u8;
                let expected = match insn.code() {
                    Code::Mov_rm64_r64 => Store::Register(Gpr::new(number(1))),
                    Code::Mov_rm64_imm32 => Store::Immediate(insn.immediate32to64() as u64),
                    Code::Xchg_rm64_r64 => Store::Exchange(Gpr::new(number(1))),
                    _ => Store::CompareExchange(Gpr::new(number(1))),
                };
                prop_assert_eq!(store, expected);
            }
        }
    }
}
