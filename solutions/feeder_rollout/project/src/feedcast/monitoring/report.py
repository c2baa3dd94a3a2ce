"""The weekly look, in lines of text, for the meeting on Mondays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feedcast.common import database, hours
from feedcast.common.settings import settings
from feedcast.features.loads import loads
from feedcast.monitoring import advice, coverage, errors

WORST = 5


@dataclass(frozen=True)
class Report:
    """What the weekly look says."""

    lines: list[str]
    figures: dict[str, float]


def report(folder: str | Path, day: str) -> Report:
    """Look at the seven days before a day, and at the seven before them."""
    own = settings().watch
    first, before = hours.shifted(day, -7), hours.shifted(day, -14)
    with database.reading(folder) as connection:
        now, earlier = (errors.week(connection, one, day) for one in (first, before))
        shares = coverage.coverage(loads(connection, day), coverage.names(connection), first, 7)
        given = advice.answers(connection, first, 7)
        silent = coverage.silent_head_ends(connection, hours.shifted(day, -1))
    lines = [f"week from {first}", _error(now, earlier)]
    lines += [f"  {feeder}: {error:.0f} kW" for feeder, error in now.worst(WORST)]
    grown = errors.grown(earlier, now, own.error_growth)
    if grown:
        lines.append(f"errors have grown: {', '.join(grown)}")
    thin = coverage.thin(shares, own.least_coverage)
    if thin:
        lines.append(f"hours are missing: {', '.join(thin)}")
    lines += [f"nothing came from {one}" for one in silent]
    lines.append(given.line())
    figures = {
        **({} if now.share is None else {"feedcast_error_share": now.share}),
        "feedcast_coverage": sum(shares.values()) / max(len(shares), 1),
        "feedcast_advice_done": float(given.done),
    }
    return Report(lines, figures)


def _error(now: errors.Week, earlier: errors.Week) -> str:
    shares = ["unknown" if one.share is None else f"{one.share:.1%}" for one in (now, earlier)]
    return f"error share {shares[0]}, the week before {shares[1]}"
