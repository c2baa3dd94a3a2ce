"""Temperatures as they had been forecast on the evening before."""

from __future__ import annotations

import sqlite3

from feedcast.common import database

BASE = 15.0
"""Degrees Celsius above which nobody heats."""


def temperatures(connection: sqlite3.Connection, until: str, known_until: str) -> dict[tuple[str, str], float]:
    """Return temperatures by feeder and hour: for each hour the last run of the day before."""
    rows = database.asked(connection, "temperatures", until=until, known_until=known_until)
    return {(row["feeder_id"], row["hour"]): row["temperature"] for row in rows}


def heating(temperature: float | None) -> float:
    """Return the degrees that are heated."""
    return 0.0 if temperature is None else max(0.0, BASE - temperature)
