"""Pace: how long the rest of some work will take, by what is done."""

from __future__ import annotations

import time

__all__ = ["Pace"]


class Pace:
    """A clock over work of which the number of pieces is known.

    Parameters
    ----------
    total : int
        How many pieces there are.

    Attributes
    ----------
    count, fresh : int
        How many are done, and how many of these were not kept from an earlier run.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.count = 0
        self.fresh = 0
        self._started = time.monotonic()

    def add(self, *, kept: bool = False) -> None:
        """Count one piece; one that is kept from an earlier run took no time."""
        self.count += 1
        self.fresh += not kept

    @property
    def left(self) -> str:
        """How long the rest will take, in words; empty where nobody knows."""
        if not self.fresh:
            return ""
        rest = (time.monotonic() - self._started) / self.fresh * (self.total - self.count)
        minutes, seconds = divmod(round(rest), 60)
        return f"about {minutes} min {seconds:02d} s left" if minutes else f"about {seconds} s left"
