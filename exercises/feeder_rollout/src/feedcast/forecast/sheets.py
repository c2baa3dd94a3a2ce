"""The sheets that the control room and the traders read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from feedcast.common.files import put_csv

COLUMNS = ("feeder_id", "hour", "version", "load")


def feeders(out: str | Path, day: str, forecasts: Iterable[Mapping[str, Any]]) -> Path:
    """Write the forecasts of all feeders, one line for each hour."""
    path = Path(out) / f"feeders-{day}.csv"
    put_csv(path, forecasts, COLUMNS)
    return path


def total(out: str | Path, day: str, forecasts: Iterable[Mapping[str, Any]]) -> Path:
    """Write the sum over all feeders, which the traders buy by; feeders without a forecast are counted."""
    sums: dict[str, float] = defaultdict(float)
    without: dict[str, int] = defaultdict(int)
    for one in forecasts:
        if one["load"] is None:
            without[one["hour"]] += 1
            sums[one["hour"]] += 0.0
        else:
            sums[one["hour"]] += one["load"]
    path = Path(out) / f"total-{day}.csv"
    rows = [
        {"hour": hour, "load": round(load, 1), "feeders_without": without[hour]} for hour, load in sorted(sums.items())
    ]
    put_csv(path, rows, ("hour", "load", "feeders_without"))
    return path


def reserve(out: str | Path, day: str, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write what the traders hold in reserve, one line for each hour of the day."""
    path = Path(out) / f"reserve-{day}.csv"
    put_csv(path, rows, ("hour", "up_kw", "down_kw"))
    return path
