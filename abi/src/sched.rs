//! Scheduling requests of guests (`sched.h`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Handle;

/// Gives up the CPU; no argument.
pub const SCHEDOP_YIELD: u32 = 0;
/// Unmasks events and sleeps until one is pending, with no gap between the two; no argument.
pub const SCHEDOP_BLOCK: u32 = 1;
/// Stops the calling domain: `SchedShutdown`.
pub const SCHEDOP_SHUTDOWN: u32 = 2;
/// Sleeps until a port of a set is pending: `SchedPoll`.
pub const SCHEDOP_POLL: u32 = 3;
/// Stops another domain: `SchedRemoteShutdown`.
pub const SCHEDOP_REMOTE_SHUTDOWN: u32 = 4;
/// Fixes the reason that a later shutdown will report: `SchedShutdown`.
pub const SCHEDOP_SHUTDOWN_CODE: u32 = 5;
/// Starts, feeds or stops a watchdog: `SchedWatchdog`.
pub const SCHEDOP_WATCHDOG: u32 = 6;
/// Pins the calling vcpu to a CPU for a while: `SchedPinOverride`.
pub const SCHEDOP_PIN_OVERRIDE: u32 = 7;

// Reasons of a shutdown.

/// Exited on its own; clean up.
pub const SHUTDOWN_POWEROFF: u32 = 0;
/// Clean up and start again.
pub const SHUTDOWN_REBOOT: u32 = 1;
/// Save; rdx holds the frame of the start-info page.
pub const SHUTDOWN_SUSPEND: u32 = 2;
/// Tell someone, perhaps dump.
pub const SHUTDOWN_CRASH: u32 = 3;
/// A watchdog went off.
pub const SHUTDOWN_WATCHDOG: u32 = 4;
/// Keep the memory and start over.
pub const SHUTDOWN_SOFT_RESET: u32 = 5;
/// The highest reason.
pub const SHUTDOWN_MAX: u32 = 5;

/// Argument of `SCHEDOP_SHUTDOWN` and `SCHEDOP_SHUTDOWN_CODE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SchedShutdown {
    /// `SHUTDOWN_*`; in.
    pub reason: u32,
}

/// Argument of `SCHEDOP_POLL`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SchedPoll {
    /// Array of ports; in.
    pub ports: Handle<u32>,
    /// Its length; in.
    pub nr_ports: u32,
    #[doc(hidden)]
    pub _pad0: [u8; 4],
    /// System time at which to give up, ns; 0 for never; in.
    pub timeout: u64,
}

/// Argument of `SCHEDOP_REMOTE_SHUTDOWN`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SchedRemoteShutdown {
    /// Domain to stop; in.
    pub domain_id: u16,
    #[doc(hidden)]
    pub _pad0: [u8; 2],
    /// `SHUTDOWN_*`; in.
    pub reason: u32,
}

/// Argument of `SCHEDOP_WATCHDOG`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SchedWatchdog {
    /// 0 for a new watchdog, whose number is returned; in.
    pub id: u32,
    /// Seconds until it goes off, 0 to stop it; in.
    pub timeout: u32,
}

/// Argument of `SCHEDOP_PIN_OVERRIDE`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SchedPinOverride {
    /// CPU to run on, negative to undo; in.
    pub pcpu: i32,
}

crate::assert_sizes! {
    SchedShutdown = 4,
    SchedPoll = 24,
    SchedRemoteShutdown = 8,
    SchedWatchdog = 8,
    SchedPinOverride = 4,
}
