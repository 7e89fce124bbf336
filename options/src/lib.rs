//! The hypervisor's command line, in Xen's syntax.
//!
//! A line is words between blanks. A word is `name`, `name=value` or, for a switch, `no-name`; in names `-` and `_` are
//! the same. The last word of a name counts. A word `--` ends the line: what follows is meant for the
//! kernel of domain 0.
//!
//! A machine that doesn't boot because of a word in its boot entry can't be mended from afar, so
//! nothing on the line stops a boot. Whatever is unknown or has a value without sense is left at its
//! default and reported. Options that Xen has and this hypervisor does nothing with yet are told apart from
//! typing errors by the table [`OPTIONS`], from which the manual's page is made too, so that the two
//! can't disagree: [`without_effect`] lists those on a line.
//!
//! Values that describe hardware (`console`, `com1`, `com2`, `vga`, `reboot`) are parsed by
//! `arch_defs`; they are needed before there is a heap or a second pass, so [`last_value`] finds them as text.
#![no_std]
#![forbid(unsafe_code)]

mod dom0;
mod line;
mod parse;
mod table;
mod value;

pub use dom0::{Amount, Dom0Mem, MAX_VCPUS, VcpuRange};
pub use line::{dom0_arguments, last_value, without_effect};
pub use parse::Options;
pub use table::{Effect, OPTIONS, OptionInfo, Tier, reference};
pub use value::{Levels, Timestamps, boolean, size};
