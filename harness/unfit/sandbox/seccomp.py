"""The system-call filter: what no submission needs and an escape might."""

from __future__ import annotations

import errno
import socket
import stat
from contextlib import suppress
from typing import IO, Any, Final

__all__ = ["DENIED", "program", "write_program"]

DENIED: Final = (  # noqa: SIM905  (a word list reads better with its headings)
    # other processes
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp perf_event_open "
    # memory that no limit counts
    "memfd_create memfd_secret shmget shmat shmctl semget msgget mq_open userfaultfd "
    # namespaces and mounts
    "mount umount umount2 pivot_root chroot unshare setns move_mount open_tree open_tree_attr fsopen fsconfig fsmount "
    "fspick mount_setattr name_to_handle_at open_by_handle_at lookup_dcookie fanotify_init fanotify_mark quotactl "
    "quotactl_fd swapon swapoff acct "
    # the kernel itself
    "bpf io_uring_setup io_uring_enter io_uring_register add_key request_key keyctl init_module finit_module "
    "delete_module create_module kexec_load kexec_file_load reboot syslog iopl ioperm modify_ldt vm86 vm86old uselib "
    "vhangup nfsservctl sysfs ustat _sysctl "
    # clocks
    "settimeofday stime clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex "
    # pages of others
    "move_pages migrate_pages"
).split()
FAMILIES: Final = frozenset({socket.AF_UNIX, socket.AF_INET, socket.AF_INET6})
NAMESPACES: Final = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
TERMINAL_TRICKS: Final = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
LOW_HALF: Final = 0xFFFFFFFF


def program() -> Any:
    """Build the filter: allow by default, refuse the list, and some calls by their arguments."""
    import pyseccomp as sc  # noqa: PLC0415  (it loads a library of the system, which may be missing)

    denied, unknown = sc.ERRNO(errno.EPERM), sc.ERRNO(errno.EAFNOSUPPORT)
    rules = sc.SyscallFilter(sc.ALLOW)
    for name in DENIED:
        with suppress(OSError, ValueError):  # a call that this processor or this libseccomp does not know
            rules.add_rule(denied, name)
    with suppress(OSError, ValueError):
        rules.add_rule(
            sc.ERRNO(errno.ENOSYS), "clone3"
        )  # its flags lie in memory, so libc must fall back to clone
    for flag in NAMESPACES:
        rules.add_rule(denied, "clone", sc.Arg(0, sc.MASKED_EQ, flag, flag))
    for call in ("socket", "socketpair"):
        rules.add_rule(unknown, call, sc.Arg(0, sc.GT, socket.AF_NETLINK))
        for family in set(range(socket.AF_NETLINK)) - FAMILIES:
            rules.add_rule(unknown, call, sc.Arg(0, sc.EQ, family))
        # ZeroMQ goes on without a list of interfaces on this answer, and aborts on others
        rules.add_rule(sc.ERRNO(errno.EOPNOTSUPP), call, sc.Arg(0, sc.EQ, socket.AF_NETLINK))
    for position, call in ((1, "mknod"), (2, "mknodat")):
        for kind in (stat.S_IFCHR, stat.S_IFBLK):
            with suppress(OSError, ValueError):
                rules.add_rule(denied, call, sc.Arg(position, sc.MASKED_EQ, stat.S_IFMT(0o170000), kind))
    for request in TERMINAL_TRICKS:
        rules.add_rule(denied, "ioctl", sc.Arg(1, sc.MASKED_EQ, LOW_HALF, request))
    rules.add_rule(denied, "prlimit64", sc.Arg(0, sc.NE, 0))
    return rules


def write_program(file: IO[bytes]) -> None:
    """Write the filter as the kernel takes it."""
    program().export_bpf(file)
    file.flush()
