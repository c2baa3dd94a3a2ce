"""Days as the database writes them: ``2026-03-09``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from reserve.common.errors import ReserveError


def parse(text: str) -> dt.date:
    """Read a day, or the day of a moment such as ``2026-03-09T17:20:00``."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise ReserveError(f"{text!r} is no day") from error


def text(day: dt.date) -> str:
    """Write a day."""
    return day.isoformat()


def plus(day: str, count: int) -> str:
    """Return the day so many days later, or earlier where the count is negative."""
    return text(parse(day) + dt.timedelta(days=count))


def between(first: str, last: str) -> int:
    """Count the days from one to another."""
    return (parse(last) - parse(first)).days


def span(first: str, last: str) -> Iterator[str]:
    """List all days from the first to the last, both included."""
    for count in range(between(first, last) + 1):
        yield plus(first, count)


def week(day: str) -> str:
    """Name the week of a day by its Monday."""
    found = parse(day)
    return text(found - dt.timedelta(days=found.weekday()))


def years(first: str, last: str) -> float:
    """Return the years between two days."""
    return between(first, last) / 365.25
