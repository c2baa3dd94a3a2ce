"""Claims, with what the registration authority knows of their vehicles."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from reserve.common import days
from reserve.common.database import Row, rows
from reserve.common.settings import settings


@dataclass(frozen=True)
class Claim:
    """A claim as it was notified."""

    claim_id: str
    policy_id: str
    customer_no: str
    notified_on: str
    peril: str
    region: str
    vehicle_age: float | None
    power_kw: float | None


def notified(connection: sqlite3.Connection, first: str, last: str) -> list[Claim]:
    """List the claims that were notified between two days, both included, by day and id."""
    return [_claim(row) for row in rows(connection, "claims", first=first, last=last)]


def _claim(row: Row) -> Claim:
    return Claim(
        claim_id=row["claim_id"],
        policy_id=row["policy_id"],
        customer_no=row["customer_no"],
        notified_on=row["notified_on"],
        peril=row["peril"],
        region=row["region"],
        vehicle_age=_age(row["built_on"], row["notified_on"]),
        power_kw=row["power_kw"],
    )


def _age(built_on: str | None, day: str) -> float | None:
    """Return the age of a vehicle in years. Beyond the oldest age nothing changes any more."""
    if built_on is None:
        return None
    return round(min(max(days.years(built_on, day), 0.0), settings().features.oldest_vehicle), 2)
