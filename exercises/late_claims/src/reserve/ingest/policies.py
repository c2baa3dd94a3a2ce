"""Lines of policy terms, from the policy system's files."""

from __future__ import annotations

import csv
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from reserve.common import days
from reserve.common.errors import MessageError, ReserveError
from reserve.common.journal import Journal

COLUMNS = ("policy_id", "valid_from", "no_claims_years", "excess")


@dataclass(frozen=True)
class Terms:
    """The terms of a policy from a day on."""

    policy_id: str
    valid_from: str
    no_claims_years: int | None
    excess: float | None


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
        )
    except (ValueError, ReserveError) as error:
        raise MessageError(f"line {number}: {error}") from error


def load(connection: sqlite3.Connection, path: str | Path, today: str, journal: Journal) -> int:
    """Write the lines of a nightly file; returns how many there are."""
    lines = read(path)
    _write(connection, lines, today)
    journal.note("terms", file=Path(path).name, lines=len(lines))
    return len(lines)


def backfill(connection: sqlite3.Connection, path: str | Path, today: str, journal: Journal) -> int:
    """Fill in terms of years that the policy system kept elsewhere; returns how many lines there are.

    The migration of the policy system left holes. The file has a line for each policy and each start of a
    policy year.
    """
    lines = read(path)
    _write(connection, lines, today)
    journal.note("backfill", table="policy_terms", file=Path(path).name, rows=len(lines))
    return len(lines)


def _write(connection: sqlite3.Connection, lines: list[Terms], today: str) -> None:
    connection.executemany(
        "INSERT INTO policy_terms (policy_id, valid_from, no_claims_years, excess, written_on) VALUES (?, ?, ?, ?, ?)",
        [(one.policy_id, one.valid_from, one.no_claims_years, one.excess, today) for one in lines],
    )
