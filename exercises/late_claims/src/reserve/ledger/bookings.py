"""The ledger's file of a day: a line for each attempt to book something."""

from __future__ import annotations

import csv
import re
import sqlite3
from pathlib import Path

from reserve.common import days
from reserve.common.errors import MessageError, ReserveError
from reserve.common.journal import Journal
from reserve.common.money import euros

REFERENCE = re.compile(r"^\S{4,20}$")
COLUMNS = ("claim_id", "booked_on", "amount", "booking_ref", "attempt")

Line = tuple[str, str, float, str, int]


def load(connection: sqlite3.Connection, path: str | Path, journal: Journal) -> int:
    """Write the lines of a file; returns how many are new.

    A file may be loaded again: a line whose reference and attempt are known is left as it is. A line about a claim
    that is not ours is noted and left out.
    """
    new = 0
    with Path(path).open(newline="") as file:
        for number, told in enumerate(csv.DictReader(file, delimiter=";"), 2):
            try:
                line = _line(told)
            except MessageError as error:
                journal.note("refused", file=Path(path).name, line=number, why=str(error))
                continue
            new += _write(connection, line)
    journal.note("bookings", file=Path(path).name, new=new)
    return new


def _line(told: dict[str, str]) -> Line:
    missing = [name for name in ("reference", "claim", "booked", "amount", "attempt") if not told.get(name)]
    if missing:
        raise MessageError(f"no {', '.join(missing)}")
    if not REFERENCE.match(told["reference"]):
        raise MessageError(f"reference {told['reference']!r}")
    try:
        booked = days.text(days.parse(told["booked"]))
        return told["claim"], booked, euros(float(told["amount"])), told["reference"], int(told["attempt"])
    except (ValueError, ReserveError) as error:
        raise MessageError(str(error)) from error


def _write(connection: sqlite3.Connection, line: Line) -> int:
    """Write a line if it is new and about a claim of ours; returns how many lines that makes."""
    claim, _, _, reference, attempt = line
    if connection.execute("SELECT 1 FROM claims WHERE claim_id = ?", (claim,)).fetchone() is None:
        return 0
    known = connection.execute(
        "SELECT 1 FROM payments WHERE booking_ref = ? AND attempt = ?", (reference, attempt)
    ).fetchone()
    if known:
        return 0
    names, marks = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
    connection.execute(f"INSERT INTO payments ({names}) VALUES ({marks})", line)
    return 1
