"""How far forecasts were off, once the loads are known."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from feedcast.common import database, hours
from feedcast.features.loads import loads
from feedcast.training.figures import Pair, by_feeder, mean_error, share


@dataclass(frozen=True)
class Week:
    """The forecasts of seven days beside what came."""

    first: str
    pairs: list[Pair]

    @property
    def share(self) -> float | None:
        """The errors as a share of the loads; none where nothing is known."""
        return share(self.pairs) if self.pairs else None

    def worst(self, count: int) -> list[tuple[str, float]]:
        """List the feeders with the largest mean errors, in kilowatts."""
        found = [(feeder, mean_error(pairs)) for feeder, pairs in by_feeder(self.pairs).items()]
        return sorted(found, key=lambda one: (-one[1], one[0]))[:count]


def week(connection: sqlite3.Connection, first: str, known_until: str) -> Week:
    """Compare the forecasts of the seven days from a day on."""
    until = hours.shifted(first, 7)
    known = loads(connection, known_until)
    pairs = []
    for row in database.asked(connection, "forecasts", first=first, until=until):
        load = known.get(row["feeder_id"], {}).get(row["hour"])
        if load is not None and row["load"] is not None:
            pairs.append(Pair(row["feeder_id"], row["hour"], load, row["load"]))
    return Week(first, pairs)


def grown(before: Week, after: Week, factor: float) -> list[str]:
    """List the feeders whose mean error has grown by a factor from a week to another."""
    errors = [{feeder: mean_error(pairs) for feeder, pairs in by_feeder(one.pairs).items()} for one in (before, after)]
    return sorted(
        feeder
        for feeder, error in errors[1].items()
        if feeder in errors[0] and errors[0][feeder] > 0 and error >= factor * errors[0][feeder]
    )
