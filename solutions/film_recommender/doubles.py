"""Stand-ins for what the service asks: a clock that is set, a store that hangs and fails, a registry that counts."""

from __future__ import annotations

import time
from collections.abc import Mapping


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 5_000.0

    def time(self) -> float:
        """Return the seconds."""
        return self.now


class Store:
    """A feature store.

    Parameters
    ----------
    shares : mapping of str to dict
        What it knows.
    clock : Clock
        Moved by what an answer takes.

    Attributes
    ----------
    asked : list of str
        Every viewer that was asked for, in order.
    takes : float
        Seconds of the clock that an answer takes.
    hangs : float
        Real seconds that an answer takes.
    fails : Exception or None
        What it raises instead of an answer.
    """

    def __init__(self, shares: Mapping[str, dict[str, float]], clock: Clock) -> None:
        self.shares = dict(shares)
        self.asked: list[str] = []
        self.takes, self.hangs = 0.0, 0.0
        self.fails: Exception | None = None
        self._clock = clock

    @property
    def ill(self) -> bool:
        """Whether it does anything but answer at once."""
        return self.fails is not None or bool(self.hangs or self.takes)

    def get(self, viewer: str, timeout: float | None = None) -> dict[str, float] | None:
        """Return what is known of a viewer, unless something is the matter."""
        self.asked.append(viewer)
        if self.fails is not None:
            raise self.fails
        if self.hangs:
            patience = self.hangs if timeout is None else min(max(float(timeout), 0.0), self.hangs)
            time.sleep(patience)
            if patience < self.hangs:
                raise TimeoutError(f"the feature store has not answered within {timeout} seconds")
        if timeout is not None and timeout < self.takes:
            self._clock.now += max(float(timeout), 0.0)
            raise TimeoutError(f"the feature store has not answered within {timeout} seconds")
        self._clock.now += self.takes
        return self.shares.get(viewer)


class Registry:
    """A registry of models, each the files that a training run has written.

    Parameters
    ----------
    version : str
        In force at first.
    files : mapping of str to bytes
    clock : Clock
        Moved by what a fetch takes.

    Attributes
    ----------
    takes : float
        Seconds of the clock that a fetch takes.
    fetched : list of str
        Every version that was fetched, in order.
    away : bool
        Whether it cannot be reached.
    """

    def __init__(self, version: str, files: Mapping[str, bytes], clock: Clock) -> None:
        self.takes, self._clock = 0.0, clock
        self.fetched: list[str] = []
        self.away = False
        self._files: dict[str, dict[str, bytes]] = {}
        self.publish(version, files)

    def publish(self, version: str, files: Mapping[str, bytes]) -> None:
        """Put a version in force."""
        self._files[version] = dict(files)
        self._latest = version

    def latest(self) -> str:
        """Return the version that is in force."""
        if self.away:
            raise ConnectionError("the registry cannot be reached")
        return self._latest

    def fetch(self, version: str) -> dict[str, bytes]:
        """Return the files of a version."""
        if self.away:
            raise ConnectionError("the registry cannot be reached")
        self.fetched.append(version)
        self._clock.now += self.takes
        return self._files[version]
