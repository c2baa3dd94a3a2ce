"""Miniature banks for tests: copies that a test may break."""

from __future__ import annotations

import shutil
from pathlib import Path

from unfit.bank import Exercise, load_bank

BANKS = Path(__file__).parent / "banks"
MINIATURE = BANKS / "miniature"


def copied(to: Path) -> Path:
    """Copy the miniature bank."""
    return Path(shutil.copytree(MINIATURE, to / "bank"))


def rewritten(path: Path, old: str, new: str) -> Path:
    """Replace a text that the file holds once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return path


def tea_shop(bank: Path = MINIATURE) -> Exercise:
    return load_bank(bank).exercise("tea_shop")


def tea_notebook(bank: Path = MINIATURE) -> Exercise:
    return load_bank(bank).exercise("tea_notebook")
