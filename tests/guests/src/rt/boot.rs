//! How the domain builder finds and starts this kernel.
//!
//! The builder reads the Xen ELF notes (`elfnote.h`): where the image wants to live, where it starts, where the
//! hypercall page goes, and what it can do without. The first instruction runs in ring 3 on a stack that the
//! builder made, with the start-of-day structure's address in RSI (`arch-x86/xen.h`, "Start of day structure
//! passed to PVH guests and PV guests").

use super::cell::Global;
use core::arch::global_asm;

global_asm!(
    ".macro XEN_NOTE type, desc:vararg",
    "    .pushsection .note.Xen, \"a\", @note",
    "    .balign 4",
    "    .long 4, 91f - 90f, \\type",
    "    .asciz \"Xen\"",
    "90: \\desc",
    "91: .balign 4",
    "    .popsection",
    ".endm",
    "XEN_NOTE 6,  .asciz \"Xenolith test guest\"", // GUEST_OS
    "XEN_NOTE 7,  .asciz \"1\"",                   // GUEST_VERSION
    "XEN_NOTE 5,  .asciz \"xen-3.0\"",             // XEN_VERSION
    "XEN_NOTE 3,  .quad {base}",                   // VIRT_BASE
    "XEN_NOTE 4,  .quad 0",                        // PADDR_OFFSET
    "XEN_NOTE 15, .quad {p2m}",                    // INIT_P2M
    "XEN_NOTE 1,  .quad _start",                   // ENTRY
    "XEN_NOTE 2,  .quad hypercall_page",           // HYPERCALL_PAGE
    "XEN_NOTE 10, .asciz \"!writable_page_tables|pae_pgdir_above_4gb\"", // FEATURES
    "XEN_NOTE 9,  .asciz \"yes\"",                 // PAE_MODE
    "XEN_NOTE 13, .quad 1, 1",                     // L1_MFN_VALID: mask, value
    "XEN_NOTE 12, .quad 0xffff800000000000",       // HV_START_LOW
    "XEN_NOTE 16, .quad 1",                        // MOD_START_PFN
    "XEN_NOTE 14, .long 1",                        // SUSPEND_CANCEL
    "XEN_NOTE 8,  .asciz \"generic\"",             // LOADER
    base = const VIRT_BASE,
    p2m = const P2M_BASE,
);

global_asm!(
    ".pushsection .text.entry, \"ax\", @progbits",
    ".globl _start",
    "_start:",
    "    cld",
    "    mov rdi, rsi",
    "    lea rsp, [rip + {stack} + {size}]",
    "    xor ebp, ebp",
    "    call {main}",
    "    ud2",
    "    .balign 4096",
    ".globl hypercall_page",
    "hypercall_page:",
    "    .skip 4096, 0xcc",
    ".popsection",
    stack = sym BOOT_STACK,
    size = const STACK_SIZE,
    main = sym crate::main,
);

/// Where physical address 0 of the domain is mapped.
pub const VIRT_BASE: u64 = 0xffff_ffff_8000_0000;
/// Where the notes ask for the physical-to-machine list.
pub const P2M_BASE: u64 = 0x80_0000_0000;

/// Of the boot stack and of the trap stack, in bytes.
pub const STACK_SIZE: usize = 64 * 1024;

#[repr(C, align(4096))]
struct Stack([u8; STACK_SIZE]);

static BOOT_STACK: Global<Stack> = Global::new(Stack([0; STACK_SIZE]));
