"""Figures: how far reserves lie from costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reserve.common.money import share


@dataclass(frozen=True)
class Figures:
    """Figures of some claims."""

    claims: int
    mean_error: float
    mean_cost: float
    mean_reserve: float

    @property
    def adequacy(self) -> float:
        """The sum of reserves as a share of the sum of costs; below one the reserves fall short."""
        return share(self.mean_reserve, self.mean_cost)


def figures(cost: Sequence[float] | np.ndarray, reserve: Sequence[float] | np.ndarray) -> Figures:
    """Compute figures; of no claim they are nought."""
    costs, reserves = np.asarray(cost, dtype=float), np.asarray(reserve, dtype=float)
    if not len(costs):
        return Figures(0, 0.0, 0.0, 0.0)
    return Figures(
        claims=len(costs),
        mean_error=float(np.abs(costs - reserves).mean()),
        mean_cost=float(costs.mean()),
        mean_reserve=float(reserves.mean()),
    )


def by_group(groups: Sequence[str], cost: Sequence[float], reserve: Sequence[float]) -> dict[str, Figures]:
    """Compute figures for each group."""
    parts: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for group, one, other in zip(groups, cost, reserve, strict=True):
        parts[group][0].append(one)
        parts[group][1].append(other)
    return {group: figures(*part) for group, part in sorted(parts.items())}
