//! The table.
//!
//! [`CALLS`] names every number of the interface and says how far it is served; [`perform`] leads there. A
//! call that isn't served answers the errno that Xen gives where it lacks the feature, never a success.

use abi::Errno;
use domain::Machine;

use crate::ops::{self, Op};
use crate::{Answer, Call};
use crate::{
    console, control, cpu, event, memory, mmu, multicall, others, physdev, platform, sched, vcpu,
    version,
};

/// How far a call is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// As the interface says.
    Done,
    /// Some sub-operations are missing.
    Partly(&'static str),
    /// Not at all: always this error, and why.
    Refused(Errno, &'static str),
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Number in rax.
    pub number: u64,
    /// Name in `xen.h`, without prefix.
    pub name: &'static str,
    /// How far it is served, beyond what its sub-operations say.
    pub service: Service,
    /// Its sub-operations.
    pub ops: &'static [Op],
}

macro_rules! table {
    ($($number:literal $name:ident $service:expr, $ops:expr => $handler:expr;)*) => {
        /// Every call of the interface.
        pub static CALLS: &[Info] = &[$(Info { number: $number, name: stringify!($name), service: $service, ops: $ops },)*];

        /// Performs call `number`.
        #[inline]
        pub fn perform<M: Machine>(call: &Call<'_, M>, number: u64) -> Answer {
            match number {
                $($number => $handler(call),)*
                _ => Err(Errno::ENOSYS.into()),
            }
        }
    };
}

fn refused<M: Machine>(_: &Call<'_, M>) -> Answer {
    Err(Errno::ENOSYS.into())
}

use Service::{Done, Partly, Refused};
const NO: Errno = Errno::ENOSYS;

table! {
    0 set_trap_table Done, &[] => cpu::set_trap_table;
    1 mmu_update Done, ops::MMU_UPDATE => mmu::mmu_update;
    2 set_gdt Done, &[] => cpu::set_gdt;
    3 stack_switch Done, &[] => cpu::stack_switch;
    4 set_callbacks Done, &[] => cpu::set_callbacks;
    5 fpu_taskswitch Done, &[] => cpu::fpu_taskswitch;
    6 sched_op_compat Done, ops::SCHED_COMPAT => sched::compat;
    7 platform_op Partly("see below"), ops::PLATFORM => platform::platform_op;
    8 set_debugreg Done, &[] => cpu::set_debugreg;
    9 get_debugreg Done, &[] => cpu::get_debugreg;
    10 update_descriptor Done, &[] => cpu::update_descriptor;
    12 memory_op Partly("all that a PV domain can use but acquire_resource"), ops::MEMORY => memory::memory_op;
    13 multicall Done, &[] => multicall::multicall;
    14 update_va_mapping Done, &[] => mmu::update_va_mapping;
    15 set_timer_op Done, &[] => sched::set_timer_op;
    16 event_channel_op_compat Done, ops::EVENT => event::compat;
    17 xen_version Done, ops::VERSION => version::xen_version;
    18 console_io Done, ops::CONSOLE => console::console_io;
    19 physdev_op_compat Partly("as physdev_op"), ops::PHYSDEV => physdev::compat;
    20 grant_table_op Refused(NO, "grant tables"), ops::GRANT => refused;
    21 vm_assist Partly("see below"), ops::ASSIST => cpu::vm_assist;
    22 update_va_mapping_otherdomain Done, &[] => mmu::update_va_mapping_otherdomain;
    23 iret Done, &[] => cpu::iret;
    24 vcpu_op Done, ops::VCPU => vcpu::vcpu_op;
    25 set_segment_base Done, ops::SEGMENT_BASE => cpu::set_segment_base;
    26 mmuext_op Done, ops::MMUEXT => mmu::mmuext_op;
    27 xsm_op Refused(NO, "no security module, as in Debian's build"), &[] => refused;
    28 nmi_op Done, ops::NMI => cpu::nmi_op;
    29 sched_op Done, ops::SCHED => sched::sched_op;
    30 callback_op Done, ops::CALLBACK => cpu::callback_op;
    31 xenoprof_op Refused(Errno::EINVAL, "profiling"), ops::XENOPROF => others::xenoprof_op;
    32 event_channel_op Done, ops::EVENT => event::event_channel_op;
    33 physdev_op Partly("interrupts, PCI devices, I/O privilege"), ops::PHYSDEV => physdev::physdev_op;
    34 hvm_op Refused(NO, "translated guests"), ops::HVM => others::hvm_op;
    35 sysctl Refused(NO, "toolstack interface"), ops::SYSCTL => control::sysctl;
    36 domctl Refused(NO, "toolstack interface"), ops::DOMCTL => control::domctl;
    37 kexec_op Partly("answers that there is no crash kernel"), ops::KEXEC => others::kexec_op;
    38 tmem_op Refused(NO, "retired"), &[] => refused;
    39 argo_op Refused(NO, "as in Debian's build"), &[] => refused;
    40 xenpmu_op Refused(Errno::EOPNOTSUPP, "performance counters"), ops::XENPMU => others::xenpmu_op;
    41 dm_op Refused(Errno::EINVAL, "device models"), ops::DM => others::dm_op;
    42 hypfs_op Partly("an empty file system"), ops::HYPFS => others::hypfs_op;
}
