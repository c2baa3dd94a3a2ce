"""Serve: tell the dispatchers how late their passengers' flights will be."""

import logging
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from delays.features import LEAD, NUMBERS, WEATHER, build, departure
from delays.model import load
from delays.watch import pages

Record = dict[str, Any]
log = logging.getLogger(__name__)


def forecast(
    folder: str | Path, requests: list[Record], reports: pd.DataFrame, feed: Any, clock: Any
) -> Record:
    """Forecast flights, one for one and in order.

    Parameters
    ----------
    folder : path
        What training wrote.
    requests : list of dict
        Flights as the dispatchers send them, not yet checked.
    reports : DataFrame of shape (n, any)
        Flights reported in the last weeks, as in the data card.
    feed : object
        ``observation(origin, hour)``, one line of weather or none.
    clock : object
        ``now()``, the time in UTC.

    Returns
    -------
    answer : dict
        ``made_at``, ``forecasts`` and ``alerts``.
    """
    model, now = load(folder), pd.Timestamp(clock.now())
    log.info("%d requests, %d reports", len(requests), len(reports))
    answers = [_answer(request, "unread") for request in requests]
    readable = {row: flight for row, request in enumerate(requests) if (flight := _read(request))}
    if readable:
        flights = pd.DataFrame.from_dict(readable, orient="index")
        at = (departure(flights) - LEAD).clip(upper=now)
        weather = _observed(feed, flights["origin"], at.dt.floor("h"))
        features = build(flights, at, reports, weather)
        blind = features[WEATHER].isna().all(axis=1)
        for row, late in zip(flights.index, model.predict(features), strict=True):
            answers[row] = _answer(requests[row], "no_weather" if blind[row] else "ok", float(late))
    return {"made_at": clock.now(), "forecasts": answers, "alerts": pages(folder, answers, reports, now)}


def _observed(feed: Any, origins: pd.Series, hours: pd.Series) -> pd.DataFrame:
    """Ask the feed once for each airport and hour."""
    lines = []
    for origin, hour in sorted(set(zip(origins, hours, strict=True))):
        try:
            seen = feed.observation(origin, hour.isoformat()) or {}
        except (TimeoutError, ConnectionError):
            log.warning("no weather for %s", origin)
            seen = {}
        lines.append({**seen, "origin": origin, "observed_at": hour})
    return pd.DataFrame(lines).reindex(columns=["origin", "observed_at", *WEATHER])


def _read(request: Record) -> Record | None:
    """Read a request; none where a field cannot be read."""
    try:
        due = datetime.strptime(f"{request['day']} {request['sched_dep']}", "%Y-%m-%d %H:%M")
        places = {name: str(request[name]) for name in ("carrier", "origin")}
        numbers = {name: float(request.get(name) or "nan") for name in NUMBERS}
    except (KeyError, TypeError, ValueError):
        return None
    if any(map(math.isinf, numbers.values())):
        return None
    return {**places, **numbers, "day": f"{due:%Y-%m-%d}", "sched_dep": f"{due:%H:%M}"}


def _answer(request: Record, status: str, minutes: float | None = None) -> Record:
    return {"flight_id": request["flight_id"], "status": status, "minutes": minutes}
