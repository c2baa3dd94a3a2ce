"""The registration authority's file of vehicles."""

from __future__ import annotations

import csv
import re
import sqlite3
from pathlib import Path

from reserve.common import days
from reserve.common.errors import MessageError, ReserveError
from reserve.common.journal import Journal

PLATE = re.compile(r"^[A-Z0-9]{4,9}$")


def load(connection: sqlite3.Connection, path: str | Path, journal: Journal) -> int:
    """Replace the table of vehicles by a new file; returns how many there are.

    A vehicle with a plate that the authority does not give out is left out and noted.
    """
    found, refused = [], 0
    with Path(path).open(newline="") as file:
        for number, line in enumerate(csv.DictReader(file, delimiter=";"), start=2):
            try:
                found.append(_vehicle(line))
            except MessageError as error:
                journal.note("refused", file=Path(path).name, line=number, why=str(error))
                refused += 1
    connection.execute("DELETE FROM vehicles")
    connection.executemany("INSERT OR REPLACE INTO vehicles VALUES (?, ?, ?)", found)
    journal.note("vehicles", file=Path(path).name, taken=len(found), refused=refused)
    return len(found)


def _vehicle(line: dict[str, str]) -> tuple[str, str | None, float | None]:
    plate = (line.get("plate") or "").strip()
    if not PLATE.match(plate):
        raise MessageError("no plate of the authority's")
    try:
        built = days.text(days.parse(line["built_on"])) if line.get("built_on") else None
        power = float(line["power_kw"].replace(",", ".")) if line.get("power_kw") else None
    except (ValueError, ReserveError) as error:
        raise MessageError(str(error)) from error
    return plate, built, power
