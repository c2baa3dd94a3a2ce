"""Closed for repairs."""

from typing import Any


def score(*arguments: Any) -> Any:
    """Refuse."""
    raise NotImplementedError("score is being rewritten")
