"""The kit's folders on a machine: what can be built again, and what must not be lost."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache", "environments", "ledger", "ratings"]


def cache() -> Path:
    """Say where the kit keeps what it can build again: under ``UNFIT_HOME``, else in the user's cache folder."""
    return _folder("XDG_CACHE_HOME", ".cache")


def environments() -> list[Path]:
    """List where built environments lie: ``UNFIT_ENVIRONMENTS``, which an image brings along, then the cache."""
    brought = os.environ.get("UNFIT_ENVIRONMENTS")
    return [*([Path(brought)] if brought else []), cache() / "environments"]


def ledger() -> Path:
    """Say where the interviewer's key and the list of exports are: they cannot be made again."""
    return _folder("XDG_DATA_HOME", ".local/share") / "ledger"


def ratings() -> Path:
    """Say where an interviewer's own ratings wait until those of another are in as well."""
    return _folder("XDG_DATA_HOME", ".local/share") / "ratings"


def _folder(variable: str, usual: str) -> Path:
    own = os.environ.get("UNFIT_HOME")
    return Path(own) if own else Path(os.environ.get(variable) or Path.home() / usual) / "unfit"
