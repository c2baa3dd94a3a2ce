"""Namespaces: what a process shares with nobody, made anew for each call and taken down by the kernel.

Two calls that shared a network, a file system or a list of processes could talk to each other through its counters,
so nothing of the kind outlives a call.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import random
import socket
import stat
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from unfit.worker.proc_masks import mask
from unfit.worker.syscalls import (
    BIND,
    NODEV,
    NOEXEC,
    NOSUID,
    PRIVATE,
    RDONLY,
    RECURSIVE,
    REMOUNT,
    checked,
    libc,
    mount,
    setns,
    unshare,
)

__all__ = ["close_devices", "enter", "fork_apart", "fork_beside", "join", "map_user"]

FLAGS: Final = {
    "mount": 0x0002_0000,
    "cgroup": 0x0200_0000,
    "uts": 0x0400_0000,
    "ipc": 0x0800_0000,
    "net": 0x4000_0000,
}
NEW_USER: Final = 0x1000_0000
NEW_PID: Final = 0x2000_0000
SIOCSIFFLAGS: Final = 0x8914
UP_AND_RUNNING: Final = 0x1 | 0x8 | 0x40
PORTS: Final = "/proc/sys/net/ipv4/ip_local_port_range"
FIRST_PORT: Final = 20_000
FEWEST_PORTS, MOST_PORTS = 6_000, 20_000

OWN_FIGURES: Final = frozenset(
    {"dev", "if_inet6", "raw", "raw6", "route", "tcp", "tcp6", "udp", "udp6", "unix"}
)

CLONE3: Final = 435  # on every processor
CLONE_ARGUMENTS: Final = struct.Struct("8Q")
PARENT, CLEAR_TID, SET_TID = 0x8000, 0x0020_0000, 0x0100_0000
GET_TID_ADDRESS: Final = 40

_api = ctypes.PyDLL(None, use_errno=True)  # keeps Python's lock while it calls


class Number(ctypes.c_long):
    """What the kernel returned, in memory that can be wiped: a plain `c_long` would become an integer of Python."""


_clone = _api.syscall
_clone.restype = Number


def join(keeper: int, fresh: Sequence[str]) -> None:
    """Move this process into the namespaces that a keeper has made, all but that of processes.

    Parameters
    ----------
    keeper : int
        A descriptor of the keeper's process.
    fresh : sequence of str
        What the keeper has made anew.
    """
    setns(keeper, flags_of(fresh))
    os.setsid()


def fork_apart(own: int) -> int:
    """Fork a child that is the first process of a namespace of its own.

    Parameters
    ----------
    own : int
        A descriptor of this process's own ``/proc/self/ns/pid``, to which its later children belong again.
    """
    unshare(NEW_PID)
    pid = os.fork()
    if pid:
        setns(own, NEW_PID)
    return pid


def fork_beside() -> bool:
    """Fork a child that counts as one of this process's parent, who is told of its end; return whether it is not it.

    The C library has no such fork. This process must have one thread only. The number of the child, which counts calls,
    is not kept.
    """
    place = ctypes.c_void_p()
    checked(libc.prctl(GET_TID_ADDRESS, ctypes.byref(place), 0, 0, 0), "the address of the thread's number")
    wanted = CLONE_ARGUMENTS.pack(PARENT | SET_TID | CLEAR_TID, 0, place.value or 0, 0, 0, 0, 0, 0)
    _api.PyOS_BeforeFork()
    ctypes.set_errno(0)
    number = _clone(CLONE3, wanted, len(wanted))
    if not number:
        _api.PyOS_AfterFork_Child()
        return False
    ctypes.memset(ctypes.byref(number), 0, ctypes.sizeof(number))
    _api.PyOS_AfterFork_Parent()
    checked(ctypes.get_errno(), "clone")
    return True


def flags_of(fresh: Sequence[str]) -> int:
    """Return the flags that stand for namespaces, all but that of processes."""
    return sum(FLAGS.get(name, 0) for name in fresh)


def enter(config: dict[str, Any]) -> int:
    """Move this process into fresh namespaces, with fresh instances of every file system that can be written to.

    Parameters
    ----------
    config : mapping
        The sandbox's settings. ``fresh`` names what is made anew, ``temporary`` the writable folders with their sizes,
        ``kept`` the folders below them that stay visible.

    Returns
    -------
    proc : int
        A descriptor of ``/proc`` through which this process, but not what it starts, can still write.
    """
    fresh: Sequence[str] = config["fresh"]
    unshare(flags_of(fresh))
    with suppress(OSError):  # who leads a session has one already
        os.setsid()
    if "mount" in fresh:
        mount("none", "/", flags=RECURSIVE | PRIVATE)
        mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC, "hidepid=2")
    proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    if "net" in fresh:
        bring_loopback_up()
        if "mount" in fresh:
            close_counters_of_all_networks()
    if "mount" in fresh:
        mask(config["shared"])
        with suppress(OSError):  # where the kernel refuses another, there are no terminals
            mount("devpts", "/dev/pts", "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
        for place, size in config["temporary"]:
            replace(place, size, [path for path in config["kept"] if path.startswith(f"{place}/")])
    return proc


def bring_loopback_up() -> None:
    """Make ``127.0.0.1`` work, where this process may.

    The kernel draws the local port of a connection from a table that all networks of the machine share, so that it
    continues where the last call stopped. A range of another prime size for each call makes the numbers unrelated.
    """
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as plug:
        size = 2 * random_prime(FEWEST_PORTS // 2, MOST_PORTS // 2)
        first = FIRST_PORT + 2 * random.SystemRandom().randrange(FIRST_PORT // 4)
        with open(PORTS, "w", encoding="ascii") as file:
            file.write(f"{first} {first + size - 1}")
        fcntl.ioctl(plug, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", UP_AND_RUNNING))


def close_counters_of_all_networks() -> None:
    """Let nobody read the figures of this network, but for those that are its own.

    Some, such as ``softnet_stat``, count the packets of the whole machine. Their modes belong to this network, so they
    hold for every process in it; below a read-only ``/proc`` nobody changes them back.
    """
    for folder, _, names in os.walk("/proc/self/net"):
        for name in names:
            if name not in OWN_FIGURES:
                with suppress(OSError):
                    os.chmod(os.path.join(folder, name), 0)


def random_prime(low: int, high: int) -> int:
    """Draw a prime number."""
    while True:
        number = random.SystemRandom().randrange(low | 1, high, 2)
        if all(number % divisor for divisor in range(3, int(number**0.5) + 1, 2)):
            return number


def replace(place: str, size: int, kept: Sequence[str]) -> None:
    """Mount an empty folder in memory over another, and show what is kept of the other below it."""
    opened = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in kept]
    mount("tmpfs", place, "tmpfs", NOSUID | NODEV, f"size={size},mode=1777")
    for path, descriptor in opened:
        os.makedirs(path, mode=0o755, exist_ok=True)
        mount(f"/proc/self/fd/{descriptor}", path, flags=BIND | RECURSIVE)
        os.close(descriptor)


def close_devices() -> None:
    """Let nobody write the times of device files, which are those of the machine."""
    for entry in os.scandir("/dev"):
        if stat.S_ISCHR(entry.stat(follow_symlinks=False).st_mode):
            mount("none", entry.path, flags=REMOUNT | BIND | RDONLY | NOSUID | NOEXEC)


def map_user(inside: int, proc: int) -> None:
    """Become an ordinary user of a namespace of its own, who is the same user outside.

    Parameters
    ----------
    inside : int
        The number that this user has in the new namespace.
    proc : int
        A descriptor of a ``/proc`` that can be written to.
    """
    user, group = os.getuid(), os.getgid()
    unshare(NEW_USER)
    for name, text in (
        ("uid_map", f"{inside} {user} 1"),
        ("setgroups", "deny"),
        ("gid_map", f"{inside} {group} 1"),
    ):
        write(f"self/{name}", text, proc)


def write(path: str, text: str, proc: int) -> None:
    """Write a setting of the kernel."""
    setting = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=proc)
    try:
        os.write(setting, text.encode("ascii"))
    finally:
        os.close(setting)
