"""Take the asset register: feeders, and which meter measures which feeder from when to when."""

from __future__ import annotations

import csv
from pathlib import Path

from feedcast.common import database
from feedcast.common.errors import DeliveryError

OPEN = "9999-12-31T00:00"


def feeders(folder: str | Path, file: str | Path) -> int:
    """Load the feeders in place of those that are there."""
    rows = [
        (one["feeder_id"], one["substation"], one["kind"], float(one["limit_kw"]))
        for one in _lines(file, ("feeder_id", "substation", "kind", "limit_kw"))
    ]
    with database.writing(folder) as connection:
        connection.execute("DELETE FROM feeders")
        connection.executemany("INSERT INTO feeders VALUES (?, ?, ?, ?)", rows)
    return len(rows)


def installations(folder: str | Path, file: str | Path) -> int:
    """Load the installations in place of those that are there.

    Raises
    ------
    DeliveryError
        If a meter is in two places at a time.
    """
    rows = [
        (
            int(one["meter_id"]),
            one["feeder_id"],
            float(one["factor"]),
            one["from_at"],
            one.get("until_at") or OPEN,
        )
        for one in _lines(file, ("meter_id", "feeder_id", "factor", "from_at"))
    ]
    rows.sort(key=lambda row: (row[0], row[3]))
    for before, after in zip(rows, rows[1:], strict=False):
        if before[0] == after[0] and after[3] < before[4]:
            raise DeliveryError(f"meter {after[0]} is in two places on {after[3]}")
    with database.writing(folder) as connection:
        connection.execute("DELETE FROM installations")
        connection.executemany("INSERT INTO installations VALUES (?, ?, ?, ?, ?)", rows)
    return len(rows)


def _lines(file: str | Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    with Path(file).open(newline="", encoding="utf-8") as content:
        lines = list(csv.DictReader(content))
    for number, line in enumerate(lines, start=2):
        missing = [name for name in columns if not line.get(name)]
        if missing:
            raise DeliveryError(f"line {number} lacks {', '.join(missing)}")
    return lines
