"""Processes: counting, weighing and ending everything that a call has started."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Tally", "Weight", "descendants", "end_all", "reap", "weigh"]

PAGE: Final = os.sysconf("SC_PAGE_SIZE")
TICKS: Final = os.sysconf("SC_CLK_TCK")
PATIENCE: Final = 10.0
MOMENT: Final = 0.001


@dataclass
class Weight:
    """What the living processes of a call use: their number, resident bytes, processor seconds."""

    count: int = 0
    resident: int = 0
    cpu: float = 0.0


@dataclass
class Tally:
    """What the kernel accounted for processes that have ended.

    Parameters
    ----------
    cpu : float
        Processor seconds of all of them.
    resident : int
        Largest resident size of one of them, in bytes.
    statuses : dict of int to int
        Wait statuses, by process.
    """

    cpu: float = 0.0
    resident: int = 0
    statuses: dict[int, int] = field(default_factory=dict)


def descendants(*, namespace: bool) -> list[int]:
    """List the processes below this one; all others of the namespace where this is its first process."""
    everyone = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    me = os.getpid()
    if namespace:
        return [pid for pid in everyone if pid != me]
    parents = {pid: parent for pid in everyone if (parent := _parent(pid)) is not None}
    below = {me}
    while True:
        found = {pid for pid, parent in parents.items() if parent in below} - below
        if not found:
            return sorted(below - {me})
        below |= found


def _stat(pid: int) -> list[bytes] | None:
    """Return the fields of a process's stat file from the state on."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return None


def _parent(pid: int) -> int | None:
    fields = _stat(pid)
    return None if fields is None else int(fields[1])


def weigh(pids: list[int]) -> Weight:
    """Add up what processes use; those that are gone meanwhile count for nothing."""
    weight = Weight()
    for pid in pids:
        fields = _stat(pid)
        if fields is None or fields[0] == b"Z":
            continue
        weight.count += 1
        weight.cpu += sum(int(ticks) for ticks in fields[11:15]) / TICKS
        weight.resident += int(fields[21]) * PAGE
    return weight


def shared_fairly(pids: list[int]) -> int:
    """Add up resident bytes with shared pages split among their users; slower than `weigh` and exact."""
    total = 0
    for pid in pids:
        with suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    total += int(line.split()[1]) * 1024
                    break
            continue
        total += weigh([pid]).resident
    return total


def reap(tally: Tally) -> bool:
    """Collect processes that have ended; return whether any child is left."""
    while True:
        try:
            pid, status, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True
        tally.statuses[pid] = status
        tally.cpu += used.ru_utime + used.ru_stime
        tally.resident = max(tally.resident, used.ru_maxrss * 1024)


def end_all(
    reap: Callable[[], bool], *, namespace: bool, pause: Callable[[], object] = lambda: time.sleep(MOMENT)
) -> bool:
    """Kill until nobody is left, however fast they fork; return whether that worked.

    Parameters
    ----------
    reap : callable
        What collects the ended, and says whether anybody is left.
    namespace : bool
        Whether this is the first process of a namespace, whose others are to end.
    pause : callable, optional
        What waits a moment, or until there is something to collect.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if namespace:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            for pid in descendants(namespace=False):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        if not reap():
            return True
        pause()
    return False
