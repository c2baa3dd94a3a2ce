"""Serve: answer sellers who ask for an offer."""

import logging
import math
from pathlib import Path
from typing import Any

import pandas as pd

from offers.features import NUMBERS
from offers.history import ACRE
from offers.model import estimate, load, mean_error

FEE = 0.06
Record = dict[str, Any]
log = logging.getLogger(__name__)


def answer(folder: str | Path, requests: list[Record], priced: pd.DataFrame) -> list[Record]:
    """Answer requests, one for one and in order.

    Parameters
    ----------
    folder : path
        The model in force.
    requests : list of dict
        Homes as the form sends them, not yet checked.
    priced : DataFrame of shape (n, any)
        Homes that asked for an offer lately and whose price has become known since.

    Returns
    -------
    answers : list of dict
        ``request_id``, ``status``, ``estimate`` and ``offer`` in dollars.
    """
    valuer = load(folder)
    log.info("%d requests, %d homes priced lately", len(requests), len(priced))
    answers = {at: _answer(request, "referred") for at, request in enumerate(requests)}
    readable = {at: home for at, request in enumerate(requests) if (home := _read(request))}
    if readable:
        homes = pd.DataFrame.from_dict(readable, orient="index")
        estimates = estimate(valuer, homes, homes["day"])
        status = pd.Series("ok", index=homes.index).mask(estimates.isna(), "referred")
        largest = valuer.sales[["area_sqft", "lot_sqft"]].max()
        lots = homes["lot_sqft"].where(homes["lot_sqft"] < 50, homes["lot_sqft"] / ACRE)
        large = (homes["area_sqft"] > largest["area_sqft"]) | (lots > largest["lot_sqft"] / ACRE)
        status[large] = "referred"
        if len(priced) > 39 and mean_error(valuer, priced) > 2 * valuer.error:
            status[status == "ok"] = "paused"
        for at, value in estimates.items():
            answers[at] = _answer(requests[at], status[at], value)
    return list(answers.values())


def _read(request: Record) -> Record | None:
    """Read a request; none where a field cannot be read."""
    try:
        numbers = {field: float(request[field]) for field in NUMBERS}
        day, place = pd.Timestamp(request["day"]), str(request["neighbourhood"])
    except (KeyError, TypeError, ValueError):
        return None
    readable = all(map(math.isfinite, numbers.values()))
    return {**request, **numbers, "day": day, "neighbourhood": place} if readable else None


def _answer(request: Record, status: str, value: float | None = None) -> Record:
    offer = round(value * (1 - FEE), 2) if value and status == "ok" else None
    return {"request_id": request["request_id"], "status": status, "estimate": value, "offer": offer}
