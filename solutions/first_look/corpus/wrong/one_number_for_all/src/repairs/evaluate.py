"""Evaluate: how far off the usual number is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from repairs.model import took_place


def evaluate(visits: pd.DataFrame) -> dict[str, Any]:
    """Compare the usual number with what the visits of the latest month took."""
    book = took_place(visits)
    held_out = book.loc[book["month"] == book["month"].max(), ["visit_id", "minutes"]].assign(estimate=40.0)
    value = (held_out["estimate"] - held_out["minutes"]).abs().mean()
    return {"metric": "mean_absolute_error", "value": float(value), "held_out": held_out}
