"""Control groups: the kernel's account of what a sandbox takes, and its bounds, where the machine lets us make one."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["RESOURCES", "Group", "make", "missing"]

RESOURCES: Final = ("memory", "pids", "cpu")
PATIENCE: Final = 2.0
NAME: Final = "unfit"
OLD_CONTROLLERS: Final = {"memory": "memory", "pids": "pids", "cpu": "cpuacct"}


@dataclass(frozen=True)
class Group:
    """A control group that a sandbox lives in, or several where each resource has a hierarchy of its own.

    Parameters
    ----------
    folders : dict of str to Path
        Where each resource is accounted for; what the machine does not offer is missing.
    """

    folders: dict[str, Path]

    def join(self) -> None:
        """Move this process, and what it will start, into the group; for use between fork and exec."""
        for folder in set(self.folders.values()):
            place = os.open(folder / "cgroup.procs", os.O_WRONLY)
            os.write(place, b"0")
            os.close(place)

    def bound(self, *, memory: int, processes: int) -> None:
        """Have the kernel refuse more bytes and more processes, threads included."""
        self._write("memory", {"memory.max": memory, "memory.limit_in_bytes": memory})
        self._write("pids", {"pids.max": processes})

    def _write(self, resource: str, values: dict[str, int]) -> None:
        folder = self.folders.get(resource)
        for name, value in values.items():
            if folder is not None and (folder / name).exists():
                with suppress(OSError):  # a bound below what is used already
                    (folder / name).write_text(str(value))

    def memory(self) -> int:
        """Return the bytes in use, those of the kernel for this group included."""
        return self._number("memory", {"memory.current": 1, "memory.usage_in_bytes": 1})

    def kills(self) -> int:
        """Return how many processes the kernel ended because there was no memory left for them."""
        return self._number("memory", {"memory.events": 1, "memory.oom_control": 1}, "oom_kill")

    def cpu(self) -> float:
        """Return the processor seconds of everything that has ever run in the group."""
        nanoseconds = self._number("cpu", {"cpu.stat": 1000}, "usage_usec")
        return (nanoseconds or self._number("cpu", {"cpuacct.usage": 1})) / 1e9

    def _number(self, resource: str, files: dict[str, int], key: str = "") -> int:
        """Read a number from the first of these files that is there, times its unit; 0 where none is."""
        folder = self.folders.get(resource)
        for name, unit in files.items():
            if folder is not None:
                with suppress(OSError, ValueError):
                    for line in (folder / name).read_text().splitlines():
                        first, _, rest = line.rpartition(" ")
                        if first == key:
                            return int(rest) * unit
        return 0

    def close(self) -> None:
        """Remove the group, once its processes are gone."""
        deadline = time.monotonic() + PATIENCE
        for folder in set(self.folders.values()):
            while not removed(folder) and time.monotonic() < deadline:
                time.sleep(0.005)


def removed(folder: Path) -> bool:
    """Remove an empty group; return whether it is gone."""
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()


def make() -> Group | None:
    """Make a group below that of this process, or beside it; ``None`` where the machine allows none."""
    name = f"{NAME}-{os.getpid()}-{secrets.token_hex(4)}"
    folders: dict[str, Path] = {}
    for resource in RESOURCES:
        for parent in parents(resource):
            folder = parent / name
            if offered(folder, resource):
                folders[resource] = folder
                break
    return Group(folders) if folders else None


@cache
def missing() -> tuple[str, ...]:
    """Name the resources for which the machine allows no group."""
    group = make()
    if group is None:
        return RESOURCES
    group.close()
    return tuple(resource for resource in RESOURCES if resource not in group.folders)


def offered(folder: Path, resource: str) -> bool:
    """Make a group, unless it is there, and see whether it accounts for a resource and may be joined."""
    made = not folder.exists()
    try:
        sweep(folder.parent)
        folder.mkdir(exist_ok=True)
        if not accounts(folder, resource):
            with suppress(OSError):
                (folder.parent / "cgroup.subtree_control").write_text(f"+{resource}")
        if accounts(folder, resource) and may_move(folder):
            return True
    except OSError:
        return False
    if made:
        removed(folder)
    return False


def accounts(folder: Path, resource: str) -> bool:
    """Whether a group has the files of a resource."""
    files = {
        "memory": ("memory.max", "memory.limit_in_bytes"),
        "pids": ("pids.max",),
        "cpu": ("cpuacct.usage", "cpu.stat"),
    }
    return any((folder / name).exists() for name in files[resource])


def may_move(folder: Path) -> bool:
    """Whether this process may move its children there: then both ends, and what is above them, can be written."""
    return os.access(folder / "cgroup.procs", os.W_OK) and os.access(folder.parent / "cgroup.procs", os.W_OK)


def sweep(parent: Path) -> None:
    """Remove groups of graders that were killed."""
    for folder in parent.glob(f"{NAME}-*-*"):
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not Path("/proc", pid).exists():
            removed(folder)


def parents(resource: str) -> Iterator[Path]:
    """Yield the groups below which one for a resource may be made, nearest first; the old hierarchies come first."""
    own = dict(own_groups())
    for root, place, options in mounts("cgroup"):
        if OLD_CONTROLLERS[resource] in options:
            yield below(place, root, own.get(OLD_CONTROLLERS[resource], "/"))
    for root, place, _ in mounts("cgroup2"):
        nearest = below(place, root, own.get("", "/"))
        yield nearest
        yield from (parent for parent in nearest.parents if parent == place or place in parent.parents)


def below(place: Path, root: str, group: str) -> Path:
    """Return where a group of this process is seen."""
    inside = group.removeprefix(root) if root != "/" else group
    return place / inside.strip("/") if (place / inside.strip("/")).is_dir() else place


def own_groups() -> Iterator[tuple[str, str]]:
    """Yield the controllers of this process's groups, empty for version 2, with the groups."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            for controller in controllers.split(","):
                yield controller, group


def mounts(kind: str) -> Iterator[tuple[str, Path, set[str]]]:
    """Yield what is mounted of a kind: which part of it, where, and with what options."""
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            before, _, after = line.partition(" - ")
            if after.split()[0] == kind:
                yield before.split()[3], Path(before.split()[4]), set(after.split()[2].split(","))
