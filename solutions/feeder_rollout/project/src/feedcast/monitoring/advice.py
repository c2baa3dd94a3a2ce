"""What became of the advice: how much was carried out, and how near the limits feeders came."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass

from feedcast.common import database, hours


@dataclass(frozen=True)
class Answers:
    """Advice of some days by its answer."""

    done: int
    declined: int
    open: int

    def line(self) -> str:
        """Say it in a line."""
        total = self.done + self.declined + self.open
        return f"advice: {total}, of which {self.done} done, {self.declined} declined, {self.open} open"


def answers(connection: sqlite3.Connection, first: str, days: int) -> Answers:
    """Count the answers to the advice for some days."""
    rows = database.asked(connection, "relief_of_day", first=first, until=hours.shifted(first, days))
    counted = Counter(row["answer"] or "open" for row in rows)
    return Answers(counted["done"], counted["declined"], counted["open"])
