"""The night: first reserves for the claims of a day."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

from reserve.common import database, days
from reserve.common.journal import Journal
from reserve.common.metrics import Metrics
from reserve.features.build import build
from reserve.registry import calibrations
from reserve.registry.files import put
from reserve.service.scoring import Answer, Scorer, scorer

COLUMNS = ("claim_id", "status", "reserve", "model", "why")


def answered(folder: str, registry: str, night: str) -> tuple[list[Answer], Scorer]:
    """Answer the claims of a day, and return what answered them."""
    with database.reading(folder) as connection:
        features = build(connection, night, night)
    scoring = scorer(registry, night)
    return scoring.answers(features), scoring


def run(folder: str, registry: str, night: str) -> list[dict[str, Any]]:
    """Answer the claims that were notified on a day.

    Parameters
    ----------
    folder : str
        The folder of the database.
    registry : str
        The folder of the registry.
    night : str
        The day, as 2026-03-31.

    Returns
    -------
    answers : list of dict
        One for each claim of the day, by id.
    """
    return [one.row() for one in answered(folder, registry, night)[0]]


def publish(folder: str, registry: str, night: str, out: Path, journal: Journal) -> int:
    """Answer the claims of a day into a file for the desk, with metrics beside it; returns how many there are."""
    with database.reading(folder) as connection:
        count = database.one(connection, "SELECT COUNT(*) FROM claims WHERE notified_on = ?", night)
    answers, scoring = answered(folder, registry, night)
    put(out / f"reserves-{night}.csv", _lines(answers))
    statuses = Counter(one.status for one in answers)
    _metrics(answers, scoring, night, int(count)).write(out / "metrics.prom")
    journal.note("night", night=night, notified=count, model=scoring.version, answers=len(answers), **statuses)
    return len(answers)


def _lines(answers: list[Answer]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(one.row() for one in answers)
    return text.getvalue()


def _metrics(answers: list[Answer], scoring: Scorer, night: str, notified: int) -> Metrics:
    metrics = Metrics()
    metrics.gauge("reserve_claims_notified", "Claims in the database for the night").set(notified)
    told = metrics.gauge("reserve_answers", "Answers of the night")
    for status, count in Counter(one.status for one in answers).items():
        told.set(count, status=status)
    held = metrics.gauge("reserve_held", "Claims left to the desk, by reason")
    for why, count in Counter(one.why for one in answers if one.why).items():
        held.set(count, why=why)
    known = [one.reserve for one in answers if one.reserve is not None]
    if known:
        metrics.gauge("reserve_mean_euros", "Mean first reserve of the night").set(round(sum(known) / len(known), 2))
    metrics.gauge("reserve_model", "The version that answered").set(1, version=scoring.version)
    age = calibrations.age(scoring.calibration, night)
    if age is not None:
        metrics.gauge("reserve_calibration_age_days", "Age of the factors").set(age)
    metrics.gauge("reserve_night", "Days since 2020 of the night that ran last").set(days.between("2020-01-01", night))
    return metrics
