"""Outcomes: what claims have cost, for those that can be learnt from."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from reserve.common import days
from reserve.common.database import rows
from reserve.common.settings import settings
from reserve.ledger.payments import costs


@dataclass(frozen=True)
class Outcome:
    """What a claim has cost."""

    claim_id: str
    notified_on: str
    cost: float


def outcomes(connection: sqlite3.Connection, day: str) -> list[Outcome]:
    """Return the outcomes that can be learnt from on the evening of a day, by day of notification.

    Parameters
    ----------
    connection : Connection
    day : str
    """
    terms = settings().outcomes
    old = rows(
        connection,
        "mature",
        first=days.plus(day, -366 * terms.learn_from_years),
        mature=days.plus(day, -terms.mature_after_days),
    )
    settled = {row["claim_id"] for row in rows(connection, "settled_on", day=day)}
    found = [row for row in old if row["claim_id"] in settled]
    cost = costs(connection, (row["claim_id"] for row in found), day)
    return [Outcome(row["claim_id"], row["notified_on"], cost[row["claim_id"]]) for row in found]
