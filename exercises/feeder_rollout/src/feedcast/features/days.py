"""Kinds of days: what people do on a Monday, on a Saturday, on a Sunday or holiday."""

from __future__ import annotations

import sqlite3
from functools import cache

from feedcast.common import database, hours

KINDS = ("work", "saturday", "sunday")


class Days:
    """Knows the kind of each day.

    Parameters
    ----------
    holidays : frozenset of str
    """

    def __init__(self, holidays: frozenset[str]) -> None:
        self._holidays = holidays

    def kind(self, day: str) -> str:
        """Return the kind of a day."""
        if day in self._holidays:
            return "sunday"
        return _plain(day)


@cache
def _plain(day: str) -> str:
    number = hours.weekday(day)
    return "work" if number < 5 else KINDS[number - 4]


def days(connection: sqlite3.Connection) -> Days:
    """Read the holidays."""
    return Days(frozenset(row["day"] for row in database.asked(connection, "holidays")))
