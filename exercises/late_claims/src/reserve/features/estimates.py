"""Estimates of garages that were here on the evening of the notification."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from reserve.common.database import rows
from reserve.common.errors import MessageError
from reserve.ingest import gde


@dataclass(frozen=True)
class Known:
    """The estimate that counts for a claim."""

    amount: float
    labour: float
    total_loss: bool
    source: str
    messages: int


def estimates(connection: sqlite3.Connection, first: str, last: str) -> dict[str, Known]:
    """Return the last readable estimate of each claim that was notified between two days.

    A garage that sends a second estimate replaces its first one, also where the second is lower.
    """
    found: dict[str, Known] = {}
    for row in rows(connection, "estimates", first=first, last=last):
        try:
            read = gde.parse(row["body"])
        except MessageError:
            continue
        before = found.get(row["claim_id"])
        found[row["claim_id"]] = Known(
            amount=read.amount,
            labour=read.of("labour"),
            total_loss=read.total_loss,
            source=row["source"],
            messages=before.messages + 1 if before else 1,
        )
    return found
