"""Forms: whether what a visitor filled in can be right."""

from __future__ import annotations

from typing import Any

# The ranges of the data card.
RANGES = {"age_years": (0, 120), "weight_kg": (0.01, 60)}


def plausible(booking: dict[str, Any]) -> bool:
    """Say whether the kind is a text and every number a number within its range."""
    numbers = all(_within(booking.get(field), *ends) for field, ends in RANGES.items())
    return numbers and isinstance(booking.get("kind"), str)


def _within(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
