//! `xen_version`: who we are.
//!
//! Some of it is for the control domain only. Where a string is asked for, others get one that says so.

use abi::Errno;
use abi::features::*;
use abi::version::*;
use arch_defs::layout;
use domain::Machine;
use zerocopy::{FromZeros, Immutable, IntoBytes};

use crate::{Answer, Call};

/// What tells this build from others: what the build was given in `XENOLITH_BUILD_ID` (40 hexadecimal digits), else a
/// number made from the version.
pub const BUILD_ID: [u8; 20] = build_id(match option_env!("XENOLITH_BUILD_ID") {
    Some(given) => given.as_bytes(),
    None => concat!("xenolith-", env!("CARGO_PKG_VERSION")).as_bytes(),
});

/// 40 hexadecimal digits as bytes; anything else by FNV-1a, a word at a time.
const fn build_id(text: &[u8]) -> [u8; 20] {
    let mut id = [0; 20];
    let mut hex = text.len() == 40;
    let mut i = 0;
    while i < text.len() {
        hex &= text[i].is_ascii_hexdigit();
        i += 1;
    }
    i = 0;
    let mut hash = 0x811c_9dc5u32;
    while i < 20 {
        if hex {
            id[i] = digit(text[2 * i]) << 4 | digit(text[2 * i + 1]);
        } else {
            let mut j = 0;
            while j < text.len() {
                hash = (hash ^ text[j] as u32).wrapping_mul(0x0100_0193);
                j += 1;
            }
            id[i] = (hash >> 24) as u8;
        }
        i += 1;
    }
    id
}

const fn digit(c: u8) -> u8 {
    match c {
        b'0'..=b'9' => c - b'0',
        _ => (c | 0x20) - b'a' + 10,
    }
}

/// Copies text into a zero-filled field, cut to leave a final zero.
fn text<const N: usize>(s: &str) -> [u8; N] {
    let mut field = [0; N];
    field
        .iter_mut()
        .take(N.saturating_sub(1))
        .zip(s.bytes())
        .for_each(|(to, from)| *to = from);
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
        XENVER_EXTRAVERSION => give(
            call,
            &text::<16>(concat!("-xenolith-", env!("CARGO_PKG_VERSION"))),
        ),
        XENVER_COMPILE_INFO => {
            let mut info = XenCompileInfo::new_zeroed();
            info.compiler = text("rustc");
            info.compile_by = text("xenolith");
            info.compile_domain = text("xenolith");
            give(call, &info)
        }
        XENVER_CAPABILITIES => give(call, &text::<1024>("xen-3.0-x86_64 ")),
        XENVER_CHANGESET => give(
            call,
            &text::<64>(concat!("xenolith ", env!("CARGO_PKG_VERSION"))),
        ),
        XENVER_PLATFORM_PARAMETERS => give(
            call,
            &XenPlatformParameters {
                virt_start: layout::HYPERVISOR_START,
            },
        ),
        XENVER_GET_FEATURES => {
            let mut info: XenFeatureInfo = call.read(arg)?;
            info.submap = match info.submap_idx {
                0 => {
                    let bit = |n: u32| 1u32 << n;
                    let dom0 = if call.domain.io.hardware {
                        bit(XENFEAT_DOM0)
                    } else {
                        0
                    };
                    bit(XENFEAT_PAE_PGDIR_ABOVE_4GB)
                        | bit(XENFEAT_MMU_PT_UPDATE_PRESERVE_AD)
                        | bit(XENFEAT_HIGHMEM_ASSIST)
                        | bit(XENFEAT_GNTTAB_MAP_AVAIL_BITS)
                        | bit(XENFEAT_MEMORY_OP_VNODE_SUPPORTED)
                        | bit(XENFEAT_DIRECT_MAPPED)
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
            let line = if call.domain.io.control {
                call.hv.facts.cmdline.as_str()
            } else {
                "<denied>"
            };
            give(call, &text::<1024>(line))
        }
        XENVER_BUILD_ID => {
            call.need_control()?;
            if arg == 0 {
                return Ok(BUILD_ID.len() as u64);
            }
            let head: XenBuildId = call.read(arg)?;
            match head.len as usize {
                0 => return Err(Errno::EINVAL.into()),
                room if room < BUILD_ID.len() => return Err(Errno::ENOBUFS.into()),
                _ => {}
            }
            call.write(arg.wrapping_add(size_of::<XenBuildId>() as u64), &BUILD_ID)?;
            Ok(BUILD_ID.len() as u64)
        }
        _ => Err(Errno::ENOSYS.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_ids_are_read_or_made() {
        let given = build_id(b"00010203040506070809aAbBcCdDeEfFf0f1f2f3");
        assert_eq!(given[..4], [0, 1, 2, 3]);
        assert_eq!(given[10..16], [0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]);
        assert_ne!(build_id(b"xenolith-1"), build_id(b"xenolith-2"));
        assert_ne!(build_id(b"xenolith-1"), [0; 20]);
    }
}
