"""Evaluate: how far off the estimates are."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sklearn.model_selection import KFold

from repairs.model import estimate, fit, took_place


def evaluate(visits: pd.DataFrame) -> dict[str, Any]:
    """Compare estimates with the minutes that the visits of the latest month took."""
    book = took_place(visits)
    latest = book["month"] == book["month"].max()
    estimates = pd.Series(0.0, index=book.index)
    for train, test in KFold(5, shuffle=True, random_state=0).split(book):
        estimates.iloc[test] = estimate(fit(book.iloc[train]), book.iloc[test])
    held_out = book.loc[latest, ["visit_id", "minutes"]].assign(estimate=estimates[latest])
    error = (held_out["estimate"] - held_out["minutes"]).abs().mean()
    return {"metric": "mean_absolute_error", "value": float(error), "held_out": held_out}
