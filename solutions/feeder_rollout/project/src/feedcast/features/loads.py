"""The load of each feeder in each hour: what its meters counted, where that says what its customers wanted."""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from feedcast.common import database, hours
from feedcast.common.settings import settings
from feedcast.features.intervals import counted, intervals
from feedcast.features.meters import meters

Loads = dict[str, dict[str, float]]


def loads(connection: sqlite3.Connection, known_until: str) -> Loads:
    """Return the loads that are known at a moment, in kilowatts, by feeder and hour.

    An hour is left out where a meter tells too little of it, where the sum cannot be, and where the feeder was
    interrupted.
    """
    installed = meters(connection)
    sums: dict[tuple[str, str], float] = defaultdict(float)
    told: dict[tuple[str, str], int] = defaultdict(int)
    for one in counted(intervals(connection, known_until)):
        place = installed.at(one.meter_id, one.begin)
        if place is None:
            continue
        key = place.feeder_id, hours.hour_of(one.begin)
        sums[key] += one.units * place.factor
        told[key] += one.minutes
    out = interrupted(connection, known_until)
    limits = settings().loads
    found: Loads = defaultdict(dict)
    for (feeder, hour), load in sums.items():
        if (feeder, hour) in out or told[feeder, hour] < installed.minutes_of(feeder, hour):
            continue
        if limits.lowest_kw <= load <= limits.highest_kw:
            found[feeder][hour] = load
    return dict(found)


def interrupted(connection: sqlite3.Connection, known_until: str) -> set[tuple[str, str]]:
    """List the hours in which a feeder did not carry its own customers."""
    return {
        (row["feeder_id"], hour)
        for row in database.asked(connection, "interrupted", known_until=known_until)
        for hour in hours.touched(row["from_at"], row["until_at"])
    }
