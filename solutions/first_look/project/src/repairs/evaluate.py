"""Evaluate: how far off the estimates are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from repairs.model import estimate, fit, took_place


def evaluate(visits: pd.DataFrame) -> dict[str, Any]:
    """Compare estimates with the minutes that the visits of the latest month took."""
    book = took_place(visits)
    latest = book["month"] == book["month"].max()
    model = fit(book[~latest])
    held_out = book.loc[latest, ["visit_id", "minutes"]].assign(estimate=estimate(model, book[latest]))
    error = (held_out["estimate"] - held_out["minutes"]).abs().mean()
    return {"metric": "mean_absolute_error", "value": float(error), "held_out": held_out}
