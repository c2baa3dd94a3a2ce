"""What has been paid."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from reserve.common.database import rows
from reserve.common.money import euros


@dataclass(frozen=True)
class Paid:
    """What has been paid for a claim."""

    amount: float
    bookings: int


NOTHING = Paid(0.0, 0)


def paid(connection: sqlite3.Connection, day: str) -> dict[str, Paid]:
    """Return what has been paid by the evening of a day, by claim."""
    return {
        row["claim_id"]: Paid(euros(row["paid"]), int(row["bookings"])) for row in rows(connection, "paid", day=day)
    }


def costs(connection: sqlite3.Connection, claims: Iterable[str], day: str) -> dict[str, float]:
    """Return what some claims have cost by the evening of a day; a claim without payments has cost nothing.

    A recovery can be larger than the payments, where another insurer pays later than the books were closed. The
    cost is then nought.
    """
    known = paid(connection, day)
    return {claim: max(known.get(claim, NOTHING).amount, 0.0) for claim in claims}
