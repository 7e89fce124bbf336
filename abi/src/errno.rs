//! Error numbers of the ABI (`xen/errno.h`), returned to guests as `-errno` in a 64-bit register.

use core::fmt;

/// An error number, always positive. Hypercalls answer its negation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Errno(i32);

impl Errno {
    /// The positive number.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// What a hypercall puts into the return register.
    pub const fn to_ret(self) -> i64 {
        -(self.0 as i64)
    }

    /// The header's name for this number, if it has one.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(n, _)| *n == self.0).map(|(_, s)| *s)
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "errno {}", self.0),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Errno {
    /// Operation not permitted.
    pub const EPERM: Self = Self(1);
    /// No such object.
    pub const ENOENT: Self = Self(2);
    /// No such domain.
    pub const ESRCH: Self = Self(3);
    /// Interrupted.
    pub const EINTR: Self = Self(4);
    /// Input or output failed.
    pub const EIO: Self = Self(5);
    /// No such device or address.
    pub const ENXIO: Self = Self(6);
    /// Argument list too long.
    pub const E2BIG: Self = Self(7);
    /// Not an executable image.
    pub const ENOEXEC: Self = Self(8);
    /// Bad handle.
    pub const EBADF: Self = Self(9);
    /// No child.
    pub const ECHILD: Self = Self(10);
    /// Try again.
    pub const EAGAIN: Self = Self(11);
    /// Would block.
    pub const EWOULDBLOCK: Self = Self(11);
    /// Out of memory.
    pub const ENOMEM: Self = Self(12);
    /// Permission denied.
    pub const EACCES: Self = Self(13);
    /// Bad guest address.
    pub const EFAULT: Self = Self(14);
    /// Object is busy.
    pub const EBUSY: Self = Self(16);
    /// Object exists.
    pub const EEXIST: Self = Self(17);
    /// Link across devices.
    pub const EXDEV: Self = Self(18);
    /// No such device.
    pub const ENODEV: Self = Self(19);
    /// Not a directory.
    pub const ENOTDIR: Self = Self(20);
    /// Is a directory.
    pub const EISDIR: Self = Self(21);
    /// Invalid argument.
    pub const EINVAL: Self = Self(22);
    /// Table is full.
    pub const ENFILE: Self = Self(23);
    /// Too many open objects.
    pub const EMFILE: Self = Self(24);
    /// No space left.
    pub const ENOSPC: Self = Self(28);
    /// Read-only.
    pub const EROFS: Self = Self(30);
    /// Too many links.
    pub const EMLINK: Self = Self(31);
    /// Argument outside the domain of the function.
    pub const EDOM: Self = Self(33);
    /// Result out of range.
    pub const ERANGE: Self = Self(34);
    /// Deadlock would result.
    pub const EDEADLK: Self = Self(35);
    /// Deadlock would result, by its other name.
    pub const EDEADLOCK: Self = Self(35);
    /// Name too long.
    pub const ENAMETOOLONG: Self = Self(36);
    /// No locks available.
    pub const ENOLCK: Self = Self(37);
    /// Call not implemented.
    pub const ENOSYS: Self = Self(38);
    /// Not empty.
    pub const ENOTEMPTY: Self = Self(39);
    /// No data available.
    pub const ENODATA: Self = Self(61);
    /// Timer expired.
    pub const ETIME: Self = Self(62);
    /// Bad message.
    pub const EBADMSG: Self = Self(74);
    /// Value too large.
    pub const EOVERFLOW: Self = Self(75);
    /// Illegal sequence.
    pub const EILSEQ: Self = Self(84);
    /// Restart the call.
    pub const ERESTART: Self = Self(85);
    /// Not a socket.
    pub const ENOTSOCK: Self = Self(88);
    /// Message too long.
    pub const EMSGSIZE: Self = Self(90);
    /// Operation not supported.
    pub const EOPNOTSUPP: Self = Self(95);
    /// Address in use.
    pub const EADDRINUSE: Self = Self(98);
    /// Address not available.
    pub const EADDRNOTAVAIL: Self = Self(99);
    /// No buffer space.
    pub const ENOBUFS: Self = Self(105);
    /// Already connected.
    pub const EISCONN: Self = Self(106);
    /// Not connected.
    pub const ENOTCONN: Self = Self(107);
    /// Timed out.
    pub const ETIMEDOUT: Self = Self(110);
    /// Connection refused.
    pub const ECONNREFUSED: Self = Self(111);
}

static NAMES: &[(i32, &str)] = &[
    (1, "EPERM"),
    (2, "ENOENT"),
    (3, "ESRCH"),
    (4, "EINTR"),
    (5, "EIO"),
    (6, "ENXIO"),
    (7, "E2BIG"),
    (8, "ENOEXEC"),
    (9, "EBADF"),
    (10, "ECHILD"),
    (11, "EAGAIN"),
    (11, "EWOULDBLOCK"),
    (12, "ENOMEM"),
    (13, "EACCES"),
    (14, "EFAULT"),
    (16, "EBUSY"),
    (17, "EEXIST"),
    (18, "EXDEV"),
    (19, "ENODEV"),
    (20, "ENOTDIR"),
    (21, "EISDIR"),
    (22, "EINVAL"),
    (23, "ENFILE"),
    (24, "EMFILE"),
    (28, "ENOSPC"),
    (30, "EROFS"),
    (31, "EMLINK"),
    (33, "EDOM"),
    (34, "ERANGE"),
    (35, "EDEADLK"),
    (35, "EDEADLOCK"),
    (36, "ENAMETOOLONG"),
    (37, "ENOLCK"),
    (38, "ENOSYS"),
    (39, "ENOTEMPTY"),
    (61, "ENODATA"),
    (62, "ETIME"),
    (74, "EBADMSG"),
    (75, "EOVERFLOW"),
    (84, "EILSEQ"),
    (85, "ERESTART"),
    (88, "ENOTSOCK"),
    (90, "EMSGSIZE"),
    (95, "EOPNOTSUPP"),
    (98, "EADDRINUSE"),
    (99, "EADDRNOTAVAIL"),
    (105, "ENOBUFS"),
    (106, "EISCONN"),
    (107, "ENOTCONN"),
    (110, "ETIMEDOUT"),
    (111, "ECONNREFUSED"),
];
