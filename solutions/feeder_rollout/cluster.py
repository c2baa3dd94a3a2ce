"""A cluster and a clock, as `docs/cluster.md` describes them: what a rollout asks, counted and remembered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

STABLE, CANARY = "stable", "canary"
MINUTE = 60.0
STARTS = 30.0
"""Seconds until a new pod answers."""
RATE = 30.0
"""Requests of a minute that reach a pod."""
ORDINARY = 0.004
"""The share of requests that fail where nothing is the matter."""
PODS = {STABLE: 4, CANARY: 2}


class Clock:
    """A clock that stands still until somebody sleeps."""

    methods: ClassVar = ("now", "sleep")

    def __init__(self) -> None:
        self.seconds = 10_000.0

    def now(self) -> float:
        """Return the seconds."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += min(max(float(seconds), 0.0), 86_400.0)


@dataclass(frozen=True)
class Manner:
    """How the pods of a track behave with what was rolled out.

    Parameters
    ----------
    loads : tuple of float
        Minutes until each pod has changed over from the model of before; the last counts for all further pods.
    failing : float
        The share of requests that fail.
    life : float
        Minutes that a process lives once it has changed over; endless where 0.
    dying : float
        So many minutes before its end everything fails.
    renamed : bool
        Whether another pod takes its place, or it starts anew under its name.
    hanging : float
        The share of requests that time out, once it has changed over.
    early : float
        The share of requests that time out before.
    hung : float
        So many minutes after it has changed over every request times out; then its process begins anew, and is well.
    """

    loads: tuple[float, ...] = (1.0,)
    failing: float = ORDINARY
    life: float = 0.0
    dying: float = 0.0
    renamed: bool = True
    hanging: float = 0.0
    early: float = 0.0
    hung: float = 0.0


WELL = Manner()


@dataclass
class Running:
    """What a track runs."""

    image: str
    settings: dict[str, str]
    model: str
    former: str
    since: float
    manner: Manner


@dataclass(frozen=True)
class Pod:
    """A pod at a moment: its name, its model, and what its process has counted."""

    name: str
    status: str
    model: str
    requests: float
    failed: float
    timed_out: float = 0.0


@dataclass
class Cluster:
    """The cluster.

    Parameters
    ----------
    clock : Clock
    manners : mapping of str to Manner
        By track: how what is rolled out behaves there. What ran before is well.
    refuses : str
        A track that takes no image.
    renews : str
        A track; when it has got an image, all secrets get new values.
    """

    methods: ClassVar = (
        "push", "deploy", "release", "history", "remove", "pods", "probe", "metrics", "route", "secret", "note",
    )  # fmt: skip

    clock: Clock
    manners: Mapping[str, Manner] = field(default_factory=dict)
    refuses: str = ""
    renews: str = ""
    salt: str = "x"
    tracks: dict[str, Running] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    pushed: dict[str, dict[str, str]] = field(default_factory=dict)
    past: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    outdated: int = 0
    named: dict[str, str] = field(default_factory=dict)
    share: float = 0.0

    def starts_with(self, version: str, settings: Mapping[str, str]) -> None:
        """Let the stable track run a version, and have run it for days."""
        image = f"images.example/feedcast:{version}-old"
        self.images[image] = version
        self.tracks[STABLE] = Running(image, dict(settings), version, version, self.clock.now() - 9e5, WELL)
        self.past.setdefault(STABLE, []).append({"image": image, "settings": dict(settings)})

    # What a rollout asks

    def push(self, name: str, files: Mapping[str, str]) -> str:
        """Make an image, or return the one that bears the name already."""
        if str(name) not in self.named:
            image = f"images.example/feedcast:{name}.{len(self.pushed) + 1}"
            self.named[str(name)] = image
            self.images[image] = _version(str(name), files)
            self.pushed[image] = dict(files)
        return self.named[str(name)]

    def deploy(self, track: str, image: str, settings: Mapping[str, Any]) -> None:
        """Let a track run an image: settings that are not named stay, and none removes one."""
        if track == self.refuses and image in self.pushed:
            raise RuntimeError(f"admission: {image} refused, settings {dict(settings)}")
        if image not in self.images:
            raise LookupError(f"there is no image {image}")
        there = self.tracks.get(track)
        merged = {**(there.settings if there else {}), **settings}
        kept = {str(key): str(value) for key, value in merged.items() if value is not None}
        stable = self.tracks.get(STABLE)
        former = there.model if there else stable.model if stable else self.images[image]
        self.outdated += any(old in value for old in self.ended for value in kept.values())
        manner = self.manners.get(track, WELL) if image in self.pushed else WELL
        self.tracks[track] = Running(image, kept, self.images[image], former, self.clock.now(), manner)
        self.past.setdefault(track, []).append({"image": image, "settings": dict(kept)})
        if track == self.renews and image in self.pushed:
            self.renew()

    def renew(self) -> None:
        """Give every secret a new value, and put it into the settings of what runs."""
        for name, old in list(self.secrets.items()):
            self.ended.append(old)
            self.secrets[name] = self._value()
            for running in self.tracks.values():
                running.settings = {
                    key: value.replace(old, self.secrets[name]) for key, value in running.settings.items()
                }

    def _value(self) -> str:
        return f"{self.salt}{len(self.secrets) + len(self.ended)}Zq7{self.salt[::-1]}"

    def release(self, track: str) -> dict[str, Any] | None:
        """Return what a track runs."""
        there = self.tracks.get(track)
        return None if there is None else {"image": there.image, "settings": dict(there.settings)}

    def history(self, track: str) -> list[dict[str, Any]]:
        """Return what a track has run."""
        return [
            {"image": one["image"], "settings": dict(one["settings"])} for one in self.past.get(track, [])
        ]

    def remove(self, track: str) -> None:
        """Stop a track."""
        self.tracks.pop(track, None)

    def pods(self, track: str) -> list[str]:
        """Name the pods of a track."""
        return [one.name for one in self._pods(track)]

    def probe(self, pod: str) -> dict[str, Any]:
        """Ask a pod how it is."""
        track, found = self._pod(pod)
        running = self.tracks[track]
        return {
            "status": found.status,
            "image": running.image,
            "model": found.model,
            "uptime": self.clock.now() - running.since,
        }

    def metrics(self, pod: str) -> dict[str, float]:
        """Read the counters of a pod's process."""
        _, found = self._pod(pod)
        return {"requests": found.requests, "failed": found.failed, "timed_out": found.timed_out}

    def route(self, share: float) -> None:
        """Send a share of the requests to the canary."""
        self.share = float(share)

    def secret(self, name: str) -> str:
        """Return a secret, a new one for each name."""
        if str(name) not in self.secrets:
            self.secrets[str(name)] = self._value()
        return self.secrets[str(name)]

    def note(self, event: str, facts: Any) -> None:
        """Write a line into the event log."""
        self.events.append([event, facts])

    # How its pods live

    def _pod(self, name: str) -> tuple[str, Pod]:
        for track in self.tracks:
            for one in self._pods(track):
                if one.name == name:
                    return track, one
        raise LookupError(f"there is no pod {name}")

    def _pods(self, track: str) -> list[Pod]:
        running = self.tracks.get(track)
        if running is None:
            return []
        return [self._at(track, running, number) for number in range(PODS[track])]

    def _at(self, track: str, running: Running, number: int) -> Pod:
        manner = running.manner
        age = self.clock.now() - running.since
        loads = MINUTE * manner.loads[min(number, len(manner.loads) - 1)]
        generation = f"{len(self.past[track])}{'abcd'[number]}"
        name, since = f"{track}-{generation}", STARTS
        if age < STARTS:
            return Pod(name, "starting", running.former, 0.0, 0.0)
        if age < loads:
            return Pod(name, "ready", running.former, *_counted(age - since, 0.0, ORDINARY, manner.early))
        lived, bad = age - loads, 0.0
        if MINUTE * manner.hung > lived:
            return Pod(name, "ready", running.model, *_counted(lived, 0.0, 0.0, 1.0))
        lived -= MINUTE * manner.hung
        if manner.life:
            turn, lived = divmod(lived, MINUTE * manner.life)
            bad = max(0.0, lived - MINUTE * (manner.life - manner.dying))
            if turn:
                name += f"-{int(turn)}" if manner.renamed else ""
                return Pod(
                    name, "ready", running.model, *_counted(lived, bad, manner.failing, manner.hanging)
                )
        before = 0.0 if manner.hung else max(0.0, loads - since)
        one = _counted(before, 0.0, ORDINARY, manner.early)
        other = _counted(lived, bad, manner.failing, manner.hanging)
        return Pod(name, "ready", running.model, *(a + b for a, b in zip(one, other, strict=True)))


def _counted(seconds: float, bad: float, failing: float, hanging: float) -> tuple[float, float, float]:
    """Count the requests of some seconds that were answered, those that failed, and those that timed out beside them.

    In the last seconds all fail.
    """
    asked, lost = float(int(RATE * seconds / MINUTE)), float(int(RATE * bad / MINUTE))
    timed_out = float(int((asked - lost) * hanging))
    requests = asked - timed_out
    return requests, min(requests, float(int((requests - lost) * failing + lost))), timed_out


def _version(name: str, files: Mapping[str, str]) -> str:
    """Return the version that a bundle says it is; where it does not say, what its name begins with."""
    for text in files.values():
        try:
            told = json.loads(text)
        except ValueError:
            continue
        if isinstance(told, dict) and isinstance(told.get("version"), str):
            return str(told["version"])
    begins = re.match(r"v\d+", name)
    return begins.group() if begins else name
