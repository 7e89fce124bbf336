//! `xen_version`: who we are.

use abi::Errno;
use abi::features::*;
use abi::version::*;
use arch_defs::layout;
use domain::Machine;
use zerocopy::{FromZeros, Immutable, IntoBytes};

use crate::{Answer, Call};

/// Copies text into a zero-filled field, cut to leave a final zero.
fn text<const N: usize>(s: &str) -> [u8; N] {
    let mut field = [0; N];
    field.iter_mut().take(N.saturating_sub(1)).zip(s.bytes()).for_each(|(to, from)| *to = from);
    field
}

fn give<M: Machine, T: IntoBytes + Immutable>(call: &Call<'_, M>, value: &T) -> Answer {
    call.write(call.args[1], value)?;
    Ok(0)
}

/// `xen_version(cmd, arg)`.
pub fn xen_version<M: Machine>(call: &Call<'_, M>) -> Answer {
    let [cmd, arg, ..] = call.args;
    match cmd as u32 {
        XENVER_VERSION => Ok(VERSION.encode().into()),
        XENVER_EXTRAVERSION => give(call, &text::<16>(concat!("-xenolith-", env!("CARGO_PKG_VERSION")))),
        XENVER_COMPILE_INFO => {
            let mut info = XenCompileInfo::new_zeroed();
            info.compiler = text("rustc");
            info.compile_by = text("xenolith");
            info.compile_domain = text("xenolith");
            give(call, &info)
        }
        XENVER_CAPABILITIES => give(call, &text::<1024>("xen-3.0-x86_64 ")),
        XENVER_CHANGESET => give(call, &text::<64>(concat!("xenolith ", env!("CARGO_PKG_VERSION")))),
        XENVER_PLATFORM_PARAMETERS => give(call, &XenPlatformParameters { virt_start: layout::HYPERVISOR_START }),
        XENVER_GET_FEATURES => {
            let mut info: XenFeatureInfo = call.read(arg)?;
            info.submap = match info.submap_idx {
                0 => {
                    let bit = |n: u32| 1u32 << n;
                    let dom0 = if call.domain.io.hardware { bit(XENFEAT_DOM0) } else { 0 };
                    bit(XENFEAT_PAE_PGDIR_ABOVE_4GB)
                        | bit(XENFEAT_MMU_PT_UPDATE_PRESERVE_AD)
                        | bit(XENFEAT_HIGHMEM_ASSIST)
                        | bit(XENFEAT_GNTTAB_MAP_AVAIL_BITS)
                        | bit(XENFEAT_MEMORY_OP_VNODE_SUPPORTED)
                        | dom0
                }
                n if n < XENFEAT_NR_SUBMAPS => 0,
                _ => return Err(Errno::EINVAL.into()),
            };
            give(call, &info)
        }
        XENVER_PAGESIZE => {
            if arg != 0 {
                return Err(Errno::EINVAL.into());
            }
            Ok(4096)
        }
        XENVER_GUEST_HANDLE => {
            let handle: [u8; 16] = call.domain.handle();
            give(call, &handle)
        }
        XENVER_COMMANDLINE => {
            if !call.domain.io.control {
                return give(call, &text::<1024>(""));
            }
            give(call, &text::<1024>(&call.hv.facts.cmdline))
        }
        XENVER_BUILD_ID => {
            // The image has no build-id note.
            call.need_control()?;
            Err(Errno::ENODATA.into())
        }
        _ => Err(Errno::ENOSYS.into()),
    }
}
