"""The terms of a policy, as they were when the claim was notified."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from reserve.common.database import rows
from reserve.common.settings import settings


@dataclass(frozen=True)
class Terms:
    """What a policy says."""

    no_claims_years: float | None
    excess: float | None


NONE = Terms(None, None)


def terms(connection: sqlite3.Connection, first: str, last: str) -> dict[str, Terms]:
    """Return the terms of each claim that was notified between two days; a claim without any is left out."""
    return {
        row["claim_id"]: Terms(_years(row["no_claims_years"]), row["excess"])
        for row in rows(connection, "terms", first=first, last=last)
    }


def _years(told: float | None) -> float | None:
    """Read the years without a claim; the policy system writes a code where it does not know them."""
    return None if told is None or told == settings().features.unknown_years else float(told)
