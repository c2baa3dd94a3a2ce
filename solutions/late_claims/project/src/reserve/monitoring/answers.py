"""Answers: how many the desk got, by status and model."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reserve.common.database import Row, rows
from reserve.common.metrics import Metrics
from reserve.common.money import share
from reserve.common.settings import settings


@dataclass(frozen=True)
class Counted:
    """The answers of a week."""

    statuses: dict[str, int]
    models: dict[str, int]
    mean_reserve: float

    @property
    def held_share(self) -> float:
        """The share that was left to the desk."""
        return share(self.statuses.get("held", 0), sum(self.statuses.values()))

    @property
    def clear(self) -> bool:
        """Whether the weekly report says so in bold."""
        return self.held_share >= settings().watch.held_share


def given(connection: sqlite3.Connection, first: str, last: str) -> list[Row]:
    """List the answers between two nights."""
    return rows(connection, "answers", first=first, last=last)


def counted(many: Sequence[Row]) -> Counted:
    """Count answers."""
    known = [row["reserve"] for row in many if row["reserve"] is not None]
    return Counted(
        statuses=dict(sorted(Counter(row["status"] for row in many).items())),
        models=dict(sorted(Counter(row["model"] for row in many).items())),
        mean_reserve=round(sum(known) / len(known), 2) if known else 0.0,
    )


def measure(metrics: Metrics, one: Counted) -> None:
    """Set the metrics of answers."""
    answers = metrics.gauge("reserve_week_answers", "Answers of the week")
    for status, count in one.statuses.items():
        answers.set(count, status=status)
    metrics.gauge("reserve_week_mean_euros", "Mean first reserve of the week").set(one.mean_reserve)
