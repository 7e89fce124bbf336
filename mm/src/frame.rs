//! One machine frame's ledger entry.
//!
//! Two 64-bit words hold everything that must change atomically.
//!
//! ```text
//! refs  63 RAM | 62 FREE | 61 DIRTY | 60 HYPERVISOR | 59 ALLOCATED | 55..40 owner | 39..0 references
//! kind  63 PINNED | 62 VALIDATED | 61 PARTIAL | 60 FOREIGN | 59..56 type | 41..32 progress | 31..0 type references
//! ```
//!
//! Owner and count share a word so that "take a reference if the owner is d" is one
//! compare-exchange: with the owner beside it, a frame could change hands between the look and the
//! grab. An entry of zeroes is a frame that isn't RAM.
//!
//! States of `kind` for the types that need validation (tables and descriptor pages):
//!
//! | references | VALIDATED | PARTIAL | meaning |
//! |---|---|---|---|
//! | 0 | no  | no  | last used as this type; may become anything after a flush |
//! | n | no  | no  | *busy*: one processor is validating or undoing it, others wait or fail |
//! | n | yes | no  | in use |
//! | n | no  | yes | interrupted: entries below `progress` hold references, the rest don't |
//!
//! PARTIAL holds a reference of its own to the frame, so that an interrupted table can't be freed
//! with its entries' references inside. With no type reference it is an orphan: whoever next wants
//! the frame as the same type carries the validation on, whoever wants another type undoes it first.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use arch_defs::pte::Level;
use units::DomId;

/// End of a list threaded through the ledger.
pub(crate) const NIL: u32 = u32::MAX;

/// What a frame is being used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FrameType {
    /// Nothing in particular since it was allocated.
    None = 0,
    /// A level-1 table.
    L1 = 1,
    /// A level-2 table.
    L2 = 2,
    /// A level-3 table.
    L3 = 3,
    /// A level-4 table.
    L4 = 4,
    /// Part of a GDT or LDT.
    SegDesc = 5,
    /// Plain memory that someone may write.
    Writable = 6,
    /// A hypervisor frame shown to guests read-only.
    Shared = 7,
}

impl FrameType {
    const ALL: [Self; 8] = [
        Self::None,
        Self::L1,
        Self::L2,
        Self::L3,
        Self::L4,
        Self::SegDesc,
        Self::Writable,
        Self::Shared,
    ];

    /// The level, for page tables.
    #[inline(always)]
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::L1 => Some(Level::L1),
            Self::L2 => Some(Level::L2),
            Self::L3 => Some(Level::L3),
            Self::L4 => Some(Level::L4),
            _ => None,
        }
    }

    /// The type of tables of `level`.
    #[inline(always)]
    pub const fn table(level: Level) -> Self {
        match level {
            Level::L1 => Self::L1,
            Level::L2 => Self::L2,
            Level::L3 => Self::L3,
            Level::L4 => Self::L4,
        }
    }
}

/// A value of the reference word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Refs(pub u64);

impl Refs {
    /// The frame is RAM.
    pub const RAM: u64 = 1 << 63;
    /// The frame belongs to the allocator.
    pub const FREE: u64 = 1 << 62;
    /// The frame holds its last owner's data.
    pub const DIRTY: u64 = 1 << 61;
    /// The frame is the hypervisor's own.
    pub const HYPERVISOR: u64 = 1 << 60;
    /// The owner's own reference, counted like any other, hasn't been returned.
    pub const ALLOCATED: u64 = 1 << 59;
    pub(crate) const COUNT: u64 = (1 << 40) - 1;
    const OWNER_SHIFT: u32 = 40;
    const OWNER: u64 = 0xffff << Self::OWNER_SHIFT;

    pub(crate) const fn new(flags: u64, owner: DomId, count: u64) -> Self {
        Self(flags | (owner.0 as u64) << Self::OWNER_SHIFT | count)
    }

    /// True where every bit of `flags` is set.
    #[inline(always)]
    pub const fn has(self, flags: u64) -> bool {
        self.0 & flags == flags
    }

    /// References held.
    #[inline(always)]
    pub const fn count(self) -> u64 {
        self.0 & Self::COUNT
    }

    /// The owner; [`DomId::INVALID`] for free frames, [`DomId::XEN`] for the hypervisor's.
    #[inline(always)]
    pub const fn owner(self) -> DomId {
        DomId((self.0 >> Self::OWNER_SHIFT) as u16)
    }

    /// True for RAM of `owner` with at least one reference.
    #[inline(always)]
    pub(crate) const fn live(self, owner: DomId) -> bool {
        self.0 & (Self::OWNER | Self::RAM) == Self::RAM | (owner.0 as u64) << Self::OWNER_SHIFT
            && self.count() != 0
    }
}

impl core::fmt::Debug for Refs {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let flags = [
            (Self::RAM, "ram"),
            (Self::FREE, "free"),
            (Self::DIRTY, "dirty"),
            (Self::HYPERVISOR, "hypervisor"),
            (Self::ALLOCATED, "allocated"),
        ];
        write!(f, "{}*{:?}", self.count(), self.owner())?;
        flags
            .iter()
            .filter(|(bit, _)| self.has(*bit))
            .try_for_each(|(_, name)| write!(f, " {name}"))
    }
}

/// A value of the type word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kind(pub u64);

impl Kind {
    /// A table holds a reference to itself on the guest's request.
    pub const PINNED: u64 = 1 << 63;
    /// The contents were checked.
    pub const VALIDATED: u64 = 1 << 62;
    /// Interrupted between validated and not.
    pub const PARTIAL: u64 = 1 << 61;
    /// Someone other than the owner mapped the frame writable since it became [`FrameType::Writable`].
    pub const FOREIGN: u64 = 1 << 60;
    const TYPE_SHIFT: u32 = 56;
    const TYPE: u64 = 0xf << Self::TYPE_SHIFT;
    const PROGRESS_SHIFT: u32 = 32;
    const PROGRESS: u64 = 0x3ff << Self::PROGRESS_SHIFT;

    /// Unused type word of a fresh frame.
    pub(crate) const FRESH: Self = Self(0);

    pub(crate) const fn new(ty: FrameType, count: u32) -> Self {
        Self((ty as u64) << Self::TYPE_SHIFT | count as u64)
    }

    /// True where every bit of `flags` is set.
    #[inline(always)]
    pub const fn has(self, flags: u64) -> bool {
        self.0 & flags == flags
    }

    /// The current type, or with no type reference the last one.
    #[inline(always)]
    pub fn ty(self) -> FrameType {
        FrameType::ALL
            .get((self.0 >> Self::TYPE_SHIFT & 7) as usize)
            .copied()
            .unwrap_or(FrameType::None)
    }

    /// Type references held.
    #[inline(always)]
    pub const fn count(self) -> u32 {
        self.0 as u32
    }

    /// True for `ty`, checked, so that another reference costs only a count.
    #[inline(always)]
    pub(crate) const fn ready(self, ty: FrameType) -> bool {
        self.0 & (Self::TYPE | Self::VALIDATED) == (ty as u64) << Self::TYPE_SHIFT | Self::VALIDATED
    }

    /// Entries, `0..=512`, that hold references while [`Kind::PARTIAL`].
    pub const fn progress(self) -> usize {
        ((self.0 & Self::PROGRESS) >> Self::PROGRESS_SHIFT) as usize
    }

    pub(crate) const fn with(self, flags: u64) -> Self {
        Self(self.0 | flags)
    }

    pub(crate) const fn partial(self, progress: usize) -> Self {
        Self(
            self.0 & !Self::PROGRESS
                | Self::PARTIAL
                | (progress as u64) << Self::PROGRESS_SHIFT & Self::PROGRESS,
        )
    }
}

impl core::fmt::Debug for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}*{:?}", self.count(), self.ty())?;
        if self.has(Self::PARTIAL) {
            write!(f, " partial {}", self.progress())?;
        }
        let flags = [
            (Self::PINNED, "pinned"),
            (Self::VALIDATED, "validated"),
            (Self::FOREIGN, "foreign"),
        ];
        flags
            .iter()
            .filter(|(bit, _)| self.has(*bit))
            .try_for_each(|(_, name)| write!(f, " {name}"))
    }
}

/// The ledger entry of one machine frame, 32 bytes. All zeroes means "not RAM".
#[derive(Default)]
#[repr(C)]
pub struct FrameInfo {
    pub(crate) refs: AtomicU64,
    pub(crate) kind: AtomicU64,
    /// Flush-clock stamp of the last use lost.
    pub(crate) stamp: AtomicU32,
    /// Neighbours in the owner's page list or in a free list. Whoever guards that list guards these.
    pub(crate) next: AtomicU32,
    pub(crate) prev: AtomicU32,
    /// Successor in a [`FreedList`](crate::FreedList); in the allocator, what the free block is.
    pub(crate) link: AtomicU32,
}

const _: () = assert!(size_of::<FrameInfo>() == 32);

impl FrameInfo {
    /// The entry of a frame that isn't RAM.
    pub const fn new() -> Self {
        Self {
            refs: AtomicU64::new(0),
            kind: AtomicU64::new(0),
            stamp: AtomicU32::new(0),
            next: AtomicU32::new(0),
            prev: AtomicU32::new(0),
            link: AtomicU32::new(0),
        }
    }

    /// A snapshot of owner, flags and references.
    #[inline(always)]
    pub fn refs(&self) -> Refs {
        Refs(self.refs.load(Ordering::Acquire))
    }

    /// A snapshot of type, state and type references.
    #[inline(always)]
    pub fn kind(&self) -> Kind {
        Kind(self.kind.load(Ordering::Acquire))
    }

    /// Replaces `old` by `new` in the type word, or answers what is there instead.
    #[inline(always)]
    pub(crate) fn swap_kind(&self, old: Kind, new: Kind) -> Result<(), Kind> {
        // AcqRel: pairs with every other change of the word, so that what was done to the frame
        // under the old state is seen under the new one.
        self.kind
            .compare_exchange(old.0, new.0, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
            .map_err(Kind)
    }

    #[inline(always)]
    pub(crate) fn swap_refs(&self, old: Refs, new: Refs) -> Result<(), Refs> {
        self.refs
            .compare_exchange(old.0, new.0, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
            .map_err(Refs)
    }

    /// Takes a reference if the frame lives and belongs to `owner`.
    #[inline(always)]
    pub(crate) fn get_ref(&self, owner: DomId) -> bool {
        let mut x = self.refs();
        while x.live(owner) {
            match self.swap_refs(x, Refs(x.0 + 1)) {
                Ok(()) => return true,
                Err(now) => x = now,
            }
        }
        false
    }

    /// Takes another reference on a frame that the caller holds one of already.
    #[inline(always)]
    pub(crate) fn add_ref(&self) {
        self.refs.fetch_add(1, Ordering::AcqRel);
    }

    /// Returns a reference; true where it was the last.
    #[inline(always)]
    pub(crate) fn put_ref(&self) -> bool {
        let before = Refs(self.refs.fetch_sub(1, Ordering::AcqRel));
        debug_assert!(before.count() != 0);
        before.count() == 1
    }
}

impl core::fmt::Debug for FrameInfo {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "[{:?}; {:?}]", self.refs(), self.kind())
    }
}
