"""Two versions beside each other, for whoever decides which one goes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feedcast.registry import store


@dataclass(frozen=True)
class Difference:
    """One weight in two versions."""

    name: str
    one: float
    other: float

    @property
    def apart(self) -> float:
        """How far they are apart."""
        return self.other - self.one


@dataclass(frozen=True)
class Comparison:
    """What is different."""

    weights: list[Difference]
    new_feeders: list[str]
    lost_feeders: list[str]
    error_shares: tuple[float | None, float | None]

    def lines(self) -> list[str]:
        """Say it in lines of text."""
        told = [
            f"{one.name:14} {one.one:8.3f} {one.other:8.3f} {one.apart:+8.3f}"
            for one in sorted(self.weights, key=lambda one: -abs(one.apart))
        ]
        shares = ["unknown" if one is None else f"{one:.1%}" for one in self.error_shares]
        told.append(f"error share    {shares[0]:>8} {shares[1]:>8}")
        if self.new_feeders:
            told.append(f"new feeders: {', '.join(self.new_feeders)}")
        if self.lost_feeders:
            told.append(f"lost feeders: {', '.join(self.lost_feeders)}")
        return told


def compared(registry: str | Path, one: str, other: str) -> Comparison:
    """Compare two versions of a registry."""
    models = [store.model_of(registry, version) for version in (one, other)]
    cards = [store.card_of(registry, version) for version in (one, other)]
    before, after = (set(model.shapes.scales) for model in models)
    return Comparison(
        [Difference(name, value, models[1].weights[name]) for name, value in models[0].weights.items()],
        sorted(after - before),
        sorted(before - after),
        (cards[0].get("error_share"), cards[1].get("error_share")),
    )
