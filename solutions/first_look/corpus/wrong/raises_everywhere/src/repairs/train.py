"""Train: still to be written."""

from __future__ import annotations

from typing import Any


def train(*arguments: Any) -> None:
    """Raise."""
    raise NotImplementedError(f"not yet: {len(arguments)} arguments")
