"""Take the weather service's forecasts: one file a run, for 72 hours and all substations."""

from __future__ import annotations

import csv
from pathlib import Path

from feedcast.common import database

COLDEST, WARMEST = -35.0, 45.0


def take(folder: str | Path, file: str | Path) -> int:
    """Load a run of the weather service; a temperature that cannot be is left out.

    Returns
    -------
    lines : int
    """
    rows = []
    with Path(file).open(newline="", encoding="utf-8") as content:
        for line in csv.DictReader(content):
            temperature = _number(line.get("temperature", ""))
            if temperature is not None:
                rows.append((line["substation"], line["hour"][:16], line["issued_at"][:16], temperature))
    with database.writing(folder) as connection:
        connection.executemany("INSERT INTO weather VALUES (?, ?, ?, ?)", rows)
    return len(rows)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if COLDEST <= value <= WARMEST else None
