"""Bring a version of the registry to the pods: bundle, canary, all of them, and back where it is not good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedcast.common.settings import Rollout, settings
from feedcast.registry import store
from feedcast.release import bundles, templates
from feedcast.release.cluster import CANARY, STABLE, Clock, Cluster
from feedcast.release.ready import Wanted, wait
from feedcast.release.rollback import restore
from feedcast.release.watch import watched


@dataclass(frozen=True)
class Release:
    """What goes out."""

    wanted: Wanted
    settings: dict[str, str]


def run(registry: str, version: str, cluster: Cluster, clock: Clock) -> dict[str, str]:
    """Roll a version out.

    Parameters
    ----------
    registry : str
        The folder of the registry.
    version : str
    cluster : Cluster
    clock : Clock

    Returns
    -------
    outcome : dict of str to str
        ``outcome`` is ``promoted`` or ``taken back``, and ``reason`` says why.
    """
    template = templates.settings(store.card_of(registry, version))
    image = cluster.push(version, bundles.files(registry, version, template))
    wanted = templates.rendered(template, cluster)
    release = Release(Wanted(image, version), wanted)
    before = cluster.release(STABLE)
    own = settings().rollout
    cluster.note("rollout", {"version": version, "image": image, "settings": sorted(wanted)})
    reason = _canary(cluster, clock, release, own) or _everywhere(cluster, clock, release, own, before)
    cluster.route(0.0)
    cluster.remove(CANARY)
    outcome = {"outcome": "taken back" if reason else "promoted", "reason": reason}
    cluster.note("end", {"version": version, **outcome})
    return outcome


def _canary(cluster: Cluster, clock: Clock, release: Release, own: Rollout) -> str:
    """Try a release on few requests, and say what is wrong with it; nothing where it is good."""
    reason = _started(cluster, clock, CANARY, release, own)
    if reason:
        return reason
    for share in own.steps:
        cluster.route(share)
        verdict = watched(cluster, clock, CANARY, own)
        if not verdict.good:
            return f"canary at {share:.0%}: {verdict.reason}"
    return ""


def _everywhere(
    cluster: Cluster, clock: Clock, release: Release, own: Rollout, before: Mapping[str, Any] | None
) -> str:
    """Let all pods run a release, and take it back where it is not good."""
    reason = _started(cluster, clock, STABLE, release, own)
    if not reason:
        cluster.route(0.0)
        verdict = watched(cluster, clock, STABLE, own)
        reason = "" if verdict.good else f"everywhere: {verdict.reason}"
    if reason and before is not None:
        restore(cluster, before)
    return reason


def _started(cluster: Cluster, clock: Clock, track: str, release: Release, own: Rollout) -> str:
    """Let a track run a release, and wait for its pods."""
    try:
        cluster.deploy(track, release.wanted.image, release.settings)
    except Exception as error:
        cluster.note("refused", {"track": track, "error": type(error).__name__})
        return f"{track}: the cluster refused it"
    if not wait(cluster, clock, track, release.wanted, own.ready_within_minutes):
        return f"{track}: not ready within {own.ready_within_minutes} minutes"
    cluster.note("ready", {"track": track, "version": release.wanted.version})
    return ""
