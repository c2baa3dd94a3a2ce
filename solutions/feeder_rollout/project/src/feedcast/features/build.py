"""What is known of an hour on the evening of the day before: the one place where features are made."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from feedcast.common import hours
from feedcast.features.days import Days, days
from feedcast.features.loads import Loads, loads
from feedcast.features.temperatures import temperatures

WEEK, FORTNIGHT = 7 * 24 * 60, 14 * 24 * 60


@dataclass(frozen=True)
class Known:
    """All that is known on the evening of a day."""

    loads: Loads
    days: Days
    temperatures: dict[tuple[str, str], float]


@dataclass(frozen=True)
class Hour:
    """The features of a feeder's hour."""

    feeder_id: str
    hour: str
    kind: str
    week_ago: float | None
    fortnight_ago: float | None
    temperature: float | None


@dataclass(frozen=True)
class Example:
    """The features of an hour, and its load."""

    features: Hour
    load: float

    def row(self) -> dict[str, Any]:
        """Return it as a row of the training table."""
        return {**asdict(self.features), "load": self.load}


def known(connection: sqlite3.Connection, day: str) -> Known:
    """Read what is known on the evening of a day."""
    tomorrow, later = hours.shifted(day, 1), hours.shifted(day, 2)
    return Known(loads(connection, tomorrow), days(connection), temperatures(connection, later, tomorrow))


def hour(facts: Known, feeder: str, moment: str) -> Hour:
    """Make the features of a feeder's hour."""
    own = facts.loads.get(feeder, {})
    return Hour(
        feeder,
        moment,
        facts.days.kind(hours.day_of(moment)),
        own.get(hours.plus(moment, -WEEK)),
        own.get(hours.plus(moment, -FORTNIGHT)),
        facts.temperatures.get((feeder, moment)),
    )


def examples(facts: Known, first: str) -> list[Example]:
    """Make examples of the hours from a day on of which load and week before are known."""
    made = []
    for feeder, own in sorted(facts.loads.items()):
        for moment, load in sorted(own.items()):
            if moment >= first:
                features = hour(facts, feeder, moment)
                if features.week_ago is not None or features.fortnight_ago is not None:
                    made.append(Example(features, load))
    return made
