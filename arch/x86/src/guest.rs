//! Guest memory by guest address, with faults as values.
//!
//! A hypercall argument may point anywhere. [`CurrentGuest`] refuses what lies in the hypervisor's
//! area, opens SMAP for the length of the copy, and lets the copy instruction fault: the fault handler finds
//! the instruction in the exception table and resumes behind it with what is left uncopied. The guest's
//! own page tables decide what is readable and writable, as for the guest itself, because supervisor
//! writes honour write protection too (CR0.WP).

use core::arch::asm;

use arch_defs::layout::guest_range_ok;
use units::{Fault, GuestAddr, GuestMemory};

/// The address space of the vCPU whose kernel called us.
#[derive(Clone, Copy, Debug, Default)]
pub struct CurrentGuest;

impl GuestMemory for CurrentGuest {
    #[inline]
    fn copy_in(&self, from: GuestAddr, to: &mut [u8]) -> Result<(), Fault> {
        if !guest_range_ok(from.get(), to.len() as u64) {
            return Err(Fault);
        }
        // SAFETY: the source lies outside the hypervisor's area and faults are caught; the
        // destination is ours.
        unsafe { copy(to.as_mut_ptr() as u64, from.get(), to.len()) }
    }

    #[inline]
    fn copy_out(&self, to: GuestAddr, from: &[u8]) -> Result<(), Fault> {
        if !guest_range_ok(to.get(), from.len() as u64) {
            return Err(Fault);
        }
        // SAFETY: the destination lies outside the hypervisor's area and faults are caught; the
        // source is ours.
        unsafe { copy(to.get(), from.as_ptr() as u64, from.len()) }
    }
}

/// Copies `len` bytes, one side being a guest's.
///
/// # Safety
/// The hypervisor's side must be valid for `len` bytes and the guest's outside the hypervisor's area.
#[inline]
unsafe fn copy(to: u64, from: u64, len: usize) -> Result<(), Fault> {
    let left: u64;
    // SAFETY: by the caller's promise; each instruction that may fault has an entry in the exception table, which
    // resumes at `5` with a count that isn't zero. The nops become STAC and CLAC where the CPU has SMAP.
    unsafe {
        asm!(
            "2: nop dword ptr [rax]",
            "3: rep movsq",
            "mov ecx, {tail:e}",
            "4: rep movsb",
            "5: nop dword ptr [rax]",
            ".pushsection .fixup_text, \"ax\"",
            "6: mov ecx, 1",
            "jmp 5b",
            ".popsection",
            ".pushsection .ex_table, \"a\"",
            ".long 3b - ., 6b - .",
            ".long 4b - ., 6b - .",
            ".popsection",
            ".pushsection .patch_table, \"a\"",
            ".long 2b - ., 1",
            ".long 5b - ., 0",
            ".popsection",
            tail = in(reg) len & 7,
            inout("rdi") to => _, inout("rsi") from => _, inout("rcx") len / 8 => left,
            options(nostack),
        );
    }
    if left == 0 { Ok(()) } else { Err(Fault) }
}

/// Compares `size` (1, 2, 4 or 8) bytes at guest address `at` with `old` and, where they are equal, stores
/// `new`, atomically. Answers what was there.
pub fn cmpxchg(at: GuestAddr, old: u64, new: u64, size: usize) -> Result<u64, Fault> {
    if !guest_range_ok(at.get(), size as u64) {
        return Err(Fault);
    }
    macro_rules! locked {
        ($reg:literal, $width:literal) => {{
            let (seen, ok): (u64, u64);
            // SAFETY: outside the hypervisor's area, faults are caught as in `copy`.
            unsafe {
                asm!(
                    "2: nop dword ptr [rax]",
                    concat!("3: lock cmpxchg ", $width, " ptr [{at}], {new", $reg, "}"),
                    "4: nop dword ptr [rax]",
                    ".pushsection .fixup_text, \"ax\"",
                    "5: xor {ok:e}, {ok:e}",
                    "jmp 4b",
                    ".popsection",
                    ".pushsection .ex_table, \"a\"",
                    ".long 3b - ., 5b - .",
                    ".popsection",
                    ".pushsection .patch_table, \"a\"",
                    ".long 2b - ., 1",
                    ".long 4b - ., 0",
                    ".popsection",
                    at = in(reg) at.get(), new = in(reg) new, ok = inout(reg) 1u64 => ok,
                    inout("rax") old => seen,
                    options(nostack),
                );
            }
            (ok != 0).then_some(seen)
        }};
    }
    let seen = match size {
        1 => locked!(":l", "byte"),
        2 => locked!(":x", "word"),
        4 => locked!(":e", "dword"),
        8 => locked!(":r", "qword"),
        _ => None,
    };
    let mask = if size >= 8 {
        u64::MAX
    } else {
        (1 << (size * 8)) - 1
    };
    seen.map(|s| s & mask).ok_or(Fault)
}

unsafe extern "C" {
    static ex_table_start: [i32; 2];
    static ex_table_end: [i32; 2];
    static patch_table_start: [i32; 2];
    static patch_table_end: [i32; 2];
}

/// The entries between two section symbols.
///
/// # Safety
/// The pointers must delimit one array.
unsafe fn table(start: *const [i32; 2], end: *const [i32; 2]) -> &'static [[i32; 2]] {
    // SAFETY: the caller's promise; the linker placed and aligned it.
    unsafe { core::slice::from_raw_parts(start, end.offset_from(start) as usize) }
}

/// Where to resume after a fault at `rip`, if a guest access is there.
pub(crate) fn fixup(rip: u64) -> Option<u64> {
    // SAFETY: linker symbols around the exception table.
    let entries = unsafe { table(&raw const ex_table_start, &raw const ex_table_end) };
    entries.iter().find_map(|entry| {
        let at = entry as *const _ as u64;
        (at.wrapping_add_signed(entry[0].into()) == rip)
            .then(|| (at + 4).wrapping_add_signed(entry[1].into()))
    })
}

/// Turns the marked nops into STAC (kind 1) and CLAC (kind 0), where the CPU has SMAP.
///
/// # Safety
/// Before any other processor runs, while the image's text can be written through `write`.
pub(crate) unsafe fn patch_smap(mut write: impl FnMut(u64, [u8; 3])) {
    // SAFETY: linker symbols around the patch table.
    for entry in unsafe { table(&raw const patch_table_start, &raw const patch_table_end) } {
        let site = (entry as *const _ as u64).wrapping_add_signed(entry[0].into());
        write(site, [0x0f, 0x01, if entry[1] == 1 { 0xcb } else { 0xca }]);
    }
}
