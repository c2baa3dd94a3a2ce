"""Agreement: how far two interviewers agree who rated the same people, dimension by dimension."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from unfit.cohort.item_analysis import CONFIDENCE, ENOUGH, RESAMPLES, SEED, Interval
from unfit.ratings import DIMENSIONS, SCALE, Rating, read_open

__all__ = ["Agreement", "agreements"]


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


def agreements(grades: Iterable[Path]) -> tuple[Agreement, ...]:
    """Compare the ratings of those who were rated twice; none where nobody was.

    Parameters
    ----------
    grades : iterable of Path
        The folders of the grades, with the ratings that `unfit rate` wrote there.

    Raises
    ------
    UnfitError
        If a rating was changed after it was sealed; names the file.
    """
    rated = [ratings for folder in grades if len(ratings := read_open(folder)) >= 2]
    found = (_agreement(one.name, list(_pairs(rated, one.name))) for one in DIMENSIONS) if rated else ()
    return tuple(one for one in found if one.pairs)


def _pairs(rated: Sequence[tuple[Rating, ...]], dimension: str) -> Iterator[tuple[int, int]]:
    """Take the first two raters of each, in the order of their names, so that the same person comes first."""
    for ratings in rated:
        numbers = [number for one in ratings if (number := one.sheet.mark(dimension).number) is not None]
        if len(numbers) >= 2:
            yield numbers[0], numbers[1]


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
