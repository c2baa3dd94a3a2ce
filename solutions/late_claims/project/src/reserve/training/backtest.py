"""Backtest: what a model would have said that had been trained on each of some days."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reserve.common import days
from reserve.common.errors import TooFewError
from reserve.training.examples import Example, costs_of, examples, features_of
from reserve.training.figures import Figures, by_group, figures
from reserve.training.model import fit


@dataclass(frozen=True)
class Period:
    """How a model did on the claims that were notified after it was trained."""

    trained_on: str
    until: str
    learnt_from: int
    figures: Figures
    perils: dict[str, Figures]

    def line(self) -> str:
        """Write the period in a line."""
        found = self.figures
        return (
            f"{self.trained_on} to {self.until}: {self.learnt_from} learnt from, {found.claims} judged, "
            f"mean error {found.mean_error:.0f}, adequacy {found.adequacy:.3f}"
        )


def backtest(connection: sqlite3.Connection, trainings: Sequence[str], day: str) -> Iterator[Period]:
    """Train on each day, and judge on what was notified from then on until the next one.

    Parameters
    ----------
    connection : Connection
    trainings : sequence of str
        Days, in their order.
    day : str
        The day on whose evening outcomes are looked at.
    """
    known = examples(connection, day)
    for trained_on, until in zip(trainings, [*trainings[1:], day], strict=True):
        judged = [one for one in known if trained_on < one.features.notified_on <= until]
        try:
            model = fit(examples(connection, trained_on), trained_on)
        except TooFewError:
            continue
        if judged:
            yield _period(model.examples, judged, model.expected(features_of(judged)).tolist(), trained_on, until)


def _period(count: int, judged: Sequence[Example], reserves: list[float], trained_on: str, until: str) -> Period:
    cost = costs_of(judged).tolist()
    perils = by_group([one.features.peril for one in judged], cost, reserves)
    return Period(trained_on, until, count, figures(cost, reserves), perils)


def quarters(first: str, last: str) -> list[str]:
    """List the first days of the quarters between two days."""
    return [day for day in days.span(first, last) if day[8:] == "01" and int(day[5:7]) % 3 == 1]
