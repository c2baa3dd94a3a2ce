"""Upstream: what the service asks others for, and stand-ins that read files."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """The feature store."""

    def get(self, viewer: str, timeout: float | None = None) -> Mapping[str, float] | None:
        """Return the share watched of each film, or none for a viewer that the store does not know.

        Raises ``ConnectionError``, or ``TimeoutError`` after ``timeout`` seconds; none means no limit.
        """


class Registry(Protocol):
    """The registry of models; like the store it may raise ``ConnectionError``."""

    def latest(self) -> str:
        """Return the version that is to be in force."""

    def fetch(self, version: str) -> Mapping[str, bytes]:
        """Return the files of a version, by name."""


class Clock(Protocol):
    """The time."""

    def time(self) -> float:
        """Return seconds since some moment in the past; never runs backwards."""


class FileStore:
    """A store that reads one file."""

    def __init__(self, path: Path) -> None:
        self._shares: dict[str, dict[str, float]] = json.loads(path.read_text())

    def get(self, viewer: str, timeout: float | None = None) -> Mapping[str, float] | None:
        """Look a viewer up, at once."""
        return self._shares.get(viewer)


class FolderRegistry:
    """A registry that is a folder, with one folder for each version."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def latest(self) -> str:
        """Return the version whose name comes last."""
        return max(folder.name for folder in self._path.iterdir())

    def fetch(self, version: str) -> Mapping[str, bytes]:
        """Read the files of a version."""
        return {path.name: path.read_bytes() for path in (self._path / version).iterdir()}


class SystemClock:
    """The machine's own clock."""

    def time(self) -> float:
        """Return the seconds of the monotonic clock."""
        return time.monotonic()
