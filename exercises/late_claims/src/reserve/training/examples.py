"""Examples: features and outcome of each claim that is learnt from."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reserve.features.build import Features, build
from reserve.training.outcomes import outcomes

COLUMNS = (
    "claim_id",
    "notified_on",
    "estimate",
    "vehicle_age",
    "power_kw",
    "no_claims_years",
    "excess",
    "earlier_claims",
    "peril",
    "region",
)


@dataclass(frozen=True)
class Example:
    """A claim that is learnt from."""

    features: Features
    cost: float

    def row(self) -> dict[str, Any]:
        """Return the example as a line of the training table."""
        told = self.features.row()
        return {**{name: told[name] for name in COLUMNS}, "cost": self.cost}


def examples(connection: sqlite3.Connection, day: str) -> list[Example]:
    """Return all examples that there are on the evening of a day.

    A claim of which a field cannot be true is left out: somebody has set its reserve by hand.
    """
    known = outcomes(connection, day)
    if not known:
        return []
    cost = {one.claim_id: one.cost for one in known}
    features = build(connection, known[0].notified_on, known[-1].notified_on)
    return [Example(one, cost[one.claim_id]) for one in features if one.claim_id in cost and not one.implausible]


def costs_of(many: Sequence[Example]) -> np.ndarray:
    """Return the costs as an array."""
    return np.array([one.cost for one in many], dtype=float)


def features_of(many: Sequence[Example]) -> list[Features]:
    """Return the features alone."""
    return [one.features for one in many]
