"""Stand-ins: what a service asks, answered by the grader, which counts the questions and lets them hang or fail."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["Clock", "Registry", "Upstream"]


class Clock:
    """A clock that stands still until it is moved.

    Attributes
    ----------
    now : float
        Seconds; add to it.
    """

    methods: ClassVar = ("time",)

    def __init__(self) -> None:
        self.now = 5_000.0

    def time(self) -> float:
        """Return the seconds."""
        return self.now


class Upstream:
    """A store that answers, hangs or fails as it is told.

    Parameters
    ----------
    known : mapping of str to object
        What it knows, by key; it may change later.
    clock : Clock
        Moved by what an answer takes.

    Attributes
    ----------
    asked : list of str
        Every key that was asked for, in order.
    takes : float
        Seconds of the clock that an answer takes.
    hangs : float
        Real seconds that an answer takes.
    fails : Exception or None
        What it raises instead of an answer.
    """

    methods: ClassVar = ("get",)

    def __init__(self, known: Mapping[str, Any], clock: Clock) -> None:
        self.known = dict(known)
        self.asked: list[str] = []
        self.takes, self.hangs = 0.0, 0.0
        self.fails: Exception | None = None
        self._clock = clock

    @property
    def ill(self) -> bool:
        """Whether it does anything but answer at once."""
        return self.fails is not None or bool(self.hangs or self.takes)

    def get(self, key: str, timeout: float | None = None) -> Any:
        """Return what is known under a key, or none, unless something is the matter."""
        self.asked.append(key)
        if self.fails is not None:
            raise self.fails
        if self.hangs:
            patience = self.hangs if timeout is None else min(max(float(timeout), 0.0), self.hangs)
            time.sleep(patience)
            if patience < self.hangs:
                raise TimeoutError(f"no answer within {timeout} seconds")
        if timeout is not None and timeout < self.takes:
            self._clock.now += max(float(timeout), 0.0)
            raise TimeoutError(f"no answer within {timeout} seconds")
        self._clock.now += self.takes
        return self.known.get(key)


class Registry:
    """A registry of models, which says which version is in force and hands out its files.

    Parameters
    ----------
    version : str
        In force at first.
    files : mapping of str to bytes
        What a training run has written.
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

    methods: ClassVar = ("latest", "fetch")

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
