"""Records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Reading:
    """One reading of one turbine."""

    turbine: str
    wind: float
    power: float | None = None


@dataclass(frozen=True)
class Forecast:
    """What a turbine will give."""

    turbine: str
    power: float
    note: str = ""
