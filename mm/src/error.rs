//! Refusals.

use abi::Errno;

/// Why a request was refused. One variant for each transition that the ledger forbids, so that a
/// log line says which rule was broken; guests only see the [`Errno`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MmError {
    /// The number names no RAM that the ledger knows.
    NoSuchFrame,
    /// The frame is free, or belongs to somebody else.
    NotOwner,
    /// The frame is in use as something else.
    TypeConflict,
    /// A table would point to a table of its own level or above.
    LinearTable,
    /// More references than the ledger can count.
    CountOverflow,
    /// A present entry has a bit set that this domain may not set, or an address too wide.
    ReservedBits,
    /// A large page in a guest's table.
    Superpage,
    /// One of the L4 slots that belong to the hypervisor.
    HypervisorSlot,
    /// Not RAM, and the domain has no right to that I/O memory.
    IoDenied,
    /// The frame isn't a validated table (of the level wanted).
    NotTable,
    /// Pinned already.
    AlreadyPinned,
    /// Not pinned.
    NotPinned,
    /// The machine address isn't that of an entry.
    Misaligned,
    /// A virtual address that guests can't have.
    BadAddress,
    /// No L1 table covers the virtual address.
    NotMapped,
    /// The entry isn't what the caller expects.
    EntryChanged,
    /// A system descriptor that guests may not have.
    BadDescriptor,
    /// A call gate to a code segment that isn't the guest's.
    CallGate,
    /// Interrupted at a preemption point; the same call again carries on.
    Preempted,
    /// The frame holds its last owner's data.
    NotScrubbed,
    /// The frame isn't fresh from the allocator.
    NotFresh,
    /// The frame isn't the hypervisor's, or is shared already.
    NotHypervisor,
    /// The owner's own reference is gone already.
    NotAllocated,
    /// Somebody else holds a reference.
    StillReferenced,
    /// The domain may not have more pages.
    OverLimit,
    /// The domain is going away.
    Dying,
    /// A range that isn't one, or lies outside the ledger.
    BadRange,
    /// Bad block: already free, still referenced, misaligned or of an impossible order.
    BadBlock,
    /// No free frame that satisfies the request.
    NoMemory,
    /// The domain has an outstanding claim already, or claims less than it has.
    BadClaim,
}

impl From<MmError> for Errno {
    fn from(e: MmError) -> Self {
        use MmError::*;
        match e {
            TypeConflict | StillReferenced => Errno::EBUSY,
            IoDenied => Errno::EPERM,
            Preempted => Errno::ERESTART,
            NoMemory => Errno::ENOMEM,
            OverLimit => Errno::E2BIG,
            NoSuchFrame | NotOwner | LinearTable | CountOverflow | ReservedBits | Superpage
            | HypervisorSlot | NotTable | AlreadyPinned | NotPinned | Misaligned | BadAddress
            | NotMapped | EntryChanged | BadDescriptor | CallGate | NotScrubbed | NotFresh
            | NotHypervisor | NotAllocated | Dying | BadRange | BadBlock | BadClaim => {
                Errno::EINVAL
            }
        }
    }
}
