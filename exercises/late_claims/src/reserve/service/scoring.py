"""From features to first reserves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reserve.common import money
from reserve.common.settings import settings
from reserve.features.build import Features
from reserve.registry import calibrations, store
from reserve.registry.calibrations import Calibration
from reserve.training.model import Model

OK, HELD = "ok", "held"


@dataclass(frozen=True)
class Answer:
    """What the desk gets to see of a claim."""

    claim_id: str
    status: str
    reserve: float | None
    model: str
    why: str = ""

    def row(self) -> dict[str, Any]:
        """Return the answer as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Scorer:
    """A version of the model with its calibration, ready to answer."""

    version: str
    model: Model
    calibration: Calibration

    def answers(self, features: Sequence[Features]) -> list[Answer]:
        """Answer claims, in their order."""
        expected = self.model.expected(features)
        return [self._answer(one, float(value)) for one, value in zip(features, expected, strict=True)]

    def _answer(self, one: Features, expected: float) -> Answer:
        if one.implausible:
            return Answer(one.claim_id, HELD, None, self.version, ", ".join(one.implausible))
        terms = settings().service
        amount = expected * self.calibration.factor(one.peril)
        if not math.isfinite(amount) or amount > terms.largest:
            return Answer(one.claim_id, HELD, None, self.version, "reserve")
        return Answer(one.claim_id, OK, money.euros(max(amount, terms.smallest)), self.version)


def scorer(registry: str | Path, day: str) -> Scorer:
    """Return the version in force with its calibration, as they are on a day."""
    version = store.in_force(registry)
    model = store.load(registry, version)
    return Scorer(version, model, calibrations.current(registry, version, day))
