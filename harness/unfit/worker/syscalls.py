"""System calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os

__all__ = ["checked", "libc", "mount", "setns", "unshare"]

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    """Raise the error that a call has left, where its result is not 0."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)}: {what}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount as `mount(2)` does."""
    texts = [os.fsencode(text) or None for text in (source, target, kind)]
    checked(libc.mount(*texts, ctypes.c_ulong(flags), data.encode() or None), f"mount {target}")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones, as `unshare(2)` does."""
    checked(libc.unshare(flags), f"unshare {flags:#x}")


def setns(place: int, flags: int) -> None:
    """Join namespaces, as `setns(2)` does; a descriptor of a process stands for all of its own."""
    checked(libc.setns(place, flags), f"setns {flags:#x}")
