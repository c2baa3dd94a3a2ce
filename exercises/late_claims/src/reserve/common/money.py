"""Amounts of money, in euros."""

from __future__ import annotations

from collections.abc import Iterable


def euros(amount: float) -> float:
    """Round to cents."""
    return round(float(amount), 2)


def reserve(amount: float, step: int) -> float:
    """Round a reserve up or down to the step that the desk works with."""
    return float(step * round(amount / step)) if step else euros(amount)


def total(amounts: Iterable[float]) -> float:
    """Add amounts up; none of them make nothing."""
    return euros(sum(amounts, 0.0))


def shown(amount: float | None) -> str:
    """Write an amount for people."""
    return "none" if amount is None else f"{amount:,.2f} EUR"


def share(part: float, whole: float) -> float:
    """Return a share; of nothing it is nought."""
    return part / whole if whole else 0.0
