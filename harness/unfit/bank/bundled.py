"""The bundled bank: the exercises that come with the kit."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["bundled", "is_bank"]

PACKAGE: Final = Path(__file__).resolve().parents[1]


def bundled() -> Path | None:
    """Find the bank that came with the kit: inside of an installed one, around it in a clone.

    Returns
    -------
    bank : Path or None
        Its root; ``None`` where the kit was installed without it.
    """
    return next((place for place in (PACKAGE / "bundled", PACKAGE.parents[1]) if is_bank(place)), None)


def is_bank(folder: Path) -> bool:
    """Whether a folder looks like a bank."""
    return (folder / "exercises").is_dir() and (folder / "solutions").is_dir()
