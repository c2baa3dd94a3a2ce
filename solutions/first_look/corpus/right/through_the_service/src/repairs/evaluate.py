"""Evaluate: how far off the quotes would have been."""

from __future__ import annotations

import tempfile
from typing import Any

import pandas as pd

from repairs.model import took_place
from repairs.quote import quote
from repairs.train import train


def evaluate(visits: pd.DataFrame) -> dict[str, Any]:
    """Quote the visits of the latest month by a model that was trained the month before."""
    months = sorted(visits["month"].unique())
    asked = took_place(visits[visits["month"] == months[-1]])
    bookings = asked.rename(columns={"visit_id": "booking_id"}).drop(columns=["month", "minutes"])
    with tempfile.TemporaryDirectory() as folder:
        train(visits[visits["month"].isin(months[:-1])], folder)
        quotes = quote(folder, bookings.to_dict("records"))
    held_out = asked[["visit_id", "minutes"]].assign(estimate=[answer["minutes"] for answer in quotes])
    value = (held_out["estimate"] - held_out["minutes"]).abs().mean()
    return {"metric": "mean_absolute_error", "value": float(value), "held_out": held_out}
