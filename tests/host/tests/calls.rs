//! Each hypercall of the table, made as dom0, answers as `docs/abi-coverage.md` says.

use abi::Errno;
use abi::version::*;
use abi::xen::{__HYPERVISOR_MMU_UPDATE, __HYPERVISOR_MMUEXT_OP, MmuUpdate, MmuextOp};
use host_tests::{Guest, TABLES, World};
use hypercall::ops::Op;
use hypercall::table::{CALLS, Info, Service};

/// A page of zeroes for arguments, and one for lists.
const ARG: usize = TABLES;
const LIST: usize = TABLES + 1;

/// Makes one sub-operation with an argument of zeroes, as far as zeroes mean nothing harmful.
fn make(guest: &Guest<'_>, call: &Info, op: &Op) -> Option<i64> {
    let (arg, list) = (guest.va(ARG), guest.va(LIST));
    guest.put(arg, &[0u64; 512]);
    let cmd = op.number;
    // What ends the machine, or the vCPU's turn.
    let deadly = ["SCHEDOP_SHUTDOWN", "VCPUOP_DOWN", "XENPF_ENTER_ACPI_SLEEP"];
    if deadly.contains(&op.name) {
        return None;
    }
    let args = match call.name {
        "mmu_update" => {
            let request = MmuUpdate {
                ptr: guest.entry_at(LIST) | cmd,
                val: guest.frames[LIST].addr().get() | 7,
            };
            return Some(guest.call(
                __HYPERVISOR_MMU_UPDATE,
                [guest.put(list, &request), 1, 0, 0x7ff0, 0, 0],
            ));
        }
        "mmuext_op" => {
            let request = MmuextOp {
                cmd: cmd as u32,
                _pad0: [0; 4],
                arg1: 0,
                arg2: arg,
            };
            return Some(guest.call(
                __HYPERVISOR_MMUEXT_OP,
                [guest.put(list, &request), 1, 0, 0x7ff0, 0, 0],
            ));
        }
        "platform_op" | "sysctl" | "domctl" => {
            let version = if call.name == "platform_op" {
                XENPF_INTERFACE_VERSION
            } else {
                XEN_DOMCTL_INTERFACE_VERSION
            };
            guest.put(arg, &(cmd | u64::from(version) << 32));
            [arg, 0, 0, 0, 0, 0]
        }
        "event_channel_op_compat" | "physdev_op_compat" => {
            guest.put(arg, &(cmd as u32));
            [arg, 0, 0, 0, 0, 0]
        }
        "vcpu_op" => [cmd, 0, arg, 0, 0, 0],
        "vm_assist" => [0, cmd, 0, 0, 0, 0],
        "console_io" => [cmd, 4, arg, 0, 0, 0],
        "set_segment_base" => [cmd, 0, 0, 0, 0, 0],
        "dm_op" => [1, 0, 0, 0, 0, 0],
        "hypfs_op" => {
            guest.put(arg, b"/\0");
            [cmd, arg, 2, list, 64, 0]
        }
        "hvm_op" => {
            if op.name == "HVMOP_ALTP2M" {
                guest.put(arg, &1u32);
            }
            [cmd, arg, 0, 0, 0, 0]
        }
        "memory_op" => {
            match op.name {
                "XENMEM_ACCESS_OP" => guest.put(arg + 2, &1u16),
                "XENMEM_ACQUIRE_RESOURCE" => guest.put(arg, &0x1_0001u32),
                _ => arg,
            };
            [cmd, arg, 0, 0, 0, 0]
        }
        "xen_version" if op.name == "XENVER_PAGESIZE" => [cmd, 0, 0, 0, 0, 0],
        "sched_op" if op.name == "SCHEDOP_POLL" => {
            guest.put(arg + 16, &1u64);
            [cmd, arg, 0, 0, 0, 0]
        }
        _ => [cmd, arg, 0, 0, 0, 0],
    };
    Some(guest.call(call.number, args))
}

#[test]
fn answers_are_those_of_the_document() {
    let world = World::new(512);
    let _other = world.guest(1, 16);
    let guest = world.dom0(32);
    let mut made = 0;
    for call in CALLS {
        for op in call.ops {
            guest.enter();
            let Some(answer) = make(&guest, call, op) else {
                continue;
            };
            made += 1;
            match op.service {
                Service::Refused(errno, why) => {
                    assert_eq!(answer, errno.to_ret(), "{} {}: {why}", call.name, op.name);
                }
                // Known: zeroes may be bad arguments, but not an unknown operation.
                Service::Done | Service::Partly(_) => {
                    // These say so of what their argument asks for.
                    let may = [
                        "XENMEM_MEMORY_MAP",
                        "PHYSDEVOP_DBGP_OP",
                        "EVTCHNOP_SET_PRIORITY",
                    ];
                    let known = answer != Errno::ENOSYS.to_ret() || may.contains(&op.name);
                    assert!(known, "{} {} isn't served", call.name, op.name);
                }
            }
        }
        // Beyond the list nothing is known, whatever the call.
        if !call.ops.is_empty() {
            // A number above 63 would say to memory_op that it had done something already.
            let number = if call.name == "memory_op" {
                63
            } else {
                0x7777_7777
            };
            let op = Op {
                number,
                name: "unknown",
                service: Service::Done,
            };
            guest.enter();
            let answer = make(&guest, call, &op);
            let wanted = match call.name {
                "mmu_update" => None,
                "vm_assist" | "set_segment_base" | "dm_op" | "xenoprof_op" => {
                    Some(Errno::EINVAL.to_ret())
                }
                "xenpmu_op" | "hypfs_op" => Some(Errno::EOPNOTSUPP.to_ret()),
                "kexec_op" => Some(0),
                _ => Some(Errno::ENOSYS.to_ret()),
            };
            assert!(
                wanted.is_none() || answer == wanted,
                "{}: an unknown operation answers {answer:?}",
                call.name
            );
        }
    }
    assert!(made > 200, "{made} sub-operations were made");
    world.audit();
}

#[test]
fn unknown_calls_are_unknown() {
    let world = World::new(256);
    let guest = world.dom0(16);
    for number in [11, 43, 48, 64, 1000, u64::MAX] {
        assert_eq!(guest.call(number, [u64::MAX; 6]), Errno::ENOSYS.to_ret());
    }
}
