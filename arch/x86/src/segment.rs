//! Segment registers, their bases and debug registers of the running vCPU.

use core::arch::asm;

use arch_defs::vcpu::SegmentRegs;

use crate::cpu::{self, Features, msr};

/// Stores this processor's user segment state in `to`.
pub fn save(to: &SegmentRegs) {
    macro_rules! store {
        ($($reg:literal => $field:ident),*) => {$({
            let v: u32;
            // SAFETY: reading a selector.
            unsafe { asm!(concat!("mov {:e}, ", $reg), out(reg) v, options(nomem, nostack, preserves_flags)) };
            to.$field.set(v.into());
        })*};
    }
    store!("ds" => ds, "es" => es, "fs" => fs, "gs" => gs);
    to.fs_base.set(read_base(msr::FS_BASE));
    to.gs_base.set(read_base(msr::GS_BASE));
    to.gs_base_other.set(read_base(msr::KERNEL_GS_BASE));
}

/// Loads user segment state. Answers false where a selector named no usable descriptor; it is null then.
pub fn load(from: &SegmentRegs) -> bool {
    let mut ok = true;
    macro_rules! load {
        ($($reg:literal => $field:ident),*) => {$({
            let good: u32;
            // SAFETY: a selector that faults is caught and replaced by the null selector.
            unsafe {
                asm!(
                    concat!("2: mov ", $reg, ", {v:e}"),
                    "3:",
                    ".pushsection .fixup_text, \"ax\"",
                    "4: xor {good:e}, {good:e}",
                    concat!("mov ", $reg, ", {good:e}"),
                    "jmp 3b",
                    ".popsection",
                    ".pushsection .ex_table, \"a\"",
                    ".long 2b - ., 4b - .",
                    ".popsection",
                    v = in(reg) from.$field.get() as u32 & 0xffff, good = inout(reg) 1u32 => good,
                    options(nostack, preserves_flags),
                );
            }
            ok &= good != 0;
        })*};
    }
    load!("ds" => ds, "es" => es, "fs" => fs, "gs" => gs);
    write_base(msr::FS_BASE, from.fs_base.get());
    write_base(msr::GS_BASE, from.gs_base.get());
    write_base(msr::KERNEL_GS_BASE, from.gs_base_other.get());
    ok
}

/// Loads the GS selector of guest user mode while the kernel's GS base stays active (`SEGBASE_GS_USER_SEL`).
pub fn load_user_gs(selector: u16) -> bool {
    let good: u32;
    // SAFETY: swapgs twice keeps both bases in their places but for the one the selector loads; interrupts
    // are off, and a fault is caught.
    unsafe {
        asm!(
            "swapgs",
            "2: mov gs, {v:e}",
            "3: mfence",
            "swapgs",
            ".pushsection .fixup_text, \"ax\"",
            "4: xor {good:e}, {good:e}",
            "mov gs, {good:e}",
            "jmp 3b",
            ".popsection",
            ".pushsection .ex_table, \"a\"",
            ".long 2b - ., 4b - .",
            ".popsection",
            v = in(reg) u32::from(selector), good = inout(reg) 1u32 => good,
            options(nostack),
        );
    }
    good != 0
}

/// Reads FS_BASE, GS_BASE or KERNEL_GS_BASE.
pub fn read_base(register: u32) -> u64 {
    cpu::rdmsr(register).unwrap_or(0)
}

/// Writes FS_BASE, GS_BASE or KERNEL_GS_BASE. A non-canonical address is refused: false.
pub fn write_base(register: u32, base: u64) -> bool {
    let canonical = (base as i64) << 16 >> 16 == base as i64;
    let known = matches!(register, msr::FS_BASE | msr::GS_BASE | msr::KERNEL_GS_BASE);
    if !canonical || !known {
        return false;
    }
    // SAFETY: the hypervisor uses neither FS nor GS.
    unsafe {
        if register == msr::FS_BASE && cpu::features().contains(Features::FSGSBASE) {
            asm!("wrfsbase {}", in(reg) base, options(nomem, nostack, preserves_flags));
            true
        } else if register == msr::GS_BASE && cpu::features().contains(Features::FSGSBASE) {
            asm!("wrgsbase {}", in(reg) base, options(nomem, nostack, preserves_flags));
            true
        } else {
            cpu::wrmsr(register, base)
        }
    }
}

/// Exchanges the active and the inactive GS base, as a guest's switch between its kernel and user modes does.
pub fn swap_gs() {
    // SAFETY: the hypervisor doesn't use GS.
    unsafe { asm!("swapgs", options(nomem, nostack, preserves_flags)) }
}

/// Reads debug register `n` (0 to 3, 6, 7).
pub fn read_debug(n: u8) -> u64 {
    let v;
    macro_rules! read {
        ($reg:literal) => {
            // SAFETY: reading a debug register; CR4.DE faults only on 4 and 5, DR7.GD is never set.
            unsafe { asm!(concat!("mov {}, ", $reg), out(reg) v, options(nomem, nostack, preserves_flags)) }
        };
    }
    match n {
        0 => read!("dr0"),
        1 => read!("dr1"),
        2 => read!("dr2"),
        3 => read!("dr3"),
        6 => read!("dr6"),
        _ => read!("dr7"),
    }
    v
}

/// Loads debug registers. `dr[0..4]` must be guest addresses and `dr7` must have been masked to what
/// guests may set.
pub fn load_debug(dr: &[u64; 4], dr6: u64, dr7: u64) {
    if !dr.iter().all(|a| arch_defs::layout::guest_range_ok(*a, 8)) {
        return;
    }
    // SAFETY: no breakpoint lies in the hypervisor; reserved bits are forced to what the processor wants.
    unsafe {
        asm!(
            "mov dr7, {zero}", "mov dr0, {a}", "mov dr1, {b}", "mov dr2, {c}", "mov dr3, {d}", "mov dr6, {status}", "mov dr7, {control}",
            a = in(reg) dr[0], b = in(reg) dr[1], c = in(reg) dr[2], d = in(reg) dr[3],
            status = in(reg) dr6 & 0xffff_ffff | 0xffff_0ff0, control = in(reg) dr7 & 0xffff_0fff & !(1 << 13) | 0x400,
            zero = in(reg) 0x400u64,
            options(nomem, nostack, preserves_flags),
        );
    }
}
