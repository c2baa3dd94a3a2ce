"""Quote: tell visitors beforehand how long their repairs will take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from repairs.model import FILE, Model, estimate, plain


def quote(folder: str | Path, bookings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer every booking of a café day, in the order in which they came."""
    model: Model = joblib.load(Path(folder) / FILE)
    quotes: dict[int, dict[str, Any]] = {}
    known: dict[int, dict[str, Any]] = {}
    for position, booking in enumerate(bookings):
        if plain(booking["kind"]) in model.kinds:
            known[position] = booking
    if known:
        minutes = estimate(model, pd.DataFrame(list(known.values())))
        for position, value in zip(known, minutes, strict=True):
            quotes[position] = _answer(bookings[position], float(value), "ok")
    return [quotes[position] for position in sorted(quotes)]


def _answer(booking: dict[str, Any], minutes: float | None, status: str) -> dict[str, Any]:
    return {"booking_id": booking["booking_id"], "minutes": minutes, "status": status}
