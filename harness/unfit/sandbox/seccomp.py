"""The system-call filter: what no submission needs and an escape might."""

from __future__ import annotations

import errno
import os
import socket
import stat
import tempfile
from contextlib import suppress
from typing import Any, Final

__all__ = ["DENIED", "compiled", "program"]

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
    "move_pages migrate_pages "
    # counters and caches of the whole machine, which would outlive a call
    "sysinfo mincore cachestat statmount listmount listns sethostname setdomainname"
).split()
ABSENT: Final = (
    "clone3",
    "pidfd_open",
)  # libraries go on without: the flags of one lie in memory, the other counts
FAMILIES: Final = frozenset({socket.AF_UNIX, socket.AF_INET, socket.AF_INET6})
NAMESPACES: Final = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
CLONE_PIDFD: Final = 0x1000
KEEPER: Final = 1
UNIQUE_MOUNT: Final = 0x4000  # STATX_MNT_ID_UNIQUE
NAMESPACE_QUESTIONS: Final = 0xB700  # NS_GET_*
ONLY_CACHED: Final = 0x8  # RWF_NOWAIT
COLD, PAGE_OUT = 20, 21
COUNTED: Final = (
    ("getsockopt", socket.SOL_SOCKET, 57),  # SO_COOKIE
    ("getsockopt", socket.SOL_SOCKET, 71),  # SO_NETNS_COOKIE
    ("getsockopt", socket.SOL_SOCKET, 77),  # SO_PEERPIDFD
    ("setsockopt", socket.SOL_SOCKET, 76),  # SO_PASSPIDFD
    ("setsockopt", socket.IPPROTO_IP, 51),  # IP_LOCAL_PORT_RANGE
)
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
    for name in ABSENT:
        with suppress(OSError, ValueError):
            rules.add_rule(sc.ERRNO(errno.ENOSYS), name)
    forget(rules, sc)
    for flag in (*NAMESPACES, CLONE_PIDFD):
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


def forget(rules: Any, sc: Any) -> None:
    """Refuse what reads or moves a counter that all processes of the machine share, or the first of this namespace."""
    for call in ("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"):
        rules.add_rule(sc.ERRNO(errno.EPERM), call, sc.Arg(0, sc.EQ, KEEPER))
    for call in ("setpriority", "ioprio_set"):
        rules.add_rule(sc.ERRNO(errno.EPERM), call, sc.Arg(1, sc.EQ, KEEPER))
    for call, level, option in COUNTED:
        refused = sc.ERRNO(errno.ENOPROTOOPT)
        rules.add_rule(refused, call, sc.Arg(1, sc.EQ, level), sc.Arg(2, sc.EQ, option))
    rules.add_rule(sc.ERRNO(errno.EINVAL), "statx", sc.Arg(3, sc.MASKED_EQ, UNIQUE_MOUNT, UNIQUE_MOUNT))
    rules.add_rule(sc.ERRNO(errno.ENOTTY), "ioctl", sc.Arg(1, sc.MASKED_EQ, 0xFF00, NAMESPACE_QUESTIONS))
    rules.add_rule(sc.ERRNO(errno.EOPNOTSUPP), "preadv2", sc.Arg(5, sc.MASKED_EQ, ONLY_CACHED, ONLY_CACHED))
    for advice in (COLD, PAGE_OUT):
        rules.add_rule(sc.ERRNO(errno.EINVAL), "madvise", sc.Arg(2, sc.EQ, advice))
    rules.add_rule(sc.ERRNO(errno.EPERM), "fadvise64", sc.Arg(3, sc.EQ, os.POSIX_FADV_DONTNEED))


def compiled() -> bytes:
    """Return the filter as the kernel takes it."""
    with tempfile.TemporaryFile() as file:
        program().export_bpf(file)
        file.seek(0)
        return file.read()
