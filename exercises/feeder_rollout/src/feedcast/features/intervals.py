"""From readings to intervals: what a meter counted, from a moment on, for so many minutes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from feedcast.common import database
from feedcast.ingest.headers import Header, parsed


@dataclass(frozen=True, slots=True)
class Interval:
    """What a meter counted in some minutes."""

    meter_id: int
    begin: str
    minutes: int
    units: float


def intervals(connection: sqlite3.Connection, known_until: str) -> list[Interval]:
    """Return the intervals that had been delivered by a moment; what was delivered again replaces what came before.

    Parameters
    ----------
    connection : Connection
    known_until : str

    Returns
    -------
    intervals : list of Interval
    """
    headers: dict[int, Header] = {}
    last: dict[tuple[int, str], Interval] = {}
    for row in database.asked(connection, "readings", known_until=known_until):
        header = headers.get(row["delivery_id"])
        if header is None:
            header = headers.setdefault(row["delivery_id"], parsed(row["header"]))
        begin = header.begin(row["stamp"])
        last[row["meter_id"], begin] = Interval(row["meter_id"], begin, header.cadence, row["value"] * header.scale)
    return list(last.values())
