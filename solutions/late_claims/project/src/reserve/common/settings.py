"""Settings: the defaults of the package, and what a file of the machine puts in front of them."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from reserve.common.errors import SettingsError

DEFAULTS = Path(__file__).parent.parent / "settings.toml"
VARIABLE = "RESERVE_SETTINGS"


@dataclass(frozen=True)
class Outcomes:
    """Which claims can be learnt from."""

    mature_after_days: int
    learn_from_years: int


@dataclass(frozen=True)
class Features:
    """How far features look back."""

    history_years: int
    oldest_vehicle: int
    unknown_years: int


@dataclass(frozen=True)
class Ranges:
    """What the data card says a field can be, ends included."""

    estimate: tuple[float, float]
    no_claims_years: tuple[float, float]
    excess: tuple[float, float]
    power_kw: tuple[float, float]

    def as_dict(self) -> dict[str, tuple[float, float]]:
        """Return the ranges by field."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Model:
    """How the model is fitted."""

    penalty: float
    least_claims: int
    folds: int


@dataclass(frozen=True)
class Calibration:
    """How factors are made."""

    window_days: int
    weight: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Service:
    """What an answer looks like."""

    step: int
    smallest: float
    largest: float
    port: int


@dataclass(frozen=True)
class Ledger:
    """How long the ledger may take, and how often it is asked."""

    seconds: float
    attempts: int


@dataclass(frozen=True)
class Watch:
    """When the weekly look says something."""

    weeks: int
    least: int
    shift: float
    held_share: float


@dataclass(frozen=True)
class Settings:
    """All settings."""

    outcomes: Outcomes
    features: Features
    ranges: Ranges
    model: Model
    calibration: Calibration
    service: Service
    ledger: Ledger
    watch: Watch


PARTS = {
    "outcomes": Outcomes,
    "features": Features,
    "ranges": Ranges,
    "model": Model,
    "calibration": Calibration,
    "service": Service,
    "ledger": Ledger,
    "watch": Watch,
}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the settings once for each process."""
    values = _read(DEFAULTS)
    own = os.environ.get(VARIABLE)
    if own:
        values = _laid_over(values, _read(Path(own)))
    return made(values)


def made(values: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Make settings of tables.

    Raises
    ------
    SettingsError
        If a table or a key is unknown or missing, or a pair is no range.
    """
    unknown = sorted(set(values) ^ set(PARTS))
    if unknown:
        raise SettingsError(f"tables that are unknown or missing: {', '.join(unknown)}")
    return Settings(**{name: _part(name, kind, values[name]) for name, kind in PARTS.items()})


def _part(name: str, kind: Any, values: Mapping[str, Any]) -> Any:
    known = {field.name for field in fields(kind)}
    unknown = sorted(set(values) ^ known)
    if unknown:
        raise SettingsError(f"[{name}]: keys that are unknown or missing: {', '.join(unknown)}")
    return kind(**{key: _value(f"[{name}] {key}", value) for key, value in values.items()})


def _value(place: str, value: Any) -> Any:
    if isinstance(value, list):
        if len(value) != 2 or value[0] > value[1]:
            raise SettingsError(f"{place}: {value} is no range")
        return float(value[0]), float(value[1])
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise SettingsError(f"{place}: {value!r} is no number")
    return value


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _laid_over(
    values: Mapping[str, Mapping[str, Any]], own: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    names = [*values, *(name for name in own if name not in values)]
    return {name: {**values.get(name, {}), **own.get(name, {})} for name in names}
