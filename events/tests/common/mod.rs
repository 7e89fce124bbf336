//! Fake RAM, and guests that consume events as Linux does: the consumer side of both ABIs, cut into
//! steps of one shared-memory access each, so that tests can interleave them with the hypervisor.
#![allow(dead_code)]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

use events::PortTable;
use proptest::test_runner::Config;
use units::{FrameAccess, Mfn, VcpuId};

pub const SHARED_INFO: Mfn = Mfn::new(0);
pub const CONTROL: u64 = 10;
pub const INFO: u64 = 20;
pub const ARRAY: u64 = 30;
pub const FRAMES: usize = 40;

pub const PENDING: u32 = 1 << 31;
pub const MASKED: u32 = 1 << 30;
pub const LINKED: u32 = 1 << 29;
pub const BUSY: u32 = 1 << 28;
pub const LINK: u32 = (1 << 17) - 1;

pub fn config(cases: u32) -> Config {
    let more = std::env::var("XENOLITH_PROPTEST_CASES").ok();
    Config {
        cases: more.and_then(|n| n.parse().ok()).unwrap_or(cases),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    }
}

pub struct Ram {
    words: Vec<AtomicU64>,
    nowhere: AtomicU64,
    pub accesses: AtomicUsize,
}

impl Ram {
    pub fn new() -> Self {
        Self {
            words: (0..FRAMES * 512).map(|_| AtomicU64::new(0)).collect(),
            nowhere: AtomicU64::new(0),
            accesses: AtomicUsize::new(0),
        }
    }

    pub fn snapshot(&self) -> Vec<u64> {
        self.words.iter().map(|w| w.load(SeqCst)).collect()
    }

    pub fn scribble(&self, index: usize, value: u64) {
        self.words[index % self.words.len()].store(value, SeqCst);
    }
}

impl FrameAccess for Ram {
    fn word(&self, frame: Mfn, index: usize) -> &AtomicU64 {
        self.accesses.fetch_add(1, SeqCst);
        match frame.index() {
            f if f < FRAMES && index < 512 => &self.words[f * 512 + index],
            _ => &self.nowhere,
        }
    }
}

/// A 32-bit field of guest memory.
pub struct Half<'r>(pub &'r AtomicU64, pub u32);

impl Half<'_> {
    pub fn load(&self) -> u32 {
        (self.0.load(SeqCst) >> self.1) as u32
    }
    pub fn set(&self, bits: u32) -> u32 {
        (self.0.fetch_or(u64::from(bits) << self.1, SeqCst) >> self.1) as u32
    }
    pub fn clear(&self, bits: u32) -> u32 {
        (self.0.fetch_and(!(u64::from(bits) << self.1), SeqCst) >> self.1) as u32
    }
    pub fn swap0(&self) -> u32 {
        self.clear(u32::MAX)
    }
}

pub fn event_word(ram: &Ram, port: u32) -> Half<'_> {
    let page = Mfn::new(ARRAY + u64::from(port / 1024));
    Half(ram.word(page, (port % 1024 / 2) as usize), port % 2 * 32)
}

/// A page of event words as a fresh guest adds it: all masked.
pub fn init_array_page(ram: &Ram, page: u64) {
    for i in 0..512 {
        let masked = u64::from(MASKED);
        ram.word(Mfn::new(page), i)
            .store(masked | masked << 32, SeqCst);
    }
}

pub fn control_block(vcpu: u32) -> (Mfn, u32) {
    (Mfn::new(CONTROL + u64::from(vcpu)), 64 * vcpu)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Abi {
    TwoLevel,
    Fifo,
}

/// Puts `table` on the FIFO ABI with `pages` pages of event words.
pub fn enter_fifo(table: &mut PortTable, ram: &Ram, vcpus: u32, pages: u64) {
    for vcpu in 0..vcpus {
        let (frame, offset) = control_block(vcpu);
        table
            .init_control(ram, VcpuId(vcpu), frame, offset)
            .unwrap();
    }
    for page in 0..pages {
        init_array_page(ram, ARRAY + page);
        table
            .expand_array(ram, Mfn::new(ARRAY + page), |_| {})
            .unwrap();
    }
}

pub fn is_pending(ram: &Ram, abi: Abi, port: u32) -> bool {
    match abi {
        Abi::Fifo => event_word(ram, port).load() & PENDING != 0,
        Abi::TwoLevel => bit(ram, 2048, port),
    }
}

pub fn is_masked(ram: &Ram, abi: Abi, port: u32) -> bool {
    match abi {
        Abi::Fifo => event_word(ram, port).load() & MASKED != 0,
        Abi::TwoLevel => bit(ram, 2560, port),
    }
}

pub fn mask(ram: &Ram, abi: Abi, port: u32) {
    match abi {
        Abi::Fifo => drop(event_word(ram, port).set(MASKED)),
        Abi::TwoLevel => drop(word_of(ram, 2560, port).fetch_or(1 << (port % 64), SeqCst)),
    }
}

pub fn clear_pending(ram: &Ram, abi: Abi, port: u32) {
    match abi {
        Abi::Fifo => drop(event_word(ram, port).clear(PENDING)),
        Abi::TwoLevel => drop(word_of(ram, 2048, port).fetch_and(!(1 << (port % 64)), SeqCst)),
    }
}

/// The guest's half of unmasking; true if it must make the hypercall.
pub fn unmask_locally(ram: &Ram, abi: Abi, port: u32) -> bool {
    match abi {
        // The mask bit is left for the hypervisor to clear.
        Abi::TwoLevel => true,
        Abi::Fifo => {
            let word = event_word(ram, port);
            loop {
                let old = word.0.load(SeqCst);
                let expected = old & !(u64::from(BUSY) << word.1);
                let new = expected & !(u64::from(MASKED) << word.1);
                let swapped = word.0.compare_exchange(expected, new, SeqCst, SeqCst);
                if swapped.is_ok() {
                    break;
                }
                std::hint::spin_loop();
            }
            word.load() & PENDING != 0
        }
    }
}

fn word_of(ram: &Ram, base: usize, port: u32) -> &AtomicU64 {
    ram.word(SHARED_INFO, base / 8 + port as usize / 64)
}

fn bit(ram: &Ram, base: usize, port: u32) -> bool {
    word_of(ram, base, port).load(SeqCst) >> (port % 64) & 1 != 0
}

enum State {
    Idle,
    /// FIFO: fetch newly ready queues and choose one.
    Swap,
    Head(u32),
    Unlink(u32, u32),
    /// 2-level: words still to scan.
    Words(u64),
    Bits(u64, u32, u64),
    Handle(u32, Box<State>),
}

/// One vCPU's event loop.
pub struct Consumer {
    pub vcpu: u32,
    pub abi: Abi,
    pub info: (Mfn, usize),
    state: State,
    ready: u32,
    heads: [u32; 16],
}

pub enum Step {
    Idle,
    Working,
    /// The event of this port is to be handled (its pending bit has been cleared).
    Event(u32),
}

impl Consumer {
    pub fn new(vcpu: u32, abi: Abi) -> Self {
        Self {
            vcpu,
            abi,
            info: (SHARED_INFO, vcpu as usize * 64),
            state: State::Idle,
            ready: 0,
            heads: [0; 16],
        }
    }

    pub fn upcall_pending(&self, ram: &Ram) -> bool {
        self.info_word(ram, 0).load(SeqCst) & 0xff != 0
    }

    pub fn idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    fn info_word<'r>(&self, ram: &'r Ram, index: usize) -> &'r AtomicU64 {
        ram.word(self.info.0, self.info.1 / 8 + index)
    }

    fn control<'r>(&self, ram: &'r Ram, index: usize) -> Half<'r> {
        let (frame, offset) = control_block(self.vcpu);
        let at = offset as usize + index * 4;
        Half(ram.word(frame, at / 8), (at % 8 * 8) as u32)
    }

    /// `bound` tells whether this vCPU handles a port (2-level only).
    pub fn step(&mut self, ram: &Ram, bound: impl Fn(u32) -> bool) -> Step {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => {
                if !self.upcall_pending(ram) {
                    return Step::Idle;
                }
                self.info_word(ram, 0).fetch_and(!0xff, SeqCst);
                self.state = match self.abi {
                    Abi::Fifo => State::Swap,
                    Abi::TwoLevel => State::Words(self.info_word(ram, 1).swap(0, SeqCst)),
                };
            }
            State::Swap => {
                self.ready |= self.control(ram, 0).swap0();
                if self.ready != 0 {
                    self.state = State::Head(self.ready.trailing_zeros());
                }
            }
            State::Head(queue) => {
                let port = match self.heads[queue as usize] {
                    0 => self.control(ram, 2 + queue as usize).load(),
                    head => head,
                };
                assert_ne!(port, 0, "a ready queue without events");
                self.state = State::Unlink(queue, port);
            }
            State::Unlink(queue, port) => {
                let link = event_word(ram, port).clear(LINKED | LINK) & LINK;
                if link == 0 {
                    self.ready &= !(1 << queue);
                }
                self.heads[queue as usize] = link;
                self.state = State::Handle(port, Box::new(State::Swap));
            }
            State::Words(0) => {}
            State::Words(words) => {
                let word = words.trailing_zeros();
                let port = word * 64;
                let pending = word_of(ram, 2048, port).load(SeqCst);
                let unmasked = pending & !word_of(ram, 2560, port).load(SeqCst);
                self.state = State::Bits(words & (words - 1), word, unmasked);
            }
            State::Bits(words, _, 0) => self.state = State::Words(words),
            State::Bits(words, word, bits) => {
                let port = word * 64 + bits.trailing_zeros();
                let next = State::Bits(words, word, bits & (bits - 1));
                self.state = if bound(port) {
                    State::Handle(port, Box::new(next))
                } else {
                    next
                };
            }
            State::Handle(port, next) => {
                self.state = *next;
                if is_pending(ram, self.abi, port) && !is_masked(ram, self.abi, port) {
                    clear_pending(ram, self.abi, port);
                    return Step::Event(port);
                }
            }
        }
        Step::Working
    }
}

impl Ram {
    /// The contents of some frames.
    pub fn snapshot_of(&self, frames: &[usize]) -> Vec<u64> {
        let words = frames.iter().flat_map(|f| &self.words[f * 512..][..512]);
        words.map(|w| w.load(SeqCst)).collect()
    }
}
