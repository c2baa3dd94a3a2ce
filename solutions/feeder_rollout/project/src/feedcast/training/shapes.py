"""The usual day of a feeder: its mean load by kind of day and hour, which stands in where nothing else is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from feedcast.common import hours
from feedcast.features.build import Example


@dataclass(frozen=True)
class Shapes:
    """Usual loads.

    Parameters
    ----------
    scales : dict of str to float
        The mean absolute load of each feeder, in kilowatts.
    usual : dict of str to float
        Mean loads by ``feeder kind hour``.
    """

    scales: dict[str, float]
    usual: dict[str, float]

    def load(self, feeder: str, kind: str, moment: str) -> float | None:
        """Return the usual load of an hour; none where no day of its kind has been seen."""
        return self.usual.get(key(feeder, kind, hours.clock_hour(moment)))

    def scale(self, feeder: str) -> float | None:
        """Return how large the loads of a feeder are."""
        return self.scales.get(feeder)


def key(feeder: str, kind: str, hour: int) -> str:
    """Name an hour of the usual day."""
    return f"{feeder} {kind} {hour}"


def shapes(examples: Iterable[Example]) -> Shapes:
    """Learn usual days of examples."""
    sizes: dict[str, list[float]] = defaultdict(list)
    sums: dict[str, list[float]] = defaultdict(list)
    for one in examples:
        of = one.features
        sizes[of.feeder_id].append(abs(one.load))
        sums[key(of.feeder_id, of.kind, hours.clock_hour(of.hour))].append(one.load)
    return Shapes(
        {feeder: max(_mean(values), 1.0) for feeder, values in sizes.items()},
        {name: _mean(values) for name, values in sums.items()},
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
