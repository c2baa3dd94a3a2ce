"""What the cluster offers, as far as releases need it; the page on the cluster has the whole of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

STABLE, CANARY = "stable", "canary"


class Cluster(Protocol):
    """The cluster's interface for one service."""

    def push(self, name: str, files: Mapping[str, str]) -> str:
        """Make an image of the serving base and a bundle, and return its name."""

    def deploy(self, track: str, image: str, settings: Mapping[str, str | None]) -> None:
        """Let the pods of a track run an image with settings."""

    def release(self, track: str) -> dict[str, Any] | None:
        """Return ``image`` and ``settings`` of a track."""

    def history(self, track: str) -> list[dict[str, Any]]:
        """Return what a track has run, oldest first and with what it runs at the end."""

    def remove(self, track: str) -> None:
        """Stop the pods of a track."""

    def pods(self, track: str) -> list[str]:
        """Name the pods of a track."""

    def probe(self, pod: str) -> dict[str, Any]:
        """Ask a pod how it is."""

    def metrics(self, pod: str) -> dict[str, float]:
        """Read the counters of a pod."""

    def route(self, share: float) -> None:
        """Send a share of the requests to the canary, and the rest to the stable track."""

    def secret(self, name: str) -> str:
        """Return a secret."""

    def note(self, event: str, facts: Mapping[str, Any]) -> None:
        """Write a line into the cluster's event log."""


class Clock(Protocol):
    """A clock that can be waited by."""

    def now(self) -> float:
        """Return the seconds."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
