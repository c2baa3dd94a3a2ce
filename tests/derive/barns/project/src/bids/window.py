"""Window: what a farmer hears."""

import logging
import math
from pathlib import Path
from typing import Any

import pandas as pd

from bids.catch import outsize, tripped
from bids.facts import MEASURES
from bids.reckoner import forecast, load

LEVY = 0.06
Entry = dict[str, Any]
log = logging.getLogger(__name__)


def reply(shelf: str | Path, queries: list[Entry], settled: pd.DataFrame) -> list[Entry]:
    """Tell each farmer a verdict, in the order in which they wrote.

    Parameters
    ----------
    shelf : path
        Where the reckoner lies.
    queries : list of dict
        Straight from a form, with whatever people type.
    settled : DataFrame of shape (n, any)
        Barns of recent weeks, with what became of them.

    Returns
    -------
    replies : list of dict
        A ``query_id`` with its ``verdict``, ``forecast`` and ``bid``.
    """
    assayer = load(shelf)
    log.info("%d queries, %d barns settled newly", len(queries), len(settled))
    replies = {at: _reply(query, "visited") for at, query in enumerate(queries)}
    legible = {at: barn for at, query in enumerate(queries) if (barn := _decode(query))}
    if legible:
        barns = pd.DataFrame.from_dict(legible, orient="index")
        forecasts = forecast(assayer, barns, barns["date"])
        verdict = pd.Series("halted" if tripped(assayer, settled) else "ok", index=barns.index)
        verdict = verdict.mask(outsize(assayer, barns) | forecasts.isna(), "visited")
        for at, amount in forecasts.items():
            replies[at] = _reply(queries[at], verdict[at], amount)
    return list(replies.values())


def _decode(query: Entry) -> Entry | None:
    """Turn what was typed into numbers; None if that is impossible."""
    try:
        measured = {field: float(query[field]) for field in MEASURES}
        date, spot = pd.Timestamp(query["date"]), str(query["valley"])
    except (KeyError, TypeError, ValueError):
        return None
    legible = all(map(math.isfinite, measured.values()))
    return {**query, **measured, "date": date, "valley": spot} if legible else None


def _reply(query: Entry, verdict: str, amount: float | None = None) -> Entry:
    bid = round(amount * (1 - LEVY), 2) if amount and verdict == "ok" else None
    return {"query_id": query["query_id"], "verdict": verdict, "forecast": amount, "bid": bid}
