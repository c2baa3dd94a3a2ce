"""Serve: forecasts, and pages."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from delays.features import LEAD, WEATHER, Knowledge, departures
from delays.model import load


def forecast(folder: str | Path, requests: list, reports: pd.DataFrame, feed: Any, clock: Any) -> dict:
    """Forecast flights, one for one and in order."""
    fitted, made_at = load(folder), clock.now()
    known = reports[pd.to_datetime(reports["reported_at"], utc=True) <= pd.Timestamp(made_at)]
    answers = [{"flight_id": row["flight_id"], "status": "unread", "minutes": None} for row in requests]
    rows = [(at, flight) for at, row in enumerate(requests) if (flight := read(row)) is not None]
    if rows:
        flights = pd.DataFrame([flight for _, flight in rows])
        due = departures(flights) - LEAD
        at = due.where(due < pd.Timestamp(made_at), pd.Timestamp(made_at)).as_unit("us")
        weather = observations(feed, flights["origin"], at.floor("h"))
        inputs = Knowledge(reports, weather).describe(flights, at)
        blind = inputs["wind_speed"].isna()
        for (place, _), minutes, none in zip(rows, fitted["model"].predict(inputs), blind):
            answers[place].update(status="no_weather" if none else "ok", minutes=float(minutes))
    return {"made_at": made_at, "forecasts": answers, "alerts": list(alerts(fitted["typical"], answers, known))}


def observations(feed: Any, origins: pd.Series, hours: pd.DatetimeIndex) -> pd.DataFrame:
    """Ask for each airport's hours once."""
    found = {}
    for key in zip(origins, hours):
        if key not in found:
            found[key] = None
            with contextlib.suppress(TimeoutError, ConnectionError):
                found[key] = feed.observation(key[0], key[1].strftime("%Y-%m-%dT%H:%M:%SZ"))
    lines = [{**line, "origin": key[0], "observed_at": key[1]} for key, line in found.items() if line]
    return pd.DataFrame(lines, columns=["origin", "observed_at", *WEATHER])


def read(row: dict) -> dict | None:
    """Read a request, or nothing."""
    try:
        numbers = [float(row.get(name) or np.nan) for name in ("distance", "sched_minutes")]
        due = pd.to_datetime(f"{row['day']} {row['sched_dep']}", format="%Y-%m-%d %H:%M")
        return {
            "carrier": str(row["carrier"]), "origin": str(row["origin"]), "day": due.strftime("%Y-%m-%d"),
            "sched_dep": due.strftime("%H:%M"), "distance": numbers[0],
        }
    except (KeyError, TypeError, ValueError):
        return None


def alerts(typical: float, answers: list, reports: pd.DataFrame):
    """Yield an alert for each reason to wake somebody."""
    told = reports.dropna(subset=["forecast", "arr_delay"]).sort_values("reported_at", kind="stable").iloc[-300:]
    off = np.abs(np.minimum(told["arr_delay"].to_numpy(dtype=float), 240) - told["forecast"].to_numpy(dtype=float))
    if len(off) == 300 and off.mean() > 2 * typical:
        yield {"kind": "error"}
    if len(answers) >= 20 and np.mean([answer["status"] == "no_weather" for answer in answers]) > 0.5:
        yield {"kind": "weather"}
