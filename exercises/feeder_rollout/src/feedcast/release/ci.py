"""What runs on which occasion: the jobs of the CI as data, and who may have which secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feedcast.common.errors import ReleaseError

OCCASIONS = ("pull_request", "push", "tag", "schedule")


@dataclass(frozen=True)
class Job:
    """One job.

    Parameters
    ----------
    name : str
    commands : tuple of str
    on : frozenset of str
        The occasions on which it runs.
    needs : tuple of str
        Jobs that must have ended well.
    secrets : tuple of str
        What it may ask for.
    minutes : int
        After so many it is stopped.
    approved_by : str
        Whose approval it waits for.
    """

    name: str
    commands: tuple[str, ...]
    on: frozenset[str]
    needs: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    minutes: int = 15
    approved_by: str = ""
    keeps: tuple[str, ...] = field(default=())


EVERYWHERE = frozenset({"pull_request", "push", "tag"})

JOBS = (
    Job("lint", ("make lint",), EVERYWHERE, minutes=5),
    Job("test", ("make test",), EVERYWHERE),
    Job(
        "rehearse",
        ("python -m feedcast rehearse",),
        frozenset({"pull_request", "push"}),
        needs=("test",),
    ),
    Job(
        "train",
        ("python -m feedcast train",),
        frozenset({"schedule"}),
        secrets=("readings",),
        minutes=60,
        keeps=("registry",),
    ),
    Job(
        "backtest",
        ("python -m feedcast backtest",),
        frozenset({"schedule"}),
        needs=("train",),
        secrets=("readings",),
        minutes=60,
    ),
    Job(
        "roll out",
        ("python -m feedcast rollout",),
        frozenset({"tag"}),
        needs=("lint", "test"),
        secrets=("readings", "weather", "control-room", "cluster"),
        minutes=180,
        approved_by="operations",
    ),
    Job(
        "weekly",
        ("python -m feedcast weekly",),
        frozenset({"schedule"}),
        secrets=("readings",),
    ),
)


def jobs_of(event: Mapping[str, Any]) -> list[Job]:
    """List the jobs of an event, in an order in which each comes after those that it needs.

    Parameters
    ----------
    event : mapping
        ``occasion``, and for a pull request ``fork``: whether it comes from elsewhere.

    Raises
    ------
    ReleaseError
        If the occasion is unknown, or jobs need one another in a circle.
    """
    occasion = event["occasion"]
    if occasion not in OCCASIONS:
        raise ReleaseError(f"{occasion!r} is no occasion")
    chosen = {job.name: job for job in JOBS if occasion in job.on}
    ordered: list[Job] = []
    while chosen:
        names = {job.name for job in ordered}
        free = [job for job in chosen.values() if all(one in names or one not in chosen for one in job.needs)]
        if not free:
            raise ReleaseError(f"jobs need one another: {', '.join(sorted(chosen))}")
        ordered += [chosen.pop(job.name) for job in free]
    return ordered


def secrets_of(event: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what each job of an event may ask for; a pull request may ask for nothing."""
    if event["occasion"] == "pull_request":
        return {job.name: () for job in jobs_of(event)}
    return {job.name: job.secrets for job in jobs_of(event)}


def described(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Describe the jobs of an event as the runner reads them."""
    allowed = secrets_of(event)
    return [
        {
            "name": job.name,
            "run": list(job.commands),
            "needs": [one for one in job.needs if one in allowed],
            "secrets": list(allowed[job.name]),
            "timeout_minutes": job.minutes,
            "approval": job.approved_by or None,
            "artifacts": list(job.keeps),
        }
        for job in jobs_of(event)
    ]
