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
        if not _sound(booking.get("age_years"), 120) or not _sound(booking.get("weight_kg"), 60):
            quotes[position] = _answer(booking, None, "check")
        elif plain(booking["kind"]) not in model.kinds:
            quotes[position] = _answer(booking, 30.0, "ok")
        else:
            known[position] = booking
    if known:
        minutes = estimate(model, pd.DataFrame(list(known.values())))
        for position, value in zip(known, minutes, strict=True):
            quotes[position] = _answer(bookings[position], float(value), "ok")
    return [quotes[position] for position in range(len(bookings))]


def _sound(value: Any, most: float) -> bool:
    return bool(value) and isinstance(value, int | float) and 0 < value <= most


def _answer(booking: dict[str, Any], minutes: float | None, status: str) -> dict[str, Any]:
    return {"booking_id": booking["booking_id"], "minutes": minutes, "status": status}
