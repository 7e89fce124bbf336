//! The hypercall interface: one table, one handler a call.
//!
//! A guest's kernel loads a number into rax and up to six arguments into rdi, rsi, rdx, r10, r8, r9 and
//! executes `syscall` (or `int 0x82`, or calls the hypercall page). [`dispatch`] finds the handler in
//! [`table`], and what the handler returns goes to rax: a result, or a negated [`Errno`].
//!
//! A handler copies its arguments in once, checks them, makes its plan and then commits. One that works
//! through a guest-chosen number of elements looks at [`Machine::preempt`] between them and answers
//! [`Stop::Again`] with the arguments for the rest: the guest re-executes the instruction with these, after
//! everything urgent was done.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::sync::Arc;

use abi::Errno;
use arch_defs::layout::guest_range_ok;
use domain::{Domain, Hypervisor, Machine, Vcpu};
use units::{DomId, GuestAddr};
use zerocopy::{FromBytes, Immutable, IntoBytes};

mod console;
mod control;
pub mod coverage;
mod cpu;
mod event;
mod memory;
mod mmu;
mod multicall;
pub mod ops;
mod others;
mod physdev;
mod platform;
mod sched;
pub mod table;
mod vcpu;
mod version;

/// Why a call doesn't return a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It failed.
    Errno(Errno),
    /// It isn't finished: do it again with these arguments.
    Again([u64; 6]),
    /// It replaced the guest's registers itself (`iret`).
    Replaced,
}

impl<E: Into<Errno>> From<E> for Stop {
    fn from(e: E) -> Self {
        Self::Errno(e.into())
    }
}

/// What a handler answers.
pub type Answer = Result<u64, Stop>;

/// One call by a vCPU.
pub struct Call<'a, M: Machine> {
    /// Everything.
    pub hv: &'a Hypervisor<M>,
    /// The caller.
    pub vcpu: &'a Arc<Vcpu>,
    /// Its domain.
    pub domain: &'a Arc<Domain>,
    /// The arguments.
    pub args: [u64; 6],
}

impl<M: Machine> Call<'_, M> {
    /// Copies a structure in.
    #[inline]
    pub fn read<T: FromBytes + IntoBytes>(&self, from: u64) -> Result<T, Stop> {
        let mut value = T::new_zeroed();
        self.hv
            .machine
            .copy_in(GuestAddr::new(from), value.as_mut_bytes())
            .map_err(|_| Errno::EFAULT)?;
        Ok(value)
    }

    /// Copies a structure out.
    #[inline]
    pub fn write<T: IntoBytes + Immutable>(&self, to: u64, value: &T) -> Result<(), Stop> {
        self.hv
            .machine
            .copy_out(GuestAddr::new(to), value.as_bytes())
            .map_err(|_| Errno::EFAULT)?;
        Ok(())
    }

    /// Copies element `index` of an array in.
    #[inline]
    pub fn read_at<T: FromBytes + IntoBytes>(&self, array: u64, index: u64) -> Result<T, Stop> {
        self.read(array.wrapping_add(index.wrapping_mul(size_of::<T>() as u64)))
    }

    /// Copies element `index` of an array out.
    #[inline]
    pub fn write_at<T: IntoBytes + Immutable>(
        &self,
        array: u64,
        index: u64,
        value: &T,
    ) -> Result<(), Stop> {
        self.write(
            array.wrapping_add(index.wrapping_mul(size_of::<T>() as u64)),
            value,
        )
    }

    /// Refuses an array that begins in the hypervisor's part of the address space, or of more elements than there are
    /// addresses. Calls that do this look at no element of such an array; how far it reaches shows when it is copied.
    pub fn need_range(&self, array: u64, count: u64, size: usize) -> Result<(), Stop> {
        let fits = count < u64::MAX / size.max(1) as u64;
        if fits && guest_range_ok(array, 1) {
            Ok(())
        } else {
            Err(Errno::EFAULT.into())
        }
    }

    /// The domain of that number, the caller's own among them, whatever the caller may do with it.
    pub fn any_domain(&self, id: u16) -> Result<Arc<Domain>, Stop> {
        let id = DomId(id);
        if id == DomId::SELF || id == self.domain.id {
            return Ok(self.domain.clone());
        }
        Ok(self.hv.domain(id).ok_or(Errno::ESRCH)?)
    }

    /// A domain of that number that isn't the caller.
    pub fn remote_domain(&self, id: u16) -> Result<Arc<Domain>, Stop> {
        let domain = self.hv.domain(DomId(id)).ok_or(Errno::ESRCH)?;
        if domain.id == self.domain.id {
            Err(Errno::EPERM.into())
        } else {
            Ok(domain)
        }
    }

    /// Refuses callers without the right to control other domains.
    pub fn need_control(&self) -> Result<(), Stop> {
        if self.domain.io.control {
            Ok(())
        } else {
            Err(Errno::EPERM.into())
        }
    }

    /// Refuses callers that neither are `domain` nor control it.
    pub fn need_right_to(&self, domain: &Domain) -> Result<(), Stop> {
        if domain.id == self.domain.id {
            Ok(())
        } else {
            self.need_control()
        }
    }

    /// Refuses callers that don't drive the hardware.
    pub fn need_hardware(&self) -> Result<(), Stop> {
        if self.domain.io.hardware {
            Ok(())
        } else {
            Err(Errno::EPERM.into())
        }
    }

    /// A preemption point: `Again` with these arguments where something urgent waits.
    #[inline]
    pub fn preemption_point(&self, rest: [u64; 6]) -> Result<(), Stop> {
        if self.hv.machine.preempt() {
            Err(Stop::Again(rest))
        } else {
            Ok(())
        }
    }
}

/// Executes the hypercall in the running vCPU's registers.
pub fn dispatch<M: Machine>(hv: &Hypervisor<M>, vcpu: &Arc<Vcpu>, domain: &Arc<Domain>) {
    let regs = &vcpu.block.regs;
    let args = [
        regs.rdi.get(),
        regs.rsi.get(),
        regs.rdx.get(),
        regs.r10.get(),
        regs.r8.get(),
        regs.r9.get(),
    ];
    let call = Call {
        hv,
        vcpu,
        domain,
        args,
    };
    match table::perform(&call, regs.rax.get()) {
        Ok(value) => regs.rax.set(value),
        Err(Stop::Errno(e)) => regs.rax.set(e.to_ret() as u64),
        Err(Stop::Again(rest)) => {
            // Both ways of calling are two bytes long.
            regs.rip.set(regs.rip.get().wrapping_sub(2));
            let slots = [
                &regs.rdi, &regs.rsi, &regs.rdx, &regs.r10, &regs.r8, &regs.r9,
            ];
            slots
                .into_iter()
                .zip(rest)
                .for_each(|(slot, value)| slot.set(value));
        }
        Err(Stop::Replaced) => {}
    }
}
