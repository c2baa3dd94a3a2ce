"""Limits: what a fork gives up before it touches a submission."""

from __future__ import annotations

import ctypes
import fcntl
import math
import os
import resource
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from unfit.worker.namespaces import write

__all__ = ["adopt_orphans", "bound", "bound_files", "drop", "hide", "offer_to_die_first", "only", "show"]

PR_SET_DUMPABLE: Final = 4
PR_SET_SECCOMP: Final = 22
PR_CAPBSET_DROP: Final = 24
PR_SET_CHILD_SUBREAPER: Final = 36
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
SECCOMP_MODE_FILTER: Final = 2
INSTRUCTION: Final = 8
LAST_CAPABILITY: Final = 63
THREADS_A_PROCESS: Final = 4
MEMORY_LOCKED: Final = 64 * 1024
MOST_DESCRIPTORS: Final = 65_536
STANDARD_ERROR: Final = 2

CAPABILITIES_VERSION_3: Final = (ctypes.c_uint32 * 2)(0x20080522, 0)

_libc = ctypes.CDLL(None, use_errno=True)


class Program(ctypes.Structure):
    """A filter as `prctl(2)` takes it."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _prctl(option: int, value: int) -> None:
    _libc.prctl(option, value, 0, 0, 0)


def hide() -> None:
    """Refuse tracing, and reading of memory, descriptors and environment, by others of the same user."""
    _prctl(PR_SET_DUMPABLE, 0)


def show() -> None:
    """Undo `hide`, so that a submission finds its own ``/proc/self`` in order."""
    _prctl(PR_SET_DUMPABLE, 1)


def offer_to_die_first(proc: int) -> None:
    """Have the kernel prefer this process, where the memory of the sandbox runs out."""
    with suppress(OSError):
        write("self/oom_score_adj", "500", proc)


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def bound(limits: Mapping[str, Any], *, count_processes: bool) -> None:
    """Set the kernel's limits for this process and what it starts.

    Parameters
    ----------
    limits : mapping
        ``cpu`` in seconds, ``address_space`` in bytes, ``open_files``, ``processes``.
    count_processes : bool
        Whether this user's processes are the submission's only, so that their number can be limited. The limit leaves
        room for threads, and for the zygote to see too many processes and to say so.
    """
    seconds = math.ceil(limits["cpu"]) + 1
    values = {
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_AS: limits["address_space"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: MEMORY_LOCKED,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    if count_processes:
        values[resource.RLIMIT_NPROC] = limits["processes"] * THREADS_A_PROCESS
    for which, value in values.items():
        soft, hard = value if isinstance(value, tuple) else (value, value)
        _, ceiling = resource.getrlimit(which)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(which, (soft, hard))


def bound_files(size: int) -> None:
    """Let this process, and what it starts, write no file longer than this many bytes."""
    _, ceiling = resource.getrlimit(resource.RLIMIT_FSIZE)
    most = size if ceiling == resource.RLIM_INFINITY else min(size, ceiling)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def drop(user: int | None, rules: bytes) -> None:
    """Give up every privilege for good, real user included.

    Parameters
    ----------
    user : int, optional
        The user to become, where this process is root.
    rules : bytes
        The system-call filter, as the kernel takes it; empty for none.
    """
    for capability in range(LAST_CAPABILITY + 1):
        _prctl(PR_CAPBSET_DROP, capability)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    _libc.capset(ctypes.byref(CAPABILITIES_VERSION_3), ctypes.byref((ctypes.c_uint32 * 6)()))
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if rules:
        filter_calls(rules)


def filter_calls(rules: bytes) -> None:
    """Have the kernel refuse system calls from now on.

    Raises
    ------
    OSError
        If the kernel does not take the filter.
    """
    program = Program(len(rules) // INSTRUCTION, ctypes.cast(ctypes.c_char_p(rules), ctypes.c_void_p))
    if _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel does not take the system-call filter")


def only(kept: Mapping[int, int]) -> None:
    """Keep these open files, under these numbers, and close every other.

    Parameters
    ----------
    kept : mapping of int to int
        From the wanted number to the present one; wanted numbers count up from 0.
    """
    top = max(kept) + 1
    parked = {wanted: fcntl.fcntl(present, fcntl.F_DUPFD_CLOEXEC, top) for wanted, present in kept.items()}
    for wanted, present in parked.items():
        os.dup2(present, wanted, inheritable=wanted <= STANDARD_ERROR)
    os.closerange(top, MOST_DESCRIPTORS)
