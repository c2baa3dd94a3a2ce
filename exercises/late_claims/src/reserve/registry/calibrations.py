"""Calibrations: factors by peril that bring the expected costs of a model to what claims cost lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from reserve.common import days
from reserve.common.errors import RegistryError
from reserve.common.settings import settings
from reserve.registry.files import get_json, put_json

FOLDER = "calibrations"


@dataclass(frozen=True)
class Calibration:
    """Factors by peril.

    Parameters
    ----------
    made_on : str
        The day whose evening the costs are of.
    model : str
        The version whose expected costs were compared with them.
    factors : dict of str to float
    claims : dict of str to int
        How many claims each factor rests on.
    """

    made_on: str
    model: str
    factors: dict[str, float] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)

    def factor(self, peril: str) -> float:
        """Return the factor of a peril; one that was not met is left as it is."""
        return self.factors.get(peril, 1.0)


PLAIN = Calibration("", "")


def made(day: str, version: str, perils: Sequence[str], expected: np.ndarray, cost: np.ndarray) -> Calibration:
    """Make factors: costs over expected costs, drawn towards one where there are few claims."""
    terms = settings().calibration
    factors, claims = {}, {}
    for peril in sorted(set(perils)):
        own = np.array([one == peril for one in perils])
        told, paid = float(expected[own].sum()), float(cost[own].sum())
        mean = told / own.sum()
        raw = (paid + terms.weight * mean) / (told + terms.weight * mean) if told else 1.0
        factors[peril] = round(float(np.clip(raw, terms.lowest, terms.highest)), 6)
        claims[peril] = int(own.sum())
    return Calibration(day, version, factors, claims)


def keep(registry: str | Path, one: Calibration) -> Path:
    """Write a calibration under its day and version."""
    path = Path(registry) / FOLDER / f"{one.made_on}-{one.model}.json"
    put_json(path, asdict(one))
    return path


def kept(registry: str | Path) -> list[Calibration]:
    """List all calibrations, oldest first."""
    folder = Path(registry) / FOLDER
    paths = folder.glob("*.json") if folder.is_dir() else ()
    return sorted((_read(get_json(path)) for path in paths), key=lambda one: (one.made_on, one.model))


def _read(told: Mapping[str, Any]) -> Calibration:
    try:
        return Calibration(**told)
    except TypeError as error:
        raise RegistryError(f"no calibration: {error}") from error


def current(registry: str | Path, version: str, day: str) -> Calibration:
    """Return the newest calibration of a version that was made by a day.

    Where there is none the factors are one.
    """
    found = [one for one in kept(registry) if one.made_on <= day and one.model == version]
    return found[-1] if found else PLAIN


def age(one: Calibration, day: str) -> int | None:
    """Return the age of a calibration in days."""
    return days.between(one.made_on, day) if one.made_on else None
