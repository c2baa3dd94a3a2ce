"""What can be true, by the data card."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from reserve.common.settings import settings


def beyond(values: Mapping[str, float | None]) -> list[str]:
    """Name the fields of a claim that lie outside their range; a field that is not known lies in it."""
    found = []
    for name, (low, high) in settings().ranges.as_dict().items():
        value = values.get(name)
        if value is not None and not (math.isfinite(value) and low <= value <= high):
            found.append(name)
    return found


def counted(many: Iterable[Mapping[str, float | None]]) -> dict[str, int]:
    """Count how often each field lies outside its range."""
    counts: dict[str, int] = {}
    for values in many:
        for name in beyond(values):
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))
