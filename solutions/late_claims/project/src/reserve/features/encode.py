"""From features to the columns of the model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reserve.features.build import CATEGORIES, NUMBERS, Features

LOGARITHMS = {"estimate", "excess"}
"""Numbers whose logarithm is taken, since costs go with shares and not with sums."""


@dataclass(frozen=True)
class Encoder:
    """What has to be remembered of the claims that a model was fitted on.

    Parameters
    ----------
    fills : dict of str to float
        By number: what stands in for a value that is not known.
    means, scales : dict of str to float
        By number.
    levels : dict of str to list of str
        By category: the values that were met, sorted.
    """

    fills: dict[str, float]
    means: dict[str, float]
    scales: dict[str, float]
    levels: dict[str, list[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Name the columns, in their order."""
        names = ["one"]
        for name in NUMBERS:
            names += [name, f"{name} unknown"]
        for category, levels in sorted(self.levels.items()):
            names += [f"{category} {level}" for level in levels]
        return [*names, "total loss"]

    def matrix(self, features: Sequence[Features]) -> np.ndarray:
        """Encode claims, a row for each; a category that was never met has a nought in all of its columns."""
        rows = [self._row(one) for one in features]
        return np.array(rows, dtype=float).reshape(len(rows), len(self.columns))

    def _row(self, one: Features) -> list[float]:
        row = [1.0]
        for name, value in one.numbers().items():
            known = value is not None
            number = transformed(name, value) if value is not None else self.fills[name]
            row += [(number - self.means[name]) / self.scales[name], 0.0 if known else 1.0]
        for category, levels in sorted(self.levels.items()):
            row += [float(getattr(one, category) == level) for level in levels]
        return [*row, float(one.total_loss)]

    def told(self) -> dict[str, Any]:
        """Return the encoder as plain values."""
        return {"fills": self.fills, "means": self.means, "scales": self.scales, "levels": self.levels}


def transformed(name: str, value: float) -> float:
    """Take the logarithm of a number where costs go with it."""
    return math.log1p(max(value, 0.0)) if name in LOGARITHMS else float(value)


def fitted(features: Sequence[Features]) -> Encoder:
    """Learn an encoder from claims."""
    fills, means, scales = {}, {}, {}
    for name in NUMBERS:
        known = [transformed(name, value) for one in features if (value := getattr(one, name)) is not None]
        fills[name] = float(np.median(known)) if known else 0.0
        means[name] = float(np.mean(known)) if known else 0.0
        scales[name] = float(np.std(known)) or 1.0 if known else 1.0
    levels = {name: sorted({getattr(one, name) for one in features}) for name in CATEGORIES}
    return Encoder(fills, means, scales, levels)
