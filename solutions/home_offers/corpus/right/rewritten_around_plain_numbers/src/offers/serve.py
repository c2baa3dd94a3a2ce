"""Serve: answer sellers one by one."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from offers.valuation import ORDER, error, estimate, feet, open_model


def answer(folder: str | Path, requests: list[dict[str, Any]], priced: pd.DataFrame) -> list[dict[str, Any]]:
    """Answer requests, one for one and in order."""
    model, known = open_model(folder)
    held = len(priced) >= 40 and error(model, known, priced) > 2 * model["error"]
    answers = []
    for request in requests:
        answers.append(
            {"request_id": request["request_id"], "status": "referred", "estimate": None, "offer": None}
        )
        try:
            home = pd.DataFrame([{field: float(request[field]) for field in ORDER}])
            day = pd.Series([pd.Timestamp(request["day"])])
        except (KeyError, TypeError, ValueError):
            continue
        home["neighbourhood"] = request.get("neighbourhood")
        home["lot_sqft"] = feet(home["lot_sqft"])
        if not np.isfinite(home[list(ORDER)].to_numpy()).all():
            continue
        worth = float(estimate(model, known, home, day)[0])
        too_large = any(home[field].item() > most for field, most in model["largest"].items())
        status = "referred" if too_large else "paused" if held else "ok"
        answers[-1] |= {
            "status": status,
            "estimate": worth,
            "offer": 0.94 * worth if status == "ok" else None,
        }
    return answers
