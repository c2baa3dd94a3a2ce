"""The evening: take what came, forecast tomorrow, write the sheets, give advice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feedcast.common import metrics
from feedcast.common.journal import Journal
from feedcast.forecast import advice, sheets
from feedcast.ingest import deliveries
from feedcast.pipelines import forecast


@dataclass(frozen=True)
class Places:
    """Where the evening finds and leaves things."""

    data: Path
    registry: Path
    inbox: Path
    out: Path


def run(places: Places, version: str, day: str, journal: Journal) -> int:
    """Run the evening of a day, and return how many hours were forecast."""
    taken = deliveries.take(places.data, places.inbox)
    journal.note(day, "inbox", deliveries=taken.deliveries, readings=taken.readings, refused=len(taken.refused))
    rows = forecast.run(str(places.data), str(places.registry), version, day)
    forecast.keep(str(places.data), rows)
    sheets.feeders(places.out, day, rows)
    sheets.total(places.out, day, rows)
    known = [one for one in rows if one["load"] is not None]
    found = advice.advised(rows, advice.limits_of(places.data))
    given = advice.give(places.data, day, found)
    journal.note(
        day,
        "forecast",
        version=version,
        hours=len(rows),
        without=len(rows) - len(known),
        mean_kw=round(sum(one["load"] for one in known) / max(len(known), 1), 1),
        advice=given,
    )
    metrics.write(
        places.out / "metrics.prom",
        {
            "feedcast_hours": {(("known", "yes"),): len(known), (("known", "no"),): len(rows) - len(known)},
            "feedcast_advice": {(): given},
        },
    )
    return len(known)
