"""All features of claims, in one place for training, evaluation, the night and the desk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from reserve.features.claims import Claim, notified
from reserve.features.estimates import estimates
from reserve.features.history import History
from reserve.features.ranges import beyond
from reserve.features.terms import NONE, terms

NUMBERS = ("estimate", "vehicle_age", "power_kw", "no_claims_years", "excess", "earlier_claims")
CATEGORIES = ("peril", "region")


@dataclass(frozen=True)
class Features:
    """What is known of a claim on the evening of its notification."""

    claim_id: str
    notified_on: str
    customer_no: str
    peril: str
    region: str
    estimate: float | None
    vehicle_age: float | None
    power_kw: float | None
    no_claims_years: float | None
    excess: float | None
    earlier_claims: int
    total_loss: bool = False

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers by name."""
        return {name: getattr(self, name) for name in NUMBERS}

    @property
    def implausible(self) -> list[str]:
        """Name the fields that cannot be true."""
        return beyond(self.numbers())

    def row(self) -> dict[str, Any]:
        """Return all fields as plain values."""
        return asdict(self)


def build(connection: sqlite3.Connection, first: str, last: str) -> list[Features]:
    """Build the features of all claims that were notified between two days.

    Parameters
    ----------
    connection : Connection
    first, last : str
        Days, both included.

    Returns
    -------
    features : list of Features
        By day and id.
    """
    return list(_built(connection, notified(connection, first, last), first, last))


def _built(connection: sqlite3.Connection, claims: list[Claim], first: str, last: str) -> Iterator[Features]:
    known, agreed = estimates(connection, first, last), terms(connection, first, last)
    history = History(connection, first, last)
    for claim in claims:
        estimate, own = known.get(claim.claim_id), agreed.get(claim.claim_id, NONE)
        yield Features(
            claim_id=claim.claim_id,
            notified_on=claim.notified_on,
            customer_no=claim.customer_no,
            peril=claim.peril,
            region=claim.region,
            estimate=estimate.amount if estimate else None,
            vehicle_age=claim.vehicle_age,
            power_kw=claim.power_kw,
            no_claims_years=own.no_claims_years,
            excess=own.excess,
            earlier_claims=history.earlier(claim),
            total_loss=estimate.total_loss if estimate else False,
        )
