"""Reading: from a form to what the model needs."""

from __future__ import annotations

from typing import Any

from repairs.model import Model, plain

FIELDS = {"age_years": (0.0, 120.0), "weight_kg": (0.01, 60.0)}


class FormError(ValueError):
    """A form that cannot be right."""


class KindError(LookupError):
    """A kind that the model has not met."""


def read(booking: dict[str, Any], model: Model) -> dict[str, Any]:
    """Read a form; raise where it cannot be right, or where the kind is new."""
    thing: dict[str, Any] = {field: _number(booking, field) for field in FIELDS}
    if plain(str(booking["kind"])) not in model.kinds:
        raise KindError(booking["kind"])
    return thing | {"kind": booking["kind"]}


def _number(booking: dict[str, Any], field: str) -> float:
    value = booking.get(field)
    low, high = FIELDS[field]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormError(f"{field} is no number")
    if not low <= value <= high:
        raise FormError(f"{field} is outside {low} to {high}")
    return float(value)
