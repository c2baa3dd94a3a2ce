"""The account: what one call takes of its control group, where there is one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from unfit.sandbox.groups import Group
from unfit.sandbox.protocol import MIB, Limits

__all__ = ["Account"]

HEADROOM: Final = 64 * MIB  # what the keepers and the decoder take
THREADS_A_PROCESS: Final = 4
PROCESSES_OF_THE_KIT: Final = 16
KIT_SECONDS: Final = 0.25  # processor time of the keepers and the decoder: at most so much, and
KIT_SHARE: Final = 0.02  # so much for each second that they watch


class Account:
    """Bound a call by its control group, and read what it took; without a group everything is as the keeper says.

    Parameters
    ----------
    group : Group, optional
        The group of the sandbox, in which nothing else runs.
    base : int
        Bytes that the zygote takes.
    limits : Limits
        What the call may take.
    """

    def __init__(self, group: Group | None, base: int, limits: Limits) -> None:
        self.group = group or Group({})
        self.began = time.monotonic()
        processes = limits.processes * THREADS_A_PROCESS + PROCESSES_OF_THE_KIT
        self.group.bound(memory=base + limits.resident + HEADROOM, processes=processes)
        self.cpu = self.group.cpu()
        self.kills = self.group.kills()

    def _beyond(self, seconds: float) -> float:
        """Return the processor seconds that the kernel counts, where they are clearly more than these."""
        used = self.group.cpu() - self.cpu
        own = KIT_SECONDS + KIT_SHARE * (time.monotonic() - self.began)
        return used if used > seconds + own else 0.0

    def billed(self, seconds: float) -> float:
        """Return what a call is billed: what its keeper saw, or what the kernel counts where that is clearly more."""
        return max(seconds, self._beyond(seconds))

    def memory_broken(self) -> str:
        """Say ``memory`` where the kernel ended a process because none was left."""
        return "memory" if self.group.kills() > self.kills else ""

    def allowed(self, seconds: float) -> Callable[[], str]:
        """Return what names the limit that is broken, for a request that may take so many more processor seconds."""
        spent = self.group.cpu() - self.cpu

        def broken() -> str:
            return self.memory_broken() or ("cpu" if self._beyond(spent + seconds) else "")

        return broken
