"""Which share of the hours that feeders have is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from feedcast.common import database, hours
from feedcast.features.loads import Loads


def coverage(loads: Loads, feeders: list[str], first: str, days: int) -> dict[str, float]:
    """Return the share of the known hours of some days, by feeder."""
    wanted = [
        moment for day in hours.days_between(first, hours.shifted(first, days - 1)) for moment in hours.hours_of(day)
    ]
    return {feeder: sum(moment in loads.get(feeder, {}) for moment in wanted) / len(wanted) for feeder in feeders}


def thin(shares: Mapping[str, float], least: float) -> list[str]:
    """List the feeders of which too little is known."""
    return sorted(feeder for feeder, share in shares.items() if share < least)


def silent_head_ends(connection: sqlite3.Connection, day: str) -> list[str]:
    """List the head-ends that delivered nothing on a day, of those that delivered in the week before."""
    week = hours.shifted(day, -7)
    rows = connection.execute(
        "SELECT head_end, MAX(received_at) AS last FROM deliveries "
        "WHERE received_at >= ? AND received_at < ? GROUP BY head_end",
        (week, hours.shifted(day, 1)),
    )
    return sorted(row["head_end"] for row in rows if row["last"] < day)


def names(connection: sqlite3.Connection) -> list[str]:
    """Name all feeders."""
    return [row["feeder_id"] for row in database.asked(connection, "feeders")]
