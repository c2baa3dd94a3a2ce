"""Noise: whether a change between two answers is more than the submission shows by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Numbers", "change", "explains"]

Numbers = npt.NDArray[np.float64]

# Two runs of one noisy model differ as much as any other two, to within a factor of two at these quantiles.
MANY = 3.0
# A defect that moves every row shows in the median and one that moves a few in the largest change. So noise in a few
# rows cannot excuse a change of all, nor noise in all rows a larger one in a few.
QUANTILES = (0.5, 0.75, 0.9, 1.0)


def change(one: Any, other: Any, *, missing: float = np.inf) -> Numbers:
    """Difference of two answers, row by row.

    Parameters
    ----------
    one, other : array-like of shape (n,)
        Numbers in the same order; NaN or ``None`` is a missing one.
    missing : float, default=inf
        How far a missing number is from any other. Answers of different length are as far apart, as one row.
    """
    one, other = (np.atleast_1d(np.asarray(values, dtype=float)) for values in (one, other))
    if one.shape != other.shape:
        return np.array([missing])
    with np.errstate(invalid="ignore"):
        gap = np.where((one == other) | (np.isnan(one) & np.isnan(other)), 0.0, np.abs(one - other))
    return np.where(np.isnan(gap), missing, gap)


def explains(noise: Numbers, moved: Numbers, *, limit: float) -> bool:
    """Whether the noise between equal questions is as large as the change between different ones.

    Parameters
    ----------
    noise, moved : array of shape (n,)
        Changes of the same rows: between equal questions, and between different ones.
    limit : float
        A change up to here needs no explanation.
    """
    if not noise.size:
        return False
    for at in QUANTILES:
        loud, seen = (float(np.quantile(values, at, method="higher")) for values in (noise, moved))
        if seen > max(limit, MANY * loud):
            return False
    return True
