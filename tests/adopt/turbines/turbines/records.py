"""Records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Reading:
    """One reading of one turbine."""

    reading_id: str
    turbine: str
    wind: float
    power: float


@dataclass
class Plan:
    """One hour of tomorrow for which somebody asks."""

    plan_id: str
    turbine: str
    wind: float | None = None


@dataclass(frozen=True)
class Forecast:
    """What a turbine will give."""

    plan_id: str
    power: float
    status: str = "ok"
