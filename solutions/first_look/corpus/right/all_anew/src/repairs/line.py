"""A straight line in logarithms: minutes from kind, age and weight."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

Thing = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """What was learned: an offset for each kind, and two slopes."""

    offsets: dict[str, float]
    by_age: float
    by_weight: float

    @classmethod
    def through(cls, visits: Iterable[Thing]) -> Line:
        """Fit by least squares, with a breath of ridge so that a single visit of a kind does no harm."""
        known = [visit for visit in visits if visit["minutes"] > 0]
        kinds = sorted({spelled(visit["kind"]) for visit in known})
        columns = np.array(
            [
                [*(spelled(visit["kind"]) == kind for kind in kinds), visit["age_years"], math.log(visit["weight_kg"])]
                for visit in known
            ],
            dtype=float,
        )
        target = np.log([visit["minutes"] for visit in known])
        ridge = 1e-3 * np.eye(columns.shape[1])
        *offsets, by_age, by_weight = np.linalg.solve(columns.T @ columns + ridge, columns.T @ target)
        return cls(dict(zip(kinds, map(float, offsets), strict=True)), float(by_age), float(by_weight))

    def minutes(self, thing: Thing) -> float:
        """Estimate one thing of a kind that is known."""
        offset = self.offsets[spelled(thing["kind"])]
        return math.exp(offset + self.by_age * thing["age_years"] + self.by_weight * math.log(thing["weight_kg"]))

    def save(self, folder: str | Path) -> None:
        """Write the line where the desk finds it."""
        (Path(folder) / "line.json").write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, folder: str | Path) -> Line:
        """Read the line back."""
        return cls(**json.loads((Path(folder) / "line.json").read_text()))


def spelled(kind: str) -> str:
    """Write a kind without capitals and outer spaces."""
    return kind.casefold().strip()
