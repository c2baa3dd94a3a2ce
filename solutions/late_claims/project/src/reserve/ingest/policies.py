"""Lines of policy terms, from the policy system's files."""

from __future__ import annotations

import csv
import sqlite3
from dataclasses import astuple, dataclass
from pathlib import Path

from reserve.common import days
from reserve.common.errors import MessageError, ReserveError
from reserve.common.journal import Journal

COLUMNS = ("policy_id", "valid_from", "no_claims_years", "excess", "written_on")


@dataclass(frozen=True)
class Terms:
    """The terms of a policy from a day on."""

    policy_id: str
    valid_from: str
    no_claims_years: int | None
    excess: float | None
    written_on: str


def read(path: str | Path) -> list[Terms]:
    """Read a file of terms.

    Raises
    ------
    MessageError
        If a column is missing, or a line cannot be read.
    """
    with Path(path).open(newline="") as file:
        table = csv.DictReader(file)
        missing = sorted(set(COLUMNS) - set(table.fieldnames or ()))
        if missing:
            raise MessageError(f"{path}: no column {', '.join(missing)}")
        return [_terms(line, number) for number, line in enumerate(table, 2)]


def _terms(line: dict[str, str], number: int) -> Terms:
    try:
        return Terms(
            policy_id=line["policy_id"].strip(),
            valid_from=days.text(days.parse(line["valid_from"])),
            no_claims_years=int(line["no_claims_years"]) if line["no_claims_years"] else None,
            excess=float(line["excess"]) if line["excess"] else None,
            written_on=days.text(days.parse(line["written_on"])),
        )
    except (ValueError, ReserveError) as error:
        raise MessageError(f"line {number}: {error}") from error


def load(connection: sqlite3.Connection, path: str | Path, today: str, journal: Journal) -> int:
    """Write the lines of a file; returns how many there are.

    The file is entered among the loads, and each line names its load, so that a file can be taken back.
    """
    lines = read(path)
    entered = connection.execute("INSERT INTO loads (file, taken_on) VALUES (?, ?)", (Path(path).name, today))
    connection.executemany(
        "INSERT INTO policy_terms VALUES (?, ?, ?, ?, ?, ?)",
        [(*astuple(one), entered.lastrowid) for one in lines],
    )
    journal.note("terms", file=Path(path).name, lines=len(lines))
    return len(lines)


def take_back(connection: sqlite3.Connection, file: str, journal: Journal) -> int:
    """Delete the lines that a file brought, where the policy team has sent a wrong one; returns how many there were."""
    loads = [row[0] for row in connection.execute("SELECT load_no FROM loads WHERE file = ?", (file,))]
    if not loads:
        raise MessageError(f"no load of {file}")
    gone = 0
    for load_no in loads:
        gone += connection.execute("DELETE FROM policy_terms WHERE load_no = ?", (load_no,)).rowcount
        connection.execute("DELETE FROM loads WHERE load_no = ?", (load_no,))
    journal.note("taken_back", file=file, lines=gone)
    return gone
