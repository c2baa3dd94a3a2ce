"""Which meters measure a feeder, and by what their counts are multiplied."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from feedcast.common import database, hours


@dataclass(frozen=True)
class Installation:
    """A meter on a feeder, from a moment to another."""

    meter_id: int
    feeder_id: str
    factor: float
    from_at: str
    until_at: str

    def minutes_in(self, hour: str) -> int:
        """Count the minutes of an hour in which it was there."""
        end = hours.plus(hour, 60)
        if self.from_at <= hour and self.until_at >= end:
            return 60
        return hours.minutes_between(max(self.from_at, hour), min(self.until_at, end))


class Meters:
    """All installations.

    Parameters
    ----------
    installed : list of Installation
    """

    def __init__(self, installed: list[Installation]) -> None:
        self._by_meter: dict[int, list[Installation]] = defaultdict(list)
        self._by_feeder: dict[str, list[Installation]] = defaultdict(list)
        for one in installed:
            self._by_meter[one.meter_id].append(one)
            self._by_feeder[one.feeder_id].append(one)

    def at(self, meter_id: int, moment: str) -> Installation | None:
        """Return where a meter was at a moment."""
        for one in self._by_meter.get(meter_id, ()):
            if one.from_at <= moment < one.until_at:
                return one
        return None

    def minutes_of(self, feeder_id: str, hour: str) -> int:
        """Count the minutes that all meters of a feeder should tell of an hour."""
        return sum(one.minutes_in(hour) for one in self._by_feeder.get(feeder_id, ()))


def meters(connection: sqlite3.Connection) -> Meters:
    """Read the installations."""
    return Meters([Installation(**dict(row)) for row in database.asked(connection, "installations")])
