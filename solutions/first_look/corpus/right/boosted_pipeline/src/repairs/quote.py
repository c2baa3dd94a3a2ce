"""Quote: a day's bookings as one table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from repairs.model import FILE, clean, kinds


def quote(folder: str | Path, bookings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer every booking, in order."""
    if not bookings:
        return []
    model = joblib.load(Path(folder) / FILE)
    table = clean(pd.DataFrame(bookings))
    sound = table["age_years"].between(0, 120) & table["weight_kg"].between(0.01, 60)
    known = table["kind"].isin(kinds(model))
    status = np.select([~sound, ~known], ["check", "new"], "ok")
    minutes = pd.Series(index=table.index, dtype=float)
    answered = status == "ok"
    if answered.any():
        minutes[answered] = model.predict(table[answered])
    return [
        {"booking_id": booking["booking_id"], "minutes": None if np.isnan(value) else value, "status": str(word)}
        for booking, value, word in zip(bookings, minutes, status, strict=True)
    ]
