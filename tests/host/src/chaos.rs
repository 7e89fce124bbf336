//! A guest that does anything.
//!
//! Bytes become steps: stores to its own memory, and hypercalls whose arguments mostly mean something, since
//! what is refused at the first look tests little. Bytes come from a test's generator or from a fuzzer; where they end,
//! zeroes follow.

use std::sync::atomic::Ordering;

use abi::Handle;
use abi::arch_x86::{VcpuGuestContext, xen_pfn_to_cr3};
use abi::memory::*;
use abi::vcpu::VCPUOP_INITIALISE;
use abi::xen::*;
use arch_defs::pte::{Level, Pte};
use hypercall::table::CALLS;
use units::{FrameAccess, GuestAddr, GuestMemory, Mfn};
use zerocopy::{FromZeros, IntoBytes};

use crate::guest::{Guest, TABLES, VA};
use crate::machine::IO_FRAME;

/// Page for structures, and the one after it for lists.
const ARG: usize = TABLES;
const LIST: usize = TABLES + 1;
/// Pages that steps make tables of.
const SPARE: usize = TABLES + 2;

/// Bytes that choose.
pub struct Source<'b>(&'b [u8]);

impl<'b> Source<'b> {
    /// Choices by these bytes.
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// True where only zeroes are left.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// A number below `n`, which is at most 65536.
    fn below(&mut self, n: usize) -> usize {
        let wide = if n > 256 {
            u16::from(self.byte()) << 8
        } else {
            0
        };
        usize::from(wide | u16::from(self.byte())) % n.max(1)
    }

    fn number(&mut self) -> u64 {
        (0..8).fold(0, |n, _| n << 8 | u64::from(self.byte()))
    }
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Did {
    /// The call.
    pub number: u64,
    /// Its command, where it has one.
    pub command: u64,
    /// Its answer.
    pub answer: i64,
}

/// A domain that does anything, and another that it may try to reach.
pub struct Chaos<'g, 'w> {
    own: &'g Guest<'w>,
    other: &'g Guest<'w>,
}

impl<'g, 'w> Chaos<'g, 'w> {
    /// `own` acts.
    pub const fn new(own: &'g Guest<'w>, other: &'g Guest<'w>) -> Self {
        Self { own, other }
    }

    /// Takes one step.
    pub fn step(&self, s: &mut Source<'_>) -> Option<Did> {
        self.own.enter();
        match s.below(20) {
            0 | 1 => self.update(s),
            2..=4 => self.map(s),
            5 | 6 => self.table(s),
            7 => self.extended(s),
            8 | 9 => self.memory(s),
            10 => self.exchange(s),
            11..=13 => self.by_words(s, __HYPERVISOR_EVENT_CHANNEL_OP, 16),
            14 => self.vcpu(s),
            15 => self.descriptors(s),
            16 => self.by_words(s, __HYPERVISOR_PHYSDEV_OP, 32),
            17 => self.multicall(s),
            18 => self.raw(s),
            _ => self.store(s),
        }
    }

    fn call(&self, number: u64, command: u64, args: [u64; 6]) -> Option<Did> {
        Some(Did {
            number,
            command,
            answer: self.own.call(number, args),
        })
    }

    /// Stores as the guest; what faults is nothing.
    fn put(&self, at: u64, bytes: &[u8]) -> u64 {
        let _ = self
            .own
            .world
            .hv
            .machine
            .copy_out(GuestAddr::new(at), bytes);
        at
    }

    fn pages(&self) -> usize {
        self.own.frames.len()
    }

    fn frame(&self, s: &mut Source<'_>) -> Mfn {
        let at = s.below(256);
        match at {
            0..=7 => self.other.frames[at % self.other.frames.len()],
            8 => Mfn::new(IO_FRAME),
            9 => Mfn::new(0xfee00),
            10 => Mfn::new(17),
            11 => self.own.domain.shared_info,
            // Tables by preference.
            12..=80 => self.own.frames[at % (SPARE + 6)],
            _ => {
                // The domain's present frame, not the one it began with.
                let page = at % self.pages();
                let entry = Pte(self
                    .own
                    .world
                    .hv
                    .machine
                    .word(self.own.frames[3], page)
                    .load(Ordering::Relaxed));
                if entry.present() {
                    entry.frame()
                } else {
                    self.own.frames[page]
                }
            }
        }
    }

    fn entry(&self, s: &mut Source<'_>) -> u64 {
        const FLAGS: [u64; 12] = [7, 7, 7, 5, 5, 1, 3, 0x67, 0, 0x107, 0x87, 0x1f];
        let frame = self.frame(s);
        let flags = FLAGS[s.below(FLAGS.len())];
        Pte::new(frame, flags).0 | u64::from(s.below(64) == 0) << 52
    }

    /// The machine address of some entry of some table.
    fn entry_at(&self, s: &mut Source<'_>) -> u64 {
        let table = if s.below(4) == 0 {
            self.frame(s)
        } else {
            self.own.frames[s.below(SPARE + 6)]
        };
        let kind = [0, 0, 0, 1, 2, 3, 4][s.below(7)];
        table.addr().get() + s.below(512) as u64 * 8 + kind
    }

    /// Any word that a call might want.
    fn word(&self, s: &mut Source<'_>) -> u64 {
        match s.below(16) {
            0..=3 => s.below(40) as u64,
            4 | 5 => self.frame(s).get(),
            6 => self.entry(s),
            7 => self.entry_at(s),
            8 | 9 => self.own.va(ARG) + s.below(512) as u64 * 8,
            10 => self.own.va(s.below(self.pages() + 1)),
            11 => [0x7ff0, 0x7ff1, 0x7ff2, 0x7ff4, 0, 1, 2][s.below(7)],
            12 => [
                u64::MAX,
                1 << 63,
                0xffff_8000_0000_0000,
                0x7fff_ffff_fff8,
                1 << 31,
                0xffff_ffff_ffff_fff8,
            ][s.below(6)],
            13 => s.number(),
            _ => 0,
        }
    }

    fn update(&self, s: &mut Source<'_>) -> Option<Did> {
        let count = s.below(4) + 1;
        let list = self.own.va(LIST);
        for n in 0..count as u64 {
            let request = MmuUpdate {
                ptr: self.entry_at(s),
                val: if s.below(3) == 0 { 0 } else { self.entry(s) },
            };
            self.put(list + n * 16, request.as_bytes());
        }
        let who = if s.below(8) == 0 {
            self.word(s)
        } else {
            DOMID_SELF.into()
        };
        self.call(
            __HYPERVISOR_MMU_UPDATE,
            0,
            [list, count as u64, self.own.va(ARG), who, 0, 0],
        )
    }

    fn map(&self, s: &mut Source<'_>) -> Option<Did> {
        // Pages of arguments stay mapped, mostly: without them little happens.
        let page = if s.below(16) == 0 {
            s.below(self.pages())
        } else {
            SPARE + s.below(self.pages() - SPARE)
        };
        let entry = match s.below(4) {
            0 => 0,
            1 => Pte::new(self.own.frames[page], Pte::P | Pte::RW).0,
            _ => self.entry(s),
        };
        let flags = [
            UVMF_INVLPG,
            UVMF_NONE,
            UVMF_TLB_FLUSH,
            UVMF_INVLPG | UVMF_ALL,
            3,
        ][s.below(5)];
        if s.below(6) == 0 {
            let who = self.word(s);
            return self.call(
                __HYPERVISOR_UPDATE_VA_MAPPING_OTHERDOMAIN,
                0,
                [self.own.va(page), entry, flags, who, 0, 0],
            );
        }
        self.call(
            __HYPERVISOR_UPDATE_VA_MAPPING,
            0,
            [self.own.va(page), entry, flags, 0, 0, 0],
        )
    }

    /// Makes a table of a page: fills it, maps it read-only and pins it, as a kernel does.
    fn table(&self, s: &mut Source<'_>) -> Option<Did> {
        let level = s.below(4) as u32;
        let page = SPARE + s.below(6);
        for _ in 0..s.below(4) {
            let entry = self.entry(s);
            self.put(
                self.own.va(page) + s.below(512) as u64 * 8,
                &entry.to_le_bytes(),
            );
        }
        if level == 3 && s.below(2) == 0 {
            // A root that the guest can live under.
            let top = Level::L4.index(VA) as u64;
            let all = Pte::new(self.own.frames[1], Pte::P | Pte::RW | Pte::US).0;
            self.put(self.own.va(page) + top * 8, &all.to_le_bytes());
        }
        let entry = Pte::new(self.own.frames[page], Pte::P).0;
        let flush = if s.below(4) == 0 {
            UVMF_NONE
        } else {
            UVMF_INVLPG
        };
        self.own.call(
            __HYPERVISOR_UPDATE_VA_MAPPING,
            [self.own.va(page), entry, flush, 0, 0, 0],
        );
        self.one_extended(
            s,
            MMUEXT_PIN_L1_TABLE + level,
            self.own.frames[page].get(),
            0,
        )
    }

    fn one_extended(&self, s: &mut Source<'_>, cmd: u32, arg1: u64, arg2: u64) -> Option<Did> {
        let op = MmuextOp {
            cmd,
            _pad0: [0; 4],
            arg1,
            arg2,
        };
        let list = self.put(self.own.va(LIST), op.as_bytes());
        let who = if s.below(16) == 0 {
            self.word(s)
        } else {
            DOMID_SELF.into()
        };
        self.call(__HYPERVISOR_MMUEXT_OP, cmd.into(), [list, 1, 0, who, 0, 0])
    }

    fn extended(&self, s: &mut Source<'_>) -> Option<Did> {
        let cmd = [
            MMUEXT_UNPIN_TABLE,
            MMUEXT_NEW_BASEPTR,
            MMUEXT_NEW_USER_BASEPTR,
            s.below(22) as u32,
        ][s.below(4)];
        let (arg1, arg2) = match cmd {
            MMUEXT_SET_LDT => (self.own.va(s.below(self.pages())), s.below(1024) as u64),
            _ if s.below(8) == 0 => (self.word(s), self.word(s)),
            MMUEXT_UNPIN_TABLE | MMUEXT_NEW_BASEPTR | MMUEXT_NEW_USER_BASEPTR => {
                let table = [self.own.frames[0], self.own.frames[SPARE + s.below(6)]][s.below(2)];
                (table.get(), 0)
            }
            _ => (self.frame(s).get(), self.frame(s).get()),
        };
        self.one_extended(s, cmd, arg1, arg2)
    }

    fn reservation(&self, s: &mut Source<'_>, list: u64) -> XenMemoryReservation {
        let mut r = XenMemoryReservation::new_zeroed();
        r.extent_start = Handle::new(list);
        r.nr_extents = s.below(6) as u64;
        r.extent_order = [0, 0, 0, 1, 2, 3, 10][s.below(7)];
        r.mem_flags = [0, 0, 0, 20, 13, 1 << 16][s.below(6)];
        r.domid = if s.below(8) == 0 {
            self.word(s) as u16
        } else {
            DOMID_SELF
        };
        r
    }

    fn memory(&self, s: &mut Source<'_>) -> Option<Did> {
        let op = match s.below(12) {
            0..=2 => XENMEM_DECREASE_RESERVATION,
            3..=5 => XENMEM_POPULATE_PHYSMAP,
            6 => XENMEM_INCREASE_RESERVATION,
            7 => XENMEM_CLAIM_PAGES,
            _ => s.below(30) as u32,
        };
        let list = self.own.va(LIST);
        for n in 0..6 {
            let word = if op == XENMEM_POPULATE_PHYSMAP {
                s.below(64) as u64
            } else {
                self.frame(s).get()
            };
            self.put(list + n * 8, &word.to_le_bytes());
        }
        let mut r = self.reservation(s, list);
        if op == XENMEM_CLAIM_PAGES {
            (r.extent_start, r.extent_order, r.mem_flags) = (Handle::NULL, 0, 0);
            (r.nr_extents, r.domid) = (s.below(300) as u64, s.below(3) as u16);
        }
        let at = self.put(self.own.va(ARG), r.as_bytes());
        let start = if s.below(16) == 0 {
            s.below(8) as u64
        } else {
            0
        };
        self.call(
            __HYPERVISOR_MEMORY_OP,
            op.into(),
            [u64::from(op) | start << 6, at, 0, 0, 0, 0],
        )
    }

    fn exchange(&self, s: &mut Source<'_>) -> Option<Did> {
        let (list, out) = (self.own.va(LIST), self.own.va(LIST) + 1024);
        let order = s.below(3) as u32;
        let count = 1u64 << order;
        let mut x = XenMemoryExchange::new_zeroed();
        (x.input, x.out) = (self.reservation(s, list), self.reservation(s, out));
        if s.below(4) != 0 {
            (x.input.nr_extents, x.input.extent_order, x.input.mem_flags) = (count, 0, 0);
            (x.out.nr_extents, x.out.extent_order) = (1, order);
            x.out.domid = x.input.domid;
        }
        for n in 0..8 {
            let page = SPARE + s.below(self.pages() - SPARE);
            if s.below(4) != 0 {
                // A frame can go only where nobody maps it.
                self.own.call(
                    __HYPERVISOR_UPDATE_VA_MAPPING,
                    [self.own.va(page), 0, UVMF_INVLPG, 0, 0, 0],
                );
            }
            self.put(list + n * 8, &self.own.frames[page].get().to_le_bytes());
            self.put(out + n * 8, &(page as u64).to_le_bytes());
        }
        let at = self.put(self.own.va(ARG), x.as_bytes());
        self.call(
            __HYPERVISOR_MEMORY_OP,
            XENMEM_EXCHANGE.into(),
            [XENMEM_EXCHANGE.into(), at, 0, 0, 0, 0],
        )
    }

    /// A call with a command and a structure of 32-bit words.
    fn by_words(&self, s: &mut Source<'_>, number: u64, commands: usize) -> Option<Did> {
        let cmd = s.below(commands) as u64;
        let at = self.own.va(ARG);
        for n in 0..6 {
            let word = match s.below(8) {
                0 => self.word(s) as u32,
                1 => 0x7ff0,
                2 => 0x7ff0_7ff0,
                3 => self.frame(s).get() as u32,
                _ => s.below(24) as u32,
            };
            self.put(at + n * 4, &word.to_le_bytes());
        }
        if s.below(4) == 0 {
            // Some begin with a frame.
            self.put(at, &self.frame(s).get().to_le_bytes());
            self.put(at + 8, &(s.below(2) as u64 * 8).to_le_bytes());
        }
        self.call(number, cmd, [cmd, at, 0, 0, 0, 0])
    }

    fn vcpu(&self, s: &mut Source<'_>) -> Option<Did> {
        let (cmd, vcpu, at) = (s.below(15) as u64, s.below(3) as u64, self.own.va(ARG));
        if cmd == u64::from(VCPUOP_INITIALISE) {
            let mut context = Box::new(VcpuGuestContext::new_zeroed());
            context.ctrlreg[3] =
                xen_pfn_to_cr3(self.own.frames[[0, SPARE + s.below(6)][s.below(2)]].get());
            context.ctrlreg[1] = xen_pfn_to_cr3([0, self.frame(s).get()][s.below(2)]);
            context.gdt_ents = [0, 512][s.below(2)];
            context.gdt_frames[0] = self.frame(s).get();
            self.put(at, context.as_bytes());
            return self.call(__HYPERVISOR_VCPU_OP, cmd, [cmd, vcpu, at, 0, 0, 0]);
        }
        for n in 0..4 {
            let word = match n {
                0 if s.below(2) == 0 => self.frame(s).get(),
                1 if s.below(2) == 0 => s.below(70) as u64 * 64,
                _ => self.word(s),
            };
            self.put(at + n * 8, &word.to_le_bytes());
        }
        self.call(__HYPERVISOR_VCPU_OP, cmd, [cmd, vcpu, at, 0, 0, 0])
    }

    fn descriptors(&self, s: &mut Source<'_>) -> Option<Did> {
        if s.below(2) == 0 {
            let (at, value) = (
                self.frame(s).addr().get() + s.below(512) as u64 * 8,
                s.number(),
            );
            return self.call(__HYPERVISOR_UPDATE_DESCRIPTOR, 0, [at, value, 0, 0, 0, 0]);
        }
        let list = self.own.va(LIST);
        let frames = s.below(4) as u64;
        for n in 0..frames {
            let page = SPARE + s.below(self.pages() - SPARE);
            if s.below(3) != 0 {
                self.put(self.own.va(page), &[0; 4096]);
                let entry = Pte::new(self.own.frames[page], Pte::P).0;
                self.own.call(
                    __HYPERVISOR_UPDATE_VA_MAPPING,
                    [self.own.va(page), entry, UVMF_INVLPG, 0, 0, 0],
                );
            }
            self.put(list + n * 8, &self.own.frames[page].get().to_le_bytes());
        }
        self.call(__HYPERVISOR_SET_GDT, 0, [list, frames * 512, 0, 0, 0, 0])
    }

    fn multicall(&self, s: &mut Source<'_>) -> Option<Did> {
        let list = self.own.va(LIST);
        let count = s.below(6) as u64;
        for n in 0..count {
            let mut entry = MulticallEntry::new_zeroed();
            entry.op = CALLS[s.below(CALLS.len())].number;
            entry.args = [(); 6].map(|()| self.word(s));
            if entry.op == __HYPERVISOR_UPDATE_VA_MAPPING {
                entry.args = [
                    self.own.va(SPARE + s.below(self.pages() - SPARE)),
                    self.entry(s),
                    UVMF_INVLPG,
                    0,
                    0,
                    0,
                ];
            }
            harmless(entry.op, &mut entry.args);
            self.put(list + n * 64, entry.as_bytes());
        }
        self.call(__HYPERVISOR_MULTICALL, 0, [list, count, 0, 0, 0, 0])
    }

    /// Any call, any words.
    fn raw(&self, s: &mut Source<'_>) -> Option<Did> {
        let number = if s.below(8) == 0 {
            s.number()
        } else {
            CALLS[s.below(CALLS.len())].number
        };
        for n in 0..8 {
            self.put(self.own.va(ARG) + n * 8, &self.word(s).to_le_bytes());
        }
        let mut args = [(); 6].map(|()| self.word(s));
        harmless(number, &mut args);
        self.call(number, args[0].min(64), args)
    }

    fn store(&self, s: &mut Source<'_>) -> Option<Did> {
        let at = self.own.va(s.below(self.pages())) + s.below(512) as u64 * 8;
        let word = if s.below(2) == 0 {
            self.entry(s)
        } else {
            self.word(s)
        };
        self.put(at, &word.to_le_bytes());
        None
    }
}

/// Takes the length out of calls whose length is all that they have to offer, and the sting out of those that end the
/// world.
fn harmless(number: u64, args: &mut [u64; 6]) {
    match number {
        __HYPERVISOR_MMU_UPDATE | __HYPERVISOR_MMUEXT_OP | __HYPERVISOR_MULTICALL => {
            args[1] &= 0x8000_000f
        }
        __HYPERVISOR_CONSOLE_IO => args[1] &= 0x0fff,
        // How user code returns is no business of memory.
        __HYPERVISOR_IRET => args[0] = 0,
        _ => {}
    }
}
