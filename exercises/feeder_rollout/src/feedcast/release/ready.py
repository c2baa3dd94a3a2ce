"""Wait until the pods of a track are ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    probes = [cluster.probe(pod) for pod in cluster.pods(track)]
    return bool(probes) and all(_runs(one, wanted) for one in probes)


def _runs(told: Mapping[str, Any], wanted: Wanted) -> bool:
    """Look whether a pod that was probed is ready with what is wanted."""
    return told["status"] == "ready" and told["image"] == wanted.image and told["model"] == wanted.version
