# From GRUB to Rust.
#
# GRUB enters in 32-bit protected mode with paging off, the image at any 2 MiB boundary below 4 GiB,
# eax = multiboot2 magic and ebx = the boot information. This file builds page tables that map the
# image at its link address with the final permissions (W^X), the first 4 GiB at the direct map
# (no-execute), and one identity page to stand on while paging comes on; then it jumps to Rust.
#
# Registers throughout: ebp = load address of the image, esi = boot information, edi, eax.. scratch.

.global boot_pop, boot_l4, boot_l3_ident, boot_l2_ident, boot_l3_image, boot_l2_image, boot_l1_image, boot_l3_dmap
.global boot_l2_dmap, boot_gdt, boot_long, msg_magic, msg_long, msg_nx

.section .multiboot, "a"
.balign 8
mb2_header:
    .long 0xe85250d6, 0, mb2_header_end - mb2_header
    .long -(0xe85250d6 + 0 + (mb2_header_end - mb2_header))
    .balign 8                               # wanted: command line, modules, memory map, ELF sections
    .short 1, 0
    .long 8 + 4 * 5
    .long 1, 3, 6, 4, 5
    .balign 8                               # optional: framebuffer, EFI, ACPI, load address
    .short 1, 1
    .long 8 + 4 * 7
    .long 8, 9, 12, 14, 15, 17, 21
    .balign 8                               # console: EGA text is fine
    .short 4, 1
    .long 12, 2
    .balign 8                               # framebuffer: without a depth some boards give palettes
    .short 5, 1
    .long 20, 1024, 768, 32
    .balign 8                               # modules on page boundaries
    .short 6, 0
    .long 8
    .balign 8                               # relocatable: 2 MiB .. 3 GiB, 2 MiB steps, low preferred
    .short 10, 0
    .long 24, 0x200000, 0xbfffffff, 0x200000, 1
    .balign 8
    .short 0, 0
    .long 8
mb2_header_end:

.section .text.boot, "ax"
.code32
.global boot_entry
boot_entry:
    cli
    cld
    mov esi, ebx
    mov esp, ebx                            # any stack for one call: 4 bytes below the boot information
    sub esp, 16
    mov ecx, [esp - 4]
    call boot_pop
boot_pop:
    pop ebp
    mov [esp - 4], ecx
    sub ebp, offset off_boot_pop            # now the address of the image's first byte
    lea esp, [ebp + off_boot_stack]

    cmp eax, 0x36d76289
    mov edx, offset off_msg_magic
    jne boot_die

    mov eax, 0x80000000
    cpuid
    cmp eax, 0x80000001
    mov edx, offset off_msg_long
    jb boot_die
    mov eax, 0x80000001
    cpuid
    mov ecx, edx
    mov edx, offset off_msg_long
    bt ecx, 29
    jnc boot_die
    mov edx, offset off_msg_nx
    bt ecx, 20
    jnc boot_die

    # Image: L4[261] -> L3[0] -> L2[0..4] -> L1, page by page with the section's permission.
    lea eax, [ebp + off_boot_l3_image + 3]
    mov [ebp + off_boot_l4 + 261 * 8], eax
    lea eax, [ebp + off_boot_l2_image + 3]
    mov [ebp + off_boot_l3_image], eax
    lea eax, [ebp + off_boot_l1_image + 3]
    xor ecx, ecx
2:  mov [ebp + off_boot_l2_image + ecx * 8], eax
    add eax, 4096
    inc ecx
    cmp ecx, 4
    jb 2b
    xor ecx, ecx                            # ecx = offset in the image
3:  lea eax, [ebp + ecx]
    xor edx, edx                            # edx = high half: no-execute
    or eax, 1
    cmp ecx, offset off_text_end
    jb 4f
    mov edx, 0x80000000
    cmp ecx, offset off_rodata_end
    jb 4f
    or eax, 2
4:  mov ebx, ecx
    shr ebx, 9                              # 8 bytes a 4096-byte page
    mov [ebp + off_boot_l1_image + ebx], eax
    mov [ebp + off_boot_l1_image + ebx + 4], edx
    add ecx, 4096
    cmp ecx, offset off_image_end
    jb 3b

    # Direct map of the first 4 GiB: L4[262] -> L3[0..4] -> 2 MiB pages, writable, no-execute.
    lea eax, [ebp + off_boot_l3_dmap + 3]
    mov [ebp + off_boot_l4 + 262 * 8], eax
    lea eax, [ebp + off_boot_l2_dmap + 3]
    xor ecx, ecx
5:  mov [ebp + off_boot_l3_dmap + ecx * 8], eax
    add eax, 4096
    inc ecx
    cmp ecx, 4
    jb 5b
    xor ecx, ecx
    mov eax, 0x83
6:  mov [ebp + off_boot_l2_dmap + ecx * 8], eax
    mov dword ptr [ebp + off_boot_l2_dmap + ecx * 8 + 4], 0x80000000
    add eax, 0x200000
    inc ecx
    cmp ecx, 2048
    jb 6b

    # Identity: the 2 MiB around this code, executable, read-only.
    lea eax, [ebp + off_boot_l3_ident + 3]
    mov [ebp + off_boot_l4], eax
    mov ecx, ebp
    shr ecx, 30
    lea eax, [ebp + off_boot_l2_ident + 3]
    mov [ebp + off_boot_l3_ident + ecx * 8], eax
    mov ecx, ebp
    shr ecx, 21
    and ecx, 511
    lea eax, [ebp + 0x81]
    mov [ebp + off_boot_l2_ident + ecx * 8], eax

    # Descriptor addresses need the load address.
    lea eax, [ebp + off_boot_gdt]
    mov [ebp + off_boot_gdt + 26], eax      # base field behind the table
    lgdt [ebp + off_boot_gdt + 24]

    mov eax, 0x20                           # CR4.PAE
    mov cr4, eax
    lea eax, [ebp + off_boot_l4]
    mov cr3, eax
    mov ecx, 0xc0000080                     # EFER: SCE, LME, NXE
    rdmsr
    or eax, 0x901
    wrmsr
    push 8                                  # the identity page is read-only once paging is on
    lea eax, [ebp + off_boot_long]
    push eax
    mov eax, 0x80010033                     # CR0: PG WP NE ET MP PE
    mov cr0, eax
    retf

# Prints the message at image offset edx on COM1 and the screen, and stops.
boot_die:
    lea esi, [ebp + edx]
    mov edi, 0xb8000
    mov ah, 0x4f
7:  lodsb
    test al, al
    jz 9f
    stosw
    mov bl, al
    mov dx, 0x3fd
    mov ecx, 100000
8:  in al, dx
    test al, 0x20
    loopz 8b
    mov al, bl
    mov dx, 0x3f8
    out dx, al
    mov ah, 0x4f
    jmp 7b
9:  hlt
    jmp 9b

.code64
boot_long:
    xor eax, eax
    mov ds, eax
    mov es, eax
    mov fs, eax
    mov gs, eax
    mov ss, eax
    mov edi, esi                            # boot information
    mov esi, ebp                            # load address
    lea rsp, [rip + 1f]
    jmp qword ptr [rip + 2f]
1:
.balign 8
2:  .quad boot_high

.text
boot_high:
    lea rsp, [rip + boot_stack_top]
    xor ebp, ebp
    call {boot_rust}
    ud2

.section .rodata
msg_magic: .asciz "Xenolith: not loaded by multiboot2. Use GRUB's multiboot2 command.\r\n"
msg_long:  .asciz "Xenolith: this CPU has no 64-bit mode.\r\n"
msg_nx:    .asciz "Xenolith: this CPU or its firmware settings lack no-execute pages (NX).\r\n"

.data
.balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff                # 64-bit code
    .quad 0x00cf93000000ffff                # data
    .short 23
    .long 0

.section .bss.pages, "aw", @nobits
.balign 4096
boot_l4:       .skip 4096
boot_l3_ident: .skip 4096
boot_l2_ident: .skip 4096
boot_l3_image: .skip 4096
boot_l2_image: .skip 4096
boot_l1_image: .skip 4096 * 4
boot_l3_dmap:  .skip 4096
boot_l2_dmap:  .skip 4096 * 4
.skip 4096                                  # unmapped by Rust: stack guard
.global boot_stack_top
.global boot_stack
boot_stack:    .skip 4096 * 16
boot_stack_top:
