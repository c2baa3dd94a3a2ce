"""Evaluate: whether viewers begin what their rows would have held."""

from typing import Any

import pandas as pd

from matinee.model import fit
from matinee.plays import popularity, shares_by_viewer, tidy
from matinee.ranking import rank

HELD_OUT = pd.Timedelta(days=14)
ROW = 10


def evaluate(log: pd.DataFrame) -> dict[str, Any]:
    """Hold the last two weeks of a log out, and recommend on the evening before them.

    The report holds ``metric``, ``value`` and ``held_out``: a line for each viewer who was active before and
    within the two weeks, with the ``films`` of the row and whether one of them was a ``hit``.
    """
    days = pd.to_datetime(log["day"])
    later = days > days.max() - HELD_OUT
    past = tidy(log[~later])
    model = fit(past, popularity(tidy(log[days <= days.max() - HELD_OUT + pd.Timedelta(days=1)])))
    known = shares_by_viewer(past)
    held_out = []
    for viewer, begun in log[later].groupby("viewer")["film"]:
        if viewer in known:
            films = list(rank(model, known[viewer]).films[:ROW])
            held_out.append({"viewer": viewer, "films": films, "hit": bool(begun.isin(films).any())})
    value = pd.Series([line["hit"] for line in held_out]).mean()
    return {"metric": "hit_rate_at_10", "value": float(value), "held_out": held_out}
