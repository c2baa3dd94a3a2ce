"""Quality: first reserves against costs, for the claims that were settled lately."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from reserve.common import days
from reserve.common.database import rows
from reserve.common.metrics import Metrics
from reserve.ledger.payments import costs
from reserve.training.figures import Figures, by_group, figures


@dataclass(frozen=True)
class Settled:
    """A settled claim with the first reserve that it got; none where the desk set it."""

    claim_id: str
    week: str
    peril: str
    model: str
    cost: float
    reserve: float | None


def settled(connection: sqlite3.Connection, first: str, last: str) -> list[Settled]:
    """List the claims that were settled between two days and had been answered."""
    when = {
        row["claim_id"]: row["settled_on"]
        for row in rows(connection, "settled_on", day=last)
        if row["settled_on"] >= first
    }
    answered = [row for row in rows(connection, "answers", first="", last=last) if row["claim_id"] in when]
    cost = costs(connection, when, last)
    return [
        Settled(
            claim_id=row["claim_id"],
            week=days.week(when[row["claim_id"]]),
            peril=row["peril"],
            model=row["model"],
            cost=cost[row["claim_id"]],
            reserve=row["reserve"],
        )
        for row in answered
    ]


def by_week(many: list[Settled]) -> dict[str, Figures]:
    """Compute figures by the week of the settlement, for the claims that had a reserve."""
    weeks: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in many:
        if one.reserve is not None:
            weeks[one.week].append((one.cost, one.reserve))
    return {week: figures(*zip(*pairs, strict=True)) for week, pairs in sorted(weeks.items())}


def measure(metrics: Metrics, many: list[Settled]) -> None:
    """Set the metrics of quality."""
    known = [(one, one.reserve) for one in many if one.reserve is not None]
    adequacy = metrics.gauge("reserve_adequacy", "First reserves as a share of costs, of claims settled lately")
    error = metrics.gauge("reserve_mean_error_euros", "Mean distance of first reserve and cost")
    parts = by_group([one.peril for one, _ in known], [one.cost for one, _ in known], [reserve for _, reserve in known])
    for peril, found in parts.items():
        adequacy.set(round(found.adequacy, 3), peril=peril)
        error.set(round(found.mean_error, 2), peril=peril)
    metrics.gauge("reserve_settled_claims", "Settled claims that had been answered").set(len(many))
