"""Evaluate the line."""

from __future__ import annotations

from typing import Any

import pandas as pd

from repairs.line import Line


def evaluate(visits: pd.DataFrame) -> dict[str, Any]:
    """Split the book at the first day of its latest month."""
    last = max(visits["month"])
    past, asked = [], []
    for visit in visits.to_dict("records"):
        (asked if visit["month"] == last else past).append(visit)
    line = Line.through(past)
    rows = [
        {"visit_id": visit["visit_id"], "minutes": visit["minutes"], "estimate": line.minutes(visit)}
        for visit in asked
        if visit["minutes"]
    ]
    off = [abs(row["estimate"] - row["minutes"]) for row in rows]
    return {"metric": "mean_absolute_error", "value": sum(off) / len(off), "held_out": rows}
