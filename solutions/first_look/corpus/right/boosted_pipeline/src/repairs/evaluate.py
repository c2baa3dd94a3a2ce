"""Evaluate: the latest month against a model of the earlier ones."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sklearn.metrics import mean_absolute_error

from repairs.model import clean, fit, took_place


def evaluate(visits: pd.DataFrame) -> dict[str, Any]:
    """Hold out the latest month."""
    *earlier, (_, latest) = took_place(visits).groupby("month", sort=True)
    model = fit(pd.concat([table for _, table in earlier]))
    rows = pd.DataFrame(
        {"visit_id": latest["visit_id"], "minutes": latest["minutes"], "estimate": model.predict(clean(latest))}
    )
    value = mean_absolute_error(rows["minutes"], rows["estimate"])
    return {"metric": "mean_absolute_error", "value": float(value), "held_out": rows}
