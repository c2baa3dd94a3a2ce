"""When a rollout may begin: on working days, early enough that somebody is there when it ends."""

from __future__ import annotations

from dataclasses import dataclass

from feedcast.common import hours
from feedcast.common.settings import Rollout
from feedcast.features.days import Days

FIRST, LAST = 7, 18
"""Hours of the day, in UTC, between which a rollout may begin."""


@dataclass(frozen=True)
class Answer:
    """Whether a rollout may begin."""

    allowed: bool
    why: str = ""


def longest(own: Rollout) -> int:
    """Return the minutes that a rollout takes at most."""
    return 2 * own.ready_within_minutes + own.watch_minutes * (len(own.steps) + 1)


def may_begin(moment: str, known: Days) -> Answer:
    """Say whether a rollout may begin at a moment."""
    day, clock = hours.day_of(moment), hours.clock_hour(moment)
    if known.kind(day) != "work":
        return Answer(False, f"{day} is no working day")
    if known.kind(hours.shifted(day, 1)) != "work":
        return Answer(False, f"the day after {day} is no working day")
    if not FIRST <= clock <= LAST:
        return Answer(False, f"rollouts begin between {FIRST}:00 and {LAST}:59")
    return Answer(True)


def next_begin(moment: str, known: Days, most_days: int = 14) -> str | None:
    """Return the next moment at which a rollout may begin; none within so many days."""
    hour = hours.hour_of(moment)
    for _ in range(24 * most_days):
        hour = hours.plus(hour, 60)
        if may_begin(hour, known).allowed:
            return hour
    return None
