"""Closed for repairs."""

from typing import Any


def evaluate(*arguments: Any) -> Any:
    """Refuse."""
    raise NotImplementedError("evaluate is being rewritten")
