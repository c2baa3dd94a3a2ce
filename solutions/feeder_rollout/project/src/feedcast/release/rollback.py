"""Take a release back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feedcast.common.errors import ReleaseError
from feedcast.release import templates
from feedcast.release.cluster import STABLE, Cluster


def restore(cluster: Cluster, before: Mapping[str, Any]) -> None:
    """Let the stable track run what it ran before."""
    now = cluster.release(STABLE) or {"settings": {}}
    gone: dict[str, str | None] = dict.fromkeys(now["settings"])
    cluster.deploy(STABLE, before["image"], {**gone, **templates.renewed(before["settings"], cluster)})
    cluster.note("restored", {"track": STABLE, "image": before["image"]})


def run(cluster: Cluster) -> dict[str, str]:
    """Take the last release of the stable track back, by hand.

    Returns
    -------
    outcome : dict of str to str
        ``outcome`` is ``taken back``, and ``reason`` says what runs now.

    Raises
    ------
    ReleaseError
        If there was none before it.
    """
    past = cluster.history(STABLE)
    if len(past) < 2:
        raise ReleaseError("there is no release before this one")
    restore(cluster, past[-2])
    return {"outcome": "taken back", "reason": f"{past[-2]['image']} runs again"}
