"""How much the traders should hold in reserve: what forecasts of the last weeks missed by, hour by hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feedcast.common import hours
from feedcast.training.figures import Pair

LEAST = 10


@dataclass(frozen=True)
class Reserve:
    """What is held for an hour of the day, in kilowatts."""

    hour: int
    up: float
    down: float


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies, between neighbours where it lies between them."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def misses(pairs: Iterable[Pair]) -> dict[int, list[float]]:
    """Add up what all feeders missed by, and sort the sums by the hour of the day."""
    sums: dict[str, float] = defaultdict(float)
    for one in pairs:
        sums[one.hour] += one.load - one.forecast
    found: dict[int, list[float]] = defaultdict(list)
    for moment, miss in sorted(sums.items()):
        found[hours.clock_hour(moment)].append(miss)
    return found


def reserves(pairs: Iterable[Pair], share: float = 0.95) -> list[Reserve]:
    """Return what would have sufficed on a share of the days; hours with few days are left out."""
    return [
        Reserve(
            hour,
            max(0.0, round(quantile(values, share), 1)),
            max(0.0, round(-quantile(values, 1 - share), 1)),
        )
        for hour, values in sorted(misses(pairs).items())
        if len(values) >= LEAST
    ]


def rows(found: Iterable[Reserve], day: str) -> list[Mapping[str, Any]]:
    """Return reserves as rows of the traders' sheet."""
    return [{"hour": f"{day}T{one.hour:02d}:00", "up_kw": one.up, "down_kw": one.down} for one in found]
