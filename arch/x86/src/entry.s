# Where the CPU enters and leaves the hypervisor.
#
# From ring 3 the CPU loads rsp from the TSS, which points at the end of the running vCPU's register
# area, so it pushes the interrupt frame into the vCPU's block and the stubs push the rest below:
#
#     block + REGS_END   ss rsp rflags cs rip  vector:error  rdi rsi rdx rcx rax r8..r11 rbx rbp r12..r15   block + REGS
#
# Then rsp moves to the CPU's own stack, empty at this point, and Rust runs. It answers with the
# block to resume. From ring 0 (idle, preemption points, a faulting guest access) the same frame is
# on the CPU's stack and is returned to. NMI, #DB, #DF and #MC come on stacks of their own.

.macro SAVE
    push rdi
    push rsi
    push rdx
    push rcx
    push rax
    push r8
    push r9
    push r10
    push r11
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
.endm

.macro RESTORE
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    pop r11
    pop r10
    pop r9
    pop r8
    pop rax
    pop rcx
    pop rdx
    pop rsi
    pop rdi
.endm

.macro CLAC                                 # three bytes of nop until boot finds SMAP
771:nop dword ptr [rax]
    .pushsection .patch_table, "a"
    .long 771b - ., 0
    .popsection
.endm

.set F_RIP, 16 * 8                          # offsets in a saved frame
.set F_CS, 17 * 8

.text
.balign 16
trap_common:
    SAVE
    cld
    CLAC
    test byte ptr [rsp + F_CS], 3
    jz trap_from_host
    lea rdi, [rsp - {REGS}]
    mov rsp, [rdi + {HOST_STACK}]
    call qword ptr [rip + {guest_trap}]
    jmp guest_resume

.balign 16
syscall_common:                             # frame and vector are pushed
    SAVE
    cld
    lea rdi, [rsp - {REGS}]
    mov rsp, [rdi + {HOST_STACK}]
    call qword ptr [rip + {guest_trap}]

.global guest_resume
guest_resume:                               # rax = block
    lea rsp, [rax + {REGS}]
    test byte ptr [rax + {MODE}], {SYSRET}
    jnz 1f
    RESTORE
    add rsp, 8
guest_iret:
    iretq
1:  RESTORE
    mov rcx, [rsp + 8]
    mov r11, [rsp + 24]
    mov rsp, [rsp + 32]
    sysretq

trap_from_host:
    lea rax, [rip + guest_iret]
    cmp [rsp + F_RIP], rax
    je iret_fault
    mov rdi, rsp
    sub rsp, 8
    call qword ptr [rip + {host_trap}]
    add rsp, 8
    RESTORE
    add rsp, 8
    iretq

# The guest's own interrupt frame made iretq fault. The CPU pushed the fault's frame below it, over the
# saved registers (which are loaded) and into the block's headroom, and SAVE saved the guest's
# registers there: they move back up to where they belong.
#     before the fault  rsp = block + REGS + 16*8; the CPU aligned it down by 8 and pushed 6 words, SAVE 15
iret_fault:
    lea rdi, [rsp + 8 * (6 + 15) + 8 - 16 * 8 - {REGS}]
    mov rdx, [rsp + 15 * 8]
    lea rsi, [rsp + 14 * 8]
    lea r8, [rdi + {REGS} + 14 * 8]
    mov ecx, 15
1:  mov rax, [rsi]
    mov [r8], rax
    sub rsi, 8
    sub r8, 8
    dec ecx
    jnz 1b
    mov [rdi + {REGS} + 15 * 8], rdx
    mov rsp, [rdi + {HOST_STACK}]
    call qword ptr [rip + {iret_trap}]
    jmp guest_resume

# NMI, #DF, #MC: on their own stacks, never change vCPU.
ist_common:
    SAVE
    cld
    CLAC
    mov rdi, rsp
    sub rsp, 8
    call qword ptr [rip + {ist_trap}]
    add rsp, 8
    RESTORE
    add rsp, 8
    iretq

# #DB comes on its own stack because a guest can aim one at the first instruction of the system-call
# stub, where rsp is still its own. From ring 3 its frame moves to the block.
debug_common:
    test byte ptr [rsp + 16], 3
    jz ist_common
    push rax
    push rcx
    mov rcx, rsp
    and rcx, -{PERCPU_SIZE}
    mov rcx, [rcx + {DATA_PAGE} + {PC_REGS_END}]
    mov rax, [rsp + 16 + 40]
    mov [rcx - 8], rax
    mov rax, [rsp + 16 + 32]
    mov [rcx - 16], rax
    mov rax, [rsp + 16 + 24]
    mov [rcx - 24], rax
    mov rax, [rsp + 16 + 16]
    mov [rcx - 32], rax
    mov rax, [rsp + 16 + 8]
    mov [rcx - 40], rax
    mov rax, [rsp + 16]
    mov [rcx - 48], rax
    lea rax, [rcx - 48]
    pop rcx
    xchg rax, [rsp]                         # rax restored, the new rsp on the stack
    pop rsp
    jmp trap_common

.altmacro
.macro VECTOR number
    .if (\number == 8) || (\number >= 10 && \number <= 14) || (\number == 17) || (\number == 21)
    .else
        push 0
    .endif
    mov dword ptr [rsp + 4], \number
    .if (\number == 2) || (\number == 8) || (\number == 18)
        jmp ist_common
    .elseif \number == 1
        jmp debug_common
    .else
        jmp trap_common
    .endif
.endm

.balign 4096
.global vector_stubs
vector_stubs:                               # 32 bytes each
.set vector, 0
.rept 256
    .balign 32
    VECTOR %vector
    .set vector, vector + 1
.endr

# First instruction of a new vCPU or after boot: rdi = block.
.global enter_guest
enter_guest:
    mov rax, rdi
    jmp guest_resume

# System-call entry, mapped once per CPU with that CPU's variables on the next page: the only thing
# reachable without a free register or a stack.
.section .text.stub, "ax"
.balign 4096
.global syscall_stub
syscall_stub:
    mov [rip + syscall_stub + 4096 + {PC_SCRATCH}], rsp
    mov rsp, [rip + syscall_stub + 4096 + {PC_REGS_END}]
    push {FLAT_DS}
    push qword ptr [rip + syscall_stub + 4096 + {PC_SCRATCH}]
    push r11
    push {FLAT_CS64}
    push rcx
    push 0
    mov dword ptr [rsp + 4], {SYSCALL}
    jmp qword ptr [rip + syscall_stub + 4096 + {PC_SYSCALL}]

.balign 128
.global syscall32_stub
syscall32_stub:
    mov [rip + syscall_stub + 4096 + {PC_SCRATCH}], rsp
    mov rsp, [rip + syscall_stub + 4096 + {PC_REGS_END}]
    push {FLAT_DS}
    push qword ptr [rip + syscall_stub + 4096 + {PC_SCRATCH}]
    push r11
    push {FLAT_CS32}
    push rcx
    push 0
    mov dword ptr [rsp + 4], {SYSCALL32}
    jmp qword ptr [rip + syscall_stub + 4096 + {PC_SYSCALL}]
.text
