"""Hours and days, all in UTC.

A moment is a text such as ``2026-03-01T13:45``, an hour the moment at which it begins, and a day its first ten
letters. Texts of one kind are compared as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

WIDTH = 16


@lru_cache(maxsize=65_536)
def plus(moment: str, minutes: int) -> str:
    """Return the moment so many minutes later."""
    return (datetime.fromisoformat(moment) + timedelta(minutes=minutes)).isoformat()[:WIDTH]


@lru_cache(maxsize=4_096)
def shifted(day: str, days: int) -> str:
    """Return the day so many days later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def hour_of(moment: str) -> str:
    """Return the hour in which a moment lies."""
    return moment[:13] + ":00"


def day_of(moment: str) -> str:
    """Return the day on which a moment lies."""
    return moment[:10]


def clock_hour(moment: str) -> int:
    """Return the hour of the day, 0 to 23."""
    return int(moment[11:13])


def hours_of(day: str) -> list[str]:
    """List the hours of a day."""
    return [f"{day}T{hour:02d}:00" for hour in range(24)]


def days_between(first: str, last: str) -> Iterator[str]:
    """Go through the days from one to another, both included."""
    day = first
    while day <= last:
        yield day
        day = shifted(day, 1)


def touched(first: str, until: str) -> Iterator[str]:
    """Go through the hours that a stretch of time touches; its end does not belong to it."""
    hour = hour_of(first)
    while hour < until:
        yield hour
        hour = plus(hour, 60)


def weekday(day: str) -> int:
    """Return the day of the week; Monday is 0."""
    return date.fromisoformat(day).weekday()


def minutes_between(first: str, until: str) -> int:
    """Count the minutes from a moment to another; none where the second is not later."""
    apart = datetime.fromisoformat(until) - datetime.fromisoformat(first)
    return max(0, int(apart.total_seconds() // 60))
