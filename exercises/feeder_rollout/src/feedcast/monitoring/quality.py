"""A look at what came on a day: stuck meters, meters without a place, gaps, sums that cannot be."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from feedcast.common import database, hours
from feedcast.common.settings import settings
from feedcast.features.intervals import Interval, intervals
from feedcast.features.meters import Meters, meters

STUCK = 12
"""So many equal intervals in a row are no customers."""


@dataclass(frozen=True)
class Finding:
    """Something odd about a meter."""

    meter_id: int
    what: str

    def line(self) -> str:
        """Say it in a line."""
        return f"{self.meter_id}  {self.what}"


def look(folder: str | Path, day: str) -> list[Finding]:
    """List what is odd about a day, by meter."""
    with database.reading(folder) as connection:
        installed = meters(connection)
        own = _of_day(connection, day)
    found = [finding for meter, rows in sorted(own.items()) for finding in _odd(meter, rows, installed)]
    return [*found, *_missing(own, installed, day)]


def _of_day(connection: sqlite3.Connection, day: str) -> dict[int, list[Interval]]:
    until = hours.shifted(day, 1)
    own: dict[int, list[Interval]] = defaultdict(list)
    for one in intervals(connection, hours.shifted(day, 3)):
        if day <= one.begin < until:
            own[one.meter_id].append(one)
    return {meter: sorted(rows, key=lambda row: row.begin) for meter, rows in own.items()}


def _odd(meter: int, rows: list[Interval], installed: Meters) -> Iterator[Finding]:
    without = [one for one in rows if installed.at(meter, one.begin) is None]
    if without:
        yield Finding(meter, f"{len(without)} intervals at no feeder, from {without[0].begin}")
    run = longest_run([one.units for one in rows])
    if run >= STUCK:
        yield Finding(meter, f"{run} equal intervals in a row")
    limits = settings().loads
    for one in rows:
        place = installed.at(meter, one.begin)
        if place is None:
            continue
        load = one.units * place.factor * 60 / one.minutes
        if not limits.lowest_kw <= load <= limits.highest_kw:
            yield Finding(meter, f"{load:.0f} kW at {one.begin}")


def longest_run(values: list[float]) -> int:
    """Return how many equal values follow one another at most."""
    longest = run = 0
    last: float | None = None
    for value in values:
        run = run + 1 if value == last else 1
        last = value
        longest = max(longest, run)
    return longest


def _missing(own: dict[int, list[Interval]], installed: Meters, day: str) -> Iterator[Finding]:
    noon = f"{day}T12:00"
    for meter, rows in sorted(own.items()):
        told = sum(one.minutes for one in rows)
        if installed.at(meter, noon) is not None and told < 24 * 60:
            yield Finding(meter, f"{24 * 60 - told} minutes are missing")
