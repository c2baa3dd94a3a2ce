"""Ratings: how far two interviewers agree who rated the same people, dimension by dimension."""

from __future__ import annotations

import csv
import warnings
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from unfit.bank.suggesting import nearest
from unfit.cohort.items import CONFIDENCE, ENOUGH, RESAMPLES, SEED, Interval
from unfit.errors import UnfitError

__all__ = ["DIMENSIONS", "RATINGS", "Agreement", "agreements", "without"]

RATINGS = "ratings.csv"
"""In the cohort's folder: ``pseudonym``, ``rater``, and a column for each dimension."""
DIMENSIONS = ("prediction", "explanation", "containment", "trade-off")
SCALE = (1, 2, 3, 4)

Marks = dict[str, dict[str, dict[str, int]]]
"""By pseudonym, rater and dimension."""


@dataclass(frozen=True)
class Agreement:
    """How two raters agree on one dimension.

    Parameters
    ----------
    dimension : str
    pairs : int
        People whom two have rated.
    same, one_apart, further : int
        Of these, how far the two are apart.
    kappa : Interval or None
        Cohen's, weighted by the square of the distance; None below 30 pairs, or where all ratings are the same.
    reading : str
    """

    dimension: str
    pairs: int
    same: int
    one_apart: int
    further: int
    kappa: Interval | None
    reading: str


def agreements(path: Path, people: Collection[str]) -> tuple[Agreement, ...]:
    """Compare the ratings of those who were rated twice; none where there is no such file.

    Parameters
    ----------
    path : Path
        The ratings.
    people : collection of str
        The cohort's pseudonyms.

    Raises
    ------
    UnfitError
        If the file breaks its form; names the line.
    """
    if not path.is_file():
        return ()
    marks = _read(path, people)
    return tuple(_agreement(name, _pairs(marks, name)) for name in DIMENSIONS)


def _read(path: Path, people: Collection[str]) -> Marks:
    marks: Marks = {}
    wanted = ("pseudonym", "rater", *DIMENSIONS)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = reader.fieldnames or ()
        if set(columns) != set(wanted):
            raise UnfitError(
                f"{path}: has the columns {', '.join(columns)}", fix=f"name them {', '.join(wanted)}"
            )
        for number, row in enumerate(reader, start=2):
            _enter(marks, row, people, place=f"{path}:{number}")
    return marks


def _enter(marks: Marks, row: dict[str, str], people: Collection[str], *, place: str) -> None:
    who, rater = (row["pseudonym"] or "").strip(), (row["rater"] or "").strip()
    if who not in people:
        raise UnfitError(
            f"{place}: there is no `{who}`{nearest(who, people)}", fix="mend the pseudonym, or drop the line"
        )
    raters = marks.setdefault(who, {})
    if not rater or rater in raters:
        raise UnfitError(
            f"{place}: `{rater}` already rated {who}, or is nobody", fix="one line a rater and person"
        )
    given = {name: (row[name] or "").strip() for name in DIMENSIONS}
    for name, mark in given.items():
        if mark and mark not in map(str, SCALE):
            raise UnfitError(f"{place}: `{name}` = `{mark}`", fix="rate from 1 to 4, or leave it empty")
    raters[rater] = {name: int(mark) for name, mark in given.items() if mark}


def _pairs(marks: Marks, dimension: str) -> list[tuple[int, int]]:
    """Take the first two raters of each, in the order of their names, so that the same person comes first."""
    found = []
    for raters in marks.values():
        given = [raters[rater][dimension] for rater in sorted(raters) if dimension in raters[rater]]
        if len(given) >= 2:
            found.append((given[0], given[1]))
    return found


def _agreement(dimension: str, pairs: Sequence[tuple[int, int]]) -> Agreement:
    apart = Counter(min(2, abs(one - other)) for one, other in pairs)
    kappa = _kappa(np.array(pairs)) if len(pairs) >= ENOUGH else None
    return Agreement(dimension, len(pairs), apart[0], apart[1], apart[2], kappa, _reading(len(pairs), kappa))


def _kappa(pairs: npt.NDArray[np.int_]) -> Interval | None:
    if np.ptp(pairs) == 0:
        return None

    def statistic(one: npt.NDArray[np.int_], other: npt.NDArray[np.int_]) -> float:
        return float(cohen_kappa_score(one, other, labels=SCALE, weights="quadratic"))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sample in which all ratings are the same has no kappa
        drawn = stats.bootstrap(
            (pairs[:, 0], pairs[:, 1]),
            statistic,
            n_resamples=RESAMPLES,
            vectorized=False,
            paired=True,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(SEED),
        )
    low, high = np.nanpercentile(drawn.bootstrap_distribution, [2.5, 97.5])
    return Interval(statistic(pairs[:, 0], pairs[:, 1]), float(low), float(high))


def _reading(pairs: int, kappa: Interval | None) -> str:
    if pairs < ENOUGH:
        return f"Fewer than {ENOUGH} people were rated twice: counts only."
    if kappa is None:
        return "All ratings are the same, so agreement beyond chance cannot be told."
    if kappa.low <= 0:
        return "It cannot be told whether the two agree more than chance would let them."
    return "1 would be the same ratings throughout, 0 what chance alone gives; ratings far apart weigh most."


def without(path: Path, pseudonym: str) -> str | None:
    """Give the file without a person's lines; None where they have none."""
    if not path.is_file():
        return None
    lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    kept = [line for line in lines if pseudonym not in next(csv.reader([line]), [])]
    return "".join(kept) if len(kept) < len(lines) else None
