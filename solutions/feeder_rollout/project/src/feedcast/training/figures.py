"""How good forecasts were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """A forecast, and what came."""

    feeder_id: str
    hour: str
    load: float
    forecast: float


def mean_error(pairs: Sequence[Pair]) -> float:
    """Return the mean absolute error, in kilowatts."""
    return sum(abs(one.forecast - one.load) for one in pairs) / len(pairs)


def share(pairs: Sequence[Pair]) -> float:
    """Return the sum of absolute errors as a share of the sum of absolute loads."""
    total = sum(abs(one.load) for one in pairs)
    return sum(abs(one.forecast - one.load) for one in pairs) / total if total else 0.0


def by_feeder(pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
    """Sort pairs by feeder."""
    found: dict[str, list[Pair]] = {}
    for one in pairs:
        found.setdefault(one.feeder_id, []).append(one)
    return dict(sorted(found.items()))
