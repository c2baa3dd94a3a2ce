"""Processes of this machine, as the kernel lists them."""

from __future__ import annotations

import time
from pathlib import Path


def parents() -> dict[int, int]:
    """Map every process of the machine to its parent."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return {pid: parent for pid in pids if (parent := parent_of(pid))}


def parent_of(pid: int) -> int:
    """Return a process's parent; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def below(pid: int) -> set[int]:
    """List the processes that descend from one."""
    known = parents()
    found = {pid}
    while more := {number for number, parent in known.items() if parent in found} - found:
        found |= more
    return found - {pid}


def gone(pids: set[int]) -> bool:
    """Whether processes end soon."""
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)
