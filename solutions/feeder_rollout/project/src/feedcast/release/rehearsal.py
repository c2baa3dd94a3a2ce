"""A cluster in memory, to rehearse releases with: it does what the real one does, at once and without harm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feedcast.common.errors import ReleaseError
from feedcast.release import bundles, rollout
from feedcast.release.cluster import CANARY, STABLE

REPOSITORY = "images.nordmoor.example/feedcast"
PODS = {STABLE: 3, CANARY: 2}
PER_MINUTE = 60.0


@dataclass
class Hands:
    """A clock that stands still until somebody sleeps."""

    seconds: float = 0.0

    def now(self) -> float:
        """Return the seconds."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += max(0.0, seconds)


@dataclass
class Track:
    """What a track runs, and since when."""

    image: str
    settings: dict[str, str]
    model: str
    since: float


@dataclass
class Rehearsal:
    """The cluster.

    Parameters
    ----------
    clock : Hands
    failing : dict of str to float
        The share of requests that fail, by model.
    """

    clock: Hands
    failing: dict[str, float] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    past: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    share: float = 0.0

    def push(self, name: str, files: Mapping[str, str]) -> str:
        """Make an image; a bundle that is not whole is refused."""
        found = bundles.faults(files)
        if found:
            raise ReleaseError(f"the bundle of {name} is not whole: {'; '.join(found)}")
        image = f"{REPOSITORY}:{name}-{bundles.digest(files[bundles.MANIFEST])[:8]}"
        self.images[image] = json.loads(files[bundles.MANIFEST]).get("version", name)
        return image

    def deploy(self, track: str, image: str, settings: Mapping[str, str | None]) -> None:
        """Let a track run an image."""
        if image not in self.images:
            raise ReleaseError(f"there is no image {image}")
        there = self.tracks.get(track)
        merged = {**({} if there is None else there.settings), **settings}
        kept = {key: value for key, value in merged.items() if value is not None}
        self.tracks[track] = Track(image, kept, self.images[image], self.clock.now())
        self.past.setdefault(track, []).append({"image": image, "settings": dict(kept)})

    def release(self, track: str) -> dict[str, Any] | None:
        """Return what a track runs."""
        there = self.tracks.get(track)
        return None if there is None else {"image": there.image, "settings": dict(there.settings)}

    def history(self, track: str) -> list[dict[str, Any]]:
        """Return what a track has run."""
        return [dict(one) for one in self.past.get(track, [])]

    def remove(self, track: str) -> None:
        """Stop a track."""
        self.tracks.pop(track, None)

    def pods(self, track: str) -> list[str]:
        """Name the pods of a track."""
        return [f"{track}-{number}" for number in range(PODS[track])] if track in self.tracks else []

    def probe(self, pod: str) -> dict[str, Any]:
        """Ask a pod."""
        track = self._track(pod)
        return {
            "status": "ready",
            "image": track.image,
            "model": track.model,
            "uptime": self.clock.now() - track.since,
        }

    def metrics(self, pod: str) -> dict[str, float]:
        """Read the counters of a pod."""
        track = self._track(pod)
        requests = PER_MINUTE * (self.clock.now() - track.since) / 60.0
        return {"requests": requests, "failed": requests * self.failing.get(track.model, 0.0)}

    def route(self, share: float) -> None:
        """Send a share to the canary."""
        if not 0.0 <= share <= 1.0:
            raise ReleaseError(f"{share!r} is no share")
        self.share = share

    def secret(self, name: str) -> str:
        """Return something in place of a secret."""
        return f"<{name}>"

    def note(self, event: str, facts: Mapping[str, Any]) -> None:
        """Keep a line."""
        self.events.append({"at": self.clock.now(), "event": event, **facts})

    def _track(self, pod: str) -> Track:
        name = pod.rpartition("-")[0]
        if name not in self.tracks:
            raise ReleaseError(f"there is no pod {pod}")
        return self.tracks[name]


def rehearsed(registry: str, version: str, failing: float = 0.0) -> tuple[dict[str, str], Rehearsal]:
    """Rehearse the rollout of a version of which a share of requests fails."""
    clock = Hands()
    cluster = Rehearsal(clock, failing={version: failing})
    outcome = rollout.run(registry, version, cluster, clock)
    return outcome, cluster
