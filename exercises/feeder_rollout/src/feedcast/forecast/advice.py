"""Advice for the control room: which feeders come near their limit tomorrow, and when they should be relieved.

The control room answers with its own file on the next morning; see ``ingest.orders``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from feedcast.common import database, hours
from feedcast.common.settings import settings


@dataclass(frozen=True)
class Advice:
    """A stretch of time in which a feeder should be relieved."""

    feeder_id: str
    from_at: str
    until_at: str


def advised(forecasts: Iterable[Mapping[str, Any]], limits: Mapping[str, float]) -> list[Advice]:
    """List the stretches in which forecasts come near the limits of their feeders.

    Parameters
    ----------
    forecasts : iterable of dict
    limits : mapping of str to float
        Kilowatts by feeder.
    """
    own = settings().advice
    near = [
        (one["feeder_id"], one["hour"])
        for one in forecasts
        if one["load"] is not None and one["load"] >= own.share_of_limit * limits.get(one["feeder_id"], float("inf"))
    ]
    found = []
    for feeder, group in groupby(sorted(near), key=lambda pair: pair[0]):
        for first, last in _stretches(moment for _, moment in group):
            until = min(hours.plus(last, 60), hours.plus(first, 60 * own.longest_hours))
            found.append(Advice(feeder, first, until))
    return found


def _stretches(moments: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Join hours that follow each other."""
    first = last = ""
    for moment in moments:
        if last and moment == hours.plus(last, 60):
            last = moment
            continue
        if first:
            yield first, last
        first = last = moment
    if first:
        yield first, last


def give(folder: str | Path, day: str, advice: Iterable[Advice]) -> int:
    """Write the advice of an evening where the control room reads it, and return how much there was.

    Advice of the same evening that is not answered yet is replaced.
    """
    moment = f"{day}T21:10"
    rows = [(one.feeder_id, one.from_at, one.until_at, moment) for one in advice]
    with database.writing(folder) as connection:
        connection.execute("DELETE FROM relief WHERE advised_at = ? AND answer IS NULL", (moment,))
        connection.executemany(
            "INSERT INTO relief (feeder_id, from_at, until_at, advised_at) VALUES (?, ?, ?, ?)", rows
        )
    return len(rows)


def limits_of(folder: str | Path) -> dict[str, float]:
    """Read the limits of all feeders."""
    with database.reading(folder) as connection:
        return {row["feeder_id"]: row["limit_kw"] for row in database.asked(connection, "feeders")}
