"""Quote: tell visitors beforehand how long their repairs will take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from repairs.model import FILE, estimate
from repairs.reading import FormError, KindError, read


def quote(folder: str | Path, bookings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer every booking of a café day, in the order in which they came."""
    model = joblib.load(Path(folder) / FILE)
    answers = []
    things = []
    for booking in bookings:
        answer = {"booking_id": booking["booking_id"], "minutes": None, "status": "ok"}
        answers.append(answer)
        try:
            things.append(read(booking, model))
        except FormError:
            answer["status"] = "check"
        except KindError:
            answer["status"] = "new"
    if things:
        minutes = iter(estimate(model, pd.DataFrame(things)))
        for answer in answers:
            if answer["status"] == "ok":
                answer["minutes"] = float(next(minutes))
    return answers
