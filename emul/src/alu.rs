//! Integer arithmetic with its status flags.
//!
//! Each function gives a result truncated to the width and the new values of exactly those flags
//! that the instruction writes, together with their mask. Flags that the manuals leave undefined
//! are cleared (AF of logic and shifts) or left alone (OF of shifts by more than one).

use crate::Width;
use crate::bits::rflags::{AF, CF, OF, PF, SF, STATUS, ZF};

/// A change to the status flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Which flags change.
    pub mask: u64,
    /// Their new values.
    pub set: u64,
}

impl Flags {
    /// No change.
    pub const NONE: Self = Self { mask: 0, set: 0 };

    /// RFLAGS after the change.
    #[inline]
    pub const fn apply(self, rflags: u64) -> u64 {
        rflags & !self.mask | self.set & self.mask
    }

    const fn without(self, flag: u64) -> Self {
        Self {
            mask: self.mask & !flag,
            set: self.set,
        }
    }
}

const fn flag(on: bool, bit: u64) -> u64 {
    if on { bit } else { 0 }
}

/// Sign, zero and parity of a result.
fn szp(w: Width, r: u64) -> u64 {
    flag(w.trunc(r) == 0, ZF)
        | flag(r & w.sign() != 0, SF)
        | flag((r as u8).count_ones().is_multiple_of(2), PF)
}

/// `a + b + carry`.
pub fn add(w: Width, a: u64, b: u64, carry: bool) -> (u64, Flags) {
    let (a, b) = (w.trunc(a), w.trunc(b));
    let r = w.trunc(a.wrapping_add(b).wrapping_add(u64::from(carry)));
    let carries = a & b | (a | b) & !r;
    let set = szp(w, r)
        | flag(carries & w.sign() != 0, CF)
        | flag((a ^ r) & (b ^ r) & w.sign() != 0, OF)
        | flag((a ^ b ^ r) & 0x10 != 0, AF);
    (r, Flags { mask: STATUS, set })
}

/// `a - b - borrow`.
pub fn sub(w: Width, a: u64, b: u64, borrow: bool) -> (u64, Flags) {
    let (a, b) = (w.trunc(a), w.trunc(b));
    let r = w.trunc(a.wrapping_sub(b).wrapping_sub(u64::from(borrow)));
    let borrows = !a & b | (!a | b) & r;
    let set = szp(w, r)
        | flag(borrows & w.sign() != 0, CF)
        | flag((a ^ b) & (a ^ r) & w.sign() != 0, OF)
        | flag((a ^ b ^ r) & 0x10 != 0, AF);
    (r, Flags { mask: STATUS, set })
}

/// Flags of a bitwise operation with result `r`.
pub fn logic(w: Width, r: u64) -> (u64, Flags) {
    let r = w.trunc(r);
    let set = szp(w, r);
    (r, Flags { mask: STATUS, set })
}

/// `a + 1`; the carry stays.
pub fn inc(w: Width, a: u64) -> (u64, Flags) {
    let (r, flags) = add(w, a, 1, false);
    (r, flags.without(CF))
}

/// `a - 1`; the carry stays.
pub fn dec(w: Width, a: u64) -> (u64, Flags) {
    let (r, flags) = sub(w, a, 1, false);
    (r, flags.without(CF))
}

/// What a bit instruction does with the bit that it tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitOp {
    /// Nothing.
    Test,
    /// Sets it.
    Set,
    /// Clears it.
    Reset,
    /// Inverts it.
    Complement,
}

/// `bt`, `bts`, `btr`, `btc` of bit `bit` modulo the width.
pub fn bit(w: Width, op: BitOp, a: u64, bit: u64) -> (u64, Flags) {
    let one = 1u64.wrapping_shl(bit as u32 & w.bits().wrapping_sub(1));
    let r = match op {
        BitOp::Test => a,
        BitOp::Set => a | one,
        BitOp::Reset => a & !one,
        BitOp::Complement => a ^ one,
    };
    let set = flag(a & one != 0, CF);
    (w.trunc(r), Flags { mask: CF, set })
}

/// A shift or rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Left, filling with zeroes.
    Left,
    /// Right, filling with zeroes.
    Right,
    /// Right, filling with the sign.
    Arithmetic,
    /// Left, filling with what falls out.
    RotateLeft,
    /// Right, filling with what falls out.
    RotateRight,
}

/// `shl`, `shr`, `sar`, `rol`, `ror` by `count`, of which the processor looks at 5 or 6 bits.
pub fn shift(w: Width, op: Shift, a: u64, count: u64) -> (u64, Flags) {
    let a = w.trunc(a);
    let n = count as u32 & if w == Width::Qword { 63 } else { 31 };
    if n == 0 {
        return (a, Flags::NONE);
    }
    let before = n.wrapping_sub(1);
    let rotated = n & w.bits().wrapping_sub(1);
    let back = w.bits().wrapping_sub(rotated) & w.bits().wrapping_sub(1);
    let wide = u128::from(a);
    let (r, out) = match op {
        Shift::Left => {
            let shifted = wide.wrapping_shl(n);
            (
                shifted as u64,
                shifted.wrapping_shr(w.bits()) as u64 & 1 != 0,
            )
        }
        Shift::Right => (
            wide.wrapping_shr(n) as u64,
            wide.wrapping_shr(before) & 1 != 0,
        ),
        Shift::Arithmetic => {
            let signed = i128::from(w.sign_extend(a) as i64);
            (
                signed.wrapping_shr(n) as u64,
                signed.wrapping_shr(before) & 1 != 0,
            )
        }
        Shift::RotateLeft => {
            let r = (wide.wrapping_shl(rotated) | wide.wrapping_shr(back)) as u64;
            (r, r & 1 != 0)
        }
        Shift::RotateRight => {
            let r = (wide.wrapping_shr(rotated) | wide.wrapping_shl(back)) as u64;
            (r, r & w.sign() != 0)
        }
    };
    let r = w.trunc(r);
    let top = r & w.sign() != 0;
    let overflow = match op {
        Shift::Left | Shift::RotateLeft => top ^ out,
        Shift::Right => a & w.sign() != 0,
        Shift::Arithmetic => false,
        Shift::RotateRight => top ^ (r.wrapping_shl(1) & w.sign() != 0),
    };
    let of = if n == 1 { OF } else { 0 };
    let mask = match op {
        Shift::RotateLeft | Shift::RotateRight => CF | of,
        _ => CF | PF | AF | ZF | SF | of,
    };
    let set = szp(w, r) | flag(out, CF) | flag(overflow, OF);
    (r, Flags { mask, set })
}
