"""Masks: what a call sees below ``/proc`` instead of the machine's own figures."""

from __future__ import annotations

import os
from typing import Final

from unfit.worker.syscalls import BIND, NODEV, NOEXEC, NOSUID, RDONLY, REMOUNT, mount

__all__ = ["mask", "prepare"]

MASKS: Final = "masks"
DYNAMIC: Final = frozenset({"self", "thread-self", "mounts", "net"})
SHOWN: Final = frozenset({"filesystems", "version"})


def prepare(folder: str, texts: dict[str, str]) -> None:
    """Lay out what `mask` shows instead of the machine's own figures.

    Parameters
    ----------
    folder : str
        A folder of the zygote alone, which becomes read-only.
    texts : mapping of str to str
        Contents by name below ``/proc``; all other figures are shown as empty.
    """
    place = os.path.join(folder, MASKS)
    os.makedirs(os.path.join(place, "folder"), mode=0o755)
    for name, text in {"file": "", "cpuinfo": processors(), "stat": beginnings(), **texts}.items():
        with open(os.path.join(place, name), "w", encoding="utf-8") as file:
            file.write(text)
    mount("none", folder, flags=REMOUNT | BIND | RDONLY | NOSUID | NODEV)


def mask(folder: str) -> None:
    """Cover everything below ``/proc`` that tells of the machine instead of the processes of this namespace."""
    mount("/proc", "/proc", flags=BIND)
    mount("none", "/proc", flags=REMOUNT | BIND | RDONLY | NOSUID | NODEV | NOEXEC)
    place = os.path.join(folder, MASKS)
    texts = frozenset(os.listdir(place))
    for entry in os.scandir("/proc"):
        name = entry.name
        if not name.isdigit() and name not in DYNAMIC and name not in SHOWN:
            shown = name if name in texts else "folder" if entry.is_dir(follow_symlinks=False) else "file"
            mount(os.path.join(place, shown), entry.path, flags=BIND)


def processors() -> str:
    """Describe the processors without the frequencies of the moment."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return "".join(line for line in file if not line.startswith(("cpu MHz", "bogomips")))


def beginnings() -> str:
    """Write a ``/proc/stat`` of a machine that has only just started, with the moment at which this one did."""
    nothing = " ".join(["0"] * 10)
    with open("/proc/stat", encoding="ascii") as file:
        began = next(line for line in file if line.startswith("btime"))
    each = "".join(f"cpu{number} {nothing}\n" for number in range(os.cpu_count() or 1))
    return f"cpu  {nothing}\n{each}intr 0\nctxt 0\n{began}processes 0\nprocs_running 1\nprocs_blocked 0\n"
