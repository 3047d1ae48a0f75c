# What DomainTypeProbe.swift boots to see whether a domain type runs guests: it enters long mode with paging, writes to memory,
# counts, and then says PLUMB on the serial port. Made into bytes by:
#   as --64 boot-sector.s -o o && ld -m elf_x86_64 -Ttext 0x7c00 --oformat binary -o boot-sector o
.code16
.globl _start
_start:
  cli
  xorw %ax,%ax
  movw %ax,%ds
  movw %ax,%es
  movw %ax,%ss
  movw $0x7c00,%sp
  # page tables at 0x10000: PML4, PDPT at 0x11000, PD at 0x12000 with 2 MiB pages
  movw $0x1000,%ax
  movw %ax,%es
  xorl %eax,%eax
  xorw %di,%di
  movw $0x3000,%cx
  cld
  rep stosl
  movl $0x11003,%es:0
  movl $0x12003,%es:0x1000
  movl $0x83,%eax
  movw $0x2000,%di
  movw $16,%cx
1: movl %eax,%es:(%di)
  addl $0x200000,%eax
  addw $8,%di
  loop 1b
  movl $0xa0,%eax          # PAE, PGE
  movl %eax,%cr4
  movl $0x10000,%eax
  movl %eax,%cr3
  movl $0xc0000080,%ecx
  rdmsr
  orl $0x100,%eax          # long mode
  wrmsr
  movl $0x80000001,%eax    # paging and protection
  movl %eax,%cr0
  lgdt gdtr
  ljmp $8,$long
.code64
long:
  xorl %eax,%eax
  movl $0x100000,%edi
  movl $0x100000,%ecx      # 8 MiB from 1 MiB on
  rep stosq
  movl $20000000,%ecx
2: decl %ecx
  jnz 2b
  movl $word,%esi
  movl $5,%ecx
  movw $0x3f8,%dx
3: lodsb
  outb %al,%dx
  loop 3b
4: hlt
  jmp 4b
word: .ascii "PLUMB"
.align 8
gdt: .quad 0
  .quad 0x00209a0000000000
gdtr: .word 15
  .long gdt
.org 510
.word 0xaa55
