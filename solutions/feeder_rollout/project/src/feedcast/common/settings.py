"""Settings of the jobs, from ``settings.toml``."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from feedcast.common.errors import SettingsError

PACKAGE = Path(__file__).parent.parent
DEFAULTS = PACKAGE / "settings.toml"
VARIABLE = "FEEDCAST_SETTINGS"


@dataclass(frozen=True)
class Learning:
    """What is learnt from, and how."""

    days: int
    least_examples: int
    penalty: float
    folds: int


@dataclass(frozen=True)
class Loads:
    """What a load can be."""

    highest_kw: float
    lowest_kw: float


@dataclass(frozen=True)
class Advice:
    """When the control room gets advice."""

    share_of_limit: float
    longest_hours: int


@dataclass(frozen=True)
class Rollout:
    """How a release goes out."""

    ready_within_minutes: int
    watch_minutes: int
    failing_share: float
    least_requests: int
    steps: tuple[float, ...]


@dataclass(frozen=True)
class Watch:
    """When the weekly look says something."""

    error_growth: float
    least_coverage: float


@dataclass(frozen=True)
class Keeping:
    """How long things are kept."""

    logs_days: int
    versions: int


@dataclass(frozen=True)
class Settings:
    """All settings."""

    learning: Learning
    loads: Loads
    advice: Advice
    rollout: Rollout
    watch: Watch
    keeping: Keeping


PARTS: dict[str, Any] = {
    "learning": Learning,
    "loads": Loads,
    "advice": Advice,
    "rollout": Rollout,
    "watch": Watch,
    "keeping": Keeping,
}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the settings once for each process."""
    tables = _read(DEFAULTS)
    own = os.environ.get(VARIABLE)
    if own:
        for name, values in _read(Path(own)).items():
            tables[name] = {**tables.get(name, {}), **values}
    return made(tables)


def made(tables: dict[str, dict[str, Any]]) -> Settings:
    """Make settings of tables.

    Raises
    ------
    SettingsError
        If a table or a key is missing or unknown.
    """
    if set(tables) != set(PARTS):
        raise SettingsError(f"tables are {sorted(tables)}, and should be {sorted(PARTS)}")
    return Settings(**{name: _part(name, kind, tables[name]) for name, kind in PARTS.items()})


def _part(name: str, kind: Any, values: dict[str, Any]) -> Any:
    wanted = {field.name for field in fields(kind)}
    if set(values) != wanted:
        raise SettingsError(f"[{name}] has {sorted(values)}, and should have {sorted(wanted)}")
    return kind(**{key: tuple(one) if isinstance(one, list) else one for key, one in values.items()})


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
