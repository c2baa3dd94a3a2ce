"""Wait until the pods of a track are ready."""

from __future__ import annotations

from dataclasses import dataclass

from feedcast.release.cluster import Clock, Cluster

STEP = 20.0
"""Seconds between two looks."""


@dataclass(frozen=True)
class Wanted:
    """What pods should run."""

    image: str
    version: str


def wait(cluster: Cluster, clock: Clock, track: str, wanted: Wanted, minutes: int) -> bool:
    """Wait until all pods of a track are ready with what is wanted.

    Returns
    -------
    ready : bool
        Whether they were so in time.
    """
    deadline = clock.now() + 60 * minutes
    while True:
        if ready(cluster, track, wanted):
            return True
        if clock.now() >= deadline:
            return False
        clock.sleep(STEP)


def ready(cluster: Cluster, track: str, wanted: Wanted) -> bool:
    """Look whether all pods of a track are ready with what is wanted."""
    pods = cluster.pods(track)
    return bool(pods) and all(_runs(cluster, pod, wanted) for pod in pods)


def _runs(cluster: Cluster, pod: str, wanted: Wanted) -> bool:
    """Look whether a pod is ready with what is wanted; one that has gone since it was listed is not."""
    try:
        told = cluster.probe(pod)
    except Exception:
        return False
    return told["status"] == "ready" and told["image"] == wanted.image and told["model"] == wanted.version
