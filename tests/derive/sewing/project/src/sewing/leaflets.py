"""Typed measures."""

from __future__ import annotations

from typing import Any

# from data/README.md
BELIEVED = {"wear_years": (0, 120), "length_m": (0.01, 60)}


def believable(ticket: dict[str, Any]) -> bool:
    """Tell whether all of a ticket is readable and possible."""
    measured = all(_inside(ticket.get(field), *both) for field, both in BELIEVED.items())
    return measured and isinstance(ticket.get("garment"), str)


def _inside(amount: Any, bottom: float, top: float) -> bool:
    return isinstance(amount, int | float) and not isinstance(amount, bool) and bottom <= amount <= top
