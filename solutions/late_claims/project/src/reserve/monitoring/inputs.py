"""Inputs: features of a week against those of the weeks before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reserve.common.metrics import Metrics
from reserve.common.settings import settings
from reserve.features.build import CATEGORIES, NUMBERS, Features
from reserve.features.encode import transformed


@dataclass(frozen=True)
class Moved:
    """How far a field has moved: means in standard deviations, and shares of claims without it."""

    field: str
    claims: int
    shift: float
    unknown_before: float
    unknown_now: float
    new_values: tuple[str, ...] = ()

    @property
    def clear(self) -> bool:
        """Whether the weekly report says so in bold."""
        terms = settings().watch
        return self.claims >= terms.least and (
            abs(self.shift) >= terms.shift
            or abs(self.unknown_now - self.unknown_before) >= terms.held_share
            or bool(self.new_values)
        )


def moved(before: Sequence[Features], now: Sequence[Features]) -> list[Moved]:
    """Compare a week with the weeks before, field by field."""
    return [_number(name, before, now) for name in NUMBERS] + [_category(name, before, now) for name in CATEGORIES]


def _number(name: str, before: Sequence[Features], now: Sequence[Features]) -> Moved:
    one, other = ([getattr(claim, name) for claim in many] for many in (before, now))
    known, own = ([transformed(name, value) for value in many if value is not None] for many in (one, other))
    spread = float(np.std(known)) if known else 0.0
    shift = (float(np.mean(own)) - float(np.mean(known))) / spread if known and own and spread else 0.0
    return Moved(name, len(now), round(shift, 3), _unknown(one), _unknown(other))


def _category(name: str, before: Sequence[Features], now: Sequence[Features]) -> Moved:
    known = {getattr(claim, name) for claim in before}
    new = sorted({getattr(claim, name) for claim in now} - known)
    return Moved(name, len(now), 0.0, 0.0, 0.0, tuple(new))


def _unknown(values: Sequence[float | None]) -> float:
    return round(sum(value is None for value in values) / len(values), 3) if values else 0.0


def measure(metrics: Metrics, many: Sequence[Moved]) -> None:
    """Set the metrics of inputs."""
    shift = metrics.gauge("reserve_input_shift", "Shift of a field's mean, in standard deviations")
    unknown = metrics.gauge("reserve_input_unknown", "Share of claims without the field")
    for one in many:
        shift.set(one.shift, field=one.field)
        unknown.set(one.unknown_now, field=one.field)
