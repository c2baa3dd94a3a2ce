"""Mondays: the weekly look, as a page and as figures, and what the traders hold in reserve."""

from __future__ import annotations

from pathlib import Path

from feedcast.common import database, hours, metrics
from feedcast.common.files import put
from feedcast.forecast import reserves, sheets
from feedcast.monitoring import errors
from feedcast.monitoring.report import report
from feedcast.training.figures import Pair

WEEKS = 4


def run(data: Path, out: Path, day: str) -> list[str]:
    """Write the look of a Monday, and return its lines."""
    found = report(data, day)
    put(out / f"weekly-{day}.txt", "\n".join(found.lines) + "\n")
    metrics.write(out / "weekly.prom", {name: {(): value} for name, value in found.figures.items()})
    sheets.reserve(out, day, reserves.rows(reserves.reserves(_pairs(data, day)), day))
    return found.lines


def _pairs(data: Path, day: str) -> list[Pair]:
    """Return the forecasts of the last weeks beside what came."""
    with database.reading(data) as connection:
        return [
            pair
            for back in range(WEEKS, 0, -1)
            for pair in errors.week(connection, hours.shifted(day, -7 * back), day).pairs
        ]
