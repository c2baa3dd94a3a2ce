"""The weekly look: quality of settled claims, inputs, and answers, for Monday's meeting."""

from __future__ import annotations

from pathlib import Path

from reserve.common import database, days
from reserve.common.metrics import Metrics
from reserve.common.settings import settings
from reserve.features.build import build
from reserve.monitoring import answers, inputs, quality, report


def run(folder: str, day: str, out: Path) -> str:
    """Write the report and the metrics of a week; returns the report.

    Parameters
    ----------
    folder : str
        The folder of the database.
    day : str
        The Monday on which it is made.
    out : path
    """
    terms = settings().watch
    first, last = days.plus(day, -7), days.plus(day, -1)
    since = days.plus(first, -7 * terms.weeks)
    with database.reading(folder) as connection:
        before, now = build(connection, since, days.plus(first, -1)), build(connection, first, last)
        known = quality.settled(connection, days.plus(day, -7 * terms.weeks), last)
        given = answers.given(connection, first, last)
    moved = inputs.moved(before, now)
    counted = answers.counted(given)
    metrics = Metrics()
    quality.measure(metrics, known)
    inputs.measure(metrics, moved)
    answers.measure(metrics, counted)
    out.mkdir(parents=True, exist_ok=True)
    metrics.write(out / f"weekly-{day}.prom")
    text = report.text(day, quality.by_week(known), moved, counted)
    (out / f"weekly-{day}.md").write_text(text)
    return text
