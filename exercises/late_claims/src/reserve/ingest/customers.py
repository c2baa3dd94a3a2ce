"""Customers who turned out to be one person: the master data team merges their numbers."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from reserve.common import days
from reserve.common.database import rows
from reserve.common.errors import MessageError
from reserve.common.journal import Journal


def load(connection: sqlite3.Connection, path: str | Path, journal: Journal) -> int:
    """Add the merges of a file; returns how many there are."""
    with Path(path).open(newline="") as file:
        found = [
            (line["old_no"], line["new_no"], days.text(days.parse(line["merged_on"]))) for line in csv.DictReader(file)
        ]
    for old, new, _ in found:
        if old == new:
            raise MessageError(f"customer {old} is merged with itself")
    connection.executemany("INSERT OR REPLACE INTO customer_merges VALUES (?, ?, ?)", found)
    journal.note("merges", file=Path(path).name, lines=len(found))
    return len(found)


def merged(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the number that each merged number stands for now, through all merges."""
    direct = {row["old_no"]: row["new_no"] for row in rows(connection, "merges")}
    return {old: person(old, direct) for old in direct}


def person(number: str, merges: Mapping[str, str]) -> str:
    """Follow the merges of a number to their end; a circle ends where it began."""
    seen = {number}
    while number in merges and merges[number] not in seen:
        number = merges[number]
        seen.add(number)
    return number
