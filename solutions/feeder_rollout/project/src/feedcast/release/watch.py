"""Watch the pods of a track for a while, and judge them by what they counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedcast.common.settings import Rollout
from feedcast.release.cluster import Clock, Cluster

MINUTE = 60.0


@dataclass(frozen=True)
class Counts:
    """What pods counted."""

    requests: float = 0.0
    failed: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        """Count both."""
        return Counts(self.requests + other.requests, self.failed + other.failed)

    @property
    def share(self) -> float:
        """The share of the requests that failed."""
        return self.failed / self.requests if self.requests else 0.0


@dataclass(frozen=True)
class Verdict:
    """What came of a watch."""

    good: bool
    reason: str
    counts: Counts


def watched(cluster: Cluster, clock: Clock, track: str, own: Rollout) -> Verdict:
    """Watch a track for the minutes of the settings.

    Returns
    -------
    verdict : Verdict
        Good where enough requests came, and few enough of them failed.
    """
    last = counted(cluster, track)
    seen = Counts()
    for _ in range(own.watch_minutes):
        clock.sleep(MINUTE)
        now = counted(cluster, track)
        seen = seen + grown(last, now)
        cluster.note("watch", {"track": track, "pods": len(now), "requests": seen.requests, "failed": seen.failed})
        last = {**last, **now}
    return judged(seen, own)


def counted(cluster: Cluster, track: str) -> dict[str, Counts]:
    """Read the counters of the pods of a track; a pod may go between its being listed and being asked."""
    found = {}
    for pod in cluster.pods(track):
        try:
            told = cluster.metrics(pod)
        except Exception:
            continue
        late = told.get("timed_out", 0.0)
        found[pod] = Counts(told["requests"] + late, told["failed"] + late)
    return found


def grown(before: Mapping[str, Counts], after: Mapping[str, Counts]) -> Counts:
    """Return what pods counted between two looks."""
    total = Counts()
    for pod, now in after.items():
        was = before.get(pod, Counts())
        if now.requests < was.requests:
            was = Counts()
        total = total + Counts(now.requests - was.requests, now.failed - was.failed)
    return total


def judged(seen: Counts, own: Rollout) -> Verdict:
    """Judge counts by the settings."""
    if seen.requests < own.least_requests:
        return Verdict(False, f"only {seen.requests:g} requests came", seen)
    if seen.share > own.failing_share:
        return Verdict(False, f"{seen.failed:g} of {seen.requests:g} requests failed", seen)
    return Verdict(True, "", seen)
