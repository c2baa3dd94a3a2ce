"""Earlier claims of the same person."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import defaultdict

from reserve.common import days
from reserve.common.database import rows
from reserve.common.settings import settings
from reserve.features.claims import Claim
from reserve.ingest.customers import person


class History:
    """Notifications by customer number, from which earlier claims are counted.

    Parameters
    ----------
    connection : Connection
    first, last : str
        The days between which claims are asked about.
    """

    def __init__(self, connection: sqlite3.Connection, first: str, last: str) -> None:
        self.span = 365 * settings().features.history_years
        self._merges = rows(connection, "merges")
        self._days: dict[str, list[str]] = defaultdict(list)
        for row in rows(connection, "history", first=days.plus(first, -self.span), last=last):
            self._days[row["customer_no"]].append(row["notified_on"])

    def earlier(self, claim: Claim) -> int:
        """Count the claims of the same person in the years before a claim, that day left out."""
        numbers = self._numbers(claim.customer_no, claim.notified_on)
        since = days.plus(claim.notified_on, -self.span)
        return sum(
            bisect_left(self._days[number], claim.notified_on) - bisect_left(self._days[number], since)
            for number in numbers
            if number in self._days
        )

    def _numbers(self, number: str, day: str) -> list[str]:
        """List all numbers of a person, as far as they were merged by a day."""
        known = {row["old_no"]: row["new_no"] for row in self._merges if row["merged_on"] <= day}
        one = person(number, known)
        return sorted({one, *(old for old in known if person(old, known) == one)})
