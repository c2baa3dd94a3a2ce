"""Figures: whether a claim follows from its rows, and whether it is better than chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from unfit.case import Case
from unfit.experiments.service import Evaluated

__all__ = ["better_than", "figure_follows", "real_rows"]

Metric = Callable[[np.ndarray[Any, Any], np.ndarray[Any, Any]], float]


def real_rows(case: Case, claim: Evaluated, truth: pd.Series, *, least: int = 60) -> None:
    """Look whether the held-out rows exist, once each, with their true outcome, and are enough for a figure.

    Parameters
    ----------
    case : Case
    claim : Evaluated
    truth : Series
        The outcomes of the data, by row id.
    least : int, default=60
        How many rows a figure needs to be one.

    Notes
    -----
    Rule: ``figure-follows``. Exact. It says nothing about the figure; see `figure_follows`, which looks at both. Use it
    as a guard where a wrong figure is a defect of its own. The check ends here where no figure can be made of the rows.
    Built against: rows of copies; outcomes of other rows; a figure of a handful of rows.
    """
    rows = claim.rows
    twice, known = rows["id"].duplicated(), truth.reindex(rows["id"])
    wrong = known.to_numpy() != rows["truth"].to_numpy()
    fine = case.equal("held-out rows listed twice", int(twice.sum()), 0)
    fine &= case.equal("held-out rows that do not exist", int(known.isna().sum()), 0)
    fine &= case.equal("held-out outcomes that are wrong", int(wrong.sum()), 0)
    fine &= case.compare("held-out rows", seen=len(rows), limit=least, direction="at least")
    if not fine:
        case.fail("no figure can be recomputed from such rows")
    if rows["truth"].nunique() < 2:
        case.fail("the held-out rows must hold more than one outcome")


def figure_follows(
    case: Case, claim: Evaluated, truth: pd.Series, metric: Metric, *, least: int = 60, gap: float = 1e-6
) -> float:
    """Recompute a claimed figure from the held-out rows, which must exist, once each, with their true outcome.

    Parameters
    ----------
    case : Case
    claim : Evaluated
    truth : Series
        The outcomes of the data, by row id.
    metric : callable
        ``(truth, value)`` to the figure.
    least : int, default=60
        How many rows a figure needs to be one.
    gap : float

    Returns
    -------
    figure : float
        Recomputed; the check ends here where it cannot be.

    Notes
    -----
    Rule: ``figure-follows``. Exact.
    Built against: arguments the wrong way round; rows of one fold and a figure of all; outcomes of copies.
    """
    real_rows(case, claim, truth, least=least)
    figure = metric(claim.rows["truth"].to_numpy(), claim.rows["value"].to_numpy())
    case.compare("the figure is {seen} from the one of its rows", seen=abs(claim.figure - figure), limit=gap)
    return figure


def better_than(case: Case, what: str, *, seen: float, floor: float, sd: float, margin: float = 3.0) -> bool:
    """Hold a figure against a floor between chance and a right model.

    Parameters
    ----------
    case : Case
    what : str
        The figure, in words.
    seen, floor : float
    sd : float
        Standard deviation of `seen` over worlds: measure it.
    margin : float, default=3
        Deviations within which the verdict is flagged as close; two are by `Case.compare` itself.

    Returns
    -------
    passed : bool

    Notes
    -----
    Guards experiments that stand still for a constant model. Statistical: choose the floor three deviations below the
    worst right fix and three above chance.
    """
    return case.compare(what, seen=seen, limit=floor, direction="at least", sd=sd * margin / 2)
