//! Every way in which an operation can be refused, and Xen's error number for it.

use abi::Errno;
use units::DomId;

/// Why an event-channel operation was refused. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Every port that the domain may have is in use.
    NoFreePort,
    /// The table could not grow.
    NoMemory,
    /// The port number is beyond the table.
    NoSuchPort,
    /// The port is closed, or is port 0.
    NotOpen,
    /// The port belongs to the hypervisor (a device model's request channel), not to the guest.
    NotGuests,
    /// The status of a port that belongs to the hypervisor.
    StatusHidden,
    /// The remote port isn't waiting for the caller.
    NotAccepting,
    /// The domain has no such vCPU.
    NoSuchVcpu,
    /// There is no such virtual IRQ.
    NoSuchVirq,
    /// A global virtual IRQ must be bound on vCPU 0.
    GlobalVirqElsewhere,
    /// The virtual IRQ is bound already.
    VirqBound,
    /// The domain can't have such a physical IRQ.
    NoSuchPirq,
    /// The physical IRQ is bound already.
    PirqBound,
    /// The port's vCPU can't be changed.
    FixedVcpu,
    /// Nothing can be sent through this kind of port.
    NotSendable,
    /// Priorities exist in the FIFO ABI only.
    NoPriorities,
    /// The priority of a port that no guest can use.
    PriorityRefused,
    /// The priority is above 15.
    BadPriority,
    /// There is no event array outside the FIFO ABI.
    NoEventArray,
    /// The event array has all the pages it can have.
    EventArrayFull,
    /// The vCPU has a control block already.
    ControlBlockSet,
    /// The structure would be misaligned or cross its page's end.
    BadOffset,
    /// The vCPU's `vcpu_info` has been moved already.
    VcpuInfoSet,
    /// More ports to poll than [`MAX_POLL_PORTS`](crate::MAX_POLL_PORTS).
    TooManyPorts,
    /// The port's peer is in this domain, whose table the caller has not locked. Look again, lock
    /// both, and retry.
    PeerNotLocked(DomId),
}

impl From<Error> for Errno {
    fn from(error: Error) -> Self {
        match error {
            Error::NoFreePort | Error::EventArrayFull => Self::ENOSPC,
            Error::NoMemory => Self::ENOMEM,
            Error::NoSuchVcpu => Self::ENOENT,
            Error::VirqBound | Error::PirqBound => Self::EEXIST,
            Error::StatusHidden | Error::PriorityRefused => Self::EACCES,
            Error::NoPriorities => Self::ENOSYS,
            Error::NoEventArray => Self::EOPNOTSUPP,
            Error::PeerNotLocked(_) => Self::EAGAIN,
            Error::NoSuchPort
            | Error::NotOpen
            | Error::NotGuests
            | Error::NotAccepting
            | Error::NoSuchVirq
            | Error::GlobalVirqElsewhere
            | Error::NoSuchPirq
            | Error::FixedVcpu
            | Error::NotSendable
            | Error::BadPriority
            | Error::ControlBlockSet
            | Error::BadOffset
            | Error::VcpuInfoSet
            | Error::TooManyPorts => Self::EINVAL,
        }
    }
}
